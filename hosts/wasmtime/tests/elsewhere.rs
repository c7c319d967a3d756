//! This folder can be taken out of the workspace: `elsewhere/Cargo.toml` and `package/Cargo.toml` name what it then needs.

use std::collections::BTreeMap;

use toml::{Table, Value};

const TABLES: [&str; 2] = ["dependencies", "dev-dependencies"];

/// Each dependency of the tables that has a version, by name.
fn versions<'a>(tables: impl IntoIterator<Item = &'a Value>) -> BTreeMap<&'a str, &'a str> {
    let dependencies = tables.into_iter().flat_map(|table| table.as_table().expect("a table of dependencies"));
    let version = |of: &'a Value| of.as_str().or_else(|| of.get("version")?.as_str());
    dependencies.filter_map(|(name, dependency)| Some((name.as_str(), version(dependency)?))).collect()
}

fn read(path: &str) -> Table {
    let path = format!("{}/{path}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path)
        .unwrap_or_else(|error| panic!("{path}: {error}"))
        .parse()
        .unwrap_or_else(|error| panic!("{path}: {error}"))
}

#[test]
fn elsewhere_the_same_versions_are_asked_for_as_in_the_workspace() {
    let workspace = read("../../Cargo.toml");
    for manifest in ["elsewhere/Cargo.toml", "package/Cargo.toml"].map(read) {
        let alone = versions(TABLES.iter().filter_map(|table| manifest.get(*table)));
        let mut ours = versions([&workspace["workspace"]["dependencies"]]);
        ours.retain(|name, _| alone.contains_key(name));
        assert!(!ours.is_empty());
        assert_eq!(alone, ours);
    }
}

#[test]
fn elsewhere_has_what_the_example_uses() {
    let (elsewhere, here) = (read("elsewhere/Cargo.toml"), read("Cargo.toml"));
    let alone = versions(TABLES.map(|table| &elsewhere[table]));
    let example = concat!(include_str!("../example/main.rs"), include_str!("../example/command.rs"));
    let used: Vec<_> = TABLES
        .iter()
        .flat_map(|table| here[*table].as_table().expect("a table of dependencies").keys())
        .filter(|name| example.contains(&format!("{}::", name.replace('-', "_"))))
        .collect();
    assert!(used.len() > 3, "{used:?}");
    for name in used {
        assert!(alone.contains_key(name.as_str()), "elsewhere/Cargo.toml lacks {name}");
    }
}

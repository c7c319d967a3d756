//! This folder can be taken out of the workspace: `elsewhere/Cargo.toml` names what it then needs.

use std::collections::BTreeMap;

use toml::{Table, Value};

/// Each dependency of a table, by name, with the version that it asks for.
fn versions(manifest: &Table, tables: &[&str]) -> BTreeMap<String, String> {
    let of = |dependency: &Value| match dependency {
        Value::String(version) => version.clone(),
        table => table["version"].as_str().expect("a version").to_owned(),
    };
    tables
        .iter()
        .flat_map(|table| manifest[*table].as_table().expect("a table of dependencies"))
        .map(|(name, dependency)| (name.clone(), of(dependency)))
        .collect()
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
    let alone = versions(&read("elsewhere/Cargo.toml"), &["dependencies", "dev-dependencies"]);
    let workspace = read("../../Cargo.toml");
    let ours: BTreeMap<_, _> = workspace["workspace"]["dependencies"]
        .as_table()
        .expect("a table of dependencies")
        .iter()
        .filter_map(|(name, dependency)| match dependency {
            Value::String(version) => Some((name.clone(), version.clone())),
            table => Some((name.clone(), table.get("version")?.as_str()?.to_owned())),
        })
        .filter(|(name, _)| alone.contains_key(name))
        .collect();
    assert_eq!(alone, ours);
}

#[test]
fn elsewhere_has_what_the_example_uses() {
    let alone = versions(&read("elsewhere/Cargo.toml"), &["dependencies", "dev-dependencies"]);
    let here = read("Cargo.toml");
    let example = concat!(include_str!("../example/main.rs"), include_str!("../example/command.rs"));
    let used: Vec<_> = ["dependencies", "dev-dependencies"]
        .iter()
        .flat_map(|table| here[*table].as_table().expect("a table of dependencies").keys())
        .filter(|name| example.contains(&format!("{}::", name.replace('-', "_"))))
        .collect();
    assert!(used.len() > 3, "{used:?}");
    for name in used {
        assert!(alone.contains_key(name), "elsewhere/Cargo.toml lacks {name}");
    }
}

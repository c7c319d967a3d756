//! The most bytes that each module may have.

use everyhost::manifest::Manifest;
use everyhost::modules::{FILE, Module};
use everyhost::text::thousands;

/// One line for each module that is over its budget or has none.
pub(super) fn problems(modules: &[&Module], built: &Manifest) -> Vec<String> {
    let problem = |module: &&Module| {
        let (name, bytes) = (&module.name, built.get(&module.name)?.bytes);
        match module.budget {
            Some(budget) if bytes > budget => Some(format!(
                "{name} has {} bytes, {} more than the {} of its budget in {FILE}",
                thousands(bytes),
                thousands(bytes - budget),
                thousands(budget)
            )),
            Some(_) => None,
            None => Some(format!("{name} has no budget: give it one in {FILE}")),
        }
    };
    modules.iter().filter_map(problem).collect()
}

#[cfg(test)]
mod tests {
    use everyhost::manifest::Built;
    use everyhost::modules;

    use super::*;

    fn told(budget: &str, bytes: u64) -> Vec<String> {
        let record = format!(
            "[[module]]\nname = \"add-raw\"\nabout = \"a\"\npackage = \"a\"\nprofile = \"a\"\nfaces = [\"adder\"]\n{budget}"
        );
        let entry = Built {
            path: "a.wasm".into(),
            sha256: String::new(),
            bytes,
            gzip_bytes: 0,
            features: vec![],
            exports: vec![],
            glue: None,
            component: false,
        };
        let modules = modules::parse(&record).unwrap();
        problems(&modules.iter().collect::<Vec<_>>(), &[("add-raw".to_owned(), entry)].into())
    }

    #[test]
    fn a_budget_may_be_used_up_but_not_exceeded() {
        assert!(told("budget = 200", 200).is_empty());
        let over = told("budget = 200", 1201);
        assert_eq!(over, ["add-raw has 1,201 bytes, 1,001 more than the 200 of its budget in crates/modules.toml"]);
        assert!(told("", 1)[0].starts_with("add-raw has no budget"));
    }
}

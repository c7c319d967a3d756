//! The most bytes that each module may have.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Deserialize;

use super::over;
use crate::manifest::Manifest;

/// Where the budgets stand, from the root of the workspace.
const FILE: &str = "crates/everyhost/size-budgets.toml";

/// What the file holds.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Budgets {
    /// In bytes, by module.
    bytes: BTreeMap<String, u64>,
}

pub(super) fn load(root: &Path) -> Result<Budgets> {
    let text = fs::read_to_string(root.join(FILE)).with_context(|| format!("cannot read {FILE}"))?;
    toml::from_str(&text).with_context(|| format!("{FILE} is broken"))
}

impl Budgets {
    /// One line for each module that is over its budget or has none, and for each budget without a module.
    pub(super) fn problems(&self, built: &Manifest) -> Vec<String> {
        let of_modules = built
            .iter()
            .filter_map(|(name, entry)| match self.bytes.get(name) {
                Some(&budget) if entry.bytes > budget => Some(over(name, entry.bytes, budget)),
                Some(_) => None,
                None => Some(format!("{name} has no budget: give it one in {FILE}")),
            });
        let of_budgets = self
            .bytes
            .keys()
            .filter(|name| !built.contains_key(*name))
            .map(|name| format!("there is no module {name}: take its budget out of {FILE}"));
        of_modules.chain(of_budgets).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::Built;

    fn built(sizes: &[(&str, u64)]) -> Manifest {
        let entry = |bytes| Built {
            path: "a.wasm".into(),
            sha256: String::new(),
            bytes,
            gzip_bytes: 0,
            features: vec![],
            glue: None,
        };
        sizes
            .iter()
            .map(|(name, bytes)| ((*name).to_owned(), entry(*bytes)))
            .collect()
    }

    fn budgets(text: &str) -> Budgets {
        toml::from_str(text).unwrap()
    }

    #[test]
    fn a_budget_may_be_used_up_but_not_exceeded() {
        let budgets = budgets("[bytes]\nadd-raw = 200\n");
        assert!(budgets.problems(&built(&[("add-raw", 200)])).is_empty());
        let problems = budgets.problems(&built(&[("add-raw", 1201)]));
        assert_eq!(problems.len(), 1);
        assert!(
            problems[0].starts_with("add-raw has 1,201 bytes, 1,001 more than the 200 of "),
            "{problems:?}"
        );
    }

    #[test]
    fn modules_and_budgets_belong_together() {
        let budgets = budgets("[bytes]\nadd-raw = 200\n");
        let problems = budgets.problems(&built(&[("add-rwa", 100)]));
        assert_eq!(problems.len(), 2);
        assert!(problems[0].starts_with("add-rwa has no budget"), "{problems:?}");
        assert!(
            problems[1].starts_with("there is no module add-raw"),
            "{problems:?}"
        );
    }
}

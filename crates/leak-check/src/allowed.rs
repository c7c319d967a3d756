//! What a module may do with a secret: `allowed.toml`, counted exactly.

use std::collections::BTreeSet;

use anyhow::{Context, Result};
use serde::Deserialize;

use crate::finding::{Finding, Kind};
use crate::signer::Report;

/// One entry: findings of one kind in some exports of some modules, and why they are no leak.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Allowed {
    /// The modules, each of which must have these findings.
    pub modules: Vec<String>,
    /// The exports that a host calls, each of which must have one of them.
    pub exports: Vec<String>,
    /// What is found.
    pub kind: Kind,
    /// How many instructions that is, in all of the exports together.
    pub sites: usize,
    /// How often they run in a check, all together.
    pub times: u64,
    /// Why this is no leak.
    pub reason: String,
}

/// Reads the text of `allowed.toml`. An error says in which line it is not TOML of that shape.
pub fn parse(text: &str) -> Result<Vec<Allowed>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        allowed: Vec<Allowed>,
    }
    let file: File = toml::from_str(text).context("allowed.toml cannot be read")?;
    Ok(file.allowed)
}

/// What is wrong with a module: each finding that no entry allows, each entry that allows more or less than there is, and
/// what a wipe has left. Empty where all is well.
#[must_use]
pub fn faults(module: &str, report: &Report, entries: &[Allowed]) -> Vec<String> {
    let entries: Vec<_> = entries.iter().filter(|entry| entry.modules.iter().any(|name| name == module)).collect();
    let mut faults: Vec<String> = report
        .findings
        .iter()
        .filter(|finding| !entries.iter().any(|entry| entry.covers(finding)))
        .map(|finding| format!("{module}: {finding}"))
        .collect();
    faults.extend(entries.iter().flat_map(|entry| entry.miscounts(module, &report.findings)));
    faults.extend(
        report
            .left_after_wipe
            .iter()
            .map(|range| format!("{module}: the bytes {range:?} of its memory depend on the secret after the wipe")),
    );
    faults
}

impl Allowed {
    fn covers(&self, finding: &Finding) -> bool {
        self.kind == finding.kind && self.exports.contains(&finding.export)
    }

    fn miscounts(&self, module: &str, findings: &[Finding]) -> Vec<String> {
        let covered: Vec<_> = findings.iter().filter(|finding| self.covers(finding)).collect();
        let sites = covered.iter().map(|finding| finding.offset).collect::<BTreeSet<_>>().len();
        let times: u64 = covered.iter().map(|finding| finding.times).sum();
        let mut faults = Vec::new();
        if (sites, times) != (self.sites, self.times) {
            faults.push(format!(
                "{module}: allowed.toml has {} of kind {} in {} that run {} times, and there are {sites} that run {times} times",
                self.sites,
                self.kind,
                self.exports.join(", "),
                self.times,
            ));
        }
        for export in &self.exports {
            if !covered.iter().any(|finding| finding.export == *export) {
                faults.push(format!("{module}: allowed.toml allows a {} in {export}, and there is none", self.kind));
            }
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finding(export: &str, offset: usize, kind: Kind) -> Finding {
        Finding { export: export.to_owned(), function: "f".to_owned(), offset, kind, times: 2 }
    }

    fn report(findings: Vec<Finding>) -> Report {
        Report { findings, steps: 1, trace: 0, exports: Vec::new(), left_after_wipe: Vec::new() }
    }

    fn entries() -> Vec<Allowed> {
        parse(
            "[[allowed]]\nmodules = [\"m\"]\nexports = [\"sign\", \"load_key\"]\nkind = \"branch\"\nsites = 1\ntimes = 4\nreason = \"r\"",
        )
        .unwrap()
    }

    /// What the entry allows.
    fn good() -> Vec<Finding> {
        vec![finding("sign", 7, Kind::Branch), finding("load_key", 7, Kind::Branch)]
    }

    #[test]
    fn exactly_what_is_allowed_is_no_fault() {
        assert_eq!(faults("m", &report(good()), &entries()), Vec::<String>::new());
    }

    #[test]
    fn another_kind_export_or_module_is_a_fault() {
        for bad in [finding("sign", 7, Kind::Select), finding("wipe", 7, Kind::Branch)] {
            let found = [good(), vec![bad.clone()]].concat();
            assert_eq!(faults("m", &report(found), &entries()), [format!("m: {bad}")]);
        }
        assert_eq!(faults("n", &report(good()), &entries()).len(), 2);
    }

    #[test]
    fn more_or_less_than_is_allowed_is_a_fault() {
        let more = [good(), vec![finding("sign", 9, Kind::Branch)]].concat();
        let said = faults("m", &report(more), &entries());
        assert!(said.len() == 1 && said[0].contains("there are 2 that run 6 times"), "{said:?}");
        let less = faults("m", &report(vec![finding("sign", 7, Kind::Branch)]), &entries());
        assert!(less.len() == 2 && less[1].contains("load_key, and there is none"), "{less:?}");
        assert_eq!(faults("m", &report(Vec::new()), &entries()).len(), 3);
    }

    #[test]
    fn what_a_wipe_leaves_is_a_fault() {
        let mut left = report(Vec::new());
        left.left_after_wipe.push(16..20);
        let said = faults("n", &left, &[]);
        assert!(said.len() == 1 && said[0].contains("16..20"), "{said:?}");
    }
}

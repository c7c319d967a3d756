//! `hosts/hosts.toml`: the rows of the matrix, and what each of them must be able to do.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

pub use crate::modules::module_names;
use crate::pattern::Pattern;

/// Where the rows stand, from the root of the workspace.
pub const HOSTS_FILE: &str = "hosts/hosts.toml";

/// Every name that an operation can have, as in [`vectors::ops::Op::name`].
pub const OPS: &[&str] = &[
    "public_key",
    "sign",
    "sign_many",
    "verify",
    "verify_strict",
    "add",
    "divide",
    "session",
    "raw",
    "raw_memory_limit",
    "raw_deadline",
    "raw_module",
    "kept_view",
];

/// One row of the matrix.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Unique; lower case, digits and `-`.
    pub name: String,
    /// What it runs.
    pub kind: RowKind,
    /// The adapter: a program and its arguments, started in the root of the workspace.
    pub command: Vec<String>,
    /// Its bench program, where it has one, started in the root of the workspace.
    #[serde(default)]
    pub bench: Option<Vec<String>>,
    /// Builds the bench program, where nothing else does.
    #[serde(default)]
    pub bench_build: Vec<String>,
    /// Ends with exit code 0 when the host is here.
    pub probe: Vec<String>,
    /// The one command that gets it.
    pub hint: String,
    /// Whether it is asked everything every time.
    pub cost: Cost,
    /// How long an answer may take.
    #[serde(default = "answer_seconds")]
    timeout_seconds: u64,
    /// How long the reply to `hello` may take, which includes loading the modules.
    #[serde(default = "hello_seconds")]
    hello_timeout_seconds: u64,
    /// Cases that take it so long that they are asked with `--all` only.
    #[serde(default)]
    pub not_in_sample: Vec<NotInSample>,
    /// The operations that it must be able to do, by module.
    pub modules: BTreeMap<String, Vec<String>>,
}

/// What a row runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RowKind {
    /// Modules, in a Wasm runtime.
    Wasm,
    /// The same source, compiled for this machine.
    Native,
    /// An implementation that is not ours.
    Oracle,
}

/// Cases that are no part of a slow row's sample.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NotInSample {
    /// Which ones.
    pub case: Pattern,
    /// Of which modules; of all, unless told.
    #[serde(default)]
    pub module: Option<Pattern>,
    /// Why, for the reader of the report.
    pub reason: String,
}

/// How long a row takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cost {
    /// It is asked everything.
    Fast,
    /// It is asked a sample, unless told to do `--all`.
    Slow,
}

const fn answer_seconds() -> u64 {
    30
}

const fn hello_seconds() -> u64 {
    60
}

impl Row {
    /// How long an answer may take.
    #[must_use]
    pub const fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds)
    }

    /// How long the reply to `hello` may take.
    #[must_use]
    pub const fn hello_timeout(&self) -> Duration {
        Duration::from_secs(self.hello_timeout_seconds)
    }

    /// Gives the row another time for an answer than its own.
    pub const fn set_timeout(&mut self, seconds: u64) {
        self.timeout_seconds = seconds;
    }

    /// Whether the row must be able to do `op` with `module`.
    #[must_use]
    pub fn does(&self, module: &str, op: &str) -> bool {
        self.modules
            .get(module)
            .is_some_and(|ops| ops.iter().any(|listed| listed == op))
    }

    fn check(&self) -> Result<()> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        ensure!(
            !self.name.is_empty() && self.name.chars().all(plain),
            "a row's name is lower-case letters, digits and -"
        );
        ensure!(!self.command.is_empty(), "command is empty; it needs a program");
        ensure!(
            self.bench.as_ref().is_none_or(|command| !command.is_empty()),
            "bench is empty; it needs a program, or leave it out"
        );
        ensure!(
            self.bench_build.is_empty() || self.bench.is_some(),
            "bench_build is there and bench is not"
        );
        ensure!(
            !self.probe.is_empty(),
            "probe is empty; it needs a program that ends with 0 when the host is here"
        );
        ensure!(
            !self.hint.is_empty(),
            "hint is empty; it needs the one command that gets the host"
        );
        ensure!(
            self.timeout_seconds > 0 && self.hello_timeout_seconds > 0,
            "a time limit is 0 seconds"
        );
        ensure!(
            self.not_in_sample.is_empty() || self.cost == Cost::Slow,
            "not_in_sample is for a slow row; this one is asked everything every time"
        );
        for entry in &self.not_in_sample {
            ensure!(
                !entry.reason.trim().is_empty(),
                "not_in_sample {:?} has no reason; the report shows it",
                entry.case.text()
            );
        }
        ensure!(
            !self.modules.is_empty(),
            "modules is empty; a row without any would answer nothing"
        );
        for (module, ops) in &self.modules {
            ensure!(
                known_module(module),
                "unknown module {module:?}; modules are: {}",
                module_names().join(", ")
            );
            ensure!(
                !ops.is_empty(),
                "the list of operations of {module} is empty; leave the module out instead"
            );
            let mut seen = BTreeSet::new();
            for op in ops {
                ensure!(
                    OPS.contains(&op.as_str()),
                    "unknown operation {op:?} of {module}; operations are: {}",
                    OPS.join(", ")
                );
                ensure!(seen.insert(op), "{module} lists {op} twice");
            }
        }
        Ok(())
    }
}

/// Reads and checks `hosts/hosts.toml` under `root`.
///
/// # Errors
///
/// Where the file cannot be read, is not TOML, or a row is not sound; the message names the row and the field.
pub fn load(root: &Path) -> Result<Vec<Row>> {
    let text =
        fs::read_to_string(root.join(HOSTS_FILE)).with_context(|| format!("cannot read {HOSTS_FILE}"))?;
    parse(&text).with_context(|| HOSTS_FILE.to_string())
}

fn parse(text: &str) -> Result<Vec<Row>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[serde(default)]
        row: Vec<Row>,
    }
    let file: File = toml::from_str(text)?;
    if file.row.is_empty() {
        bail!("it has no [[row]]");
    }
    let mut names = BTreeSet::new();
    for row in &file.row {
        row.check().with_context(|| format!("row {:?}", row.name))?;
        ensure!(names.insert(&row.name), "two rows are called {:?}", row.name);
    }
    Ok(file.row)
}

fn known_module(name: &str) -> bool {
    module_names().contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ROW: &str = r#"
        [[row]]
        name = "node"
        kind = "wasm"
        command = ["node", "adapter.mjs"]
        probe = ["node", "--version"]
        hint = "apt-get install nodejs"
        cost = "fast"
        [row.modules]
        add-raw = ["add", "divide"]
    "#;

    #[test]
    fn reads_a_row_with_the_documented_limits() {
        let rows = parse(ROW).unwrap();
        assert_eq!(rows[0].timeout(), Duration::from_secs(30));
        assert_eq!(rows[0].hello_timeout(), Duration::from_secs(60));
        assert!(rows[0].does("add-raw", "add"));
        assert!(!rows[0].does("add-raw", "raw") && !rows[0].does("signer-raw", "sign"));
    }

    #[test]
    fn says_what_is_wrong_with_a_row() {
        let wrong = |from: &str, to: &str| format!("{:#}", parse(&ROW.replace(from, to)).unwrap_err());
        assert!(
            wrong("add-raw", "adder")
                .contains(r#"row "node": unknown module "adder"; modules are: signer-raw"#)
        );
        assert!(
            wrong("\"divide\"", "\"div\"")
                .contains(r#"unknown operation "div" of add-raw; operations are: public_key"#)
        );
        assert!(wrong("\"divide\"", "\"add\"").contains("lists add twice"));
        let entry = |entry: &str| {
            let slow = ROW.replace("fast", "slow");
            let row = slow.replace(
                "[row.modules]",
                &format!("not_in_sample = [{entry}]\n[row.modules]"),
            );
            format!("{:#}", parse(&row).unwrap_err())
        };
        assert!(entry(r#"{ case = "a[", reason = "slow" }"#).contains("is no pattern"));
        assert!(entry(r#"{ case = "a/*", reason = " " }"#).contains(r#"not_in_sample "a/*" has no reason"#));
        assert!(entry(r#"{ case = "a/*" }"#).contains("missing field `reason`"));
        let fast = r#"not_in_sample = [{ case = "a", reason = "b" }]
            [row.modules]"#;
        assert!(wrong("[row.modules]", fast).contains("not_in_sample is for a slow row"));
        assert!(wrong("\"fast\"", "\"quick\"").contains("unknown variant `quick`"));
        assert!(wrong("hint =", "hints =").contains("hints"));
        assert!(wrong("\"node\", \"adapter.mjs\"", "").contains("command is empty"));
        assert!(wrong("hint =", "bench = []\n        hint =").contains("bench is empty"));
        assert!(wrong("hint =", "bench_build = [\"make\"]\n        hint =").contains("bench is not"));
        assert!(wrong("\"node\"\n        kind", "\"No de\"\n        kind").contains("lower-case"));
        assert!(
            format!("{:#}", parse(&ROW.repeat(2)).unwrap_err()).contains(r#"two rows are called "node""#)
        );
        assert!(parse("").is_err());
    }

    #[test]
    fn every_operation_has_its_name_in_the_list() {
        for op in OPS {
            let unfinished = format!(r#"{{"op":"{op}","in":1}}"#);
            let error = serde_json::from_str::<vectors::ops::Op>(&unfinished)
                .unwrap_err()
                .to_string();
            assert!(!error.contains("unknown variant"), "{op}: {error}");
        }
    }
}

//! A small workspace of its own for every test: rows of bad adapters, two suites, one module.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use everyhost::manifest::sha256_hex;
use serde_json::{Value, json};
use tempfile::TempDir;

#[path = "../../../vectors/src/fixture.rs"]
mod words;
pub(crate) use words::assert_has;

/// `add_numbers`: `local.get 0, local.get 1, i32.add`.
pub(crate) const ADD_WASM: &[u8] = b"\0asm\x01\0\0\0\
    \x01\x07\x01\x60\x02\x7f\x7f\x01\x7f\
    \x03\x02\x01\0\
    \x07\x0f\x01\x0badd_numbers\0\0\
    \x0a\x09\x01\x07\0\x20\0\x20\x01\x6a\x0b";

/// The ids of the fixture's cases, in the order in which they run.
pub(crate) const CASES: [&str; 8] =
    ["add/0", "add/1", "add/2", "add/3", "add/4", "add/5", "divide/7-by-2", "divide/by-zero"];

/// A workspace in a temporary folder.
pub(crate) struct Workspace {
    dir: TempDir,
    hosts: String,
}

/// What a run of the real binary left.
pub(crate) struct Ran {
    pub(crate) code: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// report.json, if it was written.
    pub(crate) report: Option<Value>,
}

impl Workspace {
    /// With both suites and the module, and without any row.
    pub(crate) fn new() -> Self {
        let this = Self { dir: tempfile::tempdir().unwrap(), hosts: String::new() };
        for folder in ["crates", "hosts", "vectors", "target/modules"] {
            fs::create_dir_all(this.path().join(folder)).unwrap();
        }
        let record = "[[module]]\nname = \"add-raw\"\nabout = \"adds\"\npackage = \"add\"\nprofile = \"wasm\"\nfaces = [\"adder\", \"adder-abi\"]\n";
        fs::write(this.path().join("crates/modules.toml"), record).unwrap();
        this.write_module(ADD_WASM);
        this.write_suite("add", &adds(6));
        this.write_suite(
            "divide",
            &[
                json!({"id": "divide/7-by-2", "op": "divide", "flags": [], "in": {"a": 7, "b": 2}, "expect": {"ok": {"value": 3}}}),
                json!({"id": "divide/by-zero", "op": "divide", "flags": ["DivisionByZero"], "in": {"a": 7, "b": 0}, "expect": {"trap": true}}),
            ],
        );
        this
    }

    /// With one row, `bad`, whose adapter is bad in the way of `mode`.
    pub(crate) fn with_bad(mode: &str) -> Self {
        Self::new().row("bad", mode, "")
    }

    pub(crate) fn path(&self) -> &Path {
        self.dir.path()
    }

    /// Adds a row; `more` is further lines of TOML.
    pub(crate) fn row(self, name: &str, mode: &str, more: &str) -> Self {
        let adapter = env!("CARGO_BIN_EXE_bad-adapter");
        let words: Vec<String> =
            std::iter::once(adapter).chain(mode.split(' ')).map(|word| format!("{word:?}")).collect();
        self.row_with(name, &words.join(", "), "\"true\"", more)
    }

    /// Adds a row whose host is not installed.
    pub(crate) fn row_away(self, name: &str) -> Self {
        self.row_with(name, "\"none\"", "\"false\"", "")
    }

    /// Adds a row with another command and probe, as TOML writes the elements of a list.
    pub(crate) fn row_with(mut self, name: &str, command: &str, probe: &str, more: &str) -> Self {
        writeln!(
            self.hosts,
            "[[row]]\nname = {name:?}\nkind = \"wasm\"\ncommand = [{command}]\nprobe = [{probe}]\n\
             hint = \"apt-get install {name}\"\n{}\n{}\n{more}",
            if more.contains("cost") { "" } else { "cost = \"fast\"" },
            if more.contains("ops") { "" } else { "ops = [\"add\", \"divide\"]" },
        )
        .unwrap();
        fs::write(self.path().join("hosts/hosts.toml"), &self.hosts).unwrap();
        self
    }

    pub(crate) fn gaps(self, toml: &str) -> Self {
        fs::write(self.path().join("hosts/known-gaps.toml"), toml).unwrap();
        self
    }

    pub(crate) fn write_module(&self, wasm: &[u8]) {
        self.write_module_as("add-raw", wasm);
    }

    /// The manifest then has this module alone.
    pub(crate) fn write_module_as(&self, name: &str, wasm: &[u8]) {
        let path = format!("target/modules/{name}.wasm");
        fs::write(self.path().join(&path), wasm).unwrap();
        let manifest = json!({"modules": {name: {
            "path": path, "sha256": sha256_hex(wasm), "bytes": wasm.len(), "gzip_bytes": 70, "features": [],
            "exports": ["add_numbers", "divide_numbers"]
        }}});
        fs::write(self.path().join("target/modules/manifest.json"), manifest.to_string()).unwrap();
    }

    pub(crate) fn write_suite(&self, name: &str, cases: &[Value]) {
        let suite = json!({
            "schema": vectors::model::SCHEMA,
            "suite": name,
            "face": "adder",
            "count": cases.len(),
            "source": {"name": "arithmetic", "licence": "CC0-1.0"},
            "flags": {"DivisionByZero": "the divisor is 0"},
            "cases": cases,
        });
        let text = serde_json::to_string_pretty(&suite).unwrap();
        fs::write(self.path().join(format!("vectors/{name}.json")), text).unwrap();
    }

    pub(crate) fn report_dir(&self) -> PathBuf {
        self.path().join("target/report")
    }

    /// The command, without its arguments beyond the workspace.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_everyhost"));
        command.arg("--root").arg(self.path()).env_remove("CI").env_remove("EVERYHOST_ROOT").env("NO_COLOR", "1");
        command
    }

    pub(crate) fn everyhost(&self, args: &[&str]) -> Output {
        self.command().args(args).output().unwrap()
    }

    /// Runs `everyhost run` with these further arguments, and checks the report against its schema.
    pub(crate) fn run(&self, args: &[&str]) -> Ran {
        self.ran(&self.everyhost(&[&["run"], args].concat()))
    }

    pub(crate) fn ran(&self, output: &Output) -> Ran {
        let report = fs::read(self.report_dir().join("report.json")).ok();
        let report: Option<Value> = report.map(|json| serde_json::from_slice(&json).unwrap());
        report.iter().for_each(assert_follows_schema);
        Ran { code: output.status.code(), stdout: stdout(output), stderr: stderr(output), report }
    }
}

impl Ran {
    pub(crate) fn report(&self) -> &Value {
        self.report.as_ref().unwrap_or_else(|| panic!("no report; stderr: {}", self.stderr))
    }

    /// The verdict and the detail of a case on the only row.
    pub(crate) fn of(&self, case: &str) -> (&str, &str) {
        let results = self.report()["results"].as_array().unwrap();
        let found: Vec<&Value> = results.iter().filter(|result| result["case"] == case).collect();
        let [result] = found[..] else { panic!("{case} has {} results", found.len()) };
        (result["verdict"].as_str().unwrap_or("none"), result["detail"].as_str().unwrap_or_default())
    }

    /// Checks that every planned case has one verdict: those named, and `rest` for all others.
    pub(crate) fn assert_verdicts(&self, rest: &str, named: &[(&str, &str)]) {
        let report = self.report();
        assert_eq!(report["planned"], CASES.len(), "{}", self.stdout);
        assert_eq!(report["results"].as_array().unwrap().len(), CASES.len());
        for case in CASES {
            let wanted = named.iter().find(|(id, _)| *id == case).map_or(rest, |(_, verdict)| verdict);
            assert_eq!(self.of(case).0, wanted, "{case}: {}\n{}", self.of(case).1, self.stdout);
        }
    }
}

pub(crate) fn stdout(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

pub(crate) fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

/// Fails, and shows what was printed, if a command ended with another exit code.
#[track_caller]
pub(crate) fn assert_code(output: &Output, code: i32) {
    let printed = stdout(output) + &stderr(output);
    assert_eq!(output.status.code(), Some(code), "{printed}");
}

/// An entry of known-gaps.toml.
pub(crate) fn gap(row: &str, cases: &str, answer: &str, matches: usize) -> String {
    format!(
        "[[gap]]\nrow = {row:?}\n{cases}\nanswer = {answer}\nmatches = {matches}\nreason = \"it rounds\"\nlink = \"https://example.org/1\"\n"
    )
}

/// Cases of `add` with the first operands from 0.
pub(crate) fn adds(count: i32) -> Vec<Value> {
    let case = |n: i32| json!({"id": format!("add/{n}"), "op": "add", "flags": [], "in": {"a": n, "b": 10}, "expect": {"ok": {"value": n + 10}}});
    (0..count).map(case).collect()
}

pub(crate) fn assert_follows_schema(report: &Value) {
    let schema: Value = serde_json::from_str(include_str!("../../report.schema.json")).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let wrong: Vec<String> =
        validator.iter_errors(report).map(|error| format!("{} at {}", error, error.instance_path())).collect();
    assert!(wrong.is_empty(), "report.json does not follow its schema: {wrong:#?}");
}

//! One plan on several machines: its parts, merged, are the report of the whole.

use std::path::{Path, PathBuf};
use std::process::Output;

use everyhost::manifest::sha256_hex;
use serde_json::Value;

use crate::workspace::{ADD_WASM, Workspace, adds, assert_code, assert_follows_schema, assert_has, gap, stderr};

fn workspace() -> Workspace {
    Workspace::new().row("one", "honest", "").row("two", "wrong-answer", "").row("three", "honest", "")
}

/// Runs a part, with its report in a directory of its own.
fn part(workspace: &Workspace, name: &str, args: &[&str]) -> PathBuf {
    let dir = workspace.path().join("parts").join(name);
    let mut command = workspace.command();
    let output = command.arg("run").args(args).arg("--report").arg(&dir).output().unwrap();
    assert!(dir.join("report.json").exists(), "{}", stderr(&output));
    dir
}

fn shards(workspace: &Workspace, of: usize) -> Vec<PathBuf> {
    (1..=of)
        .map(|number| part(workspace, &format!("{number}-of-{of}"), &["--shard", &format!("{number}/{of}")]))
        .collect()
}

fn merge(workspace: &Workspace, parts: &[PathBuf]) -> Output {
    let mut command = workspace.command();
    command.arg("merge").args(parts).arg("--report").arg(workspace.path().join("whole"));
    command.output().unwrap()
}

fn merged(workspace: &Workspace, parts: &[PathBuf]) -> (Option<i32>, Value) {
    let output = merge(workspace, parts);
    let json = std::fs::read(workspace.path().join("whole/report.json"));
    let json = json.unwrap_or_else(|_| panic!("{}", stderr(&output)));
    let report = serde_json::from_slice(&json).unwrap();
    assert_follows_schema(&report);
    (output.status.code(), report)
}

fn refused(workspace: &Workspace, parts: &[PathBuf]) -> String {
    let output = merge(workspace, parts);
    assert_code(&output, 2);
    assert!(!workspace.path().join("whole").exists(), "a report was written all the same");
    stderr(&output)
}

/// All that must be as in one run of the whole: everything except when, how long and how often started.
fn assert_same(whole: &Value, merged: &Value) {
    let fields = "end reds plan planned executed verdicts matrix modules suites known_gaps differences";
    for field in fields.split(' ') {
        assert_eq!(whole[field], merged[field], "{field}");
    }
    let timeless = |report: &Value, list: &str| -> Vec<Value> {
        let mut items = report[list].as_array().unwrap().clone();
        for field in ["micros", "elapsed_ms", "restarts"] {
            items.iter_mut().for_each(|item| item[field] = 0.into());
        }
        items
    };
    assert_eq!(timeless(whole, "rows"), timeless(merged, "rows"));
    assert_eq!(timeless(whole, "results"), timeless(merged, "results"));
}

#[test]
fn the_parts_are_the_whole() {
    let gap = gap("two", "case = \"add/3\"", "{ ok = { value = -1 } }", 1);
    for workspace in [workspace(), workspace().gaps(&gap)] {
        let whole = workspace.run(&[]);
        for of in [1, 2, 5] {
            let mut parts = shards(&workspace, of);
            parts.reverse();
            let (code, merged) = merged(&workspace, &parts);
            assert_eq!(code, whole.code, "in {of} shards");
            assert_same(whole.report(), &merged);
        }
        let hosts = ["three", "one", "two"].map(|host| part(&workspace, host, &["--host", host]));
        let (code, merged) = merged(&workspace, &hosts);
        assert_eq!(code, whole.code);
        assert_same(whole.report(), &merged);
        assert!(
            workspace.path().join("whole/index.html").exists() && workspace.path().join("whole/junit.xml").exists()
        );
    }
}

#[test]
fn a_missing_part_and_one_given_twice_are_refused() {
    let workspace = workspace();
    let parts = shards(&workspace, 3);
    let says = refused(&workspace, &parts[..2]);
    assert_has(&says, r#"missing: row "three": 8 of 8 cases; given were --shard 1/3, --shard 2/3"#);
    let twice = [parts.clone(), vec![parts[1].clone()]].concat();
    let says = refused(&workspace, &twice);
    assert_has(&says, "given twice: ");
    assert_has(&says, "2-of-3 (--shard 2/3) both have row \"two\", module add-raw, case add/0");
    let overlap = [parts, vec![part(&workspace, "one", &["--host", "one"])]].concat();
    assert!(refused(&workspace, &overlap).contains("given twice: "));
}

#[test]
fn parts_of_different_runs_are_refused() {
    let workspace = workspace();
    let first = part(&workspace, "first", &["--shard", "1/2"]);
    let other = |name: &str, args: &[&str]| {
        let second = part(&workspace, name, args);
        refused(&workspace, &[first.clone(), second])
    };
    let says = other("suite", &["--shard", "2/2", "--suite", "add"]);
    assert_has(&says, "is a part of a plan of 24 cases");
    assert_has(&says, "of another plan, of 18");
    assert!(other("strict", &["--shard", "2/2", "--strict"]).contains("is not strict"));

    let mut changed = ADD_WASM.to_vec();
    changed.extend([0, 2, 1, b'x']);
    workspace.write_module(&changed);
    let says = other("module", &["--shard", "2/2"]);
    assert_has(&says, "ran different builds of add-raw: sha256 ");
    assert_has(&says, &sha256_hex(&changed));
    workspace.write_module(ADD_WASM);

    let mut cases = adds(6);
    cases[5]["expect"]["ok"]["value"] = 16.into();
    workspace.write_suite("add", &cases);
    assert!(other("vectors", &["--shard", "2/2"]).contains("ran different vectors"));
}

#[test]
fn what_is_no_report_is_refused() {
    let workspace = workspace();
    let none = workspace.path().join("none");
    let said = refused(&workspace, &[none]);
    assert!(said.contains("none cannot be read: No such file"), "{said}");
    assert!(said.contains("it is what `everyhost run` leaves"), "{said}");
    let dir = workspace.path().join("odd");
    std::fs::create_dir(&dir).unwrap();
    let odd = |json: &str| {
        std::fs::write(Path::new(&dir).join("report.json"), json).unwrap();
        refused(&workspace, std::slice::from_ref(&dir))
    };
    assert!(odd("{}").contains("is no report.json of `everyhost run`"));
    std::os::unix::fs::symlink("/dev/zero", workspace.path().join("zero")).unwrap();
    assert!(refused(&workspace, &[workspace.path().join("zero")]).contains("zero is a device"));
    assert!(odd(r#"{"schema":"everyhost/report/0"}"#).contains(r#"is of the schema "everyhost/report/0""#));
    assert!(odd(r#"{"schema":"everyhost/report/1"}"#).contains("does not follow report.schema.json"));
    // What a run would never write is not taken from another's report.
    let gap = gap("two", "case = \"add/3\"", "{ ok = { value = -1 } }", 1);
    let with_gap = crate::merge::workspace().gaps(&gap);
    let whole = with_gap.run(&[]);
    let edited = |pointer: &str, value: Value| {
        let mut report = whole.report().clone();
        *report.pointer_mut(pointer).unwrap() = value;
        odd(&report.to_string())
    };
    for (pointer, value) in [
        ("/known_gaps/0/link", "javascript:alert(1)"),
        ("/started", "2026-13-01T00:00:00Z"),
        ("/started", "2026-02-30T00:00:00Z"),
        ("/started", "yesterday"),
        ("/plan/sha256", "0"),
        ("/modules/0/sha256", "zz"),
        ("/results/0/verdict", "fine"),
    ] {
        let says = edited(pointer, value.into());
        assert!(says.contains("does not follow report.schema.json"), "{pointer}: {says}");
    }
    // Nor what does not follow from its own results, nor what no one knows.
    for (pointer, value, difference) in [
        ("/planned", 25.into(), "planned: expected 24, actual 25"),
        ("/matrix/0/planned", 7.into(), "matrix[0].planned: expected 8, actual 7"),
        ("/end", "red".into(), "end: expected \"green\", actual \"red\""),
        ("/results/0/odd", Value::Null, "results[0]: a run would not have written it"),
    ] {
        let mut report = whole.report().clone();
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        report.pointer_mut(parent).unwrap()[field] = value;
        assert_has(odd(&report.to_string()), difference);
    }
    let mut command = workspace.command();
    let output = command.args(["run", "--shard", "3/2"]).output().unwrap();
    assert!(stderr(&output).contains("a shard is I/N, such as 2/5"));
}

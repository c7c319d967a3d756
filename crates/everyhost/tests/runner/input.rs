//! Wrong use and unsound input: one clear line, and exit code 2. Nothing to run: exit code 3.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use crate::workspace::{Ran, Workspace, adds, assert_has, stderr, stdout};

fn assert_refused(ran: &Ran, says: &str) {
    assert_eq!(ran.code, Some(2), "{}", ran.stderr);
    assert!(ran.stderr.contains(says), "{:?} does not say {says:?}", ran.stderr);
    assert!(ran.stderr.starts_with("everyhost: "), "{}", ran.stderr);
    assert_eq!(ran.stderr.trim_end().lines().count(), 1, "{}", ran.stderr);
    assert_eq!(ran.stdout, "");
}

#[test]
fn unknown_names_are_refused_with_those_that_there_are() {
    let workspace = Workspace::with_bad("honest").row("good", "honest", "");
    assert_refused(&workspace.run(&["--host", "foo"]), r#"unknown host "foo"; hosts are: bad, good"#);
    assert_refused(
        &workspace.run(&["--host", "goods"]),
        r#"unknown host "goods"; did you mean good? hosts are: bad, good"#,
    );
    assert_refused(&workspace.run(&["--module", "foo"]), r#"unknown module "foo"; modules are: add-raw, native"#);
    assert_refused(&workspace.run(&["--suite", "foo"]), r#"unknown suite "foo"; suites are: add, divide"#);
    assert_refused(&workspace.run(&["--case", "add/["]), r#""add/[" is no pattern; write an id, or a glob"#);
}

#[test]
fn wrong_use_is_exit_code_2() {
    let workspace = Workspace::with_bad("honest");
    assert_eq!(workspace.run(&["--no-such-option"]).code, Some(2));
    assert_eq!(workspace.run(&["--timeout", "0"]).code, Some(2));
    assert_eq!(workspace.command().output().unwrap().status.code(), Some(2));
}

#[test]
fn nothing_to_run_is_exit_code_3() {
    let workspace = Workspace::with_bad("honest");
    let none = workspace.run(&["--case", "sub/*"]);
    assert_eq!(none.code, Some(3));
    assert!(none.stderr.contains("nothing ran"), "{}", none.stderr);
    let away = Workspace::new().row_away("away");
    let ran = away.run(&[]);
    assert_eq!(ran.code, Some(3), "{}", ran.stdout);
    assert_eq!((&ran.report()["end"], &ran.report()["executed"]), (&json!("nothing-ran"), &json!(0)));
    assert_eq!(away.run(&["--strict"]).code, Some(1));
}

#[test]
fn a_filter_narrows_the_plan() {
    let ran = Workspace::with_bad("wrong-answer")
        .run(&["--case", "add/[12]", "--host", "bad", "--module", "add-raw", "--suite", "add"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    assert_eq!(ran.report()["planned"], 2);
}

#[test]
fn fail_fast_stops_and_says_how_far_it_came() {
    let ran = Workspace::with_bad("wrong-answer").run(&["--fail-fast"]);
    assert_eq!(ran.code, Some(1));
    assert_eq!((ran.of("add/3").0, ran.of("add/4").0), ("fail", "none"));
    let says = "stopped at the first red verdict: 4 of 8 planned cases came to a verdict";
    assert_eq!(ran.report()["reds"][0], says);
    assert_has(&ran.stdout, "3 right, 0 known gaps, 1 red (1 fail); 4 not reached");
}

#[test]
fn a_slow_row_runs_a_stated_sample() {
    let workspace = Workspace::new().row("bad", "honest", "cost = \"slow\"");
    workspace.write_suite("add", &adds(100));
    let ran = workspace.run(&[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    assert_eq!(ran.report()["planned"], 16 + 2);
    assert_eq!(ran.report()["rows"][0]["sample"]["left_out"], json!({"add-raw": 84}));
    assert_eq!(ran.report()["not_run"], 84);
    let page = fs::read_to_string(workspace.report_dir().join("index.html")).unwrap();
    for says in [
        "Green: 18 right, 0 known gaps, 0 red</h1>",
        "a sample: 84 of 102 not run, --all runs them",
        "<b>18</b> <small>of 102</small>",
    ] {
        assert!(page.contains(says), "a sample is not all: {says}");
    }
    for said in [
        "slow rows: a seeded sample of bad\n",
        "18 right, 0 known gaps, 0 red; a sample: 84 of 102 not run, --all runs them\n",
        "bad  18 of 102\n",
    ] {
        assert!(ran.stdout.contains(said), "{}", ran.stdout);
    }
    assert_eq!(workspace.run(&["--all"]).report()["planned"], 102);
}

#[test]
fn other_vectors_can_be_given() {
    let workspace = Workspace::with_bad("honest");
    let other = Workspace::new();
    other.write_suite("add", &adds(2));
    let ran = workspace.run(&["--vectors", other.path().join("vectors").to_str().unwrap()]);
    assert_eq!(ran.report()["planned"], 4);
}

#[test]
fn broken_vectors_are_refused_with_the_place() {
    let sound = |edit: &dyn Fn(&mut Vec<Value>)| {
        let workspace = Workspace::with_bad("honest");
        let mut cases = adds(3);
        edit(&mut cases);
        workspace.write_suite("add", &cases);
        workspace
    };
    assert_eq!(sound(&|_| {}).run(&[]).code, Some(0));
    let twice = sound(&|cases| cases[1]["id"] = json!("add/0"));
    assert_refused(&twice.run(&[]), "add/0");
    let other = sound(&|cases| cases[1]["id"] = json!("divide/by-zero"));
    assert_refused(&other.run(&[]), "divide/by-zero");
    let digit = sound(&|cases| {
        cases[1] = json!({"id": "add/x", "op": "public_key", "flags": [], "in": {"seed": "0g"}, "expect": {"error": "KEY_LENGTH"}});
    });
    assert_refused(&digit.run(&[]), "wrong hex digit 'g'");

    let workspace = Workspace::with_bad("honest");
    let path = workspace.path().join("vectors/add.json");
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    assert_refused(&workspace.run(&[]), "vectors/add.json");
    fs::write(&path, whole.replace("\"count\": 6", "\"count\": 7")).unwrap();
    assert_refused(&workspace.run(&[]), "7");
    fs::remove_dir_all(workspace.path().join("vectors")).unwrap();
    assert_refused(&workspace.run(&[]), "vectors");
}

#[test]
fn vectors_that_are_no_files_or_too_large_are_refused() {
    let workspace = Workspace::with_bad("honest");
    let path = workspace.path().join("vectors/other.json");
    assert!(Command::new("mkfifo").arg(&path).status().unwrap().success());
    assert_refused(&workspace.run(&[]), "vectors/other.json: is a named pipe, and must be a regular file");
    fs::remove_file(&path).unwrap();
    symlink("/dev/zero", &path).unwrap();
    assert_refused(&workspace.run(&[]), "vectors/other.json: is a device");
    fs::remove_file(&path).unwrap();
    // Nothing is written to the disk for it.
    let grow = |path: &Path, mib: u64| fs::File::create(path).unwrap().set_len(mib << 20).unwrap();
    grow(&path, 65);
    assert_refused(&workspace.run(&[]), "vectors/other.json: is larger than 64 MiB");
    grow(&path, 129);
    assert_refused(&workspace.run(&[]), "its vectors have 130 MiB together; the limit is 128 MiB");
    fs::write(&path, "\u{feff}{}").unwrap();
    assert_refused(&workspace.run(&[]), "vectors/other.json: begins with a byte order mark (BOM");
    fs::remove_file(&path).unwrap();
    let gaps = workspace.path().join("hosts/known-gaps.toml");
    symlink("/dev/zero", &gaps).unwrap();
    assert_refused(&workspace.run(&[]), "hosts/known-gaps.toml is a device");
}

#[test]
fn a_random_order_is_said_and_changes_no_verdict() {
    let plain = Workspace::with_bad("honest").run(&[]);
    let shuffled = Workspace::with_bad("honest").run(&["--shuffle", "7"]);
    assert_eq!(shuffled.code, Some(0), "{}", shuffled.stdout);
    assert_eq!(shuffled.report()["plan"]["shuffle"], 7);
    assert_has(&shuffled.stderr, "--shuffle 7 repeats it");
    let cases = |ran: &Ran| -> Vec<Value> {
        let results = ran.report()["results"].as_array().unwrap();
        results.iter().map(|result| result["case"].clone()).collect()
    };
    assert_eq!(cases(&plain), cases(&shuffled), "the report has its own order");
    assert_eq!(plain.report()["plan"]["sha256"], shuffled.report()["plan"]["sha256"]);

    let remembers = Workspace::with_bad("remembers");
    assert_eq!(remembers.run(&[]).code, Some(0));
    let shuffled = remembers.run(&["--shuffle", "7"]);
    assert_eq!(shuffled.code, Some(1), "{}", shuffled.stdout);
    // Each verdict is that of its own case.
    assert_eq!((shuffled.of("divide/by-zero").0, shuffled.of("divide/7-by-2").0), ("pass", "pass"));
    assert_eq!(remembers.run(&["--shuffle"]).report()["planned"], 8);
    assert_eq!(remembers.run(&["--shuffle", "x"]).code, Some(2));
}

#[test]
fn a_module_that_is_not_built_or_not_wasm_is_refused() {
    let workspace = Workspace::with_bad("honest");
    workspace.write_module(b"not wasm at all");
    assert_refused(&workspace.run(&[]), "add-raw.wasm is not a Wasm module");
    fs::write(workspace.path().join("target/modules/manifest.json"), "{\"modules\":{}}").unwrap();
    assert_refused(&workspace.run(&[]), "module add-raw was not built: run `make modules` first");
    fs::remove_file(workspace.path().join("target/modules/manifest.json")).unwrap();
    assert_refused(&workspace.run(&[]), "run `make modules` first");
}

#[test]
fn an_unsound_hosts_toml_is_refused() {
    let workspace = Workspace::with_bad("honest").row("bad", "honest", "");
    assert_refused(&workspace.run(&[]), r#"hosts/hosts.toml: two rows are called "bad""#);
    let outside = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_everyhost"));
    let output = command.arg("run").current_dir(outside.path()).output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_has(stderr(&output), "no hosts/hosts.toml here or in a folder above");
}

#[test]
fn a_report_that_cannot_be_written_is_told_before_anything_runs() {
    let workspace = Workspace::with_bad("honest");
    let file = workspace.path().join("a-file");
    fs::write(&file, "").unwrap();
    let ran = workspace.run(&["--report", file.to_str().unwrap()]);
    assert_refused(&ran, "cannot make the report's directory");
}

/// A limit on the size of files acts as a disk that fills up while the report is written.
#[test]
fn a_full_disk_is_told_in_one_line() {
    let workspace = Workspace::with_bad("honest");
    let command = workspace.command();
    let words: Vec<String> = std::iter::once(command.get_program())
        .chain(command.get_args())
        .map(|word| shlex::try_quote(word.to_str().unwrap()).unwrap().into_owned())
        .collect();
    let script = format!("trap '' XFSZ; ulimit -f 1; exec {} run", words.join(" "));
    let output = Command::new("sh").args(["-c", &script]).env_remove("CI").output().unwrap();
    let stderr = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert_has(&stderr, "cannot write the report's report.json in");
    assert_eq!(stderr.trim_end().lines().count(), 1, "{stderr}");
    let left: Vec<_> = fs::read_dir(workspace.report_dir()).unwrap().collect();
    assert!(left.is_empty(), "half a report was left: {left:?}");
}

#[test]
fn list_counts_rows_modules_and_suites() {
    let workspace = Workspace::with_bad("honest");
    let output = workspace.everyhost(&["list"]);
    let stdout = stdout(&output);
    assert!(output.status.success());
    let words = |start: &str| -> Vec<String> {
        let line = stdout.lines().find(|line| line.trim_start().starts_with(start)).unwrap_or_default();
        line.split_whitespace().map(str::to_string).collect()
    };
    assert_eq!(words("bad"), ["bad", "8", "fast", "add-raw"], "{stdout}");
    assert_eq!(words("add-raw")[..2], ["add-raw", "8"]);
    assert_eq!(words("divide"), ["divide", "2", "arithmetic"]);
}

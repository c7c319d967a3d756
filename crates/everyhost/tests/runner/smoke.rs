//! `everyhost smoke`: an honest adapter is sound, and each bad one is reported with what is wrong.

use std::process::{Command, Output};

use crate::workspace::{ADD_WASM, Workspace, assert_code, assert_has, stdout};

const ADAPTER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/smoke-adapter/adapter.mjs");

fn everyhost(args: &[&str]) -> Output {
    let outside = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_everyhost"));
    command.arg("smoke").args(args).current_dir(outside.path());
    command.env("NO_COLOR", "1").env_remove("EVERYHOST_ROOT");
    command.output().unwrap()
}

/// Checks the adapter with these options, and how that ends; what is printed.
fn smoke(options: &[&str], mode: &str, code: i32) -> String {
    let output = everyhost(&[options, &["--", "node", ADAPTER, mode]].concat());
    assert_code(&output, code);
    stdout(&output)
}

/// The lines of a check that failed: what was sent, came and was expected.
fn failure<'a>(said: &'a str, name: &str) -> Vec<&'a str> {
    let mut lines = said.lines().skip_while(|line| *line != format!("FAIL  {name}"));
    let heading = lines.next();
    assert!(heading.is_some(), "{name:?} did not fail:\n{said}");
    lines.take(3).map(str::trim).collect()
}

/// Each row: the adapter's mode, the check that fails, and what came.
fn assert_fail(table: &str) {
    for row in table.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let [mode, name, came] = row.split(" | ").collect::<Vec<_>>().try_into().unwrap();
        let said = smoke(&["--timeout", "10"], mode, 1);
        let lines = failure(&said, name);
        let starts = ["sent ", "came ", "expected "];
        let are_right = lines.iter().zip(starts).all(|(line, start)| line.starts_with(start));
        assert!(are_right, "{row}: {lines:?}");
        assert_has(lines[1], came);
    }
}

#[test]
fn an_honest_one_is_sound() {
    let said = smoke(&["--timeout", "10"], "honest", 0);
    for part in ["ok    add\n", "ok    raw_module: names\n", "ok    component: calls", "0 failed, 1 remark"] {
        assert_has(&said, part);
    }
    // It does not claim to divide.
    assert!(!said.contains("FAIL") && !said.contains("divide"), "{said}");
}

#[test]
fn one_that_does_not_know_the_newer_steps_is_sound() {
    let said = smoke(&["--timeout", "10"], "older-steps", 0);
    assert_has(&said, "pointers of 64 bits are not checked: asked ");
    assert_has(&said, "component: not claimed, so not asked");
    assert_has(&said, "0 failed, 3 remarks");
}

#[test]
fn a_bad_hello_is_reported() {
    assert_fail(
        r#"
        nameless | hello: who answers | "host":""
        another-file | hello: the module that it was given | "sha256":
        without-raw | hello: the module that it was given | "ops":["add"]
        dies-of-a-module | hello: a module that it cannot load is refused, the other one is not | nothing: the adapter ended with exit code 1; its last words on stderr: WebAssembly.Module()
        leaves-out | hello: a module that it cannot load is refused, the other one is not | {"modules":{"smoke-broken":null}}
        "#,
    );
}

#[test]
fn the_signer_of_a_workspace_is_checked_too() {
    let workspace = Workspace::with_bad("honest");
    workspace.write_module_as("signer-raw", ADD_WASM);
    let root = workspace.path().display().to_string();
    let options = ["--root", &root, "--timeout", "10"];
    let unclaimed = "not claimed, so not asked: public_key, sign, sign_many, verify, verify_strict, session\n";
    assert_has(smoke(&options, "honest", 0), unclaimed);
    for (mode, expected) in [
        ("another-signer", "modules.signer-raw.sha256 to be that of the file"),
        ("without-signer", "if only as refused"),
    ] {
        let said = smoke(&options, mode, 1);
        assert_has(failure(&said, "hello: signer-raw, which it was given too")[2], expected);
    }
}

#[test]
fn wrong_answers_are_reported() {
    assert_fail(
        r#"
        adds-wrongly | add | ok:
        signed-pointers | raw: out of bounds, by unsigned pointers | bad pointer -1
        goes-on-after-a-trap | raw: a trap is the last step | {"ok":{"results":[]}}
        traps-on-other-types | raw: arguments of other types are refused | {"trap":true}
        traps-for-want-of-an-instance | raw_module: instance | "trap":true
        converts | component: calls, wrong values, and a trap at the end | {"ok":{"result":1}}
        no-words | raw: a stack overflow is a trap that says so | {"trap":true}
        "#,
    );
}

#[test]
fn bad_lines_are_reported() {
    assert_fail(
        r#"
        strict-fields | unknown fields are ignored | unknown field
        chatty | raw: a call | working on it (not JSON
        reversed | 32 requests at once, answered in their order | was due
        short-lines | a request of 64 MiB | line too long
        bad-end | exit code 0 at the end of stdin | the adapter ended with exit code 3
        one-more-line | exit code 0 at the end of stdin | one more line: {"bye":true}
        "#,
    );
}

#[test]
fn a_missing_flush_is_reported() {
    let said = smoke(&["--timeout", "1", "--hello-timeout", "3"], "unflushed", 1);
    let flush = "it came when stdin was closed: flush stdout after each line";
    assert_has(failure(&said, "hello")[1], flush);
    assert_has(&said, "nothing else was asked: fix hello first");

    let said = smoke(&["--timeout", "3"], "flushed-when-idle", 1);
    let lines = failure(&said, "an answer is flushed before the next request is read");
    assert_has(lines[1], "no answer in 3 s");
}

#[test]
fn what_is_no_adapter_is_reported() {
    for (program, came) in
        [("no-such-program", "there is no program no-such-program"), ("true", "ended with exit code 0")]
    {
        let output = everyhost(&["--", program]);
        assert_code(&output, 1);
        assert_has(failure(&stdout(&output), "hello")[1], came);
    }
    assert_eq!(everyhost(&[]).status.code(), Some(2), "a command is needed");
}

//! `everyhost smoke`: an honest adapter is sound, and each bad one is told what is wrong with it.

use std::process::{Command, Output};

use crate::workspace::{ADD_WASM, Workspace};

const ADAPTER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/smoke-adapter/adapter.mjs");

fn everyhost(args: &[&str]) -> Output {
    let outside = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_everyhost"));
    command.arg("smoke").args(args).current_dir(outside.path());
    command
        .env("NO_COLOR", "1")
        .env_remove("EVERYHOST_ROOT")
        .output()
        .unwrap()
}

fn smoke(mode: &str) -> (Option<i32>, String) {
    let output = everyhost(&["--timeout", "10", "--", "node", ADAPTER, mode]);
    (
        output.status.code(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
    )
}

/// The lines of a check that failed: its name, and what was sent, came and was expected.
fn failure<'a>(stdout: &'a str, name: &str) -> Vec<&'a str> {
    let mut lines = stdout.lines().skip_while(|line| *line != format!("FAIL  {name}"));
    let heading = lines.next();
    assert!(heading.is_some(), "{name:?} did not fail:\n{stdout}");
    lines.take(3).map(str::trim).collect()
}

fn assert_fails(mode: &str, name: &str, came: &str) {
    let (code, stdout) = smoke(mode);
    assert_eq!(code, Some(1), "{mode}:\n{stdout}");
    let lines = failure(&stdout, name);
    assert!(
        lines[0].starts_with("sent ") && lines[2].starts_with("expected "),
        "{mode}: {lines:?}"
    );
    assert!(
        lines[1].starts_with("came ") && lines[1].contains(came),
        "{mode}: {:?} does not say {came:?}",
        lines[1]
    );
}

#[test]
fn an_honest_one_is_sound() {
    let (code, stdout) = smoke("honest");
    assert_eq!(code, Some(0), "{stdout}");
    assert!(!stdout.contains("FAIL"), "{stdout}");
    assert!(
        stdout.contains("ok    add\n")
            && stdout.contains("ok    raw_module: names\n")
            && !stdout.contains("divide"),
        "asked what it claims:\n{stdout}"
    );
    assert!(stdout.contains("0 failed, 1 remark"), "{stdout}");
}

#[test]
fn a_bad_hello_is_told() {
    assert_fails("nameless", "hello: who answers", r#""host":"""#);
    assert_fails(
        "another-file",
        "hello: the module that it was given",
        r#""sha256":"#,
    );
    assert_fails(
        "without-raw",
        "hello: the module that it was given",
        r#""ops":["add"]"#,
    );
    const REFUSED: &str = "hello: a module that it cannot load is refused, the other one is not";
    assert_fails(
        "dies-of-a-module",
        REFUSED,
        "nothing: the adapter ended with exit code 1; its last words on stderr: WebAssembly.Module()",
    );
    assert_fails("leaves-out", REFUSED, r#"{"modules":{"smoke-broken":null}}"#);
}

#[test]
fn the_signer_is_looked_at_too_where_a_workspace_has_it() {
    let workspace = Workspace::with_bad("honest");
    workspace.write_module_as("signer-raw", ADD_WASM);
    let root = workspace.path().display().to_string();
    let smoke = |mode: &str| {
        let output = everyhost(&["--root", &root, "--timeout", "10", "--", "node", ADAPTER, mode]);
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stdout).into_owned(),
        )
    };
    const NAME: &str = "hello: signer-raw, which it was given too";
    let (code, stdout) = smoke("honest");
    assert_eq!(code, Some(0), "{stdout}");
    assert!(
        stdout.contains(
            "not claimed, so not asked: public_key, sign, sign_many, verify, verify_strict, session\n"
        ),
        "{stdout}"
    );
    let (code, stdout) = smoke("another-signer");
    assert_eq!(code, Some(1), "{stdout}");
    assert!(
        failure(&stdout, NAME)[2].contains("modules.signer-raw.sha256 to be that of the file"),
        "{stdout}"
    );
    let (code, stdout) = smoke("without-signer");
    assert_eq!(code, Some(1), "{stdout}");
    assert!(
        failure(&stdout, NAME)[2].contains("if only as refused"),
        "{stdout}"
    );
}

#[test]
fn wrong_answers_are_told() {
    assert_fails("adds-wrongly", "add", "ok: ");
    assert_fails(
        "signed-pointers",
        "raw: out of bounds, by unsigned pointers",
        "bad pointer -1",
    );
    assert_fails(
        "goes-on-after-a-trap",
        "raw: a trap is the last step",
        r#"{"ok":{"results":[]}}"#,
    );
    assert_fails(
        "traps-on-other-types",
        "raw: arguments of other types are refused",
        r#"{"trap":true}"#,
    );
    assert_fails(
        "traps-for-want-of-an-instance",
        "raw_module: instance",
        r#""trap":true"#,
    );
    assert_fails(
        "no-words",
        "raw: a stack overflow is a trap that says so",
        r#"{"trap":true}"#,
    );
}

#[test]
fn bad_lines_are_told() {
    assert_fails("strict-fields", "unknown fields are ignored", "unknown field ");
    assert_fails("chatty", "raw: a call", "working on it (not JSON");
    assert_fails(
        "reversed",
        "32 requests at once, answered in their order",
        "was due",
    );
    assert_fails("short-lines", "a request of 64 MiB", "line too long");
    assert_fails(
        "bad-end",
        "exit code 0 at the end of stdin",
        "the adapter ended with exit code 3",
    );
    assert_fails(
        "one-more-line",
        "exit code 0 at the end of stdin",
        r#"one more line: {"bye":true}"#,
    );
}

#[test]
fn what_is_not_flushed_is_told() {
    let output = everyhost(&[
        "--timeout",
        "1",
        "--hello-timeout",
        "3",
        "--",
        "node",
        ADAPTER,
        "unflushed",
    ]);
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        failure(&stdout, "hello")[1].contains("it came when stdin was closed: flush stdout after each line"),
        "{stdout}"
    );
    assert!(
        stdout.contains("nothing else was asked: mend hello first"),
        "{stdout}"
    );

    let output = everyhost(&["--timeout", "3", "--", "node", ADAPTER, "flushed-when-idle"]);
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = failure(&stdout, "an answer is flushed before the next request is read");
    assert!(lines[1].contains("no answer in 3 s"), "{stdout}");
}

#[test]
fn what_is_no_adapter_is_told() {
    let output = everyhost(&["--", "no-such-program"]);
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1));
    assert!(
        failure(&stdout, "hello")[1].contains("there is no program no-such-program"),
        "{stdout}"
    );
    let output = everyhost(&["--", "true"]);
    assert!(failure(&String::from_utf8_lossy(&output.stdout), "hello")[1].contains("ended with exit code 0"));
    assert_eq!(everyhost(&[]).status.code(), Some(2), "a command is needed");
}

//! Adapters that are bad on purpose: each must come to exactly the right verdicts, with the likely cause.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::workspace::{Ran, Workspace, assert_code, assert_has};

/// Short limits: only for adapters that are meant to run into them.
const SHORT: &str = "timeout_seconds = 2\nhello_timeout_seconds = 2";

fn run(mode: &str) -> Ran {
    Workspace::with_bad(mode).run(&[])
}

/// Everything passes but `add/3`.
fn assert_only_the_third(ran: &Ran, verdict: &str, says: &str) {
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    ran.assert_verdicts("pass", &[("add/3", verdict)]);
    assert!(ran.of("add/3").1.contains(says), "{:?} does not say {says:?}", ran.of("add/3").1);
    assert_has(&ran.stdout, "7 right, 0 known gaps, 1 red (1 ");
}

#[test]
fn an_honest_one_is_green() {
    let ran = run("honest");
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    ran.assert_verdicts("pass", &[]);
    assert_eq!(ran.report()["end"], "green");
    assert_has(&ran.stdout, "8 right, 0 known gaps, 0 red");
}

#[test]
fn a_wrong_answer_fails_and_both_answers_are_shown() {
    let ran = run("wrong-answer");
    assert_only_the_third(&ran, "fail", "");
    assert_has(&ran.stdout, r#"expected {"ok":{"value":13}}"#);
    assert_has(&ran.stdout, r#"actual   {"ok":{"value":-1}}"#);
    let again = "run --host bad --module add-raw --case add/3";
    assert!(ran.stdout.contains(again), "{}", ran.stdout);
}

/// Runs each adapter of a table. A row is its mode, the verdict, how often it was started again if that matters, and what
/// the detail says.
fn for_each(table: &str, check: impl Fn(&Ran, &str, &str)) {
    for row in table.lines().map(str::trim).filter(|row| !row.is_empty()) {
        let [mode, verdict, restarts, says] = row.split(" | ").collect::<Vec<_>>().try_into().unwrap();
        let limits = if verdict == "timeout" { SHORT } else { "" };
        let ran = Workspace::new().row("bad", mode, limits).run(&[]);
        check(&ran, verdict, says);
        let restarted = ran.report()["rows"][0]["restarts"].to_string();
        assert!(restarts == "any" || restarts == restarted, "{row}: {restarted}");
    }
}

#[test]
fn what_goes_wrong_once_is_blamed_on_its_case() {
    for_each(
        r#"
        hang | timeout | 1 | no answer to add in 2 s; the adapter was ended and started again
        crash | crash | 1 | ended with exit code 3; its last words on stderr: out of luck
        abort | crash | any | was ended by signal SIGABRT; it said nothing on stderr
        half-an-answer | crash | any | ended with exit code 0
        twice | error | any | answered twice: one request has one answer
        twice-later | error | any | answered twice: one request has one answer
        not-json | error | any | not JSON: expected value (at byte 1): one moment, please
        wrong-seq | error | any | the answer to 4 was due
        two-kinds | error | any | an answer with ok and error at once
        unknown-field | error | any | an answer with the unknown field "note"
        key-twice | error | any | the key value is there twice in ok (
        "#,
        assert_only_the_third,
    );
}

#[test]
fn an_endless_line_is_cut_off() {
    let says = "a line longer than 64 MiB; an answer ends with a newline";
    assert_only_the_third(&run("endless"), "error", says);
}

#[test]
fn what_goes_wrong_at_once_is_blamed_on_every_case() {
    for_each(
        r#"
        silent | timeout | any | hello: no answer in 2 s; the adapter was ended
        unflushed-hello | timeout | any | hello: no answer in 2 s; it came when stdin was closed: flush stdout after each line
        crash-at-hello | crash | 0 | hello: ended with exit code 1; its last words on stderr: cannot load the module…
        other-protocol | error | any | hello: hello speaks protocol 2; it must be 1
        twice-always | error | any | answered twice…
        no-modules | missing | any | hello does not have the module add-raw, which hosts.toml lists
        refuses | missing | 0 | host bad cannot load this module: no SIMD here
        other-module | error | any | ran another module: hello says sha256 …
        "#,
        |ran, verdict, says| {
            assert_eq!(ran.code, Some(1));
            ran.assert_verdicts(verdict, &[]);
            let detail = ran.of("add/0").1;
            match says.strip_suffix('…') {
                Some(start) => assert!(detail.starts_with(start), "{detail}"),
                None => assert_eq!(detail, says),
            }
            assert_has(&ran.stdout, &format!("0 right, 0 known gaps, 8 red (8 {verdict})"));
        },
    );
    let refused = run("refuses");
    assert_eq!(refused.report()["results"][0]["actual"], json!({"refused": true}));
}

#[test]
fn the_time_limit_can_be_given() {
    let ran = Workspace::with_bad("hang").run(&["--timeout", "1"]);
    assert_only_the_third(&ran, "timeout", "no answer to add in 1 s");
}

#[test]
fn one_that_always_fails_is_not_restarted_for_ever() {
    let ran = run("crash-always");
    assert_eq!(ran.code, Some(1));
    ran.assert_verdicts("crash", &[]);
    assert_eq!(ran.report()["rows"][0]["restarts"], 4);
    let says = "not run: the adapter failed 5 times in a row, at last: ended with exit code 3";
    assert_has(ran.of("divide/by-zero").1, says);

    let limit = "timeout_seconds = 1";
    let ran = Workspace::new().row("bad", "unflushed", limit).run(&[]);
    ran.assert_verdicts("timeout", &[]);
    assert_has(ran.of("add/0").1, "flush stdout after each line");
    assert_has(ran.of("add/5").1, "not run: the adapter failed 5 times in a row");
}

#[test]
fn claiming_an_operation_that_it_lacks_is_an_error() {
    let ran = run("claims-more");
    assert_eq!(ran.code, Some(1));
    ran.assert_verdicts("pass", &[("divide/7-by-2", "error"), ("divide/by-zero", "error")]);
    assert_has(ran.of("divide/by-zero").1, "unsupported: no division here");
}

#[test]
fn claiming_fewer_operations_than_hosts_toml_is_missing() {
    let ran = run("claims-fewer");
    assert_eq!(ran.code, Some(1));
    let missing = ["divide/7-by-2", "divide/by-zero"].map(|id| (id, "missing"));
    ran.assert_verdicts("pass", &missing);
    let says = "hello does not claim divide for add-raw, which hosts.toml lists";
    assert_eq!(ran.of("divide/by-zero").1, says);
}

#[test]
fn a_bad_end_is_red_though_every_answer_is_right() {
    let ran = run("bad-end");
    assert_eq!(ran.code, Some(1));
    ran.assert_verdicts("pass", &[]);
    let says = "row \"bad\": after its last answer the adapter ended with exit code 7; its last words on stderr: could not say goodbye";
    assert_eq!(ran.report()["reds"][0], says);
    assert_has(&ran.stdout, "8 right, 0 known gaps, 0 red; 1 otherwise red");

    let start = Instant::now();
    let ran = run("lingers");
    assert_eq!(ran.code, Some(1));
    assert_has(ran.report()["reds"][0].as_str().unwrap(), "went on running for 10 s after its stdin was closed");
    assert!(start.elapsed() < Duration::from_secs(60));
    // What takes longer than a moment is not silent: the row's line comes when it ends.
    assert!(ran.stderr.contains("bad        8  ✓ 1 module"), "{}", ran.stderr);
    assert!(!run("honest").stderr.contains("1 module"));
}

#[test]
fn a_host_that_is_not_installed_is_grey_at_home_and_red_when_strict() {
    let workspace = Workspace::with_bad("honest").row_away("away");
    let home = workspace.run(&[]);
    assert_eq!(home.code, Some(0), "{}", home.stdout);
    assert_has(
        &home.stdout,
        "away is not installed: its probe ended with exit code 1. To get it: apt-get install away",
    );
    assert_has(&home.stdout, "8 right, 0 known gaps, 0 red; 8 not run: away is not installed");
    let strict = workspace.run(&["--strict"]);
    assert_eq!(strict.code, Some(1));
    assert_has(&strict.stdout, "8 right, 0 known gaps, 8 red (8 unavailable)");
    for (args, code) in [(&["run"][..], 1), (&["run", "--no-strict"], 0)] {
        let output = workspace.command().args(args).env("CI", "true").output().unwrap();
        assert_code(&output, code);
    }
}

#[test]
fn a_host_that_is_being_installed_is_waited_for() {
    let adapter = format!("{:?}, \"honest\"", env!("CARGO_BIN_EXE_bad-adapter"));
    let workspace = Workspace::with_bad("honest")
        .row_with("soon", &adapter, "\"test\", \"-e\", \"here\"", "")
        .row_with("never", &adapter, "\"false\"", "");

    let mut installer = Command::new("sh");
    installer.args(["-c", "sleep 3 && touch here && sleep 3"]);
    let mut installs = installer.current_dir(workspace.path()).spawn().unwrap();
    let while_it_lives = ["--while", &installs.id().to_string()];
    // As a shell does, so that it does not go on as a zombie.
    let waiter = thread::spawn(move || installs.wait());
    let ran = workspace.run(&while_it_lives);
    assert!(waiter.join().unwrap().unwrap().success());
    let rows = ran.report()["rows"].as_array().unwrap();
    assert!(rows[1]["unavailable"].is_null() && rows[2]["unavailable"].is_string());
    assert_has(&ran.stdout, "16 right, 0 known gaps, 0 red; 8 not run: never is not installed");
    // The row that is ready does not wait, and its line comes first.
    let line = |name: &str| ran.stderr.find(&format!("{name} ")).expect(name);
    assert!(line("bad") < line("soon") && line("soon") < line("never"), "{}", ran.stderr);
}

#[test]
fn a_program_that_is_not_there_is_a_crash_when_its_probe_says_that_it_is() {
    let ran = Workspace::new().row_with("bad", "\"no-such-program-at-all\"", "\"true\"", "").run(&[]);
    ran.assert_verdicts("crash", &[]);
    assert_eq!(ran.of("add/0").1, "no-such-program-at-all could not be started: there is no such program");
}

#[test]
fn rows_do_not_wait_for_each_other() {
    let workspace = Workspace::new().row("slow", "hang", "timeout_seconds = 2").row("good", "honest", "");
    let ran = workspace.run(&[]);
    let rows = ran.report()["rows"].as_array().unwrap();
    assert!(rows[1]["elapsed_ms"].as_u64().unwrap() < rows[0]["elapsed_ms"].as_u64().unwrap());
    assert_eq!(ran.report()["differences"].as_array().unwrap().len(), 0);
    assert_has(&ran.stdout, "15 right, 0 known gaps, 1 red (1 timeout)");
}

#[test]
fn hosts_that_answer_differently_are_set_side_by_side() {
    let ran = Workspace::new().row("bad", "wrong-answer", "").row("good", "honest", "").run(&[]);
    let differences = ran.report()["differences"].as_array().unwrap();
    assert_eq!(differences.len(), 1);
    assert_eq!(differences[0]["case"], "add/3");
    assert_eq!(differences[0]["answers"].as_array().unwrap().len(), 2);
}

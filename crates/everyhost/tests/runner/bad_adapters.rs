//! Adapters that are bad on purpose: each must come to exactly the right verdicts, with the likely cause.

use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use crate::workspace::{Ran, Workspace};

/// Short limits: only for adapters that are meant to run into them.
const SHORT: &str = "timeout_seconds = 2\nhello_timeout_seconds = 2";

fn run(mode: &str) -> Ran {
    Workspace::with_bad(mode).run(&[])
}

/// Everything passes but `add/3`.
fn assert_only_the_third(ran: &Ran, verdict: &str, says: &str) {
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    ran.assert_verdicts("pass", &[("add/3", verdict)]);
    assert!(
        ran.of("add/3").1.contains(says),
        "{:?} does not say {says:?}",
        ran.of("add/3").1
    );
    assert!(
        ran.stdout.contains("7 right, 0 known gaps, 1 red (1 "),
        "{}",
        ran.stdout
    );
}

#[test]
fn an_honest_one_is_green() {
    let ran = run("honest");
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    ran.assert_verdicts("pass", &[]);
    assert_eq!(ran.report()["end"], "green");
    assert!(
        ran.stdout.contains("8 right, 0 known gaps, 0 red"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_wrong_answer_fails_and_both_answers_are_shown() {
    let ran = run("wrong-answer");
    assert_only_the_third(&ran, "fail", "");
    assert!(
        ran.stdout.contains(r#"expected {"ok":{"value":13}}"#),
        "{}",
        ran.stdout
    );
    assert!(
        ran.stdout.contains(r#"actual   {"ok":{"value":-1}}"#),
        "{}",
        ran.stdout
    );
    let again = "run --host bad --module add-raw --case add/3";
    assert!(ran.stdout.contains(again), "{}", ran.stdout);
}

#[test]
fn a_silent_one_times_out_at_hello() {
    let ran = Workspace::new().row("bad", "silent", SHORT).run(&[]);
    assert_eq!(ran.code, Some(1));
    ran.assert_verdicts("timeout", &[]);
    let says = "hello: no answer in 2 s; the adapter was ended";
    assert_eq!(ran.of("add/0").1, says);
}

#[test]
fn a_hanging_one_is_restarted() {
    let ran = Workspace::new().row("bad", "hang", SHORT).run(&[]);
    assert_only_the_third(
        &ran,
        "timeout",
        "no answer to add in 2 s; the adapter was ended and started again",
    );
    assert_eq!(ran.report()["rows"][0]["restarts"], 1);
}

#[test]
fn the_time_limit_can_be_given() {
    let ran = Workspace::with_bad("hang").run(&["--timeout", "1"]);
    assert_only_the_third(&ran, "timeout", "no answer to add in 1 s");
}

#[test]
fn stdout_that_is_not_flushed_is_named() {
    let ran = Workspace::new().row("bad", "unflushed-hello", SHORT).run(&[]);
    ran.assert_verdicts("timeout", &[]);
    let says = "hello: no answer in 2 s; it came when stdin was closed: flush stdout after each line";
    assert_eq!(ran.of("add/0").1, says);

    let ran = Workspace::new()
        .row("bad", "unflushed", "timeout_seconds = 1")
        .run(&[]);
    ran.assert_verdicts("timeout", &[]);
    assert!(
        ran.of("add/0").1.contains("flush stdout after each line"),
        "{}",
        ran.of("add/0").1
    );
    assert!(
        ran.of("add/5")
            .1
            .contains("not run: the adapter failed 5 times in a row"),
        "{}",
        ran.of("add/5").1
    );
}

#[test]
fn one_that_crashes_half_way_is_restarted() {
    let ran = run("crash");
    assert_only_the_third(
        &ran,
        "crash",
        "ended with exit code 3; its last words on stderr: out of luck",
    );
    assert_eq!(ran.report()["rows"][0]["restarts"], 1);
    assert_only_the_third(
        &run("abort"),
        "crash",
        "was ended by signal SIGABRT; it said nothing on stderr",
    );
    assert_only_the_third(&run("half-an-answer"), "crash", "ended with exit code 0");
}

#[test]
fn one_that_always_crashes_is_not_restarted_for_ever() {
    let ran = run("crash-always");
    assert_eq!(ran.code, Some(1));
    ran.assert_verdicts("crash", &[]);
    assert_eq!(ran.report()["rows"][0]["restarts"], 4);
    let says = "not run: the adapter failed 5 times in a row, at last: ended with exit code 3";
    assert!(
        ran.of("divide/by-zero").1.starts_with(says),
        "{}",
        ran.of("divide/by-zero").1
    );
    let ran = run("crash-at-hello");
    ran.assert_verdicts("crash", &[]);
    assert!(
        ran.of("add/0")
            .1
            .contains("hello: ended with exit code 1; its last words on stderr: cannot load the module")
    );
    assert_eq!(ran.report()["rows"][0]["restarts"], 0);
}

#[test]
fn answering_twice_is_an_error_of_the_case_that_was_answered_twice() {
    for mode in ["twice", "twice-later"] {
        assert_only_the_third(&run(mode), "error", "answered twice: one request has one answer");
    }
    let ran = run("twice-always");
    assert_eq!(ran.code, Some(1));
    ran.assert_verdicts("error", &[]);
    assert!(
        ran.of("add/0").1.contains("answered twice"),
        "{}",
        ran.of("add/0").1
    );
}

#[test]
fn what_is_not_json_is_quoted() {
    let ran = run("not-json");
    assert_only_the_third(
        &ran,
        "error",
        "not JSON: expected value (at byte 1): one moment, please",
    );
}

#[test]
fn an_endless_line_is_cut_off() {
    assert_only_the_third(
        &run("endless"),
        "error",
        "a line longer than 64 MiB; an answer ends with a newline",
    );
}

#[test]
fn replies_are_read_strictly() {
    assert_only_the_third(&run("wrong-seq"), "error", "the answer to 4 was due");
    assert_only_the_third(&run("two-kinds"), "error", "an answer with ok and error at once");
    assert_only_the_third(
        &run("unknown-field"),
        "error",
        r#"an answer with the unknown field "note""#,
    );
    assert_only_the_third(&run("key-twice"), "error", "the key value is there twice in ok (");
    let ran = run("other-protocol");
    ran.assert_verdicts("error", &[]);
    assert_eq!(ran.of("add/0").1, "hello: hello speaks protocol 2; it must be 1");
}

#[test]
fn claiming_an_operation_that_it_lacks_is_an_error() {
    let ran = run("claims-more");
    assert_eq!(ran.code, Some(1));
    ran.assert_verdicts("pass", &[("divide/7-by-2", "error"), ("divide/by-zero", "error")]);
    assert!(
        ran.of("divide/by-zero")
            .1
            .contains("unsupported: no division here")
    );
}

#[test]
fn claiming_fewer_operations_than_hosts_toml_is_missing() {
    let ran = run("claims-fewer");
    assert_eq!(ran.code, Some(1));
    ran.assert_verdicts(
        "pass",
        &[("divide/7-by-2", "missing"), ("divide/by-zero", "missing")],
    );
    assert_eq!(
        ran.of("divide/by-zero").1,
        "hello does not claim divide for add-raw, which hosts.toml lists"
    );
}

#[test]
fn one_that_lies_about_having_nothing_to_run_is_red() {
    let ran = run("no-modules");
    assert_eq!(ran.code, Some(1));
    ran.assert_verdicts("missing", &[]);
    assert_eq!(
        ran.of("add/0").1,
        "hello does not have the module add-raw, which hosts.toml lists"
    );
    assert!(
        ran.stdout.contains("0 right, 0 known gaps, 8 red (8 missing)"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_module_that_the_host_cannot_load_is_red_in_every_case() {
    let ran = run("refuses");
    assert_eq!(ran.code, Some(1));
    ran.assert_verdicts("missing", &[]);
    assert_eq!(
        ran.of("add/0").1,
        "host bad cannot load this module: no SIMD here"
    );
    assert_eq!(
        ran.report()["results"][0]["actual"],
        serde_json::json!({"refused": true})
    );
    assert_eq!(ran.report()["rows"][0]["restarts"], 0);
}

#[test]
fn running_another_module_is_an_error_of_every_case() {
    let ran = run("other-module");
    assert_eq!(ran.code, Some(1));
    ran.assert_verdicts("error", &[]);
    assert!(
        ran.of("add/0")
            .1
            .starts_with("ran another module: hello says sha256 "),
        "{}",
        ran.of("add/0").1
    );
}

#[test]
fn a_bad_end_is_red_though_every_answer_is_right() {
    let ran = run("bad-end");
    assert_eq!(ran.code, Some(1));
    ran.assert_verdicts("pass", &[]);
    let says = "row \"bad\": after its last answer the adapter ended with exit code 7; its last words on stderr: could not say goodbye";
    assert_eq!(ran.report()["reds"][0], says);
    assert!(
        ran.stdout
            .contains("8 right, 0 known gaps, 0 red; 1 otherwise red"),
        "{}",
        ran.stdout
    );

    let start = Instant::now();
    let ran = run("lingers");
    assert_eq!(ran.code, Some(1));
    assert!(
        ran.report()["reds"][0]
            .as_str()
            .unwrap()
            .contains("went on running for 10 s after its stdin was closed")
    );
    assert!(start.elapsed() < Duration::from_secs(60));
    // What takes longer than a moment is not silent: the row's line comes when it ends.
    assert!(ran.stderr.contains("bad        8  ✓ 1 module"), "{}", ran.stderr);
    assert!(!run("honest").stderr.contains("1 module"));
}

#[test]
fn a_host_that_is_not_installed_is_grey_at_home_and_red_when_strict() {
    let workspace = Workspace::with_bad("honest").row_with("away", "\"none\"", "\"false\"", "");
    let home = workspace.run(&[]);
    assert_eq!(home.code, Some(0), "{}", home.stdout);
    assert!(home.stdout.contains(
        "away is not installed: its probe ended with exit code 1. To get it: apt-get install away"
    ));
    assert!(
        home.stdout
            .contains("8 right, 0 known gaps, 0 red; 8 not run: away is not installed"),
        "{}",
        home.stdout
    );
    let strict = workspace.run(&["--strict"]);
    assert_eq!(strict.code, Some(1));
    assert!(
        strict
            .stdout
            .contains("8 right, 0 known gaps, 8 red (8 unavailable)"),
        "{}",
        strict.stdout
    );
    let ci = workspace.ran(&workspace.command().arg("run").env("CI", "true").output().unwrap());
    assert_eq!(ci.code, Some(1));
    let told = workspace.ran(
        &workspace
            .command()
            .args(["run", "--no-strict"])
            .env("CI", "true")
            .output()
            .unwrap(),
    );
    assert_eq!(told.code, Some(0));
}

#[test]
fn a_host_that_is_being_installed_is_waited_for() {
    let installer = |workspace: &Workspace, script: &str| {
        Command::new("sh")
            .args(["-c", script])
            .current_dir(workspace.path())
            .spawn()
            .unwrap()
    };
    let adapter = format!("{:?}, \"honest\"", env!("CARGO_BIN_EXE_bad-adapter"));
    let workspace = Workspace::with_bad("honest")
        .row_with("soon", &adapter, "\"test\", \"-e\", \"here\"", "")
        .row_with("never", &adapter, "\"false\"", "");

    let mut installs = installer(&workspace, "sleep 3 && touch here && sleep 3");
    let while_it_lives = ["--while", &installs.id().to_string()];
    // As a shell does, so that it does not go on as a zombie.
    let waiter = thread::spawn(move || installs.wait());
    let ran = workspace.run(&while_it_lives);
    assert!(waiter.join().unwrap().unwrap().success());
    let rows = ran.report()["rows"].as_array().unwrap();
    assert!(rows[1]["unavailable"].is_null() && rows[2]["unavailable"].is_string());
    assert!(
        ran.stdout
            .contains("16 right, 0 known gaps, 0 red; 8 not run: never is not installed"),
        "{}",
        ran.stdout
    );
    // The row that is ready does not wait, and its line comes first.
    let line = |name: &str| ran.stderr.find(&format!("{name} ")).expect(name);
    assert!(
        line("bad") < line("soon") && line("soon") < line("never"),
        "{}",
        ran.stderr
    );
}

#[test]
fn a_program_that_is_not_there_is_a_crash_when_its_probe_says_that_it_is() {
    let ran = Workspace::new()
        .row_with("bad", "\"no-such-program-at-all\"", "\"true\"", "")
        .run(&[]);
    ran.assert_verdicts("crash", &[]);
    assert_eq!(
        ran.of("add/0").1,
        "no-such-program-at-all could not be started: there is no such program"
    );
}

#[test]
fn rows_do_not_wait_for_each_other() {
    let workspace = Workspace::new()
        .row("slow", "hang", "timeout_seconds = 2")
        .row("good", "honest", "");
    let ran = workspace.run(&[]);
    let rows = ran.report()["rows"].as_array().unwrap();
    assert!(rows[1]["elapsed_ms"].as_u64().unwrap() < rows[0]["elapsed_ms"].as_u64().unwrap());
    assert_eq!(ran.report()["differences"].as_array().unwrap().len(), 0);
    assert!(
        ran.stdout.contains("15 right, 0 known gaps, 1 red (1 timeout)"),
        "{}",
        ran.stdout
    );
}

#[test]
fn hosts_that_answer_differently_are_set_side_by_side() {
    let ran = Workspace::new()
        .row("bad", "wrong-answer", "")
        .row("good", "honest", "")
        .run(&[]);
    let differences = ran.report()["differences"].as_array().unwrap();
    assert_eq!(differences.len(), 1);
    assert_eq!(differences[0]["case"], "add/3");
    assert_eq!(differences[0]["answers"].as_array().unwrap().len(), 2);
}

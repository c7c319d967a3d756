//! Known gaps: grey as recorded, and red in each of the four ways.

use crate::workspace::{Ran, Workspace, assert_has, gap};

fn run_with_gap(mode: &str, cases: &str, answer: &str, matches: usize) -> Ran {
    let workspace = Workspace::with_bad(mode);
    workspace.gaps(&gap("bad", cases, answer, matches)).run(&[])
}

#[test]
fn what_fails_as_recorded_is_grey() {
    let ran = run_with_gap("wrong-answer", "case = \"add/3\"", "{ ok = { value = -1 } }", 1);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    ran.assert_verdicts("pass", &[("add/3", "known-gap")]);
    assert_eq!(ran.of("add/3").1, "it rounds (https://example.org/1)");
    assert_eq!(ran.report()["known_gaps"][0]["failed_as_recorded"], 1);
    assert_has(&ran.stdout, "7 right, 1 known gap, 0 red");
}

#[test]
fn a_gap_by_flag_and_with_an_unsupported_operation() {
    let answer = "{ unsupported = \"no division here\" }";
    let ran = run_with_gap("claims-more", "flag = \"DivisionByZero\"", answer, 1);
    ran.assert_verdicts("pass", &[("divide/by-zero", "known-gap"), ("divide/7-by-2", "error")]);
}

#[test]
fn a_module_that_the_host_cannot_load_may_be_a_known_gap() {
    let ran = run_with_gap("refuses", "case = \"*\"", "{ refused = true }", 8);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    ran.assert_verdicts("known-gap", &[]);
    let says = "it rounds (https://example.org/1); host bad cannot load this module: no SIMD here";
    assert_eq!(ran.of("add/0").1, says);
}

#[test]
fn one_that_passes_or_whose_answer_has_changed_is_red() {
    for (mode, value, verdict, says) in [
        (
            "honest",
            -1,
            "unexpected-pass",
            "known-gaps.toml says that this fails (it rounds); it passes: remove the gap",
        ),
        ("wrong-answer", -2, "fail", r#"known-gaps.toml has another wrong answer on record: {"ok":{"value":-2}}"#),
    ] {
        let ran = run_with_gap(mode, "case = \"add/3\"", &format!("{{ ok = {{ value = {value} }} }}"), 1);
        assert_eq!(ran.code, Some(1));
        ran.assert_verdicts("pass", &[("add/3", verdict)]);
        assert_eq!(ran.of("add/3").1, says);
    }
}

#[test]
fn one_that_matches_nothing_too_much_or_too_little_is_red() {
    for (mode, cases, matches, verdicts, says) in [
        ("honest", "sub/*", 1, ["pass", "pass"], "no planned case: remove it or correct it"),
        ("wrong-answer", "add/*", 1, ["unexpected-pass", "known-gap"], "6 planned cases, and is on record to match 1"),
        ("wrong-answer", "add/3", 2, ["pass", "known-gap"], "1 planned cases, and is on record to match 2"),
    ] {
        let ran = run_with_gap(mode, &format!("case = {cases:?}"), "{ ok = { value = -1 } }", matches);
        assert_eq!(ran.code, Some(1));
        assert_eq!(["add/2", "add/3"].map(|id| ran.of(id).0), verdicts);
        let says = format!("known gap (row \"bad\", case {cases:?}) matches {says}");
        assert_eq!(ran.report()["reds"][0], says);
        assert_has(&ran.stdout, &says);
    }
}

#[test]
fn a_case_whose_right_answer_is_the_recorded_one_is_judged_as_usual() {
    // 14 is the right answer of add/4, so that this one alone passes as usual; the gap claims that the other five fail.
    let ran = run_with_gap("honest", "case = \"add/*\"\nop = \"add\"", "{ ok = { value = 14 } }", 5);
    assert_eq!(ran.code, Some(1));
    let verdicts = ["add/0", "add/1", "add/2", "add/3", "add/4", "add/5"].map(|id| ran.of(id).0);
    let count = |wanted: &str| verdicts.iter().filter(|verdict| **verdict == wanted).count();
    assert_eq!((count("pass"), count("unexpected-pass")), (1, 5), "{verdicts:?}");
    assert_eq!(ran.report()["reds"], serde_json::json!([]), "{}", ran.stdout);
}

#[test]
fn a_filter_does_not_make_a_gap_match_nothing() {
    let toml = gap("bad", "case = \"add/3\"", "{ ok = { value = -1 } }", 1);
    let ran = Workspace::with_bad("wrong-answer").gaps(&toml).run(&["--suite", "divide"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
}

#[test]
fn an_unsound_entry_is_refused() {
    let ran = Workspace::with_bad("honest").gaps("[[gap]]\nrow = \"bad\"\n").run(&[]);
    assert_eq!(ran.code, Some(2));
    assert!(ran.stderr.starts_with("everyhost: hosts/known-gaps.toml: "), "{}", ran.stderr);
    let ran = Workspace::with_bad("honest").gaps(&gap("good", "case = \"*\"", "{ trap = true }", 1)).run(&[]);
    assert_has(&ran.stderr, r#"row "good", case "*": hosts.toml has no such row"#);
}

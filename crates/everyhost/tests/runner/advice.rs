//! `everyhost gaps`: what it says to write is what makes the next run green.

use std::fs;

use crate::workspace::{Workspace, assert_has, stderr, stdout};

fn gaps(workspace: &Workspace) -> (Option<i32>, String) {
    let output = workspace.everyhost(&["gaps"]);
    let code = output.status.code();
    assert_ne!(code, Some(2), "{}", stderr(&output));
    (code, stdout(&output))
}

/// Does as it says: appends the entries, with a reason and a link.
fn follow(workspace: &Workspace, advice: &str, kept: &str) {
    let entries = advice.lines().skip_while(|line| *line != "[[gap]]").collect::<Vec<_>>().join("\n");
    let entries = entries
        .replace("reason = \"\"", "reason = \"it is so\"")
        .replace("link = \"\"", "link = \"https://example.org/2\"");
    fs::write(workspace.path().join("hosts/known-gaps.toml"), format!("{kept}{entries}\n")).unwrap();
}

fn assert_advice_helps(workspace: &Workspace, advice: &str) {
    follow(workspace, advice, "");
    let ran = workspace.run(&[]);
    assert_eq!(ran.code, Some(0), "{advice}\n{}", ran.stdout);
    let (code, says) = gaps(workspace);
    assert_eq!(code, Some(0), "{says}");
    assert!(says.contains("nothing to add, strike or change"), "{says}");
}

#[test]
fn nothing_is_to_be_done_after_a_green_run() {
    let workspace = Workspace::with_bad("honest");
    let output = workspace.everyhost(&["gaps"]);
    assert_eq!(output.status.code(), Some(2), "there is no report yet");
    assert!(stderr(&output).contains("it is what `everyhost run` leaves"));
    workspace.run(&[]);
    assert_eq!(gaps(&workspace).0, Some(0));
}

#[test]
fn a_single_case_is_named() {
    let workspace = Workspace::with_bad("wrong-answer");
    workspace.run(&[]);
    let (code, says) = gaps(&workspace);
    assert_eq!(code, Some(1));
    let entry = "[[gap]]\nrow = \"bad\"\nop = \"add\"\ncase = \"add/3\"\nanswer = { ok = { value = -1 } }\nmatches = 1\nreason = \"\"\nlink = \"\"\n";
    assert!(says.ends_with(entry), "{says}");
    assert_advice_helps(&workspace, &says);
}

#[test]
fn cases_that_fail_alike_are_one_entry() {
    let workspace = Workspace::with_bad("claims-more");
    workspace.run(&[]);
    let (_, says) = gaps(&workspace);
    assert_eq!(says.matches("[[gap]]").count(), 1, "{says}");
    assert_has(&says, "case = \"divide/*\"\nanswer = { unsupported = \"no division here\" }\nmatches = 2\n");
    assert_advice_helps(&workspace, &says);
}

#[test]
fn a_flag_says_why_and_is_preferred() {
    let workspace = Workspace::with_bad("claims-more");
    workspace.run(&["--case", "divide/by-zero"]);
    let (_, says) = gaps(&workspace);
    assert_has(&says, "flag = \"DivisionByZero\"");
    assert_has(&says, "matches = 1\n");
}

#[test]
fn a_module_that_cannot_be_loaded_is_one_entry() {
    let workspace = Workspace::with_bad("refuses");
    workspace.run(&[]);
    let (_, says) = gaps(&workspace);
    assert_has(&says, "case = \"*\"\nanswer = { refused = true }\nmatches = 8\n");
    assert_advice_helps(&workspace, &says);
}

const GAP: &str = "[[gap]]\nrow = \"bad\"\ncase = \"add/3\"\nanswer = { ok = { value = -1 } }\nmatches = 1\nreason = \"it rounds\"\nlink = \"https://example.org/1\"\n";

#[test]
fn what_passes_and_what_matches_nothing_is_struck() {
    let workspace = Workspace::with_bad("honest").gaps(&format!("{GAP}{}", GAP.replace("add/3", "sub/*")));
    workspace.run(&[]);
    let (code, says) = gaps(&workspace);
    assert_eq!(code, Some(1));
    assert_has(&says, r#"# Strike: row "bad", case "add/3": 1 of its cases ran, and all passed"#);
    assert_has(&says, r#"# Strike: row "bad", case "sub/*": it matches no planned case"#);
    assert!(!says.contains("[[gap]]"), "{says}");
}

#[test]
fn a_count_that_differs_is_to_be_changed() {
    let workspace = Workspace::with_bad("wrong-answer").gaps(&GAP.replace("matches = 1", "matches = 2"));
    workspace.run(&[]);
    let (_, says) = gaps(&workspace);
    assert_has(&says, r#"# Change: row "bad", case "add/3": matches = 1 (it says 2)"#);
}

#[test]
fn an_entry_that_is_too_wide_or_out_of_date_is_replaced_with_its_reason() {
    for gap in [GAP.replace("add/3", "add/*").replace("matches = 1", "matches = 6"), GAP.replace("-1", "-2")] {
        let workspace = Workspace::with_bad("wrong-answer").gaps(&gap);
        workspace.run(&[]);
        let (_, says) = gaps(&workspace);
        assert!(says.contains("what is below replaces it"), "{says}");
        assert!(says.contains("case = \"add/3\"\nanswer = { ok = { value = -1 } }\nmatches = 1\nreason = \"it rounds\"\nlink = \"https://example.org/1\"\n"), "{says}");
        assert_advice_helps(&workspace, &says);
    }
}

#[test]
fn a_crash_is_no_gap() {
    let workspace = Workspace::with_bad("crash");
    workspace.run(&[]);
    let (code, says) = gaps(&workspace);
    assert_eq!(code, Some(1));
    assert_has(&says, "# Beyond it: row \"bad\": 1 cases have the verdict crash and no answer");
    assert!(!says.contains("[[gap]]"), "{says}");
}

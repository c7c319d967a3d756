//! A badge says what its report says, and any parser of XML reads it.

use std::fs;
use std::path::Path;

use crate::workspace::{Workspace, assert_code, assert_has, gap, stderr, stdout};

/// The words of its parts, and what a screen reader says.
fn read(svg: &Path) -> (Vec<String>, String) {
    let script = "import sys, xml.etree.ElementTree as xml
root = xml.parse(sys.argv[1]).getroot()
assert root.get('role') == 'img' and root.get('aria-label') == root.find('{*}title').text
print(root.get('aria-label'))
for text in root.iter('{http://www.w3.org/2000/svg}text'): print(text.text)";
    let output = std::process::Command::new("python3").args(["-c", script]).arg(svg).output().unwrap();
    assert!(output.status.success(), "{}", stderr(&output));
    let mut lines = stdout(&output).lines().map(str::to_owned).collect::<Vec<_>>().into_iter();
    let said = lines.next().unwrap();
    (lines.collect(), said)
}

fn badge(workspace: &Workspace, args: &[&str]) -> (Vec<String>, String) {
    let svg = workspace.path().join("badges/badge.svg");
    let mut command = workspace.command();
    let output = command.arg("badge").arg(workspace.report_dir()).args(args).arg("-o").arg(&svg).output().unwrap();
    assert_code(&output, 0);
    read(&svg)
}

#[test]
fn it_says_what_is_right_known_and_red_and_what_did_not_run() {
    let workspace = Workspace::with_bad("honest");
    workspace.run(&[]);
    let (parts, said) = badge(&workspace, &[]);
    assert_eq!(parts, ["everyhost", "8 right on 1 host"]);
    assert_has(&said, "everyhost: Green: 8 right, 0 known gaps, 0 red (");

    let gap = gap("bad", "case = \"add/3\"", "{ ok = { value = -1 } }", 1);
    let workspace = Workspace::with_bad("wrong-answer").gaps(&gap);
    workspace.run(&[]);
    assert_eq!(badge(&workspace, &["--label", "mine"]).0, ["mine", "7 right on 1 host", "1 known gap"]);

    let workspace = Workspace::with_bad("wrong-answer").row_away("away");
    workspace.run(&["--shard", "1/1"]);
    let (parts, said) = badge(&workspace, &[]);
    assert_eq!(parts, ["everyhost", "1 red", "7 right on 1 host", "1 not installed", "shard 1/1"]);
    assert_has(&said, "Red: 7 right, 0 known gaps, 1 red (1 fail); 8 not run: away is not installed");

    let workspace = Workspace::new().row_away("away");
    workspace.run(&[]);
    assert_eq!(badge(&workspace, &[]).0, ["everyhost", "nothing ran"]);
}

#[test]
fn a_label_is_data_and_stdout_gets_the_same() {
    let workspace = Workspace::with_bad("honest");
    workspace.run(&[]);
    let label = "</title><script>alert(1)</script>\u{1b}\u{202e}\"&'";
    let (parts, said) = badge(&workspace, &["--label", label]);
    assert_eq!(parts[0], "</title><script>alert(1)</script>\\u{1b}…");
    assert_has(&said, "<script>");
    let file = fs::read_to_string(workspace.path().join("badges/badge.svg")).unwrap();
    assert!(!file.contains("<script>"), "{file}");
    let mut command = workspace.command();
    let output = command.arg("badge").arg(workspace.report_dir()).args(["--label", label]).output().unwrap();
    assert_eq!(stdout(&output), file);
}

#[test]
fn of_no_report_none_is_made() {
    let workspace = Workspace::with_bad("honest");
    let output = workspace.everyhost(&["badge", "nowhere", "-o", "badge.svg"]);
    assert_code(&output, 2);
    assert_has(stderr(&output), "nowhere cannot be read: No such file");
}

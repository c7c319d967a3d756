//! Text of adapters, modules and vectors is data wherever it is shown: on a terminal, in a CI log, in XML, on the page.

use std::fs;
use std::process::Output;

use everyhost::visible::visible;

use crate::workspace::{Workspace, adds, stderr, stdout};

const MODES: [&str; 6] =
    ["hostile-refuses", "hostile-error", "hostile-unsupported", "hostile-crash", "hostile-line", "hostile-trap"];

/// What may be printed: text, newlines, and on a terminal our own colours.
fn assert_inert(what: &str, text: &str, colours: bool) {
    let mut text = text.to_string();
    if colours {
        for ours in ["\u{1b}[1m", "\u{1b}[2m", "\u{1b}[0m", "\u{1b}[31m", "\u{1b}[32m", "\u{1b}[33m"] {
            text = text.replace(ours, "");
        }
        text = text.replace('\r', "");
    }
    for line in text.lines() {
        assert_eq!(visible(line), line, "{what}: not all of it can be seen");
        let start = line.trim_start();
        assert!(!start.starts_with("::") && !line.contains("##["), "{what}: a command: {line:?}");
    }
}

fn assert_output_is_inert(what: &str, output: &Output) {
    assert_inert(what, &stdout(output), false);
    assert_inert(what, &stderr(output), false);
}

fn assert_report_is_inert(what: &str, workspace: &Workspace) {
    let dir = workspace.report_dir();
    for name in ["junit.xml", "index.html"] {
        let text = fs::read_to_string(dir.join(name)).unwrap();
        let hidden = text.lines().find(|line| visible(line) != *line);
        assert_eq!(hidden, None, "{what}: {name} has what cannot be seen");
    }
    // Any parser of XML says whether it is well-formed.
    let script = "import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.argv[1])";
    let parsed =
        std::process::Command::new("python3").args(["-c", script]).arg(dir.join("junit.xml")).output().unwrap();
    assert!(parsed.status.success(), "{what}: {}", String::from_utf8_lossy(&parsed.stderr));
}

#[test]
fn what_adapters_say_is_data() {
    for mode in MODES {
        let workspace = Workspace::with_bad(mode);
        let output = workspace.everyhost(&["run"]);
        assert_output_is_inert(mode, &output);
        workspace.ran(&output);
        assert_report_is_inert(mode, &workspace);
        for command in [vec!["gaps"], vec!["mutants", "--reference", "bad"]] {
            let output = workspace.command().args(&command).output().unwrap();
            assert_output_is_inert(&format!("{mode}, {}", command[0]), &output);
        }
        let adapter = env!("CARGO_BIN_EXE_bad-adapter");
        let smoke = workspace.everyhost(&["smoke", "--", adapter, mode]);
        assert_output_is_inert(&format!("{mode}, smoke"), &smoke);
    }
}

#[test]
fn on_a_terminal_too() {
    for mode in ["hostile-unsupported", "hostile-crash"] {
        let workspace = Workspace::with_bad(mode);
        let run = format!("{} --root {} run 2>/dev/null", env!("CARGO_BIN_EXE_everyhost"), workspace.path().display());
        // util-linux' script gives it a terminal.
        let output = std::process::Command::new("script")
            .args(["-qec", &run, "/dev/null"])
            .env_remove("CI")
            .env_remove("NO_COLOR")
            .env("TERM", "xterm")
            .output()
            .unwrap();
        let text = stdout(&output);
        assert!(text.contains("\u{1b}[31m"), "there are no colours, so this was no terminal: {text}");
        assert_inert(mode, &text, true);
    }
}

#[test]
fn what_vectors_and_modules_say_is_data() {
    let hostile = "\u{1b}[2J\n::error::x\n##[error]x\u{202e}\u{fffe}\u{ffff}";
    let workspace = Workspace::with_bad("wrong-answer");
    let mut cases = adds(4);
    cases[3]["comment"] = hostile.into();
    workspace.write_suite("add", &cases);
    let output = workspace.everyhost(&["run"]);
    assert_output_is_inert("a comment", &output);
    workspace.ran(&output);
    assert_report_is_inert("a comment", &workspace);

    cases[3]["id"] = hostile.into();
    workspace.write_suite("add", &cases);
    let output = workspace.everyhost(&["run"]);
    assert_output_is_inert("an id", &output);

    let file = workspace.path().join("a\n::error::b.wasm");
    let wat = format!("(module (import {hostile:?} \"f\" (func)))");
    let wat = wat.replace("\\u{1b}", "\\1b");
    fs::write(&file, wat::parse_str(&wat).unwrap()).unwrap();
    let output = workspace
        .command()
        .arg("run")
        .arg("--module")
        .arg(&file)
        .arg("--vectors")
        .arg(workspace.path().join("vectors"))
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_output_is_inert("an import and a file's name", &output);
    for line in stderr(&output).lines() {
        assert!(line.starts_with("everyhost: ") || line.starts_with("  | "), "{line}");
    }
}

#[test]
fn long_words_are_cut_and_say_so() {
    let workspace = Workspace::with_bad("long-words");
    let ran = workspace.run(&[]);
    assert_eq!(ran.of("add/3").0, "error");
    assert!(ran.of("add/3").1.contains("cut here: "), "it was kept whole");
    let json = fs::metadata(workspace.report_dir().join("report.json")).unwrap();
    assert!(json.len() < 100_000, "{} bytes", json.len());
}

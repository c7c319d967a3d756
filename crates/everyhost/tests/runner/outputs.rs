//! Every command with a stdout that is closed, or full.

use std::ffi::OsStr;
use std::fs::File;
use std::process::{Command, Stdio};

use crate::workspace::{Workspace, assert_code, stderr};

/// What prints something, whatever it ends with.
fn commands(workspace: &Workspace) -> Vec<Vec<String>> {
    let adapter = env!("CARGO_BIN_EXE_bad-adapter");
    let path = |name: &str| workspace.path().join(name).display().to_string();
    let merge = ["merge", &path("target/report"), "--report", &path("merged")];
    [
        &["run"][..],
        &["gaps"],
        &["list"],
        &["list", "--rows-json"],
        &merge,
        &["mutants", "--reference", "bad"],
        &["smoke", "--", adapter, "honest"],
        &["--help"],
        &["run", "--help"],
        &["--version"],
    ]
    .map(|words| words.iter().map(ToString::to_string).collect())
    .to_vec()
}

fn command(workspace: &Workspace, words: &[impl AsRef<OsStr>]) -> Command {
    let mut command = workspace.command();
    command.args(words).stderr(Stdio::piped());
    command
}

#[test]
fn a_reader_that_has_heard_enough_is_no_error() {
    let workspace = Workspace::with_bad("honest");
    workspace.run(&[]);
    for words in commands(&workspace) {
        let whole = command(&workspace, &words).stdout(Stdio::piped()).output().unwrap();
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = command(&workspace, &words).stdout(writer).output().unwrap();
        assert_eq!(output.status.code(), whole.status.code(), "{words:?}");
        let stderr = stderr(&output);
        assert!(!stderr.contains("panicked") && !stderr.contains("Broken pipe"), "{words:?}: {stderr}");
    }
}

#[test]
fn a_full_disk_under_stdout_is_told() {
    let workspace = Workspace::with_bad("honest");
    workspace.run(&[]);
    for words in commands(&workspace) {
        let full = File::options().write(true).open("/dev/full").unwrap();
        let output = command(&workspace, &words).stdout(full).output().unwrap();
        let stderr = stderr(&output);
        assert_eq!(output.status.code(), Some(2), "{words:?}: {stderr}");
        assert!(stderr.contains("everyhost: cannot write to stdout: No space left on device"), "{words:?}: {stderr}");
        assert!(!stderr.contains("panicked"), "{words:?}: {stderr}");
    }
}

#[test]
fn without_an_environment() {
    let workspace = Workspace::with_bad("honest");
    let output = Command::new(env!("CARGO_BIN_EXE_everyhost"))
        .arg("--root")
        .arg(workspace.path())
        .arg("run")
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("LANG", "C")
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert_code(&output, 0);
}

/// util-linux' script gives it a terminal.
#[test]
fn on_a_narrow_terminal_each_row_is_a_line() {
    let workspace = Workspace::with_bad("honest");
    let at = |columns: usize| {
        let run = format!(
            "stty rows 24 cols {columns}; {} --root {} run 2>/dev/null",
            env!("CARGO_BIN_EXE_everyhost"),
            workspace.path().display()
        );
        let mut command = Command::new("script");
        command.args(["-qec", &run, "/dev/null"]);
        command.env_remove("CI").env("NO_COLOR", "1").env("TERM", "xterm");
        String::from_utf8_lossy(&command.output().unwrap().stdout).into_owned()
    };
    assert!(at(80).contains("     add-raw\r\nbad        8\r\n"), "{}", at(80));
    assert!(at(10).contains("bad        8  ✓ 1 module\r\n"), "{}", at(10));
}

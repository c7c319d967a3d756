//! A report changes as a whole, one run at a time.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::process::Stdio;
use std::thread::sleep;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::workspace::{Workspace, assert_has, stderr};

fn files(workspace: &Workspace) -> Vec<String> {
    let entries = fs::read_dir(workspace.report_dir()).unwrap();
    let mut files: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    files.sort();
    files
}

const WHOLE: [&str; 3] = ["index.html", "junit.xml", "report.json"];

#[test]
fn a_second_run_at_once_is_refused() {
    let workspace = Workspace::new().row("bad", "hang", "timeout_seconds = 20");
    let mut first = workspace
        .command()
        .args(["run", "--shuffle", "1"])
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // It says the seed when the folder is its own.
    let mut stderr = BufReader::new(first.stderr.take().unwrap());
    let mut says = String::new();
    stderr.read_line(&mut says).unwrap();
    assert!(says.contains("--shuffle 1 repeats it"), "{says}");
    let second = workspace.everyhost(&["run", "--case", "add/1"]);
    assert_eq!(second.status.code(), Some(2));
    let refused = String::from_utf8_lossy(&second.stderr).into_owned();
    assert_has(&refused, "another run is writing its report to ");
    kill(Pid::from_raw(first.id().cast_signed()), Signal::SIGINT).unwrap();
    stderr.read_to_string(&mut says).unwrap();
    first.wait().unwrap();
    assert_has(&says, "interrupted; every adapter was ended; no report was written");
    let again = workspace.run(&["--case", "add/1"]);
    assert_eq!(again.code, Some(0), "{}", again.stderr);
    assert_eq!(files(&workspace), WHOLE);
}

#[test]
fn a_disk_that_fills_up_leaves_the_old_report_whole() {
    let workspace = Workspace::with_bad("honest");
    workspace.run(&["--case", "add/1"]);
    let old = WHOLE.map(|name| fs::read(workspace.report_dir().join(name)).unwrap());
    // A limit on the size of files acts as a full disk. It lets report.json through, and not the page.
    let tool = env!("CARGO_BIN_EXE_everyhost");
    let script = format!("trap '' XFSZ; ulimit -f 16; exec {tool} --root {} run", workspace.path().display());
    let output = std::process::Command::new("bash").args(["-c", &script]).env_remove("CI").output().unwrap();
    let stderr = stderr(&output);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert_has(&stderr, "cannot write the report's index.html in");
    assert_eq!(WHOLE.map(|name| fs::read(workspace.report_dir().join(name)).unwrap()), old);
    assert_eq!(files(&workspace), WHOLE);
}

#[test]
fn an_interruption_says_which_report_is_there() {
    let workspace = Workspace::new().row("bad", "hang", "");
    workspace.run(&["--case", "add/1"]);
    let old = fs::read(workspace.report_dir().join("report.json")).unwrap();
    let run = workspace.command().arg("run").stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
    sleep(Duration::from_secs(1));
    kill(Pid::from_raw(run.id().cast_signed()), Signal::SIGTERM).unwrap();
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let says = stderr(&output);
    assert_has(&says, "no report was written: the one in ");
    assert_has(&says, "is an earlier run's");
    assert_eq!(fs::read(workspace.report_dir().join("report.json")).unwrap(), old);
    assert_eq!(files(&workspace), WHOLE);
}

#[test]
fn what_was_begun_is_finished() {
    let workspace = Workspace::with_bad("honest");
    workspace.run(&[]);
    // As a tool leaves it that was killed between two of the three files.
    let ready = workspace.report_dir().join(".everyhost-ready");
    fs::create_dir(&ready).unwrap();
    for name in ["junit.xml", "index.html"] {
        fs::rename(workspace.report_dir().join(name), ready.join(name)).unwrap();
    }
    let output = workspace.everyhost(&["gaps"]);
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(files(&workspace), WHOLE);
}

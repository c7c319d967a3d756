//! Interrupted: no adapter, and no child of one, outlives the run.

use std::fs;
use std::path::Path;
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::workspace::Workspace;

#[test]
fn ctrl_c_ends_the_adapters_and_their_children() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let (workspace, pids) = hanging();
        let mut run = workspace.command().arg("run").stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
        let started = wait_for(|| read_pids(&pids));
        kill(Pid::from_raw(run.id().cast_signed()), signal).unwrap();
        assert_eq!(run.wait().unwrap().code(), Some(130));
        for pid in started {
            wait_for(|| (!is_running(pid)).then_some(()));
        }
        assert!(!workspace.report_dir().join("report.json").exists(), "an interrupted run has no report");
    }
}

#[test]
fn a_hanging_adapter_is_killed_with_its_children() {
    let (workspace, pids) = hanging();
    let ran = workspace.run(&["--timeout", "1"]);
    assert_eq!(ran.of("add/3").0, "timeout");
    for pid in read_pids(&pids).unwrap() {
        wait_for(|| (!is_running(pid)).then_some(()));
    }
}

#[test]
fn nothing_is_left_of_a_tool_that_was_killed() {
    let workspace = Workspace::new();
    let pids = workspace.path().join("pids");
    let mode = format!("leaves-children {} hang", pids.display());
    let workspace = workspace.row("bad", &mode, "");
    let mut run = workspace.command().arg("run").stderr(Stdio::null()).stdout(Stdio::null()).spawn().unwrap();
    wait_for(|| pids.with_extension("ready").exists().then_some(()));
    let started = children(&pids);
    assert_eq!(started.len(), 2);
    run.kill().unwrap();
    run.wait().unwrap();
    let until = Instant::now() + Duration::from_secs(5);
    while started.iter().any(|pid| is_running(*pid)) {
        assert!(Instant::now() < until, "something runs five seconds later");
        sleep(Duration::from_millis(20));
    }
}

#[test]
fn what_an_adapter_leaves_behind_ends_with_the_run() {
    let workspace = Workspace::new();
    let pids = workspace.path().join("pids");
    let mode = format!("leaves-children {}", pids.display());
    let workspace = workspace.row("bad", &mode, "");
    let ran = workspace.run(&[]);
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    let left = children(&pids);
    assert_eq!(left.len(), 2);
    assert!(!left.iter().any(|pid| is_running(*pid)), "the run has ended, and they go on");
}

#[test]
fn a_child_that_keeps_stdout_does_not_keep_the_run() {
    for mode in ["child-talks", "becomes-yes"] {
        let start = Instant::now();
        let ran = Workspace::with_bad(mode).run(&[]);
        assert!(start.elapsed() < Duration::from_secs(30), "{mode}");
        assert_eq!(ran.report()["executed"], 8, "{mode}");
    }
}

#[test]
fn an_adapter_that_takes_too_much_memory_is_ended_and_the_run_goes_on() {
    let ran = Workspace::with_bad("takes-memory").run(&["--max-memory", "100"]);
    assert_eq!(ran.code, Some(1));
    ran.assert_verdicts("pass", &[("add/3", "error")]);
    let says = "took more than 100 MiB of memory, with what it had started, and was ended (--max-memory)";
    assert_eq!(ran.of("add/3").1, says);
}

/// The process ids that the children of an adapter wrote.
fn children(path: &Path) -> Vec<i32> {
    let text = fs::read_to_string(path).unwrap();
    text.lines().filter_map(|pid| pid.parse().ok()).collect()
}

/// A workspace whose adapter starts a child and hangs, and the file in which it writes both process ids.
fn hanging() -> (Workspace, std::path::PathBuf) {
    let workspace = Workspace::new();
    let pids = workspace.path().join("pids");
    let mode = format!("hang-with-child {}", pids.display());
    (workspace.row("bad", &mode, ""), pids)
}

fn read_pids(path: &Path) -> Option<[i32; 2]> {
    let text = fs::read_to_string(path).ok()?;
    let pids: Vec<i32> = text.split(' ').map_while(|pid| pid.parse().ok()).collect();
    pids.try_into().ok()
}

/// A process that has ended but whom nobody has waited for yet is not running.
fn is_running(pid: i32) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
    stat.rsplit(')').next().is_some_and(|rest| !rest.trim().is_empty() && !rest.trim_start().starts_with('Z'))
}

fn wait_for<T>(what: impl Fn() -> Option<T>) -> T {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        if let Some(found) = what() {
            return found;
        }
        assert!(Instant::now() < until, "waited in vain");
        sleep(Duration::from_millis(20));
    }
}

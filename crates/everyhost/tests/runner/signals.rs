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
        let mut run = workspace
            .command()
            .arg("run")
            .stderr(Stdio::null())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let started = wait_for(|| read_pids(&pids));
        kill(Pid::from_raw(run.id().cast_signed()), signal).unwrap();
        assert_eq!(run.wait().unwrap().code(), Some(130));
        for pid in started {
            wait_for(|| (!is_running(pid)).then_some(()));
        }
        assert!(
            !workspace.report_dir().join("report.json").exists(),
            "an interrupted run has no report"
        );
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
    stat.rsplit(')')
        .next()
        .is_some_and(|rest| !rest.trim().is_empty() && !rest.trim_start().starts_with('Z'))
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

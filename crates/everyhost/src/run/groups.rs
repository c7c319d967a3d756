//! The process groups that this run has started, so that none outlives it: a browser has children of its own.

use std::collections::BTreeSet;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command};
use std::sync::Mutex;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

static LIVE: Mutex<Live> = Mutex::new(Live {
    groups: BTreeSet::new(),
    ending: false,
});

struct Live {
    groups: BTreeSet<i32>,
    ending: bool,
}

/// A process group that this run has started.
#[derive(Debug)]
pub(super) struct Group(i32);

impl Group {
    /// Kills every process of the group that is still there, and forgets the group.
    pub(super) fn kill(&self) {
        // Whoever has ended already is what was wanted.
        let _ = killpg(Pid::from_raw(self.0), Signal::SIGKILL);
        lock().groups.remove(&self.0);
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Starts a program in a process group of its own.
pub(super) fn spawn(command: &mut Command) -> io::Result<(Child, Group)> {
    // Held while it starts: an interruption must find the group listed, or keep it from starting.
    let mut live = lock();
    if live.ending {
        return Err(io::Error::other("this run was interrupted"));
    }
    let child = command.process_group(0).spawn()?;
    let id = child.id().cast_signed();
    live.groups.insert(id);
    Ok((child, Group(id)))
}

/// On Ctrl-C, a hang-up or a request to end: ends every adapter too. They are asked first, because a browser then
/// removes its profile, and killed a moment later.
///
/// # Errors
///
/// Where the handler cannot be installed.
pub fn end_with_us() -> Result<()> {
    ctrlc::set_handler(|| {
        let mut live = lock();
        live.ending = true;
        for signal in [Signal::SIGTERM, Signal::SIGKILL] {
            for group in &live.groups {
                let _ = killpg(Pid::from_raw(*group), signal);
            }
            if signal == Signal::SIGTERM && !live.groups.is_empty() {
                std::thread::sleep(Duration::from_millis(700));
            }
        }
        eprintln!("\neveryhost: interrupted; every adapter was ended, no report was written");
        std::process::exit(130);
    })
    .context("cannot handle Ctrl-C")
}

fn lock() -> std::sync::MutexGuard<'static, Live> {
    LIVE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

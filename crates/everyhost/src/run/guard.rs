//! A process between the tool and an adapter. It owns the adapter and everything that the adapter starts, in whatever
//! session, and ends all of it: when the adapter has ended, when the tool says so, when the tool is gone (killed, too),
//! and when it takes more memory than it may.
//!
//! The tool starts this program again under the name [`GUARD`], with a socket as stdin. From there come single
//! bytes; there goes one line about each event. The adapter gets stdout and stderr of this process.

#![allow(unsafe_code)] // what runs between fork and exec

use std::collections::{BTreeMap, BTreeSet};
use std::env;
use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio, exit};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, sleep};
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::prctl;
use nix::sys::signal::{Signal, kill, killpg};
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::{Pid, getpid};
use serde::{Deserialize, Serialize};

/// The name under which this program is a guard.
pub(super) const GUARD: &str = "everyhost-guard";

/// What a guard is sent to have its adapter asked to end.
pub(super) const ASK_TO_END: u8 = b't';

/// How long what has left the adapter's process group may take to end by itself: a browser's keeper removes its profile.
const CLEAN_UP: Duration = Duration::from_secs(2);

/// How long killing is tried.
const KILLING: Duration = Duration::from_secs(2);

/// How often the memory is looked at, and how often for new processes.
const LOOK: Duration = Duration::from_millis(100);
const LOOKS_A_LIST: u32 = 10;

/// Whether this program, started again under the name [`GUARD`], is a guard.
static CAN_BE_A_GUARD: AtomicBool = AtomicBool::new(false);

/// What a guard tells, one line of JSON each.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Event {
    Started,
    /// It could not be: the system's number of the error.
    Failed(i32),
    TooMuchMemory,
    Code(i32),
    Signal(i32),
}

/// Becomes a guard if this program was started as one. The first thing that each command line does.
pub(crate) fn become_one_if_asked() {
    if env::args_os().next().is_some_and(|name| name == GUARD) {
        main();
    }
    CAN_BE_A_GUARD.store(true, Ordering::Relaxed);
}

/// The program to start: this very one, even if its file was replaced meanwhile. A test is no command line; the tool is
/// built beside it.
pub(super) fn program() -> PathBuf {
    if CAN_BE_A_GUARD.load(Ordering::Relaxed) {
        return "/proc/self/exe".into();
    }
    let test = env::current_exe().unwrap_or_default();
    test.ancestors().nth(2).unwrap_or(&test).join("everyhost")
}

/// Starts what the command line says, and keeps it.
fn main() -> ! {
    let control = io::stdin().as_fd().try_clone_to_owned().map(UnixStream::from);
    let Ok(control) = control else { exit(2) };
    match start() {
        Ok((adapter, most_memory)) => keep(&adapter, &control, most_memory),
        Err(error) => tell(&control, &Event::Failed(error.raw_os_error().unwrap_or_default())),
    }
    exit(0)
}

/// The arguments: the file that is the adapter's stdin, the bytes of memory that it may take (0 for any number), the
/// program and its arguments.
fn start() -> io::Result<(Child, u64)> {
    let mut arguments = env::args_os().skip(1);
    let mut next = || arguments.next().ok_or_else(|| io::Error::from(Errno::EINVAL));
    let (stdin, most_memory, program) = (next()?, next()?, next()?);
    let most_memory = most_memory.to_str().and_then(|text| text.parse().ok()).unwrap_or_default();
    prctl::set_child_subreaper(true)?;
    let mut command = Command::new(program);
    command.args(arguments.collect::<Vec<OsString>>()).stdin(Stdio::from(File::open(stdin)?)).process_group(0);
    let guard = getpid();
    // SAFETY: prctl and getppid are system calls without side effects on memory, which a child may do after fork.
    unsafe {
        command.pre_exec(move || {
            // Should this process be killed, the adapter goes too.
            prctl::set_pdeathsig(Signal::SIGKILL)?;
            if nix::unistd::getppid() == guard { Ok(()) } else { Err(io::Error::from(Errno::EINVAL)) }
        });
    }
    Ok((command.spawn()?, most_memory))
}

/// Waits for the adapter's end. The thread that started it stays: the system ends the adapter with that thread.
fn keep(adapter: &Child, control: &UnixStream, most_memory: u64) {
    let adapter = Pid::from_raw(adapter.id().cast_signed());
    tell(control, &Event::Started);
    thread::scope(|scope| {
        scope.spawn(|| obey(control, adapter));
        if most_memory > 0 {
            scope.spawn(|| measure(control, adapter, most_memory));
        }
        loop {
            // Whatever has lost its parent is a child of this process, and is waited for here too.
            let event = match waitpid(None, None) {
                Ok(WaitStatus::Exited(pid, code)) if pid == adapter => Event::Code(code),
                Ok(WaitStatus::Signaled(pid, signal, _)) if pid == adapter => Event::Signal(signal as i32),
                Err(Errno::ECHILD) => Event::Code(0),
                _ => continue,
            };
            tell(control, &event);
            end_all(adapter);
        }
    });
}

/// Does what the tool says. When its end of the socket is closed, all is over.
fn obey(mut control: &UnixStream, adapter: Pid) {
    let mut byte = [0];
    while let Ok(1) = control.read(&mut byte) {
        if byte[0] == ASK_TO_END {
            let _ = killpg(adapter, Signal::SIGTERM);
        }
    }
    end_all(adapter);
}

/// Ends everything when it has taken too much memory together.
fn measure(control: &UnixStream, adapter: Pid, most: u64) {
    let mut all = vec![adapter];
    for look in 1_u32.. {
        sleep(LOOK);
        if look % LOOKS_A_LIST == 0 {
            all = descendants().into_iter().collect();
        }
        if all.iter().map(|pid| memory_of(*pid)).sum::<u64>() > most {
            tell(control, &Event::TooMuchMemory);
            end_all(adapter);
        }
    }
}

/// Kills the adapter's group at once, the rest a little later, and ends this process.
fn end_all(adapter: Pid) -> ! {
    static ENDING: Mutex<()> = Mutex::new(());
    let _only_once = ENDING.lock();
    let start = Instant::now();
    let _ = killpg(adapter, Signal::SIGKILL);
    while start.elapsed() < CLEAN_UP + KILLING {
        while let Ok(WaitStatus::Exited(..) | WaitStatus::Signaled(..)) = waitpid(None, Some(WaitPidFlag::WNOHANG)) {}
        let left = descendants();
        if left.is_empty() {
            break;
        }
        if start.elapsed() >= CLEAN_UP {
            left.into_iter().for_each(|pid| {
                let _ = kill(pid, Signal::SIGKILL);
            });
        }
        sleep(Duration::from_millis(10));
    }
    exit(0)
}

fn tell(mut control: &UnixStream, event: &Event) {
    let line = serde_json::to_string(event).unwrap_or_default();
    let _ = writeln!(control, "{line}");
}

/// All processes below this one that have not ended.
fn descendants() -> BTreeSet<Pid> {
    let mut children: BTreeMap<i32, Vec<i32>> = BTreeMap::new();
    for entry in fs::read_dir("/proc").into_iter().flatten().flatten() {
        let pid = entry.file_name().to_str().and_then(|name| name.parse::<i32>().ok());
        if let Some((pid, parent)) = pid.and_then(|pid| Some((pid, parent_of(pid)?))) {
            children.entry(parent).or_default().push(pid);
        }
    }
    let mut found = BTreeSet::new();
    let mut to_see = vec![getpid().as_raw()];
    while let Some(parent) = to_see.pop() {
        for child in children.remove(&parent).into_iter().flatten() {
            found.insert(Pid::from_raw(child));
            to_see.push(child);
        }
    }
    found
}

/// The parent of a process that has not ended.
fn parent_of(pid: i32) -> Option<i32> {
    let stat = fs::read(format!("/proc/{pid}/stat")).ok()?;
    // Its name may have anything in it, blanks and brackets too.
    let after_name = stat.iter().rposition(|byte| *byte == b')')? + 1;
    let rest = String::from_utf8_lossy(&stat[after_name..]).into_owned();
    let mut words = rest.split_ascii_whitespace();
    let (state, parent) = (words.next()?, words.next()?);
    (state != "Z").then(|| parent.parse().ok())?
}

/// What a process holds in memory, in bytes, without the files that it only maps.
fn memory_of(pid: Pid) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let kib = |name: &str| -> u64 {
        let line = status.lines().find_map(|line| line.strip_prefix(name));
        let number = line.and_then(|line| line.split_ascii_whitespace().next());
        number.and_then(|number| number.parse().ok()).unwrap_or_default()
    };
    (kib("RssAnon:") + kib("RssShmem:")) << 10
}

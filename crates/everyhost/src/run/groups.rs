//! The adapters that this run has started, each with the guard that ends it and all that it has started, so that nothing
//! outlives the run, however that ends.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fmt;
use std::io::{self, BufRead, BufReader, ErrorKind, PipeWriter, Write};
use std::os::fd::AsRawFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStderr, ChildStdout, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::sleep;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use nix::errno::Errno;
use nix::sys::signal::Signal;
use nix::sys::wait::{WaitPidFlag, WaitStatus, waitpid};
use nix::unistd::Pid;

use super::guard::{self, ASK_TO_END, Event, GUARD};
use crate::{out, place};

const GUARD_LIMIT: Duration = Duration::from_secs(6);

/// How long after an interruption adapters may take to end by themselves: a browser then removes its profile.
const POLITE: Duration = Duration::from_millis(700);

static LIVE: Mutex<Live> = Mutex::new(Live { guards: BTreeMap::new(), ending: false });

static MOST_MEMORY: AtomicU64 = AtomicU64::new(0);

struct Live {
    guards: BTreeMap<u32, UnixStream>,
    ending: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    Code(i32),
    /// By a signal.
    Signal(i32),
    /// By its guard, because it took more than so many bytes of memory.
    TooMuchMemory(u64),
    /// Nobody knows: its guard was killed.
    Unknown,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Code(code) => write!(f, "ended with exit code {code}"),
            Self::Signal(number) => match Signal::try_from(number) {
                Ok(signal) => write!(f, "was ended by signal {signal}"),
                Err(_) => write!(f, "was ended by signal {number}"),
            },
            Self::TooMuchMemory(most) => write!(
                f,
                "took more than {} MiB of memory, with what it had started, and was ended (--max-memory)",
                most >> 20
            ),
            Self::Unknown => f.write_str("ended"),
        }
    }
}

/// An adapter and its guard. Ends with this value.
#[derive(Debug)]
pub(super) struct Guarded {
    guard: Child,
    control: BufReader<UnixStream>,
    line: Vec<u8>,
    most_memory: u64,
    ended: Option<Ended>,
}

/// What was started, and its pipes.
pub(super) struct Started {
    pub(super) guarded: Guarded,
    pub(super) stdin: Option<PipeWriter>,
    pub(super) stdout: Option<ChildStdout>,
    pub(super) stderr: Option<ChildStderr>,
}

/// How much memory each adapter may take from now on, in bytes; 0 is any number.
pub(crate) fn limit_memory(bytes: u64) {
    MOST_MEMORY.store(bytes, Ordering::Relaxed);
}

/// Starts a program in `dir`. `talks`: with pipes for stdin and stdout, and not without both.
pub(super) fn spawn(program: &OsStr, arguments: &[String], dir: &Path, talks: bool) -> io::Result<Started> {
    let (control, guards_end) = UnixStream::pair()?;
    // The guard opens it by its name, which needs no file that every child of this process would inherit.
    let pipe = talks.then(io::pipe).transpose()?;
    let stdin = pipe.as_ref().map_or_else(
        || PathBuf::from("/dev/null"),
        |(read, _)| format!("/proc/{}/fd/{}", std::process::id(), read.as_raw_fd()).into(),
    );
    let most_memory = MOST_MEMORY.load(Ordering::Relaxed);
    let mut command = Command::new(guard::program());
    command
        .arg0(GUARD)
        .arg(stdin)
        .arg(most_memory.to_string())
        .arg(program)
        .args(arguments)
        .current_dir(dir)
        .stdin(Stdio::from(std::os::fd::OwnedFd::from(guards_end)))
        .stdout(if talks { Stdio::piped() } else { Stdio::null() })
        .stderr(Stdio::piped())
        // Ctrl-C is for the tool, which then ends its adapters in order.
        .process_group(0);
    let mut guard = {
        // Held while it starts: an interruption must find it listed, or keep it from starting.
        let mut live = lock();
        if live.ending {
            return Err(io::Error::other("this run was interrupted"));
        }
        let guard = command.spawn()?;
        live.guards.insert(guard.id(), control.try_clone()?);
        guard
    };
    // It holds the guard's end of the socket.
    drop(command);
    let (stdout, stderr) = (guard.stdout.take(), guard.stderr.take());
    let mut guarded = Guarded { guard, control: BufReader::new(control), line: Vec::new(), most_memory, ended: None };
    match guarded.event() {
        Some(Event::Started) => {}
        Some(Event::Failed(errno)) => return Err(io::Error::from_raw_os_error(errno)),
        _ => return Err(io::Error::other("its guard did not start it")),
    }
    guarded.control.get_ref().set_nonblocking(true)?;
    Ok(Started { guarded, stdin: pipe.map(|(_, write)| write), stdout, stderr })
}

impl Guarded {
    /// How the adapter has ended, if it has.
    pub(super) fn ended(&mut self) -> Option<Ended> {
        while self.ended.is_none() {
            self.ended = match self.event()? {
                Event::TooMuchMemory => Some(Ended::TooMuchMemory(self.most_memory)),
                Event::Code(code) => Some(Ended::Code(code)),
                Event::Signal(signal) => Some(Ended::Signal(signal)),
                Event::Started | Event::Failed(_) => None,
            };
        }
        self.ended
    }

    /// The next event, if there is one. The end of the socket is the end of the guard.
    fn event(&mut self) -> Option<Event> {
        match self.control.read_until(b'\n', &mut self.line) {
            Ok(_) if self.line.ends_with(b"\n") => {
                let event = serde_json::from_slice(&self.line).ok();
                self.line.clear();
                event
            }
            Err(error) if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => None,
            _ => {
                self.ended.get_or_insert(Ended::Unknown);
                None
            }
        }
    }

    /// Ends the adapter and all that it has started, and waits for that.
    fn end(&mut self) {
        let _ = self.control.get_ref().shutdown(std::net::Shutdown::Both);
        let until = Instant::now() + GUARD_LIMIT;
        while matches!(self.guard.try_wait(), Ok(None)) {
            if Instant::now() >= until {
                let _ = self.guard.kill();
            }
            sleep(Duration::from_millis(2));
        }
        lock().guards.remove(&self.guard.id());
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.end();
    }
}

/// On Ctrl-C, a hang-up or a request to end: ends every adapter too. They may end by themselves first, and are killed a moment later.
pub(crate) fn end_with_us() -> Result<()> {
    ctrlc::set_handler(|| {
        let mut live = lock();
        live.ending = true;
        for mut guard in live.guards.values() {
            let _ = guard.write_all(&[ASK_TO_END]);
        }
        wait_for(&live, POLITE);
        for guard in live.guards.values() {
            let _ = guard.shutdown(std::net::Shutdown::Both);
        }
        wait_for(&live, GUARD_LIMIT);
        out::complain(format!("interrupted; every adapter was ended; {}", place::interrupted()));
        std::process::exit(130);
    })
    .context("cannot handle Ctrl-C")
}

/// Waits until every guard has ended, for so long at most.
fn wait_for(live: &Live, limit: Duration) {
    let until = Instant::now() + limit;
    let is_running = |id: &u32| {
        let status = waitpid(Pid::from_raw(id.cast_signed()), Some(WaitPidFlag::WNOHANG));
        !matches!(status, Err(Errno::ECHILD) | Ok(WaitStatus::Exited(..) | WaitStatus::Signaled(..)))
    };
    while Instant::now() < until && live.guards.keys().any(is_running) {
        sleep(Duration::from_millis(5));
    }
}

fn lock() -> std::sync::MutexGuard<'static, Live> {
    LIVE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

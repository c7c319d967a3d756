//! One adapter process: lines in, lines out, with a limit on each line's length and on the time it takes.

use std::collections::VecDeque;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use vectors::protocol::MAX_LINE_LEN;

use super::groups::{self, Group};
use crate::verdict::Verdict;

/// How long an adapter may take to end once its stdin is closed; a browser has to close first.
pub(crate) const END_LIMIT: Duration = Duration::from_secs(10);

/// How long the next of its last lines may take, once an adapter has ended.
const LAST_LINES_LIMIT: Duration = Duration::from_millis(500);

/// Lines up to this length, together, are written at once.
const BURST_LEN: usize = 1 << 16;

/// How much of stderr is kept: the end of it.
const LAST_WORDS_LEN: usize = 600;

/// Why there is no answer.
#[derive(Debug, Clone)]
pub(crate) struct Broken {
    /// [`Verdict::Crash`], [`Verdict::Timeout`] or [`Verdict::Error`].
    pub(crate) verdict: Verdict,
    /// What happened, and its likely cause.
    pub(crate) reason: String,
}

impl Broken {
    pub(crate) fn new(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self {
            verdict,
            reason: reason.into(),
        }
    }
}

/// A running adapter.
pub(crate) struct Process {
    child: Child,
    group: Group,
    /// To the thread that writes stdin: an adapter that does not read must not block the run. `None` once closed.
    stdin: Option<Sender<Vec<u8>>>,
    stdout: Receiver<Heard>,
    stderr: LastWords,
}

enum Heard {
    Line(Vec<u8>),
    TooLong,
}

impl Heard {
    fn into_line(self) -> Vec<u8> {
        match self {
            Self::Line(line) => line,
            Self::TooLong => b"a line without an end".to_vec(),
        }
    }
}

impl Process {
    /// Starts `command` in `dir`.
    pub(crate) fn start(command: &[String], dir: &Path) -> io::Result<Self> {
        let mut to_start = program(command, dir);
        to_start
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let (mut child, group) = groups::spawn(&mut to_start)?;
        let (Some(stdin), Some(stdout), Some(stderr)) =
            (child.stdin.take(), child.stdout.take(), child.stderr.take())
        else {
            return Err(io::Error::other("its pipes are missing"));
        };
        Ok(Self {
            child,
            group,
            stdin: Some(write_from_a_thread(stdin)),
            stdout: read_in_a_thread(stdout),
            stderr: LastWords::keep(stderr),
        })
    }

    /// Sends one line. A line that cannot be written shows as an adapter that does not answer.
    pub(crate) fn say(&self, mut line: Vec<u8>) {
        line.push(b'\n');
        if let Some(stdin) = &self.stdin {
            let _ = stdin.send(line);
        }
    }

    /// Sends bytes that are no whole line.
    pub(crate) fn say_part(&self, bytes: Vec<u8>) {
        if let Some(stdin) = &self.stdin {
            let _ = stdin.send(bytes);
        }
    }

    /// Waits for one line.
    pub(crate) fn hear(&mut self, limit: Duration) -> Result<Vec<u8>, Broken> {
        let until = Instant::now() + limit;
        loop {
            // In slices: a child of the adapter may keep stdout open after the adapter itself has ended.
            let slice = until
                .saturating_duration_since(Instant::now())
                .min(Duration::from_millis(200));
            match self.stdout.recv_timeout(slice) {
                Ok(Heard::Line(line)) => return Ok(line),
                Ok(Heard::TooLong) => {
                    return Err(Broken::new(
                        Verdict::Error,
                        format!(
                            "a line longer than {} MiB; an answer ends with a newline",
                            MAX_LINE_LEN >> 20
                        ),
                    ));
                }
                Err(RecvTimeoutError::Disconnected) => return Err(self.ended()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if Instant::now() >= until {
                return Err(Broken::new(
                    Verdict::Timeout,
                    format!("no answer in {} s", limit.as_secs_f64()),
                ));
            }
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                // What it wrote before it ended is still to be read.
                return match self.stdout.recv_timeout(Duration::from_millis(200)) {
                    Ok(Heard::Line(line)) => Ok(line),
                    _ => Err(self.ended()),
                };
            }
        }
    }

    /// A line that has come unasked, if there is one.
    pub(crate) fn overhear(&self) -> Option<Vec<u8>> {
        self.stdout.try_recv().ok().map(Heard::into_line)
    }

    /// Closes stdin, which is how an adapter is told to end.
    pub(crate) fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Closes stdin and waits for the end, which should be exit code 0. Returns the lines that still came, and what
    /// was wrong with the end.
    pub(crate) fn end(mut self) -> (Vec<Vec<u8>>, Option<String>) {
        self.close_stdin();
        let mut lines = Vec::new();
        let until = Instant::now() + END_LIMIT;
        loop {
            match self.stdout.recv_timeout(Duration::from_millis(20)) {
                Ok(heard) => lines.push(heard.into_line()),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => thread::sleep(Duration::from_millis(5)),
            }
            match self.child.try_wait() {
                Ok(Some(status)) => {
                    // What it wrote before it ended may still be on its way through the reading thread. The end of stdout
                    // comes at once, unless a child of the adapter keeps it open.
                    while let Ok(heard) = self.stdout.recv_timeout(LAST_LINES_LIMIT) {
                        lines.push(heard.into_line());
                    }
                    let wrong = (!status.success()).then(|| self.with_last_words(&ending(status)));
                    return (lines, wrong);
                }
                _ if Instant::now() >= until => {
                    let wrong = format!(
                        "went on running for {} s after its stdin was closed",
                        END_LIMIT.as_secs()
                    );
                    return (lines, Some(wrong));
                }
                _ => {}
            }
        }
    }

    fn ended(&mut self) -> Broken {
        let until = Instant::now() + Duration::from_secs(2);
        let status = loop {
            match self.child.try_wait() {
                Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(10)),
                Ok(status) => break status,
                Err(_) => break None,
            }
        };
        let how = status.map_or_else(|| "closed its stdout and went on running".to_string(), ending);
        Broken::new(Verdict::Crash, self.with_last_words(&how))
    }

    fn with_last_words(&mut self, how: &str) -> String {
        match self.stderr.so_far() {
            words if words.is_empty() => format!("{how}; it said nothing on stderr"),
            words => format!("{how}; its last words on stderr: {words}"),
        }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.group.kill();
        // Killed just now: this only takes it off the system's list.
        let _ = self.child.wait();
    }
}

/// The command of a row, to be run in `dir`. A program with a `/` in its name is looked for from there.
fn program(command: &[String], dir: &Path) -> Command {
    let name = &command[0];
    let mut program = if name.contains('/') {
        Command::new(dir.join(name))
    } else {
        Command::new(name)
    };
    program.args(&command[1..]).current_dir(dir);
    program
}

/// Runs a row's probe: whether it ends with exit code 0 within `limit`.
pub(crate) fn probe(command: &[String], dir: &Path, limit: Duration) -> Result<(), String> {
    let mut to_start = program(command, dir);
    to_start
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let (mut child, group) =
        groups::spawn(&mut to_start).map_err(|error| format!("cannot start {}: {error}", command[0]))?;
    let stderr = child.stderr.take().map(LastWords::keep);
    let until = Instant::now() + limit;
    loop {
        match child.try_wait() {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => {
                let words = stderr.map(|stderr| stderr.so_far()).unwrap_or_default();
                let words = if words.is_empty() {
                    words
                } else {
                    format!(": {words}")
                };
                return Err(format!("its probe {}{words}", ending(status)));
            }
            Ok(None) if Instant::now() < until => thread::sleep(Duration::from_millis(5)),
            _ => {
                group.kill();
                let _ = child.wait();
                return Err(format!("its probe did not end in {} s", limit.as_secs()));
            }
        }
    }
}

fn ending(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("ended with exit code {code}"),
        (None, Some(signal)) => {
            let name =
                Signal::try_from(signal).map_or_else(|_| signal.to_string(), |known| known.to_string());
            format!("was ended by signal {name}")
        }
        (None, None) => "ended".to_string(),
    }
}

fn write_from_a_thread(mut stdin: ChildStdin) -> Sender<Vec<u8>> {
    let (sender, lines) = mpsc::channel::<Vec<u8>>();
    thread::spawn(move || {
        while let Ok(mut burst) = lines.recv() {
            while burst.len() < BURST_LEN
                && let Ok(line) = lines.try_recv()
            {
                burst.extend(line);
            }
            // It has ended: whoever waits for its answer finds out why.
            if stdin.write_all(&burst).and_then(|()| stdin.flush()).is_err() {
                break;
            }
        }
    });
    sender
}

fn read_in_a_thread(stdout: impl Read + Send + 'static) -> Receiver<Heard> {
    let (heard, receiver) = mpsc::channel();
    thread::spawn(move || {
        let mut stdout = BufReader::with_capacity(1 << 16, stdout);
        loop {
            let mut line = Vec::new();
            let limit = MAX_LINE_LEN as u64 + 1;
            match stdout.by_ref().take(limit).read_until(b'\n', &mut line) {
                Err(_) | Ok(0) => return,
                Ok(_) if line.last() == Some(&b'\n') => {
                    line.pop();
                    if heard.send(Heard::Line(line)).is_err() {
                        return;
                    }
                }
                Ok(_) if line.len() > MAX_LINE_LEN => {
                    let _ = heard.send(Heard::TooLong);
                    return;
                }
                // The end of stdout inside a line: what was said is not whole, and is judged by how it ended.
                Ok(_) => return,
            }
        }
    });
    receiver
}

/// The end of what a process says on stderr.
struct LastWords {
    words: Arc<Mutex<VecDeque<u8>>>,
    ended: Receiver<()>,
}

impl LastWords {
    fn keep(mut stderr: impl Read + Send + 'static) -> Self {
        let words = Arc::new(Mutex::new(VecDeque::new()));
        let (end, ended) = mpsc::channel();
        let kept = Arc::clone(&words);
        thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(len @ 1..) = stderr.read(&mut chunk) {
                let mut kept = kept.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                kept.extend(&chunk[..len]);
                let excess = kept.len().saturating_sub(LAST_WORDS_LEN);
                kept.drain(..excess);
            }
            let _ = end.send(());
        });
        Self { words, ended }
    }

    /// What was said, in one line. Waits a moment for the end of stderr.
    fn so_far(&self) -> String {
        let _ = self.ended.recv_timeout(Duration::from_millis(300));
        let words = self
            .words
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        let bytes: Vec<u8> = words.iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text
            .lines()
            .map(str::trim)
            .filter(|line| !line.is_empty())
            .collect();
        lines.join(" / ")
    }
}

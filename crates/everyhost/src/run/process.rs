//! One adapter process: lines in, lines out, with a limit on each line's length and on the time it takes.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::io::{self, PipeWriter, Read, Write};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use vectors::protocol::MAX_LINE_LEN;

use super::groups::{self, Ended, Guarded, Started};
use super::lines::{self, Heard, Lines};
use crate::verdict::Verdict;

/// How long an adapter may take to end once its stdin is closed; a browser has to close first.
pub(crate) const END_LIMIT: Duration = Duration::from_secs(10);

/// How long what it wrote last may take to arrive, once an adapter has ended. Processes that keep its stdout open are ended too.
const LAST_LINES_LIMIT: Duration = Duration::from_secs(1);

/// How many lines, and how many bytes together, are kept of what an adapter says once its stdin is closed.
const MOST_LAST_LINES: usize = 64;
const MOST_LAST_LEN: usize = 1 << 20;

/// Lines up to this length, together, are written at once.
const BURST_LEN: usize = 1 << 16;

/// How much of stderr is kept: the end of it.
const LAST_WORDS_LEN: usize = 600;

/// Why there is no answer.
#[derive(Debug, Clone)]
pub struct Broken {
    /// [`Verdict::Crash`], [`Verdict::Timeout`] or [`Verdict::Error`].
    pub(crate) verdict: Verdict,
    /// What happened, and its likely cause.
    pub reason: String,
}

impl Broken {
    /// Why it is broken.
    pub(crate) fn new(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self { verdict, reason: reason.into() }
    }
}

/// A running adapter.
pub struct Process {
    guarded: Guarded,
    /// To the thread that writes stdin: an adapter that does not read must not block the run. `None` once closed.
    stdin: Option<Sender<Vec<u8>>>,
    stdout: Lines,
    stderr: LastWords,
}

impl Process {
    /// Starts `command` in `dir`.
    pub fn start(command: &[String], dir: &Path) -> io::Result<Self> {
        let started = groups::spawn(&program(command, dir), &command[1..], dir, true)?;
        let Started { guarded, stdin: Some(stdin), stdout: Some(stdout), stderr: Some(stderr) } = started else {
            return Err(io::Error::other("its pipes are missing"));
        };
        Ok(Self {
            guarded,
            stdin: Some(write_from_a_thread(stdin)),
            stdout: lines::read_in_a_thread(stdout),
            stderr: LastWords::keep(stderr),
        })
    }

    /// Sends one line. A line that cannot be written shows as an adapter that does not answer.
    pub fn say(&self, mut line: Vec<u8>) {
        line.push(b'\n');
        self.say_part(line);
    }

    /// Sends bytes that are no whole line.
    pub(crate) fn say_part(&self, bytes: Vec<u8>) {
        if let Some(stdin) = &self.stdin {
            let _ = stdin.send(bytes);
        }
    }

    /// Waits for one line.
    pub fn hear(&mut self, limit: Duration) -> Result<Vec<u8>, Broken> {
        let until = Instant::now() + limit;
        loop {
            // In slices: a child of the adapter may keep stdout open after the adapter itself has ended.
            let slice = until.saturating_duration_since(Instant::now()).min(Duration::from_millis(200));
            match self.stdout.next(slice) {
                Ok(Heard::Line(line)) => return Ok(line),
                Ok(Heard::TooLong) => {
                    return Err(Broken::new(
                        Verdict::Error,
                        format!("a line longer than {} MiB; an answer ends with a newline", MAX_LINE_LEN >> 20),
                    ));
                }
                Err(RecvTimeoutError::Disconnected) => return Err(self.ended()),
                Err(RecvTimeoutError::Timeout) => {}
            }
            if Instant::now() >= until {
                return Err(Broken::new(Verdict::Timeout, format!("no answer in {} s", limit.as_secs_f64())));
            }
            if self.guarded.ended().is_some() {
                // What it wrote before it ended is still to be read.
                return match self.stdout.next(Duration::from_millis(200)) {
                    Ok(Heard::Line(line)) => Ok(line),
                    _ => Err(self.ended()),
                };
            }
        }
    }

    /// A line that has come unasked, if there is one.
    pub(crate) fn overhear(&self) -> Option<Vec<u8>> {
        self.stdout.next(Duration::ZERO).ok().map(Heard::into_line)
    }

    /// Closes stdin, which asks an adapter to end.
    pub(crate) fn close_stdin(&mut self) {
        self.stdin = None;
    }

    /// Closes stdin and waits for the end, which should be exit code 0. Returns the first lines that still came, and
    /// what was wrong with the end.
    pub fn end(mut self) -> (Vec<Vec<u8>>, Option<String>) {
        self.close_stdin();
        let mut lines = LastLines::default();
        let until = Instant::now() + END_LIMIT;
        let ended = loop {
            match self.stdout.next(Duration::from_millis(20)) {
                Ok(heard) => lines.keep(heard),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => thread::sleep(Duration::from_millis(5)),
            }
            if let Some(ended) = self.guarded.ended() {
                break ended;
            }
            if Instant::now() >= until {
                let wrong = format!("went on running for {} s after its stdin was closed", END_LIMIT.as_secs());
                return (lines.kept, Some(wrong));
            }
        };
        // What it wrote before it ended may still be on its way through the reading thread.
        let until = Instant::now() + LAST_LINES_LIMIT;
        while let Ok(heard) = self.stdout.next(until.saturating_duration_since(Instant::now())) {
            lines.keep(heard);
            if Instant::now() >= until {
                break;
            }
        }
        let wrong = (ended != Ended::Code(0)).then(|| self.with_last_words(&ended.to_string()));
        (lines.kept, wrong)
    }

    fn ended(&mut self) -> Broken {
        let until = Instant::now() + Duration::from_secs(2);
        let ended = loop {
            match self.guarded.ended() {
                None if Instant::now() < until => thread::sleep(Duration::from_millis(10)),
                ended => break ended,
            }
        };
        match ended {
            Some(Ended::TooMuchMemory(_)) => {
                Broken::new(Verdict::Error, ended.map_or_else(String::new, |ended| ended.to_string()))
            }
            Some(ended) => Broken::new(Verdict::Crash, self.with_last_words(&ended.to_string())),
            None => Broken::new(Verdict::Crash, self.with_last_words("closed its stdout and went on running")),
        }
    }

    fn with_last_words(&mut self, how: &str) -> String {
        match self.stderr.so_far() {
            words if words.is_empty() => format!("{how}; it said nothing on stderr"),
            words => format!("{how}; its last words on stderr: {words}"),
        }
    }
}

/// What came after the last answer: enough of it to say what it is.
#[derive(Default)]
struct LastLines {
    kept: Vec<Vec<u8>>,
    bytes: usize,
}

impl LastLines {
    fn keep(&mut self, heard: Heard) {
        let line = heard.into_line();
        self.bytes += line.len();
        if self.kept.is_empty() || (self.kept.len() < MOST_LAST_LINES && self.bytes <= MOST_LAST_LEN) {
            self.kept.push(line);
        }
    }
}

/// A program with a `/` in its name is looked for from `dir`.
fn program(command: &[String], dir: &Path) -> OsString {
    let name = &command[0];
    if name.contains('/') { dir.join(name).into_os_string() } else { name.into() }
}

/// Runs a row's probe: whether it ends with exit code 0 within `limit`.
pub(super) fn probe(command: &[String], dir: &Path, limit: Duration) -> Result<(), String> {
    let started = groups::spawn(&program(command, dir), &command[1..], dir, false);
    let mut started = started.map_err(|error| format!("cannot start {}: {error}", command[0]))?;
    let stderr = started.stderr.take().map(LastWords::keep);
    let until = Instant::now() + limit;
    loop {
        match started.guarded.ended() {
            Some(Ended::Code(0)) => return Ok(()),
            Some(ended) => {
                let words = stderr.map(|stderr| stderr.so_far()).unwrap_or_default();
                let words = if words.is_empty() { words } else { format!(": {words}") };
                return Err(format!("its probe {ended}{words}"));
            }
            None if Instant::now() < until => thread::sleep(Duration::from_millis(5)),
            None => return Err(format!("its probe did not end in {} s", limit.as_secs())),
        }
    }
}

fn write_from_a_thread(mut stdin: PipeWriter) -> Sender<Vec<u8>> {
    let (sender, lines) = mpsc::channel::<Vec<u8>>();
    thread::spawn(move || {
        while let Ok(mut burst) = lines.recv() {
            while burst.len() < BURST_LEN
                && let Ok(line) = lines.try_recv()
            {
                burst.extend(line);
            }
            // It has ended; `hear` reports why.
            if stdin.write_all(&burst).and_then(|()| stdin.flush()).is_err() {
                break;
            }
        }
    });
    sender
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
        let words = self.words.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let bytes: Vec<u8> = words.iter().copied().collect();
        let text = String::from_utf8_lossy(&bytes);
        let lines: Vec<&str> = text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        lines.join(" / ")
    }
}

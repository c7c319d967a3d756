//! The lines of an adapter's stdout, read ahead as far as a few MiB: one that talks without end fills no memory.

use std::collections::VecDeque;
use std::io::{BufRead, BufReader, Read};
use std::sync::mpsc::RecvTimeoutError;
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::{Duration, Instant};

use vectors::protocol::MAX_LINE_LEN;

/// How many bytes and lines may wait to be heard. One line always may.
const MOST_WAITING: usize = 4 << 20;
const MOST_LINES: usize = 1024;

pub(super) enum Heard {
    Line(Vec<u8>),
    TooLong,
}

impl Heard {
    pub(super) fn into_line(self) -> Vec<u8> {
        match self {
            Self::Line(line) => line,
            Self::TooLong => b"a line without an end".to_vec(),
        }
    }

    const fn len(&self) -> usize {
        match self {
            Self::Line(line) => line.len(),
            Self::TooLong => 0,
        }
    }
}

/// Lines that were read and not yet heard. Dropping this ends the reading.
pub(super) struct Lines(Arc<Shared>);

#[derive(Default)]
struct Shared {
    queue: Mutex<Queue>,
    changed: Condvar,
}

#[derive(Default)]
struct Queue {
    heard: VecDeque<Heard>,
    bytes: usize,
    /// Nothing more will come, or nobody will listen.
    over: bool,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    /// Adds what was read as soon as there is room. False: nobody listens any more.
    fn add(&self, heard: Heard) -> bool {
        let is_full = |queue: &mut Queue| {
            !queue.over
                && !queue.heard.is_empty()
                && (queue.heard.len() >= MOST_LINES || queue.bytes + heard.len() > MOST_WAITING)
        };
        let queue = self.changed.wait_while(self.lock(), is_full);
        let mut queue = queue.unwrap_or_else(std::sync::PoisonError::into_inner);
        if queue.over {
            return false;
        }
        queue.bytes += heard.len();
        queue.heard.push_back(heard);
        self.changed.notify_all();
        true
    }

    fn end(&self) {
        self.lock().over = true;
        self.changed.notify_all();
    }
}

impl Lines {
    /// The next line, if it comes in time.
    pub(super) fn next(&self, limit: Duration) -> Result<Heard, RecvTimeoutError> {
        let until = Instant::now() + limit;
        let mut queue = self.0.lock();
        loop {
            if let Some(heard) = queue.heard.pop_front() {
                queue.bytes -= heard.len();
                self.0.changed.notify_all();
                return Ok(heard);
            }
            if queue.over {
                return Err(RecvTimeoutError::Disconnected);
            }
            let left = until.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(RecvTimeoutError::Timeout);
            }
            let waited = self.0.changed.wait_timeout(queue, left);
            queue = waited.unwrap_or_else(std::sync::PoisonError::into_inner).0;
        }
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Reads until stdout ends, a line is too long, or nobody listens.
pub(super) fn read_in_a_thread(stdout: impl Read + Send + 'static) -> Lines {
    let shared = Arc::new(Shared::default());
    let reader = Arc::clone(&shared);
    thread::spawn(move || {
        let mut stdout = BufReader::with_capacity(1 << 16, stdout);
        loop {
            let mut line = Vec::new();
            let limit = MAX_LINE_LEN as u64 + 1;
            match stdout.by_ref().take(limit).read_until(b'\n', &mut line) {
                Ok(1..) if line.last() == Some(&b'\n') => {
                    line.pop();
                    if !reader.add(Heard::Line(line)) {
                        break;
                    }
                }
                Ok(_) if line.len() > MAX_LINE_LEN => {
                    reader.add(Heard::TooLong);
                    break;
                }
                // The end of stdout, maybe inside a line: what was said is not whole, and is judged by how it ended.
                _ => break,
            }
        }
        reader.end();
    });
    Lines(shared)
}

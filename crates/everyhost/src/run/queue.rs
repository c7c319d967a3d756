//! The rows that are still to run: those that take longest first. One that is not installed yet waits, as long as a program
//! lives that may be installing it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::Pid;

const AGAIN: Duration = Duration::from_secs(1);

/// How often one with nothing to do looks for a row.
const LOOK: Duration = Duration::from_millis(50);

pub(super) struct Queue<T> {
    rows: Mutex<Rows<T>>,
    installers: Vec<Pid>,
}

struct Rows<T> {
    untried: Vec<T>,
    waiting: Vec<Waiting<T>>,
    /// How many are being probed: each may come back.
    probed: usize,
}

struct Waiting<T> {
    row: T,
    since: Instant,
    /// How often its probe has passed. Half of what is being installed may do for that, so it has to pass twice.
    passed: usize,
}

impl<T> Queue<T> {
    /// Of these rows, the last one first. Those that are not installed wait for `installers`.
    pub(super) fn new(rows: Vec<T>, installers: &[u32]) -> Self {
        let pids = installers.iter().filter_map(|pid| i32::try_from(*pid).ok());
        Self {
            rows: Mutex::new(Rows { untried: rows, waiting: Vec::new(), probed: 0 }),
            installers: pids.map(Pid::from_raw).collect(),
        }
    }

    /// The next row that is to run, with what `probe` has found, once there is one. `waits` hears of each that has to wait.
    pub(super) fn next<F>(
        &self,
        probe: impl Fn(&T) -> Result<(), F>,
        waits: impl Fn(&T),
    ) -> Option<(T, Result<(), F>)> {
        loop {
            let Some((row, passed)) = self.take()? else {
                thread::sleep(LOOK);
                continue;
            };
            // Asked before the probe: what ends meanwhile may have installed it.
            let may_come = self.installers.iter().any(|pid| lives(*pid));
            let found = probe(&row);
            let mut rows = self.lock();
            rows.probed -= 1;
            if !may_come || (found.is_ok() && passed != Some(0)) {
                return Some((row, found));
            }
            waits(&row);
            rows.waiting.push(Waiting { row, since: Instant::now(), passed: usize::from(found.is_ok()) });
        }
    }

    /// A row, and how often its probe has passed if it had to wait. `None` if there are no more, `Some(None)` if there may be
    /// one later.
    fn take(&self) -> Option<Option<(T, Option<usize>)>> {
        let mut rows = self.lock();
        let row = rows.untried.pop().map(|row| (row, None)).or_else(|| {
            let due = rows.waiting.iter().position(|one| one.since.elapsed() >= AGAIN)?;
            let Waiting { row, passed, .. } = rows.waiting.remove(due);
            Some((row, Some(passed)))
        });
        if row.is_some() {
            rows.probed += 1;
        } else if rows.waiting.is_empty() && rows.probed == 0 {
            return None;
        }
        Some(row)
    }

    fn lock(&self) -> MutexGuard<'_, Rows<T>> {
        self.rows.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether there is such a process, maybe of another user.
fn lives(pid: Pid) -> bool {
    matches!(kill(pid, None), Ok(()) | Err(Errno::EPERM))
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;

    #[test]
    fn a_row_that_is_not_installed_lets_the_others_go_first() {
        let queue = Queue::new(vec!["ready", "later"], &[std::process::id()]);
        let installed = Cell::new(false);
        let waited = RefCell::new(Vec::new());
        let next = || {
            queue.next(
                |row| {
                    if *row == "ready" || installed.get() { Ok(()) } else { Err("no") }
                },
                |row| waited.borrow_mut().push(*row),
            )
        };
        // The last one is tried first.
        assert_eq!(next(), Some(("ready", Ok(()))));
        assert_eq!(*waited.borrow(), ["later"]);
        installed.set(true);
        assert_eq!(next(), Some(("later", Ok(()))));
        assert_eq!(*waited.borrow(), ["later", "later"], "it has to pass twice");
        assert_eq!(next(), None);
    }

    #[test]
    fn nothing_waits_for_a_program_that_has_ended() {
        let mut ended = std::process::Command::new("true").spawn().unwrap();
        ended.wait().unwrap();
        for installers in [&[][..], &[ended.id()]] {
            let queue = Queue::new(vec!["later"], installers);
            assert_eq!(queue.next(|_| Err("no"), |_| ()), Some(("later", Err("no"))));
            assert!(queue.next(|_| Err("no"), |_| ()).is_none());
        }
    }
}

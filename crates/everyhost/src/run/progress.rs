//! What is printed on stderr while cases run: a row's line of the matrix when it ends, and what is left. A terminal has a
//! bar for the rest; a log gets a line when nothing else was printed for a while.

use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anstyle::Style;
use indicatif::{ProgressBar, ProgressStyle};

use crate::out;
use crate::plan::RowPlan;
use crate::report::row_line;
use crate::results::{RowRun, Tally};
use crate::table::Cell;
use crate::text::{count, elapsed, thousands};
use crate::verdict::Verdict;

/// A run that is over before this needs no lines: the matrix says it all.
const PATIENCE: Duration = Duration::from_secs(4);

const SILENCE: Duration = Duration::from_secs(10);

const TICK: Duration = Duration::from_millis(500);

/// Counts verdicts as they come. Ends with this value.
pub(super) struct Progress {
    state: Arc<Mutex<State>>,
    end: Option<Sender<()>>,
    clock: Option<JoinHandle<()>>,
}

struct State {
    bar: ProgressBar,
    rows: Vec<RowState>,
    /// Lines that wait for [`PATIENCE`].
    held: Vec<Vec<Cell>>,
    start: Instant,
    last_line: Instant,
    red: usize,
    strict: bool,
    /// Whether nothing is printed: `EVERYHOST_QUIET`.
    quiet: bool,
}

struct RowState {
    name: String,
    planned: usize,
    done: usize,
    start: Option<Instant>,
    waits: bool,
}

impl RowState {
    const fn left(&self) -> usize {
        self.planned - self.done
    }

    /// How long the rest will take if it goes on like this.
    fn time_left(&self) -> Option<Duration> {
        let left = u32::try_from(self.left()).ok().filter(|left| *left > 0)?;
        Some(self.start?.elapsed() / u32::try_from(self.done).ok()? * left)
    }
}

impl Progress {
    /// Of these rows.
    pub(super) fn new(plans: &[RowPlan<'_>], strict: bool) -> Self {
        let rows: Vec<RowState> = plans
            .iter()
            .map(|plan| RowState {
                name: plan.row.name.clone(),
                planned: plan.items.len(),
                done: 0,
                start: None,
                waits: false,
            })
            .collect();
        let bar = ProgressBar::new(rows.iter().map(|row| row.planned as u64).sum());
        let style = ProgressStyle::with_template("{bar:16} {human_pos}/{human_len} {elapsed} {wide_msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        let now = Instant::now();
        let state = Arc::new(Mutex::new(State {
            bar,
            rows,
            held: Vec::new(),
            start: now,
            last_line: now,
            red: 0,
            strict,
            quiet: std::env::var_os("EVERYHOST_QUIET").is_some(),
        }));
        let (end, ended) = channel();
        let clocked = Arc::clone(&state);
        let clock = thread::spawn(move || {
            while ended.recv_timeout(TICK) == Err(RecvTimeoutError::Timeout) {
                lock(&clocked).look_at_the_clock();
            }
        });
        Self { state, end: Some(end), clock: Some(clock) }
    }

    /// The row with this number is not installed yet.
    pub(super) fn wait(&self, row: usize) {
        lock(&self.state).rows[row].waits = true;
    }

    /// One more verdict on the row with this number.
    pub(super) fn tick(&self, row: usize, verdict: Verdict) {
        let mut state = lock(&self.state);
        state.rows[row].done += 1;
        state.rows[row].start.get_or_insert_with(Instant::now);
        state.rows[row].waits = false;
        state.red += usize::from(verdict.is_red(state.strict));
        state.bar.inc(1);
    }

    pub(super) fn end(&self, number: usize, row: &RowRun<'_>) {
        let mut state = lock(&self.state);
        let tallies = row.tallies();
        if tallies.is_empty() {
            return;
        }
        let modules: Vec<(&Tally, usize)> = tallies
            .iter()
            .map(|(module, tally)| {
                let left_out = row.plan.sampled_out.get(module);
                (tally, left_out.copied().unwrap_or_default())
            })
            .collect();
        let width = state.rows.iter().map(|row| row.name.len()).max().unwrap_or_default();
        let mut line = row_line(&row.plan.row.name, width, &modules, state.strict);
        let millis = u64::try_from(row.elapsed.as_millis()).unwrap_or(u64::MAX);
        line.push((out::DIM, format!("  {}", elapsed(millis))));
        // What did not run, after a stop, is not waited for.
        state.rows[number].done = state.rows[number].planned;
        state.held.push(line);
        state.print_held();
    }
}

impl State {
    fn print_held(&mut self) {
        if self.quiet || self.start.elapsed() < PATIENCE || self.held.is_empty() {
            return;
        }
        let held = std::mem::take(&mut self.held);
        self.bar.suspend(|| held.iter().for_each(|line| aside(line)));
        self.last_line = Instant::now();
    }

    fn look_at_the_clock(&mut self) {
        self.print_held();
        let left = self.left();
        if !self.bar.is_hidden() {
            self.bar.set_message(left);
        } else if !self.quiet && self.last_line.elapsed() >= SILENCE {
            aside(&[(out::DIM, left)]);
            self.last_line = Instant::now();
        }
    }

    /// `2 red; slowest java-graalwasm: 1,203 left, 40 s; 5 rows, 61,202 of 117,792 cases left`.
    fn left(&self) -> String {
        let mut parts = Vec::new();
        if self.red > 0 {
            parts.push(format!("{} red", thousands(self.red)));
        }
        let running = self.rows.iter().filter_map(|row| Some((row, row.time_left()?)));
        if let Some((row, time)) = running.max_by_key(|(_, time)| *time) {
            let (left, seconds) = (thousands(row.left()), thousands(time.as_secs() + 1));
            parts.push(format!("slowest {}: {left} left, {seconds} s", row.name));
        }
        let waiting = self.rows.iter().filter(|row| row.waits).count();
        if waiting > 0 {
            parts.push(format!("{} to be installed", count(waiting, "row")));
        }
        let rows = self.rows.iter().filter(|row| row.left() > 0).count();
        let sum = |count: fn(&RowState) -> usize| thousands(self.rows.iter().map(count).sum::<usize>());
        parts.push(match (rows, self.bar.is_hidden()) {
            (0, _) => "the last adapters are ending".into(),
            // The bar shows the cases.
            (_, false) => count(rows, "row"),
            (_, true) => {
                format!("{}, {} of {} cases left", count(rows, "row"), sum(RowState::left), sum(|row| row.planned))
            }
        });
        parts.join("; ")
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.end.take());
        if let Some(clock) = self.clock.take() {
            let _ = clock.join();
        }
        lock(&self.state).bar.finish_and_clear();
    }
}

fn aside(line: &[Cell]) {
    let line: Vec<(Style, &str)> = line.iter().map(|(style, text)| (*style, text.as_str())).collect();
    out::aside(&line);
}

fn lock(state: &Mutex<State>) -> MutexGuard<'_, State> {
    state.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use crate::hosts::Cost;
    use crate::plan::Filter;

    #[test]
    fn says_what_is_left_and_of_which_row() {
        let ops: &[(&str, &[&str])] = &[("add-raw", &["add"])];
        let rows = ["a", "b"].map(|name| fixture::row(name, Cost::Fast, ops));
        let suites = [fixture::adds(1_000)];
        let progress = Progress::new(&fixture::plan(&rows, &suites, &Filter::default()), false);
        progress.tick(0, Verdict::Pass);
        progress.tick(0, Verdict::Fail);
        let left = |progress: &Progress| {
            let state = lock(&progress.state);
            state.bar.set_draw_target(indicatif::ProgressDrawTarget::hidden());
            state.left()
        };
        // How long the rest takes depends on the machine.
        let said = left(&progress);
        assert!(said.starts_with("1 red; slowest a: 998 left, "), "{said}");
        assert!(said.ends_with("; 2 rows, 1,998 of 2,000 cases left"), "{said}");
        progress.wait(1);
        assert!(left(&progress).contains("; 1 row to be installed; 2 rows, "));
        progress.tick(1, Verdict::Pass);
        assert!(!left(&progress).contains("installed"));
    }
}

//! The progress bar: on a terminal only, on stderr.

use std::sync::atomic::{AtomicU64, Ordering};

use indicatif::{ProgressBar, ProgressStyle};

use crate::verdict::Verdict;

/// Counts verdicts as they come.
pub(super) struct Progress {
    bar: ProgressBar,
    red: AtomicU64,
}

impl Progress {
    /// For so many planned cases.
    pub(super) fn new(planned: usize) -> Self {
        let bar = ProgressBar::new(planned as u64);
        let style = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} {elapsed_precise} {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        Self {
            bar,
            red: AtomicU64::new(0),
        }
    }

    /// One more.
    pub(super) fn tick(&self, verdict: Verdict) {
        if verdict.is_red(false) {
            let red = self.red.fetch_add(1, Ordering::Relaxed) + 1;
            self.bar.set_message(format!("{red} red"));
        }
        self.bar.inc(1);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.bar.finish_and_clear();
    }
}

//! The results of a run, in types: its options and rows, the verdicts and their counts, and whether it is green.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use vectors::Suite;
use vectors::protocol::Hello;

use crate::answer::Given;
use crate::gaps::OWN_GAPS_FILE;
use crate::manifest::Manifest;
use crate::own::Own;
use crate::plan::{Filter, RowPlan, Seed, Shard};
use crate::verdict::Verdict;

/// The options of `everyhost run`.
#[derive(Debug)]
pub struct Options {
    /// The root of the workspace.
    pub root: PathBuf,
    /// What to run.
    pub filter: Filter,
    /// Whether to stop at the first red verdict.
    pub fail_fast: bool,
    /// Seconds for an answer, instead of each row's own.
    pub timeout: Option<u64>,
    /// Bytes of memory that each adapter may take with all that it starts, instead of its share of the machine's.
    pub max_memory: Option<u64>,
    /// Whether a missing host is a failure.
    pub strict: bool,
    /// Where the report goes.
    pub report: PathBuf,
    /// Other vectors than those of the workspace.
    pub vectors: Option<PathBuf>,
    /// A module that is not of the workspace, in place of those that are.
    pub own: Option<Own>,
    /// The part of the plan that runs here.
    pub shard: Option<Shard>,
    /// What the order of each row's cases is drawn with, in place of their own.
    pub shuffle: Option<Seed>,
    /// Processes that may be installing hosts: a row that is not installed waits as long as one of them lives.
    pub installers: Vec<u32>,
}

impl Options {
    /// The known gaps beside the vectors, if these are not the workspace's and have some.
    pub(crate) fn own_gaps(&self) -> Option<PathBuf> {
        let path = self.vectors.as_ref()?.join(OWN_GAPS_FILE);
        (self.own.is_some() || path.exists()).then_some(path)
    }

    /// Whether the known gaps were written for the vectors: otherwise some may well match nothing.
    pub(crate) fn gaps_fit(&self) -> bool {
        self.vectors.is_none() || self.own_gaps().is_some()
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum End {
    /// Everything that was planned is as it should be.
    Green,
    /// Something is not.
    Red,
    /// Nothing ran.
    NothingRan,
}

impl End {
    /// The name in reports.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Red => "red",
            Self::NothingRan => "nothing-ran",
        }
    }
}

/// Everything that a run has found out, for the reports.
#[derive(Debug)]
pub struct Run<'a> {
    /// Its options.
    pub options: &'a Options,
    /// When it started.
    pub started: Timestamp,
    /// How long it took.
    pub elapsed: Duration,
    /// The suites that it had.
    pub suites: &'a [Suite],
    /// The built modules that it needed.
    pub modules: Manifest,
    /// The names of all modules, in the order of their records.
    pub module_order: Vec<String>,
    /// The rows, in the order of hosts.toml.
    pub rows: Vec<RowRun<'a>>,
    /// What it is a part of, or all of.
    pub plan: PlanInfo,
    /// What became of each known gap.
    pub gaps: Vec<GapUse>,
    /// What is red beside single verdicts, one sentence each.
    pub reds: Vec<String>,
}

/// What became of one row.
#[derive(Debug)]
pub struct RowRun<'a> {
    /// What it was given.
    pub plan: RowPlan<'a>,
    /// The reply to `hello`.
    pub hello: Option<Hello>,
    /// Why the host is not installed.
    pub unavailable: Option<String>,
    /// One for each planned item, in the same order; none if it did not run.
    pub outcomes: Vec<Option<Outcome>>,
    /// How often the adapter was started again.
    pub restarts: usize,
    /// What was wrong, beside any case, with the way the adapter ended.
    pub trouble: Option<String>,
    /// How long the row took.
    pub elapsed: Duration,
}

impl RowRun<'_> {
    /// Counts by module, in the order of the plan.
    #[must_use]
    pub fn tallies(&self) -> Vec<(&str, Tally)> {
        let mut tallies: Vec<(&str, Tally)> = Vec::new();
        // By the plan, not by the outcomes: a case that got lost must show.
        for (at, item) in self.plan.items.iter().enumerate() {
            if tallies.last().is_none_or(|(module, _)| *module != item.module) {
                tallies.push((item.module, Tally::default()));
            }
            let outcome = self.outcomes.get(at).and_then(Option::as_ref);
            if let Some((_, tally)) = tallies.last_mut() {
                tally.count(outcome.map(|outcome| outcome.verdict));
            }
        }
        tallies
    }
}

/// What became of one planned case.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The verdict.
    pub verdict: Verdict,
    /// What was wrong, in words; empty for a plain pass or a plainly wrong answer.
    pub detail: String,
    /// The answer, if there was one and it did not pass.
    pub actual: Option<Given>,
    /// How long it took.
    pub elapsed: Duration,
}

/// How often each verdict was given; those that were not are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Verdicts(BTreeMap<Verdict, usize>);

impl Verdicts {
    /// How often it was this verdict.
    #[must_use]
    pub fn of(&self, verdict: Verdict) -> usize {
        self.0.get(&verdict).copied().unwrap_or_default()
    }

    /// How many there are, of those that `is` chooses.
    fn sum(&self, is: impl Fn(Verdict) -> bool) -> usize {
        let chosen = self.0.iter().filter(|(verdict, _)| is(**verdict));
        chosen.map(|(_, count)| count).sum()
    }

    /// How many are red.
    #[must_use]
    pub fn red(&self, strict: bool) -> usize {
        self.sum(|verdict| verdict.is_red(strict))
    }

    /// How many ran, or would have had hello not ruled them out.
    #[must_use]
    pub fn executed(&self) -> usize {
        self.sum(Verdict::is_executed)
    }

    /// How many there are.
    #[must_use]
    pub fn judged(&self) -> usize {
        self.sum(|_| true)
    }

    /// The red ones with their counts.
    pub fn reds(&self, strict: bool) -> impl Iterator<Item = (Verdict, usize)> {
        let counts = self.0.iter().map(|(verdict, count)| (*verdict, *count));
        counts.filter(move |(verdict, _)| verdict.is_red(strict))
    }
}

/// Planned cases, and what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How many were planned.
    pub planned: usize,
    /// How often each verdict was given.
    pub verdicts: Verdicts,
}

impl Tally {
    /// Counts one planned case with its verdict, if it came to one.
    pub fn count(&mut self, verdict: Option<Verdict>) {
        self.planned += 1;
        if let Some(verdict) = verdict {
            *self.verdicts.0.entry(verdict).or_default() += 1;
        }
    }

    /// Adds another.
    pub fn add(&mut self, other: &Self) {
        self.planned += other.planned;
        for (verdict, count) in &other.verdicts.0 {
            *self.verdicts.0.entry(*verdict).or_default() += count;
        }
    }
}

/// Whether it is green, with these verdicts and this that is red beside them.
#[must_use]
pub fn end_of(total: &Tally, strict: bool, reds: &[String]) -> End {
    if total.verdicts.red(strict) > 0 || !reds.is_empty() {
        End::Red
    } else if total.verdicts.executed() == 0 {
        End::NothingRan
    } else {
        End::Green
    }
}

/// What became of one known gap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct GapUse {
    /// Row, module and cases.
    pub title: String,
    /// The row.
    pub row: String,
    /// The answer on record.
    pub answer: Given,
    /// Why.
    pub reason: String,
    /// Where you can read more.
    pub link: String,
    /// How many planned cases it is on record to match.
    pub matches: usize,
    /// How many it does match in the whole plan.
    pub matched: usize,
    /// How many of this run's cases failed as recorded.
    pub failed_as_recorded: usize,
}

/// The whole plan. A run with `--host` or `--shard` is a part of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlanInfo {
    /// Of every row, module and case, in their order: equal for the parts of one run.
    pub sha256: String,
    /// Of the suites.
    pub vectors: String,
    /// How many cases × rows × modules it has.
    pub cases: usize,
    /// Its rows, in the order of hosts.toml.
    pub rows: Vec<PlannedRow>,
    /// Which part of it this is, for people; none if it is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part: Option<String>,
    /// Which shard of it this is, if it was divided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shard: Option<Shard>,
    /// What the order of each row's cases was drawn with; none if they ran in their own order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shuffle: Option<u32>,
}

/// A row of the whole plan.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PlannedRow {
    /// Its name.
    pub name: String,
    /// How many cases × modules it is given.
    pub cases: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(verdicts: &[Option<Verdict>]) -> Tally {
        let mut tally = Tally::default();
        verdicts.iter().for_each(|verdict| tally.count(*verdict));
        tally
    }

    #[test]
    fn a_run_is_green_only_when_something_ran_and_nothing_is_red() {
        let pass = Some(Verdict::Pass);
        let away = Some(Verdict::Unavailable);
        assert_eq!(
            end_of(&tally(&[pass, Some(Verdict::KnownGap)]), true, &[]),
            End::Green
        );
        assert_eq!(end_of(&tally(&[pass, away]), false, &[]), End::Green);
        assert_eq!(end_of(&tally(&[pass, away]), true, &[]), End::Red);
        assert_eq!(end_of(&tally(&[away, away]), false, &[]), End::NothingRan);
        assert_eq!(
            end_of(&tally(&[pass, Some(Verdict::Missing)]), false, &[]),
            End::Red
        );
        assert_eq!(
            end_of(&tally(&[pass]), false, &["a gap matches nothing".into()]),
            End::Red
        );
        assert_eq!(end_of(&tally(&[]), true, &[]), End::NothingRan);
    }

    #[test]
    fn a_lost_case_shows_in_the_counts() {
        let lost = tally(&[Some(Verdict::Pass), None]);
        assert_eq!(
            (lost.planned, lost.verdicts.judged(), lost.verdicts.executed()),
            (2, 1, 1)
        );
    }
}

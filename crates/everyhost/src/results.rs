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
pub(crate) struct Options {
    pub(crate) root: PathBuf,
    pub(crate) filter: Filter,
    pub(crate) fail_fast: bool,
    /// Seconds for an answer, instead of each row's own.
    pub(crate) timeout: Option<u64>,
    /// Bytes of memory that each adapter may take with all that it starts, instead of its share of the machine's.
    pub(crate) max_memory: Option<u64>,
    pub(crate) strict: bool,
    pub(crate) report: PathBuf,
    pub(crate) vectors: Option<PathBuf>,
    /// Modules that are not of the workspace, in place of those that are.
    pub(crate) own: Vec<Own>,
    pub(crate) shard: Option<Shard>,
    /// What the order of each row's cases is drawn with, in place of their own.
    pub(crate) shuffle: Option<Seed>,
    /// Whether each step of each case is printed.
    pub(crate) trace: bool,
    /// Processes that may be installing hosts: a row that is not installed waits as long as one of them lives.
    pub(crate) installers: Vec<u32>,
}

impl Options {
    /// The known gaps beside the vectors, if these are not the workspace's and have some.
    pub(crate) fn own_gaps(&self) -> Option<PathBuf> {
        let path = self.vectors.as_ref()?.join(OWN_GAPS_FILE);
        (!self.own.is_empty() || path.exists()).then_some(path)
    }

    /// Whether the known gaps were written for the vectors: otherwise some may well match nothing.
    pub(crate) fn gaps_fit(&self) -> bool {
        self.vectors.is_none() || self.own_gaps().is_some()
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum End {
    /// Everything that was planned is as it should be.
    Green,
    Red,
    #[default]
    NothingRan,
}

impl End {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Green => "green",
            Self::Red => "red",
            Self::NothingRan => "nothing-ran",
        }
    }
}

/// Everything that a run has found out, for the reports.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    pub(crate) options: &'a Options,
    pub(crate) started: Timestamp,
    pub(crate) elapsed: Duration,
    pub(crate) suites: &'a [Suite],
    pub(crate) modules: Manifest,
    /// The names of all modules, in the order of their records.
    pub(crate) module_order: Vec<String>,
    /// The rows, in the order of hosts.toml.
    pub(crate) rows: Vec<RowRun<'a>>,
    /// What it is a part of, or all of.
    pub(crate) plan: PlanInfo,
    pub(crate) gaps: Vec<GapUse>,
    /// What is red beside single verdicts, one sentence each.
    pub(crate) reds: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct RowRun<'a> {
    pub(crate) plan: RowPlan<'a>,
    /// The reply to `hello`.
    pub(crate) hello: Option<Hello>,
    pub(crate) unavailable: Option<String>,
    /// One for each planned item, in the same order; none if it did not run.
    pub(crate) outcomes: Vec<Option<Outcome>>,
    /// Lines for people, if they were asked for.
    pub(crate) trace: Vec<String>,
    pub(crate) restarts: usize,
    /// What was wrong, beside any case, with the way the adapter ended.
    pub(crate) trouble: Option<String>,
    pub(crate) elapsed: Duration,
}

impl RowRun<'_> {
    /// Counts by module, in the order of the plan.
    pub(crate) fn tallies(&self) -> Vec<(&str, Tally)> {
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

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Outcome {
    pub(crate) verdict: Verdict,
    /// What was wrong, in words; empty for a plain pass or a plainly wrong answer.
    pub(crate) detail: String,
    /// The answer, if there was one and it did not pass.
    pub(crate) actual: Option<Given>,
    pub(crate) elapsed: Duration,
}

/// How often each verdict was given; those that were not are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Verdicts(BTreeMap<Verdict, usize>);

impl Verdicts {
    pub(crate) fn of(&self, verdict: Verdict) -> usize {
        self.0.get(&verdict).copied().unwrap_or_default()
    }

    /// How many there are, of those that `is` chooses.
    fn sum(&self, is: impl Fn(Verdict) -> bool) -> usize {
        let chosen = self.0.iter().filter(|(verdict, _)| is(**verdict));
        chosen.map(|(_, count)| count).sum()
    }

    pub(crate) fn red(&self, strict: bool) -> usize {
        self.sum(|verdict| verdict.is_red(strict))
    }

    /// How many ran, or would have had hello not ruled them out.
    pub(crate) fn executed(&self) -> usize {
        self.sum(Verdict::is_executed)
    }

    pub(crate) fn judged(&self) -> usize {
        self.sum(|_| true)
    }

    pub(crate) fn reds(&self, strict: bool) -> impl Iterator<Item = (Verdict, usize)> {
        let counts = self.0.iter().map(|(verdict, count)| (*verdict, *count));
        counts.filter(move |(verdict, _)| verdict.is_red(strict))
    }
}

/// Planned cases, and what became of them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Tally {
    pub(crate) planned: usize,
    pub(crate) verdicts: Verdicts,
}

impl Tally {
    /// Counts one planned case with its verdict, if it came to one.
    pub(crate) fn count(&mut self, verdict: Option<Verdict>) {
        self.planned += 1;
        if let Some(verdict) = verdict {
            *self.verdicts.0.entry(verdict).or_default() += 1;
        }
    }

    pub(crate) fn add(&mut self, other: &Self) {
        self.planned += other.planned;
        for (verdict, count) in &other.verdicts.0 {
            *self.verdicts.0.entry(*verdict).or_default() += count;
        }
    }
}

/// Whether it is green, with these verdicts and this that is red beside them.
pub(crate) fn end_of(total: &Tally, strict: bool, reds: &[String]) -> End {
    if total.verdicts.red(strict) > 0 || !reds.is_empty() {
        End::Red
    } else if total.verdicts.executed() == 0 {
        End::NothingRan
    } else {
        End::Green
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct GapUse {
    /// Row, module and cases.
    pub(crate) title: String,
    pub(crate) row: String,
    pub(crate) answer: Given,
    pub(crate) reason: String,
    pub(crate) link: String,
    /// How many planned cases it is on record to match.
    pub(crate) matches: usize,
    pub(crate) matched: usize,
    /// How many of this run's cases failed as recorded.
    pub(crate) failed_as_recorded: usize,
}

/// The whole plan. A run with `--host` or `--shard` is a part of it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlanInfo {
    /// Of every row, module and case, in their order: equal for the parts of one run.
    pub(crate) sha256: String,
    /// Of the suites.
    pub(crate) vectors: String,
    pub(crate) cases: usize,
    /// Its rows, in the order of hosts.toml.
    pub(crate) rows: Vec<PlannedRow>,
    /// Which part of it this is, for people; none if it is all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) part: Option<String>,
    /// Which shard of it this is, if it was divided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) shard: Option<Shard>,
    /// What the order of each row's cases was drawn with; none if they ran in their own order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) shuffle: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct PlannedRow {
    pub(crate) name: String,
    pub(crate) cases: usize,
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
        assert_eq!(end_of(&tally(&[pass, Some(Verdict::KnownGap)]), true, &[]), End::Green);
        assert_eq!(end_of(&tally(&[pass, away]), false, &[]), End::Green);
        assert_eq!(end_of(&tally(&[pass, away]), true, &[]), End::Red);
        assert_eq!(end_of(&tally(&[away, away]), false, &[]), End::NothingRan);
        assert_eq!(end_of(&tally(&[pass, Some(Verdict::Missing)]), false, &[]), End::Red);
        assert_eq!(end_of(&tally(&[pass]), false, &["a gap matches nothing".into()]), End::Red);
        assert_eq!(end_of(&tally(&[]), true, &[]), End::NothingRan);
    }

    #[test]
    fn a_lost_case_shows_in_the_counts() {
        let lost = tally(&[Some(Verdict::Pass), None]);
        assert_eq!((lost.planned, lost.verdicts.judged(), lost.verdicts.executed()), (2, 1, 1));
    }
}

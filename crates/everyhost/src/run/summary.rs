//! What a run amounts to: the counts, the use of the known gaps, and whether it is green.

use std::collections::BTreeMap;

use serde::Serialize;

use super::{End, Options, RowRun};
use crate::gaps::Gap;
use crate::plan::RowPlan;
use crate::verdict::Verdict;

/// How often each verdict was given.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    counts: BTreeMap<Verdict, usize>,
    /// How many were planned.
    pub planned: usize,
    /// How many have a verdict.
    pub judged: usize,
}

impl Tally {
    /// Counts one planned case with its verdict, if it came to one.
    pub fn count(&mut self, verdict: Option<Verdict>) {
        self.planned += 1;
        if let Some(verdict) = verdict {
            self.judged += 1;
            *self.counts.entry(verdict).or_default() += 1;
        }
    }

    /// How often it was this verdict.
    #[must_use]
    pub fn of(&self, verdict: Verdict) -> usize {
        self.counts.get(&verdict).copied().unwrap_or_default()
    }

    /// How many are red.
    #[must_use]
    pub fn red(&self, strict: bool) -> usize {
        Verdict::ALL
            .into_iter()
            .filter(|verdict| verdict.is_red(strict))
            .map(|verdict| self.of(verdict))
            .sum()
    }

    /// How many were asked, or would have been had hello not ruled them out.
    #[must_use]
    pub fn executed(&self) -> usize {
        Verdict::ALL
            .into_iter()
            .filter(|verdict| verdict.is_executed())
            .map(|verdict| self.of(verdict))
            .sum()
    }
}

/// What a run amounts to.
#[derive(Debug)]
pub struct Summary {
    /// Of the whole run.
    pub total: Tally,
    /// By row and module, where anything was planned.
    pub cells: BTreeMap<(String, String), Tally>,
    /// The use of each gap.
    pub gaps: Vec<GapUse>,
    /// What is red beside single verdicts, one sentence each.
    pub reds: Vec<String>,
    /// Green or not.
    pub end: End,
}

/// What became of one known gap.
#[derive(Debug, Clone, Serialize)]
pub struct GapUse {
    /// Row, module and cases.
    pub title: String,
    /// The row.
    pub row: String,
    /// The answer on record.
    pub answer: serde_json::Value,
    /// Why.
    pub reason: String,
    /// Where one can read more.
    pub link: String,
    /// How many planned cases it may match.
    pub matches: usize,
    /// How many it does match in the whole plan.
    pub matched: usize,
    /// How many of this run's cases failed as recorded.
    pub failed_as_recorded: usize,
}

/// Counts what each gap matches: in the whole plan, not in what a filter has left of it.
pub(super) fn use_of_gaps(
    gaps: &[Gap],
    plan: &[RowPlan<'_>],
    rows: &[RowRun<'_>],
    options: &Options,
) -> Vec<GapUse> {
    let count = |gap: &Gap| {
        let rows = plan.iter().map(|row| (row.row, &row.items));
        rows.flat_map(|(row, items)| items.iter().map(move |item| (row, item)))
            .filter(|(row, item)| gap.is_about(&row.name, item.module, item.case))
            .count()
    };
    let failed = |gap: &Gap| {
        let items = rows.iter().flat_map(|row| {
            row.plan
                .items
                .iter()
                .zip(&row.outcomes)
                .map(move |pair| (row, pair))
        });
        items
            .filter(|(_, (_, outcome))| {
                matches!(outcome, Some((outcome, _)) if outcome.verdict == Verdict::KnownGap)
            })
            .filter(|(row, (item, _))| gap.is_about(&row.plan.row.name, item.module, item.case))
            .count()
    };
    // Gaps are about the workspace's own vectors: with others they may well match nothing.
    let ours = options.vectors.is_none();
    gaps.iter()
        .map(|gap| GapUse {
            title: gap.title(),
            row: gap.row.clone(),
            answer: gap.answer.clone(),
            reason: gap.reason.clone(),
            link: gap.link.clone(),
            matches: gap.matches,
            matched: count(gap),
            failed_as_recorded: failed(gap),
        })
        .filter(|gap| ours || gap.matched > 0)
        .collect()
}

/// Counts everything and says what is red.
pub(super) fn sum_up(options: &Options, rows: &[RowRun<'_>], gaps: Vec<GapUse>) -> Summary {
    let mut total = Tally::default();
    let mut cells: BTreeMap<(String, String), Tally> = BTreeMap::new();
    for row in rows {
        // By the plan, not by the outcomes: a case that got lost must show.
        for (at, item) in row.plan.items.iter().enumerate() {
            let outcome = row.outcomes.get(at).and_then(Option::as_ref);
            let verdict = outcome.map(|(outcome, _)| outcome.verdict);
            total.count(verdict);
            cells
                .entry((row.plan.row.name.clone(), item.module.to_string()))
                .or_default()
                .count(verdict);
        }
    }
    let reds = reds(options, rows, &total, &gaps);
    let end = end(&total, options.strict, &reds);
    Summary {
        total,
        cells,
        gaps,
        reds,
        end,
    }
}

fn reds(options: &Options, rows: &[RowRun<'_>], total: &Tally, gaps: &[GapUse]) -> Vec<String> {
    let mut reds = Vec::new();
    if total.judged != total.planned {
        let why = if options.fail_fast {
            "stopped at the first red verdict: "
        } else {
            ""
        };
        reds.push(format!(
            "{why}{} of {} planned cases came to a verdict",
            total.judged, total.planned
        ));
    }
    for row in rows {
        if let Some(trouble) = &row.trouble {
            reds.push(format!(
                "row {:?}: after its last answer the adapter {trouble}",
                row.plan.row.name
            ));
        }
    }
    for gap in gaps {
        let title = &gap.title;
        if gap.matched == 0 {
            reds.push(format!(
                "known gap ({title}) matches no planned case: remove it or correct it"
            ));
        } else if gap.matched > gap.matches {
            reds.push(format!(
                "known gap ({title}) matches {} planned cases, and may match {}",
                gap.matched, gap.matches
            ));
        }
    }
    reds
}

fn end(total: &Tally, strict: bool, reds: &[String]) -> End {
    if total.red(strict) > 0 || !reds.is_empty() {
        End::Red
    } else if total.executed() == 0 {
        End::NothingRan
    } else {
        End::Green
    }
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
            end(&tally(&[pass, Some(Verdict::KnownGap)]), true, &[]),
            End::Green
        );
        assert_eq!(end(&tally(&[pass, away]), false, &[]), End::Green);
        assert_eq!(end(&tally(&[pass, away]), true, &[]), End::Red);
        assert_eq!(end(&tally(&[away, away]), false, &[]), End::NothingRan);
        assert_eq!(end(&tally(&[pass, Some(Verdict::Missing)]), false, &[]), End::Red);
        assert_eq!(
            end(&tally(&[pass]), false, &["a gap matches nothing".into()]),
            End::Red
        );
        assert_eq!(end(&tally(&[]), true, &[]), End::NothingRan);
    }

    #[test]
    fn a_lost_case_shows_in_the_counts() {
        let lost = tally(&[Some(Verdict::Pass), None]);
        assert_eq!((lost.planned, lost.judged, lost.executed()), (2, 1, 1));
    }
}

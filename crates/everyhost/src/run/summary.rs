//! What a run amounts to: the counts, the use of the known gaps, and whether it is green.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

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

/// What a run amounts to, beside its single answers.
#[derive(Debug)]
pub struct Summary {
    /// The use of each gap.
    pub gaps: Vec<GapUse>,
    /// What is red beside single verdicts, one sentence each.
    pub reds: Vec<String>,
}

/// What became of one known gap.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
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
    /// How many planned cases it is on record to match.
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
        // Gaps are about the workspace's own vectors: with others they may well match nothing.
        .filter(|gap| options.gaps_fit() || gap.matched > 0)
        .collect()
}

/// Says what is red beside single verdicts.
pub(super) fn sum_up(options: &Options, rows: &[RowRun<'_>], gaps: Vec<GapUse>) -> Summary {
    let mut total = Tally::default();
    for row in rows {
        // By the plan, not by the outcomes: a case that got lost must show.
        for at in 0..row.plan.items.len() {
            let outcome = row.outcomes.get(at).and_then(Option::as_ref);
            total.count(outcome.map(|(outcome, _)| outcome.verdict));
        }
    }
    Summary {
        reds: reds(options, rows, &total, &gaps),
        gaps,
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
    if options.gaps_fit() {
        reds.extend(gaps.iter().filter_map(wrong_count));
    }
    reds
}

/// A gap that matches more than it says hides what nobody has looked at; one that matches less has lost cases.
fn wrong_count(gap: &GapUse) -> Option<String> {
    let GapUse {
        title,
        matches,
        matched,
        ..
    } = gap;
    match matched {
        0 => Some(format!(
            "known gap ({title}) matches no planned case: remove it or correct it"
        )),
        _ if matched != matches => Some(format!(
            "known gap ({title}) matches {matched} planned cases, and is on record to match {matches}"
        )),
        _ => None,
    }
}

/// Whether it is green, where these verdicts were given and this is red beside them.
#[must_use]
pub fn end_of(total: &Tally, strict: bool, reds: &[String]) -> End {
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
        assert_eq!((lost.planned, lost.judged, lost.executed()), (2, 1, 1));
    }
}

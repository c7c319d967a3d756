//! What is red beside single verdicts: cases without one, bad ends, and known gaps that match other cases than they say.

use crate::gaps::{Gap, matches};
use crate::plan::RowPlan;
use crate::results::{GapUse, Options, RowRun, Tally};
use crate::verdict::Verdict;

/// Counts what each gap matches: in the whole plan, not in what a filter has left of it.
pub(super) fn use_of_gaps(gaps: &[Gap], plan: &[RowPlan<'_>], rows: &[RowRun<'_>], options: &Options) -> Vec<GapUse> {
    let matched = |gap: &Gap| {
        let plans = plan.iter().filter(|plan| plan.row.name == gap.row);
        let about = plans.flat_map(|plan| &plan.items).filter(|item| gap.is_about(&gap.row, item.module, item.case));
        matches(!options.own.is_empty(), about.map(|item| item.case))
    };
    let failed = |gap: &Gap| {
        let rows = rows.iter().filter(|row| row.plan.row.name == gap.row);
        rows.flat_map(|row| row.plan.items.iter().zip(&row.outcomes))
            .filter(|(_, outcome)| outcome.as_ref().is_some_and(|outcome| outcome.verdict == Verdict::KnownGap))
            .filter(|(item, _)| gap.is_about(&gap.row, item.module, item.case))
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
            matched: matched(gap),
            failed_as_recorded: failed(gap),
        })
        // Gaps are about the workspace's own vectors: with others they may well match nothing.
        .filter(|gap| options.gaps_fit() || gap.matched > 0)
        .collect()
}

/// What is red beside single verdicts, one sentence each.
pub(super) fn reds(options: &Options, rows: &[RowRun<'_>], gaps: &[GapUse]) -> Vec<String> {
    let mut total = Tally::default();
    for (_, tally) in rows.iter().flat_map(RowRun::tallies) {
        total.add(&tally);
    }
    let mut reds = Vec::new();
    let judged = total.verdicts.judged();
    if judged != total.planned {
        let why = if options.fail_fast { "stopped at the first red verdict: " } else { "" };
        reds.push(format!("{why}{judged} of {} planned cases came to a verdict", total.planned));
    }
    for row in rows {
        if let Some(trouble) = &row.trouble {
            reds.push(format!("row {:?}: after its last answer the adapter {trouble}", row.plan.row.name));
        }
    }
    if options.gaps_fit() {
        reds.extend(gaps.iter().filter_map(wrong_count));
    }
    reds
}

/// A gap that matches more than it says hides what nobody has looked at; one that matches less has lost cases.
fn wrong_count(gap: &GapUse) -> Option<String> {
    let GapUse { title, matches, matched, .. } = gap;
    match matched {
        0 => Some(format!("known gap ({title}) matches no planned case: remove it or correct it")),
        _ if matched != matches => {
            Some(format!("known gap ({title}) matches {matched} planned cases, and is on record to match {matches}"))
        }
        _ => None,
    }
}

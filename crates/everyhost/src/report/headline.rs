//! What a run amounts to, in one line: the same on the terminal, on every page and on a badge.

use super::json::Report;
use crate::results::End;
use crate::text::{count, names, thousands};
use crate::verdict::Verdict;

/// How many hosts that are not installed are named.
const MOST_NAMES: usize = 8;

/// `Green: 117,600 right, 192 known gaps, 0 red`.
pub(crate) fn sentence(report: &Report) -> String {
    let counts = counts(report);
    match report.end {
        End::Green => format!("Green: {counts}"),
        End::Red => format!("Red: {counts}"),
        End::NothingRan => "Nothing ran".into(),
    }
}

/// The counts, such as `117,600 right, 192 known gaps, 0 red`.
pub(crate) fn counts(report: &Report) -> String {
    if report.end == End::NothingRan {
        return "nothing ran".into();
    }
    let verdicts = &report.verdicts;
    let kinds: Vec<String> = verdicts
        .reds(report.strict)
        .map(|(verdict, count)| format!("{} {}", thousands(count), verdict.name()))
        .collect();
    let mut counts = format!(
        "{} right, {}, {} red",
        thousands(verdicts.of(Verdict::Pass)),
        count(verdicts.of(Verdict::KnownGap), "known gap"),
        thousands(verdicts.red(report.strict))
    );
    if !kinds.is_empty() {
        counts += &format!(" ({})", kinds.join(", "));
    }
    counts
}

/// What else there is to say: what did not run, and why.
pub(crate) fn remarks(report: &Report) -> Vec<String> {
    let mut remarks = Vec::new();
    let away = report.verdicts.of(Verdict::Unavailable);
    if away > 0 {
        remarks.push(format!("{} not run: {}", thousands(away), absent(report)));
    }
    let not_reached = report.planned - report.verdicts.judged();
    if not_reached > 0 {
        remarks.push(format!("{} not reached", thousands(not_reached)));
    }
    if !report.reds.is_empty() {
        remarks.push(format!("{} otherwise red", thousands(report.reds.len())));
    }
    if report.not_run > 0 {
        remarks.push(format!(
            "a sample: {} of {} not run, --all runs them",
            thousands(report.not_run),
            thousands(report.planned + report.not_run)
        ));
    }
    remarks
}

/// The hosts that are not installed, as a subject and its verb.
fn absent(report: &Report) -> String {
    let rows = report.planned_rows().filter(|row| row.unavailable.is_some());
    let away: Vec<&str> = rows.map(|row| row.name.as_str()).collect();
    match away[..] {
        [one] => format!("{one} is not installed"),
        _ => format!("{} are not installed: {}", count(away.len(), "host"), names(&away, MOST_NAMES)),
    }
}

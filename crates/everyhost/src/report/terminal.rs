//! The matrix, the failures and the last line, on the terminal.

use std::collections::BTreeSet;
use std::path::Path;

use anstyle::Style;
use serde_json::Value;

use super::difference::first_difference;
use super::findings::{Finding, findings};
use super::headline;
use super::json::{Group, Report, RowInfo};
use crate::answer::Given;
use crate::out::{self, DIM, GREEN, PLAIN, RED, YELLOW, parts, say};
use crate::results::{End, Tally};
use crate::table::{self, Cell};
use crate::text::{count, shorten, thousands, times};
use crate::verdict::Verdict;

const MOST_FINDINGS: usize = 20;

/// With how many modules their names are still written in one line.
const MOST_WHOLE_NAMES: usize = 4;

const MOST_CHARS: usize = 64;

/// Prints the matrix, then what is red, then one line with the counts. `dir` is where the report is.
pub(crate) fn print(report: &Report, dir: &Path) {
    print_matrix(report);
    print_rows_apart(report);
    print_left_out(report);
    print_findings(report);
    for red in &report.reds {
        parts(&[(RED, "red"), (PLAIN, &format!(" {red}"))]);
    }
    let style = if report.end == End::Green { GREEN.bold() } else { RED };
    let mut line = vec![headline::counts(report)];
    line.extend(headline::remarks(report));
    parts(&[(style, &line.join("; "))]);
    let page = dir.join("index.html");
    say(format!(
        "report: {}",
        page.strip_prefix(std::env::current_dir().unwrap_or_default()).unwrap_or(&page).display()
    ));
}

/// Rows × modules; on a terminal that is too narrow for that, a line for each row.
fn print_matrix(report: &Report) {
    let tables: Vec<Vec<Vec<Cell>>> = report.groups().iter().map(|group| matrix(report, group)).collect();
    let room = out::width().unwrap_or(usize::MAX);
    if tables.iter().all(|rows| table::width(rows) <= room) {
        for (at, rows) in tables.iter().enumerate() {
            if at > 0 {
                say("");
            }
            table::print_numbers(rows);
        }
        return;
    }
    let names = report.planned_rows().map(|row| row.name.len());
    let width = names.max().unwrap_or_default();
    for row in report.planned_rows() {
        let cells = report.matrix.iter().filter(|cell| cell.row == row.name);
        let cells: Vec<(&Tally, usize)> = cells.map(|cell| (&cell.tally, row.left_out_of(&cell.module))).collect();
        let line = row_line(&row.name, width, &cells, report.strict);
        let line: Vec<(Style, &str)> = line.iter().map(|(style, text)| (*style, text.as_str())).collect();
        parts(&line);
    }
}

fn matrix(report: &Report, group: &Group<'_>) -> Vec<Vec<Cell>> {
    let mut rows = heading(&group.modules);
    for row in &group.rows {
        let cells = group.modules.iter().map(|module| cell(report, row, module));
        rows.push(std::iter::once((PLAIN, row.name.clone())).chain(cells).collect());
    }
    rows
}

/// The names of the modules. A dozen side by side are wider than most terminals: then they break at their hyphens.
fn heading(modules: &[&str]) -> Vec<Vec<Cell>> {
    let lines: Vec<Vec<&str>> = modules
        .iter()
        .map(|name| match modules.len() {
            0..=MOST_WHOLE_NAMES => vec![*name],
            _ => name.split_inclusive('-').collect(),
        })
        .collect();
    let height = lines.iter().map(Vec::len).max().unwrap_or_default();
    let line = |at: usize| {
        // At the foot, next to the numbers.
        let names = lines.iter().map(move |lines| {
            let part = (at + lines.len()).checked_sub(height).and_then(|part| lines.get(part));
            (DIM, part.map_or_else(String::new, |part| (*part).to_string()))
        });
        std::iter::once((PLAIN, String::new())).chain(names).collect()
    };
    (0..height).map(line).collect()
}

/// How many are right; of how many, if not all are or ran; and what the others are.
fn cell(report: &Report, row: &RowInfo, module: &str) -> Cell {
    let Some(cell) = report.cell(&row.name, module) else {
        return (DIM, "–".into());
    };
    let Tally { planned, verdicts } = &cell.tally;
    let (red, gaps) = (verdicts.red(report.strict), verdicts.of(Verdict::KnownGap));
    if verdicts.of(Verdict::Unavailable) == *planned {
        return (if red > 0 { RED } else { DIM }, "not installed".into());
    }
    let (right, all) = (verdicts.of(Verdict::Pass), planned + row.left_out_of(module));
    let mut text = thousands(right);
    if right < all {
        text += &format!(" of {}", thousands(all));
    }
    if gaps > 0 {
        text += &format!(", {} known", thousands(gaps));
    }
    if red > 0 {
        text += &format!(", {} red", thousands(red));
    }
    let style = match (red, gaps) {
        (1.., _) => RED,
        (_, 1..) => YELLOW,
        _ if verdicts.judged() < *planned => DIM,
        _ => GREEN,
    };
    (style, text)
}

/// A row in one line, from each module's counts and how many of its cases were left out:
/// `node   4,986  ✓ 8 modules  10 known gaps`.
pub(crate) fn row_line(name: &str, width: usize, modules: &[(&Tally, usize)], strict: bool) -> Vec<Cell> {
    let (mut total, mut left_out) = (Tally::default(), 0);
    for (tally, out) in modules {
        total.add(tally);
        left_out += out;
    }
    let of = |verdict: Verdict| total.verdicts.of(verdict);
    let right = thousands(of(Verdict::Pass));
    let mut line = vec![(PLAIN, format!("{name:<width$}  {right:>7}"))];
    let red = total.verdicts.red(strict);
    if of(Verdict::Unavailable) == total.planned {
        line.push((if red > 0 { RED } else { DIM }, "  not installed".into()));
        return line;
    }
    let bad = modules.iter().filter(|(tally, _)| tally.verdicts.red(strict) > 0).count();
    line.push(match bad {
        0 => (GREEN, format!("  ✓ {}", count(modules.len(), "module"))),
        _ => (RED, format!("  ✗ {bad} of {}, {} red", count(modules.len(), "module"), thousands(red))),
    });
    let gaps = of(Verdict::KnownGap);
    let not_reached = total.planned - total.verdicts.judged();
    for (style, number, text) in [
        (YELLOW, gaps, count(gaps, "known gap")),
        (DIM, not_reached, format!("{} not reached", thousands(not_reached))),
        (DIM, left_out, format!("a sample of {}", thousands(total.planned + left_out))),
    ] {
        if number > 0 {
            line.push((style, format!("  {text}")));
        }
    }
    line
}

/// What ran in part, of all rows together; the page in the report says it row by row.
fn print_left_out(report: &Report) {
    if report.not_run == 0 {
        return;
    }
    let samples = || report.rows.iter().filter_map(|row| Some((row, row.sample.as_ref()?)));
    let slow: Vec<&str> = samples().filter(|(_, sample)| sample.slow).map(|(row, _)| row.name.as_str()).collect();
    if !slow.is_empty() {
        dim(&format!("in part, slow rows: a seeded sample of {}", slow.join(", ")));
    }
    let sampled: BTreeSet<&str> = samples().flat_map(|(_, sample)| sample.modules()).collect();
    if !sampled.is_empty() {
        dim(&format!("in part, fast rows: a seeded sample of {}", sampled.into_iter().collect::<Vec<_>>().join(", ")));
    }
    let few: BTreeSet<&str> = samples().flat_map(|(_, sample)| sample.few.iter().map(String::as_str)).collect();
    if let (false, Some((_, sample))) = (few.is_empty(), samples().next()) {
        dim(&format!(
            "in part, every row: {} of each suite of {}",
            count(sample.few_per_suite, "case"),
            few.into_iter().collect::<Vec<_>>().join(", ")
        ));
    }
}

fn dim(line: &str) {
    parts(&[(DIM, line)]);
}

/// What there is to say of a row beside its counts.
fn print_rows_apart(report: &Report) {
    for row in &report.rows {
        let name = &row.name;
        if let Some(why) = &row.unavailable {
            say(format!("{name} is not installed: {why}. To get it: {}", row.hint));
        }
        for (module, loaded) in &row.loaded {
            let cell = report.cell(name, module);
            let is_a_finding = cell.is_some_and(|cell| cell.tally.verdicts.red(false) > 0);
            if let Some(why) = loaded.refused.as_ref().filter(|_| !is_a_finding) {
                say(format!("{name} cannot load {module}: {why}"));
            }
        }
        if row.restarts > 0 {
            dim(&format!("{name}: its adapter was started again {}", times(row.restarts)));
        }
    }
}

fn print_findings(report: &Report) {
    let found = findings(report);
    found.iter().take(MOST_FINDINGS).for_each(print_finding);
    let left = found.iter().skip(MOST_FINDINGS);
    let left: usize = left.map(|finding| finding.answers).sum();
    if left > 0 {
        say(format!("… and {} more; the report has them all", thousands(left)));
    }
}

fn print_finding(finding: &Finding<'_>) {
    let verdict = finding.verdict.name();
    let told = format!(" {} on {} with {}", finding.what(), finding.hosts(), finding.modules());
    parts(&[(RED, verdict), (PLAIN, &told)]);
    let result = finding.first;
    if let Some(doubt) = finding.doubt() {
        say(format!("  {doubt}"));
    }
    if !result.detail.is_empty() {
        // Never at the start of a line: these may be an adapter's words.
        say(format!("  because  {}", result.detail));
    }
    if let Some(why) = finding.why_no_instance() {
        say(format!("  because  no instance can be made: {why}"));
    }
    let Some(wrong) = &result.wrong else {
        return;
    };
    if finding.cases.len() == 1 {
        let shown = |value: &Value| shorten(value, MOST_CHARS);
        let expected = wrong.expected.json();
        say(format!("  given    {} {}", wrong.op, shown(&wrong.input)));
        say(format!("  expected {}", shown(&expected)));
        if let Some(actual) = wrong.actual.as_ref().map(Given::json) {
            say(format!("  actual   {}", shown(&actual)));
            if let Some(place) = first_difference(&expected, &actual) {
                say(format!("  differs  {place}"));
            }
        }
        if let Some(right) = finding.right_on() {
            say(format!("  right on {right}"));
        }
    }
    dim(&format!("  again    {}", wrong.again));
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(pass: usize, gaps: usize, fails: usize) -> Tally {
        let mut tally = Tally::default();
        for (verdict, count) in [(Verdict::Pass, pass), (Verdict::KnownGap, gaps), (Verdict::Fail, fails)] {
            (0..count).for_each(|_| tally.count(Some(verdict)));
        }
        tally
    }

    fn text(line: &[Cell]) -> String {
        line.iter().map(|(_, text)| text.as_str()).collect()
    }

    #[test]
    fn a_row_is_one_line() {
        let (good, gaps, bad) = (tally(1_200, 0, 0), tally(8, 2, 0), tally(7, 0, 3));
        let line = |modules: &[(&Tally, usize)]| text(&row_line("node", 6, modules, false));
        assert_eq!(line(&[(&good, 0)]), "node      1,200  ✓ 1 module");
        assert_eq!(line(&[(&good, 0), (&gaps, 90)]), "node      1,208  ✓ 2 modules  2 known gaps  a sample of 1,300");
        assert_eq!(line(&[(&good, 0), (&bad, 0)]), "node      1,207  ✗ 1 of 2 modules, 3 red");
        let mut away = Tally::default();
        away.count(Some(Verdict::Unavailable));
        assert_eq!(line(&[(&away, 5)]), "node          0  not installed");
    }

    #[test]
    fn many_names_break_at_their_hyphens_and_rest_on_the_numbers() {
        let names = ["signer-raw", "signer-raw-simd", "add-raw", "probe", "native"];
        let rows: Vec<Vec<String>> =
            heading(&names).into_iter().map(|row| row.into_iter().map(|(_, text)| text).collect()).collect();
        assert_eq!(
            rows,
            [
                ["", "", "signer-", "", "", ""],
                ["", "signer-", "raw-", "add-", "", ""],
                ["", "raw", "simd", "raw", "probe", "native"],
            ]
        );
        assert_eq!(heading(&names[..2]).len(), 1);
    }
}

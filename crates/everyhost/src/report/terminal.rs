//! The matrix, the failures and the last line, on the terminal.

use std::collections::BTreeSet;
use std::path::Path;

use anstyle::{AnsiColor, Style};
use comfy_table::{CellAlignment, Table, presets};

use super::difference::first_difference;
use super::findings::{Finding, findings};
use super::json::{Cell, Report, Verdicts};
use super::{shorten, thousands};
use crate::out::{self, PLAIN, parts, say};
use crate::verdict::Verdict;

/// How many findings are shown.
const MOST_FINDINGS: usize = 20;

/// With how many modules their names are still written in one line.
const MOST_WHOLE_NAMES: usize = 4;

/// How much of a long value is shown.
const MOST_CHARS: usize = 64;

const RED: Style = AnsiColor::Red.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// Prints the matrix, then what is red, then one line with the counts. `dir` is where the report is.
pub fn print(report: &Report, dir: &Path) {
    out::lines(&matrix(report).to_string());
    print_rows_apart(report);
    print_left_out(report);
    print_findings(report);
    for red in &report.reds {
        parts(&[(RED, "red"), (PLAIN, &format!(" {red}"))]);
    }
    let style = if report.end == "green" { GREEN } else { RED };
    parts(&[(style, &last_line(report))]);
    let page = dir.join("index.html");
    say(format!(
        "report: {}",
        page.strip_prefix(std::env::current_dir().unwrap_or_default())
            .unwrap_or(&page)
            .display()
    ));
}

/// Rows × modules. What is planned and as it should be, over what is planned.
fn matrix(report: &Report) -> Table {
    let modules = report.modules_in_order();
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    // A dozen names side by side are wider than most terminals: then they break at their hyphens.
    let breaks = modules.len() > MOST_WHOLE_NAMES;
    let names = modules.iter().map(|name| {
        if breaks {
            name.replace('-', "-\n")
        } else {
            (*name).to_owned()
        }
    });
    table.set_header(std::iter::once(String::new()).chain(names));
    for row in report.rows.iter().filter(|row| row.planned > 0) {
        let counts = modules.iter().map(|module| {
            let found = report
                .matrix
                .iter()
                .find(|known| known.row == row.name && known.module == *module);
            found.map_or_else(|| "–".to_string(), |found| cell(found, report.strict))
        });
        table.add_row(std::iter::once(row.name.clone()).chain(counts));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn cell(cell: &Cell, strict: bool) -> String {
    let of = |verdict: Verdict| cell.verdicts.get(verdict.name()).copied().unwrap_or_default();
    if of(Verdict::Unavailable) == cell.planned {
        return if strict {
            format!("not here: {} red", thousands(cell.planned))
        } else {
            "not here".into()
        };
    }
    let mut text = format!("{}/{}", thousands(of(Verdict::Pass)), thousands(cell.planned));
    let gaps = of(Verdict::KnownGap);
    if gaps > 0 {
        text += &format!(", {} known", thousands(gaps));
    }
    let red = red(&cell.verdicts, strict);
    if red > 0 {
        text += &format!(", {} red", thousands(red));
    }
    text
}

fn red(verdicts: &Verdicts, strict: bool) -> usize {
    Verdict::ALL
        .into_iter()
        .filter(|verdict| verdict.is_red(strict))
        .filter_map(|verdict| verdicts.get(verdict.name()))
        .sum()
}

/// What was asked in part, of all rows together; the page in the report says it row by row.
fn print_left_out(report: &Report) {
    let samples = || {
        report
            .rows
            .iter()
            .filter_map(|row| Some((row, row.sample.as_ref()?)))
    };
    if report.not_asked == 0 {
        return;
    }
    let slow: Vec<&str> = samples()
        .filter(|(_, sample)| sample.slow)
        .map(|(row, _)| row.name.as_str())
        .collect();
    let mut how = Vec::new();
    if !slow.is_empty() {
        how.push(format!("slow rows: a seeded sample of {}", slow.join(", ")));
    }
    let few: BTreeSet<&str> = samples()
        .flat_map(|(_, sample)| sample.few.iter().map(String::as_str))
        .collect();
    if let (false, Some((_, sample))) = (few.is_empty(), samples().next()) {
        how.push(format!(
            "every row: {} cases a suite of {}",
            sample.few_per_suite,
            few.into_iter().collect::<Vec<_>>().join(", ")
        ));
    }
    for line in how {
        parts(&[(DIM, &format!("in part, {line}"))]);
    }
}

/// What is to be said of a row beside its counts.
fn print_rows_apart(report: &Report) {
    for row in &report.rows {
        let name = &row.name;
        if let Some(why) = &row.unavailable {
            say(format!("{name} is not here: {why}. To get it: {}", row.hint));
        }
        for (module, loaded) in &row.loaded {
            let cell = report
                .matrix
                .iter()
                .find(|cell| cell.row == *name && cell.module == *module);
            let is_a_finding = cell.is_some_and(|cell| red(&cell.verdicts, false) > 0);
            if let Some(why) = loaded.refused.as_ref().filter(|_| !is_a_finding) {
                say(format!("{name} cannot load {module}: {why}"));
            }
        }
        if row.restarts > 0 {
            let times = if row.restarts == 1 {
                "once".into()
            } else {
                format!("{} times", row.restarts)
            };
            parts(&[(DIM, &format!("{name}: its adapter was started again {times}"))]);
        }
    }
}

fn print_findings(report: &Report) {
    let found = findings(report);
    found.iter().take(MOST_FINDINGS).for_each(print_finding);
    let left: usize = found
        .iter()
        .skip(MOST_FINDINGS)
        .map(|finding| finding.answers)
        .sum();
    if left > 0 {
        say(format!("… and {} more; the report has them all", thousands(left)));
    }
}

fn print_finding(finding: &Finding<'_>) {
    let verdict = finding.verdict.name();
    let told = format!(" {} {} {}", finding.hosts(), finding.modules(), finding.what());
    parts(&[(RED, verdict), (PLAIN, &told)]);
    let result = finding.first;
    if let Some(doubt) = finding.doubt() {
        say(format!("  {doubt}"));
    }
    if !result.detail.is_empty() {
        // Never at the start of a line: these may be an adapter's words.
        say(format!("  because  {}", result.detail));
    }
    let Some(wrong) = &result.wrong else {
        return;
    };
    let shown = |value| shorten::shorten(value, MOST_CHARS);
    if finding.cases.len() == 1 {
        say(format!("  asked    {} {}", wrong.op, shown(&wrong.input)));
        say(format!("  expected {}", shown(&wrong.expected)));
        if let Some(actual) = &wrong.actual {
            say(format!("  actual   {}", shown(actual)));
            if let Some(place) = first_difference(&wrong.expected, actual) {
                say(format!("  differs  {place}"));
            }
        }
    }
    parts(&[(DIM, &format!("  again    {}", wrong.again))]);
}

/// The counts in one line, such as `12,345 passed, 0 failed`.
fn last_line(report: &Report) -> String {
    let mut line = format!(
        "{} passed, {} failed",
        thousands(report.of_verdict(Verdict::Pass)),
        thousands(red(&report.verdicts, report.strict))
    );
    let gaps = report.of_verdict(Verdict::KnownGap);
    let away = if report.strict {
        0
    } else {
        report.of_verdict(Verdict::Unavailable)
    };
    let not_reached = report.planned - report.verdicts.values().sum::<usize>();
    for (count, words) in [
        (gaps, if gaps == 1 { "known gap" } else { "known gaps" }),
        (away, "not asked: the host is not here"),
        (not_reached, "not reached"),
        (report.reds.len(), "otherwise red"),
    ] {
        if count > 0 {
            line += &format!(", {} {words}", thousands(count));
        }
    }
    match report.sample() {
        Some(sample) => format!("{line}; {sample}"),
        None => line,
    }
}

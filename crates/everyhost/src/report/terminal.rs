//! The matrix, the failures and the last line, on the terminal.

use std::collections::BTreeMap;

use anstream::println;
use anstyle::{AnsiColor, Style};
use comfy_table::{CellAlignment, Table, presets};

use super::difference::first_difference;
use super::json::{Report, Result as CaseResult};
use super::{shorten, thousands};
use crate::hosts::module_names;
use crate::run::{End, Run, Tally};
use crate::verdict::Verdict;

/// How many failures are shown.
const MOST_FAILURES: usize = 20;

/// How many failures are shown that look alike: the same row, verdict and reason.
const MOST_ALIKE: usize = 3;

/// How much of a long value is shown.
const MOST_CHARS: usize = 64;

const RED: Style = AnsiColor::Red.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// Prints the matrix, then what is red, then one line with the counts.
pub fn print(run: &Run<'_>) {
    let report = Report::of(run);
    println!("{}", matrix(run));
    print_rows_apart(run);
    print_failures(&report);
    for red in &run.summary.reds {
        println!("{RED}red{RED:#} {red}");
    }
    let style = if run.summary.end == End::Green { GREEN } else { RED };
    println!("{style}{}{style:#}", last_line(run));
    let page = run.options.report.join("index.html");
    println!(
        "report: {}",
        page.strip_prefix(std::env::current_dir().unwrap_or_default())
            .unwrap_or(&page)
            .display()
    );
}

/// Rows × modules. What is planned and as it should be, over what is planned.
fn matrix(run: &Run<'_>) -> Table {
    let cells = &run.summary.cells;
    let modules: Vec<&str> = module_names()
        .into_iter()
        .filter(|module| cells.keys().any(|(_, asked)| asked == module))
        .collect();
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(std::iter::once("").chain(modules.iter().copied()));
    for row in run.rows.iter().filter(|row| !row.plan.items.is_empty()) {
        let name = &row.plan.row.name;
        let counts = modules.iter().map(|module| {
            cells
                .get(&(name.clone(), (*module).to_string()))
                .map_or_else(|| "–".to_string(), |tally| cell(tally, run.options.strict))
        });
        table.add_row(std::iter::once(name.clone()).chain(counts));
    }
    for column in table.column_iter_mut().skip(1) {
        column.set_cell_alignment(CellAlignment::Right);
    }
    table
}

fn cell(tally: &Tally, strict: bool) -> String {
    if tally.of(Verdict::Unavailable) == tally.planned {
        return if strict {
            format!("not here: {} red", thousands(tally.planned))
        } else {
            "not here".into()
        };
    }
    let mut text = format!(
        "{}/{}",
        thousands(tally.of(Verdict::Pass)),
        thousands(tally.planned)
    );
    let gaps = tally.of(Verdict::KnownGap);
    if gaps > 0 {
        text += &format!(", {} known", thousands(gaps));
    }
    let red = tally.red(strict);
    if red > 0 {
        text += &format!(", {} red", thousands(red));
    }
    text
}

/// What is to be said of a row beside its counts.
fn print_rows_apart(run: &Run<'_>) {
    for row in &run.rows {
        let name = &row.plan.row.name;
        if let Some(why) = &row.unavailable {
            println!("{name} is not here: {why}. To get it: {}", row.plan.row.hint);
        }
        if row.plan.sampled_out > 0 {
            println!(
                "{DIM}{name} is slow: every failure, session and raw case and a seeded sample of the rest; {} left out (--all asks them too){DIM:#}",
                thousands(row.plan.sampled_out)
            );
        }
        if row.restarts > 0 {
            println!(
                "{DIM}{name}: its adapter was started again {} times{DIM:#}",
                row.restarts
            );
        }
    }
}

fn print_failures(report: &Report<'_>) {
    let mut alike: BTreeMap<(&str, Verdict, &str), usize> = BTreeMap::new();
    let (mut shown, mut left) = (0, 0);
    for result in &report.results {
        // A row that is not here is told in one line, above.
        let red = |verdict: &Verdict| verdict.is_red(false);
        let Some(verdict) = result.verdict.filter(red) else {
            continue;
        };
        let seen = alike.entry((result.row, verdict, result.detail)).or_default();
        *seen += 1;
        // Wrong answers come without a reason: each is a finding of its own.
        if shown < MOST_FAILURES && (*seen <= MOST_ALIKE || result.detail.is_empty()) {
            shown += 1;
            print_failure(result, verdict);
        } else {
            left += 1;
        }
    }
    if left > 0 {
        println!("… and {} more; the report has them all", thousands(left));
    }
}

fn print_failure(result: &CaseResult<'_>, verdict: Verdict) {
    println!(
        "{RED}{}{RED:#} {} {} {}",
        verdict.name(),
        result.row,
        result.module,
        result.case
    );
    if !result.detail.is_empty() {
        println!("  {}", result.detail);
    }
    let Some(wrong) = &result.wrong else {
        return;
    };
    println!(
        "  asked    {} {}",
        wrong.op,
        shorten::shorten(&wrong.input, MOST_CHARS)
    );
    println!("  expected {}", shorten::shorten(&wrong.expected, MOST_CHARS));
    if let Some(actual) = wrong.actual {
        println!("  actual   {}", shorten::shorten(actual, MOST_CHARS));
        if let Some(place) = first_difference(&wrong.expected, actual) {
            println!("  differs  {place}");
        }
    }
    println!("  {DIM}again    {}{DIM:#}", wrong.again);
}

/// The counts in one line, such as `12,345 passed, 0 failed`.
fn last_line(run: &Run<'_>) -> String {
    let (total, strict) = (&run.summary.total, run.options.strict);
    let mut line = format!(
        "{} passed, {} failed",
        thousands(total.of(Verdict::Pass)),
        thousands(total.red(strict))
    );
    let gaps = total.of(Verdict::KnownGap);
    let away = if strict { 0 } else { total.of(Verdict::Unavailable) };
    let not_reached = total.planned - total.judged;
    for (count, words) in [
        (gaps, if gaps == 1 { "known gap" } else { "known gaps" }),
        (away, "not asked: the host is not here"),
        (not_reached, "not reached"),
        (run.summary.reds.len(), "otherwise red"),
    ] {
        if count > 0 {
            line += &format!(", {} {words}", thousands(count));
        }
    }
    line
}

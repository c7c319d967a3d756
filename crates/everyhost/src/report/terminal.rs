//! The matrix, the failures and the last line, on the terminal.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anstream::println;
use anstyle::{AnsiColor, Style};
use comfy_table::{CellAlignment, Table, presets};

use super::difference::first_difference;
use super::json::{Cell, Report, Result as CaseResult, Verdicts};
use super::{shorten, thousands};
use crate::verdict::Verdict;

/// How many failures are shown.
const MOST_FAILURES: usize = 20;

/// How many failures are shown that look alike: the same row, verdict and reason.
const MOST_ALIKE: usize = 3;

/// With how many modules their names are still written in one line.
const MOST_WHOLE_NAMES: usize = 4;

/// How much of a long value is shown.
const MOST_CHARS: usize = 64;

const RED: Style = AnsiColor::Red.on_default().bold();
const GREEN: Style = AnsiColor::Green.on_default().bold();
const DIM: Style = Style::new().dimmed();

/// Prints the matrix, then what is red, then one line with the counts. `dir` is where the report is.
pub fn print(report: &Report, dir: &Path) {
    println!("{}", matrix(report));
    print_rows_apart(report);
    print_left_out(report);
    print_failures(report);
    for red in &report.reds {
        println!("{RED}red{RED:#} {red}");
    }
    let style = if report.end == "green" { GREEN } else { RED };
    println!("{style}{}{style:#}", last_line(report));
    let page = dir.join("index.html");
    println!(
        "report: {}",
        page.strip_prefix(std::env::current_dir().unwrap_or_default())
            .unwrap_or(&page)
            .display()
    );
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
    let mut left_out: usize = samples().map(|(_, sample)| sample.left_out).sum();
    let kinds = report.rows.iter().flat_map(|row| &row.not_in_sample);
    left_out += kinds.map(|kind| kind.cases).sum::<usize>();
    if left_out == 0 {
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
        println!("{DIM}in part, {line}{DIM:#}");
    }
    println!(
        "{DIM}left out: {} cases; the report says which, --all asks them too{DIM:#}",
        thousands(left_out)
    );
}

/// What is to be said of a row beside its counts.
fn print_rows_apart(report: &Report) {
    for row in &report.rows {
        let name = &row.name;
        if let Some(why) = &row.unavailable {
            println!("{name} is not here: {why}. To get it: {}", row.hint);
        }
        for (module, loaded) in &row.loaded {
            if let Some(why) = &loaded.refused {
                println!("{name} cannot load {module}: {why}");
            }
        }
        if row.restarts > 0 {
            println!(
                "{DIM}{name}: its adapter was started again {} times{DIM:#}",
                row.restarts
            );
        }
    }
}

fn print_failures(report: &Report) {
    let mut alike: BTreeMap<(&str, Verdict, &str), usize> = BTreeMap::new();
    let (mut shown, mut left) = (0, 0);
    for result in &report.results {
        // A row that is not here is told in one line, above.
        let red = |verdict: &Verdict| verdict.is_red(false);
        let Some(verdict) = result.verdict.filter(red) else {
            continue;
        };
        let seen = alike.entry((&result.row, verdict, &result.detail)).or_default();
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

fn print_failure(result: &CaseResult, verdict: Verdict) {
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
    if let Some(actual) = &wrong.actual {
        println!("  actual   {}", shorten::shorten(actual, MOST_CHARS));
        if let Some(place) = first_difference(&wrong.expected, actual) {
            println!("  differs  {place}");
        }
    }
    println!("  {DIM}again    {}{DIM:#}", wrong.again);
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
    line
}

//! The pages of a site. All come from one template, whose sections hold tables, differences, changes or cases.

use std::collections::{BTreeMap, BTreeSet};

use anyhow::Result;
use minijinja::context;
use minijinja::value::Serde;
use serde_json::{Value, json};

use super::cases::{Case, Cases};
use super::changes::{Change, Changes, SHORT};
use super::names::{anchor, case_href, host_path, module_path, suite_path};
use super::seen::Seen;
use crate::badge;
use crate::page::render;
use crate::report::address::address;
use crate::report::differences::{MOST_GROUPS, grouped, sentence};
use crate::report::html::{counted, not_planned, sign};
use crate::report::{self, RowInfo, headline};
use crate::results::{End, Tally};
use crate::text::{count, names, shorten, thousands};
use crate::visible::visible_in;

/// The report beside its page.
pub(super) const REPORT_FILE: &str = "report.json.gz";

/// How many reports the tables and the changes on the first page go back. The list there has them all.
const MOST_COLUMNS: usize = 8;
const MOST_CHANGES: usize = 50;

/// How much is shown of the changes of one report.
const MOST_SENTENCES: usize = 60;
const MOST_CHANGED: usize = 40;
const MOST_CASES: usize = 12;

const MOST_CHARS: usize = 160;
const MOST_NAMES: usize = 16;
const MOST_ANSWERS: usize = 12;
const MOST_ANSWER: usize = 80;

/// Every page, as its path and its contents.
pub(super) fn all(
    history: &[Seen],
    changes: &Changes,
    cases: &Cases<'_>,
    label: Option<&str>,
) -> Result<Vec<(String, String)>> {
    let site = Site { history, changes, cases, suite_of: cases.suite_of(), label };
    let mut pages = vec![("index.html".to_owned(), site.first()?)];
    let rows: BTreeSet<&str> = history.iter().flat_map(Seen::rows).collect();
    for row in rows {
        pages.push((host_path(row), site.host(row)?));
    }
    let modules: BTreeSet<&str> = history.iter().flat_map(Seen::modules).collect();
    for module in modules {
        pages.push((module_path(module), site.module(module)?));
    }
    for (suite, of_suite) in &cases.0 {
        pages.push((suite_path(suite), site.suite(suite, of_suite)?));
    }
    Ok(pages)
}

struct Site<'a> {
    history: &'a [Seen],
    changes: &'a Changes,
    cases: &'a Cases<'a>,
    suite_of: BTreeMap<&'a str, &'a str>,
    label: Option<&'a str>,
}

/// What the head of a page says.
struct Head<'a> {
    headline: String,
    /// If the page is about one report.
    end: Option<End>,
    remarks: Vec<String>,
    facts: String,
    /// From the page to the root of the site.
    up: &'a str,
}

impl Site<'_> {
    fn newest(&self) -> &Seen {
        // A site has at least one report.
        &self.history[self.history.len() - 1]
    }

    fn brand(&self) -> String {
        let own = self.newest().report.own_modules();
        match self.label {
            Some(label) => label.to_owned(),
            None if own.is_empty() => "Everyhost".into(),
            None => names(&own, MOST_NAMES),
        }
    }

    fn page(&self, head: Head<'_>, sections: Vec<Value>) -> Result<String> {
        let brand = self.brand();
        let is_first = head.up.is_empty();
        let mut contents = Vec::new();
        if !is_first {
            contents.push(json!({"href": format!("{}index.html", head.up), "name": "All results"}));
        }
        contents.extend(sections.iter().map(|section| {
            json!({"href": format!("#~{}", section["id"].as_str().unwrap_or_default()), "name": section["name"]})
        }));
        let (sign, icon_colour) = sign(head.end.unwrap_or(self.newest().report.end));
        let told = visible_in(json!({
            "title": format!("{brand}: {}", head.headline),
            "brand": brand,
            "motto": "What every host answered, report by report.",
            "icon_colour": icon_colour,
            "sign": head.end.map(|_| sign),
            "end": head.end.map(End::name),
            "headline": head.headline,
            "remarks": head.remarks,
            "facts": head.facts,
            "contents": contents,
            "sections": sections,
            "badge": is_first.then(|| badge::title(&self.newest().report, self.label)),
            "tool": concat!("everyhost ", env!("CARGO_PKG_VERSION")),
            "reports": count(self.history.len(), "report"),
        }));
        render(include_str!("../../templates/site.html"), context! { css => report::CSS, ..Serde(told) })
    }

    fn first(&self) -> Result<String> {
        let newest = &self.newest().report;
        let differences = grouped(&newest.differences, |case| self.href_of(case));
        let told = self.history.iter().zip(&self.changes.0).rev();
        let told: Vec<Value> = told
            .filter(|(_, change)| !change.is_empty())
            .take(MOST_CHANGES)
            .map(|(seen, change)| changed(seen, change))
            .collect();
        let reports: Vec<Value> = self.history.iter().rev().map(reported).collect();
        let suites: Vec<Value> = self.cases.0.iter().map(|(suite, cases)| of_suite(suite, cases)).collect();
        let mut sections = vec![
            json!({
                "id": "hosts", "name": "Hosts over time",
                "about": "How many answers each host got right, with its version. The newest report comes first. A host's page has every version with every module.",
                "table": self.over_time("Right answers of each host, report by report", Seen::rows, host_cell, host_path),
            }),
            json!({
                "id": "modules", "name": "Modules over time",
                "about": "The same for each module, with the start of its SHA-256.",
                "table": self.over_time("Right answers with each module, report by report", Seen::modules, module_cell, module_path),
            }),
        ];
        if !differences.is_empty() {
            sections.push(json!({
                "id": "differences", "name": "Where hosts differ",
                "about": format!("In the newest report: {}", sentence(newest.differences.len(), differences.len())),
                "differences": differences.into_iter().take(MOST_GROUPS).collect::<Vec<_>>(),
            }));
        }
        if self.history.len() > 1 {
            sections.push(json!({
                "id": "changes", "name": "What changed",
                "about": if told.is_empty() { "Nothing, from the first report to the newest." } else { "Each report against the one before it: hosts, modules, vectors and answers. A case counts only if both reports have an answer to it." },
                "changes": told,
            }));
        }
        sections.push(json!({"id": "cases", "name": "Every case", "about": "Each suite has a page, and each case an address on it that does not change.", "suites": suites}));
        sections.push(json!({"id": "reports", "name": "Reports", "about": "Each report has its own page, and report.json.gz has all of it for programs. site.json lists them.", "reports": reports}));
        let head = Head {
            headline: headline::sentence(newest),
            end: Some(newest.end),
            remarks: remarks(self.newest()),
            facts: format!(
                "The newest of {}: {}, by {}",
                count(self.history.len(), "report"),
                minute(&newest.started),
                newest.tool
            ),
            up: "",
        };
        self.page(head, sections)
    }

    /// The page of a case, from the first page.
    fn href_of(&self, case: &str) -> String {
        self.suite_of.get(case).map_or_else(String::new, |suite| case_href(suite, case))
    }

    /// A table with a column for each of the newest reports.
    fn over_time<'a, I: Iterator<Item = &'a str>>(
        &'a self,
        caption: &str,
        listed: impl Fn(&'a Seen) -> I,
        cell: impl Fn(&Seen, &str) -> Option<Value>,
        path: impl Fn(&str) -> String,
    ) -> Value {
        let shown: Vec<&Seen> = self.history.iter().rev().take(MOST_COLUMNS).collect();
        let lines = in_order(shown.iter().flat_map(|seen| listed(seen)));
        let columns = shown.iter().map(|seen| {
            json!({"name": seen.day(), "about": seen.report.started.get(11..16), "href": format!("reports/{}/index.html", seen.id)})
        });
        let rows = lines.iter().map(|name| {
            let href = path(name);
            let cells = shown.iter().map(|seen| {
                let mut cell = cell(seen, name).unwrap_or_else(did_not_run);
                if cell["state"] != "none" {
                    cell["href"] = href.clone().into();
                }
                cell
            });
            json!({"name": name, "href": href, "cells": cells.collect::<Vec<_>>()})
        });
        json!({"caption": caption, "columns": columns.collect::<Vec<_>>(), "rows": rows.collect::<Vec<_>>()})
    }

    /// Every version of a host with every module.
    fn host(&self, row: &str) -> Result<String> {
        let modules = self.all_of(|seen| {
            let cells = seen.report.matrix.iter().filter(|cell| cell.row == row);
            cells.map(|cell| cell.module.as_str()).collect()
        });
        let line = |seen: &Seen| {
            let info = row_of(seen, row)?;
            let cells: Vec<Value> =
                modules.iter().map(|module| cell(seen, info, module, &build(seen, module))).collect();
            let name = info.host.as_ref().map_or_else(
                || format!("not installed: {}", info.unavailable.as_deref().unwrap_or("it does not say why")),
                |host| format!("{} {}, {}", host.host, host.version, host.runtime),
            );
            Some((name, cells))
        };
        let head = Head {
            headline: format!("{row}: every version with every module"),
            end: None,
            remarks: Vec::new(),
            facts: self.newest_of(row_host(self.newest(), row)),
            up: "../",
        };
        let columns =
            modules.iter().map(|module| json!({"name": module, "href": format!("../{}", module_path(module))}));
        let table = json!({
            "caption": "Right answers by version and module, the newest first",
            "columns": columns.collect::<Vec<_>>(),
            "rows": self.collapsed(line),
        });
        let about = "A new line begins when a version, a build or a count changes. Below each count is the start of the module's SHA-256. A cell opens the newest report of its line.";
        self.page(head, vec![json!({"id": "versions", "name": "By version", "about": about, "table": table})])
    }

    /// Every build of a module on every host.
    fn module(&self, module: &str) -> Result<String> {
        let rows = self.all_of(|seen| {
            let has = |row: &&str| seen.report.cell(row, module).is_some();
            seen.rows().filter(has).collect()
        });
        let line = |seen: &Seen| {
            seen.modules().find(|known| *known == module)?;
            let cells: Vec<Value> = rows
                .iter()
                .map(|row| row_of(seen, row).map_or_else(did_not_run, |info| cell(seen, info, module, &version(info))))
                .collect();
            let bytes = seen.report.modules.iter().find(|built| built.name == module).map(|built| built.bytes);
            let name = bytes.map_or_else(
                || "no file: native code".into(),
                |bytes| format!("{}, {} bytes", build(seen, module), thousands(bytes)),
            );
            Some((name, cells))
        };
        let sha256 = self.newest().build(module);
        let head = Head {
            headline: format!("{module}: every build on every host"),
            end: None,
            remarks: Vec::new(),
            facts: self.newest_of(sha256.map(|sha256| format!("SHA-256 {sha256}"))),
            up: "../",
        };
        let columns = rows.iter().map(|row| json!({"name": row, "href": format!("../{}", host_path(row))}));
        let table = json!({
            "caption": "Right answers by build and host, the newest first",
            "columns": columns.collect::<Vec<_>>(),
            "rows": self.collapsed(line),
        });
        let about = "A new line begins when a build, a version or a count changes. Below each count is the host's version. A cell opens the newest report of its line.";
        self.page(head, vec![json!({"id": "builds", "name": "By build", "about": about, "table": table})])
    }

    fn newest_of(&self, what: Option<String>) -> String {
        let what = what.unwrap_or_else(|| "not in it".into());
        format!("The newest report, of {}: {what}", minute(&self.newest().report.started))
    }

    /// Names from all reports, in the order of the newest.
    fn all_of<'a>(&'a self, of: impl Fn(&'a Seen) -> Vec<&'a str>) -> Vec<&'a str> {
        in_order(self.history.iter().rev().flat_map(of))
    }

    /// The lines of a table, newest first. Equal lines that follow each other become one.
    fn collapsed(&self, line: impl Fn(&Seen) -> Option<(String, Vec<Value>)>) -> Vec<Value> {
        let alike = |cells: &[Value]| -> Vec<Value> {
            let mut cells = cells.to_vec();
            cells.iter_mut().for_each(|cell| cell["href"] = Value::Null);
            cells
        };
        let mut lines: Vec<(String, Vec<Value>, Vec<&str>)> = Vec::new();
        for seen in self.history.iter().rev() {
            let Some((name, cells)) = line(seen) else { continue };
            match lines.last_mut() {
                Some((known, of_known, days)) if *known == name && alike(of_known) == alike(&cells) => {
                    days.push(seen.day())
                }
                _ => lines.push((name, cells, vec![seen.day()])),
            }
        }
        let line = |(name, cells, days): (String, Vec<Value>, Vec<&str>)| {
            let (last, first) = (days[0], days[days.len() - 1]);
            let when = if first == last { first.to_owned() } else { format!("{first} to {last}") };
            json!({"name": name, "about": format!("{when}, {}", count(days.len(), "report")), "cells": cells})
        };
        lines.into_iter().map(line).collect()
    }

    /// The cases of a suite, each with its anchor.
    fn suite(&self, suite: &str, cases: &[Case<'_>]) -> Result<String> {
        let flags: BTreeMap<&str, &str> = cases.iter().flat_map(|case| case.flags.iter().copied()).collect();
        let flags: Vec<Value> = flags.iter().map(|(name, meaning)| json!({"name": name, "meaning": meaning})).collect();
        let source =
            self.history.iter().rev().find_map(|seen| seen.report.suites.iter().find(|known| known.name == suite));
        let head = Head {
            headline: format!("{suite}: {}", count(cases.len(), "case")),
            end: None,
            remarks: Vec::new(),
            facts: source.map_or_else(String::new, |suite| {
                format!("Where the answers come from: {} ({})", suite.source.name, suite.source.licence)
            }),
            up: "../",
        };
        let cases: Vec<Value> = cases.iter().map(|case| self.case(case)).collect();
        let about =
            "How each case stands in the newest report that ran it, and every unexpected answer that any report has.";
        self.page(head, vec![json!({"id": "all", "name": "Cases", "about": about, "flags": flags, "cases": cases})])
    }

    fn case(&self, case: &Case<'_>) -> Value {
        let tally = &case.tally;
        let ran = tally.right + tally.gaps + tally.red;
        let mut text = vec![match (tally.right, ran) {
            (_, 0) => "not run".into(),
            (right, ran) if right == ran => format!("right, {} of {}", thousands(right), thousands(ran)),
            (right, ran) => format!("{} of {} right", thousands(right), thousands(ran)),
        }];
        for (number, what) in [(tally.gaps, "known gaps"), (tally.red, "red"), (tally.not_run, "without an answer")] {
            if number > 0 && !(ran == 0 && what == "without an answer") {
                text.push(format!("{} {what}", thousands(number)));
            }
        }
        let state = match tally {
            _ if ran == 0 => "away",
            tally if tally.red > 0 => "bad",
            tally if tally.gaps > 0 => "gap",
            _ => "good",
        };
        let is_old = case.newest + 1 < self.history.len();
        let answers = case.answers.iter().take(MOST_ANSWERS).map(|answer| {
            let mut by: BTreeMap<(usize, usize), Vec<String>> = BTreeMap::new();
            for (row, seen) in &answer.by {
                let modules: Vec<&str> = seen.modules.iter().copied().collect();
                by.entry((seen.first, seen.last)).or_default().push(format!("{row} ({})", names(&modules, MOST_NAMES)));
            }
            let by = by.into_iter().rev().map(|((first, last), who)| {
                let who: Vec<&str> = who.iter().map(String::as_str).collect();
                format!("{}: {}", names(&who, MOST_NAMES), self.period(first, last))
            });
            json!({"verdict": answer.verdict.name(), "answer": answer.answer, "detail": answer.detail, "by": by.collect::<Vec<_>>()})
        });
        json!({
            "anchor": anchor(case.id),
            "id": shorten(&case.id.into(), MOST_CHARS).trim_matches('"'),
            "flags": case.flags.iter().map(|(flag, _)| flag).collect::<Vec<_>>(),
            "state": state,
            "text": text.join(", "),
            "when": is_old.then(|| format!("last run {}", self.history[case.newest].day())),
            "given": case.given.map(|(given, _)| given),
            "expected": case.given.map(|(_, expected)| expected),
            "answers": answers.collect::<Vec<_>>(),
        })
    }

    fn period(&self, first: usize, last: usize) -> String {
        let day = |at: usize| minute(&self.history[at].report.started);
        match (first, last) {
            (first, last) if first == last => format!("on {}", day(first)),
            (0, last) if last + 1 == self.history.len() => "from the first report to the newest".into(),
            (first, last) if last + 1 == self.history.len() => format!("since {}", day(first)),
            (first, last) => format!("from {} to {}", day(first), day(last)),
        }
    }
}

impl Change {
    fn is_empty(&self) -> bool {
        self.of_what_ran.is_empty() && self.answers.is_empty()
    }
}

fn minute(started: &str) -> String {
    started.get(..16).map_or_else(String::new, |minute| minute.replace('T', " ") + " UTC")
}

fn remarks(seen: &Seen) -> Vec<String> {
    let mut remarks = headline::remarks(&seen.report);
    if let Some(part) = &seen.report.plan.part {
        remarks.push(format!("a part of the plan: {part}"));
    }
    remarks
}

fn did_not_run() -> Value {
    json!({"state": "none", "title": "it did not run", "text": "did not run"})
}

fn row_of<'a>(seen: &'a Seen, row: &str) -> Option<&'a RowInfo> {
    seen.report.planned_rows().find(|known| known.name == row)
}

fn row_host(seen: &Seen, row: &str) -> Option<String> {
    row_of(seen, row)?.host.as_ref().map(ToString::to_string)
}

fn version(row: &RowInfo) -> String {
    row.host.as_ref().map_or_else(String::new, |host| host.version.clone())
}

fn build(seen: &Seen, module: &str) -> String {
    seen.build(module).map_or_else(String::new, |sha256| sha256[..SHORT].to_owned())
}

/// The count of one row with one module. The link is from a page one folder below the root.
fn cell(seen: &Seen, row: &RowInfo, module: &str, about: &str) -> Value {
    let Some(cell) = seen.report.cell(&row.name, module) else {
        return not_planned();
    };
    let answers = address(&[("host", &row.name), ("module", module)]);
    let href = format!("../reports/{}/index.html{answers}", seen.id);
    let mut shown = counted(&cell.tally, row.left_out_of(module), seen.report.strict, &href);
    shown["about"] = about.into();
    shown
}

/// The count of a row with all modules.
fn host_cell(seen: &Seen, row: &str) -> Option<Value> {
    let info = row_of(seen, row)?;
    let mut shown = sum(seen, info.not_run(), |cell| cell.row == row);
    shown["about"] = version(info).into();
    Some(shown)
}

/// The count of a module on all rows.
fn module_cell(seen: &Seen, module: &str) -> Option<Value> {
    seen.modules().find(|known| *known == module)?;
    let left_out = seen.report.planned_rows().map(|row| row.left_out_of(module)).sum();
    let mut shown = sum(seen, left_out, |cell| cell.module == module);
    shown["about"] = build(seen, module).into();
    Some(shown)
}

fn sum(seen: &Seen, left_out: usize, is: impl Fn(&report::Cell) -> bool) -> Value {
    let mut all = Tally::default();
    seen.report.matrix.iter().filter(|cell| is(cell)).for_each(|cell| all.add(&cell.tally));
    counted(&all, left_out, seen.report.strict, "")
}

fn reported(seen: &Seen) -> Value {
    let report = &seen.report;
    json!({
        "href": format!("reports/{}/index.html", seen.id),
        "file": format!("reports/{}/{REPORT_FILE}", seen.id),
        "time": minute(&report.started),
        "end": report.end.name(),
        "state": match report.end { End::Green => "good", End::Red => "bad", End::NothingRan => "away" },
        "counts": headline::counts(report),
        "remarks": remarks(seen),
        "tool": report.tool,
    })
}

fn changed(seen: &Seen, change: &Change) -> Value {
    let shown = change.answers.iter().take(MOST_CHANGED).map(|changed| {
        let modules: Vec<&str> = changed.modules.iter().map(String::as_str).collect();
        let cases = changed.cases.iter().take(MOST_CASES);
        let cases = cases.map(|(suite, case)| json!({"id": case, "href": case_href(suite, case)}));
        json!({
            "state": if changed.is_red { "bad" } else if changed.now == "right" { "good" } else { "gap" },
            "count": count(changed.cases.len(), "case"),
            "who": format!("{} with {}", changed.row, names(&modules, MOST_NAMES)),
            "before": cut(&changed.before),
            "now": cut(&changed.now),
            "cases": cases.collect::<Vec<_>>(),
            "more": changed.cases.len().saturating_sub(MOST_CASES),
        })
    });
    let mut sentences: Vec<String> = change.of_what_ran.iter().take(MOST_SENTENCES).cloned().collect();
    if change.of_what_ran.len() > MOST_SENTENCES {
        sentences.push(format!("and {} more", thousands(change.of_what_ran.len() - MOST_SENTENCES)));
    }
    json!({
        "time": minute(&seen.report.started),
        "href": format!("reports/{}/index.html", seen.id),
        "sentences": sentences,
        "answers": shown.collect::<Vec<_>>(),
        "more": change.answers.len().saturating_sub(MOST_CHANGED),
    })
}

/// Each name once, where it first comes.
fn in_order<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut known = BTreeSet::new();
    names.filter(|name| known.insert(*name)).collect()
}

/// The start of an answer.
fn cut(answer: &str) -> String {
    match answer.char_indices().nth(MOST_ANSWER) {
        Some((end, _)) => format!("{}…", &answer[..end]),
        None => answer.to_owned(),
    }
}

fn of_suite(suite: &str, cases: &[Case<'_>]) -> Value {
    let differ = cases.iter().filter(|case| !case.answers.is_empty()).count();
    let mut about = count(cases.len(), "case");
    if differ > 0 {
        about += &format!(", {} with unexpected answers", thousands(differ));
    }
    json!({"name": suite, "href": suite_path(suite), "about": about})
}

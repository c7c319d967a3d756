//! `index.html`: the report for people. One file, no network. The tables are written here; the list of answers, which
//! has tens of thousands of lines, is drawn by the page from compact data.

use std::collections::BTreeMap;

use anyhow::Result;
use minijinja::context;
use minijinja::value::Serde;
use serde_json::{Value, json};
use vectors::Suite;

use super::address::address;
use super::behaviour;
use super::difference::first_difference;
use super::differences::{self, MOST_GROUPS};
use super::findings::{Finding, findings, note};
use super::headline;
use super::html_data::data;
use super::json::{Group, LoadedInfo, Report, RowInfo};
use crate::answer::Given;
use crate::page::render;
use crate::results::{End, GapUse, Tally};
use crate::text::{count, names, shorten, thousands, times};
use crate::verdict::Verdict;
use crate::visible::visible_in;

const MOST_FINDINGS: usize = 20;

const MOST_CHARS: usize = 256;

const MOST_GAP_CHARS: usize = 160;

const MOST_NAMES: usize = 6;

/// With so few columns, a table of numbers is not as wide as the page.
const NARROW: usize = 3;

/// A file beside the page: its address, its name, and what it is.
pub(crate) type Beside<'a> = (&'a str, &'a str, &'a str);

/// The page. What a case was given comes from the suites, if these are at hand.
pub(crate) fn page(report: &Report, suites: &[Suite], beside: &[Beside<'_>]) -> Result<String> {
    let findings = findings(report);
    let differences = differences::grouped(&report.differences, |case| address(&[("case", case)]));
    let behaviour = behaviour::tables(report);
    let own = report.own_modules();
    let brand = if own.is_empty() { "Everyhost".into() } else { own.join(", ") };
    let (sign, icon_colour) = sign(report.end);
    let beside: Vec<Value> =
        beside.iter().map(|(href, name, about)| json!({"href": href, "name": name, "about": about})).collect();
    let gaps = gaps(report);
    let same_bytes = same_bytes(report);
    let contents: Vec<Value> = [
        ("matrix", "Matrix", true),
        ("differences", "Differences", !differences.is_empty()),
        ("behaviour", "Behavior", !behaviour.is_empty()),
        ("results", "Answers", true),
        ("gaps", "Known gaps", !gaps.is_empty()),
        ("hosts", "Hosts", true),
        ("modules", "Modules", !report.modules.is_empty()),
        ("suites", "Suites", true),
    ]
    .into_iter()
    .filter(|(.., is_there)| *is_there)
    .map(|(id, name, _)| json!({"id": id, "name": name}))
    .collect();
    let told = visible_in(json!({
        "title": format!("{brand}: {}", report.end.name()),
        "brand": brand,
        "motto": if !own.is_empty() { "Tested by Everyhost on every host of this machine." } else { "One Rust module, every host, the same bytes." },
        "icon_colour": icon_colour,
        "sign": sign,
        "end": report.end.name(),
        "headline": headline::sentence(report),
        "remarks": headline::remarks(report),
        "contents": contents,
        "findings": findings.iter().take(MOST_FINDINGS).map(finding).collect::<Vec<_>>(),
        "more_findings": findings.len().saturating_sub(MOST_FINDINGS),
        "started": report.started,
        "elapsed_ms": report.elapsed_ms,
        "tool": report.tool,
        "strict": report.strict,
        "reds": report.reds,
        "matrices": report.groups().iter().map(|group| matrix(report, group)).collect::<Vec<_>>(),
        "gaps": gaps,
        "differences": differences.iter().take(MOST_GROUPS).collect::<Vec<_>>(),
        "differences_sentence": differences::sentence(report.differences.len(), differences.len()),
        "behaviour": behaviour,
        "rows": report.planned_rows().map(row).collect::<Vec<_>>(),
        "modules": report.modules,
        "same_bytes": same_bytes,
        "suites": self::suites(report),
        "beside": beside,
    }));
    render(
        include_str!("../../templates/report.html"),
        context! {
            css => super::CSS,
            js => include_str!("../../templates/report.js"),
            // Nothing in it may end the element that holds it.
            data => data(report, suites)?.replace('<', "\\u003c"),
            ..Serde(told)
        },
    )
}

/// The sign before the headline, and the color of the page's icon.
pub(crate) const fn sign(end: End) -> (&'static str, &'static str) {
    match end {
        End::Green => ("✓", "%2314613a"),
        _ => ("!", "%23a1211a"),
    }
}

/// One thing that is wrong, with a link to the answers that show it. It needs no JavaScript.
fn finding(finding: &Finding<'_>) -> Value {
    let mut filters = vec![("verdict", finding.verdict.name())];
    for (name, values) in [("host", &finding.rows), ("module", &finding.modules), ("case", &finding.cases)] {
        if let [one] = values[..] {
            filters.push((name, one));
        }
    }
    let wrong = finding.first.wrong.as_ref();
    let actual = wrong.and_then(|wrong| wrong.actual.as_ref()).map(Given::json);
    let differs = wrong.and_then(|wrong| first_difference(&wrong.expected.json(), actual.as_ref()?));
    json!({
        "verdict": finding.verdict.name(),
        "what": finding.what(),
        "href": address(&filters),
        "hosts": finding.hosts(),
        "modules": finding.modules(),
        "why": finding.first.detail,
        "differs": differs,
        "doubt": finding.doubt(),
        "right_on": finding.right_on(),
        "given": wrong.map(|wrong| format!("{} {}", wrong.op, shorten(&wrong.input, MOST_CHARS))),
        "expected": wrong.map(|wrong| shorten(&wrong.expected.json(), MOST_CHARS)),
        "actual": actual.map(|actual| shorten(&actual, MOST_CHARS)),
        "again": wrong.map(|wrong| wrong.again.as_str()),
    })
}

/// A count with its colour and a link to the answers that it counts. `left_out`: how many cases did not run because this
/// is a sample.
pub(crate) fn counted(tally: &Tally, left_out: usize, strict: bool, href: &str) -> Value {
    let Tally { planned, verdicts } = tally;
    let of = |verdict: Verdict| verdicts.of(verdict);
    let (red, gaps) = (verdicts.red(strict), of(Verdict::KnownGap));
    let right = of(Verdict::Pass);
    let (state, note) = if of(Verdict::Unavailable) == *planned {
        (if red > 0 { "bad" } else { "away" }, "not installed".into())
    } else if red > 0 {
        ("bad", format!("{} red", thousands(red)))
    } else if right + gaps < *planned {
        ("away", "not reached".into())
    } else if gaps > 0 {
        ("gap", format!("{} known", thousands(gaps)))
    } else {
        ("good", String::new())
    };
    let all = planned + left_out;
    json!({
        "state": if left_out > 0 { format!("{state} part") } else { state.into() },
        "text": thousands(right),
        // A note says the rest of those that ran.
        "of": (left_out > 0 && note != "not installed").then(|| thousands(all)),
        "note": note,
        "title": (left_out > 0).then(|| format!("a sample: {} of {} ran", thousands(*planned), thousands(all))),
        "href": href,
    })
}

pub(crate) fn not_planned() -> Value {
    json!({"state": "none"})
}

fn matrix(report: &Report, group: &Group<'_>) -> Value {
    let row = |row: &&RowInfo| {
        let cells = group.modules.iter().map(|module| {
            report.cell(&row.name, module).map_or_else(not_planned, |cell| {
                let href = address(&[("host", &row.name), ("module", module)]);
                counted(&cell.tally, row.left_out_of(module), report.strict, &href)
            })
        });
        let runtime = row.host.as_ref().map_or("not installed", |host| host.runtime.as_str());
        json!({"name": row.name, "about": runtime, "cells": cells.collect::<Vec<_>>()})
    };
    json!({
        "are_wasm": group.are_wasm,
        "modules": group.modules,
        "is_narrow": group.modules.len() <= NARROW,
        "rows": group.rows.iter().map(row).collect::<Vec<_>>(),
    })
}

fn suites(report: &Report) -> Vec<Value> {
    let mut tallies: BTreeMap<&str, Tally> = BTreeMap::new();
    for result in &report.results {
        tallies.entry(&result.suite).or_default().count(result.verdict);
    }
    let ran = report.suites.iter().filter_map(|suite| {
        let tally = tallies.get(suite.name.as_str())?;
        Some(json!({
            "name": suite.name,
            "cases": suite.cases,
            "cell": counted(tally, 0, report.strict, &address(&[("suite", &suite.name)])),
            "source": format!("{} ({})", suite.source.name, suite.source.licence),
        }))
    });
    ran.collect()
}

fn row(row: &RowInfo) -> Value {
    let host = row.host.as_ref();
    let mut remarks = Vec::new();
    let mut how = Vec::new();
    if let Some(why) = &row.unavailable {
        remarks.push(format!("Not installed: {why}. To get it: {}", row.hint));
    }
    if let Some(sample) = &row.sample {
        let modules = sample.modules();
        if sample.slow || !modules.is_empty() {
            how.push(format!(
                "{}: every refusal, trap, session and raw case, and {} others of each suite, one of each flag among them, drawn with the seed {:?}.",
                if sample.slow { "Slow".to_owned() } else { format!("Of {}", modules.join(", ")) },
                sample.per_suite,
                sample.seed
            ));
        }
        if !sample.few.is_empty() {
            how.push(format!(
                "Of {}: {} of each suite, drawn with the seed {:?}.",
                sample.few.join(", "),
                count(sample.few_per_suite, "case"),
                sample.seed
            ));
        }
    }
    if !how.is_empty() {
        remarks.push(format!("A sample: {} left out.", thousands(row.not_run())));
    }
    if row.restarts > 0 {
        remarks.push(format!("Its adapter was started again {}.", times(row.restarts)));
    }
    json!({
        "name": row.name,
        "kind": row.kind,
        "host": host.map_or_else(|| "–".into(), |host| format!("{} {}", host.host, host.version)),
        "runtime": host.map_or("–", |host| host.runtime.as_str()),
        "os": host.map_or("–", |host| host.os.as_str()),
        "elapsed_ms": row.elapsed_ms,
        "remarks": remarks.join(" "),
        "how": how,
    })
}

/// Known gaps by their reason: whose they are and why, then what exactly is on record.
fn gaps(report: &Report) -> Vec<Value> {
    let mut groups: Vec<(&str, &str, Vec<&GapUse>)> = Vec::new();
    // What did not run has nothing to show.
    for gap in report.known_gaps.iter().filter(|gap| gap.failed_as_recorded > 0) {
        match groups.iter_mut().find(|(reason, link, _)| (*reason, *link) == (&gap.reason, &gap.link)) {
            Some((.., known)) => known.push(gap),
            None => groups.push((&gap.reason, &gap.link, vec![gap])),
        }
    }
    let group = |(reason, link, gaps): &(&str, &str, Vec<&GapUse>)| {
        let mut rows: Vec<&str> = Vec::new();
        for gap in gaps {
            note(&mut rows, &gap.row);
        }
        let entries = gaps.iter().map(|gap| {
            json!({
                "title": gap.title,
                "answer": shorten(&gap.answer.json(), MOST_GAP_CHARS),
                "failed_as_recorded": gap.failed_as_recorded,
                "matched": gap.matched,
            })
        });
        let failed: usize = gaps.iter().map(|gap| gap.failed_as_recorded).sum();
        json!({
            "who": names(&rows, MOST_NAMES),
            "reason": reason,
            "link": link,
            "cases": count(failed, "case"),
            "entries": entries.collect::<Vec<_>>(),
        })
    };
    groups.iter().map(group).collect()
}

/// What every host says of the bytes that it loaded, module by module.
fn same_bytes(report: &Report) -> Value {
    let modules = &report.modules;
    let mut others = 0;
    let mut rows = Vec::new();
    for row in &report.rows {
        let is_about = |name: &String| modules.iter().any(|module| module.name == *name);
        if !row.loaded.keys().any(is_about) {
            continue;
        }
        let is_other = |module: &super::json::ModuleInfo| {
            let loaded = row.loaded.get(&module.name);
            loaded.is_some_and(|loaded| loaded.refused.is_none() && loaded.sha256 != module.sha256)
        };
        others += usize::from(modules.iter().any(is_other));
        let cells = modules.iter().map(|module| match row.loaded.get(&module.name) {
            None => json!({"state": "none", "text": "not run", "hash": ""}),
            Some(LoadedInfo { refused: Some(why), .. }) => {
                json!({"state": "gap", "text": "cannot load it", "hash": "", "why": why})
            }
            Some(loaded) if loaded.sha256 == module.sha256 => {
                json!({"state": "good", "text": "same", "hash": start(&loaded.sha256)})
            }
            Some(loaded) => json!({"state": "bad", "text": "other bytes", "hash": start(&loaded.sha256)}),
        });
        rows.push(json!({"name": row.name, "cells": cells.collect::<Vec<_>>()}));
    }
    let sentence = match (rows.len(), others) {
        (1, 0) => "The host has hashed what it loaded: it is the file.".into(),
        (all, 0) => {
            format!("Each of these {all} hosts has hashed what it loaded: it is the same file everywhere.")
        }
        (all, others) => {
            format!("{others} of {all} hosts say that they loaded other bytes than those of the file.")
        }
    };
    json!({"sentence": sentence, "rows": rows, "are_others": others > 0})
}

/// The start of a hash: enough to compare by eye.
fn start(sha256: &str) -> String {
    sha256.chars().take(12).collect()
}

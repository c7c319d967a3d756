//! `index.html`: the report for people. One file, no network. The tables are written here; the list of answers, which
//! has tens of thousands of lines, is drawn by the page from compact data.

use std::collections::BTreeMap;

use anyhow::Result;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment, context};
use serde::Serialize;
use serde_json::{Value, json};

use super::behaviour;
use super::difference::first_difference;
use super::differences::{self, MOST_GROUPS};
use super::findings::{Finding, findings};
use super::html_data::data;
use super::json::{LoadedInfo, Report, RowInfo, Verdicts};
use super::{shorten, thousands};
use crate::verdict::Verdict;
use crate::visible::{visible, visible_in};

/// How many findings stand above everything else.
const MOST_FINDINGS: usize = 12;

/// How many cases are named in the first line.
const MOST_NAMED: usize = 3;

/// The page.
pub(super) fn page(report: &Report, has_bench: bool) -> Result<String> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("report", include_str!("../../templates/report.html"))?;
    let findings = findings(report);
    let differences = differences::grouped(&report.differences);
    let modules = report.modules_in_order();
    let own = report.own_module();
    let told = visible_in(json!({
        "title": format!("{}: {}", own.unwrap_or("Everyhost"), report.end),
        "brand": own.unwrap_or("Everyhost"),
        "motto": if own.is_some() { "Tested by Everyhost on every host of this machine." } else { "One Rust module, every host, the same bytes." },
        "icon_colour": if report.end == "green" { "%2314613a" } else { "%23a1211a" },
        "sign": if report.end == "green" { "✓" } else { "!" },
        "end": report.end,
        "sentence": sentence(report),
        "sample": report.sample(),
        "findings": findings.iter().take(MOST_FINDINGS).map(finding).collect::<Vec<_>>(),
        "more_findings": thousands(findings.len().saturating_sub(MOST_FINDINGS)),
        "has_more_findings": findings.len() > MOST_FINDINGS,
        "named": named(&findings),
        "started": report.started,
        "started_shown": report.started.get(..16).map(|minute| minute.replace('T', " ") + " UTC"),
        "elapsed": elapsed(report.elapsed_ms),
        "tool": report.tool,
        "strict": report.strict,
        "reds": report.reds,
        "modules": modules,
        "matrix": matrix(report, &modules),
        "gaps": gaps(report),
        "differences": differences.iter().take(MOST_GROUPS).collect::<Vec<_>>(),
        "behaviour": behaviour::tables(report),
        "differences_sentence": differences::sentence(report.differences.len(), differences.len()),
        "rows": report.rows.iter().filter(|row| row.planned > 0).map(row).collect::<Vec<_>>(),
        "modules_built": modules_built(report),
        "same_bytes": same_bytes(report),
        "suites": suites(report),
        "has_bench": has_bench,
    }));
    let page = environment.get_template("report")?.render(context! {
        css => super::CSS,
        js => include_str!("../../templates/report.js"),
        // Nothing in it may end the element that it stands in.
        data => data(report)?.replace('<', "\\u003c"),
        ..Serde(told)
    })?;
    Ok(page)
}

/// The cases that are red, for the first line of the page.
fn named(findings: &[Finding<'_>]) -> Vec<Value> {
    let mut cases: Vec<&str> = Vec::new();
    for case in findings.iter().flat_map(|finding| &finding.cases) {
        if !cases.contains(case) {
            cases.push(case);
        }
        if cases.len() > MOST_NAMED {
            break;
        }
    }
    let link =
        |case: &&str| json!({"case": case, "href": address(&[("verdict", "not-pass"), ("case", case)])});
    let mut named: Vec<Value> = cases.iter().take(MOST_NAMED).map(link).collect();
    if cases.len() > MOST_NAMED {
        named.push(json!({"case": "more", "href": address(&[("verdict", "not-pass")])}));
    }
    named
}

/// One line about what is wrong, with a link to the answers that show it.
fn finding(finding: &Finding<'_>) -> Value {
    let mut filters = vec![("verdict", finding.verdict.name())];
    for (name, values) in [
        ("host", &finding.rows),
        ("module", &finding.modules),
        ("case", &finding.cases),
    ] {
        if let [one] = values[..] {
            filters.push((name, one));
        }
    }
    json!({
        "verdict": finding.verdict.name(),
        "what": finding.what(),
        "who": format!("{}, {}", finding.hosts(), finding.modules()),
        "why": finding.first.detail,
        "differs": finding.first.wrong.as_ref().and_then(|wrong| first_difference(&wrong.expected, wrong.actual.as_ref()?)),
        "doubt": finding.doubt(),
        "href": address(&filters),
    })
}

/// A part of the page's address that sets its filters.
fn address(filters: &[(&str, &str)]) -> String {
    let mut address = String::new();
    for (name, value) in filters {
        address.push(if address.is_empty() { '#' } else { '&' });
        address += name;
        address.push('=');
        // As the page shows it, and finds it.
        for byte in visible(value).bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'/' => {
                    address.push(byte.into())
                }
                _ => address += &format!("%{byte:02x}"),
            }
        }
    }
    address
}

/// What the run amounts to, in one sentence.
fn sentence(report: &Report) -> String {
    let of = |verdict: Verdict| report.of_verdict(verdict);
    let count = |count: usize, what: &str| {
        format!("{} {what}{}", thousands(count), if count == 1 { "" } else { "s" })
    };
    let planned = count(report.planned, "planned answer");
    let asked = report
        .rows
        .iter()
        .filter(|row| row.planned > 0 && row.unavailable.is_none())
        .count();
    match report.end.as_str() {
        "green" => {
            let good = of(Verdict::Pass) + of(Verdict::KnownGap);
            let hosts = count(asked, "host");
            // "All" would not be true of a sample, and a known gap is not as one would expect.
            let is_all = good == report.planned && of(Verdict::KnownGap) == 0 && report.not_asked == 0;
            let mut sentence = if is_all {
                format!("Green: all {planned} from {hosts} are as expected")
            } else {
                let gaps = match of(Verdict::KnownGap) {
                    0 => String::new(),
                    gaps => format!(", {}", count(gaps, "known gap")),
                };
                format!(
                    "Green: {} as expected{gaps}, 0 red, from {hosts}",
                    thousands(of(Verdict::Pass))
                )
            };
            if good < report.planned {
                sentence += &format!(
                    "; {} not asked, because {}",
                    thousands(report.planned - good),
                    absent(report)
                );
            }
            if let Some(sample) = report.sample() {
                sentence += &format!("; {sample}");
            }
            sentence + "."
        }
        "nothing-ran" => format!("Nothing was asked: {}.", absent(report)),
        _ => {
            let sample = report
                .sample()
                .map(|sample| format!(" It was {sample}."))
                .unwrap_or_default();
            let red = Verdict::ALL
                .into_iter()
                .filter(|verdict| verdict.is_red(report.strict) && of(*verdict) > 0);
            let kinds: Vec<String> = red
                .clone()
                .map(|verdict| format!("{} {}", thousands(of(verdict)), verdict.name()))
                .collect();
            match red.map(of).sum::<usize>() {
                0 => format!(
                    "Red, though {} of {planned} are as expected.{sample}",
                    thousands(of(Verdict::Pass))
                ),
                reds => format!(
                    "Red: {} of {planned} are not as they should be: {}.{sample}",
                    thousands(reds),
                    kinds.join(", ")
                ),
            }
        }
    }
}

/// The rows that are not here, as a subject and its verb.
fn absent(report: &Report) -> String {
    let away: Vec<&str> = report
        .rows
        .iter()
        .filter(|row| row.unavailable.is_some())
        .map(|row| row.name.as_str())
        .collect();
    match away[..] {
        [one] => format!("{one} is not here"),
        _ => format!("{} are not here", away.join(", ")),
    }
}

/// A count with its colour and a link to the answers that it counts.
#[derive(Debug, Default, Serialize)]
struct Count {
    state: &'static str,
    text: String,
    note: String,
    href: String,
}

impl Count {
    fn of(verdicts: &Verdicts, planned: usize, strict: bool, href: String) -> Self {
        let of = |verdict: Verdict| verdicts.get(verdict.name()).copied().unwrap_or_default();
        let red: usize = Verdict::ALL
            .into_iter()
            .filter(|verdict| verdict.is_red(strict))
            .map(of)
            .sum();
        let (gaps, away) = (of(Verdict::KnownGap), of(Verdict::Unavailable));
        let judged: usize = verdicts.values().sum();
        let (state, note) = if red > 0 {
            (
                "bad",
                if away == planned {
                    "not here".into()
                } else {
                    format!("{} red", thousands(red))
                },
            )
        } else if away > 0 {
            ("away", "not here".into())
        } else if judged < planned {
            ("away", "not reached".into())
        } else if gaps > 0 {
            ("gap", format!("{} known", thousands(gaps)))
        } else {
            ("good", String::new())
        };
        let text = format!("{}/{}", thousands(of(Verdict::Pass)), thousands(planned));
        Self {
            state,
            text,
            note,
            href,
        }
    }

    fn none() -> Self {
        Self {
            state: "none",
            ..Self::default()
        }
    }
}

fn matrix(report: &Report, modules: &[&str]) -> Vec<Value> {
    let row = |row: &RowInfo| {
        let cells = modules.iter().map(|module| {
            let found = report
                .matrix
                .iter()
                .find(|cell| cell.row == row.name && cell.module == *module);
            found.map_or_else(Count::none, |cell| {
                let href = address(&[("host", &row.name), ("module", module)]);
                Count::of(&cell.verdicts, cell.planned, report.strict, href)
            })
        });
        let about = row.host.as_ref().map_or("not here", |host| host.runtime.as_str());
        json!({"name": row.name, "about": about, "cells": cells.collect::<Vec<_>>()})
    };
    report
        .rows
        .iter()
        .filter(|row| row.planned > 0)
        .map(row)
        .collect()
}

/// How many were planned, and how often each verdict was given.
type Planned = (usize, Verdicts);

fn suites(report: &Report) -> Vec<Value> {
    let mut counted: BTreeMap<(&str, &str), Planned> = BTreeMap::new();
    for result in &report.results {
        let (planned, verdicts) = counted.entry((&result.suite, &result.row)).or_default();
        *planned += 1;
        if let Some(verdict) = result.verdict {
            *verdicts.entry(verdict.name().into()).or_default() += 1;
        }
    }
    let asked = report
        .suites
        .iter()
        .filter(|suite| counted.keys().any(|(name, _)| *name == suite.name));
    asked
        .map(|suite| {
            let cells = report.rows.iter().filter(|row| row.planned > 0).map(|row| {
                counted
                    .get(&(suite.name.as_str(), row.name.as_str()))
                    .map_or_else(Count::none, |(planned, verdicts)| {
                        let href = address(&[("host", &row.name), ("suite", &suite.name)]);
                        Count::of(verdicts, *planned, report.strict, href)
                    })
            });
            let cases = if suite.cases == 1 {
                "1 case".into()
            } else {
                format!("{} cases", thousands(suite.cases))
            };
            let source = format!("{} ({})", suite.source.name, suite.source.licence);
            json!({"name": suite.name, "size": cases, "cells": cells.collect::<Vec<_>>(), "source": source})
        })
        .collect()
}

fn row(row: &RowInfo) -> Value {
    let host = row.host.as_ref();
    let mut remarks = Vec::new();
    if let Some(why) = &row.unavailable {
        remarks.push(format!("Not here: {why}. To get it: {}", row.hint));
    }
    if let Some(sample) = &row.sample {
        if sample.slow {
            remarks.push(format!(
                "Slow: every refusal, trap, session and raw case, and {} others of each suite, one of each flag among them, drawn with the seed {:?}.",
                sample.per_suite, sample.seed
            ));
        }
        if !sample.few.is_empty() {
            remarks.push(format!(
                "Of {}: {} cases of each suite, drawn with the seed {:?}.",
                sample.few.join(", "),
                sample.few_per_suite,
                sample.seed
            ));
        }
        remarks.push(format!("Left out: {}.", thousands(sample.left_out)));
    }
    if row.restarts > 0 {
        let times = if row.restarts == 1 {
            "once".into()
        } else {
            format!("{} times", row.restarts)
        };
        remarks.push(format!("Its adapter was started again {times}."));
    }
    json!({
        "name": row.name,
        "kind": row.kind,
        "host": host.map_or_else(|| "–".into(), |host| format!("{} {}", host.host, host.version)),
        "runtime": host.map_or("–", |host| host.runtime.as_str()),
        "os": host.map_or("–", |host| host.os.as_str()),
        "elapsed": elapsed(row.elapsed_ms),
        "remarks": remarks.join(" "),
    })
}

fn modules_built(report: &Report) -> Vec<Value> {
    let modules = report.modules.iter();
    modules
        .map(|module| {
            let features = if module.features.is_empty() {
                "none".into()
            } else {
                module.features.join(", ")
            };
            json!({
                "name": module.name,
                "bytes": crate::text::thousands(module.bytes),
                "gzip_bytes": crate::text::thousands(module.gzip_bytes),
                "features": features,
                "sha256": module.sha256,
            })
        })
        .collect()
}

fn gaps(report: &Report) -> Vec<Value> {
    let gaps = report.known_gaps.iter();
    gaps.map(|gap| {
        json!({
            "title": gap.title,
            "answer": shorten::shorten(&gap.answer, 160),
            "reason": gap.reason,
            "link": gap.link,
            "failed_as_recorded": thousands(gap.failed_as_recorded),
            "matched": thousands(gap.matched),
        })
    })
    .collect()
}

/// What every host says of the bytes that it loaded, module by module.
fn same_bytes(report: &Report) -> Value {
    let rows = report.rows.iter().filter(|row| !row.loaded.is_empty());
    let rows: Vec<Value> = rows
        .filter_map(|row| {
            let cells: Vec<Value> = report
                .modules
                .iter()
                .map(|module| match row.loaded.get(&module.name) {
                    None => json!({"state": "none", "text": "not asked", "hash": ""}),
                    Some(LoadedInfo {
                        refused: Some(why), ..
                    }) => {
                        json!({"state": "gap", "text": "cannot load it", "hash": "", "why": why})
                    }
                    Some(loaded) if loaded.sha256 == module.sha256 => {
                        json!({"state": "good", "text": "same", "hash": start(&loaded.sha256)})
                    }
                    Some(loaded) => {
                        json!({"state": "bad", "text": "other bytes", "hash": start(&loaded.sha256)})
                    }
                })
                .collect();
            let asked = report
                .modules
                .iter()
                .any(|module| row.loaded.contains_key(&module.name));
            asked.then(|| json!({"name": row.name, "cells": cells}))
        })
        .collect();
    let others = rows.iter().filter(|row| {
        let cells = row["cells"].as_array();
        cells.is_some_and(|cells| cells.iter().any(|cell| cell["state"] == "bad"))
    });
    let sentence = match (rows.len(), others.count()) {
        (1, 0) => "The host has hashed what it loaded: it is the file.".into(),
        (all, 0) => {
            format!("Each of these {all} hosts has hashed what it loaded: it is the same file everywhere.")
        }
        (all, others) => {
            format!("{others} of {all} hosts say that they loaded other bytes than those of the file.")
        }
    };
    json!({"sentence": sentence, "rows": rows})
}

/// The start of a hash: enough to compare by eye.
fn start(sha256: &str) -> String {
    sha256.chars().take(12).collect()
}

fn elapsed(millis: u64) -> String {
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{:.1} s", std::time::Duration::from_millis(millis).as_secs_f64()),
        _ => format!("{} min {} s", millis / 60_000, millis % 60_000 / 1_000),
    }
}

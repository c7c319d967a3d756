//! `index.html`: the report for people. One file, no network. The tables are written here; the list of answers, which
//! has tens of thousands of lines, is drawn by the page from compact data.

use std::collections::BTreeMap;

use anyhow::Result;
use minijinja::value::Serde;
use minijinja::{AutoEscape, Environment};
use serde::Serialize;
use serde_json::{Value, json};

use super::html_data::data;
use super::json::{Report, RowInfo};
use super::{shorten, thousands};
use crate::hosts::module_names;
use crate::run::Run;
use crate::verdict::Verdict;

/// How many cases are shown that hosts answered differently.
const MOST_DIFFERENCES: usize = 50;

/// The page.
pub(super) fn page(run: &Run<'_>, report: &Report<'_>) -> Result<String> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::Html);
    environment.add_template("report", include_str!("../../templates/report.html"))?;
    let differences = report
        .differences
        .iter()
        .take(MOST_DIFFERENCES)
        .map(|difference| {
            let answers = difference.answers.iter();
            let answers: Vec<Value> = answers
            .map(|given| json!({"answer": shorten::shorten(&given.answer, 160), "by": given.by.join(", ")}))
            .collect();
            json!({"case": difference.case, "answers": answers})
        });
    let modules = modules_in_order(report);
    let page = environment.get_template("report")?.render(Serde(json!({
        "title": format!("Everyhost: {}", report.end),
        "icon_colour": if report.end == "green" { "%2314613a" } else { "%23a1211a" },
        "sign": if report.end == "green" { "✓" } else { "!" },
        "end": report.end,
        "sentence": sentence(report),
        "started": report.started,
        "started_shown": report.started.get(..16).map(|minute| minute.replace('T', " ") + " UTC"),
        "elapsed": elapsed(report.elapsed_ms),
        "tool": report.tool,
        "strict": report.strict,
        "reds": report.reds,
        "modules": modules,
        "matrix": matrix(report, &modules),
        "gaps": gaps(report),
        "differences": differences.collect::<Vec<_>>(),
        "differences_sentence": differences_sentence(report.differences.len()),
        "rows": report.rows.iter().filter(|row| row.planned > 0).map(row).collect::<Vec<_>>(),
        "modules_built": modules_built(report),
        "suites": suites(report),
        // `everyhost bench` may have left it there.
        "has_bench": run.options.report.join("bench.html").is_file(),
        "css": include_str!("../../templates/report.css"),
        "js": include_str!("../../templates/report.js"),
        // Nothing in it may end the element that it stands in.
        "data": data(run, report)?.replace('<', "\\u003c"),
    })))?;
    Ok(page)
}

/// What the run amounts to, in one sentence.
fn sentence(report: &Report<'_>) -> String {
    let of = |verdict: Verdict| report.verdicts.get(verdict.name()).copied().unwrap_or_default();
    let count = |count: usize, what: &str| {
        format!("{} {what}{}", thousands(count), if count == 1 { "" } else { "s" })
    };
    let planned = count(report.planned, "planned answer");
    let asked = report
        .rows
        .iter()
        .filter(|row| row.planned > 0 && row.unavailable.is_none())
        .count();
    match report.end {
        "green" => {
            let good = of(Verdict::Pass) + of(Verdict::KnownGap);
            let mut sentence = if good == report.planned {
                format!(
                    "Green: all {planned} from {} are as expected",
                    count(asked, "host")
                )
            } else {
                let away = absent(report);
                format!(
                    "Green: {} of {planned} are as expected, from {}; the others were not asked, because {away}",
                    thousands(good),
                    count(asked, "host")
                )
            };
            if of(Verdict::KnownGap) > 0 {
                sentence += &format!(". {} among them", count(of(Verdict::KnownGap), "known gap"));
            }
            sentence + "."
        }
        "nothing-ran" => format!("Nothing was asked: {}.", absent(report)),
        _ => {
            let red = Verdict::ALL
                .into_iter()
                .filter(|verdict| verdict.is_red(report.strict) && of(*verdict) > 0);
            let kinds: Vec<String> = red
                .clone()
                .map(|verdict| format!("{} {}", thousands(of(verdict)), verdict.name()))
                .collect();
            match red.map(of).sum::<usize>() {
                0 => format!(
                    "Red, though {} of {planned} are as expected.",
                    thousands(of(Verdict::Pass))
                ),
                reds => format!(
                    "Red: {} of {planned} are not as they should be: {}.",
                    thousands(reds),
                    kinds.join(", ")
                ),
            }
        }
    }
}

/// The rows that are not here, as a subject and its verb.
fn absent(report: &Report<'_>) -> String {
    let away: Vec<&str> = report
        .rows
        .iter()
        .filter(|row| row.unavailable.is_some())
        .map(|row| row.name)
        .collect();
    match away[..] {
        [one] => format!("{one} is not here"),
        _ => format!("{} are not here", away.join(", ")),
    }
}

fn modules_in_order(report: &Report<'_>) -> Vec<&'static str> {
    let asked = |module: &&str| report.matrix.iter().any(|cell| cell.module == *module);
    module_names().into_iter().filter(asked).collect()
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
    fn of(verdicts: &BTreeMap<&str, usize>, planned: usize, strict: bool, href: String) -> Self {
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

fn matrix(report: &Report<'_>, modules: &[&str]) -> Vec<Value> {
    let row = |row: &RowInfo<'_>| {
        let cells = modules.iter().map(|module| {
            let found = report
                .matrix
                .iter()
                .find(|cell| cell.row == row.name && cell.module == *module);
            found.map_or_else(Count::none, |cell| {
                let href = format!("#host={}&module={module}", row.name);
                Count::of(&cell.verdicts, cell.planned, report.strict, href)
            })
        });
        let about = row.host.as_ref().map_or("not here", |host| host.runtime);
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
type Planned<'a> = (usize, BTreeMap<&'a str, usize>);

fn suites(report: &Report<'_>) -> Vec<Value> {
    let mut counted: BTreeMap<(&str, &str), Planned<'_>> = BTreeMap::new();
    for result in &report.results {
        let (planned, verdicts) = counted.entry((result.suite, result.row)).or_default();
        *planned += 1;
        if let Some(verdict) = result.verdict {
            *verdicts.entry(verdict.name()).or_default() += 1;
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
                    .get(&(suite.name, row.name))
                    .map_or_else(Count::none, |(planned, verdicts)| {
                        let href = format!("#host={}&suite={}", row.name, suite.name);
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

fn row(row: &RowInfo<'_>) -> Value {
    let host = row.host.as_ref();
    let mut remarks = Vec::new();
    if let Some(why) = row.unavailable {
        remarks.push(format!("Not here: {why}. To get it: {}", row.hint));
    }
    if let Some(sample) = &row.sample {
        remarks.push(format!(
            "Slow: every failure, session and raw case, and {} others of each suite, drawn with the seed {:?}; {} left out.",
            sample.per_suite,
            sample.seed,
            thousands(sample.left_out)
        ));
    }
    if row.restarts > 0 {
        remarks.push(format!("Its adapter was started again, {} times.", row.restarts));
    }
    json!({
        "name": row.name,
        "kind": row.kind,
        "host": host.map_or_else(|| "–".into(), |host| format!("{} {}", host.host, host.version)),
        "runtime": host.map_or("–", |host| host.runtime),
        "os": host.map_or("–", |host| host.os),
        "elapsed": elapsed(row.elapsed_ms),
        "remarks": remarks.join(" "),
    })
}

fn modules_built(report: &Report<'_>) -> Vec<Value> {
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
                "bytes": crate::build::thousands(module.bytes),
                "gzip_bytes": crate::build::thousands(module.gzip_bytes),
                "features": features,
                "sha256": module.sha256,
            })
        })
        .collect()
}

fn gaps(report: &Report<'_>) -> Vec<Value> {
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

fn differences_sentence(count: usize) -> String {
    match count {
        1 => "One case was not answered alike by all who were asked it.".into(),
        _ if count <= MOST_DIFFERENCES => format!(
            "{} cases were not answered alike by all who were asked them.",
            thousands(count)
        ),
        _ => format!(
            "{} cases were not answered alike by all who were asked them; here are {MOST_DIFFERENCES}, report.json has them all.",
            thousands(count)
        ),
    }
}

fn elapsed(millis: u64) -> String {
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{:.1} s", std::time::Duration::from_millis(millis).as_secs_f64()),
        _ => format!("{} min {} s", millis / 60_000, millis % 60_000 / 1_000),
    }
}

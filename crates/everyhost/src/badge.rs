//! `everyhost badge`: the result of a report as a small picture for a README.

use std::path::PathBuf;

use anyhow::Result;
use clap::Args;
use minijinja::value::Serde;
use serde_json::{Value, json};

use crate::hosts::RowKind;
use crate::page::render;
use crate::report::{self, Report, headline};
use crate::results::End;
use crate::text::{count, names, thousands};
use crate::verdict::Verdict;
use crate::visible::{visible, visible_in};
use crate::{files, out};

/// Colors of the report's style sheet. White text has enough contrast on each.
const LABEL: &str = "#1c1b19";
const GOOD: &str = "#14613a";
const GAP: &str = "#74510a";
const BAD: &str = "#a1211a";
const AWAY: &str = "#5c5850";

/// The space on both sides of the text of a part.
const PADDING: usize = 12;

const MOST_CHARS: usize = 40;

const MOST_NAMES: usize = 3;

/// The options of `everyhost badge`.
#[derive(Debug, Args)]
pub(crate) struct BadgeArgs {
    /// The directory that `everyhost run --report` wrote, or its report.json
    #[arg(value_name = "REPORT")]
    pub(crate) report: PathBuf,
    /// Where the picture goes [default: stdout]
    #[arg(short, long, value_name = "FILE.svg")]
    pub(crate) output: Option<PathBuf>,
    /// The first part of the badge [default: your modules, or everyhost]
    #[arg(long, value_name = "TEXT")]
    pub(crate) label: Option<String>,
}

/// Writes the picture.
pub(crate) fn run(args: &BadgeArgs) -> Result<()> {
    let report = report::read(&args.report)?;
    let svg = svg(&report, args.label.as_deref())?;
    match &args.output {
        Some(file) => files::replace(file, svg.as_bytes())?,
        // It has no control characters.
        None => out::own(&svg),
    }
    Ok(())
}

/// The badge in words, for a screen reader.
pub(crate) fn title(report: &Report, label: Option<&str>) -> String {
    let day = report.started.get(..10).unwrap_or_default();
    let said = [vec![headline::sentence(report)], headline::remarks(report)].concat();
    format!("{}: {} ({day})", self::label(report, label), said.join("; "))
}

fn label(report: &Report, given: Option<&str>) -> String {
    let own = report.own_modules();
    let label = match given {
        Some(label) => label.to_owned(),
        None if own.is_empty() => "everyhost".into(),
        None => names(&own, MOST_NAMES),
    };
    cut(&visible(&label))
}

/// The badge. It says what the headline says: right answers, known gaps, red, and what did not run.
pub(crate) fn svg(report: &Report, label: Option<&str>) -> Result<String> {
    let title = title(report, label);
    let label = self::label(report, label);
    let mut x = 0;
    let mut parts = Vec::new();
    for (text, fill) in [vec![(label, LABEL)], parts_of(report)].concat() {
        let length = length(&text);
        let width = length + PADDING;
        let middle = x as f64 + width as f64 / 2.0;
        parts.push(json!({"text": text, "fill": fill, "x": x, "width": width, "middle": middle, "length": length}));
        x += width;
    }
    let told: Value = visible_in(json!({"width": x, "title": title, "parts": parts}));
    Ok(render(include_str!("../templates/badge.svg"), Serde(told).into())? + "\n")
}

/// The parts after the label with their colors: what decides comes first.
fn parts_of(report: &Report) -> Vec<(String, &'static str)> {
    if report.end == End::NothingRan {
        return vec![("nothing ran".into(), AWAY)];
    }
    let of = |verdict| report.verdicts.of(verdict);
    let mut parts = Vec::new();
    let red = report.verdicts.red(report.strict);
    if red > 0 {
        parts.push((format!("{} red", thousands(red)), BAD));
    }
    if !report.reds.is_empty() {
        parts.push((format!("{} otherwise red", thousands(report.reds.len())), BAD));
    }
    let mut right = format!("{} right", thousands(of(Verdict::Pass)));
    let answered: Vec<_> = report.planned_rows().filter(|row| row.host.is_some()).collect();
    // Native code and oracles are not hosts.
    if answered.iter().all(|row| row.kind == RowKind::Wasm) {
        right += &format!(" on {}", count(answered.len(), "host"));
    }
    // Only a green run gets green.
    parts.push((right, if report.end == End::Green { GOOD } else { AWAY }));
    let gaps = of(Verdict::KnownGap);
    if gaps > 0 {
        parts.push((count(gaps, "known gap"), GAP));
    }
    let away = report.planned_rows().filter(|row| row.unavailable.is_some()).count();
    let not_reached = report.planned - report.verdicts.judged();
    let shard = report.plan.shard.map(|shard| format!("shard {shard}"));
    let rest = [
        (away > 0).then(|| format!("{} not installed", thousands(away))),
        (not_reached > 0).then(|| format!("{} not reached", thousands(not_reached))),
        (report.not_run > 0).then(|| "a sample".to_owned()),
        shard,
    ];
    parts.extend(rest.into_iter().flatten().map(|text| (text, AWAY)));
    parts
}

fn cut(text: &str) -> String {
    if text.chars().count() <= MOST_CHARS {
        return text.to_owned();
    }
    text.chars().take(MOST_CHARS - 1).chain(['…']).collect()
}

/// The approximate width of the text in 11 px Verdana. `textLength` makes other fonts keep it.
fn length(text: &str) -> usize {
    let tenths: usize = text
        .chars()
        .map(|c| match c {
            'i' | 'j' | 'l' | 'I' | '\'' => 32,
            ' ' | ',' | '.' | ':' | 'f' | 't' | 'r' | '/' => 42,
            'm' | 'w' | 'M' | 'W' | '…' => 100,
            'A'..='Z' => 78,
            '!'..='~' => 68,
            // Chinese characters, for example, are as wide as high.
            _ => 110,
        })
        .sum();
    tenths.div_ceil(10)
}

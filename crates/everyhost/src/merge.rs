//! `everyhost merge`: the reports of several machines, each with a part of one plan, as the one report of the whole.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use anyhow::{Result, bail, ensure};
use clap::Args;

use crate::place::Place;
use crate::report::{self, ModuleInfo, Report, RowInfo};
use crate::results::{End, GapUse, PlanInfo};
use crate::text::thousands;
use crate::{root, suites};

/// The options of `everyhost merge`.
#[derive(Debug, Args)]
pub(crate) struct MergeArgs {
    /// The reports: each a directory that `everyhost run --report` has written, or its report.json
    #[arg(required = true, value_name = "REPORT")]
    pub(crate) reports: Vec<PathBuf>,
    /// Where the whole report goes
    #[arg(long = "report", value_name = "DIR")]
    pub(crate) to: PathBuf,
}

/// Joins, prints the matrix and writes the report. Ends as one run of the whole plan would have.
pub(crate) fn run(args: &MergeArgs) -> Result<End> {
    let mut given = Vec::new();
    for path in &args.reports {
        given.push(Given { name: path.display().to_string(), report: report::read(path)? });
    }
    let whole = join(given)?;
    let place = Place::take(&args.to)?;
    // The page shows what a case was given if the workspace here has the same vectors.
    let suites = root::find(None).and_then(|root| suites::load(&root.join(suites::DIR)));
    let suites = suites.unwrap_or_default();
    let same = suites::hash(&suites) == whole.plan.vectors;
    report::write(&whole, if same { &suites } else { &[] }, &place)?;
    report::print(&whole, &args.to);
    Ok(whole.end)
}

struct Given {
    name: String,
    report: Report,
}

impl Given {
    /// Such as `a/report.json (--shard 1/3)`.
    fn shown(&self) -> String {
        match &self.report.plan.part {
            Some(part) => format!("{} ({part})", self.name),
            None => self.name.clone(),
        }
    }
}

fn join(mut given: Vec<Given>) -> Result<Report> {
    // A row that is divided keeps the order in which it ran.
    given.sort_by_key(|given| given.report.plan.shard.map_or(0, |shard| shard.number));
    let Some(first) = given.first() else {
        bail!("no report was given");
    };
    for other in &given[1..] {
        check_same_run(first, other)?;
    }
    check_each_once(&given)?;
    check_nothing_missing(&given)?;

    let plan = PlanInfo { part: None, shard: None, ..first.report.plan.clone() };
    let place: BTreeMap<String, usize> = plan.rows.iter().enumerate().map(|(at, row)| (row.name.clone(), at)).collect();
    let reports = || given.iter().map(|given| &given.report);
    let started = reports().map(|report| report.started.clone()).min();
    // They ran side by side.
    let elapsed_ms = reports().map(|report| report.elapsed_ms).max();
    let mut parts = Report {
        started: started.unwrap_or_default(),
        elapsed_ms: elapsed_ms.unwrap_or_default(),
        strict: first.report.strict,
        suites: first.report.suites.clone(),
        known_gaps: gaps(&given)?,
        plan,
        ..Report::default()
    };
    for Given { name, report } in given {
        for red in report.reds {
            if !parts.reds.contains(&red) {
                parts.reds.push(red);
            }
        }
        // Each part has some of the modules, in one order.
        let mut next = 0;
        for module in report.modules {
            match parts.modules.iter().position(|known| known.name == module.name) {
                Some(at) => next = at + 1,
                None => {
                    parts.modules.insert(next, module);
                    next += 1;
                }
            }
        }
        for row in report.rows {
            add_row(&mut parts.rows, row, &name)?;
        }
        parts.results.extend(report.results);
    }
    parts.rows.sort_by_key(|row| place.get(&row.name).copied());
    parts.results.sort_by_key(|result| place.get(&result.row).copied());
    Ok(parts.counted())
}

/// Two parts of one run: the same plan, by the same tool, strict or not, with the same modules.
fn check_same_run(first: &Given, other: &Given) -> Result<()> {
    let (one, two) = (first.shown(), other.shown());
    let (a, b) = (&first.report, &other.report);
    ensure!(a.tool == b.tool, "{one} is by {}, {two} by {}: one version is needed", a.tool, b.tool);
    ensure!(a.plan.vectors == b.plan.vectors, "{one} and {two} ran different vectors: are both from the same commit?");
    ensure!(
        a.plan.sha256 == b.plan.sha256,
        "{one} is a part of a plan of {} cases, {two} of another plan, of {}: the same rows, --module, --suite, --case and --all are needed",
        thousands(a.plan.cases),
        thousands(b.plan.cases)
    );
    ensure!(
        a.strict == b.strict,
        "{one} is {}strict, {two} is {}strict: a missing host would count in one and not in the other",
        if a.strict { "" } else { "not " },
        if b.strict { "" } else { "not " }
    );
    for module in &a.modules {
        let other: Option<&ModuleInfo> = b.modules.iter().find(|known| known.name == module.name);
        if let Some(other) = other.filter(|other| other.sha256 != module.sha256) {
            bail!(
                "{one} and {two} ran different builds of {}: sha256 {} and {}",
                module.name,
                module.sha256,
                other.sha256
            );
        }
    }
    Ok(())
}

fn check_each_once(given: &[Given]) -> Result<()> {
    let mut seen: BTreeMap<(&str, &str, &str), usize> = BTreeMap::new();
    for (at, part) in given.iter().enumerate() {
        for result in &part.report.results {
            let case = (result.row.as_str(), result.module.as_str(), result.case.as_str());
            if let Some(before) = seen.insert(case, at) {
                bail!(
                    "given twice: {} and {} both have row {:?}, module {}, case {}",
                    given[before].shown(),
                    part.shown(),
                    result.row,
                    result.module,
                    result.case
                );
            }
        }
    }
    Ok(())
}

fn check_nothing_missing(given: &[Given]) -> Result<()> {
    let plan = &given[0].report.plan;
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for result in given.iter().flat_map(|part| &part.report.results) {
        *counts.entry(&result.row).or_default() += 1;
    }
    let missing: Vec<String> = plan
        .rows
        .iter()
        .filter_map(|row| {
            let missing = row.cases - counts.get(row.name.as_str()).copied().unwrap_or_default().min(row.cases);
            (missing > 0)
                .then(|| format!("row {:?}: {} of {} cases", row.name, thousands(missing), thousands(row.cases)))
        })
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let parts: BTreeSet<&str> = given.iter().filter_map(|part| part.report.plan.part.as_deref()).collect();
    let parts: Vec<&str> = parts.into_iter().collect();
    bail!(
        "missing: {}; given were {}",
        missing.join(", "),
        if parts.is_empty() { "whole reports".into() } else { parts.join(", ") }
    )
}

/// The same gaps were read everywhere; each part saw some of their cases.
fn gaps(given: &[Given]) -> Result<Vec<GapUse>> {
    let mut gaps = given[0].report.known_gaps.clone();
    for part in &given[1..] {
        let others = &part.report.known_gaps;
        let same = |(one, other): (&GapUse, &GapUse)| {
            let other = GapUse { failed_as_recorded: one.failed_as_recorded, ..other.clone() };
            *one == other
        };
        ensure!(
            gaps.len() == others.len() && gaps.iter().zip(others).all(same),
            "{} and {} had different known gaps: are both from the same commit?",
            given[0].shown(),
            part.shown()
        );
        for (gap, other) in gaps.iter_mut().zip(others) {
            gap.failed_as_recorded += other.failed_as_recorded;
        }
    }
    Ok(gaps)
}

/// Adds a row, or what another machine did of it.
fn add_row(rows: &mut Vec<RowInfo>, row: RowInfo, from: &str) -> Result<()> {
    if row.planned == 0 {
        return Ok(());
    }
    let Some(known) = rows.iter_mut().find(|known| known.name == row.name) else {
        rows.push(row);
        return Ok(());
    };
    if let (Some(one), Some(other)) = (&known.host, &row.host) {
        ensure!(
            one == other,
            "row {:?} was answered by different hosts: {from} has {other}, another part {one}",
            row.name
        );
    }
    known.host = known.host.take().or(row.host);
    known.unavailable = known.unavailable.take().or(row.unavailable);
    known.loaded.extend(row.loaded);
    known.planned += row.planned;
    known.restarts += row.restarts;
    known.elapsed_ms += row.elapsed_ms;
    Ok(())
}

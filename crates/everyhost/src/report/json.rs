//! `report.json`: everything that a run has found out, for programs. `report.schema.json` describes it.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;
use vectors::model::{Face, Source};

use crate::hosts::RowKind;
use crate::plan::{Item, SAMPLE_PER_SUITE, SAMPLE_SEED};
use crate::run::{End, GapUse, Outcome, RowRun, Run, Tally, expected, without_details};
use crate::verdict::Verdict;

/// The schema that [`Report`] follows.
const SCHEMA: &str = "everyhost/report/1";

/// The whole report.
#[derive(Debug, Serialize)]
pub struct Report<'a> {
    schema: &'static str,
    /// This tool and its version.
    pub tool: String,
    /// When the run started, in UTC.
    pub started: String,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
    /// Whether a missing host was a failure.
    pub strict: bool,
    /// `green`, `red` or `nothing-ran`.
    pub end: &'static str,
    /// What is red beside single verdicts.
    pub reds: &'a [String],
    /// How many cases × rows × modules were planned.
    pub planned: usize,
    /// How many of them were asked and came to a verdict.
    pub executed: usize,
    /// How often each verdict was given.
    pub verdicts: BTreeMap<&'static str, usize>,
    /// The rows, in the order of hosts.toml.
    pub rows: Vec<RowInfo<'a>>,
    /// The modules that were asked.
    pub modules: Vec<ModuleInfo<'a>>,
    /// The suites.
    pub suites: Vec<SuiteInfo<'a>>,
    /// The counts by row and module.
    pub matrix: Vec<Cell<'a>>,
    /// What became of each known gap.
    pub known_gaps: &'a [GapUse],
    /// The cases that not every row answered alike.
    pub differences: Vec<Differing<'a>>,
    /// Every planned case × row × module.
    pub results: Vec<Result<'a>>,
}

/// A row: what it is and who answered.
#[derive(Debug, Serialize)]
pub struct RowInfo<'a> {
    /// Its name in hosts.toml.
    pub name: &'a str,
    /// What it runs.
    pub kind: RowKind,
    /// What its adapter says of itself.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<HostInfo<'a>>,
    /// Why the host is not here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unavailable: Option<&'a str>,
    /// The one command that gets it.
    pub hint: &'a str,
    /// How many cases were planned.
    pub planned: usize,
    /// Where the row is slow: what was left out, and how the rest was chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sample: Option<Sample>,
    /// How often the adapter was started again.
    pub restarts: usize,
    /// How long the row took, in milliseconds.
    pub elapsed_ms: u64,
}

/// What an adapter says of itself.
#[derive(Debug, Serialize)]
pub struct HostInfo<'a> {
    /// The language or host.
    pub host: &'a str,
    /// Its version.
    pub version: &'a str,
    /// The Wasm runtime and its version.
    pub runtime: &'a str,
    /// The operating system and architecture.
    pub os: &'a str,
}

/// How a slow row's cases were chosen.
#[derive(Debug, Serialize)]
pub struct Sample {
    /// How many cases were left out.
    pub left_out: usize,
    /// How many ordinary cases of each suite were kept.
    pub per_suite: usize,
    /// What they were drawn with.
    pub seed: &'static str,
}

/// A module that was asked.
#[derive(Debug, Serialize)]
pub struct ModuleInfo<'a> {
    /// Its name.
    pub name: &'a str,
    /// Of the file.
    pub sha256: &'a str,
    /// The file's size.
    pub bytes: u64,
    /// After `gzip -9`.
    pub gzip_bytes: u64,
    /// The Wasm features that it uses.
    pub features: &'a [String],
}

/// A suite that the run had.
#[derive(Debug, Serialize)]
pub struct SuiteInfo<'a> {
    /// Its name.
    pub name: &'a str,
    /// Which modules it is about.
    pub face: Face,
    /// How many cases it has.
    pub cases: usize,
    /// Where its answers come from.
    pub source: &'a Source,
}

/// One cell of the matrix.
#[derive(Debug, Serialize)]
pub struct Cell<'a> {
    /// The row.
    pub row: &'a str,
    /// The module.
    pub module: &'a str,
    /// How many were planned.
    pub planned: usize,
    /// How often each verdict was given.
    pub verdicts: BTreeMap<&'static str, usize>,
}

/// One planned case × row × module.
#[derive(Debug, Serialize)]
pub struct Result<'a> {
    /// The row.
    pub row: &'a str,
    /// The module.
    pub module: &'a str,
    /// The suite.
    pub suite: &'a str,
    /// The case's id.
    pub case: &'a str,
    /// Its verdict; none where the run stopped before it.
    pub verdict: Option<Verdict>,
    /// How long the answer took, in microseconds.
    pub micros: u64,
    /// What was wrong, in words.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub detail: &'a str,
    /// The question and both answers, unless it passed.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub wrong: Option<Wrong<'a>>,
}

/// A question whose answer was not as expected.
#[derive(Debug, Serialize)]
pub struct Wrong<'a> {
    /// The operation.
    pub op: &'static str,
    /// What it was given.
    pub input: Value,
    /// The one right answer.
    pub expected: Value,
    /// The answer, if there was one.
    pub actual: Option<&'a Value>,
    /// The case's flags.
    pub flags: &'a [String],
    /// What the case is about.
    pub comment: &'a str,
    /// The command that asks it again, alone.
    pub again: String,
}

/// One case that not every row answered alike.
#[derive(Debug, Serialize)]
pub struct Differing<'a> {
    /// The case's id.
    pub case: &'a str,
    /// Each answer that was given, and by which rows with which modules.
    pub answers: Vec<GivenBy>,
}

/// An answer and who gave it.
#[derive(Debug, Serialize)]
pub struct GivenBy {
    /// In JSON as on the wire, without the details of traps.
    pub answer: Value,
    /// `row module`, each.
    pub by: Vec<String>,
}

impl<'a> Report<'a> {
    /// Puts together what is reported of a run.
    #[must_use]
    pub fn of(run: &'a Run<'a>) -> Self {
        let total = &run.summary.total;
        Self {
            schema: SCHEMA,
            tool: format!("everyhost {}", env!("CARGO_PKG_VERSION")),
            started: run.started.to_string(),
            elapsed_ms: millis(run.elapsed),
            strict: run.options.strict,
            end: match run.summary.end {
                End::Green => "green",
                End::Red => "red",
                End::NothingRan => "nothing-ran",
            },
            reds: &run.summary.reds,
            planned: total.planned,
            executed: total.executed(),
            verdicts: verdicts(total),
            rows: run.rows.iter().map(row_info).collect(),
            modules: modules(run),
            suites: suites(run),
            matrix: matrix(run),
            known_gaps: &run.summary.gaps,
            differences: differences(run),
            results: run.rows.iter().flat_map(|row| results(run, row)).collect(),
        }
    }

    /// In JSON, one line.
    ///
    /// # Errors
    ///
    /// Never in practice: everything in it has a form in JSON.
    pub fn to_json(&self) -> anyhow::Result<Vec<u8>> {
        let mut json = serde_json::to_vec(self)?;
        json.push(b'\n');
        Ok(json)
    }
}

fn row_info<'a>(row: &'a RowRun<'a>) -> RowInfo<'a> {
    let host = row.hello.as_ref().map(|hello| HostInfo {
        host: &hello.host,
        version: &hello.version,
        runtime: &hello.runtime,
        os: &hello.os,
    });
    let left_out = row.plan.sampled_out;
    RowInfo {
        name: &row.plan.row.name,
        kind: row.plan.row.kind,
        host,
        unavailable: row.unavailable.as_deref(),
        hint: &row.plan.row.hint,
        planned: row.plan.items.len(),
        sample: (left_out > 0).then_some(Sample {
            left_out,
            per_suite: SAMPLE_PER_SUITE,
            seed: SAMPLE_SEED,
        }),
        restarts: row.restarts,
        elapsed_ms: millis(row.elapsed),
    }
}

fn modules<'a>(run: &'a Run<'a>) -> Vec<ModuleInfo<'a>> {
    let built = run.modules.iter();
    built
        .map(|(name, built)| ModuleInfo {
            name,
            sha256: &built.sha256,
            bytes: built.bytes,
            gzip_bytes: built.gzip_bytes,
            features: &built.features,
        })
        .collect()
}

fn suites<'a>(run: &'a Run<'a>) -> Vec<SuiteInfo<'a>> {
    let suites = run.suites.iter();
    suites
        .map(|suite| SuiteInfo {
            name: &suite.suite,
            face: suite.face,
            cases: suite.cases.len(),
            source: &suite.source,
        })
        .collect()
}

fn matrix<'a>(run: &'a Run<'a>) -> Vec<Cell<'a>> {
    let cells = run.summary.cells.iter();
    cells
        .map(|((row, module), tally)| Cell {
            row,
            module,
            planned: tally.planned,
            verdicts: verdicts(tally),
        })
        .collect()
}

fn verdicts(tally: &Tally) -> BTreeMap<&'static str, usize> {
    let counted = Verdict::ALL
        .into_iter()
        .map(|verdict| (verdict.name(), tally.of(verdict)));
    counted.filter(|(_, count)| *count > 0).collect()
}

fn results<'a>(run: &'a Run<'a>, row: &'a RowRun<'a>) -> Vec<Result<'a>> {
    let one = |at: usize, item: &Item<'a>| {
        let outcome = row.outcomes.get(at).and_then(Option::as_ref);
        let verdict = outcome.map(|(outcome, _)| outcome.verdict);
        let told = !matches!(verdict, None | Some(Verdict::Pass | Verdict::Unavailable));
        Result {
            row: &row.plan.row.name,
            module: item.module,
            suite: &item.suite.suite,
            case: &item.case.id,
            verdict,
            micros: outcome.map_or(0, |(_, elapsed)| {
                u64::try_from(elapsed.as_micros()).unwrap_or(u64::MAX)
            }),
            detail: outcome.map_or("", |(outcome, _)| outcome.detail.as_str()),
            wrong: told.then(|| Wrong {
                op: item.case.op.name(),
                input: input(item),
                expected: expected(&item.case.expect),
                actual: outcome.and_then(|(outcome, _)| outcome.actual.as_ref()),
                flags: &item.case.flags,
                comment: &item.case.comment,
                again: again(run, row, item),
            }),
        }
    };
    row.plan
        .items
        .iter()
        .enumerate()
        .map(|(at, item)| one(at, item))
        .collect()
}

/// What the operation was given: the `in` of the request.
fn input(item: &Item<'_>) -> Value {
    match serde_json::to_value(&item.case.op) {
        Ok(Value::Object(mut fields)) => fields.remove("in").unwrap_or_default(),
        _ => Value::Null,
    }
}

/// The command that asks one case again, alone.
fn again(run: &Run<'_>, row: &RowRun<'_>, item: &Item<'_>) -> String {
    let mut words = vec!["cargo", "run", "-q", "-p", "everyhost", "--", "run"];
    words.extend([
        "--host",
        &row.plan.row.name,
        "--module",
        item.module,
        "--case",
        &item.case.id,
    ]);
    let vectors = run.options.vectors.as_ref().map(|dir| dir.display().to_string());
    if let Some(dir) = &vectors {
        words.extend(["--vectors", dir]);
    }
    shlex::try_join(words.iter().copied()).unwrap_or_else(|_| words.join(" "))
}

fn differences<'a>(run: &'a Run<'a>) -> Vec<Differing<'a>> {
    let mut given: BTreeMap<&str, Vec<GivenBy>> = BTreeMap::new();
    for row in &run.rows {
        for (item, outcome) in row.plan.items.iter().zip(&row.outcomes) {
            let answer = match outcome {
                // Pointers differ from module to module, and are right all the same.
                Some((outcome, _)) if outcome.verdict == Verdict::Pass => expected(&item.case.expect),
                Some((
                    Outcome {
                        actual: Some(actual), ..
                    },
                    _,
                )) => without_details(actual.clone()),
                _ => continue,
            };
            let by = format!("{} {}", row.plan.row.name, item.module);
            let answers = given.entry(&item.case.id).or_default();
            match answers.iter_mut().find(|known| known.answer == answer) {
                Some(known) => known.by.push(by),
                None => answers.push(GivenBy { answer, by: vec![by] }),
            }
        }
    }
    given.retain(|_, answers| answers.len() > 1);
    given
        .into_iter()
        .map(|(case, answers)| Differing { case, answers })
        .collect()
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

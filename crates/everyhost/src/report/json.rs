//! `report.json`: everything that a run has found out, for programs. `report.schema.json` describes it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use vectors::model::{Face, Source};
use vectors::{Case, Suite};

use crate::answer::Given;
use crate::hosts::{Cost, Row, RowKind};
use crate::plan::{FEW_PER_SUITE, Item, SAMPLE_PER_SUITE, SAMPLE_SEED, Share};
use crate::results::{End, GapUse, PlanInfo, RowRun, Run, Tally, Verdicts, end_of};
use crate::shell;
use crate::verdict::Verdict;

/// The schema that [`Report`] follows.
pub const SCHEMA: &str = "everyhost/report/1";

/// The whole report.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA`].
    pub schema: String,
    /// This tool and its version.
    pub tool: String,
    /// When the run started, in UTC.
    pub started: String,
    /// How long it took, in milliseconds.
    pub elapsed_ms: u64,
    /// Whether a missing host was a failure.
    pub strict: bool,
    /// Green or not.
    pub end: End,
    /// What is red beside single verdicts.
    pub reds: Vec<String>,
    /// What the run is a part of, or all of.
    pub plan: PlanInfo,
    /// How many cases × rows × modules were planned.
    pub planned: usize,
    /// How many of them ran and came to a verdict.
    pub executed: usize,
    /// How many more there would have been with `--all`: beyond 0, this is a sample.
    pub not_asked: usize,
    /// How often each verdict was given.
    pub verdicts: Verdicts,
    /// The rows, in the order of hosts.toml.
    pub rows: Vec<RowInfo>,
    /// The modules that were run.
    pub modules: Vec<ModuleInfo>,
    /// The suites.
    pub suites: Vec<SuiteInfo>,
    /// The counts by row and module.
    pub matrix: Vec<Cell>,
    /// What became of each known gap.
    pub known_gaps: Vec<GapUse>,
    /// The cases that not every row answered alike.
    pub differences: Vec<Differing>,
    /// Every planned case × row × module.
    pub results: Vec<Result>,
}

/// A row: what it is and who answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct RowInfo {
    /// Its name in hosts.toml.
    pub name: String,
    /// What it runs.
    pub kind: RowKind,
    /// What its adapter says of itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<HostInfo>,
    /// Why the host is not installed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unavailable: Option<String>,
    /// The one command that gets it.
    pub hint: String,
    /// The modules that it was given, as its adapter says it has loaded them.
    pub loaded: BTreeMap<String, LoadedInfo>,
    /// How many cases were planned.
    pub planned: usize,
    /// If the row is slow, or a module runs few cases: what was left out, and how the rest was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<Sample>,
    /// How often the adapter was started again.
    pub restarts: usize,
    /// How long the row took, in milliseconds.
    pub elapsed_ms: u64,
}

impl RowInfo {
    /// How many cases of a module were left out.
    pub(super) fn left_out_of(&self, module: &str) -> usize {
        let sample = self.sample.as_ref();
        sample.map_or(0, |sample| {
            sample.left_out.get(module).copied().unwrap_or_default()
        })
    }

    /// How many cases were left out, because it is slow or its modules run a few.
    pub(super) fn not_run(&self) -> usize {
        self.sample
            .as_ref()
            .map_or(0, |sample| sample.left_out.values().sum())
    }
}

/// A module that an adapter was given.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct LoadedInfo {
    /// Of the bytes that it loaded, as the adapter says.
    pub sha256: String,
    /// Why the host cannot load it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// What an adapter says of itself.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct HostInfo {
    /// The language or host.
    pub host: String,
    /// Its version.
    pub version: String,
    /// The Wasm runtime and its version.
    pub runtime: String,
    /// The operating system and architecture.
    pub os: String,
}

impl std::fmt::Display for HostInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} {} ({}, {})",
            self.host, self.version, self.runtime, self.os
        )
    }
}

/// How the cases of a slow row were chosen, and those of the modules of which every row runs a few.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Sample {
    /// Whether it is about every module, because the row is slow.
    #[serde(default)]
    pub slow: bool,
    /// Of which modules a few cases of each suite ran, whatever the row is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub few: Vec<String>,
    /// How many those are.
    #[serde(default)]
    pub few_per_suite: usize,
    /// How many cases were left out.
    pub left_out: BTreeMap<String, usize>,
    /// How many ordinary cases of each suite were kept.
    pub per_suite: usize,
    /// What they were drawn with.
    pub seed: String,
}

/// A module that was run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct ModuleInfo {
    /// Its name.
    pub name: String,
    /// Whether it is a file of the user's, and no module of the workspace.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub own: bool,
    /// Of the file.
    pub sha256: String,
    /// The file's size.
    pub bytes: u64,
    /// After `gzip -9`.
    pub gzip_bytes: u64,
    /// The Wasm features that it uses.
    pub features: Vec<String>,
}

/// A suite that the run had.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SuiteInfo {
    /// Its name.
    pub name: String,
    /// Which modules it is about.
    pub face: Face,
    /// How many cases it has.
    pub cases: usize,
    /// Where its answers come from.
    pub source: Source,
    /// What its flags mean, and which cases carry each.
    pub flags: BTreeMap<String, FlagInfo>,
}

/// A flag of a suite.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct FlagInfo {
    /// What it means.
    pub meaning: String,
    /// The ids of the cases that carry it.
    pub cases: Vec<String>,
}

/// One cell of the matrix.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Cell {
    /// The row.
    pub row: String,
    /// The module.
    pub module: String,
    /// How many were planned, and how often each verdict was given.
    #[serde(flatten)]
    pub tally: Tally,
}

/// One planned case × row × module.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Result {
    /// The row.
    pub row: String,
    /// The module.
    pub module: String,
    /// The suite.
    pub suite: String,
    /// The case's id.
    pub case: String,
    /// Its verdict; none if the run stopped before it.
    pub verdict: Option<Verdict>,
    /// How long the answer took, in microseconds.
    pub micros: u64,
    /// What was wrong, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub detail: String,
    /// The question and both answers, unless it passed.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub wrong: Option<Wrong>,
}

/// A question whose answer was not as expected.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Wrong {
    /// The operation.
    pub op: String,
    /// What it was given.
    pub input: Value,
    /// The one right answer.
    pub expected: Given,
    /// The answer, if there was one.
    pub actual: Option<Given>,
    /// The case's flags.
    pub flags: Vec<String>,
    /// What the case is about.
    pub comment: String,
    /// The command that runs it again, alone.
    pub again: String,
}

/// One case that not every row answered alike.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Differing {
    /// The case's id.
    pub case: String,
    /// Each answer that was given, and by which rows with which modules.
    pub answers: Vec<GivenBy>,
}

/// An answer and who gave it.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GivenBy {
    /// Without the host's own words.
    pub answer: Given,
    /// `row module`, each.
    pub by: Vec<String>,
}

impl Report {
    /// Puts together what is reported of a run.
    #[must_use]
    pub fn of(run: &Run<'_>) -> Self {
        let parts = Parts {
            started: run.started.to_string(),
            elapsed_ms: millis(run.elapsed),
            strict: run.options.strict,
            reds: run.reds.clone(),
            rows: run.rows.iter().map(row_info).collect(),
            modules: modules(run),
            suites: run.suites.iter().map(suite_info).collect(),
            known_gaps: run.gaps.clone(),
            results: run.rows.iter().flat_map(|row| results(run, row)).collect(),
            plan: run.plan.clone(),
        };
        parts.count()
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

    /// The module that was run, if it is none of ours.
    pub(crate) fn own_module(&self) -> Option<&str> {
        match &self.modules[..] {
            [module] if module.own => Some(&module.name),
            _ => None,
        }
    }

    /// A cell of the matrix, if it was planned.
    pub(super) fn cell(&self, row: &str, module: &str) -> Option<&Cell> {
        let mut cells = self.matrix.iter();
        cells.find(|cell| cell.row == row && cell.module == module)
    }

    /// The matrix in parts: the hosts that run modules, then what is native, which has other columns.
    pub(super) fn groups(&self) -> Vec<Group<'_>> {
        let modules = self.modules_in_order();
        let group = |are_wasm: bool| {
            let rows = self.planned_rows();
            let rows: Vec<&RowInfo> = rows
                .filter(|row| (row.kind == RowKind::Wasm) == are_wasm)
                .collect();
            let has = |module: &&str| rows.iter().any(|row| self.cell(&row.name, module).is_some());
            Group {
                modules: modules.iter().copied().filter(has).collect(),
                are_wasm,
                rows,
            }
        };
        let groups = [group(true), group(false)];
        groups
            .into_iter()
            .filter(|group| !group.rows.is_empty())
            .collect()
    }

    /// The rows that were given anything.
    pub(super) fn planned_rows(&self) -> impl Iterator<Item = &RowInfo> {
        self.rows.iter().filter(|row| row.planned > 0)
    }

    /// The modules that were run, in the order of the list of modules; what is not in it comes last.
    #[must_use]
    pub fn modules_in_order(&self) -> Vec<&str> {
        let asked = |module: &str| self.matrix.iter().any(|cell| cell.module == module);
        let built = self.modules.iter().map(|module| module.name.as_str());
        let mut modules: Vec<&str> = built.filter(|module| asked(module)).collect();
        for cell in &self.matrix {
            if !modules.contains(&cell.module.as_str()) {
                modules.push(&cell.module);
            }
        }
        modules
    }
}

/// Rows of the matrix with the same columns.
pub(super) struct Group<'a> {
    pub(super) modules: Vec<&'a str>,
    pub(super) rows: Vec<&'a RowInfo>,
    /// Whether they run modules, and are not native or an oracle.
    pub(super) are_wasm: bool,
}

/// What a report is made of, before anything is counted.
#[derive(Debug)]
pub struct Parts {
    /// As in [`Report`], and so are all others.
    pub started: String,
    /// In milliseconds.
    pub elapsed_ms: u64,
    /// Whether a missing host is a failure.
    pub strict: bool,
    /// What is red beside single verdicts.
    pub reds: Vec<String>,
    /// In the order of hosts.toml.
    pub rows: Vec<RowInfo>,
    /// That were run.
    pub modules: Vec<ModuleInfo>,
    /// That the run had.
    pub suites: Vec<SuiteInfo>,
    /// What became of them.
    pub known_gaps: Vec<GapUse>,
    /// One for each planned case × row × module.
    pub results: Vec<Result>,
    /// What it is a part of.
    pub plan: PlanInfo,
}

impl Parts {
    /// With these results and nothing else.
    #[cfg(test)]
    pub(super) fn for_tests(results: Vec<Result>) -> Self {
        Self {
            started: "2026-01-01T00:00:00Z".into(),
            elapsed_ms: 1,
            strict: false,
            reds: Vec::new(),
            rows: Vec::new(),
            modules: Vec::new(),
            suites: Vec::new(),
            known_gaps: Vec::new(),
            results,
            plan: PlanInfo {
                sha256: String::new(),
                vectors: String::new(),
                cases: 0,
                rows: Vec::new(),
                part: None,
                shard: None,
                shuffle: None,
            },
        }
    }

    /// Counts. The results alone decide: a case that got lost shows.
    #[must_use]
    pub fn count(self) -> Report {
        let mut total = Tally::default();
        let mut cells: BTreeMap<(&str, &str), Tally> = BTreeMap::new();
        for result in &self.results {
            total.count(result.verdict);
            cells
                .entry((&result.row, &result.module))
                .or_default()
                .count(result.verdict);
        }
        let planned_rows = self.rows.iter().filter(|row| row.planned > 0);
        let not_asked = planned_rows.map(RowInfo::not_run).sum();
        let matrix = cells.into_iter().map(|((row, module), tally)| Cell {
            row: row.into(),
            module: module.into(),
            tally,
        });
        Report {
            schema: SCHEMA.into(),
            tool: format!("everyhost {}", env!("CARGO_PKG_VERSION")),
            started: self.started,
            elapsed_ms: self.elapsed_ms,
            strict: self.strict,
            end: end_of(&total, self.strict, &self.reds),
            plan: self.plan,
            planned: total.planned,
            executed: total.verdicts.executed(),
            not_asked,
            matrix: matrix.collect(),
            verdicts: total.verdicts,
            differences: differences(&self.results),
            reds: self.reds,
            rows: self.rows,
            modules: self.modules,
            suites: self.suites,
            known_gaps: self.known_gaps,
            results: self.results,
        }
    }
}

fn row_info(row: &RowRun<'_>) -> RowInfo {
    let host = row.hello.as_ref().map(|hello| HostInfo {
        host: hello.host.clone(),
        version: hello.version.clone(),
        runtime: hello.runtime.clone(),
        os: hello.os.clone(),
    });
    let loaded = row.hello.iter().flat_map(|hello| &hello.modules);
    let sampled_out = &row.plan.sampled_out;
    RowInfo {
        name: row.plan.row.name.clone(),
        kind: row.plan.row.kind,
        host,
        unavailable: row.unavailable.clone(),
        hint: row.plan.row.hint.clone(),
        loaded: loaded
            .map(|(name, module)| {
                let info = LoadedInfo {
                    sha256: module.sha256.clone(),
                    refused: module.refused.clone(),
                };
                (name.clone(), info)
            })
            .collect(),
        planned: row.plan.items.len(),
        sample: (!sampled_out.is_empty()).then(|| Sample {
            slow: row.plan.row.cost == Cost::Slow,
            few: few(row.plan.row),
            few_per_suite: FEW_PER_SUITE,
            left_out: (sampled_out.iter())
                .map(|(module, count)| ((*module).to_string(), *count))
                .collect(),
            per_suite: SAMPLE_PER_SUITE,
            seed: SAMPLE_SEED.into(),
        }),
        restarts: row.restarts,
        elapsed_ms: millis(row.elapsed),
    }
}

fn few(row: &Row) -> Vec<String> {
    let few = row.modules.iter().filter(|(_, given)| given.is_few);
    few.map(|(name, _)| name.clone()).collect()
}

fn modules(run: &Run<'_>) -> Vec<ModuleInfo> {
    let place = |name: &str| run.module_order.iter().position(|known| known == name);
    let mut modules: Vec<_> = run.modules.iter().collect();
    modules.sort_by_key(|(name, _)| place(name));
    modules
        .into_iter()
        .map(|(name, built)| ModuleInfo {
            name: name.clone(),
            own: run.options.own.is_some(),
            sha256: built.sha256.clone(),
            bytes: built.bytes,
            gzip_bytes: built.gzip_bytes,
            features: built.features.clone(),
        })
        .collect()
}

fn suite_info(suite: &Suite) -> SuiteInfo {
    let flag = |(flag, meaning): (&String, &String)| {
        let carry = suite.cases.iter().filter(|case| case.flags.contains(flag));
        let info = FlagInfo {
            meaning: meaning.clone(),
            cases: carry.map(|case| case.id.clone()).collect(),
        };
        (flag.clone(), info)
    };
    SuiteInfo {
        name: suite.suite.clone(),
        face: suite.face,
        cases: suite.cases.len(),
        source: suite.source.clone(),
        flags: suite.flags.iter().map(flag).collect(),
    }
}

fn results(run: &Run<'_>, row: &RowRun<'_>) -> Vec<Result> {
    let program = shell::program(&run.options.root);
    let one = |at: usize, item: &Item<'_>| {
        let outcome = row.outcomes.get(at).and_then(Option::as_ref);
        let verdict = outcome.map(|outcome| outcome.verdict);
        let told = !matches!(verdict, None | Some(Verdict::Pass | Verdict::Unavailable));
        Result {
            row: row.plan.row.name.clone(),
            module: item.module.into(),
            suite: item.suite.suite.clone(),
            case: item.case.id.clone(),
            verdict,
            micros: outcome.map_or(0, |outcome| {
                u64::try_from(outcome.elapsed.as_micros()).unwrap_or(u64::MAX)
            }),
            detail: outcome.map_or_else(String::new, |outcome| outcome.detail.clone()),
            wrong: told.then(|| Wrong {
                op: item.case.op.name().into(),
                input: input(item.case),
                expected: Given::Answer(item.case.expect.answer()),
                actual: outcome.and_then(|outcome| outcome.actual.clone()),
                flags: item.case.flags.clone(),
                comment: item.case.comment.clone(),
                again: again(&program, run, row, item),
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
pub(super) fn input(case: &Case) -> Value {
    match serde_json::to_value(&case.op) {
        Ok(Value::Object(mut fields)) => fields.remove("in").unwrap_or_default(),
        _ => Value::Null,
    }
}

/// The command that runs one case again, alone, from the folder in which this was started.
fn again(program: &[String], run: &Run<'_>, row: &RowRun<'_>, item: &Item<'_>) -> String {
    let options = run.options;
    let mut words = program.to_vec();
    words.push("run".into());
    let module = match &options.own {
        Some(own) => shell::path(&own.given),
        None => item.module.to_string(),
    };
    words.extend(shell::option("--host", &row.plan.row.name));
    words.extend(shell::option("--module", &module));
    words.extend(shell::option("--case", &item.case.id));
    if let Some(dir) = &options.vectors {
        words.extend(shell::option("--vectors", &dir.display().to_string()));
    }
    match options.filter.share {
        Share::Sample => {}
        Share::AllFast => words.push("--all-fast".into()),
        Share::All => words.push("--all".into()),
    }
    shell::line(words)
}

/// The cases to which not every row gave the same answer. A row that passed gave the expected one: pointers differ from
/// module to module, and are right all the same.
fn differences(results: &[Result]) -> Vec<Differing> {
    let mut expected: BTreeMap<&str, &Given> = BTreeMap::new();
    for result in results {
        if let Some(wrong) = result.wrong.as_ref().filter(|wrong| wrong.actual.is_some()) {
            expected.insert(&result.case, &wrong.expected);
        }
    }
    let mut given: BTreeMap<&str, Vec<GivenBy>> = BTreeMap::new();
    for result in results {
        let Some(expected) = expected.get(result.case.as_str()) else {
            continue;
        };
        let actual = result.wrong.as_ref().and_then(|wrong| wrong.actual.clone());
        let answer = match (result.verdict, actual) {
            (Some(Verdict::Pass | Verdict::UnexpectedPass), _) => (*expected).clone(),
            // That a host cannot load a module is no answer to the case, and is shown elsewhere.
            (_, None | Some(Given::Refused)) => continue,
            (_, Some(actual)) => actual.without_details(),
        };
        let by = format!("{} {}", result.row, result.module);
        let answers = given.entry(&result.case).or_default();
        match answers.iter_mut().find(|known| known.answer == answer) {
            Some(known) => known.by.push(by),
            None => answers.push(GivenBy { answer, by: vec![by] }),
        }
    }
    given.retain(|_, answers| answers.len() > 1);
    given
        .into_iter()
        .map(|(case, answers)| Differing {
            case: case.into(),
            answers,
        })
        .collect()
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

//! `report.json`: everything that a run has found out, for programs. `report.schema.json` describes it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;
use vectors::Suite;
use vectors::model::{Face, Source};

use crate::answer::Given;
use crate::hosts::{Cost, RowKind};
use crate::plan::{FEW_PER_SUITE, Item, SAMPLE_PER_SUITE, SAMPLE_SEED, Share};
use crate::results::{End, GapUse, PlanInfo, RowRun, Run, Tally, Verdicts, end_of};
use crate::shell;
use crate::verdict::Verdict;

/// The schema that [`Report`] follows.
pub(crate) const SCHEMA: &str = "everyhost/report/1";

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(crate) struct Report {
    /// [`SCHEMA`].
    pub(crate) schema: String,
    pub(crate) tool: String,
    /// When the run started, in UTC.
    pub(crate) started: String,
    /// How long it took, in milliseconds.
    pub(crate) elapsed_ms: u64,
    pub(crate) strict: bool,
    pub(crate) end: End,
    pub(crate) reds: Vec<String>,
    /// What the run is a part of, or all of.
    pub(crate) plan: PlanInfo,
    pub(crate) planned: usize,
    pub(crate) executed: usize,
    /// How many more there would have been with `--all`: beyond 0, this is a sample.
    pub(crate) not_run: usize,
    pub(crate) verdicts: Verdicts,
    /// The rows, in the order of hosts.toml.
    pub(crate) rows: Vec<RowInfo>,
    pub(crate) modules: Vec<ModuleInfo>,
    pub(crate) suites: Vec<SuiteInfo>,
    pub(crate) matrix: Vec<Cell>,
    pub(crate) known_gaps: Vec<GapUse>,
    pub(crate) differences: Vec<Differing>,
    pub(crate) results: Vec<Result>,
}

/// A row: what it is and who answered.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct RowInfo {
    pub(crate) name: String,
    pub(crate) kind: RowKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) host: Option<HostInfo>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unavailable: Option<String>,
    pub(crate) hint: String,
    /// The modules that it was given, as its adapter says it has loaded them.
    pub(crate) loaded: BTreeMap<String, LoadedInfo>,
    pub(crate) planned: usize,
    /// If the row is slow, or a module runs few cases: what was left out, and how the rest was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) sample: Option<Sample>,
    pub(crate) restarts: usize,
    /// How long the row took, in milliseconds.
    pub(crate) elapsed_ms: u64,
}

impl RowInfo {
    pub(crate) fn left_out_of(&self, module: &str) -> usize {
        let sample = self.sample.as_ref();
        sample.map_or(0, |sample| sample.left_out.get(module).copied().unwrap_or_default())
    }

    /// How many cases were left out, because it is slow or its modules run a few.
    pub(crate) fn not_run(&self) -> usize {
        self.sample.as_ref().map_or(0, |sample| sample.left_out.values().sum())
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LoadedInfo {
    /// Of the bytes that it loaded, as the adapter says.
    pub(crate) sha256: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) refused: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct HostInfo {
    pub(crate) host: String,
    pub(crate) version: String,
    pub(crate) runtime: String,
    pub(crate) os: String,
}

impl Sample {
    /// The modules of a fast row that ran the sample that slow rows run of all.
    pub(super) fn modules(&self) -> Vec<&str> {
        let is_one = |name: &&String| !self.slow && !self.few.contains(name);
        self.left_out.keys().filter(is_one).map(String::as_str).collect()
    }
}

impl std::fmt::Display for HostInfo {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {} ({}, {})", self.host, self.version, self.runtime, self.os)
    }
}

/// How the cases of a row were chosen, where some were left out.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// Whether it is about every module, because the row is slow.
    #[serde(default)]
    pub(crate) slow: bool,
    /// Of which modules `few_per_suite` cases of each suite ran.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) few: Vec<String>,
    #[serde(default)]
    pub(crate) few_per_suite: usize,
    pub(crate) left_out: BTreeMap<String, usize>,
    pub(crate) per_suite: usize,
    pub(crate) seed: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct ModuleInfo {
    pub(crate) name: String,
    /// Whether it is a file of the user's, and no module of the workspace.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(crate) own: bool,
    /// Of the file.
    pub(crate) sha256: String,
    pub(crate) bytes: u64,
    /// After `gzip -9`.
    pub(crate) gzip_bytes: u64,
    pub(crate) features: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SuiteInfo {
    pub(crate) name: String,
    pub(crate) face: Face,
    pub(crate) cases: usize,
    pub(crate) source: Source,
    /// What its flags mean, and which cases carry each.
    pub(crate) flags: BTreeMap<String, FlagInfo>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct FlagInfo {
    pub(crate) meaning: String,
    pub(crate) cases: Vec<String>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Cell {
    pub(crate) row: String,
    pub(crate) module: String,
    /// How many were planned, and how often each verdict was given.
    #[serde(flatten)]
    pub(crate) tally: Tally,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Result {
    pub(crate) row: String,
    pub(crate) module: String,
    pub(crate) suite: String,
    pub(crate) case: String,
    /// Its verdict; none if the run stopped before it.
    pub(crate) verdict: Option<Verdict>,
    /// How long the answer took, in microseconds.
    pub(crate) micros: u64,
    /// What was wrong, in words.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) detail: String,
    /// The question and both answers, unless it passed.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(crate) wrong: Option<Wrong>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Wrong {
    pub(crate) op: String,
    pub(crate) input: Value,
    pub(crate) expected: Given,
    /// The answer, if there was one.
    pub(crate) actual: Option<Given>,
    pub(crate) flags: Vec<String>,
    pub(crate) comment: String,
    /// The command that runs it again, alone.
    pub(crate) again: String,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Differing {
    pub(crate) case: String,
    /// Each answer that was given, and by which rows with which modules.
    pub(crate) answers: Vec<GivenBy>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct GivenBy {
    /// Without the host's own words.
    pub(crate) answer: Given,
    /// `row module`, each.
    pub(crate) by: Vec<String>,
}

impl Report {
    pub(crate) fn of(run: &Run<'_>) -> Self {
        let report = Self {
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
            ..Self::default()
        };
        report.counted()
    }

    /// With all that is counted. The results alone decide: a case that got lost shows.
    pub(crate) fn counted(mut self) -> Self {
        let mut total = Tally::default();
        let mut cells: BTreeMap<(&str, &str), Tally> = BTreeMap::new();
        for result in &self.results {
            total.count(result.verdict);
            let cell = cells.entry((&result.row, &result.module)).or_default();
            cell.count(result.verdict);
        }
        let matrix =
            cells.into_iter().map(|((row, module), tally)| Cell { row: row.into(), module: module.into(), tally });
        self.matrix = matrix.collect();
        self.schema = SCHEMA.into();
        self.tool = format!("everyhost {}", env!("CARGO_PKG_VERSION"));
        self.end = end_of(&total, self.strict, &self.reds);
        self.planned = total.planned;
        self.executed = total.verdicts.executed();
        self.verdicts = total.verdicts;
        self.not_run = self.planned_rows().map(RowInfo::not_run).sum();
        self.differences = differences(&self.results);
        self
    }

    /// Every hash in it.
    pub(super) fn sha256s(&self) -> impl Iterator<Item = &String> {
        let loaded = self.rows.iter().flat_map(|row| row.loaded.values()).map(|loaded| &loaded.sha256);
        let sources = self.suites.iter().filter_map(|suite| suite.source.sha256.as_ref());
        let modules = self.modules.iter().map(|module| &module.sha256);
        [&self.plan.sha256, &self.plan.vectors].into_iter().chain(modules).chain(loaded).chain(sources)
    }

    /// In JSON, one line.
    pub(crate) fn to_json(&self) -> anyhow::Result<Vec<u8>> {
        let mut json = serde_json::to_vec(self)?;
        json.push(b'\n');
        Ok(json)
    }

    /// The modules that were run, if they are none of ours.
    pub(crate) fn own_modules(&self) -> Vec<&str> {
        self.modules.iter().filter(|module| module.own).map(|module| module.name.as_str()).collect()
    }

    /// A cell of the matrix, if it was planned.
    pub(crate) fn cell(&self, row: &str, module: &str) -> Option<&Cell> {
        let mut cells = self.matrix.iter();
        cells.find(|cell| cell.row == row && cell.module == module)
    }

    /// The matrix in parts: the hosts that run modules, then what is native, which has other columns.
    pub(super) fn groups(&self) -> Vec<Group<'_>> {
        let modules = self.modules_in_order();
        let group = |are_wasm: bool| {
            let rows = self.planned_rows();
            let rows: Vec<&RowInfo> = rows.filter(|row| (row.kind == RowKind::Wasm) == are_wasm).collect();
            let has = |module: &&str| rows.iter().any(|row| self.cell(&row.name, module).is_some());
            Group { modules: modules.iter().copied().filter(has).collect(), are_wasm, rows }
        };
        let groups = [group(true), group(false)];
        groups.into_iter().filter(|group| !group.rows.is_empty()).collect()
    }

    pub(crate) fn planned_rows(&self) -> impl Iterator<Item = &RowInfo> {
        self.rows.iter().filter(|row| row.planned > 0)
    }

    /// The modules that were run, in the order of the list of modules; what is not in it comes last.
    pub(crate) fn modules_in_order(&self) -> Vec<&str> {
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

pub(super) struct Group<'a> {
    pub(super) modules: Vec<&'a str>,
    pub(super) rows: Vec<&'a RowInfo>,
    /// Whether they run modules, and are not native or an oracle.
    pub(super) are_wasm: bool,
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
                let info = LoadedInfo { sha256: module.sha256.clone(), refused: module.refused.clone() };
                (name.clone(), info)
            })
            .collect(),
        planned: row.plan.items.len(),
        sample: (!sampled_out.is_empty()).then(|| Sample {
            slow: row.plan.row.cost == Cost::Slow,
            few: row.plan.few.iter().map(|name| (*name).to_string()).collect(),
            few_per_suite: FEW_PER_SUITE,
            left_out: (sampled_out.iter()).map(|(module, count)| ((*module).to_string(), *count)).collect(),
            per_suite: SAMPLE_PER_SUITE,
            seed: SAMPLE_SEED.into(),
        }),
        restarts: row.restarts,
        elapsed_ms: millis(row.elapsed),
    }
}

fn modules(run: &Run<'_>) -> Vec<ModuleInfo> {
    let place = |name: &str| run.module_order.iter().position(|known| known == name);
    let mut modules: Vec<_> = run.modules.iter().collect();
    modules.sort_by_key(|(name, _)| place(name));
    modules
        .into_iter()
        .map(|(name, built)| ModuleInfo {
            name: name.clone(),
            own: !run.options.own.is_empty(),
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
        let info = FlagInfo { meaning: meaning.clone(), cases: carry.map(|case| case.id.clone()).collect() };
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
            micros: outcome.map_or(0, |outcome| u64::try_from(outcome.elapsed.as_micros()).unwrap_or(u64::MAX)),
            detail: outcome.map_or_else(String::new, |outcome| outcome.detail.clone()),
            wrong: told.then(|| Wrong {
                op: item.case.op.name().into(),
                input: item.case.op.input(),
                expected: Given::Answer(item.case.expect.answer()),
                actual: outcome.and_then(|outcome| outcome.actual.clone()),
                flags: item.case.flags.clone(),
                comment: item.case.comment.clone(),
                again: again(&program, run, row, item),
            }),
        }
    };
    row.plan.items.iter().enumerate().map(|(at, item)| one(at, item)).collect()
}

/// The command that runs one case again, alone, from the folder in which this was started.
fn again(program: &[String], run: &Run<'_>, row: &RowRun<'_>, item: &Item<'_>) -> String {
    let options = run.options;
    let mut words = program.to_vec();
    words.push("run".into());
    let own = options.own.iter().find(|own| own.name == item.module);
    let module = own.map_or(item.module, |own| &own.word);
    words.extend(shell::option("--host", &row.plan.row.name));
    words.extend(shell::option("--module", module));
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
    given.into_iter().map(|(case, answers)| Differing { case: case.into(), answers }).collect()
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

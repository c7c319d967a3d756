//! A run: plan, ask every row in parallel, judge, report.

mod client;
mod drive;
mod groups;
mod judge;
mod keep;
mod lines;
mod memory;
pub mod process;
mod progress;
pub(crate) mod reply;
mod summary;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use jiff::Timestamp;
use vectors::Suite;
use vectors::model::Face;
use vectors::protocol::{Hello, ModuleFile};

pub(crate) use client::Client;
pub(crate) use drive::explain_timeout;
pub use groups::{ASK_TO_END, Event, GUARD, end_with_us, limit_memory};
pub use judge::{Outcome, expected, without_details};
pub use memory::most as most_memory;
pub use summary::{GapUse, Summary, Tally, end_of};

use crate::gaps::Gap;
use crate::hosts;
use crate::manifest::{self, Manifest, sha256_hex};
use crate::modules::{self, NATIVE};
use crate::own::Own;
use crate::plan::{Filter, RowPlan, Seed, Shard, identity, plan};
use crate::report::{PlanInfo, PlannedRow, Report};
use crate::verdict::Verdict;
use crate::{fit, gaps, out, report, root, suites};

/// How long a probe may take.
const PROBE_LIMIT: Duration = Duration::from_secs(60);

/// What `everyhost run` is told.
#[derive(Debug)]
pub struct Options {
    /// The root of the workspace.
    pub root: PathBuf,
    /// What to ask.
    pub filter: Filter,
    /// Whether to stop at the first red verdict.
    pub fail_fast: bool,
    /// Seconds for an answer, instead of each row's own.
    pub timeout: Option<u64>,
    /// Bytes of memory that each adapter may take with all that it starts, instead of its share of the machine's.
    pub max_memory: Option<u64>,
    /// Whether a missing host is a failure.
    pub strict: bool,
    /// Where the report goes.
    pub report: PathBuf,
    /// Other vectors than those of the workspace.
    pub vectors: Option<PathBuf>,
    /// A module that is not of the workspace, in place of those that are.
    pub own: Option<Own>,
    /// The part of the plan that is asked here.
    pub shard: Option<Shard>,
    /// What the order of each row's cases is drawn with, in place of their own.
    pub shuffle: Option<Seed>,
}

impl Options {
    /// The known gaps beside the vectors, where these are not the workspace's and have some.
    fn own_gaps(&self) -> Option<PathBuf> {
        let path = self.vectors.as_ref()?.join(gaps::OWN_GAPS_FILE);
        (self.own.is_some() || path.exists()).then_some(path)
    }

    /// Whether the known gaps were written for the vectors: otherwise some may well match nothing.
    fn gaps_fit(&self) -> bool {
        self.vectors.is_none() || self.own_gaps().is_some()
    }
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Everything that was planned is as it should be.
    Green,
    /// Something is not.
    Red,
    /// Nothing was asked.
    NothingRan,
}

/// Everything that a run has found out, for the reports.
#[derive(Debug)]
pub struct Run<'a> {
    /// What it was told.
    pub options: &'a Options,
    /// When it started.
    pub started: Timestamp,
    /// How long it took.
    pub elapsed: Duration,
    /// The suites that it had.
    pub suites: &'a [Suite],
    /// The built modules that it needed.
    pub modules: Manifest,
    /// The names of all modules, in the order of their records.
    pub module_order: Vec<String>,
    /// The rows, in the order of hosts.toml.
    pub rows: Vec<RowRun<'a>>,
    /// What it is a part of, or all of.
    pub plan: PlanInfo,
    /// What it all amounts to.
    pub summary: Summary,
}

/// What became of one row.
#[derive(Debug)]
pub struct RowRun<'a> {
    /// What it was to be asked.
    pub plan: RowPlan<'a>,
    /// The reply to `hello`.
    pub hello: Option<Hello>,
    /// Why the host is not here.
    pub unavailable: Option<String>,
    /// One for each planned item, in the same order; none where it was not asked.
    pub outcomes: Vec<Option<(Outcome, Duration)>>,
    /// How often the adapter was started again.
    pub restarts: usize,
    /// What was wrong, beside any case, with the way the adapter ended.
    pub trouble: Option<String>,
    /// How long the row took.
    pub elapsed: Duration,
}

/// Runs, prints the matrix and writes the report.
///
/// # Errors
///
/// Where what it was told, hosts.toml, the vectors or the modules are not sound, or the report cannot be written.
pub fn run(options: &Options) -> Result<End> {
    let root = &options.root;
    let mut rows = hosts::load(root)?;
    for row in &mut rows {
        options
            .timeout
            .into_iter()
            .for_each(|seconds| row.set_timeout(seconds));
    }
    check_names(
        "host",
        &options.filter.hosts,
        rows.iter().map(|row| row.name.as_str()),
    )?;
    let records = modules::load(root)?;
    check_names("module", &options.filter.modules, modules::names(&records))?;
    if let Some(own) = &options.own {
        rows = own.rows(rows);
    }
    let gaps = match options.own_gaps() {
        Some(path) => gaps::load_file(&path, &path.display().to_string(), &rows)?,
        None => gaps::load(root, &rows)?,
    };
    let vectors = options.vectors.clone().unwrap_or_else(|| root.join(suites::DIR));
    let suites = suites::load(&vectors)?;
    check_names(
        "suite",
        &options.filter.suites,
        suites.iter().map(|suite| suite.suite.as_str()),
    )?;

    let mut plans = plan(&rows, &suites, &options.filter);
    let whole = whole_plan(options, &rows, &suites);
    if let Some(shard) = options.shard {
        shard.keep(&mut plans);
    }
    let planned: usize = plans.iter().map(|plan| plan.items.len()).sum();
    if planned == 0 {
        out::complain("nothing ran: no case on any row fits what was asked for");
        if options.own.is_some() && suites.iter().all(|suite| suite.face != Face::Own) {
            out::complain("vectors for a module of your own say \"face\": \"own\"; none of these do");
        }
        return Ok(End::NothingRan);
    }
    let (modules, files) = match &options.own {
        Some(own) => (
            Manifest::from([(own.name.clone(), own.built()?)]),
            BTreeMap::from([(own.name.clone(), own.file())]),
        ),
        None => locate_modules(root, &plans)?,
    };
    fit::check(&plans, &files, &vectors)?;
    let place = report::prepare(&options.report)?;
    if let Some(trouble) = root::trouble(root) {
        out::complain(trouble);
    }
    if let Some(Seed(seed)) = options.shuffle {
        out::complain(format!(
            "each row is asked its cases in a random order; --shuffle {seed} repeats it"
        ));
    }

    let started = Timestamp::now();
    let clock = Instant::now();
    let rows_run = ask(options, plans, &gaps, &files);
    let full_plan = plan(&rows, &suites, &Filter::everything());
    let gaps = summary::use_of_gaps(&gaps, &full_plan, &rows_run, options);
    let summary = summary::sum_up(options, &rows_run, gaps);
    let run = Run {
        options,
        started,
        elapsed: clock.elapsed(),
        suites: &suites,
        modules,
        module_order: modules::names(&records).into_iter().map(String::from).collect(),
        rows: rows_run,
        plan: whole,
        summary,
    };
    let report = Report::of(&run);
    report::write(&report, &place)?;
    report::print(&report, &options.report);
    Ok(report.end())
}

/// How many rows are asked at once, for each core. An adapter waits now and then, for the runner or for its own limits,
/// and many more at once would only make each of them look slow.
const ROWS_A_CORE: usize = 3;

/// Asks every row, some of them at once: those that take longest first.
fn ask<'a>(
    options: &Options,
    plans: Vec<RowPlan<'a>>,
    gaps: &[Gap],
    files: &BTreeMap<String, ModuleFile>,
) -> Vec<RowRun<'a>> {
    let stop = AtomicBool::new(false);
    let progress = progress::Progress::new(plans.iter().map(|plan| plan.items.len()).sum());
    let mut queue: Vec<(usize, RowPlan<'a>)> = plans.into_iter().enumerate().collect();
    // The next one is taken from the end.
    queue.sort_by_key(|(_, plan)| (plan.row.cost == hosts::Cost::Slow, plan.items.len()));
    let at_once = ROWS_A_CORE * thread::available_parallelism().map_or(1, usize::from);
    let at_once = at_once.min(queue.iter().filter(|(_, plan)| !plan.items.is_empty()).count());
    limit_memory(options.max_memory.unwrap_or_else(most_memory));
    let queue = Mutex::new(queue);
    let ask_some = || {
        let mut asked = Vec::new();
        while let Some((at, plan)) = next(&queue) {
            asked.push((at, ask_row(options, plan, gaps, files, &stop, &progress)));
        }
        asked
    };
    let mut asked: Vec<(usize, RowRun<'a>)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..at_once).map(|_| scope.spawn(ask_some)).collect();
        // A panic here is a fault of this tool, and ends it as one.
        threads
            .into_iter()
            .flat_map(|thread| thread.join().expect("a row's thread does not panic"))
            .collect()
    });
    asked.sort_by_key(|(at, _)| *at);
    asked.into_iter().map(|(_, row)| row).collect()
}

fn next<T>(queue: &Mutex<Vec<T>>) -> Option<T> {
    queue.lock().ok()?.pop()
}

fn ask_row<'a>(
    options: &Options,
    plan: RowPlan<'a>,
    gaps: &[Gap],
    files: &BTreeMap<String, ModuleFile>,
    stop: &AtomicBool,
    progress: &progress::Progress,
) -> RowRun<'a> {
    let clock = Instant::now();
    let mut outcomes: Vec<Option<(Outcome, Duration)>> = vec![None; plan.items.len()];
    let mut row_run = RowRun {
        hello: None,
        unavailable: None,
        outcomes: Vec::new(),
        restarts: 0,
        trouble: None,
        elapsed: Duration::ZERO,
        plan,
    };
    let row = row_run.plan.row;
    if row_run.plan.items.is_empty() {
        return row_run;
    }
    if let Err(why) = probe(row, &options.root) {
        let detail = format!("{why}; to get it: {}", row.hint);
        for outcome in &mut outcomes {
            *outcome = Some((
                Outcome {
                    verdict: Verdict::Unavailable,
                    detail: detail.clone(),
                    actual: None,
                },
                Duration::ZERO,
            ));
            progress.tick(Verdict::Unavailable);
        }
        if options.strict && options.fail_fast {
            stop.store(true, Ordering::Relaxed);
        }
        row_run.unavailable = Some(why);
    } else {
        let order = row_run.plan.order(options.shuffle);
        let items: Vec<_> = order.iter().map(|at| row_run.plan.items[*at]).collect();
        let given = row_run.plan.modules();
        let files = files.iter().filter(|(name, _)| given.contains(name.as_str()));
        let files = files.map(|(name, file)| (name.clone(), file.clone())).collect();
        let seen = &mut |at: usize, seen: drive::Seen, elapsed: Duration| {
            let item = &items[at];
            let at = order[at];
            let gap = gaps
                .iter()
                .find(|gap| gap.is_about(&row.name, item.module, item.case));
            let outcome = keep::outcome(judge::judge(&item.case.expect, &seen, gap));
            if outcomes[at].is_none() {
                progress.tick(outcome.verdict);
            }
            if options.fail_fast && outcome.verdict.is_red(options.strict) {
                stop.store(true, Ordering::Relaxed);
            }
            outcomes[at] = Some((outcome, elapsed));
            !stop.load(Ordering::Relaxed)
        };
        let driven = drive::drive(&options.root, row, &items, &files, options.own.is_some(), seen);
        row_run.hello = driven.hello;
        row_run.restarts = driven.restarts;
        row_run.trouble = driven.trouble;
    }
    row_run.outcomes = outcomes;
    row_run.elapsed = clock.elapsed();
    row_run
}

/// Whether the host of a row is here; if not, why.
pub fn probe(row: &hosts::Row, root: &Path) -> Result<(), String> {
    process::probe(&row.probe, root, PROBE_LIMIT)
}

/// What tells one set of vectors from another.
pub(crate) fn hash_of(suites: &[Suite]) -> String {
    sha256_hex(&serde_json::to_vec(suites).unwrap_or_default())
}

/// The plan of which this run is a part: without `--host` and `--shard`.
fn whole_plan(options: &Options, rows: &[hosts::Row], suites: &[Suite]) -> PlanInfo {
    let filter = &options.filter;
    let everywhere = Filter {
        hosts: Vec::new(),
        ..filter.clone()
    };
    let plans = plan(rows, suites, &everywhere);
    let mut parts = Vec::new();
    if !filter.hosts.is_empty() {
        parts.push(format!("--host {}", filter.hosts.join(" --host ")));
    }
    if let Some(shard) = options.shard {
        parts.push(format!("--shard {shard}"));
    }
    PlanInfo {
        sha256: identity(&plans),
        vectors: hash_of(suites),
        cases: plans.iter().map(|plan| plan.items.len()).sum(),
        rows: plans
            .iter()
            .map(|plan| PlannedRow {
                name: plan.row.name.clone(),
                cases: plan.items.len(),
            })
            .filter(|row| row.cases > 0)
            .collect(),
        part: (!parts.is_empty()).then(|| parts.join(" ")),
        shuffle: options.shuffle.map(|seed| seed.0),
    }
}

/// Finds and checks the modules that the plan needs.
fn locate_modules(root: &Path, plans: &[RowPlan<'_>]) -> Result<(Manifest, BTreeMap<String, ModuleFile>)> {
    let mut needed: std::collections::BTreeSet<&str> = plans.iter().flat_map(RowPlan::modules).collect();
    let mut files = BTreeMap::new();
    if needed.remove(NATIVE) {
        let nowhere = ModuleFile {
            path: String::new(),
            sha256: String::new(),
            glue: None,
        };
        files.insert(NATIVE.to_string(), nowhere);
    }
    if needed.is_empty() {
        return Ok((Manifest::new(), files));
    }
    let mut built = manifest::load(root)?;
    built.retain(|name, _| needed.contains(name.as_str()));
    for name in needed {
        let Some(module) = built.get(name) else {
            bail!("module {name} was not built: run `make modules` first");
        };
        files.insert(name.to_string(), manifest::locate(root, name, module)?);
    }
    Ok((built, files))
}

/// Refuses names that there are none of, and says which there are.
fn check_names<'n>(what: &str, chosen: &[String], known: impl IntoIterator<Item = &'n str>) -> Result<()> {
    let known: Vec<&str> = known.into_iter().collect();
    match chosen.iter().find(|name| !known.contains(&name.as_str())) {
        Some(name) => bail!("unknown {what} {name:?}; {what}s are: {}", known.join(", ")),
        None => Ok(()),
    }
}

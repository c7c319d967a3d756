//! A run: plan, run every row's cases in parallel, judge, report.

mod client;
mod drive;
mod folders;
mod groups;
pub(crate) mod guard;
mod judge;
mod keep;
mod lines;
mod memory;
pub(crate) mod process;
mod progress;
mod queue;
mod summary;
mod trace;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, bail, ensure};
use jiff::Timestamp;
use vectors::form::nearest;
use vectors::model::{Face, Suite};
use vectors::protocol::ModuleFile;

pub(crate) use client::Client;
pub(crate) use drive::explain_timeout;
pub(crate) use folders::read_folder;
pub(crate) use groups::{end_with_us, limit_memory};
pub(crate) use memory::most as most_memory;

use crate::gaps::Gap;
use crate::hosts;
use crate::manifest::{self, Manifest};
use crate::modules::{self, NATIVE};
use crate::own::{not_run, rows_for};
use crate::place::Place;
use crate::plan::{Filter, RowPlan, Seed, everything, identity, narrow, on_hosts};
pub(crate) use crate::results::{End, Options};
use crate::results::{Outcome, PlanInfo, PlannedRow, RowRun, Run};
use crate::text::thousands;
use crate::verdict::Verdict;
use crate::{fit, gaps, out, report, root, suites};

const PROBE_LIMIT: Duration = Duration::from_secs(60);

/// Runs, prints the matrix and writes the report.
pub(crate) fn run(options: &Options) -> Result<End> {
    let root = &options.root;
    let filter = &options.filter;
    let mut rows = hosts::load(root)?;
    if let Some(seconds) = options.timeout {
        rows.iter_mut().for_each(|row| row.set_timeout(seconds));
    }
    check_names("host", &filter.hosts, rows.iter().map(|row| row.name.as_str()))?;
    let records = modules::load(root)?;
    check_names("module", &filter.modules, modules::names(&records))?;
    let owns: Vec<&str> = options.own.iter().map(|own| own.name.as_str()).collect();
    if !owns.is_empty() {
        rows = rows_for(&options.own, rows);
        let is_chosen = |row: &&hosts::Row| filter.hosts.is_empty() || filter.hosts.contains(&row.name);
        let not_run = not_run(&options.own, rows.iter().filter(is_chosen));
        not_run.into_iter().for_each(out::complain);
    }
    let gaps = match options.own_gaps() {
        Some(path) => gaps::load_file(&path, &path.display().to_string(), &rows)?,
        None => gaps::load(root, &rows)?,
    };
    let vectors = options.vectors.clone().unwrap_or_else(|| root.join(suites::DIR));
    let suites = suites::load(&vectors)?;
    let names = suites.iter().map(|suite| suite.suite.as_str());
    check_names("suite", &filter.suites, names)?;

    if !owns.is_empty() {
        check_bindings(&owns, &suites, filter)?;
    }

    let everything = everything(&rows, &suites);
    let mut plans = narrow(&everything, filter);
    let whole = plan_info(options, &plans, suites::hash(&suites));
    on_hosts(&mut plans, &filter.hosts);
    if let Some(shard) = options.shard {
        shard.keep(&mut plans);
    }
    if plans.iter().all(|plan| plan.items.is_empty()) {
        out::complain("nothing ran: no case on any row fits what was asked for");
        if !owns.is_empty() && suites.iter().all(|suite| suite.face != Face::Own) {
            out::complain("vectors for a module of your own say \"face\": \"own\"; none of these do");
        }
        return Ok(End::NothingRan);
    }
    let chosen: usize = plans.iter().map(|plan| plan.items.len()).sum();
    ensure!(
        !options.trace || chosen <= trace::MOST,
        "--trace is of {} cases at most, and this run has {}: choose one with --case, and a row with --host",
        trace::MOST,
        thousands(chosen)
    );
    let (modules, files) = if owns.is_empty() {
        locate_modules(root, &plans)?
    } else {
        let built = options.own.iter().map(|own| Ok((own.name.clone(), own.built()?))).collect::<Result<_>>()?;
        (built, options.own.iter().map(|own| (own.name.clone(), own.file())).collect())
    };
    for own in &options.own {
        own.check_imports(&suites)?;
    }
    fit::check(&plans, &files, &vectors)?;
    let place = Place::take(&options.report)?;
    if let Some(trouble) = root::trouble(root) {
        out::complain(trouble);
    }
    if let Some(Seed(seed)) = options.shuffle {
        out::complain(format!("each row runs its cases in a random order; --shuffle {seed} repeats it"));
    }

    let started = Timestamp::now();
    let clock = Instant::now();
    let rows = run_rows(options, plans, &gaps, &files);
    let gaps = summary::use_of_gaps(&gaps, &everything, &rows, options);
    let run = Run {
        options,
        started,
        elapsed: clock.elapsed(),
        suites: &suites,
        modules,
        module_order: modules::names(&records).into_iter().chain(owns.iter().copied()).map(String::from).collect(),
        plan: whole,
        reds: summary::reds(options, &rows, &gaps),
        gaps,
        rows,
    };
    let report = report::Report::of(&run);
    report::write(&report, &suites, &place)?;
    run.rows.iter().flat_map(|row| &row.trace).for_each(out::say);
    report::print(&report, &options.report);
    Ok(report.end)
}

/// How many rows run at once, for each core. An adapter waits now and then, for the runner or for its own limits, and
/// many more at once would only make each of them look slow.
const ROWS_A_CORE: usize = 3;

/// Runs every row, some of them at once: those that take longest first, but for the shortest, so that a first line comes soon.
fn run_rows<'a>(
    options: &Options,
    plans: Vec<RowPlan<'a>>,
    gaps: &[Gap],
    files: &BTreeMap<String, ModuleFile>,
) -> Vec<RowRun<'a>> {
    let stop = AtomicBool::new(false);
    let progress = progress::Progress::new(&plans, options.strict);
    let mut queue: Vec<(usize, RowPlan<'a>)> = plans.into_iter().enumerate().collect();
    // The last one is the first to run.
    queue.sort_by_key(|(_, plan)| (plan.row.cost == hosts::Cost::Slow, plan.items.len()));
    if let Some(shortest) = queue.iter().position(|(_, plan)| !plan.items.is_empty()) {
        let shortest = queue.remove(shortest);
        queue.push(shortest);
    }
    let at_once = ROWS_A_CORE * thread::available_parallelism().map_or(1, usize::from);
    let at_once = at_once.min(queue.iter().filter(|(_, plan)| !plan.items.is_empty()).count());
    limit_memory(options.max_memory.unwrap_or_else(most_memory));
    let queue = queue::Queue::new(queue, &options.installers);
    let installed = |(_, plan): &(usize, RowPlan<'a>)| {
        if plan.items.is_empty() { Ok(()) } else { probe(plan.row, &options.root) }
    };
    let run_some = || {
        let mut ran = Vec::new();
        while let Some(((at, plan), installed)) = queue.next(installed, |(at, _)| progress.wait(*at)) {
            let row = run_row(options, plan, installed, gaps, files, &stop, &|verdict| {
                progress.tick(at, verdict);
            });
            progress.end(at, &row);
            ran.push((at, row));
        }
        ran
    };
    let mut ran: Vec<(usize, RowRun<'a>)> = thread::scope(|scope| {
        let threads: Vec<_> = (0..at_once).map(|_| scope.spawn(run_some)).collect();
        // A panic here is a bug in this tool, and ends it as one.
        threads.into_iter().flat_map(|thread| thread.join().expect("a row's thread does not panic")).collect()
    });
    ran.sort_by_key(|(at, _)| *at);
    ran.into_iter().map(|(_, row)| row).collect()
}

fn run_row<'a>(
    options: &Options,
    plan: RowPlan<'a>,
    installed: Result<(), String>,
    gaps: &[Gap],
    files: &BTreeMap<String, ModuleFile>,
    stop: &AtomicBool,
    tick: &dyn Fn(Verdict),
) -> RowRun<'a> {
    let clock = Instant::now();
    let mut outcomes: Vec<Option<Outcome>> = vec![None; plan.items.len()];
    let mut row_run = RowRun {
        hello: None,
        unavailable: None,
        outcomes: Vec::new(),
        trace: Vec::new(),
        restarts: 0,
        trouble: None,
        elapsed: Duration::ZERO,
        plan,
    };
    let row = row_run.plan.row;
    if row_run.plan.items.is_empty() {
        return row_run;
    }
    if let Err(why) = installed {
        let unavailable = Outcome {
            verdict: Verdict::Unavailable,
            detail: format!("{why}; to get it: {}", row.hint),
            actual: None,
            elapsed: Duration::ZERO,
        };
        for outcome in &mut outcomes {
            *outcome = Some(unavailable.clone());
            tick(Verdict::Unavailable);
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
        let traces = &mut row_run.trace;
        let seen = &mut |at: usize, seen: drive::Seen, elapsed: Duration| {
            let item = &items[at];
            let at = order[at];
            let gap = gaps.iter().find(|gap| gap.is_about(&row.name, item.module, item.case));
            let traced = options.trace.then(|| seen.clone());
            let judged = judge::judge(&item.case.expect, seen, gap);
            let outcome = Outcome { elapsed, ..keep::outcome(judged) };
            if let Some(seen) = traced {
                traces.extend(trace::lines(&row.name, item, &seen, &outcome));
            }
            if outcomes[at].is_none() {
                tick(outcome.verdict);
            }
            if options.fail_fast && outcome.verdict.is_red(options.strict) {
                stop.store(true, Ordering::Relaxed);
            }
            outcomes[at] = Some(outcome);
            !stop.load(Ordering::Relaxed)
        };
        let driven = drive::drive(&options.root, row, &items, &files, !options.own.is_empty(), seen);
        row_run.hello = driven.hello;
        row_run.restarts = driven.restarts;
        row_run.trouble = driven.trouble;
    }
    row_run.outcomes = outcomes;
    row_run.elapsed = clock.elapsed();
    row_run
}

/// Whether the host of a row is installed; if not, why.
pub fn probe(row: &hosts::Row, root: &Path) -> Result<(), String> {
    process::probe(&row.probe, root, PROBE_LIMIT)
}

/// The plan of which this run is a part: without `--host` and `--shard`.
fn plan_info(options: &Options, plans: &[RowPlan<'_>], vectors: String) -> PlanInfo {
    let hosts = options.filter.hosts.iter().map(|name| format!("--host {name}"));
    let shard = options.shard.map(|shard| format!("--shard {shard}"));
    let parts: Vec<String> = hosts.chain(shard).collect();
    let rows = plans.iter().map(|plan| PlannedRow { name: plan.row.name.clone(), cases: plan.items.len() });
    PlanInfo {
        sha256: identity(plans),
        vectors,
        cases: plans.iter().map(|plan| plan.items.len()).sum(),
        rows: rows.filter(|row| row.cases > 0).collect(),
        part: (!parts.is_empty()).then(|| parts.join(" ")),
        shard: options.shard,
        shuffle: options.shuffle.map(|seed| seed.0),
    }
}

/// Finds and checks the modules that the plan needs.
fn locate_modules(root: &Path, plans: &[RowPlan<'_>]) -> Result<(Manifest, BTreeMap<String, ModuleFile>)> {
    let mut needed: BTreeSet<&str> = plans.iter().flat_map(RowPlan::modules).collect();
    let mut files = BTreeMap::new();
    if needed.remove(NATIVE) {
        let nowhere = ModuleFile { path: String::new(), sha256: String::new(), glue: None, types: None };
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

/// Refuses a suite about a module that this run does not have, unless nothing of the suite was chosen.
fn check_bindings(owns: &[&str], suites: &[Suite], filter: &Filter) -> Result<()> {
    for suite in suites.iter().filter(|suite| suite.cases.iter().any(|case| filter.chooses(&suite.suite, case))) {
        let Some(module) = suite.module.as_deref().filter(|module| !owns.contains(module)) else { continue };
        bail!(
            "suite {:?} is about the module {module:?}, and this run has {}: add --module {module}=FILE.wasm, or choose other suites with --suite",
            suite.suite,
            owns.join(", ")
        );
    }
    Ok(())
}

/// Refuses an unknown name, and says which one was probably meant, and which there are.
pub(crate) fn check_names<'n>(what: &str, chosen: &[String], known: impl IntoIterator<Item = &'n str>) -> Result<()> {
    let known: Vec<&str> = known.into_iter().collect();
    let Some(name) = chosen.iter().find(|name| !known.contains(&name.as_str())) else {
        return Ok(());
    };
    let meant =
        nearest(name, known.iter().copied()).map_or_else(|| ";".into(), |meant| format!("; did you mean {meant}?"));
    bail!("unknown {what} {name:?}{meant} {what}s are: {}", known.join(", "))
}

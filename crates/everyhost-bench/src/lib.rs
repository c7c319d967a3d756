//! `make bench`: signing and verifying speed, side by side, on every host.
//!
//! Each host has a bench program of its own, which signs and verifies on request, and says how long that took. This crate decides the turns,
//! and compares everything that is signed: all signatures of all hosts must
//! be the same bytes before any figure is worked out. What comes out goes to the terminal and to the report's folder.

#![forbid(unsafe_code)]
// `everyhost::out` says what is wrong with a stdout that is closed or full; `print!` panics.
#![deny(clippy::print_stdout)]

mod alone;
mod chapter;
#[cfg(test)]
mod contract;
mod figures;
#[cfg(test)]
mod fixture;
mod judge;
mod lineup;
mod machine;
mod page;
mod plot;
mod program;
mod protocol;
mod race;
mod signed;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};
use indicatif::{ProgressBar, ProgressStyle};

use everyhost::command::Exit;
use everyhost::hosts::{self, Cost, Row};
use everyhost::probe;
use everyhost::programs::run_quietly;
use everyhost::{files, manifest, out};

use figures::{EngineFigures, LeftOut, ModuleInfo, Report};
use judge::Judge;
use lineup::BATCH;
use program::{Program, Signers};
use protocol::{Hello, PROTOCOL, SignerOrder, Task};
use race::{Pace, Raced};

/// The key of the chapter: published, so good for this and for nothing else.
const KEYPAIR: &str = "fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf\
                       3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f";

const MESSAGES: usize = 4096;

/// Measure signing and verifying speed, side by side, once all answers are found right
#[derive(Debug, Clone, clap::Parser)]
#[command(
    version,
    max_term_width = 100,
    after_help = "Exit codes: 0 measured, 1 a wrong answer, a host that failed or a promise not met, 2 wrong use, 3 no host is installed."
)]
pub struct BenchArgs {
    /// The workspace, if it is not the current folder or one above [env: EVERYHOST_ROOT]
    #[arg(long, value_name = "DIR")]
    pub root: Option<PathBuf>,
    /// Fewer and shorter rounds: less exact
    #[arg(long)]
    pub quick: bool,
    /// Only these hosts, by their names in hosts/hosts.toml
    #[arg(long, value_delimiter = ',', value_name = "HOST,…")]
    pub only: Vec<String>,
    /// How many times each contestant is timed
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub rounds: Option<u32>,
    /// Where bench.json and bench.html go
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
}

/// One host's race, before anything has been judged.
struct Outcome {
    host: String,
    hello: Hello,
    raced: Raced,
}

/// Lets every host race, judges, prints and writes.
pub fn run(root: &Path, args: &BenchArgs) -> Result<Exit> {
    let rows = chosen(hosts::load(root)?, &args.only)?;
    let dir = args.report.clone().unwrap_or_else(|| root.join("target/report"));
    everyhost::Place::take(&dir)?;
    let (task, modules) = task(root)?;
    let machine = machine::look();
    if let Some(warning) = machine.warning() {
        out::complain(format!("bench: {warning}"));
    }
    for name in lineup::module_names().filter(|name| !modules.contains_key(*name)) {
        out::say(format!("{name} is not built: nobody uses it"));
    }
    let mut judge = Judge::new(MESSAGES);
    let mut outcomes = Vec::new();
    let mut left_out = Vec::new();
    for row in &rows {
        match one(row, root, &task, &pace(row.cost, args), &mut judge) {
            Ok(outcome) => outcomes.push(outcome),
            Err(left) => {
                let how = if left.failed { "FAILED" } else { "is left out" };
                out::say(format!("{} {how}: {}", row.name, left.why));
                left_out.push(left);
            }
        }
    }
    conclude(&dir, &judge, outcomes, left_out, |engines, left_out| {
        Report::new(&pace(Cost::Fast, args), modules, machine, engines, left_out)
    })
}

/// The rows that have a bench program: all, or those named in `only`.
fn chosen(rows: Vec<Row>, only: &[String]) -> Result<Vec<Row>> {
    let rows: Vec<Row> = rows.into_iter().filter(|row| row.bench.is_some()).collect();
    if let Some(unknown) = only.iter().find(|name| rows.iter().all(|row| row.name != **name)) {
        let known: Vec<_> = rows.iter().map(|row| row.name.as_str()).collect();
        bail!("no host {unknown:?} has a bench program; those that have one: {}", known.join(", "));
    }
    Ok(rows.into_iter().filter(|row| only.is_empty() || only.contains(&row.name)).collect())
}

/// How long everything takes, in milliseconds.
fn pace(cost: Cost, args: &BenchArgs) -> Pace {
    // Code that is compiled while it runs takes longer to become fast, and an interpreter never does.
    let (rounds, short_rounds, alone_rounds, [warm_up, warm_up_most, slice, call_most]) = match (cost, args.quick) {
        (Cost::Fast, false) => (21, 5, 3, [400.0, 2000.0, 25.0, 1000.0]),
        (Cost::Fast, true) => (7, 3, 1, [150.0, 1000.0, 12.0, 500.0]),
        (Cost::Slow, false) => (7, 3, 3, [2000.0, 2000.0, 60.0, 400.0]),
        (Cost::Slow, true) => (3, 2, 1, [800.0, 800.0, 25.0, 150.0]),
    };
    let rounds = args.rounds.map_or(rounds, |rounds| rounds as usize);
    Pace { rounds, warm_up, warm_up_most, slice, call_most, short_rounds, alone_rounds }
}

/// Builds or finds all that races, and says how.
fn task(root: &Path) -> Result<(Task, BTreeMap<String, ModuleInfo>)> {
    let built = manifest::load(root)?;
    let mut paths: BTreeMap<String, PathBuf> = BTreeMap::new();
    let mut glue = None;
    let mut component_glue = None;
    for name in lineup::module_names().chain(["signer-bindgen", race::COMPONENT]) {
        let Some(entry) = built.get(name) else {
            // Without these there is nothing to compare the others with.
            ensure!(
                !["signer-raw", "signer-bindgen"].contains(&name),
                "module {name} is not built: run `make modules` first"
            );
            continue;
        };
        let file = manifest::locate(root, name, entry)?;
        paths.insert(name.to_owned(), PathBuf::from(file.path));
        match name {
            race::COMPONENT => component_glue = file.glue,
            _ => glue = file.glue.or(glue),
        }
    }
    paths.insert("chapter".to_owned(), chapter::build(root)?);
    let mut modules = BTreeMap::new();
    for (name, path) in &paths {
        let wasm = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let info = ModuleInfo { sha256: manifest::sha256_hex(&wasm), bytes: wasm.len() };
        modules.insert(name.clone(), info);
    }
    let task = Task {
        protocol: PROTOCOL,
        keypair: KEYPAIR.to_owned(),
        messages: MESSAGES,
        modules: paths.iter().map(|(name, path)| (name.clone(), path.display().to_string())).collect(),
        glue: glue.context("signer-bindgen has no JavaScript: run `make modules` again")?,
        component_glue,
        signers: signers(&modules),
        signed: signed::sets(BATCH),
    };
    Ok((task, modules))
}

/// The signers that use the hosts' wrappers, with the modules that are built.
fn signers(modules: &BTreeMap<String, ModuleInfo>) -> Vec<SignerOrder> {
    let order = |known: &lineup::Contestant| {
        let (module, r#use) = known.wrapped.clone()?;
        modules.contains_key(&module).then(|| SignerOrder { id: known.id.clone(), module, r#use })
    };
    lineup::LINEUP.iter().filter_map(order).collect()
}

/// Lets one host race, with a progress bar on a terminal.
fn one(row: &Row, root: &Path, task: &Task, pace: &Pace, judge: &mut Judge) -> Result<Outcome, LeftOut> {
    let out = |failed| move |why: String| LeftOut { engine: row.name.clone(), why, failed };
    let command = row.bench.as_deref().unwrap_or_default();
    probe(row, root).map_err(|why| format!("{why}; to get it: {}", row.hint)).map_err(out(false))?;
    if !row.bench_build.is_empty() {
        build(&row.bench_build, root).map_err(|error| format!("{error:#}")).map_err(out(true))?;
    }
    if command[0].contains('/') && !root.join(&command[0]).is_file() {
        return Err(out(false)(format!("there is no {}; to get it: {}", command[0], row.hint)));
    }
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{prefix:21} {bar:30} {pos}/{len} {elapsed_precise} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_prefix(row.name.clone());
    let modules: Vec<String> =
        lineup::that_sign().filter(|name| task.modules.contains_key(*name)).map(str::to_owned).collect();
    let raced = (|| {
        let mut program = Program::start(command, root)?;
        let hello = program.hello(task)?;
        let who_alone = alone::who(&hello);
        let lone_turns = who_alone.len() * pace.alone_rounds;
        let mut raced = race::race(&row.name, &mut *program, &hello, &modules, pace, judge, &mut |done, of, what| {
            bar.set_length((of + lone_turns) as u64);
            bar.set_position(done as u64);
            bar.set_message(what.to_owned());
        })?;
        program.end()?;
        let mut start = |task: &Task| -> Result<Box<dyn Signers>, String> {
            let mut program = Program::start(command, root)?;
            program.hello(task)?;
            Ok(program)
        };
        let mut step = |what: &str| {
            bar.inc(1);
            bar.set_message(what.to_owned());
        };
        raced.alone = alone::race(&row.name, task, &who_alone, pace, judge, &mut start, &mut step)?;
        Ok(Outcome { host: row.name.clone(), hello, raced })
    })();
    bar.finish_and_clear();
    raced.map_err(out(true))
}

/// Builds a bench program that nothing else needs.
fn build(command: &[String], root: &Path) -> Result<()> {
    out::complain(format!("bench: {} (the first time, this takes a while)", command.join(" ")));
    let mut program = Command::new(&command[0]);
    program.args(&command[1..]).current_dir(root);
    run_quietly(&mut program).context("building the bench program")?;
    Ok(())
}

/// Judges, and only then has figures worked out, prints and writes them.
fn conclude(
    dir: &Path,
    judge: &Judge,
    outcomes: Vec<Outcome>,
    left_out: Vec<LeftOut>,
    report: impl FnOnce(Vec<EngineFigures>, Vec<LeftOut>) -> Report,
) -> Result<Exit> {
    let failed = left_out.iter().any(|out| out.failed);
    if outcomes.is_empty() {
        out::say("nothing was measured: no host is installed");
        return Ok(if failed { Exit::Bad } else { Exit::NothingDone });
    }
    let faults = judge.faults();
    if !faults.is_empty() {
        for fault in &faults {
            out::say(format!("WRONG: {fault}"));
        }
        out::say("There are no figures, because not every answer is right.");
        return Ok(Exit::Bad);
    }
    let engines = outcomes
        .iter()
        .map(|outcome| EngineFigures::new(&outcome.host, &outcome.hello, &outcome.raced, judge))
        .collect();
    let report = report(engines, left_out);
    table::print(&report);
    out::say(write(dir, &report)?.join(", "));
    let broken = report.broken_promises();
    if let Some(summary) = &broken {
        out::say(summary);
    }
    Ok(if failed || broken.is_some() { Exit::Bad } else { Exit::Good })
}

/// Writes the two files, each whole or not at all, and says which.
fn write(dir: &Path, report: &Report) -> Result<Vec<String>> {
    let files = [("bench.json", serde_json::to_string_pretty(report)? + "\n"), ("bench.html", page::page(report)?)];
    let mut written = Vec::new();
    for (name, text) in files {
        let path = dir.join(name);
        files::replace(&path, text.as_bytes())?;
        let here = std::env::current_dir().unwrap_or_default();
        written.push(path.strip_prefix(here).unwrap_or(&path).display().to_string());
    }
    Ok(written)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{FakeHost, pace, report};

    fn outcome(wrong_from_turn: Option<usize>, judge: &mut Judge) -> Outcome {
        let mut host = FakeHost::new(&[("held", 60_000.0), ("batch-simd", 50_000.0)]);
        host.wrong_from_turn = wrong_from_turn;
        let hello = host.hello();
        let modules = ["signer-raw".to_owned()];
        let raced = race::race("node", &mut host, &hello, &modules, &pace(), judge, &mut |_, _, _| ()).unwrap();
        Outcome { host: "node".to_owned(), hello, raced }
    }

    #[test]
    fn writes_two_files_that_say_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let written = write(dir.path(), &report()).unwrap();
        assert_eq!(written.len(), 2);
        let text = fs::read_to_string(dir.path().join("bench.json")).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let page = fs::read_to_string(dir.path().join("bench.html")).unwrap();
        let page = fixture::unescaped(&page);
        for engine in json["engines"].as_array().unwrap() {
            for contestant in engine["contestants"].as_array().unwrap() {
                assert!(page.contains(contestant["label"].as_str().unwrap()));
            }
        }
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_wrong_signature_leaves_no_figures() {
        let dir = tempfile::tempdir().unwrap();
        let mut judge = Judge::new(MESSAGES);
        let outcomes = vec![outcome(Some(20), &mut judge)];
        let no_report = |_, _| -> Report { panic!("figures were worked out") };
        let end = conclude(dir.path(), &judge, outcomes, vec![], no_report).unwrap();
        assert_eq!(end, Exit::Bad);
        assert_eq!(conclude(dir.path(), &judge, vec![], vec![], no_report).unwrap(), Exit::NothingDone);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_host_that_fails_is_told_and_the_others_have_their_figures() {
        let dir = tempfile::tempdir().unwrap();
        let mut judge = Judge::new(MESSAGES);
        let outcomes = [(); 3].map(|()| vec![outcome(None, &mut judge)]);
        let [right, beside_failed, beside_missing] = outcomes;
        let new = |engines, left_out| Report::new(&pace(), BTreeMap::new(), machine::look(), engines, left_out);
        let end = |outcomes, left_out| conclude(dir.path(), &judge, outcomes, left_out, new).unwrap();
        let out = |failed| vec![LeftOut { engine: "go-wazero".to_owned(), why: "crashed".to_owned(), failed }];
        assert_eq!(end(right, vec![]), Exit::Good);
        assert_eq!(end(beside_failed, out(true)), Exit::Bad);
        assert_eq!(end(beside_missing, out(false)), Exit::Good);
        assert_eq!(end(vec![], out(true)), Exit::Bad);
        let json = fs::read_to_string(dir.path().join("bench.json")).unwrap();
        assert!(json.contains("go-wazero"));
    }

    #[test]
    fn a_promise_that_is_not_met_is_in_the_last_line_and_the_exit_code() {
        let dir = tempfile::tempdir().unwrap();
        let mut judge = Judge::new(MESSAGES);
        let mut end = |one_shot| {
            let mut host = FakeHost::new(&[("held", 60_000.0), ("one-shot", one_shot)]);
            let hello = host.hello();
            let raced = race::race("node", &mut host, &hello, &[], &pace(), &mut judge, &mut |_, _, _| ()).unwrap();
            let outcome = Outcome { host: "node".to_owned(), hello, raced };
            let mut last = None;
            let new = |engines, left_out| {
                let report = Report::new(&pace(), BTreeMap::new(), machine::look(), engines, left_out);
                last = report.broken_promises();
                report
            };
            (conclude(dir.path(), &judge, vec![outcome], vec![], new).unwrap(), last)
        };
        assert_eq!(end(120_000.0), (Exit::Good, None));
        let (exit, last) = end(90_000.0);
        assert_eq!(exit, Exit::Bad);
        fixture::assert_has(
            last.unwrap(),
            "1 of 1 promises is not met: node: held 1.50 times as fast as one-shot, not 1.80",
        );
    }

    #[test]
    fn only_hosts_with_a_bench_program_can_be_asked_for() {
        let rows = || {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
            hosts::load(&root).unwrap()
        };
        assert!(chosen(rows(), &[]).unwrap().len() > 2);
        let node = chosen(rows(), &["node".to_owned()]).unwrap();
        assert_eq!(node.len(), 1);
        let error = chosen(rows(), &["oracle-go".to_owned()]).unwrap_err().to_string();
        assert!(error.contains("oracle-go") && error.contains("node, "), "{error}");
    }

    #[test]
    fn who_signs_is_who_has_a_module() {
        let info = || ModuleInfo { sha256: String::new(), bytes: 1 };
        let ids = |names: &[&str]| -> Vec<String> {
            let modules = names.iter().map(|name| ((*name).to_owned(), info())).collect();
            signers(&modules).into_iter().map(|order| order.id).collect()
        };
        assert_eq!(ids(&["signer-raw", "signer-bindgen"]), ["batch", "held", "one-shot", "verify-raw"]);
        assert_eq!(ids(&["signer-lanes"]), ["lanes"]);
    }
}

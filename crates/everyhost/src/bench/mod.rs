//! `everyhost bench`: signing speed, side by side.
//!
//! Each engine (Node, Chromium, wasmtime) has a program of its own that lets every contestant sign the same 1000
//! messages, in turns, and hands over times and signatures. Here they are judged: all signatures must be the same
//! bytes before any figure is worked out. What comes out goes to the terminal and to the report's folder.

mod chapter;
mod engine;
mod figures;
mod judge;
mod lineup;
mod machine;
mod page;
mod plot;
mod table;

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use indicatif::{ProgressBar, ProgressStyle};
use tempfile::NamedTempFile;

use crate::manifest;
use engine::{Config, Ending, Engine, Outcome};
use figures::{ModuleInfo, Report};

/// The key of the chapter: published, so good for this and for nothing else.
const KEYPAIR: &str = "fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf\
                       3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f";

/// As many messages as the chapter has.
const MESSAGES: usize = 1000;

/// What `everyhost bench` is told.
#[derive(Debug, Clone, clap::Args)]
pub struct BenchArgs {
    /// Fewer and shorter rounds: less exact
    #[arg(long)]
    pub quick: bool,
    /// Only these engines
    #[arg(long, value_enum, value_delimiter = ',', value_name = "ENGINE,…")]
    pub only: Vec<Engine>,
    /// How many times each contestant is timed
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=10_000))]
    pub rounds: Option<u32>,
    /// Where bench.json, bench.svg and bench.html go
    #[arg(long, value_name = "DIR")]
    pub report: Option<PathBuf>,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Every signature was right, and there are figures.
    Measured,
    /// A signature was wrong: there are no figures.
    WrongSignature,
    /// No engine is here.
    NothingRan,
}

/// Lets every engine race, judges, prints and writes.
///
/// # Errors
///
/// Where the modules are not built, an engine's program fails, or the report cannot be written.
pub fn run(root: &Path, args: &BenchArgs) -> Result<End> {
    let dir = args.report.clone().unwrap_or_else(|| root.join("target/report"));
    crate::report::prepare(&dir)?;
    let (config, modules) = config(root, args)?;
    let machine = machine::look();
    if let Some(warning) = machine.warning() {
        eprintln!("bench: {warning}");
    }
    let engines = if args.only.is_empty() {
        Engine::ALL.to_vec()
    } else {
        args.only.clone()
    };
    let mut outcomes = Vec::new();
    let mut left_out = Vec::new();
    for engine in engines {
        match race(engine, root, &config)? {
            Ending::Result(outcome) => outcomes.push((engine, outcome)),
            Ending::Unavailable(why) => {
                println!("{engine} is left out: {why}");
                left_out.push(figures::LeftOut {
                    engine: engine.to_string(),
                    why,
                });
            }
        }
    }
    conclude(&dir, &config, &outcomes, |config| {
        Report::new(config, modules, machine, &outcomes, left_out)
    })
}

/// Judges, and only then has figures worked out, prints and writes them.
fn conclude(
    dir: &Path,
    config: &Config,
    outcomes: &[(Engine, Outcome)],
    report: impl FnOnce(&Config) -> Report,
) -> Result<End> {
    if outcomes.is_empty() {
        println!("nothing was measured: no engine is here");
        return Ok(End::NothingRan);
    }
    let faults = judge::faults(outcomes, config);
    if !faults.is_empty() {
        for fault in &faults {
            println!("WRONG: {fault}");
        }
        println!("There are no figures, because not every signature is right.");
        return Ok(End::WrongSignature);
    }
    let report = report(config);
    table::print(&report);
    println!("{}", write(dir, &report)?.join(", "));
    Ok(End::Measured)
}

/// Builds or finds all that races, and says how.
fn config(root: &Path, args: &BenchArgs) -> Result<(Config, BTreeMap<String, ModuleInfo>)> {
    let built = manifest::load(root)?;
    let mut paths = BTreeMap::new();
    let mut glue = None;
    for name in ["signer-raw", "signer-raw-simd", "signer-bindgen"] {
        let entry = built
            .get(name)
            .with_context(|| format!("module {name} is not built: run `everyhost build` first"))?;
        let file = manifest::locate(root, name, entry)?;
        paths.insert(name.to_owned(), PathBuf::from(file.path));
        glue = file.glue.map(PathBuf::from).or(glue);
    }
    paths.insert("chapter".to_owned(), chapter::build(root)?);
    let mut modules = BTreeMap::new();
    for (name, path) in &paths {
        let wasm = fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
        let info = ModuleInfo {
            sha256: manifest::sha256_hex(&wasm),
            bytes: wasm.len(),
        };
        modules.insert(name.clone(), info);
    }
    let (rounds, warm_up_ms, slice_ms) = if args.quick { (7, 300, 25) } else { (41, 1000, 40) };
    let config = Config {
        rounds: args.rounds.map_or(rounds, |rounds| rounds as usize),
        messages: MESSAGES,
        warm_up_ms,
        slice_ms,
        keypair: KEYPAIR.to_owned(),
        modules: paths,
        glue: glue.context("signer-bindgen has no JavaScript: run `everyhost build` again")?,
    };
    Ok((config, modules))
}

/// Lets one engine race, with a progress bar on a terminal.
fn race(engine: Engine, root: &Path, config: &Config) -> Result<Ending> {
    let Some(command) = engine.command(root)? else {
        return Ok(Ending::Unavailable(engine.how_to_get().to_owned()));
    };
    let bar = ProgressBar::new(0);
    let style = ProgressStyle::with_template("{prefix:9} {bar:30} {pos}/{len} {elapsed_precise} {msg}");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    bar.set_prefix(engine.to_string());
    let ending = engine::race(command, config, |progress| {
        bar.set_length(progress.of);
        bar.set_position(progress.done);
        bar.set_message(progress.what);
    });
    bar.finish_and_clear();
    ending.with_context(|| format!("{engine}'s race"))
}

/// Writes the three files, each whole or not at all, and says which.
fn write(dir: &Path, report: &Report) -> Result<Vec<String>> {
    let svg = plot::svg(report)?;
    let files = [
        ("bench.json", serde_json::to_string_pretty(report)? + "\n"),
        ("bench.html", page::page(report, &svg)?),
        ("bench.svg", svg),
    ];
    let mut written = Vec::new();
    for (name, text) in files {
        let path = dir.join(name);
        replace(&path, text.as_bytes()).with_context(|| format!("cannot write {}", path.display()))?;
        let here = std::env::current_dir().unwrap_or_default();
        written.push(path.strip_prefix(here).unwrap_or(&path).display().to_string());
    }
    Ok(written)
}

fn replace(path: &Path, contents: &[u8]) -> Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mut file = NamedTempFile::new_in(path.parent().context("a file has a folder")?)?;
    file.write_all(contents)?;
    // A temporary file is private to its owner; a report is not.
    file.as_file()
        .set_permissions(fs::Permissions::from_mode(0o644))?;
    file.persist(path)?;
    Ok(())
}

/// The outcome of an engine with lanes that are all right, for tests.
#[cfg(test)]
fn outcome(ids: &[(&str, f64)], messages: usize) -> Outcome {
    let lane = |(id, us): &(&str, f64)| engine::Lane {
        id: (*id).to_owned(),
        version: None,
        slice_messages: messages,
        samples_us: vec![us * 0.9, *us, us * 1.3],
        cpu_samples_us: None,
        signatures: (0..messages).map(|n| format!("{n:0>128x}")).collect(),
        changed: vec![],
    };
    Outcome {
        version: "Test 1".to_owned(),
        runtime: "by hand".to_owned(),
        missing: vec![],
        lanes: ids.iter().map(lane).collect(),
    }
}

#[cfg(test)]
fn config_for_tests(messages: usize) -> Config {
    Config {
        rounds: 3,
        messages,
        warm_up_ms: 0,
        slice_ms: 1,
        keypair: KEYPAIR.to_owned(),
        modules: BTreeMap::new(),
        glue: PathBuf::new(),
    }
}

#[cfg(test)]
fn report_for_tests() -> Report {
    let ids = [
        ("chapter", 260.0),
        ("one-shot", 150.0),
        ("held", 60.0),
        ("batch-simd", 50.0),
        ("tweetnacl", 8000.0),
        ("libsodium", 80.0),
    ];
    let outcomes = [(Engine::Node, outcome(&ids, 2))];
    let left_out = vec![figures::LeftOut {
        engine: "chromium".to_owned(),
        why: "<none> here".to_owned(),
    }];
    Report::new(
        &config_for_tests(2),
        BTreeMap::new(),
        machine::look(),
        &outcomes,
        left_out,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn writes_three_files_that_say_the_same() {
        let dir = tempfile::tempdir().unwrap();
        let written = write(dir.path(), &report_for_tests()).unwrap();
        assert_eq!(written.len(), 3);
        let text = fs::read_to_string(dir.path().join("bench.json")).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["schema"], "everyhost/bench/1");
        let page = fs::read_to_string(dir.path().join("bench.html")).unwrap();
        let svg = fs::read_to_string(dir.path().join("bench.svg")).unwrap();
        assert!(page.contains(&svg), "the page shows the plot");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3);
    }

    #[test]
    fn a_wrong_signature_leaves_no_figures() {
        let dir = tempfile::tempdir().unwrap();
        let mut outcomes = [(Engine::Node, outcome(&[("held", 60.0), ("tweetnacl", 8000.0)], 2))];
        let config = config_for_tests(2);
        outcomes[0].1.lanes[0].signatures[1].replace_range(..1, "f");
        let report = |_: &Config| -> Report { panic!("figures were worked out") };
        assert_eq!(
            conclude(dir.path(), &config, &outcomes, report).unwrap(),
            End::WrongSignature
        );
        assert_eq!(
            conclude(dir.path(), &config, &[], report).unwrap(),
            End::NothingRan
        );
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        outcomes[0].1.lanes[0].signatures[1].replace_range(..1, "0");
        let end = conclude(dir.path(), &config, &outcomes, |_| report_for_tests()).unwrap();
        assert_eq!(end, End::Measured);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 3);
    }
}

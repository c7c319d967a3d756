//! `everyhost mutants`: finds a row that answers from somewhere else than the module it is given.
//!
//! Each row is given a mutant of every module, one constant changed, and must answer as that mutant does. What a mutant
//! answers is what the reference row answers with it, and that must differ from what it answers with the original.

pub(crate) mod mutate;
mod questions;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use vectors::answer::Answer;
use vectors::model::Face;
use vectors::ops::Op;
use vectors::protocol::ModuleFile;

use crate::hosts::{self, Row, RowKind};
use crate::manifest::{self, sha256_hex};
use crate::modules::NATIVE;
use crate::out;
use crate::results::End;
use crate::run::{Client, check_names, probe};

/// The row whose answers the others' are compared with.
pub(crate) const REFERENCE: &str = "wasmtime";

/// The options of `everyhost mutants`.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct MutantsArgs {
    /// Only this row of hosts.toml (may be given several times)
    #[arg(long = "host", value_name = "NAME")]
    pub(crate) hosts: Vec<String>,
    /// The row whose answers the others' are compared with
    #[arg(long, value_name = "NAME", default_value = REFERENCE)]
    pub(crate) reference: String,
}

/// Checks every installed row, prints a line for each module, and says whether all is well.
pub(crate) fn run(root: &Path, args: &MutantsArgs, strict: bool) -> Result<End> {
    let rows = hosts::load(root)?;
    let names: Vec<String> = args.hosts.iter().chain([&args.reference]).cloned().collect();
    check_names("host", &names, rows.iter().map(|row| row.name.as_str()))?;
    let reference = rows.iter().find(|row| row.name == args.reference).context("the reference row")?;
    if let Err(why) = probe(reference, root) {
        bail!("the reference row {:?} is not installed: {why}. To get it: {}", reference.name, reference.hint);
    }
    let pairs = make_mutants(root, &rows)?;
    let known = Known::ask(root, reference, &pairs)?;

    let (mut checked, mut red) = (0, 0);
    let chosen = rows.iter().filter(|row| args.hosts.is_empty() || args.hosts.contains(&row.name));
    for row in chosen.filter(|row| row.kind == RowKind::Wasm) {
        if let Err(why) = probe(row, root) {
            out::say(format!("{:<12} is not installed: {why}. To get it: {}", row.name, row.hint));
            red += usize::from(strict);
            continue;
        }
        for (module, pair) in pairs.iter().filter(|(module, _)| row.modules.contains_key(*module)) {
            checked += 1;
            match check(root, row, module, pair, &known) {
                Ok(asked) => {
                    out::say(format!("{:<12} {module:<16} runs the module: {asked} answers are the mutant's", row.name))
                }
                Err(why) => {
                    red += 1;
                    out::say(format!("{:<12} {module:<16} RED: {why}", row.name));
                }
            }
        }
    }
    out::say(format!("{} modules on rows checked, {red} red", checked));
    Ok(match (checked, red) {
        (_, 1..) => End::Red,
        (0, 0) => End::NothingRan,
        _ => End::Green,
    })
}

struct Pair {
    original: ModuleFile,
    mutant: ModuleFile,
    is_signer: bool,
}

/// Writes a mutant of every signer and adder that a row lists to `target/mutants`.
fn make_mutants(root: &Path, rows: &[Row]) -> Result<BTreeMap<String, Pair>> {
    let manifest = manifest::load(root)?;
    let dir = root.join("target/mutants");
    fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let mut pairs = BTreeMap::new();
    let has = |faces: &[Face], face| faces.contains(&face);
    let listed: BTreeMap<&String, bool> = rows
        .iter()
        .flat_map(|row| &row.modules)
        .filter(|(name, given)| *name != NATIVE && !has(&given.faces, Face::Probe))
        .map(|(name, given)| (name, has(&given.faces, Face::Signer)))
        .collect();
    for (name, is_signer) in listed {
        let built =
            manifest.get(name).with_context(|| format!("module {name} was not built: run `make modules` first"))?;
        let original = manifest::locate(root, name, built)?;
        let wasm = fs::read(&original.path)?;
        let mutant = if is_signer { mutate::signer(&wasm) } else { mutate::adder(&wasm) };
        let mutant = mutant.with_context(|| format!("cannot make a mutant of {name}"))?;
        let path: PathBuf = dir.join(name).with_extension("wasm");
        fs::write(&path, &mutant).with_context(|| format!("cannot write {}", path.display()))?;
        let mutant =
            ModuleFile { path: path.display().to_string(), sha256: sha256_hex(&mutant), glue: original.glue.clone() };
        pairs.insert(name.clone(), Pair { original, mutant, is_signer });
    }
    Ok(pairs)
}

/// The questions of each module, with the answers of the original and of the mutant. They differ from module to module:
/// a mutant signs with another key, or notices in its self-test that it is one, and answers `SELF_TEST_FAILED`.
#[derive(Default)]
struct Known {
    of: BTreeMap<String, Vec<Question>>,
}

struct Question {
    op: Op,
    original: Answer,
    mutant: Answer,
}

impl Known {
    /// Asks the reference row about every module that it lists.
    fn ask(root: &Path, reference: &Row, pairs: &BTreeMap<String, Pair>) -> Result<Self> {
        let mut known = Self::default();
        for (module, pair) in pairs.iter().filter(|(module, _)| reference.modules.contains_key(*module)) {
            let questions = known.of.entry(module.clone()).or_default();
            let who = |which: &str| format!("the reference row {:?} with {which} of {module}", reference.name);
            let mut original = Client::open(root, reference, module, &pair.original)
                .and_then(|client| client.check_sha256(module, &pair.original))
                .map_err(|why| anyhow::anyhow!("{}: {why}", who("the original")))?;
            let mut mutant = Client::open(root, reference, module, &pair.mutant)
                .and_then(|client| client.check_sha256(module, &pair.mutant))
                .map_err(|why| anyhow::anyhow!("{}: {why}", who("a mutant")))?;
            let ops = if pair.is_signer {
                questions::signer(&mut |op| mutant.ask(module, op), &mut |op| original.ask(module, op))
            } else {
                Ok(questions::adder())
            };
            let ops = ops.map_err(|why| anyhow::anyhow!("{}: {why}", who("a mutant")))?;
            for op in ops.into_iter().filter(|op| reference.does(module, op.name())) {
                let question = Question {
                    original: plain(original.ask(module, &op).map_err(anyhow::Error::msg)?),
                    mutant: plain(mutant.ask(module, &op).map_err(anyhow::Error::msg)?),
                    op,
                };
                ensure!(
                    question.original != question.mutant,
                    "{} answers {} as with the original: it does not run the module that it is given, or the constant does not matter",
                    who("a mutant"),
                    question.op.name()
                );
                questions.push(question);
            }
        }
        Ok(known)
    }

    /// The questions of a module. One that the reference row cannot load, such as wasm-bindgen's, computes the same as
    /// the raw one: the same constant is changed in both.
    fn about(&self, module: &str, is_signer: bool) -> &[Question] {
        let raw = if is_signer { "signer-raw" } else { "add-raw" };
        let questions = self.of.get(module).or_else(|| self.of.get(raw));
        questions.map_or(&[], Vec::as_slice)
    }
}

/// Gives one row one mutant. Returns how many questions it answered as that mutant does.
fn check(root: &Path, row: &Row, module: &str, pair: &Pair, known: &Known) -> Result<usize, String> {
    let questions: Vec<&Question> =
        known.about(module, pair.is_signer).iter().filter(|question| row.does(module, question.op.name())).collect();
    if questions.is_empty() {
        return Err("the reference row has no answers for it".into());
    }
    let mut client = Client::open(root, row, module, &pair.mutant)?.check_sha256(module, &pair.mutant)?;
    for question in &questions {
        let answer = plain(client.ask(module, &question.op)?);
        let op = question.op.name();
        if answer == question.original {
            return Err(format!("gives the original's answer to {op}: it does not run the module that it is given"));
        }
        if answer != question.mutant {
            return Err(format!(
                "answers {op} neither as the mutant does nor as the original: {}",
                serde_json::to_string(&answer).unwrap_or_default()
            ));
        }
    }
    Ok(questions.len())
}

/// Without the hosts' own words, and without pointers, which differ from module to module: of the steps on a signer's
/// memory, only what was read counts.
fn plain(answer: Answer) -> Answer {
    match answer.without_details() {
        Answer::Ok { mut ok } => {
            if let Some(steps) = &mut ok.steps {
                let reads = |step: &Answer| matches!(step, Answer::Ok { ok } if ok.bytes.is_some());
                if steps.iter().any(reads) {
                    steps.retain(reads);
                }
            }
            Answer::Ok { ok }
        }
        other => other,
    }
}

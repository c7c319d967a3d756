//! `everyhost mutants`: finds a row that answers from somewhere else than the module it is given.
//!
//! Each row is given a mutant of every module, one constant changed, and must answer as that mutant does. What a mutant
//! answers is what the reference row answers with it, and that must differ from what it answers with the original.

pub(crate) mod mutate;
mod questions;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use vectors::answer::Answer;
use vectors::model::Face;
use vectors::ops::Op;
use vectors::protocol::ModuleFile;

use crate::hosts::{self, Row, RowKind};
use crate::manifest::{self, sha256_hex};
use crate::modules::NATIVE;
use crate::results::End;
use crate::run::{Client, check_names, probe};
use crate::{files, out};

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
    let known = ask_reference(root, reference, &pairs)?;

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
    kind: Kind,
}

/// Which questions a module is asked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Signer,
    Verifier,
    Keys,
    Adder,
    Component,
}

impl Kind {
    fn of(faces: &[Face]) -> Option<Self> {
        let kinds = [
            (Face::Verifier, Self::Verifier),
            (Face::Signer, Self::Signer),
            (Face::Keys, Self::Keys),
            (Face::Adder, Self::Adder),
            (Face::Component, Self::Component),
        ];
        kinds.into_iter().find(|(face, _)| faces.contains(face)).map(|(_, kind)| kind)
    }
}

/// Writes a mutant of every module of these kinds that a row lists to `target/mutants`.
fn make_mutants(root: &Path, rows: &[Row]) -> Result<BTreeMap<String, Pair>> {
    let manifest = manifest::load(root)?;
    let dir = root.join("target/mutants");
    let mut pairs = BTreeMap::new();
    let listed: BTreeMap<&String, Kind> = rows
        .iter()
        .flat_map(|row| &row.modules)
        .filter(|(name, _)| *name != NATIVE)
        .filter_map(|(name, given)| Some((name, Kind::of(&given.faces)?)))
        .collect();
    for (name, kind) in listed {
        let built =
            manifest.get(name).with_context(|| format!("module {name} was not built: run `make modules` first"))?;
        let original = manifest::locate(root, name, built)?;
        let wasm = fs::read(&original.path)?;
        let mutant = match kind {
            Kind::Adder => mutate::adder(&wasm),
            Kind::Keys => mutate::keys(&wasm),
            Kind::Component => mutate::component(&wasm),
            Kind::Signer | Kind::Verifier => mutate::signer(&wasm),
        };
        let mutant = mutant.with_context(|| format!("cannot make a mutant of {name}"))?;
        let path: PathBuf = dir.join(name).with_extension("wasm");
        files::replace(&path, &mutant)?;
        let path = path.display().to_string();
        let mutant = ModuleFile { path, sha256: sha256_hex(&mutant), ..original.clone() };
        pairs.insert(name.clone(), Pair { original, mutant, kind });
    }
    Ok(pairs)
}

/// The questions of each module, with the answers of the original and of the mutant. They differ from module to module:
/// a mutant signs with another key, or notices in its self-test that it is one, and answers `SELF_TEST_FAILED`.
type Known = BTreeMap<String, Vec<Question>>;

struct Question {
    op: Op,
    original: Answer,
    mutant: Answer,
}

/// Asks the reference row about every module that it lists.
fn ask_reference(root: &Path, reference: &Row, pairs: &BTreeMap<String, Pair>) -> Result<Known> {
    let mut known = Known::new();
    for (module, pair) in pairs.iter().filter(|(module, _)| reference.modules.contains_key(*module)) {
        let who = |which: &str| format!("the reference row {:?} with {which} of {module}", reference.name);
        let open = |which: &str, file| {
            Client::open(root, reference, module, file).map_err(|why| anyhow!("{}: {why}", who(which)))
        };
        let (mut original, mut mutant) = (open("the original", &pair.original)?, open("a mutant", &pair.mutant)?);
        let ops = match pair.kind {
            Kind::Signer => questions::signer(&mut |op| mutant.ask(op), &mut |op| original.ask(op)),
            Kind::Verifier => Ok(questions::verifier()),
            Kind::Keys => Ok(questions::keys()),
            Kind::Adder => Ok(questions::adder()),
            Kind::Component => Ok(questions::component()),
        };
        let ops = ops.map_err(|why| anyhow!("{}: {why}", who("a mutant")))?;
        for op in ops.into_iter().filter(|op| reference.does(module, op.name())) {
            let question = Question {
                original: plain(original.ask(&op).map_err(anyhow::Error::msg)?),
                mutant: plain(mutant.ask(&op).map_err(anyhow::Error::msg)?),
                op,
            };
            ensure!(
                question.original != question.mutant,
                "{} answers {} as with the original: it does not run the module that it is given, or the constant does not matter",
                who("a mutant"),
                question.op.name()
            );
            known.entry(module.clone()).or_default().push(question);
        }
    }
    Ok(known)
}

/// Gives one row one mutant. Returns how many questions it answered as that mutant does.
fn check(root: &Path, row: &Row, module: &str, pair: &Pair, known: &Known) -> Result<usize, String> {
    // One that the reference row cannot load, such as wasm-bindgen's, computes the same as the raw one: the same constant
    // is changed in both.
    let raw = if pair.kind == Kind::Adder { "add-raw" } else { "signer-raw" };
    let questions = known.get(module).or_else(|| known.get(raw)).into_iter().flatten();
    let questions: Vec<&Question> = questions.filter(|question| row.does(module, question.op.name())).collect();
    if questions.is_empty() {
        return Err("the reference row has no answers for it".into());
    }
    let mut client = Client::open(root, row, module, &pair.mutant)?;
    for question in &questions {
        let answer = plain(client.ask(&question.op)?);
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

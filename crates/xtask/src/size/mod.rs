//! `make size`: how large each build is, from the chapter's first to the smallest, what its bytes are, what each
//! step won and cost, and whether ours keep their budgets.

mod budgets;
mod chapter;
mod ladder;
mod page;
mod parts;
mod peers;
mod table;
mod times;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

use everyhost::command::Exit;
use everyhost::manifest::{gzip_len, sha256_hex};
use everyhost::modules::{self, Module, Purpose};
use everyhost::{files, out};

use crate::build::{self, brotli_len};
use parts::Parts;
use times::Times;

/// The form of `sizes.json`; it changes when a program that reads it would have to.
const SCHEMA: &str = "everyhost/sizes/1";

/// The options of `make size`.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct SizeArgs {
    /// Only check our modules against their budgets in crates/modules.toml
    #[arg(long)]
    pub check: bool,
}

/// One build and its size.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rung {
    /// Whose it is: `chapter`, `everyhost`, `ladder` (a step from everything whole to the smallest) or `peer`.
    pub of: &'static str,
    /// A short name.
    pub name: String,
    /// What was done; in the chapter and the ladder, beyond what the rung above it did.
    pub how: String,
    /// The size of the file: a .wasm module, or a peer's script.
    pub bytes: u64,
    /// Its size after `gzip -9`.
    pub gzip_bytes: u64,
    /// Its size after brotli at quality 11.
    pub brotli_bytes: u64,
    /// Of the file, lower-case hex.
    pub sha256: String,
    /// What the bytes of a module are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub parts: Option<Parts>,
    /// How long it takes, against signer-raw.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub times: Option<Times>,
}

impl Rung {
    /// Of a module, and the same with the names of its functions.
    fn of_module(of: &'static str, name: &str, how: &str, file: &Path, named: &Path) -> Result<Self> {
        let read = |file: &Path| fs::read(file).with_context(|| format!("cannot read {}", file.display()));
        let wasm = read(file)?;
        let parts = Some(parts::parts(&wasm, Some(&read(named)?))?);
        Ok(Self { parts, ..Self::of_bytes(of, name, how, &wasm)? })
    }

    fn of_bytes(of: &'static str, name: &str, how: &str, bytes: &[u8]) -> Result<Self> {
        Ok(Self {
            of,
            name: name.to_owned(),
            how: how.to_owned(),
            bytes: bytes.len() as u64,
            gzip_bytes: gzip_len(bytes)?,
            brotli_bytes: brotli_len(bytes)?,
            sha256: sha256_hex(bytes),
            parts: None,
            times: None,
        })
    }
}

/// What `sizes.json` holds.
#[derive(Debug, Clone, Serialize)]
struct Report {
    schema: &'static str,
    /// When it was made, in UTC, as RFC 3339 has it.
    finished: String,
    /// What ran the signers for their times, if anything did.
    engine: Option<String>,
    /// Every build, in the order in which they are shown.
    sizes: Vec<Rung>,
    /// A line for each peer that is not installed, and for times that could not be taken.
    left_out: Vec<String>,
}

/// Builds everything that has a size worth knowing, prints the table, writes it to `target/report/` as `sizes.json`,
/// `size.html`, `size.md` and, for the book, `size.json`, and checks the budgets.
pub fn run(root: &Path, args: &SizeArgs) -> Result<Exit> {
    let records = modules::load(root)?;
    let is_measured = |module: &&Module| matches!(module.purpose, Purpose::Product | Purpose::Size);
    let modules: Vec<&Module> = records.iter().filter(is_measured).collect();
    let built = build::build(root, &modules)?;
    if !args.check {
        let report = report(root, &modules)?;
        let markdown = table::markdown(&report.sizes);
        out::lines(&format!("\n{markdown}"));
        for line in &report.left_out {
            out::say(line);
        }
        write(root, &report, &markdown)?;
    }
    let problems = budgets::problems(&modules, &built);
    for problem in &problems {
        out::say(format!("over budget: {problem}"));
    }
    if problems.is_empty() {
        out::say("every module keeps its size budget");
    }
    Ok(if problems.is_empty() { Exit::Good } else { Exit::Bad })
}

fn report(root: &Path, modules: &[&Module]) -> Result<Report> {
    let mut sizes = chapter::ladder(root)?;

    let steps = ladder::steps(modules)?;
    let measured_steps = build::for_measuring(root, &steps.iter().collect::<Vec<_>>())?;
    for (step, measured) in steps.iter().zip(&measured_steps) {
        sizes.push(Rung::of_module("ladder", &step.name, &step.about, &measured.file, &measured.named)?);
    }
    let measured_modules = build::for_measuring(root, modules)?;
    for (module, measured) in modules.iter().zip(&measured_modules) {
        sizes.push(Rung::of_module("everyhost", &module.name, &recipe(module), &measured.file, &measured.named)?);
    }
    let (peers, mut left_out) = peers::peers(root)?;
    sizes.extend(peers);

    let files = (steps.iter().zip(&measured_steps))
        .chain(modules.iter().copied().zip(&measured_modules))
        .map(|(module, measured)| (module.name.as_str(), measured.file.as_path()));
    let engine = match times::take(root, files) {
        Ok((engine, times)) => {
            for rung in &mut sizes {
                rung.times = times.get(&rung.name).cloned();
            }
            Some(engine)
        }
        Err(why) => {
            left_out.push(format!("no times: {why:#}"));
            None
        }
    };
    Ok(Report {
        schema: SCHEMA,
        finished: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        engine,
        sizes,
        left_out,
    })
}

fn write(root: &Path, report: &Report, markdown: &str) -> Result<()> {
    let dir = root.join("target/report");
    let json = |value| Ok::<_, serde_json::Error>(serde_json::to_string_pretty(&value)? + "\n");
    files::replace(&dir.join("size.md"), markdown.as_bytes())?;
    files::replace(&dir.join("sizes.json"), json(serde_json::to_value(report)?)?.as_bytes())?;
    files::replace(&dir.join("size.html"), page::page(report)?.as_bytes())?;
    // The book's ladder: the chapter's builds and the modules.
    let short: Vec<_> = report
        .sizes
        .iter()
        .filter(|rung| matches!(rung.of, "chapter" | "everyhost"))
        .map(|rung| {
            serde_json::json!({
                "of": rung.of, "name": rung.name, "how": rung.how,
                "bytes": rung.bytes, "gzip_bytes": rung.gzip_bytes, "sha256": rung.sha256,
            })
        })
        .collect();
    files::replace(&dir.join("size.json"), json(serde_json::json!({ "sizes": short }))?.as_bytes())?;
    out::say("written to target/report/size.html, sizes.json, size.json and size.md");
    Ok(())
}

/// How a module is built, in words.
fn recipe(module: &Module) -> String {
    let mut how = vec![format!("profile {}", module.profile)];
    how.extend(module.features.iter().map(|feature| format!("feature {feature}")));
    if !module.target_features.is_empty() {
        how.push(module.target_features.clone());
    }
    how.join(", ")
}

#[cfg(test)]
fn report_for_tests() -> Report {
    use parts::{GROUPS, Part, SECTIONS};
    let cut = |names: &'static [&'static str], bytes: u64| -> Vec<Part> {
        let rest = bytes - 10 * (names.len() as u64 - 1);
        let share = |(n, name)| Part { name, bytes: if n == 0 { rest } else { 10 } };
        names.iter().copied().enumerate().map(share).collect()
    };
    let rung = |of, name: &str, bytes: u64| Rung {
        of,
        name: name.to_owned(),
        how: "<how>".to_owned(),
        bytes,
        gzip_bytes: bytes / 2,
        brotli_bytes: bytes / 3,
        sha256: "00".repeat(32),
        parts: (of != "peer").then(|| Parts {
            sections: cut(SECTIONS, bytes),
            groups: (name != "wasm-opt").then(|| cut(GROUPS, bytes)),
        }),
        times: (of == "ladder").then_some(Times {
            sign: times::Ratio { median: 1.25, quartiles: [1.2, 1.3] },
            verify: None,
            first_ms: 12.5,
        }),
    };
    Report {
        schema: SCHEMA,
        finished: "2026-11-27T02:00:00Z".to_owned(),
        engine: Some("Node 20".to_owned()),
        sizes: vec![
            rung("chapter", "debug", 2_000_000),
            rung("chapter", "wasm-opt", 83_000),
            rung("ladder", "whole", 80_000),
            rung("ladder", "product", 21_000),
            rung("everyhost", "signer-raw", 110_000),
            rung("everyhost", "signer-small", 21_000),
            rung("everyhost", "add-raw", 160),
            rung("peer", "tweetnacl", 32_110),
        ],
        left_out: vec!["libsodium.js is left out: <why>".to_owned()],
    }
}

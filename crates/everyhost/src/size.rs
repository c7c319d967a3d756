//! `everyhost size`: how large each build is, from the chapter's first to ours, and whether ours keep their budgets.

mod budgets;
mod chapter;
mod table;

use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use serde::Serialize;

use crate::build::{self, gzip_len, thousands};
use crate::manifest::{Manifest, sha256_hex};
use crate::modules::{MODULES, Module, SIZE_BUILDS};

/// What `everyhost size` is told.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct SizeArgs {
    /// Only check our modules against crates/everyhost/size-budgets.toml
    #[arg(long)]
    pub check: bool,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// Every module keeps its budget.
    Kept,
    /// At least one is over its budget, or has none.
    Over,
}

/// One build and its size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rung {
    /// Whose it is: `chapter` or `everyhost`.
    pub of: &'static str,
    /// A short name.
    pub name: String,
    /// What was done, beyond what the rung above it did.
    pub how: String,
    /// The size of the .wasm file.
    pub bytes: u64,
    /// Its size after `gzip -9`.
    pub gzip_bytes: u64,
    /// Of the file, lower-case hex.
    pub sha256: String,
}

impl Rung {
    fn of_file(of: &'static str, name: &str, how: &str, file: &Path) -> Result<Self> {
        let wasm = fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        Ok(Self {
            of,
            name: name.to_owned(),
            how: how.to_owned(),
            bytes: wasm.len() as u64,
            gzip_bytes: gzip_len(&wasm)?,
            sha256: sha256_hex(&wasm),
        })
    }
}

/// Builds everything that has a size worth knowing, prints the table, writes it to `target/report/size.json` and
/// `size.md`, and checks the budgets.
///
/// # Errors
///
/// Where something cannot be built, or the budgets cannot be read.
pub fn run(root: &Path, args: &SizeArgs) -> Result<End> {
    let modules: Vec<&Module> = MODULES.iter().chain(SIZE_BUILDS).collect();
    let built = build::build(root, &modules)?;
    if !args.check {
        let mut rungs = chapter::ladder(root)?;
        rungs.extend(modules.iter().filter_map(|module| ours(module, &built)));
        let markdown = table::markdown(&rungs);
        println!("\n{markdown}");
        let report = root.join("target/report");
        build::replace(&report.join("size.md"), markdown.as_bytes())?;
        let json = serde_json::to_string_pretty(&serde_json::json!({ "sizes": rungs }))? + "\n";
        build::replace(&report.join("size.json"), json.as_bytes())?;
        println!("written to target/report/size.json and size.md");
    }
    let problems = budgets::load(root)?.problems(&built);
    for problem in &problems {
        println!("over budget: {problem}");
    }
    if problems.is_empty() {
        println!("every module keeps its size budget");
    }
    Ok(if problems.is_empty() { End::Kept } else { End::Over })
}

fn ours(module: &Module, built: &Manifest) -> Option<Rung> {
    let entry = built.get(module.name)?;
    let mut how = vec![format!("profile {}", module.profile)];
    how.extend(module.features.iter().map(|feature| format!("feature {feature}")));
    if !module.target_features.is_empty() {
        how.push(module.target_features.to_owned());
    }
    Some(Rung {
        of: "everyhost",
        name: module.name.to_owned(),
        how: how.join(", "),
        bytes: entry.bytes,
        gzip_bytes: entry.gzip_bytes,
        sha256: entry.sha256.clone(),
    })
}

/// `signer-raw: 120,001 bytes, 1 over the 120,000 …`
fn over(name: &str, bytes: u64, budget: u64) -> String {
    format!(
        "{name} has {} bytes, {} more than the {} of crates/everyhost/size-budgets.toml",
        thousands(bytes),
        thousands(bytes - budget),
        thousands(budget)
    )
}

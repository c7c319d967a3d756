//! `leak-check FILE…`: checks signer modules and prints what was found.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Parser;
use leak_check::allowed;

/// Finds out whether a signer module's control flow or addresses depend on its secret seed
///
/// What is found is judged by allowed.toml under the file's name without `.wasm`. If anything else is found, or what is
/// allowed is not, the exit code is 1.
#[derive(Parser)]
#[command(version)]
struct Args {
    /// The modules: .wasm files of signers without imports
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Print what is allowed too
    #[arg(long)]
    all: bool,
}

fn main() -> Result<ExitCode> {
    let args = Args::parse();
    let entries = allowed::parse(include_str!("../allowed.toml"))?;
    let mut red = false;
    for file in &args.files {
        let name = file.file_stem().context("a file has a name")?.to_string_lossy();
        let wasm = std::fs::read(file).with_context(|| format!("cannot read {}", file.display()))?;
        let report = leak_check::signer::check(&wasm, &[0x5a; 32]).with_context(|| file.display().to_string())?;
        let faults = allowed::faults(&name, &report, &entries);
        println!(
            "{name}: {}; {} instructions ran through {} exports, {} findings",
            if faults.is_empty() { "clean" } else { "LEAKS" },
            report.steps,
            report.exports.len(),
            report.findings.len(),
        );
        for fault in &faults {
            println!("  {fault}");
        }
        for finding in report.findings.iter().filter(|_| args.all) {
            println!("  found: {finding}");
        }
        red |= !faults.is_empty();
    }
    Ok(if red { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

//! `leak-check FILE…`: checks signer modules and prints what was found.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::Parser;

/// Finds out whether a signer module's control flow or addresses depend on its secret seed
#[derive(Parser)]
#[command(version)]
struct Args {
    /// The modules: .wasm files of signers without imports
    #[arg(required = true)]
    files: Vec<PathBuf>,
}

fn main() -> Result<()> {
    for file in Args::parse().files {
        let wasm = std::fs::read(&file).with_context(|| format!("cannot read {}", file.display()))?;
        let report = leak_check::signer::check(&wasm, &[0x5a; 32]).with_context(|| file.display().to_string())?;
        println!(
            "{}: {} instructions ran through {}; {} findings, {} ranges of secret bytes after the wipe",
            file.display(),
            report.steps,
            report.exports.join(", "),
            report.findings.len(),
            report.left_after_wipe.len(),
        );
        for finding in &report.findings {
            println!("  {finding}");
        }
        for range in report.left_after_wipe.iter().take(20) {
            println!("  left: {range:?}");
        }
    }
    Ok(())
}

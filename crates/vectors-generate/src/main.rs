//! `vectors`: writes the files of vectors/ and checks them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, bail, ensure};
use clap::{Parser, Subcommand};
use vectors_generate::{self as generate, File, Sources};

/// Where `crates/vectors-generate/fetch-sources.sh` puts them.
const SOURCES: &str = "target/sources";

/// Writes and checks the shared known answers.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Write every suite of vectors/, the tables of codes and the shared wrappers.
    Generate {
        /// Write nothing: say which files differ, and exit with 1 if any does.
        #[arg(long)]
        check: bool,
        /// The root of the workspace.
        #[arg(long, default_value = ".")]
        root: PathBuf,
        /// What crates/vectors-generate/fetch-sources.sh fetches [default: ROOT/target/sources].
        #[arg(long, env = "VECTORS_SOURCES")]
        sources: Option<PathBuf>,
    },
    /// Load every suite of a directory, and say what is wrong with it.
    Check {
        /// The directory.
        #[arg(default_value = "vectors")]
        dir: PathBuf,
    },
}

fn main() -> ExitCode {
    let done = match Arguments::parse().command {
        Command::Generate { check, root, sources } => {
            let sources = sources.unwrap_or_else(|| root.join(SOURCES));
            generate(&root, &sources, check)
        }
        Command::Check { dir } => check(&dir),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:#}");
            ExitCode::FAILURE
        }
    }
}

fn generate(root: &Path, sources: &Path, check: bool) -> anyhow::Result<()> {
    ensure!(
        root.join("vectors").is_dir() && root.join("hosts").is_dir(),
        "{} is not the root of the workspace (no vectors/ and hosts/ there); run this from the root, or pass --root",
        root.display()
    );
    let files = generate::files(root, &Sources::read(sources)?)?;
    let differing: Vec<&File> =
        files.iter().filter(|file| fs::read(root.join(&file.path)).ok().as_ref() != Some(&file.bytes)).collect();
    if check {
        let names: Vec<String> = differing.iter().map(|file| file.path.display().to_string()).collect();
        ensure!(
            names.is_empty(),
            "not as `make vectors` writes them: {}; run it, and look at the diff",
            names.join(", ")
        );
        println!("{} files are as `make vectors` writes them", files.len());
        return Ok(());
    }
    for file in &differing {
        write(&root.join(&file.path), &file.bytes)?;
        println!("wrote {}", file.path.display());
    }
    println!("{} of {} files were already as they should be", files.len() - differing.len(), files.len());
    Ok(())
}

fn write(path: &Path, bytes: &[u8]) -> anyhow::Result<()> {
    let parent = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(parent).with_context(|| format!("{} cannot be made", parent.display()))?;
    fs::write(path, bytes).with_context(|| format!("{} cannot be written", path.display()))
}

fn check(dir: &Path) -> anyhow::Result<()> {
    let suites = match vectors::load_dir(dir) {
        Ok(suites) => suites,
        Err(problems) => bail!("{problems}"),
    };
    let cases: usize = suites.iter().map(|suite| suite.cases.len()).sum();
    for suite in &suites {
        println!("{:28} {:5} cases", suite.suite, suite.cases.len());
    }
    println!("{} suites, {cases} cases, nothing wrong", suites.len());
    Ok(())
}

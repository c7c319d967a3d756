//! The command line of everyhost.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command as Program, ExitCode};

use anyhow::{Context, Result, bail};
use clap::Parser;
use everyhost::cli::{Cli, Command, RunArgs};
use everyhost::pattern::Pattern;
use everyhost::plan::Filter;
use everyhost::run::{End, Options, end_with_us};
use everyhost::{bench, build, hosts, list, mutants, run, size};

fn main() -> ExitCode {
    match act(Cli::parse()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("everyhost: {error:#}");
            ExitCode::from(2)
        }
    }
}

fn act(cli: Cli) -> Result<ExitCode> {
    let root = find_root(cli.root)?;
    match cli.command {
        Command::Build(args) => build::run(&root, &args)?,
        Command::Run(args) => return ask(root, args),
        Command::Mutants(args) => {
            end_with_us()?;
            let strict = env::var("CI").is_ok_and(|ci| ci == "true");
            return Ok(code(mutants::run(&root, &args, strict)?));
        }
        Command::Bench(args) => {
            return Ok(ExitCode::from(match bench::run(&root, &args)? {
                bench::End::Measured => 0,
                bench::End::WrongSignature => 1,
                bench::End::NothingRan => 3,
            }));
        }
        Command::Size(args) => {
            return Ok(ExitCode::from(match size::run(&root, &args)? {
                size::End::Kept => 0,
                size::End::Over => 1,
            }));
        }
        Command::List => list::list(&root)?,
        Command::Doctor => return doctor(&root),
    }
    Ok(ExitCode::SUCCESS)
}

fn ask(root: PathBuf, args: RunArgs) -> Result<ExitCode> {
    let options = Options {
        strict: args.is_strict(env::var("CI").ok().as_deref()),
        fail_fast: args.fail_fast,
        timeout: args.timeout,
        report: args.report.unwrap_or_else(|| root.join("target/report")),
        vectors: args.vectors,
        filter: Filter {
            hosts: args.hosts,
            modules: args.modules,
            suites: args.suites,
            case: args.case.as_deref().map(Pattern::new).transpose()?,
            all: args.all,
        },
        root,
    };
    end_with_us()?;
    Ok(code(run::run(&options)?))
}

fn code(end: End) -> ExitCode {
    match end {
        End::Green => ExitCode::SUCCESS,
        End::Red => ExitCode::from(1),
        End::NothingRan => ExitCode::from(3),
    }
}

/// A plain shell script, so that it also works where there is no Rust.
fn doctor(root: &Path) -> Result<ExitCode> {
    let script = root.join("crates/everyhost/scripts/doctor.sh");
    let status = Program::new("sh")
        .arg(&script)
        .current_dir(root)
        .status()
        .with_context(|| format!("cannot run sh {}", script.display()))?;
    Ok(ExitCode::from(
        u8::try_from(status.code().unwrap_or(1)).unwrap_or(1),
    ))
}

/// The nearest folder, from here upwards, with a hosts.toml.
fn find_root(given: Option<PathBuf>) -> Result<PathBuf> {
    if let Some(root) = given {
        return root
            .canonicalize()
            .with_context(|| format!("--root {}", root.display()));
    }
    let here = env::current_dir().context("the current folder")?;
    match here
        .ancestors()
        .find(|folder| folder.join(hosts::HOSTS_FILE).is_file())
    {
        Some(root) => Ok(root.to_path_buf()),
        None => bail!(
            "no {} here or in a folder above: run it inside the workspace",
            hosts::HOSTS_FILE
        ),
    }
}

//! The command line of everyhost.

#![deny(clippy::print_stdout)]

mod guard;

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command as Program, ExitCode};

use anyhow::{Context, Result, bail};
use clap::Parser;
use everyhost::cli::{Cli, Command, RunArgs};
use everyhost::own::{self, Own};
use everyhost::pattern::Pattern;
use everyhost::plan::{Filter, Share};
use everyhost::run::{End, GUARD, Options, end_with_us, limit_memory, most_memory};
use everyhost::{bench, build, gaps, list, merge, mutants, out, root, run, shell, size, smoke, starting_set};

fn main() -> ExitCode {
    if env::args_os().next().is_some_and(|name| name == GUARD) {
        guard::main();
    }
    let code = Cli::try_parse().map_or_else(
        |help| use_of(&help),
        |cli| {
            act(cli).unwrap_or_else(|error| {
                out::complain_of(&error);
                ExitCode::from(2)
            })
        },
    );
    match out::finish() {
        Ok(()) => code,
        Err(error) => {
            out::complain(format!("cannot write to stdout: {error}"));
            ExitCode::from(2)
        }
    }
}

/// Prints what was asked for with `--help`, or what is wrong with the command line.
fn use_of(help: &clap::Error) -> ExitCode {
    let text = help.render();
    if help.use_stderr() {
        out::pass_on(text.ansi().to_string().trim_end());
        return ExitCode::from(2);
    }
    out::own(&text.ansi().to_string());
    ExitCode::SUCCESS
}

fn act(cli: Cli) -> Result<ExitCode> {
    if let Command::Merge(args) = &cli.command {
        return Ok(code(merge::run(args)?));
    }
    if let Command::Smoke(args) = &cli.command {
        // An adapter may be written anywhere; the workspace only adds what it has.
        let root = if cli.root.is_some() || args.native {
            Some(root::find(cli.root)?)
        } else {
            root::find(None).ok()
        };
        end_with_us()?;
        limit_memory(most_memory());
        return Ok(ExitCode::from(match smoke::run(root.as_deref(), args)? {
            smoke::End::Sound => 0,
            smoke::End::Wrong => 1,
        }));
    }
    let root = root::find(cli.root)?;
    // One adapter at a time, except in a run, which sets the share of each.
    limit_memory(most_memory());
    match cli.command {
        Command::Smoke(_) | Command::Merge(_) => {}
        Command::Build(args) => build::run(&root, &args)?,
        Command::Run(args) => return ask(root, args),
        Command::Mutants(args) => {
            end_with_us()?;
            let strict = env::var("CI").is_ok_and(|ci| ci == "true");
            return Ok(code(mutants::run(&root, &args, strict)?));
        }
        Command::New(args) => {
            end_with_us()?;
            starting_set::write(&root, &args)?;
        }
        Command::Gaps(args) => {
            return Ok(ExitCode::from(match gaps::run(&root, &args)? {
                gaps::End::InStep => 0,
                gaps::End::OutOfStep => 1,
            }));
        }
        Command::Bench(args) => {
            return Ok(ExitCode::from(match bench::run(&root, &args)? {
                bench::End::Measured => 0,
                bench::End::WrongSignature | bench::End::HostFailed => 1,
                bench::End::NothingRan => 3,
            }));
        }
        Command::Size(args) => {
            return Ok(ExitCode::from(match size::run(&root, &args)? {
                size::End::Kept => 0,
                size::End::Over => 1,
            }));
        }
        Command::List(args) => list::list(&root, &args)?,
        Command::Doctor => return doctor(&root),
    }
    Ok(ExitCode::SUCCESS)
}

fn ask(root: PathBuf, args: RunArgs) -> Result<ExitCode> {
    let own = own_module(&root, &args)?;
    let (modules, report) = match &own {
        Some(_) => (Vec::new(), PathBuf::from("everyhost-report")),
        None => (args.modules.clone(), root.join("target/report")),
    };
    let options = Options {
        strict: args.is_strict(env::var("CI").ok().as_deref()),
        fail_fast: args.fail_fast,
        timeout: args.timeout,
        max_memory: args.max_memory.map(|mib| mib << 20),
        report: args.report.unwrap_or(report),
        vectors: args.vectors,
        shard: args.shard,
        shuffle: args.shuffle,
        filter: Filter {
            hosts: args.hosts,
            modules,
            suites: args.suites,
            case: args.case.as_deref().map(Pattern::new).transpose()?,
            share: match (args.all, args.all_but_long) {
                (true, _) => Share::All,
                (_, true) => Share::AllButLong,
                _ => Share::Sample,
            },
        },
        own,
        root,
    };
    end_with_us()?;
    Ok(code(run::run(&options)?))
}

/// The file that `--module` names, if it names one.
fn own_module(root: &Path, args: &RunArgs) -> Result<Option<Own>> {
    if !args.modules.iter().any(|word| own::is_file(word)) {
        return Ok(None);
    }
    let [file] = &args.modules[..] else {
        bail!("--module takes names of modules, or one .wasm file, and not both");
    };
    if !Path::new(file).exists() {
        bail!("{file}: there is no such file");
    }
    let Some(vectors) = &args.vectors else {
        bail!(
            "a module of your own needs vectors of your own: --vectors DIR; `{}` writes a first set",
            new(root, Path::new("DIR"), file)
        );
    };
    if !vectors.is_dir() {
        bail!(
            "{}: there is no such folder; `{}` makes it, with a first set of vectors",
            vectors.display(),
            new(root, vectors, file)
        );
    }
    Own::read(Path::new(file)).map(Some)
}

/// The command that writes a first set of vectors.
fn new(root: &Path, vectors: &Path, module: &str) -> String {
    let mut words = shell::program(root);
    words.extend(["new".into(), shell::path(vectors), shell::path(Path::new(module))]);
    shell::line(words)
}

fn code(end: End) -> ExitCode {
    match end {
        End::Green => ExitCode::SUCCESS,
        End::Red => ExitCode::from(1),
        End::NothingRan => ExitCode::from(3),
    }
}

/// A script of bash, so that it also works where there is no Rust.
fn doctor(root: &Path) -> Result<ExitCode> {
    let script = root.join("crates/everyhost/scripts/doctor.sh");
    let status = Program::new("bash")
        .arg(&script)
        .current_dir(root)
        .status()
        .with_context(|| format!("cannot run bash {}", script.display()))?;
    Ok(ExitCode::from(
        u8::try_from(status.code().unwrap_or(1)).unwrap_or(1),
    ))
}

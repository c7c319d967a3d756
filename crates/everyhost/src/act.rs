//! What each command of the command line does.

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use crate::cli::{Cli, Command, RunArgs};
use crate::command::{self, Exit};
use crate::hosts::Row;
use crate::own::{self, Own};
use crate::pattern::Pattern;
use crate::plan::{Filter, Share};
use crate::project::Project;
use crate::run::{Options, end_with_us, limit_memory, most_memory};
use crate::{
    badge, bundle, gaps, hosts, inspect, list, manifest, merge, mutants, publish, root, run, setup, shell, smoke,
    starting_set,
};
use crate::{init, virtualize, wasi_suite, watch};
use anyhow::{Result, bail};

/// The program `everyhost`.
pub fn main() -> ExitCode {
    command::run(act)
}

fn act(cli: Cli) -> Result<Exit> {
    if let Command::Merge(args) = &cli.command {
        return merge::run(args).map(Exit::from);
    }
    if let Command::Badge(args) = &cli.command {
        return badge::run(args).map(|()| Exit::Good);
    }
    if let Command::Publish(args) = &cli.command {
        return publish::run(args).map(|()| Exit::Good);
    }
    if let Command::Virtualize(args) = &cli.command {
        return virtualize::run(args).map(|()| Exit::Good);
    }
    if let Command::Inspect(args) = &cli.command {
        // What the module is can be told anywhere; the workspace adds its rows.
        let root = if cli.root.is_some() { Some(root::find(cli.root)?) } else { root::find(None).ok() };
        return inspect::run(root.as_deref(), args).map(|()| Exit::Good);
    }
    if let Command::Watch(args) = &cli.command {
        match watch::watch(args)? {}
    }
    if !matches!(cli.command, Command::List(_) | Command::Gaps(_)) {
        end_with_us()?;
    }
    // One adapter at a time, except in a run, which sets the share of each.
    limit_memory(most_memory());
    if let Command::Smoke(args) = &cli.command {
        // An adapter may be written anywhere; the workspace only adds what it has.
        let root = if cli.root.is_some() || args.native { Some(root::find(cli.root)?) } else { root::find(None).ok() };
        return smoke::run(root.as_deref(), args);
    }
    let root = root::find(cli.root)?;
    match cli.command {
        Command::Badge(_)
        | Command::Publish(_)
        | Command::Smoke(_)
        | Command::Merge(_)
        | Command::Virtualize(_)
        | Command::Inspect(_)
        | Command::Watch(_) => {
            unreachable!("they need no root")
        }
        Command::Run(args) => run_cases(root, args),
        Command::Mutants(args) => {
            let strict = env::var("CI").is_ok_and(|ci| ci == "true");
            mutants::run(&root, &args, strict).map(Exit::from)
        }
        Command::Init(args) => init::run(&root, &args).map(|()| Exit::Good),
        Command::New(args) => starting_set::write(&root, &args).map(|()| Exit::Good),
        Command::Setup(args) => setup::run(&root, &args),
        Command::Gaps(args) => gaps::run(&root, &args),
        Command::List(args) => list::list(&root, &args).map(|()| Exit::Good),
    }
}

/// Where the vectors go that are made of a folder of WASI programs.
const WASI_VECTORS: &str = "everyhost-wasi";

fn run_cases(root: PathBuf, mut args: RunArgs) -> Result<Exit> {
    if let Some(dir) = &args.wasi {
        let (module, vectors) = wasi_suite::convert(dir, Path::new(WASI_VECTORS))?;
        args.modules = vec![module.display().to_string()];
        args.vectors = Some(vectors);
    }
    if let Some(project) = Project::read(Path::new(""))? {
        project.complete(&mut args);
    }
    let mut own = own_modules(&root, &args)?;
    let is_unpacked = bundle::is_unpacked(&root);
    if is_unpacked && own.is_empty() && manifest::load(&root).is_err() {
        bail!(
            "this everyhost carries no modules: give it one with --module FILE.wasm, and its vectors with --vectors DIR"
        );
    }
    let report = if is_unpacked || !own.is_empty() { "everyhost-report".into() } else { root.join("target/report") };
    let modules = if own.is_empty() { args.modules.clone() } else { Vec::new() };
    let rows = hosts::load(&root)?;
    if !args.hosts.is_empty() {
        args.hosts = setup::named(&args.hosts, &rows)?;
        if is_unpacked {
            setup::set_up(&root, &args.hosts, &rows)?;
        }
    } else if is_unpacked {
        // Nobody asked for a dozen runtimes: only those that are installed run, and the others have a hint.
        let carried = rows.iter().filter(|row| bundle::folders(row, &root).is_some());
        args.hosts = carried.map(|row| row.name.clone()).collect();
    }
    let is_chosen = |row: &&Row| args.hosts.is_empty() || args.hosts.contains(&row.name);
    own.iter_mut().for_each(|own| own.prepare(&root, rows.iter().filter(is_chosen)));
    let options = Options {
        strict: args.is_strict(env::var("CI").ok().as_deref()),
        fail_fast: args.fail_fast,
        timeout: args.timeout,
        max_memory: args.max_memory.map(|mib| mib << 20),
        report: args.report.unwrap_or(report),
        vectors: args.vectors,
        shard: args.shard,
        shuffle: args.shuffle,
        trace: args.trace,
        installers: args.installers,
        filter: Filter {
            hosts: args.hosts,
            modules,
            suites: args.suites,
            case: args.case.as_deref().map(Pattern::new).transpose()?,
            share: match (args.all, args.all_fast) {
                (true, _) => Share::All,
                (_, true) => Share::AllFast,
                _ => Share::Sample,
            },
        },
        own,
        root,
    };
    run::run(&options).map(Exit::from)
}

/// The files that `--module` names, if it names some.
fn own_modules(root: &Path, args: &RunArgs) -> Result<Vec<Own>> {
    let Some(first) = args.modules.iter().find(|word| own::is_file(word)) else {
        return Ok(Vec::new());
    };
    if let Some(name) = args.modules.iter().find(|word| !own::is_file(word)) {
        bail!("--module takes names of modules, such as {name}, or .wasm files, such as {first}, and not both");
    }
    for word in &args.modules {
        let (_, file) = own::named(word);
        if !file.exists() {
            bail!("{}: there is no such file", file.display());
        }
    }
    let file = own::named(first).1;
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
    own::read_all(&args.modules)
}

/// The command that writes a first set of vectors.
fn new(root: &Path, vectors: &Path, module: &Path) -> String {
    let mut words = shell::program(root);
    words.extend(["new".into(), shell::path(vectors), shell::path(module)]);
    shell::line(words)
}

//! The command line of the workspace's own tool.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use everyhost::command::{self, Exit};
use everyhost::root;
use xtask::build::{self, BuildArgs};
use xtask::size::{self, SizeArgs};

/// Builds the modules of this workspace and measures them.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 100)]
struct Cli {
    /// The workspace, if it is not the current folder or one above [env: EVERYHOST_ROOT]
    #[arg(long, global = true, value_name = "DIR")]
    root: Option<PathBuf>,
    /// What to do
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build the modules: cargo, wasm-bindgen, wasm-opt
    Build(BuildArgs),
    /// Compare the size of every build, from the chapter's first to ours
    #[command(after_help = "Exit codes: 0 every module keeps its budget, 1 one does not, 2 something failed.")]
    Size(SizeArgs),
}

fn main() -> ExitCode {
    command::run(|cli: Cli| {
        let root = root::find(cli.root)?;
        match cli.command {
            Command::Build(args) => build::run(&root, &args).map(|()| Exit::Good),
            Command::Size(args) => size::run(&root, &args),
        }
    })
}

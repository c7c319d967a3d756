//! The command line.

use std::path::PathBuf;

use clap::{ArgAction, Args, Parser, Subcommand};

use crate::badge::BadgeArgs;
use crate::gaps::GapsArgs;
use crate::init::InitArgs;
use crate::inspect::InspectArgs;
use crate::list::ListArgs;
use crate::merge::MergeArgs;
use crate::mutants::MutantsArgs;
use crate::plan::{Seed, Shard};
use crate::publish::PublishArgs;
use crate::setup::SetupArgs;
use crate::smoke::SmokeArgs;
use crate::starting_set::NewArgs;
use crate::virtualize::VirtualizeArgs;

/// One Rust module, every host, the same bytes.
#[derive(Debug, Parser)]
#[command(name = "everyhost", version, about, max_term_width = 100)]
pub(crate) struct Cli {
    /// The workspace of everyhost, if it is not the current folder or one above [env: EVERYHOST_ROOT]. Without any it is what the tool
    /// carries, if it was built to
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) root: Option<PathBuf>,
    /// What to do
    #[command(subcommand)]
    pub(crate) command: Command,
}

const RUN_HELP: &str = "\
Exit codes: 0 all green, 1 a red verdict, 2 wrong use or unsound input, 3 nothing ran.

Examples:
  everyhost run                                         every host
  everyhost run --all                                   slow hosts in full, too
  everyhost run --host node,python                      two hosts
  everyhost run --host node --case 'probe/memory/*'     some cases
  everyhost run --host node --case add/0 --trace        each step of one case
  everyhost run --module my.wasm --vectors my-vectors   your own module
  everyhost run --module old=a.wasm --module new=b.wasm --vectors my-vectors
                                                        two builds of it, side by side
  everyhost run --shard 2/5 --report part-2             one of five machines

EVERYHOST_QUIET=1 leaves out the lines that a log gets while cases run.";

const VIRTUALIZE_HELP: &str = "\
The module gets these exports. Each buffer keeps the first 4096 bytes; what was not kept is -1.
  everyhost_calls() -> i32                   how many imported functions were called; the first 64 are kept
  everyhost_call(n) -> i32                   which import the n-th call was of, by its number among all imports
  everyhost_call_arg(n, k) -> i64            the bits of its k-th argument, of the first 8
  everyhost_read_len() -> i32, everyhost_read(i) -> i32     what the read steps of declared imports read
with --wasi:
  everyhost_exit_code() -> i32               what proc_exit was given, after which it traps; -1 before
  everyhost_stdout_len() -> i32, everyhost_stdout(i) -> i32   how many bytes were written, and the i-th; stderr alike

Example: everyhost virtualize my.wasm -o standalone.wasm --wasi --arg prog";

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Run the known-answer tests on every host, judge and report
    #[command(after_help = RUN_HELP)]
    Run(RunArgs),
    /// Run again when the module or the vectors change: `run` with the same options
    #[command(
        after_help = "It looks at the files that --module and --vectors name, or everyhost.toml, and at that. Ctrl-C ends it.\n\nExample: everyhost watch --module my.wasm --vectors my-vectors --host node"
    )]
    Watch(RunArgs),
    /// Join the reports of several machines into one
    #[command(
        after_help = "Each report is of a part of one plan, made with run --host or run --shard. Exit codes: those of one run of the whole; 2 where a part is missing, was given twice, or is of another plan or module."
    )]
    Merge(MergeArgs),
    /// Make a badge of a report: an SVG that says what is right, known to be wrong, red, and not run
    #[command(after_help = "Example: everyhost badge everyhost-report -o badge.svg --label my-module")]
    Badge(BadgeArgs),
    /// Write a site of reports: hosts and modules over time, where hosts differ, what changed, an address for each case
    #[command(
        after_help = "The pages need no script and no network: open them from disk or serve them as files. To add a report, give the site's own again: they keep their addresses.\n\nExamples:\n  everyhost publish everyhost-report --out site\n  everyhost publish site/reports/*/report.json.gz everyhost-report --out site"
    )]
    Publish(PublishArgs),
    /// Write what a project needs into this folder: a first set of vectors, everyhost.toml and a workflow for CI
    #[command(
        after_help = "Without options, `everyhost run` then runs what everyhost.toml names. Nothing is written over.\n\nExample: everyhost init my.wasm --host node,python,go"
    )]
    Init(InitArgs),
    /// Write a first set of vectors for a .wasm file of your own: its exports, one vector each
    #[command(
        after_help = "The answers are recorded from one installed host: check them by hand.\n\nExample: everyhost new vectors my.wasm"
    )]
    New(NewArgs),
    /// Say what a .wasm file is, what it needs of its host, and which rows can run it
    #[command(
        after_help = "Examples:\n  everyhost inspect my.wasm\n  everyhost inspect --json my.wasm | jq '[.imports[].imports[]]' > imports.json   # a start for virtualize --imports"
    )]
    Inspect(InspectArgs),
    /// Make a module without imports of one that has some, so that every host can run it
    #[command(after_help = VIRTUALIZE_HELP)]
    Virtualize(VirtualizeArgs),
    /// Get what npm, PyPI and Go have for rows; `run --host` does it by itself where there is no clone
    #[command(
        after_help = "What only the system's package manager has is left to you. Exit codes: 0 all of them are installed, 1 one is not.\n\nExample: everyhost setup --host node,python"
    )]
    Setup(SetupArgs),
    /// Say what known-gaps.toml should have after the last run: which entries to add, strike and change
    #[command(after_help = "Exit codes: 0 it is in step, 1 something is to be done, 2 there is no report.")]
    Gaps(GapsArgs),
    /// Check an adapter against the contract (hosts/CONTRACT.md), and say line by line what is wrong
    #[command(
        after_help = "Exit codes: 0 all as the contract says, 1 something is not, 2 wrong use.\n\nExample: everyhost smoke -- python3 my_adapter.py"
    )]
    Smoke(SmokeArgs),
    /// Find a row that answers from somewhere else than the module it is given
    #[command(after_help = "Each row is given modules with one constant changed, and must answer as those do.")]
    Mutants(MutantsArgs),
    /// List the rows, the modules and the suites
    List(ListArgs),
}

/// The options of `everyhost run`.
#[derive(Debug, Clone, Args)]
pub(crate) struct RunArgs {
    /// Only this row of hosts.toml (may be given several times, or several with commas); outside a clone it is set up first
    #[arg(long = "host", value_name = "NAME", value_delimiter = ',')]
    pub(crate) hosts: Vec<String>,
    /// Only this module (may be given several times); or .wasm files of your own, each called as its file is unless NAME
    /// says otherwise
    #[arg(long = "module", value_name = "NAME|[NAME=]FILE.wasm")]
    pub(crate) modules: Vec<String>,
    /// Only this suite (may be given several times)
    #[arg(long = "suite", value_name = "NAME")]
    pub(crate) suites: Vec<String>,
    /// Only the cases whose id is this, or matches this glob
    #[arg(long, value_name = "GLOB")]
    pub(crate) case: Option<String>,
    /// Run every case on every row: not a sample on slow rows and of some modules
    #[arg(long)]
    pub(crate) all: bool,
    /// Run every case on the fast rows; on slow rows and of some modules every refusal, trap, session and raw case, and a sample
    #[arg(long, conflicts_with = "all")]
    pub(crate) all_fast: bool,
    /// Only this part of the plan, for one of several machines: 2/5 is the second of five; see merge
    #[arg(long, value_name = "I/N")]
    pub(crate) shard: Option<Shard>,
    /// Run each row's cases in a random order; the verdicts must stay the same. The report says the seed, which repeats
    /// the order
    #[arg(long, value_name = "SEED", num_args = 0..=1, default_missing_value = "random")]
    pub(crate) shuffle: Option<Seed>,
    /// Stop at the first red verdict
    #[arg(long)]
    pub(crate) fail_fast: bool,
    /// How long an answer may take, instead of each row's own limit
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) timeout: Option<u64>,
    /// How much memory each adapter may take, with all that it starts; one that takes more is ended, and the case is an
    /// error. The files that it maps do not count [default: half of the machine's]
    #[arg(long, value_name = "MIB", value_parser = clap::value_parser!(u64).range(16..=16_777_216))]
    pub(crate) max_memory: Option<u64>,
    /// A missing host is a failure (the default if CI=true)
    #[arg(long, overrides_with = "no_strict")]
    pub(crate) strict: bool,
    /// A missing host is left out, with a hint (the default elsewhere)
    #[arg(long, action = ArgAction::SetTrue)]
    pub(crate) no_strict: bool,
    /// Print what each case asked for and what came, step by step; of 20 cases at most, so choose with --case and --host
    #[arg(long)]
    pub(crate) trace: bool,
    /// Where the report goes [default: target/report; everyhost-report for a module of your own, and outside a clone]
    #[arg(long, value_name = "DIR")]
    pub(crate) report: Option<PathBuf>,
    /// Other vectors than those of the workspace
    #[arg(long, value_name = "DIR")]
    pub(crate) vectors: Option<PathBuf>,
    /// Programs of WASI preview 1 instead: a folder in the form of WebAssembly/wasi-testsuite, NAME.wasm and NAME.json
    #[arg(long, value_name = "DIR", conflicts_with_all = ["modules", "vectors", "suites"])]
    pub(crate) wasi: Option<PathBuf>,
    /// A process that may be installing hosts: as long as it lives, a row that is not installed waits (`make run`)
    #[arg(long = "while", value_name = "PID", hide = true, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) installers: Vec<u32>,
}

impl RunArgs {
    /// Whether a missing host is a failure, if `CI` has the value `ci`.
    pub(crate) fn is_strict(&self, ci: Option<&str>) -> bool {
        if self.strict { true } else { !self.no_strict && ci == Some("true") }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn strict(words: &[&str], ci: Option<&str>) -> bool {
        let cli = Cli::try_parse_from(["everyhost", "run"].iter().chain(words)).unwrap();
        match cli.command {
            Command::Run(args) => args.is_strict(ci),
            _ => unreachable!(),
        }
    }

    #[test]
    fn the_command_line_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn the_examples_of_run_are_sound() {
        let examples = RUN_HELP.lines().filter_map(|line| line.trim().split("  ").next());
        let examples: Vec<&str> = examples.filter(|line| line.starts_with("everyhost run")).collect();
        assert_eq!(examples.len(), 8);
        for example in examples {
            let words = shlex::split(example).unwrap();
            assert!(Cli::try_parse_from(words).is_ok(), "{example}");
        }
    }

    #[test]
    fn strict_is_the_default_in_ci_only() {
        assert!(strict(&[], Some("true")));
        assert!(!strict(&[], None) && !strict(&[], Some("false")));
        assert!(strict(&["--strict"], None));
        assert!(!strict(&["--no-strict"], Some("true")));
    }
}

//! The command line of the bench.

use std::process::ExitCode;

use everyhost::{command, root};
use everyhost_bench::BenchArgs;

fn main() -> ExitCode {
    command::run(|args: BenchArgs| everyhost_bench::run(&root::find(args.root.clone())?, &args))
}

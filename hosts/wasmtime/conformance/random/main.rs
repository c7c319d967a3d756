//! Random signatures of the lanes modules, or random verdicts, against `ed25519-dalek`, as many as you have time for.
//!
//! ```sh
//! cargo run --release -p host-wasmtime --example random-signatures -- --count 10000000
//! cargo run --release -p host-wasmtime --example random-signatures -- --verify --count 10000000
//! ```
//!
//! `make modules` must have built the modules. It ends with 0 when every signature, or verdict, of both modules was dalek's.

#[path = "../../tests/common/mod.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod common;
mod compare;
mod verdicts;

use std::process::ExitCode;

use clap::Parser;
use common::{Exports, LANES, VERIFIERS};
use indicatif::{ProgressBar, ProgressStyle};

/// Signs random messages with the lanes modules and natively, or verifies random signatures, and compares
#[derive(Parser)]
struct Args {
    /// Verifies instead: half of the signatures have one bit the other way round, in them, their message or their key
    #[arg(long)]
    verify: bool,
    /// How many messages each module signs, or signatures it verifies
    #[arg(long, default_value_t = 10_000_000)]
    count: u64,
    /// What keys and messages are made from; the same seed gives the same
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let names = if args.verify { &VERIFIERS[..2] } else { &LANES };
    let modules: Vec<_> = names.iter().map(|name| (*name, Exports::compile(name))).collect();
    let bar = ProgressBar::new(args.count);
    let style = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} {elapsed_precise}, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let compare = if args.verify { verdicts::compare } else { compare::compare };
    let compared = compare(&modules, args.seed, args.count, |done| bar.set_position(done));
    bar.finish_and_clear();
    match compared {
        Ok(()) => {
            let what = if args.verify { "verdicts" } else { "signatures" };
            println!("{}: {} {what} each, all equal to dalek's (seed {})", names.join(", "), args.count, args.seed);
            ExitCode::SUCCESS
        }
        Err(difference) => {
            eprintln!("{difference} (seed {})", args.seed);
            ExitCode::FAILURE
        }
    }
}

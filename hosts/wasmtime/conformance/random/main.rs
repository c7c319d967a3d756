//! Random signatures of the lanes modules against `ed25519-dalek`, as many as you have time for.
//!
//! ```sh
//! cargo run --release -p host-wasmtime --example random-signatures -- --count 10000000
//! ```
//!
//! `make modules` must have built the modules. It ends with 0 when every signature of both modules was dalek's.

#[path = "../../tests/common/mod.rs"]
#[allow(dead_code, reason = "the tests use more of it")]
mod common;
mod compare;

use std::process::ExitCode;

use clap::Parser;
use common::{Exports, LANES};
use indicatif::{ProgressBar, ProgressStyle};

/// Signs random messages with the lanes modules and natively, and compares
#[derive(Parser)]
struct Args {
    /// How many messages each module signs
    #[arg(long, default_value_t = 10_000_000)]
    count: u64,
    /// What keys and messages are made from; the same seed gives the same
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

fn main() -> ExitCode {
    let args = Args::parse();
    let modules = LANES.map(|name| (name, Exports::compile(name)));
    let bar = ProgressBar::new(args.count);
    let style = ProgressStyle::with_template("{bar:40} {human_pos}/{human_len} {elapsed_precise}, {eta} left");
    bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
    let compared = compare::compare(&modules, args.seed, args.count, |done| bar.set_position(done));
    bar.finish_and_clear();
    match compared {
        Ok(()) => {
            println!("{}: {} signatures each, all equal to dalek's (seed {})", LANES.join(", "), args.count, args.seed);
            ExitCode::SUCCESS
        }
        Err(difference) => {
            eprintln!("{difference} (seed {})", args.seed);
            ExitCode::FAILURE
        }
    }
}

//! Signing and verifying speed in wasmtime, against the same Rust code compiled for this machine: what `make bench` talks to.
//! It builds this program with `--release`; hosts/BENCH.md has the lines that go in and out.

mod clock;
#[path = "../component.rs"]
#[allow(dead_code, reason = "the adapter uses the rest")]
mod component;
mod contestants;
mod program;
#[path = "../../../../crates/everyhost-bench/src/protocol.rs"]
#[allow(dead_code, reason = "answers are written as plain JSON")]
mod protocol;

use std::io::{self, BufRead, Write};

use anyhow::{Context, ensure};
use serde_json::json;

use crate::program::Program;
use crate::protocol::Ask;

fn main() -> anyhow::Result<()> {
    ensure!(!cfg!(debug_assertions), "figures of a debug build mean nothing: build with --release");
    let mut program = None;
    for line in io::stdin().lock().lines() {
        let ask: Ask = serde_json::from_str(&line?).context("a line that is no question")?;
        let answer = match (ask, &mut program) {
            (Ask::Hello(task), program) => Program::new(task).map(|new| program.insert(new).hello()),
            (_, None) => anyhow::bail!("the first line should be hello"),
            (Ask::Sign(turn), Some(program)) => program.sign(&turn),
            (Ask::Verify(verify), Some(program)) => program.verify(&verify),
            (Ask::Start { module }, Some(program)) => program.start(&module),
            (Ask::Crossing(crossing), Some(program)) => program.cross(&crossing),
        };
        let answer = answer.unwrap_or_else(|error| json!({ "error": format!("{error:#}") }));
        let mut out = io::stdout().lock();
        writeln!(out, "{answer}")?;
        out.flush()?;
    }
    Ok(())
}

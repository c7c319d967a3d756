//! Signing speed in wasmtime, against the same Rust code compiled for this machine.
//!
//! `everyhost bench` builds this program with `--release`, writes one JSON object to its stdin ([`Config`]) and
//! reads one JSON object a line from its stdout: progress, then the result.

mod contestants;
mod race;

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use nix::time::{ClockId, clock_gettime};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::race::{Settings, race};

/// What `everyhost bench` asks for.
#[derive(Deserialize)]
struct Config {
    rounds: usize,
    messages: usize,
    warm_up_ms: u64,
    slice_ms: u64,
    keypair: String,
    modules: BTreeMap<String, PathBuf>,
}

fn main() -> anyhow::Result<()> {
    ensure!(
        !cfg!(debug_assertions),
        "figures of a debug build mean nothing: build with --release"
    );
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    let config: Config =
        serde_json::from_str(&line).context("stdin should have one line of JSON, the settings")?;
    let keypair: [u8; 64] = hex::decode(&config.keypair)?
        .try_into()
        .map_err(|_| anyhow::anyhow!("a keypair has 128 hex digits"))?;
    let module = |name: &str| -> anyhow::Result<Vec<u8>> {
        let path = config
            .modules
            .get(name)
            .with_context(|| format!("the settings name no module {name}"))?;
        std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
    };
    let contestants = contestants::enter(&keypair, &module)?;
    let started = Instant::now();
    let mut settings = Settings {
        messages: (0..config.messages)
            .map(|n| format!("hello{n}").into_bytes())
            .collect(),
        rounds: config.rounds,
        warm_up: Duration::from_millis(config.warm_up_ms),
        slice: Duration::from_millis(config.slice_ms),
        now: Box::new(move || started.elapsed()),
        cpu: Box::new(processor_time),
    };
    let lanes = race(contestants, &mut settings, |done, of, what| {
        print(&json!({ "progress": { "done": done, "of": of, "what": what } }))
    })?;
    let lanes: Vec<Value> = lanes.iter().map(race::Lane::to_json).collect();
    print(&json!({ "result": {
        "version": format!("wasmtime {}", env!("WASMTIME_VERSION")),
        "runtime": "Cranelift",
        "missing": [],
        "lanes": lanes,
    } }))
}

/// How long this process, with all its threads, has had a processor.
fn processor_time() -> Duration {
    // It fails only where the system has no such clock, and then there is nothing to tell.
    clock_gettime(ClockId::CLOCK_PROCESS_CPUTIME_ID).map_or(Duration::ZERO, Duration::from)
}

fn print(line: &Value) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

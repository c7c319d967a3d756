//! `make timing`: does the time of a signer in wasmtime depend on its secret? In the manner of dudect: one fixed secret and many
//! random ones in an order that nobody can foresee, and Welch's t-test on what each took.

mod stats;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use sha2::{Digest, Sha512};
use stats::{LIMIT, Numbers, Samples, largest_t, median};
use wasmtime::error::{Context, Result, ensure};
use wasmtime::{Engine, Instance, Memory, Module, Store, WasmParams};

/// Measures whether the time of a signer depends on its secret
#[derive(Parser)]
struct Args {
    /// The modules: .wasm files of signers
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// How many times each operation is measured, in both classes together
    #[arg(long, default_value_t = 20_000)]
    samples: usize,
    /// Succeed only where every module's signing is found to leak
    #[arg(long)]
    expect_leak: bool,
}

/// What is measured, one call each.
const OPERATIONS: [&str; 3] = ["load_key", "sign_loaded", "sign_batch"];
/// Secrets of each class, so that both are read from as much memory.
const SECRETS: usize = 512;
const MESSAGE: &[u8] = b"the same message each time";

fn main() -> Result<ExitCode> {
    let args = Args::parse();
    let mut numbers = Numbers(0x9e37_79b9_7f4a_7c15 ^ std::process::id() as u64);
    let (fixed, random) = secrets(&mut numbers);
    let mut as_wanted = true;
    for file in &args.files {
        let mut signer = Signer::open(file).with_context(|| file.display().to_string())?;
        let name = file.file_stem().context("a file has a name")?.to_string_lossy();
        for operation in OPERATIONS {
            if !signer.exports(operation) {
                continue;
            }
            let samples = measure(&mut signer, operation, args.samples, &fixed, &random, &mut numbers)?;
            let t = largest_t(&samples);
            let leaks = t.abs() > LIMIT;
            println!(
                "{name:<26} {operation:<12} t {t:>8.2}  {}  medians {:.2} µs fixed, {:.2} µs random, {} samples",
                if leaks { "LEAKS" } else { "clean" },
                median(&samples.fixed) / 1000.0,
                median(&samples.random) / 1000.0,
                samples.fixed.len() + samples.random.len(),
            );
            // The planted leak is in signing, not in loading.
            as_wanted &= leaks == (args.expect_leak && operation != "load_key");
        }
    }
    Ok(if as_wanted { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Keypairs of both classes. The fixed secret is one whose scalar has few bits set: of 4,096, the one with the fewest.
fn secrets(numbers: &mut Numbers) -> (Vec<[u8; 64]>, Vec<[u8; 64]>) {
    let fewest = (0..4096)
        .map(|_| numbers.seed())
        .min_by_key(|seed| Sha512::digest(seed)[..32].iter().map(|byte| byte.count_ones()).sum::<u32>())
        .expect("there are some");
    let random = (0..SECRETS).map(|_| keypair(numbers.seed())).collect();
    (vec![keypair(fewest); SECRETS], random)
}

fn keypair(seed: [u8; 32]) -> [u8; 64] {
    let mut keypair = [0; 64];
    keypair[..32].copy_from_slice(&seed);
    keypair[32..].copy_from_slice(&token_signer_core::derive_public_key(&seed));
    keypair
}

fn measure(
    signer: &mut Signer,
    operation: &'static str,
    count: usize,
    fixed: &[[u8; 64]],
    random: &[[u8; 64]],
    numbers: &mut Numbers,
) -> Result<Samples> {
    signer.prepare()?;
    let mut samples = Samples::default();
    // The first ones warm up whatever there is to warm up.
    for sample in 0..count + count / 20 {
        let choice = numbers.next();
        let secret = (choice >> 32) as usize % SECRETS;
        let is_fixed = choice & 1 == 0;
        let keypair = if is_fixed { &fixed[secret] } else { &random[secret] };
        signer.put_keypair(keypair)?;
        if operation != "load_key" {
            signer.call("load_key")?;
        }
        let start = Instant::now();
        signer.call(operation)?;
        let time = start.elapsed().as_nanos() as f64;
        if sample >= count / 20 {
            let class = if is_fixed { &mut samples.fixed } else { &mut samples.random };
            class.push(time);
        }
    }
    Ok(samples)
}

/// A signer in wasmtime, called without a wrapper: only the module should be measured.
struct Signer {
    store: Store<()>,
    instance: Instance,
    memory: Memory,
}

impl Signer {
    fn open(file: &Path) -> Result<Self> {
        let engine = Engine::default();
        let module = Module::from_file(&engine, file)?;
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[])?;
        let memory = instance.get_memory(&mut store, "memory").context("the module exports no memory")?;
        Ok(Self { store, instance, memory })
    }

    fn exports(&mut self, name: &str) -> bool {
        self.instance.get_func(&mut self.store, name).is_some()
    }

    /// A message, and a batch of two.
    fn prepare(&mut self) -> Result<()> {
        let len = MESSAGE.len() as u32;
        let at = self.call_with("allocate_message", len)?;
        self.memory.write(&mut self.store, at as usize, MESSAGE)?;
        if self.exports("allocate_batch") {
            let at = self.call_with("allocate_batch", (2, 2 * len))?;
            let bytes = [&len.to_le_bytes(), &len.to_le_bytes(), MESSAGE, MESSAGE].concat();
            self.memory.write(&mut self.store, at as usize, &bytes)?;
        }
        Ok(())
    }

    fn put_keypair(&mut self, keypair: &[u8; 64]) -> Result<()> {
        let at = self.call_with("get_signing_key_ptr", ())?;
        Ok(self.memory.write(&mut self.store, at as usize, keypair)?)
    }

    fn call(&mut self, export: &str) -> Result<()> {
        let status = self.call_with(export, ())?;
        ensure!(status == 0, "{export} returned status {status}");
        Ok(())
    }

    fn call_with<P: WasmParams>(&mut self, export: &str, arguments: P) -> Result<u32> {
        self.instance.get_typed_func(&mut self.store, export)?.call(&mut self.store, arguments)
    }
}

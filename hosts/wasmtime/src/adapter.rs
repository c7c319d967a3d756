//! The program that the runner talks to: `hosts/README.md` is the contract.

#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::io;

use anyhow::Context;
use everyhost_wasmtime::{Adder, Code, Signer, SignerError, SignerModule, raw};
use sha2::{Digest, Sha256};
use vectors::ops::{Op, Output};
use vectors::protocol::{Adapter, Answer, Hello, LoadedModule, ModuleFile, PROTOCOL, serve};
use vectors::wrapper::{SignerWrapper, run_signer_op};
use wasmtime::{Engine, Module};

const SIGNER_OPS: &[&str] = &[
    "public_key",
    "sign",
    "sign_many",
    "verify",
    "verify_strict",
    "session",
    "raw",
];
const ADDER_OPS: &[&str] = &["add", "divide", "raw"];

fn main() -> anyhow::Result<()> {
    let mut host = Wasmtime {
        engine: Engine::default(),
        loaded: BTreeMap::new(),
    };
    serve(&mut host, io::stdin().lock(), io::stdout().lock())
}

struct Wasmtime {
    engine: Engine,
    loaded: BTreeMap<String, Loaded>,
}

enum Loaded {
    Signer { wrapper: Box<SignerModule>, raw: Module },
    Adder { wasm: Vec<u8>, raw: Module },
}

impl Wasmtime {
    fn load(&mut self, name: &str, file: &ModuleFile) -> anyhow::Result<LoadedModule> {
        let wasm = std::fs::read(&file.path).with_context(|| format!("cannot read {}", file.path))?;
        let raw = Module::new(&self.engine, &wasm)
            .map_err(|error| anyhow::anyhow!("cannot compile {}: {error:#}", file.path))?;
        let sha256 = hex::encode(Sha256::digest(&wasm));
        let (loaded, ops) = if raw.get_export("add_numbers").is_some() {
            (Loaded::Adder { wasm, raw }, ADDER_OPS)
        } else {
            let wrapper = SignerModule::new(&self.engine, &wasm)
                .map_err(|error| anyhow::anyhow!("cannot compile {}: {error:#}", file.path))?;
            (
                Loaded::Signer {
                    wrapper: Box::new(wrapper),
                    raw,
                },
                SIGNER_OPS,
            )
        };
        self.loaded.insert(name.to_owned(), loaded);
        Ok(LoadedModule {
            sha256,
            ops: ops.iter().map(ToString::to_string).collect(),
        })
    }

    fn calculate(&self, wasm: &[u8], op: &Op) -> Answer {
        let mut adder = match Adder::new(&self.engine, wasm) {
            Ok(adder) => adder,
            Err(error) => return Answer::trap(format!("{error:#}")),
        };
        let result = match op {
            Op::Add(operands) => adder.add(operands.a, operands.b),
            Op::Divide(operands) => adder.divide(operands.a, operands.b),
            _ => {
                return Answer::Unsupported {
                    unsupported: format!("{} is no operation of the adder", op.name()),
                };
            }
        };
        result.map_or_else(refusal, |value| {
            Answer::ok(Output {
                value: Some(value),
                ..Output::default()
            })
        })
    }
}

impl Adapter for Wasmtime {
    fn hello(&mut self, modules: &BTreeMap<String, ModuleFile>) -> anyhow::Result<Hello> {
        let loaded: anyhow::Result<BTreeMap<_, _>> = modules
            .iter()
            .map(|(name, file)| Ok((name.clone(), self.load(name, file)?)))
            .collect();
        Ok(Hello {
            protocol: PROTOCOL,
            host: "rust".into(),
            version: env!("CARGO_PKG_RUST_VERSION").into(),
            runtime: format!("wasmtime {}", wasmtime_version()),
            os: format!("{}/{}", std::env::consts::OS, std::env::consts::ARCH),
            modules: loaded?,
        })
    }

    fn run(&mut self, module: &str, op: &Op) -> Answer {
        match (self.loaded.get(module), op) {
            (None, _) => Answer::Unsupported {
                unsupported: format!("no module {module} was in hello"),
            },
            (Some(Loaded::Signer { raw, .. } | Loaded::Adder { raw, .. }), Op::Raw(steps)) => {
                raw::run(raw, &steps.steps)
            }
            (Some(Loaded::Signer { wrapper, .. }), op) => run_signer_op(op, |keypair| {
                match keypair {
                    Some(keypair) => Signer::new(wrapper, keypair),
                    None => Signer::without_key(wrapper),
                }
                .map(Wrapped)
                .map_err(refusal)
            }),
            (Some(Loaded::Adder { wasm, .. }), op) => self.calculate(wasm, op),
        }
    }
}

struct Wrapped(Signer);

impl SignerWrapper for Wrapped {
    fn public_key(&mut self) -> Result<[u8; 32], Answer> {
        self.0.public_key().map_err(refusal)
    }

    fn sign(&mut self, message: &[u8]) -> Result<[u8; 64], Answer> {
        self.0.sign(message).map_err(refusal)
    }

    fn sign_many(&mut self, messages: &[Vec<u8>]) -> Result<Vec<[u8; 64]>, Answer> {
        self.0.sign_many(messages).map_err(refusal)
    }

    fn sign_with(&mut self, keypair: &[u8], message: &[u8]) -> Result<[u8; 64], Answer> {
        self.0.sign_with(keypair, message).map_err(refusal)
    }

    fn verify(&mut self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, Answer> {
        self.0.verify(public_key, message, signature).map_err(refusal)
    }

    fn verify_strict(&mut self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, Answer> {
        self.0
            .verify_strict(public_key, message, signature)
            .map_err(refusal)
    }

    fn derive_public_key(&mut self, seed: &[u8]) -> Result<[u8; 32], Answer> {
        self.0.derive_public_key(seed).map_err(refusal)
    }

    fn load_key(&mut self, keypair: &[u8]) -> Result<(), Answer> {
        self.0.load_key(keypair).map_err(refusal)
    }

    fn wipe(&mut self) -> Result<(), Answer> {
        self.0.wipe().map_err(refusal)
    }

    fn close(self) -> Result<(), Answer> {
        self.0.close().map_err(refusal)
    }
}

fn refusal(error: SignerError) -> Answer {
    match error.code {
        Code::Trapped => Answer::trap(error.detail),
        code => Answer::error(code.name()),
    }
}

/// The version of the wasmtime crate: it is the one that the lock file names.
fn wasmtime_version() -> &'static str {
    env!("WASMTIME_VERSION")
}

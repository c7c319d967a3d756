//! The program that the runner talks to: `hosts/CONTRACT.md` is the contract.

#![forbid(unsafe_code)]

mod calls;
mod component;
mod keys;
mod raw;
mod wasi;

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context;
use component::{ComponentModule, ComponentSigner, is_component};
use everyhost_wasmtime::{Adder, Code, Signer, SignerError, SignerModule, Verifier};
use raw::Limits;
use serde_json::Value;
use sha2::{Digest, Sha256};
use vectors::answer::{Answer, Output};
use vectors::imports::RawImports;
use vectors::ops::Op;
use vectors::protocol::{Adapter, Hello, LoadedModule, ModuleFile, PROTOCOL, serve_stdio};
use vectors::wasi::Wasi;
use vectors::wrapper::{SignerWrapper, run_signer_op, run_verifier_op};
use wasmtime::component::Component;
use wasmtime::{Config, Engine, Module};

/// What a wrapper does of a module, and the export that it takes: the small modules have no batches, and those made for
/// batches do not verify, or do nothing else.
const WRAPPER_OPS: &[(&str, &str)] = &[
    ("public_key", "derive_public_key"),
    ("sign", "sign_loaded"),
    ("sign_many", "sign_batch"),
    ("verify", "verify"),
    ("verify_strict", "verify_strict"),
    ("session", "load_key"),
    ("verify_many", "verify"),
    ("verify_many_strict", "verify_strict"),
    ("verify", BATCHES),
    ("verify_strict", BATCHES),
    ("verify_many", BATCHES),
    ("verify_many_strict", BATCHES),
    ("read_key", KEYS),
    ("write_key", KEYS),
];
/// The export that the verifier's modules have and no signer.
const BATCHES: &str = "verify_batch";
/// And the one that the module `keys` has.
const KEYS: &str = "read_private_key";
const ADDER_OPS: &[&str] = &["add", "divide"];
/// Of every module. There is no `kept_view`: the borrow checker lets nobody keep one.
const RAW_OPS: &[&str] = &["raw", "raw_memory_limit", "raw_deadline", "raw_module", "raw_imports", "wasi"];

fn main() -> anyhow::Result<ExitCode> {
    let mut config = Config::new();
    // Not optimized, a call from guest to host and back takes 12 KB of stack: of the usual 512 KiB, 41 would be left.
    config.max_wasm_stack(2 << 20);
    let engine = Engine::new(&config).map_err(|error| anyhow::anyhow!("{error:#}"))?;
    config.epoch_interruption(true);
    let mut host = Wasmtime {
        engine,
        interruptible: Engine::new(&config).map_err(|error| anyhow::anyhow!("{error:#}"))?,
        loaded: BTreeMap::new(),
        components: BTreeMap::new(),
    };
    Ok(serve_stdio(&mut host))
}

struct Wasmtime {
    engine: Engine,
    /// For `raw_deadline` alone: checking the epoch costs every other call time.
    interruptible: Engine,
    loaded: BTreeMap<String, Loaded>,
    components: BTreeMap<String, Typed>,
}

/// A component.
struct Typed {
    component: Component,
    /// What `hello` tells of its exports. wasmtime itself takes a name with another, compatible version for the same.
    types: Value,
    signer: Option<ComponentModule>,
}

struct Loaded {
    wasm: Vec<u8>,
    raw: Module,
    /// The same for the interruptible engine, once it is needed.
    interruptible: Option<Module>,
    wrapper: Option<SignerModule>,
}

impl Wasmtime {
    fn load(&mut self, name: &str, file: &ModuleFile) -> anyhow::Result<LoadedModule> {
        let wasm = std::fs::read(&file.path).with_context(|| format!("cannot read {}", file.path))?;
        let sha256 = hex::encode(Sha256::digest(&wasm));
        if is_component(&wasm) {
            return Ok(match Component::new(&self.engine, &wasm) {
                Ok(component) => {
                    let signer = ComponentModule::new(&self.engine, &component).ok();
                    let of_signers = if signer.is_some() { component::OPS } else { &[] };
                    let types = file.types.clone().unwrap_or_default();
                    self.components.insert(name.to_owned(), Typed { component, types, signer });
                    let ops = ["component"].iter().chain(of_signers).copied().map(str::to_owned).collect();
                    LoadedModule { sha256, ops, refused: None }
                }
                Err(error) => LoadedModule { sha256, ops: Vec::new(), refused: Some(format!("{error:#}")) },
            });
        }
        let raw = match self.compile(&wasm) {
            Ok(raw) => raw,
            Err(refused) => return Ok(LoadedModule { sha256, ops: Vec::new(), refused: Some(refused) }),
        };
        let mut ops = RAW_OPS.to_vec();
        let mut wrapper = None;
        if raw.get_export("add_numbers").is_some() {
            ops.extend(ADDER_OPS);
        }
        if ["sign_loaded", BATCHES, KEYS].iter().any(|export| raw.get_export(export).is_some()) {
            let signer = SignerModule::new(&self.engine, &wasm);
            wrapper = Some(signer.map_err(|error| anyhow::anyhow!("cannot compile {}: {error:#}", file.path))?);
            let exported = WRAPPER_OPS.iter().filter(|(_, export)| raw.get_export(export).is_some());
            ops.extend(exported.map(|(op, _)| op));
        }
        let loaded = Loaded { wasm, raw, interruptible: None, wrapper };
        self.loaded.insert(name.to_owned(), loaded);
        Ok(LoadedModule { sha256, ops: ops.into_iter().map(str::to_owned).collect(), refused: None })
    }

    fn compile(&self, wasm: &[u8]) -> Result<Module, String> {
        Module::new(&self.engine, wasm).map_err(|error| format!("{error:#}"))
    }

    /// The operations that are made of primitive steps.
    fn primitive(&mut self, module: &str, op: &Op) -> Option<Answer> {
        let steps = op.raw_steps()?;
        let nothing = RawImports::default();
        let (wasm, given) = match op {
            Op::RawModule(given) => (Some(&given.wasm), &nothing),
            Op::RawImports(given) => (given.wasm.as_ref(), given),
            _ => (None, &nothing),
        };
        if let Some(wasm) = wasm {
            return Some(match self.compile(&wasm.to_vec()) {
                Ok(module) => raw::run(&module, steps, Limits::default(), given),
                Err(why) => Answer::error_with_detail("MODULE_REFUSED", why),
            });
        }
        let Some(loaded) = self.loaded.get_mut(module) else {
            return Some(Answer::unsupported(format!("no module {module} was loaded")));
        };
        Some(match op {
            Op::RawMemoryLimit(limited) => {
                let limits = Limits { max_pages: Some(limited.max_pages), ..Limits::default() };
                raw::run(&loaded.raw, steps, limits, given)
            }
            Op::RawDeadline(limited) => {
                let deadline = Some(Duration::from_millis(limited.deadline_ms.into()));
                if loaded.interruptible.is_none() {
                    loaded.interruptible = Module::new(&self.interruptible, &loaded.wasm).ok();
                }
                match &loaded.interruptible {
                    Some(module) => raw::run(module, steps, Limits { deadline, ..Limits::default() }, given),
                    None => Answer::unsupported("the engine with a deadline cannot compile it"),
                }
            }
            _ => raw::run(&loaded.raw, steps, Limits::default(), given),
        })
    }

    fn program(&self, module: &str, program: &Wasi) -> Answer {
        let compiled = match &program.wasm {
            Some(wasm) => match self.compile(&wasm.to_vec()) {
                Ok(module) => module,
                Err(why) => return Answer::error_with_detail("MODULE_REFUSED", why),
            },
            None => match self.loaded.get(module) {
                Some(loaded) => loaded.raw.clone(),
                None => return Answer::unsupported(format!("no module {module} was loaded")),
            },
        };
        wasi::run(&self.engine, &compiled, program)
    }

    fn calculate(&self, wasm: &[u8], op: &Op) -> Answer {
        let mut adder = match Adder::new(&self.engine, wasm) {
            Ok(adder) => adder,
            Err(error) => return Answer::trap(format!("{error:#}")),
        };
        let result = match op {
            Op::Add(operands) => adder.add(operands.a, operands.b),
            Op::Divide(operands) => adder.divide(operands.a, operands.b),
            _ => return Answer::unsupported(format!("{} is no operation of the adder", op.name())),
        };
        result.map_or_else(refusal, |value| Answer::ok(Output { value: Some(value.into()), ..Output::default() }))
    }
}

impl Adapter for Wasmtime {
    fn hello(&mut self, modules: &BTreeMap<String, ModuleFile>) -> anyhow::Result<Hello> {
        self.loaded.clear();
        self.components.clear();
        let loaded: anyhow::Result<BTreeMap<_, _>> =
            modules.iter().map(|(name, file)| Ok((name.clone(), self.load(name, file)?))).collect();
        Ok(Hello {
            protocol: PROTOCOL,
            host: "rust".into(),
            version: env!("CARGO_PKG_RUST_VERSION").into(),
            // Of the crate that the lock file names.
            runtime: concat!("wasmtime ", env!("WASMTIME_VERSION")).into(),
            os: format!("{}/{}", std::env::consts::OS, std::env::consts::ARCH),
            modules: loaded?,
        })
    }

    fn run(&mut self, module: &str, op: &Op) -> Answer {
        if let Op::Wasi(program) = op {
            return self.program(module, program);
        }
        if let Some(Typed { component, types, signer }) = self.components.get(module) {
            return match (op, signer) {
                (Op::Component(steps), _) => calls::run(&self.engine, component, types, steps),
                (op, Some(signer)) => run_signer_op(op, |keypair| ComponentSigner::new(signer, keypair)),
                (op, None) => Answer::unsupported(format!("{} is no operation of {module}", op.name())),
            };
        }
        if let Some(answer) = self.primitive(module, op) {
            return answer;
        }
        match (self.loaded.get(module), op) {
            (None, _) => Answer::unsupported(format!("no module {module} was loaded")),
            (Some(loaded), Op::Add(_) | Op::Divide(_)) if loaded.raw.get_export("add_numbers").is_some() => {
                self.calculate(&loaded.wasm, op)
            }
            (Some(Loaded { wrapper: Some(module), raw, .. }), Op::ReadKey(_) | Op::WriteKey(_))
                if raw.get_export(KEYS).is_some() =>
            {
                keys::run(module, op).unwrap_or_else(refusal)
            }
            (Some(Loaded { wrapper: Some(module), raw, .. }), op)
                if matches!(op, Op::VerifyMany(_) | Op::VerifyManyStrict(_)) || raw.get_export(BATCHES).is_some() =>
            {
                run_verifier_op(op, |items, strict| {
                    let mut verifier = Verifier::new(&module.clone().into()).map_err(refusal)?;
                    let verdicts =
                        if strict { verifier.verify_many_strict(items) } else { verifier.verify_many(items) };
                    verdicts.map_err(refusal)
                })
            }
            (Some(Loaded { wrapper: Some(wrapper), .. }), op) => run_signer_op(op, |keypair| {
                match keypair {
                    Some(keypair) => Signer::new(wrapper, keypair),
                    None => Signer::without_key(wrapper),
                }
                .map(Wrapped)
                .map_err(refusal)
            }),
            (Some(_), op) => Answer::unsupported(format!("{} is no operation of {module}", op.name())),
        }
    }
}

struct Wrapped(Signer);

/// Members that the wrapper has under the same names.
macro_rules! same {
    ($($name:ident($($argument:ident: $of:ty),*) -> $result:ty;)+) => {
        $(fn $name(&mut self, $($argument: $of),*) -> Result<$result, Answer> {
            self.0.$name($($argument),*).map_err(refusal)
        })+
    };
}

impl SignerWrapper for Wrapped {
    same! {
        public_key() -> [u8; 32];
        sign(message: &[u8]) -> [u8; 64];
        sign_many(messages: &[Vec<u8>]) -> Vec<[u8; 64]>;
        sign_with(keypair: &[u8], message: &[u8]) -> [u8; 64];
        verify(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool;
        verify_strict(public_key: &[u8], message: &[u8], signature: &[u8]) -> bool;
        derive_public_key(seed: &[u8]) -> [u8; 32];
        load_key(keypair: &[u8]) -> ();
        wipe() -> ();
    }

    fn close(self) -> Result<(), Answer> {
        self.0.close();
        Ok(())
    }
}

fn refusal(error: SignerError) -> Answer {
    match error.code {
        Code::Trapped => Answer::trap(error.detail),
        code => Answer::error(code.name()),
    }
}

//! Who signs: the modules in each way of using them, the chapter's own build, and native dalek.

use everyhost_wasmtime::{Signer, SignerModule};
use token_signer_core::{KEYPAIR_LEN, SIGNATURE_LEN, SigningKey};
use wasmtime::{Engine, Instance, Memory, Module, Store, TypedFunc};

use crate::race::{Contestant, Signature};

/// Everyone. `module` gives the bytes of a module by its name.
pub(crate) fn enter(
    keypair: &[u8; KEYPAIR_LEN],
    module: &impl Fn(&str) -> anyhow::Result<Vec<u8>>,
) -> anyhow::Result<Vec<Contestant>> {
    let engine = Engine::default();
    let mut contestants = vec![chapter(&engine, &module("chapter")?, *keypair)?];
    contestants.extend(ours(&engine, &module("signer-raw")?, *keypair, "")?);
    contestants.extend(ours(&engine, &module("signer-raw-simd")?, *keypair, "-simd")?);
    contestants.extend(native(*keypair)?);
    Ok(contestants)
}

/// Through the wrapper, the way a user calls it.
fn ours(
    engine: &Engine,
    wasm: &[u8],
    keypair: [u8; KEYPAIR_LEN],
    suffix: &str,
) -> anyhow::Result<[Contestant; 3]> {
    let module =
        SignerModule::new(engine, wasm).map_err(|error| anyhow::anyhow!("not a module: {error:#}"))?;
    let mut one_shot = Signer::without_key(&module)?;
    let mut held = Signer::new(&module, &keypair)?;
    let mut batch = Signer::new(&module, &keypair)?;
    Ok([
        Contestant::one_by_one(format!("one-shot{suffix}"), move |message| {
            Ok(one_shot.sign_with(&keypair, message)?)
        }),
        Contestant::one_by_one(format!("held{suffix}"), move |message| Ok(held.sign(message)?)),
        Contestant::whole(format!("batch{suffix}"), move |messages| {
            Ok(batch.sign_many(messages)?)
        }),
    ])
}

/// The same code without Wasm: the key passed and checked each time, held, and many messages at once.
fn native(keypair: [u8; KEYPAIR_LEN]) -> anyhow::Result<[Contestant; 3]> {
    let held = SigningKey::from_keypair(&keypair)?;
    let batch = SigningKey::from_keypair(&keypair)?;
    Ok([
        Contestant::one_by_one("native-one-shot", move |message| {
            Ok(SigningKey::from_keypair(&keypair)?.sign(message))
        }),
        Contestant::one_by_one("native-held", move |message| Ok(held.sign(message))),
        Contestant::whole("native-batch", move |messages| Ok(batch.sign_many(messages)?)),
    ])
}

/// The chapter's four exports as its own loop calls them, with the key passed for every message.
fn chapter(engine: &Engine, wasm: &[u8], keypair: [u8; KEYPAIR_LEN]) -> anyhow::Result<Contestant> {
    let mut chapter =
        Chapter::new(engine, wasm).map_err(|error| anyhow::anyhow!("the chapter's module: {error:#}"))?;
    Ok(Contestant::one_by_one("chapter", move |message| {
        chapter
            .sign(&keypair, message)
            .map_err(|error| anyhow::anyhow!("the chapter's module: {error:#}"))
    }))
}

struct Chapter {
    store: Store<()>,
    memory: Memory,
    keypair_ptr: TypedFunc<(), u32>,
    signature_ptr: TypedFunc<(), u32>,
    allocate_message: TypedFunc<u32, u32>,
    sign: TypedFunc<(), ()>,
}

impl Chapter {
    fn new(engine: &Engine, wasm: &[u8]) -> wasmtime::Result<Self> {
        let module = Module::new(engine, wasm)?;
        let mut store = Store::new(engine, ());
        let instance = Instance::new(&mut store, &module, &[])?;
        Ok(Self {
            memory: instance
                .get_memory(&mut store, "memory")
                .ok_or_else(|| wasmtime::Error::msg("it exports no memory"))?,
            keypair_ptr: instance.get_typed_func(&mut store, "get_signing_key_ptr")?,
            signature_ptr: instance.get_typed_func(&mut store, "get_signature_ptr")?,
            allocate_message: instance.get_typed_func(&mut store, "allocate_message")?,
            sign: instance.get_typed_func(&mut store, "sign")?,
            store,
        })
    }

    fn sign(&mut self, keypair: &[u8; KEYPAIR_LEN], message: &[u8]) -> wasmtime::Result<Signature> {
        let store = &mut self.store;
        let message_ptr = self.allocate_message.call(&mut *store, message.len() as u32)?;
        self.memory.write(&mut *store, message_ptr as usize, message)?;
        let keypair_ptr = self.keypair_ptr.call(&mut *store, ())?;
        self.memory.write(&mut *store, keypair_ptr as usize, keypair)?;
        self.sign.call(&mut *store, ())?;
        let mut signature = [0; SIGNATURE_LEN];
        let signature_ptr = self.signature_ptr.call(&mut *store, ())?;
        self.memory
            .read(&*store, signature_ptr as usize, &mut signature)?;
        Ok(signature)
    }
}

//! Who signs and who verifies: the modules in each way of using them, the chapter's own build, and native dalek.

use std::collections::BTreeMap;

use anyhow::Context;
use everyhost_wasmtime::{Signer, SignerModule, Verifier, VerifierModules};
use token_signer_core::{KEYPAIR_LEN, PUBLIC_KEY_LEN, SIGNATURE_LEN, SigningKey};
use wasmtime::{Engine, Instance, Memory, Module, Store, TypedFunc};

use crate::protocol::{SignerOrder, Use};

pub(crate) type Signature = [u8; SIGNATURE_LEN];

type SignAll = dyn FnMut(&[&[u8]]) -> anyhow::Result<Vec<Signature>>;

/// A public key, a message and its signature.
pub(crate) type Item = ([u8; PUBLIC_KEY_LEN], Vec<u8>, Signature);

type VerifyAll = dyn FnMut(&[&Item]) -> anyhow::Result<Vec<bool>>;

pub(crate) enum Work {
    Sign(Box<SignAll>),
    Verify(Box<VerifyAll>),
}

/// One way to sign or to verify.
pub(crate) struct Contestant {
    pub(crate) id: String,
    /// Takes many in one call; any other contestant gets all of them and loops.
    pub(crate) batches: bool,
    pub(crate) work: Work,
}

/// The contestants, and those left out, with the reason.
pub(crate) struct Entered {
    pub(crate) contestants: Vec<Contestant>,
    pub(crate) missing: Vec<(String, String)>,
}

/// Everyone.
pub(crate) fn enter(
    engine: &Engine,
    keypair: &[u8; KEYPAIR_LEN],
    wasm: &BTreeMap<String, Vec<u8>>,
    signers: &[SignerOrder],
) -> anyhow::Result<Entered> {
    let mut entered = Entered { contestants: Vec::new(), missing: Vec::new() };
    if let Some(wasm) = wasm.get("chapter") {
        entered.contestants.push(chapter(engine, wasm, *keypair)?);
    }
    for order in signers {
        match ours(engine, wasm.get(&order.module).map(Vec::as_slice), *keypair, order) {
            Ok(contestant) => entered.contestants.push(contestant),
            Err(error) => entered.missing.push((order.id.clone(), format!("{error:#}"))),
        }
    }
    entered.contestants.extend(native(*keypair)?);
    Ok(entered)
}

impl Entered {
    pub(crate) fn find(&mut self, id: &str) -> anyhow::Result<&mut Contestant> {
        let contestant = self.contestants.iter_mut().find(|contestant| contestant.id == id);
        contestant.with_context(|| format!("nobody here is called {id}"))
    }
}

impl Contestant {
    fn one_by_one(id: impl Into<String>, mut sign: impl FnMut(&[u8]) -> anyhow::Result<Signature> + 'static) -> Self {
        let sign_all = Box::new(move |messages: &[&[u8]]| messages.iter().map(|message| sign(message)).collect());
        Self { id: id.into(), batches: false, work: Work::Sign(sign_all) }
    }

    fn whole(id: impl Into<String>, sign_all: Box<SignAll>) -> Self {
        Self { id: id.into(), batches: true, work: Work::Sign(sign_all) }
    }
}

/// Through the wrapper, the way a user calls it.
fn ours(
    engine: &Engine,
    wasm: Option<&[u8]>,
    keypair: [u8; KEYPAIR_LEN],
    order: &SignerOrder,
) -> anyhow::Result<Contestant> {
    let wasm = wasm.context("the module was not given")?;
    let module = SignerModule::new(engine, wasm).map_err(|error| anyhow::anyhow!("not a module: {error:#}"))?;
    if matches!(order.r#use, Use::Verify) {
        let mut verifier = Verifier::new(&VerifierModules::from(module))?;
        let verify_all = Box::new(move |items: &[&Item]| {
            let items: Vec<_> = items.iter().map(|(key, message, signature)| (key, message, signature)).collect();
            Ok(verifier.verify_many(&items)?)
        });
        return Ok(Contestant { id: order.id.clone(), batches: true, work: Work::Verify(verify_all) });
    }
    if matches!(order.r#use, Use::OneShot) {
        let mut one_shot = Signer::without_key(&module)?;
        let sign = move |message: &[u8]| Ok(one_shot.sign_with(&keypair, message)?);
        return Ok(Contestant::one_by_one(&order.id, sign));
    }
    let mut signer = Signer::new(&module, &keypair)?;
    Ok(match order.r#use {
        Use::Batch => Contestant::whole(&order.id, Box::new(move |messages| Ok(signer.sign_many(messages)?))),
        _ => Contestant::one_by_one(&order.id, move |message| Ok(signer.sign(message)?)),
    })
}

/// The same code without Wasm: the key passed and checked each time, held, and many messages at once; and verifying.
fn native(keypair: [u8; KEYPAIR_LEN]) -> anyhow::Result<[Contestant; 4]> {
    let held = SigningKey::from_keypair(&keypair)?;
    let batch = SigningKey::from_keypair(&keypair)?;
    let verify = |(key, message, signature): &&Item| token_signer_core::verify(key, message, signature);
    let verify_all = Box::new(move |items: &[&Item]| Ok(items.iter().map(verify).collect()));
    Ok([
        Contestant::one_by_one("native-one-shot", move |message| Ok(SigningKey::from_keypair(&keypair)?.sign(message))),
        Contestant::one_by_one("native-held", move |message| Ok(held.sign(message))),
        Contestant::whole("native-batch", Box::new(move |messages| Ok(batch.sign_many(messages)?))),
        Contestant { id: "verify-native".to_owned(), batches: false, work: Work::Verify(verify_all) },
    ])
}

/// The chapter's four exports as its own loop calls them, with the key passed for every message.
fn chapter(engine: &Engine, wasm: &[u8], keypair: [u8; KEYPAIR_LEN]) -> anyhow::Result<Contestant> {
    let mut chapter = Chapter::new(engine, wasm).map_err(|error| anyhow::anyhow!("the chapter's module: {error:#}"))?;
    Ok(Contestant::one_by_one("chapter", move |message| {
        chapter.sign(&keypair, message).map_err(|error| anyhow::anyhow!("the chapter's module: {error:#}"))
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
        self.memory.read(&*store, signature_ptr as usize, &mut signature)?;
        Ok(signature)
    }
}

//! Signs and verifies on request, and says how long that took.

use std::collections::BTreeMap;
use std::hint::black_box;

use anyhow::{Context, anyhow, bail, ensure};
use everyhost_wasmtime::{Signer, SignerModule};
use serde_json::{Value, json};
use token_signer_core::{KEYPAIR_LEN, PUBLIC_KEY_LEN, SIGNATURE_LEN};
use vectors::answer::Answer;
use vectors::wrapper::SignerWrapper;
use wasmtime::component::Component;
use wasmtime::{Engine, Instance, Module, Store};

use crate::clock::Clock;
use crate::component::{ComponentModule, ComponentSigner, is_component};
use crate::contestants::{self, Contestant, Entered, Item, Work};
use crate::protocol::{Crossing, PROTOCOL, Sign, SignedSet, Task, Verify, Way};

pub(crate) struct Program {
    engine: Engine,
    keypair: [u8; KEYPAIR_LEN],
    messages: Vec<Vec<u8>>,
    /// By the number of issuers.
    signed: BTreeMap<usize, Vec<Item>>,
    wasm: BTreeMap<String, Vec<u8>>,
    entered: Entered,
}

impl Program {
    pub(crate) fn new(task: Task) -> anyhow::Result<Self> {
        let keypair: [u8; KEYPAIR_LEN] =
            hex::decode(&task.keypair)?.try_into().map_err(|_| anyhow!("a keypair has 128 hex digits"))?;
        ensure!(task.messages > 0, "there are no messages");
        let mut wasm = BTreeMap::new();
        for (name, path) in task.modules {
            let bytes = std::fs::read(&path).with_context(|| format!("cannot read {path}"))?;
            wasm.insert(name, bytes);
        }
        let engine = Engine::default();
        let signed: anyhow::Result<_> = task.signed.iter().map(|set| Ok((set.issuers, items_of(set)?))).collect();
        Ok(Self {
            signed: signed?,
            entered: contestants::enter(&engine, &keypair, &wasm, &task.signers)?,
            messages: (0..task.messages).map(|n| format!("hello{n}").into_bytes()).collect(),
            engine,
            keypair,
            wasm,
        })
    }

    pub(crate) fn hello(&self) -> Value {
        let contestants: Vec<_> =
            self.entered.contestants.iter().map(|contestant| json!({ "id": contestant.id })).collect();
        let missing: Vec<_> = self.entered.missing.iter().map(|(id, why)| json!({ "id": id, "why": why })).collect();
        json!({
            "protocol": PROTOCOL,
            "version": format!("wasmtime {}", env!("WASMTIME_VERSION")),
            "runtime": "Cranelift",
            "contestants": contestants,
            "missing": missing,
        })
    }

    pub(crate) fn sign(&mut self, turn: &Sign) -> anyhow::Result<Value> {
        let Contestant { batches, work: Work::Sign(sign_all), .. } = self.entered.find(&turn.contestant)? else {
            bail!("{} does not sign", turn.contestant);
        };
        let messages: Vec<&[u8]> = self.messages.iter().map(Vec::as_slice).collect();
        let (mut answer, signatures) = take(turn, *batches, &messages, sign_all)?;
        answer["signatures"] = hex::encode(signatures.concat()).into();
        Ok(answer)
    }

    pub(crate) fn verify(&mut self, Verify { issuers, turn }: &Verify) -> anyhow::Result<Value> {
        let Contestant { batches, work: Work::Verify(verify_all), .. } = self.entered.find(&turn.contestant)? else {
            bail!("{} does not verify", turn.contestant);
        };
        let items =
            self.signed.get(issuers).with_context(|| format!("no signatures by {issuers} issuers were given"))?;
        let items: Vec<&Item> = items.iter().collect();
        let (mut answer, verdicts) = take(turn, *batches, &items, verify_all)?;
        answer["verdicts"] = hex::encode(verdicts.into_iter().map(u8::from).collect::<Vec<_>>()).into();
        Ok(answer)
    }

    /// From a module's bytes to its first signature, everything made anew.
    pub(crate) fn start(&self, module: &str) -> anyhow::Result<Value> {
        let wasm = self.wasm.get(module).with_context(|| format!("no module {module} was given"))?;
        let mut clock = Clock::new();
        let module = SignerModule::new(&self.engine, wasm).map_err(|error| anyhow!("not a module: {error:#}"))?;
        let compile_ns = clock.lap_ns();
        let mut signer = Signer::without_key(&module)?;
        let instantiate_ns = clock.lap_ns();
        signer.load_key(&self.keypair)?;
        let load_key_ns = clock.lap_ns();
        let signature = signer.sign(&self.messages[0])?;
        let first_signature_ns = clock.lap_ns();
        Ok(json!({
            "compile_ns": compile_ns,
            "instantiate_ns": instantiate_ns,
            "load_key_ns": load_key_ns,
            "first_signature_ns": first_signature_ns,
            "signature": hex::encode(signature),
        }))
    }

    /// Over the boundary, so many times, with typed functions as the wrapper has them.
    pub(crate) fn cross(&self, crossing: &Crossing) -> anyhow::Result<Value> {
        let wasm =
            self.wasm.get(&crossing.module).with_context(|| format!("no module {} was given", crossing.module))?;
        if crossing.what == Way::Sign {
            return self.signed(wasm, crossing);
        }
        self.crossed(wasm, crossing).map_err(|error| anyhow!("{}: {error:#}", crossing.module))
    }

    /// Signs with the held key, through the wrapper of the module or of the component.
    fn signed(&self, wasm: &[u8], crossing: &Crossing) -> anyhow::Result<Value> {
        let message = vec![b'm'; crossing.bytes];
        if is_component(wasm) {
            let component = Component::new(&self.engine, wasm);
            let module = component.and_then(|component| ComponentModule::new(&self.engine, &component));
            let module = module.map_err(|error| anyhow!("{error:#}"))?;
            let mut signer = ComponentSigner::new(&module, Some(&self.keypair)).map_err(refused)?;
            return sign(crossing.calls, || signer.sign(&message).map_err(refused));
        }
        let module = SignerModule::new(&self.engine, wasm).map_err(|error| anyhow!("{error:#}"))?;
        let mut signer = Signer::new(&module, &self.keypair)?;
        sign(crossing.calls, || Ok(signer.sign(&message)?))
    }

    fn crossed(&self, wasm: &[u8], crossing: &Crossing) -> wasmtime::Result<Value> {
        let module = Module::new(&self.engine, wasm)?;
        let mut store = Store::new(&self.engine, ());
        let instance = Instance::new(&mut store, &module, &[])?;
        let memory =
            instance.get_memory(&mut store, "memory").ok_or_else(|| wasmtime::Error::msg("it exports no memory"))?;
        let mut bytes = vec![b'm'; crossing.bytes];
        match crossing.what {
            Way::Call => {
                let nothing = instance.get_typed_func::<(), u32>(&mut store, "abi_version")?;
                timed(crossing.calls, || nothing.call(&mut store, ()).map(drop))
            }
            Way::In => {
                let allocate = instance.get_typed_func::<u32, u32>(&mut store, "allocate_message")?;
                let ptr = allocate.call(&mut store, crossing.bytes as u32)? as usize;
                timed(crossing.calls, || Ok(memory.write(&mut store, ptr, black_box(&bytes))?))
            }
            Way::Sign => unreachable!("`cross` has seen to it"),
            Way::Out => {
                let signature = instance.get_typed_func::<(), u32>(&mut store, "get_signature_ptr")?;
                let ptr = signature.call(&mut store, ())? as usize;
                timed(crossing.calls, || Ok(memory.read(&store, ptr, black_box(&mut bytes))?))
            }
        }
    }
}

/// A turn, and what comes of it; after the last of `all` comes the first again.
fn take<T: Copy, R>(
    turn: &Sign,
    batches: bool,
    all: &[T],
    work: &mut dyn FnMut(&[T]) -> anyhow::Result<Vec<R>>,
) -> anyhow::Result<(Value, Vec<R>)> {
    let items: Vec<T> = (turn.first..turn.first + turn.count).map(|n| all[n % all.len()]).collect();
    // A contestant that works one by one has a loop of its own, and gets all of them.
    let a_call = if batches { turn.a_call } else { turn.count };
    let mut results = Vec::with_capacity(turn.count);
    let clock = Clock::new();
    for call in items.chunks(a_call.max(1)) {
        results.extend(work(call)?);
    }
    Ok((clock.elapsed(), results))
}

fn items_of(set: &SignedSet) -> anyhow::Result<Vec<Item>> {
    let (keys, signatures) = (hex::decode(&set.public_keys)?, hex::decode(&set.signatures)?);
    let (keys, _) = keys.as_chunks::<PUBLIC_KEY_LEN>();
    let (signatures, _) = signatures.as_chunks::<SIGNATURE_LEN>();
    ensure!(!keys.is_empty() && !signatures.is_empty(), "signatures and public keys are missing");
    let item = |(n, signature): (usize, &[u8; SIGNATURE_LEN])| {
        (keys[n % keys.len()], format!("hello{n}").into_bytes(), *signature)
    };
    Ok(signatures.iter().enumerate().map(item).collect())
}

fn refused(answer: Answer) -> anyhow::Error {
    anyhow!("{answer:?}")
}

fn sign(times: usize, mut sign: impl FnMut() -> anyhow::Result<[u8; 64]>) -> anyhow::Result<Value> {
    let mut signature = sign()?;
    let mut answer = timed(times, || -> anyhow::Result<()> {
        signature = sign()?;
        Ok(())
    })?;
    answer["signature"] = hex::encode(signature).into();
    Ok(answer)
}

#[inline(always)]
fn timed<E>(times: usize, mut work: impl FnMut() -> Result<(), E>) -> Result<Value, E> {
    let clock = Clock::new();
    for _ in 0..times {
        work()?;
    }
    Ok(clock.elapsed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::{SignerOrder, Use};

    const KEYPAIR: &str = "fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf\
                           3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f";

    /// Of three messages by two issuers, the second spoilt.
    fn signed() -> SignedSet {
        let keys = [1, 2].map(|seed| {
            let seed = [seed; 32];
            let public_key = token_signer_core::derive_public_key(&seed);
            token_signer_core::SigningKey::from_keypair(&[seed, public_key].concat().try_into().unwrap()).unwrap()
        });
        let mut signatures = [0, 1, 2].map(|n| keys[n % 2].sign(format!("hello{n}").as_bytes()));
        signatures[1][40] ^= 1;
        SignedSet {
            issuers: 2,
            public_keys: keys.map(|key| hex::encode(key.public_key())).concat(),
            signatures: hex::encode(signatures.concat()),
        }
    }

    fn program() -> Program {
        let order = |id: &str, module: &str, r#use| SignerOrder { id: id.to_owned(), module: module.to_owned(), r#use };
        let modules = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/modules");
        let built = |name: &str| (name.to_owned(), format!("{modules}/{name}.wasm"));
        Program::new(Task {
            protocol: PROTOCOL,
            glue: String::new(),
            component_glue: None,
            keypair: KEYPAIR.to_owned(),
            messages: 5,
            modules: BTreeMap::from(["signer-raw", "add-raw", "signer-component"].map(built)),
            signers: vec![
                order("one-shot", "signer-raw", Use::OneShot),
                order("held", "signer-raw", Use::Held),
                order("batch", "signer-raw", Use::Batch),
                order("adder", "add-raw", Use::Held),
                order("nobody", "signer-none", Use::Held),
                order("verify-raw", "signer-raw", Use::Verify),
                order("verify-adder", "add-raw", Use::Verify),
            ],
            signed: vec![signed()],
        })
        .unwrap()
    }

    #[test]
    fn everyone_gives_the_same_signatures_and_who_cannot_sign_is_missing() {
        let mut program = program();
        let hello = program.hello();
        let ids: Vec<_> = hello["contestants"].as_array().unwrap().iter().map(|entered| &entered["id"]).collect();
        let signers = ["one-shot", "held", "batch", "native-one-shot", "native-held", "native-batch"];
        assert_eq!(ids, [&signers[..3], &["verify-raw"], &signers[3..], &["verify-native"]].concat());
        let missing: Vec<_> = hello["missing"].as_array().unwrap().iter().map(|missing| &missing["id"]).collect();
        assert_eq!(missing, ["adder", "nobody", "verify-adder"]);
        let turn = |id: &str| Sign { contestant: id.to_owned(), first: 4, count: 7, a_call: 2 };
        let signed: Vec<_> = signers.into_iter().map(|id| program.sign(&turn(id)).unwrap()).collect();
        for each in &signed {
            assert_eq!(each["signatures"], signed[0]["signatures"]);
            assert_eq!(each["signatures"].as_str().unwrap().len(), 7 * 128);
            assert!(each["wall_ns"].as_f64().unwrap() > 0.0);
        }
        let started = program.start("signer-raw").unwrap();
        let hello0 = &signed[0]["signatures"].as_str().unwrap()[128..256];
        assert_eq!(started["signature"], hello0, "message 5 of 5 is message 0");
    }

    #[test]
    fn a_verifier_gives_a_verdict_for_each_signature() {
        let mut program = program();
        let mut verify = |id: &str, issuers| {
            let turn = Sign { contestant: id.to_owned(), first: 2, count: 5, a_call: 2 };
            program.verify(&Verify { issuers, turn }).map_err(|error| error.to_string())
        };
        for id in ["verify-raw", "verify-native"] {
            let verified = verify(id, 2).unwrap();
            assert_eq!(verified["verdicts"], "0101000101", "{id}");
            assert!(verified["wall_ns"].as_f64().unwrap() > 0.0);
        }
        assert_eq!(verify("held", 2).unwrap_err(), "held does not verify");
        assert_eq!(verify("verify-raw", 3).unwrap_err(), "no signatures by 3 issuers were given");
    }

    #[test]
    fn the_component_signs_as_the_module_does() {
        let program = program();
        let signed = |module: &str| {
            let way = Crossing { module: module.to_owned(), what: Way::Sign, bytes: 1000, calls: 2 };
            program.cross(&way).map(|answer| answer["signature"].clone()).map_err(|error| error.to_string())
        };
        let raw = signed("signer-raw").unwrap();
        assert_eq!(raw.as_str().unwrap().len(), 128);
        assert_eq!(signed("signer-component").unwrap(), raw);
        assert!(signed("add-raw").is_err() && signed("signer-none").is_err());
    }

    #[test]
    fn what_cannot_be_done_is_said() {
        let mut program = program();
        let stranger = Sign { contestant: "stranger".to_owned(), first: 0, count: 1, a_call: 1 };
        assert!(program.sign(&stranger).unwrap_err().to_string().contains("nobody here is called stranger"));
        assert!(program.start("add-raw").is_err());
        let crossing = |module: &str| Crossing { module: module.to_owned(), what: Way::Call, bytes: 0, calls: 3 };
        assert!(program.cross(&crossing("signer-raw")).unwrap()["wall_ns"].is_number());
        assert!(program.cross(&crossing("add-raw")).is_err());
    }
}

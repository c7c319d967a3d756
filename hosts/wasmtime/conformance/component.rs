//! The signer as a component: a wrapper around the types that wasmtime's `bindgen!` makes of its WIT.

use vectors::answer::Answer;
use vectors::wrapper::SignerWrapper;
use wasmtime::component::{Component, Linker, ResourceAny};
use wasmtime::{Engine, Store};
use zeroize::Zeroizing;

use bindings::exports::everyhost::signer::ed25519::Error;
use bindings::{Signer, SignerPre};

mod bindings {
    wasmtime::component::bindgen!({ path: "../../crates/token-signer-component/wit", world: "signer" });
}

/// The operations of a component that is a signer.
pub(crate) const OPS: &[&str] = &["public_key", "sign", "sign_many", "verify", "verify_strict", "session"];

/// Whether the bytes are a component, by their first eight.
pub(crate) fn is_component(wasm: &[u8]) -> bool {
    wasm.starts_with(b"\0asm\x0d\0\x01\0")
}

/// A compiled component of the world `signer`.
pub(crate) struct ComponentModule {
    engine: Engine,
    pre: SignerPre<()>,
}

impl ComponentModule {
    /// Fails where it imports something, or lacks an export.
    pub(crate) fn new(engine: &Engine, component: &Component) -> wasmtime::Result<Self> {
        let pre = SignerPre::new(Linker::new(engine).instantiate_pre(component)?)?;
        Ok(Self { engine: engine.clone(), pre })
    }

    fn instantiate(&self) -> wasmtime::Result<Instance> {
        let mut store = Store::new(&self.engine, ());
        let world = self.pre.instantiate(&mut store)?;
        let signer = world.everyhost_signer_held_key().signer().call_constructor(&mut store)?;
        Ok(Instance { store, world, signer })
    }
}

/// An instance, and the one resource in it.
struct Instance {
    store: Store<()>,
    world: Signer,
    signer: ResourceAny,
}

/// A signer that holds a key in its component, and a copy of it for the next instance, after a trap.
pub(crate) struct ComponentSigner<'m> {
    module: &'m ComponentModule,
    /// `None` once no new one could be made after a trap.
    instance: Option<Instance>,
    keypair: Option<Zeroizing<Vec<u8>>>,
}

type Called<T> = wasmtime::Result<Result<T, Error>>;

impl<'m> ComponentSigner<'m> {
    /// A signer with a keypair, or without a key.
    pub(crate) fn new(module: &'m ComponentModule, keypair: Option<&[u8]>) -> Result<Self, Answer> {
        let instance = module.instantiate().map_err(|error| Answer::trap(format!("{error:#}")))?;
        let mut signer = Self { module, instance: Some(instance), keypair: None };
        if let Some(keypair) = keypair {
            signer.load_key(keypair)?;
        }
        Ok(signer)
    }

    /// Calls the component. After a trap its instance can't be entered again: a new one takes its place, with the
    /// held key.
    fn call<T>(&mut self, work: impl FnOnce(&mut Instance) -> Called<T>) -> Result<T, Answer> {
        let instance = self.instance.as_mut().ok_or_else(|| Answer::error("CLOSED"))?;
        match work(instance) {
            Ok(result) => result.map_err(|error| Answer::error(code(error))),
            Err(trap) => {
                self.instance = self.renewed();
                Err(Answer::trap(format!("{trap:#}")))
            }
        }
    }

    fn renewed(&self) -> Option<Instance> {
        let mut instance = self.module.instantiate().ok()?;
        if let Some(keypair) = &self.keypair {
            instance.load_key(keypair).ok()?.ok()?;
        }
        Some(instance)
    }
}

impl Instance {
    fn load_key(&mut self, keypair: &[u8]) -> Called<()> {
        self.world.everyhost_signer_held_key().signer().call_load_key(&mut self.store, self.signer, keypair)
    }
}

/// A function of the interface `ed25519`, or a method of the resource, on an instance.
macro_rules! function {
    ($name:ident($($argument:expr),*)) => {
        |instance| instance.world.everyhost_signer_ed25519().$name(&mut instance.store, $($argument),*)
    };
}
macro_rules! method {
    ($name:ident($($argument:expr),*)) => {
        |instance| {
            let methods = instance.world.everyhost_signer_held_key();
            methods.signer().$name(&mut instance.store, instance.signer, $($argument),*)
        }
    };
}

impl SignerWrapper for ComponentSigner<'_> {
    fn public_key(&mut self) -> Result<[u8; 32], Answer> {
        self.call(method!(call_public_key())).and_then(exactly)
    }

    fn sign(&mut self, message: &[u8]) -> Result<[u8; 64], Answer> {
        self.call(method!(call_sign(message))).and_then(exactly)
    }

    fn sign_many(&mut self, messages: &[Vec<u8>]) -> Result<Vec<[u8; 64]>, Answer> {
        self.call(method!(call_sign_many(messages)))?.into_iter().map(exactly).collect()
    }

    fn sign_with(&mut self, keypair: &[u8], message: &[u8]) -> Result<[u8; 64], Answer> {
        self.call(method!(call_sign_with(keypair, message))).and_then(exactly)
    }

    fn verify(&mut self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, Answer> {
        self.call(function!(call_verify(public_key, message, signature)))
    }

    fn verify_strict(&mut self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, Answer> {
        self.call(function!(call_verify_strict(public_key, message, signature)))
    }

    fn derive_public_key(&mut self, seed: &[u8]) -> Result<[u8; 32], Answer> {
        self.call(function!(call_derive_public_key(seed))).and_then(exactly)
    }

    fn load_key(&mut self, keypair: &[u8]) -> Result<(), Answer> {
        self.keypair = None;
        self.call(|instance| instance.load_key(keypair))?;
        self.keypair = Some(Zeroizing::new(keypair.to_vec()));
        Ok(())
    }

    fn wipe(&mut self) -> Result<(), Answer> {
        self.keypair = None;
        self.call(|instance| {
            let methods = instance.world.everyhost_signer_held_key();
            methods.signer().call_wipe(&mut instance.store, instance.signer).map(Ok)
        })
    }

    fn close(mut self) -> Result<(), Answer> {
        self.call(|instance| instance.signer.resource_drop(&mut instance.store).map(Ok))
    }
}

/// The name in `hosts/ABI.md` of an error of the WIT.
fn code(error: Error) -> &'static str {
    match error {
        Error::NoKey => "NO_KEY",
        Error::KeyPairMismatch => "KEY_PAIR_MISMATCH",
        Error::MessageTooLarge => "MESSAGE_TOO_LARGE",
        Error::OutOfMemory => "OUT_OF_MEMORY",
        Error::KeyLength => "KEY_LENGTH",
        Error::PublicKeyLength => "PUBLIC_KEY_LENGTH",
    }
}

fn exactly<const N: usize>(bytes: Vec<u8>) -> Result<[u8; N], Answer> {
    let wrong = |bytes: Vec<u8>| Answer::trap(format!("the component gave {} bytes, not {N}", bytes.len()));
    bytes.try_into().map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_instance_that_trapped_is_replaced_and_has_the_key() {
        let file = concat!(env!("CARGO_MANIFEST_DIR"), "/../../target/modules/signer-component.wasm");
        let wasm = std::fs::read(file).expect("run `make modules` first");
        assert!(is_component(&wasm));
        let engine = Engine::default();
        let module = ComponentModule::new(&engine, &Component::new(&engine, &wasm).unwrap()).unwrap();
        let public_key = ComponentSigner::new(&module, None).unwrap().derive_public_key(&[7; 32]).unwrap();
        let keypair = [[7; 32], public_key].concat();
        let mut signer = ComponentSigner::new(&module, Some(&keypair)).unwrap();
        let signature = signer.sign(b"hello").unwrap();
        let mut mixed = keypair.clone();
        mixed[63] ^= 1;
        assert_eq!(signer.load_key(&mixed), Err(Answer::error("KEY_PAIR_MISMATCH")));
        assert_eq!(signer.sign(b"hello"), Err(Answer::error("NO_KEY")));
        signer.load_key(&keypair).unwrap();
        assert!(matches!(signer.sign_with(&mixed, b"hello"), Err(Answer::Trap { .. })));
        assert_eq!(signer.sign(b"hello"), Ok(signature));
        assert_eq!(signer.verify_strict(&public_key, b"hello", &signature), Ok(true));
        signer.close().unwrap();
    }

    #[test]
    fn another_component_is_refused() {
        let engine = Engine::default();
        let empty = Component::new(&engine, b"\0asm\x0d\0\x01\0").unwrap();
        assert!(ComponentModule::new(&engine, &empty).is_err());
    }
}

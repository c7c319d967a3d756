//! The token verifier, as a Rust program on wasmtime uses it. It holds nothing secret.

use std::sync::Arc;

use wasmtime::Engine;

use crate::batch::{batch_count, first_usable};
use crate::error::{Code, Result, SignerError};
use crate::guest::{Guarded, Guest, closed, guarded, no_export};
use crate::signer::{PUBLIC_KEY_LEN, SIGNATURE_LEN, Signer, SignerModule, check_len, public_key_of};

/// What a batch has for each signature, before the messages: public key, signature, and the message's length.
const HEAD_LEN: usize = PUBLIC_KEY_LEN + SIGNATURE_LEN + size_of::<u32>();

/// Compiled modules, in order of preference. Compiling takes a while, so make one and many [`Verifier`]s of it.
#[derive(Clone)]
pub struct VerifierModules(Arc<[Option<SignerModule>]>);

impl VerifierModules {
    /// Compiles the bytes of .wasm files, such as verifier-lanes-relaxed, verifier-lanes and signer-raw. One that this
    /// engine cannot compile is passed over.
    ///
    /// # Errors
    ///
    /// If none of them compiles: the error of the last. If there is none.
    pub fn new(engine: &Engine, wasm: &[impl AsRef<[u8]>]) -> wasmtime::Result<Self> {
        let mut refused = wasmtime::Error::msg("a verifier needs at least one module");
        let compiled = wasm.iter().map(|wasm| SignerModule::new(engine, wasm.as_ref()));
        let modules: Arc<[_]> = compiled.map(|module| module.map_err(|error| refused = error).ok()).collect();
        if modules.iter().all(Option::is_none) { Err(refused) } else { Ok(Self(modules)) }
    }

    /// Limits the linear memory of each verifier to so many bytes. What exceeds it is `OUT_OF_MEMORY`.
    #[must_use]
    pub fn with_memory_limit(self, bytes: usize) -> Self {
        let limited = |module: &Option<SignerModule>| module.clone().map(|module| module.with_memory_limit(bytes));
        Self(self.0.iter().map(limited).collect())
    }
}

/// The one module, which a [`Signer`] may use too.
impl From<SignerModule> for VerifierModules {
    fn from(module: SignerModule) -> Self {
        Self([Some(module)].into())
    }
}

/// Verifies many signatures at once. One owner at a time: every call takes `&mut self`.
///
/// A public key that keeps coming is held, with a table that makes verifying several times as fast; of those, the module
/// drops the least recently used. After `TRAPPED` the verifier has a new instance, or, if none could be made, is closed.
pub struct Verifier {
    modules: VerifierModules,
    index: usize,
    /// `None` once the verifier is closed.
    loaded: Option<Loaded>,
}

impl Verifier {
    /// A verifier on the first of the modules that passes its self-test here.
    ///
    /// # Errors
    ///
    /// `SELF_TEST_FAILED` if none is left, `NO_EXPORT` if the module does not verify, `TRAPPED` if it cannot be instantiated.
    pub fn new(modules: &VerifierModules) -> Result<Self> {
        let mut index = 0;
        let loaded = first_usable(&modules.0, &mut index, Loaded::new)?;
        let none =
            || SignerError::new(Code::SelfTestFailed, "no module verifies rightly here; add signer-raw to the list");
        Ok(Self { modules: modules.clone(), index, loaded: Some(loaded.ok_or_else(none)?) })
    }

    /// The place in the list of the module that is used.
    #[must_use]
    pub fn module_index(&self) -> usize {
        self.index
    }

    /// Whether each signature is one of its message by its public key: an item is public key, message and signature. Any
    /// number: what exceeds one batch of the module is split. A signature of another length than 64 bytes is none, and
    /// neither is any by a public key that is no point.
    ///
    /// # Errors
    ///
    /// `PUBLIC_KEY_LENGTH` and `MESSAGE_TOO_LARGE`, with the item's index, before anything is verified; `OUT_OF_MEMORY`,
    /// `TRAPPED`, `CLOSED`.
    pub fn verify_many<K: AsRef<[u8]>, M: AsRef<[u8]>, S: AsRef<[u8]>>(
        &mut self,
        items: &[(K, M, S)],
    ) -> Result<Vec<bool>> {
        self.verify_by(false, items)
    }

    /// As [`verify_many`](Self::verify_many), but points of small order are refused, and an R that is no point.
    ///
    /// # Errors
    ///
    /// As for [`verify_many`](Self::verify_many).
    pub fn verify_many_strict<K: AsRef<[u8]>, M: AsRef<[u8]>, S: AsRef<[u8]>>(
        &mut self,
        items: &[(K, M, S)],
    ) -> Result<Vec<bool>> {
        self.verify_by(true, items)
    }

    /// Has the module hold a public key now, before its first signature: `false` if it is no point, or the module holds no
    /// keys. Never needed: keys are held as they come.
    ///
    /// # Errors
    ///
    /// `PUBLIC_KEY_LENGTH`, `TRAPPED`, `CLOSED`.
    pub fn hold(&mut self, public_key: &[u8]) -> Result<bool> {
        self.live()?;
        let public_key = public_key_of(public_key)?;
        self.guarded(|loaded| match loaded {
            Loaded::Batches { guest, public_key_ptr, .. } => {
                guest.put(*public_key_ptr, public_key)?;
                Ok(guest.number("hold_key")? != 0)
            }
            Loaded::OneByOne(_) => Ok(false),
        })
    }

    /// Ends the verifier, as dropping it does.
    pub fn close(self) {}

    fn live(&self) -> Result<&Loaded> {
        self.loaded.as_ref().ok_or_else(closed)
    }

    fn verify_by<K: AsRef<[u8]>, M: AsRef<[u8]>, S: AsRef<[u8]>>(
        &mut self,
        strict: bool,
        items: &[(K, M, S)],
    ) -> Result<Vec<bool>> {
        let max_len = self.live()?.max_message_len()?;
        let mut verdicts = vec![false; items.len()];
        let mut asked = Vec::with_capacity(items.len());
        for (at, (public_key, message, signature)) in items.iter().enumerate() {
            let message = message.as_ref();
            let public_key =
                public_key_of(public_key.as_ref()).and_then(|key| check_len(message, max_len).map(|()| key));
            let of_item =
                |error: SignerError| SignerError::new(error.code, format_args!("item {at}: {}", error.detail));
            let public_key = public_key.map_err(of_item)?;
            if let Ok(signature) = signature.as_ref().try_into() {
                asked.push(Item { at, public_key, message, signature });
            }
        }
        let mut rest = &asked[..];
        while !rest.is_empty() {
            let (batch, after) = rest.split_at(batch_count(rest.iter().map(|item| item.message), max_len));
            let found = self.guarded(|loaded| loaded.verify(batch, strict))?;
            for (item, verdict) in batch.iter().zip(found) {
                verdicts[item.at] = verdict;
            }
            rest = after;
        }
        Ok(verdicts)
    }

    /// Runs `work` on the instance. One that trapped is dropped, a new one takes its place, and the caller gets the error.
    fn guarded<T>(&mut self, work: impl FnOnce(&mut Loaded) -> Result<T>) -> Result<T> {
        let module = &self.modules.0[self.index];
        let renew = || module.as_ref().ok_or_else(closed).and_then(Loaded::new);
        guarded(&mut self.loaded, renew, work)
    }
}

/// One signature to verify, and its place among the caller's.
struct Item<'a> {
    at: usize,
    public_key: &'a [u8; PUBLIC_KEY_LEN],
    message: &'a [u8],
    signature: &'a [u8; SIGNATURE_LEN],
}

/// An instance, by what its module exports.
enum Loaded {
    /// The addresses hold for as long as it lives.
    Batches {
        guest: Guest,
        public_key_ptr: usize,
        max_message_len: usize,
    },
    OneByOne(Box<Signer>),
}

impl Loaded {
    fn new(module: &SignerModule) -> Result<Self> {
        if !module.has("verify_batch") {
            return match module.has("verify") {
                true => Ok(Self::OneByOne(Box::new(Signer::without_key(module)?))),
                false => Err(no_export("verify_batch")),
            };
        }
        let mut guest = module.instantiate()?;
        let public_key_ptr = guest.number("get_public_key_ptr")?;
        let max_message_len = guest.number("max_message_len")?;
        let mut loaded = Self::Batches { guest, public_key_ptr, max_message_len };
        // The module tests itself in its first batch, and nothing depends on one without items.
        loaded.verify(&[], false)?;
        Ok(loaded)
    }

    fn max_message_len(&self) -> Result<usize> {
        match self {
            Self::Batches { max_message_len, .. } => Ok(*max_message_len),
            Self::OneByOne(signer) => signer.max_message_len(),
        }
    }

    /// Verifies what fits into one batch.
    fn verify(&mut self, items: &[Item<'_>], strict: bool) -> Result<Vec<bool>> {
        match self {
            Self::Batches { guest, .. } => verify_batch(guest, items, strict),
            Self::OneByOne(signer) => {
                let export = if strict { "verify_strict" } else { "verify" };
                let verify = |item: &Item<'_>| signer.verify_by(export, item.public_key, item.message, item.signature);
                items.iter().map(verify).collect()
            }
        }
    }
}

impl Guarded for Loaded {
    fn is_finished(&self) -> bool {
        match self {
            Self::Batches { guest, .. } => guest.is_finished,
            Self::OneByOne(signer) => signer.is_closed(),
        }
    }
}

fn verify_batch(guest: &mut Guest, items: &[Item<'_>], strict: bool) -> Result<Vec<bool>> {
    let total_len: usize = items.iter().map(|item| item.message.len()).sum();
    let room: u32 = guest.call("allocate_verify_batch", (items.len() as u32, total_len as u32))?;
    if room == 0 {
        return Err(SignerError::new(Code::OutOfMemory, "no room for the batch"));
    }
    let batch = guest.bytes(room as usize, items.len() * HEAD_LEN + total_len)?;
    let (mut heads, mut messages) = batch.split_at_mut(items.len() * HEAD_LEN);
    for Item { public_key, message, signature, .. } in items {
        heads = fill(heads, *public_key);
        heads = fill(heads, *signature);
        heads = fill(heads, &(message.len() as u32).to_le_bytes());
        messages = fill(messages, message);
    }
    guest.status(if strict { "verify_batch_strict" } else { "verify_batch" })?;
    let verdicts = guest.number("get_verdicts_ptr")?;
    Ok(guest.bytes(verdicts, items.len())?.iter().map(|verdict| *verdict == 1).collect())
}

/// Writes `bytes` to the start of `room`: what is left of it.
fn fill<'a>(room: &'a mut [u8], bytes: &[u8]) -> &'a mut [u8] {
    let (to, rest) = room.split_at_mut(bytes.len());
    to.copy_from_slice(bytes);
    rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_a_new_instance_after_a_trap_the_verifier_is_closed() {
        let module = |verify_batch: &str| -> VerifierModules {
            let wasm = wat::parse_str(format!(
                r#"(module
                    (memory (export "memory") 1)
                    (func (export "max_message_len") (result i32) i32.const 9)
                    (func (export "get_public_key_ptr") (result i32) i32.const 0)
                    (func (export "allocate_verify_batch") (param i32 i32) (result i32) i32.const 65535)
                    (func (export "verify_batch") (result i32) {verify_batch})
                    (func (export "get_verdicts_ptr") (result i32) i32.const 0))"#
            ));
            SignerModule::new(&Engine::default(), &wasm.unwrap()).unwrap().into()
        };
        let mut verifier = Verifier::new(&module("i32.const 0")).unwrap();
        verifier.modules = module("unreachable");
        let item = [([0; 32], "", [0; 64])];
        assert_eq!(verifier.verify_many(&item).unwrap_err().code, Code::Trapped, "a pointer outside of memory");
        assert_eq!(verifier.verify_many(&item).unwrap_err().code, Code::Closed);
        assert_eq!(verifier.verify_many_strict(&item).unwrap_err().code, Code::Closed);
        assert_eq!(verifier.hold(&[0; 32]).unwrap_err().code, Code::Closed);
    }
}

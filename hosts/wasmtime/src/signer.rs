//! The token signer, as a Rust program on wasmtime uses it.

use std::sync::Arc;

use wasmtime::{Engine, Linker, Module, Store, StoreLimits, StoreLimitsBuilder};
use zeroize::Zeroizing;

use crate::batch::{Batch, batch_count};
use crate::error::{Code, Result, SignerError};
use crate::guest::{Guarded, Guest, closed, guarded};

pub(crate) const KEYPAIR_LEN: usize = 64;
pub(crate) const SEED_LEN: usize = 32;
pub(crate) const PUBLIC_KEY_LEN: usize = 32;
pub(crate) const SIGNATURE_LEN: usize = 64;

/// A compiled signer. Compiling takes a while, so make one and many [`Signer`]s of it.
#[derive(Clone)]
pub struct SignerModule {
    linker: Linker<StoreLimits>,
    module: Module,
    memory_limit: Option<usize>,
    /// In order of preference; `None` stands for one that the engine refused.
    batch_modules: Arc<[Option<SignerModule>]>,
}

impl SignerModule {
    /// Compiles the bytes of a .wasm file.
    ///
    /// # Errors
    ///
    /// Where they are no WebAssembly module, or one that this engine cannot run.
    pub fn new(engine: &Engine, wasm: &[u8]) -> wasmtime::Result<Self> {
        Ok(Self {
            linker: Linker::new(engine),
            module: Module::new(engine, wasm)?,
            memory_limit: None,
            batch_modules: Arc::default(),
        })
    }

    /// Limits the linear memory of each signer to so many bytes, and that of its batch module to as many. What
    /// exceeds it is `OUT_OF_MEMORY`.
    #[must_use]
    pub fn with_memory_limit(mut self, bytes: usize) -> Self {
        self.memory_limit = Some(bytes);
        let limited = |module: &Option<Self>| module.clone().map(|module| module.with_memory_limit(bytes));
        self.batch_modules = self.batch_modules.iter().map(limited).collect();
        self
    }

    /// Further modules for [`Signer::sign_many`] of two messages or more: the bytes of .wasm files in order of
    /// preference, such as signer-lanes-relaxed and signer-lanes. One that this engine cannot compile, or that fails
    /// its self-test here, is passed over; where none is left, the main module signs.
    #[must_use]
    pub fn with_batch_modules(mut self, wasm: &[impl AsRef<[u8]>]) -> Self {
        let engine = self.module.engine();
        let compiled = |wasm: &[u8]| {
            let module = Self::new(engine, wasm).ok()?;
            Some(match self.memory_limit {
                Some(bytes) => module.with_memory_limit(bytes),
                None => module,
            })
        };
        self.batch_modules = wasm.iter().map(|wasm| compiled(wasm.as_ref())).collect();
        self
    }

    pub(crate) fn has(&self, export: &str) -> bool {
        self.module.get_export(export).is_some()
    }

    pub(crate) fn instantiate(&self) -> Result<Guest> {
        let limits = StoreLimitsBuilder::new();
        let limits = match self.memory_limit {
            Some(bytes) => limits.memory_size(bytes),
            None => limits,
        };
        let mut store = Store::new(self.module.engine(), limits.build());
        store.limiter(|limits| limits);
        let instance = self
            .linker
            .instantiate(&mut store, &self.module)
            .map_err(|error| SignerError::new(Code::Trapped, format_args!("cannot instantiate: {error:#}")))?;
        Guest::new(store, instance)
    }
}

/// Signs with a key that it holds. One owner at a time: every call takes `&mut self`.
///
/// After `TRAPPED` the signer has a new instance with the held key. If that could not be made, the signer is closed: it
/// holds nothing, and every later call is `CLOSED`. Dropping it wipes the key, in linear memory and in the host.
pub struct Signer {
    module: SignerModule,
    /// `None` once the signer is closed.
    loaded: Option<Loaded>,
    /// Kept to load the key again after a trap.
    keypair: Option<Zeroizing<[u8; KEYPAIR_LEN]>>,
    batch: Batch,
}

impl Signer {
    /// A signer that holds `keypair`: a seed of 32 bytes, then its public key of 32.
    ///
    /// # Errors
    ///
    /// `KEY_LENGTH`, `KEY_PAIR_MISMATCH`, `SELF_TEST_FAILED`; `TRAPPED` if the module cannot be instantiated.
    pub fn new(module: &SignerModule, keypair: &[u8]) -> Result<Self> {
        let mut signer = Self::without_key(module)?;
        signer.load_key(keypair)?;
        Ok(signer)
    }

    /// A signer without a key: it verifies, derives public keys and takes a key later.
    ///
    /// # Errors
    ///
    /// `TRAPPED` if the module cannot be instantiated, `NO_EXPORT` if it is no signer.
    pub fn without_key(module: &SignerModule) -> Result<Self> {
        Ok(Self {
            module: module.clone(),
            loaded: Some(Loaded::new(module.instantiate()?)?),
            keypair: None,
            batch: Batch::new(Arc::clone(&module.batch_modules)),
        })
    }

    /// The public key of the held key.
    ///
    /// # Errors
    ///
    /// `NO_KEY`, `CLOSED`.
    pub fn public_key(&self) -> Result<[u8; PUBLIC_KEY_LEN]> {
        let keypair = self.held()?;
        Ok(std::array::from_fn(|n| keypair[SEED_LEN + n]))
    }

    /// Whether the signer ended: after a trap no new instance could be made.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.loaded.is_none()
    }

    /// The place in the list of batch modules of the one that [`sign_many`](Self::sign_many) uses. `None` if that
    /// is the main module, and before the first batch of two messages or more, for which the choice is made.
    #[must_use]
    pub fn batch_module(&self) -> Option<usize> {
        self.batch.index()
    }

    /// Signs one message with the held key.
    ///
    /// # Errors
    ///
    /// `NO_KEY`, `MESSAGE_TOO_LARGE`, `OUT_OF_MEMORY`, `TRAPPED`, `CLOSED`.
    pub fn sign(&mut self, message: impl AsRef<[u8]>) -> Result<[u8; SIGNATURE_LEN]> {
        self.held()?;
        self.guarded(|loaded| {
            loaded.put_message(message.as_ref())?;
            loaded.guest.status("sign_loaded")?;
            loaded.guest.get(loaded.signature_ptr)
        })
    }

    /// Signs many messages with the held key, with far less work for each than [`sign`](Self::sign). Any
    /// number: what exceeds one batch of the module is split. Two messages or more go to the first batch module that
    /// can be used here, if there is one; the signatures are the same.
    ///
    /// # Errors
    ///
    /// As for [`sign`](Self::sign), and `NO_EXPORT` if the module has no batches; then no signature is returned.
    pub fn sign_many(&mut self, messages: &[impl AsRef<[u8]>]) -> Result<Vec<[u8; SIGNATURE_LEN]>> {
        self.held()?;
        let max_len = self.live()?.max_message_len;
        for message in messages {
            check_len(message.as_ref(), max_len)?;
        }
        if messages.len() > 1
            && let Some(keypair) = &self.keypair
            && let Some(signed) = self.batch.sign_many(keypair.as_slice(), messages)
        {
            return signed;
        }
        let mut signatures = Vec::with_capacity(messages.len());
        let mut rest = messages;
        while !rest.is_empty() {
            let (batch, after) = rest.split_at(batch_count(rest.iter().map(AsRef::as_ref), max_len));
            signatures.extend(self.guarded(|loaded| loaded.sign_batch(batch))?);
            rest = after;
        }
        Ok(signatures)
    }

    /// Signs once with a key that is passed for this call, through the chapter's four exports. The held key
    /// stays. It costs twice what [`sign`](Self::sign) does.
    ///
    /// # Errors
    ///
    /// `KEY_LENGTH`, `MESSAGE_TOO_LARGE`, `OUT_OF_MEMORY`, `CLOSED`; `TRAPPED` if the pair does not match.
    pub fn sign_with(&mut self, keypair: &[u8], message: impl AsRef<[u8]>) -> Result<[u8; SIGNATURE_LEN]> {
        self.live()?;
        let keypair = keypair_of(keypair)?;
        self.guarded(|loaded| loaded.put_message(message.as_ref()))?;
        self.with_key(keypair.as_slice(), |loaded| {
            loaded.guest.put(loaded.keypair_ptr, keypair.as_slice())?;
            loaded.guest.call::<(), ()>("sign", ())?;
            loaded.guest.get(loaded.signature_ptr)
        })
    }

    /// Whether `signature` is one of `message` by `public_key`. A signature of another length than 64 bytes is
    /// not, and neither is any by a public key that is no point.
    ///
    /// # Errors
    ///
    /// `PUBLIC_KEY_LENGTH`, `MESSAGE_TOO_LARGE`, `OUT_OF_MEMORY`, `TRAPPED`, `CLOSED`, `NO_EXPORT`.
    pub fn verify(&mut self, public_key: &[u8], message: impl AsRef<[u8]>, signature: &[u8]) -> Result<bool> {
        self.verify_by("verify", public_key, message.as_ref(), signature)
    }

    /// As [`verify`](Self::verify), but points of small order are refused, and an R that is no point.
    ///
    /// # Errors
    ///
    /// As for [`verify`](Self::verify).
    pub fn verify_strict(&mut self, public_key: &[u8], message: impl AsRef<[u8]>, signature: &[u8]) -> Result<bool> {
        self.verify_by("verify_strict", public_key, message.as_ref(), signature)
    }

    /// The public key of a seed of 32 bytes. The held key stays.
    ///
    /// # Errors
    ///
    /// `KEY_LENGTH`, `SELF_TEST_FAILED`, `TRAPPED`, `CLOSED`.
    pub fn derive_public_key(&mut self, seed: &[u8]) -> Result<[u8; PUBLIC_KEY_LEN]> {
        self.live()?;
        let seed = seed_of(seed)?;
        self.with_key(seed, |loaded| {
            loaded.guest.put(loaded.keypair_ptr, seed)?;
            loaded.guest.status("derive_public_key")?;
            loaded.guest.get(loaded.public_key_ptr)
        })
    }

    /// Replaces the held key. After a failure, whatever it was, no key is held.
    ///
    /// # Errors
    ///
    /// `KEY_LENGTH`, `KEY_PAIR_MISMATCH`, `SELF_TEST_FAILED`, `TRAPPED`, `CLOSED`.
    pub fn load_key(&mut self, keypair: &[u8]) -> Result<()> {
        self.live()?;
        self.keypair = None;
        self.batch.wipe();
        let loaded = keypair_of(keypair).and_then(|keypair| {
            self.guarded(|loaded| loaded.load_key(&keypair))?;
            Ok(keypair)
        });
        match loaded {
            Ok(keypair) => {
                self.keypair = Some(keypair);
                Ok(())
            }
            Err(refused) => {
                // A key that the module refused is still on its stack, and the old key is held.
                self.wipe_instance();
                Err(refused)
            }
        }
    }

    /// Clears every secret, in linear memory and in the host. No key is held afterwards.
    ///
    /// # Errors
    ///
    /// `CLOSED`, and `TRAPPED`, which no module of ours does here.
    pub fn wipe(&mut self) -> Result<()> {
        self.live()?;
        self.keypair = None;
        self.batch.wipe();
        self.guarded(|loaded| loaded.guest.call::<(), ()>("wipe", ()))
    }

    /// Ends the signer and clears every secret, as dropping it does.
    pub fn close(self) {}

    /// All of linear memory; empty once the signer is closed. For tests that look for what should not be there.
    #[must_use]
    pub fn linear_memory(&self) -> &[u8] {
        self.loaded.as_ref().map_or(&[], |loaded| loaded.guest.data())
    }

    /// The same of the batch module's instance, once there is one.
    #[must_use]
    pub fn batch_memory(&self) -> Option<&[u8]> {
        self.batch.linear_memory()
    }

    /// The most bytes that a message may have.
    pub(crate) fn max_message_len(&self) -> Result<usize> {
        Ok(self.live()?.max_message_len)
    }

    fn live(&self) -> Result<&Loaded> {
        self.loaded.as_ref().ok_or_else(closed)
    }

    fn held(&self) -> Result<&Zeroizing<[u8; KEYPAIR_LEN]>> {
        self.live()?;
        let no_key = || SignerError::new(Code::NoKey, "no key is held; load one first");
        self.keypair.as_ref().ok_or_else(no_key)
    }

    pub(crate) fn verify_by(
        &mut self,
        export: &str,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool> {
        let max_len = self.live()?.max_message_len;
        let public_key = public_key_of(public_key)?;
        check_len(message, max_len)?;
        if signature.len() != SIGNATURE_LEN {
            return Ok(false);
        }
        let verified = self.guarded(|loaded| {
            loaded.put_message(message)?;
            loaded.guest.put(loaded.public_key_ptr, public_key)?;
            loaded.guest.put(loaded.signature_ptr, signature)?;
            loaded.guest.status(export)
        });
        match verified {
            Err(error) if error.code == Code::SignatureInvalid => Ok(false),
            other => other.map(|()| true),
        }
    }

    /// Runs `work`, which uses a key that is not the held one, and leaves nothing of that key behind.
    fn with_key<T>(&mut self, key: &[u8], work: impl FnOnce(&mut Loaded) -> Result<T>) -> Result<T> {
        let result = self.guarded(|loaded| {
            let result = work(loaded);
            if !loaded.guest.is_finished {
                loaded.guest.put(loaded.keypair_ptr, &[0; KEYPAIR_LEN][..key.len()])?;
            }
            result
        });
        if result.as_ref().is_err_and(|error| error.code != Code::Trapped) {
            // A key that the module refused is still on its stack. The wipe takes the held key too.
            self.wipe_instance();
            self.load_held();
        }
        result
    }

    /// Runs `work` on the instance. An instance that trapped is finished: its memory is cleared, a new one
    /// takes its place and gets the held key, and the caller gets the error.
    fn guarded<T>(&mut self, work: impl FnOnce(&mut Loaded) -> Result<T>) -> Result<T> {
        let result = guarded(&mut self.loaded, || self.module.instantiate().and_then(Loaded::new), work);
        if result.as_ref().is_err_and(|error| error.code == Code::Trapped) {
            self.load_held();
        }
        result
    }

    /// Calls the module's `wipe`. If it traps, the instance is replaced, which clears it too.
    fn wipe_instance(&mut self) {
        let _ = self.guarded(|loaded| loaded.guest.call::<(), ()>("wipe", ()));
    }

    /// Loads the held key into an instance that has none. One that does not take it any more closes the signer, and so
    /// does the lack of an instance.
    fn load_held(&mut self) {
        if let (Some(loaded), Some(keypair)) = (&mut self.loaded, &self.keypair)
            && loaded.load_key(keypair).is_err()
        {
            self.loaded = None;
        }
        if self.loaded.is_none() {
            self.keypair = None;
            self.batch = Batch::new(Arc::default());
        }
    }
}

/// An instance, and where its buffers are. The addresses hold for as long as it lives.
///
/// Dropping it clears its secrets. The memory goes back to the system with the store; until then, nothing of the key is in it.
struct Loaded {
    guest: Guest,
    keypair_ptr: usize,
    signature_ptr: usize,
    public_key_ptr: usize,
    max_message_len: usize,
}

impl Loaded {
    fn new(guest: Guest) -> Result<Self> {
        let mut loaded = Self { guest, keypair_ptr: 0, signature_ptr: 0, public_key_ptr: 0, max_message_len: 0 };
        loaded.keypair_ptr = loaded.guest.number("get_signing_key_ptr")?;
        loaded.signature_ptr = loaded.guest.number("get_signature_ptr")?;
        loaded.public_key_ptr = loaded.guest.number("get_public_key_ptr")?;
        loaded.max_message_len = loaded.guest.number("max_message_len")?;
        Ok(loaded)
    }

    fn load_key(&mut self, keypair: &[u8; KEYPAIR_LEN]) -> Result<()> {
        self.guest.put(self.keypair_ptr, keypair)?;
        self.guest.status("load_key")
    }

    fn put_message(&mut self, message: &[u8]) -> Result<()> {
        check_len(message, self.max_message_len)?;
        let ptr: u32 = self.guest.call("allocate_message", message.len() as u32)?;
        if ptr == 0 {
            return Err(SignerError::new(Code::OutOfMemory, "no room for the message"));
        }
        self.guest.put(ptr as usize, message)
    }

    fn sign_batch(&mut self, messages: &[impl AsRef<[u8]>]) -> Result<Vec<[u8; SIGNATURE_LEN]>> {
        let total_len: usize = messages.iter().map(|message| message.as_ref().len()).sum();
        let room: u32 = self.guest.call("allocate_batch", (messages.len() as u32, total_len as u32))?;
        if room == 0 {
            return Err(SignerError::new(Code::OutOfMemory, "no room for the batch"));
        }
        let mut at = room as usize;
        for message in messages {
            self.guest.put(at, &(message.as_ref().len() as u32).to_le_bytes())?;
            at += 4;
        }
        for message in messages {
            self.guest.put(at, message.as_ref())?;
            at += message.as_ref().len();
        }
        self.guest.status("sign_batch")?;
        let first = self.guest.number("get_batch_signatures_ptr")?;
        (0..messages.len()).map(|n| self.guest.get(first + n * SIGNATURE_LEN)).collect()
    }
}

impl Guarded for Loaded {
    fn is_finished(&self) -> bool {
        self.guest.is_finished
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        self.guest.clear_secrets();
        #[cfg(test)]
        tests::keep(self.guest.data());
    }
}

fn keypair_of(bytes: &[u8]) -> Result<Zeroizing<[u8; KEYPAIR_LEN]>> {
    if bytes.len() != KEYPAIR_LEN {
        return Err(wrong_length(Code::KeyLength, "a keypair", KEYPAIR_LEN, bytes.len()));
    }
    let mut keypair = Zeroizing::new([0; KEYPAIR_LEN]);
    keypair.copy_from_slice(bytes);
    Ok(keypair)
}

pub(crate) fn seed_of(bytes: &[u8]) -> Result<&[u8; SEED_LEN]> {
    bytes.try_into().map_err(|_| wrong_length(Code::KeyLength, "a seed", SEED_LEN, bytes.len()))
}

pub(crate) fn public_key_of(bytes: &[u8]) -> Result<&[u8; PUBLIC_KEY_LEN]> {
    let wrong = |_| wrong_length(Code::PublicKeyLength, "a public key", PUBLIC_KEY_LEN, bytes.len());
    bytes.try_into().map_err(wrong)
}

pub(crate) fn check_len(message: &[u8], max_len: usize) -> Result<()> {
    if message.len() <= max_len {
        return Ok(());
    }
    Err(SignerError::new(
        Code::MessageTooLarge,
        format_args!("{} bytes; a message has at most {max_len}", message.len()),
    ))
}

fn wrong_length(code: Code, what: &str, expected: usize, len: usize) -> SignerError {
    SignerError::new(code, format_args!("{what} is {expected} bytes long, not {len}"))
}

#[cfg(test)]
mod tests;

//! The token signer, as a Rust program on wasmtime uses it.

use std::sync::Arc;

use wasmtime::{
    Engine, Instance, Linker, Memory, Module, Store, StoreLimits, StoreLimitsBuilder, TypedFunc, WasmParams,
    WasmResults,
};
use zeroize::Zeroizing;

use crate::batch::Batch;
use crate::error::{Code, SignerError};

const KEYPAIR_LEN: usize = 64;
const SEED_LEN: usize = 32;
const PUBLIC_KEY_LEN: usize = 32;
const SIGNATURE_LEN: usize = 64;
const MAX_BATCH_COUNT: usize = 4096;

type Result<T> = std::result::Result<T, SignerError>;

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

    fn instantiate(&self) -> Result<Loaded> {
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
            .map_err(|error| {
                SignerError::new(Code::Trapped, format_args!("cannot instantiate: {error:#}"))
            })?;
        Loaded::new(store, &instance)
            .map_err(|error| SignerError::new(Code::Trapped, format_args!("not a signer: {error:#}")))
    }
}

/// Signs with a key that it holds. One owner at a time: every call takes `&mut self`.
///
/// Dropping it wipes the key, in linear memory and in the host.
pub struct Signer {
    module: SignerModule,
    loaded: Loaded,
    /// Kept to load the key again after a trap.
    keypair: Option<Zeroizing<[u8; KEYPAIR_LEN]>>,
    batch: Batch,
}

impl Signer {
    /// A signer that holds `keypair`: a seed of 32 bytes, then its public key of 32.
    ///
    /// # Errors
    ///
    /// `KEY_LENGTH`, `KEY_PAIR_MISMATCH`, `SELF_TEST_FAILED`.
    pub fn new(module: &SignerModule, keypair: &[u8]) -> Result<Self> {
        let mut signer = Self::without_key(module)?;
        signer.load_key(keypair)?;
        Ok(signer)
    }

    /// A signer without a key: it verifies, derives public keys and takes a key later.
    ///
    /// # Errors
    ///
    /// Where the module cannot be instantiated.
    pub fn without_key(module: &SignerModule) -> Result<Self> {
        Ok(Self {
            module: module.clone(),
            loaded: module.instantiate()?,
            keypair: None,
            batch: Batch::new(Arc::clone(&module.batch_modules)),
        })
    }

    /// The public key of the held key.
    ///
    /// # Errors
    ///
    /// `NO_KEY`.
    pub fn public_key(&self) -> Result<[u8; PUBLIC_KEY_LEN]> {
        let keypair = self.keypair.as_ref().ok_or_else(no_key)?;
        Ok(std::array::from_fn(|n| keypair[SEED_LEN + n]))
    }

    /// The place in the list of batch modules of the one that [`sign_many`](Self::sign_many) uses. `None` where that
    /// is the main module, and before the first batch of two messages or more, for which the choice is made.
    #[must_use]
    pub fn batch_module(&self) -> Option<usize> {
        self.batch.index()
    }

    /// Signs one message with the held key.
    ///
    /// # Errors
    ///
    /// `NO_KEY`, `MESSAGE_TOO_LARGE`, `OUT_OF_MEMORY`, `TRAPPED`.
    pub fn sign(&mut self, message: impl AsRef<[u8]>) -> Result<[u8; SIGNATURE_LEN]> {
        self.require_key()?;
        self.guarded(|loaded| {
            loaded.put_message(message.as_ref())?;
            loaded.status("sign_loaded")?;
            loaded.get(loaded.signature_ptr)
        })
    }

    /// Signs many messages with the held key, with far less work for each than [`sign`](Self::sign). Any
    /// number: what exceeds one batch of the module is split. Two messages or more go to the first batch module that
    /// can be used here, if there is one; the signatures are the same.
    ///
    /// # Errors
    ///
    /// As for [`sign`](Self::sign); then no signature is returned.
    pub fn sign_many(&mut self, messages: &[impl AsRef<[u8]>]) -> Result<Vec<[u8; SIGNATURE_LEN]>> {
        let keypair = self.keypair.as_ref().ok_or_else(no_key)?;
        let max_len = self.loaded.max_message_len;
        if let Some(message) = messages.iter().find(|message| message.as_ref().len() > max_len) {
            return Err(too_large(message.as_ref().len(), max_len));
        }
        if messages.len() > 1
            && let Some(batch_signer) = self.batch.signer_of(keypair.as_slice())?
        {
            return batch_signer.sign_many(messages);
        }
        let mut signatures = Vec::with_capacity(messages.len());
        let mut rest = messages;
        while !rest.is_empty() {
            let (batch, after) = rest.split_at(batch_count(rest, max_len));
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
    /// `KEY_LENGTH`, `MESSAGE_TOO_LARGE`, `OUT_OF_MEMORY`; `TRAPPED` where the pair does not match.
    pub fn sign_with(&mut self, keypair: &[u8], message: impl AsRef<[u8]>) -> Result<[u8; SIGNATURE_LEN]> {
        let keypair = keypair_of(keypair)?;
        self.guarded(|loaded| {
            loaded.put_message(message.as_ref())?;
            loaded.put(loaded.keypair_ptr, keypair.as_slice())?;
            let signed = loaded.call::<(), ()>("sign", ());
            signed?;
            loaded.put(loaded.keypair_ptr, &[0; KEYPAIR_LEN])?;
            loaded.get(loaded.signature_ptr)
        })
    }

    /// Whether `signature` is one of `message` by `public_key`. A signature of another length than 64 bytes is
    /// not, and neither is any by a public key that is no point.
    ///
    /// # Errors
    ///
    /// `PUBLIC_KEY_LENGTH`, `MESSAGE_TOO_LARGE`, `OUT_OF_MEMORY`, `TRAPPED`.
    pub fn verify(&mut self, public_key: &[u8], message: impl AsRef<[u8]>, signature: &[u8]) -> Result<bool> {
        self.verify_by("verify", public_key, message.as_ref(), signature)
    }

    /// As [`verify`](Self::verify), but points of small order are refused, and an R that is no point.
    ///
    /// # Errors
    ///
    /// As for [`verify`](Self::verify).
    pub fn verify_strict(
        &mut self,
        public_key: &[u8],
        message: impl AsRef<[u8]>,
        signature: &[u8],
    ) -> Result<bool> {
        self.verify_by("verify_strict", public_key, message.as_ref(), signature)
    }

    /// The public key of a seed of 32 bytes.
    ///
    /// # Errors
    ///
    /// `KEY_LENGTH`, `TRAPPED`.
    pub fn derive_public_key(&mut self, seed: &[u8]) -> Result<[u8; PUBLIC_KEY_LEN]> {
        if seed.len() != SEED_LEN {
            return Err(wrong_length(Code::KeyLength, "a seed", SEED_LEN, seed.len()));
        }
        self.guarded(|loaded| {
            loaded.put(loaded.keypair_ptr, seed)?;
            loaded.status("derive_public_key")?;
            loaded.put(loaded.keypair_ptr, &[0; KEYPAIR_LEN])?;
            loaded.get(loaded.public_key_ptr)
        })
    }

    /// Replaces the held key. After a failure, whatever it was, no key is held.
    ///
    /// # Errors
    ///
    /// `KEY_LENGTH`, `KEY_PAIR_MISMATCH`, `SELF_TEST_FAILED`, `TRAPPED`.
    pub fn load_key(&mut self, keypair: &[u8]) -> Result<()> {
        if self.keypair.take().is_some() {
            self.wipe()?;
        }
        let keypair = keypair_of(keypair)?;
        self.guarded(|loaded| loaded.load_key(&keypair))?;
        self.keypair = Some(keypair);
        Ok(())
    }

    /// Clears every secret, in linear memory and in the host. No key is held afterwards.
    ///
    /// # Errors
    ///
    /// `TRAPPED`, which no module of ours does here.
    pub fn wipe(&mut self) -> Result<()> {
        self.keypair = None;
        let batch_wiped = self.batch.wipe();
        self.guarded(|loaded| loaded.call::<(), ()>("wipe", ()))?;
        batch_wiped
    }

    /// Ends the signer. Dropping it does the same, but cannot tell you of a failure.
    ///
    /// # Errors
    ///
    /// As for [`wipe`](Self::wipe).
    pub fn close(mut self) -> Result<()> {
        self.wipe()
    }

    /// All of linear memory. For tests that look for what should not be there.
    #[must_use]
    pub fn linear_memory(&self) -> &[u8] {
        self.loaded.memory.data(&self.loaded.store)
    }

    /// The same of the batch module's instance, once there is one.
    #[must_use]
    pub fn batch_memory(&self) -> Option<&[u8]> {
        self.batch.signer().map(Self::linear_memory)
    }

    fn require_key(&self) -> Result<()> {
        self.keypair.as_ref().map(|_| ()).ok_or_else(no_key)
    }

    fn verify_by(
        &mut self,
        export: &str,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool> {
        if public_key.len() != PUBLIC_KEY_LEN {
            let code = Code::PublicKeyLength;
            return Err(wrong_length(
                code,
                "a public key",
                PUBLIC_KEY_LEN,
                public_key.len(),
            ));
        }
        let verified = self.guarded(|loaded| {
            loaded.put_message(message)?;
            if signature.len() != SIGNATURE_LEN {
                return Ok(false);
            }
            loaded.put(loaded.public_key_ptr, public_key)?;
            loaded.put(loaded.signature_ptr, signature)?;
            loaded.status(export).map(|()| true)
        });
        match verified {
            Err(error) if error.code == Code::SignatureInvalid => Ok(false),
            other => other,
        }
    }

    /// Runs `work` on the instance. An instance that trapped is finished: its memory is cleared, a new one
    /// takes its place and gets the held key, and the caller is told.
    fn guarded<T>(&mut self, work: impl FnOnce(&mut Loaded) -> Result<T>) -> Result<T> {
        let result = work(&mut self.loaded);
        if let Err(error) = &result
            && error.code == Code::Trapped
        {
            self.loaded.memory.data_mut(&mut self.loaded.store).fill(0);
            self.loaded = self.module.instantiate()?;
            if let Some(keypair) = &self.keypair {
                self.loaded.load_key(keypair)?;
            }
        }
        result
    }
}

impl Drop for Signer {
    fn drop(&mut self) {
        // The memory goes back to the system with the store. Until then, nothing of the key is in it. The module knows
        // where secrets were; zeroing all of its memory would touch, and so allocate, every page of it.
        if self.loaded.call::<(), ()>("wipe", ()).is_err() {
            self.loaded.memory.data_mut(&mut self.loaded.store).fill(0);
        }
    }
}

/// An instance, and where its buffers are. The addresses hold for as long as it lives.
struct Loaded {
    store: Store<StoreLimits>,
    instance: Instance,
    memory: Memory,
    keypair_ptr: usize,
    signature_ptr: usize,
    public_key_ptr: usize,
    max_message_len: usize,
}

impl Loaded {
    fn new(mut store: Store<StoreLimits>, instance: &Instance) -> wasmtime::Result<Self> {
        let memory = instance
            .get_memory(&mut store, "memory")
            .ok_or_else(|| wasmtime::Error::msg("no memory is exported"))?;
        let mut number = |export| -> wasmtime::Result<usize> {
            let function: TypedFunc<(), u32> = instance.get_typed_func(&mut store, export)?;
            Ok(function.call(&mut store, ())? as usize)
        };
        Ok(Self {
            keypair_ptr: number("get_signing_key_ptr")?,
            signature_ptr: number("get_signature_ptr")?,
            public_key_ptr: number("get_public_key_ptr")?,
            max_message_len: number("max_message_len")?,
            instance: *instance,
            memory,
            store,
        })
    }

    fn load_key(&mut self, keypair: &[u8; KEYPAIR_LEN]) -> Result<()> {
        self.put(self.keypair_ptr, keypair)?;
        self.status("load_key")
    }

    fn put_message(&mut self, message: &[u8]) -> Result<()> {
        if message.len() > self.max_message_len {
            return Err(too_large(message.len(), self.max_message_len));
        }
        let ptr: u32 = self.call("allocate_message", message.len() as u32)?;
        if ptr == 0 {
            return Err(SignerError::new(Code::OutOfMemory, "no room for the message"));
        }
        self.put(ptr as usize, message)
    }

    fn sign_batch(&mut self, messages: &[impl AsRef<[u8]>]) -> Result<Vec<[u8; SIGNATURE_LEN]>> {
        let total_len: usize = messages.iter().map(|message| message.as_ref().len()).sum();
        let mut room: u32 = self.call("allocate_batch", (messages.len() as u32, total_len as u32))?;
        if room == 0 {
            return Err(SignerError::new(Code::OutOfMemory, "no room for the batch"));
        }
        for message in messages {
            self.put(room as usize, &(message.as_ref().len() as u32).to_le_bytes())?;
            room += 4;
        }
        for message in messages {
            self.put(room as usize, message.as_ref())?;
            room += message.as_ref().len() as u32;
        }
        self.status("sign_batch")?;
        let first: u32 = self.call("get_batch_signatures_ptr", ())?;
        (0..messages.len())
            .map(|n| self.get(first as usize + n * SIGNATURE_LEN))
            .collect()
    }

    fn call<P: WasmParams, R: WasmResults>(&mut self, export: &str, arguments: P) -> Result<R> {
        self.instance
            .get_typed_func::<P, R>(&mut self.store, export)
            .and_then(|function| function.call(&mut self.store, arguments))
            .map_err(|trap| SignerError::new(Code::Trapped, format_args!("{export}: {trap:#}")))
    }

    fn status(&mut self, export: &str) -> Result<()> {
        let status: u32 = self.call(export, ())?;
        SignerError::check_status(status, export)
    }

    fn put(&mut self, ptr: usize, bytes: &[u8]) -> Result<()> {
        self.memory
            .write(&mut self.store, ptr, bytes)
            .map_err(|_| SignerError::new(Code::Trapped, "the module gave a pointer outside of its memory"))
    }

    fn get<const LEN: usize>(&self, ptr: usize) -> Result<[u8; LEN]> {
        let mut bytes = [0; LEN];
        self.memory.read(&self.store, ptr, &mut bytes).map_err(|_| {
            SignerError::new(Code::Trapped, "the module gave a pointer outside of its memory")
        })?;
        Ok(bytes)
    }
}

/// How many of the first messages fit into one batch; at least one, because none exceeds `max_len` alone.
fn batch_count(messages: &[impl AsRef<[u8]>], max_len: usize) -> usize {
    let mut total_len = 0;
    messages
        .iter()
        .take(MAX_BATCH_COUNT)
        .take_while(|message| {
            total_len += message.as_ref().len();
            total_len <= max_len
        })
        .count()
}

fn keypair_of(bytes: &[u8]) -> Result<Zeroizing<[u8; KEYPAIR_LEN]>> {
    if bytes.len() != KEYPAIR_LEN {
        return Err(wrong_length(
            Code::KeyLength,
            "a keypair",
            KEYPAIR_LEN,
            bytes.len(),
        ));
    }
    let mut keypair = Zeroizing::new([0; KEYPAIR_LEN]);
    keypair.copy_from_slice(bytes);
    Ok(keypair)
}

fn no_key() -> SignerError {
    SignerError::new(Code::NoKey, "no key is held; load one first")
}

fn too_large(len: usize, max_len: usize) -> SignerError {
    SignerError::new(
        Code::MessageTooLarge,
        format_args!("{len} bytes; at most {max_len} can be signed"),
    )
}

fn wrong_length(code: Code, what: &str, expected: usize, len: usize) -> SignerError {
    SignerError::new(code, format_args!("{what} is {expected} bytes long, not {len}"))
}

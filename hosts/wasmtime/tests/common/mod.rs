//! What the tests share: the built modules, and their exports called by name.

use std::path::Path;
use std::sync::LazyLock;

use everyhost_wasmtime::SignerModule;
use num_bigint::BigUint;
use sha2::{Digest, Sha512};
use wasmtime::{Engine, Instance, Memory, Module, Store, StoreLimits, StoreLimitsBuilder, WasmParams, WasmResults};

/// The two builds of the signer.
pub(crate) const SIGNERS: [&str; 2] = ["signer-raw", "signer-raw-simd"];

/// The small signers, which lack batches; the last one verifications too.
pub(crate) const SMALL: [&str; 3] = ["signer-small", "signer-small-fast", "signer-small-sign"];

/// The two builds that sign many messages at once, and do not verify.
pub(crate) const LANES: [&str; 2] = ["signer-lanes", "signer-lanes-relaxed"];

/// The same two, built with `verify-after-sign`: fixtures.
pub(crate) const VERIFYING: [&str; 2] = ["signer-lanes-verifying", "signer-lanes-relaxed-verifying"];

/// The modules of a verifier, in order of preference; the last one is the fallback.
pub(crate) const VERIFIERS: [&str; 3] = ["verifier-lanes-relaxed", "verifier-lanes", "signer-raw"];

/// The chapter's key. It is published, so it is good for tests and for nothing else.
pub(crate) const PUBLISHED_KEYPAIR: [u8; 64] = [
    254, 114, 130, 212, 33, 69, 193, 93, 12, 15, 108, 76, 19, 198, 118, 148, 193, 62, 78, 4, 9, 157, 188, 191, 132,
    137, 188, 31, 54, 103, 246, 191, 62, 57, 59, 247, 76, 246, 60, 248, 227, 133, 30, 160, 254, 106, 146, 229, 101,
    149, 245, 6, 148, 125, 124, 102, 49, 14, 108, 234, 201, 122, 62, 159,
];

/// Its seed with another public key.
pub(crate) const MISMATCHED_KEYPAIR: [u8; 64] = {
    let mut pair = PUBLISHED_KEYPAIR;
    pair[40] ^= 1;
    pair
};

/// Whether eight bytes in a row of the published seed are there.
pub(crate) fn has_seed(memory: &[u8]) -> bool {
    memory.windows(8).any(|window| PUBLISHED_KEYPAIR[..32].windows(8).any(|part| part == window))
}

static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::default);

/// The bytes of a built module.
pub(crate) fn wasm(name: &str) -> Vec<u8> {
    built("modules", name)
}

/// The bytes of a build that only tests need.
pub(crate) fn fixture(name: &str) -> Vec<u8> {
    built("fixtures", name)
}

fn built(folder: &str, name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("../../target/{folder}/{name}.wasm"));
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}; `make {folder}` builds it", path.display()))
}

/// A compiled signer for the wrapper.
pub(crate) fn signer_module(name: &str) -> SignerModule {
    SignerModule::new(&ENGINE, &wasm(name)).unwrap()
}

/// A keypair made from a seed by the plain-integer reference.
pub(crate) fn keypair(seed: [u8; 32]) -> [u8; 64] {
    ed25519_reference::Key::from_seed(&seed).keypair()
}

/// A number modulo the order of the base point.
pub(crate) fn reduced(bytes: &[u8]) -> BigUint {
    BigUint::from_bytes_le(bytes) % order()
}

/// The order of the base point.
pub(crate) fn order() -> BigUint {
    BigUint::from_bytes_le(&ed25519_reference::order())
}

/// What a key signs with (RFC 8032, section 5.1.5): the clamped scalar, and the prefix.
pub(crate) fn expand(seed: &[u8]) -> ([u8; 32], [u8; 32]) {
    let hash: [u8; 64] = Sha512::digest(seed).into();
    let (mut scalar, mut prefix) = ([0; 32], [0; 32]);
    scalar.copy_from_slice(&hash[..32]);
    prefix.copy_from_slice(&hash[32..]);
    scalar[0] &= 248;
    scalar[31] = scalar[31] & 63 | 64;
    (scalar, prefix)
}

/// An instance without a wrapper.
pub(crate) struct Exports {
    store: Store<StoreLimits>,
    instance: Instance,
    memory: Memory,
}

impl Exports {
    pub(crate) fn new(module: &Module) -> Self {
        let mut store = Store::new(module.engine(), StoreLimits::default());
        store.limiter(|limits| limits);
        let instance = Instance::new(&mut store, module, &[]).unwrap();
        let memory = instance.get_memory(&mut store, "memory").unwrap();
        Self { store, instance, memory }
    }

    pub(crate) fn compile(name: &str) -> Module {
        Self::compile_bytes(&wasm(name))
    }

    pub(crate) fn compile_bytes(wasm: &[u8]) -> Module {
        Module::new(&ENGINE, wasm).unwrap()
    }

    /// Whether the module has this function.
    pub(crate) fn has(&mut self, name: &str) -> bool {
        self.instance.get_func(&mut self.store, name).is_some()
    }

    pub(crate) fn try_call<P: WasmParams, R: WasmResults>(&mut self, name: &str, args: P) -> wasmtime::Result<R> {
        self.instance.get_typed_func(&mut self.store, name)?.call(&mut self.store, args)
    }

    pub(crate) fn call<P: WasmParams, R: WasmResults>(&mut self, name: &str, args: P) -> R {
        self.try_call(name, args).unwrap()
    }

    pub(crate) fn status(&mut self, name: &str) -> u32 {
        self.call(name, ())
    }

    pub(crate) fn put(&mut self, ptr: u32, bytes: &[u8]) {
        self.memory.write(&mut self.store, ptr as usize, bytes).unwrap();
    }

    pub(crate) fn get<const LEN: usize>(&self, ptr: u32) -> [u8; LEN] {
        let mut bytes = [0; LEN];
        self.memory.read(&self.store, ptr as usize, &mut bytes).unwrap();
        bytes
    }

    pub(crate) fn put_keypair(&mut self, keypair: &[u8; 64]) {
        let ptr = self.call("get_signing_key_ptr", ());
        self.put(ptr, keypair);
    }

    /// Loads a pair, which must be taken.
    pub(crate) fn load_key(&mut self, keypair: &[u8; 64]) {
        self.put_keypair(keypair);
        assert_eq!(self.status("load_key"), 0);
    }

    pub(crate) fn signature(&mut self) -> [u8; 64] {
        let ptr = self.call("get_signature_ptr", ());
        self.get(ptr)
    }

    pub(crate) fn public_key(&mut self) -> [u8; 32] {
        let ptr = self.call("get_public_key_ptr", ());
        self.get(ptr)
    }

    /// The first signatures of a batch that was signed.
    pub(crate) fn batch_signatures(&mut self, count: usize) -> Vec<[u8; 64]> {
        let ptr: u32 = self.call("get_batch_signatures_ptr", ());
        (ptr..).step_by(64).take(count).map(|ptr| self.get(ptr)).collect()
    }

    pub(crate) fn put_message(&mut self, message: &[u8]) {
        let ptr: u32 = self.call("allocate_message", message.len() as u32);
        assert_ne!(ptr, 0);
        self.put(ptr, message);
    }

    pub(crate) fn put_batch(&mut self, messages: &[&[u8]]) {
        let total: usize = messages.iter().map(|message| message.len()).sum();
        let ptr: u32 = self.call("allocate_batch", (messages.len() as u32, total as u32));
        assert_ne!(ptr, 0);
        let mut room: Vec<u8> = messages.iter().flat_map(|message| (message.len() as u32).to_le_bytes()).collect();
        room.extend(messages.concat());
        self.put(ptr, &room);
    }

    /// Public key, message and signature of each.
    pub(crate) fn put_verify_batch(&mut self, items: &[([u8; 32], Vec<u8>, [u8; 64])]) {
        let total: usize = items.iter().map(|(_, message, _)| message.len()).sum();
        let ptr: u32 = self.call("allocate_verify_batch", (items.len() as u32, total as u32));
        assert_ne!(ptr, 0);
        let mut room = Vec::new();
        for (public_key, message, signature) in items {
            room.extend([&public_key[..], signature, &(message.len() as u32).to_le_bytes()].concat());
        }
        for (_, message, _) in items {
            room.extend(message);
        }
        self.put(ptr, &room);
    }

    /// The verdicts of a batch that was verified.
    pub(crate) fn verdicts(&mut self, count: usize) -> Vec<u8> {
        let ptr: u32 = self.call("get_verdicts_ptr", ());
        self.memory()[ptr as usize..][..count].to_vec()
    }

    pub(crate) fn memory(&self) -> &[u8] {
        self.memory.data(&self.store)
    }

    /// From now on memory grows to so many pages of 64 KiB, or with `None` as far as it likes.
    pub(crate) fn limit_memory(&mut self, pages: Option<usize>) {
        let bytes = pages.map_or(usize::MAX, |pages| pages * 65_536);
        *self.store.data_mut() = StoreLimitsBuilder::new().memory_size(bytes).build();
    }
}

/// A generator that gives the same numbers for the same seed everywhere (splitmix64).
pub(crate) struct Random(pub u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn bytes(&mut self, len: usize) -> Vec<u8> {
        let mut bytes: Vec<u8> = (0..len.div_ceil(8)).flat_map(|_| self.next().to_le_bytes()).collect();
        bytes.truncate(len);
        bytes
    }

    pub(crate) fn array<const LEN: usize>(&mut self) -> [u8; LEN] {
        std::array::from_fn(|_| self.next() as u8)
    }

    /// A number from 0 to `end`, without `end`.
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub(crate) fn one_of<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }
}

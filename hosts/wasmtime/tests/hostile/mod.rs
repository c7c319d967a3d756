//! Raw exports in any order with any arguments, against a model of the documented ABI and dalek.
//!
//! No call but `sign` may trap, and every status, signature and byte of a buffer must be what the model says. Two
//! variables of the environment: `EVERYHOST_HOSTILE_CALLS`, how many calls each module gets, and
//! `EVERYHOST_HOSTILE_SEED`, what they are made from. The same seed gives the same calls. `make hostile` makes 10,000,000.

mod model;

use std::collections::VecDeque;
use std::env;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use self::model::{Batch, MAX_BATCH_COUNT, MAX_LEN, Model};
use crate::common::{Exports, Random, keypair};
use token_signer_core::ErrorCode;
use wasmtime::Module;

/// With seven modules, 200,000 calls.
const CALLS: u64 = 28_600;
/// An instance is replaced after so many calls, if it has not trapped before.
const CALLS_OF_AN_INSTANCE: u64 = 4000;

macro_rules! modules {
    ($($test:ident $name:literal)+) => { $(
        #[test]
        fn $test() {
            run($name);
        }
    )+ };
}
modules! {
    signer_raw "signer-raw"
    signer_raw_simd "signer-raw-simd"
    signer_lanes "signer-lanes"
    signer_lanes_relaxed "signer-lanes-relaxed"
    signer_small "signer-small"
    signer_small_fast "signer-small-fast"
    signer_small_sign "signer-small-sign"
}

fn run(name: &str) {
    let number = |variable, default| {
        env::var(variable)
            .map_or(default, |text| text.parse().unwrap_or_else(|_| panic!("{variable}={text} is no number")))
    };
    let calls = number("EVERYHOST_HOSTILE_CALLS", CALLS);
    let seed = number("EVERYHOST_HOSTILE_SEED", 1);
    println!("{name}: {calls} calls, EVERYHOST_HOSTILE_SEED={seed}");
    let mut host = Host::new(name, seed);
    let held = catch_unwind(AssertUnwindSafe(|| {
        while host.counts.calls < calls {
            host.step();
        }
    }));
    if let Err(why) = held {
        eprintln!("{name}, EVERYHOST_HOSTILE_SEED={seed}, call {}; the last ones:", host.counts.calls);
        for (export, arguments) in &host.last {
            eprintln!("  {export}{arguments:?}");
        }
        resume_unwind(why);
    }
    println!("{name}: all as the model says: {:?}", host.counts);
    assert!(host.counts.signatures > 0 && host.counts.refused > 0 && host.counts.out_of_memory > 0);
}

/// What was done.
#[derive(Debug, Default)]
struct Counts {
    calls: u64,
    instances: u64,
    traps_of_sign: u64,
    signatures: u64,
    verifications: u64,
    refused: u64,
    out_of_memory: u64,
}

/// A host that does what it likes, and remembers what must come of it.
struct Host {
    module: Module,
    random: Random,
    keypairs: Vec<[u8; 64]>,
    exports: Exports,
    /// Of keypair, signature and public key.
    fixed: [u32; 3],
    model: Model,
    verifies: bool,
    batches: bool,
    /// Whether memory may be refused.
    is_limited: bool,
    calls_of_instance: u64,
    counts: Counts,
    last: VecDeque<(&'static str, Vec<u32>)>,
}

impl Host {
    fn new(name: &str, seed: u64) -> Self {
        let module = Exports::compile(name);
        let mut random = Random(seed);
        let mut exports = Exports::new(&module);
        Self {
            keypairs: (0..5).map(|_| keypair(random.array())).collect(),
            fixed: fixed(&mut exports),
            verifies: exports.has("verify"),
            batches: exports.has("sign_batch"),
            module,
            random,
            exports,
            model: Model::new(),
            is_limited: false,
            calls_of_instance: 0,
            counts: Counts { instances: 1, ..Counts::default() },
            last: VecDeque::new(),
        }
    }

    fn replace_instance(&mut self) {
        self.exports = Exports::new(&self.module);
        assert_eq!(self.fixed, fixed(&mut self.exports));
        self.model = Model::new();
        self.is_limited = false;
        self.calls_of_instance = 0;
        self.counts.instances += 1;
    }

    /// Writes something, changes the limit of memory, or neither; then calls something, and looks at everything.
    fn step(&mut self) {
        if self.calls_of_instance >= CALLS_OF_AN_INSTANCE {
            self.replace_instance();
        }
        match self.random.below(20) {
            0..3 => self.write_keypair(),
            3 if self.verifies => self.write_signed(),
            4 if self.verifies => self.write_public_key(),
            5 => self.write_signature(),
            6 => self.write_message(),
            7..9 if self.batches => self.write_batch(),
            9 => self.change_limit(),
            _ => {}
        }
        match self.random.below(100) {
            0..20 => self.allocate_message(),
            20..26 => self.try_sign("try_sign", self.model.sign_with_key_buffer()),
            26..34 => self.try_sign("sign_loaded", self.model.sign_with_held_key()),
            34..42 => self.load_key(),
            42..46 => self.derive_public_key(),
            46..49 if self.verifies => self.verify("verify", token_signer_core::verify),
            49..52 if self.verifies => self.verify("verify_strict", token_signer_core::verify_strict),
            52..62 if self.batches => self.allocate_batch(),
            62..70 if self.batches => self.sign_batch(),
            70..78 if self.batches => self.batch_signatures(),
            78 => self.wipe(),
            79 if self.random.below(8) == 0 => self.sign(),
            _ => self.constants(),
        }
        self.look_at_buffers();
    }

    fn call(&mut self, export: &'static str, arguments: &[u32]) -> u32 {
        self.count(export, arguments);
        let result = match *arguments {
            [] => self.exports.try_call(export, ()),
            [only] => self.exports.try_call(export, only),
            [first, second] => self.exports.try_call(export, (first, second)),
            _ => unreachable!("no export takes more"),
        };
        result.unwrap_or_else(|trap| panic!("{export}{arguments:?}: {trap:#}"))
    }

    fn count(&mut self, export: &'static str, arguments: &[u32]) {
        self.counts.calls += 1;
        self.calls_of_instance += 1;
        if self.last.len() == 20 {
            self.last.pop_front();
        }
        self.last.push_back((export, arguments.to_vec()));
    }

    /// Calls an export that gives a status, which must be the model's.
    fn status(&mut self, export: &'static str, wanted: Result<(), ErrorCode>) {
        let status = self.call(export, &[]);
        self.check_status(export, status, wanted);
    }

    fn check_status(&mut self, export: &str, status: u32, wanted: Result<(), ErrorCode>) {
        assert_eq!(status, ErrorCode::status_of(wanted), "{export} should give {wanted:?}");
        self.counts.refused += u64::from(status != 0);
    }

    // The calls

    fn allocate_message(&mut self) {
        let len = self.length();
        let at = self.call("allocate_message", &[len]);
        self.model.message =
            if len as usize > MAX_LEN { Err(ErrorCode::MessageTooLarge) } else { self.room(at, len as usize) };
        self.check_address(at, self.model.message.is_ok());
        self.model.message_at = at;
    }

    fn allocate_batch(&mut self) {
        let (count, total) = (self.batch_count(), self.length());
        let at = self.call("allocate_batch", &[count, total]);
        self.model.batch_signatures = None;
        self.model.batch = if count as usize > MAX_BATCH_COUNT {
            Err(ErrorCode::BatchLayout)
        } else if total as usize > MAX_LEN {
            Err(ErrorCode::MessageTooLarge)
        } else {
            let room = self.room(at, 4 * count as usize + total as usize);
            room.map(|room| Batch { at, count: count as usize, room })
        };
        self.check_address(at, self.model.batch.is_ok());
    }

    /// A new room of zeros, or none, which is right only where memory is limited.
    fn room(&mut self, at: u32, len: usize) -> Result<Vec<u8>, ErrorCode> {
        if at == 0 {
            assert!(self.is_limited, "there is room for {len} bytes");
            self.counts.out_of_memory += 1;
            return Err(ErrorCode::OutOfMemory);
        }
        let zeros = vec![0; len];
        assert!(self.bytes(at, len) == zeros, "the room is not zeroed");
        Ok(zeros)
    }

    fn check_address(&mut self, at: u32, there_is_room: bool) {
        assert_eq!(at != 0, there_is_room);
        self.counts.refused += u64::from(!there_is_room);
    }

    fn sign(&mut self) {
        let wanted = self.model.sign_with_key_buffer();
        self.count("sign", &[]);
        match (wanted, self.exports.try_call::<(), ()>("sign", ())) {
            (Ok(signature), Ok(())) => {
                self.model.signature = signature;
                self.counts.signatures += 1;
            }
            (Err(_), Err(_)) => {
                self.counts.traps_of_sign += 1;
                self.replace_instance();
            }
            (wanted, got) => panic!("sign: {got:?} instead of {wanted:?}"),
        }
    }

    fn try_sign(&mut self, export: &'static str, wanted: Result<[u8; 64], ErrorCode>) {
        self.status(export, wanted.map(|_| ()));
        self.model.signature = wanted.unwrap_or([0; 64]);
        self.counts.signatures += u64::from(wanted.is_ok());
    }

    fn load_key(&mut self) {
        let wanted = self.model.load_key();
        self.status("load_key", wanted);
    }

    fn derive_public_key(&mut self) {
        self.model.derive_public_key();
        self.status("derive_public_key", Ok(()));
    }

    fn verify(&mut self, export: &'static str, native: fn(&[u8; 32], &[u8], &[u8; 64]) -> bool) {
        let wanted = self.model.verify(native);
        self.status(export, wanted);
        self.counts.verifications += 1;
    }

    fn sign_batch(&mut self) {
        let wanted = self.model.sign_batch();
        let status = self.call("sign_batch", &[]);
        self.model.batch_signatures = None;
        if self.is_limited && wanted.is_ok() && Some(status) == ErrorCode::OutOfMemory.status() {
            self.counts.out_of_memory += 1;
            return;
        }
        self.check_status("sign_batch", status, wanted.as_ref().map(|_| ()).map_err(|code| *code));
        self.counts.signatures += wanted.as_ref().map_or(0, |signatures| signatures.len() as u64);
        self.model.batch_signatures = wanted.ok();
    }

    fn batch_signatures(&mut self) {
        let at = self.call("get_batch_signatures_ptr", &[]);
        let wanted = self.model.batch_signatures.as_ref().map(|all| all.as_flattened());
        assert_eq!(at != 0, wanted.is_some());
        if let Some(wanted) = wanted {
            assert!(self.bytes(at, wanted.len()) == wanted, "a signature is not dalek's");
            self.check_apart(at, wanted.len());
        }
    }

    fn wipe(&mut self) {
        self.count("wipe", &[]);
        self.exports.call::<(), ()>("wipe", ());
        self.model = Model::new();
    }

    fn constants(&mut self) {
        let (export, wanted) = self.random.one_of(&[
            ("abi_version", 1),
            ("max_message_len", MAX_LEN as u32),
            ("get_signing_key_ptr", self.fixed[0]),
            ("get_signature_ptr", self.fixed[1]),
            ("get_public_key_ptr", self.fixed[2]),
        ]);
        assert_eq!(self.call(export, &[]), wanted, "{export}");
    }

    // What the host writes

    fn write_keypair(&mut self) {
        let mut pair = self.random.one_of(&self.keypairs);
        match self.random.below(12) {
            0 => pair = self.random.array(),
            1 => pair = [self.random.one_of(&[0, 0xff]); 64],
            2 => pair[self.random.below(64) as usize] ^= 1 << self.random.below(8),
            3 => pair[32..].copy_from_slice(&self.random.one_of(&self.keypairs)[32..]),
            4 => {
                pair = keypair(self.random.array());
                let place = self.random.below(self.keypairs.len() as u64) as usize;
                self.keypairs[place] = pair;
            }
            _ => {}
        }
        self.exports.put(self.fixed[0], &pair);
        self.model.keypair = pair;
    }

    /// A message with the signature of one of the keys, and its public key.
    fn write_signed(&mut self) {
        let pair = self.random.one_of(&self.keypairs);
        if let Some((public_key, signature)) = self.model.signed_message(&pair) {
            self.put_public_key(public_key);
            self.put_signature(signature);
        }
    }

    fn write_public_key(&mut self) {
        let mut public_key: [u8; 32] = self.random.array();
        match self.random.below(6) {
            0 => public_key = [self.random.one_of(&[0, 0xff]); 32],
            1 => {
                // The neutral element, of small order.
                public_key = [0; 32];
                public_key[0] = 1;
            }
            2 => {
                public_key = self.model.public_key;
                public_key[self.random.below(32) as usize] ^= 1 << self.random.below(8);
            }
            3 | 4 => public_key.copy_from_slice(&self.random.one_of(&self.keypairs)[32..]),
            _ => {}
        }
        self.put_public_key(public_key);
    }

    fn write_signature(&mut self) {
        let mut signature = self.model.signature;
        match self.random.below(4) {
            0 => signature = self.random.array(),
            1 => signature = [self.random.one_of(&[0, 0xff]); 64],
            _ => signature[self.random.below(64) as usize] ^= 1 << self.random.below(8),
        }
        self.put_signature(signature);
    }

    fn put_public_key(&mut self, public_key: [u8; 32]) {
        self.exports.put(self.fixed[2], &public_key);
        self.model.public_key = public_key;
    }

    fn put_signature(&mut self, signature: [u8; 64]) {
        self.exports.put(self.fixed[1], &signature);
        self.model.signature = signature;
    }

    fn write_message(&mut self) {
        if let Ok(message) = &mut self.model.message {
            let bytes = self.random.bytes(message.len().min(600));
            self.exports.put(self.model.message_at, &bytes);
            message[..bytes.len()].copy_from_slice(&bytes);
        }
    }

    fn write_batch(&mut self) {
        let Ok(batch) = &mut self.model.batch else { return };
        let count = batch.count as u64;
        let total = batch.room.len() as u64 - 4 * count;
        let mut lengths: Vec<u32> = Vec::with_capacity(batch.count);
        let mut rest = total;
        for n in 0..count {
            let length = if n + 1 == count { rest } else { self.random.below(rest / 2 + 2).min(rest) };
            rest -= length;
            lengths.push(length as u32);
        }
        // Now most are right; some are made wrong.
        if count > 0 {
            let (one, other) = (self.random.below(count) as usize, self.random.below(count) as usize);
            match self.random.below(8) {
                0 => lengths[one] = self.random.next() as u32,
                1 => lengths[one] = lengths[one].wrapping_sub(1),
                // The sum is 2^32 more than it should be, or as it should be.
                2 => {
                    let much = self.random.one_of(&[u32::MAX, 1 << 31, 0x7fff_ffff]);
                    lengths[one] = lengths[one].wrapping_add(much);
                    lengths[other] = lengths[other].wrapping_sub(much);
                }
                _ => {}
            }
        }
        let mut bytes: Vec<u8> = lengths.iter().flat_map(|length| length.to_le_bytes()).collect();
        bytes.extend(self.random.bytes(total.min(600) as usize));
        self.exports.put(batch.at, &bytes);
        batch.room[..bytes.len()].copy_from_slice(&bytes);
    }

    fn change_limit(&mut self) {
        self.is_limited = self.random.below(2) == 0;
        let pages = self.exports.memory().len() / 65_536;
        let more = self.random.below(4) as usize;
        self.exports.limit_memory(self.is_limited.then_some(pages + more));
    }

    // Numbers for arguments

    fn length(&mut self) -> u32 {
        let max = MAX_LEN as u32;
        match self.random.below(100) {
            0..60 => self.random.below(300) as u32,
            60..70 => self.random.one_of(&[0, 1, 63, 64, 65, 111, 112, 127, 128, 129, 4095, 4096, 4097]),
            70..75 => self.random.below(200_000) as u32,
            75 if self.random.below(50) == 0 => self.random.one_of(&[max - 1, max]),
            75..80 => max + 1 + self.random.below(1 << 16) as u32,
            _ => self.hostile_number(),
        }
    }

    fn batch_count(&mut self) -> u32 {
        match self.random.below(100) {
            0..80 => self.random.below(9) as u32,
            80..82 => self.random.below(200) as u32,
            82 if self.random.below(50) == 0 => self.random.below(MAX_BATCH_COUNT as u64 + 1) as u32,
            83..90 => MAX_BATCH_COUNT as u32 + 1 + self.random.below(9) as u32,
            _ => self.hostile_number(),
        }
    }

    /// Over every cap. Times 4 or 64 most of them are small again.
    fn hostile_number(&mut self) -> u32 {
        let power = 1u32 << self.random.one_of(&[25, 26, 27, 29, 30, 31]);
        let less = self.random.below(4) as u32;
        match self.random.below(4) {
            0 => power + less,
            1 => power - 1 - less,
            2 => 0u32.wrapping_sub(1 + less),
            _ => self.random.next() as u32 | 1 << 25,
        }
    }

    // Looking

    fn bytes(&self, at: u32, len: usize) -> &[u8] {
        let memory = self.exports.memory();
        let bytes = memory.get(at as usize..).and_then(|rest| rest.get(..len));
        bytes.unwrap_or_else(|| panic!("{len} bytes at {at} are not in memory, which has {}", memory.len()))
    }

    /// The buffers as the model has them: where each is, and what it holds.
    fn buffers(&self) -> impl Iterator<Item = (&'static str, u32, &[u8])> {
        let [keypair, signature, public_key] = self.fixed;
        let Model { message, batch, .. } = &self.model;
        let fixed = [
            ("the key buffer", keypair, &self.model.keypair[..]),
            ("the signature", signature, &self.model.signature),
            ("the public key", public_key, &self.model.public_key),
        ];
        let message = message.iter().map(|message| ("the message", self.model.message_at, message.as_slice()));
        fixed.into_iter().chain(message).chain(batch.iter().map(|batch| ("the batch", batch.at, batch.room.as_slice())))
    }

    /// Nothing was written where nothing should be.
    fn look_at_buffers(&self) {
        for (name, at, wanted) in self.buffers() {
            let looked_at = wanted.len().min(1000);
            assert!(self.bytes(at, looked_at) == &wanted[..looked_at], "{name}");
            self.check_apart(at, wanted.len());
        }
    }

    /// No buffer overlaps this one, which may be one of them.
    fn check_apart(&self, at: u32, len: usize) {
        for (name, other, bytes) in self.buffers() {
            let (other, other_len) = (other as usize, bytes.len());
            let apart = at as usize + len <= other || other + other_len <= at as usize;
            let same = (other, other_len) == (at as usize, len);
            assert!(apart || same, "{len} bytes at {at}, {name} of {other_len} at {other}");
        }
    }
}

fn fixed(exports: &mut Exports) -> [u32; 3] {
    ["get_signing_key_ptr", "get_signature_ptr", "get_public_key_ptr"].map(|export| exports.call(export, ()))
}

//! The exports: the ABI of `token-signer`, without `verify` and `verify_strict`.
//!
//! A *status* is 0 for success, or the number of a [`ErrorCode`].

use core::cell::UnsafeCell;
use core::ptr;

use signer_abi::{ErrorCode, MAX_MESSAGE_LEN};

use crate::Lanes;
use crate::instance::Instance;
use crate::room::LinearMemory;

struct TheInstance(UnsafeCell<Instance<Lanes, LinearMemory>>);

// SAFETY: the module is built without threads, so that nothing is ever shared between two.
unsafe impl Sync for TheInstance {}

static INSTANCE: TheInstance = TheInstance(UnsafeCell::new(Instance::new(LinearMemory)));

fn instance() -> &'static mut Instance<Lanes, LinearMemory> {
    // SAFETY: every export calls this once, none calls another, and the module has one thread: no two are alive.
    unsafe { &mut *INSTANCE.0.get() }
}

/// The version of this ABI: 1.
#[unsafe(no_mangle)]
pub extern "C" fn abi_version() -> u32 {
    1
}

/// The longest message, in bytes, and the most that the messages of a batch may have together: 16 MiB.
#[unsafe(no_mangle)]
pub extern "C" fn max_message_len() -> u32 {
    MAX_MESSAGE_LEN as u32
}

/// Where to write the keypair: 64 bytes, the secret seed of 32, then its public key of 32. The buffer belongs to the
/// module and never moves.
#[unsafe(no_mangle)]
pub extern "C" fn get_signing_key_ptr() -> *const u8 {
    instance().keypair.as_ptr()
}

/// Where to read the signature: 64 bytes, all zero where signing was refused. The buffer belongs to the module and never
/// moves.
#[unsafe(no_mangle)]
pub extern "C" fn get_signature_ptr() -> *const u8 {
    instance().signature.as_ptr()
}

/// Where to write, or read, a public key of 32 bytes. The buffer belongs to the module and never moves.
#[unsafe(no_mangle)]
pub extern "C" fn get_public_key_ptr() -> *const u8 {
    instance().public_key.as_ptr()
}

/// Makes room for a message of `len` bytes, and says where. The room is zeroed, belongs to the module, and replaces the
/// last message's. 0 where `len` is over 16 MiB or memory cannot grow: there is no message then. Never 0 for a length
/// of 0.
///
/// Linear memory may grow in this call, and then every view that the host has of it is stale.
#[unsafe(no_mangle)]
pub extern "C" fn allocate_message(len: usize) -> *mut u8 {
    instance().allocate_message(len).unwrap_or(ptr::null_mut())
}

/// Signs the message with the keypair in the buffer; the signature is then in its own buffer. Traps where
/// [`try_sign`] gives a status other than 0.
#[unsafe(no_mangle)]
pub extern "C" fn sign() {
    if instance().sign().is_err() {
        core::arch::wasm32::unreachable();
    }
}

/// As [`sign`], with a status instead of a trap. Status: OK, `SELF_TEST_FAILED`, `KEY_PAIR_MISMATCH`, `NO_MESSAGE`, or why
/// there is no message: `MESSAGE_TOO_LARGE`, `OUT_OF_MEMORY`.
#[unsafe(no_mangle)]
pub extern "C" fn try_sign() -> u32 {
    ErrorCode::status_of(instance().sign())
}

/// Writes the public key of the seed, which is the first half of the key buffer, to the public-key buffer. Status: OK,
/// `SELF_TEST_FAILED`.
#[unsafe(no_mangle)]
pub extern "C" fn derive_public_key() -> u32 {
    ErrorCode::status_of(instance().derive_public_key())
}

/// Checks the pair in the key buffer, expands it and holds it; zeroes the key buffer. The key that was held is dropped
/// first, also where the new one is refused. Status: OK, `SELF_TEST_FAILED`, `KEY_PAIR_MISMATCH`.
#[unsafe(no_mangle)]
pub extern "C" fn load_key() -> u32 {
    ErrorCode::status_of(instance().load_key())
}

/// Signs the message with the held key. Status: OK, `SELF_TEST_FAILED`, `NO_KEY`, `NO_MESSAGE`, or why there is no message.
#[unsafe(no_mangle)]
pub extern "C" fn sign_loaded() -> u32 {
    ErrorCode::status_of(instance().sign_loaded())
}

/// Makes room for a batch, and says where: `count` lengths, u32 little-endian each, then the messages end to end,
/// `total_len` bytes in all. Replaces the last batch and drops its signatures. 0 where there are over 4096 messages or
/// 16 MiB of them, or memory cannot grow. Never 0 for an empty batch.
#[unsafe(no_mangle)]
pub extern "C" fn allocate_batch(count: usize, total_len: usize) -> *mut u8 {
    instance()
        .allocate_batch(count, total_len)
        .unwrap_or(ptr::null_mut())
}

/// Signs every message of the batch with the held key, or none of them. Status: OK, `SELF_TEST_FAILED`, `NO_KEY`,
/// `NO_MESSAGE` (no batch), `BATCH_LAYOUT`, or why there is no batch: `BATCH_LAYOUT`, `MESSAGE_TOO_LARGE`, `OUT_OF_MEMORY`.
#[unsafe(no_mangle)]
pub extern "C" fn sign_batch() -> u32 {
    ErrorCode::status_of(instance().sign_batch())
}

/// Where to read the signatures of the batch, 64 bytes each in the order of the messages; 0 where the last batch was not
/// signed. They live until the next batch or wipe.
#[unsafe(no_mangle)]
pub extern "C" fn get_batch_signatures_ptr() -> *const u8 {
    instance().batch_signatures().unwrap_or(ptr::null())
}

/// Clears every buffer, the held key, and what signing left on the stack and in the module's own memory.
#[unsafe(no_mangle)]
pub extern "C" fn wipe() {
    instance().wipe();
}

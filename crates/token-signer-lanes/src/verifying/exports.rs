//! The exports of the verifier.
//!
//! A batch is, for each signature, the public key (32 bytes), the signature (64) and the message's length (u32,
//! little-endian), and then all messages end to end. There is a verdict for each, a byte: 1 where the signature is right.

use core::cell::UnsafeCell;
use core::ptr;

use signer_abi::{ErrorCode, MAX_MESSAGE_LEN};

use crate::Lanes;
use crate::room::LinearMemory;
use crate::verifying::HELD_KEYS;
use crate::verifying::instance::Instance;

struct TheInstance(UnsafeCell<Instance<Lanes, LinearMemory>>);

// SAFETY: the module is built without threads, so that nothing is ever shared between two.
unsafe impl Sync for TheInstance {}

static INSTANCE: TheInstance = TheInstance(UnsafeCell::new(Instance::new(LinearMemory)));

fn instance() -> &'static mut Instance<Lanes, LinearMemory> {
    // SAFETY: every export calls this once, none calls another, and the module has one thread: no two are alive.
    unsafe { &mut *INSTANCE.0.get() }
}

/// The version of this ABI.
#[unsafe(no_mangle)]
pub extern "C" fn verifier_abi_version() -> u32 {
    1
}

/// The most bytes that the messages of a batch may have together.
#[unsafe(no_mangle)]
pub extern "C" fn max_message_len() -> u32 {
    MAX_MESSAGE_LEN as u32
}

/// How many keys are held at most. When one more comes, the one that was used least recently goes.
#[unsafe(no_mangle)]
pub extern "C" fn max_held_keys() -> u32 {
    HELD_KEYS as u32
}

/// Where the host writes the public key for [`hold_key`]: 32 bytes.
#[unsafe(no_mangle)]
pub extern "C" fn get_public_key_ptr() -> *const u8 {
    instance().public_key.as_ptr()
}

/// Checks the public key in its buffer, builds its table and holds it: its number, from 1 on. 0 if it is no point, or there is no
/// memory for its table. A key that keeps coming in batches is held without being asked for.
#[unsafe(no_mangle)]
pub extern "C" fn hold_key() -> u32 {
    instance().hold_key().unwrap_or(0) as u32
}

/// Room for a batch of so many signatures, and of so many bytes of messages: where it is, or 0.
#[unsafe(no_mangle)]
pub extern "C" fn allocate_verify_batch(count: usize, total_len: usize) -> *mut u8 {
    instance().allocate(count, total_len).unwrap_or(ptr::null_mut())
}

/// Verifies the batch as `verify` of `token-signer` does.
#[unsafe(no_mangle)]
pub extern "C" fn verify_batch() -> u32 {
    ErrorCode::status_of(instance().verify(false))
}

/// Verifies the batch as `verify_strict` of `token-signer` does.
#[unsafe(no_mangle)]
pub extern "C" fn verify_batch_strict() -> u32 {
    ErrorCode::status_of(instance().verify(true))
}

/// Where the verdicts are, or 0 if the batch was not verified.
#[unsafe(no_mangle)]
pub extern "C" fn get_verdicts_ptr() -> *const u8 {
    instance().verdicts().unwrap_or(ptr::null())
}

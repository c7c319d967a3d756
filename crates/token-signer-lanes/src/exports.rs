//! The exports: the ABI of `token-signer`, which says what each does, without `verify` and `verify_strict`.
//!
//! Besides, whatever signs, derives or takes a key can give `SELF_TEST_FAILED`.

#![allow(missing_docs, reason = "they are those of token-signer")]

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

#[unsafe(no_mangle)]
pub extern "C" fn abi_version() -> u32 {
    1
}

#[unsafe(no_mangle)]
pub extern "C" fn max_message_len() -> u32 {
    MAX_MESSAGE_LEN as u32
}

#[unsafe(no_mangle)]
pub extern "C" fn get_signing_key_ptr() -> *const u8 {
    instance().keypair.as_ptr()
}

#[unsafe(no_mangle)]
pub extern "C" fn get_signature_ptr() -> *const u8 {
    instance().signature.as_ptr()
}

#[unsafe(no_mangle)]
pub extern "C" fn get_public_key_ptr() -> *const u8 {
    instance().public_key.as_ptr()
}

#[unsafe(no_mangle)]
pub extern "C" fn allocate_message(len: usize) -> *mut u8 {
    instance().allocate_message(len).unwrap_or(ptr::null_mut())
}

/// Traps where [`try_sign`] gives a status other than 0.
#[unsafe(no_mangle)]
pub extern "C" fn sign() {
    if instance().sign().is_err() {
        core::arch::wasm32::unreachable();
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn try_sign() -> u32 {
    ErrorCode::status_of(instance().sign())
}

#[unsafe(no_mangle)]
pub extern "C" fn derive_public_key() -> u32 {
    ErrorCode::status_of(instance().derive_public_key())
}

#[unsafe(no_mangle)]
pub extern "C" fn load_key() -> u32 {
    ErrorCode::status_of(instance().load_key())
}

#[unsafe(no_mangle)]
pub extern "C" fn sign_loaded() -> u32 {
    ErrorCode::status_of(instance().sign_loaded())
}

#[unsafe(no_mangle)]
pub extern "C" fn allocate_batch(count: usize, total_len: usize) -> *mut u8 {
    instance().allocate_batch(count, total_len).unwrap_or(ptr::null_mut())
}

#[unsafe(no_mangle)]
pub extern "C" fn sign_batch() -> u32 {
    ErrorCode::status_of(instance().sign_batch())
}

#[unsafe(no_mangle)]
pub extern "C" fn get_batch_signatures_ptr() -> *const u8 {
    instance().batch_signatures().unwrap_or(ptr::null())
}

#[unsafe(no_mangle)]
pub extern "C" fn wipe() {
    instance().wipe();
}

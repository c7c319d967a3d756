//! What a host calls. Names, meanings and statuses are those of `token-signer`, which has the batches besides.
//!
//! The first call that signs, derives or takes a key signs a known answer before; where that comes out wrong, these
//! calls give `SELF_TEST_FAILED` and `sign` traps.

#![allow(unsafe_code)] // `no_mangle`: no other symbol of the program may have these names
#![allow(missing_docs, reason = "they are those of token-signer")]

use core::ptr;

use crate::instance::{BUFFERS, State};
use crate::key::{Key, halves};
use crate::{MAX_MESSAGE_LEN, SIGNATURE_LEN};
use signer_abi::ErrorCode;

/// How much of the stack is cleared, in bytes: more than any call uses.
#[cfg(not(feature = "without-wipe"))]
const BURNED_STACK_LEN: usize = 64 * 1024;

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
    BUFFERS.with(|buffers| buffers.keypair.as_ptr())
}

#[unsafe(no_mangle)]
pub extern "C" fn get_signature_ptr() -> *const u8 {
    BUFFERS.with(|buffers| buffers.signature.as_ptr())
}

#[unsafe(no_mangle)]
pub extern "C" fn get_public_key_ptr() -> *const u8 {
    BUFFERS.with(|buffers| buffers.public_key.as_ptr())
}

#[unsafe(no_mangle)]
pub extern "C" fn allocate_message(len: usize) -> *mut u8 {
    State::with(|state| state.allocate_message(len)).unwrap_or(ptr::null_mut())
}

/// Traps where [`try_sign`] gives a status other than 0.
#[unsafe(no_mangle)]
pub extern "C" fn sign() {
    if try_sign() != 0 {
        crate::trap("cannot sign");
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn try_sign() -> u32 {
    sign_with(|state| {
        let key = BUFFERS.with(|buffers| Key::from_keypair(&buffers.keypair.get()))?;
        Ok(key.sign(state.message()?))
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn sign_loaded() -> u32 {
    sign_with(|state| {
        let key = state.held_key.as_ref().ok_or(ErrorCode::NoKey)?;
        Ok(key.sign(state.message()?))
    })
}

/// Zeroes the signature buffer first, so that a refusal leaves no signature behind.
fn sign_with(signer: impl FnOnce(&State) -> Result<[u8; SIGNATURE_LEN], ErrorCode>) -> u32 {
    BUFFERS.with(|buffers| {
        buffers.signature.set([0; SIGNATURE_LEN]);
        ErrorCode::status_of(State::with(|state| {
            state.self_test.passed()?;
            buffers.signature.set(signer(state)?);
            Ok(())
        }))
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn load_key() -> u32 {
    BUFFERS.with(|buffers| {
        let keypair = buffers.keypair.get();
        buffers.keypair.clear();
        ErrorCode::status_of(State::with(|state| {
            state.held_key = None;
            state.self_test.passed()?;
            state.held_key = Some(Key::from_keypair(&keypair)?);
            Ok(())
        }))
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn derive_public_key() -> u32 {
    BUFFERS.with(|buffers| {
        ErrorCode::status_of(State::with(|state| {
            state.self_test.passed()?;
            let (seed, _) = halves(&buffers.keypair.get());
            buffers.public_key.set(Key::from_seed(&seed).public);
            Ok(())
        }))
    })
}

#[cfg(feature = "verify")]
#[unsafe(no_mangle)]
pub extern "C" fn verify() -> u32 {
    verify_by(false)
}

#[cfg(feature = "verify")]
#[unsafe(no_mangle)]
pub extern "C" fn verify_strict() -> u32 {
    verify_by(true)
}

#[cfg(feature = "verify")]
fn verify_by(strict: bool) -> u32 {
    BUFFERS.with(|buffers| {
        let (public_key, signature) = (buffers.public_key.get(), buffers.signature.get());
        ErrorCode::status_of(State::with(|state| {
            if crate::verifying::verify(&public_key, state.message()?, &signature, strict) {
                Ok(())
            } else {
                Err(ErrorCode::SignatureInvalid)
            }
        }))
    })
}

#[unsafe(no_mangle)]
pub extern "C" fn wipe() {
    // Nothing but calls: a frame of this function's own would lie above what is burned, where others had theirs.
    #[cfg(not(feature = "without-wipe"))]
    {
        clear();
        signer_abi::burn_stack::<BURNED_STACK_LEN>();
    }
}

#[cfg(not(feature = "without-wipe"))]
#[inline(never)]
fn clear() {
    BUFFERS.with(|buffers| {
        buffers.keypair.clear();
        buffers.signature.clear();
        buffers.public_key.clear();
    });
    State::with(State::clear);
    #[cfg(all(feature = "verify", not(feature = "std")))]
    crate::arena::clear();
}

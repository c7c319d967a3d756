//! What a host calls. Names, meanings and statuses are those of `token-signer`, which has the batches besides.
//!
//! A *status* is 0 for success, or the number of the code in `token_signer_core::CODES`. The first call that signs,
//! derives or takes a key signs a known answer before; where that comes out wrong, these calls give
//! `SELF_TEST_FAILED` and `sign` traps.

#![allow(unsafe_code)] // `no_mangle`: no other symbol of the program may have these names

use core::ptr;

use crate::instance::{BUFFERS, State};
use crate::key::{Key, halves};
use crate::{MAX_MESSAGE_LEN, SIGNATURE_LEN};
use signer_abi::ErrorCode;

/// How much of the stack is cleared, in bytes: more than any call uses.
#[cfg(not(feature = "without-wipe"))]
const BURNED_STACK_LEN: usize = 64 * 1024;

/// The version of this ABI: 1.
#[unsafe(no_mangle)]
pub extern "C" fn abi_version() -> u32 {
    1
}

/// The longest message, in bytes: 16 MiB.
#[unsafe(no_mangle)]
pub extern "C" fn max_message_len() -> u32 {
    MAX_MESSAGE_LEN as u32
}

/// Where to write the keypair: 64 bytes, the secret seed of 32, then its public key of 32. The buffer
/// belongs to the module and never moves.
#[unsafe(no_mangle)]
pub extern "C" fn get_signing_key_ptr() -> *const u8 {
    BUFFERS.with(|buffers| buffers.keypair.as_ptr())
}

/// Where to read the signature, or to write one to be verified: 64 bytes, all zero where signing was refused. The
/// buffer belongs to the module and never moves.
#[unsafe(no_mangle)]
pub extern "C" fn get_signature_ptr() -> *const u8 {
    BUFFERS.with(|buffers| buffers.signature.as_ptr())
}

/// Where to write, or read, a public key of 32 bytes. The buffer belongs to the module and never moves.
#[unsafe(no_mangle)]
pub extern "C" fn get_public_key_ptr() -> *const u8 {
    BUFFERS.with(|buffers| buffers.public_key.as_ptr())
}

/// Makes room for a message of `len` bytes, and says where. The room is zeroed, belongs to the module, and
/// replaces the last message's. 0 where `len` is over 16 MiB or memory cannot grow: there is no message
/// then. Never 0 for a length of 0.
///
/// Linear memory may grow in this call, and then every view that the host has of it is stale.
#[unsafe(no_mangle)]
pub extern "C" fn allocate_message(len: usize) -> *mut u8 {
    State::with(|state| state.allocate_message(len)).unwrap_or(ptr::null_mut())
}

/// Signs the message with the keypair in the buffer; the signature is then in its own buffer.
///
/// # Panics
///
/// Where [`try_sign`] gives a status. In a module a panic is a trap: the host gets an error and must not use the
/// instance again.
#[unsafe(no_mangle)]
pub extern "C" fn sign() {
    if try_sign() != 0 {
        crate::trap("cannot sign");
    }
}

/// As [`sign`], with a status instead of a trap. Status: OK, `SELF_TEST_FAILED`, `KEY_PAIR_MISMATCH`,
/// `NO_MESSAGE`, or why there is no message: `MESSAGE_TOO_LARGE`, `OUT_OF_MEMORY`.
#[unsafe(no_mangle)]
pub extern "C" fn try_sign() -> u32 {
    sign_with(|state| {
        let key = BUFFERS.with(|buffers| Key::from_keypair(&buffers.keypair.get()))?;
        Ok(key.sign(state.message()?))
    })
}

/// Signs the message with the held key. Status: OK, `SELF_TEST_FAILED`, `NO_KEY`, `NO_MESSAGE`, or why there is no
/// message.
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

/// Checks the pair in the key buffer, expands it and holds it; zeroes the key buffer. The key that was held
/// is dropped first, also where the new one is refused. Status: OK, `SELF_TEST_FAILED`, `KEY_PAIR_MISMATCH`.
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

/// Writes the public key of the seed, which is the first half of the key buffer, to the public-key buffer.
/// Status: OK, `SELF_TEST_FAILED`.
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

/// Verifies the signature in its buffer, of the message, by the public key in its buffer. Status: OK,
/// `SIGNATURE_INVALID` (also for a public key that is no point), or why there is no message.
#[cfg(feature = "verify")]
#[unsafe(no_mangle)]
pub extern "C" fn verify() -> u32 {
    verify_by(false)
}

/// As [`verify`], but an R that is no point, and an R or a public key of small order, are refused too.
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

/// Clears every buffer, the message, the held key, and what signing left on the stack.
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

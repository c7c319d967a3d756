//! The exports beside the chapter's: errors without traps, a held key, verification, batches, wiping.
//!
//! A *status* is 0 for success, or the `status` of an [`ErrorCode`].

#![allow(unsafe_code)] // `no_mangle`: no other symbol of the program may have these names

use token_signer_core::{ErrorCode, MAX_MESSAGE_LEN, PUBLIC_KEY_LEN, SEED_LEN, SIGNATURE_LEN, SigningKey};
use zeroize::Zeroizing;

use crate::chapter::sign_with_key_buffer;
use crate::state::{BUFFERS, State};

/// How much of the stack is cleared, in bytes. Signing a batch is the deepest path and uses under half of it.
const BURNED_STACK_LEN: usize = 64 * 1024;

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

/// Where to write, or read, a public key of 32 bytes. The buffer belongs to the module and never moves.
#[unsafe(no_mangle)]
pub extern "C" fn get_public_key_ptr() -> *const u8 {
    BUFFERS.with(|buffers| buffers.public_key.as_ptr())
}

/// Writes the public key of the seed, which is the first half of the key buffer, to the public-key buffer.
/// Status: always OK.
#[unsafe(no_mangle)]
pub extern "C" fn derive_public_key() -> u32 {
    BUFFERS.with(|buffers| {
        let mut seed = Zeroizing::new([0; SEED_LEN]);
        seed.copy_from_slice(&buffers.keypair()[..SEED_LEN]);
        buffers.public_key.set(token_signer_core::derive_public_key(&seed));
    });
    ErrorCode::OK_STATUS
}

/// As [`sign`](crate::chapter::sign), with a status instead of a trap. Status: OK, `KEY_PAIR_MISMATCH`,
/// `NO_MESSAGE`, or why there is no message: `MESSAGE_TOO_LARGE`, `OUT_OF_MEMORY`.
#[unsafe(no_mangle)]
pub extern "C" fn try_sign() -> u32 {
    status(sign_with_key_buffer())
}

/// Checks the pair in the key buffer, expands it and holds it; zeroes the key buffer. The key that was held
/// is dropped first, also where the new one is refused. Status: OK, `KEY_PAIR_MISMATCH`.
#[unsafe(no_mangle)]
pub extern "C" fn load_key() -> u32 {
    let loaded = BUFFERS.with(|buffers| {
        let keypair = buffers.keypair();
        buffers.keypair.clear();
        SigningKey::from_keypair(&keypair)
    });
    status(State::with(|state| {
        state.held_key = None;
        state.held_key = Some(loaded?);
        Ok(())
    }))
}

/// Signs the message with the held key. Status: OK, `NO_KEY`, `NO_MESSAGE`, or why there is no message.
#[unsafe(no_mangle)]
pub extern "C" fn sign_loaded() -> u32 {
    BUFFERS.with(|buffers| {
        buffers.signature.set([0; SIGNATURE_LEN]);
        status(State::with(|state| {
            let key = state.held_key.as_ref().ok_or(ErrorCode::NoKey)?;
            buffers.signature.set(key.sign(state.message()?));
            Ok(())
        }))
    })
}

/// Verifies the signature in its buffer, of the message, by the public key in its buffer. Status: OK,
/// `SIGNATURE_INVALID` (also for a public key that is no point), or why there is no message.
#[unsafe(no_mangle)]
pub extern "C" fn verify() -> u32 {
    verify_by(token_signer_core::verify)
}

/// As [`verify`], but an R that is no point, and an R or a public key of small order, are refused too.
#[unsafe(no_mangle)]
pub extern "C" fn verify_strict() -> u32 {
    verify_by(token_signer_core::verify_strict)
}

/// Makes room for a batch, and says where: `count` lengths, u32 little-endian each, then the messages end to
/// end, `total_len` bytes in all. Replaces the last batch and drops its signatures. 0 where there are over
/// 4096 messages or 16 MiB of them, or memory cannot grow. Never 0 for an empty batch.
#[unsafe(no_mangle)]
pub extern "C" fn allocate_batch(count: usize, total_len: usize) -> *mut u8 {
    State::with(|state| state.allocate_batch(count, total_len)).unwrap_or(std::ptr::null_mut())
}

/// Signs every message of the batch with the held key, or none of them. Status: OK, `NO_KEY`, `NO_MESSAGE`
/// (no batch), `BATCH_LAYOUT`, `OUT_OF_MEMORY` (no room for the signatures), or why there is no batch: `BATCH_LAYOUT`,
/// `MESSAGE_TOO_LARGE`, `OUT_OF_MEMORY`.
#[unsafe(no_mangle)]
pub extern "C" fn sign_batch() -> u32 {
    status(State::with(|state| {
        state.batch_signatures = None;
        let key = state.held_key.as_ref().ok_or(ErrorCode::NoKey)?;
        let batch = state.batch.as_ref().map_err(|code| *code)?;
        state.batch_signatures = Some(key.sign_many(&batch.messages()?)?);
        Ok(())
    }))
}

/// Where to read the signatures of the batch, 64 bytes each in the order of the messages; 0 where the last
/// batch was not signed. They live until the next batch or wipe.
#[unsafe(no_mangle)]
pub extern "C" fn get_batch_signatures_ptr() -> *const u8 {
    State::with(|state| state.batch_signatures.as_ref().map_or(std::ptr::null(), |all| all.as_ptr().cast()))
}

/// Clears every buffer, the held key, and what signing left in freed memory and on the stack.
#[unsafe(no_mangle)]
pub extern "C" fn wipe() {
    // Nothing but calls: a frame of this function's own would lie above what is burned, where others had theirs.
    clear();
    signer_abi::burn_stack::<BURNED_STACK_LEN>();
}

#[inline(never)]
fn clear() {
    BUFFERS.with(crate::state::Buffers::clear);
    State::with(|state| *state = State::new());
}

type Verifier = fn(&[u8; PUBLIC_KEY_LEN], &[u8], &[u8; SIGNATURE_LEN]) -> bool;

fn verify_by(verifier: Verifier) -> u32 {
    BUFFERS.with(|buffers| {
        status(State::with(|state| {
            let valid = verifier(&buffers.public_key.get(), state.message()?, &buffers.signature.get());
            if valid { Ok(()) } else { Err(ErrorCode::SignatureInvalid) }
        }))
    })
}

fn status(result: Result<(), ErrorCode>) -> u32 {
    match result {
        Ok(()) => ErrorCode::OK_STATUS,
        // Every code that this crate returns has a status; the fallback can't be mistaken for success.
        Err(code) => code.status().unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chapter::allocate_message;

    const OK: u32 = ErrorCode::OK_STATUS;

    /// Each test gets an instance of its own: state is per thread.
    fn on_a_new_instance(test: impl FnOnce() + Send + 'static) {
        std::thread::spawn(test).join().unwrap();
    }

    fn put_keypair(seed: [u8; 32]) {
        let mut keypair = [0; 64];
        keypair[..32].copy_from_slice(&seed);
        keypair[32..].copy_from_slice(&token_signer_core::derive_public_key(&seed));
        BUFFERS.with(|buffers| buffers.keypair.set(keypair));
    }

    fn put_message(message: &[u8]) {
        let ptr = allocate_message(message.len());
        assert!(!ptr.is_null());
        // SAFETY: the export made room for that many bytes.
        unsafe { ptr.copy_from_nonoverlapping(message.as_ptr(), message.len()) };
    }

    fn put_batch(total_len: usize, lengths: &[u32], messages: &[u8]) {
        let ptr = allocate_batch(lengths.len(), total_len);
        assert!(!ptr.is_null());
        let lengths: Vec<u8> = lengths.iter().flat_map(|length| length.to_le_bytes()).collect();
        // SAFETY: the export made room for the lengths and `total_len` bytes, and no more are copied.
        unsafe {
            ptr.copy_from_nonoverlapping(lengths.as_ptr(), lengths.len());
            ptr.add(lengths.len()).copy_from_nonoverlapping(messages.as_ptr(), messages.len().min(total_len));
        }
    }

    #[test]
    fn a_held_key_signs_as_a_passed_one_does_and_leaves_the_key_buffer_empty() {
        on_a_new_instance(|| {
            put_message(b"hello");
            put_keypair([5; 32]);
            assert_eq!(try_sign(), OK);
            let passed = BUFFERS.with(|buffers| buffers.signature.get());
            assert_eq!(sign_loaded(), ErrorCode::NoKey.status().unwrap());
            assert_eq!(BUFFERS.with(|buffers| buffers.signature.get()), [0; 64]);

            assert_eq!(load_key(), OK);
            assert_eq!(BUFFERS.with(|buffers| buffers.keypair.get()), [0; 64]);
            assert_eq!(sign_loaded(), OK);
            assert_eq!(BUFFERS.with(|buffers| buffers.signature.get()), passed);
        });
    }

    #[test]
    fn a_refused_key_drops_the_held_one() {
        on_a_new_instance(|| {
            put_message(b"hello");
            put_keypair([5; 32]);
            assert_eq!(load_key(), OK);
            BUFFERS.with(|buffers| buffers.keypair.set([6; 64]));
            assert_eq!(load_key(), ErrorCode::KeyPairMismatch.status().unwrap());
            assert_eq!(sign_loaded(), ErrorCode::NoKey.status().unwrap());
        });
    }

    #[test]
    fn a_batch_is_signed_whole_or_not_at_all() {
        on_a_new_instance(|| {
            assert_eq!(sign_batch(), ErrorCode::NoKey.status().unwrap());
            put_keypair([5; 32]);
            assert_eq!(load_key(), OK);
            assert_eq!(sign_batch(), ErrorCode::NoMessage.status().unwrap());
            for lengths in [&[2u32, 3][..], &[5, 2], &[u32::MAX, 6], &[1, u32::MAX]] {
                put_batch(6, lengths, b"abcdef");
                assert_eq!(sign_batch(), ErrorCode::BatchLayout.status().unwrap(), "{lengths:?}");
                assert!(get_batch_signatures_ptr().is_null());
            }
            put_batch(6, &[2, 0, 4], b"abcdef");
            assert_eq!(sign_batch(), OK);
            // SAFETY: three signatures are there after the success.
            let signatures = unsafe { std::slice::from_raw_parts(get_batch_signatures_ptr().cast::<[u8; 64]>(), 3) };
            for (message, signature) in [&b"ab"[..], b"", b"cdef"].iter().zip(signatures) {
                put_message(message);
                assert_eq!(sign_loaded(), OK);
                assert_eq!(BUFFERS.with(|buffers| buffers.signature.get()), *signature);
            }
        });
    }

    #[test]
    fn batches_over_a_cap_are_refused_with_the_reason() {
        on_a_new_instance(|| {
            put_keypair([5; 32]);
            assert_eq!(load_key(), OK);
            assert!(allocate_batch(4097, 0).is_null());
            assert_eq!(sign_batch(), ErrorCode::BatchLayout.status().unwrap());
            assert!(allocate_batch(1, MAX_MESSAGE_LEN + 1).is_null());
            assert_eq!(sign_batch(), ErrorCode::MessageTooLarge.status().unwrap());
            assert!(!allocate_batch(0, 0).is_null());
            assert_eq!(sign_batch(), OK);
        });
    }

    #[test]
    fn verifies_what_was_signed_and_nothing_else() {
        on_a_new_instance(|| {
            assert_eq!(verify(), ErrorCode::NoMessage.status().unwrap());
            put_message(b"hello");
            put_keypair([5; 32]);
            assert_eq!(derive_public_key(), OK);
            assert_eq!(try_sign(), OK);
            assert_eq!((verify(), verify_strict()), (OK, OK));
            put_message(b"hellp");
            let invalid = ErrorCode::SignatureInvalid.status().unwrap();
            assert_eq!((verify(), verify_strict()), (invalid, invalid));
        });
    }

    #[test]
    fn a_wipe_leaves_an_instance_as_new() {
        on_a_new_instance(|| {
            put_message(b"hello");
            put_keypair([5; 32]);
            assert_eq!(derive_public_key(), OK);
            assert_eq!(try_sign(), OK);
            assert_eq!(load_key(), OK);
            wipe();
            BUFFERS.with(|buffers| {
                assert_eq!(buffers.keypair.get(), [0; 64]);
                assert_eq!(buffers.signature.get(), [0; 64]);
                assert_eq!(buffers.public_key.get(), [0; 32]);
            });
            assert_eq!(sign_loaded(), ErrorCode::NoKey.status().unwrap());
            put_keypair([5; 32]);
            assert_eq!(try_sign(), ErrorCode::NoMessage.status().unwrap());
        });
    }
}

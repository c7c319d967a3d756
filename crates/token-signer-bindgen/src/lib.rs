//! The Ed25519 token signer for JavaScript.
//!
//! ```js
//! import init, { sign_message, verify } from './pkg/token_signer.js';
//!
//! await init();
//! const message = new TextEncoder().encode('hello');
//! const signature = sign_message(message, secretKey); // 64 bytes: the seed, then the public key
//! verify(secretKey.subarray(32), message, signature); // true
//! ```
//!
//! Every function throws a real `Error`, with the stable name of what was wrong in its `code`. When a function has
//! returned or thrown, no copy of its secret is left in linear memory: what wasm-bindgen copied in is zeroed as it is
//! freed, and the stack below is burned. The caller's own array is the caller's to clear.

#![forbid(unsafe_code)]

mod refusal;

use token_signer_core::{self as core, KEYPAIR_LEN, PUBLIC_KEY_LEN, SEED_LEN, SIGNATURE_LEN, SigningKey};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use refusal::Refusal;

#[cfg(not(feature = "without-scrub"))]
#[global_allocator]
static ALLOCATOR: secret_scrub::ZeroOnFree = secret_scrub::ZeroOnFree;

/// Signs `message` with a secret key of 64 bytes: the secret seed of 32, then the public key that belongs to it.
/// Returns the signature, 64 bytes. The same message and key always give the same signature.
///
/// # Errors
///
/// Throws `KEY_LENGTH`, `KEY_PAIR_MISMATCH` or `MESSAGE_TOO_LARGE` (over 16 MiB). The key is looked at first.
#[wasm_bindgen]
pub fn sign_message(message: &[u8], secret_key_bytes: &[u8]) -> Result<Vec<u8>, JsValue> {
    scrubbed(|| sign(message, secret_key_bytes))
}

/// The public key, 32 bytes, that belongs to a secret seed of 32.
///
/// # Errors
///
/// Throws `KEY_LENGTH`.
#[wasm_bindgen]
pub fn derive_public_key(seed: &[u8]) -> Result<Vec<u8>, JsValue> {
    scrubbed(|| {
        let seed: &[u8; SEED_LEN] = seed.try_into().map_err(|_| Refusal::SeedLength)?;
        Ok(core::derive_public_key(seed).to_vec())
    })
}

/// Whether `signature` is one of `message` by the owner of `public_key`, as most libraries verify. A signature that is
/// not 64 bytes long is `false`, and so is a public key of 32 bytes that is no point of the curve.
///
/// # Errors
///
/// Throws `PUBLIC_KEY_LENGTH` or `MESSAGE_TOO_LARGE`.
#[wasm_bindgen]
pub fn verify(public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, JsValue> {
    Ok(verified(core::verify, public_key, message, signature)?)
}

/// As `verify`, and besides refuses what lets one signature fit many messages: a public key or an R of small order.
///
/// # Errors
///
/// Throws `PUBLIC_KEY_LENGTH` or `MESSAGE_TOO_LARGE`.
#[wasm_bindgen]
pub fn verify_strict(public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, JsValue> {
    Ok(verified(core::verify_strict, public_key, message, signature)?)
}

fn sign(message: &[u8], secret_key_bytes: &[u8]) -> Result<Vec<u8>, Refusal> {
    let keypair: &[u8; KEYPAIR_LEN] = secret_key_bytes.try_into().map_err(|_| Refusal::KeyLength)?;
    let key = SigningKey::from_keypair(keypair).map_err(Refusal::Key)?;
    check_length(message)?;
    Ok(key.sign(message).to_vec())
}

type Verification = fn(&[u8; PUBLIC_KEY_LEN], &[u8], &[u8; SIGNATURE_LEN]) -> bool;

fn verified(
    verification: Verification,
    public_key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<bool, Refusal> {
    let public_key = public_key.try_into().map_err(|_| Refusal::PublicKeyLength)?;
    check_length(message)?;
    Ok(signature
        .try_into()
        .is_ok_and(|signature| verification(public_key, message, signature)))
}

fn check_length(message: &[u8]) -> Result<(), Refusal> {
    if message.len() > core::MAX_MESSAGE_LEN {
        Err(Refusal::MessageTooLarge(message.len()))
    } else {
        Ok(())
    }
}

/// Does `work` with a secret, then clears what it left on the stack. The closure runs in a function of its own that is
/// never inlined, so that no secret is in the frame that is still in use when the stack below it is burned.
fn scrubbed(work: impl FnOnce() -> Result<Vec<u8>, Refusal>) -> Result<Vec<u8>, JsValue> {
    #[inline(never)]
    fn in_its_own_frame<T>(work: impl FnOnce() -> T) -> T {
        work()
    }
    let result = in_its_own_frame(work);
    #[cfg(not(feature = "without-scrub"))]
    secret_scrub::burn_stack();
    Ok(result?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keypair() -> Vec<u8> {
        let seed = [7; SEED_LEN];
        [seed, core::derive_public_key(&seed)].concat()
    }

    #[test]
    fn signs_and_verifies() {
        let signature = sign(b"hello", &keypair()).unwrap();
        for verification in [core::verify as Verification, core::verify_strict] {
            assert_eq!(
                verified(verification, &keypair()[32..], b"hello", &signature),
                Ok(true)
            );
            assert_eq!(
                verified(verification, &keypair()[32..], b"Hello", &signature),
                Ok(false)
            );
        }
    }

    #[test]
    fn a_signature_of_another_length_is_no_signature() {
        let signature = sign(b"hello", &keypair()).unwrap();
        let longer = [&signature[..], &[0]].concat();
        for wrong in [&[][..], &signature[..63], &longer] {
            assert_eq!(
                verified(core::verify, &keypair()[32..], b"hello", wrong),
                Ok(false)
            );
        }
    }

    #[test]
    fn lengths_are_checked() {
        for length in [0, 32, 63, 65, 128] {
            assert_eq!(sign(b"hello", &vec![0; length]), Err(Refusal::KeyLength));
        }
        for length in [0, 31, 33, 64] {
            let refused = verified(core::verify, &vec![0; length], b"hello", &[0; 64]);
            assert_eq!(refused, Err(Refusal::PublicKeyLength));
        }
    }

    #[test]
    fn the_key_is_looked_at_before_the_message() {
        let long = vec![0; core::MAX_MESSAGE_LEN + 1];
        assert_eq!(sign(&long, &keypair()), Err(Refusal::MessageTooLarge(long.len())));
        assert_eq!(sign(&long, &[0; 63]), Err(Refusal::KeyLength));
        let mut mixed = keypair();
        mixed[40] ^= 1;
        assert_eq!(
            sign(&long, &mixed),
            Err(Refusal::Key(core::ErrorCode::KeyPairMismatch))
        );
        assert!(sign(&long[1..], &keypair()).is_ok());
    }
}

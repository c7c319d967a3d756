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
//! Bytes are a `Uint8Array` and nothing else: text, an array of numbers, and an object that only looks like one are a
//! `TypeError`. Every other error is a real `Error` with the stable name of what was wrong in its `code`. When a
//! function has returned or thrown, no copy of its secret is left in linear memory: what was copied in is zeroed as it is
//! freed, and the stack below is burned. The caller's own array is the caller's to clear.

#![forbid(unsafe_code)]

mod bytes;
mod refusal;

use token_signer_core::{self as core, PUBLIC_KEY_LEN, SIGNATURE_LEN, SigningKey};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

use bytes::{Bytes, JsBytes};
use refusal::Refusal;

/// How much of the stack is cleared, in bytes. Signing a batch is the deepest path and uses under half of it.
#[cfg(not(feature = "without-scrub"))]
const BURNED_STACK_LEN: usize = 64 * 1024;

#[cfg(not(feature = "without-scrub"))]
#[global_allocator]
static ALLOCATOR: secret_scrub::ZeroOnFree = secret_scrub::ZeroOnFree;

/// Signs `message` with a secret key of 64 bytes: the secret seed of 32, then the public key that belongs to it.
/// Returns the signature, 64 bytes. The same message and key always give the same signature.
///
/// # Errors
///
/// Throws `KEY_LENGTH`, `KEY_PAIR_MISMATCH` or `MESSAGE_TOO_LARGE` (over 16 MiB), and a `TypeError` for a value that
/// is not a `Uint8Array`: text goes through `new TextEncoder().encode(text)`. The key is looked at first.
#[wasm_bindgen]
pub fn sign_message(
    #[wasm_bindgen(unchecked_param_type = "Uint8Array")] message: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Uint8Array")] secret_key_bytes: &JsValue,
) -> Result<Vec<u8>, JsValue> {
    let secret_key_bytes = JsBytes::new("Secret key must be a Uint8Array", secret_key_bytes)?;
    let message = JsBytes::new("Message must be a Uint8Array", message)?;
    scrubbed(|| sign(&message, &secret_key_bytes))
}

/// The public key, 32 bytes, that belongs to a secret seed of 32.
///
/// # Errors
///
/// Throws `KEY_LENGTH`, and a `TypeError` for a value that is not a `Uint8Array`.
#[wasm_bindgen]
pub fn derive_public_key(
    #[wasm_bindgen(unchecked_param_type = "Uint8Array")] seed: &JsValue,
) -> Result<Vec<u8>, JsValue> {
    let seed = JsBytes::new("Seed must be a Uint8Array", seed)?;
    scrubbed(|| Ok(core::derive_public_key(&seed.to_array(Refusal::SeedLength)?).to_vec()))
}

/// Whether `signature` is one of `message` by the owner of `public_key`, as most libraries verify. A signature that is
/// not 64 bytes long is `false`, and so is a public key of 32 bytes that is no point of the curve.
///
/// # Errors
///
/// Throws `PUBLIC_KEY_LENGTH` or `MESSAGE_TOO_LARGE`, and a `TypeError` for a value that is not a `Uint8Array`.
#[wasm_bindgen]
pub fn verify(
    #[wasm_bindgen(unchecked_param_type = "Uint8Array")] public_key: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Uint8Array")] message: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Uint8Array")] signature: &JsValue,
) -> Result<bool, JsValue> {
    verified_js(core::verify, public_key, message, signature)
}

/// As `verify`, and besides refuses what lets one signature fit many messages: a public key or an R of small order.
///
/// # Errors
///
/// Throws `PUBLIC_KEY_LENGTH` or `MESSAGE_TOO_LARGE`, and a `TypeError` for a value that is not a `Uint8Array`.
#[wasm_bindgen]
pub fn verify_strict(
    #[wasm_bindgen(unchecked_param_type = "Uint8Array")] public_key: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Uint8Array")] message: &JsValue,
    #[wasm_bindgen(unchecked_param_type = "Uint8Array")] signature: &JsValue,
) -> Result<bool, JsValue> {
    verified_js(core::verify_strict, public_key, message, signature)
}

fn sign<B: Bytes>(message: &B, secret_key_bytes: &B) -> Result<Vec<u8>, B::Error> {
    let keypair = secret_key_bytes.to_array(Refusal::KeyLength)?;
    let key = SigningKey::from_keypair(&keypair).map_err(Refusal::Key)?;
    check_length(message)?;
    Ok(key.sign(&message.to_vec()?).to_vec())
}

type Verification = fn(&[u8; PUBLIC_KEY_LEN], &[u8], &[u8; SIGNATURE_LEN]) -> bool;

fn verified_js(
    verification: Verification,
    public_key: &JsValue,
    message: &JsValue,
    signature: &JsValue,
) -> Result<bool, JsValue> {
    verified(
        verification,
        &JsBytes::new("Public key must be a Uint8Array", public_key)?,
        &JsBytes::new("Message must be a Uint8Array", message)?,
        &JsBytes::new("Signature must be a Uint8Array", signature)?,
    )
}

fn verified<B: Bytes>(
    verification: Verification,
    public_key: &B,
    message: &B,
    signature: &B,
) -> Result<bool, B::Error> {
    let public_key = public_key.to_array(Refusal::PublicKeyLength)?;
    check_length(message)?;
    if signature.len() != SIGNATURE_LEN {
        return Ok(false);
    }
    let mut signature_bytes = [0; SIGNATURE_LEN];
    signature.copy_to(&mut signature_bytes)?;
    Ok(verification(&public_key, &message.to_vec()?, &signature_bytes))
}

fn check_length(message: &impl Bytes) -> Result<(), Refusal> {
    if message.len() > core::MAX_MESSAGE_LEN { Err(Refusal::MessageTooLarge(message.len())) } else { Ok(()) }
}

/// Does `work` with a secret, then clears what it left on the stack. The closure runs in a function of its own that is
/// never inlined, so that no secret is in the frame that is still in use when the stack below it is burned.
fn scrubbed(work: impl FnOnce() -> Result<Vec<u8>, JsValue>) -> Result<Vec<u8>, JsValue> {
    #[inline(never)]
    fn in_its_own_frame<T>(work: impl FnOnce() -> T) -> T {
        work()
    }
    let result = in_its_own_frame(work);
    #[cfg(not(feature = "without-scrub"))]
    signer_abi::burn_stack::<BURNED_STACK_LEN>();
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keypair() -> Vec<u8> {
        let seed = [7; core::SEED_LEN];
        [seed, core::derive_public_key(&seed)].concat()
    }

    fn sign(message: &[u8], keypair: &[u8]) -> Result<Vec<u8>, Refusal> {
        super::sign(&message, &keypair)
    }

    fn verified(
        verification: Verification,
        public_key: &[u8],
        message: &[u8],
        signature: &[u8],
    ) -> Result<bool, Refusal> {
        super::verified(verification, &public_key, &message, &signature)
    }

    #[test]
    fn signs_and_verifies() {
        let signature = sign(b"hello", &keypair()).unwrap();
        for verification in [core::verify as Verification, core::verify_strict] {
            assert_eq!(verified(verification, &keypair()[32..], b"hello", &signature), Ok(true));
            assert_eq!(verified(verification, &keypair()[32..], b"Hello", &signature), Ok(false));
        }
    }

    #[test]
    fn a_signature_of_another_length_is_no_signature() {
        let signature = sign(b"hello", &keypair()).unwrap();
        let longer = [&signature[..], &[0]].concat();
        for wrong in [&[][..], &signature[..63], &longer] {
            assert_eq!(verified(core::verify, &keypair()[32..], b"hello", wrong), Ok(false));
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
        assert_eq!(sign(&long, &mixed), Err(Refusal::Key(core::ErrorCode::KeyPairMismatch)));
        assert!(sign(&long[1..], &keypair()).is_ok());
    }
}

//! The two verifications.

use ed25519_dalek::{Signature, Verifier, VerifyingKey};

use crate::{PUBLIC_KEY_LEN, SIGNATURE_LEN};

/// Verifies as most libraries do (Go, OpenSSL, dalek): S must be under the group order L, the public key
/// is decoded with y reduced modulo p, and the encoding of S·B − k·A must be the very bytes of R.
///
/// A public key that does not decode gives `false`, and so does a wrong signature.
#[must_use]
pub fn verify(public_key: &[u8; PUBLIC_KEY_LEN], message: &[u8], signature: &[u8; SIGNATURE_LEN]) -> bool {
    VerifyingKey::from_bytes(public_key).is_ok_and(|key| key.verify(message, &Signature::from_bytes(signature)).is_ok())
}

/// Verifies as [`verify`] does, and besides refuses an R that is no point and an R or a public key of
/// small order, with which one signature can be made to fit many messages.
#[must_use]
pub fn verify_strict(public_key: &[u8; PUBLIC_KEY_LEN], message: &[u8], signature: &[u8; SIGNATURE_LEN]) -> bool {
    VerifyingKey::from_bytes(public_key)
        .is_ok_and(|key| key.verify_strict(message, &Signature::from_bytes(signature)).is_ok())
}

//! What is hashed: several parts as one.

use curve25519_dalek::Scalar;
use sha2::{Digest, Sha512};

/// SHA-512 of the parts, end to end, modulo L.
#[inline(never)]
pub(crate) fn hashed(parts: &[&[u8]]) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&sha512(parts))
}

/// SHA-512 of the parts, end to end.
#[inline(never)]
pub(crate) fn sha512(parts: &[&[u8]]) -> [u8; 64] {
    let mut hash = Sha512::new();
    for part in parts {
        hash.update(part);
    }
    hash.finalize().into()
}

//! Ed25519 (RFC 8032) on the multiples of the base point: keys, and signatures by the batch.

use core::hint::black_box;

use curve25519_dalek::Scalar;
use sha2::{Digest, Sha512};

use crate::base::{AT_ONCE, Multiplier};
use crate::field::Field;

/// A key that is ready to sign.
pub(crate) struct Key {
    scalar: Scalar,
    prefix: [u8; 32],
    pub(crate) public: [u8; 32],
}

impl Key {
    /// No key.
    pub(crate) const NONE: Self = Self {
        scalar: Scalar::ZERO,
        prefix: [0; 32],
        public: [0; 32],
    };

    /// Overwrites the key.
    pub(crate) fn clear(&mut self) {
        if !cfg!(feature = "without-scrub") {
            *self = Self::NONE;
            black_box(self);
        }
    }
}

/// Computes keys and signatures. No secret is in it between two calls.
pub(crate) struct Signer<F: Field> {
    multiplier: Multiplier<F>,
    nonces: [[u8; 32]; AT_ONCE],
    points: [[u8; 32]; AT_ONCE],
}

impl<F: Field> Signer<F> {
    pub(crate) const NEW: Self = Self {
        multiplier: Multiplier::NEW,
        nonces: [[0; 32]; AT_ONCE],
        points: [[0; 32]; AT_ONCE],
    };

    /// Expands a seed into `key`, with the public key that belongs to it.
    #[inline(never)]
    pub(crate) fn expand(&mut self, seed: &[u8; 32], key: &mut Key) {
        let mut hash: [u8; 64] = Sha512::digest(seed).into();
        key.prefix.copy_from_slice(&hash[32..]);
        hash[0] &= 248;
        hash[31] = hash[31] & 63 | 64;
        hash[32..].fill(0);
        key.scalar = Scalar::from_bytes_mod_order_wide(&hash);
        self.multiplier
            .multiply(&[key.scalar.to_bytes()], core::slice::from_mut(&mut key.public));
    }

    /// Signs each message. There are as many signatures as messages.
    #[inline(never)]
    pub(crate) fn sign<'a>(
        &mut self,
        key: &Key,
        messages: impl Iterator<Item = &'a [u8]> + Clone,
        signatures: &mut [[u8; 64]],
    ) {
        let mut messages = messages;
        for signatures in signatures.chunks_mut(AT_ONCE) {
            let count = signatures.len();
            for (nonce, message) in self.nonces.iter_mut().zip(messages.clone().take(count)) {
                *nonce = hashed(&[&key.prefix, message]).to_bytes();
            }
            self.multiplier
                .multiply(&self.nonces[..count], &mut self.points[..count]);
            for (at, (signature, message)) in signatures.iter_mut().zip(&mut messages).enumerate() {
                let point = &self.points[at];
                let challenge = hashed(&[point, &key.public, message]);
                let s = challenge * key.scalar + Scalar::from_bytes_mod_order(self.nonces[at]);
                signature[..32].copy_from_slice(point);
                signature[32..].copy_from_slice(s.as_bytes());
            }
        }
    }

    /// Overwrites what the last calls have left.
    pub(crate) fn clear(&mut self) {
        if cfg!(feature = "without-scrub") {
            return;
        }
        self.multiplier.clear();
        self.nonces = [[0; 32]; AT_ONCE];
        self.points = [[0; 32]; AT_ONCE];
        black_box(self);
    }
}

/// SHA-512 of the parts, end to end, modulo L.
fn hashed(parts: &[&[u8]]) -> Scalar {
    let mut hash = Sha512::new();
    for part in parts {
        hash.update(part);
    }
    Scalar::from_bytes_mod_order_wide(&hash.finalize().into())
}

//! Ed25519 (RFC 8032) on the multiples of the base point: keys, and signatures by the batch.

use core::hint::black_box;

use curve25519_dalek::Scalar;
use scalar_product::multiply_add;

use crate::base::{AT_ONCE, Multiplier};
use crate::field::Field;
use crate::hash::{hashed, sha512};
use crate::messages::Messages;
use signer_abi::ErrorCode;

/// Whether every signature is computed again, another way. A const, so that builds without the check pay nothing.
const CHECKS: bool = cfg!(any(feature = "verify-after-sign", test));

/// The most messages that are signed together: the check needs a place for the key.
const CHUNK: usize = AT_ONCE - CHECKS as usize;

/// A key that is ready to sign.
pub(crate) struct Key {
    scalar: Scalar,
    prefix: [u8; 32],
    pub(crate) public: [u8; 32],
}

impl Key {
    /// No key.
    pub(crate) const NONE: Self = Self { scalar: Scalar::ZERO, prefix: [0; 32], public: [0; 32] };

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
    nonces: [Scalar; AT_ONCE],
    points: [[u8; 32]; AT_ONCE],
    #[cfg(test)]
    pub(crate) fault_in_the_second_pass: bool,
}

impl<F: Field> Signer<F> {
    pub(crate) const NEW: Self = Self {
        multiplier: Multiplier::NEW,
        nonces: [Scalar::ZERO; AT_ONCE],
        points: [[0; 32]; AT_ONCE],
        #[cfg(test)]
        fault_in_the_second_pass: false,
    };

    /// Expands a seed into `key`, with the public key that belongs to it.
    #[inline(never)]
    pub(crate) fn expand(&mut self, seed: &[u8; 32], key: &mut Key) {
        let mut hash = sha512(&[seed]);
        key.prefix.copy_from_slice(&hash[32..]);
        hash[0] &= 248;
        hash[31] = hash[31] & 63 | 64;
        hash[32..].fill(0);
        key.scalar = Scalar::from_bytes_mod_order_wide(&hash);
        self.multiplier.multiply(&[key.scalar], core::slice::from_mut(&mut key.public));
    }

    /// Signs each message. There are as many signatures as messages.
    ///
    /// With `verify-after-sign`, every signature is computed twice, the second time in another lane and by other entries of
    /// the table, and compared; and the public key is computed from the key again.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::SelfTestFailed`] where the two differ: something is wrong with the machine. All signatures are zero then,
    /// because from a faulty one and a good one of the same message the key can be computed.
    #[inline(never)]
    pub(crate) fn sign(
        &mut self,
        key: &Key,
        mut messages: Messages<'_>,
        signatures: &mut [[u8; 64]],
    ) -> Result<(), ErrorCode> {
        let mut same = true;
        for signatures in signatures.chunks_mut(CHUNK) {
            self.sign_chunk(key, messages.clone(), signatures, false);
            if CHECKS {
                same &= self.sign_chunk(key, messages.clone(), signatures, true);
            }
            for _ in 0..signatures.len() {
                messages.next();
            }
        }
        if same {
            Ok(())
        } else {
            signatures.fill([0; 64]);
            Err(ErrorCode::SelfTestFailed)
        }
    }

    /// Signs up to [`CHUNK`] messages, or compares with what was signed, in the opposite order. Whether all is the same.
    #[inline(never)]
    fn sign_chunk(&mut self, key: &Key, messages: Messages<'_>, signatures: &mut [[u8; 64]], compare: bool) -> bool {
        let count = signatures.len();
        // The key is before the nonces then.
        let place = |at: usize| if compare { count - at } else { at };
        for (at, message) in messages.clone().take(count).enumerate() {
            self.nonces[place(at)] = hashed(&[&key.prefix, message]);
        }
        #[cfg(test)]
        if compare && self.fault_in_the_second_pass {
            self.nonces[1] += Scalar::ONE;
        }
        let mut differing = 0;
        if CHECKS && compare {
            self.nonces[0] = key.scalar;
            self.multiplier.multiply_otherwise(&self.nonces[..=count], &mut self.points[..=count]);
            differing |= difference(&self.points[0], &key.public);
        } else {
            self.multiplier.multiply(&self.nonces[..count], &mut self.points[..count]);
        }
        for (at, (signature, message)) in signatures.iter_mut().zip(messages).enumerate() {
            let at = place(at);
            let point = &self.points[at];
            let challenge = hashed(&[point, &key.public, message]);
            let s = multiply_add(&challenge, &key.scalar, &self.nonces[at]);
            let mut made = [0; 64];
            made[..32].copy_from_slice(point);
            made[32..].copy_from_slice(s.as_bytes());
            if compare {
                differing |= difference(&made, signature);
            } else {
                *signature = made;
            }
        }
        differing == 0
    }

    /// Overwrites what the last calls have left.
    pub(crate) fn clear(&mut self) {
        if cfg!(feature = "without-scrub") {
            return;
        }
        self.multiplier.clear();
        self.nonces = [Scalar::ZERO; AT_ONCE];
        self.points = [[0; 32]; AT_ONCE];
        black_box(self);
    }
}

/// 0 where both are the same.
fn difference<const BYTES: usize>(a: &[u8; BYTES], b: &[u8; BYTES]) -> u8 {
    a.iter().zip(b).fold(0, |bits, (a, b)| bits | (a ^ b))
}

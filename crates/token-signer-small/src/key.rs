//! Keys and signatures: RFC 8032, sections 5.1.5 and 5.1.6.

use core::hint::black_box;

use curve25519_dalek::Scalar;
use curve25519_dalek::scalar::clamp_integer;

use crate::base::mul_base;
use crate::sha512::sha512;
use crate::{KEYPAIR_LEN, PUBLIC_KEY_LEN, SEED_LEN, SIGNATURE_LEN};
use signer_abi::ErrorCode;

/// A key that is ready to sign: checked as a pair, expanded once, zeroed when dropped.
pub(crate) struct Key {
    scalar: Scalar,
    prefix: [u8; 32],
    pub(crate) public: [u8; PUBLIC_KEY_LEN],
}

impl Key {
    /// Expands a seed.
    #[inline(never)]
    pub(crate) fn from_seed(seed: &[u8; SEED_LEN]) -> Self {
        let (scalar, prefix) = halves(&sha512(&[seed]));
        let scalar = scalar_of(&clamp_integer(scalar));
        Self { public: mul_base(&scalar), scalar, prefix }
    }

    /// Takes a pair: `KeyPairMismatch` where the public half is not the one that the seed gives. A signer that took
    /// such a pair would sign with two public keys for one secret, and two such signatures reveal the secret scalar
    /// (RUSTSEC-2022-0093).
    pub(crate) fn from_keypair(keypair: &[u8; KEYPAIR_LEN]) -> Result<Self, ErrorCode> {
        let (seed, public) = halves(keypair);
        let key = Self::from_seed(&seed);
        if key.public == public { Ok(key) } else { Err(ErrorCode::KeyPairMismatch) }
    }

    /// Signs, deterministically: R, then S.
    #[inline(never)]
    pub(crate) fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_LEN] {
        let nonce = hash_to_scalar(&[&self.prefix, message]);
        let r = mul_base(&nonce);
        let challenge = hash_to_scalar(&[&r, &self.public, message]);
        let s = multiply_add(&challenge, &self.scalar, &nonce);
        joined(&r, s.as_bytes())
    }
}

impl Drop for Key {
    fn drop(&mut self) {
        self.scalar = Scalar::ZERO;
        self.prefix = [0; 32];
        self.public = [0; 32];
        black_box(self); // somebody looks: the zeros must be written
    }
}

/// SHA-512 of the parts, modulo the group's order.
#[inline(never)]
pub(crate) fn hash_to_scalar(parts: &[&[u8]]) -> Scalar {
    Scalar::from_bytes_mod_order_wide(&sha512(parts))
}

/// 32 little-endian bytes modulo the group's order. By the way of 64 bytes, which hashes take anyway: the way of 32
/// is other code, 2.6 KB of it.
#[inline(never)]
pub(crate) fn scalar_of(bytes: &[u8; 32]) -> Scalar {
    if cfg!(feature = "whole-reduction") {
        return Scalar::from_bytes_mod_order(*bytes);
    }
    Scalar::from_bytes_mod_order_wide(&joined(bytes, &[0; 32]))
}

/// `a`·`b` + `c` modulo the group's order.
fn multiply_add(a: &Scalar, b: &Scalar, c: &Scalar) -> Scalar {
    if cfg!(feature = "whole-product") {
        return a * b + c;
    }
    scalar_product::multiply_add(a, b, c)
}

pub(crate) fn halves(bytes: &[u8; 64]) -> ([u8; 32], [u8; 32]) {
    let (mut first, mut second) = ([0; 32], [0; 32]);
    first.copy_from_slice(&bytes[..32]);
    second.copy_from_slice(&bytes[32..]);
    (first, second)
}

fn joined(first: &[u8; 32], second: &[u8; 32]) -> [u8; 64] {
    let mut bytes = [0; 64];
    bytes[..32].copy_from_slice(first);
    bytes[32..].copy_from_slice(second);
    bytes
}

#[cfg(test)]
mod tests {
    use ed25519_reference as reference;
    use proptest::prelude::*;
    use token_signer_core::SigningKey;
    use vectors::strategies::{keypairs, messages, mismatched_keypairs};

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn signs_as_dalek_and_the_plain_integers_do(keypair in keypairs(), message in messages()) {
            let (seed, public) = halves(&keypair);
            let key = Key::from_keypair(&keypair).unwrap();
            prop_assert_eq!(key.public, public);
            let signature = key.sign(&message);
            prop_assert_eq!(signature, SigningKey::from_keypair(&keypair).unwrap().sign(&message));
            prop_assert_eq!(signature, reference::Key::from_seed(&seed).sign(&message));
        }

        #[test]
        fn a_mismatched_pair_is_refused(keypair in mismatched_keypairs()) {
            prop_assert_eq!(Key::from_keypair(&keypair).err(), Some(ErrorCode::KeyPairMismatch));
        }
    }

    #[test]
    fn scalars_are_reduced_at_and_around_the_order() {
        let order_less_one = (-Scalar::ONE).to_bytes();
        assert_eq!(scalar_of(&order_less_one), -Scalar::ONE);
        let mut order = order_less_one;
        order[0] += 1;
        assert_eq!(scalar_of(&order), Scalar::ZERO);
        assert_eq!(scalar_of(&[0xff; 32]), Scalar::from_bytes_mod_order([0xff; 32]));
    }
}

//! Keys and signatures.

use alloc::vec::Vec;
use core::fmt;
use core::hint::black_box;

use curve25519_dalek::edwards::CompressedEdwardsY;
use curve25519_dalek::{EdwardsPoint, Scalar};
use ed25519_dalek::VerifyingKey;
use ed25519_dalek::hazmat::{ExpandedSecretKey, raw_sign};
use sha2::{Digest, Sha512};
use zeroize::{Zeroize, Zeroizing};

use crate::{ErrorCode, KEYPAIR_LEN, MAX_BATCH_COUNT, PUBLIC_KEY_LEN, SEED_LEN, SIGNATURE_LEN};

/// How many messages of a batch share an inversion. Their points take 10 KB of stack.
const CHUNK: usize = 64;

/// A key that is ready to sign: checked as a pair, expanded once, wiped when dropped.
///
/// Checking the pair means computing the public key again, as much work as a signature. Holding the
/// key between signatures therefore halves the cost of each.
pub struct SigningKey {
    expanded: ExpandedSecretKey,
    public: VerifyingKey,
}

impl SigningKey {
    /// Takes a keypair: 32 bytes of seed, then the 32 bytes of public key that belong to it.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::KeyPairMismatch`] where the public half is not the one that the seed gives. A signer
    /// that took such a pair would sign with two public keys for one secret, and two such signatures
    /// reveal the secret scalar (RUSTSEC-2022-0093).
    pub fn from_keypair(keypair: &[u8; KEYPAIR_LEN]) -> Result<Self, ErrorCode> {
        let checked = ed25519_dalek::SigningKey::from_keypair_bytes(keypair).map_err(|_| ErrorCode::KeyPairMismatch)?;
        Ok(Self { expanded: ExpandedSecretKey::from(checked.as_bytes()), public: checked.verifying_key() })
    }

    /// The public key, 32 bytes.
    #[must_use]
    pub fn public_key(&self) -> [u8; PUBLIC_KEY_LEN] {
        self.public.to_bytes()
    }

    /// Signs `message`. The signature is deterministic: R, then S, 64 bytes.
    #[must_use]
    pub fn sign(&self, message: &[u8]) -> [u8; SIGNATURE_LEN] {
        #[cfg(feature = "planted-leak")]
        leak(&self.expanded.scalar);
        raw_sign::<Sha512>(&self.expanded, message, &self.public).to_bytes()
    }

    /// Signs every message, each exactly as [`sign`](Self::sign) does, with one field inversion for up to 64 of them
    /// instead of one each.
    ///
    /// # Errors
    ///
    /// [`ErrorCode::BatchLayout`] for more than [`MAX_BATCH_COUNT`] messages, and [`ErrorCode::OutOfMemory`] if there
    /// is no room for the signatures. Nothing is signed then.
    pub fn sign_many(&self, messages: &[&[u8]]) -> Result<Vec<[u8; SIGNATURE_LEN]>, ErrorCode> {
        if messages.len() > MAX_BATCH_COUNT {
            return Err(ErrorCode::BatchLayout);
        }
        let mut signatures = Vec::new();
        signatures.try_reserve_exact(messages.len()).map_err(|_| ErrorCode::OutOfMemory)?;
        #[cfg(feature = "planted-leak")]
        leak(&self.expanded.scalar);
        for chunk in messages.chunks(CHUNK) {
            match chunk.len() {
                ..=4 => self.sign_chunk::<4>(chunk, &mut signatures),
                5..=16 => self.sign_chunk::<16>(chunk, &mut signatures),
                _ => self.sign_chunk::<CHUNK>(chunk, &mut signatures),
            }
        }
        Ok(signatures)
    }

    /// Signs up to `N` messages with one inversion, on the stack: dalek's function for a vector of points allocates, and
    /// aborts if it can't. Unused places hold the identity and cost seven multiplications each; an inversion costs 265.
    #[inline(never)] // so that the stack has the points of one size only
    fn sign_chunk<const N: usize>(&self, messages: &[&[u8]], signatures: &mut Vec<[u8; SIGNATURE_LEN]>) {
        let mut nonces = Zeroizing::new([Scalar::ZERO; N]);
        let mut points = Zeroizing::new([EdwardsPoint::default(); N]);
        self.commit(messages, nonces.as_mut_slice(), points.as_mut_slice());
        let compressed = EdwardsPoint::compress_batch(&points);
        self.respond(messages, nonces.as_slice(), &compressed, signatures);
    }

    /// The nonce of each message, and its multiple of the base point.
    fn commit(&self, messages: &[&[u8]], nonces: &mut [Scalar], points: &mut [EdwardsPoint]) {
        for ((message, nonce), point) in messages.iter().zip(nonces).zip(points) {
            *nonce = Scalar::from_hash(Sha512::new().chain_update(self.expanded.hash_prefix).chain_update(message));
            *point = EdwardsPoint::mul_base(nonce);
        }
    }

    /// Appends the signature of each message.
    fn respond(
        &self,
        messages: &[&[u8]],
        nonces: &[Scalar],
        points: &[CompressedEdwardsY],
        signatures: &mut Vec<[u8; SIGNATURE_LEN]>,
    ) {
        for ((message, nonce), point) in messages.iter().zip(nonces).zip(points) {
            let challenge = Scalar::from_hash(
                Sha512::new().chain_update(point.as_bytes()).chain_update(self.public.as_bytes()).chain_update(message),
            );
            let mut s = challenge * self.expanded.scalar + nonce;
            let mut signature = [0; SIGNATURE_LEN];
            signature[..32].copy_from_slice(point.as_bytes());
            signature[32..].copy_from_slice(s.as_bytes());
            signatures.push(signature);
            s.zeroize();
        }
    }
}

impl Drop for SigningKey {
    /// The secret parts overwrite themselves. The public key goes too, so that nothing tells which key was held.
    fn drop(&mut self) {
        self.public = VerifyingKey::default();
        black_box(&self.public);
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").field("public", &self.public_key()).finish_non_exhaustive()
    }
}

/// The public key that belongs to `seed`.
#[must_use]
pub fn derive_public_key(seed: &[u8; SEED_LEN]) -> [u8; PUBLIC_KEY_LEN] {
    ed25519_dalek::SigningKey::from_bytes(seed).verifying_key().to_bytes()
}

/// Does something for each bit of the secret scalar that is set, as an exponentiation by squaring and multiplying would.
#[cfg(feature = "planted-leak")]
fn leak(secret: &Scalar) {
    let mut product = 3u64;
    for bit in 0..256 {
        if secret.as_bytes()[bit / 8] >> (bit % 8) & 1 == 1 {
            for _ in 0..40 {
                product = core::hint::black_box(product.wrapping_mul(0x9e37_79b9_7f4a_7c15));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{verify, verify_strict};

    fn keypair(seed: [u8; 32]) -> [u8; KEYPAIR_LEN] {
        let mut keypair = [0; KEYPAIR_LEN];
        keypair[..32].copy_from_slice(&seed);
        keypair[32..].copy_from_slice(&derive_public_key(&seed));
        keypair
    }

    #[test]
    fn a_batch_signs_as_one_at_a_time_does() {
        let key = SigningKey::from_keypair(&keypair([3; 32])).unwrap();
        let messages: Vec<Vec<u8>> = (0..138u8).map(|n| alloc::vec![n; usize::from(n) * 3]).collect();
        let slices: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        let one_at_a_time: Vec<_> = slices.iter().map(|message| key.sign(message)).collect();
        for count in [0, 1, 4, 5, 16, 17, 63, 64, 65, 68, 69, 128, 138] {
            assert_eq!(key.sign_many(&slices[..count]).unwrap(), one_at_a_time[..count]);
        }
    }

    #[test]
    fn a_batch_over_the_cap_is_refused() {
        let key = SigningKey::from_keypair(&keypair([3; 32])).unwrap();
        let messages = alloc::vec![&b""[..]; MAX_BATCH_COUNT + 1];
        assert_eq!(key.sign_many(&messages), Err(ErrorCode::BatchLayout));
    }

    #[test]
    fn a_pair_whose_halves_do_not_belong_together_is_refused() {
        let mut mixed = keypair([3; 32]);
        mixed[32..].copy_from_slice(&derive_public_key(&[4; 32]));
        assert_eq!(SigningKey::from_keypair(&mixed).unwrap_err(), ErrorCode::KeyPairMismatch);
    }

    #[test]
    fn a_flipped_bit_anywhere_in_a_signature_is_noticed() {
        let key = SigningKey::from_keypair(&keypair([3; 32])).unwrap();
        let good = key.sign(b"hello");
        assert!(verify(&key.public_key(), b"hello", &good));
        for bit in 0..8 * SIGNATURE_LEN {
            let mut bad = good;
            bad[bit / 8] ^= 1 << (bit % 8);
            assert!(!verify(&key.public_key(), b"hello", &bad), "bit {bit}");
            assert!(!verify_strict(&key.public_key(), b"hello", &bad), "bit {bit}");
        }
    }

    #[test]
    fn debug_output_shows_no_secret() {
        let key = SigningKey::from_keypair(&keypair([3; 32])).unwrap();
        assert!(!alloc::format!("{key:?}").contains("3, 3, 3"));
    }
}

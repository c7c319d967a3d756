//! What a flipped bit in a signer's memory can cost, and that `verify-after-sign` gives no signature then.
//!
//! The bits are those of what the module has computed and keeps: the table of multiples of the base point, and the key. A
//! fault there lasts, so that signing twice in the same way would give the same wrong signature twice.

use crate::common::{Exports, LANES, VERIFYING, expand, fixture, keypair, order, reduced, wasm};
use num_bigint::BigUint;
use sha2::{Digest, Sha512};

const MESSAGES: [&[u8]; 5] = [b"hello", b"", b"one", b"more", b"and another"];
const SEED: [u8; 32] = [0x5c; 32];
const SELF_TEST_FAILED: u32 = 8;

/// A signer that holds a key, and its memory as it is then.
struct Faulty {
    exports: Exports,
    sound: Vec<u8>,
    /// Where the key's arrival changed memory.
    kept: Vec<usize>,
}

impl Faulty {
    fn new(wasm: &[u8]) -> Self {
        let mut exports = Exports::new(&Exports::compile_bytes(wasm));
        exports.put_batch(&MESSAGES);
        let before = exports.memory().to_vec();
        exports.load_key(&keypair(SEED));
        let sound = exports.memory().to_vec();
        assert_eq!(before.len(), sound.len());
        let kept = (0..sound.len()).filter(|at| before[*at] != sound[*at]).collect();
        Self { exports, sound, kept }
    }

    /// Signs the batch in a memory in which these bits of a byte are flipped.
    fn sign(&mut self, at: usize, bits: u8) -> Result<Vec<[u8; 64]>, u32> {
        self.exports.put(0, &self.sound);
        self.exports.put(at as u32, &[self.sound[at] ^ bits]);
        match self.exports.status("sign_batch") {
            0 => Ok(self.exports.batch_signatures(MESSAGES.len())),
            status => Err(status),
        }
    }

    /// Where memory holds these bytes.
    fn find(&self, bytes: &[u8]) -> Vec<usize> {
        (0..self.sound.len() - bytes.len()).filter(|at| self.sound[*at..].starts_with(bytes)).collect()
    }

    /// Every bit of the key, and one in each of some bytes of everything else.
    fn flips(&self) -> Vec<(usize, u8)> {
        let key = [expand(&SEED).1.to_vec(), scalar().to_bytes_le(), keypair(SEED)[32..].to_vec()];
        let of_key = key.iter().flat_map(|bytes| {
            let places = self.find(bytes);
            assert!(!places.is_empty(), "the key is nowhere");
            places.into_iter().flat_map(|at| at..at + bytes.len())
        });
        let of_key = of_key.flat_map(|at| (0..8).map(move |bit| (at, 1 << bit)));
        // A step without a factor in common with what lies in memory at regular distances.
        let others = self.kept.iter().step_by(1009).map(|at| (*at, 1 << (at % 8)));
        of_key.chain(others).collect()
    }
}

/// The secret scalar of the key.
fn scalar() -> BigUint {
    reduced(&expand(&SEED).0)
}

fn all_verify(signatures: &[[u8; 64]]) -> bool {
    let public_key = keypair(SEED)[32..].try_into().unwrap();
    MESSAGES
        .iter()
        .zip(signatures)
        .all(|(message, signature)| token_signer_core::verify_strict(&public_key, message, signature))
}

#[test]
fn no_flipped_bit_makes_a_verifying_signer_give_a_wrong_signature() {
    for name in VERIFYING {
        let mut signer = Faulty::new(&fixture(name));
        let sound = signer.sign(0, 0).unwrap();
        assert!(all_verify(&sound));
        let mut noticed = 0;
        for (at, bit) in signer.flips() {
            match signer.sign(at, bit) {
                // A bit that is not used here, or another nonce: what comes out is a signature.
                Ok(signatures) => assert!(all_verify(&signatures), "{name}: bit {bit:#x} of byte {at:#x}"),
                Err(status) => {
                    assert_eq!(status, SELF_TEST_FAILED, "{name}: bit {bit:#x} of byte {at:#x}");
                    noticed += 1;
                }
            }
        }
        // A third of the key is the prefix, of which only nonces are made.
        assert!(noticed > 500, "{name}: only {noticed} were noticed");
        assert_eq!(signer.sign(0, 0).unwrap(), sound, "{name}: it signs again once memory is sound");
    }
}

#[test]
fn without_the_option_wrong_signatures_come_out() {
    for name in LANES {
        let mut signer = Faulty::new(&wasm(name));
        let wrong = signer.flips().into_iter().filter(|(at, bit)| {
            let signed = signer.sign(*at, *bit);
            signed.is_ok_and(|signatures| !all_verify(&signatures))
        });
        assert!(wrong.count() > 500, "{name}");
    }
}

/// Two signatures of a message with the same nonce and two challenges: S − S' = (k − k')·a.
#[test]
fn without_the_option_the_key_can_be_computed_from_one_of_them() {
    let public_key: [u8; 32] = keypair(SEED)[32..].try_into().unwrap();
    for name in LANES {
        let mut signer = Faulty::new(&wasm(name));
        let sound = signer.sign(0, 0).unwrap()[0];
        let found = signer.find(&public_key).into_iter().any(|at| {
            let faulty = signer.sign(at, 1).unwrap()[0];
            let mut flipped = public_key;
            flipped[0] ^= 1;
            let s = |signature: &[u8; 64]| BigUint::from_bytes_le(&signature[32..]);
            let k = |signature: &[u8; 64], public_key: &[u8]| {
                reduced(&Sha512::digest([&signature[..32], public_key, MESSAGES[0]].concat()))
            };
            let difference = (k(&sound, &public_key) + order() - k(&faulty, &flipped)) % order();
            let inverse = difference.modinv(&order()).unwrap();
            (s(&sound) + order() - s(&faulty)) * inverse % order() == scalar()
        });
        assert!(found, "{name}");
    }
}

//! Signatures to verify, by one issuer or by many.

use std::collections::BTreeSet;

use token_signer_core::{KEYPAIR_LEN, SEED_LEN, SigningKey, derive_public_key};

use crate::lineup::LOADS;
use crate::protocol::SignedSet;

/// Whether the signature of `hello{n}` is spoilt: a few of each set are, so that a verifier that takes anything is found out.
pub(crate) fn is_spoilt(n: usize) -> bool {
    n % 50 == 3
}

/// Sets of `count` signatures, one for each number of issuers.
pub(crate) fn sets(count: usize) -> Vec<SignedSet> {
    let issuers: BTreeSet<usize> = LOADS.iter().map(|load| load.issuers).collect();
    let keys: Vec<SigningKey> = (0..issuers.last().copied().unwrap_or(0)).map(key).collect();
    let set = |issuers| {
        let keys: &[SigningKey] = &keys[..issuers];
        SignedSet {
            issuers,
            public_keys: keys.iter().map(|key| hex::encode(key.public_key())).collect(),
            signatures: (0..count).map(|n| signature(&keys[n % issuers], n)).collect(),
        }
    };
    issuers.into_iter().map(set).collect()
}

/// Of a seed that anyone can guess: good for this and for nothing else.
fn key(n: usize) -> SigningKey {
    let mut keypair = [0; KEYPAIR_LEN];
    keypair[..size_of::<usize>()].copy_from_slice(&n.to_le_bytes());
    let (seed, public_key) = keypair.split_at_mut(SEED_LEN);
    public_key.copy_from_slice(&derive_public_key((&*seed).try_into().expect("it has this length")));
    SigningKey::from_keypair(&keypair).expect("its halves fit together")
}

fn signature(key: &SigningKey, n: usize) -> String {
    let mut signature = key.sign(format!("hello{n}").as_bytes());
    // In S, which stays less than L: only the whole check finds it.
    signature[32] ^= u8::from(is_spoilt(n));
    hex::encode(signature)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lineup::BATCH;

    #[test]
    fn each_signature_is_by_the_next_issuer_and_the_spoilt_ones_are_wrong() {
        let sets = sets(54);
        assert_eq!(sets.iter().map(|set| set.issuers).collect::<Vec<_>>(), [1, 4, 16, BATCH]);
        for set in sets {
            let (keys, signatures) = (hex::decode(set.public_keys).unwrap(), hex::decode(set.signatures).unwrap());
            assert_eq!((keys.len(), signatures.len()), (set.issuers * 32, 54 * 64));
            for n in 0..54 {
                let key = keys[n % set.issuers * 32..][..32].try_into().unwrap();
                let signature = signatures[n * 64..][..64].try_into().unwrap();
                let is_right = token_signer_core::verify(key, format!("hello{n}").as_bytes(), signature);
                assert_eq!(is_right, ![3, 53].contains(&n), "hello{n} of {} issuers", set.issuers);
            }
        }
    }
}

//! The resource that holds a key.

use std::cell::RefCell;

use token_signer_core::SigningKey;

use crate::bindings::exports::everyhost::signer::ed25519::Error;
use crate::bindings::exports::everyhost::signer::held_key::{Guest, GuestSigner};
use crate::{Component, scrubbed, signing};

// ANCHOR: resource
impl Guest for Component {
    type Signer = Signer;
}

/// What is behind a handle of `signer`. Dropping it clears the key.
pub(crate) struct Signer(RefCell<Option<SigningKey>>);
// ANCHOR_END: resource

impl Signer {
    fn with_key<T>(&self, work: impl FnOnce(&SigningKey) -> Result<T, Error>) -> Result<T, Error> {
        scrubbed(|| work(self.0.borrow().as_ref().ok_or(Error::NoKey)?))
    }
}

impl GuestSigner for Signer {
    fn new() -> Self {
        Self(RefCell::new(None))
    }

    // ANCHOR: method
    fn load_key(&self, keypair: Vec<u8>) -> Result<(), Error> {
        scrubbed(move || {
            let mut held = self.0.borrow_mut();
            *held = None;
            *held = Some(signing::key(&keypair)?);
            Ok(())
        })
    }
    // ANCHOR_END: method

    fn public_key(&self) -> Result<Vec<u8>, Error> {
        self.with_key(|key| Ok(key.public_key().to_vec()))
    }

    fn sign(&self, message: Vec<u8>) -> Result<Vec<u8>, Error> {
        self.with_key(|key| signing::sign(key, &message))
    }

    fn sign_many(&self, messages: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, Error> {
        self.with_key(|key| signing::sign_many(key, &messages))
    }

    fn sign_with(&self, keypair: Vec<u8>, message: Vec<u8>) -> Result<Vec<u8>, Error> {
        scrubbed(move || match signing::key(&keypair) {
            Err(Error::KeyPairMismatch) => panic!("the public half of the keypair does not belong to its seed"),
            key => signing::sign(&key?, &message),
        })
    }

    fn wipe(&self) {
        scrubbed(|| *self.0.borrow_mut() = None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use token_signer_core::{SEED_LEN, derive_public_key};

    fn keypair(seed: u8) -> Vec<u8> {
        let seed = [seed; SEED_LEN];
        [seed, derive_public_key(&seed)].concat()
    }

    #[test]
    fn a_key_is_held_until_it_is_replaced_refused_or_wiped() {
        let signer = Signer::new();
        let has_no_key = |signer: &Signer| {
            assert_eq!(signer.public_key(), Err(Error::NoKey));
            assert_eq!(signer.sign(vec![]), Err(Error::NoKey));
            assert_eq!(signer.sign_many(vec![]), Err(Error::NoKey));
        };
        has_no_key(&signer);
        for seed in [1, 2] {
            signer.load_key(keypair(seed)).unwrap();
            assert_eq!(signer.public_key().unwrap(), keypair(seed)[32..]);
            let signature = signer.sign(b"hello".to_vec()).unwrap();
            assert_eq!(signer.sign_many(vec![b"hello".to_vec()]).unwrap()[..], *std::slice::from_ref(&signature));
            assert_eq!(signer.sign_with(keypair(seed), b"hello".to_vec()).unwrap(), signature);
        }
        assert_eq!(signer.load_key(vec![0; 63]), Err(Error::KeyLength));
        has_no_key(&signer);
        signer.load_key(keypair(1)).unwrap();
        signer.wipe();
        has_no_key(&signer);
    }

    #[test]
    #[should_panic = "does not belong to its seed"]
    fn a_passed_pair_of_two_keys_traps() {
        let mixed = [&keypair(7)[..32], &keypair(8)[32..]].concat();
        let _ = Signer::new().sign_with(mixed, vec![]);
    }
}

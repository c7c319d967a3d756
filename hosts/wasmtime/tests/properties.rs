//! On random input, the modules in wasmtime answer as the same source does natively; and what they answer is
//! what the plain-integer reference says, so that both cannot be wrong together.

use std::sync::LazyLock;

use crate::common::{SIGNERS, signer_module};
use ed25519_reference::Key;
use everyhost_wasmtime::{Code, Signer, SignerModule};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use token_signer_core::SigningKey;
use vectors::strategies::{flip, keypairs, messages, mismatched_keypairs, seeds};

static MODULES: LazyLock<[SignerModule; 2]> = LazyLock::new(|| SIGNERS.map(signer_module));

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn signs_as_native_and_reference_do(keypair in keypairs(), message in messages()) {
        let native = SigningKey::from_keypair(&keypair).unwrap().sign(&message);
        let seed: [u8; 32] = keypair[..32].try_into().unwrap();
        prop_assert_eq!(Key::from_seed(&seed).sign(&message), native);
        for module in &*MODULES {
            let mut signer = Signer::new(module, &keypair).unwrap();
            prop_assert_eq!(signer.sign(&message), Ok(native));
            prop_assert_eq!(signer.sign_with(&keypair, &message), Ok(native));
            prop_assert_eq!(signer.derive_public_key(&seed), Ok(signer.public_key().unwrap()));
            prop_assert_eq!(signer.verify(&keypair[32..], &message, &native), Ok(true));
            prop_assert_eq!(signer.verify_strict(&keypair[32..], &message, &native), Ok(true));
        }
    }

    #[test]
    fn a_batch_is_what_its_messages_are_one_by_one(keypair in keypairs(), all in vec(messages(), 0..24)) {
        let native = SigningKey::from_keypair(&keypair).unwrap();
        let expected: Vec<_> = all.iter().map(|message| native.sign(message)).collect();
        for module in &*MODULES {
            prop_assert_eq!(Signer::new(module, &keypair).unwrap().sign_many(&all), Ok(expected.clone()));
        }
    }

    #[test]
    fn a_flipped_bit_of_a_signature_never_verifies(keypair in keypairs(), message in messages(), bit: Index) {
        let bad = flip(SigningKey::from_keypair(&keypair).unwrap().sign(&message), bit);
        for module in &*MODULES {
            let mut signer = Signer::without_key(module).unwrap();
            prop_assert_eq!(signer.verify(&keypair[32..], &message, &bad), Ok(false));
            prop_assert_eq!(signer.verify_strict(&keypair[32..], &message, &bad), Ok(false));
        }
    }

    /// Random bytes are no signature, and mostly no public key either: both sides must refuse alike.
    #[test]
    fn verifies_as_native_does(public_key in seeds(), message in messages(), signature in any::<[[u8; 32]; 2]>()) {
        let signature: [u8; 64] = signature.concat().try_into().unwrap();
        let native = token_signer_core::verify(&public_key, &message, &signature);
        let native_strict = token_signer_core::verify_strict(&public_key, &message, &signature);
        for module in &*MODULES {
            let mut signer = Signer::without_key(module).unwrap();
            prop_assert_eq!(signer.verify(&public_key, &message, &signature), Ok(native));
            prop_assert_eq!(signer.verify_strict(&public_key, &message, &signature), Ok(native_strict));
        }
    }

    #[test]
    fn a_mismatched_pair_is_refused_and_never_signs(keypair in mismatched_keypairs(), message in messages()) {
        for module in &*MODULES {
            prop_assert_eq!(Signer::new(module, &keypair).err().map(|error| error.code), Some(Code::KeyPairMismatch));
            let mut signer = Signer::without_key(module).unwrap();
            let refused = signer.sign_with(&keypair, &message).map_err(|error| error.code);
            prop_assert_eq!(refused, Err(Code::Trapped));
        }
    }
}

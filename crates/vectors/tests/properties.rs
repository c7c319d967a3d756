//! Random keys and messages: the plain-integer reference and the signer's core must agree, bit for bit.

use ed25519_reference::{self as reference, Key};
use proptest::prelude::*;
use proptest::sample::Index;
use token_signer_core::{ErrorCode, SigningKey};
use vectors::strategies::{flip, keypairs, messages, mismatched_keypairs, seeds};

/// Both answers, which must be equal, of `verify` and `verify_strict`.
fn verified(public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> Result<(bool, bool), TestCaseError> {
    let by_core = (
        token_signer_core::verify(public_key, message, signature),
        token_signer_core::verify_strict(public_key, message, signature),
    );
    let by_reference =
        (reference::verify(public_key, message, signature), reference::verify_strict(public_key, message, signature));
    prop_assert_eq!(by_core, by_reference);
    Ok(by_core)
}

fn key_of(keypair: &[u8; 64]) -> Key {
    Key::from_seed(keypair.first_chunk().expect("a pair is longer than a seed"))
}

fn public_half(keypair: &[u8; 64]) -> [u8; 32] {
    *keypair.last_chunk().expect("a pair is longer than a key")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn public_keys_agree(seed in seeds()) {
        prop_assert_eq!(token_signer_core::derive_public_key(&seed), Key::from_seed(&seed).public_key());
    }

    #[test]
    fn signatures_agree_and_verify(keypair in keypairs(), message in messages()) {
        let signature = SigningKey::from_keypair(&keypair).unwrap().sign(&message);
        prop_assert_eq!(signature, key_of(&keypair).sign(&message));
        prop_assert_eq!(verified(&public_half(&keypair), &message, &signature)?, (true, true));
    }

    #[test]
    fn batches_agree(keypair in keypairs(), batch in prop::collection::vec(messages(), 0..6)) {
        let slices: Vec<&[u8]> = batch.iter().map(Vec::as_slice).collect();
        let signatures = SigningKey::from_keypair(&keypair).unwrap().sign_many(&slices).unwrap();
        let key = key_of(&keypair);
        prop_assert_eq!(signatures, batch.iter().map(|message| key.sign(message)).collect::<Vec<_>>());
    }

    #[test]
    fn a_pair_that_does_not_match_is_refused(keypair in mismatched_keypairs()) {
        prop_assert_ne!(key_of(&keypair).keypair(), keypair);
        prop_assert_eq!(SigningKey::from_keypair(&keypair).unwrap_err(), ErrorCode::KeyPairMismatch);
    }

    #[test]
    fn a_flipped_bit_of_a_signature_is_noticed(keypair in keypairs(), message in messages(), bit: Index) {
        let signature = flip(key_of(&keypair).sign(&message), bit);
        prop_assert_eq!(verified(&public_half(&keypair), &message, &signature)?, (false, false));
    }

    #[test]
    fn a_flipped_bit_of_a_public_key_is_noticed(keypair in keypairs(), message in messages(), bit: Index) {
        let signature = key_of(&keypair).sign(&message);
        let public_key = flip(public_half(&keypair), bit);
        prop_assert_eq!(verified(&public_key, &message, &signature)?, (false, false));
    }

    #[test]
    fn a_flipped_bit_of_a_message_is_noticed(
        keypair in keypairs(),
        message in messages().prop_filter("a bit to flip", |message| !message.is_empty()),
        bit: Index,
    ) {
        let signature = key_of(&keypair).sign(&message);
        prop_assert_eq!(verified(&public_half(&keypair), &flip(message, bit), &signature)?, (false, false));
    }

    /// Mostly refused; what matters is that both say the same of bytes that nobody signed.
    #[test]
    fn random_triples_agree(public_key: [u8; 32], message in messages(), r: [u8; 32], s: [u8; 32]) {
        let signature: [u8; 64] = [r, s].concat().try_into().unwrap();
        verified(&public_key, &message, &signature)?;
    }

    /// Keys and R of small order, spelt in every way, with an S below and over the order: where implementations differ.
    #[test]
    fn small_orders_and_odd_spellings_agree(
        public_key in odd_points(),
        message in messages(),
        r in odd_points(),
        s in odd_scalars(),
    ) {
        let signature: [u8; 64] = [r, s].concat().try_into().unwrap();
        let (_, strict) = verified(&public_key, &message, &signature)?;
        prop_assert!(!strict);
    }
}

/// Encodings of points of small order, canonical and not, with either sign bit, and neighbours that are no points.
fn odd_points() -> impl Strategy<Value = [u8; 32]> {
    const ORDER_8: [&str; 2] = [
        "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
        "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
    ];
    let of_order_8 = prop::sample::select(&ORDER_8[..]).prop_map(|text| {
        let mut encoded = [0; 32];
        hex::decode_to_slice(text, &mut encoded).expect("the hex above is right");
        encoded
    });
    // y = 0, 1, 2, 3 and p - 2 to p + 2.
    let small = (0..4u8).prop_map(|y| {
        let mut encoded = [0; 32];
        encoded[0] = y;
        encoded
    });
    let around_p = (0xeb..=0xefu8).prop_map(|lowest| {
        let mut encoded = [0xff; 32];
        encoded[0] = lowest;
        encoded[31] = 0x7f;
        encoded
    });
    (prop_oneof![of_order_8, small, around_p], any::<bool>()).prop_map(|(mut encoded, sign)| {
        encoded[31] |= u8::from(sign) << 7;
        encoded
    })
}

/// 0, 1, L - 1 (as near as a byte gets), L, L + 1, and all ones.
fn odd_scalars() -> impl Strategy<Value = [u8; 32]> {
    let with_lowest = |change: fn(u8) -> u8| {
        let mut scalar = reference::order();
        scalar[0] = change(scalar[0]);
        scalar
    };
    let mut one = [0; 32];
    one[0] = 1;
    let scalars = [
        [0; 32],
        one,
        with_lowest(|byte| byte - 1),
        with_lowest(|byte| byte),
        with_lowest(|byte| byte + 1),
        [0xff; 32],
    ];
    prop::sample::select(scalars.to_vec())
}

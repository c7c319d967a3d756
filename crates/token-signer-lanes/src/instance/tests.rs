//! Both fields, natively, against the shared vectors, `ed25519-dalek` and the rules of the ABI.

use std::path::Path;

use ed25519_reference::Key as ReferenceKey;
use proptest::prelude::*;
use token_signer_core::SigningKey;
use vectors::ops::Op;
use vectors::strategies::{keypairs, messages, mismatched_keypairs};

use super::*;
use crate::field::{Plain, Relaxed};
use crate::room::tests::Limited;

type Native<F> = Instance<F, Limited>;

fn instance<F: Field>() -> Box<Native<F>> {
    Box::new(Instance::new(Limited::new(1 << 21)))
}

fn put(at: *mut u8, bytes: &[u8]) {
    // SAFETY: the instance made room for that many bytes.
    unsafe { at.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
}

fn put_message<F: Field>(instance: &mut Native<F>, message: &[u8]) {
    put(instance.allocate_message(message.len()).unwrap(), message);
}

fn put_batch<F: Field>(instance: &mut Native<F>, messages: &[impl AsRef<[u8]>]) {
    let lengths = messages.iter().map(|message| message.as_ref().len());
    let at = instance.allocate_batch(messages.len(), lengths.clone().sum()).unwrap();
    let mut bytes: Vec<u8> = lengths.flat_map(|len| (len as u32).to_le_bytes()).collect();
    messages.iter().for_each(|message| bytes.extend(message.as_ref()));
    put(at, &bytes);
}

fn batch_signatures<F: Field>(instance: &Native<F>, count: usize) -> Vec<[u8; 64]> {
    let at = instance.batch_signatures().unwrap().cast();
    // SAFETY: so many signatures are there after a success.
    unsafe { core::slice::from_raw_parts(at, count) }.to_vec()
}

fn sign_many<F: Field>(instance: &mut Native<F>, keypair: &[u8; 64], messages: &[impl AsRef<[u8]>]) -> Vec<[u8; 64]> {
    instance.keypair = *keypair;
    assert_eq!(instance.load_key(), Ok(()));
    put_batch(instance, messages);
    assert_eq!(instance.sign_batch(), Ok(()));
    batch_signatures(instance, messages.len())
}

/// Every signature in the shared vectors whose keypair is a pair, by the batch and one by one.
fn known_answers<F: Field>() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors");
    let mut instance = instance::<F>();
    let mut checked = 0;
    for suite in vectors::load::load_dir(&dir).unwrap() {
        for case in &suite.cases {
            let vectors::Expect::Ok(wanted) = &case.expect else {
                continue;
            };
            match &case.op {
                Op::Sign(input) if input.message.len() <= 4096 => {
                    let keypair = input.keypair.to_vec().try_into().unwrap();
                    let message = input.message.to_vec();
                    let signature = wanted.signature.as_ref().unwrap().plain().unwrap().to_vec();
                    assert_eq!(sign_many(&mut instance, &keypair, &[&message])[0][..], signature);
                    put_message(&mut instance, &message);
                    assert_eq!(instance.sign_loaded(), Ok(()));
                    assert_eq!(instance.signature[..], signature, "{}", case.id);
                    checked += 1;
                }
                Op::PublicKey(input) if input.seed.len() == 32 => {
                    instance.keypair[..32].copy_from_slice(&input.seed.to_vec());
                    assert_eq!(instance.derive_public_key(), Ok(()));
                    assert_eq!(instance.public_key[..], wanted.public_key.as_ref().unwrap().plain().unwrap().to_vec());
                    checked += 1;
                }
                _ => {}
            }
        }
    }
    assert!(checked > 1000, "only {checked} known answers");
}

#[test]
fn known_answers_of_both() {
    known_answers::<Plain>();
    known_answers::<Relaxed>();
}

/// 300 messages with one key: one more chunk than the vectors of the table hold, and an odd last one.
fn a_long_batch<F: Field>() {
    let key = ReferenceKey::from_seed(&[0x3c; 32]);
    let messages: Vec<Vec<u8>> = (0..299u16).map(|n| n.to_le_bytes().repeat(usize::from(n) % 70)).collect();
    let native = SigningKey::from_keypair(&key.keypair()).unwrap();
    let wanted: Vec<_> = messages.iter().map(|message| native.sign(message)).collect();
    assert_eq!(sign_many(&mut instance::<F>(), &key.keypair(), &messages), wanted);
    assert_eq!(native.sign(&messages[7]), key.sign(&messages[7]));
}

#[test]
fn long_batches_are_those_of_dalek() {
    a_long_batch::<Plain>();
    a_long_batch::<Relaxed>();
}

fn abi<F: Field>() {
    let mut instance = instance::<F>();
    let pair = ReferenceKey::from_seed(&[5; 32]).keypair();

    // Without a key, a message, a batch.
    assert_eq!(instance.sign(), Err(ErrorCode::KeyPairMismatch));
    assert_eq!(instance.sign_loaded(), Err(ErrorCode::NoKey));
    assert_eq!(instance.sign_batch(), Err(ErrorCode::NoKey));
    instance.keypair = pair;
    assert_eq!(instance.sign(), Err(ErrorCode::NoMessage));
    assert_eq!(instance.load_key(), Ok(()));
    assert_eq!(instance.keypair, [0; 64]);
    assert_eq!(instance.sign_loaded(), Err(ErrorCode::NoMessage));
    assert_eq!(instance.sign_batch(), Err(ErrorCode::NoMessage));
    assert_eq!(instance.batch_signatures(), None);

    // Signed, and nothing left after a refusal.
    put_message(&mut instance, b"hello");
    assert_eq!(instance.sign_loaded(), Ok(()));
    let held = instance.signature;
    instance.keypair = pair;
    assert_eq!(instance.sign(), Ok(()));
    assert_eq!(instance.signature, held);
    instance.keypair[63] ^= 1;
    assert_eq!(instance.sign(), Err(ErrorCode::KeyPairMismatch));
    assert_eq!(instance.signature, [0; 64]);

    // Batches: all or nothing.
    for (lengths, total) in [(&[2u32, 3][..], 6), (&[5, 2], 6), (&[u32::MAX, 6], 6), (&[1, u32::MAX], 6), (&[], 1)] {
        let at = instance.allocate_batch(lengths.len(), total).unwrap();
        put(at, &lengths.iter().flat_map(|length| length.to_le_bytes()).collect::<Vec<_>>());
        assert_eq!(instance.sign_batch(), Err(ErrorCode::BatchLayout), "{lengths:?}");
        assert_eq!(instance.batch_signatures(), None);
    }
    put_batch(&mut instance, &[&b"ab"[..], b"", b"hello"]);
    assert_eq!(instance.sign_batch(), Ok(()));
    assert_eq!(batch_signatures(&instance, 3)[2], held);
    put_batch(&mut instance, &[] as &[&[u8]]);
    assert_eq!(instance.batch_signatures(), None);
    assert_eq!(instance.sign_batch(), Ok(()));
    assert!(instance.batch_signatures().is_some());

    // Caps, and memory that ends.
    for (count, total, why) in [
        (MAX_BATCH_COUNT + 1, 0, ErrorCode::BatchLayout),
        (1, MAX_MESSAGE_LEN + 1, ErrorCode::MessageTooLarge),
        (1, 1 << 22, ErrorCode::OutOfMemory),
    ] {
        assert_eq!(instance.allocate_batch(count, total), Err(why));
        assert_eq!(instance.sign_batch(), Err(why));
    }
    for (len, why) in [(MAX_MESSAGE_LEN + 1, ErrorCode::MessageTooLarge), (1 << 22, ErrorCode::OutOfMemory)] {
        assert_eq!(instance.allocate_message(len), Err(why));
        assert_eq!(instance.sign_loaded(), Err(why));
        assert_eq!(instance.signature, [0; 64]);
    }

    // A refused key drops the held one.
    instance.keypair = [6; 64];
    assert_eq!(instance.load_key(), Err(ErrorCode::KeyPairMismatch));
    assert_eq!(instance.keypair, [0; 64]);
    assert_eq!(instance.sign_loaded(), Err(ErrorCode::NoKey));

    // After a wipe it is as new.
    put_message(&mut instance, b"hello");
    instance.keypair = pair;
    assert_eq!(instance.load_key(), Ok(()));
    assert_eq!(instance.derive_public_key(), Ok(()));
    instance.wipe();
    assert_eq!((instance.keypair, instance.signature, instance.public_key), ([0; 64], [0; 64], [0; 32]));
    assert_eq!(instance.sign_loaded(), Err(ErrorCode::NoKey));
    instance.keypair = pair;
    assert_eq!(instance.sign(), Err(ErrorCode::NoMessage));
}

#[test]
fn the_abi_of_both() {
    abi::<Plain>();
    abi::<Relaxed>();
}

#[test]
fn a_module_that_failed_its_test_signs_nothing() {
    let mut instance = instance::<Plain>();
    instance.works_here = Some(false);
    instance.keypair = ReferenceKey::from_seed(&[5; 32]).keypair();
    put_message(&mut instance, b"hello");
    put_batch(&mut instance, &[b"hello"]);
    let failed = Err(ErrorCode::SelfTestFailed);
    assert_eq!(instance.sign(), failed);
    assert_eq!(instance.derive_public_key(), failed);
    assert_eq!(instance.load_key(), failed);
    assert_eq!(instance.sign_loaded(), failed);
    assert_eq!(instance.sign_batch(), failed);
    assert_eq!((instance.keypair, instance.signature, instance.public_key), ([0; 64], [0; 64], [0; 32]));
}

#[test]
fn a_fault_while_signing_is_noticed_and_nothing_is_signed() {
    let mut instance = instance::<Plain>();
    instance.keypair = ReferenceKey::from_seed(&[5; 32]).keypair();
    assert_eq!(instance.load_key(), Ok(()));
    put_message(&mut instance, b"hello");
    put_batch(&mut instance, &[b"hello", b"world"]);
    instance.signer.fault_in_the_second_pass = true;
    assert_eq!(instance.sign_loaded(), Err(ErrorCode::SelfTestFailed));
    assert_eq!(instance.signature, [0; 64]);
    assert_eq!(instance.sign_batch(), Err(ErrorCode::SelfTestFailed));
    assert_eq!(instance.batch_signatures(), None);
    assert_eq!(instance.batch_signatures[..2], [[0; 64]; 2]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn batches_are_those_of_dalek(keypair in keypairs(), all in proptest::collection::vec(messages(), 0..40)) {
        let native = SigningKey::from_keypair(&keypair).unwrap();
        let wanted: Vec<_> = all.iter().map(|message| native.sign(message)).collect();
        prop_assert_eq!(&sign_many(&mut instance::<Plain>(), &keypair, &all), &wanted);
        prop_assert_eq!(&sign_many(&mut instance::<Relaxed>(), &keypair, &all), &wanted);
    }

    #[test]
    fn a_pair_that_is_none_is_refused(keypair in mismatched_keypairs()) {
        let mut instance = instance::<Plain>();
        instance.keypair = keypair;
        prop_assert_eq!(instance.load_key(), Err(ErrorCode::KeyPairMismatch));
    }
}

//! The wrapper: errors, traps and recovery, growth and limits.

use crate::common::{Exports, MISMATCHED_KEYPAIR, PUBLISHED_KEYPAIR, SIGNERS, has_seed, keypair, signer_module, wasm};
use everyhost_wasmtime::{Adder, Code, Signer, SignerModule};
use signer_abi::{CODES, MAX_MESSAGE_LEN};

#[test]
fn signs_hello_as_the_chapter_does() {
    for name in SIGNERS {
        let mut signer = Signer::new(&signer_module(name), &PUBLISHED_KEYPAIR).unwrap();
        let signature = signer.sign("hello").unwrap();
        assert_eq!(
            hex::encode(signature),
            "5fd754a229a904e327f18c3041ec953a926d234d0155072cbae2aefaadd2d8a3\
             d82364b2820d25084696d4c28928f707d06cb2c056db3568a633ba641b0f0303",
        );
        assert_eq!(signer.sign_with(&PUBLISHED_KEYPAIR, "hello"), Ok(signature));
        let public_key = signer.public_key().unwrap();
        assert_eq!(signer.verify(&public_key, "hello", &signature), Ok(true));
        assert_eq!(signer.verify_strict(&public_key, "hellp", &signature), Ok(false));
        assert_eq!(signer.verify(&public_key, "hello", &signature[..63]), Ok(false));
    }
}

#[test]
fn a_trap_is_reported_and_the_held_key_works_on() {
    let mut signer = Signer::new(&signer_module("signer-raw"), &PUBLISHED_KEYPAIR).unwrap();
    let before = signer.sign("hello").unwrap();
    assert_eq!(signer.sign_with(&MISMATCHED_KEYPAIR, "hello").unwrap_err().code, Code::Trapped);
    assert_eq!(signer.sign("hello"), Ok(before));

    signer.wipe().unwrap();
    assert_eq!(signer.sign_with(&MISMATCHED_KEYPAIR, "hello").unwrap_err().code, Code::Trapped);
    assert_eq!(signer.sign("hello").unwrap_err().code, Code::NoKey, "no key comes back from nowhere");
}

/// A panic in Rust is a trap in Wasm: the host sees an error, and `unreachable` is its reason.
#[test]
fn a_rust_panic_ends_in_unreachable() {
    let mut exports = Exports::new(&Exports::compile("signer-raw"));
    let error = exports.try_call::<(), ()>("sign", ()).unwrap_err();
    assert_eq!(error.downcast_ref(), Some(&wasmtime::Trap::UnreachableCodeReached));
}

/// So is the C function's own trap.
#[test]
fn a_trap_in_c_ends_in_unreachable_and_the_adder_works_on() {
    let mut adder = Adder::new(&wasmtime::Engine::default(), &wasm("add-raw")).unwrap();
    assert_eq!(adder.divide(7, -2), Ok(-3));
    for (a, b) in [(1, 0), (i32::MIN, -1)] {
        assert_eq!(adder.divide(a, b).unwrap_err().code, Code::Trapped);
    }
    assert_eq!(adder.add(i32::MAX, 1), Ok(i32::MIN));
}

#[test]
fn wrong_lengths_are_refused_before_anything_is_copied() {
    let module = signer_module("signer-raw");
    for len in (0..=63).chain([65, 128]) {
        assert_eq!(Signer::new(&module, &vec![0; len]).err().unwrap().code, Code::KeyLength);
    }
    let mut signer = Signer::new(&module, &PUBLISHED_KEYPAIR).unwrap();
    assert_eq!(signer.verify(&[0; 31], "", &[0; 64]).unwrap_err().code, Code::PublicKeyLength);
    assert_eq!(signer.derive_public_key(&[0; 33]).unwrap_err().code, Code::KeyLength);
    assert_eq!(signer.sign(vec![0; MAX_MESSAGE_LEN + 1]).unwrap_err().code, Code::MessageTooLarge);
    assert!(signer.sign("hello").is_ok());
    assert_eq!(signer.load_key(&[0; 63]).unwrap_err().code, Code::KeyLength);
    assert_eq!(signer.sign("hello").unwrap_err().code, Code::NoKey);
}

#[test]
fn a_batch_of_any_size_is_split_and_signed_in_order() {
    let mut signer = Signer::new(&signer_module("signer-raw-simd"), &keypair([8; 32])).unwrap();
    let messages: Vec<[u8; 4]> = (0..4097u32).map(u32::to_le_bytes).collect();
    let signatures = signer.sign_many(&messages).unwrap();
    assert_eq!(signatures.len(), messages.len());
    for n in [0, 1, 4095, 4096] {
        assert_eq!(signatures[n], signer.sign(messages[n]).unwrap(), "message {n}");
    }
    // Three messages that do not fit into one batch together.
    let large = vec![vec![1; MAX_MESSAGE_LEN / 2], vec![2; MAX_MESSAGE_LEN / 2 + 1], vec![3; 5]];
    assert_eq!(signer.sign_many(&large).unwrap()[2], signer.sign(&large[2]).unwrap());
    assert_eq!(signer.sign_many(&[] as &[&[u8]]), Ok(vec![]));
}

#[test]
fn a_limit_of_memory_is_an_error_and_not_a_trap() {
    let module: SignerModule = signer_module("signer-raw").with_memory_limit(4 * 1024 * 1024);
    let mut signer = Signer::new(&module, &PUBLISHED_KEYPAIR).unwrap();
    let before = signer.sign("hello").unwrap();
    assert_eq!(signer.sign(vec![0; 8 * 1024 * 1024]).unwrap_err().code, Code::OutOfMemory);
    let batch = vec![vec![0; 1024 * 1024]; 8];
    assert_eq!(signer.sign_many(&batch).unwrap_err().code, Code::OutOfMemory);
    assert_eq!(signer.sign("hello"), Ok(before));
}

#[test]
fn a_dropped_key_is_nowhere_in_memory_that_is_still_there() {
    let mut signer = Signer::new(&signer_module("signer-raw"), &PUBLISHED_KEYPAIR).unwrap();
    signer.sign("hello").unwrap();
    signer.wipe().unwrap();
    assert!(!has_seed(signer.linear_memory()));
}

#[test]
fn the_codes_are_those_of_the_one_table() {
    let named: Vec<_> = Code::ALL.iter().map(|code| (code.name(), code.meaning())).collect();
    assert_eq!(named, CODES.iter().map(|code| (code.name, code.meaning)).collect::<Vec<_>>());
    let given = |status| Code::from_status(status).map(Code::name);
    let statuses: Vec<_> = CODES.iter().filter(|code| code.status.is_some()).collect();
    for code in &statuses {
        assert_eq!(code.status.and_then(given), Some(code.name));
    }
    assert_eq!((given(0), given(statuses.len() as u32 + 1)), (None, None));
}

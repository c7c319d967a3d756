//! The verifier: which module it is on, that each module's verdicts are the same, and what it refuses.

#[path = "../conformance/random/verdicts.rs"]
mod verdicts;

use std::sync::LazyLock;

use ed25519_reference::Key;
use everyhost_wasmtime::{Code, SignerError, Verifier, VerifierModules};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use vectors::strategies::{flip, messages, seeds};
use wasmtime::{Config, Engine};

use crate::common::{Exports, PUBLISHED_KEYPAIR, VERIFIERS, keypair, wasm};

/// As [`VERIFIERS`]; the last one verifies one by one.
static MODULES: LazyLock<[VerifierModules; 3]> =
    LazyLock::new(|| VERIFIERS.map(|name| VerifierModules::new(&Engine::default(), &[wasm(name)]).unwrap()));

fn verifiers() -> [Verifier; 3] {
    [0, 1, 2].map(|n| Verifier::new(&MODULES[n]).unwrap())
}

fn on(modules: &[Vec<u8>]) -> Result<Verifier, SignerError> {
    Verifier::new(&VerifierModules::new(&Engine::default(), modules).unwrap())
}

type Triple = (Vec<u8>, Vec<u8>, Vec<u8>);

fn signed(seed: u8, message: &[u8]) -> Triple {
    let key = Key::from_seed(&[seed; 32]);
    (key.public_key().to_vec(), message.to_vec(), key.sign(message).to_vec())
}

/// A verifier's module with this for `verify_batch`. Its verdicts are zeros.
fn fake(verify_batch: &str) -> Vec<u8> {
    wat::parse_str(format!(
        r#"(module
            (memory (export "memory") 1)
            (func (export "max_message_len") (result i32) i32.const 1000)
            (func (export "get_public_key_ptr") (result i32) i32.const 64)
            (func (export "hold_key") (result i32) unreachable)
            (func (export "allocate_verify_batch") (param i32 i32) (result i32) i32.const 1024)
            (func (export "verify_batch") (result i32) {verify_batch})
            (func (export "verify_batch_strict") (result i32) i32.const 99)
            (func (export "get_verdicts_ptr") (result i32) i32.const 128))"#
    ))
    .unwrap()
}

const SELF_TEST_FAILS: &str = "i32.const 8";

#[test]
fn the_first_module_that_verifies_rightly_is_used() {
    let garbage = b"garbage".to_vec();
    let items = [signed(1, b"one"), signed(2, b"two")];
    for passed_over in [vec![], vec![garbage.clone()], vec![fake(SELF_TEST_FAILS), vec![], fake(SELF_TEST_FAILS)]] {
        for usable in VERIFIERS {
            let mut verifier = on(&[&passed_over[..], &[wasm(usable), fake("unreachable")]].concat()).unwrap();
            assert_eq!(verifier.module_index(), passed_over.len());
            assert_eq!(verifier.verify_many(&items), Ok(vec![true, true]), "{usable}");
        }
    }
    let code = |modules: &[Vec<u8>]| on(modules).err().unwrap().code;
    assert_eq!(code(&[fake(SELF_TEST_FAILS), garbage.clone()]), Code::SelfTestFailed);
    assert_eq!(code(&[wasm("signer-lanes"), wasm("signer-raw")]), Code::NoExport, "it signs and does not verify");
    assert_eq!(code(&[fake("unreachable")]), Code::Trapped);
    let refused = |modules: &[Vec<u8>]| VerifierModules::new(&Engine::default(), modules).err().unwrap().to_string();
    assert_eq!(refused(&[]), "a verifier needs at least one module");
    assert!(!refused(&[garbage]).contains("at least one"));
}

#[test]
fn an_engine_without_simd_verifies_by_the_portable_module() {
    let mut config = Config::new();
    config.wasm_relaxed_simd(false).wasm_simd(false);
    let modules = VerifierModules::new(&Engine::new(&config).unwrap(), &VERIFIERS.map(wasm)).unwrap();
    let mut verifier = Verifier::new(&modules).unwrap();
    assert_eq!(verifier.module_index(), 2);
    assert_eq!(verifier.verify_many(&[signed(1, b"hello")]), Ok(vec![true]));
}

#[cfg(target_arch = "x86_64")]
#[test]
fn the_relaxed_module_is_passed_over_where_nothing_fuses() {
    let modules = VerifierModules::new(&crate::lanes::engine_that_does_not_fuse(), &VERIFIERS.map(wasm)).unwrap();
    assert_eq!(Verifier::new(&modules).unwrap().module_index(), 1);
}

#[test]
fn what_is_wrong_is_refused_before_anything_is_verified() {
    let (key, message, signature) = signed(1, b"hello");
    for mut verifier in verifiers() {
        let mut refused = |public_key: &[u8], message: &[u8]| {
            verifier.verify_many(&[(&key[..], &b"hello"[..], &signature[..]), (public_key, message, &signature[..1])])
        };
        let too_long = vec![0; (16 << 20) + 1];
        for (public_key, message, code) in [
            (&key[1..], &too_long[..], Code::PublicKeyLength),
            (&[], b"", Code::PublicKeyLength),
            (&key, &too_long, Code::MessageTooLarge),
        ] {
            let error = refused(public_key, message).unwrap_err();
            assert_eq!(error.code, code);
            assert!(error.detail.starts_with("item 1: "), "{error}");
        }
        assert_eq!(refused(&key, &message), Ok(vec![true, false]), "a signature of one byte");
        assert_eq!(verifier.verify_many(&[] as &[(&str, &str, &str)]), Ok(vec![]));
        assert_eq!(verifier.verify_many(&[(&key, "hello", &signature)]), Ok(vec![true]), "text, and arrays");
    }
}

#[test]
fn more_than_a_batch_takes_is_split() {
    let good = signed(1, b"");
    let (large, other) = (signed(2, &vec![b'a'; 9 << 20]), signed(3, b"hello"));
    let spoilt = (good.0.clone(), b"spoilt".to_vec(), good.2.clone());
    for mut verifier in verifiers() {
        // Two batches by their count, if the module takes batches; and two by their bytes.
        let mut items: Vec<&Triple> = vec![&good; 4100];
        for wrong in [0, 4095, 4096, 4099] {
            items[wrong] = &spoilt;
        }
        let items: Vec<_> = items.into_iter().map(|(key, message, signature)| (key, message, signature)).collect();
        let verdicts = verifier.verify_many(&items).unwrap();
        assert_eq!(verdicts.len(), 4100);
        let wrong: Vec<usize> = (0..4100).filter(|at| !verdicts[*at]).collect();
        assert_eq!(wrong, [0, 4095, 4096, 4099]);
        let items = [other.clone(), large.clone(), spoilt.clone(), large.clone(), other.clone()];
        assert_eq!(verifier.verify_many_strict(&items), Ok(vec![true, true, false, true, true]));
    }
}

#[test]
fn a_key_is_held_unless_it_is_none() {
    let [mut relaxed, mut plain, mut raw] = verifiers();
    let key = &PUBLISHED_KEYPAIR[32..];
    for verifier in [&mut relaxed, &mut plain] {
        for _ in 0..2 {
            assert_eq!(verifier.hold(key), Ok(true));
        }
        let mut no_point = [0; 32];
        no_point[0] = 2;
        assert_eq!(verifier.hold(&no_point), Ok(false));
    }
    assert_eq!(raw.hold(key), Ok(false), "signer-raw holds no public keys");
    for mut verifier in [relaxed, plain, raw] {
        assert_eq!(verifier.hold(&key[1..]).unwrap_err().code, Code::PublicKeyLength);
    }
}

#[test]
fn memory_that_is_limited_is_no_trap() {
    let items = vec![signed(1, &vec![0; 5 << 20]); 3];
    for modules in &*MODULES {
        let mut verifier = Verifier::new(&modules.clone().with_memory_limit(4 << 20)).unwrap();
        assert_eq!(verifier.verify_many(&items).unwrap_err().code, Code::OutOfMemory);
        assert_eq!(verifier.verify_many(&[signed(1, b"small")]), Ok(vec![true]));
    }
}

#[test]
fn after_a_trap_there_is_a_new_instance() {
    // Traps when the first message has 7 bytes, and ever after.
    let picky = fake("(if (i32.eq (i32.load (i32.const 1120)) (i32.const 7)) (then unreachable)) i32.const 0");
    let mut verifier = on(&[picky]).unwrap();
    for _ in 0..2 {
        assert_eq!(verifier.verify_many(&[signed(1, b"a third")]).unwrap_err().code, Code::Trapped);
        assert_eq!(verifier.verify_many(&[signed(1, b"hello")]), Ok(vec![false]), "this fake's verdict");
        assert_eq!(verifier.hold(&[0; 32]).unwrap_err().code, Code::Trapped);
        let unknown = verifier.verify_many_strict(&[signed(1, b"hello")]).unwrap_err();
        assert_eq!(unknown.to_string(), "TRAPPED: verify_batch_strict gave the unknown status 99");
    }
}

#[test]
fn twenty_thousand_random_verdicts_are_those_of_dalek() {
    let modules: Vec<_> = VERIFIERS[..2].iter().map(|name| (*name, Exports::compile(name))).collect();
    let mut done = 0;
    verdicts::compare(&modules, 1, 20_000, |now| done = now).unwrap();
    assert_eq!(done, 20_000);
}

#[test]
fn the_comparison_finds_a_verdict_that_is_not_dalek_s() {
    // It says of everything that it is wrong.
    let text = r#"(module
        (memory (export "memory") 32)
        (func (export "allocate_verify_batch") (param i32 i32) (result i32) i32.const 1024)
        (func (export "verify_batch") (result i32) i32.const 0)
        (func (export "verify_batch_strict") (result i32) i32.const 0)
        (func (export "get_verdicts_ptr") (result i32) i32.const 0x100000))"#;
    let module = Exports::compile_bytes(&wat::parse_str(text).unwrap());
    let error = verdicts::compare(&[("fake", module)], 1, 50, |_| ()).unwrap_err();
    assert!(error.contains("is 0, and dalek's 1"), "{error}");
}

/// What is spoilt of an item, or nothing.
#[derive(Debug, Clone)]
enum Spoilt {
    No,
    Key(Index),
    Signature(Index),
    Message,
    Random([u8; 32], [u8; 32]),
    KeyAlone([u8; 32]),
}

fn spoilt() -> impl Strategy<Value = Spoilt> {
    prop_oneof![
        4 => Just(Spoilt::No),
        1 => any::<Index>().prop_map(Spoilt::Key),
        1 => any::<Index>().prop_map(Spoilt::Signature),
        1 => Just(Spoilt::Message),
        1 => any::<([u8; 32], [u8; 32])>().prop_map(|(r, s)| Spoilt::Random(r, s)),
        1 => any::<[u8; 32]>().prop_map(Spoilt::KeyAlone),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    /// A few keys, so that some come often and are held.
    #[test]
    fn verdicts_are_those_of_dalek_and_of_the_reference(
        seeds in vec(seeds(), 1..4),
        items in vec((any::<Index>(), messages(), spoilt()), 0..40),
    ) {
        let keypairs: Vec<_> = seeds.into_iter().map(keypair).collect();
        let items: Vec<([u8; 32], Vec<u8>, [u8; 64])> = items.into_iter().map(|(of, mut message, spoilt)| {
            let keypair = of.get(&keypairs);
            let mut signature = token_signer_core::SigningKey::from_keypair(keypair).unwrap().sign(&message);
            let mut public_key: [u8; 32] = keypair[32..].try_into().unwrap();
            match spoilt {
                Spoilt::No => {}
                Spoilt::Key(bit) => public_key = flip(public_key, bit),
                Spoilt::Signature(bit) => signature = flip(signature, bit),
                Spoilt::Message => message.push(0),
                Spoilt::Random(r, s) => signature = [r, s].concat().try_into().unwrap(),
                Spoilt::KeyAlone(key) => public_key = key,
            }
            (public_key, message, signature)
        }).collect();
        let all = |verify: fn(&[u8; 32], &[u8], &[u8; 64]) -> bool| -> Vec<bool> {
            items.iter().map(|(public_key, message, signature)| verify(public_key, message, signature)).collect()
        };
        let lenient = all(token_signer_core::verify);
        let strict = all(token_signer_core::verify_strict);
        prop_assert_eq!(&all(ed25519_reference::verify), &lenient);
        prop_assert_eq!(&all(ed25519_reference::verify_strict), &strict);
        for mut verifier in verifiers() {
            prop_assert_eq!(verifier.verify_many(&items), Ok(lenient.clone()));
            prop_assert_eq!(verifier.verify_many_strict(&items), Ok(strict.clone()));
        }
    }
}

//! Batch modules: which one is picked, that its signatures are the same, and what becomes of its key and its traps.

use crate::common::{MISMATCHED_KEYPAIR, PUBLISHED_KEYPAIR, has_seed, keypair, signer_module, wasm};
use everyhost_wasmtime::{Code, Signer, SignerModule};
use wasmtime::{Config, Engine};

const MESSAGES: [&str; 3] = ["", "hello", "a third"];

fn self_test_fails() -> Vec<u8> {
    wat::parse_str(include_str!("self-test-fails.wat")).unwrap()
}

/// As the signer that fails, but it takes any key, and signs with what is in memory, or traps.
fn fake(sign_batch: &str) -> Vec<u8> {
    let text = include_str!("self-test-fails.wat")
        .replace(r#""load_key") (result i32) i32.const 8"#, r#""load_key") (result i32) i32.const 0"#)
        .replace(r#""sign_batch") (result i32) i32.const 8"#, &format!(r#""sign_batch") (result i32) {sign_batch}"#));
    wat::parse_str(text).unwrap()
}

fn with_batch_modules(modules: &[Vec<u8>]) -> Signer {
    let module = signer_module("signer-raw").with_batch_modules(modules);
    Signer::new(&module, &PUBLISHED_KEYPAIR).unwrap()
}

fn one_by_one(signer: &mut Signer) -> Vec<[u8; 64]> {
    MESSAGES.iter().map(|message| signer.sign(message).unwrap()).collect()
}

/// Where the scalar of the held key is, in either of the forms that a module may hold it in: a look that finds
/// nothing proves nothing unless it finds something before.
fn holds_key(memory: &[u8]) -> bool {
    use sha2::{Digest, Sha512};
    let expanded = Sha512::digest(&PUBLISHED_KEYPAIR[..32]);
    memory.windows(32).any(|window| window == &expanded[32..])
}

#[test]
fn the_first_module_that_can_be_used_signs() {
    let simd = wasm("signer-raw-simd");
    for passed_over in [
        vec![],
        vec![b"garbage".to_vec(), b"\0asm\x01\0\0\0\xff".to_vec()],
        vec![self_test_fails()],
        vec![vec![], self_test_fails()],
    ] {
        let place = passed_over.len();
        let mut signer = with_batch_modules(&[passed_over, vec![simd.clone(), fake("i32.const 0")]].concat());
        assert_eq!(signer.batch_module(), None, "nothing is made before it is needed");
        let expected = one_by_one(&mut signer);
        assert_eq!(signer.sign_many(&MESSAGES), Ok(expected));
        assert_eq!(signer.batch_module(), Some(place));
    }
}

/// The engine is without SIMD, and so is the host where it would be another machine.
#[test]
fn a_module_with_a_feature_that_the_engine_lacks_is_passed_over() {
    let mut config = Config::new();
    config.wasm_relaxed_simd(false).wasm_simd(false);
    let engine = Engine::new(&config).unwrap();
    let module = SignerModule::new(&engine, &wasm("signer-raw"))
        .unwrap()
        .with_batch_modules(&[wasm("signer-raw-simd"), wasm("signer-raw")]);
    let mut signer = Signer::new(&module, &PUBLISHED_KEYPAIR).unwrap();
    let expected = one_by_one(&mut signer);
    assert_eq!(signer.sign_many(&MESSAGES), Ok(expected));
    assert_eq!(signer.batch_module(), Some(1));
}

#[test]
fn of_the_modules_made_for_batches_the_fastest_signs() {
    let lanes = [wasm("signer-lanes-relaxed"), wasm("signer-lanes")];
    let messages: Vec<String> = (0..301).map(|n: usize| n.to_string().repeat(n % 7)).collect();
    for modules in [&lanes[..], &lanes[1..]] {
        let mut signer = with_batch_modules(modules);
        let expected: Vec<_> = messages.iter().map(|message| signer.sign(message).unwrap()).collect();
        assert_eq!(signer.sign_many(&messages), Ok(expected));
        assert_eq!(signer.batch_module(), Some(0));
    }
}

#[test]
fn where_none_can_be_used_the_main_module_signs() {
    let mut signer = with_batch_modules(&[b"garbage".to_vec(), self_test_fails()]);
    let expected = one_by_one(&mut signer);
    for _ in 0..2 {
        assert_eq!(signer.sign_many(&MESSAGES).as_ref(), Ok(&expected));
        assert_eq!(signer.batch_module(), None);
    }
}

#[test]
fn two_messages_go_to_the_batch_module_and_all_else_to_the_main_one() {
    let mut signer = with_batch_modules(&[fake("i32.const 0")]);
    let real = signer.sign("hello").unwrap();
    assert_eq!(signer.sign_many(&["hello"]), Ok(vec![real]));
    assert_eq!(signer.sign_many(&[] as &[&str]), Ok(vec![]));
    assert_eq!(signer.batch_module(), None);
    assert_ne!(signer.sign_many(&["hello", "hello"]), Ok(vec![real, real]));
    assert_eq!(signer.batch_module(), Some(0));
    assert_eq!(signer.sign_many(&["hello"]), Ok(vec![real]));
    assert_eq!(signer.sign("hello"), Ok(real));
}

#[test]
fn a_self_test_that_fails_is_told_where_it_is_the_main_module() {
    let module = SignerModule::new(&Engine::default(), &self_test_fails()).unwrap();
    assert_eq!(Signer::new(&module, &PUBLISHED_KEYPAIR).err().unwrap().code, Code::SelfTestFailed);
}

#[test]
fn a_wipe_and_another_key_concern_both_instances() {
    let mut signer = with_batch_modules(&[wasm("signer-raw-simd")]);
    let other = keypair([7; 32]);
    for end in [Signer::wipe, |signer: &mut Signer| signer.load_key(&keypair([7; 32]))] {
        signer.load_key(&PUBLISHED_KEYPAIR).unwrap();
        signer.sign_many(&MESSAGES).unwrap();
        assert!(holds_key(signer.linear_memory()) && holds_key(signer.batch_memory().unwrap()));
        end(&mut signer).unwrap();
        for memory in [signer.linear_memory(), signer.batch_memory().unwrap()] {
            assert!(!holds_key(memory) && !has_seed(memory));
        }
    }
    let expected = Signer::new(&signer_module("signer-raw"), &other).unwrap().sign_many(&MESSAGES);
    assert_eq!(signer.sign_many(&MESSAGES), expected, "with the other key");
    signer.wipe().unwrap();
    assert_eq!(signer.sign_many(&MESSAGES).unwrap_err().code, Code::NoKey);
    signer.load_key(&PUBLISHED_KEYPAIR).unwrap();
    signer.sign_many(&MESSAGES).unwrap();
    assert_eq!(signer.load_key(&MISMATCHED_KEYPAIR).unwrap_err().code, Code::KeyPairMismatch);
    assert!(!holds_key(signer.batch_memory().unwrap()), "a refused key drops the old one in both");
}

#[test]
fn a_trap_in_one_instance_is_told_and_the_other_goes_on() {
    let mut signer = with_batch_modules(&[fake("unreachable")]);
    for _ in 0..2 {
        assert_eq!(signer.sign_many(&MESSAGES).unwrap_err().code, Code::Trapped);
        assert!(signer.sign("hello").is_ok());
    }
    // It traps once in memory that says so, and is replaced by one whose memory does not.
    let mut signer = with_batch_modules(&[wasm("signer-raw-simd")]);
    let expected = one_by_one(&mut signer);
    assert_eq!(signer.sign_many(&MESSAGES).as_ref(), Ok(&expected));
    assert_eq!(signer.sign_with(&MISMATCHED_KEYPAIR, "").unwrap_err().code, Code::Trapped);
    assert_eq!(signer.sign_many(&MESSAGES).as_ref(), Ok(&expected));
    assert_eq!(one_by_one(&mut signer), expected);
}

#[test]
fn a_trapped_batch_instance_is_replaced_and_has_the_key() {
    // Signs zeros, but traps where the first message has 7 bytes.
    let picky = fake("(if (i32.eq (i32.load (i32.const 1024)) (i32.const 7)) (then unreachable)) i32.const 0");
    let mut signer = with_batch_modules(&[picky]);
    let zeros = Ok(vec![[0; 64]; 2]);
    assert_eq!(signer.sign_many(&["hello", "hello"]), zeros);
    assert_eq!(signer.sign_many(&["a third", ""]).unwrap_err().code, Code::Trapped);
    assert_eq!(signer.batch_memory().unwrap()[64..128], PUBLISHED_KEYPAIR, "this fake leaves the key where it came in");
    assert_eq!(signer.sign_many(&["hello", "hello"]), zeros);
}

#[test]
fn a_limit_of_memory_is_for_both() {
    let limited = [
        signer_module("signer-raw").with_batch_modules(&[wasm("signer-raw-simd")]).with_memory_limit(4 * 1024 * 1024),
        signer_module("signer-raw").with_memory_limit(4 * 1024 * 1024).with_batch_modules(&[wasm("signer-raw-simd")]),
    ];
    for module in limited {
        let mut signer = Signer::new(&module, &PUBLISHED_KEYPAIR).unwrap();
        let batch = vec![vec![0; 1024 * 1024]; 8];
        assert_eq!(signer.sign_many(&batch).unwrap_err().code, Code::OutOfMemory);
        assert_eq!(signer.batch_module(), Some(0));
    }
}

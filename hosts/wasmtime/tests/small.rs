//! The small signers: the same ABI as signer-raw as far as their exports go, and the same signatures as dalek.

#[path = "../conformance/raw.rs"]
mod raw;

use std::collections::BTreeMap;
use std::path::Path;

use self::raw::Limits;
use crate::common::{Exports, PUBLISHED_KEYPAIR, SMALL, keypair, wasm};
use crate::lanes::{SHA_512_K0, mutant, refuses_to_work};
use sha2::{Digest, Sha512};
use token_signer_core::SigningKey;
use vectors::imports::RawImports;
use vectors::ops::{Op, RawStep};

#[test]
fn every_raw_case_but_those_of_missing_exports_comes_out_right() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/signer-abi.json");
    let suite = vectors::load_file(&file).unwrap_or_else(|problems| panic!("{problems:?}"));
    let mut asked = BTreeMap::new();
    let raw = Exports::compile("signer-raw");
    for small in SMALL {
        let module = Exports::compile(small);
        let is_left_out = |name: &str| raw.get_export(name).is_some() && module.get_export(name).is_none();
        for case in &suite.cases {
            let (steps, max_pages) = match &case.op {
                Op::Raw(raw) => (&raw.steps, None),
                Op::RawMemoryLimit(limit) => (&limit.steps, Some(limit.max_pages)),
                other => panic!("{}: an op that this test does not know, {}", case.id, other.name()),
            };
            if steps.iter().any(|step| matches!(step, RawStep::Call { export, .. } if is_left_out(export))) {
                continue;
            }
            let answer = raw::run(&module, steps, Limits { max_pages, deadline: None }, &RawImports::default());
            assert!(case.expect.accepts(&answer), "{} on {small}: {answer:?} instead of {:?}", case.id, case.expect);
            *asked.entry(small).or_insert(0) += 1;
        }
    }
    // Should the filter ever leave out too much, this is where it shows.
    assert!(asked["signer-small"] >= 40 && asked["signer-small-sign"] >= 25, "{asked:?}");
    assert_eq!(asked["signer-small"], asked["signer-small-fast"]);
}

/// 20,000 signatures over the three builds, and verifications of each eighth.
#[test]
fn random_signatures_are_dalek_s() {
    let each = 20_000 / SMALL.len() as u64 + 1;
    std::thread::scope(|scope| {
        for (part, small) in SMALL.into_iter().enumerate() {
            scope.spawn(move || sign_and_verify(small, part as u64 * each..(part as u64 + 1) * each));
        }
    });
}

fn sign_and_verify(small: &str, numbers: std::ops::Range<u64>) {
    let module = Exports::compile(small);
    let verifies = module.get_export("verify").is_some();
    let mut exports = Exports::new(&module);
    let (signature_ptr, public_ptr) = (exports.call("get_signature_ptr", ()), exports.call("get_public_key_ptr", ()));
    let mut key = None;
    for number in numbers {
        let random = Sha512::digest(number.to_le_bytes());
        // A new key each sixteenth time: checking a pair costs as much as a signature, here and natively.
        if number % 16 == 0 || key.is_none() {
            let pair = keypair(random[..32].try_into().unwrap());
            exports.load_key(&pair);
            key = Some((SigningKey::from_keypair(&pair).unwrap(), pair));
        }
        let (native, pair) = key.as_ref().unwrap();
        let message: Vec<u8> = random.iter().copied().cycle().take(usize::from(random[0])).collect();
        exports.put_message(&message);
        assert_eq!(exports.status("sign_loaded"), 0);
        let signature: [u8; 64] = exports.get(signature_ptr);
        assert_eq!(signature, native.sign(&message), "{small}, number {number}");
        if !verifies || number % 8 != 0 {
            continue;
        }
        exports.put(public_ptr, &pair[32..]);
        let mut flipped = signature;
        flipped[usize::from(random[1]) % 64] ^= 1 << (random[2] % 8);
        for export in ["verify", "verify_strict"] {
            exports.put(signature_ptr, &signature);
            assert_eq!(exports.status(export), 0, "{small}, number {number}: {export}");
            exports.put(signature_ptr, &flipped);
            assert_eq!(exports.status(export), 4, "{small}, number {number}: {export}");
        }
    }
}

#[test]
fn a_module_that_computes_wrongly_signs_nothing() {
    for small in SMALL {
        refuses_to_work(&Exports::compile_bytes(&mutant(&wasm(small), &SHA_512_K0)));
    }
}

#[test]
fn verifying_again_and_again_needs_no_more_memory() {
    for small in ["signer-small", "signer-small-fast"] {
        let mut exports = Exports::new(&Exports::compile(small));
        exports.put_message(b"hello");
        let (signature_ptr, public_ptr) =
            (exports.call("get_signature_ptr", ()), exports.call("get_public_key_ptr", ()));
        exports.put(public_ptr, &PUBLISHED_KEYPAIR[32..]);
        let native = SigningKey::from_keypair(&PUBLISHED_KEYPAIR).unwrap();
        let mut pages = None;
        for _ in 0..200 {
            exports.put(signature_ptr, &native.sign(b"hello"));
            assert_eq!(exports.status("verify_strict"), 0);
            assert_eq!(*pages.get_or_insert(exports.memory().len()), exports.memory().len());
        }
    }
}

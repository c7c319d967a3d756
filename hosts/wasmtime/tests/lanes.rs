//! The lanes modules as they are built: they sign as dalek does, and refuse to sign where they would not.

#[path = "../conformance/random/compare.rs"]
mod compare;

use crate::common::{Exports, LANES, VERIFYING, fixture, keypair, wasm};
use wasmtime::{Config, Engine, Module};

const SELF_TEST_FAILED: u32 = 8;

#[test]
fn twenty_thousand_random_signatures_are_those_of_dalek() {
    let modules = LANES.map(|name| (name, Exports::compile(name)));
    let mut done = 0;
    compare::compare(&modules, 1, 20_000, |now| done = now).unwrap();
    assert_eq!(done, 20_000);
}

#[test]
fn verifying_before_a_signature_is_given_changes_none() {
    let modules = VERIFYING.map(|name| (name, Exports::compile_bytes(&fixture(name))));
    let mut done = 0;
    compare::compare(&modules, 2, 2_000, |now| done = now).unwrap();
    assert_eq!(done, 2_000);
}

#[test]
fn the_comparison_finds_a_signature_that_is_not_dalek_s() {
    let raw = wasm("signer-raw");
    compare::compare(&[("signer-raw", Exports::compile_bytes(&raw))], 1, 50, |_| ()).unwrap();
    let broken = mutant(&raw, &SHA_512_K0);
    let difference = compare::compare(&[("broken", Exports::compile_bytes(&broken))], 1, 50, |_| ());
    assert!(difference.is_err());
}

/// Nothing is exported but the ABI without verifying, and nothing imported.
#[test]
fn exports_are_the_abi_without_verifying() {
    for name in LANES {
        let raw = Exports::compile("signer-raw");
        let lanes = Exports::compile(name);
        assert_eq!(lanes.imports().len(), 0);
        let names = |module: &Module| -> Vec<String> {
            let mut names: Vec<String> = module.exports().map(|export| export.name().to_owned()).collect();
            names.sort();
            names
        };
        let mut wanted = names(&raw);
        wanted.retain(|name| name != "verify" && name != "verify_strict");
        assert_eq!(names(&lanes), wanted);
    }
}

/// The first of SHA-512's round constants, as it lies in memory.
const SHA_512_K0: [u8; 8] = 0x428a_2f98_d728_ae22u64.to_le_bytes();

/// The lowest limb of the base point's x.
const BASE_X: [u8; 8] = 1_738_742_601_995_546u64.to_le_bytes();

/// The lowest limb of the curve's d.
const D: [u8; 8] = 929_955_233_495_203u64.to_le_bytes();

/// The module with the lowest bit of a constant flipped, wherever it stands.
fn mutant(wasm: &[u8], constant: &[u8; 8]) -> Vec<u8> {
    let mut mutant = wasm.to_vec();
    let places: Vec<usize> = (0..wasm.len() - 8).filter(|at| wasm[*at..*at + 8] == *constant).collect();
    assert!(!places.is_empty(), "the constant is nowhere in the module");
    for at in places {
        mutant[at] ^= 1;
    }
    mutant
}

/// Everything that signs or takes a key refuses, and nothing is signed.
fn refuses_to_work(module: &Module) {
    let keypair = keypair([7; 32]);
    for first in ["load_key", "try_sign", "sign", "derive_public_key", "sign_loaded", "sign_batch"] {
        let mut exports = Exports::new(module);
        exports.put_keypair(&keypair);
        exports.put_message(b"hello");
        exports.put_batch(&[b"hello"]);
        if first == "sign" {
            assert!(exports.try_call::<(), ()>("sign", ()).is_err());
            continue;
        }
        assert_eq!(exports.status(first), SELF_TEST_FAILED, "{first}");
        // And again: it is not tried anew.
        for next in ["load_key", "try_sign", "derive_public_key", "sign_loaded", "sign_batch"] {
            exports.put_keypair(&keypair);
            assert_eq!(exports.status(next), SELF_TEST_FAILED, "{next} after {first}");
        }
        let (signature, public_key) = (exports.call("get_signature_ptr", ()), exports.call("get_public_key_ptr", ()));
        assert_eq!(exports.get::<64>(signature), [0; 64]);
        assert_eq!(exports.get::<32>(public_key), [0; 32]);
        assert_eq!(exports.call::<(), u32>("get_batch_signatures_ptr", ()), 0);
    }
}

#[test]
fn a_module_with_a_changed_constant_refuses_to_work() {
    // The relaxed build has the base point and d among its code's constants, not as limbs in memory.
    for (name, constants) in [(LANES[0], &[SHA_512_K0, BASE_X, D][..]), (LANES[1], &[SHA_512_K0])] {
        let wasm = wasm(name);
        for constant in constants {
            refuses_to_work(&Exports::compile_bytes(&mutant(&wasm, constant)));
        }
    }
}

/// Without the processor's fused multiply-add, wasmtime rounds twice, as relaxed SIMD lets it.
#[cfg(target_arch = "x86_64")]
#[test]
fn the_relaxed_module_refuses_a_host_that_does_not_fuse() {
    let mut config = Config::new();
    config.target("x86_64-unknown-linux-gnu").unwrap();
    // SAFETY: every processor on which the tests run has SSE 4.2, and wasmtime checks it.
    unsafe {
        for flag in ["has_sse3", "has_ssse3", "has_sse41", "has_sse42"] {
            config.cranelift_flag_enable(flag);
        }
    }
    let engine = Engine::new(&config).unwrap();
    refuses_to_work(&Module::new(&engine, wasm("signer-lanes-relaxed")).unwrap());
    let mut plain = Exports::new(&Module::new(&engine, wasm("signer-lanes")).unwrap());
    plain.put_keypair(&keypair([7; 32]));
    assert_eq!(plain.status("load_key"), 0);
}

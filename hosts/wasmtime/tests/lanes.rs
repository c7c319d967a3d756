//! The lanes modules as they are built: they sign as dalek does, and refuse to sign where they would not.

#[path = "../conformance/random/compare.rs"]
mod compare;

use crate::common::{Exports, LANES, VERIFYING, fixture, keypair, wasm};
use wasmtime::{Config, Engine, Module};

const SELF_TEST_FAILED: u32 = 8;

#[test]
fn twenty_thousand_random_signatures_are_those_of_dalek() {
    are_those_of_dalek(&LANES.map(|name| (name, Exports::compile(name))), 1, 20_000);
}

#[test]
fn verifying_before_a_signature_is_given_changes_none() {
    are_those_of_dalek(&VERIFYING.map(|name| (name, Exports::compile_bytes(&fixture(name)))), 2, 2_000);
}

fn are_those_of_dalek(modules: &[(&str, Module)], seed: u64, count: u64) {
    let mut done = 0;
    compare::compare(modules, seed, count, |now| done = now).unwrap();
    assert_eq!(done, count);
}

#[test]
fn the_comparison_finds_a_signature_that_is_not_dalek_s() {
    let raw = wasm("signer-raw");
    compare::compare(&[("signer-raw", Exports::compile_bytes(&raw))], 1, 50, |_| ()).unwrap();
    let broken = mutant(&raw, &SHA_512_K0);
    assert!(compare::compare(&[("broken", Exports::compile_bytes(&broken))], 1, 50, |_| ()).is_err());
}

/// The first of SHA-512's round constants, as it lies in memory.
pub(crate) const SHA_512_K0: [u8; 8] = 0x428a_2f98_d728_ae22u64.to_le_bytes();

/// The lowest limb of the base point's x.
const BASE_X: [u8; 8] = 1_738_742_601_995_546u64.to_le_bytes();

/// The lowest limb of the curve's d.
const D: [u8; 8] = 929_955_233_495_203u64.to_le_bytes();

/// The module with the lowest bit of a constant flipped, wherever it stands.
pub(crate) fn mutant(wasm: &[u8], constant: &[u8; 8]) -> Vec<u8> {
    let mut mutant = wasm.to_vec();
    for (at, _) in wasm.windows(8).enumerate().filter(|(_, window)| window == constant) {
        mutant[at] ^= 1;
    }
    assert_ne!(mutant, wasm, "the constant is nowhere in the module");
    mutant
}

/// Everything that signs or takes a key refuses, and nothing is signed.
pub(crate) fn refuses_to_work(module: &Module) {
    let keypair = keypair([7; 32]);
    let has_batches = module.get_export("sign_batch").is_some();
    let calls = ["load_key", "try_sign", "derive_public_key", "sign_loaded", "sign_batch"];
    let calls = if has_batches { &calls[..] } else { &calls[..4] };
    for first in calls.iter().chain(&["sign"]) {
        let mut exports = Exports::new(module);
        exports.put_keypair(&keypair);
        exports.put_message(b"hello");
        if has_batches {
            exports.put_batch(&[b"hello"]);
        }
        if *first != "sign" {
            assert_eq!(exports.status(first), SELF_TEST_FAILED, "{first}");
            // And again: it is not tried anew.
            for next in calls {
                exports.put_keypair(&keypair);
                assert_eq!(exports.status(next), SELF_TEST_FAILED, "{next} after {first}");
            }
            assert_eq!((exports.signature(), exports.public_key()), ([0; 64], [0; 32]));
            if has_batches {
                assert_eq!(exports.call::<(), u32>("get_batch_signatures_ptr", ()), 0);
            }
        }
        exports.put_keypair(&keypair);
        assert!(exports.try_call::<(), ()>("sign", ()).is_err(), "sign after {first}");
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
pub(crate) fn engine_that_does_not_fuse() -> Engine {
    let mut config = Config::new();
    config.target("x86_64-unknown-linux-gnu").unwrap();
    // SAFETY: every processor on which the tests run has SSE 4.2, and wasmtime checks it.
    unsafe {
        for flag in ["has_sse3", "has_ssse3", "has_sse41", "has_sse42"] {
            config.cranelift_flag_enable(flag);
        }
    }
    Engine::new(&config).unwrap()
}

#[cfg(target_arch = "x86_64")]
#[test]
fn the_relaxed_module_refuses_a_host_that_does_not_fuse() {
    let engine = engine_that_does_not_fuse();
    refuses_to_work(&Module::new(&engine, wasm("signer-lanes-relaxed")).unwrap());
    let mut plain = Exports::new(&Module::new(&engine, wasm("signer-lanes")).unwrap());
    plain.load_key(&keypair([7; 32]));
}

//! After `wipe`, nothing that depends on the key is left in linear memory.
//!
//! Two tests for one claim. The scan looks for what can be named: seed, scalar, prefix and nonces. The
//! comparison finds what has no name, such as the limbs of a nonce's point: the same calls with two keys must
//! leave the same memory behind, byte for byte.

use std::collections::HashMap;

use crate::common::{Exports, LANES, SIGNERS, SMALL, VERIFYING, expand, fixture, keypair};
use ed25519_reference::to_32_bytes;
use sha2::{Digest, Sha512};
use wasmtime::Module;

const MESSAGES: [&[u8]; 3] = [b"hello", b"", b"a message that is longer than one block of SHA-512, which is 128 bytes long, so that the hash is computed over more than one of them."];

fn modules() -> impl Iterator<Item = (&'static str, Module)> {
    let names = SIGNERS.into_iter().chain(SMALL).chain(LANES);
    let verifying = VERIFYING.map(|name| (name, Exports::compile_bytes(&fixture(name))));
    names.map(|name| (name, Exports::compile(name))).chain(verifying)
}

/// Calls an instance with a keypair.
type Path = fn(&mut Exports, &[u8; 64]);

/// Every way to sign, and what else touches a secret. Each is done on an instance of its own.
const PATHS: [(&str, Path); 10] = [
    ("sign", |exports, keypair| {
        for message in MESSAGES {
            exports.put_message(message);
            exports.put_keypair(keypair);
            exports.call::<(), ()>("sign", ());
        }
    }),
    ("try_sign", |exports, keypair| {
        exports.put_keypair(keypair);
        exports.put_message(MESSAGES[0]);
        assert_eq!(exports.status("try_sign"), 0);
    }),
    ("try_sign without a message", |exports, keypair| {
        exports.put_keypair(keypair);
        assert_eq!(exports.status("try_sign"), 1);
    }),
    ("sign_loaded", |exports, keypair| {
        exports.load_key(keypair);
        for message in MESSAGES {
            exports.put_message(message);
            assert_eq!(exports.status("sign_loaded"), 0);
        }
    }),
    ("a key loaded over another", |exports, keypair| {
        for _ in 0..2 {
            exports.load_key(keypair);
        }
        let mut mismatched = *keypair;
        mismatched[63] ^= 1;
        exports.put_keypair(&mismatched);
        assert_eq!(exports.status("load_key"), 3);
    }),
    ("sign_batch", |exports, keypair| {
        exports.load_key(keypair);
        exports.put_batch(&MESSAGES);
        assert_eq!(exports.status("sign_batch"), 0);
    }),
    ("a large batch", |exports, keypair| {
        exports.load_key(keypair);
        let messages: Vec<[u8; 4]> = (0..4096u32).map(u32::to_le_bytes).collect();
        exports.put_batch(&messages.iter().map(<[u8; 4]>::as_slice).collect::<Vec<_>>());
        assert_eq!(exports.status("sign_batch"), 0);
    }),
    ("derive_public_key", |exports, keypair| {
        exports.put_keypair(keypair);
        assert_eq!(exports.status("derive_public_key"), 0);
    }),
    ("verifying what was signed", |exports, keypair| {
        exports.put_keypair(keypair);
        exports.put_message(MESSAGES[0]);
        assert_eq!(exports.status("derive_public_key"), 0);
        assert_eq!(exports.status("try_sign"), 0);
        assert_eq!(exports.status("verify"), 0);
        assert_eq!(exports.status("verify_strict"), 0);
    }),
    ("memory that grows", |exports, keypair| {
        exports.load_key(keypair);
        for len in [1, 1 << 20, 1 << 23, 1] {
            exports.put_message(&vec![0x61; len]);
            assert_eq!(exports.status("sign_loaded"), 0);
        }
    }),
];

/// What happens after a path.
type End = fn(&mut Exports);
const WIPE: End = |exports| exports.call("wipe", ());
const NOTHING: End = |_| ();

/// A new instance that has gone a path.
fn after(module: &Module, work: Path, keypair: &[u8; 64], end: End) -> Exports {
    let mut exports = Exports::new(module);
    work(&mut exports, keypair);
    end(&mut exports);
    exports
}

#[test]
fn no_eight_bytes_of_a_secret_stay() {
    let keypair = keypair(std::array::from_fn(|n| 0xa7 ^ (29 * (n + 1)) as u8));
    for (name, module) in modules() {
        for (path, work) in paths_of(&module) {
            let exports = after(&module, work, &keypair, WIPE);
            let found = scan(exports.memory(), &secrets_of(&keypair));
            assert!(found.is_empty(), "{name} after {path} and wipe: {found:?}");
        }
    }
}

#[test]
fn the_scan_finds_each_secret_where_nothing_was_wiped() {
    // The lanes modules clear up after every call, without a wipe.
    for name in SIGNERS.into_iter().chain(SMALL) {
        finds_each_secret_after(&Exports::compile(name), NOTHING);
    }
}

/// The same after a `wipe` that does nothing: what the scan does not find after a real one was cleared by it.
#[test]
fn the_scan_finds_each_secret_where_the_wipe_does_nothing() {
    let module = Exports::compile_bytes(&fixture("signer-small-unwiped"));
    finds_each_secret_after(&module, WIPE);
}

fn finds_each_secret_after(module: &Module, end: End) {
    let keypair = keypair([0x5c; 32]);
    // What signing leaves on the stack depends on the compiler; a held key is whole.
    let work: Path = |exports, keypair| {
        exports.load_key(keypair);
        exports.put_message(MESSAGES[0]);
        exports.put_keypair(keypair);
        exports.call("sign", ())
    };
    let exports = after(module, work, &keypair, end);
    let found = scan(exports.memory(), &secrets_of(&keypair));
    for secret in ["seed", "scalar", "prefix", "nonce"] {
        assert!(found.keys().any(|name| name.starts_with(secret)), "no {secret} in {found:?}");
    }
}

/// The lanes modules clear up after every call: without a wipe there is only what the host wrote, and the held key.
#[test]
fn lanes_leave_no_nonce_behind_and_no_key_that_is_not_held() {
    let keypair = keypair([0x5c; 32]);
    for (_, module) in modules().filter(|(name, _)| name.starts_with(LANES[0])) {
        for (path, work) in paths_of(&module) {
            let mut exports = after(&module, work, &keypair, NOTHING);
            let found = scan(exports.memory(), &secrets_of(&keypair));
            let holds_key = exports.status("sign_loaded") != 2;
            // Reducing a scalar leaves most bytes of its upper half as they are: the held one is found by both names.
            let may_stay = |name: &str| {
                name == "seed" && !holds_key
                    || holds_key && ["scalar, reduced", "scalar, clamped", "prefix"].contains(&name)
            };
            assert!(found.keys().all(|name| may_stay(name)), "after {path}: {found:?}");
        }
    }
}

#[test]
fn the_scan_finds_each_secret_in_lanes_that_do_not_scrub() {
    for name in LANES {
        let module = Exports::compile_bytes(&fixture(&format!("{name}-unscrubbed")));
        finds_each_secret_after(&module, WIPE);
    }
}

/// What is in memory after the same path with two keys.
fn memories(module: &Module, work: Path, end: End) -> [Vec<u8>; 2] {
    [[1; 32], [0xfe; 32]].map(|seed| after(module, work, &keypair(seed), end).memory().to_vec())
}

#[test]
fn two_keys_leave_the_same_memory_behind() {
    for (name, module) in modules() {
        for (path, work) in paths_of(&module) {
            let [first, second] = memories(&module, work, WIPE);
            assert_eq!(first.len(), second.len(), "{name}, {path}");
            let differs_at = || (0..first.len()).filter(|at| first[*at] != second[*at]).take(8).collect::<Vec<_>>();
            assert!(first == second, "{name}: after {path} and wipe, memory differs at {:x?}", differs_at());
        }
    }
}

#[test]
fn the_comparison_finds_a_difference_where_nothing_was_wiped() {
    let left = ["signer-small-unwiped", "signer-lanes-unscrubbed", "signer-lanes-relaxed-unscrubbed"];
    let left = left.map(|name| Exports::compile_bytes(&fixture(name)));
    for module in left.into_iter().chain([Exports::compile(SIGNERS[0])]) {
        for (path, work) in paths_of(&module) {
            let [first, second] = memories(&module, work, NOTHING);
            assert_ne!(first, second, "{path}");
        }
    }
}

/// The paths that the module has exports for.
fn paths_of(module: &Module) -> impl Iterator<Item = (&'static str, Path)> {
    let has = |export| module.get_export(export).is_some();
    let (batches, verifies) = (has("sign_batch"), has("verify"));
    PATHS
        .into_iter()
        .filter(move |(path, _)| (batches || !path.contains("batch")) && (verifies || !path.contains("verif")))
}

/// Everything secret that the signing of [`MESSAGES`] computes and that has a byte form, by name.
fn secrets_of(keypair: &[u8; 64]) -> Vec<(String, Vec<u8>)> {
    let reduced = |bytes: &[u8]| to_32_bytes(&crate::common::reduced(bytes)).to_vec();
    let seed = &keypair[..32];
    let (scalar, prefix) = expand(seed);

    let mut secrets = vec![
        ("seed".into(), seed.to_vec()),
        ("scalar, as hashed".into(), Sha512::digest(seed)[..32].to_vec()),
        ("scalar, reduced".into(), reduced(&scalar)),
        ("scalar, clamped".into(), scalar.to_vec()),
        ("prefix".into(), prefix.to_vec()),
    ];
    for message in MESSAGES {
        let hash = Sha512::new().chain_update(prefix).chain_update(message).finalize();
        secrets.push(("nonce, reduced".into(), reduced(&hash)));
        secrets.push(("nonce, as hashed".into(), hash.to_vec()));
    }
    secrets
}

/// Which secrets have eight bytes in a row somewhere in `memory`, and where. Most pages are zeros from end to end, and are passed over.
fn scan(memory: &[u8], secrets: &[(String, Vec<u8>)]) -> HashMap<String, usize> {
    const PAGE: usize = 4096;
    const RUN: usize = 8;
    let windows: HashMap<&[u8], &str> = secrets
        .iter()
        .flat_map(|(name, bytes)| bytes.windows(RUN).map(move |window| (window, name.as_str())))
        .collect();
    assert!(!windows.contains_key(&[0; RUN][..]), "zeros are no secret");
    let pages = (0..memory.len()).step_by(PAGE).map(|at| (at, &memory[at..memory.len().min(at + PAGE + RUN - 1)]));
    let written = pages.filter(|(_, page)| **page != [0; PAGE + RUN - 1][..page.len()]);
    let hits =
        written.flat_map(|(start, page)| page.windows(RUN).enumerate().map(move |(at, window)| (start + at, window)));
    hits.filter_map(|(at, window)| Some(((*windows.get(window)?).to_owned(), at))).collect()
}

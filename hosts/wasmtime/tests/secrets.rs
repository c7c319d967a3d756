//! After `wipe`, nothing that depends on the key is left in linear memory.
//!
//! Two tests for one claim. The scan looks for what can be named: seed, scalar, prefix and nonces. The
//! comparison finds what has no name, such as the limbs of a nonce's point: the same calls with two keys must
//! leave the same memory behind, byte for byte.

mod common;

use std::collections::HashMap;

use common::{Exports, SIGNERS, keypair};
use num_bigint::BigUint;
use sha2::{Digest, Sha512};

const MESSAGES: [&[u8]; 3] = [b"hello", b"", b"a message that is longer than one block of SHA-512, which is 128 bytes long, so that the hash is computed over more than one of them."];

/// Calls an instance with a keypair.
type Path = fn(&mut Exports, &[u8; 64]);

/// Every way to sign, and what else touches a secret. Each is done on an instance of its own.
const PATHS: [(&str, Path); 9] = [
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
        exports.put_keypair(keypair);
        assert_eq!(exports.status("load_key"), 0);
        for message in MESSAGES {
            exports.put_message(message);
            assert_eq!(exports.status("sign_loaded"), 0);
        }
    }),
    ("a key loaded over another", |exports, keypair| {
        for _ in 0..2 {
            exports.put_keypair(keypair);
            assert_eq!(exports.status("load_key"), 0);
        }
        let mut mismatched = *keypair;
        mismatched[63] ^= 1;
        exports.put_keypair(&mismatched);
        assert_eq!(exports.status("load_key"), 3);
    }),
    ("sign_batch", |exports, keypair| {
        exports.put_keypair(keypair);
        assert_eq!(exports.status("load_key"), 0);
        exports.put_batch(&MESSAGES);
        assert_eq!(exports.status("sign_batch"), 0);
    }),
    ("a large batch", |exports, keypair| {
        exports.put_keypair(keypair);
        assert_eq!(exports.status("load_key"), 0);
        let messages: Vec<[u8; 4]> = (0..4096u32).map(u32::to_le_bytes).collect();
        exports.put_batch(&messages.iter().map(<[u8; 4]>::as_slice).collect::<Vec<_>>());
        assert_eq!(exports.status("sign_batch"), 0);
    }),
    ("derive_public_key", |exports, keypair| {
        exports.put_keypair(keypair);
        assert_eq!(exports.status("derive_public_key"), 0);
    }),
    ("memory that grows", |exports, keypair| {
        exports.put_keypair(keypair);
        assert_eq!(exports.status("load_key"), 0);
        for len in [1, 1 << 20, 1 << 23, 1] {
            exports.put_message(&vec![0x61; len]);
            assert_eq!(exports.status("sign_loaded"), 0);
        }
    }),
];

#[test]
fn no_eight_bytes_of_a_secret_stay() {
    for module in SIGNERS.map(Exports::compile) {
        for (path, work) in PATHS {
            let keypair = keypair([0xa7; 32].map({
                let mut n = 0u8;
                move |byte: u8| {
                    n = n.wrapping_add(29);
                    byte ^ n
                }
            }));
            let mut exports = Exports::new(&module);
            work(&mut exports, &keypair);
            exports.call::<(), ()>("wipe", ());
            let found = scan(exports.memory(), &secrets_of(&keypair));
            assert!(found.is_empty(), "after {path} and wipe: {found:?}");
        }
    }
}

#[test]
fn the_scan_finds_each_secret_where_nothing_was_wiped() {
    for module in SIGNERS.map(Exports::compile) {
        let keypair = keypair([0x5c; 32]);
        let mut exports = Exports::new(&module);
        exports.put_message(MESSAGES[0]);
        exports.put_keypair(&keypair);
        exports.call::<(), ()>("sign", ());
        let found = scan(exports.memory(), &secrets_of(&keypair));
        for secret in ["seed", "scalar", "prefix", "nonce"] {
            assert!(
                found.keys().any(|name| name.starts_with(secret)),
                "no {secret} in {found:?}"
            );
        }
    }
}

#[test]
fn two_keys_leave_the_same_memory_behind() {
    for module in SIGNERS.map(Exports::compile) {
        for (path, work) in PATHS {
            let [first, second] = [[1; 32], [0xfe; 32]].map(|seed| {
                let mut exports = Exports::new(&module);
                work(&mut exports, &keypair(seed));
                exports.call::<(), ()>("wipe", ());
                exports.memory().to_vec()
            });
            assert_eq!(first.len(), second.len(), "{path}");
            let differing: Vec<usize> = (0..first.len())
                .filter(|at| first[*at] != second[*at])
                .take(8)
                .collect();
            assert!(
                differing.is_empty(),
                "after {path} and wipe, memory differs at {differing:x?}"
            );
        }
    }
}

#[test]
fn the_comparison_finds_a_difference_where_nothing_was_wiped() {
    let module = Exports::compile(SIGNERS[0]);
    for (path, work) in PATHS {
        let [first, second] = [[1; 32], [0xfe; 32]].map(|seed| {
            let mut exports = Exports::new(&module);
            work(&mut exports, &keypair(seed));
            exports.memory().to_vec()
        });
        assert_ne!(first, second, "{path}");
    }
}

/// Everything secret that the signing of [`MESSAGES`] computes and that has a byte form, by name.
fn secrets_of(keypair: &[u8; 64]) -> Vec<(String, Vec<u8>)> {
    let order = (BigUint::from(1u8) << 252u32)
        + "27742317777372353535851937790883648493"
            .parse::<BigUint>()
            .unwrap();
    let reduced = |bytes: &[u8]| {
        let mut reduced = (BigUint::from_bytes_le(bytes) % &order).to_bytes_le();
        reduced.resize(32, 0);
        reduced
    };
    let expanded = Sha512::digest(&keypair[..32]);
    let (scalar, prefix) = expanded.split_at(32);
    let mut clamped = scalar.to_vec();
    clamped[0] &= 248;
    clamped[31] = clamped[31] & 63 | 64;

    let mut secrets = vec![
        ("seed".into(), keypair[..32].to_vec()),
        ("scalar, as hashed".into(), scalar.to_vec()),
        ("scalar, reduced".into(), reduced(&clamped)),
        ("scalar, clamped".into(), clamped),
        ("prefix".into(), prefix.to_vec()),
    ];
    for message in MESSAGES {
        let hash = Sha512::new()
            .chain_update(prefix)
            .chain_update(message)
            .finalize();
        secrets.push(("nonce, reduced".into(), reduced(&hash)));
        secrets.push(("nonce, as hashed".into(), hash.to_vec()));
    }
    secrets
}

/// Which secrets have eight bytes in a row somewhere in `memory`, and where.
fn scan(memory: &[u8], secrets: &[(String, Vec<u8>)]) -> HashMap<String, usize> {
    let windows: HashMap<&[u8], &str> = secrets
        .iter()
        .flat_map(|(name, bytes)| bytes.windows(8).map(move |window| (window, name.as_str())))
        .collect();
    let hits = memory
        .windows(8)
        .enumerate()
        .filter_map(|(at, window)| Some(((*windows.get(window)?).to_owned(), at)));
    hits.collect()
}

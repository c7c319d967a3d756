use curve25519_dalek::{EdwardsPoint, Scalar, constants, edwards::CompressedEdwardsY};
use token_signer_core as single;

use super::*;
use crate::field::{Plain, Relaxed};
use crate::room::tests::Limited;

fn room() -> Arena<Limited> {
    Arena::new(Limited::new(16 << 20))
}

struct Owned {
    public_key: [u8; 32],
    signature: [u8; 64],
    message: Vec<u8>,
}

fn batch(items: &[Owned]) -> Vec<u8> {
    let heads = items.iter().flat_map(|item| {
        let length = (item.message.len() as u32).to_le_bytes();
        [&item.public_key[..], &item.signature, &length].concat()
    });
    let messages = items.iter().flat_map(|item| &item.message);
    heads.chain(messages.copied()).collect()
}

/// Good and spoilt ones, of few keys and of many.
fn some(count: usize, keys: usize) -> Vec<Owned> {
    let of = |at: usize| {
        let seed = [(at % keys) as u8 + 1; 32];
        let message = vec![at as u8; at % 70];
        let public_key = single::derive_public_key(&seed);
        let mut keypair = [0; 64];
        keypair[..32].copy_from_slice(&seed);
        keypair[32..].copy_from_slice(&public_key);
        let signature = single::SigningKey::from_keypair(&keypair).unwrap().sign(&message);
        let mut one = Owned { public_key, signature, message };
        match at % 7 {
            2 => one.signature[at % 64] ^= 1 << (at % 8),
            4 => one.public_key[at % 32] ^= 1 << (at % 8),
            5 => one.message.push(0),
            _ => {}
        }
        one
    };
    (0..count).map(of).collect()
}

fn compare<F: Field>(verifier: &mut Verifier<F>, room: &mut Arena<Limited>, items: &[Owned]) -> usize {
    let mut right = 0;
    for strict in [false, true] {
        let mut verdicts = vec![7; items.len()];
        let batch = batch(items);
        verifier.verify(room, Items::of_batch(&batch, items.len()).unwrap(), strict, &mut verdicts);
        for (at, (item, verdict)) in items.iter().zip(&verdicts).enumerate() {
            let check = if strict { single::verify_strict } else { single::verify };
            let expected = check(&item.public_key, &item.message, &item.signature);
            assert_eq!(*verdict, u8::from(expected), "{at} of {}, strict: {strict}", items.len());
            right += usize::from(*verdict);
        }
    }
    right
}

fn check_batches<F: Field>() {
    let mut verifier = Box::new(Verifier::<F>::NEW);
    let mut room = room();
    for (count, keys) in [(0, 1), (1, 1), (2, 2), (3, 1), (17, 5), (255, 3), (256, 40), (257, 250), (300, 18)] {
        let right = compare(&mut verifier, &mut room, &some(count, keys));
        assert!(count < 3 || right > count / 2);
    }
}

#[test]
fn every_verdict_is_that_of_the_single_check() {
    check_batches::<Plain>();
    check_batches::<Relaxed>();
}

/// Signatures by keys with a part of small order, and R with one.
fn torsion() -> Vec<Owned> {
    let mut items = Vec::new();
    for (at, small) in constants::EIGHT_TORSION.iter().enumerate() {
        for (other, other_small) in constants::EIGHT_TORSION.iter().enumerate() {
            for secret in [0u64, 5] {
                let secret = Scalar::from(secret);
                let key = EdwardsPoint::mul_base(&secret) + small;
                let nonce = Scalar::from(1000 + (at * 8 + other) as u64);
                for r in [EdwardsPoint::mul_base(&nonce) + other_small, *other_small] {
                    let nonce = if r == *other_small { Scalar::ZERO } else { nonce };
                    let public_key = key.compress().to_bytes();
                    let message = vec![at as u8, other as u8];
                    let r = r.compress().to_bytes();
                    let s = nonce + hashed(&[&r, &public_key, &message]) * secret;
                    let mut signature = [0; 64];
                    signature[..32].copy_from_slice(&r);
                    signature[32..].copy_from_slice(s.as_bytes());
                    items.push(Owned { public_key, signature, message });
                }
            }
        }
    }
    items
}

fn check_torsion<F: Field>() {
    let mut room = room();
    let items = torsion();
    // Once with keys that are not held, and once with all held.
    let mut verifier = Box::new(Verifier::<F>::NEW);
    for items in items.chunks(16) {
        let right = compare(&mut verifier, &mut room, items);
        for item in items {
            assert!(verifier.hold(&mut room, &item.public_key).is_some());
        }
        assert_eq!(compare(&mut verifier, &mut room, items), right);
    }
}

#[test]
fn a_part_of_small_order_counts() {
    check_torsion::<Plain>();
    check_torsion::<Relaxed>();
}

fn check_keys<F: Field>() {
    let k = F::constants();
    let mut points = 0;
    let mut keys: Vec<[u8; 32]> = (0..200u8)
        .map(|at| {
            let mut key = single::derive_public_key(&[at; 32]);
            key[usize::from(at) % 32] ^= at;
            key
        })
        .collect();
    for low in 0..20u8 {
        for high in [0x7f, 0xff, 0, 0x80] {
            let mut key = [if high & 0x7f == 0 { 0 } else { 0xff }; 32];
            key[0] = if high & 0x7f == 0 { low } else { 0xec + low };
            key[31] = high;
            keys.push(key);
        }
    }
    for key in &keys {
        let [_, [decoded, _]] = decode::decode_negative(k, [[&[1; 32]; 2], [key, &[1; 32]]]);
        let expected = CompressedEdwardsY(*key).decompress();
        assert_eq!(decoded.is_point, expected.is_some(), "{key:?}");
        if let Some(point) = expected {
            points += 1;
            let opposite = (-point).compress().to_bytes();
            let mut encoding = crate::field::pack(&decoded.y);
            encoding[31] |= (decoded.x[0] as u8 & 1) << 7;
            assert_eq!(encoding, opposite);
            assert_eq!(decoded.is_small, point.is_small_order());
            assert_eq!(decode::is_small_encoding(&opposite), point.is_small_order());
        }
    }
    assert!(points > 100);
}

#[test]
fn keys_decode_as_in_dalek() {
    check_keys::<Plain>();
    check_keys::<Relaxed>();
}

#[test]
fn the_least_recently_used_key_goes() {
    let mut verifier = Box::new(Verifier::<Relaxed>::NEW);
    let mut room = room();
    let key = |at: usize| single::derive_public_key(&[at as u8; 32]);
    for at in 0..HELD_KEYS {
        assert!(verifier.hold(&mut room, &key(at)).is_some());
    }
    assert!(verifier.keys.find(&key(0)).is_some());
    assert!(verifier.hold(&mut room, &key(HELD_KEYS)).is_some());
    assert!(verifier.keys.find(&key(0)).is_some());
    assert!(verifier.keys.find(&key(1)).is_none());
    assert_eq!(verifier.hold(&mut room, &[2; 32]), None);
}

#[test]
fn without_memory_keys_are_not_held_and_verdicts_are_the_same() {
    let mut verifier = Box::new(Verifier::<Plain>::NEW);
    let mut room = Arena::new(Limited::new(0));
    assert!(compare(&mut verifier, &mut room, &some(100, 2)) > 50);
    assert!(verifier.hold(&mut room, &single::derive_public_key(&[1; 32])).is_none());
}

/// Random signatures of 60 keys, some of which have a part of small order, half of them spoilt in one bit.
fn random_batch(seed: u64, count: usize) -> Vec<Owned> {
    let of = |at: usize| {
        let random = crate::hash::sha512(&[&seed.to_le_bytes(), &at.to_le_bytes()]);
        let key = u64::from(random[0] % 60);
        let secret = hashed(&[&key.to_le_bytes()]);
        let small = constants::EIGHT_TORSION[if key < 16 { usize::from(random[1] % 8) } else { 0 }];
        let public_key = (EdwardsPoint::mul_base(&secret) + small).compress().to_bytes();
        let nonce = hashed(&[&random]);
        let r = EdwardsPoint::mul_base(&nonce)
            + constants::EIGHT_TORSION[if key < 8 { usize::from(random[2] % 8) } else { 0 }];
        let r = r.compress().to_bytes();
        let message = random[16..16 + usize::from(random[3] % 48)].to_vec();
        let s = nonce + hashed(&[&r, &public_key, &message]) * secret;
        let signature = [r, s.to_bytes()].as_flattened().try_into().unwrap();
        let mut item = Owned { public_key, signature, message };
        let (place, bit) = (usize::from(random[5]) % (96 + item.message.len()), 1 << (random[6] % 8));
        match place {
            _ if random[4] & 1 == 0 => {}
            0..32 => item.public_key[place] ^= bit,
            32..96 => item.signature[place - 32] ^= bit,
            _ => item.message[place - 96] ^= bit,
        }
        item
    };
    (0..count).map(of).collect()
}

/// Batches of every size, with some keys held and some not.
fn compare_random<F: Field>(seed: u64, batches: u64) {
    let (mut verifier, mut room) = (Box::new(Verifier::<F>::NEW), room());
    for batch in 0..batches {
        let count = 1 + (seed + batch * 37) as usize % 300;
        let right = compare(&mut verifier, &mut room, &random_batch(seed << 32 | batch, count));
        assert!(count < 100 || (count / 4..2 * count).contains(&right), "{right} of {count} are right");
    }
}

#[test]
fn random_verdicts_are_those_of_the_single_check() {
    compare_random::<Plain>(1, 4);
    compare_random::<Relaxed>(2, 4);
}

#[test]
#[ignore = "it takes minutes in a release build; CAMPAIGN says how many batches, of 150 each"]
fn many_random_verdicts_are_those_of_the_single_check() {
    let batches = std::env::var("CAMPAIGN").map_or(10_000, |count| count.parse().expect("CAMPAIGN is a number"));
    compare_random::<Plain>(3, batches);
    compare_random::<Relaxed>(4, batches);
}

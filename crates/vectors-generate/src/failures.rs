//! What must be refused or must not verify, and the messages at both ends of what is allowed.

use sha2::{Digest, Sha512};

use super::build::{
    self, BY_REFERENCE, CAP, MIB, case, error, flipped, headed, judged, made_here, public_key, repeated, sign,
    sign_many, signature, signed, test_key, triple, unhex, valid, verify, verify_strict,
};
use ed25519_reference::{self as reference, Key};
use vectors::Bytes;
use vectors::model::{Case, Expect, Face, Suite};
use vectors::ops::{Op, VerifyInput};

const FLAGS: &str = "\
KeyLength: the keypair or the seed has a wrong length: refused before anything is copied
KeyPairMismatch: the public half does not belong to the seed: signing with it could reveal the secret scalar (https://rustsec.org/advisories/RUSTSEC-2022-0093.html)
PublicKeyLength: a public key that is not 32 bytes is an error of the caller
SignatureLength: a signature that is not 64 bytes does not verify
NotAPoint: 32 bytes that are no point of the curve: nothing verifies by such a key
FlippedBit: one bit of signature, public key or message is the other way round
LargeS: S is not below the group order: the same signature in another spelling (RFC 8032, section 5.1.7)
SmallOrder: R or the public key has small order, so that one signature fits many messages: verify accepts it, verify_strict does not
ReducedChallenge: the key has order 8, and whether k is reduced modulo L before it multiplies the key decides: verify reduces it
Large: a message of 1 MiB or more
TooLarge: a message over 16 MiB
TwoFaults: two things are wrong: the key is looked at first, then the message, then the signature
Empty: a message of no bytes";

pub(super) fn suite() -> Suite {
    let key = test_key("failures");
    let other = test_key("another");
    let cases = [
        key_lengths(&key),
        mismatches(&key, &other),
        public_key_lengths(&key),
        signature_lengths(&key),
        wrong_signatures(&key, &other),
        reduced_challenges(),
        flips(&key),
        sizes(&key),
        two_faults(&key, &other),
    ];
    build::suite("ed25519-failures", Face::Signer, made_here(BY_REFERENCE), &build::flags(FLAGS), cases.concat())
}

const FAMILY: &str = "ed25519/failures";

fn id(name: impl AsRef<str>) -> String {
    format!("{FAMILY}/{}", name.as_ref())
}

/// The first `len` bytes, with zeros after them where there are fewer.
fn cut(bytes: &[u8], len: usize) -> Vec<u8> {
    let mut cut = bytes.to_vec();
    cut.resize(len, 0);
    cut
}

fn key_lengths(key: &Key) -> Vec<Case> {
    let of = |len| cut(&key.keypair(), len);
    let mut asked = Vec::new();
    for len in (0..=63).chain([65, 66, 95, 96, 127, 128, 4096]) {
        let comment = match len {
            0 => "no key at all",
            32 => "the seed alone",
            65.. => "a good keypair, then zeros",
            _ => "",
        };
        asked.push((format!("sign-keypair-of-{len} [KeyLength] {comment}"), sign(of(len), "hello")));
    }
    for len in [0, 32, 63, 65] {
        let op = sign_many(of(len), &["hello".into()]);
        asked.push((format!("sign-many-keypair-of-{len} [KeyLength]"), op));
    }
    let nothing = "sign-many-keypair-of-63-no-message [KeyLength] the key is looked at all the same";
    asked.push((nothing.to_owned(), sign_many(of(63), &[])));
    for len in (0..=31).chain([33, 63, 64, 65]) {
        let comment = if len == 64 { "a keypair where a seed belongs" } else { "" };
        asked.push((format!("public-key-of-a-seed-of-{len} [KeyLength] {comment}"), public_key(of(len))));
    }
    let refused = |(head, op): (String, Op)| headed(FAMILY, &head, op, error("KEY_LENGTH"));
    asked.into_iter().map(refused).collect()
}

fn mismatches(key: &Key, other: &Key) -> Vec<Case> {
    let good = key.keypair();
    let (seed, public) = good.split_at(32);
    let halves = |seed: &[u8], public: &[u8]| [seed, public].concat();
    let of_two_keys = || halves(seed, &other.public_key());
    let refused = |name: &str, comment: &str, op| {
        let head = format!("mismatch-{name} [KeyPairMismatch] {comment}");
        headed(FAMILY, &head, op, error("KEY_PAIR_MISMATCH"))
    };
    let mut cases: Vec<Case> = [
        ("of-two-keys", "the seed of one key and the public key of another", of_two_keys()),
        ("swapped", "the public key first", halves(public, seed)),
        ("seed-twice", "", halves(seed, seed)),
        ("public-key-twice", "", halves(public, public)),
        ("public-half-zero", "", halves(seed, &[0; 32])),
        ("seed-zero", "", halves(&[0; 32], public)),
        ("all-zero", "a buffer that nobody filled", vec![0; 64]),
        ("all-ones", "", vec![0xff; 64]),
        ("not-a-point", "the public half is no point", halves(seed, &not_a_point())),
        ("neutral-point", "the public half is the neutral point", halves(seed, &neutral_point())),
    ]
    .into_iter()
    .map(|(name, comment, pair)| refused(name, comment, sign(pair, "hello")))
    .collect();
    for byte in 0..64 {
        let half = if byte < 32 { "seed" } else { "public half" };
        let pair = flipped(&good, 8 * byte + byte % 8);
        cases.push(refused(&format!("flip-in-byte-{byte}"), half, sign(pair, "hello")));
    }
    for (count, name) in [(0, "none"), (1, "one"), (3, "three")] {
        let messages: Vec<Bytes> = (0..count).map(|n: u8| [n].into()).collect();
        cases.push(refused(&format!("sign-many-{name}"), "", sign_many(of_two_keys(), &messages)));
    }
    cases
}

fn public_key_lengths(key: &Key) -> Vec<Case> {
    let lengths = (0..=31).chain([33, 63, 64, 128]);
    lengths
        .flat_map(|len| {
            let triple = triple(cut(&key.public_key(), len), "hello", key.sign(b"hello"));
            let refused = || error("PUBLIC_KEY_LENGTH");
            both(&format!("public-key-of-{len} [PublicKeyLength]"), triple, refused(), refused())
        })
        .collect()
}

fn signature_lengths(key: &Key) -> Vec<Case> {
    let lengths = (0..=63).chain([65, 96, 128]);
    lengths
        .flat_map(|len| {
            let triple = triple(key.public_key(), "hello", cut(&key.sign(b"hello"), len));
            both(&format!("signature-of-{len} [SignatureLength]"), triple, valid(false), valid(false))
        })
        .collect()
}

/// `verify` and `verify_strict` of one triple, with these answers.
fn both(head: &str, triple: VerifyInput, lenient: Expect, strict: Expect) -> [Case; 2] {
    let of = |op: &str, asked, expect| headed(FAMILY, &format!("{op}-{head}"), asked, expect);
    [of("verify", verify(triple.clone()), lenient), of("verify-strict", verify_strict(triple), strict)]
}

/// The same, as the reference answers.
fn both_verified(head: &str, triple: VerifyInput) -> [Case; 2] {
    let (lenient, strict) = judged(&triple);
    both(head, triple, valid(lenient), valid(strict))
}

fn wrong_signatures(key: &Key, other: &Key) -> Vec<Case> {
    let (public, good) = (key.public_key(), key.sign(b"hello"));
    let (r, s) = good.split_at(32);
    let neutral_signature = [neutral_point().as_slice(), &[0; 32]].concat();
    let cases = [
        ("right [] for comparison: this one is right", triple(public, "hello", good)),
        ("other-message []", triple(public, "hullo", good)),
        ("other-key []", triple(other.public_key(), "hello", good)),
        ("longer-message [] the message goes on", triple(public, "hello\0", good)),
        ("shorter-message []", triple(public, "hell", good)),
        ("halves-swapped [] S, then R", triple(public, "hello", [s, r].concat())),
        ("zero-signature [] a buffer that nobody filled", triple(public, "hello", [0; 64])),
        ("all-ones-signature [LargeS]", triple(public, "hello", [0xff; 64])),
        ("s-plus-order [LargeS] S + L", triple(public, "hello", [r, &plus_order(s)].concat())),
        ("s-is-order [LargeS] S = L", triple(public, "hello", [r, &reference::order()].concat())),
        ("not-a-point [NotAPoint] y = 2 has no x", triple(not_a_point(), "hello", good)),
        ("r-not-a-point [NotAPoint] R: y = 2 has no x", triple(public, "hello", [&not_a_point(), s].concat())),
        ("key-of-ones [] y is reduced modulo p", triple([0xff; 32], "hello", good)),
        ("key-of-zeros [SmallOrder] a point of order 4", triple([0; 32], "hello", good)),
        ("neutral-key-and-r [SmallOrder] fits every message", triple(neutral_point(), "hello", neutral_signature)),
    ];
    cases.into_iter().flat_map(|(head, triple)| both_verified(head, triple)).collect()
}

/// Signatures with R neutral and S = 0, by a key of order 8: they verify where 8 divides k. Reducing k modulo L
/// first changes that, so each of these messages shows whether a verifier reduces.
fn reduced_challenges() -> Vec<Case> {
    let key = unhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05");
    let r = neutral_point();
    let signature = [r, [0; 32]].concat();
    let find = |verifies: bool| {
        (0u32..)
            .map(|number| triple(&key, format!("message {number}"), &signature))
            .find(|triple| {
                let k =
                    Sha512::new().chain_update(r).chain_update(&key).chain_update(triple.message.to_vec()).finalize();
                let divisible_unreduced = k[0] % 8 == 0;
                judged(triple).0 == verifies && divisible_unreduced != verifies
            })
            .expect("one message in eight is found")
    };
    let reduced = "k-divisible-only-reduced [SmallOrder, ReducedChallenge] 8 divides k modulo L, but not k";
    let unreduced = "k-divisible-only-unreduced [SmallOrder, ReducedChallenge] 8 divides k, but not k modulo L";
    [both_verified(reduced, find(true)), both_verified(unreduced, find(false))].concat()
}

fn flips(key: &Key) -> Vec<Case> {
    let (public, good, message) = (key.public_key(), key.sign(b"hello"), b"hello");
    let mut cases = Vec::new();
    for byte in 0..64 {
        let bit = 8 * byte + (7 * byte + 3) % 8;
        let triple = triple(public, message, flipped(&good, bit));
        let comment = format!("bit {bit}, counted from the lowest of the first byte");
        cases.extend(both_verified(&format!("signature-bit-{bit} [FlippedBit] {comment}"), triple));
    }
    // The three highest bits of S: always zero, and the ones that lazy checks look at.
    for bit in [509, 510, 511] {
        let triple = triple(public, message, flipped(&good, bit));
        cases.extend(both_verified(&format!("signature-high-bit-{bit} [FlippedBit, LargeS]"), triple));
    }
    for bit in (0..256).step_by(11).chain([255]) {
        let flipped = flipped_key(&public, bit);
        let flags = if reference::is_point(&flipped) { "FlippedBit" } else { "FlippedBit, NotAPoint" };
        let triple = triple(flipped, message, good);
        cases.extend(both_verified(&format!("public-key-bit-{bit} [{flags}]"), triple));
    }
    for bit in 0..8 * message.len() {
        let triple = triple(public, flipped(message, bit), good);
        cases.extend(both_verified(&format!("message-bit-{bit} [FlippedBit]"), triple));
    }
    cases
}

fn sizes(key: &Key) -> Vec<Case> {
    let (pair, public) = (key.keypair(), key.public_key());
    let mut cases = Vec::new();
    for (head, message) in [
        ("empty [Empty] no bytes", Bytes::from(b"")),
        ("1-mib [Large, Long] 1 MiB", repeated(MIB)),
        ("at-the-cap [Large, Long] exactly 16 MiB", repeated(CAP)),
    ] {
        let good = signed(key, &message);
        let triple = triple(public, message.clone(), good.clone());
        cases.push(headed(FAMILY, &format!("sign-{head}"), sign(pair, message), signature(good)));
        cases.extend(both_verified(head, triple));
    }
    let over = || repeated(CAP + 1);
    let refused = || error("MESSAGE_TOO_LARGE");
    let flags = &["TooLarge"];
    let comment = "16 MiB and one byte";
    let triple = triple(public, over(), [0; 64]);
    let second = "the second of three is a byte too long: none is signed";
    for (name, comment, op) in [
        ("sign-over", comment, sign(pair, over())),
        ("verify-over", comment, verify(triple.clone())),
        ("verify-strict-over", comment, verify_strict(triple)),
        ("sign-many-one-over", second, sign_many(pair, &["first".into(), over(), "third".into()])),
        ("sign-many-only-over", comment, sign_many(pair, &[over()])),
    ] {
        cases.push(case(id(format!("{name}-the-cap")), flags, comment, op, refused()));
    }
    cases
}

fn two_faults(key: &Key, other: &Key) -> Vec<Case> {
    let mixed = [&key.keypair()[..32], &other.public_key()].concat();
    let over = || repeated(CAP + 1);
    let short_key = triple(&key.public_key()[..31], over(), [0; 64]);
    let short_signature = triple(key.public_key(), over(), [0; 63]);
    let short_key_and_signature = triple(&key.public_key()[..31], "hello", [0; 63]);
    let cases = [
        ("sign-key-length-and-too-large", sign([0; 63], over()), "KEY_LENGTH"),
        ("sign-mismatch-and-too-large", sign(mixed, over()), "KEY_PAIR_MISMATCH"),
        ("verify-key-length-and-too-large", verify(short_key), "PUBLIC_KEY_LENGTH"),
        ("verify-too-large-and-signature-length", verify(short_signature), "MESSAGE_TOO_LARGE"),
        ("verify-key-length-and-signature-length", verify(short_key_and_signature), "PUBLIC_KEY_LENGTH"),
    ];
    let flags = |name: &str| {
        if name.contains("too-large") { &["TwoFaults", "TooLarge"][..] } else { &["TwoFaults"] }
    };
    cases.map(|(name, op, code)| case(id(name), flags(name), "", op, error(code))).into()
}

/// y = 2, which no x goes with.
fn not_a_point() -> [u8; 32] {
    let mut encoded = [0; 32];
    encoded[0] = 2;
    assert!(!reference::is_point(&encoded));
    encoded
}

/// (0, 1).
fn neutral_point() -> [u8; 32] {
    let mut encoded = [0; 32];
    encoded[0] = 1;
    encoded
}

/// S + L, little-endian; it has 32 bytes still.
fn plus_order(s: &[u8]) -> Vec<u8> {
    let mut carry = 0;
    s.iter()
        .zip(reference::order())
        .map(|(one, another)| {
            let sum = u16::from(*one) + u16::from(another) + carry;
            carry = sum >> 8;
            (sum & 0xff) as u8
        })
        .collect()
}

fn flipped_key(public: &[u8; 32], bit: usize) -> [u8; 32] {
    flipped(public, bit).try_into().expect("flipping a bit keeps the length")
}

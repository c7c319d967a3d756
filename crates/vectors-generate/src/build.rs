//! Short words for what the suites are made of.

use sha2::{Digest, Sha512};

use ed25519_reference::{self as reference, Key};
use vectors::Bytes;
use vectors::answer::Output;
use vectors::expected::AnswerBytes;
use vectors::model::{Case, Expect, Face, SCHEMA, Source, Suite};
use vectors::ops::{Op, Seed, SignInput, SignManyInput, VerifyInput};

/// Of these cases. If one carries `Long`, that flag is explained too.
pub(super) fn suite(name: &str, face: Face, source: Source, flags: &[(&str, &str)], cases: Vec<Case>) -> Suite {
    let is_long = |case: &Case| case.flags.iter().any(|flag| flag == LONG.0);
    let flags = flags.iter().chain(cases.iter().any(is_long).then_some(&LONG));
    Suite {
        schema: SCHEMA.to_owned(),
        suite: name.to_owned(),
        face,
        module: None,
        count: cases.len(),
        source,
        flags: flags.map(|(flag, meaning)| ((*flag).to_owned(), (*meaning).to_owned())).collect(),
        cases,
    }
}

/// Flags and their meanings, from lines such as `Flag: meaning`.
pub(super) fn flags(text: &str) -> Vec<(&str, &str)> {
    let flag = |line| str::split_once(line, ": ").expect("a flag and its meaning");
    text.lines().map(flag).collect()
}

/// The source of what was made up here.
pub(super) fn made_here(answers: &str) -> Source {
    source(&format!("made up for this project; answers from {answers}"), "MIT OR Apache-2.0", None)
}

pub(super) fn source(name: &str, licence: &str, sha256: Option<&str>) -> Source {
    Source { name: name.to_owned(), licence: licence.to_owned(), sha256: sha256.map(str::to_owned) }
}

pub(super) const BY_REFERENCE: &str = "the plain-integer Ed25519 in crates/ed25519-reference/src/lib.rs";

pub(super) fn case(id: impl Into<String>, flags: &[&str], comment: impl Into<String>, op: Op, expect: Expect) -> Case {
    Case {
        id: id.into(),
        op,
        flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        comment: comment.into(),
        expect,
    }
}

/// A case whose id, flags and comment are written as `ID [FLAGS] COMMENT`. `family` starts its id.
pub(super) fn headed(family: &str, head: &str, op: Op, expect: Expect) -> Case {
    let parts = head.split_once(" [").and_then(|(id, rest)| Some((id, rest.split_once(']')?)));
    let (id, (flags, comment)) = parts.unwrap_or_else(|| panic!("no id and flags: {head}"));
    let flags: Vec<&str> = flags.split_terminator(", ").collect();
    case(format!("{family}/{id}"), &flags, comment.trim_start(), op, expect)
}

/// What a line of a text has as JSON.
pub(super) fn json<T: serde::de::DeserializeOwned>(text: &str) -> T {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

pub(super) fn error(name: &str) -> Expect {
    Expect::Error(name.to_owned())
}

pub(super) fn sign(keypair: impl Into<Bytes>, message: impl Into<Bytes>) -> Op {
    Op::Sign(SignInput { keypair: keypair.into(), message: message.into() })
}

pub(super) fn sign_many(keypair: impl Into<Bytes>, messages: &[Bytes]) -> Op {
    Op::SignMany(SignManyInput { keypair: keypair.into(), messages: messages.to_vec() })
}

pub(super) fn public_key(seed: impl Into<Bytes>) -> Op {
    Op::PublicKey(Seed { seed: seed.into() })
}

pub(super) fn verify(triple: VerifyInput) -> Op {
    Op::Verify(triple)
}

pub(super) fn verify_strict(triple: VerifyInput) -> Op {
    Op::VerifyStrict(triple)
}

pub(super) fn triple(
    public_key: impl Into<Bytes>,
    message: impl Into<Bytes>,
    signature: impl Into<Bytes>,
) -> VerifyInput {
    VerifyInput { public_key: public_key.into(), message: message.into(), signature: signature.into() }
}

pub(super) fn signature(signature: impl Into<AnswerBytes>) -> Expect {
    Expect::Ok(Output { signature: Some(signature.into()), ..Output::default() })
}

pub(super) fn signatures(key: &Key, messages: &[Bytes]) -> Output {
    Output {
        signatures: Some(messages.iter().map(|message| signed(key, message).into()).collect()),
        ..Output::default()
    }
}

pub(super) fn signed(key: &Key, message: &Bytes) -> Bytes {
    key.sign(&message.to_vec()).into()
}

pub(super) fn key_bytes(public_key: impl Into<AnswerBytes>) -> Expect {
    Expect::Ok(Output { public_key: Some(public_key.into()), ..Output::default() })
}

pub(super) fn valid(valid: bool) -> Expect {
    Expect::Ok(Output { valid: Some(valid), ..Output::default() })
}

/// What the reference says of a triple: `verify`, `verify_strict`. Lengths that are wrong give false.
pub(super) fn judged(triple: &VerifyInput) -> (bool, bool) {
    let (Ok(key), Ok(signature)) =
        (<[u8; 32]>::try_from(triple.public_key.to_vec()), <[u8; 64]>::try_from(triple.signature.to_vec()))
    else {
        return (false, false);
    };
    let message = triple.message.to_vec();
    (reference::verify(&key, &message, &signature), reference::verify_strict(&key, &message, &signature))
}

/// `verify` and `verify_strict` of one triple, each with its answer. `id` makes an id of `verify` or `verify-strict`.
pub(super) fn both_verified(
    id: impl Fn(&str) -> String,
    flags: &[&str],
    comment: &str,
    triple: VerifyInput,
    (lenient, strict): (bool, bool),
) -> [Case; 2] {
    let again = Op::Verify(triple.clone());
    [
        case(id("verify"), flags, comment, again, valid(lenient)),
        case(id("verify-strict"), flags, comment, verify_strict(triple), valid(strict)),
    ]
}

/// A published signature: the key signs, has its public key, and the signature verifies.
pub(super) fn published(id: &str, comment: &str, keypair: &[u8], message: &[u8], signed: &[u8]) -> Vec<Case> {
    let (seed, public) = keypair.split_at(32);
    let made = case(id, &[], comment, sign(keypair, message), signature(signed));
    let shown = case(format!("{id}-public-key"), &[], comment, public_key(seed), key_bytes(public));
    let triple = triple(public, message, signed);
    let verified = both_verified(|op| format!("{id}-{op}"), &[], comment, triple, (true, true));
    [made, shown].into_iter().chain(verified).collect()
}

/// A key for tests, the same each time: its seed is the first half of the SHA-512 of its name.
pub(super) fn test_key(name: &str) -> Key {
    let hash = Sha512::digest(format!("everyhost test key: {name}"));
    let mut seed = [0; 32];
    seed.copy_from_slice(&hash[..32]);
    Key::from_seed(&seed)
}

/// `len` times the byte "a".
pub(super) fn repeated(len: usize) -> Bytes {
    Bytes::Repeat { unit: b"a".to_vec(), times: len }
}

/// A copy with one bit the other way round; bits are counted from the lowest of the first byte.
pub(super) fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut flipped = bytes.to_vec();
    flipped[bit / 8] ^= 1 << (bit % 8);
    flipped
}

/// The flag that keeps a case out of the sample of slow hosts.
pub(super) const LONG: (&str, &str) = (
    "Long",
    "over 16 KiB are signed or verified, or 100 messages are signed, or 50 verified: an interpreter takes seconds",
);

pub(super) const CAP: usize = signer_abi::MAX_MESSAGE_LEN;
pub(super) const MIB: usize = 1024 * 1024;

pub(super) fn unhex(text: &str) -> Vec<u8> {
    hex::decode(text).expect("the hex of this crate's own sources is right")
}

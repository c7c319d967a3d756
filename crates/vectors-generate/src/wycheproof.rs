//! Wycheproof's tests of Ed25519 verification. `verify` has the set's own answers, which the plain-integer reference
//! must agree with; the set does not tell lenient from strict verifiers, so `verify_strict` has the reference's.

use std::collections::BTreeMap;

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use super::build::{self, both_verified, judged, triple, unhex};
use vectors::model::{Case, Face, Source, Suite};

/// Of the file that is read, lower-case hex.
const SHA256: &str = "752d2ea7d7c6cf4736381b6cbacb61f8182b126ab7cd9b058f00c50084975536";

/// The set's own flags, all of them, explained in our words.
const FLAGS: &str = "\
CompressedSignature: a zero byte is left out of the signature, or R and S share one: it is too short, and nothing may guess where
InvalidEncoding: R has a bit changed or is no point, and S was computed anew, so that k fits: whoever compares R by fewer than all its bits, or decodes it leniently, accepts it
InvalidKtv: a published signature that is known to be wrong
InvalidSignature: R and S are values at the edges, such as 0 and L: whoever accepts them accepts forgeries of any message
Ktv: a published signature that is known to be right
SignatureMalleability: S is not below the group order, so that one signature would have several spellings (RFC 8032, sections 5.1.7 and 8.4)
SignatureWithGarbage: bytes that do not belong there stand before, in or after the signature
TinkOverflow: an intermediate number once overflowed in the library Tink
TruncatedSignature: the end of the signature is missing
Valid: an ordinary signature, for comparison";

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Set {
    number_of_tests: usize,
    notes: BTreeMap<String, serde_json::Value>,
    test_groups: Vec<Group>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Group {
    public_key: PublicKey,
    tests: Vec<Test>,
}

#[derive(Deserialize)]
struct PublicKey {
    pk: String,
}

#[derive(Deserialize)]
struct Test {
    #[serde(rename = "tcId")]
    id: u32,
    comment: String,
    flags: Vec<String>,
    msg: String,
    sig: String,
    result: String,
}

/// Every test, as `verify` and as `verify_strict`. `text` is the set's file.
pub(super) fn suite(text: &str) -> anyhow::Result<Suite> {
    let sha256 = hex::encode(Sha256::digest(text));
    ensure!(
        sha256 == SHA256,
        "wycheproof-ed25519.json has sha256 {sha256}, expected {SHA256}; fetch it with crates/vectors-generate/fetch-sources.sh"
    );
    let set: Set = serde_json::from_str(text).context("wycheproof-ed25519.json is not as expected")?;
    let explained: Vec<&str> = build::flags(FLAGS).iter().map(|(flag, _)| *flag).collect();
    let used: Vec<&str> = set.notes.keys().map(String::as_str).collect();
    ensure!(used == explained, "Wycheproof's flags are {used:?}, explained are {explained:?}");
    let mut cases = Vec::new();
    for Group { public_key, tests } in &set.test_groups {
        for test in tests {
            let of_test = both(&unhex(&public_key.pk), test);
            cases.extend(of_test.with_context(|| format!("Wycheproof's tcId {}", test.id))?);
        }
    }
    ensure!(
        cases.len() == 2 * set.number_of_tests,
        "Wycheproof has {} tests, and says {}",
        cases.len() / 2,
        set.number_of_tests
    );
    Ok(build::suite("ed25519-wycheproof", Face::Signer, source(), &build::flags(FLAGS), cases))
}

fn both(public_key: &[u8], test: &Test) -> anyhow::Result<[Case; 2]> {
    let triple = triple(public_key, unhex(&test.msg), unhex(&test.sig));
    let right = match test.result.as_str() {
        "valid" => true,
        "invalid" => false,
        other => anyhow::bail!("result is {other:?}, expected \"valid\" or \"invalid\""),
    };
    let (lenient, strict) = judged(&triple);
    ensure!(lenient == right, "the set says {right} and the reference {lenient}: one of them is at fault");
    let flags: Vec<&str> = test.flags.iter().map(String::as_str).collect();
    let colon = if test.comment.is_empty() { "" } else { ": " };
    let comment = format!("tcId {}{colon}{}", test.id, test.comment);
    let id = format!("ed25519/wycheproof/tc-{}", test.id);
    Ok(both_verified(|op| format!("{id}-{op}"), &flags, &comment, triple, (right, strict)))
}

fn source() -> Source {
    build::source(
        "Wycheproof (https://github.com/C2SP/wycheproof), testvectors_v1/ed25519_test.json, as it is in the crate wycheproof 0.7.0, src/data/ed25519_test.json; the answers of verify_strict from the plain-integer Ed25519 in crates/ed25519-reference/src/lib.rs",
        "Apache-2.0",
        Some(SHA256),
    )
}

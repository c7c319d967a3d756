//! `sign.input`: 1024 signatures by the authors of Ed25519, of messages of 0 to 1023 bytes, each with a key of
//! its own.

use anyhow::{Context as _, ensure};
use sha2::{Digest, Sha256};

use super::build::{self, both_verified, case, flipped, key_bytes, public_key, sign, signature, triple};
use vectors::model::{Case, Face, Source, Suite};

/// Of the file that is read, lower-case hex.
const SHA256: &str = "8db1fea94f4e78958aac6e839b483cdd79096d1fe478285f15164f9e58361baf";
const LINES: usize = 1024;

/// Every line, as one signature to be made.
pub(super) fn suite(text: &str) -> anyhow::Result<Suite> {
    let cases = lines(text)?
        .into_iter()
        .map(|Line { number, keypair, message, signed }| {
            case(format!("ed25519/sign-input/{number:04}"), &[], "", sign(keypair, message), signature(signed))
        })
        .collect();
    Ok(build::suite("ed25519-sign-input", Face::Signer, source(), &[], cases))
}

/// What follows from the same lines: every public key, and every eighth signature verified, as it is and with
/// one bit of it flipped.
pub(super) fn derived_suite(text: &str) -> anyhow::Result<Suite> {
    let cases = lines(text)?.into_iter().flat_map(derived).collect();
    let flags = [("FlippedBit", "one bit of the signature is the other way round: it must not verify")];
    Ok(build::suite("ed25519-sign-input-derived", Face::Signer, source(), &flags, cases))
}

fn derived(Line { number, keypair, message, signed }: Line) -> Vec<Case> {
    let (seed, public) = keypair.split_at(32);
    let id = format!("ed25519/sign-input-derived/{number:04}");
    let mut cases = vec![case(format!("{id}-public-key"), &[], "", public_key(seed), key_bytes(public))];
    if number % 8 == 0 {
        let good = triple(public, &message, &signed);
        // 509 is prime, so another bit each time.
        let bit = number * 509 % 512;
        let bad = triple(public, &message, flipped(&signed, bit));
        let comment = format!("bit {bit}, counted from the lowest of the first byte");
        cases.extend(both_verified(|op| format!("{id}-{op}"), &[], "", good, (true, true)));
        let flipped = |op: &str| format!("{id}-flipped-{op}");
        cases.extend(both_verified(flipped, &["FlippedBit"], &comment, bad, (false, false)));
    }
    cases
}

fn source() -> Source {
    build::source(
        "sign.input of the Ed25519 authors (https://ed25519.cr.yp.to/software.html), as it is in the PyPI package cryptography-vectors 50.0.2, asymmetric/Ed25519/sign.input",
        "public domain; the package: Apache-2.0 OR BSD-3-Clause",
        Some(SHA256),
    )
}

struct Line {
    /// From 1.
    number: usize,
    keypair: Vec<u8>,
    message: Vec<u8>,
    signed: Vec<u8>,
}

/// A line is `seed public-key : public-key : message : signature message :`, all hex.
fn lines(text: &str) -> anyhow::Result<Vec<Line>> {
    let sha256 = hex::encode(Sha256::digest(text));
    ensure!(
        sha256 == SHA256,
        "sign.input has sha256 {sha256}, expected {SHA256}; fetch it with crates/vectors-generate/fetch-sources.sh"
    );
    let lines: Vec<Line> = text
        .lines()
        .zip(1..)
        .map(|(line, number)| {
            read_line(line, number).with_context(|| format!("sign.input: line {number} is not as expected"))
        })
        .collect::<anyhow::Result<_>>()?;
    ensure!(lines.len() == LINES, "sign.input has {} lines, expected {LINES}", lines.len());
    Ok(lines)
}

fn read_line(line: &str, number: usize) -> anyhow::Result<Line> {
    let fields: Vec<Vec<u8>> = line.split(':').map(hex::decode).collect::<Result<_, _>>()?;
    let [keypair, public, message, signed_message, _] = &fields[..] else {
        anyhow::bail!("{} fields, expected 5", fields.len());
    };
    ensure!(keypair.len() == 64 && keypair[32..] == **public, "the public key is not the keypair's");
    ensure!(signed_message.len() == 64 + message.len() && signed_message[64..] == **message, "the message differs");
    Ok(Line { number, keypair: keypair.clone(), message: message.clone(), signed: signed_message[..64].to_vec() })
}

//! Every signer case of the files, asked of the plain-integer reference and of the signer's own core. The core must
//! give every answer; the reference must agree with what was published.

use std::path::Path;

use ed25519_reference::{self as reference, Key};
use token_signer_core::{ErrorCode, MAX_BATCH_COUNT, MAX_MESSAGE_LEN, SigningKey};
use vectors::answer::{Answer, Output};
use vectors::ops::{Op, VerifyInput, VerifyManyInput};
use vectors::{Bytes, Case, load_dir};

/// An implementation of Ed25519, as the tests ask it. Lengths are checked before.
trait Signer {
    fn public_key(&self, seed: &[u8; 32]) -> [u8; 32];
    /// Every signature, or the reason why the pair is refused.
    fn sign(&self, keypair: &[u8; 64], messages: &[Vec<u8>]) -> Result<Vec<[u8; 64]>, ErrorCode>;
    fn verify(&self, public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool;
    fn verify_strict(&self, public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool;
}

struct Reference;
struct Core;

impl Signer for Reference {
    fn public_key(&self, seed: &[u8; 32]) -> [u8; 32] {
        Key::from_seed(seed).public_key()
    }

    fn sign(&self, keypair: &[u8; 64], messages: &[Vec<u8>]) -> Result<Vec<[u8; 64]>, ErrorCode> {
        let key = Key::from_seed(keypair.first_chunk().unwrap());
        if key.keypair() != *keypair {
            return Err(ErrorCode::KeyPairMismatch);
        }
        Ok(messages.iter().map(|message| key.sign(message)).collect())
    }

    fn verify(&self, public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        reference::verify(public_key, message, signature)
    }

    fn verify_strict(&self, public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        reference::verify_strict(public_key, message, signature)
    }
}

impl Signer for Core {
    fn public_key(&self, seed: &[u8; 32]) -> [u8; 32] {
        token_signer_core::derive_public_key(seed)
    }

    /// Both ways: one by one and in batches.
    fn sign(&self, keypair: &[u8; 64], messages: &[Vec<u8>]) -> Result<Vec<[u8; 64]>, ErrorCode> {
        let key = SigningKey::from_keypair(keypair)?;
        let slices: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
        let mut signatures = Vec::new();
        for batch in slices.chunks(MAX_BATCH_COUNT) {
            signatures.extend(key.sign_many(batch)?);
        }
        let one_by_one: Vec<_> = slices.iter().map(|message| key.sign(message)).collect();
        assert_eq!(signatures, one_by_one);
        Ok(signatures)
    }

    fn verify(&self, public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        token_signer_core::verify(public_key, message, signature)
    }

    fn verify_strict(&self, public_key: &[u8; 32], message: &[u8], signature: &[u8; 64]) -> bool {
        token_signer_core::verify_strict(public_key, message, signature)
    }
}

/// The answer to a case, checked in the order of the contract: key, message, signature. `None` for what is not
/// one call of a signer.
fn answer(signer: &impl Signer, op: &Op) -> Option<Result<Output, ErrorCode>> {
    Some(match op {
        Op::PublicKey(input) => array(&input.seed, ErrorCode::KeyLength)
            .map(|seed| Output { public_key: Some(signer.public_key(&seed).into()), ..Output::default() }),
        Op::Sign(input) => sign(signer, &input.keypair, std::slice::from_ref(&input.message))
            .map(|mut signatures| Output { signature: signatures.pop().map(Into::into), ..Output::default() }),
        Op::SignMany(input) => sign(signer, &input.keypair, &input.messages).map(|signatures| Output {
            signatures: Some(signatures.into_iter().map(Into::into).collect()),
            ..Output::default()
        }),
        Op::Verify(item) => verified(item, |key, message, signature| signer.verify(key, message, signature)).map(valid),
        Op::VerifyStrict(item) => {
            verified(item, |key, message, signature| signer.verify_strict(key, message, signature)).map(valid)
        }
        Op::VerifyMany(many) => verdicts(many, |key, message, signature| signer.verify(key, message, signature)),
        Op::VerifyManyStrict(many) => {
            verdicts(many, |key, message, signature| signer.verify_strict(key, message, signature))
        }
        _ => return None,
    })
}

/// One signature, verified by `verify`.
fn verified(item: &VerifyInput, verify: impl FnOnce(&[u8; 32], &[u8], &[u8; 64]) -> bool) -> Result<bool, ErrorCode> {
    let key = array(&item.public_key, ErrorCode::PublicKeyLength)?;
    let message = message(&item.message)?;
    let signature = array(&item.signature, ErrorCode::SignatureLength);
    Ok(signature.is_ok_and(|signature| verify(&key, &message, &signature)))
}

fn valid(valid: bool) -> Output {
    Output { valid: Some(valid), ..Output::default() }
}

/// Each item is verified once, however often the batch has it.
fn verdicts(many: &VerifyManyInput, verify: impl Fn(&[u8; 32], &[u8], &[u8; 64]) -> bool) -> Result<Output, ErrorCode> {
    let of_items: Vec<u8> =
        many.items.iter().map(|item| verified(item, &verify).map(u8::from)).collect::<Result<_, _>>()?;
    let verdicts = match &many.order {
        Some(order) => order.iter().map(|at| of_items[*at]).collect(),
        None => of_items,
    };
    Ok(Output { verdicts: Some(verdicts.into()), ..Output::default() })
}

fn sign(signer: &impl Signer, keypair: &Bytes, messages: &[Bytes]) -> Result<Vec<Bytes>, ErrorCode> {
    let keypair: [u8; 64] = array(keypair, ErrorCode::KeyLength)?;
    signer.sign(&keypair, &[])?;
    let messages: Vec<Vec<u8>> = messages.iter().map(message).collect::<Result<_, _>>()?;
    Ok(signer.sign(&keypair, &messages)?.into_iter().map(Bytes::from).collect())
}

fn message(message: &Bytes) -> Result<Vec<u8>, ErrorCode> {
    if message.len() > MAX_MESSAGE_LEN { Err(ErrorCode::MessageTooLarge) } else { Ok(message.to_vec()) }
}

fn array<const LEN: usize>(bytes: &Bytes, otherwise: ErrorCode) -> Result<[u8; LEN], ErrorCode> {
    bytes.to_vec().try_into().map_err(|_| otherwise)
}

/// How many of these cases `signer` answered, every one of them rightly.
fn ask<'a>(signer: &impl Signer, cases: impl IntoIterator<Item = &'a Case>) -> usize {
    let mut asked = 0;
    for case in cases {
        let Some(result) = answer(signer, &case.op) else {
            continue;
        };
        let answer = result.map_or_else(|code| Answer::error(code.name()), Answer::ok);
        assert!(case.expect.accepts(&answer), "{}: expected {:?}, got {answer:?}", case.id, case.expect);
        asked += 1;
    }
    asked
}

fn cases() -> Vec<Case> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors");
    let suites = load_dir(&dir).unwrap_or_else(|problems| panic!("{problems}"));
    suites.into_iter().flat_map(|suite| suite.cases).collect()
}

fn one_call_cases(cases: &[Case]) -> usize {
    let ops = ["public_key", "sign", "sign_many", "verify", "verify_strict", "verify_many", "verify_many_strict"];
    cases.iter().filter(|case| ops.contains(&case.op.name())).count()
}

#[test]
fn the_core_gives_every_answer() {
    let cases = cases();
    let asked = ask(&Core, &cases);
    assert_eq!(asked, one_call_cases(&cases));
    assert!(asked > 4500, "{asked} cases");
}

#[test]
fn the_reference_agrees_with_everything_that_was_published() {
    let published = ["ed25519/chapter/", "ed25519/rfc8032/", "ed25519/rfc8037/", "ed25519/sign-input/"];
    let cases: Vec<Case> = cases()
        .into_iter()
        .filter(|case| {
            published.iter().any(|prefix| case.id.starts_with(prefix))
                // The set's own answers; those of verify_strict are the reference's.
                || case.id.starts_with("ed25519/wycheproof/") && case.op.name() == "verify"
        })
        .collect();
    assert_eq!(ask(&Reference, &cases), 4 + 20 + 4 + 1024 + 151);
}

/// What the reference answered itself is covered by `vectors generate --check`; here, that it answers the same by
/// the way that the core is asked. Of what `sign.input` gives, a part is enough.
#[test]
fn the_reference_gives_the_answers_that_were_made_with_it() {
    let cases: Vec<Case> = cases()
        .into_iter()
        .filter(|case| !case.id.starts_with("ed25519/sign-input"))
        .filter(|case| !case.id.starts_with("ed25519/batches/409"))
        // Mostly what other cases have too.
        .filter(|case| !case.id.starts_with("ed25519/verifying/house"))
        .filter(|case| !case.id.starts_with("ed25519/verifying/same-key"))
        .collect();
    assert!(ask(&Reference, &cases) > 2000);
}

//! The oracle `oracle-reference`: the plain-integer Ed25519 that most expected answers come from, asked like every host.
//! It shares no code with the signer; `hosts/CONTRACT.md` is the contract.

#![forbid(unsafe_code)]

mod hello;

use std::collections::BTreeMap;
use std::process::ExitCode;

use ed25519_reference::{self as reference, Key};
use token_signer_core::{ErrorCode, KEYPAIR_LEN, MAX_MESSAGE_LEN};
use vectors::Bytes;
use vectors::answer::{Answer, Output};
use vectors::ops::{Op, VerifyInput};
use vectors::protocol::{Adapter, Hello, ModuleFile, serve_stdio};

const OPS: &[&str] = &["public_key", "sign", "sign_many", "verify", "verify_strict"];

fn main() -> ExitCode {
    serve_stdio(&mut Reference)
}

struct Reference;

impl Adapter for Reference {
    fn hello(&mut self, modules: &BTreeMap<String, ModuleFile>) -> anyhow::Result<Hello> {
        hello::hello(modules, OPS, "none: Ed25519 on plain integers (num-bigint)")
    }

    fn run(&mut self, _module: &str, op: &Op) -> Answer {
        answer(op).map_or_else(|refusal| refusal, Answer::ok)
    }
}

fn answer(op: &Op) -> Result<Output, Answer> {
    let mut output = Output::default();
    match op {
        Op::PublicKey(input) => {
            let key = Key::from_seed(&array(&input.seed, ErrorCode::KeyLength)?);
            output.public_key = Some(key.public_key().into());
        }
        Op::Sign(input) => {
            let key = key(&input.keypair)?;
            output.signature = Some(key.sign(&message(&input.message)?).into());
        }
        Op::SignMany(input) => {
            let key = key(&input.keypair)?;
            let messages: Vec<Vec<u8>> = input.messages.iter().map(message).collect::<Result<_, _>>()?;
            output.signatures = Some(messages.iter().map(|message| key.sign(message).into()).collect());
        }
        Op::Verify(input) => output.valid = Some(verified(reference::verify, input)?),
        Op::VerifyStrict(input) => output.valid = Some(verified(reference::verify_strict, input)?),
        _ => {
            return Err(Answer::unsupported(format!("the reference has no {}", op.name())));
        }
    }
    Ok(output)
}

/// The key of a pair whose halves belong together.
fn key(keypair: &Bytes) -> Result<Key, Answer> {
    let keypair: [u8; KEYPAIR_LEN] = array(keypair, ErrorCode::KeyLength)?;
    let (seed, _) = keypair.split_first_chunk().expect("a pair is longer than a seed");
    let key = Key::from_seed(seed);
    if key.keypair() == keypair { Ok(key) } else { Err(refusal(ErrorCode::KeyPairMismatch)) }
}

fn verified(verify: fn(&[u8; 32], &[u8], &[u8; 64]) -> bool, input: &VerifyInput) -> Result<bool, Answer> {
    let public_key = array(&input.public_key, ErrorCode::PublicKeyLength)?;
    let message = message(&input.message)?;
    let signature = array(&input.signature, ErrorCode::SignatureLength);
    Ok(signature.is_ok_and(|signature| verify(&public_key, &message, &signature)))
}

fn message(message: &Bytes) -> Result<Vec<u8>, Answer> {
    if message.len() > MAX_MESSAGE_LEN {
        return Err(refusal(ErrorCode::MessageTooLarge));
    }
    Ok(message.to_vec())
}

fn array<const LEN: usize>(bytes: &Bytes, otherwise: ErrorCode) -> Result<[u8; LEN], Answer> {
    bytes.to_vec().try_into().map_err(|_| refusal(otherwise))
}

fn refusal(code: ErrorCode) -> Answer {
    Answer::error(code.name())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn asked(op: &str, given: Value) -> Value {
        let op: Op = serde_json::from_value(json!({"op": op, "in": given})).unwrap();
        serde_json::to_value(Reference.run("native", &op)).unwrap()
    }

    const SEED: &str = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60";
    const PUBLIC: &str = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a";
    const OF_NOTHING: &str = "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b";

    #[test]
    fn answers_as_the_first_test_of_rfc_8032() {
        let keypair = format!("{SEED}{PUBLIC}");
        assert_eq!(asked("public_key", json!({"seed": SEED})), json!({"ok": {"public_key": PUBLIC}}));
        assert_eq!(asked("sign", json!({"keypair": keypair, "message": ""})), json!({"ok": {"signature": OF_NOTHING}}));
        assert_eq!(
            asked("sign_many", json!({"keypair": keypair, "messages": ["", ""]})),
            json!({"ok": {"signatures": [OF_NOTHING, OF_NOTHING]}})
        );
        for op in ["verify", "verify_strict"] {
            for (message, valid) in [("", true), ("00", false)] {
                let given = json!({"public_key": PUBLIC, "message": message, "signature": OF_NOTHING});
                assert_eq!(asked(op, given), json!({"ok": {"valid": valid}}));
            }
        }
    }

    #[test]
    fn refuses_by_the_stable_names() {
        let too_large = json!({"repeat": "61", "times": MAX_MESSAGE_LEN + 1});
        for (op, given, code) in [
            ("public_key", json!({"seed": "00"}), "KEY_LENGTH"),
            ("sign", json!({"keypair": SEED, "message": ""}), "KEY_LENGTH"),
            ("sign", json!({"keypair": format!("{SEED}{SEED}"), "message": ""}), "KEY_PAIR_MISMATCH"),
            ("sign", json!({"keypair": format!("{SEED}{PUBLIC}"), "message": too_large}), "MESSAGE_TOO_LARGE"),
            ("verify", json!({"public_key": "00", "message": "", "signature": ""}), "PUBLIC_KEY_LENGTH"),
        ] {
            assert_eq!(asked(op, given), json!({"error": code}), "{op}");
        }
        let short = json!({"public_key": PUBLIC, "message": "", "signature": "00"});
        assert_eq!(asked("verify", short), json!({"ok": {"valid": false}}));
        assert!(asked("add", json!({"a": 1, "b": 2}))["unsupported"].is_string());
    }
}

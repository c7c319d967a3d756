//! What a row is asked about a mutant: questions whose answers depend on the changed constant.

use vectors::Bytes;
use vectors::answer::Answer;
use vectors::component::{Calls, Step};
use vectors::expected::AnswerBytes;
use vectors::ops::{
    Empty, KeyForm, KeyKind, Message, Op, Operands, Raw, RawStep, ReadKeyInput, Seed, Session, SessionStep, SignInput,
    SignManyInput, Value, VerifyInput, VerifyManyInput, WriteKeyInput,
};

const SEED: [u8; 32] = [0x5a; 32];
const MESSAGE: &[u8] = b"which module is this?";

type Ask<'a> = &'a mut dyn FnMut(&Op) -> Result<Answer, String>;

/// Questions for the adder. With a second operand of 0 a mutant would answer the same.
pub(super) fn adder() -> Vec<Op> {
    let add_numbers = Raw {
        steps: vec![RawStep::Call {
            export: "add_numbers".into(),
            args: vec![Value::from(7), Value::from(5)],
            as_names: None,
        }],
    };
    vec![
        Op::Add(Operands { a: 2, b: 3 }),
        Op::Add(Operands { a: -7, b: 1 }),
        Op::Add(Operands { a: i32::MAX, b: 1 }),
        Op::Raw(add_numbers),
    ]
}

/// Questions for the signer. A mutant derives another public key from a seed, and refuses the keypair of the original:
/// it also signs with a keypair of its own. One whose self-test fails has none.
pub(super) fn signer(mutant: Ask<'_>, original: Ask<'_>) -> Result<Vec<Op>, String> {
    let seed = Op::PublicKey(Seed { seed: Bytes::from(SEED) });
    let original_key = public_key(&original(&seed)?)?;
    let its_own = match mutant(&seed)? {
        Answer::Error { error, .. } if error == "SELF_TEST_FAILED" => keypair(&original_key),
        answer => keypair(&public_key(&answer)?),
    };
    let public_key = original_key;
    let keypair = keypair(&public_key);
    let message = Bytes::from(MESSAGE);
    let sign = |keypair: &Bytes| Op::Sign(SignInput { keypair: keypair.clone(), message: message.clone() });
    let signature = signature(&original(&sign(&keypair))?)?;
    let verify = VerifyInput { public_key: public_key.into(), message: message.clone(), signature };
    let session = Session {
        keypair: its_own.clone(),
        steps: vec![SessionStep::PublicKey(Empty {}), SessionStep::Sign(Message { message: message.clone() })],
    };
    Ok(vec![
        seed,
        sign(&keypair),
        sign(&its_own),
        Op::SignMany(SignManyInput { keypair: its_own, messages: vec![message.clone(), message] }),
        Op::Verify(verify.clone()),
        Op::VerifyMany(VerifyManyInput { items: vec![verify.clone()], order: Some(vec![0, 0]) }),
        Op::VerifyStrict(verify),
        Op::Session(session),
        Op::Raw(derive()),
    ])
}

/// Questions for a module that only verifies: with another constant, it notices in its self-test that it is one.
pub(super) fn verifier() -> Vec<Op> {
    // RFC 8032, section 7.1, test 1.
    let signed = serde_json::from_value(serde_json::json!({
        "public_key": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "message": "",
        "signature": concat!(
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555",
            "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"
        ),
    }));
    let signed: VerifyInput = signed.expect("it is such an input");
    let many = VerifyManyInput { items: vec![signed.clone()], order: Some(vec![0, 0]) };
    let verify_batch =
        Raw { steps: vec![RawStep::Call { export: "verify_batch".into(), args: vec![], as_names: None }] };
    vec![
        Op::Verify(signed.clone()),
        Op::VerifyStrict(signed),
        Op::VerifyMany(many.clone()),
        Op::VerifyManyStrict(many),
        Op::Raw(verify_batch),
    ]
}

/// Questions for the reader of keys: a mutant knows the curve by another name.
pub(super) fn keys() -> Vec<Op> {
    // RFC 8037, appendix A.2.
    let jwk = r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    let raw = Raw {
        steps: vec![
            pointer("get_file_ptr"),
            RawStep::Write { ptr: at("get_file_ptr"), bytes: Bytes::from(jwk.as_bytes()) },
            RawStep::Call {
                export: "read_public_key".into(),
                args: vec![Value::from(i32::try_from(jwk.len()).expect("a short text"))],
                as_names: None,
            },
            pointer("get_public_key_ptr"),
            RawStep::Read { ptr: at("get_public_key_ptr"), len: 32.into() },
        ],
    };
    let public_key = Some(Bytes::from([0x5a; 32]));
    vec![
        Op::ReadKey(ReadKeyInput { kind: KeyKind::Public, file: Bytes::from(jwk.as_bytes()) }),
        Op::WriteKey(WriteKeyInput { form: KeyForm::Jwk, seed: None, public_key }),
        Op::Raw(raw),
    ]
}

/// A question for the component that gives back what it is given: a mutant refuses in other words.
pub(super) fn component() -> Vec<Op> {
    let open = Step::Call { export: "everyhost:component-probe/counters@0.1.0#open".into(), args: vec![0.into()] };
    vec![Op::Component(Calls { steps: vec![open] })]
}

/// The public key of the seed, through the raw exports; without the pointers, which differ from module to module.
fn derive() -> Raw {
    Raw {
        steps: vec![
            pointer("get_signing_key_ptr"),
            RawStep::Write { ptr: at("get_signing_key_ptr"), bytes: Bytes::from(SEED) },
            RawStep::Call { export: "derive_public_key".into(), args: vec![], as_names: None },
            pointer("get_public_key_ptr"),
            RawStep::Read { ptr: at("get_public_key_ptr"), len: 32.into() },
        ],
    }
}

/// The call of an export that gives a pointer, which gets its name.
fn pointer(export: &str) -> RawStep {
    RawStep::Call { export: export.into(), args: vec![], as_names: Some(export.into()) }
}

/// That pointer.
fn at(name: &str) -> Value {
    Value::Var { var: name.into(), plus: 0 }
}

fn keypair(public_key: &[u8]) -> Bytes {
    Bytes::from([&SEED[..], public_key].concat())
}

fn public_key(answer: &Answer) -> Result<Vec<u8>, String> {
    match answer {
        Answer::Ok { ok } => {
            ok.public_key.as_ref().and_then(AnswerBytes::plain).map(Bytes::to_vec).ok_or_else(|| unexpected(answer))
        }
        _ => Err(unexpected(answer)),
    }
}

fn signature(answer: &Answer) -> Result<Bytes, String> {
    match answer {
        Answer::Ok { ok } => {
            ok.signature.as_ref().and_then(AnswerBytes::plain).cloned().ok_or_else(|| unexpected(answer))
        }
        _ => Err(unexpected(answer)),
    }
}

fn unexpected(answer: &Answer) -> String {
    format!("an answer that no signer gives: {answer:?}")
}

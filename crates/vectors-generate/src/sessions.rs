//! Many calls of one wrapper object: what it must keep, and what it must forget.
//!
//! sessions.txt has its cases, several steps in a line with `; ` between. A step may start with the code that refuses it,
//! or with `TRAP` or `INVALID`. `signs`, `signs_many`, `shows` and `loads` name the key that is held then.

use super::build::{self, BY_REFERENCE, error, headed, made_here, signatures, signed, triple};
use super::words::{Keys, literal};
use ed25519_reference::Key;
use vectors::Bytes;
use vectors::answer::{Answer, Output};
use vectors::model::{Case, Expect, Face, Suite};
use vectors::ops::{Empty, KeypairOnly, Message, Messages, Op, Session, SessionStep, SignInput};

/// What needs the held key is refused, what does not need it works.
const NOTHING_IS_HELD: &str = "NO_KEY signs own hello; NO_KEY signs_many own hello; NO_KEY shows own; verifies hello";

pub(super) fn suite() -> Suite {
    let keys = Keys::new("sessions");
    let text = include_str!("sessions.txt").trim_end().replace("nothing-is-held", NOTHING_IS_HELD);
    let (flags, cases) = text.split_once("\n\n").expect("flags, then cases");
    let cases = cases.split("\n\n").map(|paragraph| session(paragraph, &keys)).collect();
    build::suite("ed25519-sessions", Face::Signer, made_here(BY_REFERENCE), &build::flags(flags), cases)
}

fn session(paragraph: &str, keys: &Keys) -> Case {
    let (head, body) = paragraph.split_once('\n').unwrap_or((paragraph, ""));
    let (mut keypair, mut refused) = (keys.bytes("own"), None);
    let (mut steps, mut answers) = (Vec::new(), Vec::new());
    for line in body.lines().flat_map(|line| line.split("; ")) {
        let (first, rest) = line.split_once(' ').unwrap_or((line, ""));
        if first == "made-with" {
            let (made_with, code) = rest.split_once(' ').expect("a keypair and a code");
            keypair = keys.bytes(made_with);
            refused = Some(error(code));
        } else if first.starts_with(|c: char| c.is_ascii_uppercase()) {
            steps.push(step(rest, keys).0);
            answers.push(match first {
                "TRAP" => Answer::Trap { trap: true, calls: Vec::new(), detail: None },
                "INVALID" => Answer::ok(Output { valid: Some(false), ..Output::default() }),
                code => Answer::error(code),
            });
        } else {
            let (step, key) = step(line, keys);
            answers.push(Answer::ok(answer(&step, &key)));
            steps.push(step);
        }
    }
    let expect = refused.unwrap_or_else(|| Expect::Ok(Output { steps: Some(answers), ..Output::default() }));
    headed("ed25519/sessions", head, Op::Session(Session { keypair: keypair.into(), steps }), expect)
}

/// A step, and the key that it is about.
fn step(line: &str, keys: &Keys) -> (SessionStep, Key) {
    let words: Vec<&str> = line.splitn(3, ' ').collect();
    let named = |name: &str| keys.key(if ["own", "other"].contains(&name) { name } else { "own" });
    let right = |text: &str| {
        let (key, message) = (keys.key("own"), message(text));
        triple(key.public_key(), message.clone(), signed(&key, &message))
    };
    let given = |public_key: &str, rest: &str| {
        let (signature, text) = rest.split_once(' ').expect("a signature and a message");
        let signature = match signature {
            "own.signature" => keys.key("own").sign(text.as_bytes()).into(),
            _ => keys.bytes(signature),
        };
        triple(keys.bytes(public_key), message(text), signature)
    };
    let step = match words[..] {
        ["signs", _, text] => SessionStep::Sign(Message { message: message(text) }),
        ["signs_many", _] => SessionStep::SignMany(Messages { messages: vec![] }),
        ["signs_many", _, texts] => SessionStep::SignMany(Messages { messages: messages(texts) }),
        ["signs_with", keypair, text] => {
            SessionStep::SignWith(SignInput { keypair: keys.bytes(keypair).into(), message: message(text) })
        }
        ["verifies", ..] => SessionStep::Verify(right(line.trim_start_matches("verifies "))),
        ["verifies_strictly", text] => SessionStep::VerifyStrict(right(text)),
        ["verify", public_key, rest] => SessionStep::Verify(given(public_key, rest)),
        ["verify_strict", public_key, rest] => SessionStep::VerifyStrict(given(public_key, rest)),
        ["shows", _] => SessionStep::PublicKey(Empty {}),
        ["loads", keypair] => SessionStep::LoadKey(KeypairOnly { keypair: keys.bytes(keypair).into() }),
        ["wipes"] => SessionStep::Wipe(Empty {}),
        ["closes"] => SessionStep::Close(Empty {}),
        _ => panic!("no step: {line}"),
    };
    (step, named(words.get(1).unwrap_or(&"own")))
}

fn messages(texts: &str) -> Vec<Bytes> {
    if texts == "a-hundred" {
        return (0..100u8).map(|n| vec![n; usize::from(n)].into()).collect();
    }
    texts.split(", ").map(message).collect()
}

/// Text, or `a*1048576` for so many times the letter.
fn message(text: &str) -> Bytes {
    match text.strip_prefix("a*") {
        Some(times) => build::repeated(times.parse().expect("a number of times")),
        None => literal(text).into(),
    }
}

/// What a step gives that is not refused.
fn answer(step: &SessionStep, key: &Key) -> Output {
    let none = Output::default();
    match step {
        SessionStep::Sign(Message { message }) | SessionStep::SignWith(SignInput { message, .. }) => {
            Output { signature: Some(signed(key, message).into()), ..none }
        }
        SessionStep::SignMany(Messages { messages }) => signatures(key, messages),
        SessionStep::Verify(_) | SessionStep::VerifyStrict(_) => Output { valid: Some(true), ..none },
        SessionStep::PublicKey(_) | SessionStep::LoadKey(_) => {
            Output { public_key: Some(key.public_key().into()), ..none }
        }
        SessionStep::Wipe(_) | SessionStep::Close(_) => none,
    }
}

//! Many calls of one wrapper object: what it must keep, and what it must forget.

use super::build::{
    self, BY_REFERENCE, CAP, LONG, MIB, error, headed, made_here, repeated, signatures, signed, test_key, triple,
};
use super::raw::TRAP;
use ed25519_reference::Key;
use vectors::Bytes;
use vectors::answer::{Answer, Output};
use vectors::model::{Case, Expect, Face, Suite};
use vectors::ops::{Empty, KeypairOnly, Message, Messages, Op, Session, SessionStep, SignInput};

const FLAGS: &str = "\
Growth: linear memory grows between two calls: views that the host made before are stale
Trap: a call traps: the wrapper takes a fresh instance and loads the held key again
Replace: the held key is replaced, or its replacement is refused and no key is held
Wipe: after a wipe no key is held
Close: after close every call is CLOSED, but closing again is not an error
Refused: a call is refused, and the next one works
Batch: sign_many between single signatures
Large: a message of 1 MiB or more";

pub(super) fn suite() -> Suite {
    let cases = [growth(), traps(), replacements(), wipes(), closes(), refusals(), batches()].concat();
    build::suite(
        "ed25519-sessions",
        Face::Signer,
        made_here(BY_REFERENCE),
        &[build::flags(FLAGS), vec![LONG]].concat(),
        cases,
    )
}

/// A step and its answer.
type Step = (SessionStep, Answer);

/// A signer made with the key "sessions".
fn session(head: &str, steps: Vec<Step>) -> Case {
    let (steps, answers) = steps.into_iter().unzip();
    let op = Op::Session(Session { keypair: test_key("sessions").keypair().into(), steps });
    let expect = Expect::Ok(Output { steps: Some(answers), ..Output::default() });
    headed("ed25519/sessions", head, op, expect)
}

fn growth() -> Vec<Case> {
    let key = test_key("sessions");
    let steps = vec![
        signs(&key, "small"),
        signs(&key, repeated(MIB)),
        signs(&key, repeated(8 * MIB)),
        signs(&key, "small again"),
        shows(&key),
    ];
    let verifications = vec![
        verifies(&key, b"small"),
        (verify_step(&key, repeated(8 * MIB)), valid(true)),
        verifies(&key, b"small again"),
    ];
    let batches = vec![
        signs(&key, "small"),
        signs_many(&key, &[repeated(3 * MIB), b"".into(), repeated(2 * MIB)]),
        signs(&key, "small again"),
    ];
    vec![
        session("growth-while-signing [Growth, Large, Long] small, 1 MiB, 8 MiB, small", steps),
        session("growth-while-verifying [Growth, Large, Long] small, 8 MiB, small", verifications),
        session("growth-by-a-batch [Growth, Large, Batch, Long] a batch of 5 MiB between", batches),
    ]
}

fn traps() -> Vec<Case> {
    let (key, other) = (test_key("sessions"), test_key("another"));
    let traps = || (sign_with_step(mixed(&key, &other), b"hello"), TRAP);
    vec![
        session(
            "trap-then-every-call [Trap] the mismatched pair traps; then everything works, with the held key",
            vec![
                signs(&key, "before"),
                traps(),
                signs(&key, "after"),
                signs_many(&key, &[b"one".into(), b"two".into()]),
                shows(&key),
                verifies(&key, b"after"),
                signs_with(&other, b"with the other key"),
                signs(&key, "and again"),
            ],
        ),
        session("trap-first [Trap] the very first call traps", vec![traps(), signs(&key, "after")]),
        session(
            "trap-three-times [Trap] one fresh instance after another",
            vec![traps(), traps(), signs(&key, "between"), traps(), signs(&key, "after")],
        ),
        session(
            "trap-after-replacing [Trap, Replace] the key to load again is the one that is held now, not the first",
            vec![loads(&other), traps(), shows(&other), signs(&other, "after")],
        ),
        session(
            "trap-after-wipe [Trap, Wipe] no key was held, so none is held on the fresh instance",
            vec![wipes_all(), traps(), no_key(sign_step("after")), loads(&key), signs(&key, "then")],
        ),
        session(
            "trap-after-refused-key [Trap, Replace] the refused key took the held one with it, and a trap does not bring it back",
            vec![
                (load_step(mixed(&key, &other)), Answer::error("KEY_PAIR_MISMATCH")),
                traps(),
                no_key(sign_step("after")),
            ],
        ),
        session("trap-then-close [Trap, Close]", vec![traps(), closes_it(), closed(sign_step("after")), closes_it()]),
    ]
}

fn replacements() -> Vec<Case> {
    let (key, other) = (test_key("sessions"), test_key("another"));
    let refused = |keypair: Vec<u8>, code: &str| {
        vec![
            signs(&key, "before"),
            (load_step(keypair), Answer::error(code)),
            no_key(sign_step("hello")),
            no_key(sign_many_step(&[b"hello".into()])),
            no_key(SessionStep::PublicKey(Empty {})),
            verifies(&key, b"hello"),
            loads(&other),
            signs(&other, "after"),
        ]
    };
    let mut cases = vec![
        session(
            "replace-by-a-good-key [Replace] the new key signs",
            vec![
                shows(&key),
                signs(&key, "hello"),
                loads(&other),
                shows(&other),
                signs(&other, "hello"),
                signs_many(&other, &[b"hello".into()]),
                loads(&key),
                signs(&key, "hello"),
            ],
        ),
        session("replace-by-itself [Replace]", vec![loads(&key), loads(&key), signs(&key, "hello")]),
        session(
            "replace-by-a-mismatched-pair [Replace] the held key is gone although the new one was refused",
            refused(mixed(&key, &other), "KEY_PAIR_MISMATCH"),
        ),
    ];
    for len in [0, 32, 63, 65, 128] {
        let mut keypair = other.keypair().to_vec();
        keypair.resize(len, 0);
        cases.push(session(
            &format!("replace-by-{len}-bytes [Replace] a wrong length, too, takes the held key with it"),
            refused(keypair, "KEY_LENGTH"),
        ));
    }
    cases
}

fn wipes() -> Vec<Case> {
    let (key, other) = (test_key("sessions"), test_key("another"));
    vec![
        session(
            "wipe-then-every-call [Wipe] what needs the held key is refused, what does not works",
            vec![
                signs(&key, "before"),
                wipes_all(),
                no_key(sign_step("after")),
                no_key(sign_many_step(&[b"one".into(), b"two".into()])),
                no_key(sign_many_step(&[])),
                no_key(SessionStep::PublicKey(Empty {})),
                verifies(&key, b"after"),
                (SessionStep::VerifyStrict(right(&key, "after")), valid(true)),
                signs_with(&other, b"with a key for this call"),
                no_key(sign_step("that key was not kept")),
            ],
        ),
        session("wipe-then-load [Wipe]", vec![wipes_all(), loads(&key), shows(&key), signs(&key, "after")]),
        session(
            "wipe-twice [Wipe]",
            vec![wipes_all(), wipes_all(), no_key(sign_step("after")), loads(&other), signs(&other, "x")],
        ),
        session(
            "wipe-after-large [Wipe, Growth, Large, Long] memory that has grown is kept and works",
            vec![signs(&key, repeated(4 * MIB)), wipes_all(), loads(&key), signs(&key, repeated(4 * MIB))],
        ),
        session(
            "wipe-then-too-large [Wipe, Refused] two things are wrong: the key is looked at first",
            vec![wipes_all(), no_key(sign_step(repeated(CAP + 1)))],
        ),
    ]
}

fn closes() -> Vec<Case> {
    let (key, other) = (test_key("sessions"), test_key("another"));
    vec![
        session(
            "close-then-every-call [Close]",
            vec![
                signs(&key, "before"),
                closes_it(),
                closed(sign_step("after")),
                closed(sign_many_step(&[b"one".into()])),
                closed(SessionStep::PublicKey(Empty {})),
                closed(sign_with_step(other.keypair(), b"hello")),
                closed(verify_step(&key, "hello")),
                closed(SessionStep::VerifyStrict(right(&key, "hello"))),
                closed(load_step(other.keypair())),
                closed(SessionStep::Wipe(Empty {})),
                closes_it(),
                closed(sign_step("after")),
            ],
        ),
        session("close-at-once [Close]", vec![closes_it(), closes_it(), closes_it()]),
        session("close-after-wipe [Close, Wipe]", vec![wipes_all(), closes_it(), closed(sign_step("x"))]),
    ]
}

fn refusals() -> Vec<Case> {
    let (key, other) = (test_key("sessions"), test_key("another"));
    let too_large = |step| (step, Answer::error("MESSAGE_TOO_LARGE"));
    let mut cases = vec![
        session("nothing [] a signer is made and never used", vec![]),
        session(
            "passed-key-leaves-the-held-one [] sign_with signs with the key that it is given, then the held key signs again",
            vec![
                signs_with(&other, b"hello"),
                shows(&key),
                signs(&key, "hello"),
                signs_with(&key, b"hello"),
                signs_many(&key, &[b"hello".into()]),
            ],
        ),
        session(
            "too-large-then-small [Refused, Large] no message is left over from the refused call",
            vec![
                signs(&key, "before"),
                too_large(sign_step(repeated(CAP + 1))),
                signs(&key, "after"),
                too_large(sign_many_step(&[b"one".into(), repeated(CAP + 1)])),
                signs_many(&key, &[b"one".into()]),
                too_large(sign_with_step(other.keypair(), repeated(CAP + 1))),
                signs_with(&other, b"after"),
                too_large(SessionStep::Verify(triple(key.public_key(), repeated(CAP + 1), [0; 64]))),
                verifies(&key, b"after"),
            ],
        ),
        session(
            "passed-key-of-wrong-length [Refused] refused before it reaches the module: no trap, and the held key stays",
            vec![
                (sign_with_step([7; 63], b"hello"), Answer::error("KEY_LENGTH")),
                (sign_with_step([7; 65], b"hello"), Answer::error("KEY_LENGTH")),
                (sign_with_step([7; 0], b"hello"), Answer::error("KEY_LENGTH")),
                signs(&key, "after"),
            ],
        ),
        session(
            "verify-wrong-lengths [Refused]",
            vec![
                (SessionStep::Verify(triple([1; 31], b"hello", [0; 64])), Answer::error("PUBLIC_KEY_LENGTH")),
                (SessionStep::VerifyStrict(triple([1; 33], b"hello", [0; 64])), Answer::error("PUBLIC_KEY_LENGTH")),
                (SessionStep::Verify(triple(key.public_key(), b"hello", [0; 63])), valid(false)),
                (SessionStep::VerifyStrict(triple(key.public_key(), b"hello", [0; 65])), valid(false)),
                (SessionStep::Verify(triple(other.public_key(), b"hello", key.sign(b"hello"))), valid(false)),
                verifies(&key, b"hello"),
                signs(&key, "after"),
            ],
        ),
    ];
    for (name, keypair, code) in [
        ("made-with-no-key", Vec::new(), "KEY_LENGTH"),
        ("made-with-63-bytes", key.keypair()[..63].to_vec(), "KEY_LENGTH"),
        ("made-with-a-mismatched-pair", mixed(&key, &other), "KEY_PAIR_MISMATCH"),
    ] {
        let op = Op::Session(Session { keypair: keypair.into(), steps: vec![sign_step("hello")] });
        let head = format!("{name} [Refused] the signer cannot be made: that is the whole answer");
        cases.push(headed("ed25519/sessions", &head, op, error(code)));
    }
    cases
}

fn batches() -> Vec<Case> {
    let key = test_key("sessions");
    let hundred: Vec<Bytes> = (0..100u8).map(|n| vec![n; usize::from(n)].into()).collect();
    vec![
        session(
            "batches-and-singles [Batch, Long] batches of 0, 1, 100 and 2 with single signatures between",
            vec![
                signs_many(&key, &[]),
                signs(&key, "one"),
                signs_many(&key, &[b"one".into()]),
                signs_many(&key, &hundred),
                signs(&key, ""),
                signs_many(&key, &[b"".into(), b"".into()]),
                signs(&key, "two"),
            ],
        ),
        session(
            "batch-over-one-batch [Batch, Large, Growth, Long] three messages of 6 MiB are over the 16 MiB of one batch: the wrapper makes two of them",
            vec![signs_many(&key, &[repeated(6 * MIB), repeated(6 * MIB), repeated(6 * MIB)]), signs(&key, "after")],
        ),
    ]
}

/// A pair whose halves belong to two keys.
fn mixed(key: &Key, other: &Key) -> Vec<u8> {
    [&key.keypair()[..32], &other.public_key()].concat()
}

fn right(key: &Key, message: impl Into<Bytes>) -> vectors::ops::VerifyInput {
    let message = message.into();
    let signature = signed(key, &message);
    triple(key.public_key(), message, signature)
}

fn sign_step(message: impl Into<Bytes>) -> SessionStep {
    SessionStep::Sign(Message { message: message.into() })
}

fn sign_many_step(messages: &[Bytes]) -> SessionStep {
    SessionStep::SignMany(Messages { messages: messages.to_vec() })
}

fn sign_with_step(keypair: impl Into<Bytes>, message: impl Into<Bytes>) -> SessionStep {
    SessionStep::SignWith(SignInput { keypair: keypair.into(), message: message.into() })
}

fn load_step(keypair: impl Into<Bytes>) -> SessionStep {
    SessionStep::LoadKey(KeypairOnly { keypair: keypair.into() })
}

fn verify_step(key: &Key, message: impl Into<Bytes>) -> SessionStep {
    SessionStep::Verify(right(key, message))
}

/// The answer whose one field `set` sets.
fn ok(set: impl FnOnce(&mut Output)) -> Answer {
    let mut output = Output::default();
    set(&mut output);
    Answer::ok(output)
}

fn valid(valid: bool) -> Answer {
    ok(|output| output.valid = Some(valid))
}

fn signs(key: &Key, message: impl Into<Bytes>) -> Step {
    let message = message.into();
    let signature = signed(key, &message);
    (sign_step(message), ok(|output| output.signature = Some(signature)))
}

fn signs_many(key: &Key, messages: &[Bytes]) -> Step {
    (sign_many_step(messages), Answer::ok(signatures(key, messages)))
}

fn signs_with(key: &Key, message: &[u8]) -> Step {
    let signature = key.sign(message).into();
    let step = sign_with_step(key.keypair(), message);
    (step, ok(|output| output.signature = Some(signature)))
}

fn verifies(key: &Key, message: &[u8]) -> Step {
    (verify_step(key, message), valid(true))
}

fn public_key_of(key: &Key) -> Answer {
    ok(|output| output.public_key = Some(key.public_key().into()))
}

fn shows(key: &Key) -> Step {
    (SessionStep::PublicKey(Empty {}), public_key_of(key))
}

fn loads(key: &Key) -> Step {
    (load_step(key.keypair()), public_key_of(key))
}

fn wipes_all() -> Step {
    (SessionStep::Wipe(Empty {}), ok(|_| {}))
}

fn closes_it() -> Step {
    (SessionStep::Close(Empty {}), ok(|_| {}))
}

fn no_key(step: SessionStep) -> Step {
    (step, Answer::error("NO_KEY"))
}

fn closed(step: SessionStep) -> Step {
    (step, Answer::error("CLOSED"))
}

//! Many calls of one wrapper object: what it must keep, and what it must forget.

use super::build::{
    self, BY_REFERENCE, CAP, LONG, MIB, case, error, made_here, repeated, signatures, signed, test_key,
    triple,
};
use super::raw::TRAP;
use ed25519_reference::Key;
use vectors::Bytes;
use vectors::model::{Case, Expect, Face, Suite};
use vectors::ops::{Empty, KeypairOnly, Message, Messages, Op, Output, Session, SessionStep, SignInput};
use vectors::protocol::Answer;

const FLAGS: &[(&str, &str)] = &[
    (
        "Growth",
        "linear memory grows between two calls: views that the host made before are stale",
    ),
    (
        "Trap",
        "a call traps: the wrapper takes a fresh instance and loads the held key again",
    ),
    (
        "Replace",
        "the held key is replaced, or its replacement is refused and no key is held",
    ),
    ("Wipe", "after a wipe no key is held"),
    (
        "Close",
        "after close every call is CLOSED, but closing again is not an error",
    ),
    ("Refused", "a call is refused, and the next one works"),
    ("Batch", "sign_many between single signatures"),
    ("Large", "a message of 1 MiB or more"),
    LONG,
];

pub(super) fn suite() -> Suite {
    let cases = [
        growth(),
        traps(),
        replacements(),
        wipes(),
        closes(),
        refusals(),
        batches(),
    ]
    .concat();
    build::suite(
        "ed25519-sessions",
        Face::Signer,
        made_here(BY_REFERENCE),
        FLAGS,
        cases,
    )
}

/// A step and its answer.
type Step = (SessionStep, Answer);

fn session(name: &str, flags: &[&str], comment: &str, keypair: impl Into<Bytes>, steps: Vec<Step>) -> Case {
    let (steps, answers) = steps.into_iter().unzip();
    let op = Op::Session(Session {
        keypair: keypair.into(),
        steps,
    });
    let expect = Expect::Ok(Output {
        steps: Some(answers),
        ..Output::default()
    });
    case(format!("ed25519/sessions/{name}"), flags, comment, op, expect)
}

fn growth() -> Vec<Case> {
    let key = test_key("sessions");
    let up_and_down = [
        b"small".into(),
        repeated(MIB),
        repeated(8 * MIB),
        b"small again".into(),
    ];
    let mut steps: Vec<Step> = up_and_down.iter().map(|message| signs(&key, message)).collect();
    steps.push(shows(&key));
    let verifications = vec![
        verifies(&key, b"small"),
        (verify_step(&key, &repeated(8 * MIB)), valid(true)),
        verifies(&key, b"small again"),
    ];
    let batches = vec![
        signs(&key, &b"small".into()),
        signs_many(&key, &[repeated(3 * MIB), b"".into(), repeated(2 * MIB)]),
        signs(&key, &b"small again".into()),
    ];
    vec![
        session(
            "growth-while-signing",
            &["Growth", "Large", "Long"],
            "small, 1 MiB, 8 MiB, small",
            key.keypair(),
            steps,
        ),
        session(
            "growth-while-verifying",
            &["Growth", "Large", "Long"],
            "small, 8 MiB, small",
            key.keypair(),
            verifications,
        ),
        session(
            "growth-by-a-batch",
            &["Growth", "Large", "Batch", "Long"],
            "a batch of 5 MiB between",
            key.keypair(),
            batches,
        ),
    ]
}

fn traps() -> Vec<Case> {
    let (key, other) = (test_key("sessions"), test_key("another"));
    let traps = || (sign_with_step(mixed(&key, &other), b"hello"), TRAP);
    vec![
        session(
            "trap-then-every-call",
            &["Trap"],
            "the mismatched pair traps; then everything works, with the held key",
            key.keypair(),
            vec![
                signs(&key, &b"before".into()),
                traps(),
                signs(&key, &b"after".into()),
                signs_many(&key, &[b"one".into(), b"two".into()]),
                shows(&key),
                verifies(&key, b"after"),
                signs_with(&other, b"with the other key"),
                signs(&key, &b"and again".into()),
            ],
        ),
        session(
            "trap-first",
            &["Trap"],
            "the very first call traps",
            key.keypair(),
            vec![traps(), signs(&key, &b"after".into())],
        ),
        session(
            "trap-three-times",
            &["Trap"],
            "one fresh instance after another",
            key.keypair(),
            vec![
                traps(),
                traps(),
                signs(&key, &b"between".into()),
                traps(),
                signs(&key, &b"after".into()),
            ],
        ),
        session(
            "trap-after-replacing",
            &["Trap", "Replace"],
            "the key to load again is the one that is held now, not the first",
            key.keypair(),
            vec![
                loads(&other),
                traps(),
                shows(&other),
                signs(&other, &b"after".into()),
            ],
        ),
        session(
            "trap-after-wipe",
            &["Trap", "Wipe"],
            "no key was held, so none is held on the fresh instance",
            key.keypair(),
            vec![
                wipes_all(),
                traps(),
                no_key(sign_step(&b"after".into())),
                loads(&key),
                signs(&key, &b"then".into()),
            ],
        ),
        session(
            "trap-after-refused-key",
            &["Trap", "Replace"],
            "the refused key took the held one with it, and a trap does not bring it back",
            key.keypair(),
            vec![
                (load_step(mixed(&key, &other)), Answer::error("KEY_PAIR_MISMATCH")),
                traps(),
                no_key(sign_step(&b"after".into())),
            ],
        ),
        session(
            "trap-then-close",
            &["Trap", "Close"],
            "",
            key.keypair(),
            vec![
                traps(),
                closes_it(),
                closed(sign_step(&b"after".into())),
                closes_it(),
            ],
        ),
    ]
}

fn replacements() -> Vec<Case> {
    let (key, other) = (test_key("sessions"), test_key("another"));
    let refused = |keypair: Vec<u8>, code: &str| {
        vec![
            signs(&key, &b"before".into()),
            (load_step(keypair), Answer::error(code)),
            no_key(sign_step(&b"hello".into())),
            no_key(sign_many_step(&[b"hello".into()])),
            no_key(SessionStep::PublicKey(Empty {})),
            verifies(&key, b"hello"),
            loads(&other),
            signs(&other, &b"after".into()),
        ]
    };
    let mut cases = vec![
        session(
            "replace-by-a-good-key",
            &["Replace"],
            "the new key signs",
            key.keypair(),
            vec![
                shows(&key),
                signs(&key, &b"hello".into()),
                loads(&other),
                shows(&other),
                signs(&other, &b"hello".into()),
                signs_many(&other, &[b"hello".into()]),
                loads(&key),
                signs(&key, &b"hello".into()),
            ],
        ),
        session(
            "replace-by-itself",
            &["Replace"],
            "",
            key.keypair(),
            vec![loads(&key), loads(&key), signs(&key, &b"hello".into())],
        ),
        session(
            "replace-by-a-mismatched-pair",
            &["Replace"],
            "the held key is gone although the new one was refused",
            key.keypair(),
            refused(mixed(&key, &other), "KEY_PAIR_MISMATCH"),
        ),
    ];
    for len in [0, 32, 63, 65, 128] {
        let mut keypair = other.keypair().to_vec();
        keypair.resize(len, 0);
        cases.push(session(
            &format!("replace-by-{len}-bytes"),
            &["Replace"],
            "a wrong length, too, takes the held key with it",
            key.keypair(),
            refused(keypair, "KEY_LENGTH"),
        ));
    }
    cases
}

fn wipes() -> Vec<Case> {
    let (key, other) = (test_key("sessions"), test_key("another"));
    vec![
        session(
            "wipe-then-every-call",
            &["Wipe"],
            "what needs the held key is refused, what does not works",
            key.keypair(),
            vec![
                signs(&key, &b"before".into()),
                wipes_all(),
                no_key(sign_step(&b"after".into())),
                no_key(sign_many_step(&[b"one".into(), b"two".into()])),
                no_key(sign_many_step(&[])),
                no_key(SessionStep::PublicKey(Empty {})),
                verifies(&key, b"after"),
                (
                    SessionStep::VerifyStrict(right(&key, &b"after".into())),
                    valid(true),
                ),
                signs_with(&other, b"with a key for this call"),
                no_key(sign_step(&b"that key was not kept".into())),
            ],
        ),
        session(
            "wipe-then-load",
            &["Wipe"],
            "",
            key.keypair(),
            vec![
                wipes_all(),
                loads(&key),
                shows(&key),
                signs(&key, &b"after".into()),
            ],
        ),
        session(
            "wipe-twice",
            &["Wipe"],
            "",
            key.keypair(),
            vec![
                wipes_all(),
                wipes_all(),
                no_key(sign_step(&b"after".into())),
                loads(&other),
                signs(&other, &b"x".into()),
            ],
        ),
        session(
            "wipe-after-large",
            &["Wipe", "Growth", "Large", "Long"],
            "memory that has grown is kept and works",
            key.keypair(),
            vec![
                signs(&key, &repeated(4 * MIB)),
                wipes_all(),
                loads(&key),
                signs(&key, &repeated(4 * MIB)),
            ],
        ),
        session(
            "wipe-then-too-large",
            &["Wipe", "Refused"],
            "two things are wrong: the key is looked at first",
            key.keypair(),
            vec![wipes_all(), no_key(sign_step(&repeated(CAP + 1)))],
        ),
    ]
}

fn closes() -> Vec<Case> {
    let (key, other) = (test_key("sessions"), test_key("another"));
    vec![
        session(
            "close-then-every-call",
            &["Close"],
            "",
            key.keypair(),
            vec![
                signs(&key, &b"before".into()),
                closes_it(),
                closed(sign_step(&b"after".into())),
                closed(sign_many_step(&[b"one".into()])),
                closed(SessionStep::PublicKey(Empty {})),
                closed(sign_with_step(other.keypair(), b"hello")),
                closed(verify_step(&key, &b"hello".into())),
                closed(SessionStep::VerifyStrict(right(&key, &b"hello".into()))),
                closed(load_step(other.keypair())),
                closed(SessionStep::Wipe(Empty {})),
                closes_it(),
                closed(sign_step(&b"after".into())),
            ],
        ),
        session(
            "close-at-once",
            &["Close"],
            "",
            key.keypair(),
            vec![closes_it(), closes_it(), closes_it()],
        ),
        session(
            "close-after-wipe",
            &["Close", "Wipe"],
            "",
            key.keypair(),
            vec![wipes_all(), closes_it(), closed(sign_step(&b"x".into()))],
        ),
    ]
}

fn refusals() -> Vec<Case> {
    let (key, other) = (test_key("sessions"), test_key("another"));
    let too_large = |step| (step, Answer::error("MESSAGE_TOO_LARGE"));
    let mut cases = vec![
        session(
            "nothing",
            &[],
            "a signer is made and never used",
            key.keypair(),
            vec![],
        ),
        session(
            "passed-key-leaves-the-held-one",
            &[],
            "sign_with signs with the key that it is given, then the held key signs again",
            key.keypair(),
            vec![
                signs_with(&other, b"hello"),
                shows(&key),
                signs(&key, &b"hello".into()),
                signs_with(&key, b"hello"),
                signs_many(&key, &[b"hello".into()]),
            ],
        ),
        session(
            "too-large-then-small",
            &["Refused", "Large"],
            "no message is left over from the refused call",
            key.keypair(),
            vec![
                signs(&key, &b"before".into()),
                too_large(sign_step(&repeated(CAP + 1))),
                signs(&key, &b"after".into()),
                too_large(sign_many_step(&[b"one".into(), repeated(CAP + 1)])),
                signs_many(&key, &[b"one".into()]),
                too_large(sign_with_step(other.keypair(), repeated(CAP + 1))),
                signs_with(&other, b"after"),
                too_large(SessionStep::Verify(triple(
                    key.public_key(),
                    repeated(CAP + 1),
                    [0; 64],
                ))),
                verifies(&key, b"after"),
            ],
        ),
        session(
            "passed-key-of-wrong-length",
            &["Refused"],
            "refused before it reaches the module: no trap, and the held key stays",
            key.keypair(),
            vec![
                (sign_with_step([7; 63], b"hello"), Answer::error("KEY_LENGTH")),
                (sign_with_step([7; 65], b"hello"), Answer::error("KEY_LENGTH")),
                (sign_with_step([7; 0], b"hello"), Answer::error("KEY_LENGTH")),
                signs(&key, &b"after".into()),
            ],
        ),
        session(
            "verify-wrong-lengths",
            &["Refused"],
            "",
            key.keypair(),
            vec![
                (
                    SessionStep::Verify(triple([1; 31], b"hello", [0; 64])),
                    Answer::error("PUBLIC_KEY_LENGTH"),
                ),
                (
                    SessionStep::VerifyStrict(triple([1; 33], b"hello", [0; 64])),
                    Answer::error("PUBLIC_KEY_LENGTH"),
                ),
                (
                    SessionStep::Verify(triple(key.public_key(), b"hello", [0; 63])),
                    valid(false),
                ),
                (
                    SessionStep::VerifyStrict(triple(key.public_key(), b"hello", [0; 65])),
                    valid(false),
                ),
                (
                    SessionStep::Verify(triple(other.public_key(), b"hello", key.sign(b"hello"))),
                    valid(false),
                ),
                verifies(&key, b"hello"),
                signs(&key, &b"after".into()),
            ],
        ),
    ];
    for (name, keypair, code) in [
        ("made-with-no-key", Vec::new(), "KEY_LENGTH"),
        ("made-with-63-bytes", key.keypair()[..63].to_vec(), "KEY_LENGTH"),
        (
            "made-with-a-mismatched-pair",
            mixed(&key, &other),
            "KEY_PAIR_MISMATCH",
        ),
    ] {
        let op = Op::Session(Session {
            keypair: keypair.into(),
            steps: vec![sign_step(&b"hello".into())],
        });
        let comment = "the signer cannot be made: that is the whole answer";
        cases.push(case(
            format!("ed25519/sessions/{name}"),
            &["Refused"],
            comment,
            op,
            error(code),
        ));
    }
    cases
}

fn batches() -> Vec<Case> {
    let key = test_key("sessions");
    let hundred: Vec<Bytes> = (0..100u8).map(|n| vec![n; usize::from(n)].into()).collect();
    vec![
        session(
            "batches-and-singles",
            &["Batch", "Long"],
            "batches of 0, 1, 100 and 2 with single signatures between",
            key.keypair(),
            vec![
                signs_many(&key, &[]),
                signs(&key, &b"one".into()),
                signs_many(&key, &[b"one".into()]),
                signs_many(&key, &hundred),
                signs(&key, &b"".into()),
                signs_many(&key, &[b"".into(), b"".into()]),
                signs(&key, &b"two".into()),
            ],
        ),
        session(
            "batch-over-one-batch",
            &["Batch", "Large", "Growth", "Long"],
            "three messages of 6 MiB are over the 16 MiB of one batch: the wrapper makes two of them",
            key.keypair(),
            vec![
                signs_many(&key, &[repeated(6 * MIB), repeated(6 * MIB), repeated(6 * MIB)]),
                signs(&key, &b"after".into()),
            ],
        ),
    ]
}

/// A pair whose halves belong to two keys.
fn mixed(key: &Key, other: &Key) -> Vec<u8> {
    [&key.keypair()[..32], &other.public_key()].concat()
}

fn right(key: &Key, message: &Bytes) -> vectors::ops::VerifyInput {
    triple(key.public_key(), message.clone(), signed(key, message))
}

fn sign_step(message: &Bytes) -> SessionStep {
    SessionStep::Sign(Message {
        message: message.clone(),
    })
}

fn sign_many_step(messages: &[Bytes]) -> SessionStep {
    SessionStep::SignMany(Messages {
        messages: messages.to_vec(),
    })
}

fn sign_with_step(keypair: impl Into<Bytes>, message: impl Into<Bytes>) -> SessionStep {
    SessionStep::SignWith(SignInput {
        keypair: keypair.into(),
        message: message.into(),
    })
}

fn load_step(keypair: impl Into<Bytes>) -> SessionStep {
    SessionStep::LoadKey(KeypairOnly {
        keypair: keypair.into(),
    })
}

fn verify_step(key: &Key, message: &Bytes) -> SessionStep {
    SessionStep::Verify(right(key, message))
}

fn ok(output: Output) -> Answer {
    Answer::ok(output)
}

fn valid(valid: bool) -> Answer {
    ok(Output {
        valid: Some(valid),
        ..Output::default()
    })
}

fn signs(key: &Key, message: &Bytes) -> Step {
    (
        sign_step(message),
        ok(Output {
            signature: Some(signed(key, message)),
            ..Output::default()
        }),
    )
}

fn signs_many(key: &Key, messages: &[Bytes]) -> Step {
    (sign_many_step(messages), ok(signatures(key, messages)))
}

fn signs_with(key: &Key, message: &[u8]) -> Step {
    let signature = Some(key.sign(message).into());
    (
        sign_with_step(key.keypair(), message),
        ok(Output {
            signature,
            ..Output::default()
        }),
    )
}

fn verifies(key: &Key, message: &[u8]) -> Step {
    (verify_step(key, &message.into()), valid(true))
}

fn shows(key: &Key) -> Step {
    let public_key = Some(key.public_key().into());
    (
        SessionStep::PublicKey(Empty {}),
        ok(Output {
            public_key,
            ..Output::default()
        }),
    )
}

fn loads(key: &Key) -> Step {
    let public_key = Some(key.public_key().into());
    (
        load_step(key.keypair()),
        ok(Output {
            public_key,
            ..Output::default()
        }),
    )
}

fn wipes_all() -> Step {
    (SessionStep::Wipe(Empty {}), ok(Output::default()))
}

fn closes_it() -> Step {
    (SessionStep::Close(Empty {}), ok(Output::default()))
}

fn no_key(step: SessionStep) -> Step {
    (step, Answer::error("NO_KEY"))
}

fn closed(step: SessionStep) -> Step {
    (step, Answer::error("CLOSED"))
}

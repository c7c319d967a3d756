//! The program that the runner talks to: `hosts/CONTRACT.md` is the contract.
//!
//! Natively a panic that reaches an `extern "C"` function aborts the process, and `__builtin_trap` is a
//! signal. What can end that way is done in a child process, whose death is the `trap`.

mod hello;
mod keys;

use std::collections::BTreeMap;
use std::io::{self, Read, Write};
use std::os::unix::process::ExitStatusExt;
use std::process::{Command, ExitCode, Stdio};

use anyhow::Context;
use everyhost_native::{Signer, SignerError};
use token_signer_core::{ErrorCode, KEYPAIR_LEN, MAX_MESSAGE_LEN, SIGNATURE_LEN};
use vectors::answer::{Answer, Output};
use vectors::expected::AnswerBytes;
use vectors::ops::{Op, Operands, SignInput};
use vectors::protocol::{Adapter, Hello, ModuleFile, serve_stdio};
use vectors::wrapper::{SignerWrapper, run_signer_op, run_verifier_op};

const OPS: &[&str] = &[
    "public_key",
    "sign",
    "sign_many",
    "verify",
    "verify_strict",
    "verify_many",
    "verify_many_strict",
    "session",
    "read_key",
    "write_key",
    "add",
    "divide",
];

/// The argument that makes this program do one operation, given on stdin, and end.
const CHILD: &str = "--child";

/// The signals of `abort`, of `__builtin_trap`, and of the latter on other processors.
const TRAP_SIGNALS: [i32; 3] = [6, 4, 5];

fn main() -> anyhow::Result<ExitCode> {
    if std::env::args().nth(1).as_deref() == Some(CHILD) {
        return child().map(|()| ExitCode::SUCCESS);
    }
    Ok(serve_stdio(&mut Native))
}

struct Native;

impl Adapter for Native {
    fn hello(&mut self, modules: &BTreeMap<String, ModuleFile>) -> anyhow::Result<Hello> {
        hello::hello(modules, OPS, "none: compiled for this machine")
    }

    fn run(&mut self, _module: &str, op: &Op) -> Answer {
        match op {
            Op::Add(Operands { a, b }) => value(c_linked_add::add(*a, *b)),
            Op::Divide(_) => in_a_child(op),
            Op::ReadKey(_) | Op::WriteKey(_) => keys::run(op),
            Op::VerifyMany(_) | Op::VerifyManyStrict(_) => run_verifier_op(op, |items, strict| {
                let verify = if strict { Signer::verify_many_strict } else { Signer::verify_many };
                verify(items).map_err(refusal)
            }),
            _ => run_signer_op(op, |keypair| {
                keypair.map_or_else(|| Ok(Signer::without_key()), Signer::new).map(Wrapped).map_err(refusal)
            }),
        }
    }
}

struct Wrapped(Signer);

impl SignerWrapper for Wrapped {
    fn public_key(&mut self) -> Result<[u8; 32], Answer> {
        self.0.public_key().map_err(refusal)
    }

    fn sign(&mut self, message: &[u8]) -> Result<[u8; 64], Answer> {
        self.0.sign(message).map_err(refusal)
    }

    fn sign_many(&mut self, messages: &[Vec<u8>]) -> Result<Vec<[u8; 64]>, Answer> {
        self.0.sign_many(messages).map_err(refusal)
    }

    fn sign_with(&mut self, keypair: &[u8], message: &[u8]) -> Result<[u8; 64], Answer> {
        if keypair.len() != KEYPAIR_LEN {
            return Err(refusal(ErrorCode::KeyLength.into()));
        }
        if message.len() > MAX_MESSAGE_LEN {
            return Err(refusal(ErrorCode::MessageTooLarge.into()));
        }
        match in_a_child(&Op::Sign(SignInput { keypair: keypair.into(), message: message.into() })) {
            Answer::Ok { ok } => ok
                .signature
                .as_ref()
                .and_then(AnswerBytes::plain)
                .and_then(|signature| signature.to_vec().try_into().ok())
                .ok_or_else(|| Answer::unsupported("the child gave no signature")),
            refused => Err(refused),
        }
    }

    fn verify(&mut self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, Answer> {
        Signer::verify(public_key, message, signature).map_err(refusal)
    }

    fn verify_strict(&mut self, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, Answer> {
        Signer::verify_strict(public_key, message, signature).map_err(refusal)
    }

    fn derive_public_key(&mut self, seed: &[u8]) -> Result<[u8; 32], Answer> {
        Signer::derive_public_key(seed).map_err(refusal)
    }

    fn load_key(&mut self, keypair: &[u8]) -> Result<(), Answer> {
        self.0.load_key(keypair).map_err(refusal)
    }

    fn wipe(&mut self) -> Result<(), Answer> {
        self.0.wipe();
        Ok(())
    }

    fn close(self) -> Result<(), Answer> {
        self.0.close();
        Ok(())
    }
}

fn refusal(error: SignerError) -> Answer {
    Answer::error(error.code.name())
}

fn value(value: i32) -> Answer {
    Answer::ok(Output { value: Some(value.into()), ..Output::default() })
}

/// Does `op` in a child process. Death by one of the signals of a trap is the answer `trap`.
fn in_a_child(op: &Op) -> Answer {
    ask_a_child(op).unwrap_or_else(|error| Answer::unsupported(format!("the child process failed: {error:#}")))
}

fn ask_a_child(op: &Op) -> anyhow::Result<Answer> {
    let mut child = Command::new(std::env::current_exe()?)
        .arg(CHILD)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut stdin = child.stdin.take().context("no stdin")?;
    stdin.write_all(&serde_json::to_vec(op)?)?;
    drop(stdin);
    let output = child.wait_with_output()?;
    match output.status.signal() {
        Some(signal) if TRAP_SIGNALS.contains(&signal) => Ok(Answer::trap(format!("signal {signal}"))),
        Some(signal) => anyhow::bail!("it died of signal {signal}"),
        None => Ok(serde_json::from_slice(&output.stdout)?),
    }
}

/// The child: reads an operation, does it by the exports that may abort, writes the answer.
fn child() -> anyhow::Result<()> {
    let mut request = Vec::new();
    io::stdin().read_to_end(&mut request)?;
    let answer = match serde_json::from_slice(&request)? {
        Op::Divide(Operands { a, b }) => value(c_linked_add::divide(a, b)),
        Op::Sign(SignInput { keypair, message }) => {
            let signature = sign_by_the_exports(&keypair.to_vec(), &message.to_vec());
            Answer::ok(Output { signature: Some(signature.into()), ..Output::default() })
        }
        op => anyhow::bail!("{} needs no child", op.name()),
    };
    serde_json::to_writer(io::stdout(), &answer)?;
    Ok(())
}

/// As the chapter's test does: through the same exports that a Wasm host calls.
fn sign_by_the_exports(keypair: &[u8], message: &[u8]) -> [u8; SIGNATURE_LEN] {
    use token_signer::chapter::{allocate_message, get_signature_ptr, get_signing_key_ptr, sign};
    assert_eq!(keypair.len(), KEYPAIR_LEN, "the parent checked the length");
    let room = allocate_message(message.len());
    assert!(!room.is_null(), "no room for the message");
    // SAFETY: `room` is as long as the message, the key buffer 64 bytes; this thread alone uses them.
    unsafe {
        room.copy_from_nonoverlapping(message.as_ptr(), message.len());
        get_signing_key_ptr().cast_mut().copy_from_nonoverlapping(keypair.as_ptr(), KEYPAIR_LEN);
    }
    sign();
    // SAFETY: the signature buffer is 64 bytes that nobody writes now.
    unsafe { get_signature_ptr().cast::<[u8; SIGNATURE_LEN]>().read() }
}

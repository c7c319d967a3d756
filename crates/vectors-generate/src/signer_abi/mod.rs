//! The exports of the raw signer, each brought to every status that it can give. `OUT_OF_MEMORY` needs a host that limits
//! the memory: no sequence of calls under the caps can fill 4 GiB.

mod batches;
mod keys;
mod memory;
mod signing;

use signer_abi::ErrorCode;

use super::build::{self, BY_REFERENCE, CAP, made_here, test_key};
use super::raw::{Steps, at, plus};
use ed25519_reference::Key;
use vectors::model::{Case, Face, Suite};
use vectors::ops::{Op, Raw, Value};

const FLAGS: &str = "\
Status: an export gives one of its statuses
LeavesNothing: after a refusal the signature buffer, or after load_key the key buffer, is all zero
Trap: sign, the chapter's own export, traps where it cannot sign
Cap: a length over 16 MiB
Batch: lengths and messages in one buffer
MemoryLimit: the host lets memory grow less than the module declares
Wipe: what a wipe must leave
Bounds: the host checks what it reads and writes: a pointer is unsigned and may lie outside of memory
NoExport: the module has no function of that name";

const ZEROS: [u8; 64] = [0; 64];

pub(super) fn suite() -> Suite {
    let (key, other) = (test_key("signer-abi"), test_key("another"));
    let cases = [
        constants(),
        signing::chapters_exports(&key, &other),
        signing::statuses_of_signing(&key, &other),
        signing::held_keys(&key, &other),
        keys::public_keys(&key),
        keys::verifications(&key, &other),
        batches::batches(&key),
        batches::batch_refusals(&key),
        wipes(&key),
        bounds(),
        memory::limited(&key),
    ];
    build::suite(
        "signer-abi",
        Face::SignerAbi,
        made_here(BY_REFERENCE),
        &[build::flags(FLAGS), vec![build::LONG]].concat(),
        cases.concat(),
    )
}

/// What the exports are called with here, so that the cases below read as a story.
trait Signer: Sized {
    fn buffers(self) -> Self;
    fn key(self, keypair: [u8; 64]) -> Self;
    fn message(self, message: &[u8]) -> Self;
    fn status(self, export: &str, status: u32) -> Self;
    fn refuses(self, export: &str, code: ErrorCode) -> Self;
    fn signs(self, export: &str, key: &Key, message: &[u8]) -> Self;
    fn loads(self, key: &Key) -> Self;
    fn batch(self, lengths: &[u32], messages: &[u8]) -> Self;
}

impl Signer for Steps {
    /// Asks for the three fixed buffers: `key`, `signature` and `public`.
    fn buffers(self) -> Self {
        self.pointer("get_signing_key_ptr", &[], "key").pointer("get_signature_ptr", &[], "signature").pointer(
            "get_public_key_ptr",
            &[],
            "public",
        )
    }

    fn key(self, keypair: [u8; 64]) -> Self {
        self.write(at("key"), keypair)
    }

    /// Allocates and fills a message. Its buffer may be elsewhere each time, so each has a name of its own.
    fn message(self, message: &[u8]) -> Self {
        let name = format!("message {}", String::from_utf8_lossy(message));
        self.pointer("allocate_message", &[number(message.len())], &name).write(at(&name), message)
    }

    fn status(self, export: &str, status: u32) -> Self {
        self.call(export, &[], &[number(status as usize)])
    }

    /// A refusal of a signing export: it leaves no signature.
    fn refuses(self, export: &str, code: ErrorCode) -> Self {
        self.status(export, status_of(code)).read(at("signature"), ZEROS)
    }

    fn signs(self, export: &str, key: &Key, message: &[u8]) -> Self {
        self.status(export, OK).read(at("signature"), key.sign(message))
    }

    fn loads(self, key: &Key) -> Self {
        self.key(key.keypair()).status("load_key", OK).read(at("key"), ZEROS)
    }

    fn batch(self, lengths: &[u32], messages: &[u8]) -> Self {
        let name = format!("batch {lengths:?}");
        let lengths_le: Vec<u8> = lengths.iter().flat_map(|length| length.to_le_bytes()).collect();
        self.pointer("allocate_batch", &[number(lengths.len()), number(messages.len())], &name)
            .write(at(&name), [&lengths_le, messages].concat())
    }
}

const OK: u32 = ErrorCode::OK_STATUS;

fn status_of(code: ErrorCode) -> u32 {
    code.status().expect("only codes with a status are given by exports")
}

fn number(number: usize) -> Value {
    i32::try_from(number).expect("lengths and statuses are small").into()
}

fn asked(head: &str, steps: Steps) -> Case {
    let (steps, expect) = steps.parts();
    build::headed("signer-abi", head, Op::Raw(Raw { steps }), expect)
}

fn new() -> Steps {
    Steps::new().buffers()
}

fn constants() -> Vec<Case> {
    let same_again = |steps: Steps, export: &str, name: &str| steps.call(export, &[], &[at(name)]);
    let moved = new().message(b"first").call_as("allocate_message", &[number(CAP)], "large", &[at("large")]);
    let moved = [("get_signing_key_ptr", "key"), ("get_signature_ptr", "signature"), ("get_public_key_ptr", "public")]
        .into_iter()
        .fold(moved, |steps, (export, name)| same_again(steps, export, name));
    vec![
        asked("abi-version [Status]", Steps::new().call("abi_version", &[], &[1.into()])),
        asked("max-message-len [Status] 16 MiB", Steps::new().call("max_message_len", &[], &[number(CAP)])),
        asked("fixed-buffers-stay [] the fixed buffers do not move when memory grows", moved),
        asked(
            "fixed-buffers-start-zero [LeavesNothing]",
            new().read(at("key"), ZEROS).read(at("signature"), ZEROS).read(at("public"), [0; 32]),
        ),
    ]
}

fn wipes(key: &Key) -> Vec<Case> {
    use ErrorCode::{NoKey, NoMessage};
    let wipe = |steps: Steps| steps.call("wipe", &[], &[]);
    let zeros = |steps: Steps| steps.read(at("key"), ZEROS).read(at("signature"), ZEROS).read(at("public"), [0; 32]);
    vec![
        asked(
            "wipe-clears-the-fixed-buffers [Wipe]",
            zeros(wipe(
                new()
                    .message(b"hello")
                    .key(key.keypair())
                    .status("derive_public_key", OK)
                    .signs("try_sign", key, b"hello"),
            )),
        ),
        asked(
            "wipe-drops-key-message-and-batch [Wipe, Status] the instance is as new",
            wipe(new().message(b"hello").batch(&[5], b"hello").loads(key).status("sign_batch", OK))
                .refuses("sign_loaded", NoKey)
                .status("sign_batch", status_of(NoKey))
                .call("get_batch_signatures_ptr", &[], &[0.into()])
                .status("verify", status_of(NoMessage))
                .loads(key)
                .refuses("sign_loaded", NoMessage)
                .status("sign_batch", status_of(NoMessage)),
        ),
        asked(
            "wipe-forgets-why-there-was-no-message [Wipe, Status] MESSAGE_TOO_LARGE before it, NO_MESSAGE after it",
            wipe(
                new()
                    .call("allocate_message", &[(-1).into()], &[0.into()])
                    .status("verify", status_of(ErrorCode::MessageTooLarge)),
            )
            .status("verify", status_of(NoMessage)),
        ),
        asked("wipe-a-new-instance [Wipe]", zeros(wipe(wipe(new())))),
        asked(
            "wipe-then-sign [Wipe] a wiped instance works like a new one",
            wipe(new().message(b"hello").loads(key))
                .message(b"again")
                .key(key.keypair())
                .signs("try_sign", key, b"again")
                .loads(key)
                .signs("sign_loaded", key, b"again"),
        ),
        asked(
            "wipe-clears-the-message [Wipe] the middle of the freed message: its first bytes may hold the allocator's own notes",
            wipe(new().pointer("allocate_message", &[256.into()], "message").write(at("message"), [0xaa; 256]))
                .read(plus("message", 96), ZEROS),
        ),
    ]
}

fn bounds() -> Vec<Case> {
    let last: Value = (-1).into();
    vec![
        asked(
            "out-of-bounds [Bounds] 0xffffffff, and ranges that end beyond 2^32; the instance lives on",
            new()
                .read_out_of_bounds(last.clone(), 1)
                .read_out_of_bounds(last.clone(), 2)
                .read_out_of_bounds((-16).into(), 32)
                .read_out_of_bounds(i32::MIN.into(), 1)
                .write_out_of_bounds(last, b"a")
                .write_out_of_bounds((-4).into(), b"over the end")
                .call("abi_version", &[], &[1.into()]),
        ),
        asked(
            "no-such-export [NoExport] a memory is no function; the instance lives on",
            Steps::new().call_without_export("sign_everything").call_without_export("memory").call(
                "abi_version",
                &[],
                &[1.into()],
            ),
        ),
    ]
}

/// A pair whose halves belong to two keys.
fn mixed(key: &Key, other: &Key) -> [u8; 64] {
    let mut mixed = key.keypair();
    mixed[32..].copy_from_slice(&other.public_key());
    mixed
}

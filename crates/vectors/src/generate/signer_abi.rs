//! The exports of the raw signer, each brought to every status that it can give. `OUT_OF_MEMORY` is missing: no
//! sequence of calls under the caps can fill 4 GiB, so the hosts' own tests limit the memory for it.

use token_signer_core::ErrorCode;

use super::build::{self, BY_REFERENCE, CAP, made_here, test_key};
use super::raw::{Steps, at, plus, raw_case};
use crate::model::{Case, Face, Suite};
use crate::ops::Value;
use crate::reference::Key;

const FLAGS: &[(&str, &str)] = &[
    ("Status", "an export gives one of its statuses"),
    (
        "LeavesNothing",
        "after a refusal the signature buffer, or after load_key the key buffer, is all zero",
    ),
    (
        "Trap",
        "sign, the chapter's own export, traps where it cannot sign",
    ),
    ("Cap", "a length over 16 MiB"),
    ("Batch", "lengths and messages in one buffer"),
    ("Wipe", "what a wipe must leave"),
    (
        "Bounds",
        "the host checks what it reads and writes: a pointer is unsigned and may lie outside of memory",
    ),
    ("NoExport", "the module has no function of that name"),
];

const ZEROS: [u8; 64] = [0; 64];

pub(super) fn suite() -> Suite {
    let (key, other) = (test_key("signer-abi"), test_key("another"));
    let cases = [
        constants(),
        chapters_exports(&key, &other),
        statuses_of_signing(&key, &other),
        held_keys(&key, &other),
        public_keys(&key),
        verifications(&key, &other),
        batches(&key),
        batch_refusals(&key),
        wipes(&key),
        bounds(),
    ];
    build::suite(
        "signer-abi",
        Face::SignerAbi,
        made_here(BY_REFERENCE),
        FLAGS,
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
        self.pointer("get_signing_key_ptr", &[], "key")
            .pointer("get_signature_ptr", &[], "signature")
            .pointer("get_public_key_ptr", &[], "public")
    }

    fn key(self, keypair: [u8; 64]) -> Self {
        self.write(at("key"), keypair)
    }

    /// Allocates and fills a message. Its buffer may be elsewhere each time, so each has a name of its own.
    fn message(self, message: &[u8]) -> Self {
        let name = format!("message {}", String::from_utf8_lossy(message));
        self.pointer("allocate_message", &[number(message.len())], &name)
            .write(at(&name), message)
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
        self.key(key.keypair())
            .status("load_key", OK)
            .read(at("key"), ZEROS)
    }

    fn batch(self, lengths: &[u32], messages: &[u8]) -> Self {
        let name = format!("batch {lengths:?}");
        let lengths_le: Vec<u8> = lengths.iter().flat_map(|length| length.to_le_bytes()).collect();
        self.pointer(
            "allocate_batch",
            &[number(lengths.len()), number(messages.len())],
            &name,
        )
        .write(at(&name), [&lengths_le, messages].concat())
    }
}

const OK: u32 = ErrorCode::OK_STATUS;

fn status_of(code: ErrorCode) -> u32 {
    code.status()
        .expect("only codes with a status are given by exports")
}

fn number(number: usize) -> Value {
    i32::try_from(number)
        .expect("lengths and statuses are small")
        .into()
}

fn id(name: &str) -> String {
    format!("signer-abi/{name}")
}

fn new() -> Steps {
    Steps::new().buffers()
}

fn constants() -> Vec<Case> {
    let same_again = |steps: Steps, export: &str, name: &str| steps.call(export, &[], &[at(name)]);
    let moved = new()
        .message(b"first")
        .call_as("allocate_message", &[number(CAP)], "large", &[at("large")]);
    let moved = [
        ("get_signing_key_ptr", "key"),
        ("get_signature_ptr", "signature"),
        ("get_public_key_ptr", "public"),
    ]
    .into_iter()
    .fold(moved, |steps, (export, name)| same_again(steps, export, name));
    vec![
        raw_case(
            &id("abi-version"),
            &["Status"],
            "",
            Steps::new().call("abi_version", &[], &[1.into()]),
        ),
        raw_case(
            &id("max-message-len"),
            &["Status"],
            "16 MiB",
            Steps::new().call("max_message_len", &[], &[number(CAP)]),
        ),
        raw_case(
            &id("fixed-buffers-stay"),
            &[],
            "the fixed buffers do not move when memory grows",
            moved,
        ),
        raw_case(
            &id("fixed-buffers-start-zero"),
            &["LeavesNothing"],
            "",
            new()
                .read(at("key"), ZEROS)
                .read(at("signature"), ZEROS)
                .read(at("public"), [0; 32]),
        ),
    ]
}

fn chapters_exports(key: &Key, other: &Key) -> Vec<Case> {
    let mixed = mixed(key, other);
    vec![
        raw_case(
            &id("sign"),
            &[],
            "the chapter's four exports, in its order",
            Steps::new()
                .pointer("allocate_message", &[5.into()], "message")
                .write(at("message"), b"hello")
                .pointer("get_signing_key_ptr", &[], "key")
                .write(at("key"), key.keypair())
                .call("sign", &[], &[])
                .pointer("get_signature_ptr", &[], "signature")
                .read(at("signature"), key.sign(b"hello"))
                .read(at("message"), b"hello"),
        ),
        raw_case(
            &id("sign-twice"),
            &[],
            "key and message stay where they are: the same call gives the same signature",
            new()
                .message(b"hello")
                .key(key.keypair())
                .call("sign", &[], &[])
                .write(at("signature"), [0xaa; 64])
                .call("sign", &[], &[])
                .read(at("signature"), key.sign(b"hello")),
        ),
        raw_case(
            &id("sign-empty"),
            &[],
            "a message of length 0 has a pointer that is not 0",
            new()
                .pointer("allocate_message", &[0.into()], "empty")
                .key(key.keypair())
                .call("sign", &[], &[])
                .read(at("signature"), key.sign(b"")),
        ),
        raw_case(
            &id("sign-without-message"),
            &["Trap"],
            "",
            new()
                .key(key.keypair())
                .call_that_traps("sign", &[])
                .not_reached("abi_version", &[]),
        ),
        raw_case(
            &id("sign-mismatched-pair"),
            &["Trap"],
            "",
            new().message(b"hello").key(mixed).call_that_traps("sign", &[]),
        ),
        raw_case(
            &id("sign-empty-key-buffer"),
            &["Trap"],
            "nobody wrote a key",
            new().message(b"hello").call_that_traps("sign", &[]),
        ),
        raw_case(
            &id("sign-ignores-the-held-key"),
            &["Trap"],
            "load_key empties the key buffer, and sign uses nothing else",
            new().message(b"hello").loads(key).call_that_traps("sign", &[]),
        ),
        raw_case(
            &id("sign-after-refused-allocation"),
            &["Trap", "Cap"],
            "the old message was dropped",
            new()
                .message(b"hello")
                .key(key.keypair())
                .call("allocate_message", &[number(CAP + 1)], &[0.into()])
                .call_that_traps("sign", &[]),
        ),
    ]
}

fn statuses_of_signing(key: &Key, other: &Key) -> Vec<Case> {
    use ErrorCode::{KeyPairMismatch, MessageTooLarge, NoMessage};
    let over_the_cap = |steps: Steps, len: i32| steps.call("allocate_message", &[len.into()], &[0.into()]);
    let all_lengths_over = [CAP as i32 + 1, i32::MAX, i32::MIN, -1]
        .into_iter()
        .fold(new().message(b"hello").key(key.keypair()), |steps, len| {
            over_the_cap(steps, len).refuses("try_sign", MessageTooLarge)
        });
    let flag = &["Status", "LeavesNothing"];
    vec![
        raw_case(
            &id("try-sign"),
            &["Status"],
            "",
            new()
                .message(b"hello")
                .key(key.keypair())
                .signs("try_sign", key, b"hello"),
        ),
        raw_case(
            &id("try-sign-without-message"),
            flag,
            "",
            new()
                .key(key.keypair())
                .write(at("signature"), [0xaa; 64])
                .refuses("try_sign", NoMessage),
        ),
        raw_case(
            &id("try-sign-mismatched-pair"),
            flag,
            "the signature of the good pair before it is gone too",
            new()
                .message(b"hello")
                .key(key.keypair())
                .signs("try_sign", key, b"hello")
                .key(mixed(key, other))
                .refuses("try_sign", KeyPairMismatch)
                .key(key.keypair())
                .signs("try_sign", key, b"hello"),
        ),
        raw_case(
            &id("try-sign-empty-key-buffer"),
            flag,
            "nobody wrote a key",
            new().message(b"hello").refuses("try_sign", KeyPairMismatch),
        ),
        raw_case(
            &id("try-sign-ignores-the-held-key"),
            flag,
            "",
            new()
                .message(b"hello")
                .loads(key)
                .refuses("try_sign", KeyPairMismatch),
        ),
        raw_case(
            &id("try-sign-two-faults"),
            flag,
            "no message and no good pair: the key is looked at first",
            new().key(mixed(key, other)).refuses("try_sign", KeyPairMismatch),
        ),
        raw_case(
            &id("try-sign-too-large"),
            &["Status", "LeavesNothing", "Cap"],
            "lengths that are negative in a signed host are large here",
            all_lengths_over
                .message(b"small")
                .signs("try_sign", key, b"small"),
        ),
        raw_case(
            &id("message-at-the-cap"),
            &["Cap"],
            "16 MiB are allocated; the buffer starts with zeros, and its last byte can be written",
            new()
                .pointer("allocate_message", &[number(CAP)], "large")
                .read(at("large"), ZEROS)
                .write(plus("large", CAP as i32 - 1), b"a")
                .key(key.keypair())
                .signs("try_sign", key, &[vec![0; CAP - 1], b"a".to_vec()].concat()),
        ),
        raw_case(
            &id("message-replaced"),
            &[],
            "the second message alone is signed, although it is shorter",
            new()
                .key(key.keypair())
                .message(b"the first message")
                .signs("try_sign", key, b"the first message")
                .message(b"2nd")
                .signs("try_sign", key, b"2nd"),
        ),
    ]
}

fn held_keys(key: &Key, other: &Key) -> Vec<Case> {
    use ErrorCode::{KeyPairMismatch, MessageTooLarge, NoKey, NoMessage};
    let refused_load = |steps: Steps| {
        steps
            .key(mixed(key, other))
            .status("load_key", status_of(KeyPairMismatch))
            .read(at("key"), ZEROS)
    };
    let flag = &["Status", "LeavesNothing"];
    vec![
        raw_case(
            &id("load-key"),
            flag,
            "the key buffer is zero after it, and the held key signs",
            new()
                .message(b"hello")
                .loads(key)
                .signs("sign_loaded", key, b"hello")
                .signs("sign_loaded", key, b"hello"),
        ),
        raw_case(
            &id("load-key-replaces"),
            &["Status"],
            "",
            new()
                .message(b"hello")
                .loads(key)
                .loads(other)
                .signs("sign_loaded", other, b"hello"),
        ),
        raw_case(
            &id("load-key-mismatched-pair"),
            flag,
            "the key buffer is zero also after a refusal, and no key is held",
            refused_load(new())
                .message(b"hello")
                .refuses("sign_loaded", NoKey),
        ),
        raw_case(
            &id("load-key-drops-the-old-key"),
            flag,
            "the refused pair takes the held key with it",
            refused_load(
                new()
                    .message(b"hello")
                    .loads(key)
                    .signs("sign_loaded", key, b"hello"),
            )
            .refuses("sign_loaded", NoKey)
            .loads(key)
            .signs("sign_loaded", key, b"hello"),
        ),
        raw_case(
            &id("sign-loaded-without-key"),
            flag,
            "a good pair in the key buffer is not used until it is loaded",
            new()
                .message(b"hello")
                .key(key.keypair())
                .signs("try_sign", key, b"hello")
                .refuses("sign_loaded", NoKey),
        ),
        raw_case(
            &id("sign-loaded-without-message"),
            flag,
            "",
            new()
                .loads(key)
                .write(at("signature"), [0xaa; 64])
                .refuses("sign_loaded", NoMessage),
        ),
        raw_case(
            &id("sign-loaded-two-faults"),
            flag,
            "no key and no message: the key is looked at first",
            new().refuses("sign_loaded", NoKey),
        ),
        raw_case(
            &id("sign-loaded-too-large"),
            &["Status", "LeavesNothing", "Cap"],
            "",
            new()
                .message(b"hello")
                .loads(key)
                .signs("sign_loaded", key, b"hello")
                .call("allocate_message", &[number(CAP + 1)], &[0.into()])
                .refuses("sign_loaded", MessageTooLarge)
                .message(b"small")
                .signs("sign_loaded", key, b"small"),
        ),
        raw_case(
            &id("passed-key-beside-the-held-one"),
            &[],
            "try_sign signs with the buffer's key and leaves the held one",
            new()
                .message(b"hello")
                .loads(key)
                .key(other.keypair())
                .signs("try_sign", other, b"hello")
                .signs("sign_loaded", key, b"hello"),
        ),
    ]
}

fn public_keys(key: &Key) -> Vec<Case> {
    let seed = &key.keypair()[..32];
    vec![
        raw_case(
            &id("derive-public-key"),
            &["Status"],
            "the seed stays, and the second half of the buffer is not looked at",
            new()
                .write(at("key"), seed)
                .write(plus("key", 32), [0xaa; 32])
                .status("derive_public_key", OK)
                .read(at("public"), key.public_key())
                .read(at("key"), [seed, &[0xaa; 32]].concat()),
        ),
        raw_case(
            &id("derive-public-key-of-zeros"),
            &["Status"],
            "a buffer that nobody filled is a seed like any other",
            new()
                .status("derive_public_key", OK)
                .read(at("public"), Key::from_seed(&[0; 32]).public_key()),
        ),
    ]
}

fn verifications(key: &Key, other: &Key) -> Vec<Case> {
    use ErrorCode::{MessageTooLarge, NoMessage, SignatureInvalid};
    let right = |steps: Steps| {
        steps
            .message(b"hello")
            .write(at("public"), key.public_key())
            .write(at("signature"), key.sign(b"hello"))
    };
    let mut neutral = [0; 32];
    neutral[0] = 1;
    let mut not_a_point = [0; 32];
    not_a_point[0] = 2;
    let mut cases = Vec::new();
    for (export, name) in [("verify", "verify"), ("verify_strict", "verify-strict")] {
        let invalid = |steps: Steps| steps.status(export, status_of(SignatureInvalid));
        let strict = export == "verify_strict";
        cases.extend([
            raw_case(
                &id(name),
                &["Status"],
                "the buffers stay as they are",
                right(new())
                    .status(export, OK)
                    .read(at("public"), key.public_key())
                    .read(at("signature"), key.sign(b"hello"))
                    .status(export, OK),
            ),
            raw_case(
                &id(&format!("{name}-invalid")),
                &["Status"],
                "another signature, another key, a key that is no point, another message",
                {
                    let steps = invalid(right(new()).write(at("signature"), key.sign(b"hullo")));
                    let steps = invalid(right(steps).write(at("public"), other.public_key()));
                    let steps = invalid(right(steps).write(at("public"), not_a_point));
                    let steps = invalid(right(steps).message(b"hullo"));
                    right(steps).status(export, OK)
                },
            ),
            raw_case(
                &id(&format!("{name}-small-order")),
                &["Status"],
                "the neutral point as key and as R: only the strict one refuses",
                new()
                    .message(b"hello")
                    .write(at("public"), neutral)
                    .write(at("signature"), [neutral, [0; 32]].concat())
                    .status(export, if strict { status_of(SignatureInvalid) } else { OK }),
            ),
            raw_case(
                &id(&format!("{name}-without-message")),
                &["Status"],
                "",
                new().status(export, status_of(NoMessage)),
            ),
            raw_case(
                &id(&format!("{name}-too-large")),
                &["Status", "Cap"],
                "the reason stays until there is a message again",
                {
                    let steps = right(new())
                        .status(export, OK)
                        .call("allocate_message", &[(-1).into()], &[0.into()])
                        .status(export, status_of(MessageTooLarge))
                        .status(export, status_of(MessageTooLarge));
                    right(steps).status(export, OK)
                },
            ),
            raw_case(
                &id(&format!("{name}-what-was-signed")),
                &[],
                "derive, sign, verify: nothing is copied between the buffers",
                new()
                    .message(b"hello")
                    .key(key.keypair())
                    .status("derive_public_key", OK)
                    .status("try_sign", OK)
                    .status(export, OK),
            ),
        ]);
    }
    cases
}

fn batches(key: &Key) -> Vec<Case> {
    let signed = |messages: &[&[u8]]| {
        messages
            .iter()
            .flat_map(|message| key.sign(message))
            .collect::<Vec<u8>>()
    };
    let whole = |steps: Steps| {
        steps
            .status("sign_batch", OK)
            .pointer("get_batch_signatures_ptr", &[], "signatures")
    };
    let of_4096: Vec<u8> = (0..4096u16).flat_map(u16::to_be_bytes).collect();
    vec![
        raw_case(
            &id("batch"),
            &["Batch"],
            "three messages, one of them empty",
            whole(new().loads(key).batch(&[2, 0, 4], b"abcdef"))
                .read(at("signatures"), signed(&[b"ab", b"", b"cdef"])),
        ),
        raw_case(
            &id("batch-of-one"),
            &["Batch"],
            "",
            whole(new().loads(key).batch(&[5], b"hello")).read(at("signatures"), signed(&[b"hello"])),
        ),
        raw_case(
            &id("batch-of-none"),
            &["Batch", "Status"],
            "a pointer that is not 0, and nothing to sign",
            new()
                .loads(key)
                .pointer("allocate_batch", &[0.into(), 0.into()], "none")
                .status("sign_batch", OK),
        ),
        raw_case(
            &id("batch-signed-twice"),
            &["Batch"],
            "the batch stays until it is replaced",
            {
                let steps = new().loads(key).batch(&[1, 1], b"ab").status("sign_batch", OK);
                steps
                    .status("sign_batch", OK)
                    .pointer("get_batch_signatures_ptr", &[], "again")
                    .read(at("again"), signed(&[b"a", b"b"]))
            },
        ),
        raw_case(
            &id("batch-beside-a-message"),
            &["Batch"],
            "batch and message have buffers of their own",
            whole(new().loads(key).message(b"hello").batch(&[1, 2], b"abb"))
                .read(at("signatures"), signed(&[b"a", b"bb"]))
                .signs("sign_loaded", key, b"hello")
                .read(at("signatures"), signed(&[b"a", b"bb"])),
        ),
        raw_case(
            &id("batch-of-4096"),
            &["Batch"],
            "the most that a batch may have; the first and the last signature are looked at",
            {
                let steps = new()
                    .loads(key)
                    .pointer("allocate_batch", &[4096.into(), 8192.into()], "batch");
                let steps = steps
                    .write(at("batch"), 2u32.to_le_bytes().repeat(4096))
                    .write(plus("batch", 4 * 4096), of_4096);
                whole(steps)
                    .read(at("signatures"), signed(&[&[0, 0]]))
                    .read(plus("signatures", 64 * 4095), signed(&[&[0x0f, 0xff]]))
            },
        ),
        raw_case(
            &id("batch-of-16-mib"),
            &["Batch", "Cap"],
            "the most bytes that a batch may have, in two messages of zeros",
            {
                let steps = new()
                    .loads(key)
                    .pointer("allocate_batch", &[2.into(), number(CAP)], "batch");
                let half = vec![0; CAP / 2];
                let lengths = [(CAP as u32 / 2).to_le_bytes(); 2].concat();
                whole(steps.write(at("batch"), lengths)).read(at("signatures"), signed(&[&half, &half]))
            },
        ),
    ]
}

fn batch_refusals(key: &Key) -> Vec<Case> {
    use ErrorCode::{BatchLayout, MessageTooLarge, NoKey, NoMessage};
    const FLAG: &[&str] = &["Batch", "Status", "LeavesNothing"];
    // Nothing is signed: there is no place to read signatures from.
    let refuses = |steps: Steps, code: ErrorCode| {
        steps
            .status("sign_batch", status_of(code))
            .call("get_batch_signatures_ptr", &[], &[0.into()])
    };
    let not_allocated = |steps: Steps, count: i32, total: i32| {
        steps.call("allocate_batch", &[count.into(), total.into()], &[0.into()])
    };
    let mut cases = vec![
        raw_case(
            &id("batch-without-key"),
            FLAG,
            "",
            refuses(new().batch(&[5], b"hello"), NoKey),
        ),
        raw_case(
            &id("batch-without-batch"),
            FLAG,
            "a message is no batch",
            refuses(new().loads(key).message(b"hello"), NoMessage),
        ),
        raw_case(
            &id("batch-two-faults"),
            FLAG,
            "no key and a bad layout: the key is looked at first",
            refuses(new().batch(&[6], b"hello"), NoKey),
        ),
        raw_case(
            &id("batch-all-or-nothing"),
            FLAG,
            "the signatures of the good batch before it are gone too",
            {
                let good = new().loads(key).batch(&[2, 3], b"hello").status("sign_batch", OK);
                let steps = refuses(good.batch(&[2, 4], b"hello"), BatchLayout);
                steps
                    .batch(&[5], b"hello")
                    .status("sign_batch", OK)
                    .pointer("get_batch_signatures_ptr", &[], "signatures")
                    .read(at("signatures"), key.sign(b"hello"))
            },
        ),
        raw_case(
            &id("batch-of-4097"),
            FLAG,
            "one over the most",
            refuses(not_allocated(new().loads(key), 4097, 0), BatchLayout),
        ),
        raw_case(
            &id("batch-count-overflows"),
            FLAG,
            "2^30 and 2^32 - 1 messages: four bytes each are more than 32 bits can count",
            {
                let steps = refuses(not_allocated(new().loads(key), 1 << 30, 16), BatchLayout);
                refuses(not_allocated(steps, -1, 0), BatchLayout)
            },
        ),
        raw_case(
            &id("batch-too-large"),
            &["Batch", "Status", "LeavesNothing", "Cap"],
            "a byte over 16 MiB, and as much as 32 bits can say",
            {
                let steps = refuses(
                    not_allocated(new().loads(key), 1, CAP as i32 + 1),
                    MessageTooLarge,
                );
                refuses(not_allocated(steps, 1, -1), MessageTooLarge)
            },
        ),
        raw_case(
            &id("batch-dropped-by-a-refused-one"),
            FLAG,
            "the good batch is not signed in place of the refused one",
            refuses(
                not_allocated(new().loads(key).batch(&[5], b"hello"), 4097, 0),
                BatchLayout,
            ),
        ),
        raw_case(
            &id("batch-lengths-not-written"),
            FLAG,
            "the lengths start as zeros, which do not add up to 5",
            refuses(
                new()
                    .loads(key)
                    .pointer("allocate_batch", &[2.into(), 5.into()], "batch"),
                BatchLayout,
            ),
        ),
        raw_case(
            &id("batch-of-none-with-bytes"),
            FLAG,
            "no message, but 5 bytes",
            refuses(new().loads(key).batch(&[], b"hello"), BatchLayout),
        ),
    ];
    for (name, comment, lengths) in [
        ("too-small", "4 of 5 bytes", &[2, 2][..]),
        ("too-large", "6 of 5 bytes", &[2, 4]),
        ("first-too-large", "", &[6, 0]),
        ("huge", "", &[u32::MAX, 0]),
        (
            "sum-wraps",
            "2^32 + 5: equal to 5 for whoever counts in 32 bits",
            &[u32::MAX, 6],
        ),
        ("sum-wraps-later", "", &[4, u32::MAX, 2]),
        ("negative", "as a signed number", &[0x8000_0005, 0x8000_0000]),
    ] {
        let steps = refuses(new().loads(key).batch(lengths, b"hello"), BatchLayout);
        cases.push(raw_case(
            &id(&format!("batch-lengths-{name}")),
            FLAG,
            comment,
            steps,
        ));
    }
    cases
}

fn wipes(key: &Key) -> Vec<Case> {
    use ErrorCode::{NoKey, NoMessage};
    const FLAG: &[&str] = &["Wipe"];
    let wipe = |steps: Steps| steps.call("wipe", &[], &[]);
    let zeros = |steps: Steps| {
        steps
            .read(at("key"), ZEROS)
            .read(at("signature"), ZEROS)
            .read(at("public"), [0; 32])
    };
    vec![
        raw_case(
            &id("wipe-clears-the-fixed-buffers"),
            FLAG,
            "",
            zeros(wipe(
                new()
                    .message(b"hello")
                    .key(key.keypair())
                    .status("derive_public_key", OK)
                    .signs("try_sign", key, b"hello"),
            )),
        ),
        raw_case(
            &id("wipe-drops-key-message-and-batch"),
            &["Wipe", "Status"],
            "the instance is as new",
            wipe(
                new()
                    .message(b"hello")
                    .batch(&[5], b"hello")
                    .loads(key)
                    .status("sign_batch", OK),
            )
            .refuses("sign_loaded", NoKey)
            .status("sign_batch", status_of(NoKey))
            .call("get_batch_signatures_ptr", &[], &[0.into()])
            .status("verify", status_of(NoMessage))
            .loads(key)
            .refuses("sign_loaded", NoMessage)
            .status("sign_batch", status_of(NoMessage)),
        ),
        raw_case(
            &id("wipe-forgets-why-there-was-no-message"),
            &["Wipe", "Status"],
            "MESSAGE_TOO_LARGE before it, NO_MESSAGE after it",
            wipe(
                new()
                    .call("allocate_message", &[(-1).into()], &[0.into()])
                    .status("verify", status_of(ErrorCode::MessageTooLarge)),
            )
            .status("verify", status_of(NoMessage)),
        ),
        raw_case(&id("wipe-a-new-instance"), FLAG, "", zeros(wipe(wipe(new())))),
        raw_case(
            &id("wipe-then-sign"),
            FLAG,
            "a wiped instance works like a new one",
            wipe(new().message(b"hello").loads(key))
                .message(b"again")
                .key(key.keypair())
                .signs("try_sign", key, b"again")
                .loads(key)
                .signs("sign_loaded", key, b"again"),
        ),
        raw_case(
            &id("wipe-clears-the-message"),
            FLAG,
            "the middle of the freed message: its first bytes may hold the allocator's own notes",
            wipe(
                new()
                    .pointer("allocate_message", &[256.into()], "message")
                    .write(at("message"), [0xaa; 256]),
            )
            .read(plus("message", 96), ZEROS),
        ),
    ]
}

fn bounds() -> Vec<Case> {
    const FLAG: &[&str] = &["Bounds"];
    let last: Value = (-1).into();
    vec![
        raw_case(
            &id("out-of-bounds"),
            FLAG,
            "0xffffffff, and ranges that end beyond 2^32; the instance lives on",
            new()
                .read_out_of_bounds(last.clone(), 1)
                .read_out_of_bounds(last.clone(), 2)
                .read_out_of_bounds((-16).into(), 32)
                .read_out_of_bounds(i32::MIN.into(), 1)
                .write_out_of_bounds(last, b"a")
                .write_out_of_bounds((-4).into(), b"over the end")
                .call("abi_version", &[], &[1.into()]),
        ),
        raw_case(
            &id("no-such-export"),
            &["NoExport"],
            "a memory is no function; the instance lives on",
            Steps::new()
                .call_without_export("sign_everything", &[])
                .call_without_export("memory", &[])
                .call("abi_version", &[], &[1.into()]),
        ),
    ]
}

/// A pair whose halves belong to two keys.
fn mixed(key: &Key, other: &Key) -> [u8; 64] {
    let mut mixed = key.keypair();
    mixed[32..].copy_from_slice(&other.public_key());
    mixed
}

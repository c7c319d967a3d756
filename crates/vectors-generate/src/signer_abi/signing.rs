//! Signing with a key that is passed, and with the one that is held.

use signer_abi::ErrorCode;

use super::{Signer, ZEROS, asked, mixed, new, number, status_of};
use crate::build::CAP;
use crate::raw::{Steps, at, call, plus};
use ed25519_reference::Key;
use vectors::model::Case;

pub(super) fn chapters_exports(key: &Key, other: &Key) -> Vec<Case> {
    let mixed = mixed(key, other);
    vec![
        asked(
            "sign [] the chapter's four exports, in its order",
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
        asked(
            "sign-twice [] key and message stay where they are: the same call gives the same signature",
            new()
                .message(b"hello")
                .key(key.keypair())
                .call("sign", &[], &[])
                .write(at("signature"), [0xaa; 64])
                .call("sign", &[], &[])
                .read(at("signature"), key.sign(b"hello")),
        ),
        asked(
            "sign-empty [] a message of length 0 has a pointer that is not 0",
            new()
                .pointer("allocate_message", &[0.into()], "empty")
                .key(key.keypair())
                .call("sign", &[], &[])
                .read(at("signature"), key.sign(b"")),
        ),
        asked(
            "sign-without-message [Trap]",
            new().key(key.keypair()).call_that_traps("sign", &[]).unanswered(call("abi_version", &[], None)),
        ),
        asked("sign-mismatched-pair [Trap]", new().message(b"hello").key(mixed).call_that_traps("sign", &[])),
        asked("sign-empty-key-buffer [Trap] nobody wrote a key", new().message(b"hello").call_that_traps("sign", &[])),
        asked(
            "sign-ignores-the-held-key [Trap] load_key empties the key buffer, and sign uses nothing else",
            new().message(b"hello").loads(key).call_that_traps("sign", &[]),
        ),
        asked(
            "sign-after-refused-allocation [Trap, Cap] the old message was dropped",
            new()
                .message(b"hello")
                .key(key.keypair())
                .call("allocate_message", &[number(CAP + 1)], &[0.into()])
                .call_that_traps("sign", &[]),
        ),
    ]
}

pub(super) fn statuses_of_signing(key: &Key, other: &Key) -> Vec<Case> {
    use ErrorCode::{KeyPairMismatch, MessageTooLarge, NoMessage};
    let over_the_cap = |steps: Steps, len: i32| steps.call("allocate_message", &[len.into()], &[0.into()]);
    let all_lengths_over = [CAP as i32 + 1, i32::MAX, i32::MIN, -1]
        .into_iter()
        .fold(new().message(b"hello").key(key.keypair()), |steps, len| {
            over_the_cap(steps, len).refuses("try_sign", MessageTooLarge)
        });
    vec![
        asked("try-sign [Status]", new().message(b"hello").key(key.keypair()).signs("try_sign", key, b"hello")),
        asked(
            "try-sign-without-message [Status, LeavesNothing]",
            new().key(key.keypair()).write(at("signature"), [0xaa; 64]).refuses("try_sign", NoMessage),
        ),
        asked(
            "try-sign-mismatched-pair [Status, LeavesNothing] the signature of the good pair before it is gone too",
            new()
                .message(b"hello")
                .key(key.keypair())
                .signs("try_sign", key, b"hello")
                .key(mixed(key, other))
                .refuses("try_sign", KeyPairMismatch)
                .key(key.keypair())
                .signs("try_sign", key, b"hello"),
        ),
        asked(
            "try-sign-empty-key-buffer [Status, LeavesNothing] nobody wrote a key",
            new().message(b"hello").refuses("try_sign", KeyPairMismatch),
        ),
        asked(
            "try-sign-ignores-the-held-key [Status, LeavesNothing]",
            new().message(b"hello").loads(key).refuses("try_sign", KeyPairMismatch),
        ),
        asked(
            "try-sign-two-faults [Status, LeavesNothing] no message and no good pair: the key is looked at first",
            new().key(mixed(key, other)).refuses("try_sign", KeyPairMismatch),
        ),
        asked(
            "try-sign-too-large [Status, LeavesNothing, Cap] lengths that are negative in a signed host are large here",
            all_lengths_over.message(b"small").signs("try_sign", key, b"small"),
        ),
        asked(
            "message-at-the-cap [Cap, Long] 16 MiB are allocated; the buffer starts with zeros, and its last byte can be written",
            new()
                .pointer("allocate_message", &[number(CAP)], "large")
                .read(at("large"), ZEROS)
                .write(plus("large", CAP as i32 - 1), b"a")
                .key(key.keypair())
                .signs("try_sign", key, &[vec![0; CAP - 1], b"a".to_vec()].concat()),
        ),
        asked(
            "message-replaced [] the second message alone is signed, although it is shorter",
            new()
                .key(key.keypair())
                .message(b"the first message")
                .signs("try_sign", key, b"the first message")
                .message(b"2nd")
                .signs("try_sign", key, b"2nd"),
        ),
    ]
}

pub(super) fn held_keys(key: &Key, other: &Key) -> Vec<Case> {
    use ErrorCode::{KeyPairMismatch, MessageTooLarge, NoKey, NoMessage};
    let refused_load = |steps: Steps| {
        steps.key(mixed(key, other)).status("load_key", status_of(KeyPairMismatch)).read(at("key"), ZEROS)
    };
    vec![
        asked(
            "load-key [Status, LeavesNothing] the key buffer is zero after it, and the held key signs",
            new().message(b"hello").loads(key).signs("sign_loaded", key, b"hello").signs("sign_loaded", key, b"hello"),
        ),
        asked(
            "load-key-replaces [Status]",
            new().message(b"hello").loads(key).loads(other).signs("sign_loaded", other, b"hello"),
        ),
        asked(
            "load-key-mismatched-pair [Status, LeavesNothing] the key buffer is zero also after a refusal, and no key is held",
            refused_load(new()).message(b"hello").refuses("sign_loaded", NoKey),
        ),
        asked(
            "load-key-drops-the-old-key [Status, LeavesNothing] the refused pair takes the held key with it",
            refused_load(new().message(b"hello").loads(key).signs("sign_loaded", key, b"hello"))
                .refuses("sign_loaded", NoKey)
                .loads(key)
                .signs("sign_loaded", key, b"hello"),
        ),
        asked(
            "sign-loaded-without-key [Status, LeavesNothing] a good pair in the key buffer is not used until it is loaded",
            new().message(b"hello").key(key.keypair()).signs("try_sign", key, b"hello").refuses("sign_loaded", NoKey),
        ),
        asked(
            "sign-loaded-without-message [Status, LeavesNothing]",
            new().loads(key).write(at("signature"), [0xaa; 64]).refuses("sign_loaded", NoMessage),
        ),
        asked(
            "sign-loaded-two-faults [Status, LeavesNothing] no key and no message: the key is looked at first",
            new().refuses("sign_loaded", NoKey),
        ),
        asked(
            "sign-loaded-too-large [Status, LeavesNothing, Cap]",
            new()
                .message(b"hello")
                .loads(key)
                .signs("sign_loaded", key, b"hello")
                .call("allocate_message", &[number(CAP + 1)], &[0.into()])
                .refuses("sign_loaded", MessageTooLarge)
                .message(b"small")
                .signs("sign_loaded", key, b"small"),
        ),
        asked(
            "passed-key-beside-the-held-one [] try_sign signs with the buffer's key and leaves the held one",
            new().message(b"hello").loads(key).key(other.keypair()).signs("try_sign", other, b"hello").signs(
                "sign_loaded",
                key,
                b"hello",
            ),
        ),
    ]
}

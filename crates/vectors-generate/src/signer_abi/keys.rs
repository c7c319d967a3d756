//! Public keys, and the two verifications.

use signer_abi::ErrorCode;

use super::{OK, Signer, asked, new, status_of};
use crate::raw::{Steps, at, plus};
use ed25519_reference::Key;
use vectors::model::Case;

pub(super) fn public_keys(key: &Key) -> Vec<Case> {
    let seed = &key.keypair()[..32];
    vec![
        asked(
            "derive-public-key [Status] the seed stays, and the second half of the buffer is not looked at",
            new()
                .write(at("key"), seed)
                .write(plus("key", 32), [0xaa; 32])
                .status("derive_public_key", OK)
                .read(at("public"), key.public_key())
                .read(at("key"), [seed, &[0xaa; 32]].concat()),
        ),
        asked(
            "derive-public-key-of-zeros [Status] a buffer that nobody filled is a seed like any other",
            new().status("derive_public_key", OK).read(at("public"), Key::from_seed(&[0; 32]).public_key()),
        ),
    ]
}

pub(super) fn verifications(key: &Key, other: &Key) -> Vec<Case> {
    use ErrorCode::{MessageTooLarge, NoMessage, SignatureInvalid};
    let right = |steps: Steps| {
        steps.message(b"hello").write(at("public"), key.public_key()).write(at("signature"), key.sign(b"hello"))
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
            asked(
                &format!("{name} [Status] the buffers stay as they are"),
                right(new())
                    .status(export, OK)
                    .read(at("public"), key.public_key())
                    .read(at("signature"), key.sign(b"hello"))
                    .status(export, OK),
            ),
            asked(
                &format!(
                    "{name}-invalid [Status] another signature, another key, a key that is no point, another message"
                ),
                {
                    let steps = invalid(right(new()).write(at("signature"), key.sign(b"hullo")));
                    let steps = invalid(right(steps).write(at("public"), other.public_key()));
                    let steps = invalid(right(steps).write(at("public"), not_a_point));
                    let steps = invalid(right(steps).message(b"hullo"));
                    right(steps).status(export, OK)
                },
            ),
            asked(
                &format!("{name}-small-order [Status] the neutral point as key and as R: only the strict one refuses"),
                new()
                    .message(b"hello")
                    .write(at("public"), neutral)
                    .write(at("signature"), [neutral, [0; 32]].concat())
                    .status(export, if strict { status_of(SignatureInvalid) } else { OK }),
            ),
            asked(&format!("{name}-without-message [Status]"), new().status(export, status_of(NoMessage))),
            asked(&format!("{name}-too-large [Status, Cap] the reason stays until there is a message again"), {
                let steps = right(new())
                    .status(export, OK)
                    .call("allocate_message", &[(-1).into()], &[0.into()])
                    .status(export, status_of(MessageTooLarge))
                    .status(export, status_of(MessageTooLarge));
                right(steps).status(export, OK)
            }),
            asked(
                &format!("{name}-what-was-signed [] derive, sign, verify: nothing is copied between the buffers"),
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

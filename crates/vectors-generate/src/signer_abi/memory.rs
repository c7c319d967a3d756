//! `OUT_OF_MEMORY`: only a host that keeps linear memory small can bring the exports to it.

use signer_abi::ErrorCode;

use super::{OK, Signer, new, number, status_of};
use crate::build::{MIB, headed};
use crate::raw::{Steps, at};
use ed25519_reference::Key;
use vectors::model::Case;
use vectors::ops::{Op, RawMemoryLimit};

/// 4 MiB: more than the module starts with, and less than the cases below allocate.
const MAX_PAGES: u32 = 64;

pub(super) fn limited(key: &Key) -> Vec<Case> {
    use ErrorCode::OutOfMemory;
    let large = number(8 * MIB);
    let limited = |head: &str, steps: Steps| {
        let (steps, expect) = steps.parts();
        let op = Op::RawMemoryLimit(RawMemoryLimit { max_pages: MAX_PAGES, steps });
        headed("signer-abi", head, op, expect)
    };
    vec![
        limited(
            "out-of-memory-for-a-message [MemoryLimit, Status, LeavesNothing] 0 and a status, no trap; the old message is gone, and a smaller one has room",
            new()
                .message(b"hello")
                .loads(key)
                .signs("sign_loaded", key, b"hello")
                .call("allocate_message", std::slice::from_ref(&large), &[0.into()])
                .refuses("sign_loaded", OutOfMemory)
                .status("verify", status_of(OutOfMemory))
                .status("verify_strict", status_of(OutOfMemory))
                .key(key.keypair())
                .refuses("try_sign", OutOfMemory)
                .message(b"again")
                .signs("sign_loaded", key, b"again"),
        ),
        limited(
            "out-of-memory-for-a-batch [MemoryLimit, Status, LeavesNothing] 0 and a status, no trap; nothing is signed, and a smaller batch has room",
            new()
                .loads(key)
                .call("allocate_batch", &[1.into(), large], &[0.into()])
                .status("sign_batch", status_of(OutOfMemory))
                .call("get_batch_signatures_ptr", &[], &[0.into()])
                .batch(&[5], b"hello")
                .status("sign_batch", OK)
                .pointer("get_batch_signatures_ptr", &[], "signatures")
                .read(at("signatures"), key.sign(b"hello")),
        ),
    ]
}

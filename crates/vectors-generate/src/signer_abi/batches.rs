//! Batches: what is signed, and every layout that is refused.

use signer_abi::ErrorCode;

use super::{OK, Signer, asked, new, number, status_of};
use crate::build::CAP;
use crate::raw::{Steps, at, plus};
use ed25519_reference::Key;
use vectors::model::Case;

pub(super) fn batches(key: &Key) -> Vec<Case> {
    let signed = |messages: &[&[u8]]| messages.iter().flat_map(|message| key.sign(message)).collect::<Vec<u8>>();
    let whole = |steps: Steps| steps.status("sign_batch", OK).pointer("get_batch_signatures_ptr", &[], "signatures");
    let of_4096: Vec<u8> = (0..4096u16).flat_map(u16::to_be_bytes).collect();
    vec![
        asked(
            "batch [Batch] three messages, one of them empty",
            whole(new().loads(key).batch(&[2, 0, 4], b"abcdef")).read(at("signatures"), signed(&[b"ab", b"", b"cdef"])),
        ),
        asked(
            "batch-of-one [Batch]",
            whole(new().loads(key).batch(&[5], b"hello")).read(at("signatures"), signed(&[b"hello"])),
        ),
        asked(
            "batch-of-none [Batch, Status] a pointer that is not 0, and nothing to sign",
            new().loads(key).pointer("allocate_batch", &[0.into(), 0.into()], "none").status("sign_batch", OK),
        ),
        asked("batch-signed-twice [Batch] the batch stays until it is replaced", {
            let steps = new().loads(key).batch(&[1, 1], b"ab").status("sign_batch", OK);
            steps
                .status("sign_batch", OK)
                .pointer("get_batch_signatures_ptr", &[], "again")
                .read(at("again"), signed(&[b"a", b"b"]))
        }),
        asked(
            "batch-beside-a-message [Batch] batch and message have buffers of their own",
            whole(new().loads(key).message(b"hello").batch(&[1, 2], b"abb"))
                .read(at("signatures"), signed(&[b"a", b"bb"]))
                .signs("sign_loaded", key, b"hello")
                .read(at("signatures"), signed(&[b"a", b"bb"])),
        ),
        asked(
            "batch-of-4096 [Batch, Long] the most that a batch may have; the first and the last signature are looked at",
            {
                let steps = new().loads(key).pointer("allocate_batch", &[4096.into(), 8192.into()], "batch");
                let steps =
                    steps.write(at("batch"), 2u32.to_le_bytes().repeat(4096)).write(plus("batch", 4 * 4096), of_4096);
                whole(steps)
                    .read(at("signatures"), signed(&[&[0, 0]]))
                    .read(plus("signatures", 64 * 4095), signed(&[&[0x0f, 0xff]]))
            },
        ),
        asked("batch-of-16-mib [Batch, Cap, Long] the most bytes that a batch may have, in two messages of zeros", {
            let steps = new().loads(key).pointer("allocate_batch", &[2.into(), number(CAP)], "batch");
            let half = vec![0; CAP / 2];
            let lengths = [(CAP as u32 / 2).to_le_bytes(); 2].concat();
            whole(steps.write(at("batch"), lengths)).read(at("signatures"), signed(&[&half, &half]))
        }),
    ]
}

pub(super) fn batch_refusals(key: &Key) -> Vec<Case> {
    use ErrorCode::{BatchLayout, MessageTooLarge, NoKey, NoMessage};
    // Nothing is signed: there is no place to read signatures from.
    let refuses = |steps: Steps, code: ErrorCode| {
        steps.status("sign_batch", status_of(code)).call("get_batch_signatures_ptr", &[], &[0.into()])
    };
    let not_allocated =
        |steps: Steps, count: i32, total: i32| steps.call("allocate_batch", &[count.into(), total.into()], &[0.into()]);
    let mut cases = vec![
        asked("batch-without-key [Batch, Status, LeavesNothing]", refuses(new().batch(&[5], b"hello"), NoKey)),
        asked(
            "batch-without-batch [Batch, Status, LeavesNothing] a message is no batch",
            refuses(new().loads(key).message(b"hello"), NoMessage),
        ),
        asked(
            "batch-two-faults [Batch, Status, LeavesNothing] no key and a bad layout: the key is looked at first",
            refuses(new().batch(&[6], b"hello"), NoKey),
        ),
        asked(
            "batch-all-or-nothing [Batch, Status, LeavesNothing] the signatures of the good batch before it are gone too",
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
        asked(
            "batch-of-4097 [Batch, Status, LeavesNothing] one over the most",
            refuses(not_allocated(new().loads(key), 4097, 0), BatchLayout),
        ),
        asked(
            "batch-count-overflows [Batch, Status, LeavesNothing] 2^30 and 2^32 - 1 messages: four bytes each are more than 32 bits can count",
            {
                let steps = refuses(not_allocated(new().loads(key), 1 << 30, 16), BatchLayout);
                refuses(not_allocated(steps, -1, 0), BatchLayout)
            },
        ),
        asked(
            "batch-too-large [Batch, Status, LeavesNothing, Cap] a byte over 16 MiB, and as much as 32 bits can say",
            {
                let steps = refuses(not_allocated(new().loads(key), 1, CAP as i32 + 1), MessageTooLarge);
                refuses(not_allocated(steps, 1, -1), MessageTooLarge)
            },
        ),
        asked(
            "batch-dropped-by-a-refused-one [Batch, Status, LeavesNothing] the good batch is not signed in place of the refused one",
            refuses(not_allocated(new().loads(key).batch(&[5], b"hello"), 4097, 0), BatchLayout),
        ),
        asked(
            "batch-lengths-not-written [Batch, Status, LeavesNothing] the lengths start as zeros, which do not add up to 5",
            refuses(new().loads(key).pointer("allocate_batch", &[2.into(), 5.into()], "batch"), BatchLayout),
        ),
        asked(
            "batch-of-none-with-bytes [Batch, Status, LeavesNothing] no message, but 5 bytes",
            refuses(new().loads(key).batch(&[], b"hello"), BatchLayout),
        ),
    ];
    for (name, comment, lengths) in [
        ("too-small", "4 of 5 bytes", &[2, 2][..]),
        ("too-large", "6 of 5 bytes", &[2, 4]),
        ("first-too-large", "", &[6, 0]),
        ("huge", "", &[u32::MAX, 0]),
        ("sum-wraps", "2^32 + 5: equal to 5 for whoever counts in 32 bits", &[u32::MAX, 6]),
        ("sum-wraps-later", "", &[4, u32::MAX, 2]),
        ("negative", "as a signed number", &[0x8000_0005, 0x8000_0000]),
    ] {
        let steps = refuses(new().loads(key).batch(lengths, b"hello"), BatchLayout);
        cases.push(asked(&format!("batch-lengths-{name} [Batch, Status, LeavesNothing] {comment}"), steps));
    }
    cases
}

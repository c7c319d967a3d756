//! Many messages in one call, around the limits of one batch of the module.

use super::build::{self, BY_REFERENCE, MIB, headed, made_here, repeated, sign_many, signatures, test_key};
use vectors::Bytes;
use vectors::model::{Expect, Face, Suite};

const FLAGS: &str = "\
WholeBatch: the most messages that one batch of the module may have: 4096
Split: more than one batch may have, 4096 messages or 16 MiB: the wrapper splits it
Large: messages of 1 MiB or more";

pub(super) fn suite() -> Suite {
    let key = test_key("batches");
    // Two bytes each, the number of the message: short, because the file holds every one of them.
    let numbered: Vec<Bytes> = (0..4097u16).map(|number| number.to_be_bytes().into()).collect();
    let all = signatures(&key, &numbered).signatures.unwrap_or_default();

    let mut cases = Vec::new();
    for (count, about) in [
        (0, "[] nothing to sign"),
        (1, "[] a batch of one"),
        (2, "[]"),
        (1000, "[Long] as many as the comparison of the chapter"),
        (4096, "[WholeBatch, Long] exactly one batch"),
        (4097, "[Split, Long] one more than a batch"),
    ] {
        let expect = vectors::answer::Output { signatures: Some(all[..count].to_vec()), ..Default::default() };
        let op = sign_many(key.keypair(), &numbered[..count]);
        let head = format!("{count} {about}");
        cases.push(headed("ed25519/batches", &head, op, Expect::Ok(expect)));
    }
    let lengths: Vec<Bytes> = (0..=130u8).map(|len| vec![len; usize::from(len)].into()).collect();
    for (head, messages) in [
        ("empty-messages [] three messages of no bytes", vec![Bytes::from(b""); 3]),
        ("same-messages [] the same message gives the same signature", vec![Bytes::from(b"same"); 3]),
        ("lengths-0-to-130 [Long] over the block length of SHA-512", lengths),
        (
            "small-between-large [Large, Long] 1 MiB, 1 byte, 1 MiB",
            vec![repeated(MIB), Bytes::from(b"a"), repeated(MIB)],
        ),
        ("whole-16-mib [Large, Long] together exactly 16 MiB", vec![repeated(8 * MIB), repeated(8 * MIB)]),
        (
            "over-16-mib [Large, Split, Long] together one byte over 16 MiB",
            vec![repeated(8 * MIB), repeated(8 * MIB), Bytes::from(b"a")],
        ),
        (
            "16-mib-then-small [Large, Split, Long] the first fills a batch alone",
            vec![repeated(16 * MIB), Bytes::from(b"a"), Bytes::from(b"")],
        ),
    ] {
        let expect = Expect::Ok(signatures(&key, &messages));
        let op = sign_many(key.keypair(), &messages);
        cases.push(headed("ed25519/batches", head, op, expect));
    }
    build::suite("ed25519-batches", Face::Signer, made_here(BY_REFERENCE), &build::flags(FLAGS), cases)
}

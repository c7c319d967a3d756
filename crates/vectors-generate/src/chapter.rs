//! The one vector that the book's chapter prints.

use super::build::{self, published};
use vectors::model::{Face, Suite};

/// Published in the chapter, so for tests only.
const KEYPAIR: [u8; 64] = [
    254, 114, 130, 212, 33, 69, 193, 93, 12, 15, 108, 76, 19, 198, 118, 148, 193, 62, 78, 4, 9, 157, 188, 191, 132,
    137, 188, 31, 54, 103, 246, 191, 62, 57, 59, 247, 76, 246, 60, 248, 227, 133, 30, 160, 254, 106, 146, 229, 101,
    149, 245, 6, 148, 125, 124, 102, 49, 14, 108, 234, 201, 122, 62, 159,
];
const MESSAGE: &[u8] = b"hello";
const SIGNATURE: [u8; 64] = [
    95, 215, 84, 162, 41, 169, 4, 227, 39, 241, 140, 48, 65, 236, 149, 58, 146, 109, 35, 77, 1, 85, 7, 44, 186, 226,
    174, 250, 173, 210, 216, 163, 216, 35, 100, 178, 130, 13, 37, 8, 70, 150, 212, 194, 137, 40, 247, 7, 208, 108, 178,
    192, 86, 219, 53, 104, 166, 51, 186, 100, 27, 15, 3, 3,
];

pub(super) fn suite() -> Suite {
    let comment = "the chapter's key and the message \"hello\"";
    build::suite(
        "ed25519-chapter",
        Face::Signer,
        build::source(
            "the book's chapter on Rust and WebAssembly, where key, message and signature are printed",
            "quoted from the book; the key is published and for tests only",
            None,
        ),
        &[],
        published("ed25519/chapter/hello", comment, &KEYPAIR, MESSAGE, &SIGNATURE),
    )
}

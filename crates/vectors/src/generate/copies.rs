//! The JavaScript that the browser shares with Node, byte for byte, so that each host's folder can be copied whole.
//! It is edited in hosts/node; `make vectors` copies it.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

use super::File;

const FROM: &str = "hosts/node";
const TO: &str = "hosts/browser";
const NAMES: &[&str] = &[
    // The wrappers, made for users to copy.
    "signer.mjs",
    "adder.mjs",
    "codes.mjs",
    // JWTs, for the examples.
    "token.mjs",
    // What both adapters answer with.
    "bytes.mjs",
    "lines.mjs",
    "operations.mjs",
    "raw.mjs",
    "wasm-types.mjs",
];

/// The copies. What this tool writes itself is taken from `written`; a file that does not exist has no copy.
pub(super) fn files(root: &Path, written: &[File]) -> anyhow::Result<Vec<File>> {
    let mut copies = Vec::new();
    for name in NAMES {
        let from = Path::new(FROM).join(name);
        let path = Path::new(TO).join(name);
        if let Some(source) = written.iter().find(|file| file.path == from) {
            copies.push(File {
                path,
                bytes: source.bytes.clone(),
            });
        } else if root.join(&from).exists() {
            let bytes =
                fs::read(root.join(&from)).with_context(|| format!("{} cannot be read", from.display()))?;
            copies.push(File { path, bytes });
        }
    }
    Ok(copies)
}

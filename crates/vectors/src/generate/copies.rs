//! The JavaScript that the browser, Deno and Bun share with Node, byte for byte, so that each host's folder can be copied
//! whole. It is edited in the folder that is named first here; `make vectors` copies it.

use std::fs;
use std::path::Path;

use anyhow::Context as _;

use super::File;

/// Files that stand in several folders.
struct Copies {
    from: &'static str,
    to: &'static [&'static str],
    names: &'static [&'static str],
}

const COPIES: &[Copies] = &[
    Copies {
        from: "hosts/node",
        to: &["hosts/browser", "hosts/bun", "hosts/deno"],
        names: SHARED,
    },
    // What the tests of the two expect, which have runners of their own.
    Copies {
        from: "hosts/deno",
        to: &["hosts/bun"],
        names: &["tests/behaviour.mjs", "tests/built.mjs", "tests/programs.mjs"],
    },
];

const SHARED: &[&str] = &[
    // The wrappers, made for users to copy.
    "signer.mjs",
    "batch-modules.mjs",
    "adder.mjs",
    "codes.mjs",
    // JWTs, for the examples.
    "token.mjs",
    // What every adapter answers with.
    "answers.mjs",
    "bytes.mjs",
    "deadline.mjs",
    "lines.mjs",
    "operations.mjs",
    "raw.mjs",
    "requests.mjs",
    "wasm-types.mjs",
    // What every wrapper and adapter is tested with.
    "tests/mishaps.mjs",
    "tests/raw-cases.mjs",
    "tests/small-modules.mjs",
    "tests/wrong-values.mjs",
];

/// The copies. What this tool writes itself is taken from `written`; a file that does not exist has no copy.
pub(super) fn files(root: &Path, written: &[File]) -> anyhow::Result<Vec<File>> {
    let mut copies = Vec::new();
    for (set, name) in COPIES
        .iter()
        .flat_map(|set| set.names.iter().map(move |name| (set, name)))
    {
        let from = Path::new(set.from).join(name);
        let bytes = if let Some(source) = written.iter().find(|file| file.path == from) {
            source.bytes.clone()
        } else if root.join(&from).exists() {
            fs::read(root.join(&from)).with_context(|| format!("{} cannot be read", from.display()))?
        } else {
            continue;
        };
        copies.extend(set.to.iter().map(|to| File {
            path: Path::new(to).join(name),
            bytes: bytes.clone(),
        }));
    }
    Ok(copies)
}

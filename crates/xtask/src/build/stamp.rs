//! What a module was made of last time, so that the slow steps are left out when nothing has changed.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Result;
use serde::{Deserialize, Serialize};

use super::wasm_opt;
use everyhost::files::replace;
use everyhost::manifest::{Built, sha256_hex};
use everyhost::modules::Module;
use everyhost::npm_tools;

/// `target/wasm/stamps/<module>.json`
#[derive(Debug, Serialize, Deserialize)]
struct Stamp {
    recipe: String,
    entry: Built,
    /// Every file that was written, from the root of the workspace, and its SHA-256.
    outputs: Vec<(PathBuf, String)>,
}

/// The steps themselves: when one of them changes, every module is made again.
const STEPS: &[&str] = &[
    include_str!("mod.rs"),
    include_str!("bindgen.rs"),
    include_str!("component.rs"),
    npm_tools::TRANSPILE,
    include_str!("panics.rs"),
    include_str!("wasm_opt.rs"),
];

/// Everything that the later steps depend on, as one hash.
pub(super) fn recipe(linked: &[u8], module: &Module) -> String {
    let parts = format!(
        "{}\n{:?}\n{:?}\n{:?}\n{}\n{}",
        sha256_hex(linked),
        module.bindgen,
        module.component,
        wasm_opt::FLAGS,
        npm_tools::VERSION,
        STEPS.concat(),
    );
    sha256_hex(parts.as_bytes())
}

/// The manifest's entry of a module that has been made by this recipe and whose files are all as they were.
pub(super) fn unchanged(root: &Path, module: &Module, recipe: &str) -> Option<Built> {
    let stamp: Stamp = serde_json::from_slice(&fs::read(file(root, module)).ok()?).ok()?;
    let as_it_was =
        |(path, sha256): &(PathBuf, String)| fs::read(root.join(path)).is_ok_and(|bytes| sha256_hex(&bytes) == *sha256);
    (stamp.recipe == recipe && stamp.outputs.iter().all(as_it_was)).then_some(stamp.entry)
}

pub(super) fn write(root: &Path, module: &Module, recipe: &str, entry: &Built, outputs: &[PathBuf]) -> Result<()> {
    let outputs = outputs
        .iter()
        .map(|path| Ok((path.strip_prefix(root)?.to_path_buf(), sha256_hex(&fs::read(path)?))))
        .collect::<Result<_>>()?;
    let stamp = Stamp { recipe: recipe.to_owned(), entry: entry.clone(), outputs };
    replace(&file(root, module), serde_json::to_string_pretty(&stamp)?.as_bytes())
}

fn file(root: &Path, module: &Module) -> PathBuf {
    root.join("target/wasm/stamps").join(&module.name).with_extension("json")
}

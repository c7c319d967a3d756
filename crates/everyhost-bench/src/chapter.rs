//! The chapter's own module, built the way that the chapter ends with.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result};

use everyhost::programs::{isolated, run_quietly};

const MANIFEST: &str = "docs/listings/chapter/token-signer/Cargo.toml";

/// The `[profile.release]` that the chapter adds in its last section.
const PROFILE: &str = "docs/listings/chapter/token-signer/profile.toml";

pub(crate) fn build(root: &Path) -> Result<PathBuf> {
    let target_dir = root.join("target/listings");
    let mut command = Command::new("cargo");
    command
        .args(["build", "--locked", "--quiet", "--lib", "--target", "wasm32-unknown-unknown"])
        .args(["--profile", "chapter", "--manifest-path", MANIFEST, "--target-dir"])
        .arg(&target_dir)
        // Under a name of its own: builds of the same crate without the profile keep theirs.
        .args(["--config", PROFILE, "--config", "profile.chapter.inherits='release'"])
        // The crate keeps the chapter's code as it was, and today's compiler has opinions about it.
        .env("CARGO_ENCODED_RUSTFLAGS", "-Awarnings")
        .current_dir(root);
    run_quietly(isolated(&mut command)).with_context(|| format!("the chapter's crate, {MANIFEST}"))?;
    Ok(target_dir.join("wasm32-unknown-unknown/chapter/token_signer.wasm"))
}

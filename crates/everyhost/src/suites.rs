//! `vectors/*.json`: the known answers that a run asks for.

use std::path::Path;

use anyhow::{Result, ensure};
use vectors::Suite;

use crate::manifest::sha256_hex;

/// Where they are, from the root of the workspace.
pub(crate) const DIR: &str = "vectors";

/// Reads and checks every suite in `dir`.
pub(crate) fn load(dir: &Path) -> Result<Vec<Suite>> {
    let suites = vectors::load::load_dir(dir)?;
    ensure!(!suites.is_empty(), "{}: no vectors; it needs files <suite>.json", dir.display());
    Ok(suites)
}

pub(crate) fn hash(suites: &[Suite]) -> String {
    sha256_hex(&serde_json::to_vec(suites).unwrap_or_default())
}

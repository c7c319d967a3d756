//! `vectors/*.json`: the known answers that a run asks for.

use std::path::Path;

use anyhow::{Result, ensure};
use vectors::Suite;

/// Where they are, from the root of the workspace.
pub const DIR: &str = "vectors";

/// Reads and checks every suite in `dir`.
///
/// # Errors
///
/// Where there is none, or one is not sound.
pub fn load(dir: &Path) -> Result<Vec<Suite>> {
    let suites = vectors::load::load_dir(dir)?;
    ensure!(
        !suites.is_empty(),
        "{}: no vectors here; it needs files <suite>.json",
        dir.display()
    );
    Ok(suites)
}

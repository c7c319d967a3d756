//! What a run leaves: `report.json`, `junit.xml` and `index.html` in one directory, and the matrix on the terminal.

mod difference;
mod html;
mod html_data;
mod json;
mod junit;
mod shorten;
mod terminal;

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

pub use json::{Differing, Report, Result as CaseResult};
pub use terminal::print;

use crate::run::Run;

/// Makes the directory and tries to write to it: a run must not find out at its end that it cannot.
///
/// # Errors
///
/// Where it is no directory, or cannot be written to.
pub fn prepare(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir)
        .with_context(|| format!("cannot make the report's directory {}", dir.display()))?;
    write_file(dir, ".writable", b"everyhost\n")?;
    fs::remove_file(dir.join(".writable")).with_context(|| format!("cannot write to {}", dir.display()))
}

/// Writes the three files, each whole or not at all.
///
/// # Errors
///
/// Where the disk is full or the directory cannot be written to.
pub fn write(run: &Run<'_>) -> Result<()> {
    let dir = &run.options.report;
    let report = Report::of(run);
    write_file(dir, "report.json", &report.to_json()?)?;
    write_file(dir, "junit.xml", junit::junit(&report)?.as_bytes())?;
    write_file(dir, "index.html", html::page(run, &report)?.as_bytes())
}

fn write_file(dir: &Path, name: &str, contents: &[u8]) -> Result<()> {
    let written = || -> std::io::Result<()> {
        let mut file = NamedTempFile::new_in(dir)?;
        file.write_all(contents)?;
        file.as_file().sync_all()?;
        make_readable(&file)?;
        file.persist(dir.join(name)).map_err(|error| error.error)?;
        Ok(())
    };
    written().with_context(|| format!("cannot write the report's {name} in {}", dir.display()))
}

/// A temporary file is private to its owner; a report is not.
fn make_readable(file: &NamedTempFile) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    file.as_file().set_permissions(fs::Permissions::from_mode(0o644))
}

/// `1234567` as `1,234,567`.
pub(crate) fn thousands(number: usize) -> String {
    crate::build::thousands(number as u64)
}

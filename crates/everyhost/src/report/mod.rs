//! What a run leaves: `report.json`, `junit.xml` and `index.html` in one directory, and the matrix on the terminal.

mod behaviour;
mod difference;
mod differences;
mod html;
mod html_data;
mod json;
mod junit;
mod shorten;
mod terminal;

use std::fs;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use tempfile::NamedTempFile;

pub use json::{
    Differing, ModuleInfo, Parts, PlanInfo, PlannedRow, Report, Result as CaseResult, RowInfo, SCHEMA,
};
pub(crate) use shorten::shorten;
pub use terminal::print;

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

/// Writes the three files to `dir`, each whole or not at all.
///
/// # Errors
///
/// Where the disk is full or the directory cannot be written to.
pub fn write(report: &Report, dir: &Path) -> Result<()> {
    write_file(dir, "report.json", &report.to_json()?)?;
    write_file(dir, "junit.xml", junit::junit(report)?.as_bytes())?;
    // `everyhost bench` may have left its page there.
    let has_bench = dir.join("bench.html").is_file();
    write_file(dir, "index.html", html::page(report, has_bench)?.as_bytes())
}

/// Reads the report.json that a run has left: the file, or the directory that it is in.
///
/// # Errors
///
/// Where there is none, or it is not of this version.
pub fn read(path: &Path) -> Result<Report> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        schema: String,
    }
    let path = if path.is_dir() {
        path.join("report.json")
    } else {
        path.to_path_buf()
    };
    let shown = path.display();
    let text = fs::read_to_string(&path).with_context(|| {
        format!("cannot read {shown}: it is what `everyhost run` leaves in the directory of its report")
    })?;
    let Versioned { schema } = serde_json::from_str(&text)
        .with_context(|| format!("{shown} is no report.json of `everyhost run`"))?;
    ensure!(
        schema == SCHEMA,
        "{shown} is of the schema {schema:?}; this version reads {SCHEMA:?}"
    );
    serde_json::from_str(&text).with_context(|| format!("{shown} does not follow report.schema.json"))
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

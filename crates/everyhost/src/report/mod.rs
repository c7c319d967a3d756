//! What a run leaves: `report.json`, `junit.xml` and `index.html` in one directory, and the matrix on the terminal.

mod address;
mod behaviour;
mod difference;
mod differences;
mod findings;
mod headline;
mod html;
mod html_data;
mod json;
mod junit;
mod terminal;

use std::path::Path;
use std::sync::OnceLock;

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde::Deserialize as _;
use serde_json::Value;
use vectors::Suite;
use vectors::file::{self, MIB};

/// The style sheet of the report, and of every page beside it.
pub const CSS: &str = include_str!("../../templates/report.css");

pub(crate) use json::{ModuleInfo, Report, Result as CaseResult, RowInfo, SCHEMA};
pub(crate) use terminal::{print, row_line};

use crate::place::{self, FILES, Place};
use crate::text::shorten;

/// The most bytes that a report may have: some ten times those of a run of everything.
const MOST_BYTES: u64 = 1024 * MIB;

/// Writes the three files, all or none. The page shows what a case was given from the suites, if these are at hand.
pub(crate) fn write(report: &Report, suites: &[Suite], place: &Place) -> Result<()> {
    // `make bench` may have left its page there.
    let has_bench = place.dir().join("bench.html").is_file();
    let (json, junit, page) = (report.to_json()?, junit::junit(report)?, html::page(report, suites, has_bench)?);
    place.write([&json, junit.as_bytes(), page.as_bytes()])
}

/// Reads the report.json that a run has left: the file, or the directory that it is in.
pub(crate) fn read(path: &Path) -> Result<Report> {
    #[derive(serde::Deserialize)]
    struct Versioned {
        schema: String,
    }
    let path = if path.is_dir() {
        // What was killed in between may have left a report that is whole, and not yet in its place.
        let _ = place::finish_what_was_begun(path);
        path.join(FILES[0])
    } else {
        path.to_path_buf()
    };
    let shown = path.display();
    let text = file::read_text(&path, MOST_BYTES).map_err(|problem| {
        anyhow!("{shown} {problem}: it is what `everyhost run` leaves in the directory of its report")
    })?;
    let value: Value =
        serde_json::from_str(&text).with_context(|| format!("{shown} is no report.json of `everyhost run`"))?;
    drop(text);
    let Versioned { schema } =
        Versioned::deserialize(&value).with_context(|| format!("{shown} is no report.json of `everyhost run`"))?;
    ensure!(schema == SCHEMA, "{shown} is of the schema {schema:?}; this version reads {SCHEMA:?}");
    check(&value).with_context(|| format!("{shown} does not follow report.schema.json"))?;
    serde_json::from_value(value).with_context(|| format!("{shown} does not follow report.schema.json"))
}

/// A report that follows the schema gives a report that does.
fn check(report: &Value) -> Result<()> {
    static VALIDATOR: OnceLock<Option<jsonschema::Validator>> = OnceLock::new();
    let validator = VALIDATOR.get_or_init(|| {
        let schema = serde_json::from_str(include_str!("../../report.schema.json")).ok()?;
        jsonschema::validator_for(&schema).ok()
    });
    let validator = validator.as_ref().context("the schema is not sound")?;
    if let Err(wrong) = validator.validate(report) {
        bail!("{}: {}", wrong.instance_path(), shorten(&Value::String(wrong.to_string()), 300));
    }
    let started = report["started"].as_str().unwrap_or_default();
    if started.parse::<jiff::Timestamp>().is_err() {
        bail!("/started: {started:?} is no date and time");
    }
    Ok(())
}

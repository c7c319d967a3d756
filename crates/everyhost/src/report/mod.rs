//! What a run leaves: `report.json`, `junit.xml` and `index.html` in one directory, and the matrix on the terminal.

pub(crate) mod address;
mod behaviour;
mod difference;
pub(crate) mod differences;
mod findings;
pub(crate) mod headline;
pub(crate) mod html;
mod html_data;
mod json;
mod junit;
mod terminal;

use std::io::Read as _;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde::Deserialize as _;
use serde_json::Value;
use vectors::Suite;
use vectors::file::{self, MIB};
use vectors::form::is_sha256;

/// The style sheet of the report, and of every page beside it.
pub const CSS: &str = include_str!("../../templates/report.css");

pub(crate) use json::{Cell, ModuleInfo, Report, Result as CaseResult, RowInfo, SCHEMA};
pub(crate) use terminal::{print, row_line};

use crate::gaps::is_link;
use crate::place::{self, FILES, Place};
use crate::text::shorten;

/// The most bytes that a report may have: some ten times those of a run of everything.
const MOST_BYTES: u64 = 1024 * MIB;

/// Writes the three files, all or none. The page shows what a case was given from the suites, if these are at hand.
pub(crate) fn write(report: &Report, suites: &[Suite], place: &Place) -> Result<()> {
    // `make bench` may have left its page there.
    let has_bench = place.dir().join("bench.html").is_file();
    let beside = [
        ("report.json", "report.json", "everything for programs"),
        ("junit.xml", "junit.xml", ""),
        ("bench.html", "signing speed", ""),
    ];
    let page = html::page(report, suites, &beside[..if has_bench { 3 } else { 2 }])?;
    let (json, junit) = (report.to_json()?, junit::junit(report)?);
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
    let text = read_text(&path, MOST_BYTES).map_err(|problem| {
        anyhow!("{shown} {problem}: it is what `everyhost run` leaves in the directory of its report")
    })?;
    let value: Value =
        serde_json::from_str(&text).with_context(|| format!("{shown} is no report.json of `everyhost run`"))?;
    drop(text);
    let Versioned { schema } =
        Versioned::deserialize(&value).with_context(|| format!("{shown} is no report.json of `everyhost run`"))?;
    ensure!(schema == SCHEMA, "{shown} is of the schema {schema:?}; this version reads {SCHEMA:?}");
    as_written(value).with_context(|| format!("{shown} does not follow report.schema.json"))
}

/// Reads a report of at most `most` bytes, as `run` writes it or as `publish` packs it.
fn read_text(path: &Path, most: u64) -> std::result::Result<String, String> {
    if path.extension().is_none_or(|extension| extension != "gz") {
        return file::read_text(path, most);
    }
    let packed = file::read(path, most)?;
    let mut text = String::new();
    let unpacked = flate2::read::MultiGzDecoder::new(&packed[..]).take(most + 1).read_to_string(&mut text);
    match unpacked {
        Err(error) => Err(format!("cannot be unpacked: {error}")),
        Ok(length) if length as u64 > most => Err(format!("is larger than {} MiB when unpacked", most / MIB)),
        Ok(_) => Ok(text),
    }
}

/// Refuses what no run would have written. Read, counted and written again it is the same: nothing is unknown, left out or
/// miscounted. And what is compared or linked to is a hash, a time, an address.
fn as_written(mut value: Value) -> Result<Report> {
    let report = Report::deserialize(&value)?;
    let tool = report.tool.clone();
    let mut report = Report { tool, ..report.counted() };
    for sha256 in report.sha256s() {
        ensure!(is_sha256(sha256), "{sha256:?} is no SHA-256 in lower-case hex");
    }
    let time = report.started.parse::<jiff::Timestamp>();
    ensure!(time.is_ok_and(|time| time.to_string() == report.started), "started: {:?} is no time", report.started);
    for gap in &report.known_gaps {
        ensure!(is_link(&gap.link), "known gap {}: the link is {:?}; it is an https address", gap.title, gap.link);
    }
    // One by one: there are hundreds of thousands.
    let results = std::mem::take(&mut report.results);
    let given = std::mem::replace(&mut value["results"], Value::Array(Vec::new()));
    same(&value, &serde_json::to_value(&report)?)?;
    for (at, result) in results.iter().enumerate() {
        same(&given[at], &serde_json::to_value(result)?).with_context(|| format!("results[{at}]"))?;
    }
    report.results = results;
    Ok(report)
}

fn same(given: &Value, written: &Value) -> Result<()> {
    if given == written {
        return Ok(());
    }
    let difference = difference::first_difference(written, given);
    bail!("a run would not have written it: {}", difference.unwrap_or_else(|| shorten(given, 300)))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn what_is_packed_has_the_same_limit() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("report.json.gz");
        let read = |length: usize, cut: usize| {
            let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
            packed.write_all(&vec![b' '; length]).unwrap();
            let packed = packed.finish().unwrap();
            std::fs::write(&path, &packed[..packed.len() - cut]).unwrap();
            read_text(&path, MIB).map(|text| text.len())
        };
        assert_eq!(read(1 << 20, 0), Ok(1 << 20));
        assert_eq!(read((1 << 20) + 1, 0).unwrap_err(), "is larger than 1 MiB when unpacked");
        assert!(read(1 << 20, 9).unwrap_err().starts_with("cannot be unpacked: "));
    }
}

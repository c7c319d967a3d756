//! `everyhost publish`: a results site, made from reports. Any file server can serve it, and a browser can open it from disk.
//!
//! Addresses stay when reports are added. A report's is made from its time and hash; a host's, a module's and a suite's from its
//! name; a case has an anchor on the page of its suite.

mod cases;
mod changes;
mod folder;
mod names;
mod pages;
mod seen;

use std::io::Write as _;
use std::path::PathBuf;

use anyhow::{Context as _, Result, ensure};
use clap::Args;
use flate2::{Compression, GzBuilder};
use serde_json::json;

use crate::manifest::sha256_hex;
use crate::report::{self, Report, headline, html};
use crate::text::{count, thousands};
use crate::{badge, out, root, suites};
use cases::Cases;
use changes::Changes;
use folder::Folder;
use seen::Seen;

/// The most that a site shows. One project has fewer.
const MOST_REPORTS: usize = 1_000;
/// Of rows and of modules.
const MOST_NAMES: usize = 200;
const MOST_SUITES: usize = 1_000;
const MOST_CASES: usize = 200_000;

/// The options of `everyhost publish`.
#[derive(Debug, Args)]
pub(crate) struct PublishArgs {
    /// Reports in any order: the directory that `everyhost run --report` wrote, its report.json, or a report.json.gz of an
    /// earlier site
    #[arg(required = true, value_name = "REPORT")]
    pub(crate) reports: Vec<PathBuf>,
    /// Where the site goes: a new folder, an empty one, or an earlier site, which is replaced
    #[arg(long = "out", value_name = "DIR")]
    pub(crate) to: PathBuf,
    /// The name of the site [default: your modules, or everyhost]
    #[arg(long, value_name = "TEXT")]
    pub(crate) label: Option<String>,
}

/// Writes the site. Only one report at a time is in memory.
pub(crate) fn run(args: &PublishArgs) -> Result<()> {
    most("report", args.reports.len(), MOST_REPORTS)?;
    let mut folder = Folder::new(&args.to)?;
    // The page of a report shows the inputs of cases if this workspace has the same vectors.
    let suites = root::find(None).and_then(|root| suites::load(&root.join(suites::DIR))).unwrap_or_default();
    let vectors = suites::hash(&suites);
    let mut history: Vec<Seen> = Vec::new();
    for path in &args.reports {
        let report = report::read(path)?;
        check_names(&report).with_context(|| format!("cannot publish {}", path.display()))?;
        let json = report.to_json()?;
        let sha256 = sha256_hex(&json);
        let id = names::report_id(&report, &sha256);
        if history.iter().any(|known| known.id == id) {
            out::complain(format!("{} was given twice; the site has it once", path.display()));
            continue;
        }
        let same = report.plan.vectors == vectors;
        write_report(&mut folder, &id, &report, &json, if same { &suites } else { &[] })?;
        drop(json);
        history.push(Seen::of(report, id, sha256)?);
    }
    history.sort_by(|one, other| (one.started, &one.id).cmp(&(other.started, &other.id)));
    check_size(&history)?;
    write_pages(&mut folder, &history, args.label.as_deref())?;
    folder.put_in_place()?;
    let newest = history.last().map(|seen| headline::sentence(&seen.report)).unwrap_or_default();
    out::say(format!(
        "{} on {}; the newest: {newest}",
        count(history.len(), "report"),
        args.to.join("index.html").display()
    ));
    Ok(())
}

/// Writes the page of a report, and the report itself.
fn write_report(folder: &mut Folder, id: &str, report: &Report, json: &[u8], suites: &[vectors::Suite]) -> Result<()> {
    let place = format!("reports/{id}");
    let beside =
        [(pages::REPORT_FILE, pages::REPORT_FILE, "everything for programs"), ("../../index.html", "all reports", "")];
    folder.write(&format!("{place}/index.html"), html::page(report, suites, &beside)?.as_bytes())?;
    // No time stamp, so the same report gives the same bytes.
    let mut packed = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    packed.write_all(json)?;
    folder.write(&format!("{place}/{}", pages::REPORT_FILE), &packed.finish()?)
}

fn write_pages(folder: &mut Folder, history: &[Seen], label: Option<&str>) -> Result<()> {
    let Some(newest) = history.last() else {
        return Ok(());
    };
    let changes = Changes::of(history);
    let cases = Cases::of(history);
    folder.write("badge.svg", badge::svg(&newest.report, label)?.as_bytes())?;
    for (path, page) in pages::all(history, &changes, &cases, label)? {
        folder.write(&path, page.as_bytes())?;
    }
    let listed = history.iter().rev().map(|seen| {
        json!({
            "id": seen.id,
            "started": seen.report.started,
            "end": seen.report.end,
            "sha256": seen.sha256,
            "file": format!("reports/{}/{}", seen.id, pages::REPORT_FILE),
        })
    });
    folder.write_list(&listed.collect::<Vec<_>>())
}

/// Runs before the page is made, which takes long for too many names.
fn check_names(report: &Report) -> Result<()> {
    let cells = || report.matrix.iter();
    most("row", names::distinct(cells().map(|cell| cell.row.as_str())), MOST_NAMES)?;
    most("module", names::distinct(cells().map(|cell| cell.module.as_str())), MOST_NAMES)?;
    most("suite", report.suites.len(), MOST_SUITES)
}

fn check_size(history: &[Seen]) -> Result<()> {
    most("row", names::distinct(history.iter().flat_map(Seen::rows)), MOST_NAMES)?;
    most("module", names::distinct(history.iter().flat_map(Seen::modules)), MOST_NAMES)?;
    most("suite", names::distinct(history.iter().flat_map(Seen::suites)), MOST_SUITES)?;
    most("case", names::distinct(history.iter().flat_map(Seen::case_ids)), MOST_CASES)
}

fn most(what: &str, number: usize, most: usize) -> Result<()> {
    ensure!(number <= most, "{} are more than a site shows: {}", count(number, what), thousands(most));
    Ok(())
}

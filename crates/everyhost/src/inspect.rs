//! `everyhost inspect my.wasm`: what a module is, what it needs of its host, and which rows can run it.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use clap::Args;
use module_inspect::fitness::{self, CASES, Fitness, Host, How};
use module_inspect::{by_way, inspect};
use vectors::file;

use crate::gaps::{Cases, Gap};
use crate::hosts::{Row, RowKind};
use crate::own::MOST_BYTES;
use crate::{gaps, hosts, out};

/// The options of `everyhost inspect`.
#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// The module
    #[arg(value_name = "FILE.wasm", required_unless_present = "hosts")]
    module: Option<PathBuf>,
    /// As JSON, for programs
    #[arg(long)]
    json: bool,
    /// Instead of a module: what each row can run and lacks, as JSON
    #[arg(long, conflicts_with_all = ["module", "json"])]
    hosts: bool,
}

/// The rows that cannot run a module, as far as the features that it uses tell.
#[derive(Debug)]
pub(crate) struct Unfit(Vec<Fitness>);

impl Unfit {
    pub(crate) fn of(root: &Path, rows: &[Row], features: &[String]) -> Result<Self> {
        let features: Vec<&str> = features.iter().map(String::as_str).collect();
        let mut rows = fitness::of_hosts(&in_short(rows, &gaps::load(root, rows)?), &features, &[]);
        rows.retain(|row| row.how == How::Not);
        Ok(Self(rows))
    }

    pub(crate) fn has(&self, row: &str) -> bool {
        self.0.iter().any(|unfit| unfit.row == row)
    }

    /// One line for each reason, such as `rows that cannot run it: node (relaxed-simd: …)`.
    pub(crate) fn lines(&self) -> Vec<String> {
        let lines = by_way(&self.0);
        lines.iter().map(|line| line.replacen("not:", "rows that cannot run it:", 1)).collect()
    }
}

/// Prints what the file is.
pub(crate) fn run(root: Option<&Path>, args: &InspectArgs) -> Result<()> {
    let hosts = root.map(hosts).transpose()?;
    let Some(module) = &args.module else {
        out::say(serde_json::to_string(
            &hosts.context("no workspace here, which lists the hosts: say where it is with --root DIR")?,
        )?);
        return Ok(());
    };
    let shown = module.display();
    let wasm = file::read(module, MOST_BYTES).map_err(|problem| anyhow!("{shown} {problem}"))?;
    let inspection = inspect(shown.to_string(), &wasm, hosts.as_deref())?;
    if args.json {
        out::say(serde_json::to_string(&inspection)?);
    } else {
        inspection.lines().into_iter().for_each(out::say);
    }
    Ok(())
}

fn hosts(root: &Path) -> Result<Vec<Host>> {
    let rows = hosts::load(root)?;
    let gaps = gaps::load(root, &rows)?;
    Ok(in_short(&rows, &gaps))
}

/// The rows that run modules, with what each lacks: as its record says, or as a known gap of the suite `features` does.
fn in_short(rows: &[Row], gaps: &[Gap]) -> Vec<Host> {
    let host = |row: &Row| Host {
        name: row.name.clone(),
        has_wasi: row.can("wasi"),
        takes_imports: row.can("raw_imports"),
        lacks: CASES
            .iter()
            .filter_map(|(feature, case)| {
                let reason = row.lacks(feature).or_else(|| gap(row, gaps, case))?;
                Some(((*feature).into(), reason.into()))
            })
            .collect(),
    };
    rows.iter().filter(|row| row.kind == RowKind::Wasm).map(host).collect()
}

fn gap<'a>(row: &Row, gaps: &'a [Gap], case: &str) -> Option<&'a str> {
    let id = format!("features/{case}");
    let is_about = |gap: &&Gap| gap.row == row.name && matches!(&gap.cases, Cases::Id(pattern) if pattern.matches(&id));
    gaps.iter().find(is_about).map(|gap| gap.reason.as_str())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use module_inspect::outline::Outline;

    use super::*;

    fn rows(inner: &str, features: &[&str]) -> Vec<Fitness> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let hosts = hosts(&root).unwrap();
        let imports = Outline::read(&wat::parse_str(format!("(module {inner})")).unwrap()).imports;
        fitness::of_hosts(&hosts, features, &imports)
    }

    fn how(rows: &[Fitness], name: &str) -> How {
        rows.iter().find(|row| row.row == name).unwrap().how
    }

    #[test]
    fn without_imports_every_row_runs_it() {
        let rows = rows("", &["sign-ext", "mutable-globals"]);
        assert!(rows.len() > 10 && rows.iter().all(|row| row.how == How::AsItIs), "{rows:#?}");
    }

    #[test]
    fn with_imports_it_is_virtualized_at_least() {
        let rows = rows(r#"(import "env" "f" (func))"#, &[]);
        assert!(rows.iter().all(|row| [How::Virtualized, How::WithDeclaredImports].contains(&row.how)), "{rows:#?}");
    }

    #[test]
    fn a_feature_that_a_row_lacks_is_told_with_the_reason() {
        let simd = rows("", &["simd128"]);
        assert_eq!((how(&simd, "c-wasm2c"), how(&simd, "node")), (How::Not, How::AsItIs));
        let tail_call = rows("", &["tail-call"]);
        let row = tail_call.iter().find(|row| row.row == "go-wazero").unwrap();
        assert!(row.how == How::Not && row.why.as_ref().unwrap().starts_with("tail-call: wazero is at"), "{row:?}");
        assert_eq!(how(&rows("", &["custom-page-sizes"]), "node"), How::Perhaps);
    }

    #[test]
    fn every_case_that_is_named_here_exists() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/features.json");
        let text = std::fs::read_to_string(root).unwrap();
        for (_, case) in CASES {
            assert!(text.contains(&format!("\"features/{case}\"")), "{case}");
        }
    }
}

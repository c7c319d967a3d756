//! `hosts/known-gaps.toml`: what fails and is known to. A gap still runs, and is held to what it says.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;
use serde_json::Value;
use vectors::Case;

use crate::pattern::Pattern;

/// Where the gaps stand, from the root of the workspace.
pub const GAPS_FILE: &str = "hosts/known-gaps.toml";

/// One recorded gap.
#[derive(Debug, Clone)]
pub struct Gap {
    /// The row that it is about.
    pub row: String,
    /// The only module that it is about, or every module of the row.
    pub module: Option<String>,
    /// Which cases.
    pub cases: Cases,
    /// The very answer that the row gives, in JSON as on the wire, without the detail of a trap.
    pub answer: Value,
    /// How many planned cases it may match.
    pub matches: usize,
    /// Why the row answers so.
    pub reason: String,
    /// Where one can read more.
    pub link: String,
}

/// Which cases a gap is about.
#[derive(Debug, Clone)]
pub enum Cases {
    /// Those whose id matches.
    Id(Pattern),
    /// Those that carry this flag.
    Flag(String),
}

impl Gap {
    /// Whether it is about this case on this row with this module.
    #[must_use]
    pub fn is_about(&self, row: &str, module: &str, case: &Case) -> bool {
        self.row == row
            && self.module.as_deref().is_none_or(|only| only == module)
            && match &self.cases {
                Cases::Id(pattern) => pattern.matches(&case.id),
                Cases::Flag(flag) => case.flags.contains(flag),
            }
    }

    /// The row and the cases, as a reader finds them in the file.
    #[must_use]
    pub fn title(&self) -> String {
        let cases = match &self.cases {
            Cases::Id(pattern) => format!("case {:?}", pattern.text()),
            Cases::Flag(flag) => format!("flag {flag:?}"),
        };
        match &self.module {
            Some(module) => format!("row {:?}, module {module:?}, {cases}", self.row),
            None => format!("row {:?}, {cases}", self.row),
        }
    }
}

/// Reads and checks `hosts/known-gaps.toml` under `root`. No file is no gap.
///
/// # Errors
///
/// Where the file cannot be read or an entry is not sound; the message names the entry.
pub fn load(root: &Path, rows: &[crate::hosts::Row]) -> Result<Vec<Gap>> {
    let path = root.join(GAPS_FILE);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {GAPS_FILE}"))?;
    let gaps = parse(&text).with_context(|| GAPS_FILE.to_string())?;
    for gap in &gaps {
        ensure!(
            rows.iter().any(|row| row.name == gap.row),
            "{GAPS_FILE}: {}: hosts.toml has no such row",
            gap.title()
        );
    }
    Ok(gaps)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    gap: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    row: String,
    module: Option<String>,
    case: Option<String>,
    flag: Option<String>,
    answer: Value,
    matches: usize,
    reason: String,
    link: String,
}

fn parse(text: &str) -> Result<Vec<Gap>> {
    let file: File = toml::from_str(text)?;
    let entries = file.gap.into_iter().enumerate();
    entries
        .map(|(at, entry)| gap(entry).with_context(|| format!("gap number {}", at + 1)))
        .collect()
}

fn gap(entry: Entry) -> Result<Gap> {
    let cases = match (entry.case, entry.flag) {
        (Some(case), None) => Cases::Id(Pattern::new(&case)?),
        (None, Some(flag)) => Cases::Flag(flag),
        _ => anyhow::bail!("it needs either `case` (a glob) or `flag`, and not both"),
    };
    crate::run::reply::answer_from_value(entry.answer.clone())
        .map_err(|wrong| anyhow::anyhow!("answer: {wrong}"))?;
    ensure!(
        entry.matches > 0,
        "matches is 0; it is how many planned cases the gap may match"
    );
    ensure!(!entry.reason.trim().is_empty(), "reason is empty");
    ensure!(
        entry.link.starts_with("https://"),
        "link is {:?}; it is an https address",
        entry.link
    );
    Ok(Gap {
        row: entry.row,
        module: entry.module,
        cases,
        answer: entry.answer,
        matches: entry.matches,
        reason: entry.reason,
        link: entry.link,
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const GAP: &str = r#"
        [[gap]]
        row = "oracle"
        case = "verify/*"
        answer = { ok = { valid = false } }
        matches = 2
        reason = "it rejects this form"
        link = "https://example.org/1"
    "#;

    pub(crate) fn gap_with_answer(answer: &str) -> Gap {
        parse(&GAP.replace("{ ok = { valid = false } }", answer))
            .unwrap()
            .remove(0)
    }

    #[test]
    fn reads_a_gap() {
        let gap = &parse(GAP).unwrap()[0];
        assert_eq!(gap.title(), r#"row "oracle", case "verify/*""#);
        assert_eq!(gap.answer, serde_json::json!({"ok": {"valid": false}}));
    }

    #[test]
    fn says_what_is_wrong_with_a_gap() {
        let wrong = |from: &str, to: &str| format!("{:#}", parse(&GAP.replace(from, to)).unwrap_err());
        assert!(
            wrong("case = \"verify/*\"", "")
                .contains("gap number 1: it needs either `case` (a glob) or `flag`")
        );
        assert!(wrong("{ ok = { valid = false } }", "{ crash = true }").contains("answer: "));
        assert!(wrong("matches = 2", "matches = 0").contains("matches is 0"));
        assert!(wrong("verify/*", "verify/[").contains("verify/["));
        assert!(wrong("https://", "ftp://").contains("https"));
        assert!(wrong("it rejects this form", " ").contains("reason is empty"));
    }
}

//! `hosts/known-gaps.toml`: what fails and is known to. A gap still runs, and is held to what it says.

mod advice;
mod selector;

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, anyhow, ensure};
use serde::Deserialize;
use serde_json::Value;
use vectors::Case;
use vectors::file::{self, MIB};
use vectors::form::ops;

use crate::answer::Given;
use crate::pattern::Pattern;

pub(crate) use advice::{GapsArgs, run};

/// Where the gaps are, from the root of the workspace.
pub(crate) const GAPS_FILE: &str = "hosts/known-gaps.toml";

/// The same beside vectors that are not the workspace's.
pub(crate) const OWN_GAPS_FILE: &str = "known-gaps.toml";

const MOST_BYTES: u64 = 4 * MIB;

#[derive(Debug, Clone)]
pub(crate) struct Gap {
    pub(crate) row: String,
    /// The only module that it is about, or every module of the row.
    pub(crate) module: Option<String>,
    /// The only operation that it is about, or every operation.
    pub(crate) op: Option<String>,
    pub(crate) cases: Cases,
    /// The very answer that the row gives, or that it cannot load the module.
    pub(crate) answer: Given,
    /// How many planned cases it matches, neither more nor fewer.
    pub(crate) matches: usize,
    pub(crate) reason: String,
    pub(crate) link: String,
}

#[derive(Debug, Clone)]
pub(crate) enum Cases {
    Id(Pattern),
    Flag(String),
}

impl Gap {
    /// Whether it is about this case on this row with this module: a case that fits, and whose right answer is not the
    /// recorded one. Of the cases with one flag a row often gets some right and some wrong, always with the same
    /// answer; those whose right answer that is are judged as if there were no gap.
    pub(crate) fn is_about(&self, row: &str, module: &str, case: &Case) -> bool {
        self.row == row
            && self.module.as_deref().is_none_or(|only| only == module)
            && self.op.as_deref().is_none_or(|only| only == case.op.name())
            && match &self.cases {
                Cases::Id(pattern) => pattern.matches(&case.id),
                Cases::Flag(flag) => case.flags.contains(flag),
            }
            && self.answer.is_wrong(&case.expect)
    }

    /// The row and the cases, as a reader finds them in the file.
    pub(crate) fn title(&self) -> String {
        let mut title = format!("row {:?}", self.row);
        for (field, only) in [("module", &self.module), ("op", &self.op)] {
            if let Some(only) = only {
                title += &format!(", {field} {only:?}");
            }
        }
        title
            + &match &self.cases {
                Cases::Id(pattern) => format!(", case {:?}", pattern.text()),
                Cases::Flag(flag) => format!(", flag {flag:?}"),
            }
    }
}

/// Reads and checks `hosts/known-gaps.toml` under `root`. No file is no gap.
pub(crate) fn load(root: &Path, rows: &[crate::hosts::Row]) -> Result<Vec<Gap>> {
    load_file(&root.join(GAPS_FILE), GAPS_FILE, rows)
}

/// The same of another file, which messages call `shown`.
pub(crate) fn load_file(path: &Path, shown: &str, rows: &[crate::hosts::Row]) -> Result<Vec<Gap>> {
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = file::read_text(path, MOST_BYTES).map_err(|problem| anyhow!("{shown} {problem}"))?;
    let gaps = parse(&text).with_context(|| shown.to_string())?;
    for gap in &gaps {
        ensure!(rows.iter().any(|row| row.name == gap.row), "{shown}: {}: hosts.toml has no such row", gap.title());
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
    row: Rows,
    module: Option<String>,
    op: Option<String>,
    case: Option<String>,
    flag: Option<String>,
    answer: Value,
    matches: usize,
    reason: String,
    link: String,
}

/// One row, or several that all give the same answer.
#[derive(Deserialize)]
#[serde(untagged)]
enum Rows {
    One(String),
    Several(Vec<String>),
}

fn parse(text: &str) -> Result<Vec<Gap>> {
    let file: File = toml::from_str(text)?;
    let mut all = Vec::new();
    for (at, entry) in file.gap.into_iter().enumerate() {
        all.extend(gaps(entry).with_context(|| format!("gap number {}", at + 1))?);
    }
    Ok(all)
}

fn gaps(mut entry: Entry) -> Result<Vec<Gap>> {
    let rows = match std::mem::replace(&mut entry.row, Rows::Several(Vec::new())) {
        Rows::One(row) => vec![row],
        Rows::Several(rows) => rows,
    };
    ensure!(!rows.is_empty(), "row is empty; it names a row, or a list of them");
    let gap = gap(entry)?;
    let of = |row| Gap { row, ..gap.clone() };
    Ok(rows.into_iter().map(of).collect())
}

/// The gap, without its row.
fn gap(entry: Entry) -> Result<Gap> {
    let cases = match (entry.case, entry.flag) {
        (Some(case), None) => Cases::Id(Pattern::new(&case)?),
        (None, Some(flag)) => Cases::Flag(flag),
        _ => anyhow::bail!("it needs either `case` (a glob) or `flag`, and not both"),
    };
    let answer = Given::read(entry.answer).map_err(|wrong| anyhow!("answer: {wrong}"))?;
    if let Some(op) = &entry.op {
        ensure!(ops().contains(&op.as_str()), "unknown op {op:?}; operations are: {}", ops().join(", "));
    }
    ensure!(entry.matches > 0, "matches is 0; it is how many planned cases the gap matches");
    ensure!(!entry.reason.trim().is_empty(), "reason is empty");
    ensure!(is_link(&entry.link), "link is {:?}; it is an https address", entry.link);
    Ok(Gap {
        row: String::new(),
        module: entry.module,
        op: entry.op,
        cases,
        answer,
        matches: entry.matches,
        reason: entry.reason,
        link: entry.link,
    })
}

/// How many cases an entry says it matches: of modules of one's own each case once, because a run may have one of them or
/// several.
pub(crate) fn matches<'a>(is_own: bool, cases: impl Iterator<Item = &'a Case>) -> usize {
    if is_own { cases.map(|case| &case.id).collect::<BTreeSet<_>>().len() } else { cases.count() }
}

/// Whether a page may link to it.
pub(crate) fn is_link(text: &str) -> bool {
    text.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && !rest.contains(char::is_whitespace))
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::fixture::assert_has;

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
        parse(&GAP.replace("{ ok = { valid = false } }", answer)).unwrap().remove(0)
    }

    #[test]
    fn reads_a_gap() {
        let gap = &parse(GAP).unwrap()[0];
        assert_eq!(gap.title(), r#"row "oracle", case "verify/*""#);
        assert_eq!(gap.answer.json(), serde_json::json!({"ok": {"valid": false}}));
    }

    #[test]
    fn an_entry_may_be_about_several_rows() {
        let several = parse(&GAP.replace("\"oracle\"", "[\"a\", \"b\"]")).unwrap();
        let rows: Vec<&str> = several.iter().map(|gap| gap.row.as_str()).collect();
        assert_eq!(rows, ["a", "b"]);
        let none = parse(&GAP.replace("\"oracle\"", "[]")).unwrap_err();
        assert_has(format!("{none:#}"), "gap number 1: row is empty");
    }

    #[test]
    fn is_about_the_cases_that_fit_and_whose_right_answer_is_another() {
        let of_flag = GAP.replace("case = \"verify/*\"", "flag = \"Odd\"\nop = \"verify\"");
        let gap = &parse(&of_flag).unwrap()[0];
        assert_eq!(gap.title(), r#"row "oracle", op "verify", flag "Odd""#);
        let case = |op: &str, flags: &[&str], valid: bool| -> Case {
            serde_json::from_value(serde_json::json!({
                "id": "a/1", "op": op, "in": {"public_key": "", "message": "", "signature": ""},
                "flags": flags, "expect": {"ok": {"valid": valid}},
            }))
            .unwrap()
        };
        let is_about = |case: &Case| gap.is_about("oracle", "native", case);
        assert!(is_about(&case("verify", &["Odd", "Even"], true)));
        assert!(!is_about(&case("verify", &["Odd"], false)), "false is right there");
        assert!(!is_about(&case("verify_strict", &["Odd"], true)));
        assert!(!is_about(&case("verify", &["Even"], true)));
        assert!(!gap.is_about("another", "native", &case("verify", &["Odd"], true)));
    }

    #[test]
    fn says_what_is_wrong_with_a_gap() {
        let wrong = |from: &str, to: &str| format!("{:#}", parse(&GAP.replace(from, to)).unwrap_err());
        assert_has(wrong("case = \"verify/*\"", ""), "gap number 1: it needs either `case` (a glob) or `flag`");
        assert!(wrong("{ ok = { valid = false } }", "{ crash = true }").contains("answer: "));
        assert!(wrong("matches = 2", "matches = 0").contains("matches is 0"));
        assert!(wrong("matches = 2", "matches = 2\nop = \"check\"").contains("unknown op \"check\""));
        assert!(wrong("verify/*", "verify/[").contains("verify/["));
        assert!(wrong("https://", "ftp://").contains("https"));
        assert!(wrong("it rejects this form", " ").contains("reason is empty"));
    }
}

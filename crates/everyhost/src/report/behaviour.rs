//! How hosts behave: what each of them did with the probe, as a table. What differs from the specification is said in a
//! word, with the reason in known-gaps.toml.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use vectors::model::Face;

use super::difference::word;
use super::json::{Report, Result};
use crate::answer::DIFFERS;
use crate::verdict::Verdict;

/// One table a suite of the probe: its cases, each with a cell for every row that ran any of them.
pub(super) fn tables(report: &Report) -> Vec<Value> {
    let suites = report.suites.iter().filter(|suite| suite.face == Face::Probe);
    suites.filter_map(|suite| table(report, &suite.name)).collect()
}

fn table(report: &Report, suite: &str) -> Option<Value> {
    let results: Vec<&Result> = report.results.iter().filter(|result| result.suite == suite).collect();
    let ran: BTreeSet<&str> = results.iter().map(|result| result.row.as_str()).collect();
    let rows: Vec<&str> = report.rows.iter().map(|row| row.name.as_str()).filter(|row| ran.contains(row)).collect();
    let by_case: BTreeMap<(&str, &str), &Result> =
        results.iter().map(|result| ((result.case.as_str(), result.row.as_str()), *result)).collect();
    let mut seen = BTreeSet::new();
    let cases: Vec<Value> = results
        .iter()
        .map(|result| result.case.as_str())
        .filter(|case| seen.insert(*case))
        .map(|case| {
            let cells: Vec<Value> = rows.iter().map(|row| cell(by_case.get(&(case, *row)).copied())).collect();
            json!({"id": case, "name": case.split_once('/').map_or(case, |(_, rest)| rest), "cells": cells})
        })
        .collect();
    (!cases.is_empty()).then(|| json!({"suite": suite, "rows": rows, "cases": cases}))
}

fn cell(result: Option<&Result>) -> Value {
    let Some(result) = result else {
        return json!({"state": "none", "sign": "–", "text": "not run"});
    };
    let (state, text) = match result.verdict {
        Some(Verdict::Pass) => return json!({"state": "good", "sign": "✓", "text": "yes"}),
        Some(Verdict::KnownGap) => ("gap", in_a_word(result)),
        Some(Verdict::Unavailable) | None => ("away", "not installed".into()),
        Some(verdict) => ("bad", verdict.name().to_string()),
    };
    json!({"state": state, "text": text, "why": result.detail})
}

fn in_a_word(result: &Result) -> String {
    let wrong = result.wrong.as_ref();
    let word = wrong.and_then(|wrong| Some(word(&wrong.expected, wrong.actual.as_ref()?)));
    word.unwrap_or_else(|| DIFFERS.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(verdict: &str, actual: Value) -> Result {
        serde_json::from_value(json!({
            "row": "node", "module": "probe", "suite": "features", "case": "features/gc", "verdict": verdict,
            "micros": 1, "detail": "why (https://example.org)", "op": "raw_module", "input": {}, "expected": {"ok": {}},
            "actual": actual, "flags": [], "comment": "", "again": "",
        }))
        .unwrap()
    }

    #[test]
    fn a_cell_says_it_in_a_word() {
        let text = |verdict: &str, actual: Value| cell(Some(&result(verdict, actual)))["text"].clone();
        assert_eq!(text("pass", json!({"ok": {}})), "yes");
        assert_eq!(text("known-gap", json!({"error": "MODULE_REFUSED"})), "no");
        assert_eq!(text("known-gap", json!({"error": "VIEW_DETACHED"})), "view detached");
        assert_eq!(text("known-gap", json!({"ok": {"bytes": "00000000"}})), "00000000");
        assert_eq!(text("known-gap", json!({"ok": {"value": 3}})), "differs");
        assert_eq!(text("fail", json!({"trap": true})), "fail");
        assert_eq!(cell(None)["text"], "not run");
    }
}

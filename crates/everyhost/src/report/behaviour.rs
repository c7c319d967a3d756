//! How hosts behave: what each of them did with the probe, as a table. What differs from the specification is said in a
//! word, with the reason in known-gaps.toml.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};
use vectors::model::Face;

use super::difference::{end_of_program, word};
use super::json::{Report, Result};
use crate::answer::DIFFERS;
use crate::verdict::Verdict;

/// One table a suite of the probe: its cases, each with a cell for every row that ran any of them. And one of the programs of
/// WASI, whichever suite they are of, that some row answered otherwise than the vector: nobody reads hundreds that are alike.
pub(super) fn tables(report: &Report) -> Vec<Value> {
    let (differ, suites_of_wasi): (BTreeMap<&str, Value>, BTreeSet<&str>) =
        wasi(report).map(|(result, expected)| ((result.case.as_str(), expected), result.suite.as_str())).unzip();
    let suites = report.suites.iter().filter(|suite| suite.face == Face::Probe);
    let suites = suites.map(|suite| suite.name.as_str()).filter(|suite| !suites_of_wasi.contains(suite));
    let of_suite = |suite: &str| table(report, suite, |result| result.suite == suite);
    let mut tables: Vec<Value> = suites.filter_map(of_suite).collect();
    if let Some(mut table) =
        table(report, "WASI, where hosts differ", |result| differ.contains_key(result.case.as_str()))
    {
        put_first(&mut table["rows"], "vector".into());
        for case in table["cases"].as_array_mut().into_iter().flatten() {
            let expected = case["id"].as_str().and_then(|id| differ.get(id)).map_or(String::new(), end_of_program);
            put_first(&mut case["cells"], json!({"state": "vector", "text": expected}));
        }
        tables.push(table);
    }
    tables
}

/// What programs of WASI did otherwise than the vector says, and what that is.
fn wasi(report: &Report) -> impl Iterator<Item = (&Result, Value)> {
    report.results.iter().filter_map(|result| {
        let wrong = result.wrong.as_ref().filter(|wrong| wrong.op == "wasi" && wrong.actual.is_some())?;
        Some((result, wrong.expected.json()))
    })
}

fn put_first(list: &mut Value, item: Value) {
    if let Some(list) = list.as_array_mut() {
        list.insert(0, item);
    }
}

fn table(report: &Report, title: &str, is_about: impl Fn(&Result) -> bool) -> Option<Value> {
    let results: Vec<&Result> = report.results.iter().filter(|result| is_about(result)).collect();
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
    (!cases.is_empty()).then(|| json!({"title": title, "rows": rows, "cases": cases}))
}

fn cell(result: Option<&Result>) -> Value {
    let Some(result) = result else {
        return json!({"state": "none", "sign": "–", "text": "not run"});
    };
    let (state, text) = match result.verdict {
        Some(Verdict::Pass) => return json!({"state": "good", "sign": "✓", "text": "yes"}),
        Some(Verdict::KnownGap) => ("gap", in_a_word(result)),
        // The vectors of a first run are often wrong themselves: what hosts answer is what counts.
        Some(Verdict::Fail) if result.wrong.as_ref().is_some_and(|wrong| wrong.op == "wasi") => {
            ("bad", in_a_word(result))
        }
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
    fn programs_of_wasi_are_shown_where_hosts_differ() {
        let result = |row: &str, case: &str, verdict: &str, code: u32| {
            let mut result =
                json!({"row": row, "module": "m", "suite": "s", "case": case, "verdict": verdict, "micros": 1});
            if verdict != "pass" {
                let wrong = json!({"op": "wasi", "input": {}, "expected": {"ok": {"exit_code": 63}}, "actual": {"ok": {"exit_code": code, "stdout": ""}}, "flags": [], "comment": "", "again": ""});
                result.as_object_mut().unwrap().extend(wrong.as_object().unwrap().clone());
            }
            result
        };
        let results = [
            result("node", "s/alike", "pass", 0),
            result("deno", "s/alike", "pass", 0),
            result("node", "s/dots", "pass", 0),
            result("deno", "s/dots", "fail", 44),
        ];
        let row = |name: &str| json!({"name": name, "kind": "wasm", "hint": "", "loaded": {}, "planned": 2, "restarts": 0, "elapsed_ms": 1});
        let report = Report {
            results: results.into_iter().map(|result| serde_json::from_value(result).unwrap()).collect(),
            rows: ["node", "deno"].map(|name| serde_json::from_value(row(name)).unwrap()).into(),
            ..Report::default()
        };
        let tables = tables(&report);
        assert_eq!((tables.len(), &tables[0]["rows"]), (1, &json!(["vector", "node", "deno"])));
        let case = &tables[0]["cases"][0];
        assert_eq!((tables[0]["cases"].as_array().unwrap().len(), &case["name"]), (1, &json!("dots")));
        let texts: Vec<&Value> = case["cells"].as_array().unwrap().iter().map(|cell| &cell["text"]).collect();
        assert_eq!(texts, ["exit 63", "yes", "exit 44"]);
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

//! What the page draws its list of answers from: one number a planned answer, and all that is known of those that are
//! not as they should be.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;
use serde_json::{Value, json};

use super::difference::first_difference;
use super::json::{Report, Result as CaseResult};
use super::shorten;
use crate::run::Run;
use crate::verdict::Verdict;

/// Beyond so many answers that are not as they should be, the page points to report.json.
const MOST_TOLD: usize = 3_000;

/// How much of one value the page shows.
const MOST_CHARS: usize = 4_096;

/// What stands for an answer that was planned, but not reached.
const NOT_REACHED: &str = "not reached";

/// The answers of one row with one module to one suite.
#[derive(Debug, Serialize)]
struct Cell<'a> {
    row: &'a str,
    module: &'a str,
    /// Its number in the list of suites.
    suite: usize,
    /// The verdict's number in the list of verdicts, by the number of the case; -1 where it was not planned.
    verdicts: Vec<i8>,
    /// What is known of an answer, by the number of the case.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    told: BTreeMap<usize, Value>,
}

/// The data in JSON.
pub(super) fn data(run: &Run<'_>, report: &Report<'_>) -> Result<String> {
    let mut places = BTreeMap::new();
    for (suite, cases) in run.suites.iter().enumerate() {
        for (case, known) in cases.cases.iter().enumerate() {
            places.insert(known.id.as_str(), (suite, case));
        }
    }
    let mut cells: BTreeMap<(&str, &str, usize), Cell<'_>> = BTreeMap::new();
    let mut told = 0;
    for result in &report.results {
        let Some(&(suite, case)) = places.get(result.case) else {
            continue;
        };
        let cell = cells
            .entry((result.row, result.module, suite))
            .or_insert_with(|| Cell {
                row: result.row,
                module: result.module,
                suite,
                verdicts: vec![-1; run.suites[suite].cases.len()],
                told: BTreeMap::new(),
            });
        cell.verdicts[case] = number(result.verdict);
        if result.wrong.is_some() {
            told += 1;
            cell.told.insert(
                case,
                if told <= MOST_TOLD {
                    tell(result)
                } else {
                    elsewhere(result)
                },
            );
        }
    }
    let suites = run.suites.iter().map(|suite| {
        let ids: Vec<&str> = suite.cases.iter().map(|case| case.id.as_str()).collect();
        json!({"name": suite.suite, "flags": suite.flags, "ids": ids})
    });
    let verdicts: Vec<&str> = Verdict::ALL
        .into_iter()
        .map(Verdict::name)
        .chain([NOT_REACHED])
        .collect();
    let in_order = report
        .rows
        .iter()
        .flat_map(|row| cells.values().filter(|cell| cell.row == row.name));
    Ok(serde_json::to_string(&json!({
        "red": report.end == "red",
        "verdicts": verdicts,
        "suites": suites.collect::<Vec<_>>(),
        "cells": in_order.collect::<Vec<_>>(),
    }))?)
}

fn number(verdict: Option<Verdict>) -> i8 {
    let number = verdict.and_then(|verdict| Verdict::ALL.into_iter().position(|known| known == verdict));
    i8::try_from(number.unwrap_or(Verdict::ALL.len())).unwrap_or(-1)
}

fn tell(result: &CaseResult<'_>) -> Value {
    let mut told = serde_json::Map::new();
    if !result.detail.is_empty() {
        told.insert("detail".into(), result.detail.into());
    }
    if let Some(wrong) = &result.wrong {
        told.insert("op".into(), wrong.op.into());
        told.insert("input".into(), shorten::shorten(&wrong.input, MOST_CHARS).into());
        told.insert(
            "expected".into(),
            shorten::shorten(&wrong.expected, MOST_CHARS).into(),
        );
        if let Some(actual) = wrong.actual {
            told.insert("actual".into(), shorten::shorten(actual, MOST_CHARS).into());
            if let Some(place) = first_difference(&wrong.expected, actual) {
                told.insert("differs".into(), place.into());
            }
        }
        if !wrong.flags.is_empty() {
            told.insert("flags".into(), wrong.flags.into());
        }
        if !wrong.comment.is_empty() {
            told.insert("comment".into(), wrong.comment.into());
        }
        told.insert("again".into(), wrong.again.as_str().into());
    }
    Value::Object(told)
}

fn elsewhere(result: &CaseResult<'_>) -> Value {
    let again = result.wrong.as_ref().map(|wrong| wrong.again.as_str());
    json!({"detail": format!("{} The question and the answers are in report.json.", result.detail), "again": again})
}

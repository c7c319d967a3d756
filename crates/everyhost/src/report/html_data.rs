//! What the page draws its list of answers from: one number a planned answer, what each case was given, and all that is
//! known of the answers that are not as they should be.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::{Serialize, Serializer};
use serde_json::{Value, json};
use vectors::{Case, Suite};

use super::difference::first_difference;
use super::json::{Report, Result as CaseResult};
use crate::answer::Given;
use crate::results::End;
use crate::text::shorten;
use crate::verdict::Verdict;
use crate::visible::visible_in;

/// Beyond so many bytes about answers that are not as they should be, the page points to report.json.
const MOST_TOLD_LEN: usize = 3 << 20;

/// How much of one value the page shows of a case that somebody answered wrongly.
const MOST_CHARS: usize = 2_048;

/// And of one that everybody answered rightly: its start and its end, to tell it from others.
const MOST_CHARS_OF_A_PASS: usize = 32;

/// Shown for an answer that was planned, but not reached.
const NOT_REACHED: &str = "not reached";

/// The answers of one row with one module to one suite.
#[derive(Debug, Serialize)]
struct Cell<'a> {
    row: &'a str,
    module: &'a str,
    suite: usize,
    /// Pairs of a verdict's number in the list of verdicts and how many cases in a row have it, by the number of the
    /// case; -1 where it was not planned.
    #[serde(serialize_with = "in_runs")]
    verdicts: Vec<i8>,
    /// What is known of an answer, by the number of the case.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    told: BTreeMap<usize, Value>,
}

/// The cases of one suite that were planned, in their order.
#[derive(Debug, Default)]
struct Cases<'a> {
    ids: Vec<&'a str>,
    numbers: BTreeMap<&'a str, usize>,
    /// What each was given and what is expected of it, by its number.
    given: BTreeMap<usize, Value>,
}

pub(super) fn data(report: &Report, vectors: &[Suite]) -> Result<String> {
    let mut suites: Vec<Cases<'_>> = report.suites.iter().map(|_| Cases::default()).collect();
    let suite_numbers: BTreeMap<&str, usize> =
        report.suites.iter().enumerate().map(|(number, suite)| (suite.name.as_str(), number)).collect();
    let mut cells: BTreeMap<(&str, &str, usize), Cell<'_>> = BTreeMap::new();
    let mut told = 0;
    for result in &report.results {
        let Some(&suite) = suite_numbers.get(result.suite.as_str()) else {
            continue;
        };
        let case = suites[suite].number(&result.case);
        let cell = cells.entry((&result.row, &result.module, suite)).or_insert_with(|| Cell {
            row: &result.row,
            module: &result.module,
            suite,
            verdicts: Vec::new(),
            told: BTreeMap::new(),
        });
        if cell.verdicts.len() <= case {
            cell.verdicts.resize(case + 1, -1);
        }
        cell.verdicts[case] = number(result.verdict);
        if let Some(wrong) = result.wrong.as_ref().filter(|_| told < MOST_TOLD_LEN) {
            let tell = tell(result);
            told += tell.to_string().len();
            cell.told.insert(case, tell);
            suites[suite].given.entry(case).or_insert_with(|| {
                let given = given(&wrong.op, &wrong.input, &wrong.expected, &wrong.comment, MOST_CHARS);
                told += given.to_string().len();
                given
            });
        }
    }
    for suite in vectors {
        if let Some(number) = suite_numbers.get(suite.suite.as_str()) {
            suite.cases.iter().for_each(|case| suites[*number].describe(case));
        }
    }
    let suites = report.suites.iter().zip(&suites).map(|(suite, cases)| {
        let flags = suite.flags.iter().map(|(flag, info)| {
            let carry = info.cases.iter().filter_map(|id| cases.numbers.get(id.as_str()));
            (flag, json!({"meaning": info.meaning, "cases": carry.collect::<Vec<_>>()}))
        });
        let given = (0..cases.ids.len()).map(|case| cases.given.get(&case));
        json!({
            "name": suite.name,
            "flags": flags.collect::<BTreeMap<_, _>>(),
            "ids": cases.ids,
            "given": given.collect::<Vec<_>>(),
        })
    });
    let verdicts: Vec<&str> = Verdict::ALL.into_iter().map(Verdict::name).chain([NOT_REACHED]).collect();
    let in_order = report.rows.iter().flat_map(|row| cells.values().filter(|cell| cell.row == row.name));
    Ok(serde_json::to_string(&visible_in(json!({
        "red": report.end == End::Red,
        "verdicts": verdicts,
        "suites": suites.collect::<Vec<_>>(),
        "cells": in_order.collect::<Vec<_>>(),
    })))?)
}

impl<'a> Cases<'a> {
    fn number(&mut self, id: &'a str) -> usize {
        *self.numbers.entry(id).or_insert_with(|| {
            self.ids.push(id);
            self.ids.len() - 1
        })
    }

    /// Adds what the case was given, if it was planned and is not described already.
    fn describe(&mut self, case: &Case) {
        let Some(number) = self.numbers.get(case.id.as_str()) else {
            return;
        };
        self.given.entry(*number).or_insert_with(|| {
            let expected = Given::Answer(case.expect.answer());
            let most_chars = MOST_CHARS_OF_A_PASS;
            given(case.op.name(), &case.op.input(), &expected, &case.comment, most_chars)
        });
    }
}

/// The operation, what it was given, the right answer, and what the case is about.
fn given(op: &str, input: &Value, expected: &Given, comment: &str, most_chars: usize) -> Value {
    json!([op, shorten(input, most_chars), shorten(&expected.json(), most_chars), comment])
}

/// Most answers are like the one before: a hundred thousand of them are a few hundred runs.
#[expect(clippy::ptr_arg, reason = "serde passes the field")]
fn in_runs<S: Serializer>(verdicts: &Vec<i8>, serializer: S) -> std::result::Result<S::Ok, S::Error> {
    let runs = verdicts.chunk_by(|one, next| one == next);
    serializer.collect_seq(runs.flat_map(|run| [i64::from(run[0]), i64::try_from(run.len()).unwrap_or(i64::MAX)]))
}

fn number(verdict: Option<Verdict>) -> i8 {
    let number = verdict.and_then(|verdict| Verdict::ALL.into_iter().position(|known| known == verdict));
    i8::try_from(number.unwrap_or(Verdict::ALL.len())).unwrap_or(-1)
}

/// What is known of one answer that is not as it should be.
fn tell(result: &CaseResult) -> Value {
    let mut told = serde_json::Map::new();
    let mut tell = |name: &str, text: Option<String>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            told.insert(name.into(), text.into());
        }
    };
    tell("detail", Some(result.detail.clone()));
    if let Some(wrong) = &result.wrong {
        let actual = wrong.actual.as_ref().map(Given::json);
        let differs = actual.as_ref().and_then(|actual| first_difference(&wrong.expected.json(), actual));
        tell("actual", actual.map(|actual| shorten(&actual, MOST_CHARS)));
        tell("differs", differs);
        tell("again", Some(wrong.again.clone()));
    }
    Value::Object(told)
}

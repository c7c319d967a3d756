//! What stays in memory of a report: everything except its results, and from those what a site shows.

use std::collections::BTreeMap;

use anyhow::Result;
use jiff::Timestamp;

use crate::report::Report;
use crate::text::shorten;
use crate::verdict::Verdict;

const MOST_CHARS: usize = 256;

#[derive(Debug)]
pub(super) struct Seen {
    pub(super) id: String,
    pub(super) sha256: String,
    pub(super) started: Timestamp,
    /// Without its results.
    pub(super) report: Report,
    /// Every case that was planned, by its suite.
    pub(super) cases: BTreeMap<String, Planned>,
    /// In the order of the results.
    pub(super) wrong: Vec<Wrong>,
    /// The numbers of the cases that a row answered correctly with a module.
    right: BTreeMap<(String, String), Numbers>,
}

/// The cases of a suite.
#[derive(Debug, Default)]
pub(super) struct Planned {
    /// Each id, and its place in the order.
    pub(super) places: BTreeMap<String, usize>,
    /// By their places.
    pub(super) tallies: Vec<CaseTally>,
}

#[derive(Debug, Clone, Copy, Default)]
pub(super) struct CaseTally {
    /// Unique in the report.
    number: usize,
    pub(super) right: usize,
    pub(super) gaps: usize,
    pub(super) red: usize,
    /// No answer, because the host is not installed or the run ended first.
    pub(super) not_run: usize,
}

/// An unexpected answer.
#[derive(Debug)]
pub(super) struct Wrong {
    pub(super) row: String,
    pub(super) module: String,
    pub(super) suite: String,
    pub(super) case: String,
    pub(super) verdict: Verdict,
    pub(super) detail: String,
    pub(super) given: String,
    pub(super) expected: String,
    /// The answer without the host's own words; empty if there was none.
    pub(super) answer: String,
}

impl Seen {
    pub(super) fn of(mut report: Report, id: String, sha256: String) -> Result<Self> {
        let results = std::mem::take(&mut report.results);
        let mut cases: BTreeMap<String, Planned> = BTreeMap::new();
        let mut right: BTreeMap<(String, String), Numbers> = BTreeMap::new();
        let mut wrong = Vec::new();
        let mut next = 0;
        for result in results {
            let planned = cases.entry(result.suite.clone()).or_default();
            let tally = planned.tally(&result.case, &mut next);
            let number = tally.number;
            let Some(verdict) = result.verdict.filter(|verdict| verdict.is_executed()) else {
                tally.not_run += 1;
                continue;
            };
            match verdict {
                Verdict::Pass => tally.right += 1,
                Verdict::KnownGap => tally.gaps += 1,
                _ => tally.red += 1,
            }
            if verdict == Verdict::Pass {
                right.entry((result.row, result.module)).or_default().insert(number);
                continue;
            }
            let told = result.wrong.as_ref();
            let actual = told.and_then(|told| told.actual.clone());
            wrong.push(Wrong {
                given: told
                    .map_or_else(String::new, |told| format!("{} {}", told.op, shorten(&told.input, MOST_CHARS))),
                expected: told.map_or_else(String::new, |told| shorten(&told.expected.json(), MOST_CHARS)),
                answer: actual.map_or_else(String::new, |given| shorten(&given.without_details().json(), MOST_CHARS)),
                row: result.row,
                module: result.module,
                suite: result.suite,
                case: result.case,
                verdict,
                detail: result.detail.chars().take(MOST_CHARS).collect(),
            });
        }
        let started = report.started.parse()?;
        Ok(Self { id, sha256, started, report, cases, wrong, right })
    }

    pub(super) fn rows(&self) -> impl Iterator<Item = &str> {
        self.report.planned_rows().map(|row| row.name.as_str())
    }

    pub(super) fn modules(&self) -> impl Iterator<Item = &str> {
        self.report.matrix.iter().map(|cell| cell.module.as_str())
    }

    pub(super) fn suites(&self) -> impl Iterator<Item = &str> {
        self.cases.keys().map(String::as_str)
    }

    pub(super) fn case_ids(&self) -> impl Iterator<Item = &str> {
        self.cases.values().flat_map(|planned| planned.places.keys().map(String::as_str))
    }

    /// Whether the row answered the case correctly with the module.
    pub(super) fn is_right(&self, row: &str, module: &str, suite: &str, case: &str) -> bool {
        let planned = self.cases.get(suite);
        let tally = planned.and_then(|planned| Some(planned.tallies[*planned.places.get(case)?]));
        let right = self.right.get(&(row.to_owned(), module.to_owned()));
        tally.zip(right).is_some_and(|(tally, right)| right.has(tally.number))
    }

    /// The SHA-256 of the module that ran.
    pub(super) fn build(&self, module: &str) -> Option<&str> {
        let built = self.report.modules.iter().find(|built| built.name == module);
        built.map(|built| built.sha256.as_str())
    }

    /// The day on which it ran.
    pub(super) fn day(&self) -> &str {
        self.report.started.split('T').next().unwrap_or_default()
    }
}

impl Planned {
    fn tally(&mut self, case: &str, next: &mut usize) -> &mut CaseTally {
        let place = match self.places.get(case) {
            Some(place) => *place,
            None => {
                self.places.insert(case.to_owned(), self.tallies.len());
                self.tallies.push(CaseTally { number: *next, ..CaseTally::default() });
                *next += 1;
                self.tallies.len() - 1
            }
        };
        &mut self.tallies[place]
    }
}

/// A set of small numbers.
#[derive(Debug, Default)]
struct Numbers(Vec<u64>);

impl Numbers {
    fn insert(&mut self, number: usize) {
        if self.0.len() <= number / 64 {
            self.0.resize(number / 64 + 1, 0);
        }
        self.0[number / 64] |= 1 << (number % 64);
    }

    fn has(&self, number: usize) -> bool {
        self.0.get(number / 64).is_some_and(|word| word >> (number % 64) & 1 == 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_what_was_put_in() {
        let mut numbers = Numbers::default();
        for number in [0, 63, 64, 1000] {
            assert!(!numbers.has(number));
            numbers.insert(number);
            assert!(numbers.has(number) && !numbers.has(number + 1));
        }
    }
}

//! Every case of every report, with each unexpected answer: who gave it, and in which reports.

use std::collections::{BTreeMap, BTreeSet};

use super::seen::{CaseTally, Seen};
use crate::verdict::Verdict;

/// By suite, in the order of the newest report that has them.
#[derive(Debug)]
pub(super) struct Cases<'a>(pub(super) BTreeMap<&'a str, Vec<Case<'a>>>);

#[derive(Debug)]
pub(super) struct Case<'a> {
    pub(super) id: &'a str,
    /// The newest report that has it.
    pub(super) newest: usize,
    pub(super) tally: CaseTally,
    /// The input and the expected answer. A report has them only for cases that some host answered wrongly.
    pub(super) given: Option<(&'a str, &'a str)>,
    /// Each flag and its meaning.
    pub(super) flags: Vec<(&'a str, &'a str)>,
    pub(super) answers: Vec<Answer<'a>>,
}

#[derive(Debug)]
pub(super) struct Answer<'a> {
    pub(super) verdict: Verdict,
    pub(super) answer: &'a str,
    pub(super) detail: &'a str,
    pub(super) by: BTreeMap<&'a str, By<'a>>,
}

#[derive(Debug, Default)]
pub(super) struct By<'a> {
    pub(super) modules: BTreeSet<&'a str>,
    /// The first and the last report with it.
    pub(super) first: usize,
    pub(super) last: usize,
}

impl<'a> Cases<'a> {
    pub(super) fn of(history: &'a [Seen]) -> Self {
        let mut all: BTreeMap<&str, Vec<Case<'_>>> = BTreeMap::new();
        let mut places: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        // Start with the newest: it decides the order and the current tally.
        for (at, seen) in history.iter().enumerate().rev() {
            for (suite, planned) in &seen.cases {
                let cases = all.entry(suite).or_default();
                let mut ids: Vec<_> = planned.places.iter().collect();
                ids.sort_by_key(|(_, place)| **place);
                for (id, place) in ids {
                    places.entry((suite, id)).or_insert_with(|| {
                        cases.push(Case {
                            id,
                            newest: at,
                            tally: planned.tallies[*place],
                            given: None,
                            flags: Vec::new(),
                            answers: Vec::new(),
                        });
                        cases.len() - 1
                    });
                }
            }
            for suite in &seen.report.suites {
                let flags =
                    suite.flags.iter().flat_map(|(flag, info)| info.cases.iter().map(move |id| (flag, info, id)));
                for (flag, info, id) in flags {
                    let case = places
                        .get(&(&suite.name, id))
                        .and_then(|place| all.get_mut(suite.name.as_str())?.get_mut(*place));
                    if let Some(case) = case.filter(|case| case.newest == at) {
                        case.flags.push((flag, &info.meaning));
                    }
                }
            }
            for wrong in &seen.wrong {
                let place = places.get(&(wrong.suite.as_str(), wrong.case.as_str()));
                let case = place.and_then(|place| all.get_mut(wrong.suite.as_str())?.get_mut(*place));
                let Some(case) = case else { continue };
                case.given.get_or_insert((&wrong.given, &wrong.expected));
                let is_same = |known: &Answer<'_>| (known.verdict, known.answer) == (wrong.verdict, &wrong.answer);
                let known = case.answers.iter().position(is_same).unwrap_or_else(|| {
                    case.answers.push(Answer {
                        verdict: wrong.verdict,
                        answer: &wrong.answer,
                        detail: &wrong.detail,
                        by: BTreeMap::new(),
                    });
                    case.answers.len() - 1
                });
                let by = case.answers[known].by.entry(&wrong.row).or_insert_with(|| By { last: at, ..By::default() });
                by.first = at;
                by.modules.insert(&wrong.module);
            }
        }
        Self(all)
    }

    /// The suite of each case.
    pub(super) fn suite_of(&self) -> BTreeMap<&'a str, &'a str> {
        self.0.iter().flat_map(|(suite, cases)| cases.iter().map(|case| (case.id, *suite))).collect()
    }
}

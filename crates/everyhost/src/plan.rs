//! What a run will ask: every case × row × module, chosen and counted before anything starts.

use std::collections::BTreeSet;

use sha2::{Digest, Sha256};
use vectors::ops::Op;
use vectors::{Case, Expect, Suite};

use crate::hosts::{Cost, Row};
use crate::modules::{MODULES, NATIVE, NATIVE_FACES};
use crate::pattern::Pattern;

/// How many ordinary cases of a suite a slow row is asked, beside every failure, session and raw case.
pub const SAMPLE_PER_SUITE: usize = 32;

/// What the sample of a slow row is drawn with. The same seed gives the same cases on every machine.
pub const SAMPLE_SEED: &str = "everyhost/sample/1";

/// What was chosen on the command line. An empty list chooses all.
#[derive(Debug, Default)]
pub struct Filter {
    /// Names of rows.
    pub hosts: Vec<String>,
    /// Names of modules.
    pub modules: Vec<String>,
    /// Names of suites.
    pub suites: Vec<String>,
    /// Case ids.
    pub case: Option<Pattern>,
    /// Whether slow rows are asked everything.
    pub all: bool,
}

impl Filter {
    fn has(list: &[String], name: &str) -> bool {
        list.is_empty() || list.iter().any(|chosen| chosen == name)
    }
}

/// One question: a case, asked of one row with one module.
#[derive(Debug, Clone, Copy)]
pub struct Item<'a> {
    /// The module's name.
    pub module: &'a str,
    /// The suite that the case is from.
    pub suite: &'a Suite,
    /// The case.
    pub case: &'a Case,
}

/// What one row is asked.
#[derive(Debug)]
pub struct RowPlan<'a> {
    /// The row.
    pub row: &'a Row,
    /// In the order in which they are asked.
    pub items: Vec<Item<'a>>,
    /// How many cases were left out because the row is slow.
    pub sampled_out: usize,
}

impl RowPlan<'_> {
    /// The modules that the row is asked about.
    #[must_use]
    pub fn modules(&self) -> BTreeSet<&str> {
        self.items.iter().map(|item| item.module).collect()
    }
}

/// Chooses. Rows that the filter leaves out are left out; rows for which nothing is chosen have no items.
#[must_use]
pub fn plan<'a>(rows: &'a [Row], suites: &'a [Suite], filter: &Filter) -> Vec<RowPlan<'a>> {
    let chosen = rows.iter().filter(|row| Filter::has(&filter.hosts, &row.name));
    chosen.map(|row| plan_row(row, suites, filter)).collect()
}

fn plan_row<'a>(row: &'a Row, suites: &'a [Suite], filter: &Filter) -> RowPlan<'a> {
    let mut items = Vec::new();
    let mut sampled_out = 0;
    for module in row
        .modules
        .keys()
        .filter(|module| Filter::has(&filter.modules, module))
    {
        for suite in suites
            .iter()
            .filter(|suite| Filter::has(&filter.suites, &suite.suite))
        {
            if !has_face(module, suite) {
                continue;
            }
            let wanted = |case: &&Case| {
                filter
                    .case
                    .as_ref()
                    .is_none_or(|pattern| pattern.matches(&case.id))
                    && row.does(module, case.op.name())
            };
            let cases: Vec<&Case> = suite.cases.iter().filter(wanted).collect();
            let asked = if row.cost == Cost::Slow && !filter.all {
                sample(&cases)
            } else {
                cases.clone()
            };
            sampled_out += cases.len() - asked.len();
            items.extend(asked.into_iter().map(|case| Item { module, suite, case }));
        }
    }
    RowPlan {
        row,
        items,
        sampled_out,
    }
}

fn has_face(module: &str, suite: &Suite) -> bool {
    let faces = if module == NATIVE {
        NATIVE_FACES
    } else {
        MODULES
            .iter()
            .find(|known| known.name == module)
            .map_or(&[][..], |known| known.faces)
    };
    faces.contains(&suite.face)
}

/// Every case that must not be left out, and the [`SAMPLE_PER_SUITE`] others whose hash with the seed is
/// lowest, all in their old order.
fn sample<'a>(cases: &[&'a Case]) -> Vec<&'a Case> {
    let mut others: Vec<&Case> = cases
        .iter()
        .copied()
        .filter(|case| !is_always_asked(case))
        .collect();
    others.sort_by_cached_key(|case| Sha256::digest(format!("{SAMPLE_SEED} {}", case.id)));
    let drawn: BTreeSet<&str> = others
        .iter()
        .take(SAMPLE_PER_SUITE)
        .map(|case| case.id.as_str())
        .collect();
    let kept = |case: &&&Case| is_always_asked(case) || drawn.contains(case.id.as_str());
    cases.iter().filter(kept).copied().collect()
}

fn is_always_asked(case: &Case) -> bool {
    let refused = match &case.expect {
        Expect::Ok(output) => output.valid == Some(false),
        Expect::Error(_) | Expect::Trap(_) => true,
    };
    refused || matches!(case.op, Op::Session(_) | Op::Raw(_))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn items(plans: &[RowPlan<'_>]) -> Vec<String> {
        let of = |plan: &RowPlan<'_>| {
            let row = plan.row.name.clone();
            plan.items
                .iter()
                .map(move |item| format!("{row} {} {}", item.module, item.case.id))
                .collect::<Vec<_>>()
        };
        plans.iter().flat_map(of).collect()
    }

    #[test]
    fn asks_what_the_row_lists_of_the_suites_whose_face_the_module_has() {
        let rows = [
            fixture::row(
                "a",
                Cost::Fast,
                &[
                    ("add-raw", &["add", "divide"]),
                    ("signer-raw", &["sign", "public_key"]),
                ],
            ),
            fixture::row(
                "b",
                Cost::Fast,
                &[("add-bindgen", &["add"]), ("native", &["divide"])],
            ),
        ];
        let suites = [fixture::adds(2), fixture::divisions()];
        let all = plan(&rows, &suites, &Filter::default());
        assert_eq!(
            items(&all),
            [
                "a add-raw add/0",
                "a add-raw add/1",
                "a add-raw divide/7-by-2",
                "a add-raw divide/by-zero",
                "b add-bindgen add/0",
                "b add-bindgen add/1",
                "b native divide/7-by-2",
                "b native divide/by-zero",
            ]
        );
    }

    #[test]
    fn filters_narrow_the_plan() {
        let rows = [
            fixture::row(
                "a",
                Cost::Fast,
                &[("add-raw", &["add", "divide"]), ("native", &["add"])],
            ),
            fixture::row("b", Cost::Fast, &[("add-raw", &["add"])]),
        ];
        let suites = [fixture::adds(2), fixture::divisions()];
        let count = |filter: Filter| {
            plan(&rows, &suites, &filter)
                .iter()
                .map(|row| row.items.len())
                .sum::<usize>()
        };
        assert_eq!(count(Filter::default()), 8);
        assert_eq!(
            count(Filter {
                hosts: vec!["b".into()],
                ..Filter::default()
            }),
            2
        );
        assert_eq!(
            count(Filter {
                modules: vec!["native".into()],
                ..Filter::default()
            }),
            2
        );
        assert_eq!(
            count(Filter {
                suites: vec!["divide".into()],
                ..Filter::default()
            }),
            2
        );
        assert_eq!(
            count(Filter {
                case: Some(Pattern::new("*/1").unwrap()),
                ..Filter::default()
            }),
            3
        );
        assert_eq!(
            count(Filter {
                case: Some(Pattern::new("none").unwrap()),
                ..Filter::default()
            }),
            0
        );
    }

    #[test]
    fn a_slow_row_is_asked_every_failure_and_a_sample_that_does_not_change() {
        let rows = [fixture::row(
            "slow",
            Cost::Slow,
            &[("add-raw", &["add", "divide"])],
        )];
        let suites = [fixture::adds(100), fixture::divisions()];
        let first = plan(&rows, &suites, &Filter::default());
        let second = plan(&rows, &suites, &Filter::default());
        assert_eq!(items(&first), items(&second));
        assert_eq!(first[0].items.len(), SAMPLE_PER_SUITE + 2);
        assert_eq!(first[0].sampled_out, 100 - SAMPLE_PER_SUITE);
        assert!(items(&first).contains(&"slow add-raw divide/by-zero".to_string()));
        let all = plan(
            &rows,
            &suites,
            &Filter {
                all: true,
                ..Filter::default()
            },
        );
        assert_eq!((all[0].items.len(), all[0].sampled_out), (102, 0));
    }
}

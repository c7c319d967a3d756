//! What a run will ask: every case × row × module, chosen and counted before anything starts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vectors::ops::Op;
use vectors::{Case, Expect, Suite};

use crate::hosts::{Cost, Row};
use crate::needs::has_what_it_takes;
use crate::pattern::Pattern;

/// The flag of cases that sign or verify so much that an interpreter takes seconds for one.
pub(crate) const LONG: &str = "Long";

/// How many ordinary cases of a suite a slow row is given, beside every refusal, trap, session and raw case that is not
/// [`LONG`], and one of each flag at least.
pub(crate) const SAMPLE_PER_SUITE: usize = 16;

/// How many cases of a suite, of whatever kind, any row is given of a module whose record says "few".
pub(crate) const FEW_PER_SUITE: usize = 1;

/// What the sample of a slow row is drawn with. The same seed gives the same cases on every machine.
pub(crate) const SAMPLE_SEED: &str = "everyhost/sample/1";

/// What was chosen on the command line. An empty list chooses all.
#[derive(Debug, Clone, Default)]
pub(crate) struct Filter {
    pub(crate) hosts: Vec<String>,
    pub(crate) modules: Vec<String>,
    pub(crate) suites: Vec<String>,
    pub(crate) case: Option<Pattern>,
    pub(crate) share: Share,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Share {
    /// On slow rows, and of some modules, a sample.
    #[default]
    Sample,
    /// Everything on fast rows; on slow ones, and of some modules, what may never be left out and a sample of the rest.
    AllFast,
    All,
}

impl Filter {
    fn has(list: &[String], name: &str) -> bool {
        list.is_empty() || list.iter().any(|chosen| chosen == name)
    }

    /// Whether it chooses a case by its suite and its id.
    pub(crate) fn chooses(&self, suite: &str, case: &Case) -> bool {
        Self::has(&self.suites, suite) && self.case.as_ref().is_none_or(|pattern| pattern.matches(&case.id))
    }
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct Item<'a> {
    pub(crate) module: &'a str,
    pub(crate) suite: &'a Suite,
    pub(crate) case: &'a Case,
}

#[derive(Debug)]
pub(crate) struct RowPlan<'a> {
    pub(crate) row: &'a Row,
    /// In the order in which they run.
    pub(crate) items: Vec<Item<'a>>,
    /// How many cases of each module were left out because the row is slow, or the module's record says "few".
    pub(crate) sampled_out: BTreeMap<&'a str, usize>,
    /// Of which of these modules only [`FEW_PER_SUITE`] cases of each suite are left.
    pub(crate) few: BTreeSet<&'a str>,
}

impl RowPlan<'_> {
    /// The order in which the items run, by their places: their own, or one that is drawn for this row.
    pub(crate) fn order(&self, seed: Option<Seed>) -> Vec<usize> {
        let mut order: Vec<usize> = (0..self.items.len()).collect();
        if let Some(Seed(seed)) = seed {
            order.sort_by_cached_key(|at| {
                let item = &self.items[*at];
                Sha256::digest(format!("{seed} {} {} {}", self.row.name, item.module, item.case.id))
            });
        }
        order
    }

    pub(crate) fn modules(&self) -> BTreeSet<&str> {
        self.items.iter().map(|item| item.module).collect()
    }
}

/// What an order is drawn with: the same one gives the same order on every machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Seed(pub u32);

impl FromStr for Seed {
    type Err = String;

    /// A number; or `random`, for one that is nobody's choice.
    fn from_str(text: &str) -> Result<Self, String> {
        if text == "random" {
            let hash = RandomState::new().hash_one(text);
            return Ok(Self(hash as u32));
        }
        let seed = text.parse().map(Self);
        seed.map_err(|_| format!("a seed is a whole number from 0 to {}", u32::MAX))
    }
}

/// One of several parts of equal size: `2/5`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub(crate) struct Shard {
    /// From 1.
    pub(crate) number: usize,
    of: usize,
}

impl TryFrom<String> for Shard {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Shard> for String {
    fn from(shard: Shard) -> Self {
        shard.to_string()
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let numbers = text.split_once('/').and_then(|(number, of)| Some((number.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((number, of)) if 1 <= number && number <= of => Ok(Self { number, of }),
            _ => Err("a shard is I/N, such as 2/5, with I from 1 to N".into()),
        }
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

impl Shard {
    /// Leaves of a plan what belongs to this shard. Neighbours stay together, so that most rows are on one machine
    /// as a whole.
    pub(crate) fn keep(self, plans: &mut [RowPlan<'_>]) {
        let total: usize = plans.iter().map(|plan| plan.items.len()).sum();
        let mine = total * (self.number - 1) / self.of..total * self.number / self.of;
        let mut at = 0;
        for plan in plans {
            plan.items.retain(|_| {
                at += 1;
                mine.contains(&(at - 1))
            });
        }
    }
}

/// What tells one whole plan from another: every row, module and case, in their order.
pub(crate) fn identity(plans: &[RowPlan<'_>]) -> String {
    let mut hash = Sha256::new();
    for plan in plans {
        for item in &plan.items {
            hash.update(format!("{} {} {} {}\n", plan.row.name, item.module, item.suite.suite, item.case.id));
        }
    }
    hex::encode(hash.finalize())
}

/// Every case of every row. What a run is given is narrowed from it.
pub(crate) fn everything<'a>(rows: &'a [Row], suites: &'a [Suite]) -> Vec<RowPlan<'a>> {
    let of_row = |row: &'a Row| {
        let mut items = Vec::new();
        for (module, given) in &row.modules {
            let is_asked = |suite: &&Suite| {
                given.faces.contains(&suite.face) && suite.module.as_ref().is_none_or(|only| only == module)
            };
            for suite in suites.iter().filter(is_asked) {
                let is_excepted = |case: &Case| case.flags.iter().any(|flag| given.without_flags.contains(flag));
                let fits = |case: &&Case| {
                    row.does(module, case.op.name()) && has_what_it_takes(given, case) && !is_excepted(case)
                };
                let cases = suite.cases.iter().filter(fits);
                items.extend(cases.map(|case| Item { module, suite, case }));
            }
        }
        items
    };
    let plans =
        rows.iter().map(|row| RowPlan { row, items: of_row(row), sampled_out: BTreeMap::new(), few: BTreeSet::new() });
    plans.collect()
}

/// What the filter leaves of everything, on every row: which hosts run it is chosen later, by [`on_hosts`].
pub(crate) fn narrow<'a>(everything: &[RowPlan<'a>], filter: &Filter) -> Vec<RowPlan<'a>> {
    everything.iter().map(|plan| narrow_row(plan, filter)).collect()
}

/// The rows that are chosen. One for which nothing is planned has no items.
pub(crate) fn on_hosts(plans: &mut Vec<RowPlan<'_>>, hosts: &[String]) {
    plans.retain(|plan| Filter::has(hosts, &plan.row.name));
}

fn narrow_row<'a>(whole: &RowPlan<'a>, filter: &Filter) -> RowPlan<'a> {
    let row = whole.row;
    let is_slow = row.cost == Cost::Slow;
    let mut plan = RowPlan { row, items: Vec::new(), sampled_out: BTreeMap::new(), few: BTreeSet::new() };
    let same_suite =
        |one: &Item<'_>, other: &Item<'_>| one.module == other.module && std::ptr::eq(one.suite, other.suite);
    for items in whole.items.chunk_by(same_suite) {
        let Item { module, suite, .. } = items[0];
        if !Filter::has(&filter.modules, module) {
            continue;
        }
        let is_few = row.modules.get(module).is_some_and(|given| given.is_few);
        let by_sample = filter.share != Share::All && (is_slow || is_few);
        let mut cases: Vec<&Case> = items.iter().map(|item| item.case).collect();
        cases.retain(|case| filter.chooses(&suite.suite, case));
        if by_sample {
            let all = cases.len();
            if is_slow {
                cases.retain(|case| case.flags.iter().all(|flag| flag != LONG));
            }
            let is_short = is_few && (is_slow || filter.share == Share::Sample);
            cases = if is_short { few(&cases) } else { sample(&cases) };
            if cases.len() < all {
                *plan.sampled_out.entry(module).or_default() += all - cases.len();
                plan.few.extend(is_short.then_some(module));
            }
        }
        plan.items.extend(cases.into_iter().map(|case| Item { module, suite, case }));
    }
    plan
}

/// Every case that must not be left out, the [`SAMPLE_PER_SUITE`] others whose hash with the seed is lowest, and of each
/// flag that none of them carries the one with the lowest hash; all in their old order.
fn sample<'a>(cases: &[&'a Case]) -> Vec<&'a Case> {
    let mut others: Vec<&Case> = cases.iter().copied().filter(|case| !is_always_asked(case)).collect();
    others.sort_by_cached_key(|case| digest(case));
    let mut drawn: BTreeSet<&str> = BTreeSet::new();
    let mut flags: BTreeSet<&str> = BTreeSet::new();
    for (at, case) in others.into_iter().enumerate() {
        if at < SAMPLE_PER_SUITE || case.flags.iter().any(|flag| !flags.contains(flag.as_str())) {
            drawn.insert(&case.id);
            flags.extend(case.flags.iter().map(String::as_str));
        }
    }
    let kept = |case: &&&Case| is_always_asked(case) || drawn.contains(case.id.as_str());
    cases.iter().filter(kept).copied().collect()
}

/// The [`FEW_PER_SUITE`] cases whose hash with the seed is lowest, in their old order.
fn few<'a>(cases: &[&'a Case]) -> Vec<&'a Case> {
    let mut drawn: Vec<(usize, &Case)> = cases.iter().copied().enumerate().collect();
    drawn.sort_by_cached_key(|(_, case)| digest(case));
    drawn.truncate(FEW_PER_SUITE);
    drawn.sort_by_key(|(at, _)| *at);
    drawn.into_iter().map(|(_, case)| case).collect()
}

fn digest(case: &Case) -> impl Ord + use<> {
    Sha256::digest(format!("{SAMPLE_SEED} {}", case.id))
}

/// What a host answers by its wrapper's own code, and what takes several steps. That a signature does not verify is an
/// ordinary answer: it takes as long as that it does.
fn is_always_asked(case: &Case) -> bool {
    matches!(case.expect, Expect::Error(_) | Expect::Trap(_))
        || matches!(case.op, Op::Session(_) | Op::KeptView(_) | Op::Wasi(_) | Op::Component(_))
        || case.op.raw_steps().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{self, plan};

    fn everything() -> Filter {
        Filter { share: Share::All, ..Filter::default() }
    }

    fn sampled_out(plan: &RowPlan<'_>) -> usize {
        plan.sampled_out.values().sum()
    }

    fn items(plans: &[RowPlan<'_>]) -> Vec<String> {
        let of = |plan: &RowPlan<'_>| {
            let row = plan.row.name.clone();
            plan.items.iter().map(move |item| format!("{row} {} {}", item.module, item.case.id)).collect::<Vec<_>>()
        };
        plans.iter().flat_map(of).collect()
    }

    #[test]
    fn asks_what_the_row_lists_of_the_suites_whose_face_the_module_has() {
        let rows = [
            fixture::row("a", Cost::Fast, &[("add-raw", &["add", "divide"]), ("signer-raw", &["sign", "public_key"])]),
            fixture::row("b", Cost::Fast, &[("add-bindgen", &["add"]), ("native", &["divide"])]),
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
    fn cases_with_an_excepted_flag_are_left_out() {
        let mut row = fixture::row("a", Cost::Fast, &[("add-raw", &["add"])]);
        row.modules.get_mut("add-raw").unwrap().without_flags = vec![LONG.into()];
        let mut adds = fixture::adds(3);
        adds.cases[1].flags.push(LONG.into());
        assert_eq!(items(&plan(&[row], &[adds], &everything())), ["a add-raw add/0", "a add-raw add/2"]);
    }

    #[test]
    fn filters_narrow_the_plan() {
        let rows = [
            fixture::row("a", Cost::Fast, &[("add-raw", &["add", "divide"]), ("native", &["add"])]),
            fixture::row("b", Cost::Fast, &[("add-raw", &["add"])]),
        ];
        let suites = [fixture::adds(2), fixture::divisions()];
        let count = |filter: Filter| plan(&rows, &suites, &filter).iter().map(|row| row.items.len()).sum::<usize>();
        assert_eq!(count(Filter::default()), 8);
        assert_eq!(count(Filter { hosts: vec!["b".into()], ..Filter::default() }), 2);
        assert_eq!(count(Filter { modules: vec!["native".into()], ..Filter::default() }), 2);
        assert_eq!(count(Filter { suites: vec!["divide".into()], ..Filter::default() }), 2);
        assert_eq!(count(Filter { case: Some(Pattern::new("*/1").unwrap()), ..Filter::default() }), 3);
        assert_eq!(count(Filter { case: Some(Pattern::new("none").unwrap()), ..Filter::default() }), 0);
    }

    #[test]
    fn a_slow_row_is_given_long_cases_only_with_all() {
        let ops: &[(&str, &[&str])] = &[("add-raw", &["add", "divide"])];
        let rows = [fixture::row("slow", Cost::Slow, ops), fixture::row("fast", Cost::Fast, ops)];
        let mut suites = [fixture::adds(3), fixture::divisions()];
        for at in [0, 2] {
            suites[0].cases[at].flags.push(LONG.into());
        }
        suites[1].cases[1].flags.push(LONG.into());
        let given = |share| {
            let filter = Filter { share, ..Filter::default() };
            let plans = plan(&rows, &suites, &filter);
            plans.iter().map(|plan| (plan.items.len(), sampled_out(plan))).collect::<Vec<_>>()
        };
        assert_eq!(given(Share::Sample), [(2, 3), (5, 0)]);
        assert_eq!(given(Share::AllFast), [(2, 3), (5, 0)]);
        assert_eq!(given(Share::All), [(5, 0), (5, 0)]);
    }

    #[test]
    fn a_sample_has_every_flag() {
        let rows = [fixture::row("slow", Cost::Slow, &[("add-raw", &["add"])])];
        let mut adds = fixture::adds(200);
        let whole = [adds.clone()];
        let left_out = |plan: &RowPlan<'_>, id: &str| plan.items.iter().all(|item| item.case.id != id);
        let without_flags = plan(&rows, &whole, &Filter::default());
        let mut unlucky = adds.cases.iter_mut().filter(|case| left_out(&without_flags[0], &case.id));
        for flag in ["Odd", "Even"] {
            unlucky.next().unwrap().flags.push(flag.into());
        }
        let suites = [adds];
        let asked = plan(&rows, &suites, &Filter::default());
        assert_eq!(asked[0].items.len(), SAMPLE_PER_SUITE + 2);
        let carried: BTreeSet<&String> = asked[0].items.iter().flat_map(|item| &item.case.flags).collect();
        assert_eq!(carried.len(), 2);
    }

    #[test]
    fn some_modules_are_asked_a_few_cases_on_every_row() {
        let rows = [fixture::row("fast", Cost::Fast, &[("signer-raw", &["sign"]), ("signer-small", &["sign"])])];
        let mut suite = fixture::adds(0);
        suite.face = vectors::model::Face::Signer;
        suite.cases = (0..100)
            .map(|n| {
                let input = serde_json::json!({"keypair": "", "message": ""});
                let case = serde_json::json!({"id": format!("sign/{n}"), "op": "sign", "in": input, "expect": {"ok": {"signature": ""}}});
                serde_json::from_value(case).unwrap()
            })
            .collect();
        let suites = [suite];
        let asked = |filter: &Filter| {
            let plans = plan(&rows, &suites, filter);
            let of = |module: &str| plans[0].items.iter().filter(|item| item.module == module).count();
            (of("signer-raw"), of("signer-small"), sampled_out(&plans[0]))
        };
        assert_eq!(asked(&Filter::default()), (100, FEW_PER_SUITE, 100 - FEW_PER_SUITE));
        let of_fast = Filter { share: Share::AllFast, ..Filter::default() };
        assert_eq!(asked(&of_fast), (100, SAMPLE_PER_SUITE, 100 - SAMPLE_PER_SUITE));
        assert_eq!(asked(&everything()), (100, 100, 0));
    }

    #[test]
    fn an_order_is_drawn_for_each_row_and_can_be_drawn_again() {
        let ops: &[(&str, &[&str])] = &[("add-raw", &["add", "divide"])];
        let rows = [fixture::row("a", Cost::Fast, ops), fixture::row("b", Cost::Fast, ops)];
        let suites = [fixture::adds(20), fixture::divisions()];
        let plans = plan(&rows, &suites, &Filter::default());
        let own: Vec<usize> = (0..22).collect();
        assert_eq!(plans[0].order(None), own);
        let drawn = plans[0].order(Some(Seed(1)));
        assert_eq!(drawn, plans[0].order(Some(Seed(1))));
        assert_ne!(drawn, plans[1].order(Some(Seed(1))));
        assert_ne!(drawn, plans[0].order(Some(Seed(2))));
        let mut sorted = drawn.clone();
        sorted.sort_unstable();
        assert!(drawn != own && sorted == own, "{drawn:?}");
        assert_eq!("7".parse(), Ok(Seed(7)));
        assert_ne!("random".parse::<Seed>(), "random".parse::<Seed>());
        assert!("-1".parse::<Seed>().is_err() && "".parse::<Seed>().is_err());
    }

    #[test]
    fn shards_together_are_the_whole() {
        let rows = [
            fixture::row("a", Cost::Fast, &[("add-raw", &["add"])]),
            fixture::row("b", Cost::Fast, &[("add-raw", &["add"])]),
        ];
        let suites = [fixture::adds(5)];
        let whole = items(&plan(&rows, &suites, &Filter::default()));
        for of in 1..=12 {
            let mut joined = Vec::new();
            for number in 1..=of {
                let mut plans = plan(&rows, &suites, &Filter::default());
                format!("{number}/{of}").parse::<Shard>().unwrap().keep(&mut plans);
                joined.extend(items(&plans));
            }
            assert_eq!(joined, whole, "in {of} shards");
        }
        let shard: Shard = serde_json::from_str("\"2/5\"").unwrap();
        assert_eq!(serde_json::to_string(&shard).unwrap(), "\"2/5\"");
        for wrong in ["0/2", "3/2", "1", "1/0", "-1/2", "a/b", ""] {
            assert!(wrong.parse::<Shard>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_slow_row_is_asked_every_failure_and_a_sample_that_does_not_change() {
        let rows = [fixture::row("slow", Cost::Slow, &[("add-raw", &["add", "divide"])])];
        let suites = [fixture::adds(100), fixture::divisions()];
        let first = plan(&rows, &suites, &Filter::default());
        let second = plan(&rows, &suites, &Filter::default());
        assert_eq!(items(&first), items(&second));
        assert_eq!(first[0].items.len(), SAMPLE_PER_SUITE + 2);
        assert_eq!(sampled_out(&first[0]), 100 - SAMPLE_PER_SUITE);
        assert!(items(&first).contains(&"slow add-raw divide/by-zero".to_string()));
        let all = plan(&rows, &suites, &everything());
        assert_eq!((all[0].items.len(), sampled_out(&all[0])), (102, 0));
    }
}

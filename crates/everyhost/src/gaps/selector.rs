//! The fewest words that name exactly the cases that fail: a flag, a glob, or the ids themselves.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use vectors::Case;

use super::{Cases, matches};
use crate::answer::Given;
use crate::pattern::Pattern;

#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub(super) module: &'a str,
    pub(super) case: &'a Case,
}

impl<'a> Place<'a> {
    pub(super) fn key(&self) -> (&'a str, &'a str) {
        (self.module, &self.case.id)
    }
}

#[derive(Debug, Clone)]
pub(super) struct Selector {
    pub(super) module: Option<String>,
    pub(super) op: Option<String>,
    pub(super) cases: Cases,
    pub(super) matches: usize,
    /// How many of them fail so in this run; the others did not run.
    pub(super) ran: usize,
}

/// With more cases than this, only flags and globs are tried.
const MOST_IDS: usize = 64;

/// More entries than this for one wrong answer are no record.
const MOST_SELECTORS: usize = 20;

/// Selectors that together match the failing places, and nothing that ran and did not fail so; and how many
/// failing places they leave.
pub(super) fn choose<'a>(
    places: &[Place<'a>],
    failing: &BTreeSet<(&str, &str)>,
    answer: &Given,
    has_run: &dyn Fn(&Place<'a>) -> bool,
    is_own: bool,
) -> (Vec<Selector>, usize) {
    let ops: BTreeSet<&str> =
        places.iter().filter(|place| failing.contains(&place.key())).map(|place| place.case.op.name()).collect();
    let op = match ops.len() {
        1 => ops.first().map(ToString::to_string),
        _ => None,
    };
    // What an entry can be about at all, however its cases are named.
    let possible: Vec<&Place<'a>> = places
        .iter()
        .filter(|place| op.as_deref().is_none_or(|op| op == place.case.op.name()))
        .filter(|place| answer.is_wrong(&place.case.expect))
        .collect();
    let fails = |place: &&Place<'a>| failing.contains(&place.key());
    let count = |places: &[&Place<'a>]| matches(is_own, places.iter().map(|place| place.case));
    // How many failing places that are left an entry covers; none if it matches one that ran and did not fail so.
    let measure = |left: &BTreeSet<(&str, &str)>, module: Option<String>, cases: Cases| {
        let fit = possible.iter().copied().filter(|place| fits(place, module.as_deref(), &cases));
        let (ran, others): (Vec<&Place<'a>>, Vec<&Place<'a>>) = fit.partition(fails);
        if others.iter().any(|place| has_run(place)) {
            return None;
        }
        let covered = ran.iter().filter(|place| left.contains(&place.key())).count();
        let ran_so = count(&ran);
        let selector = Selector { module, op: op.clone(), cases, matches: count(&[ran, others].concat()), ran: ran_so };
        (covered > 0).then_some((covered, selector))
    };
    let mut left = failing.clone();
    let mut chosen = Vec::new();
    while !left.is_empty() && chosen.len() < MOST_SELECTORS {
        let Some(best) = candidates(&possible, &left)
            .into_iter()
            .filter_map(|(module, cases)| measure(&left, module, cases))
            .max_by_key(|(covered, selector)| (*covered, rank(selector)))
        else {
            break;
        };
        let selector = best.1;
        left.retain(|(module, id)| {
            let place = possible.iter().find(|place| place.key() == (*module, *id));
            !place.is_some_and(|place| fits(place, selector.module.as_deref(), &selector.cases))
        });
        chosen.push(selector);
    }
    (chosen, left.len())
}

/// Flags and globs of what is left, with every module and with each.
fn candidates(possible: &[&Place<'_>], left: &BTreeSet<(&str, &str)>) -> Vec<(Option<String>, Cases)> {
    let mut names: BTreeMap<String, Cases> = BTreeMap::new();
    let mut modules = BTreeSet::new();
    for place in possible.iter().filter(|place| left.contains(&place.key())) {
        modules.insert(place.module);
        for flag in &place.case.flags {
            names.insert(format!("flag {flag}"), Cases::Flag(flag.clone()));
        }
        let id = &place.case.id;
        let ends = id.match_indices('/').map(|(at, _)| format!("{}*", &id[..=at]));
        let whole = (left.len() <= MOST_IDS).then(|| id.clone());
        for glob in ends.chain(whole).chain(["*".into()]) {
            if let Ok(pattern) = Pattern::new(&glob) {
                names.insert(format!("id {glob}"), Cases::Id(pattern));
            }
        }
    }
    let modules: Vec<Option<String>> =
        std::iter::once(None).chain(modules.into_iter().map(|module| Some(module.to_string()))).collect();
    names.values().flat_map(|cases| modules.iter().map(move |module| (module.clone(), cases.clone()))).collect()
}

fn fits(place: &Place<'_>, module: Option<&str>, cases: &Cases) -> bool {
    module.is_none_or(|only| only == place.module)
        && match cases {
            Cases::Id(pattern) => pattern.matches(&place.case.id),
            Cases::Flag(flag) => place.case.flags.contains(flag),
        }
}

/// Of selectors that cover as much: fewer cases that were not ran, a flag (it says why), no module, the longest glob.
fn rank(selector: &Selector) -> (Reverse<usize>, bool, bool, usize) {
    let (is_flag, len) = match &selector.cases {
        Cases::Flag(flag) => (true, flag.len()),
        Cases::Id(pattern) => (false, pattern.text().len()),
    };
    (Reverse(selector.matches - selector.ran), is_flag, selector.module.is_none(), len)
}

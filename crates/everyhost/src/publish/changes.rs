//! What changed since the report before: hosts, modules, vectors and answers.

use std::collections::{BTreeMap, BTreeSet};

use super::seen::{Seen, Wrong};
use crate::text::{count, names, thousands};
use crate::verdict::Verdict;

/// How many hexadecimal digits of a hash are shown.
pub(super) const SHORT: usize = 8;

const MOST_NAMES: usize = 40;

/// One change per report, in the order of the history. The first is empty.
#[derive(Debug)]
pub(super) struct Changes(pub(super) Vec<Change>);

#[derive(Debug, Default)]
pub(super) struct Change {
    /// Hosts, modules, vectors and the tool, one sentence each.
    pub(super) of_what_ran: Vec<String>,
    pub(super) answers: Vec<Changed>,
}

/// Cases whose answer changed in the same way on one row, whatever the module.
#[derive(Debug)]
pub(super) struct Changed {
    pub(super) row: String,
    pub(super) modules: BTreeSet<String>,
    /// `right`, or a verdict with the answer.
    pub(super) before: String,
    pub(super) now: String,
    /// Whether the new answer is red.
    pub(super) is_red: bool,
    /// Each with its suite.
    pub(super) cases: BTreeSet<(String, String)>,
}

const RIGHT: &str = "right";

impl Changes {
    pub(super) fn of(history: &[Seen]) -> Self {
        let pairs = history.windows(2).map(|pair| Change {
            of_what_ran: of_what_ran(&pair[0], &pair[1]),
            answers: of_answers(&pair[0], &pair[1]),
        });
        Self(std::iter::once(Change::default()).take(history.len()).chain(pairs).collect())
    }
}

fn of_what_ran(before: &Seen, now: &Seen) -> Vec<String> {
    let (old, new) = (&before.report, &now.report);
    let mut said = Vec::new();
    if old.planned != new.planned {
        said.push(format!("{} planned answers before, {} now", thousands(old.planned), thousands(new.planned)));
    }
    let is_new = |name: &&str| !old.planned_rows().any(|row| row.name == *name);
    say_names(&mut said, "new hosts", now.rows().filter(is_new).collect());
    let is_gone = |name: &&str| !new.planned_rows().any(|row| row.name == *name);
    say_names(&mut said, "hosts that did not run", before.rows().filter(is_gone).collect());
    for row in new.planned_rows() {
        let known = old.planned_rows().find(|known| known.name == row.name);
        match (known.map(|known| &known.host), &row.host) {
            (Some(Some(one)), Some(other)) if one != other => said.push(format!("{}: {one} → {other}", row.name)),
            (Some(Some(_)), None) => said.push(format!("{} is no longer installed", row.name)),
            (Some(None), Some(other)) => said.push(format!("{} is now installed: {other}", row.name)),
            _ => {}
        }
    }
    let added = new.modules.iter().filter(|module| before.build(&module.name).is_none());
    say_names(&mut said, "new modules", added.map(|module| module.name.as_str()).collect());
    let gone = old.modules.iter().filter(|module| now.build(&module.name).is_none());
    say_names(&mut said, "modules that did not run", gone.map(|module| module.name.as_str()).collect());
    for module in &new.modules {
        if let Some(sha256) = before.build(&module.name).filter(|sha256| *sha256 != module.sha256) {
            said.push(format!(
                "the module {}: {} → {}, {} bytes",
                module.name,
                &sha256[..SHORT],
                &module.sha256[..SHORT],
                thousands(module.bytes)
            ));
        }
    }
    if old.plan.vectors != new.plan.vectors {
        said.push(format!("other vectors: {} before, {} now", count(cases(before), "case"), count(cases(now), "case")));
    }
    if old.tool != new.tool {
        said.push(format!("{} → {}", old.tool, new.tool));
    }
    said
}

fn say_names(said: &mut Vec<String>, what: &str, all: Vec<&str>) {
    if !all.is_empty() {
        said.push(format!("{what}: {}", names(&all, MOST_NAMES)));
    }
}

fn cases(seen: &Seen) -> usize {
    seen.cases.values().map(|planned| planned.tallies.len()).sum()
}

type Who<'a> = (&'a str, &'a str, &'a str, &'a str);

fn who(wrong: &Wrong) -> Who<'_> {
    (&wrong.row, &wrong.module, &wrong.suite, &wrong.case)
}

/// Compares the cases that both reports have an answer to.
fn of_answers(before: &Seen, now: &Seen) -> Vec<Changed> {
    let old: BTreeMap<Who<'_>, &Wrong> = before.wrong.iter().map(|wrong| (who(wrong), wrong)).collect();
    let new: BTreeMap<Who<'_>, &Wrong> = now.wrong.iter().map(|wrong| (who(wrong), wrong)).collect();
    let is_right = |seen: &Seen, (row, module, suite, case): Who<'_>| seen.is_right(row, module, suite, case);
    let mut changed: Vec<Changed> = Vec::new();
    let mut places: BTreeMap<(String, String, String), usize> = BTreeMap::new();
    let mut note = |(row, module, suite, case): Who<'_>, was: String, is: String, is_red: bool| {
        let key = (row.to_owned(), was, is);
        let place = *places.entry(key.clone()).or_insert_with(|| {
            let (row, before, now) = key;
            changed.push(Changed { row, modules: BTreeSet::new(), before, now, is_red, cases: BTreeSet::new() });
            changed.len() - 1
        });
        changed[place].modules.insert(module.to_owned());
        changed[place].cases.insert((suite.to_owned(), case.to_owned()));
    };
    for (key, wrong) in &new {
        let is = shown(wrong);
        match old.get(key).map(|old| shown(old)) {
            Some(was) if was != is => note(*key, was, is, is_red(wrong)),
            None if is_right(before, *key) => note(*key, RIGHT.into(), is, is_red(wrong)),
            _ => {}
        }
    }
    for (key, wrong) in old.iter().filter(|(key, _)| is_right(now, **key)) {
        note(*key, shown(wrong), RIGHT.into(), false);
    }
    // Put what got worse first.
    changed.sort_by_key(|changed| !changed.is_red);
    changed
}

fn is_red(wrong: &Wrong) -> bool {
    wrong.verdict != Verdict::KnownGap
}

fn shown(wrong: &Wrong) -> String {
    match &wrong.answer {
        answer if answer.is_empty() => wrong.verdict.name().into(),
        answer => format!("{} {answer}", wrong.verdict.name()),
    }
}

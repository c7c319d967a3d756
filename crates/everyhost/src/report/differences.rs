//! Cases that hosts answer differently, for people: those that split the hosts in the same way are shown together.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::difference::word;
use super::json::{Differing, GivenBy};
use crate::text::{count, names, shorten, thousands};

pub(crate) const MOST_GROUPS: usize = 60;

const MOST_IDS: usize = 40;

const MOST_CHARS: usize = 160;

/// How many hosts a heading names for one answer.
const MOST_NAMES: usize = 6;

/// Groups of cases, the largest first. Each has its answers with the hosts that gave them, the most common answer first.
/// `href` is where a case is shown.
pub(crate) fn grouped(differences: &[Differing], href: impl Fn(&str) -> String) -> Vec<Value> {
    let mut groups: BTreeMap<String, Vec<&Differing>> = BTreeMap::new();
    for difference in differences {
        groups.entry(key(difference)).or_default().push(difference);
    }
    let mut groups: Vec<Vec<&Differing>> = groups.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    groups.iter().map(|group| shown(group, &href)).collect()
}

/// Equal for cases with the same answers by the same hosts.
fn key(difference: &Differing) -> String {
    let mut answers: Vec<String> =
        difference.answers.iter().map(|given| format!("{} {}", given.answer.json(), given.by.join(","))).collect();
    answers.sort();
    answers.join("; ")
}

fn shown(group: &[&Differing], href: impl Fn(&str) -> String) -> Value {
    let mut answers: Vec<&GivenBy> = group[0].answers.iter().collect();
    answers.sort_by_key(|given| std::cmp::Reverse(given.by.len()));
    let who = answers[1..].iter().map(|given| {
        let rows: Vec<&str> = by_row(&given.by).into_iter().map(|(row, _)| row).collect();
        let word = word(&answers[0].answer, &given.answer);
        format!("{}: {word}", names(&rows, MOST_NAMES))
    });
    let who: Vec<String> = who.collect();
    let answers = answers.iter().map(|given| {
        let by = by_row(&given.by);
        let by: Vec<String> = by.iter().map(|(row, modules)| format!("{row} ({})", modules.join(", "))).collect();
        json!({"answer": shorten(&given.answer.json(), MOST_CHARS), "by": by.join(", ")})
    });
    let answers: Vec<Value> = answers.collect();
    let cases =
        group.iter().take(MOST_IDS).map(|difference| json!({"id": difference.case, "href": href(&difference.case)}));
    let title = match group.len() {
        1 => group[0].case.clone(),
        count => format!("{} cases, such as {}", thousands(count), group[0].case),
    };
    json!({
        "title": title,
        "who": who.join("; "),
        "answers": answers,
        "cases": cases.collect::<Vec<_>>(),
        "more": group.len().saturating_sub(MOST_IDS),
    })
}

/// `node a, node b, python a` by row: node with a and b, python with a.
fn by_row(by: &[String]) -> Vec<(&str, Vec<&str>)> {
    let mut rows: Vec<(&str, Vec<&str>)> = Vec::new();
    for who in by {
        let (row, module) = who.split_once(' ').unwrap_or((who, ""));
        match rows.iter_mut().find(|(known, _)| *known == row) {
            Some((_, modules)) => modules.push(module),
            None => rows.push((row, vec![module])),
        }
    }
    rows
}

/// How many cases, in how many ways.
pub(crate) fn sentence(cases: usize, groups: usize) -> String {
    let mut sentence = match cases {
        1 => "One case has different answers.".to_string(),
        _ => format!(
            "{} have different answers. Those that divide the hosts in the same way are one line, with the hosts in the minority.",
            count(cases, "case")
        ),
    };
    if groups > MOST_GROUPS {
        sentence += &format!(" Here are {MOST_GROUPS} of {} groups; report.json has every case.", thousands(groups));
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::answer::Given;

    fn differing(case: &str, who: &str) -> Differing {
        let given = |value: i32, by: &[&str]| GivenBy {
            answer: Given::from(json!({"ok": {"value": value}})),
            by: by.iter().map(ToString::to_string).collect(),
        };
        Differing { case: case.into(), answers: vec![given(1, &[who]), given(2, &["node a", "node b", "python a"])] }
    }

    #[test]
    fn cases_that_divide_the_hosts_alike_are_shown_together() {
        let groups =
            grouped(&[differing("x/1", "go a"), differing("y/1", "jdk a"), differing("y/2", "jdk a")], |case| {
                format!("#case={case}")
            });
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0]["title"], "2 cases, such as y/1");
        assert_eq!(groups[0]["who"], "jdk: 1");
        assert_eq!(groups[0]["cases"], json!([{"id": "y/1", "href": "#case=y/1"}, {"id": "y/2", "href": "#case=y/2"}]));
        assert_eq!(groups[0]["answers"][0]["by"], "node (a, b), python (a)");
        assert_eq!(groups[0]["answers"][1]["by"], "jdk (a)");
        assert_eq!(groups[1]["title"], "x/1");
        assert!(sentence(3, 2).starts_with("3 cases have"));
    }
}

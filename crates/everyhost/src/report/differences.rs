//! Where hosts differ, for people: cases that split the hosts in the same way stand together.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::json::{Differing, GivenBy};
use super::{shorten, thousands};

/// How many groups of cases the page shows.
pub(super) const MOST_GROUPS: usize = 60;

/// How many ids of a group it shows.
const MOST_IDS: usize = 40;

/// How much of an answer it shows.
const MOST_CHARS: usize = 160;

/// Groups of cases, the largest first. Each has its answers with the hosts that gave them, the most common answer first.
pub(super) fn grouped(differences: &[Differing]) -> Vec<Value> {
    let mut groups: BTreeMap<String, Vec<&Differing>> = BTreeMap::new();
    for difference in differences {
        groups.entry(key(difference)).or_default().push(difference);
    }
    let mut groups: Vec<Vec<&Differing>> = groups.into_values().collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    groups.iter().map(|group| shown(group)).collect()
}

/// Equal for cases with the same answers by the same hosts.
fn key(difference: &Differing) -> String {
    let mut answers: Vec<String> = difference
        .answers
        .iter()
        .map(|given| format!("{} {}", given.answer, given.by.join(",")))
        .collect();
    answers.sort();
    answers.join("; ")
}

fn shown(group: &[&Differing]) -> Value {
    let mut answers: Vec<&GivenBy> = group[0].answers.iter().collect();
    answers.sort_by_key(|given| std::cmp::Reverse(given.by.len()));
    let answers: Vec<Value> = answers
        .iter()
        .map(|given| json!({"answer": shorten::shorten(&given.answer, MOST_CHARS), "by": by_row(&given.by)}))
        .collect();
    let ids: Vec<&str> = group
        .iter()
        .take(MOST_IDS)
        .map(|difference| difference.case.as_str())
        .collect();
    let title = match group.len() {
        1 => group[0].case.clone(),
        count => format!("{} cases, such as {}", thousands(count), group[0].case),
    };
    json!({
        "title": title,
        "kinds": answers.len(),
        "answers": answers,
        "ids": if group.len() > 1 { ids } else { Vec::new() },
        "more": thousands(group.len().saturating_sub(MOST_IDS)),
        "has_more": group.len() > MOST_IDS,
    })
}

/// `node a, node b, python a` as `node (a, b), python (a)`.
fn by_row(by: &[String]) -> String {
    let mut rows: Vec<(&str, Vec<&str>)> = Vec::new();
    for who in by {
        let (row, module) = who.split_once(' ').unwrap_or((who, ""));
        match rows.iter_mut().find(|(known, _)| *known == row) {
            Some((_, modules)) => modules.push(module),
            None => rows.push((row, vec![module])),
        }
    }
    let rows: Vec<String> = rows
        .iter()
        .map(|(row, modules)| format!("{row} ({})", modules.join(", ")))
        .collect();
    rows.join(", ")
}

/// How many cases, in how many ways.
pub(super) fn sentence(cases: usize, groups: usize) -> String {
    let mut sentence = match cases {
        1 => "One case was not answered alike by all who were asked it.".to_string(),
        _ => format!(
            "{} cases were not answered alike by all who were asked them. Those that divide the hosts in the same way stand together.",
            thousands(cases)
        ),
    };
    if groups > MOST_GROUPS {
        sentence += &format!(
            " Here are {MOST_GROUPS} of {} groups; report.json has every case.",
            thousands(groups)
        );
    }
    sentence
}

#[cfg(test)]
mod tests {
    use super::*;

    fn differing(case: &str, who: &str) -> Differing {
        let given = |value: i32, by: &[&str]| GivenBy {
            answer: json!({"ok": {"value": value}}),
            by: by.iter().map(ToString::to_string).collect(),
        };
        Differing {
            case: case.into(),
            answers: vec![given(1, &[who]), given(2, &["node a", "node b", "python a"])],
        }
    }

    #[test]
    fn cases_that_divide_the_hosts_alike_stand_together() {
        let groups = grouped(&[
            differing("x/1", "go a"),
            differing("y/1", "jdk a"),
            differing("y/2", "jdk a"),
        ]);
        assert_eq!(groups.len(), 2);
        assert_eq!(groups[0]["title"], "2 cases, such as y/1");
        assert_eq!(groups[0]["ids"], json!(["y/1", "y/2"]));
        assert_eq!(groups[0]["answers"][0]["by"], "node (a, b), python (a)");
        assert_eq!(groups[0]["answers"][1]["by"], "jdk (a)");
        assert_eq!(groups[1]["title"], "x/1");
        assert!(sentence(3, 2).starts_with("3 cases were"));
    }
}

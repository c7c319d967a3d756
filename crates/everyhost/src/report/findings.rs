//! What is red, for people: what is the same thing on many cases or many hosts is shown once, with a count.

use std::collections::BTreeMap;

use serde_json::Value;
use vectors::answer::Answer;

use super::json::{Report, Result as CaseResult};
use crate::answer::Given;
use crate::text::{self, shorten, thousands};
use crate::verdict::Verdict;

const MOST_NAMES: usize = 16;

#[derive(Debug)]
pub(super) struct Finding<'a> {
    pub(super) verdict: Verdict,
    pub(super) first: &'a CaseResult,
    pub(super) answers: usize,
    pub(super) cases: Vec<&'a str>,
    pub(super) rows: Vec<&'a str>,
    pub(super) modules: Vec<&'a str>,
    /// The rows that gave the expected answer to the first case; of one that gave both answers, with which module.
    right: Vec<String>,
    /// How many hosts gave this answer, if all did that answered, and there are several.
    pub(super) unanimous: Option<usize>,
}

/// Wrong answers of a case are the same if the answer is; everything else is, if the reason is. So is what has no instance:
/// then no case runs.
type Key<'a> = (Verdict, &'a str, Option<(&'a str, String)>);

/// All of them: first those where the hosts agree against a vector, then in the order of the results.
pub(super) fn findings(report: &Report) -> Vec<Finding<'_>> {
    let mut numbers: BTreeMap<Key<'_>, usize> = BTreeMap::new();
    let mut found: Vec<Finding<'_>> = Vec::new();
    // A row that is not installed is shown elsewhere, in one line.
    let is_red = |verdict: &Verdict| verdict.is_red(false);
    for result in &report.results {
        let Some(verdict) = result.verdict.filter(is_red) else {
            continue;
        };
        let answer = (verdict == Verdict::Fail).then(|| match no_instance(result) {
            Some(why) => ("", why.to_owned()),
            None => (result.case.as_str(), plain(result).to_string()),
        });
        let number = *numbers.entry((verdict, &result.detail, answer)).or_insert_with(|| {
            found.push(Finding {
                verdict,
                first: result,
                answers: 0,
                cases: Vec::new(),
                rows: Vec::new(),
                modules: Vec::new(),
                right: Vec::new(),
                unanimous: None,
            });
            found.len() - 1
        });
        let finding = &mut found[number];
        finding.answers += 1;
        note(&mut finding.cases, &result.case);
        note(&mut finding.rows, &result.row);
        note(&mut finding.modules, &result.module);
    }
    if found.is_empty() {
        return found;
    }
    let answered = answered(report);
    for finding in &mut found {
        let Some(of_first) = answered.get(finding.first.case.as_str()) else {
            continue;
        };
        for result in of_first.iter().filter(|result| passed(result)) {
            let both = finding.rows.contains(&result.row.as_str());
            let row = if both { format!("{} with {}", result.row, result.module) } else { result.row.clone() };
            if !finding.right.contains(&row) {
                finding.right.push(row);
            }
        }
        let all: usize = finding.cases.iter().filter_map(|case| answered.get(case)).map(Vec::len).sum();
        let is_unanimous = finding.verdict == Verdict::Fail && all > 1 && finding.answers == all;
        finding.unanimous = (is_unanimous && finding.rows.len() > 1).then_some(finding.rows.len());
    }
    found.sort_by_key(|finding| finding.unanimous.is_none());
    found
}

/// The results that are an answer, by their case.
fn answered(report: &Report) -> BTreeMap<&str, Vec<&CaseResult>> {
    let mut answered: BTreeMap<&str, Vec<&CaseResult>> = BTreeMap::new();
    for result in &report.results {
        if passed(result) || actual(result).is_some_and(|given| *given != Given::Refused) {
            answered.entry(&result.case).or_default().push(result);
        }
    }
    answered
}

fn passed(result: &CaseResult) -> bool {
    matches!(result.verdict, Some(Verdict::Pass | Verdict::UnexpectedPass))
}

fn actual(result: &CaseResult) -> Option<&Given> {
    result.wrong.as_ref()?.actual.as_ref()
}

/// The answer without the host's own words; null if there is none.
fn plain(result: &CaseResult) -> Value {
    let actual = actual(result).cloned().map(Given::without_details);
    actual.map_or(Value::Null, Value::from)
}

/// Why there is no instance, if that is the answer.
fn no_instance(result: &CaseResult) -> Option<&str> {
    match actual(result)? {
        Given::Answer(Answer::Error { error, detail }) if error == "NO_INSTANCE" => {
            Some(detail.as_deref().unwrap_or("it does not say why"))
        }
        _ => None,
    }
}

/// In the order in which they come, and each once. What comes again mostly is what came last.
pub(super) fn note<'a>(known: &mut Vec<&'a str>, new: &'a str) {
    if known.last() != Some(&new) && !known.contains(&new) {
        known.push(new);
    }
}

impl Finding<'_> {
    /// `node`, or `9 hosts (node, deno, …)`.
    pub(super) fn hosts(&self) -> String {
        names("hosts", &self.rows)
    }

    /// `signer-raw`, or `3 modules (…)`.
    pub(super) fn modules(&self) -> String {
        names("modules", &self.modules)
    }

    /// The id, or how many there are.
    pub(super) fn what(&self) -> String {
        match &self.cases[..] {
            [one] => (*one).into(),
            cases => format!("{} cases, such as {}", thousands(cases.len()), cases[0]),
        }
    }

    /// The hosts that answered as expected, if others failed the same case.
    pub(super) fn right_on(&self) -> Option<String> {
        let is_one = self.verdict == Verdict::Fail && self.cases.len() == 1;
        let right: Vec<&str> = self.right.iter().map(String::as_str).collect();
        (is_one && !right.is_empty()).then(|| text::names(&right, MOST_NAMES))
    }

    /// In the words of the first host.
    pub(super) fn why_no_instance(&self) -> Option<&str> {
        no_instance(self.first)
    }

    pub(super) fn doubt(&self) -> Option<String> {
        let hosts = self.unanimous?;
        let answer = shorten(&plain(self.first), 64);
        Some(format!("all {hosts} hosts answered {answer}; is the vector right?"))
    }
}

fn names(what: &str, names: &[&str]) -> String {
    match names {
        [one] => (*one).into(),
        _ => format!("{} {what} ({})", names.len(), text::names(names, MOST_NAMES)),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn result(row: &str, case: &str, verdict: &str, detail: &str, actual: Value) -> CaseResult {
        serde_json::from_value(json!({
            "row": row, "module": "m", "suite": "s", "case": case, "verdict": verdict, "micros": 1, "detail": detail,
            "op": "raw", "input": {}, "expected": {"ok": {"value": 1}}, "actual": actual, "flags": [], "comment": "", "again": "",
        }))
        .unwrap()
    }

    fn report(results: Vec<CaseResult>) -> Report {
        Report { results, ..Report::default() }.counted()
    }

    #[test]
    fn what_is_the_same_is_one_finding() {
        let wrong = || json!({"ok": {"value": 2}});
        let refused = || json!({"refused": true});
        let report = report(vec![
            result("a", "s/1", "fail", "", wrong()),
            result("a", "s/2", "fail", "", wrong()),
            result("b", "s/1", "fail", "", wrong()),
            result("b", "s/2", "pass", "", Value::Null),
            result("c", "s/1", "missing", "no SIMD", refused()),
            result("c", "s/2", "missing", "no SIMD", refused()),
        ]);
        let found = findings(&report);
        let told: Vec<(String, String, usize)> =
            found.iter().map(|finding| (finding.hosts(), finding.what(), finding.answers)).collect();
        assert_eq!(
            told,
            [
                ("2 hosts (a, b)".into(), "s/1".into(), 2),
                ("a".into(), "s/2".into(), 1),
                ("c".into(), "2 cases, such as s/1".into(), 2),
            ]
        );
        // A host that cannot load the module has not answered; one that passed has.
        assert_eq!(found[0].doubt().unwrap(), r#"all 2 hosts answered {"ok":{"value":2}}; is the vector right?"#);
        assert_eq!((found[1].doubt(), found[1].right_on()), (None, Some("b".into())));
    }

    #[test]
    fn without_an_instance_all_cases_are_one_finding() {
        let none = |why: &str| json!({"error": "NO_INSTANCE", "detail": why});
        let report = report(vec![
            result("a", "s/1", "fail", "", none("no shared memory")),
            result("a", "s/2", "fail", "", none("no shared memory")),
            result("b", "s/1", "fail", "", none("no shared memory")),
            result("b", "s/2", "fail", "", none("out of memory")),
            result("c", "s/1", "pass", "", Value::Null),
            result("c", "s/2", "pass", "", Value::Null),
        ]);
        let found = findings(&report);
        let told: Vec<_> =
            found.iter().map(|finding| (finding.what(), finding.hosts(), finding.why_no_instance().unwrap())).collect();
        assert_eq!(
            told,
            [
                ("2 cases, such as s/1".into(), "2 hosts (a, b)".into(), "no shared memory"),
                ("s/2".into(), "b".into(), "out of memory"),
            ]
        );
        assert!(found.iter().all(|finding| finding.doubt().is_none()));
    }
}

//! What is red, for people: what is the same thing on many cases or many hosts is told once, with a count.

use std::collections::BTreeMap;

use serde_json::Value;

use super::json::{Report, Result as CaseResult};
use super::thousands;
use crate::gaps;
use crate::run::without_details;
use crate::verdict::Verdict;

/// How many hosts are named.
const MOST_NAMES: usize = 16;

/// One thing that is wrong.
#[derive(Debug)]
pub(super) struct Finding<'a> {
    pub(super) verdict: Verdict,
    /// The first answer that shows it.
    pub(super) first: &'a CaseResult,
    /// How many answers show it.
    pub(super) answers: usize,
    pub(super) cases: Vec<&'a str>,
    pub(super) rows: Vec<&'a str>,
    pub(super) modules: Vec<&'a str>,
    /// How many hosts gave this answer, if all did that answered, and there are several.
    pub(super) unanimous: Option<usize>,
}

/// Wrong answers of a case are the same if the answer is; everything else is, if the reason is.
type Key<'a> = (Verdict, &'a str, Option<(&'a str, String)>);

/// All of them: first those where the hosts agree against a vector, then in the order of the results.
pub(super) fn findings(report: &Report) -> Vec<Finding<'_>> {
    let mut numbers: BTreeMap<Key<'_>, usize> = BTreeMap::new();
    let mut found: Vec<Finding<'_>> = Vec::new();
    // A row that is not here is told elsewhere, in one line.
    let is_red = |verdict: &Verdict| verdict.is_red(false);
    for result in &report.results {
        let Some(verdict) = result.verdict.filter(is_red) else {
            continue;
        };
        let answer = (verdict == Verdict::Fail).then(|| (result.case.as_str(), answer(result).to_string()));
        let number = *numbers
            .entry((verdict, &result.detail, answer))
            .or_insert_with(|| {
                found.push(Finding {
                    verdict,
                    first: result,
                    answers: 0,
                    cases: Vec::new(),
                    rows: Vec::new(),
                    modules: Vec::new(),
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
    let answered = who_answered(report);
    for finding in &mut found {
        let all = answered.get(finding.first.case.as_str()).map_or(0, Vec::len);
        let is_unanimous = finding.verdict == Verdict::Fail && all > 1 && finding.answers == all;
        finding.unanimous = (is_unanimous && finding.rows.len() > 1).then_some(finding.rows.len());
    }
    found.sort_by_key(|finding| finding.unanimous.is_none());
    found
}

/// Who gave any answer to a case, rows with modules.
fn who_answered(report: &Report) -> BTreeMap<&str, Vec<(&str, &str)>> {
    let mut answered: BTreeMap<&str, Vec<(&str, &str)>> = BTreeMap::new();
    for result in &report.results {
        let passed = matches!(result.verdict, Some(Verdict::Pass | Verdict::UnexpectedPass));
        let answer = answer(result);
        if passed || (!answer.is_null() && answer != gaps::refused()) {
            let who = (result.row.as_str(), result.module.as_str());
            answered.entry(&result.case).or_default().push(who);
        }
    }
    answered
}

/// Null where there is none.
fn answer(result: &CaseResult) -> Value {
    let actual = result.wrong.as_ref().and_then(|wrong| wrong.actual.clone());
    actual.map_or(Value::Null, without_details)
}

/// In the order in which they come, and each once. What comes again mostly is what came last.
fn note<'a>(known: &mut Vec<&'a str>, new: &'a str) {
    if known.last() != Some(&new) && !known.contains(&new) {
        known.push(new);
    }
}

impl Finding<'_> {
    /// `node`, or `9 hosts: node, deno, …`.
    pub(super) fn hosts(&self) -> String {
        names("hosts", &self.rows)
    }

    /// `signer-raw`, or `3 modules: …`.
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

    /// A question to whoever wrote the vector.
    pub(super) fn doubt(&self) -> Option<String> {
        let hosts = self.unanimous?;
        let answer = super::shorten(&answer(self.first), 64);
        Some(format!(
            "all {hosts} hosts answered {answer}; is the vector right?"
        ))
    }
}

fn names(what: &str, names: &[&str]) -> String {
    match names {
        [one] => (*one).into(),
        _ => {
            let more = if names.len() > MOST_NAMES { ", …" } else { "" };
            let shown = names[..names.len().min(MOST_NAMES)].join(", ");
            format!("{} {what}: {shown}{more}", thousands(names.len()))
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::report::json::Parts;

    fn result(row: &str, case: &str, verdict: &str, detail: &str, actual: Value) -> CaseResult {
        serde_json::from_value(json!({
            "row": row, "module": "m", "suite": "s", "case": case, "verdict": verdict, "micros": 1, "detail": detail,
            "op": "raw", "input": {}, "expected": {"ok": {"value": 1}}, "actual": actual, "flags": [], "comment": "", "again": "",
        }))
        .unwrap()
    }

    fn report(results: Vec<CaseResult>) -> Report {
        Parts::for_tests(results).count()
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
        let told: Vec<(String, String, usize)> = found
            .iter()
            .map(|finding| (finding.hosts(), finding.what(), finding.answers))
            .collect();
        assert_eq!(
            told,
            [
                ("2 hosts: a, b".into(), "s/1".into(), 2),
                ("a".into(), "s/2".into(), 1),
                ("c".into(), "2 cases, such as s/1".into(), 2),
            ]
        );
        // Who cannot load the module has not answered; who passed has.
        assert_eq!(
            found[0].doubt().unwrap(),
            r#"all 2 hosts answered {"ok":{"value":2}}; is the vector right?"#
        );
        assert_eq!(found[1].doubt(), None);
    }
}

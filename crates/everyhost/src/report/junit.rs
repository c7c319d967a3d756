//! `junit.xml`: for the programs that show test results.

use std::collections::BTreeMap;
use std::time::Duration;

use anyhow::Result;
use quick_junit::{NonSuccessKind, Report as Junit, TestCase, TestCaseStatus, TestSuite};

use super::json::{Report, Result as CaseResult};
use crate::text::in_words;
use crate::verdict::Verdict;
use crate::visible::visible;

pub(super) fn junit(report: &Report) -> Result<String> {
    let mut suites: BTreeMap<(&str, &str), TestSuite> = BTreeMap::new();
    for result in &report.results {
        let suite = suites
            .entry((&result.row, &result.module))
            .or_insert_with(|| TestSuite::new(visible(&format!("{} {}", result.row, result.module)).into_owned()));
        suite.add_test_case(test_case(result, report.strict));
    }
    let mut junit = Junit::new("everyhost");
    junit.set_time(Duration::from_millis(report.elapsed_ms));
    junit.add_test_suites(suites.into_values());
    if !report.reds.is_empty() {
        let mut run = TestSuite::new("the run itself");
        for red in &report.reds {
            let mut status = TestCaseStatus::non_success(NonSuccessKind::Error);
            let red = visible(red);
            status.set_message(red.clone());
            run.add_test_case(TestCase::new(red, status));
        }
        junit.add_test_suite(run);
    }
    Ok(junit.to_string()?)
}

fn test_case(result: &CaseResult, strict: bool) -> TestCase {
    let mut status = match result.verdict {
        Some(Verdict::Pass | Verdict::KnownGap) => TestCaseStatus::success(),
        Some(verdict) if verdict.is_red(strict) => {
            let kind = if verdict == Verdict::Fail { NonSuccessKind::Failure } else { NonSuccessKind::Error };
            let mut status = TestCaseStatus::non_success(kind);
            status.set_type(verdict.name());
            status
        }
        Some(_) | None => TestCaseStatus::skipped(),
    };
    if !result.detail.is_empty() {
        status.set_message(visible(&result.detail));
    }
    if let Some(wrong) = &result.wrong {
        let actual = wrong.actual.as_ref().map(|actual| actual.json().to_string());
        let lines = [
            format!("{} {}", wrong.op, wrong.input),
            format!("expected {}", in_words(&wrong.expected.json())),
            format!("actual   {}", actual.as_deref().unwrap_or("none")),
            wrong.again.clone(),
        ];
        status.set_description(lines.map(|line| visible(&line).into_owned()).join("\n"));
    }
    let mut case = TestCase::new(visible(&result.case), status);
    case.set_classname(visible(&format!("{}.{}", result.row, result.suite)));
    case.set_time(Duration::from_micros(result.micros));
    case
}

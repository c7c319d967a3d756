//! Whether an answer is the expected one, or the same as another.

use std::collections::BTreeMap;

use crate::Bytes;
use crate::answer::{Answer, Output};
use crate::imports::HostCall;
use crate::model::Expect;
use crate::ops::Value;

impl Expect {
    /// Whether `answer` is the right one. The `detail` of an error or a trap does not matter.
    ///
    /// In an expected result, `{"var": "key"}` stands for a pointer that differs from module to module: any i32
    /// but 0 the first time, and that same number wherever the case expects it again (with `plus`: that much more).
    /// Of a program, `stdout`, `stderr` and `dirs` are compared if they are expected.
    pub fn accepts(&self, answer: &Answer) -> bool {
        match (self, answer) {
            (Self::Ok(expected), Answer::Ok { ok }) => same_output(expected, ok, &mut BTreeMap::new()),
            (Self::Error(expected), Answer::Error { error, .. }) => expected == error,
            (Self::Trap(true), Answer::Trap { trap: true, calls, .. }) => calls.is_empty(),
            _ => false,
        }
    }

    /// The answer as a host has to write it: bytes in plain hex, no details.
    pub fn answer(&self) -> Answer {
        match self {
            Self::Ok(output) => Answer::ok(written_out(output.clone())),
            Self::Error(name) => Answer::error(name),
            Self::Trap(trap) => Answer::Trap { trap: *trap, calls: Vec::new(), detail: None },
        }
    }
}

impl Answer {
    /// Whether `answer` is the one that this records, by the rules of [`Expect::accepts`].
    pub fn accepts(&self, answer: &Self) -> bool {
        same_answer(self, answer, &mut BTreeMap::new())
    }
}

fn written_out(mut output: Output) -> Output {
    let Output { public_key, signature, signatures, bytes, steps, calls, stdout, stderr, .. } = &mut output;
    let single = [public_key, signature, bytes, stdout, stderr].into_iter().flatten();
    for bytes in single.chain(signatures.iter_mut().flatten()) {
        *bytes = Bytes::Plain(bytes.to_vec());
    }
    let of_calls = calls.iter_mut().flat_map(|call| &mut call.steps);
    for step in steps.iter_mut().flatten().chain(of_calls) {
        if let Answer::Ok { ok } = step {
            **ok = written_out(std::mem::take(&mut **ok));
        }
    }
    output
}

type Pointers<'a> = BTreeMap<&'a str, i32>;

fn same_output<'a>(expected: &'a Output, actual: &Output, pointers: &mut Pointers<'a>) -> bool {
    all_same(&expected.results, &actual.results, |one, other| same_value(one, other, pointers))
        && same_calls(&expected.calls, &actual.calls, pointers)
        && all_same(&expected.steps, &actual.steps, |one, other| same_answer(one, other, pointers))
        && (expected.stdout.is_none() || expected.stdout == actual.stdout)
        && (expected.stderr.is_none() || expected.stderr == actual.stderr)
        && (expected.dirs.is_none() || expected.dirs == actual.dirs)
        && rest(expected) == rest(actual)
}

fn all_same<'a, T>(one: &'a Option<Vec<T>>, other: &Option<Vec<T>>, same: impl FnMut(&'a T, &T) -> bool) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => each_same(one, other, same),
        (one, other) => one.is_none() && other.is_none(),
    }
}

fn each_same<'a, T>(one: &'a [T], other: &[T], mut same: impl FnMut(&'a T, &T) -> bool) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
}

fn same_calls<'a>(expected: &'a [HostCall], actual: &[HostCall], pointers: &mut Pointers<'a>) -> bool {
    each_same(expected, actual, |one, other| {
        one.import == other.import
            && each_same(&one.args, &other.args, |one, other| same_value(one, other, pointers))
            && each_same(&one.steps, &other.steps, |one, other| same_answer(one, other, pointers))
    })
}

fn same_answer<'a>(expected: &'a Answer, actual: &Answer, pointers: &mut Pointers<'a>) -> bool {
    match (expected, actual) {
        (Answer::Ok { ok: expected }, Answer::Ok { ok: actual }) => same_output(expected, actual, pointers),
        (Answer::Error { error: expected, .. }, Answer::Error { error: actual, .. }) => expected == actual,
        (Answer::Trap { calls: expected, .. }, Answer::Trap { calls: actual, .. }) => {
            same_calls(expected, actual, pointers)
        }
        (Answer::Unsupported { unsupported: expected }, Answer::Unsupported { unsupported: actual }) => {
            expected == actual
        }
        _ => false,
    }
}

fn same_value<'a>(expected: &'a Value, actual: &Value, pointers: &mut Pointers<'a>) -> bool {
    match (expected, actual) {
        (Value::Var { var, plus }, Value::I32 { i32: actual }) => {
            let start = actual.wrapping_sub(*plus);
            start != 0 && *pointers.entry(var).or_insert(start) == start
        }
        _ => expected == actual,
    }
}

/// The fields that are compared as they stand.
fn rest(output: &Output) -> impl PartialEq {
    let Output { public_key, signature, signatures, valid, value, bytes, pages, exit_code, .. } = output;
    let Output { steps: _, results: _, calls: _, stdout: _, stderr: _, dirs: _, .. } = output;
    (public_key, signature, signatures, valid, value, bytes, pages, exit_code)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accepts(expect: &str, answer: &str) -> bool {
        let expect: Expect = serde_json::from_str(expect).unwrap();
        let answer: Answer = serde_json::from_str(answer).unwrap();
        expect.accepts(&answer)
    }

    #[test]
    fn only_the_expected_answer_is_accepted() {
        let ok = r#"{"ok":{"signature":"00ff"}}"#;
        assert!(accepts(ok, ok));
        for wrong in [
            r#"{"ok":{"signature":"00fe"}}"#,
            r#"{"ok":{"signature":"00ff","valid":true}}"#,
            r#"{"ok":{}}"#,
            r#"{"error":"NO_KEY"}"#,
            r#"{"trap":true}"#,
            r#"{"unsupported":"no"}"#,
        ] {
            assert!(!accepts(ok, wrong), "{wrong}");
        }
        assert!(accepts(r#"{"trap":true}"#, r#"{"trap":true,"detail":"unreachable"}"#));
        assert!(!accepts(r#"{"error":"NO_KEY"}"#, r#"{"error":"CLOSED"}"#));
        assert!(!accepts(r#"{"ok":{"steps":[]}}"#, r#"{"ok":{}}"#));
        assert!(!accepts(r#"{"ok":{"steps":[{"ok":{}}]}}"#, r#"{"ok":{"steps":[]}}"#));
        assert!(!accepts(r#"{"ok":{"steps":[{"ok":{}}]}}"#, r#"{"ok":{"steps":[{"trap":true}]}}"#));
    }

    #[test]
    fn an_expectation_is_an_answer_in_plain_hex() {
        let expect: Expect = serde_json::from_str(
            r#"{"ok":{"steps":[{"ok":{"bytes":{"repeat":"00","times":3}}},{"trap":true,"detail":"x"}]}}"#,
        )
        .unwrap();
        assert_eq!(
            serde_json::to_string(&expect.answer().without_details()).unwrap(),
            r#"{"ok":{"steps":[{"ok":{"bytes":"000000"}},{"trap":true}]}}"#
        );
        assert!(expect.accepts(&expect.answer()));
    }

    #[test]
    fn a_recorded_answer_accepts_itself_and_no_other() {
        let answers = [
            r#"{"ok":{"valid":false}}"#,
            r#"{"ok":{"valid":true}}"#,
            r#"{"error":"NO_KEY"}"#,
            r#"{"error":"CLOSED"}"#,
            r#"{"trap":true}"#,
            r#"{"unsupported":"no"}"#,
            r#"{"unsupported":"never"}"#,
        ]
        .map(|json| serde_json::from_str::<Answer>(json).unwrap());
        for (at, one) in answers.iter().enumerate() {
            for (other_at, other) in answers.iter().enumerate() {
                assert_eq!(one.accepts(other), at == other_at, "{one:?} {other:?}");
            }
        }
        assert!(Answer::error("A").accepts(&Answer::error_with_detail("A", "why")));
    }

    #[test]
    fn a_pointer_is_any_but_zero_and_stays_the_same() {
        let expect = r#"{"ok":{"steps":[{"ok":{"results":[{"var":"p"}]}},{"ok":{"results":[{"var":"p","plus":4}]}}]}}"#;
        let answer = |first: i32, second: i32| {
            format!(
                r#"{{"ok":{{"steps":[{{"ok":{{"results":[{{"i32":{first}}}]}}}},{{"ok":{{"results":[{{"i32":{second}}}]}}}}]}}}}"#
            )
        };
        assert!(accepts(expect, &answer(1024, 1028)));
        assert!(accepts(expect, &answer(-4, 0)), "modulo 2^32");
        assert!(!accepts(expect, &answer(1024, 1024)));
        assert!(!accepts(expect, &answer(0, 4)));
        assert!(!accepts(r#"{"ok":{"results":[{"var":"p"}]}}"#, r#"{"ok":{"results":[{"i64":"5"}]}}"#));
    }
}

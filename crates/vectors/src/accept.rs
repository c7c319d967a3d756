//! Whether an answer is the expected one, or the same as another.

use std::collections::BTreeMap;

use crate::Bytes;
use crate::answer::{Answer, Output};
use crate::expected::{AnswerBytes, AnswerNumber, is_nan};
use crate::imports::HostCall;
use crate::model::Expect;
use crate::ops::Value;
use crate::value::NAN;
use crate::wasi::File;

impl Expect {
    /// Whether `answer` is the right one. The `detail` of an error or a trap does not matter.
    ///
    /// In an expected result, `{"var": "key"}` stands for a pointer that differs from module to module: any integer
    /// except 0 the first time, and that same number wherever the case expects it again (with `plus`: that much more).
    /// Of a program, `stdout`, `stderr` and `dirs` are compared if they are expected.
    pub fn accepts(&self, answer: &Answer) -> bool {
        match (self, answer) {
            (Self::Ok(expected), Answer::Ok { ok }) => same_output(expected, ok, &mut BTreeMap::new()),
            (Self::Error(expected), Answer::Error { error, .. }) => expected == error,
            (Self::Trap(true), Answer::Trap { trap: true, calls, .. }) => calls.is_empty(),
            (Self::OneOf(all), _) => all.iter().any(|one| one.accepts(answer)),
            _ => false,
        }
    }

    /// The answer as a host has to write it, if only one is right: bytes in plain hex, no details.
    pub fn answer(&self) -> Answer {
        match self {
            Self::Ok(output) => Answer::ok(written_out(output.clone())),
            Self::Error(name) => Answer::error(name),
            Self::Trap(trap) => Answer::Trap { trap: *trap, calls: Vec::new(), detail: None },
            Self::OneOf(all) => Answer::OneOf { one_of: all.iter().map(Self::answer).collect() },
        }
    }
}

impl Answer {
    /// Whether `answer` is the one that this records, by the rules of [`Expect::accepts`].
    pub fn accepts(&self, answer: &Self) -> bool {
        same_answer(self, answer, &mut BTreeMap::new())
    }
}

impl Value {
    /// Whether `actual` is what this expects.
    pub(crate) fn accepts(&self, actual: &Self) -> bool {
        same_value(self, actual, &mut BTreeMap::new())
    }
}

fn written_out(mut output: Output) -> Output {
    let Output { public_key, signature, signatures, bytes, steps, calls, stdout, stderr, .. } = &mut output;
    let single = [public_key, signature, bytes, stdout, stderr].into_iter().flatten();
    for bytes in single.chain(signatures.iter_mut().flatten()) {
        if let AnswerBytes::Bytes(bytes) = bytes {
            *bytes = Bytes::Plain(bytes.to_vec());
        }
    }
    let of_calls = calls.iter_mut().flat_map(|call| &mut call.steps);
    for step in steps.iter_mut().flatten().chain(of_calls) {
        if let Answer::Ok { ok } = step {
            **ok = written_out(std::mem::take(&mut **ok));
        }
    }
    output
}

/// What the names in an expectation stand for: i32 or i64.
type Pointers<'a> = BTreeMap<&'a str, Value>;

fn same_output<'a>(expected: &'a Output, actual: &Output, pointers: &mut Pointers<'a>) -> bool {
    let Output { seed, public_key, signature, signatures, valid, verdicts, value, steps, results, bytes, .. } =
        expected;
    let Output { pages, exit_code, stdout, stderr, dirs, calls, result, .. } = expected;
    result == &actual.result
        && all_same(results, &actual.results, |one, other| same_value(one, other, pointers))
        && same_number(value.as_ref(), actual.value.as_ref(), pointers)
        && same_calls(calls, &actual.calls, pointers)
        && all_same(steps, &actual.steps, |one, other| same_answer(one, other, pointers))
        && (stdout.is_none() || same_bytes(stdout, &actual.stdout))
        && (stderr.is_none() || same_bytes(stderr, &actual.stderr))
        && (dirs.is_none() || all_same(dirs, &actual.dirs, |one, other| each_same(one, other, same_file)))
        && [
            (seed, &actual.seed),
            (public_key, &actual.public_key),
            (signature, &actual.signature),
            (verdicts, &actual.verdicts),
            (bytes, &actual.bytes),
        ]
        .into_iter()
        .all(|(one, other)| same_bytes(one, other))
        && all_same(signatures, &actual.signatures, AnswerBytes::accepts)
        && (valid, pages, exit_code) == (&actual.valid, &actual.pages, &actual.exit_code)
}

/// Whether both are absent, or both are present and the same.
fn both<'a, T>(one: &'a Option<T>, other: &Option<T>, same: impl FnOnce(&'a T, &T) -> bool) -> bool {
    match (one, other) {
        (Some(one), Some(other)) => same(one, other),
        (one, other) => one.is_none() && other.is_none(),
    }
}

fn all_same<'a, T>(one: &'a Option<Vec<T>>, other: &Option<Vec<T>>, same: impl FnMut(&'a T, &T) -> bool) -> bool {
    both(one, other, |one, other| each_same(one, other, same))
}

fn same_bytes(one: &Option<AnswerBytes>, other: &Option<AnswerBytes>) -> bool {
    both(one, other, AnswerBytes::accepts)
}

fn each_same<'a, T>(one: &'a [T], other: &[T], mut same: impl FnMut(&'a T, &T) -> bool) -> bool {
    one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
}

fn same_file(expected: &File<AnswerBytes>, actual: &File<AnswerBytes>) -> bool {
    same_bytes(&expected.bytes, &actual.bytes)
        && (&expected.path, expected.dir, &expected.link) == (&actual.path, actual.dir, &actual.link)
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
        (Answer::OneOf { one_of }, _) => one_of.iter().any(|one| {
            // What one of them names counts only if it is the right one.
            let mut names = pointers.clone();
            let same = same_answer(one, actual, &mut names);
            if same {
                *pointers = names;
            }
            same
        }),
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
    match expected {
        Value::Var { var, plus } => start(actual, *plus).is_some_and(|start| {
            let known = pointers.entry(var).or_insert_with(|| start.clone());
            *known == start
        }),
        Value::Any { any } => actual.type_name() == Some(any),
        Value::Not { not } => actual.type_name() == not.type_name() && !same_value(not, actual, pointers),
        Value::OneOf { one_of } => one_of.iter().any(|one| same_value(one, actual, pointers)),
        Value::F32 { f32: bits } | Value::F64 { f64: bits } if bits == NAN => {
            actual.type_name() == expected.type_name() && is_nan(actual)
        }
        _ => expected == actual,
    }
}

/// The pointer that lies so far before `actual`, if it is not 0.
fn start(actual: &Value, plus: i32) -> Option<Value> {
    match actual {
        Value::I32 { i32 } => Some(i32.wrapping_sub(plus)).filter(|start| *start != 0).map(Value::from),
        Value::I64 { i64 } => {
            let start = i64.parse::<i64>().ok()?.wrapping_sub(plus.into());
            (start != 0).then(|| Value::I64 { i64: start.to_string() })
        }
        _ => None,
    }
}

fn same_number<'a>(
    expected: Option<&'a AnswerNumber>,
    actual: Option<&AnswerNumber>,
    pointers: &mut Pointers<'a>,
) -> bool {
    match (expected, actual) {
        (Some(AnswerNumber::Value(expected)), Some(actual)) => same_value(expected, &actual.value(), pointers),
        _ => expected == actual,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expected;
    use crate::fixture::table;

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

    /// Each row is what is expected in `results`, `bytes` or instead of a whole answer, what comes, and whether it is right.
    #[test]
    fn many_answers_can_be_right() {
        let digest = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
        let rows = r#"
            results {"any":"i32"} {"i32":7} => yes
            results {"any":"i32"} {"i64":"7"} => no
            results {"f32":"nan"} {"f32":"7fc00000"} => yes
            results {"f32":"nan"} {"f32":"ffa00001"} => yes
            results {"f32":"nan"} {"f32":"7f800000"} => no
            results {"f32":"nan"} {"f64":"7ff8000000000000"} => no
            results {"f64":"nan"} {"f64":"fff8000000000000"} => yes
            results {"f64":"nan"} {"f64":"7ff0000000000000"} => no
            results {"not":{"i32":0}} {"i32":7} => yes
            results {"not":{"i32":0}} {"i32":0} => no
            results {"not":{"i32":0}} {"i64":"7"} => no
            results {"not":{"f32":"nan"}} {"f32":"00000000"} => yes
            results {"not":{"f32":"nan"}} {"f32":"7fc00000"} => no
            results {"one_of":[{"i32":1},{"i32":2}]} {"i32":2} => yes
            results {"one_of":[{"i32":1},{"i32":2}]} {"i32":3} => no
            results {"not":{"one_of":[{"i32":1},{"i32":2}]}} {"i32":3} => yes
            results {"var":"p"} {"i64":"8"} => yes
            results {"var":"p"} {"i64":"0"} => no
            results {"var":"p"} {"f32":"3f800000"} => no
            value {"var":"p"} 8 => yes
            value {"not":{"i32":8}} 8 => no
            bytes {"length":4} "74657374" => yes
            bytes {"length":3} "74657374" => no
            bytes {"sha256":"DIGEST"} "74657374" => yes
            bytes {"sha256":"DIGEST"} "74657375" => no
            bytes {"one_of":["00",{"length":4}]} "74657374" => yes
            bytes {"one_of":["00","01"]} "02" => no
            dirs [[{"path":"a","bytes":{"length":1}}]] [[{"path":"a","bytes":"00"}]] => yes
            dirs [[{"path":"a","bytes":{"length":1}}]] [[{"path":"b","bytes":"00"}]] => no
            whole {"one_of":[{"error":"NO_INSTANCE"},{"ok":{"steps":[]}}]} {"error":"NO_INSTANCE"} => yes
            whole {"one_of":[{"error":"NO_INSTANCE"},{"ok":{"steps":[]}}]} {"trap":true} => no
        "#;
        for (given, right) in table(rows) {
            let given = given.replace("DIGEST", digest);
            let (what, rest) = given.split_once(' ').unwrap();
            let (expected, came) = rest.split_once(' ').unwrap();
            let answer = |part: &str| match what {
                "results" => format!(r#"{{"ok":{{"results":[{part}]}}}}"#),
                "whole" => part.to_owned(),
                _ => format!(r#"{{"ok":{{"{what}":{part}}}}}"#),
            };
            assert_eq!(accepts(&answer(expected), &answer(came)), right == "yes", "{given}");
            let json = |part: &str| serde_json::from_str(part).unwrap();
            if !["{\"var", "[["].iter().any(|start| expected.starts_with(start)) {
                assert_eq!(expected::accepts(&json(expected), &json(came)), Some(right == "yes"), "{given}");
            }
        }
        assert_eq!(expected::accepts(&serde_json::json!({"i32": 1}), &serde_json::json!({"i32": 1})), None);
    }

    #[test]
    fn a_name_counts_only_in_the_answer_that_is_right() {
        let twice = |first: &str| {
            let both = format!(
                r#"{{"one_of":[{{"ok":{{"results":[{{"var":"p"}},{{"i32":9}}]}}}},{{"ok":{{"results":[{first},{{"var":"p"}}]}}}}]}}"#
            );
            format!(r#"{{"ok":{{"steps":[{both},{{"ok":{{"results":[{{"var":"p"}}]}}}}]}}}}"#)
        };
        let came = r#"{"ok":{"steps":[{"ok":{"results":[{"i32":1},{"i32":2}]}},{"ok":{"results":[{"i32":2}]}}]}}"#;
        assert!(accepts(&twice(r#"{"i32":1}"#), came));
        assert!(!accepts(&twice(r#"{"i32":3}"#), came));
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
    }
}

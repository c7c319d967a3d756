//! The judge: the only one who knows the expected answers.

use serde_json::{Value, json};
use vectors::protocol::Answer;
use vectors::{Bytes, Expect};

use super::drive::Seen;
use crate::gaps::{self, Gap};
use crate::verdict::Verdict;

/// What became of one planned case.
#[derive(Debug, Clone, PartialEq)]
pub struct Outcome {
    /// The verdict.
    pub verdict: Verdict,
    /// What was wrong, in words; empty for a plain pass or a plainly wrong answer.
    pub detail: String,
    /// The answer, if there was one, in JSON as on the wire.
    pub actual: Option<Value>,
}

/// Judges what was seen of one case. `gap` is what known-gaps.toml has on record for it.
#[must_use]
pub(super) fn judge(expect: &Expect, seen: &Seen, gap: Option<&Gap>) -> Outcome {
    let answer = match seen {
        Seen::Answer(Answer::Unsupported { unsupported }) if gap.is_none() => {
            let detail = format!(
                "hosts.toml says that the row can do this, the adapter says: unsupported: {unsupported}"
            );
            return Outcome {
                verdict: Verdict::Error,
                detail,
                actual: Some(json!({ "unsupported": unsupported })),
            };
        }
        Seen::Answer(answer) => answer,
        Seen::Refused(why) => return refused(why, gap),
        Seen::Nothing { verdict, reason } => {
            return Outcome {
                verdict: *verdict,
                detail: reason.clone(),
                actual: None,
            };
        }
    };
    let actual = serde_json::to_value(answer).unwrap_or_default();
    let right = expect.accepts(answer);
    let (verdict, detail) = match gap {
        None if right => (Verdict::Pass, String::new()),
        None => (Verdict::Fail, String::new()),
        Some(gap) if right => (
            Verdict::UnexpectedPass,
            format!(
                "known-gaps.toml says that this fails ({}); it passes: remove the gap",
                gap.reason
            ),
        ),
        Some(gap) if without_details(actual.clone()) == without_details(gap.answer.clone()) => {
            (Verdict::KnownGap, format!("{} ({})", gap.reason, gap.link))
        }
        Some(gap) => (
            Verdict::Fail,
            format!(
                "known-gaps.toml has another wrong answer on record: {}",
                gap.answer
            ),
        ),
    };
    Outcome {
        verdict,
        detail,
        actual: Some(actual),
    }
}

/// What becomes of every case of a module that the host cannot load.
fn refused(why: &str, gap: Option<&Gap>) -> Outcome {
    let actual = gaps::refused();
    let (verdict, detail) = match gap {
        None => (Verdict::Missing, why.to_string()),
        Some(gap) if gap.answer == actual => {
            (Verdict::KnownGap, format!("{} ({}); {why}", gap.reason, gap.link))
        }
        Some(gap) => (
            Verdict::Missing,
            format!(
                "{why}; known-gaps.toml has another wrong answer on record: {}",
                gap.answer
            ),
        ),
    };
    Outcome {
        verdict,
        detail,
        actual: Some(actual),
    }
}

/// The expected answer in JSON, as a host has to write it: bytes in plain hex, traps without details.
#[must_use]
pub fn expected(expect: &Expect) -> Value {
    let written = serde_json::to_value(expect).unwrap_or_default();
    without_details(plain(written))
}

/// Writes out what the vectors write as a repeat.
fn plain(value: Value) -> Value {
    match value {
        Value::Object(fields) if fields.contains_key("repeat") => {
            match serde_json::from_value::<Bytes>(Value::Object(fields.clone())) {
                Ok(bytes) => Value::String(hex::encode(bytes.to_vec())),
                Err(_) => Value::Object(fields),
            }
        }
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| (name, plain(value)))
            .collect(),
        Value::Array(values) => values.into_iter().map(plain).collect(),
        other => other,
    }
}

/// Takes the hosts' own words out of errors and traps, in steps too: they are never judged.
#[must_use]
pub fn without_details(value: Value) -> Value {
    match value {
        Value::Object(mut fields) => {
            if fields.contains_key("trap") || fields.contains_key("error") {
                fields.remove("detail");
            }
            fields
                .into_iter()
                .map(|(name, value)| (name, without_details(value)))
                .collect()
        }
        Value::Array(values) => values.into_iter().map(without_details).collect(),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::reply::answer_from_value;

    fn expect(value: Value) -> Expect {
        serde_json::from_value(value).unwrap()
    }

    fn seen(value: Value) -> Seen {
        Seen::Answer(answer_from_value(value).unwrap())
    }

    fn verdict(expected: Value, answered: Value) -> Verdict {
        judge(&expect(expected), &seen(answered), None).verdict
    }

    #[test]
    fn only_the_very_answer_passes() {
        assert_eq!(
            verdict(json!({"ok":{"value":3}}), json!({"ok":{"value":3}})),
            Verdict::Pass
        );
        assert_eq!(
            verdict(json!({"ok":{"value":3}}), json!({"ok":{"value":4}})),
            Verdict::Fail
        );
        assert_eq!(
            verdict(json!({"ok":{"value":3}}), json!({"ok":{"value":3,"valid":true}})),
            Verdict::Fail
        );
        assert_eq!(
            verdict(json!({"ok":{"value":3}}), json!({"ok":{}})),
            Verdict::Fail
        );
        assert_eq!(
            verdict(json!({"error":"NO_KEY"}), json!({"error":"CLOSED"})),
            Verdict::Fail
        );
        assert_eq!(
            verdict(
                json!({"error":"NO_KEY"}),
                json!({"error":"NO_KEY","detail":"why"})
            ),
            Verdict::Pass
        );
        assert_eq!(
            verdict(json!({"error":"NO_KEY"}), json!({"trap":true})),
            Verdict::Fail
        );
        assert_eq!(
            verdict(json!({"trap":true}), json!({"trap":true,"detail":"unreachable"})),
            Verdict::Pass
        );
        assert_eq!(
            verdict(json!({"ok":{"value":3}}), json!({"unsupported":"why"})),
            Verdict::Error
        );
    }

    #[test]
    fn steps_are_compared_one_by_one_without_the_hosts_words() {
        let expected = json!({"ok":{"steps":[{"ok":{"bytes":{"repeat":"00","times":3}}},{"error":"NO_EXPORT"},{"trap":true}]}});
        let answered = |bytes: &str| {
            let refused = json!({"error":"NO_EXPORT","detail":"ah"});
            json!({"ok":{"steps":[{"ok":{"bytes":bytes}},refused,{"trap":true,"detail":"oh"}]}})
        };
        assert_eq!(verdict(expected.clone(), answered("000000")), Verdict::Pass);
        assert_eq!(verdict(expected.clone(), answered("0000")), Verdict::Fail);
        assert_eq!(
            verdict(expected, json!({"ok":{"steps":[{"ok":{"bytes":"000000"}}]}})),
            Verdict::Fail
        );
    }

    #[test]
    fn a_gap_is_held_to_what_it_says() {
        let gap = crate::gaps::tests::gap_with_answer("{ ok = { valid = false } }");
        let with_gap =
            |answered: Value| judge(&expect(json!({"ok":{"valid":true}})), &seen(answered), Some(&gap));
        assert_eq!(with_gap(json!({"ok":{"valid":false}})).verdict, Verdict::KnownGap);
        assert_eq!(
            with_gap(json!({"ok":{"valid":true}})).verdict,
            Verdict::UnexpectedPass
        );
        let changed = with_gap(json!({"error":"PUBLIC_KEY_LENGTH"}));
        assert_eq!(changed.verdict, Verdict::Fail);
        assert!(
            changed.detail.contains("another wrong answer on record"),
            "{}",
            changed.detail
        );
        let refused = Seen::Refused("host x cannot load this module: no SIMD".into());
        let expected = expect(json!({"ok":{"valid":true}}));
        let refused_with = |gap: Option<&Gap>| judge(&expected, &refused, gap);
        assert_eq!(refused_with(None).verdict, Verdict::Missing);
        assert_eq!(refused_with(Some(&gap)).verdict, Verdict::Missing);
        let recorded = crate::gaps::tests::gap_with_answer("{ refused = true }");
        let known = refused_with(Some(&recorded));
        assert_eq!(known.verdict, Verdict::KnownGap);
        assert!(
            known.detail.ends_with("cannot load this module: no SIMD"),
            "{}",
            known.detail
        );
        assert_eq!(known.actual, Some(json!({"refused": true})));

        let crashed = Seen::Nothing {
            verdict: Verdict::Crash,
            reason: "ended".into(),
        };
        assert_eq!(
            judge(&expect(json!({"ok":{"valid":true}})), &crashed, Some(&gap)).verdict,
            Verdict::Crash
        );
    }
}

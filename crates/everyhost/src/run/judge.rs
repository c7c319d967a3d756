//! The judge: the only one who knows the expected answers.

use std::time::Duration;

use vectors::Expect;
use vectors::answer::Answer;

use super::drive::Seen;
use super::process::Broken;
use crate::answer::Given;
use crate::gaps::Gap;
use crate::results::Outcome;
use crate::verdict::Verdict;

/// Judges what was seen of one case. `gap` is what known-gaps.toml has on record for it.
pub(super) fn judge(expect: &Expect, seen: Seen, gap: Option<&Gap>) -> Outcome {
    let (verdict, detail, actual) = match seen {
        Seen::Nothing(Broken { verdict, reason }) => (verdict, reason, None),
        Seen::Refused(why) => {
            let (verdict, detail) = refused(why, gap);
            (verdict, detail, Some(Given::Refused))
        }
        Seen::Answer(answer) => {
            let right = expect.accepts(&answer);
            let answer = Given::Answer(answer);
            let (verdict, detail) = answered(&answer, right, gap);
            // Most answers pass, and nobody looks at those.
            (verdict, detail, (verdict != Verdict::Pass).then_some(answer))
        }
    };
    Outcome { verdict, detail, actual, elapsed: Duration::ZERO }
}

fn answered(answer: &Given, right: bool, gap: Option<&Gap>) -> (Verdict, String) {
    let Some(gap) = gap else {
        return match answer {
            Given::Answer(Answer::Unsupported { unsupported }) => (
                Verdict::Error,
                format!("hosts.toml says that the row can do this, the adapter says: unsupported: {unsupported}"),
            ),
            _ if right => (Verdict::Pass, String::new()),
            _ => (Verdict::Fail, String::new()),
        };
    };
    if right {
        let reason = &gap.reason;
        (Verdict::UnexpectedPass, format!("known-gaps.toml says that this fails ({reason}); it passes: remove the gap"))
    } else if gap.answer.accepts(answer) {
        (Verdict::KnownGap, format!("{} ({})", gap.reason, gap.link))
    } else {
        (Verdict::Fail, another(gap))
    }
}

/// What becomes of every case of a module that the host cannot load.
fn refused(why: String, gap: Option<&Gap>) -> (Verdict, String) {
    match gap {
        None => (Verdict::Missing, why),
        Some(gap) if gap.answer == Given::Refused => {
            (Verdict::KnownGap, format!("{} ({}); {why}", gap.reason, gap.link))
        }
        Some(gap) => (Verdict::Missing, format!("{why}; {}", another(gap))),
    }
}

fn another(gap: &Gap) -> String {
    format!("known-gaps.toml has another wrong answer on record: {}", gap.answer.json())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use vectors::reply;

    use super::*;
    use crate::fixture::{assert_has, table};

    fn expect(value: Value) -> Expect {
        serde_json::from_value(value).unwrap()
    }

    fn seen(value: Value) -> Seen {
        Seen::Answer(reply::answer(value).unwrap())
    }

    fn verdict(expected: Value, answered: Value) -> Verdict {
        judge(&expect(expected), seen(answered), None).verdict
    }

    #[test]
    fn only_the_very_answer_passes() {
        let answers = r#"
            {"ok":{"value":3}} | {"ok":{"value":3}} => pass
            {"ok":{"value":3}} | {"ok":{"value":4}} => fail
            {"ok":{"value":3}} | {"ok":{"value":3,"valid":true}} => fail
            {"ok":{"value":3}} | {"ok":{}} => fail
            {"error":"NO_KEY"} | {"error":"CLOSED"} => fail
            {"error":"NO_KEY"} | {"error":"NO_KEY","detail":"why"} => pass
            {"error":"NO_KEY"} | {"trap":true} => fail
            {"trap":true} | {"trap":true,"detail":"unreachable"} => pass
            {"ok":{"value":3}} | {"unsupported":"why"} => error
        "#;
        for (given, expected) in table(answers) {
            let (right, answered) = given.split_once(" | ").unwrap();
            let read = |text: &str| serde_json::from_str(text).unwrap();
            assert_eq!(verdict(read(right), read(answered)).name(), expected, "{given}");
        }
    }

    #[test]
    fn steps_are_compared_one_by_one_without_the_hosts_words() {
        let expected =
            json!({"ok":{"steps":[{"ok":{"bytes":{"repeat":"00","times":3}}},{"error":"NO_EXPORT"},{"trap":true}]}});
        let answered = |bytes: &str| {
            let refused = json!({"error":"NO_EXPORT","detail":"ah"});
            json!({"ok":{"steps":[{"ok":{"bytes":bytes}},refused,{"trap":true,"detail":"oh"}]}})
        };
        assert_eq!(verdict(expected.clone(), answered("000000")), Verdict::Pass);
        assert_eq!(verdict(expected.clone(), answered("0000")), Verdict::Fail);
        assert_eq!(verdict(expected, json!({"ok":{"steps":[{"ok":{"bytes":"000000"}}]}})), Verdict::Fail);
    }

    #[test]
    fn a_gap_is_held_to_what_it_says() {
        let gap = crate::gaps::tests::gap_with_answer("{ ok = { valid = false } }");
        let with_gap = |answered: Value| judge(&expect(json!({"ok":{"valid":true}})), seen(answered), Some(&gap));
        assert_eq!(with_gap(json!({"ok":{"valid":false}})).verdict, Verdict::KnownGap);
        assert_eq!(with_gap(json!({"ok":{"valid":true}})).verdict, Verdict::UnexpectedPass);
        let changed = with_gap(json!({"error":"PUBLIC_KEY_LENGTH"}));
        assert_eq!(changed.verdict, Verdict::Fail);
        assert_has(&changed.detail, "another wrong answer on record");
        let expected = expect(json!({"ok":{"valid":true}}));
        let refused_with = |gap: Option<&Gap>| {
            let refused = Seen::Refused("host x cannot load this module: no SIMD".into());
            judge(&expected, refused, gap)
        };
        assert_eq!(refused_with(None).verdict, Verdict::Missing);
        assert_eq!(refused_with(Some(&gap)).verdict, Verdict::Missing);
        let recorded = crate::gaps::tests::gap_with_answer("{ refused = true }");
        let known = refused_with(Some(&recorded));
        assert_eq!(known.verdict, Verdict::KnownGap);
        assert!(known.detail.ends_with("cannot load this module: no SIMD"), "{}", known.detail);
        assert_eq!(known.actual, Some(Given::Refused));

        let crashed = Seen::Nothing(Broken::new(Verdict::Crash, "ended"));
        assert_eq!(judge(&expect(json!({"ok":{"valid":true}})), crashed, Some(&gap)).verdict, Verdict::Crash);
    }
}

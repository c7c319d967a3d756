//! An answer as known-gaps.toml and reports have it.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vectors::Expect;
use vectors::answer::Answer;
use vectors::expected::AnswerBytes;

/// The word for an answer that is too long for one.
pub(crate) const DIFFERS: &str = "differs";

/// What a row answered to a case. In JSON as on the wire.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(from = "Value", into = "Value")]
pub(crate) enum Given {
    Answer(Answer),
    /// None, because the host cannot load the module: `{"refused": true}`.
    Refused,
    /// One that was too long to be kept whole, with notes of what was cut.
    Cut(Value),
}

impl Given {
    pub(crate) fn read(value: Value) -> Result<Self, String> {
        if value == json!({"refused": true}) {
            return Ok(Self::Refused);
        }
        serde_json::from_value(value).map(Self::Answer).map_err(|error| error.to_string())
    }

    /// The same without the host's own words, which are never judged.
    pub(crate) fn without_details(self) -> Self {
        match self {
            Self::Answer(answer) => Self::Answer(answer.without_details()),
            other => other,
        }
    }

    /// Whether `given` is the answer that this records.
    pub(crate) fn accepts(&self, given: &Self) -> bool {
        match (self, given) {
            (Self::Answer(recorded), Self::Answer(answer)) => recorded.accepts(answer),
            (one, other) => one == other,
        }
    }

    /// Whether it can be on record for a case: it is whole, and not the right answer.
    pub(crate) fn is_wrong(&self, expect: &Expect) -> bool {
        match self {
            Self::Answer(answer) => !expect.accepts(answer),
            Self::Refused => true,
            Self::Cut(_) => false,
        }
    }

    /// In JSON.
    pub(crate) fn json(&self) -> Value {
        match self {
            Self::Answer(answer) => serde_json::to_value(answer).unwrap_or_default(),
            Self::Refused => json!({"refused": true}),
            Self::Cut(value) => value.clone(),
        }
    }

    /// As short as it can be said, for a cell or a heading.
    pub(crate) fn in_a_word(&self) -> String {
        match self {
            Self::Refused => "no".into(),
            Self::Answer(Answer::Error { error, .. }) if error == "MODULE_REFUSED" => "no".into(),
            Self::Answer(Answer::Error { error, .. }) => error.to_lowercase().replace('_', " "),
            Self::Answer(Answer::Trap { .. }) => "traps".into(),
            Self::Answer(Answer::Ok { ok }) => match &ok.bytes {
                Some(AnswerBytes::Bytes(bytes)) => hex::encode(bytes.to_vec()),
                _ => DIFFERS.into(),
            },
            Self::Answer(Answer::Unsupported { .. } | Answer::OneOf { .. }) | Self::Cut(_) => DIFFERS.into(),
        }
    }
}

impl From<Value> for Given {
    fn from(value: Value) -> Self {
        Self::read(value.clone()).unwrap_or(Self::Cut(value))
    }
}

impl From<Given> for Value {
    fn from(given: Given) -> Self {
        match given {
            Given::Cut(value) => value,
            whole => whole.json(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comes_back_as_it_was_written() {
        for json in [
            json!({"ok": {"value": 3}}),
            json!({"ok": {"results": [{"var": "key", "plus": 4}]}}),
            json!({"trap": true, "detail": "unreachable"}),
            json!({"unsupported": "no"}),
            json!({"refused": true}),
            json!({"ok": {"signature": "ab… (cut here: 9 more bytes)"}}),
        ] {
            let given = Given::from(json.clone());
            assert_eq!(Value::from(given.clone()), json);
            assert_eq!(matches!(given, Given::Cut(_)), json.to_string().contains("cut here"));
        }
        assert!(Given::read(json!({"crash": true})).is_err());
    }

    #[test]
    fn is_said_in_a_word() {
        let word = |json: Value| Given::from(json).in_a_word();
        assert_eq!(word(json!({"error": "MODULE_REFUSED"})), "no");
        assert_eq!(word(json!({"refused": true})), "no");
        assert_eq!(word(json!({"error": "VIEW_DETACHED"})), "view detached");
        assert_eq!(word(json!({"ok": {"bytes": "00000000"}})), "00000000");
        assert_eq!(word(json!({"ok": {"steps": []}})), "differs");
        assert_eq!(word(json!({"trap": true})), "traps");
    }
}

//! What an answer may be held to instead of one value or one byte string: any of a type, any except, one of several, bytes
//! of a length or with a digest. The tool alone judges; hosts never see it.

use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value as Json;
use sha2::{Digest, Sha256};

use crate::Bytes;
use crate::answer::Answer;
use crate::form::is_sha256;
use crate::ops::Value;
use crate::value::{Integers, NAN, shown};

/// Bytes in an answer: what a host answered, or what is expected of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum AnswerBytes {
    /// These.
    Bytes(Bytes),
    /// `{"length": 32}`: any so long.
    Length {
        /// How many.
        length: u64,
    },
    /// `{"sha256": "…"}`: those with this digest.
    Sha256 {
        /// In lower-case hex.
        sha256: String,
    },
    /// `{"one_of": ["00", "01"]}`.
    OneOf {
        /// At least one.
        one_of: Vec<AnswerBytes>,
    },
}

/// A 32-bit result of an answer: a number, as hosts write it, or what is expected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum AnswerNumber {
    /// `3`.
    Number(i32),
    /// `{"any": "i32"}`, say.
    Value(Value),
}

impl Default for AnswerBytes {
    fn default() -> Self {
        Self::Bytes(Bytes::default())
    }
}

impl<T: AsRef<[u8]>> From<T> for AnswerBytes {
    fn from(bytes: T) -> Self {
        Self::Bytes(bytes.into())
    }
}

impl From<Bytes> for AnswerBytes {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<i32> for AnswerNumber {
    fn from(number: i32) -> Self {
        Self::Number(number)
    }
}

impl AnswerNumber {
    /// As a value.
    pub(crate) fn value(&self) -> Value {
        match self {
            Self::Number(number) => Value::from(*number),
            Self::Value(value) => value.clone(),
        }
    }
}

impl<'de> Deserialize<'de> for AnswerBytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Self::read(&Json::deserialize(deserializer)?).map_err(serde::de::Error::custom)
    }
}

impl AnswerBytes {
    /// The error is one line: what came, and what was expected.
    pub(crate) fn read(json: &Json) -> Result<Self, String> {
        let only = |name: &str| json.as_object().filter(|fields| fields.len() == 1).and_then(|fields| fields.get(name));
        let wrong = |why: &str| format!("{}: {why}", shown(json));
        if let Some(length) = only("length") {
            let length = length.as_u64().ok_or_else(|| wrong(r#"it is such as {"length":32}"#))?;
            return Ok(Self::Length { length });
        }
        if let Some(sha256) = only("sha256") {
            let sha256 = sha256.as_str().filter(|text| is_sha256(text));
            let sha256 = sha256.ok_or_else(|| wrong("a SHA-256 is 64 lower-case hex digits"))?;
            return Ok(Self::Sha256 { sha256: sha256.to_owned() });
        }
        if let Some(one_of) = only("one_of") {
            let all = one_of.as_array().filter(|all| !all.is_empty());
            let all = all.ok_or_else(|| wrong(r#"it is such as {"one_of":["00","01"]}"#))?;
            return Ok(Self::OneOf { one_of: all.iter().map(Self::read).collect::<Result<_, _>>()? });
        }
        Bytes::read(json).map(Self::Bytes)
    }

    /// The bytes, if this is no expectation that many fit.
    pub fn plain(&self) -> Option<&Bytes> {
        match self {
            Self::Bytes(bytes) => Some(bytes),
            _ => None,
        }
    }

    /// The lengths that it can have, as far as they are known.
    pub(crate) fn lengths(&self) -> Vec<u64> {
        match self {
            Self::Bytes(bytes) => vec![bytes.len() as u64],
            Self::Length { length } => vec![*length],
            Self::Sha256 { .. } => Vec::new(),
            Self::OneOf { one_of } => one_of.iter().flat_map(Self::lengths).collect(),
        }
    }

    /// Whether `actual` is what is expected.
    pub fn accepts(&self, actual: &Self) -> bool {
        match (self, actual) {
            (Self::OneOf { one_of }, _) => one_of.iter().any(|one| one.accepts(actual)),
            (Self::Length { length }, Self::Bytes(bytes)) => bytes.len() as u64 == *length,
            (Self::Sha256 { sha256 }, Self::Bytes(bytes)) => hex::encode(Sha256::digest(bytes.to_vec())) == *sha256,
            _ => self == actual,
        }
    }
}

/// Whether a float in hex is a NaN.
pub(crate) fn is_nan(value: &Value) -> bool {
    match value {
        Value::F32 { f32 } => u32::from_str_radix(f32, 16).is_ok_and(|bits| f32::from_bits(bits).is_nan()),
        Value::F64 { f64 } => u64::from_str_radix(f64, 16).is_ok_and(|bits| f64::from_bits(bits).is_nan()),
        _ => false,
    }
}

/// Whether a part of an answer is what is expected in its place; none if one value, one byte string or one answer is
/// expected there, which every reader can compare.
pub fn accepts(expected: &Json, actual: &Json) -> Option<bool> {
    answers(expected).map(|_| ()).or_else(|| in_words(expected).map(|_| ()))?;
    let value = |json| Value::expected(json, Integers::Signed);
    let number = |json: &Json| serde_json::from_value::<AnswerNumber>(json.clone()).map(|number| number.value());
    Some(if let (Ok(expected), Ok(actual)) = (value(expected), number(actual).or_else(|_| value(actual))) {
        expected.accepts(&actual)
    } else if let (Ok(expected), Ok(actual)) = (AnswerBytes::read(expected), AnswerBytes::read(actual)) {
        expected.accepts(&actual)
    } else {
        let answer = |json: &Json| serde_json::from_value::<Answer>(json.clone());
        answer(expected).is_ok_and(|expected| answer(actual).is_ok_and(|actual| expected.accepts(&actual)))
    })
}

/// The answers of a `one_of` around whole answers.
pub fn answers(expected: &Json) -> Option<&Vec<Json>> {
    let fields = expected.as_object().filter(|fields| fields.len() == 1)?;
    let is_answer = |one: &Json| ["ok", "error", "trap", "one_of"].iter().any(|kind| one.get(*kind).is_some());
    fields.get("one_of")?.as_array().filter(|all| all.iter().any(is_answer))
}

/// An expectation of a value or of bytes in words, such as `any i32 except 0`; none if it is something else.
pub fn in_words(expected: &Json) -> Option<String> {
    let fields = expected.as_object().filter(|fields| fields.len() == 1)?;
    let (name, value) = fields.iter().next()?;
    match (name.as_str(), value) {
        ("any", Json::String(ty)) => Some(format!("any {ty}")),
        ("f32" | "f64", Json::String(bits)) if bits == NAN => Some(format!("a NaN ({name})")),
        ("length", Json::Number(length)) => Some(format!("any {length} bytes")),
        ("sha256", Json::String(sha256)) => Some(format!("bytes whose SHA-256 is {sha256}")),
        ("not", Json::Object(not)) => {
            let of = Value::expected(value, Integers::Signed).ok()?;
            let bare = || not.values().map(|one| one.as_str().map_or_else(|| one.to_string(), str::to_owned)).collect();
            Some(format!("any {} except {}", of.type_name()?, in_words(value).unwrap_or_else(bare)))
        }
        ("one_of", Json::Array(all)) if answers(expected).is_none() => {
            let all: Vec<String> = all.iter().map(|one| in_words(one).unwrap_or_else(|| one.to_string())).collect();
            Some(format!("one of {}", all.join(" or ")))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{assert_has, table};

    #[test]
    fn is_said_in_words() {
        let rows = r#"
            {"any":"i64"} => any i64
            {"f32":"nan"} => a NaN (f32)
            {"not":{"i32":0}} => any i32 except 0
            {"not":{"f64":"nan"}} => any f64 except a NaN (f64)
            {"one_of":[{"i32":1},{"any":"i32"}]} => one of {"i32":1} or any i32
            {"one_of":["00",{"length":2}]} => one of "00" or any 2 bytes
            {"length":32} => any 32 bytes
            {"sha256":"00"} => bytes whose SHA-256 is 00
        "#;
        for (expected, said) in table(rows) {
            assert_eq!(in_words(&serde_json::from_str(expected).unwrap()).as_deref(), Some(said));
        }
        for plain in [
            r#"{"i32":1}"#,
            r#"{"f32":"00000000"}"#,
            r#"{"ok":{}}"#,
            "3",
            r#"{"error":"any"}"#,
            r#"{"one_of":[{"trap":true}]}"#,
        ] {
            assert_eq!(in_words(&serde_json::from_str(plain).unwrap()), None, "{plain}");
        }
    }

    #[test]
    fn a_slip_is_told() {
        let rows = r#"
            value {"any":"i31"} => {"any":"i31"}: "any" is followed by a type: "i32", "i64", "f32" or "f64"
            value {"not":0} => 0: a value says its type; write {"i32":0}
            value {"not":{"any":"i32"}} => "not" is followed by a value
            value {"not":{"var":"p"}} => "not" is followed by a value
            value {"one_of":[]} => it is such as {"one_of":[{"i32":1},{"i32":2}]}
            value {"one_of":[{"i32":1},{"i64":"2"}]} => have one type, and here are i32 and i64
            value {"f32":"NaN"} => write {"f32":"7fc00000"}
            bytes {"length":"3"} => {"length":"3"}: it is such as {"length":32}
            bytes {"sha256":"AB"} => a SHA-256 is 64 lower-case hex digits
            bytes {"one_of":"00"} => it is such as {"one_of":["00","01"]}
            bytes {"size":3} => {"size":3}: bytes are lower-case hex, such as "00ff", or {"text":
        "#;
        for (given, said) in table(rows) {
            let (what, json) = given.split_once(' ').unwrap();
            let json = serde_json::from_str(json).unwrap();
            let wrong = match what {
                "value" => Value::expected(&json, Integers::Any).map(|_| ()),
                _ => AnswerBytes::read(&json).map(|_| ()),
            };
            assert_has(wrong.unwrap_err(), said);
        }
    }
}

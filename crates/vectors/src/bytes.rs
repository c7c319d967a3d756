//! Byte strings as the vectors write them.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value as Json};

use crate::value::shown;

/// The most bytes that a `repeat` may stand for: 64 MiB.
pub const MAX_REPEATED_LEN: usize = 64 * 1024 * 1024;

/// A byte string. In JSON it is lower-case hex, or `{"repeat": "61", "times": 1048576}`. Two are equal where
/// they stand for the same bytes, however they are written.
#[derive(Clone)]
pub enum Bytes {
    /// Written out in full.
    Plain(Vec<u8>),
    /// `unit`, `times` times over.
    Repeat {
        /// What is repeated.
        unit: Vec<u8>,
        /// How often.
        times: usize,
    },
}

impl Bytes {
    /// The bytes themselves.
    pub fn to_vec(&self) -> Vec<u8> {
        match self {
            Self::Plain(bytes) => bytes.clone(),
            Self::Repeat { unit, times } => unit.repeat(*times),
        }
    }

    /// How many bytes it stands for.
    pub fn len(&self) -> usize {
        match self {
            Self::Plain(bytes) => bytes.len(),
            Self::Repeat { unit, times } => unit.len() * times,
        }
    }

    /// Whether it stands for no bytes at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Default for Bytes {
    fn default() -> Self {
        Self::Plain(Vec::new())
    }
}

impl PartialEq for Bytes {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Plain(one), Self::Plain(another)) => one == another,
            _ => self.len() == other.len() && self.to_vec() == other.to_vec(),
        }
    }
}

impl Eq for Bytes {}

impl<T: AsRef<[u8]>> From<T> for Bytes {
    fn from(bytes: T) -> Self {
        Self::Plain(bytes.as_ref().to_vec())
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain(bytes) => write!(f, "{}", hex::encode(bytes)),
            Self::Repeat { unit, times } => write!(f, "{} × {times}", hex::encode(unit)),
        }
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Written {
    Hex(String),
    Repeat { repeat: String, times: usize },
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain(bytes) => Written::Hex(hex::encode(bytes)),
            Self::Repeat { unit, times } => Written::Repeat { repeat: hex::encode(unit), times: *times },
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Json::deserialize(deserializer)?;
        Self::read(&json).map_err(serde::de::Error::custom)
    }
}

impl Bytes {
    /// The error is one line: what came, what bytes are, and the right form if it can be told.
    pub(crate) fn read(json: &Json) -> Result<Self, String> {
        match json {
            Json::String(text) => decode(text).map(Self::Plain),
            Json::Object(fields) if ["repeat", "times"].iter().any(|name| fields.contains_key(*name)) => {
                repeat(fields).map_err(|wrong| format!("{}: {wrong}", shown(json)))
            }
            Json::Object(_) => Err(format!("{}: {FORMS}", shown(json))),
            other => {
                let bytes = other.as_array().and_then(|numbers| {
                    let byte = |number: &Json| number.as_u64().and_then(|number| u8::try_from(number).ok());
                    numbers.iter().map(byte).collect::<Option<Vec<u8>>>()
                });
                let right = bytes.map_or_else(String::new, |bytes| format!("; write {:?}", hex::encode(bytes)));
                Err(format!("{}: bytes are text in lower-case hex{right}", shown(other)))
            }
        }
    }
}

/// How bytes are written.
const FORMS: &str = r#"bytes are lower-case hex, such as "00ff", or {"text":"héllo"}, {"base64":"AP8="}, {"file":"in.png"} or {"repeat":"61","times":3}"#;

fn repeat(fields: &Map<String, Json>) -> Result<Bytes, String> {
    const FORM: &str = r#"a repeat is such as {"repeat":"61","times":3}"#;
    if let Some(other) = fields.keys().find(|name| !["repeat", "times"].contains(&name.as_str())) {
        return Err(format!("unknown field {other:?}; {FORM}"));
    }
    if let Some(missing) = ["repeat", "times"].into_iter().find(|name| !fields.contains_key(*name)) {
        return Err(format!("missing {missing:?}; {FORM}"));
    }
    let unit = fields["repeat"].as_str().ok_or("\"repeat\" is text in lower-case hex")?;
    let unit = decode(unit)?;
    let times = fields["times"].as_u64().and_then(|times| usize::try_from(times).ok());
    let times = times.ok_or("\"times\" is a whole number, without quotes")?;
    match unit.len().checked_mul(times) {
        Some(len) if len <= MAX_REPEATED_LEN => Ok(Bytes::Repeat { unit, times }),
        _ => Err(format!("a repeat of over {MAX_REPEATED_LEN} bytes")),
    }
}

/// Decodes lower-case hex, and says what is wrong where it is not.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, String> {
    if let Some((at, wrong)) = text.char_indices().find(|(_, c)| !matches!(c, '0'..='9' | 'a'..='f')) {
        let lower = text.to_ascii_lowercase();
        let plain = lower.trim_start_matches("0x").replace([' ', ':', '-', '\n'], "");
        let right = match hex::decode(&plain) {
            Ok(_) if plain.len() <= MOST_SHOWN => format!("; write {plain:?}"),
            _ => String::new(),
        };
        return Err(format!("wrong hex digit {wrong:?} at position {at}; bytes are lower-case hex{right}"));
    }
    hex::decode(text).map_err(|_| format!("{} hex digits are half a byte too many or too few", text.len()))
}

/// Longer bytes are not written out in a message.
const MOST_SHOWN: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_and_writes_both_forms() {
        for json in [r#""00ff""#, r#""""#, r#"{"repeat":"61","times":3}"#] {
            let bytes: Bytes = serde_json::from_str(json).unwrap();
            assert_eq!(serde_json::to_string(&bytes).unwrap(), json);
        }
        let repeated: Bytes = serde_json::from_str(r#"{"repeat":"6162","times":2}"#).unwrap();
        assert_eq!(repeated.to_vec(), b"abab");
        assert_eq!(repeated.len(), 4);
        assert_eq!(repeated, Bytes::from(b"abab"), "equal where the bytes are");
        assert_ne!(repeated, Bytes::from(b"abba"));
    }

    #[test]
    fn says_which_digit_is_wrong() {
        let error = decode("00fG").unwrap_err();
        assert!(error.contains("'G' at position 3"), "{error}");
        assert!(decode("AB").is_err(), "upper case is refused");
        assert!(decode("abc").unwrap_err().contains("half a byte"));
        assert!(serde_json::from_str::<Bytes>(r#"{"repeat":"61","times":99999999999}"#).is_err());
    }
}

//! Byte strings as the vectors write them.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

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
    #[must_use]
    pub fn to_vec(&self) -> Vec<u8> {
        match self {
            Self::Plain(bytes) => bytes.clone(),
            Self::Repeat { unit, times } => unit.repeat(*times),
        }
    }

    /// How many bytes it stands for.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Plain(bytes) => bytes.len(),
            Self::Repeat { unit, times } => unit.len() * times,
        }
    }

    /// Whether it stands for no bytes at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
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

#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Written {
    Hex(String),
    Repeat(Repeat),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repeat {
    repeat: String,
    times: usize,
}

impl Serialize for Bytes {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Plain(bytes) => Written::Hex(hex::encode(bytes)),
            Self::Repeat { unit, times } => Written::Repeat(Repeat {
                repeat: hex::encode(unit),
                times: *times,
            }),
        }
        .serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        use serde::de::Error;
        match Written::deserialize(deserializer)? {
            Written::Hex(text) => decode(&text).map(Self::Plain).map_err(D::Error::custom),
            Written::Repeat(Repeat { repeat, times }) => {
                let unit = decode(&repeat).map_err(D::Error::custom)?;
                match unit.len().checked_mul(times) {
                    Some(len) if len <= MAX_REPEATED_LEN => Ok(Self::Repeat { unit, times }),
                    _ => Err(D::Error::custom(format!(
                        "a repeat of over {MAX_REPEATED_LEN} bytes"
                    ))),
                }
            }
        }
    }
}

/// Decodes lower-case hex, and says what is wrong where it is not.
pub(crate) fn decode(text: &str) -> Result<Vec<u8>, String> {
    if let Some((at, wrong)) = text
        .char_indices()
        .find(|(_, c)| !matches!(c, '0'..='9' | 'a'..='f'))
    {
        return Err(format!(
            "wrong hex digit {wrong:?} at position {at}; bytes are lower-case hex"
        ));
    }
    hex::decode(text).map_err(|_| format!("{} hex digits are half a byte too many or too few", text.len()))
}

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

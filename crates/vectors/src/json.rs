//! JSON as it comes from outside: read strictly. A key that an object has twice is refused, because most readers take the
//! last of the two without a word.

use std::cell::RefCell;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Why a text is not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotRead {
    /// From 1.
    pub line: usize,
    /// In bytes, from 1.
    pub column: usize,
    /// What is wrong there.
    pub what: String,
    /// Whether the text ends too early.
    pub cut_short: bool,
}

impl fmt::Display for NotRead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cut_short = if self.cut_short { ": the file was cut short?" } else { "" };
        write!(f, "line {}, column {}: {}{cut_short}", self.line, self.column, self.what)
    }
}

/// Reads a text that is one JSON value.
pub fn read(text: &[u8]) -> Result<Value, NotRead> {
    let twice = RefCell::new(Vec::new());
    let mut deserializer = serde_json::Deserializer::from_slice(text);
    let read = Strict(&twice).deserialize(&mut deserializer).and_then(|value| deserializer.end().map(|()| value));
    read.map_err(|error| {
        let mut path = twice.take();
        let what = match path.is_empty() {
            // serde_json ends its message with the place.
            true => {
                let message = error.to_string();
                let message = message.split(" at line ").next().unwrap_or_default();
                format!("not JSON: {message}{}", hint(text, &error, message))
            }
            false => {
                let key = path.remove(0);
                path.reverse();
                let place: String = path.concat();
                let place = match place.trim_start_matches('.') {
                    "" => String::new(),
                    place => format!(" in {place}"),
                };
                format!("the key {} is there twice{place}", key.trim_start_matches('.'))
            }
        };
        NotRead { line: error.line(), column: error.column(), what, cut_short: error.is_eof() }
    })
}

/// What was probably meant there.
fn hint(text: &[u8], error: &serde_json::Error, message: &str) -> &'static str {
    if message.contains("recursion limit") {
        return ": nested over 127 deep";
    }
    let mut lines = text.split(|byte| *byte == b'\n');
    let line = lines.nth(error.line().saturating_sub(1)).unwrap_or_default();
    match line.get(error.column().saturating_sub(1)) {
        Some(b'/' | b'#') => ": JSON has no comments",
        Some(b'\'') => ": text stands in double quotes",
        Some(b',') => ": a comma too many",
        Some(b'N' | b'I' | b'u') if message == "expected value" => ": JSON has no NaN, Infinity or undefined",
        Some(b'x' | b'_') => ": numbers are decimal, without separators",
        _ if message == "key must be a string" => ": names stand in double quotes",
        _ => "",
    }
}

/// Makes a [`Value`]. If a key is there twice, the list gets that key and then, on the way out, the place from the
/// inside outwards.
#[derive(Clone, Copy)]
struct Strict<'a>(&'a RefCell<Vec<String>>);

impl Strict<'_> {
    fn note<E>(self, error: E, place: impl FnOnce() -> String) -> E {
        let mut twice = self.0.borrow_mut();
        if !twice.is_empty() {
            twice.push(place());
        }
        error
    }
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut values = Vec::new();
        loop {
            let next = items.next_element_seed(self);
            match next.map_err(|error| self.note(error, || format!("[{}]", values.len())))? {
                Some(value) => values.push(value),
                None => return Ok(Value::Array(values)),
            }
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Value, A::Error> {
        let mut values = Map::new();
        while let Some(name) = fields.next_key::<String>()? {
            if values.contains_key(&name) {
                self.0.borrow_mut().push(place(&name));
                return Err(A::Error::custom("a key twice"));
            }
            let value = fields.next_value_seed(self);
            let value = value.map_err(|error| self.note(error, || place(&name)))?;
            values.insert(name, value);
        }
        Ok(Value::Object(values))
    }
}

/// `.name`, or quoted if it is not a plain word.
fn place(name: &str) -> String {
    let is_plain = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    if is_plain { format!(".{name}") } else { format!(".{name:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::table;

    #[test]
    fn reads_what_serde_json_reads() {
        for text in [
            "null",
            " [1, -2, 3.5, 18446744073709551615, -9223372036854775808, true, \"\\u0000\\n\"] ",
            r#"{"a": {"b": [{}, {"a": 1}]}, "": {}, "A": 1}"#,
            "1e3",
        ] {
            let value: Value = serde_json::from_str(text).unwrap();
            assert_eq!(read(text.as_bytes()).unwrap(), value, "{text}");
        }
    }

    #[test]
    fn a_key_is_there_once() {
        for (text, said) in [
            (r#"{"a":1,"a":1}"#, "the key a is there twice"),
            (r#"{"c":[0,{"x y":{"ok":{},"ok":{}}}]}"#, r#"the key ok is there twice in c[1]."x y""#),
            ("[[{\"\":1,\"\":2}]]", r#"the key "" is there twice in [0][0]"#),
            // However it is spelled.
            (r#"{"a":1,"\u0061":2}"#, "the key a is there twice"),
        ] {
            let error = read(text.as_bytes()).unwrap_err();
            assert_eq!(error.what, said, "{text}");
            assert_eq!(error.line, 1);
            assert!(error.column > 0, "{error:?}");
        }
    }

    #[test]
    fn what_is_not_json_is_refused() {
        let texts = r#"
            {} {} => not JSON: trailing characters
            [1,] => not JSON: trailing comma
            [1,,2] => not JSON: expected value: a comma too many
            {"a":1,,"b":1} => not JSON: key must be a string: a comma too many
            ['a'] => not JSON: expected value: text stands in double quotes
            {a:1} => not JSON: key must be a string: names stand in double quotes
            [NaN] => not JSON: expected value: JSON has no NaN, Infinity or undefined
            [0x10] => not JSON: expected `,` or `]`: numbers are decimal, without separators
            {"a":01} => not JSON: invalid number
        "#;
        let others = [
            ("", "not JSON: EOF while parsing a value"),
            ("// mine\n{}", "not JSON: expected value: JSON has no comments"),
            ("[1, # one\n2]", "not JSON: expected value: JSON has no comments"),
            ("[1 // one\n]", "not JSON: expected `,` or `]`: JSON has no comments"),
            ("\u{feff}{}", "not JSON: expected value"),
        ];
        for (text, said) in table(texts).chain(others) {
            assert_eq!(read(text.as_bytes()).unwrap_err().what, said, "{text}");
        }
        let deep = "[".repeat(200);
        assert_eq!(read(deep.as_bytes()).unwrap_err().what, "not JSON: recursion limit exceeded: nested over 127 deep");
        assert!(read(b"[1").unwrap_err().cut_short);
    }
}

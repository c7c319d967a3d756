//! Numbers, lists and long values in words, the same everywhere.

use std::time::Duration;

pub use module_inspect::text::{count, names, thousands};
use serde_json::Value;
use vectors::expected;

/// How many elements of a list are shown.
const MOST_ELEMENTS: usize = 6;

/// Three digits that matter: `1,234`, `123`, `12.3`, `1.23`, `0.123`.
pub fn significant(number: f64) -> String {
    match number {
        n if n >= 99.95 => thousands(n.round() as u64),
        n if n >= 9.995 => format!("{n:.1}"),
        n if n >= 0.9995 => format!("{n:.2}"),
        n => format!("{n:.3}"),
    }
}

/// `once`, `3 times`.
pub fn times(number: usize) -> String {
    if number == 1 { "once".into() } else { format!("{} times", thousands(number)) }
}

/// `120 ms`, `3.5 s`, `2 min 7 s`.
pub fn elapsed(millis: u64) -> String {
    match millis {
        0..1_000 => format!("{millis} ms"),
        1_000..60_000 => format!("{:.1} s", Duration::from_millis(millis).as_secs_f64()),
        _ => format!("{} min {} s", millis / 60_000, millis % 60_000 / 1_000),
    }
}

/// The value in JSON with long texts and lists cut in the middle. The whole ones are in report.json.
pub(crate) fn shorten(value: &Value, most_chars: usize) -> String {
    cut(&in_words(value), most_chars).to_string()
}

/// The value, with words for what is expected where many answers are right: `"any i32 except 0"`.
pub(crate) fn in_words(value: &Value) -> Value {
    match value {
        value if let Some(words) = expected::in_words(value) => words.into(),
        Value::Array(values) => values.iter().map(in_words).collect(),
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), in_words(value))).collect(),
        other => other.clone(),
    }
}

/// Cuts every long text and list of a value.
fn cut(value: &Value, most_chars: usize) -> Value {
    match value {
        Value::String(text) => Value::String(cut_text(text, most_chars)),
        Value::Array(values) => {
            let mut shown: Vec<Value> = values.iter().take(MOST_ELEMENTS).map(|value| cut(value, most_chars)).collect();
            if values.len() > MOST_ELEMENTS {
                shown.push(format!("… {} more", thousands(values.len() - MOST_ELEMENTS)).into());
            }
            Value::Array(shown)
        }
        Value::Object(fields) => fields.iter().map(|(name, value)| (name.clone(), cut(value, most_chars))).collect(),
        other => other.clone(),
    }
}

fn cut_text(text: &str, most_chars: usize) -> String {
    let chars = text.chars().count();
    if chars <= most_chars {
        return text.to_string();
    }
    let start: String = text.chars().take(most_chars / 2).collect();
    let end: String = text.chars().skip(chars - most_chars / 4).collect();
    if text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        format!("{start}…{end} ({} bytes)", thousands(chars / 2))
    } else {
        format!("{start}…{end}")
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_have_three_digits_that_matter() {
        let shown: Vec<_> = [8230.4, 262.2, 99.96, 50.04, 9.996, 1.3, 0.016].map(significant).to_vec();
        assert_eq!(shown, ["8,230", "262", "100", "50.0", "10.0", "1.30", "0.016"]);
    }

    #[test]
    fn cuts_hex_and_lists_and_says_how_much() {
        let value = json!({"signature": "ab".repeat(64), "list": vec![1; 10], "short": "ab"});
        let shown = shorten(&value, 16);
        assert!(shown.contains("\"abababab…abab (64 bytes)\""), "{shown}");
        assert!(shown.contains("\"… 4 more\""), "{shown}");
        assert!(shown.contains(r#""short":"ab""#), "{shown}");
    }

    #[test]
    fn expectations_are_words() {
        let value = json!({"ok": {"results": [{"i32": 3}, {"not": {"i32": 0}}], "bytes": {"length": 2}}});
        let shown = r#"{"ok":{"bytes":"any 2 bytes","results":[{"i32":3},"any i32 except 0"]}}"#;
        assert_eq!(shorten(&value, 32), shown);
    }

    #[test]
    fn cuts_between_characters() {
        assert_eq!(cut_text(&"é".repeat(20), 8), "éééé…éé");
    }
}

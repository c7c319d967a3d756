//! Long values for narrow places. The whole ones are in report.json.

use serde_json::Value;

use super::thousands;

/// How many elements of a list are shown.
const MOST_ELEMENTS: usize = 6;

/// The value in JSON with long texts and lists cut in the middle.
pub(crate) fn shorten(value: &Value, most_chars: usize) -> String {
    cut(value, most_chars).to_string()
}

/// Cuts every long text and list of a value.
pub(super) fn cut(value: &Value, most_chars: usize) -> Value {
    match value {
        Value::String(text) => Value::String(cut_text(text, most_chars)),
        Value::Array(values) => {
            let mut shown: Vec<Value> = values
                .iter()
                .take(MOST_ELEMENTS)
                .map(|value| cut(value, most_chars))
                .collect();
            if values.len() > MOST_ELEMENTS {
                shown.push(format!("… {} more", thousands(values.len() - MOST_ELEMENTS)).into());
            }
            Value::Array(shown)
        }
        Value::Object(fields) => fields
            .iter()
            .map(|(name, value)| (name.clone(), cut(value, most_chars)))
            .collect(),
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
    fn cuts_hex_and_lists_and_says_how_much() {
        let value = json!({"signature": "ab".repeat(64), "list": vec![1; 10], "short": "ab"});
        let shown = shorten(&value, 16);
        assert!(shown.contains("\"abababab…abab (64 bytes)\""), "{shown}");
        assert!(shown.contains("\"… 4 more\""), "{shown}");
        assert!(shown.contains(r#""short":"ab""#), "{shown}");
    }

    #[test]
    fn cuts_between_characters() {
        assert_eq!(cut_text(&"é".repeat(20), 8), "éééé…éé");
    }
}

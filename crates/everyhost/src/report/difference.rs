//! The first difference of two answers: in a long one, nobody sees it.

use serde_json::Value;

use crate::text::shorten;

/// How much of each side is shown.
const MOST_CHARS: usize = 32;

/// The first place at which the answers differ, and what each has there. None if they are equal, or if one is of
/// another kind altogether, which needs no pointing at.
pub(super) fn first_difference(expected: &Value, actual: &Value) -> Option<String> {
    let (path, expected, actual) = find(expected, actual, String::new())?;
    if path.is_empty() {
        return None;
    }
    let path = path.trim_start_matches('.');
    if let (Value::String(expected), Value::String(actual)) = (&expected, &actual)
        && let Some(at) = common_len(expected, actual)
    {
        let byte = at / 2;
        let rest = |text: &str| {
            text.get(byte * 2..)
                .unwrap_or_default()
                .chars()
                .take(16)
                .collect::<String>()
        };
        return Some(format!(
            "{path} from byte {byte}: expected {}…, actual {}…",
            rest(expected),
            rest(actual)
        ));
    }
    let shown = |value: &Value| shorten(value, MOST_CHARS);
    Some(format!(
        "{path}: expected {}, actual {}",
        shown(&expected),
        shown(&actual)
    ))
}

/// What the other answer has at that place, such as `false`.
pub(super) fn differing(one: &Value, other: &Value) -> Option<String> {
    let (.., other) = find(one, other, String::new())?;
    Some(match other {
        Value::String(text) if text.len() <= MOST_CHARS => text,
        other => shorten(&other, MOST_CHARS),
    })
}

fn find(expected: &Value, actual: &Value, path: String) -> Option<(String, Value, Value)> {
    match (expected, actual) {
        // Stands for a pointer, which the judge has compared.
        (Value::Object(pointer), _) if pointer.contains_key("var") => None,
        (Value::Object(left), Value::Object(right)) if left.keys().eq(right.keys()) => left
            .iter()
            .find_map(|(name, value)| find(value, &right[name], format!("{path}.{name}"))),
        (Value::Array(left), Value::Array(right)) => {
            let pairs = left.iter().zip(right).enumerate();
            let inside = pairs
                .clone()
                .find_map(|(at, (left, right))| find(left, right, format!("{path}[{at}]")));
            inside.or_else(|| {
                let lengths = || (format!("{path}: length"), left.len().into(), right.len().into());
                (left.len() != right.len()).then(lengths)
            })
        }
        _ if expected == actual => None,
        _ => Some((path, expected.clone(), actual.clone())),
    }
}

/// How much two long hex texts have in common from the start.
fn common_len(expected: &str, actual: &str) -> Option<usize> {
    let is_hex = |text: &str| text.len() > MOST_CHARS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hex(expected) || !is_hex(actual) {
        return None;
    }
    Some(
        expected
            .bytes()
            .zip(actual.bytes())
            .take_while(|(left, right)| left == right)
            .count(),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn points_into_steps_and_into_bytes() {
        let expected =
            json!({"ok": {"steps": [{"ok": {"results": [{"var": "key"}]}}, {"ok": {"pages": 17}}]}});
        let actual = json!({"ok": {"steps": [{"ok": {"results": [{"i32": 8}]}}, {"ok": {"pages": 18}}]}});
        let says = "ok.steps[1].ok.pages: expected 17, actual 18";
        assert_eq!(first_difference(&expected, &actual).unwrap(), says);

        let signature = |byte: &str| json!({"ok": {"signature": format!("{}{byte}{}", "ab".repeat(30), "cd".repeat(33))}});
        let says = "ok.signature from byte 30: expected 00cdcdcdcdcdcdcd…, actual 01cdcdcdcdcdcdcd…";
        assert_eq!(
            first_difference(&signature("00"), &signature("01")).unwrap(),
            says
        );
    }

    #[test]
    fn names_what_the_other_has() {
        let value = |bits: &str| json!({"ok": {"results": [{"f32": bits}]}});
        assert_eq!(
            differing(&value("7fa00000"), &value("7fe00000")).unwrap(),
            "7fe00000"
        );
        let valid = |valid: bool| json!({"ok": {"valid": valid}});
        assert_eq!(differing(&valid(true), &valid(false)).unwrap(), "false");
        assert_eq!(differing(&valid(true), &valid(true)), None);
    }

    #[test]
    fn says_nothing_where_nothing_or_all_is_different() {
        assert_eq!(first_difference(&json!({"trap": true}), &json!({"ok": {}})), None);
        assert_eq!(first_difference(&json!({"ok": {}}), &json!({"ok": {}})), None);
        let longer = first_difference(&json!({"ok": {"steps": [1]}}), &json!({"ok": {"steps": [1, 2]}}));
        assert_eq!(longer.unwrap(), "ok.steps: length: expected 1, actual 2");
    }
}

//! The first difference of two answers: in a long one, nobody sees it.

use serde_json::{Map, Value};

use crate::answer::{DIFFERS, Given};
use crate::text::shorten;
use vectors::answer::Answer;
use vectors::expected;

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
        let rest = |text: &str| text.get(byte * 2..).unwrap_or_default().chars().take(16).collect::<String>();
        return Some(format!("{path} from byte {byte}: expected {}…, actual {}…", rest(expected), rest(actual)));
    }
    let shown = |value: &Value| shorten(value, MOST_CHARS);
    Some(format!("{path}: expected {}, actual {}", shown(&expected), shown(&actual)))
}

/// How an answer differs from another, as short as possible: `no`, `traps`, `false`.
pub(super) fn word(usual: &Given, answer: &Given) -> String {
    let works = |given: &Given| matches!(given, Given::Answer(Answer::Ok { .. }));
    let word = answer.in_a_word();
    if word != DIFFERS {
        return word;
    }
    if works(answer) && !works(usual) {
        return "works".into();
    }
    let (usual, answer) = (usual.json(), answer.json());
    if let Some(word) = program_word(&usual, &answer) {
        return word;
    }
    match find(&usual, &answer, String::new()) {
        Some((.., Value::String(text))) if text.len() <= MOST_CHARS => text,
        Some((.., Value::Object(step))) => Given::from(Value::Object(step)).in_a_word(),
        Some((.., other)) => shorten(&other, MOST_CHARS),
        None => word,
    }
}

/// How a program of WASI ended, and else the first thing that it left otherwise.
fn program_word(usual: &Value, answer: &Value) -> Option<String> {
    let code = |given: &Value| given["ok"].get("exit_code").cloned();
    if code(usual) != code(answer) {
        return Some(end_of_program(answer));
    }
    code(usual)?;
    let (path, _, actual) = find(usual, answer, String::new())?;
    let is = |name: &str| path.starts_with(&format!(".ok.{name}"));
    Some(match actual.as_str().and_then(|text| hex::decode(text).ok()).map(String::from_utf8) {
        _ if is("dirs") => "other files".into(),
        Some(Ok(text)) if is("stdout") || is("stderr") => shorten(&text.into(), MOST_CHARS),
        _ => DIFFERS.into(),
    })
}

/// `exit 63`, or `traps`.
pub(super) fn end_of_program(answer: &Value) -> String {
    match answer["ok"].get("exit_code") {
        Some(code) => format!("exit {code}"),
        None if answer.get("ok").is_some() => "traps".into(),
        None => Given::from(answer.clone()).in_a_word(),
    }
}

/// Of a program, what need not be expected.
const POSSIBLE: [&str; 3] = ["stdout", "stderr", "dirs"];

fn find(expected: &Value, actual: &Value, path: String) -> Option<(String, Value, Value)> {
    match (expected::accepts(expected, actual), expected::answers(expected)) {
        (None, _) => {}
        (Some(true), _) => return None,
        (Some(false), None) => return Some((path, expected.clone(), actual.clone())),
        // The answer that comes nearest: it differs latest.
        (Some(false), Some(all)) => {
            let differences = all.iter().filter_map(|one| find(one, actual, path.clone()));
            return differences.max_by_key(|(path, ..)| path.len());
        }
    }
    match (expected, actual) {
        // Stands for a pointer, which the judge has compared.
        (Value::Object(pointer), _) if pointer.contains_key("var") => None,
        (Value::Object(left), Value::Object(right)) if left.keys().eq(compared(left, right)) => {
            left.iter().find_map(|(name, value)| find(value, &right[name], format!("{path}.{name}")))
        }
        (Value::Array(left), Value::Array(right)) => {
            let pairs = left.iter().zip(right).enumerate();
            let inside = pairs.clone().find_map(|(at, (left, right))| find(left, right, format!("{path}[{at}]")));
            inside.or_else(|| {
                let lengths = || (format!("{path}: length"), left.len().into(), right.len().into());
                (left.len() != right.len()).then(lengths)
            })
        }
        _ if expected == actual => None,
        _ => Some((path, expected.clone(), actual.clone())),
    }
}

/// The fields of an answer that are compared with what is expected.
fn compared<'a>(expected: &'a Map<String, Value>, actual: &'a Map<String, Value>) -> impl Iterator<Item = &'a String> {
    actual.keys().filter(|name| expected.contains_key(*name) || !POSSIBLE.contains(&name.as_str()))
}

/// How much two long hex texts have in common from the start.
fn common_len(expected: &str, actual: &str) -> Option<usize> {
    let is_hex = |text: &str| text.len() > MOST_CHARS && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if !is_hex(expected) || !is_hex(actual) {
        return None;
    }
    Some(expected.bytes().zip(actual.bytes()).take_while(|(left, right)| left == right).count())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn points_into_steps_and_into_bytes() {
        let expected = json!({"ok": {"steps": [{"ok": {"results": [{"var": "key"}]}}, {"ok": {"pages": 17}}]}});
        let actual = json!({"ok": {"steps": [{"ok": {"results": [{"i32": 8}]}}, {"ok": {"pages": 18}}]}});
        let says = "ok.steps[1].ok.pages: expected 17, actual 18";
        assert_eq!(first_difference(&expected, &actual).unwrap(), says);

        let many = json!({"ok": {"results": [{"any": "i32"}, {"not": {"i32": 0}}], "bytes": {"length": 2}}});
        let one = json!({"ok": {"results": [{"i32": 1}, {"i32": 0}], "bytes": "00ff"}});
        let says = r#"ok.results[1]: expected "any i32 except 0", actual {"i32":0}"#;
        assert_eq!(first_difference(&many, &one).unwrap(), says);

        let either = json!({"one_of": [{"error": "NO_INSTANCE"}, many, {"trap": true}]});
        assert_eq!(first_difference(&either, &one).unwrap(), says);
        assert_eq!(first_difference(&either, &json!({"unsupported": "why"})), None);

        let signature =
            |byte: &str| json!({"ok": {"signature": format!("{}{byte}{}", "ab".repeat(30), "cd".repeat(33))}});
        let says = "ok.signature from byte 30: expected 00cdcdcdcdcdcdcd…, actual 01cdcdcdcdcdcdcd…";
        assert_eq!(first_difference(&signature("00"), &signature("01")).unwrap(), says);
    }

    #[test]
    fn says_how_an_answer_differs_in_a_word() {
        let word = |usual: &Value, answer: &Value| word(&usual.clone().into(), &answer.clone().into());
        let value = |bits: &str| json!({"ok": {"results": [{"f32": bits}]}});
        let valid = |valid: bool| json!({"ok": {"valid": valid}});
        let refused = json!({"error": "MODULE_REFUSED"});
        assert_eq!(word(&value("7fa00000"), &value("7fe00000")), "7fe00000");
        assert_eq!(word(&valid(true), &valid(false)), "false");
        assert_eq!(word(&valid(true), &refused), "no");
        assert_eq!(word(&refused, &valid(true)), "works");
        let steps = |last: Value| json!({"ok": {"steps": [last]}});
        assert_eq!(word(&steps(value("7fa00000")), &steps(json!({"trap": true}))), "traps");
    }

    #[test]
    fn says_what_a_program_did() {
        let word = |usual: Value, answer: Value| word(&usual.into(), &answer.into());
        let exits =
            |code: u32, stdout: &str| json!({"ok": {"exit_code": code, "stdout": stdout, "stderr": "", "dirs": [[]]}});
        let expected = |code: u32, stdout: &str| json!({"ok": {"exit_code": code, "stdout": stdout}});
        assert_eq!(word(expected(63, ""), exits(0, "")), "exit 0");
        assert_eq!(word(expected(63, ""), json!({"ok": {"stdout": "", "stderr": "", "dirs": []}})), "traps");
        assert_eq!(word(expected(0, "6869"), exits(0, "686f0a")), r#""ho\n""#);
        assert_eq!(
            word(json!({"ok": {"exit_code": 0, "dirs": [[{"path": "a", "dir": true}]]}}), exits(0, "")),
            "other files"
        );
        assert_eq!(word(expected(0, ""), json!({"error": "NO_INSTANCE"})), "no instance");
        let says = "ok.exit_code: expected 63, actual 0";
        assert_eq!(first_difference(&expected(63, ""), &exits(0, "")).unwrap(), says);
    }

    #[test]
    fn says_nothing_where_nothing_or_all_is_different() {
        assert_eq!(first_difference(&json!({"trap": true}), &json!({"ok": {}})), None);
        assert_eq!(first_difference(&json!({"ok": {}}), &json!({"ok": {}})), None);
        let longer = first_difference(&json!({"ok": {"steps": [1]}}), &json!({"ok": {"steps": [1, 2]}}));
        assert_eq!(longer.unwrap(), "ok.steps: length: expected 1, actual 2");
    }
}

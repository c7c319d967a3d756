//! Reads what an adapter says, strictly: a reply that bends the contract is an error, never a guess.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use crate::answer::{Answer, Output};
use crate::expected::in_words;
use crate::imports::HostCall;
use crate::json;
use crate::protocol::{Hello, PROTOCOL};

/// A reply to `run`: the request it belongs to, and the answer or what is wrong with it.
#[derive(Debug)]
pub struct Received {
    /// Of the request.
    pub seq: u64,
    /// The answer, or what is wrong with it.
    pub answer: Result<Answer, String>,
}

/// Reads a reply to `run`.
pub fn reply(line: &[u8]) -> Result<Received, String> {
    let mut fields = object(line)?;
    let seq = fields.remove("seq").ok_or_else(|| format!("a line without seq: {}", excerpt(line)))?;
    let seq = seq.as_u64().ok_or_else(|| format!("seq is {seq}; it repeats the number of the request"))?;
    Ok(Received { seq, answer: read(fields, Bytes::Plain) })
}

/// Reads the reply to `hello`.
pub fn hello(line: &[u8]) -> Result<Hello, String> {
    let fields = object(line)?;
    match fields.get("protocol").and_then(Value::as_u64) {
        Some(version) if version == u64::from(PROTOCOL) => {}
        Some(version) => return Err(format!("hello speaks protocol {version}; it must be {PROTOCOL}")),
        None => return Err(format!("the reply to hello has no protocol: {}", excerpt(line))),
    }
    let hello: Hello =
        serde_json::from_value(Value::Object(fields)).map_err(|error| format!("the reply to hello: {error}"))?;
    for (name, module) in &hello.modules {
        if module.refused.is_some() && !module.ops.is_empty() {
            return Err(format!(
                "the reply to hello: {name} is refused, and has the operations {}: a refused module has none",
                module.ops.join(", ")
            ));
        }
    }
    Ok(hello)
}

/// How byte strings may be written.
#[derive(Clone, Copy)]
enum Bytes {
    /// In hex, as hosts answer them.
    Plain,
    /// As the vectors write them: a `repeat` too.
    Any,
}

/// Reads one answer as a host has to write it: exactly one of `ok`, `error`, `trap` and `unsupported`.
pub fn answer(value: Value) -> Result<Answer, String> {
    from_value(value, Bytes::Plain)
}

/// The vectors expect answers, and write their bytes shorter.
impl<'de> Deserialize<'de> for Answer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        from_value(Value::deserialize(deserializer)?, Bytes::Any).map_err(serde::de::Error::custom)
    }
}

fn from_value(value: Value, bytes: Bytes) -> Result<Answer, String> {
    match value {
        Value::Object(fields) => read(fields, bytes),
        other => Err(format!("{} is no answer; it is an object", shortened(&other.to_string()))),
    }
}

fn read(mut fields: Map<String, Value>, bytes: Bytes) -> Result<Answer, String> {
    if let (Bytes::Any, Some(Value::Array(all)), 1) = (bytes, fields.get("one_of"), fields.len()) {
        let one_of = all.iter().map(|one| from_value(one.clone(), bytes)).collect::<Result<_, _>>()?;
        return Ok(Answer::OneOf { one_of });
    }
    let kinds = ["ok", "error", "trap", "unsupported"];
    let given: Vec<&str> = kinds.into_iter().filter(|kind| fields.contains_key(*kind)).collect();
    let [kind] = given[..] else {
        return Err(match given.len() {
            0 => format!("an answer without ok, error, trap or unsupported{}", listing(&fields)),
            _ => format!("an answer with {} at once", given.join(" and ")),
        });
    };
    let value = fields.remove(kind).unwrap_or_default();
    let detail = match kind {
        "error" | "trap" => words(kind, fields.remove("detail"))?,
        _ => None,
    };
    let calls = if kind == "trap" { calls(fields.remove("calls"), bytes)? } else { Vec::new() };
    if let Some((unknown, _)) = fields.iter().next() {
        return Err(format!("an answer with the unknown field {unknown:?}"));
    }
    match (kind, value) {
        ("ok", Value::Object(output)) => ok(output, bytes).map(Answer::ok),
        ("error", Value::String(error)) if !error.is_empty() => Ok(Answer::Error { error, detail }),
        ("unsupported", Value::String(unsupported)) => Ok(Answer::Unsupported { unsupported }),
        ("trap", Value::Bool(true)) => Ok(Answer::Trap { trap: true, calls, detail }),
        (_, value) => Err(format!("{kind} is {}; {}", shortened(&value.to_string()), must_be(kind))),
    }
}

/// The `detail` of an error or a trap.
fn words(kind: &str, detail: Option<Value>) -> Result<Option<String>, String> {
    match detail {
        None => Ok(None),
        Some(Value::String(words)) => Ok(Some(words)),
        Some(other) => Err(format!("the detail of {kind} is {}; it is text", shortened(&other.to_string()))),
    }
}

fn ok(mut fields: Map<String, Value>, bytes: Bytes) -> Result<Output, String> {
    let steps = fields.remove("steps").map(|given| steps(given, bytes)).transpose()?;
    let calls = calls(fields.remove("calls"), bytes)?;
    // Of a component: its type says what is in it.
    let result = fields.remove("result");
    if result.as_ref().is_some_and(has_null) {
        return Err("ok holds null; a component's value has none".into());
    }
    let rest = Value::Object(fields);
    if let (Bytes::Plain, Some(wrong)) = (bytes, not_plain(&rest)) {
        return Err(format!("ok holds {wrong}; answers are whole, and their bytes plain hex"));
    }
    let output: Output = serde_json::from_value(rest).map_err(|error| format!("ok: {error}"))?;
    Ok(Output { steps, calls, result, ..output })
}

/// Step by step, so that a wrong one is named.
fn steps(given: Value, bytes: Bytes) -> Result<Vec<Answer>, String> {
    let read = list("steps", given)?.into_iter().enumerate().map(|(at, step)| match from_value(step, bytes) {
        Ok(Answer::Unsupported { .. }) => Err(format!("step {at}: one step cannot be unsupported")),
        Ok(answer) => Ok(answer),
        Err(wrong) => Err(format!("step {at}: {wrong}")),
    });
    read.collect()
}

/// What came to the host's functions.
fn calls(given: Option<Value>, bytes: Bytes) -> Result<Vec<HostCall>, String> {
    let Some(given) = given else { return Ok(Vec::new()) };
    let read = list("calls", given)?.into_iter().enumerate().map(|(at, call)| {
        let Value::Object(mut fields) = call else { return Err(format!("call {at} is no object")) };
        let inner = fields.remove("steps").map(|given| steps(given, bytes)).transpose();
        let inner = inner.map_err(|wrong| format!("call {at}: {wrong}"))?;
        if let (Bytes::Plain, Some(wrong)) = (bytes, fields.get("args").and_then(not_plain)) {
            return Err(format!("call {at} has {wrong} among its arguments; they are values"));
        }
        let call: HostCall =
            serde_json::from_value(Value::Object(fields)).map_err(|error| format!("call {at}: {error}"))?;
        Ok(HostCall { steps: inner.unwrap_or_default(), ..call })
    });
    read.collect()
}

fn list(name: &str, given: Value) -> Result<Vec<Value>, String> {
    match given {
        Value::Array(items) => Ok(items),
        other => Err(format!("{name} is {}; it is a list", shortened(&other.to_string()))),
    }
}

fn has_null(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(fields) => fields.values().any(has_null),
        Value::Array(values) => values.iter().any(has_null),
        _ => false,
    }
}

/// What an answer may not hold anywhere: `null`, which reads like an absent field, the short form of bytes, and what
/// only vectors expect.
fn not_plain(value: &Value) -> Option<&'static str> {
    match value {
        Value::Null => Some("null"),
        Value::Object(fields) if fields.contains_key("repeat") => Some("a repeat"),
        Value::Object(fields) if fields.contains_key("var") => Some("a var"),
        value if in_words(value).is_some() => Some("an expectation"),
        Value::Object(fields) => fields.values().find_map(not_plain),
        Value::Array(values) => values.iter().find_map(not_plain),
        _ => None,
    }
}

const fn must_be(kind: &str) -> &'static str {
    match kind.as_bytes() {
        b"ok" => "it is an object",
        b"trap" => "it is always true",
        _ => "it is text",
    }
}

fn object(line: &[u8]) -> Result<Map<String, Value>, String> {
    match json::read(line) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Err(format!("not a JSON object: {}", excerpt(line))),
        Err(error) => Err(format!("{} (at byte {}): {}", error.what, error.column, excerpt(line))),
    }
}

fn listing(fields: &Map<String, Value>) -> String {
    if fields.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = fields.keys().map(String::as_str).collect();
    format!(", but with {}", names.join(", "))
}

/// The start of a line, for people.
pub fn excerpt(line: &[u8]) -> String {
    let shown = String::from_utf8_lossy(&line[..line.len().min(400)]);
    if line.is_empty() { "an empty line".into() } else { shortened(&shown) }
}

fn shortened(text: &str) -> String {
    match text.char_indices().nth(100) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{assert_has, table};

    fn read(line: &str) -> Result<Answer, String> {
        reply(line.as_bytes()).expect("a line with a seq").answer
    }

    #[test]
    fn reads_each_kind_of_answer() {
        assert!(matches!(read(r#"{"seq":1,"ok":{"value":3}}"#), Ok(Answer::Ok { ok }) if ok.value == Some(3.into())));
        assert_eq!(read(r#"{"seq":1,"error":"NO_KEY"}"#), Ok(Answer::error("NO_KEY")));
        assert_eq!(
            read(r#"{"seq":1,"error":"NO_INSTANCE","detail":"start trapped"}"#),
            Ok(Answer::error_with_detail("NO_INSTANCE", "start trapped"))
        );
        assert!(read(r#"{"seq":1,"ok":{"steps":[]}}"#).is_ok());
        assert_eq!(read(r#"{"seq":1,"trap":true,"detail":"unreachable"}"#), Ok(Answer::trap("unreachable")));
        assert!(matches!(read(r#"{"seq":1,"unsupported":"why"}"#), Ok(Answer::Unsupported { .. })));
        assert!(read(r#"{"seq":1,"ok":{"steps":[{"ok":{}},{"trap":true,"detail":"x"}]}}"#).is_ok());
    }

    #[test]
    fn refuses_what_bends_the_contract() {
        let lines = r#"
            {"seq":1} => without ok, error, trap or unsupported
            {"seq":1,"value":3} => but with value
            {"seq":1,"ok":{},"error":"X"} => ok and error at once
            {"seq":1,"ok":{},"note":"x"} => unknown field "note"
            {"seq":1,"ok":{},"detail":"x"} => unknown field "detail"
            {"seq":1,"error":"X","detail":1} => the detail of error is 1
            {"seq":1,"trap":false} => trap is false; it is always true
            {"seq":1,"trap":true,"detail":1} => the detail of trap is 1
            {"seq":1,"error":""} => error is
            {"seq":1,"error":7} => error is 7; it is text
            {"seq":1,"ok":true} => ok is true; it is an object
            {"seq":1,"ok":{"sum":3}} => unknown field `sum`
            {"seq":1,"ok":{"value":"3"}} => ok: 
            {"seq":1,"ok":{"value":null}} => ok holds null
            {"seq":1,"ok":{"signature":"AB"}} => lower-case hex
            {"seq":1,"ok":{"bytes":{"repeat":"00","times":3}}} => a repeat
            {"seq":1,"ok":{"steps":[{"ok":{}},{"trap":1}]}} => step 1: trap is 1
            {"seq":1,"ok":{"steps":[{"ok":{},"x":1}]}} => step 0: 
            {"seq":1,"ok":{"steps":[{"unsupported":"x"}]}} => step 0: one step
            {"seq":1,"ok":{"results":[{"any":"i32"}]}} => ok holds an expectation
            {"seq":1,"ok":{"results":[{"f64":"nan"}]}} => ok holds an expectation
            {"seq":1,"ok":{"results":[{"var":"p"}]}} => ok holds a var
            {"seq":1,"ok":{"bytes":{"length":3}}} => ok holds an expectation
            {"seq":1,"ok":{"value":{"any":"i32"}}} => ok holds an expectation
            {"seq":1,"ok":{"calls":[{"import":0,"args":[{"any":"i32"}]}]}} => call 0 has an expectation among its arguments
            {"seq":1,"one_of":[{"trap":true}]} => without ok, error, trap or unsupported
            {"seq":1,"ok":{"steps":3}} => steps is 3; it is a list
            {"seq":1,"ok":{"calls":[3]}} => call 0 is no object
            {"seq":1,"ok":{"calls":[{"import":0}]}} => call 0: missing field `args`
            {"seq":1,"trap":true,"calls":[{"import":0,"args":[],"steps":[{"ok":{"x":1}}]}]} => call 0: step 0: ok: unknown field
            {"seq":1,"error":"X","calls":[]} => unknown field "calls"
        "#;
        for (line, says) in table(lines) {
            assert_has(read(line).unwrap_err(), says.trim());
        }
    }

    #[test]
    fn refuses_lines_that_belong_to_no_request() {
        assert!(reply(b"hello").unwrap_err().starts_with("not JSON: "));
        let twice = |line: &str| reply(line.as_bytes()).unwrap_err();
        assert!(twice(r#"{"seq":1,"seq":2,"ok":{}}"#).starts_with("the key seq is there twice (at byte "));
        assert!(
            twice(r#"{"seq":1,"ok":{"steps":[{"ok":{}},{"error":"A","error":"B"}]}}"#)
                .starts_with("the key error is there twice in ok.steps[1] (")
        );
        assert!(reply(b"").unwrap_err().contains("an empty line"));
        assert!(reply(b"[1]").unwrap_err().contains("not a JSON object"));
        assert!(reply(br#"{"ok":{}}"#).unwrap_err().contains("without seq"));
        assert!(reply(br#"{"seq":-1,"ok":{}}"#).unwrap_err().contains("seq is -1"));
    }

    #[test]
    fn reads_hello_of_this_protocol_only() {
        let good = r#"{"protocol":1,"host":"go","version":"1","runtime":"x","os":"linux","modules":{}}"#;
        assert_eq!(hello(good.as_bytes()).unwrap().host, "go");
        let other = good.replace("\"protocol\":1", "\"protocol\":2");
        assert_has(hello(other.as_bytes()).unwrap_err(), "protocol 2; it must be 1");
        let with = |module: &str| good.replace(r#""modules":{}"#, &format!(r#""modules":{{"a":{module}}}"#));
        let refused = hello(with(r#"{"sha256":"00","ops":[],"refused":"no SIMD"}"#).as_bytes()).unwrap();
        assert_eq!(refused.modules["a"].refused.as_deref(), Some("no SIMD"));
        let both = with(r#"{"sha256":"00","ops":["raw"],"refused":"no SIMD"}"#);
        assert_has(hello(both.as_bytes()).unwrap_err(), "a is refused, and has the operations raw");
        assert!(hello(b"{}").unwrap_err().contains("no protocol"));
        assert_has(hello(br#"{"protocol":1}"#).unwrap_err(), "missing field `host`");
    }
}

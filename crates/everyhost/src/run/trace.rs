//! `--trace`: what a case asked for and what came, step by step, for people.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};
use vectors::Bytes;
use vectors::answer::Answer;

use super::drive::Seen;
use crate::plan::Item;
use crate::results::Outcome;
use crate::text::{count, shorten, thousands};

/// How many cases a trace may be of, each on one row with one module.
pub(super) const MOST: usize = 20;

/// Of bytes, and of text.
const MOST_SHOWN: usize = 32;

const MOST_CHARS: usize = 120;

/// One case on a row.
pub(super) fn lines(row: &str, item: &Item<'_>, seen: &Seen, outcome: &Outcome) -> Vec<String> {
    let mut trace = Trace::default();
    let detail = if outcome.detail.is_empty() { String::new() } else { format!(": {}", outcome.detail) };
    trace.say(0, format!("{} on {row} with {}: {}{detail}", item.case.id, item.module, outcome.verdict.name()));
    let expected = item.case.expect.answer();
    let input = item.case.op.input();
    trace.imports = objects(&input["imports"]);
    let steps = objects(&input["steps"]);
    trace.given(item.case.op.name(), &input);
    let Seen::Answer(answer) = seen else {
        for (at, step) in steps.iter().enumerate() {
            trace.say(1, format!("{}  {}", at + 1, asked(step)));
        }
        return trace.lines;
    };
    let json = serde_json::to_value(answer).unwrap_or_default();
    // What the start function called.
    trace.calls(&json["ok"]["calls"]);
    let (came, wanted) = (steps_of(answer), steps_of(&expected));
    for (at, step) in steps.iter().enumerate() {
        trace.say(1, format!("{}  {}", at + 1, asked(step)));
        match came.get(at) {
            Some(answer) => trace.answer(2, answer, wanted.get(at)),
            None => trace.say(2, "→ not done".into()),
        }
    }
    if came.is_empty() {
        trace.answer(1, answer, Some(&expected));
    } else {
        trace.fields(1, json["ok"].as_object());
    }
    if wanted.is_empty() && !came.is_empty() && !expected.accepts(answer) {
        trace.say(1, format!("expected {}", in_words(&serde_json::to_value(&expected).unwrap_or_default())));
    }
    trace.lines
}

fn steps_of(answer: &Answer) -> &[Answer] {
    match answer {
        Answer::Ok { ok } => ok.steps.as_deref().unwrap_or_default(),
        _ => &[],
    }
}

#[derive(Default)]
struct Trace {
    lines: Vec<String>,
    imports: Vec<Map<String, Json>>,
    /// How often each import was called until now.
    called: BTreeMap<usize, usize>,
}

impl Trace {
    fn say(&mut self, depth: usize, line: String) {
        self.lines.push(format!("{:indent$}{line}", "", indent = if depth > 1 { 3 * depth - 1 } else { 2 * depth }));
    }

    /// What the case has beside its steps and imports.
    fn given(&mut self, op: &str, input: &Json) {
        let fields: Vec<String> = input
            .as_object()
            .into_iter()
            .flatten()
            .filter(|(name, value)| !matches!(name.as_str(), "steps" | "imports") && **value != Json::Array(Vec::new()))
            .map(|(name, value)| format!("{name} {}", field(name, value)))
            .collect();
        self.say(1, [&[op.to_owned()][..], &fields].concat().join(", "));
    }

    fn answer(&mut self, depth: usize, answer: &Answer, expected: Option<&Answer>) {
        let json = serde_json::to_value(answer).unwrap_or_default();
        self.calls(&json["calls"]);
        self.calls(&json["ok"]["calls"]);
        self.say(depth, format!("→ {}", in_words(&json)));
        self.fields(depth, json["ok"].as_object());
        if let Some(expected) = expected.filter(|expected| !expected.accepts(answer)) {
            let json = serde_json::to_value(expected).unwrap_or_default();
            self.say(depth, format!("expected {}", in_words(&json)));
            self.fields(depth + 1, json["ok"].as_object());
        }
    }

    /// What a program left, a line each.
    fn fields(&mut self, depth: usize, ok: Option<&Map<String, Json>>) {
        for name in ["stdout", "stderr", "dirs"] {
            if let Some(value) = ok.and_then(|ok| ok.get(name)) {
                self.say(depth, format!("{name} {}", field(name, value)));
            }
        }
    }

    /// The calls of the host's functions that came, with what each did.
    fn calls(&mut self, calls: &Json) {
        for call in objects(calls) {
            let at = call.get("import").and_then(Json::as_u64).unwrap_or_default() as usize;
            let nth = self.called.entry(at).or_default();
            let number = *nth;
            *nth += 1;
            let import = self.imports.get(at).cloned().unwrap_or_default();
            let name = |field: &str| import.get(field).and_then(Json::as_str).unwrap_or("?").to_owned();
            self.say(
                3,
                format!("{}.{}({})", name("module"), name("name"), list(call.get("args").unwrap_or(&Json::Null))),
            );
            let behaviours = import.get("calls").map(objects).unwrap_or_default();
            let Some(behaviour) = behaviours.get(number).or(behaviours.last()) else { continue };
            let answers = call.get("steps").map(objects).unwrap_or_default();
            for (at, step) in behaviour.get("steps").map(objects).unwrap_or_default().iter().enumerate() {
                let came = answers.get(at).map_or_else(|| "not done".into(), |answer| in_words(&answer.clone().into()));
                self.say(4, format!("{} → {came}", asked(step)));
            }
            if let Some(words) = behaviour.get("throw") {
                self.say(4, format!("fails: {words}"));
            } else if let Some(results) = behaviour.get("results") {
                self.say(4, format!("returns {}", values(results)));
            }
        }
    }
}

fn objects(list: &Json) -> Vec<Map<String, Json>> {
    list.as_array().into_iter().flatten().filter_map(Json::as_object).cloned().collect()
}

/// A step, as a line.
fn asked(step: &Map<String, Json>) -> String {
    let get = |name: &str| step.get(name).unwrap_or(&Json::Null);
    let text = |name: &str| get(name).as_str().unwrap_or_default();
    let named = match get("as") {
        Json::String(name) => format!(" as {name}"),
        Json::Array(names) => format!(" as {}", names.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(", ")),
        _ => String::new(),
    };
    match text("do") {
        "call" => format!("call {}({}){named}", text("export"), list(get("args"))),
        "write" => format!("write {} at {}", field("bytes", get("bytes")), value(get("ptr"))),
        "read" if get("len") == "nul" => format!("read up to a zero byte at {}", value(get("ptr"))),
        "read" => format!("read {} bytes at {}", value(get("len")), value(get("ptr"))),
        "grow" => format!("grow by {}", pages(get("pages"))),
        "load" => format!("load {}{named}", value(get("ptr"))),
        "global" => format!("global {}{named}", text("export")),
        "" => {
            let input = get("in").as_object().cloned().unwrap_or_default();
            let fields: Vec<String> =
                input.iter().map(|(name, value)| format!("{name} {}", field(name, value))).collect();
            format!("{} {}", text("op"), fields.join(", ")).trim_end().to_owned()
        }
        other => other.to_owned(),
    }
}

/// An answer, without the calls of the host's functions.
fn in_words(answer: &Json) -> String {
    let detail = answer["detail"].as_str().map(|detail| format!(" ({detail})")).unwrap_or_default();
    if let Some(error) = answer["error"].as_str() {
        return format!("{error}{detail}");
    }
    if answer["trap"] == true {
        return format!("trap{detail}");
    }
    let Some(ok) = answer["ok"].as_object() else { return shorten(answer, MOST_CHARS) };
    if let Some(results) = ok.get("results") {
        return values(results);
    }
    match ok.get("exit_code") {
        Some(code) => return format!("exit code {code}"),
        None if ok.contains_key("stdout") => return "no exit code: it trapped, or is a reactor".into(),
        None => {}
    }
    const ELSEWHERE: [&str; 5] = ["calls", "steps", "stdout", "stderr", "dirs"];
    let fields: Vec<String> = ok
        .iter()
        .filter(|(name, _)| !ELSEWHERE.contains(&name.as_str()))
        .map(|(name, json)| match name.as_str() {
            "bytes" | "value" => field(name, json),
            "pages" => pages(json),
            _ => format!("{name} {}", field(name, json)),
        })
        .collect();
    if fields.is_empty() { "done".into() } else { fields.join(", ") }
}

fn pages(number: &Json) -> String {
    number.as_u64().map_or_else(|| value(number), |number| count(usize::try_from(number).unwrap_or(usize::MAX), "page"))
}

fn values(results: &Json) -> String {
    match list(results) {
        none if none.is_empty() => "nothing".into(),
        values => values,
    }
}

fn list(values: &Json) -> String {
    values.as_array().into_iter().flatten().map(value).collect::<Vec<_>>().join(", ")
}

/// A value with its type; integers that may be pointers or bits in hex too, floats as a number too.
fn value(json: &Json) -> String {
    let get = |name: &str| json.get(name);
    if let Some(number) = get("i32").and_then(Json::as_i64) {
        return format!("i32 {number}{}", bits(number, &format!("{:#x}", number as u32)));
    }
    if let Some(number) = get("i64").and_then(Json::as_str).and_then(|text| text.parse::<i64>().ok()) {
        return format!("i64 {number}{}", bits(number, &format!("{number:#x}")));
    }
    let float = |name: &str| u64::from_str_radix(get(name)?.as_str()?, 16).ok();
    if let Some(bits) = float("f32") {
        return format!("f32 {} ({bits:#010x})", f32::from_bits(bits as u32));
    }
    if let Some(bits) = float("f64") {
        return format!("f64 {} ({bits:#018x})", f64::from_bits(bits));
    }
    match (get("var").and_then(Json::as_str), get("plus").and_then(Json::as_i64)) {
        (Some(name), None | Some(0)) => name.to_owned(),
        (Some(name), Some(plus)) => format!("{name} {} {}", if plus < 0 { '-' } else { '+' }, plus.unsigned_abs()),
        _ => shorten(json, MOST_CHARS),
    }
}

/// In hex, if that tells more.
fn bits(number: i64, hex: &str) -> String {
    if (0..256).contains(&number) { String::new() } else { format!(" ({hex})") }
}

/// A field whose name says what it is.
fn field(name: &str, json: &Json) -> String {
    match name {
        "seed" | "keypair" | "public_key" | "message" | "signature" | "verdicts" | "file" | "bytes" | "wasm"
        | "stdin" | "stdout" | "stderr" => bytes(json),
        "value" if json.is_object() => value(json),
        "value" => {
            json.as_i64().map_or_else(|| shorten(json, MOST_CHARS), |number| value(&serde_json::json!({"i32": number})))
        }
        _ => shorten(json, MOST_CHARS),
    }
}

/// Text in quotes if it is some, hex otherwise.
fn bytes(json: &Json) -> String {
    let Ok(bytes) = serde_json::from_value::<Bytes>(json.clone()) else { return shorten(json, MOST_CHARS) };
    if let Bytes::Repeat { unit, times } = &bytes {
        return format!("{} × {}", plain(unit), thousands(*times));
    }
    plain(&bytes.to_vec())
}

fn plain(bytes: &[u8]) -> String {
    let is_readable = |c: char| !c.is_control() || matches!(c, '\n' | '\t');
    let start = &bytes[..bytes.len().min(MOST_SHOWN)];
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.chars().all(is_readable));
    let shown = match text {
        Some(text) => format!("{:?}", text.chars().take(MOST_CHARS).collect::<String>()),
        None => hex::encode(start),
    };
    match text {
        Some(text) if text.chars().count() <= MOST_CHARS => shown,
        None if bytes.len() <= MOST_SHOWN => shown,
        _ => format!("{shown}… ({} bytes)", thousands(bytes.len())),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;
    use vectors::{Case, Suite};

    use super::*;
    use crate::verdict::Verdict;

    fn trace(op: &str, input: Json, expect: Json, answer: Json) -> Vec<String> {
        let case: Case = serde_json::from_value(json!({"id": "s/a", "op": op, "in": input, "expect": expect})).unwrap();
        let suite: Suite = crate::fixture::adds(1);
        let item = Item { module: "m", suite: &suite, case: &case };
        let answer = vectors::reply::answer(answer).unwrap();
        let verdict = if case.expect.accepts(&answer) { Verdict::Pass } else { Verdict::Fail };
        let outcome = Outcome { verdict, detail: String::new(), actual: None, elapsed: Duration::ZERO };
        lines("node", &item, &Seen::Answer(answer), &outcome)
    }

    #[test]
    fn steps_and_the_calls_within_them_are_told() {
        let imports = json!([{"module": "env", "name": "log", "func": {"params": ["i32", "i32"], "results": ["i32"]}, "calls": [
            {"steps": [{"do": "read", "ptr": {"var": "arg0"}, "len": {"var": "arg1"}}], "results": [{"i32": 7}]}, {"throw": "enough"}]}]);
        let call = json!({"do": "call", "export": "run", "args": [{"i32": 3}], "as": "p"});
        let input = json!({"imports": imports, "steps": [call, {"do": "read", "ptr": {"var": "p", "plus": 4}, "len": 2}, call, {"do": "pages"}]});
        let host = |steps: Json| json!([{"import": 0, "args": [{"i32": 1024}, {"i32": 2}], "steps": steps}]);
        let first = |result: i32| json!({"ok": {"results": [{"i32": result}], "calls": host(json!([{"ok": {"bytes": "6869"}}]))}});
        let expect = json!({"ok": {"steps": [first(8), {"ok": {"bytes": "00ff"}}, {"trap": true}]}});
        let second =
            json!({"trap": true, "detail": "enough", "calls": [{"import": 0, "args": [{"i32": -1}, {"i32": 0}]}]});
        let answer = json!({"ok": {"steps": [first(7), {"ok": {"bytes": "00ff"}}, second]}});
        let expected = "s/a on node with m: fail
  raw_imports
  1  call run(i32 3) as p
        env.log(i32 1024 (0x400), i32 2)
           read arg1 bytes at arg0 → \"hi\"
           returns i32 7
     → i32 7
     expected i32 8
  2  read 2 bytes at p + 4
     → 00ff
  3  call run(i32 3) as p
        env.log(i32 -1 (0xffffffff), i32 0)
           fails: \"enough\"
     → trap (enough)
     expected trap
  4  pages
     → not done";
        assert_eq!(trace("raw_imports", input, expect, answer).join("\n"), expected);
    }

    #[test]
    fn what_has_no_steps_is_told_by_its_fields() {
        let signed = trace(
            "sign",
            json!({"keypair": "00ff", "message": {"repeat": "61", "times": 2000}}),
            json!({"error": "KEY_LENGTH"}),
            json!({"error": "KEY_LENGTH", "detail": "2 bytes"}),
        );
        assert_eq!(signed[1..], ["  sign, keypair 00ff, message \"a\" × 2,000", "  → KEY_LENGTH (2 bytes)"]);
        let ran = trace(
            "wasi",
            json!({"args": ["p"]}),
            json!({"ok": {"exit_code": 1}}),
            json!({"ok": {"exit_code": 0, "stdout": "68690a", "stderr": ""}}),
        );
        let told = [
            "  wasi, args [\"p\"], stdin \"\"",
            "  → exit code 0",
            "  stdout \"hi\\n\"",
            "  stderr \"\"",
            "  expected exit code 1",
        ];
        assert_eq!(ran[1..], told);
    }

    #[test]
    fn values_are_shown_with_their_bits() {
        assert_eq!(value(&json!({"f32": "7fc00000"})), "f32 NaN (0x7fc00000)");
        assert_eq!(value(&json!({"f64": "3ff8000000000000"})), "f64 1.5 (0x3ff8000000000000)");
        assert_eq!(value(&json!({"i64": "-1"})), "i64 -1 (0xffffffffffffffff)");
        assert_eq!(plain(&[0xff; 40]), format!("{}… (40 bytes)", "ff".repeat(32)));
        assert_eq!(plain("é\n".as_bytes()), r#""é\n""#);
    }
}

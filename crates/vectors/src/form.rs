//! How a case is written: looks at the JSON before the types do, because here the place is still known, and says what
//! came, what was expected and what the right form is. Unsigned integers become signed ones here.

use serde_json::{Map, Value as Json, json};

use self::names::listing;
pub use self::names::nearest;
use crate::Bytes;
use crate::expected::AnswerBytes;
use crate::ops::Value;
use crate::value::{Integers, is_hex, shown};
use crate::written::Files;

mod answers;
mod imports;
mod names;
mod steps;

/// Every name that an operation can have, as in [`Op::name`](crate::ops::Op::name).
pub fn ops() -> Vec<&'static str> {
    INPUTS.iter().map(|(op, _)| *op).collect()
}

/// What the operations take in `in`; steps and imports are looked at one by one. Each field is needed, but for those of
/// [`POSSIBLE`].
const INPUTS: &[(&str, &[&str])] = &[
    ("public_key", &["seed"]),
    ("sign", &["keypair", "message"]),
    ("sign_many", &["keypair", "messages"]),
    ("verify", &["public_key", "message", "signature"]),
    ("verify_strict", &["public_key", "message", "signature"]),
    ("verify_many", &["items"]),
    ("verify_many_strict", &["items"]),
    ("read_key", &["kind", "file"]),
    ("write_key", &["form"]),
    ("add", &["a", "b"]),
    ("divide", &["a", "b"]),
    ("session", &["keypair", "steps"]),
    ("raw", &["steps"]),
    ("raw_memory_limit", &["max_pages", "steps"]),
    ("raw_deadline", &["deadline_ms", "steps"]),
    ("raw_module", &["wasm", "steps"]),
    ("raw_imports", &["imports", "steps"]),
    ("wasi", &[]),
    ("component", &["steps"]),
    ("kept_view", &["ptr", "value"]),
];

/// What an operation may have besides.
const POSSIBLE: &[(&str, &[&str])] = &[
    ("verify_many", &["order"]),
    ("verify_many_strict", &["order"]),
    ("write_key", &["seed", "public_key"]),
    ("raw_imports", &["wasm", "after_trap"]),
    ("wasi", &["wasm", "args", "env", "stdin", "dirs", "steps"]),
];

/// How imports are written.
const IMPORTS: &str = r#"[{"module":"env","name":"log","func":{"params":["i32"],"results":[]}}]"#;

/// How the signatures of a batch are written.
const ITEMS: &str = r#"[{"public_key":"00","message":"00","signature":"00"}]"#;
const ITEM: &str = r#"it is such as {"public_key":"00","message":"00","signature":"00"}"#;

/// How files of a folder are written.
const FILES: &str = r#"[{"path":"a","bytes":"00"}]"#;

/// Everything in a case that is not written as it should be, one line each; where nothing is, its integers are signed now
/// and its bytes are hex. `files` are those beside the file of vectors.
pub(crate) fn problems(case: &mut Json, files: &mut Files) -> Vec<String> {
    let mut form = Form { problems: Vec::new(), files, is_expected: false, outputs: answers::OUTPUT };
    form.case(case);
    form.problems
}

/// The same for a list of imports.
pub(crate) fn import_problems(imports: &mut Json) -> Vec<String> {
    let mut form =
        Form { problems: Vec::new(), files: &mut Files::default(), is_expected: false, outputs: answers::OUTPUT };
    form.list("imports", imports, IMPORTS, Form::import);
    form.problems
}

/// The same for everything except the cases.
pub(crate) fn head_problems(suite: &mut Json) -> Vec<String> {
    let mut form =
        Form { problems: Vec::new(), files: &mut Files::default(), is_expected: false, outputs: answers::OUTPUT };
    let Some(fields) = form.object("", suite, "a file of vectors is an object") else {
        return form.problems;
    };
    form.fields(
        "",
        fields,
        &["schema", "suite", "face", "count", "source", "cases"],
        &["module", "flags", "imports", "begin"],
    );
    if let Some(face) = fields.get("face") {
        let face = face.as_str().unwrap_or_default();
        if !FACES.contains(&face) {
            form.unknown("face", face, "face", FACES.iter().copied());
        }
    }
    if let Some(module) = fields.get("module").filter(|module| !module.is_string()) {
        form.say("module", format!("{}: it is the name of a module, as text", shown(module)));
    }
    if let Some(count) = fields.get("count").filter(|count| !count.is_u64()) {
        form.say("count", format!("{}: it is a number, without quotes", shown(count)));
    }
    if let Some(cases) = fields.get("cases").filter(|cases| !cases.is_array()) {
        form.say("cases", format!("{}: it is a list", shown(cases)));
    }
    if let Some(source) = fields.get_mut("source") {
        let form_of_it =
            r#"it says where the answers are from, such as {"name":"FIPS 180-4","licence":"public domain"}"#;
        if let Some(source) = form.object("source", source, form_of_it) {
            form.fields("source", source, &["name", "licence"], &["sha256"]);
            if let Some(sha256) = source.get("sha256").filter(|sha256| !sha256.as_str().is_some_and(is_sha256)) {
                form.say("source.sha256", format!("{}: it is 64 lower-case hex digits", shown(sha256)));
            }
        }
    }
    form.problems
}

/// Whether it is a SHA-256 as files here have it: 64 lower-case hex digits.
pub fn is_sha256(text: &str) -> bool {
    text.len() == 64 && is_hex(text)
}

/// As [`Face`](crate::model::Face) has them.
const FACES: &[&str] =
    &["signer", "signer-abi", "verifier", "keys", "adder", "adder-abi", "probe", "wasi-program", "component", "own"];

struct Form<'f> {
    problems: Vec<String>,
    files: &'f mut Files,
    /// Whether what is looked at is an expectation: more is possible there than one value.
    is_expected: bool,
    /// What an `ok` may have.
    outputs: &'static [&'static str],
}

impl Form<'_> {
    fn say(&mut self, place: &str, what: impl AsRef<str>) {
        let colon = if place.is_empty() { "" } else { ": " };
        self.problems.push(format!("{place}{colon}{}", what.as_ref()));
    }

    fn case(&mut self, case: &mut Json) {
        let Some(fields) = self.object("", case, "a case is an object") else {
            return;
        };
        self.fields("", fields, &["id", "op", "in", "expect"], &["flags", "comment", "table"]);
        for name in ["id", "op", "comment"] {
            if let Some(wrong) = fields.get(name).filter(|value| !value.is_string()) {
                self.say(name, format!("{}: it is text", shown(wrong)));
            }
        }
        if let Some(flags) = fields.get("flags") {
            let are_names = flags.as_array().is_some_and(|flags| flags.iter().all(Json::is_string));
            if !are_names {
                self.say("flags", format!("{}: it is a list of names, such as [\"Edge\"]", shown(flags)));
            }
        }
        let op = fields.get("op").and_then(Json::as_str).unwrap_or_default().to_owned();
        if let Some(input) = fields.get_mut("in") {
            self.input(&op, input);
        }
        if let Some(expect) = fields.get_mut("expect") {
            self.is_expected = true;
            if op == "component" {
                self.outputs = answers::OF_COMPONENTS;
            }
            self.answer("expect", expect);
        }
    }

    fn input(&mut self, op: &str, input: &mut Json) {
        let Some((_, needed)) = INPUTS.iter().find(|(name, _)| *name == op) else {
            if !op.is_empty() {
                self.unknown("op", op, "operation", INPUTS.iter().map(|(name, _)| *name));
            }
            return;
        };
        let Some(fields) = self.object("in", input, &format!("{op} takes an object")) else {
            return;
        };
        let possible = POSSIBLE.iter().find(|(name, _)| *name == op).map_or(&[][..], |(_, possible)| possible);
        self.fields("in", fields, needed, possible);
        for (name, value) in fields {
            let place = format!("in.{name}");
            if name == "imports" {
                self.list(&place, value, IMPORTS, Self::import);
                continue;
            }
            if name == "dirs" {
                self.list(&place, value, r#"[{"guest":"/","files":[]}]"#, Self::dir);
                continue;
            }
            if name != "steps" {
                self.leaf(&place, name, value);
                continue;
            }
            let form = match op {
                "session" => r#"[{"op":"wipe","in":{}}]"#,
                "component" => r#"[{"do":"call","export":"add"}]"#,
                _ => r#"[{"do":"pages"}]"#,
            };
            self.list(&place, value, form, |form, place, step| match op {
                "session" => form.session_step(place, step),
                "component" => form.component_step(place, step),
                _ => form.raw_step(place, step),
            });
        }
    }

    fn dir(&mut self, place: &str, dir: &mut Json) {
        let Some(fields) = self.object(place, dir, r#"a folder is such as {"guest":"/","files":[]}"#) else {
            return;
        };
        self.fields(place, fields, &["guest"], &["files"]);
        if let Some(files) = fields.get_mut("files") {
            self.list(&format!("{place}.files"), files, FILES, Self::file);
        }
    }

    fn file(&mut self, place: &str, file: &mut Json) {
        let Some(fields) = self.object(place, file, r#"a file is such as {"path":"a","bytes":"00"}"#) else {
            return;
        };
        self.fields(place, fields, &["path"], &["bytes", "dir", "link"]);
        if let Some(bytes) = fields.get_mut("bytes") {
            self.bytes(&format!("{place}.bytes"), bytes);
        }
    }

    fn value(&mut self, place: &str, json: &mut Json) {
        let read = if self.is_expected { Value::expected } else { Value::read };
        match read(json, Integers::Any) {
            Ok(value) => *json = json!(value),
            Err(wrong) => self.say(place, wrong),
        }
    }

    fn bytes(&mut self, place: &str, json: &mut Json) {
        if let Some(Json::Array(all)) = json.get_mut("one_of").filter(|_| self.is_expected) {
            let numbered = all.iter_mut().enumerate();
            numbered.for_each(|(at, one)| self.bytes(&format!("{place}.one_of[{at}]"), one));
        }
        let read = match self.files.hex(json) {
            Some(hex) => hex.map(|hex| *json = hex.into()),
            None if self.is_expected => AnswerBytes::read(json).map(|_| ()),
            None => Bytes::read(json).map(|_| ()),
        };
        if let Err(wrong) = read {
            self.say(place, wrong);
        }
    }

    /// A field whose name says what it is.
    fn leaf(&mut self, place: &str, name: &str, json: &mut Json) {
        let range = match name {
            "a" | "b" | "value" => i64::from(i32::MIN)..=i64::from(i32::MAX),
            "ptr" | "len" | "max_pages" | "deadline_ms" | "pages" | "import" | "exit_code" | "handle" => {
                0..=i64::from(u32::MAX)
            }
            "valid" | "after_trap" => {
                if !json.is_boolean() {
                    self.say(place, format!("{}: it is true or false", shown(json)));
                }
                return;
            }
            "messages" => {
                return self.list(place, json, r#"a list of messages, such as ["68656c6c6f"]"#, Self::bytes);
            }
            "items" => {
                return self.list(place, json, ITEMS, Self::item);
            }
            "order" => {
                let is_one = |json: &Json| json.as_u64().is_some_and(|number| number < 1 << 32);
                if !json.as_array().is_some_and(|list| list.iter().all(is_one)) {
                    self.say(place, format!("{}: it is a list of numbers of items, such as [0,1,0]", shown(json)));
                }
                return;
            }
            "seed" | "keypair" | "public_key" | "message" | "signature" | "verdicts" | "file" | "bytes" | "wasm"
            | "stdin" | "stdout" | "stderr" => {
                return self.bytes(place, json);
            }
            "args" | "env" => {
                let is_text = json.as_array().is_some_and(|list| list.iter().all(Json::is_string));
                if !is_text {
                    self.say(place, format!("{}: it is a list of texts, such as [\"name\"]", shown(json)));
                }
                return;
            }
            // It is no field, or one whose parts the types look at.
            _ => return,
        };
        if !json.as_i64().is_some_and(|number| range.contains(&number)) {
            let (least, most) = range.into_inner();
            self.say(place, format!("{}: it is a whole number from {least} to {most}, without quotes", shown(json)));
        }
    }

    /// A signature of a batch, with what it is of.
    fn item(&mut self, place: &str, json: &mut Json) {
        let Some(fields) = self.object(place, json, ITEM) else {
            return;
        };
        self.fields(place, fields, &["public_key", "message", "signature"], &[]);
        for (name, value) in fields {
            self.leaf(&format!("{place}.{name}"), name, value);
        }
    }

    fn list(&mut self, place: &str, json: &mut Json, form: &str, each: impl Fn(&mut Self, &str, &mut Json)) {
        let Json::Array(items) = json else {
            return self.say(place, format!("{}: it is a list: {form}", shown(json)));
        };
        for (index, item) in items.iter_mut().enumerate() {
            each(self, &format!("{place}[{index}]"), item);
        }
    }

    fn object<'a>(&mut self, place: &str, json: &'a mut Json, form: &str) -> Option<&'a mut Map<String, Json>> {
        match json {
            Json::Object(fields) => Some(fields),
            other => {
                self.say(place, format!("{}: {form}", shown(other)));
                None
            }
        }
    }

    /// Says which fields are missing, and which do not belong. Returns whether all is well.
    fn fields(&mut self, place: &str, fields: &Map<String, Json>, needed: &[&str], possible: &[&str]) -> bool {
        let before = self.problems.len();
        let known = || needed.iter().chain(possible).copied();
        let missing: Vec<&str> = needed.iter().copied().filter(|name| !fields.contains_key(*name)).collect();
        let mut meant = Vec::new();
        for name in fields.keys().filter(|name| known().all(|known| known != *name)) {
            let free = known().filter(|known| !fields.contains_key(*known));
            let hint = match nearest(name, free) {
                Some(near) => {
                    meant.push(near);
                    format!("; did you mean {near:?}?")
                }
                None => listing(known()),
            };
            self.say(place, format!("unknown field {name:?}{hint}"));
        }
        for name in missing.into_iter().filter(|name| !meant.contains(name)) {
            self.say(place, format!("missing field {name:?}"));
        }
        self.problems.len() == before
    }

    fn unknown<'n>(&mut self, place: &str, name: &str, what: &str, known: impl Iterator<Item = &'n str> + Clone) {
        let hint = match nearest(name, known.clone()) {
            Some(near) => format!("; did you mean {near:?}?"),
            None => listing(known),
        };
        self.say(place, format!("{name:?} is no {what}{hint}"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{assert_has, table};

    /// A raw case with this step and this answer to it.
    fn raw(step: Json, answer: Json) -> Json {
        json!({"id": "s/a", "op": "raw", "in": {"steps": [step]}, "expect": {"ok": {"steps": [answer]}}})
    }

    fn call(args: Json) -> Json {
        raw(json!({"do": "call", "export": "add", "args": args}), json!({"ok": {"results": [{"i32": 3}]}}))
    }

    fn only_problem(mut case: Json) -> String {
        let problems = problems(&mut case, &mut Files::default());
        assert_eq!(problems.len(), 1, "{case}: {problems:#?}");
        problems[0].clone()
    }

    #[test]
    fn unsigned_integers_become_signed() {
        let mut case = call(json!([{"i32": 4_294_967_295_u32}, {"i64": "18446744073709551615"}]));
        assert!(problems(&mut case, &mut Files::default()).is_empty());
        assert_eq!(case["in"]["steps"][0]["args"], json!([{"i32": -1}, {"i64": "-1"}]));
        let mut case =
            raw(json!({"do": "read", "ptr": {"i32": 2_147_483_648_u32}, "len": 1}), json!({"ok": {"bytes": "00"}}));
        assert!(problems(&mut case, &mut Files::default()).is_empty());
        assert_eq!(case["in"]["steps"][0]["ptr"], json!({"i32": i32::MIN}));
    }

    #[test]
    fn a_slip_is_told_with_its_place_and_the_right_form() {
        let slips = r#"
            args [1] => in.steps[0].args[0]: 1: a value says its type; write {"i32":1}
            args [{"i32": 1}, {"i32": "2"}] => in.steps[0].args[1]: {"i32":"2"}: an i32 is a number without quotes; write {"i32":2}
            args 3 => in.steps[0].args: 3: it is a list: [{"i32":1}]
            args {"i32": 1} => in.steps[0].args: {"i32":1}: it is a list
            ptr 0 => in.steps[0].ptr: 0: a value says its type; write {"i32":0}
            len "1" => in.steps[0].len: "1": it is a whole number from 0 to 4294967295
            step {"do": "call", "export": "add", "as": []} => in.steps[0].as: []: it is a list of names, such as ["ptr","len"]
            step {"do": "call", "export": "add", "as": ["a", 1]} => ["a",1]: it is a list of names
            step {"do": "global", "export": "add", "as": ["a"]} => ["a"]: it is a name, as text
            len -1 => from 0 to 4294967295
            bytes "AB" => in.steps[0].bytes: wrong hex digit 'A' at position 0; bytes are lower-case hex; write "ab"
            bytes "0xab" => write "ab"
            bytes "abc" => 3 hex digits are half a byte
            bytes [1, 255] => [1,255]: bytes are text in lower-case hex; write "01ff"
            bytes 7 => 7: bytes are text in lower-case hex
            bytes {"repeat": "00"} => missing "times"
            step {"export": "add"} => {"export":"add"}: it has no "do"; a step is such as {"do":"call"
            step {"do": "get", "export": "add"} => in.steps[0].do: "get" is no step; there are call, write, read, pages, grow, load, global
            step {"do": "raed"} => "raed" is no step; did you mean "read"?
            step {"do": "call", "function": "add"} => in.steps[0]: unknown field "function"; did you mean "export"?
            step {"do": "call", "export": "add", "arg": [1]} => in.steps[0]: unknown field "arg"; did you mean "args"?
            step {"do": "call"} => in.steps[0]: missing field "export"
            step "call add" => "call add": a step is such as
            answer {"ok": {"results": 3}} => expect.ok.steps[0].ok.results: 3: it is a list: [{"i32":3}]
            answer {"ok": {"results": [3]}} => expect.ok.steps[0].ok.results[0]: 3: a value says its type; write {"i32":3}
            answer {"ok": {"result": [{"i32": 3}]}} => unknown field "result"; did you mean "results"?
            answer {"results": [{"i32": 3}]} => expect.ok.steps[0]: it is {"ok":{…}}, {"error":"NAME"} or {"trap":true}; write {"ok":{"results":[{"i32":3}]}}
            answer {} => {}: it is {"ok":{…}}
            answer 3 => 3: it is {"ok":{…}}
            answer {"ok": {}, "trap": true} => it is {"ok":{…}}
            answer {"trap": "true"} => expect.ok.steps[0].trap: "true": it is true or left out
            answer {"error": 5} => it is a name
        "#;
        let good = json!({"ok": {"results": [{"i32": 3}]}});
        for (given, said) in table(slips) {
            let (what, written) = given.split_once(' ').unwrap();
            let json: Json = serde_json::from_str(written).unwrap();
            let (step, answer) = match what {
                "args" => (json!({"do": "call", "export": "add", "args": json}), good.clone()),
                "ptr" => (json!({"do": "read", "ptr": json, "len": 1}), json!({"ok": {"bytes": "00"}})),
                "len" => (json!({"do": "read", "ptr": {"i32": 0}, "len": json}), json!({"ok": {"bytes": "00"}})),
                "bytes" => (json!({"do": "write", "ptr": {"i32": 0}, "bytes": json}), json!({"ok": {}})),
                "step" => (json, good.clone()),
                _ => (json!({"do": "call", "export": "add"}), json),
            };
            assert_has(only_problem(raw(step, answer)), said);
        }
    }

    #[test]
    fn a_wrong_name_is_answered_with_the_right_one() {
        let good = call(json!([]));
        for (from, to, said) in [
            ("op", "operation", "unknown field \"operation\"; did you mean \"op\"?"),
            ("in", "input", "unknown field \"input\"; did you mean \"in\"?"),
            ("expect", "expected", "unknown field \"expected\"; did you mean \"expect\"?"),
            ("expect", "x", "unknown field \"x\"; there are id, op, in, expect, flags, comment, table"),
        ] {
            let mut case = good.clone();
            let fields = case.as_object_mut().unwrap();
            let value = fields.remove(from).unwrap();
            fields.insert(to.into(), value);
            let problems = problems(&mut case, &mut Files::default());
            assert!(problems[0].contains(said), "{problems:?}");
        }
        let with = |field: &str, value: Json| {
            let mut case = good.clone();
            case[field] = value;
            only_problem(case)
        };
        assert_eq!(with("op", json!("Raw")), r#"op: "Raw" is no operation; did you mean "raw"?"#);
        assert!(with("op", json!("invoke")).contains("there are public_key, sign, "));
        assert_eq!(with("flags", json!("Edge")), r#"flags: "Edge": it is a list of names, such as ["Edge"]"#);
        assert!(with("in", json!([])).contains("in: []: raw takes an object"));
        assert_has(
            with("in", json!({"steps": {"do": "pages"}})),
            r#"in.steps: {"do":"pages"}: it is a list: [{"do":"pages"}]"#,
        );
    }
}

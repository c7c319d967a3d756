//! How expected answers are written.

use serde_json::{Value as Json, json};

use super::{FILES, Form};
use crate::value::shown;

/// What an `ok` may have.
pub(super) const OUTPUT: &[&str] = &[
    "seed",
    "public_key",
    "signature",
    "signatures",
    "valid",
    "verdicts",
    "value",
    "steps",
    "results",
    "bytes",
    "pages",
    "calls",
    "exit_code",
    "stdout",
    "stderr",
    "dirs",
];

/// Of a component, and of its steps.
pub(super) const OF_COMPONENTS: &[&str] = &["steps", "result"];

/// What came to the host's functions.
const CALLS: &str = r#"[{"import":0,"args":[{"i32":1}]}]"#;

impl Form<'_> {
    /// A call of a function of the host, as it is expected.
    fn host_call(&mut self, place: &str, call: &mut Json) {
        let Some(fields) = self.object(place, call, r#"it is such as {"import":0,"args":[{"i32":1}]}"#) else {
            return;
        };
        self.fields(place, fields, &["import", "args"], &["steps"]);
        for (name, value) in fields {
            let place = format!("{place}.{name}");
            match name.as_str() {
                "args" => self.list(&place, value, r#"[{"i32":1}]"#, Self::value),
                "steps" => self.list(&place, value, r#"[{"ok":{"pages":1}}]"#, Self::answer),
                _ => self.leaf(&place, name, value),
            }
        }
    }

    /// An `expect`, or the expected answer to a step.
    pub(super) fn answer(&mut self, place: &str, answer: &mut Json) {
        const FORM: &str = r#"it is {"ok":{…}}, {"error":"NAME"} or {"trap":true}"#;
        let Some(fields) = self.object(place, answer, FORM) else {
            return;
        };
        if fields.len() == 1
            && let Some(all) = fields.get_mut("one_of")
        {
            let place = format!("{place}.one_of");
            if all.as_array().is_some_and(Vec::is_empty) {
                self.say(&place, "[]: one of no answers is right never");
            }
            return self.list(&place, all, r#"[{"ok":{"pages":1}},{"error":"NO_INSTANCE"}]"#, Self::answer);
        }
        let is_output = !fields.is_empty() && fields.keys().all(|name| self.outputs.contains(&name.as_str()));
        if is_output {
            let right = json!({ "ok": fields });
            return self.say(place, format!("{FORM}; write {}", shown(&right)));
        }
        let kinds = ["ok", "error", "trap", "unsupported"];
        let kinds: Vec<&str> = kinds.into_iter().filter(|kind| fields.contains_key(*kind)).collect();
        let [kind] = kinds[..] else {
            let came = Json::Object(fields.clone());
            return self.say(place, format!("{}: {FORM}", shown(&came)));
        };
        self.fields(place, fields, &[kind], if kind == "trap" { &["detail", "calls"] } else { &["detail"] });
        if let Some(calls) = fields.get_mut("calls") {
            self.list(&format!("{place}.calls"), calls, CALLS, Self::host_call);
        }
        let inner = format!("{place}.{kind}");
        let Some(value) = fields.get_mut(kind) else {
            return;
        };
        match kind {
            "ok" => self.output(&inner, value),
            "trap" if *value != json!(true) => self.say(&inner, format!("{}: it is true or left out", shown(value))),
            "error" if !value.is_string() => {
                self.say(&inner, format!("{}: it is a name, such as \"OUT_OF_BOUNDS\"", shown(value)));
            }
            _ => {}
        }
    }

    fn output(&mut self, place: &str, output: &mut Json) {
        let Some(fields) = self.object(place, output, r#"it is an object, such as {"results":[{"i32":3}]}"#) else {
            return;
        };
        self.fields(place, fields, &[], self.outputs);
        for (name, value) in fields {
            let place = format!("{place}.{name}");
            match name.as_str() {
                "results" => self.list(&place, value, r#"[{"i32":3}], or [] if there is none"#, Self::value),
                "steps" => self.list(&place, value, r#"one answer a step, such as [{"ok":{"pages":1}}]"#, Self::answer),
                "calls" => self.list(&place, value, CALLS, Self::host_call),
                // Its type is known to the component alone.
                "result" => {}
                "value" if value.is_object() => self.value(&place, value),
                "dirs" => self.list(&place, value, "one list of files a folder", |form, place, files| {
                    form.list(place, files, FILES, Self::file);
                }),
                "signatures" => self.list(&place, value, "a list of signatures", Self::bytes),
                _ => self.leaf(&place, name, value),
            }
        }
    }
}

//! How steps are written, those of a session and those on an instance.

use serde_json::{Map, Value as Json};

use super::Form;
use crate::value::shown;

/// What the steps of a session take.
const SESSION_STEPS: &[(&str, &[&str])] = &[
    ("public_key", &[]),
    ("sign", &["message"]),
    ("sign_many", &["messages"]),
    ("sign_with", &["keypair", "message"]),
    ("verify", &["public_key", "message", "signature"]),
    ("verify_strict", &["public_key", "message", "signature"]),
    ("load_key", &["keypair"]),
    ("wipe", &[]),
    ("close", &[]),
];

/// What a raw step has beside `do`: what it needs, and what it may have.
const RAW_STEPS: &[(&str, &[&str], &[&str])] = &[
    ("call", &["export"], &["args", "as"]),
    ("write", &["ptr", "bytes"], &[]),
    ("read", &["ptr", "len"], &[]),
    ("pages", &[], &[]),
    ("grow", &["pages"], &[]),
    ("load", &["ptr", "as"], &[]),
    ("global", &["export"], &["as"]),
];

/// The same of a step on an instance of a component.
const COMPONENT_STEPS: &[(&str, &[&str], &[&str])] = &[("call", &["export"], &["args"]), ("drop", &["handle"], &[])];

impl Form<'_> {
    pub(super) fn session_step(&mut self, place: &str, step: &mut Json) {
        let Some(fields) = self.object(place, step, r#"a step is such as {"op":"wipe","in":{}}"#) else {
            return;
        };
        if !self.fields(place, fields, &["op", "in"], &[]) {
            return;
        }
        let op = fields["op"].as_str().unwrap_or_default().to_owned();
        let Some((_, needed)) = SESSION_STEPS.iter().find(|(name, _)| *name == op) else {
            let names = SESSION_STEPS.iter().map(|(name, _)| *name);
            return self.unknown(&format!("{place}.op"), &op, "step of a session", names);
        };
        let place = format!("{place}.in");
        let Some(fields) = fields.get_mut("in").and_then(|input| self.object(&place, input, "it is an object")) else {
            return;
        };
        self.fields(&place, fields, needed, &[]);
        for (name, value) in fields {
            self.leaf(&format!("{place}.{name}"), name, value);
        }
    }

    /// A step of a component. The types of its values are known to the component alone.
    pub(super) fn component_step(&mut self, place: &str, step: &mut Json) {
        const FORM: &str = r#"a step is such as {"do":"call","export":"add","args":[1,2]}"#;
        let Some(fields) = self.object(place, step, FORM) else {
            return;
        };
        if self.kind(place, fields, COMPONENT_STEPS, FORM).is_none() {
            return;
        }
        for (name, value) in fields {
            let place = format!("{place}.{name}");
            match name.as_str() {
                "args" if !value.is_array() => self.say(&place, format!("{}: it is a list: [1,\"a\"]", shown(value))),
                "export" if !value.is_string() => {
                    self.say(&place, format!("{}: it is the name of a function, as text", shown(value)));
                }
                "handle" => self.leaf(&place, name, value),
                _ => {}
            }
        }
    }

    /// What `do` says; its fields are looked at.
    fn kind(
        &mut self,
        place: &str,
        fields: &Map<String, Json>,
        kinds: &[(&str, &[&str], &[&str])],
        form: &str,
    ) -> Option<String> {
        let Some(kind) = fields.get("do") else {
            let step = Json::Object(fields.clone());
            self.say(place, format!("{}: it has no \"do\"; {form}", shown(&step)));
            return None;
        };
        let kind = kind.as_str().unwrap_or_default();
        let Some((_, needed, possible)) = kinds.iter().find(|(name, ..)| *name == kind) else {
            self.unknown(&format!("{place}.do"), kind, "step", kinds.iter().map(|(name, ..)| *name));
            return None;
        };
        self.fields(place, fields, &[&["do"], *needed].concat(), possible);
        Some(kind.to_owned())
    }

    pub(super) fn raw_step(&mut self, place: &str, step: &mut Json) {
        const FORM: &str = r#"a step is such as {"do":"call","export":"add","args":[{"i32":1}]}"#;
        let Some(fields) = self.object(place, step, FORM) else {
            return;
        };
        let Some(kind) = self.kind(place, fields, RAW_STEPS, FORM) else { return };
        for (name, value) in fields {
            let place = format!("{place}.{name}");
            match name.as_str() {
                "do" => {}
                "ptr" => self.value(&place, value),
                "len" if value.is_object() => self.value(&place, value),
                "args" => self.list(&place, value, r#"[{"i32":1}]"#, Self::value),
                "export" if !value.is_string() => {
                    self.say(&place, format!("{}: it is the name of a function, as text", shown(value)));
                }
                "len" if value == "nul" => {}
                "len" if value.is_string() => self.say(
                    &place,
                    format!(
                        "{}: it is a whole number from 0 to 4294967295 without quotes, a value such as {{\"var\":\"n\"}}, or \"nul\"",
                        shown(value)
                    ),
                ),
                "as" if kind == "call" && value.is_array() => {
                    let are_names = |names: &Vec<Json>| {
                        !names.is_empty() && names.iter().all(|name| name.as_str().is_some_and(|name| !name.is_empty()))
                    };
                    if !value.as_array().is_some_and(are_names) {
                        self.say(&place, format!("{}: it is a list of names, such as [\"ptr\",\"len\"]", shown(value)));
                    }
                }
                "as" if value.as_str().is_none_or(str::is_empty) => {
                    self.say(&place, format!("{}: it is a name, as text", shown(value)));
                }
                _ => self.leaf(&place, name, value),
            }
        }
    }
}

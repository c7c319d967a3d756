//! How the things are written that a host provides.

use serde_json::Value as Json;

use super::Form;
use crate::value::shown;

impl Form<'_> {
    pub(super) fn import(&mut self, place: &str, import: &mut Json) {
        let Some(fields) = self.object(place, import, "an import is an object with module, name, and func, say") else {
            return;
        };
        self.fields(place, fields, &["module", "name"], &["func", "calls", "memory", "table", "global", "mutable"]);
        for (name, value) in fields {
            let place = format!("{place}.{name}");
            match name.as_str() {
                "func" => self.parts(&place, value, &[], &["params", "results"], r#"{"params":["i32"],"results":[]}"#),
                "memory" | "table" => self.parts(&place, value, &["min"], &["max"], r#"{"min":1}"#),
                "global" => self.value(&place, value),
                "calls" => self.list(&place, value, r#"[{"results":[{"i32":0}]}]"#, Self::behaviour),
                "module" | "name" if !value.is_string() => self.say(&place, format!("{}: it is text", shown(value))),
                "mutable" if !value.is_boolean() => self.say(&place, format!("{}: it is true or false", shown(value))),
                _ => {}
            }
        }
    }

    /// An object of these fields, whose values serde looks at.
    fn parts(&mut self, place: &str, json: &mut Json, needed: &[&str], possible: &[&str], form: &str) {
        if let Some(fields) = self.object(place, json, &format!("it is such as {form}")) {
            self.fields(place, fields, needed, possible);
        }
    }

    /// What a function of the host does in one call.
    fn behaviour(&mut self, place: &str, call: &mut Json) {
        let Some(fields) = self.object(place, call, r#"it is such as {"results":[{"i32":0}]}"#) else {
            return;
        };
        self.fields(place, fields, &[], &["steps", "results", "throw"]);
        for (name, value) in fields {
            let place = format!("{place}.{name}");
            match name.as_str() {
                "steps" => self.list(&place, value, r#"[{"do":"pages"}]"#, Self::raw_step),
                "results" => self.list(&place, value, r#"[{"i32":0}]"#, Self::value),
                "throw" if !value.is_string() => self.say(&place, format!("{}: it is text", shown(value))),
                _ => {}
            }
        }
    }
}

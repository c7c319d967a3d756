//! What all cases of a file have in common is written once: what the host provides, and the steps that they begin with.

use serde::Deserialize;
use serde_json::{Value as Json, json};

/// What a file says of all of its raw cases.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(crate) struct Common {
    /// What the host provides to each case that does not say it itself.
    imports: Option<Json>,
    begin: Vec<Begun>,
}

/// A step that each case begins with, and its answer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Begun {
    step: Json,
    expect: Json,
}

/// The operations that are made of raw steps.
const RAW: [&str; 4] = ["raw", "raw_memory_limit", "raw_deadline", "raw_imports"];

impl Common {
    /// Writes it out in a case. One that is not written as it should be is for others to judge.
    pub(crate) fn write_out(&self, case: &mut Json) {
        if !case["op"].as_str().is_some_and(|op| RAW.contains(&op)) || case["in"]["steps"].as_array().is_none() {
            return;
        }
        if let Some(imports) = &self.imports
            && case["in"].get("imports").is_none()
            && ["raw", "raw_imports"].contains(&case["op"].as_str().unwrap_or_default())
        {
            case["op"] = json!("raw_imports");
            case["in"]["imports"] = imports.clone();
        }
        let before = |list: &mut Json, part: fn(&Begun) -> &Json| {
            if let Json::Array(list) = list {
                list.splice(..0, self.begin.iter().map(|begun| part(begun).clone()));
            }
        };
        before(&mut case["in"]["steps"], |begun| &begun.step);
        if let Some(answers) = case["expect"].get_mut("ok").and_then(|ok| ok.get_mut("steps")) {
            before(answers, |begun| &begun.expect);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_raw_case_begins_alike() {
        let common: Common = serde_json::from_value(json!({
            "imports": [{"module": "m", "name": "f", "func": {"params": [], "results": []}}],
            "begin": [{"step": {"do": "call", "export": "init"}, "expect": {"ok": {"results": []}}}],
        }))
        .unwrap();
        let written = |op: &str, input: Json, expect: Json| {
            let mut case = json!({"op": op, "in": input, "expect": expect});
            common.write_out(&mut case);
            case
        };
        let pages = json!({"steps": [{"do": "pages"}]});
        let right = json!({"ok": {"steps": [{"ok": {"pages": 1}}]}});
        let case = written("raw", pages.clone(), right.clone());
        assert_eq!(case["op"], "raw_imports");
        assert_eq!(case["in"]["imports"][0]["name"], "f");
        assert_eq!(case["in"]["steps"][0]["export"], "init");
        assert_eq!(case["expect"]["ok"]["steps"][0], json!({"ok": {"results": []}}));
        let none = json!({"imports": [], "steps": []});
        assert_eq!(written("raw_imports", none, json!({"error": "NO_INSTANCE"}))["in"]["imports"], json!([]));
        assert_eq!(written("raw_memory_limit", pages, right)["op"], "raw_memory_limit");
        assert_eq!(written("add", json!({"a": 1, "b": 2}), json!({}))["in"], json!({"a": 1, "b": 2}));
    }
}

//! The contents of a file of vectors.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize};

use crate::answer::Output;
use crate::ops::Op;

/// The schema that [`Suite`] follows.
pub const SCHEMA: &str = "everyhost/vectors/1";

/// One file: `vectors/<suite>.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Suite {
    /// [`SCHEMA`].
    pub schema: String,
    /// The suite's name, which is also its file's.
    pub suite: String,
    /// Which modules it is about: those that have this face.
    pub face: Face,
    /// The one module it is about, if it is not about all that have its face: of those with the face `own` or `component`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub module: Option<String>,
    /// How many cases there must be; fewer is an error.
    pub count: usize,
    /// Where the answers come from.
    pub source: Source,
    /// What each flag that a case carries means.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub flags: BTreeMap<String, String>,
    /// The cases, each independent of the others.
    pub cases: Vec<Case>,
}

/// What a module must offer to be asked a suite.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Face {
    /// The signer as a wrapper shows it: `public_key`, `sign`, `verify`, sessions.
    Signer,
    /// The signer's exports themselves: `raw` cases.
    SignerAbi,
    /// A module made for batches of signatures: large ones, and its exports themselves.
    Verifier,
    /// Reads and writes keys: `read_key`, `write_key`, and its exports themselves.
    Keys,
    /// `add` and `divide`.
    Adder,
    /// The adder's exports themselves: `raw` cases.
    AdderAbi,
    /// A module that is not a signer: what hosts do with memory, traps, values and features of Wasm.
    Probe,
    /// The program of crates/wasi-programs: `wasi` cases that run the module itself.
    WasiProgram,
    /// The exports of a component, by their WIT. Such a suite names its module.
    Component,
    /// The exports of a module that is not of this workspace: `everyhost run --module FILE.wasm`.
    Own,
}

/// Where a suite's answers come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The document, package or program.
    pub name: String,
    /// Under which terms the data may be used.
    pub licence: String,
    /// Of the source as it was read, if it is a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// One question and its answer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Case {
    /// Unique among all suites; never changes.
    pub id: String,
    /// The operation and its input (`op`, `in`).
    #[serde(flatten)]
    pub op: Op,
    /// Why the case exists; each is explained in the suite's `flags`.
    pub flags: Vec<String>,
    /// What makes it different from its neighbours.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub comment: String,
    /// The one right answer.
    pub expect: Expect,
}

/// By hand, because serde cannot refuse unknown fields beside a flattened one.
impl<'de> Deserialize<'de> for Case {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Written {
            id: String,
            op: String,
            r#in: serde_json::Value,
            #[serde(default)]
            flags: Vec<String>,
            #[serde(default)]
            comment: String,
            expect: Expect,
        }
        let Written { id, op, r#in, flags, comment, expect } = Written::deserialize(deserializer)?;
        let op = serde_json::from_value(serde_json::json!({"op": op, "in": r#in}))
            .map_err(|error| serde::de::Error::custom(format!("op {op:?}: {error}")))?;
        Ok(Self { id, op, flags, comment, expect })
    }
}

/// The right answer. In JSON: `{"ok": {…}}`, `{"error": "NAME"}`, `{"trap": true}`, or `{"one_of": […]}` of these.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
#[expect(clippy::large_enum_variant, reason = "nearly all of them are that variant")]
pub enum Expect {
    /// It works, with this result.
    Ok(Output),
    /// It is refused, with this stable name.
    Error(String),
    /// The module traps.
    Trap(bool),
    /// Any of these is right.
    #[serde(rename = "one_of")]
    OneOf(Vec<Expect>),
}

#[cfg(test)]
mod tests {
    use super::*;

    const CASE: &str = r#"{"id":"a/b","op":"sign","in":{"keypair":"00ff","message":{"repeat":"61","times":3}},"flags":["Long"],"comment":"three","expect":{"error":"KEY_LENGTH"}}"#;

    #[test]
    fn a_case_comes_back_as_it_was_written() {
        let case: Case = serde_json::from_str(CASE).unwrap();
        assert_eq!(case.op.name(), "sign");
        assert_eq!(serde_json::to_string(&case).unwrap(), CASE);
    }

    #[test]
    fn every_op_round_trips() {
        let mut names = Vec::new();
        for op in [
            r#""op":"public_key","in":{"seed":"00"}"#,
            r#""op":"sign","in":{"keypair":"00","message":""}"#,
            r#""op":"sign_many","in":{"keypair":"00","messages":["","61"]}"#,
            r#""op":"verify","in":{"public_key":"00","message":"","signature":""}"#,
            r#""op":"verify_strict","in":{"public_key":"00","message":"","signature":""}"#,
            r#""op":"verify_many","in":{"items":[{"public_key":"00","message":"","signature":""}],"order":[0,0]}"#,
            r#""op":"verify_many_strict","in":{"items":[]}"#,
            r#""op":"read_key","in":{"kind":"public","file":"00"}"#,
            r#""op":"write_key","in":{"form":"jwk","public_key":"00"}"#,
            r#""op":"add","in":{"a":-2147483648,"b":2147483647}"#,
            r#""op":"divide","in":{"a":1,"b":0}"#,
            r#""op":"session","in":{"keypair":"00","steps":[{"op":"public_key","in":{}},{"op":"sign_with","in":{"keypair":"00","message":""}},{"op":"close","in":{}}]}"#,
            r#""op":"raw","in":{"steps":[{"do":"call","export":"f","args":[{"i32":-1},{"i64":"-1"},{"f32":"3f800000"},{"f64":"3ff0000000000000"},{"var":"p","plus":-4},{"var":"p"}],"as":"q"},{"do":"call","export":"g","as":["a","b"]},{"do":"read","ptr":{"i64":"0"},"len":"nul"},{"do":"write","ptr":{"i32":0},"bytes":"00"},{"do":"read","ptr":{"var":"p"},"len":4},{"do":"pages"}]}"#,
            r#""op":"raw_memory_limit","in":{"max_pages":2,"steps":[{"do":"pages"}]}"#,
            r#""op":"raw_deadline","in":{"deadline_ms":100,"steps":[{"do":"call","export":"f"}]}"#,
            r#""op":"raw_module","in":{"wasm":"0061736d01000000","steps":[]}"#,
            r#""op":"raw_imports","in":{"wasm":"00","imports":[{"module":"m","name":"f","func":{"params":["i32"],"results":["i64"]},"calls":[{"steps":[{"do":"read","ptr":{"var":"arg0"},"len":{"var":"arg0"}},{"do":"grow","pages":1},{"do":"load","ptr":{"i32":0},"as":"p"},{"do":"global","export":"g","as":"q"}],"results":[{"i64":"1"}]},{"throw":"x"}]},{"module":"m","name":"m","memory":{"min":1,"max":2}},{"module":"m","name":"t","table":{"min":0}},{"module":"m","name":"g","global":{"i32":1},"mutable":true}],"steps":[],"after_trap":true}"#,
            r#""op":"wasi","in":{"wasm":"00","args":["a"],"env":["A=1"],"stdin":"00","dirs":[{"guest":"/","files":[{"path":"a","bytes":"00"},{"path":"b","dir":true},{"path":"c","link":"a"}]}],"steps":[]}"#,
            r#""op":"component","in":{"steps":[{"do":"call","export":"a:b/c#d","args":[1,"x",{"some":[true]}]},{"do":"call","export":"f"},{"do":"drop","handle":0}]}"#,
            r#""op":"kept_view","in":{"ptr":4294967295,"value":-1}"#,
        ] {
            let json = format!(r#"{{"id":"a/b",{op},"flags":[],"expect":{{"trap":true}}}}"#);
            let case: Case = serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}"));
            assert_eq!(serde_json::to_string(&case).unwrap(), json);
            names.push(case.op.name());
        }
        assert_eq!(names, crate::form::ops());
    }

    #[test]
    fn what_the_schema_does_not_have_is_refused() {
        for (wrong, said) in [
            (CASE.replace(r#""id""#, r#""notes":1,"id""#), "notes"),
            (CASE.replace(r#""keypair""#, r#""seed":"","keypair""#), "seed"),
            (CASE.replace(r#""sign""#, r#""sing""#), "sing"),
            (CASE.replace(r#""message""#, r#""messages""#), "messages"),
            (CASE.replace(r#""times":3"#, r#""times":3,"of":1"#), "op \"sign\""),
            (CASE.replace(r#"{"error""#, r#"{"ok":{},"error""#), "single key"),
            (CASE.replace(r#"{"error":"KEY_LENGTH"}"#, r#"{"ok":{"sig":""}}"#), "sig"),
            (CASE.replace(r#"{"error":"KEY_LENGTH"}"#, "{}"), "single key"),
            (CASE.replace(r#","expect":{"error":"KEY_LENGTH"}"#, ""), "missing field `expect`"),
        ] {
            let json: serde_json::Value = serde_json::from_str(&wrong).unwrap();
            let error = Case::deserialize(json).unwrap_err().to_string();
            assert!(error.contains(said), "{error}");
        }
    }
}

//! What a host provides to a module that has imports, written as data: hosts/IMPORTS.md says what it means.

use serde::{Deserialize, Serialize};

use crate::Bytes;
use crate::answer::Answer;
use crate::ops::{RawStep, Value};
use crate::{check, form, json};

/// `{"imports", "steps"}`, perhaps with `wasm` and `after_trap`: as [`Raw`](crate::ops::Raw), on a module whose imports the
/// host provides.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RawImports {
    /// A module in the binary format, instead of the one that is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub wasm: Option<Bytes>,
    /// What the host provides.
    pub imports: Vec<Import>,
    /// What is done with the instance, in order.
    pub steps: Vec<RawStep>,
    /// Whether steps after a trap are done.
    #[serde(default, skip_serializing_if = "is_false")]
    pub after_trap: bool,
}

/// One thing that the host provides: exactly one of `func`, `memory`, `table` and `global` is there.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Import {
    /// The first of its two names.
    pub module: String,
    /// The second.
    pub name: String,
    /// A function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub func: Option<Signature>,
    /// What the function does: the n-th entry the n-th time, and then the last.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Behaviour>,
    /// A memory, in pages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<Limits>,
    /// A table of function references, in elements.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<Limits>,
    /// A global: its value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub global: Option<Value>,
    /// Whether the global is mutable.
    #[serde(default, skip_serializing_if = "is_false")]
    pub mutable: bool,
}

/// The type of a function: `i32`, `i64`, `f32` or `f64` each.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signature {
    /// What it takes.
    #[serde(default)]
    pub params: Vec<String>,
    /// What it returns.
    #[serde(default)]
    pub results: Vec<String>,
}

/// How large something is at first, and may get.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// At first.
    pub min: u32,
    /// At most; as large as it can if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<u32>,
}

/// What a function of the host does in one call.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Behaviour {
    /// Done first, in order. A `var` is an argument, `arg0` and so on, or what an earlier one of these steps named.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<RawStep>,
    /// What it returns: zeros if absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<Vec<Value>>,
    /// Instead of returning, it fails with these words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub throw: Option<String>,
}

/// A call of a function of the host, as it came.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HostCall {
    /// Its place in `imports`.
    pub import: u32,
    /// With what.
    pub args: Vec<Value>,
    /// The answers of the entry's steps; absent if it has none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub steps: Vec<Answer>,
}

/// Reads a file that is a list of imports and nothing else; or what is wrong with it, one line each.
pub fn read(text: &str) -> Result<Vec<Import>, Vec<String>> {
    let mut json = json::read(text.as_bytes()).map_err(|error| vec![error.to_string()])?;
    let problems = form::import_problems(&mut json);
    if !problems.is_empty() {
        return Err(problems);
    }
    let imports: Vec<Import> = serde_json::from_value(json).map_err(|error| vec![error.to_string()])?;
    let problems = check::imports(&imports);
    if problems.is_empty() { Ok(imports) } else { Err(problems) }
}

/// The most calls that an answer lists.
pub const MOST_CALLS_TOLD: usize = 64;

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
pub(crate) fn is_false(flag: &bool) -> bool {
    !*flag
}

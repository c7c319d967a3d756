//! What stands in a file of vectors.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ops::{Op, Output};

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
    /// `add` and `divide`.
    Adder,
    /// The adder's exports themselves: `raw` cases.
    AdderAbi,
}

/// Where a suite's answers come from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The document, package or program.
    pub name: String,
    /// Under which terms the data may be used.
    pub licence: String,
    /// Of the source as it was read, where it is a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}

/// One question and its answer.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Case {
    /// Unique among all suites; never changes.
    pub id: String,
    /// The operation and what it is given (`op`, `in`).
    #[serde(flatten)]
    pub op: Op,
    /// Why the case exists; each is explained in the suite's `flags`.
    #[serde(default)]
    pub flags: Vec<String>,
    /// What makes it different from its neighbours.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub comment: String,
    /// The one right answer.
    pub expect: Expect,
}

/// The one right answer. In JSON: `{"ok": {…}}`, `{"error": "NAME"}` or `{"trap": true}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase", deny_unknown_fields)]
pub enum Expect {
    /// It works, with this result.
    Ok(Output),
    /// It is refused, with this stable name.
    Error(String),
    /// The module traps.
    Trap(bool),
}

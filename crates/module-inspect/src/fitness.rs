//! Which hosts can run a module, and how.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::imports::{Import, Owner};

/// The suite `features`: which of its cases is about which feature.
pub const CASES: [(&str, &str); 15] = [
    ("sign-ext", "sign-extension"),
    ("nontrapping-fptoint", "saturating-conversion"),
    ("multivalue", "multi-value"),
    ("bulk-memory", "bulk-memory"),
    ("reference-types", "reference-types"),
    ("simd128", "simd"),
    ("extended-const", "extended-const"),
    ("tail-call", "tail-call"),
    ("relaxed-simd", "relaxed-simd"),
    ("multimemory", "multi-memory"),
    ("exception-handling", "exceptions"),
    ("memory64", "memory64"),
    ("gc", "gc"),
    ("atomics", "threads"),
    ("wide-arithmetic", "wide-arithmetic"),
];

/// Features that every row has: no case is about them.
const EVERYWHERE: [&str; 1] = ["mutable-globals"];

/// How a row runs the module.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// It needs nothing.
    AsItIs,
    /// The host has WASI of its own.
    AsWasi,
    /// The host is told what to provide.
    WithDeclaredImports,
    /// `everyhost virtualize` links its imports away first.
    Virtualized,
    /// It needs a feature that no case is about.
    Perhaps,
    /// It needs a feature that the host lacks.
    Not,
}

/// One row.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Fitness {
    /// The row of the matrix.
    pub row: String,
    /// How it runs the module.
    pub how: How,
    /// Of `Not` and `Perhaps`: such as `simd128: wasm2c has no SIMD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A host, as far as it decides what it can run.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Host {
    /// The row of the matrix.
    pub name: String,
    /// Whether it has WASI preview 1 of its own.
    pub has_wasi: bool,
    /// Whether it can be told which functions to provide.
    pub takes_imports: bool,
    /// Features, by LLVM's names, with the reason.
    pub lacks: BTreeMap<String, String>,
}

/// How each host runs a module with these features and imports.
pub fn of_hosts(hosts: &[Host], features: &[&str], imports: &[Import]) -> Vec<Fitness> {
    let fitness = |host: &Host| {
        let (how, why) = match lacks(host, features) {
            Some((how, why)) => (how, Some(why)),
            None => (way(host, imports), None),
        };
        Fitness { row: host.name.clone(), how, why }
    };
    hosts.iter().map(fitness).collect()
}

fn way(host: &Host, imports: &[Import]) -> How {
    if imports.is_empty() {
        How::AsItIs
    } else if host.has_wasi && imports.iter().all(|import| Owner::of(import) == Owner::Wasi) {
        How::AsWasi
    } else if host.takes_imports {
        How::WithDeclaredImports
    } else {
        How::Virtualized
    }
}

/// The first feature that the host lacks, or else one that nothing is known of.
fn lacks(host: &Host, features: &[&str]) -> Option<(How, String)> {
    let lacked = features.iter().find_map(|feature| {
        let reason = host.lacks.get(*feature)?;
        Some((How::Not, format!("{feature}: {reason}")))
    });
    lacked.or_else(|| {
        let known = |feature: &str| EVERYWHERE.contains(&feature) || CASES.iter().any(|(name, _)| *name == feature);
        let unknown = features.iter().find(|feature| !known(feature))?;
        Some((How::Perhaps, format!("{unknown}: no case is about it")))
    })
}

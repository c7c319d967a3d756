//! Which rows can run a module, and how.

use serde::Serialize;

use crate::gaps::{Cases, Gap};
use crate::hosts::{Row, RowKind};
use crate::imports::{Import, Owner};

/// The suite `features`: which of its cases is about which feature.
const CASES: [(&str, &str); 15] = [
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
pub(super) enum How {
    AsItIs,
    AsWasi,
    WithDeclaredImports,
    Virtualized,
    /// It needs a feature that no case is about.
    Perhaps,
    Not,
}

/// One row.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Fitness {
    pub(super) row: String,
    pub(super) how: How,
    /// Of `Not` and `Perhaps`: such as `simd128: wasm2c has no SIMD`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) why: Option<String>,
}

/// Of the rows that run modules.
pub(super) fn of_rows(rows: &[Row], gaps: &[Gap], features: &[&str], imports: &[Import]) -> Vec<Fitness> {
    let rows = rows.iter().filter(|row| row.kind == RowKind::Wasm);
    rows.map(|row| {
        let (how, why) = match lacks(row, gaps, features) {
            Some((how, why)) => (how, Some(why)),
            None => (way(row, imports), None),
        };
        Fitness { row: row.name.clone(), how, why }
    })
    .collect()
}

fn way(row: &Row, imports: &[Import]) -> How {
    if imports.is_empty() {
        How::AsItIs
    } else if row.can("wasi") && imports.iter().all(|import| Owner::of(import) == Owner::Wasi) {
        How::AsWasi
    } else if row.can("raw_imports") {
        How::WithDeclaredImports
    } else {
        How::Virtualized
    }
}

/// The first feature that the row lacks, or else one that nothing is known of.
fn lacks(row: &Row, gaps: &[Gap], features: &[&str]) -> Option<(How, String)> {
    let lacked = features.iter().find_map(|feature| {
        let reason = row.lacks(feature).or_else(|| gap(row, gaps, feature))?;
        Some((How::Not, format!("{feature}: {reason}")))
    });
    lacked.or_else(|| {
        let known = |feature: &str| EVERYWHERE.contains(&feature) || CASES.iter().any(|(name, _)| *name == feature);
        let unknown = features.iter().find(|feature| !known(feature))?;
        Some((How::Perhaps, format!("{unknown}: no case is about it")))
    })
}

fn gap<'a>(row: &Row, gaps: &'a [Gap], feature: &str) -> Option<&'a str> {
    let (_, case) = CASES.iter().find(|(name, _)| *name == feature)?;
    let id = format!("features/{case}");
    let is_about = |gap: &&Gap| gap.row == row.name && matches!(&gap.cases, Cases::Id(pattern) if pattern.matches(&id));
    gaps.iter().find(is_about).map(|gap| gap.reason.as_str())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::outline::Outline;
    use crate::{gaps, hosts};

    fn rows(inner: &str, features: &[&str]) -> Vec<Fitness> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let rows = hosts::load(&root).unwrap();
        let gaps = gaps::load(&root, &rows).unwrap();
        let imports = Outline::read(&wat::parse_str(format!("(module {inner})")).unwrap()).imports;
        of_rows(&rows, &gaps, features, &imports)
    }

    fn how(rows: &[Fitness], name: &str) -> How {
        rows.iter().find(|row| row.row == name).unwrap().how
    }

    #[test]
    fn without_imports_every_row_runs_it() {
        let rows = rows("", &["sign-ext", "mutable-globals"]);
        assert!(rows.len() > 10 && rows.iter().all(|row| row.how == How::AsItIs), "{rows:#?}");
    }

    #[test]
    fn with_imports_it_is_virtualized_at_least() {
        let rows = rows(r#"(import "env" "f" (func))"#, &[]);
        assert!(rows.iter().all(|row| [How::Virtualized, How::WithDeclaredImports].contains(&row.how)), "{rows:#?}");
    }

    #[test]
    fn a_feature_that_a_row_lacks_is_told_with_the_reason() {
        let simd = rows("", &["simd128"]);
        assert_eq!((how(&simd, "c-wasm2c"), how(&simd, "node")), (How::Not, How::AsItIs));
        let tail_call = rows("", &["tail-call"]);
        let row = tail_call.iter().find(|row| row.row == "go-wazero").unwrap();
        assert!(row.how == How::Not && row.why.as_ref().unwrap().starts_with("tail-call: wazero is at"), "{row:?}");
        assert_eq!(how(&rows("", &["custom-page-sizes"]), "node"), How::Perhaps);
    }

    #[test]
    fn every_case_that_is_named_here_exists() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors/features.json");
        let text = std::fs::read_to_string(root).unwrap();
        for (_, case) in CASES {
            assert!(text.contains(&format!("\"features/{case}\"")), "{case}");
        }
    }
}

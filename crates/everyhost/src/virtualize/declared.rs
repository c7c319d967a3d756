//! What a file of declared imports says, the `imports` of hosts/IMPORTS.md, and whether the module imports it so.

use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use vectors::file::{self, MIB};
use vectors::imports::{self as declared, Import, Limits, Signature};
use vectors::load::Problems;
use wasmparser::TypeRef;

use crate::declared::one;
use crate::exports::word;
use crate::fit::type_of;
use crate::imports;

const MOST_BYTES: u64 = 64 * MIB;

/// Reads the file: a list of imports.
pub(super) fn read(path: &Path) -> Result<Vec<Import>> {
    let shown = path.display();
    let text = file::read_text(path, MOST_BYTES).map_err(|problem| anyhow!("{shown} {problem}"))?;
    declared::read(&text).map_err(|problems| {
        Problems(problems.into_iter().map(|problem| format!("{shown}: {problem}")).collect()).into()
    })
}

/// Such as `env.print`.
pub(super) fn shown(declared: &Import) -> String {
    format!("{}.{}", word(&declared.module), word(&declared.name))
}

pub(super) fn is_about(declared: &Import, import: &imports::Import) -> bool {
    declared.module == import.module && declared.name == import.name
}

/// That it is what the module imports under this name.
pub(super) fn check_type(declared: &Import, import: &imports::Import) -> Result<()> {
    let shown = shown(declared);
    let other_kind = || format!("{shown} is a {} in the module, and declared as something else", import.kind());
    match import.ty {
        TypeRef::Func(_) | TypeRef::FuncExact(_) => {
            let func = declared.func.as_ref().with_context(other_kind)?;
            let asked = one(import).map_err(|what| anyhow!("{shown} is {what} in the module"))?.func;
            let text = |ty: &Signature| format!("({}) -> ({})", ty.params.join(", "), ty.results.join(", "));
            ensure!(
                asked.as_ref() == Some(func),
                "{shown} is declared as {}, and the module imports it as {}",
                text(func),
                text(&asked.unwrap_or_default())
            );
            Ok(())
        }
        TypeRef::Memory(ty) => check_limits(declared.memory.with_context(other_kind)?, &shown, ty.initial, ty.maximum),
        TypeRef::Table(ty) => check_limits(declared.table.with_context(other_kind)?, &shown, ty.initial, ty.maximum),
        TypeRef::Global(ty) => {
            let value = declared.global.as_ref().with_context(other_kind)?;
            ensure!(
                type_of(value) == Some(ty.content_type) && declared.mutable == ty.mutable,
                "{shown} is a global of type {}{} in the module: declare it so",
                ty.content_type,
                if ty.mutable { ", mutable" } else { "" }
            );
            Ok(())
        }
        TypeRef::Tag(_) => bail!(other_kind()),
    }
}

fn check_limits(declared: Limits, shown: &str, min: u64, max: Option<u64>) -> Result<()> {
    let fits =
        u64::from(declared.min) >= min && max.is_none_or(|most| declared.max.is_some_and(|max| u64::from(max) <= most));
    let most = max.map_or_else(|| "no max".into(), |max| format!("max {max}"));
    ensure!(fits, "{shown}: the module asks for min {min} or more and {most}; declare it so");
    ensure!(declared.max.is_none_or(|max| max >= declared.min), "{shown}: its max is less than its min");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::assert_has;
    use crate::outline::Outline;

    fn wrong(text: &str) -> String {
        declared::read(text).unwrap_err().join("\n")
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        assert_has(wrong("{}"), "imports: {}: it is a list: [{");
        assert_has(wrong(r#"[{"module":"m","name":"f"}]"#), "imports[0]: it has one of func, memory, table and global");
        assert_has(
            wrong(r#"[{"module":"m","name":"f","memory":{"min":1},"calls":[{}]}]"#),
            "only a function has calls",
        );
        assert_has(
            wrong(r#"[{"module":"m","name":"f","func":{},"calls":[{"results":[{"i32":1}],"throw":"x"}]}]"#),
            "imports[0].calls[0]: it returns results or throws",
        );
        assert_has(
            wrong(r#"[{"module":"m","name":"f","func":{"results":["i64"]},"calls":[{"results":[{"i32":1}]}]}]"#),
            "imports[0].calls[0].results: (i32) instead of (i64)",
        );
        let twice = r#"{"module":"m","name":"f","func":{}}"#;
        assert_has(wrong(&format!("[{twice},{twice}]")), "imports[1]: m.f is there twice");
        assert_has(wrong(r#"[{"module":"m","name":"f","global":{"i32":"x"}}]"#), "imports[0].global: {");
        assert_has(wrong(r#"[{"module":"m","name":"f","global":{"var":"x"}}]"#), "its value is a number");
    }

    #[test]
    fn says_where_the_module_differs() {
        let differs = |import: &str, declared: &str| {
            let wasm = wat::parse_str(format!(r#"(module (import "m" "x" {import}))"#)).unwrap();
            let declared = declared::read(&format!(r#"[{{"module":"m","name":"x",{declared}}}]"#)).unwrap();
            check_type(&declared[0], &Outline::read(&wasm).imports[0]).map_err(|error| format!("{error:#}"))
        };
        assert_has(
            differs("(func (param i64))", r#""func":{"params":["i32"]}"#).unwrap_err(),
            "m.x is declared as (i32) -> (), and the module imports it as (i64) -> ()",
        );
        assert_has(differs("(memory 2 3)", r#""memory":{"min":2}"#).unwrap_err(), "min 2 or more and max 3");
        assert_has(differs("(global (mut i32))", r#""global":{"i32":1}"#).unwrap_err(), "of type i32, mutable");
        assert_has(differs("(global i32)", r#""table":{"min":1}"#).unwrap_err(), "m.x is a global in the module");
        assert_has(differs("(tag)", r#""table":{"min":1}"#).unwrap_err(), "m.x is a tag in the module");
        differs("(memory 2 3)", r#""memory":{"min":2,"max":3}"#).unwrap();
        differs("(global (mut i32))", r#""global":{"i32":1},"mutable":true"#).unwrap();
    }
}

//! What a file of declared imports says: the `imports` of hosts/IMPORTS.md.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde::Deserialize;
use vectors::file::{self, MIB};
use vectors::imports::Behaviour;
use vectors::ops::Value;
use wasmparser::{TypeRef, ValType};

use crate::exports::{listed, word};
use crate::fit::type_of;
use crate::imports::Import;

const MOST_BYTES: u64 = 64 * MIB;

/// One import and what it does.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Declared {
    module: String,
    name: String,
    func: Option<FuncType>,
    #[serde(default)]
    pub(super) calls: Vec<Behaviour>,
    pub(super) memory: Option<Limits>,
    pub(super) table: Option<Limits>,
    pub(super) global: Option<Value>,
    #[serde(default)]
    mutable: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct FuncType {
    #[serde(default)]
    params: Vec<NumType>,
    #[serde(default)]
    results: Vec<NumType>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum NumType {
    I32,
    I64,
    F32,
    F64,
}

/// In pages, or in elements of a table.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    pub(super) min: u64,
    pub(super) max: Option<u64>,
}

/// Reads the file: a list of imports.
pub(super) fn read(path: &Path) -> Result<Vec<Declared>> {
    let shown = path.display();
    let text = file::read_text(path, MOST_BYTES).map_err(|problem| anyhow!("{shown} {problem}"))?;
    parse(&text).with_context(|| shown.to_string())
}

fn parse(text: &str) -> Result<Vec<Declared>> {
    // One by one, so that an error is about one of them.
    let entries: Vec<serde_json::Value> =
        serde_json::from_str(text).context("expected a list of imports, such as [{\"module\":\"env\",\"name\":\"f\",\"func\":{\"params\":[\"i32\"]},\"calls\":[]}]")?;
    let mut names = BTreeSet::new();
    let mut all = Vec::new();
    for (at, entry) in entries.into_iter().enumerate() {
        let entry: Declared = serde_json::from_value(entry).with_context(|| format!("imports[{at}]"))?;
        entry.check().with_context(|| format!("imports[{at}], {}", entry.shown()))?;
        ensure!(
            names.insert((entry.module.clone(), entry.name.clone())),
            "imports[{at}], {}: it is there twice",
            entry.shown()
        );
        all.push(entry);
    }
    Ok(all)
}

impl Declared {
    /// Such as `env.print`.
    pub(super) fn shown(&self) -> String {
        format!("{}.{}", word(&self.module), word(&self.name))
    }

    pub(super) fn is_about(&self, import: &Import) -> bool {
        self.module == import.module && self.name == import.name
    }

    fn check(&self) -> Result<()> {
        let kinds =
            [self.func.is_some(), self.memory.is_some(), self.table.is_some(), self.global.is_some()].map(usize::from);
        ensure!(kinds.iter().sum::<usize>() == 1, "an import has one of func, memory, table and global");
        ensure!(self.func.is_some() || self.calls.is_empty(), "only a func has calls");
        ensure!(self.global.is_some() || !self.mutable, "only a global is mutable");
        for (at, call) in self.calls.iter().enumerate() {
            let returns = call.results.as_ref().is_some_and(|results| !results.is_empty());
            ensure!(call.throw.is_none() || !returns, "calls[{at}] has both results and throw");
        }
        Ok(())
    }

    /// That it is what the module imports under this name.
    pub(super) fn check_type(&self, import: &Import) -> Result<()> {
        let shown = self.shown();
        match (import.ty, &self.func) {
            (TypeRef::Func(_) | TypeRef::FuncExact(_), Some(func)) => {
                let types = |types: &[NumType]| types.iter().map(|ty| ty.val_type()).collect::<Vec<_>>();
                let (params, results) = (types(&func.params), types(&func.results));
                let ty = import.func.as_ref().context("an import without a type")?;
                ensure!(
                    ty.params() == params && ty.results() == results,
                    "{shown} is declared as {} -> {}, and the module imports it as {} -> {}",
                    listed(&params),
                    listed(&results),
                    listed(ty.params()),
                    listed(ty.results())
                );
                for (at, call) in self.calls.iter().enumerate() {
                    let returned = call.results.as_deref().unwrap_or_default();
                    let fits = returned.is_empty()
                        || returned.len() == results.len()
                            && returned
                                .iter()
                                .zip(&results)
                                .all(|(value, ty)| type_of(value).is_none_or(|given| given == *ty));
                    ensure!(fits, "{shown}: calls[{at}] has other results than its type, {}", listed(&results));
                }
                Ok(())
            }
            (TypeRef::Memory(memory), _) => {
                let limits = self.memory.with_context(|| self.other_kind(import))?;
                limits.check(&shown, memory.initial, memory.maximum)
            }
            (TypeRef::Table(table), _) => {
                let limits = self.table.with_context(|| self.other_kind(import))?;
                limits.check(&shown, table.initial, table.maximum)
            }
            (TypeRef::Global(global), _) => {
                let value = self.global.as_ref().with_context(|| self.other_kind(import))?;
                let is_constant = !matches!(value, Value::Var { .. });
                ensure!(
                    is_constant && type_of(value) == Some(global.content_type) && self.mutable == global.mutable,
                    "{shown} is a global of type {}{} in the module: declare it so",
                    global.content_type,
                    if global.mutable { ", mutable" } else { "" }
                );
                Ok(())
            }
            _ => bail!(self.other_kind(import)),
        }
    }

    fn other_kind(&self, import: &Import) -> String {
        format!("{} is a {} in the module, and declared as something else", self.shown(), import.kind())
    }
}

impl Limits {
    fn check(self, shown: &str, min: u64, max: Option<u64>) -> Result<()> {
        let fits = self.min >= min && max.is_none_or(|most| self.max.is_some_and(|max| max <= most));
        let most = max.map_or_else(|| "no max".into(), |max| format!("max {max}"));
        ensure!(fits, "{shown}: the module asks for min {min} or more and {most}; declare it so");
        ensure!(self.max.is_none_or(|max| max >= self.min), "{shown}: its max is less than its min");
        Ok(())
    }
}

impl NumType {
    const fn val_type(self) -> ValType {
        match self {
            Self::I32 => ValType::I32,
            Self::I64 => ValType::I64,
            Self::F32 => ValType::F32,
            Self::F64 => ValType::F64,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::assert_has;
    use crate::outline::Outline;

    fn wrong(text: &str) -> String {
        format!("{:#}", parse(text).unwrap_err())
    }

    #[test]
    fn says_what_is_wrong_and_where() {
        assert_has(wrong("{}"), "expected a list of imports");
        assert_has(wrong(r#"[{"module":"m","name":"f"}]"#), "imports[0], m.f: an import has one of");
        assert_has(wrong(r#"[{"module":"m","name":"f","memory":{"min":1},"calls":[{}]}]"#), "only a func has calls");
        assert_has(
            wrong(r#"[{"module":"m","name":"f","func":{},"calls":[{"results":[{"i32":1}],"throw":"x"}]}]"#),
            "calls[0] has both results and throw",
        );
        let twice = r#"{"module":"m","name":"f","func":{}}"#;
        assert_has(wrong(&format!("[{twice},{twice}]")), "imports[1], m.f: it is there twice");
        assert_has(wrong(r#"[{"module":"m","name":"f","global":{"i32":"x"}}]"#), "imports[0]");
    }

    #[test]
    fn says_where_the_module_differs() {
        let differs = |import: &str, declared: &str| {
            let wasm = wat::parse_str(format!(r#"(module (import "m" "x" {import}))"#)).unwrap();
            let declared = parse(&format!(r#"[{{"module":"m","name":"x",{declared}}}]"#)).unwrap();
            declared[0].check_type(&Outline::read(&wasm).imports[0]).map_err(|error| format!("{error:#}"))
        };
        assert_has(
            differs("(func (param i64))", r#""func":{"params":["i32"]}"#).unwrap_err(),
            "m.x is declared as (i32) -> (), and the module imports it as (i64) -> ()",
        );
        assert_has(
            differs("(func (result i64))", r#""func":{"results":["i64"]},"calls":[{"results":[{"i32":1}]}]"#)
                .unwrap_err(),
            "m.x: calls[0] has other results than its type, (i64)",
        );
        assert_has(differs("(memory 2 3)", r#""memory":{"min":2}"#).unwrap_err(), "min 2 or more and max 3");
        assert_has(differs("(global (mut i32))", r#""global":{"i32":1}"#).unwrap_err(), "of type i32, mutable");
        assert_has(differs("(global i32)", r#""table":{"min":1}"#).unwrap_err(), "m.x is a global in the module");
        assert_has(differs("(tag)", r#""table":{"min":1}"#).unwrap_err(), "m.x is a tag in the module");
        differs("(memory 2 3)", r#""memory":{"min":2,"max":3}"#).unwrap();
        differs("(global (mut i32))", r#""global":{"i32":1},"mutable":true"#).unwrap();
    }
}

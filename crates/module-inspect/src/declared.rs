//! What a host has to provide to a module, as `imports` of vectors: read from the module, so that functions return zeros.

use vectors::imports::{Import, Limits, Signature};
use vectors::ops::Value;
use wasmparser::{FuncType, MemoryType, RefType, TableType, TypeRef, ValType};

use crate::imports;

/// Where the data of a module goes that says so by an imported global: not to 0, which is no pointer.
const MEMORY_BASE: i32 = 1024;

/// Where the stack begins that a module imports: it grows down.
const STACK: i32 = 65_536;

/// The imports, each of its names once; or, one line each, why some can't be written as data.
pub fn declare(imports: &[imports::Import]) -> Result<Vec<Import>, Vec<String>> {
    let (mut declared, mut wrong): (Vec<Import>, Vec<String>) = Default::default();
    for import in imports {
        match one(import) {
            Ok(one) if declared.contains(&one) => {}
            Ok(other) if declared.iter().any(|one| (&one.module, &one.name) == (&other.module, &other.name)) => {
                wrong.push(format!("{} is imported twice, with two types", import.name()));
            }
            Ok(one) => declared.push(one),
            Err(what) => wrong.push(format!("{} is {what}", import.name())),
        }
    }
    if wrong.is_empty() { Ok(declared) } else { Err(wrong) }
}

/// One of them, or what it is that has no form.
pub fn one(import: &imports::Import) -> Result<Import, &'static str> {
    let what = match import.ty {
        TypeRef::Func(_) | TypeRef::FuncExact(_) => function(import.func.as_ref()),
        TypeRef::Memory(ty) => memory(ty),
        TypeRef::Table(ty) => table(ty),
        TypeRef::Global(ty) => global(ty.content_type, ty.mutable, &import.name),
        TypeRef::Tag(_) => Err("a tag"),
    };
    what.map(|what| Import { module: import.module.clone(), name: import.name.clone(), ..what })
}

fn function(ty: Option<&FuncType>) -> Result<Import, &'static str> {
    let names = |types: &[ValType]| {
        let named = types.iter().map(|ty| Some(zero(*ty)?.type_name()?.to_owned()));
        named.collect::<Option<Vec<_>>>().ok_or("a function with a v128 or a reference")
    };
    let Some(ty) = ty else { return Err("a function of a type that this tool does not know") };
    let func = Signature { params: names(ty.params())?, results: names(ty.results())? };
    Ok(Import { func: Some(func), ..Import::default() })
}

fn memory(ty: MemoryType) -> Result<Import, &'static str> {
    if ty.memory64 || ty.shared || ty.page_size_log2.is_some() {
        return Err("a memory that is shared, or has 64-bit addresses, or pages of another size");
    }
    let limits = limits(ty.initial, ty.maximum)?;
    Ok(Import { memory: Some(limits), ..Import::default() })
}

fn table(ty: TableType) -> Result<Import, &'static str> {
    if ty.element_type != RefType::FUNCREF || ty.table64 {
        return Err("a table of other things than functions, or with 64-bit indices");
    }
    Ok(Import { table: Some(limits(ty.initial, ty.maximum)?), ..Import::default() })
}

fn limits(min: u64, max: Option<u64>) -> Result<Limits, &'static str> {
    let small = |number: u64| u32::try_from(number).map_err(|_| "too large");
    Ok(Limits { min: small(min)?, max: max.map(small).transpose()? })
}

/// Zero, but for the names by which linkers ask where things are.
fn global(ty: ValType, mutable: bool, name: &str) -> Result<Import, &'static str> {
    let value = match (ty, name) {
        (ValType::I32, "__memory_base") => Value::from(MEMORY_BASE),
        (ValType::I32, "__stack_pointer") => Value::from(STACK),
        _ => zero(ty).ok_or("a global with a v128 or a reference")?,
    };
    Ok(Import { global: Some(value), mutable, ..Import::default() })
}

/// Zero of this type, if steps have a form for it.
pub fn zero(ty: ValType) -> Option<Value> {
    match ty {
        ValType::I32 => Some(Value::from(0)),
        ValType::I64 => Some(Value::I64 { i64: "0".into() }),
        ValType::F32 => Some(Value::F32 { f32: "0".repeat(8) }),
        ValType::F64 => Some(Value::F64 { f64: "0".repeat(16) }),
        ValType::V128 | ValType::Ref(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::assert_has;
    use crate::outline::Outline;

    fn declared(wat: &str) -> Result<Vec<Import>, Vec<String>> {
        declare(&Outline::read(&wat::parse_str(wat).unwrap()).imports)
    }

    #[test]
    fn each_kind_becomes_data() {
        let imports = declared(
            r#"(module (import "env" "f" (func (param i32 f64) (result i64))) (import "env" "f" (func (param i32 f64) (result i64)))
              (import "env" "memory" (memory 1 2)) (import "env" "t" (table 3 funcref))
              (import "env" "__memory_base" (global i32)) (import "env" "g" (global (mut f32))))"#,
        );
        let json = serde_json::to_value(imports.unwrap()).unwrap();
        assert_eq!(
            json,
            serde_json::json!([
                {"module": "env", "name": "f", "func": {"params": ["i32", "f64"], "results": ["i64"]}},
                {"module": "env", "name": "memory", "memory": {"min": 1, "max": 2}},
                {"module": "env", "name": "t", "table": {"min": 3}},
                {"module": "env", "name": "__memory_base", "global": {"i32": 1024}},
                {"module": "env", "name": "g", "global": {"f32": "00000000"}, "mutable": true},
            ])
        );
    }

    #[test]
    fn what_has_no_form_is_named() {
        let wrong = declared(
            r#"(module (import "wbg" "f" (func (param externref))) (import "a" "m" (memory 1 1 shared))
              (import "a" "t" (table 1 externref)) (import "a" "e" (tag)) (import "b" "f" (func)) (import "b" "f" (func (param i32))))"#,
        );
        let wrong = wrong.unwrap_err();
        assert_eq!(wrong.len(), 5, "{wrong:?}");
        assert_has(&wrong[0], "wbg.f is a function with a v128 or a reference");
        assert_has(&wrong[4], "b.f is imported twice, with two types");
    }
}

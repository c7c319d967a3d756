//! Puts definitions in the place of a module's imports. Imported functions, memories, tables, globals and tags have the
//! lowest indices of their kinds, so what is defined in their place comes first, and no index of the module changes:
//! the bodies of its functions are copied as they are.

use std::convert::Infallible;

use anyhow::{Context, Result};
use wasm_encoder::reencode::{Error, Reencode, utils};
use wasm_encoder::{
    CodeSection, ConstExpr, CustomSection, DataCountSection, DataSection, ElementSection, ExportKind, ExportSection,
    FunctionSection, GlobalSection, Instruction, MemorySection, Module, StartSection, TableSection, TagSection,
    TypeSection,
};
use wasmparser::{CustomSectionReader, FunctionBody, Operator, Parser, Payload, TypeRef};

use crate::outline::Outline;

/// What takes the place of the imports.
pub(super) struct Definitions {
    /// A module. Its first functions are those that are imported, in their order; its others, its globals and exports
    /// are added. Its memory 0 stands for the module's.
    pub(super) glue: Vec<u8>,
    /// Which of the module's memories that is.
    pub(super) memory: u32,
    /// The name that its first memory is exported under, if any.
    pub(super) export_memory: Option<&'static str>,
    /// The value of each imported global: one instruction, such as `i32.const`.
    pub(super) constants: Vec<Instruction<'static>>,
}

/// Custom sections that stay true: names are by index, which no change touches. Offsets into the file are not, and a
/// dynamic library is none any more.
fn is_kept(custom: &str) -> bool {
    ["name", "producers", "target_features"].contains(&custom) || custom.starts_with("metadata.code.")
}

/// `wasm` and its `outline`, whose imports have the types that they are to be defined with. Both modules are valid.
pub(super) fn splice(wasm: &[u8], outline: &Outline, definitions: &Definitions) -> Result<Vec<u8>> {
    let (own, glue) = (Parts::read(wasm)?, Parts::read(&definitions.glue)?);
    let mut keep = Constants(&definitions.constants);
    let stubs: Vec<u32> = outline.imports.iter().filter_map(|import| func_type(import.ty)).collect();
    let mut shift = Shift { outline, memory: definitions.memory, stubs: u32::try_from(stubs.len())? };

    let mut types = TypeSection::new();
    let mut functions = FunctionSection::new();
    let mut tables = TableSection::new();
    let mut memories = MemorySection::new();
    let mut tags = TagSection::new();
    let mut globals = GlobalSection::new();
    let mut exports = ExportSection::new();
    let mut elements = ElementSection::new();
    let mut data = DataSection::new();
    let mut code = CodeSection::new();

    for ty in &stubs {
        functions.function(*ty);
    }
    let mut constants = definitions.constants.iter();
    for import in &outline.imports {
        match import.ty {
            TypeRef::Func(_) | TypeRef::FuncExact(_) => {}
            TypeRef::Table(ty) => {
                tables.table(keep.table_type(ty)?);
            }
            TypeRef::Memory(ty) => {
                memories.memory(keep.memory_type(ty)?);
            }
            TypeRef::Tag(ty) => {
                tags.tag(keep.tag_type(ty)?);
            }
            TypeRef::Global(ty) => {
                let value = constants.next().context("an imported global without a value")?;
                globals.global(keep.global_type(ty)?, &ConstExpr::extended([value.clone()]));
            }
        }
    }
    for body in &glue.bodies[..stubs.len()] {
        shift.parse_function_body(&mut code, body.clone())?;
    }

    let mut start = None;
    let mut data_count = None;
    for payload in own.sections {
        match payload {
            Payload::TypeSection(section) => keep.parse_type_section(&mut types, section)?,
            Payload::FunctionSection(section) => keep.parse_function_section(&mut functions, section)?,
            Payload::TableSection(section) => keep.parse_table_section(&mut tables, section)?,
            Payload::MemorySection(section) => keep.parse_memory_section(&mut memories, section)?,
            Payload::TagSection(section) => keep.parse_tag_section(&mut tags, section)?,
            Payload::GlobalSection(section) => keep.parse_global_section(&mut globals, section)?,
            Payload::ExportSection(section) => keep.parse_export_section(&mut exports, section)?,
            Payload::StartSection { func, .. } => start = Some(StartSection { function_index: func }),
            Payload::ElementSection(section) => keep.parse_element_section(&mut elements, section)?,
            Payload::DataCountSection { count, .. } => data_count = Some(DataCountSection { count }),
            Payload::DataSection(section) => keep.parse_data_section(&mut data, section)?,
            _ => {}
        }
    }
    for body in own.bodies {
        code.raw(body.as_bytes());
    }

    for payload in glue.sections {
        match payload {
            Payload::TypeSection(section) => shift.parse_type_section(&mut types, section)?,
            Payload::FunctionSection(section) => {
                for ty in section.into_iter().skip(stubs.len()) {
                    functions.function(shift.type_index(ty?)?);
                }
            }
            Payload::GlobalSection(section) => shift.parse_global_section(&mut globals, section)?,
            Payload::ExportSection(section) => shift.parse_export_section(&mut exports, section)?,
            _ => {}
        }
    }
    for body in &glue.bodies[stubs.len()..] {
        shift.parse_function_body(&mut code, body.clone())?;
    }

    if let Some(name) = definitions.export_memory {
        exports.export(name, ExportKind::Memory, 0);
    }
    let mut module = Module::new();
    // An empty section may be one that hosts do not know.
    macro_rules! add {
        ($($section:ident),*) => { $(if !$section.is_empty() { module.section(&$section); })* };
    }
    add!(types, functions, tables, memories, tags, globals, exports);
    if let Some(start) = &start {
        module.section(start);
    }
    add!(elements);
    if let Some(count) = &data_count {
        module.section(count);
    }
    add!(code, data);
    for section in own.customs.iter().filter(|section| is_kept(section.name())) {
        module.section(&CustomSection { name: section.name().into(), data: section.data().into() });
    }
    Ok(module.finish())
}

const fn func_type(ty: TypeRef) -> Option<u32> {
    match ty {
        TypeRef::Func(ty) | TypeRef::FuncExact(ty) => Some(ty),
        _ => None,
    }
}

/// A module in its sections.
#[derive(Default)]
struct Parts<'a> {
    sections: Vec<Payload<'a>>,
    bodies: Vec<FunctionBody<'a>>,
    customs: Vec<CustomSectionReader<'a>>,
}

impl<'a> Parts<'a> {
    fn read(wasm: &'a [u8]) -> Result<Self> {
        let mut this = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::CodeSectionEntry(body) => this.bodies.push(body),
                Payload::CustomSection(section) => this.customs.push(section),
                section => this.sections.push(section),
            }
        }
        Ok(this)
    }
}

/// Copies the module. In constant expressions, an imported global becomes its value: only such a global could be read
/// there before WebAssembly 3.0.
struct Constants<'a>(&'a [Instruction<'static>]);

impl Reencode for Constants<'_> {
    type Error = Infallible;

    fn instruction<'a>(&mut self, operator: Operator<'a>) -> Result<Instruction<'a>, Error> {
        let value = match operator {
            Operator::GlobalGet { global_index } => self.0.get(global_index as usize),
            _ => None,
        };
        value.map_or_else(|| utils::instruction(self, operator), |value| Ok(value.clone()))
    }
}

/// Gives what the glue adds the indices that it has in the module.
struct Shift<'a> {
    outline: &'a Outline,
    memory: u32,
    /// How many of its functions take the place of imports, and keep their index.
    stubs: u32,
}

impl Reencode for Shift<'_> {
    type Error = Infallible;

    fn type_index(&mut self, ty: u32) -> Result<u32, Error> {
        Ok(self.outline.types + ty)
    }

    fn function_index(&mut self, func: u32) -> Result<u32, Error> {
        Ok(func.checked_sub(self.stubs).map_or(func, |added| self.outline.functions + added))
    }

    fn global_index(&mut self, global: u32) -> Result<u32, Error> {
        Ok(self.outline.globals + global)
    }

    fn memory_index(&mut self, _: u32) -> Result<u32, Error> {
        Ok(self.memory)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::features::used_features;

    #[test]
    fn no_index_changes() {
        let wasm = wat::parse_str(
            r#"(module
              (type $f (func (result i32)))
              (import "env" "f" (func $f (type $f)))
              (import "env" "base" (global $base i32))
              (import "env" "table" (table 4 funcref))
              (import "env" "memory" (memory 1))
              (global $own i32 (global.get $base))
              (elem (global.get $base) $f $own_function)
              (data (global.get $base) "hi")
              (func $own_function (export "run") (type $f) (call $f)))"#,
        )
        .unwrap();
        let glue = wat::parse_str(
            r#"(module (global $n (mut i32) (i32.const 0)) (memory 0)
              (func (result i32) (call $more) (i32.load (i32.const 0)))
              (func $more (export "more") (param) (global.set $n (i32.const 1))))"#,
        )
        .unwrap();
        let definitions =
            Definitions { glue, memory: 0, export_memory: None, constants: vec![Instruction::I32Const(2)] };
        let spliced = splice(&wasm, &Outline::read(&wasm), &definitions).unwrap();
        assert!(used_features(&spliced).is_empty(), "{:?}", used_features(&spliced));
        let after = Outline::read(&spliced);
        assert_eq!((after.imports.len(), after.functions, after.globals), (0, 3, 3));
        assert_eq!(offsets(&spliced), [2, 2]);
    }

    /// The constant offsets of element and data segments.
    fn offsets(wasm: &[u8]) -> Vec<i32> {
        let mut found = Vec::new();
        let mut add = |expression: wasmparser::ConstExpr<'_>| {
            let Ok(Operator::I32Const { value }) = expression.get_operators_reader().read() else {
                panic!("no constant")
            };
            found.push(value);
        };
        for payload in Parser::new(0).parse_all(wasm) {
            match payload.unwrap() {
                Payload::ElementSection(section) => section.into_iter().for_each(|element| {
                    if let wasmparser::ElementKind::Active { offset_expr, .. } = element.unwrap().kind {
                        add(offset_expr);
                    }
                }),
                Payload::DataSection(section) => section.into_iter().for_each(|data| {
                    if let wasmparser::DataKind::Active { offset_expr, .. } = data.unwrap().kind {
                        add(offset_expr);
                    }
                }),
                _ => {}
            }
        }
        found
    }
}

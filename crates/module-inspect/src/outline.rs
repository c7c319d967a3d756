//! The outline of a module: all but its code, as far as this tool can read it. What it cannot read is for the hosts to
//! judge.

use std::collections::BTreeMap;
use std::ops::Range;

use wasmparser::{CompositeInnerType, FuncType, KnownCustom, MemoryType, Name, Parser, Payload, TypeRef};

use crate::exports::word;
use crate::imports::Import;

/// What a module has; its imports count among its functions and memories.
#[derive(Debug, Clone, Default)]
pub struct Outline {
    /// In the order of the module.
    pub imports: Vec<Import>,
    /// Imported ones first.
    pub memories: Vec<MemoryType>,
    /// The index of the start function.
    pub start: Option<u32>,
    /// The names of its custom sections.
    pub customs: Vec<String>,
    /// What the producers section says, such as `Rust 1.95`.
    pub made_by: Vec<String>,
    /// How many types there are.
    pub types: u32,
    /// How many functions.
    pub functions: u32,
    /// How many globals.
    pub globals: u32,
    /// By index, from the name section, or else the name that a function is exported under.
    names: BTreeMap<u32, String>,
    /// Where the body of each function is that is not imported.
    bodies: Vec<Range<usize>>,
    sections: Vec<(u8, Range<usize>)>,
}

impl Outline {
    /// As far as it can be read.
    pub fn read(wasm: &[u8]) -> Self {
        let mut this = Self::default();
        let mut types: Vec<Option<FuncType>> = Vec::new();
        for payload in Parser::new(0).parse_all(wasm).flatten() {
            this.sections.extend(payload.as_section());
            match payload {
                Payload::TypeSection(section) => {
                    for ty in section.into_iter().flatten().flat_map(wasmparser::RecGroup::into_types) {
                        types.push(match ty.composite_type.inner {
                            CompositeInnerType::Func(function) => Some(function),
                            _ => None,
                        });
                    }
                    this.types = len(types.len());
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports().flatten() {
                        this.import(import, &types);
                    }
                }
                Payload::FunctionSection(section) => this.functions = this.functions.saturating_add(section.count()),
                Payload::GlobalSection(section) => this.globals = this.globals.saturating_add(section.count()),
                Payload::MemorySection(section) => this.memories.extend(section.into_iter().flatten()),
                Payload::ExportSection(section) => {
                    for export in section.into_iter().flatten() {
                        if matches!(export.kind, wasmparser::ExternalKind::Func) {
                            this.names.insert(export.index, export.name.into());
                        }
                    }
                }
                Payload::StartSection { func, .. } => this.start = Some(func),
                Payload::CodeSectionEntry(body) => this.bodies.push(body.range()),
                Payload::CustomSection(section) => {
                    this.customs.push(section.name().into());
                    this.custom(section.as_known());
                }
                _ => {}
            }
        }
        this
    }

    fn import(&mut self, import: wasmparser::Import<'_>, types: &[Option<FuncType>]) {
        let mut func = None;
        match import.ty {
            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => {
                func = types.get(ty as usize).cloned().flatten();
                self.functions += 1;
            }
            TypeRef::Memory(memory) => self.memories.push(memory),
            TypeRef::Global(_) => self.globals += 1,
            TypeRef::Table(_) | TypeRef::Tag(_) => {}
        }
        self.imports.push(Import { module: import.module.into(), name: import.name.into(), ty: import.ty, func });
    }

    fn custom(&mut self, section: KnownCustom<'_>) {
        match section {
            KnownCustom::Name(section) => {
                for names in section.into_iter().flatten() {
                    if let Name::Function(names) = names {
                        self.names.extend(names.into_iter().flatten().map(|name| (name.index, name.name.into())));
                    }
                }
            }
            KnownCustom::Producers(section) => {
                for value in section.into_iter().flatten().flat_map(|field| field.values.into_iter().flatten()) {
                    self.made_by.push(format!("{} {}", value.name, value.version).trim().into());
                }
            }
            _ => {}
        }
    }

    /// Which part of the module this byte is in, such as `function 3 (memcpy)`.
    pub fn place(&self, at: usize) -> String {
        if let Some(own) = self.bodies.iter().position(|body| body.contains(&at)) {
            let imported = self.imports.iter().filter(|import| import.is_function()).count();
            let index = len(imported + own);
            return match self.names.get(&index) {
                Some(name) => format!("function {index} ({})", word(name)),
                None => format!("function {index}"),
            };
        }
        let section = self.sections.iter().rev().find(|(_, range)| range.start <= at);
        match section.and_then(|(id, _)| SECTIONS.get(usize::from(*id))) {
            Some(name) => format!("the {name} section"),
            None => format!("byte {at}"),
        }
    }
}

/// By the number that each has in the format.
const SECTIONS: [&str; 14] = [
    "custom",
    "type",
    "import",
    "function",
    "table",
    "memory",
    "global",
    "export",
    "start",
    "element",
    "code",
    "data",
    "data count",
    "tag",
];

fn len(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use wasmparser::ValType;

    use super::*;

    #[test]
    fn counts_what_is_imported_too() {
        let wasm = wat::parse_str(
            r#"(module (import "a" "f" (func (param i32))) (import "a" "m" (memory 1 2)) (import "a" "g" (global i32))
                (global i32 (i32.const 1)) (func $own) (start $own))"#,
        )
        .unwrap();
        let outline = Outline::read(&wasm);
        assert_eq!((outline.types, outline.functions, outline.globals, outline.start), (2, 2, 2, Some(1)));
        assert_eq!(outline.memories[0].maximum, Some(2));
        assert_eq!(outline.imports[0].func.as_ref().unwrap().params(), [ValType::I32]);
        assert_eq!(outline.customs, ["name"]);
    }

    #[test]
    fn a_byte_is_in_a_function_or_a_section() {
        let wasm = wat::parse_str(r#"(module (import "a" "f" (func)) (memory 1) (func $own nop) (func nop))"#).unwrap();
        let outline = Outline::read(&wasm);
        let [first, second] = &outline.bodies[..] else { panic!("two bodies") };
        assert_eq!(outline.place(first.start), "function 1 (own)");
        assert_eq!(outline.place(second.start), "function 2");
        assert_eq!(outline.place(12), "the type section");
        assert_eq!(Outline::default().place(3), "byte 3");
    }

    #[test]
    fn rubbish_has_an_outline_too() {
        assert_eq!(Outline::read(b"\0asm\x01\0\0\0\x02\xff\xff").imports.len(), 0);
        assert_eq!(Outline::read(b"hello").functions, 0);
    }
}

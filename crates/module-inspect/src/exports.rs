//! What a module exports and of which types, read from its bytes.

use anyhow::{Context, Result};
use wasmparser::{CompositeInnerType, ExternalKind, FuncType, Parser, Payload, TypeRef, ValType};

/// What a module exports, in its order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exports {
    /// The functions.
    pub functions: Vec<Function>,
    /// The memories.
    pub memories: Vec<Memory>,
    /// The names of tables, globals and tags.
    pub others: Vec<String>,
}

/// An exported function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// Its name.
    pub export: String,
    /// Its parameters.
    pub params: Vec<ValType>,
    /// Its results.
    pub results: Vec<ValType>,
    /// Its number among the module's own functions; none if it is imported.
    pub own_index: Option<usize>,
}

/// An exported memory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Memory {
    /// Its name.
    pub export: String,
    /// Its number among the module's memories.
    pub index: u32,
    /// How large it is at first, in bytes.
    pub bytes: u64,
}

impl Exports {
    /// Fails if the parser does not know a part of the module, which a host may nevertheless.
    pub fn read(wasm: &[u8]) -> Result<Self> {
        let (mut types, mut functions, mut memories) = (Vec::new(), Vec::new(), Vec::new());
        let mut imported = 0;
        let mut exports = Self::default();
        for payload in Parser::new(0).parse_all(wasm) {
            match payload? {
                Payload::TypeSection(section) => {
                    for group in section {
                        types.extend(group?.into_types().map(|ty| match ty.composite_type.inner {
                            CompositeInnerType::Func(function) => Some(function),
                            _ => None,
                        }));
                    }
                }
                Payload::ImportSection(section) => {
                    for import in section.into_imports() {
                        match import?.ty {
                            TypeRef::Func(ty) | TypeRef::FuncExact(ty) => functions.push(ty),
                            TypeRef::Memory(memory) => memories.push(memory),
                            _ => {}
                        }
                    }
                    imported = functions.len();
                }
                Payload::FunctionSection(section) => {
                    for ty in section {
                        functions.push(ty?);
                    }
                }
                Payload::MemorySection(section) => {
                    for memory in section {
                        memories.push(memory?);
                    }
                }
                Payload::ExportSection(section) => {
                    for export in section {
                        let export = export?;
                        let (name, index) = (export.name.to_string(), export.index as usize);
                        match export.kind {
                            ExternalKind::Func | ExternalKind::FuncExact => {
                                let ty = functions.get(index).and_then(|ty| types.get(*ty as usize));
                                let ty: &Option<FuncType> = ty.context("an export without a type")?;
                                let ty = ty.as_ref().context("an export whose type is no function's")?;
                                exports.functions.push(Function {
                                    export: name,
                                    params: ty.params().to_vec(),
                                    results: ty.results().to_vec(),
                                    own_index: index.checked_sub(imported),
                                });
                            }
                            ExternalKind::Memory => {
                                let memory = memories.get(index).context("an export of no memory")?;
                                // A size that no host has is for the hosts to refuse.
                                let page_len =
                                    1_u64.checked_shl(memory.page_size_log2.unwrap_or(16)).unwrap_or(u64::MAX);
                                exports.memories.push(Memory {
                                    export: name,
                                    index: export.index,
                                    bytes: memory.initial.saturating_mul(page_len),
                                });
                            }
                            _ => exports.others.push(name),
                        }
                    }
                }
                _ => {}
            }
        }
        Ok(exports)
    }

    /// The function of this name.
    pub fn function(&self, name: &str) -> Option<&Function> {
        self.functions.iter().find(|function| function.export == name)
    }

    /// The memory that raw steps are about: the one named `memory`, else the first.
    pub fn memory(&self) -> Option<&Memory> {
        let named = self.memories.iter().find(|memory| memory.export == "memory");
        named.or(self.memories.first())
    }
}

impl Function {
    /// Such as `add_numbers(i32, i32) -> (i32)`. A name that is no plain word is quoted, with escapes.
    pub fn signature(&self) -> String {
        let results = match self.results[..] {
            [] => String::new(),
            _ => format!(" -> {}", listed(&self.results)),
        };
        format!("{}{}{results}", word(&self.export), listed(&self.params))
    }
}

/// Such as `(i32, f64)`.
pub fn listed(types: &[ValType]) -> String {
    let types: Vec<String> = types.iter().map(ToString::to_string).collect();
    format!("({})", types.join(", "))
}

/// A name from a module, for people: as it is if it is a plain word, otherwise quoted, with escapes.
pub fn word(name: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_.-$".contains(c);
    if !name.is_empty() && name.chars().all(is_plain) { name.to_string() } else { format!("{name:?}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(wat: &str) -> Exports {
        Exports::read(&wat::parse_str(wat).unwrap()).unwrap()
    }

    #[test]
    fn reads_functions_memories_and_the_rest() {
        let exports = read(
            r#"(module
              (import "a" "b" (func (param f32)))
              (memory (export "mem") 2) (table (export "table") 1 funcref)
              (func)
              (func (export "addNumbers") (param i32 i64) (result f32 f64) (f32.const 0) (f64.const 0)))"#,
        );
        assert_eq!(exports.functions.len(), 1);
        assert_eq!(exports.functions[0].signature(), "addNumbers(i32, i64) -> (f32, f64)");
        assert_eq!(exports.function("addNumbers"), exports.functions.first());
        assert_eq!(exports.others, ["table"]);
        let memory = exports.memory().unwrap();
        assert_eq!((memory.export.as_str(), memory.bytes), ("mem", 131_072));
    }

    #[test]
    fn the_memory_is_the_one_named_so_or_else_the_first() {
        let memory = |wat: &str| read(wat).memory().map(|memory| memory.bytes >> 16);
        assert_eq!(memory(r#"(module (memory (export "b") 2) (memory (export "memory") 1))"#), Some(1));
        assert_eq!(memory(r#"(module (memory $a 1) (memory (export "b") 2) (export "a" (memory $a)))"#), Some(2));
        assert_eq!(memory(r#"(module (func (export "memory")) (memory (export "a") 3))"#), Some(3));
        assert_eq!(memory("(module (memory 1))"), None);
    }

    #[test]
    fn a_name_that_is_no_word_is_quoted() {
        assert_eq!(word("add_numbers"), "add_numbers");
        assert_eq!(word("a\u{1b}[2J\n"), r#""a\u{1b}[2J\n""#);
        assert_eq!(word("a\u{202e}b"), r#""a\u{202e}b""#);
        assert_eq!(word(""), r#""""#);
    }
}

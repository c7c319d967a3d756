//! What a module's bytes are: by section, and by what the functions are for.

use std::collections::HashMap;

use anyhow::{Context, Result, ensure};
use serde::Serialize;
use wasmparser::{Encoding, KnownCustom, Name, Parser, Payload, TypeRef};

/// A share of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Part {
    /// One of [`SECTIONS`] or [`GROUPS`].
    pub name: &'static str,
    /// Its bytes in the file.
    pub bytes: u64,
}

/// The two ways in which a module is cut up. Each adds up to the whole file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Parts {
    /// By section.
    pub sections: Vec<Part>,
    /// By what it is for: functions by their names, and the rest. `None` where no names were left to go by.
    pub groups: Option<Vec<Part>>,
}

/// The sections that are distinguished, in the order in which they are drawn.
pub(super) const SECTIONS: &[&str] = &["code", "data", "imports and exports", "types and tables", "custom"];

/// What bytes are for, in the order in which they are drawn.
pub(super) const GROUPS: &[&str] =
    &["curve arithmetic", "scalars", "hash", "ABI and glue", "allocator and std", "data", "format"];

/// A module's bytes by section, and, with the same module before its names were stripped, by group.
pub(super) fn parts(wasm: &[u8], named: Option<&[u8]>) -> Result<Parts> {
    let outline = Outline::of(wasm)?;
    let groups = named.map(|named| outline.groups(wasm.len(), named)).transpose()?;
    Ok(Parts { sections: outline.sections(wasm.len()), groups: groups.flatten() })
}

struct Outline {
    /// By section, with what stands before it.
    sections: HashMap<&'static str, u64>,
    imported_functions: usize,
    /// The bytes of each function's body, with the length that stands before it.
    functions: Vec<u64>,
}

impl Outline {
    fn of(wasm: &[u8]) -> Result<Self> {
        let mut outline = Self { sections: HashMap::new(), imported_functions: 0, functions: Vec::new() };
        let (mut modules, mut is_counted) = (0, false);
        for payload in Parser::new(0).parse_all(wasm) {
            let payload = payload.context("not a WebAssembly module")?;
            match payload {
                Payload::Version { encoding: Encoding::Module, .. } => {
                    modules += 1;
                    is_counted = modules == 1;
                }
                Payload::End(_) => is_counted = false,
                _ => {}
            }
            // Of a component its first module is looked at. The rest is types, and modules that name exports.
            if !is_counted {
                continue;
            }
            if let Some((id, range)) = payload.as_section() {
                let name = match id {
                    0 => "custom",
                    2 | 7 => "imports and exports",
                    10 => "code",
                    11 | 12 => "data",
                    _ => "types and tables",
                };
                *outline.sections.entry(name).or_default() += 1 + with_its_length(range.len());
            }
            match payload {
                Payload::CodeSectionEntry(body) => outline.functions.push(with_its_length(body.range().len())),
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        let is_function = matches!(import?.ty, TypeRef::Func(_) | TypeRef::FuncExact(_));
                        outline.imported_functions += usize::from(is_function);
                    }
                }
                _ => {}
            }
        }
        Ok(outline)
    }

    fn sections(&self, file_len: usize) -> Vec<Part> {
        let mut bytes = self.sections.clone();
        // The first eight bytes say that this is WebAssembly, and its version.
        let counted: u64 = bytes.values().sum();
        *bytes.entry("types and tables").or_default() += file_len as u64 - counted;
        in_order(SECTIONS, &bytes)
    }

    /// `None` where `named` has no names.
    fn groups(&self, file_len: usize, named: &[u8]) -> Result<Option<Vec<Part>>> {
        let names = function_names(named)?;
        if names.is_empty() {
            return Ok(None);
        }
        // wasm-opt writes a few bytes less or more when it keeps names; the functions and their order are the same.
        let same = Self::of(named)?;
        let nearly = |(ours, theirs): (&u64, &u64)| ours.abs_diff(*theirs) <= 8 + ours / 50;
        ensure!(
            self.functions.len() == same.functions.len()
                && self.imported_functions == same.imported_functions
                && self.functions.iter().zip(&same.functions).all(nearly),
            "the module with names has other functions than the one without"
        );
        let mut bytes = HashMap::new();
        for (index, len) in self.functions.iter().enumerate() {
            let name = names.get(&(index + self.imported_functions));
            *bytes.entry(group_of(name.map_or("", String::as_str))).or_default() += len;
        }
        *bytes.entry("data").or_default() += self.sections.get("data").copied().unwrap_or(0);
        let counted: u64 = bytes.values().sum();
        *bytes.entry("format").or_default() += file_len as u64 - counted;
        Ok(Some(in_order(GROUPS, &bytes)))
    }
}

fn in_order(names: &'static [&'static str], bytes: &HashMap<&'static str, u64>) -> Vec<Part> {
    let part = |name: &&'static str| Part { name, bytes: bytes.get(name).copied().unwrap_or(0) };
    names.iter().map(part).collect()
}

/// `len` bytes and the LEB128 number that says how many they are.
fn with_its_length(len: usize) -> u64 {
    let bits = usize::BITS - (len | 1).leading_zeros();
    len as u64 + u64::from(bits.div_ceil(7))
}

/// The names of the module's functions, demangled, by index.
fn function_names(wasm: &[u8]) -> Result<HashMap<usize, String>> {
    let mut names = HashMap::new();
    for payload in Parser::new(0).parse_all(wasm) {
        let Payload::CustomSection(section) = payload? else {
            continue;
        };
        let KnownCustom::Name(subsections) = section.as_known() else {
            continue;
        };
        for subsection in subsections {
            if let Name::Function(functions) = subsection? {
                for function in functions {
                    let function = function?;
                    let name = format!("{:#}", rustc_demangle::demangle(function.name));
                    names.insert(function.index as usize, name);
                }
            }
        }
    }
    Ok(names)
}

/// Groups, and words in the names of their functions. The first that fits decides. A function that was inlined counts as
/// its caller.
const WORDS: &[(&str, &str)] = &[
    ("curve arithmetic", "scalar_mul::"),
    ("scalars", "::scalar:: multiply_add scalar_product:: scalar_of hash_to_scalar"),
    ("hash", "sha2:: sha512 digest:: block_buffer:: block_api::"),
    ("curve arithmetic", "curve25519_dalek:: subtle:: ::base:: ::verifying:: token_signer_lanes::"),
    ("ABI and glue", "ed25519 token_signer c_linked_add wbindgen wasm_bindgen secret_scrub"),
    ("allocator and std", "core:: alloc:: std:: dlmalloc __rust __rdl rust_ compiler_builtins mem"),
];

fn group_of(name: &str) -> &'static str {
    // `<curve25519_dalek::field::F as core::ops::Mul>::mul`: the type decides, not the trait.
    let own = name.split(" as ").next().unwrap_or(name);
    let group = WORDS.iter().find(|(_, words)| words.split(' ').any(|word| own.contains(word)));
    // Exports have plain names.
    group.map_or("ABI and glue", |(group, _)| group)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(text: &str) -> Vec<u8> {
        wat::parse_str(text).unwrap()
    }

    const NAMED: &str = r#"(module
        (import "m" "f" (func $imported))
        (memory (export "memory") 1)
        (func $sha2::sha512::compress512 (result i32) i32.const 1 i32.const 2 i32.add)
        (func $_ZN16curve25519_dalek5field3mul17h0123456789abcdefE (export "g") (result i32) i32.const 1)
        (data (i32.const 0) "0123456789"))"#;

    fn stripped() -> Vec<u8> {
        let text = NAMED
            .replace("$imported", "")
            .replace("$sha2::sha512::compress512", "")
            .replace("$_ZN16curve25519_dalek5field3mul17h0123456789abcdefE", "");
        module(&text)
    }

    fn bytes(parts: &[Part], name: &str) -> u64 {
        parts.iter().find(|part| part.name == name).unwrap().bytes
    }

    #[test]
    fn both_ways_add_up_to_the_file() {
        let wasm = stripped();
        let parts = parts(&wasm, Some(&module(NAMED))).unwrap();
        let sum = |parts: &[Part]| parts.iter().map(|part| part.bytes).sum::<u64>();
        assert_eq!(sum(&parts.sections), wasm.len() as u64);
        let groups = parts.groups.unwrap();
        assert_eq!(sum(&groups), wasm.len() as u64);
        // The body: no locals, 1, 2, add, end; and before it, its length.
        assert_eq!(bytes(&groups, "hash"), 8);
        assert_eq!(bytes(&groups, "curve arithmetic"), 5);
        assert_eq!(bytes(&groups, "data"), bytes(&parts.sections, "data"));
        assert_eq!(bytes(&parts.sections, "custom"), 0);
    }

    #[test]
    fn without_names_there_are_sections_alone() {
        let wasm = stripped();
        assert_eq!(parts(&wasm, None).unwrap().groups, None);
        assert_eq!(parts(&wasm, Some(&wasm)).unwrap().groups, None);
    }

    #[test]
    fn of_a_component_the_first_module_is_cut_up() {
        let inner = module(NAMED);
        let mut component = b"\0asm\x0d\0\x01\0".to_vec();
        for module in [&inner, &module("(module (func $std::f))")] {
            component.extend([
                1,
                u8::try_from(module.len() & 0x7f).unwrap() | 0x80,
                u8::try_from(module.len() >> 7).unwrap(),
            ]);
            component.extend(module.iter());
        }
        let parts = parts(&component, Some(&inner)).unwrap();
        let groups = parts.groups.unwrap();
        assert_eq!(groups.iter().map(|part| part.bytes).sum::<u64>(), component.len() as u64);
        assert_eq!((bytes(&groups, "hash"), bytes(&groups, "curve arithmetic")), (8, 5));
    }

    #[test]
    fn names_of_another_module_are_refused() {
        let other = module(r#"(module (func $sha2::f (result i32) i32.const 1000))"#);
        let error = parts(&stripped(), Some(&other)).unwrap_err().to_string();
        assert!(error.contains("has other functions"), "{error}");
    }

    #[test]
    fn a_name_says_what_a_function_is_for() {
        let names = "
            curve25519_dalek::backend::serial::u32::scalar::Scalar29::montgomery_mul: scalars
            curve25519_dalek::backend::serial::scalar_mul::precomputed_straus::f: curve arithmetic
            <&curve25519_dalek::backend::serial::u32::field::FieldElement2625 as core::ops::arith::Mul>::mul: curve arithmetic
            sha2::sha512::compress512: hash
            token_signer_small::sha512::sha512: hash
            token_signer::exports::verify_by: ABI and glue
            sign_loaded: ABI and glue
            core::slice::index::slice_index_fail: allocator and std
            <dlmalloc::dlmalloc::Dlmalloc<A>>::malloc: allocator and std
            memcpy: allocator and std
        ";
        for (name, group) in names.lines().filter_map(|line| line.trim().split_once(": ")) {
            assert_eq!(group_of(name), group, "{name}");
        }
        for (group, _) in WORDS {
            assert!(GROUPS.contains(group));
        }
    }

    #[test]
    fn lengths_take_as_many_bytes_as_leb128_does() {
        for (len, whole) in [(0, 1), (127, 128), (128, 130), (16_383, 16_385), (16_384, 16_387)] {
            assert_eq!(with_its_length(len), whole);
        }
    }
}

//! What a WebAssembly module is, what it needs of its host, and which hosts can run it: read from its bytes alone, without running
//! it. What it cannot read, it leaves to the hosts to judge.

pub mod declared;
pub mod exports;
pub mod features;
pub mod fitness;
#[cfg(test)]
#[path = "../../vectors/src/fixture.rs"]
mod fixture;
pub mod format;
pub mod imports;
pub mod kind;
pub mod outline;
mod show;
pub mod text;

use anyhow::{Context, Result};
use serde::Serialize;

use exports::Exports;
use features::uses;
use fitness::{Fitness, Host};
use format::check_format;
use imports::Owner;
use outline::Outline;
pub use show::by_way;

/// All that is said of a file.
#[derive(Debug, Serialize)]
pub struct Inspection {
    /// As it was named.
    pub file: String,
    /// Its length.
    pub bytes: usize,
    /// What it is, such as `WASI command (preview 1)`.
    pub kind: &'static str,
    /// What the producers section says.
    pub made_by: Vec<String>,
    /// What it uses beyond the first version of Wasm.
    pub features: Vec<Feature>,
    /// By whose they are.
    pub imports: Vec<Group>,
    /// Imported ones first.
    pub memories: Vec<Memory>,
    /// What a host can use.
    pub exports: ExportList,
    /// What runs before the first call.
    pub start: Start,
    /// None if there is no workspace; empty of what is no module.
    pub rows: Option<Vec<Fitness>>,
}

/// A feature of Wasm beyond the first version, and where it is needed first.
#[derive(Debug, Serialize)]
pub struct Feature {
    /// As LLVM names it.
    pub name: &'static str,
    /// Such as `function 1 (wide)`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub first: Option<String>,
}

/// Imports that are of one owner.
#[derive(Debug, Serialize)]
pub struct Group {
    /// Whose they are.
    pub owner: Owner,
    /// The owner in words.
    pub title: &'static str,
    /// Such as `function env.print`.
    #[serde(skip)]
    pub names: Vec<String>,
    /// As hosts/IMPORTS.md declares them, without `calls`.
    pub imports: Vec<vectors::imports::Import>,
    /// What to do about them.
    pub advice: &'static str,
}

/// A linear memory.
#[derive(Debug, Serialize)]
pub struct Memory {
    /// The name of the import or of the first export.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Whether the host provides it.
    pub is_imported: bool,
    /// In pages.
    pub min: u64,
    /// In pages, if it is limited.
    pub max: Option<u64>,
    /// Whether threads share it.
    pub shared: bool,
    /// Whether its addresses have 64 bits.
    pub has_long_addresses: bool,
}

/// What it exports.
#[derive(Debug, Default, Serialize)]
pub struct ExportList {
    /// With their types, such as `add(i32, i32) -> (i32)`.
    pub functions: Vec<String>,
    /// By name.
    pub memories: Vec<String>,
    /// Tables, globals and tags, by name.
    pub others: Vec<String>,
}

/// What runs before the first call.
#[derive(Debug, Default, Serialize)]
pub struct Start {
    /// Whether there is a start function, which the host calls when it makes an instance.
    pub has_function: bool,
    /// The export to call first.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub call_first: Option<&'static str>,
}

/// Reads a module, which `file` names, and says which of the hosts can run it.
///
/// # Errors
///
/// If it is no module at all.
pub fn inspect(file: String, wasm: &[u8], hosts: Option<&[Host]>) -> Result<Inspection> {
    let mut inspection = Inspection {
        bytes: wasm.len(),
        kind: kind::COMPONENT,
        made_by: Vec::new(),
        features: Vec::new(),
        imports: Vec::new(),
        memories: Vec::new(),
        exports: ExportList::default(),
        start: Start::default(),
        rows: Some(Vec::new()),
        file,
    };
    if kind::is_component(wasm) {
        return Ok(inspection);
    }
    check_format(wasm).with_context(|| inspection.file.clone())?;
    let outline = Outline::read(wasm);
    // What this tool cannot read is for the hosts to judge.
    let exports = Exports::read(wasm).unwrap_or_default();
    let uses = uses(wasm);
    let features: Vec<&str> = uses.iter().map(|used| used.feature).collect();
    inspection.rows = hosts.map(|hosts| fitness::of_hosts(hosts, &features, &outline.imports));
    inspection.kind = kind::of(&outline, &exports);
    inspection.features =
        uses.iter().map(|used| Feature { name: used.feature, first: used.at.map(|at| outline.place(at)) }).collect();
    inspection.imports = imports::by_owner(&outline.imports)
        .into_iter()
        .map(|(owner, group)| Group {
            owner,
            title: owner.title(),
            names: group.iter().map(|import| format!("{} {}", import.kind(), import.name())).collect(),
            imports: group.iter().filter_map(|import| declared::one(import).ok()).collect(),
            advice: owner.advice(),
        })
        .collect();
    inspection.memories = memories(&outline, &exports);
    inspection.start = Start {
        has_function: outline.start.is_some(),
        call_first: ["_initialize", "__wasm_call_ctors"].into_iter().find(|name| exports.function(name).is_some()),
    };
    inspection.exports = ExportList {
        functions: exports.functions.iter().map(exports::Function::signature).collect(),
        memories: exports.memories.into_iter().map(|memory| memory.export).collect(),
        others: exports.others,
    };
    inspection.made_by = outline.made_by;
    Ok(inspection)
}

fn memories(outline: &Outline, exports: &Exports) -> Vec<Memory> {
    let imported: Vec<String> =
        outline.imports.iter().filter(|import| import.kind() == "memory").map(imports::Import::name).collect();
    let memory = |(index, memory): (usize, &wasmparser::MemoryType)| {
        let export = exports.memories.iter().find(|export| export.index as usize == index);
        Memory {
            name: imported.get(index).cloned().or_else(|| export.map(|export| export.export.clone())),
            is_imported: index < imported.len(),
            min: memory.initial,
            max: memory.maximum,
            shared: memory.shared,
            has_long_addresses: memory.memory64,
        }
    };
    outline.memories.iter().enumerate().map(memory).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(wat: &str) -> Inspection {
        inspect("it.wasm".into(), &wat::parse_str(wat).unwrap(), None).unwrap()
    }

    #[test]
    fn a_component_is_told_before_anything_else() {
        let inspection = inspect("c".into(), b"\0asm\x0d\0\x01\0rubbish", None).unwrap();
        assert_eq!(inspection.kind, kind::COMPONENT);
        assert!(inspect("c".into(), b"rubbish", None).is_err());
    }

    #[test]
    fn no_input_panics() {
        let wasm = wat::parse_str(
            r#"(module (import "env" "f" (func (param i32))) (memory (export "m") 1 (pagesize 1)) (global i32 (i32.const 1))
              (@producers (language "C" "17")) (func $g (export "g") (call 0 (i32.const 1))) (start 1))"#,
        )
        .unwrap();
        for at in 8..wasm.len() {
            for byte in [0, 1, 0x40, 0x7f, 0x80, 0xff] {
                let mut changed = wasm.clone();
                changed[at] = byte;
                let _ = inspect("it".into(), &changed, None);
                let _ = inspect("it".into(), &changed[..at], None);
            }
        }
    }

    #[test]
    fn tells_features_with_their_place() {
        let inspection = of(
            r#"(module (memory (export "mem") 1 2) (func $a) (func $wide (param i32) (drop (i32.extend8_s (local.get 0)))))"#,
        );
        let features: Vec<_> = inspection.features.iter().map(|f| (f.name, f.first.as_deref())).collect();
        assert_eq!(features, [("sign-ext", Some("function 1 (wide)"))]);
        let memory = &inspection.memories[0];
        assert_eq!((memory.name.as_deref(), memory.min, memory.max), (Some("mem"), 1, Some(2)));
        assert!(inspection.rows.is_none());
    }

    #[test]
    fn tells_whose_imports_are_and_what_to_call_first() {
        let inspection = of(
            r#"(module (import "env" "memory" (memory 3)) (import "env" "f" (func)) (func (export "_initialize")))"#,
        );
        let groups: Vec<_> = inspection.imports.iter().map(|group| (group.owner, &group.names[0][..])).collect();
        assert_eq!(groups, [(Owner::Memory, "memory env.memory"), (Owner::Callbacks, "function env.f")]);
        assert!(inspection.memories[0].is_imported);
        assert_eq!(inspection.start.call_first, Some("_initialize"));
    }
}

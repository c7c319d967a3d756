//! `everyhost inspect my.wasm`: what a module is, what it needs of its host, and which rows can run it.

mod fitness;
mod kind;
mod show;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow};
use clap::Args;
use serde::Serialize;
use vectors::file;

use crate::declared;
use crate::exports::Exports;
use crate::features::uses;
use crate::hosts::Row;
use crate::imports::{self, Owner};
use crate::outline::Outline;
use crate::own::{MOST_BYTES, check_format};
use crate::{gaps, hosts, out};
use fitness::{Fitness, How};

/// The options of `everyhost inspect`.
#[derive(Debug, Args)]
pub(crate) struct InspectArgs {
    /// The module
    #[arg(value_name = "FILE.wasm")]
    module: PathBuf,
    /// As JSON, for programs
    #[arg(long)]
    json: bool,
}

/// All that is said of a file.
#[derive(Debug, Serialize)]
struct Inspection {
    file: String,
    bytes: usize,
    /// What it is, such as `WASI command (preview 1)`.
    kind: &'static str,
    /// What the producers section says.
    made_by: Vec<String>,
    features: Vec<Feature>,
    imports: Vec<Group>,
    memories: Vec<Memory>,
    exports: ExportList,
    start: Start,
    /// None if there is no workspace; empty of what is no module.
    rows: Option<Vec<Fitness>>,
}

/// A feature of Wasm beyond the first version, and where it is needed first.
#[derive(Debug, Serialize)]
struct Feature {
    name: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    first: Option<String>,
}

/// Imports that are of one owner.
#[derive(Debug, Serialize)]
struct Group {
    owner: Owner,
    title: &'static str,
    /// Such as `function env.print`.
    #[serde(skip)]
    names: Vec<String>,
    /// As hosts/IMPORTS.md declares them, without `calls`.
    imports: Vec<vectors::imports::Import>,
    advice: &'static str,
}

#[derive(Debug, Serialize)]
struct Memory {
    /// The name of the import or of the first export.
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<String>,
    is_imported: bool,
    /// In pages.
    min: u64,
    max: Option<u64>,
    shared: bool,
    has_long_addresses: bool,
}

#[derive(Debug, Default, Serialize)]
struct ExportList {
    /// With their types, such as `add(i32, i32) -> (i32)`.
    functions: Vec<String>,
    memories: Vec<String>,
    others: Vec<String>,
}

/// What runs before the first call.
#[derive(Debug, Default, Serialize)]
struct Start {
    /// Whether there is a start function, which the host calls when it makes an instance.
    has_function: bool,
    /// The export to call first.
    #[serde(skip_serializing_if = "Option::is_none")]
    call_first: Option<&'static str>,
}

/// The rows that cannot run a module, as far as the features that it uses tell.
#[derive(Debug)]
pub(crate) struct Unfit(Vec<Fitness>);

impl Unfit {
    pub(crate) fn of(root: &Path, rows: &[Row], features: &[String]) -> Result<Self> {
        let features: Vec<&str> = features.iter().map(String::as_str).collect();
        let mut rows = fitness::of_rows(rows, &gaps::load(root, rows)?, &features, &[]);
        rows.retain(|row| row.how == How::Not);
        Ok(Self(rows))
    }

    pub(crate) fn has(&self, row: &str) -> bool {
        self.0.iter().any(|unfit| unfit.row == row)
    }

    /// One line for each reason, such as `rows that cannot run it: node (relaxed-simd: …)`.
    pub(crate) fn lines(&self) -> Vec<String> {
        let lines = show::by_way(&self.0);
        lines.iter().map(|line| line.replacen("not:", "rows that cannot run it:", 1)).collect()
    }
}

/// Prints what the file is.
pub(crate) fn run(root: Option<&Path>, args: &InspectArgs) -> Result<()> {
    let shown = args.module.display();
    let wasm = file::read(&args.module, MOST_BYTES).map_err(|problem| anyhow!("{shown} {problem}"))?;
    let inspection = inspect(shown.to_string(), &wasm, root)?;
    if args.json {
        out::say(serde_json::to_string(&inspection)?);
    } else {
        show::show(&inspection);
    }
    Ok(())
}

fn inspect(file: String, wasm: &[u8], root: Option<&Path>) -> Result<Inspection> {
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
    if let Some(root) = root {
        let rows = hosts::load(root)?;
        let gaps = gaps::load(root, &rows)?;
        inspection.rows = Some(fitness::of_rows(&rows, &gaps, &features, &outline.imports));
    } else {
        inspection.rows = None;
    }
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
        functions: exports.functions.iter().map(crate::exports::Function::signature).collect(),
        memories: exports.memories.into_iter().map(|memory| memory.export).collect(),
        others: exports.others,
    };
    inspection.made_by = outline.made_by;
    Ok(inspection)
}

fn memories(outline: &Outline, exports: &Exports) -> Vec<Memory> {
    let imported: Vec<String> =
        outline.imports.iter().filter(|import| import.kind() == "memory").map(crate::imports::Import::name).collect();
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

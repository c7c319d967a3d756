//! `everyhost virtualize my.wasm -o standalone.wasm`: the same module without imports. What it imported is built in: as
//! declared, as WASI, or so that it traps when it is called.

mod cells;
mod declared;
mod glue;
mod report;
mod sizes;
mod splice;
mod wasi;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::Args;
use vectors::file;
use vectors::imports::Import as Declared;
use vectors::ops::Value;
use wasm_encoder::reencode::{Reencode, RoundtripReencoder};
use wasm_encoder::{Ieee32, Ieee64, Instruction};
use wasmparser::{GlobalType, TypeRef, ValType, Validator};

use module_inspect::format::check_format;

use crate::exports::Exports;
use crate::features::{self, uses};
use crate::files;
use crate::imports::Import;
use crate::outline::Outline;
use crate::own::MOST_BYTES;
use crate::text::count;
use glue::{Does, Stub};
use report::Done;
use sizes::Least;
use splice::{Definitions, splice};
use wasi::{Environment, built_in, is_wasi, returns_errno};

/// What every export begins with that is added.
const OURS: &str = "everyhost_";

/// More imports than any program has.
const MOST_IMPORTS: usize = 10_000;

const PAGE: u64 = 65_536;

/// The options of `everyhost virtualize`.
#[derive(Debug, Args)]
pub(crate) struct VirtualizeArgs {
    /// The module
    #[arg(value_name = "FILE.wasm")]
    module: PathBuf,
    /// Where the module without imports goes
    #[arg(short, long, value_name = "FILE.wasm")]
    output: PathBuf,
    /// What the imports do: a list as `imports` in hosts/IMPORTS.md. What is not in it traps when it is called
    #[arg(long, value_name = "FILE.json")]
    imports: Option<PathBuf>,
    /// Build in WASI preview 1, with the same answers each time: output is kept and can be read through exports
    #[arg(long)]
    wasi: bool,
    /// An argument of the program, the first of which is its name (may be given several times)
    #[arg(long = "arg", value_name = "TEXT", requires = "wasi", allow_hyphen_values = true)]
    args: Vec<String>,
    /// An environment variable of the program (may be given several times)
    #[arg(long, value_name = "NAME=VALUE", requires = "wasi")]
    env: Vec<String>,
}

/// Writes the module and says what was done.
pub(crate) fn run(args: &VirtualizeArgs) -> Result<()> {
    let shown = args.module.display();
    let wasm = file::read(&args.module, MOST_BYTES).map_err(|problem| anyhow!("{shown} {problem}"))?;
    let declared = args.imports.as_deref().map(declared::read).transpose()?.unwrap_or_default();
    for text in args.args.iter().chain(&args.env) {
        ensure!(!text.contains('\0'), "{text:?}: no argument and no variable can have a U+0000");
    }
    if let Some(odd) = args.env.iter().find(|pair| !pair.contains('=')) {
        bail!("--env {odd}: a variable is given as NAME=VALUE");
    }
    let environment = args.wasi.then(|| Environment { args: args.args.clone(), env: args.env.clone() });
    let (standalone, done) = virtualize(&wasm, &declared, environment.as_ref()).with_context(|| shown.to_string())?;
    let output = if args.output.is_absolute() { args.output.clone() } else { Path::new(".").join(&args.output) };
    files::replace(&output, &standalone)?;
    done.say(&args.output.display().to_string(), standalone.len());
    Ok(())
}

/// The module without imports: each function that it imports traps when it is called.
pub(crate) fn with_traps(wasm: &[u8]) -> Result<Vec<u8>> {
    virtualize(wasm, &[], None).map(|(standalone, _)| standalone)
}

/// The module without imports, and what became of them.
fn virtualize(wasm: &[u8], declared: &[Declared], wasi: Option<&Environment>) -> Result<(Vec<u8>, Done)> {
    check_format(wasm)?;
    validate(wasm).context("it is not a valid module, as far as this tool knows Wasm")?;
    let mut outline = Outline::read(wasm);
    ensure!(
        outline.imports.len() <= MOST_IMPORTS,
        "it has {} imports, and at most {MOST_IMPORTS} can be built in",
        outline.imports.len()
    );
    let memory = memory(wasm, &outline)?;
    let mut done = Done::default();
    let entry = |import: &Import| declared.iter().find(|declared| declared::is_about(declared, import));
    for import in &outline.imports {
        if let Some(entry) = entry(import) {
            declared::check_type(entry, import)?;
        }
    }
    let used = |declared: &&Declared| outline.imports.iter().any(|import| declared::is_about(declared, import));
    done.unused = declared.iter().filter(|declared| !used(declared)).map(declared::shown).collect();

    let constants = constants(&outline, entry, &mut done)?;
    let least = Least::read(wasm, &constants);
    give_sizes(&mut outline, entry, &least, &mut done)?;

    let stubs = stubs(&outline, entry, wasi.is_some(), &mut done)?;
    let needs_memory = wasi.is_some() || stubs.iter().any(Stub::needs_memory);
    let memory = match memory {
        Memory::At(index) => Some(index),
        Memory::None if needs_memory => {
            bail!("it has no memory, which WASI and the steps of declared imports are about")
        }
        Memory::Odd if needs_memory => {
            bail!(
                "its memory has 64-bit addresses or pages of its own size, which WASI and the steps of declared imports do not know"
            )
        }
        Memory::None | Memory::Odd => None,
    };
    let glue = glue::glue(&stubs, needs_memory, wasi)?;
    refuse_same_exports(wasm, &glue)?;
    let export_memory = memory_export(&Exports::read(wasm)?, &outline);
    done.memory_export = export_memory;
    let definitions = Definitions { glue, memory: memory.unwrap_or(0), constants, export_memory };
    let standalone = splice(wasm, &outline, &definitions)?;
    check_result(wasm, &standalone)?;
    Ok((standalone, done))
}

fn validate(wasm: &[u8]) -> Result<()> {
    Validator::new_with_features(features::all()).validate_all(wasm)?;
    Ok(())
}

/// That the result is valid, and needs no feature that the module did not need.
fn check_result(wasm: &[u8], standalone: &[u8]) -> Result<()> {
    validate(standalone).context("what was made of it is not valid: please report this")?;
    ensure!(Outline::read(standalone).imports.is_empty(), "what was made of it has imports: please report this");
    let before = uses(wasm);
    let allowed = features::only(&before);
    if Validator::new_with_features(allowed).validate_all(standalone).is_ok() {
        return Ok(());
    }
    // Either of two features may do for some instructions: then it has to be looked at one by one.
    let added = uses(standalone).into_iter().find(|after| before.iter().all(|used| used.feature != after.feature));
    ensure!(
        added.is_none(),
        "what was made of it needs {}, which it did not: please report this",
        added.map_or("", |used| used.feature)
    );
    Ok(())
}

/// The memory that pointers are about: the one that steps see (hosts/CONTRACT.md), or else the first.
enum Memory {
    At(u32),
    None,
    /// One that the functions here do not know how to use.
    Odd,
}

fn memory(wasm: &[u8], outline: &Outline) -> Result<Memory> {
    let index = Exports::read(wasm)?.memory().map_or(0, |memory| memory.index);
    Ok(match outline.memories.get(index as usize) {
        Some(memory) if memory.memory64 || memory.page_size_log2.is_some() => Memory::Odd,
        Some(_) => Memory::At(index),
        None => Memory::None,
    })
}

/// The name for an imported memory that the module does not export: its host had it already, and now would not.
fn memory_export(exports: &Exports, outline: &Outline) -> Option<&'static str> {
    let is_hidden = exports.memories.is_empty() && outline.imports.iter().any(|import| import.kind() == "memory");
    let is_free = |name: &&str| exports.function(name).is_none() && exports.others.iter().all(|other| other != name);
    if is_hidden { ["memory", "everyhost_memory"].into_iter().find(is_free) } else { None }
}

/// The value of each imported global: the declared one, or 0, or null.
fn constants<'a>(
    outline: &Outline,
    entry: impl Fn(&Import) -> Option<&'a Declared>,
    done: &mut Done,
) -> Result<Vec<Instruction<'static>>> {
    let mut constants = Vec::new();
    for import in &outline.imports {
        if let TypeRef::Global(ty) = import.ty {
            constants.push(match entry(import).and_then(|entry| entry.global.as_ref()) {
                Some(value) => constant(value)?,
                None => {
                    done.zero_globals.push(import.name());
                    zero(ty).with_context(|| import.name())?
                }
            });
        }
    }
    Ok(constants)
}

fn constant(value: &Value) -> Result<Instruction<'static>> {
    Ok(match value {
        Value::I32 { i32 } => Instruction::I32Const(*i32),
        Value::I64 { i64 } => Instruction::I64Const(i64.parse()?),
        Value::F32 { f32 } => Instruction::F32Const(Ieee32::new(u32::from_str_radix(f32, 16)?)),
        Value::F64 { f64 } => Instruction::F64Const(Ieee64::new(u64::from_str_radix(f64, 16)?)),
        other => bail!("{} is no constant", serde_json::json!(other)),
    })
}

fn zero(ty: GlobalType) -> Result<Instruction<'static>> {
    Ok(match ty.content_type {
        ValType::I32 => Instruction::I32Const(0),
        ValType::I64 => Instruction::I64Const(0),
        ValType::F32 => Instruction::F32Const(Ieee32::new(0)),
        ValType::F64 => Instruction::F64Const(Ieee64::new(0)),
        ValType::V128 => Instruction::V128Const(0),
        ValType::Ref(ty) => {
            ensure!(
                ty.is_nullable(),
                "a global of a reference that can't be null; nothing but its host has such a value"
            );
            Instruction::RefNull(RoundtripReencoder.heap_type(ty.heap_type())?)
        }
    })
}

/// Gives imported memories and tables their size: as declared, or the least that the import asks for and the segments
/// need.
fn give_sizes<'a>(
    outline: &mut Outline,
    entry: impl Fn(&Import) -> Option<&'a Declared>,
    least: &Least,
    done: &mut Done,
) -> Result<()> {
    let (mut memory, mut table) = (0, 0);
    for import in &mut outline.imports {
        let entry = entry(import);
        let name = import.name();
        match &mut import.ty {
            TypeRef::Memory(ty) => {
                if let Some(limits) = entry.and_then(|entry| entry.memory) {
                    (ty.initial, ty.maximum) = (limits.min.into(), limits.max.map(Into::into));
                } else {
                    let page = 1 << ty.page_size_log2.unwrap_or(PAGE.ilog2());
                    let needed = least.memories.get(&memory).copied().unwrap_or(0).div_ceil(page);
                    ty.initial = ty.initial.max(needed.min(ty.maximum.unwrap_or(PAGE)));
                    done.sizes.push(format!("{name} ({})", count(usize::try_from(ty.initial)?, "page")));
                }
                memory += 1;
            }
            TypeRef::Table(ty) => {
                ensure!(
                    ty.element_type.is_nullable(),
                    "{name} is a table of references that can't be null; nothing but its host has such values"
                );
                if let Some(limits) = entry.and_then(|entry| entry.table) {
                    (ty.initial, ty.maximum) = (limits.min.into(), limits.max.map(Into::into));
                } else {
                    let needed = least.tables.get(&table).copied().unwrap_or(0);
                    // More than any host makes.
                    const MOST: u64 = 10_000_000;
                    ty.initial = ty.initial.max(needed.min(ty.maximum.unwrap_or(MOST)));
                    done.sizes.push(format!("{name} ({})", count(usize::try_from(ty.initial)?, "element")));
                }
                table += 1;
            }
            TypeRef::Tag(_) => done.tags += 1,
            _ => {}
        }
    }
    Ok(())
}

fn stubs<'a>(
    outline: &'a Outline,
    entry: impl Fn(&Import) -> Option<&'a Declared>,
    has_wasi: bool,
    done: &mut Done,
) -> Result<Vec<Stub<'a>>> {
    let mut stubs = Vec::new();
    for (at, import) in outline.imports.iter().enumerate().filter(|(_, import)| import.is_function()) {
        let ty = import.func.as_ref().with_context(|| format!("{}: its type is unknown", import.name()))?;
        let does = match entry(import) {
            Some(declared) => Does::Declared(declared),
            None if has_wasi && is_wasi(import) => match built_in(&import.name, ty) {
                Some(name) => Does::Wasi(name),
                None if returns_errno(ty) => Does::NoSys,
                None => Does::Trap,
            },
            None => Does::Trap,
        };
        match does {
            Does::Declared(_) => done.declared += 1,
            Does::Wasi(_) => done.wasi += 1,
            Does::NoSys => done.no_sys.push(import.name()),
            Does::Trap => done.traps.push(import.name()),
        }
        stubs.push(Stub { import: at, ty, does });
    }
    Ok(stubs)
}

fn refuse_same_exports(wasm: &[u8], glue: &[u8]) -> Result<()> {
    let (own, added) = (Exports::read(wasm)?, Exports::read(glue)?);
    let is_there = |name: &str| {
        let others = own.memories.iter().map(|memory| &memory.export).chain(&own.others);
        own.function(name).is_some() || others.into_iter().any(|other| other == name)
    };
    if let Some(same) = added.functions.iter().find(|function| is_there(&function.export)) {
        bail!("it exports {} itself; names that begin with {OURS} are for what is added", same.export);
    }
    Ok(())
}

#[cfg(test)]
mod tests;

//! The functions that take the place of imported ones, as WAT: the log, what is declared, WASI.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anyhow::{Context, Result, bail, ensure};
use vectors::imports::{Behaviour, Import as Declared};
use vectors::ops::{Length, RawStep, Until, Value};
use wasmparser::{FuncType, ValType};

use super::cells::cells;
use super::declared;
use super::wasi::Environment;
use crate::fit::type_of;

/// How many arguments of a call are kept; log.wat has how many calls.
const MOST_ARGS: usize = 8;

const LOGGED_CALLS: usize = 64;

/// How many cells each buffer of bytes.wat has.
const BUFFER: usize = 512;

/// The most bytes of one `write`: each eight are an instruction.
const MOST_WRITTEN: usize = 4096;

/// What a function does in the place of an import.
#[derive(Debug, Clone, Copy)]
pub(super) enum Does<'a> {
    Declared(&'a Declared),
    /// A function of wasi.wat, by its name.
    Wasi(&'a str),
    /// Returns WASI's errno for a function that the host lacks.
    NoSys,
    Trap,
}

/// One imported function.
#[derive(Debug)]
pub(super) struct Stub<'a> {
    /// Its number among all imports.
    pub(super) import: usize,
    pub(super) ty: &'a FuncType,
    pub(super) does: Does<'a>,
}

/// The whole module. It has a memory, which stands for the guest's, if `has_memory`.
pub(super) fn glue(stubs: &[Stub<'_>], has_memory: bool, wasi: Option<&Environment>) -> Result<Vec<u8>> {
    let mut wat = String::from("(module\n");
    if has_memory {
        wat += "(memory 0)\n";
    }
    let mut next = String::new();
    for (slot, stub) in stubs.iter().enumerate() {
        wat += &stub.wat(slot, &mut next)?;
    }
    wat += &next;
    let has_reads = stubs.iter().any(Stub::reads);
    let stride = 1 + stubs.iter().map(|stub| stub.ty.params().len()).max().unwrap_or(0).min(MOST_ARGS);
    let logged = if stubs.is_empty() { 0 } else { LOGGED_CALLS * stride };
    let mut count = logged;
    let mut constant = |name: &str, value: usize| writeln!(wat, "(global ${name} i32 (i32.const {value}))");
    let buffers = [("stdout", wasi.is_some()), ("stderr", wasi.is_some()), ("reads", has_reads)];
    for (buffer, _) in buffers.iter().filter(|(_, is_there)| *is_there) {
        constant(buffer, count)?;
        count += BUFFER;
    }
    if !stubs.is_empty() {
        constant("stride", stride)?;
        wat += include_str!("log.wat");
    }
    if count > 0 {
        wat += &cells(count);
    }
    if has_memory {
        wat += include_str!("bytes.wat");
    }
    if has_reads {
        wat += include_str!("reads.wat");
    }
    if let Some(environment) = wasi {
        wat += include_str!("wasi.wat");
        wat += &environment.wat();
    }
    wat += ")";
    wat::parse_str(&wat).context("the functions that were to take the place of imports")
}

impl Stub<'_> {
    fn calls(&self) -> &[Behaviour] {
        match self.does {
            Does::Declared(declared) => &declared.calls,
            _ => &[],
        }
    }

    fn reads(&self) -> bool {
        let mut steps = self.calls().iter().flat_map(|call| &call.steps);
        steps.any(|step| matches!(step, RawStep::Read { .. }))
    }

    /// Whether it has steps, which are about memory.
    pub(super) fn needs_memory(&self) -> bool {
        self.calls().iter().any(|call| !call.steps.is_empty())
    }

    fn wat(&self, slot: usize, next: &mut String) -> Result<String> {
        let mut variables = BTreeMap::new();
        let body = match self.does {
            Does::Declared(declared) => self.script(declared, slot, next, &mut variables)?,
            Does::Wasi(name) => {
                let args: String = (0..self.ty.params().len()).map(|k| format!(" (local.get {k})")).collect();
                format!("(call ${name}{args})")
            }
            Does::NoSys => "(i32.const 52)".into(),
            Does::Trap => "(unreachable)".into(),
        };
        let types = |keyword: &str, types: &[ValType]| -> String {
            types.iter().map(|ty| format!(" ({keyword} {})", text_type(*ty))).collect()
        };
        let locals: String = variables.values().map(|local| format!(" (local ${local} i32)")).collect();
        let mut wat = format!(
            "(func $import_{slot}{}{} (local $at i32) (local $n i32){locals}\n",
            types("param", self.ty.params()),
            types("result", self.ty.results())
        );
        let _ = writeln!(wat, "  (local.set $at (call $log (i32.const {})))", self.import);
        let keep = self.ty.params().iter().take(MOST_ARGS).enumerate().filter_map(|(k, ty)| {
            let bits = bits(*ty, k)?;
            Some(format!("\n    (call $cell_set (i32.add (local.get $at) (i32.const {k})) {bits})"))
        });
        let keep: String = keep.collect();
        if !keep.is_empty() {
            let _ = writeln!(wat, "  (if (i32.ge_s (local.get $at) (i32.const 0)) (then{keep}))");
        }
        let _ = writeln!(wat, "  {body})");
        Ok(wat)
    }

    /// Which call of this function it is chooses the entry; the last one is for all that come after.
    fn script(
        &self,
        declared: &Declared,
        slot: usize,
        next: &mut String,
        variables: &mut BTreeMap<String, String>,
    ) -> Result<String> {
        let Some((last, before)) = declared.calls.split_last() else {
            return Ok(zeros(self.ty.results()));
        };
        let mut wat = String::new();
        let mut entry = |at: usize, call| {
            self.entry(call, variables).with_context(|| format!("{}: calls[{at}]", declared::shown(declared)))
        };
        if !before.is_empty() {
            let _ = writeln!(next, "(global $next_{slot} (mut i32) (i32.const 0))");
            let _ = writeln!(
                wat,
                "(local.set $n (global.get $next_{slot}))\n  (if (i32.lt_u (local.get $n) (i32.const {})) (then (global.set $next_{slot} (i32.add (local.get $n) (i32.const 1)))))",
                before.len()
            );
        }
        for (at, call) in before.iter().enumerate() {
            let does = entry(at, call)?;
            let _ = writeln!(wat, "  (if (i32.eq (local.get $n) (i32.const {at})) (then {does} (return)))");
        }
        wat += &entry(before.len(), last)?;
        Ok(wat)
    }

    fn entry(&self, call: &Behaviour, variables: &mut BTreeMap<String, String>) -> Result<String> {
        let mut wat = String::new();
        // What earlier entries named means nothing here.
        let mut names = BTreeMap::new();
        for (at, step) in call.steps.iter().enumerate() {
            wat += &self.step(step, &mut names, variables).with_context(|| format!("steps[{at}]"))?;
        }
        if call.throw.is_some() {
            return Ok(wat + "(unreachable)");
        }
        let results = call.results.as_deref().unwrap_or_default();
        if results.is_empty() {
            return Ok(wat + &zeros(self.ty.results()));
        }
        for value in results {
            wat += &self.value(value, &names)?;
        }
        Ok(wat)
    }

    fn step(
        &self,
        step: &RawStep,
        names: &mut BTreeMap<String, String>,
        variables: &mut BTreeMap<String, String>,
    ) -> Result<String> {
        Ok(match step {
            RawStep::Read { ptr, len } => {
                let len = match len {
                    Length::Bytes(len) => format!("(i32.const {len})"),
                    Length::Value(len) => self.pointer(len, names)?,
                    Length::Until(Until::Nul) => {
                        bail!("it reads up to a zero byte, which can't be built in: run it on rows with raw_imports")
                    }
                };
                format!("(call $read {} {len})", self.pointer(ptr, names)?)
            }
            RawStep::Write { ptr, bytes } => {
                ensure!(
                    bytes.len() <= MOST_WRITTEN,
                    "it writes {} bytes, and at most {MOST_WRITTEN} can be built in",
                    bytes.len()
                );
                let ptr = self.pointer(ptr, names)?;
                let bytes = bytes.to_vec();
                format!("(if (call $in_bounds {ptr} (i32.const {})) (then {}))", bytes.len(), stores(&ptr, 0, &bytes))
            }
            RawStep::Load { ptr, as_name } => {
                let ptr = self.pointer(ptr, names)?;
                let count = variables.len();
                let local = variables.entry(as_name.clone()).or_insert_with(|| format!("var_{count}")).clone();
                names.insert(as_name.clone(), local.clone());
                format!(
                    "(local.set ${local} (i32.const 0)) (if (call $in_bounds {ptr} (i32.const 4)) (then (local.set ${local} (i32.load align=1 {ptr}))))"
                )
            }
            RawStep::Grow { pages } => format!("(drop (memory.grow (i32.const {pages})))"),
            RawStep::Pages {} => String::new(),
            RawStep::Call { .. } => {
                bail!("it calls the guest, which can't be built in: run it on rows with raw_imports")
            }
            RawStep::Global { .. } => {
                bail!("it reads an export, which can't be built in: run it on rows with raw_imports")
            }
        })
    }

    fn pointer(&self, value: &Value, names: &BTreeMap<String, String>) -> Result<String> {
        let argument = match value {
            Value::Var { var, .. } if !names.contains_key(var) => self.argument(var).map(|(_, ty)| ty),
            value => type_of(value),
        };
        ensure!(argument.is_none_or(|ty| ty == ValType::I32), "a pointer or a length that is built in is an i32");
        self.value(value, names)
    }

    /// The number and the type of an argument: of `arg0`, say.
    fn argument(&self, var: &str) -> Option<(usize, ValType)> {
        let k = var.strip_prefix("arg")?.parse().ok()?;
        Some((k, *self.ty.params().get(k)?))
    }

    fn value(&self, value: &Value, names: &BTreeMap<String, String>) -> Result<String> {
        let Value::Var { var, plus } = value else {
            return constant(value);
        };
        let (local, ty) = match (names.get(var), self.argument(var)) {
            (Some(local), _) => (format!("${local}"), ValType::I32),
            (None, Some((k, ty))) => (k.to_string(), ty),
            (None, None) => bail!("{var:?} is neither an argument nor named before in this entry"),
        };
        Ok(match ty {
            ValType::I32 | ValType::I64 => format!("({ty}.add (local.get {local}) ({ty}.const {plus}))"),
            _ => {
                ensure!(*plus == 0, "{var:?} is an {ty}: nothing can be added to it");
                format!("(local.get {local})")
            }
        })
    }
}

/// A constant, as an instruction. Floats are their bits, because text does not keep every NaN.
fn constant(value: &Value) -> Result<String> {
    Ok(match value {
        Value::I32 { i32 } => format!("(i32.const {i32})"),
        Value::I64 { i64 } => format!("(i64.const {i64})"),
        Value::F32 { f32 } => format!("(f32.reinterpret_i32 (i32.const 0x{f32}))"),
        Value::F64 { f64 } => format!("(f64.reinterpret_i64 (i64.const 0x{f64}))"),
        other => bail!("{} is no constant", serde_json::json!(other)),
    })
}

fn zeros(types: &[ValType]) -> String {
    types.iter().map(|ty| format!("({ty}.const 0)")).collect()
}

/// Instructions that write `bytes` at `ptr + offset`.
pub(super) fn stores(ptr: &str, offset: usize, bytes: &[u8]) -> String {
    let (eights, rest) = bytes.as_chunks::<8>();
    let mut wat = String::new();
    for (at, eight) in eights.iter().enumerate() {
        let (to, x) = (offset + 8 * at, u64::from_le_bytes(*eight));
        let _ = write!(wat, "(i64.store offset={to} align=1 {ptr} (i64.const {x:#x}))");
    }
    for (at, byte) in rest.iter().enumerate() {
        let to = offset + 8 * eights.len() + at;
        let _ = write!(wat, "(i32.store8 offset={to} {ptr} (i32.const {byte}))");
    }
    wat
}

/// The type of a parameter or a result in the text. The module has its own type for the function: what matters here is
/// that a reference is none of the numbers.
fn text_type(ty: ValType) -> String {
    if matches!(ty, ValType::Ref(_)) { "externref".into() } else { ty.to_string() }
}

/// The bits of the k-th argument, as an i64: of a v128 the first half. None of a reference.
fn bits(ty: ValType, k: usize) -> Option<String> {
    let argument = format!("(local.get {k})");
    Some(match ty {
        ValType::I32 => format!("(i64.extend_i32_u {argument})"),
        ValType::I64 => argument,
        ValType::F32 => format!("(i64.extend_i32_u (i32.reinterpret_f32 {argument}))"),
        ValType::F64 => format!("(i64.reinterpret_f64 {argument})"),
        ValType::V128 => format!("(i64x2.extract_lane 0 {argument})"),
        ValType::Ref(_) => return None,
    })
}

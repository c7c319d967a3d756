//! Primitive steps on one instance of any module without imports: what the `raw` vectors ask for.

use std::collections::BTreeMap;
use std::mem::discriminant;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use vectors::answer::{Answer, Output};
use vectors::ops::{RawStep, Value};
use wasmtime::{
    Engine, FuncType, Instance, Memory, Module, Store, StoreLimits, StoreLimitsBuilder, Trap, Val, ValType,
};

const NO_VALUE: &str = "an argument is no Wasm value, or no earlier step gave a result its name";
const NO_POINTER: &str = "a pointer is an i32; only a memory of 64-bit addresses takes an i64";

/// Bytes in a page of linear memory.
const PAGE: usize = 65_536;

/// What the host does not let an instance do.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Limits {
    /// How many pages of 64 KiB linear memory may have: beyond them it does not grow.
    pub(crate) max_pages: Option<u32>,
    /// How long one call may take before it is cut off. The module's engine must have epoch interruption.
    pub(crate) deadline: Option<Duration>,
}

/// Does the steps in order on a fresh instance. The first trap, or call that is cut off, ends it, and is the last
/// answer.
#[must_use]
pub(crate) fn run(module: &Module, steps: &[RawStep], limits: Limits) -> Answer {
    let memory_size = limits.max_pages.map_or(usize::MAX, |pages| (pages as usize).saturating_mul(PAGE));
    let store_limits = StoreLimitsBuilder::new().memory_size(memory_size).build();
    let mut store = Store::new(module.engine(), store_limits);
    store.limiter(|limits| limits);
    if limits.deadline.is_some() {
        store.set_epoch_deadline(1);
    }
    // The deadline is for the start function too.
    let instance = match within(module.engine(), limits.deadline, || Instance::new(&mut store, module, &[])) {
        Ok(instance) => instance,
        Err(why) => return Answer::error_with_detail("NO_INSTANCE", format!("{why:#}")),
    };
    let memory = memory_of(module, &instance, &mut store);
    let mut fresh = Fresh { store, instance, memory, deadline: limits.deadline, vars: BTreeMap::new() };
    let mut answers = Vec::with_capacity(steps.len());
    for step in steps {
        let answer = fresh.step(step).map_or_else(|refusal| refusal, Answer::ok);
        if matches!(answer, Answer::Unsupported { .. }) {
            return answer;
        }
        let is_last = answer == cut_off() || matches!(answer, Answer::Trap { .. });
        answers.push(answer);
        if is_last {
            break;
        }
    }
    Answer::ok(Output { steps: Some(answers), ..Output::default() })
}

struct Fresh {
    store: Store<StoreLimits>,
    instance: Instance,
    memory: Option<Memory>,
    deadline: Option<Duration>,
    vars: BTreeMap<String, i32>,
}

impl Fresh {
    fn step(&mut self, step: &RawStep) -> Result<Output, Answer> {
        let mut output = Output::default();
        match step {
            RawStep::Call { export, args, as_name } => {
                output.results = Some(self.call(export, args, as_name.as_deref())?);
            }
            RawStep::Write { ptr, bytes } => self.room(ptr, bytes.len())?.copy_from_slice(&bytes.to_vec()),
            RawStep::Read { ptr, len } => output.bytes = Some((&*self.room(ptr, *len as usize)?).into()),
            RawStep::Pages {} => output.pages = u32::try_from(self.memory_mut().len() / PAGE).ok(),
        }
        Ok(output)
    }

    fn call(&mut self, export: &str, args: &[Value], as_name: Option<&str>) -> Result<Vec<Value>, Answer> {
        let function = self.instance.get_func(&mut self.store, export).ok_or_else(|| Answer::error("NO_EXPORT"))?;
        let ty = function.ty(&self.store);
        let args: Option<Vec<Val>> = args.iter().map(|arg| self.value(arg)).collect();
        let args = args.ok_or_else(|| Answer::unsupported(NO_VALUE))?;
        let args = fitting(export, &ty, args, as_name).map_err(type_mismatch)?;
        let mut results: Vec<Val> = ty.results().filter_map(|ty| Val::default_for_ty(&ty)).collect();
        let engine = self.store.engine().clone();
        let store = &mut self.store;
        if self.deadline.is_some() {
            store.set_epoch_deadline(1);
        }
        within(&engine, self.deadline, || function.call(store, &args, &mut results)).map_err(|trap| {
            match trap.downcast_ref() {
                Some(Trap::Interrupt) => cut_off(),
                _ => Answer::trap(format!("{trap:#}")),
            }
        })?;
        if let (Some(name), Some(Val::I32(first))) = (as_name, results.first()) {
            self.vars.insert(name.to_owned(), *first);
        }
        Ok(results.iter().filter_map(written).collect())
    }

    fn room(&mut self, ptr: &Value, len: usize) -> Result<&mut [u8], Answer> {
        let at = self.pointer(ptr)?;
        let end = at.saturating_add(len as u64);
        self.memory_mut().get_mut(at as usize..end as usize).ok_or_else(|| Answer::error("OUT_OF_BOUNDS"))
    }

    /// A pointer is 32 bits read as an unsigned number; a memory of 64-bit addresses takes 64 too.
    fn pointer(&self, value: &Value) -> Result<u64, Answer> {
        let is_64 = self.memory.is_some_and(|memory| memory.ty(&self.store).is_64());
        match self.value(value) {
            Some(Val::I32(bits)) => Ok(bits.cast_unsigned().into()),
            Some(Val::I64(bits)) if is_64 => Ok(bits.cast_unsigned()),
            Some(_) => Err(type_mismatch(NO_POINTER)),
            None => Err(Answer::unsupported(NO_VALUE)),
        }
    }

    /// All of linear memory: nothing, if the module exports none.
    fn memory_mut(&mut self) -> &mut [u8] {
        match self.memory {
            Some(memory) => memory.data_mut(&mut self.store),
            None => &mut [],
        }
    }

    fn value(&self, value: &Value) -> Option<Val> {
        Some(match value {
            Value::I32 { i32 } => Val::I32(*i32),
            Value::I64 { i64 } => Val::I64(i64.parse().ok()?),
            Value::F32 { f32 } => Val::F32(u32::from_str_radix(f32, 16).ok()?),
            Value::F64 { f64 } => Val::F64(u64::from_str_radix(f64, 16).ok()?),
            Value::Var { var, plus } => Val::I32(self.vars.get(var)?.wrapping_add(*plus)),
        })
    }
}

/// The export `memory`, or else the first memory among the exports.
fn memory_of(module: &Module, instance: &Instance, store: &mut Store<StoreLimits>) -> Option<Memory> {
    let first = module.exports().find(|export| export.ty().memory().is_some());
    instance.get_memory(&mut *store, "memory").or_else(|| instance.get_memory(store, first?.name()))
}

/// The arguments, if they are those that the export takes, and steps can pass what it takes and returns.
fn fitting(export: &str, ty: &FuncType, args: Vec<Val>, as_name: Option<&str>) -> Result<Vec<Val>, String> {
    let is_number = |ty: &ValType| matches!(ty, ValType::I32 | ValType::I64 | ValType::F32 | ValType::F64);
    let same = |param: ValType, arg: &Val| {
        Val::default_for_ty(&param).is_some_and(|zero| discriminant(&zero) == discriminant(arg))
    };
    if let Some(foreign) = ty.params().chain(ty.results()).find(|ty| !is_number(ty)) {
        return Err(format!("{export:?} takes or returns {foreign}, for which steps have no form"));
    }
    if ty.params().len() != args.len() || !ty.params().zip(&args).all(|(param, arg)| same(param, arg)) {
        let params: Vec<String> = ty.params().map(|param| param.to_string()).collect();
        return Err(format!("{export:?} takes ({})", params.join(", ")));
    }
    if as_name.is_some() && !matches!(ty.results().next(), Some(ValType::I32)) {
        return Err(format!("the first result of {export:?} is no i32 to be named"));
    }
    Ok(args)
}

fn written(value: &Val) -> Option<Value> {
    Some(match value {
        Val::I32(i32) => Value::I32 { i32: *i32 },
        Val::I64(i64) => Value::I64 { i64: i64.to_string() },
        Val::F32(bits) => Value::F32 { f32: format!("{bits:08x}") },
        Val::F64(bits) => Value::F64 { f64: format!("{bits:016x}") },
        _ => return None,
    })
}

/// Calls, and lets the engine's epoch pass if that takes longer than the deadline.
fn within<T>(engine: &Engine, deadline: Option<Duration>, call: impl FnOnce() -> T) -> T {
    let Some(deadline) = deadline else { return call() };
    let (done, is_done) = mpsc::channel::<()>();
    thread::scope(|scope| {
        scope.spawn(move || {
            if is_done.recv_timeout(deadline) == Err(RecvTimeoutError::Timeout) {
                engine.increment_epoch();
            }
        });
        let result = call();
        drop(done);
        result
    })
}

fn type_mismatch(why: impl Into<String>) -> Answer {
    Answer::error_with_detail("TYPE_MISMATCH", why)
}

fn cut_off() -> Answer {
    Answer::error("CUT_OFF")
}

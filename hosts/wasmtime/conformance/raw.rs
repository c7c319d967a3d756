//! Primitive steps on one instance of any module, and the functions that the host provides to it: what the `raw` vectors
//! ask for.

use std::collections::BTreeMap;
use std::mem::discriminant;
use std::sync::Arc;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use vectors::answer::{Answer, Output};
use vectors::imports::{self, HostCall, Import, MOST_CALLS_TOLD, RawImports, Signature};
use vectors::ops::{Length, Names, RawStep, Until, Value};
use wasmtime::{
    AsContext, AsContextMut, Caller, Engine, Extern, Func, FuncType, Global, GlobalType, Instance, Memory,
    MemoryTypeBuilder, Module, Mutability, Ref, RefType, Store, StoreLimits, StoreLimitsBuilder, Table, TableType,
    Trap, Val, ValType,
};
use wasmtime_wasi::I32Exit;
use wasmtime_wasi::p1::WasiP1Ctx;

const NO_VALUE: &str = "an argument is no Wasm value, or no earlier step gave a result its name";
const NO_POINTER: &str = "a pointer and a length are an i32 or an i64";

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

/// Does the steps in order on a fresh instance, with what `imports` lists. The first trap, or call that is cut off, ends it,
/// and is the last answer, unless steps after a trap are asked for.
#[must_use]
pub(crate) fn run(module: &Module, steps: &[RawStep], limits: Limits, given: &RawImports) -> Answer {
    let memory_size = limits.max_pages.map_or(usize::MAX, |pages| (pages as usize).saturating_mul(PAGE));
    let store_limits = StoreLimitsBuilder::new().memory_size(memory_size).build();
    let imports: Arc<[Import]> = given.imports.as_slice().into();
    let mut store = Store::new(module.engine(), State { limits: store_limits, ..State::default() });
    store.data_mut().calls.counts = vec![0; imports.len()];
    store.limiter(|state| &mut state.limits);
    if limits.deadline.is_some() {
        store.set_epoch_deadline(1);
    }
    let instance = match instance(&mut store, module, &imports, limits) {
        Ok(instance) => instance,
        Err(why) => return Answer::error_with_detail("NO_INSTANCE", why),
    };
    settle(&mut store, module, instance);
    let calls = store.data_mut().calls.take();
    match do_steps(&mut store, steps, limits.deadline, given.after_trap) {
        Ok(steps) => Answer::ok(Output { steps: Some(steps), calls, ..Output::default() }),
        Err(unsupported) => unsupported,
    }
}

/// From now on the steps know the instance.
pub(crate) fn settle(store: &mut Store<State>, module: &Module, instance: Instance) {
    let memory = memory_of(module, &instance, store);
    let state = store.data_mut();
    state.memory = memory.or(state.memory);
    state.instance = Some(instance);
}

/// The answer of each step; or the one answer, if a step makes no sense.
pub(crate) fn do_steps(
    store: &mut Store<State>,
    steps: &[RawStep],
    deadline: Option<Duration>,
    after_trap: bool,
) -> Result<Vec<Answer>, Answer> {
    let mut vars = Vars::new();
    let mut answers = Vec::with_capacity(steps.len());
    for step in steps {
        let answer = step_in(store, &mut vars, step, deadline).map_or_else(|refusal| refusal, Answer::ok);
        if matches!(answer, Answer::Unsupported { .. }) {
            return Err(answer);
        }
        let is_trap = matches!(answer, Answer::Trap { .. });
        let is_last = answer == cut_off() || is_trap && (!after_trap || store.data().exit_code.is_some());
        answers.push(with_calls(answer, store.data_mut().calls.take()));
        if is_last {
            break;
        }
    }
    Ok(answers)
}

/// What the functions of the host need to know.
#[derive(Default)]
pub(crate) struct State {
    pub(crate) limits: StoreLimits,
    /// Of a program of WASI.
    #[allow(dead_code, reason = "the tests have this file without wasi.rs")]
    pub(crate) wasi: Option<WasiP1Ctx>,
    /// What it ended with, once it has.
    pub(crate) exit_code: Option<i32>,
    /// None as long as it is being made.
    pub(crate) instance: Option<Instance>,
    pub(crate) memory: Option<Memory>,
    pub(crate) calls: Calls,
}

/// What came to the functions of the host.
#[derive(Default)]
pub(crate) struct Calls {
    /// How often each import was called.
    counts: Vec<usize>,
    /// How many of the calls that are told were taken.
    taken: usize,
    told: Vec<HostCall>,
}

impl Calls {
    fn take(&mut self) -> Vec<HostCall> {
        self.taken += self.told.len();
        std::mem::take(&mut self.told)
    }
}

type Vars = BTreeMap<String, Val>;

/// Also why there is none.
fn instance(
    store: &mut Store<State>,
    module: &Module,
    imports: &Arc<[Import]>,
    limits: Limits,
) -> Result<Instance, String> {
    let mut provided = Vec::new();
    for (index, import) in imports.iter().enumerate() {
        let item =
            provide(store, imports, index).map_err(|why| format!("{}.{}: {why:#}", import.module, import.name))?;
        if let (Extern::Memory(memory), None) = (&item, store.data().memory) {
            store.data_mut().memory = Some(*memory);
        }
        provided.push(item);
    }
    let items: Result<Vec<Extern>, String> = module
        .imports()
        .map(|needed| {
            let found = imports.iter().position(|one| one.module == needed.module() && one.name == needed.name());
            let found = found.and_then(|at| provided.get(at).cloned());
            found.ok_or_else(|| format!("it imports {}.{}, which is not provided", needed.module(), needed.name()))
        })
        .collect();
    // The deadline is for the start function too.
    within(module.engine(), limits.deadline, || Instance::new(store, module, &items?).map_err(|why| format!("{why:#}")))
}

fn provide(store: &mut Store<State>, imports: &Arc<[Import]>, index: usize) -> wasmtime::Result<Extern> {
    let Import { func, memory, table, global, mutable, .. } = &imports[index];
    if let Some(imports::Limits { min, max }) = memory {
        let ty = MemoryTypeBuilder::new().min((*min).into()).max(max.map(Into::into)).build()?;
        return Ok(Memory::new(store, ty)?.into());
    }
    if let Some(imports::Limits { min, max }) = table {
        return Ok(Table::new(store, TableType::new(RefType::FUNCREF, *min, *max), Ref::Func(None))?.into());
    }
    if let Some(value) = global {
        let value = number(value, &Vars::new()).map_err(|wrong| wasmtime::format_err!("{wrong:?}"))?;
        let mutability = if *mutable { Mutability::Var } else { Mutability::Const };
        let ty = GlobalType::new(value.ty(&*store)?, mutability);
        return Ok(Global::new(store, ty, value)?.into());
    }
    let Signature { params, results } = func.clone().unwrap_or_default();
    let types = |names: Vec<String>| names.into_iter().filter_map(|name| type_named(&name));
    let ty = FuncType::new(store.engine(), types(params), types(results));
    let imports = Arc::clone(imports);
    let call = move |caller: Caller<'_, State>, args: &[Val], results: &mut [Val]| {
        host_function(caller, &imports[index], index, args, results)
    };
    Ok(Func::new(store, ty, call).into())
}

fn type_named(name: &str) -> Option<ValType> {
    match name {
        "i32" => Some(ValType::I32),
        "i64" => Some(ValType::I64),
        "f32" => Some(ValType::F32),
        "f64" => Some(ValType::F64),
        _ => None,
    }
}

/// Does what the import says of this call of it.
fn host_function(
    mut caller: Caller<'_, State>,
    import: &Import,
    index: usize,
    args: &[Val],
    results: &mut [Val],
) -> wasmtime::Result<()> {
    let calls = &mut caller.data_mut().calls;
    let nth = calls.counts[index];
    calls.counts[index] += 1;
    let is_told = calls.taken + calls.told.len() < MOST_CALLS_TOLD;
    let place = is_told.then_some(calls.told.len());
    if is_told {
        let args = args.iter().filter_map(written).collect();
        calls.told.push(HostCall { import: u32::try_from(index)?, args, steps: Vec::new() });
    }
    let ty = import.func.iter().flat_map(|ty| &ty.results);
    for (result, ty) in results.iter_mut().zip(ty) {
        *result = type_named(ty).and_then(|ty| Val::default_for_ty(&ty)).unwrap_or(Val::I32(0));
    }
    let Some(entry) = import.calls.get(nth).or(import.calls.last()) else { return Ok(()) };
    let mut vars: Vars = args.iter().enumerate().map(|(at, arg)| (format!("arg{at}"), *arg)).collect();
    for step in &entry.steps {
        let answer = step_in(&mut caller, &mut vars, step, None).map_or_else(|refusal| refusal, Answer::ok);
        let is_trap = matches!(answer, Answer::Trap { .. });
        if let Some(told) = place.and_then(|place| caller.data_mut().calls.told.get_mut(place)) {
            told.steps.push(answer);
        }
        wasmtime::ensure!(!is_trap, "the guest trapped when it was called from {}.{}", import.module, import.name);
    }
    if let Some(words) = &entry.throw {
        wasmtime::bail!("{words}");
    }
    for (result, value) in results.iter_mut().zip(entry.results.iter().flatten()) {
        *result = number(value, &vars).map_err(|wrong| wasmtime::format_err!("{wrong:?}"))?;
    }
    Ok(())
}

fn step_in(
    store: &mut impl AsContextMut<Data = State>,
    vars: &mut Vars,
    step: &RawStep,
    deadline: Option<Duration>,
) -> Result<Output, Answer> {
    let mut output = Output::default();
    match step {
        RawStep::Call { export, args, as_names } => {
            let names = as_names.as_ref().map_or(&[][..], Names::as_slice);
            let results = call(store, vars, export, args, names.len(), deadline)?;
            vars.extend(names.iter().cloned().zip(results.iter().copied()));
            output.results = Some(results.iter().filter_map(written).collect());
        }
        RawStep::Write { ptr, bytes } => room(store, vars, ptr, bytes.len() as u64)?.copy_from_slice(&bytes.to_vec()),
        RawStep::Read { ptr, len } => {
            let len = match len {
                Length::Bytes(len) => (*len).into(),
                Length::Value(len) => unsigned(len, vars)?,
                Length::Until(Until::Nul) => text_len(store, unsigned(ptr, vars)?)?,
            };
            output.bytes = Some((&*room(store, vars, ptr, len)?).into());
        }
        RawStep::Pages {} => output.pages = u32::try_from(memory_mut(store).len() / PAGE).ok(),
        RawStep::Grow { pages } => {
            let memory = store.as_context().data().memory;
            let before = memory.and_then(|memory| memory.grow(&mut *store, (*pages).into()).ok());
            let before = before.and_then(|before| u32::try_from(before).ok());
            output.pages = Some(before.ok_or_else(|| Answer::error("REFUSED"))?);
        }
        RawStep::Load { ptr, as_name } => {
            let mut bytes = [0; 4];
            bytes.copy_from_slice(room(store, vars, ptr, 4)?);
            let value = i32::from_le_bytes(bytes);
            vars.insert(as_name.clone(), Val::I32(value));
            output.value = Some(value.into());
        }
        RawStep::Global { export, as_name } => {
            let instance = store.as_context().data().instance;
            let global = instance.and_then(|instance| instance.get_global(&mut *store, export));
            let value = global.ok_or_else(|| Answer::error("NO_EXPORT"))?.get(&mut *store);
            let shown = written(&value).ok_or_else(|| type_mismatch(format!("{export:?} is no number")))?;
            vars.extend(as_name.iter().map(|name| (name.clone(), value)));
            output.results = Some(vec![shown]);
        }
    }
    Ok(output)
}

fn call(
    store: &mut impl AsContextMut<Data = State>,
    vars: &Vars,
    export: &str,
    args: &[Value],
    names: usize,
    deadline: Option<Duration>,
) -> Result<Vec<Val>, Answer> {
    let instance = store.as_context().data().instance;
    let function = instance.and_then(|instance| instance.get_func(&mut *store, export));
    let function = function.ok_or_else(|| Answer::error("NO_EXPORT"))?;
    let ty = function.ty(&*store);
    let args = args.iter().map(|arg| number(arg, vars)).collect::<Result<_, _>>()?;
    let args = fitting(export, &ty, args, names).map_err(type_mismatch)?;
    let mut results: Vec<Val> = ty.results().filter_map(|ty| Val::default_for_ty(&ty)).collect();
    let engine = store.as_context().engine().clone();
    if deadline.is_some() {
        store.as_context_mut().set_epoch_deadline(1);
    }
    within(&engine, deadline, || function.call(&mut *store, &args, &mut results)).map_err(|trap| {
        if let Some(I32Exit(code)) = trap.downcast_ref() {
            store.as_context_mut().data_mut().exit_code = Some(*code);
        }
        match trap.downcast_ref() {
            Some(Trap::Interrupt) => cut_off(),
            _ => Answer::trap(format!("{trap:#}")),
        }
    })?;
    Ok(results)
}

fn room<'a>(
    store: &'a mut impl AsContextMut<Data = State>,
    vars: &Vars,
    ptr: &Value,
    len: u64,
) -> Result<&'a mut [u8], Answer> {
    let at = unsigned(ptr, vars)?;
    let end = at.saturating_add(len);
    memory_mut(store).get_mut(at as usize..end as usize).ok_or_else(|| Answer::error("OUT_OF_BOUNDS"))
}

/// A pointer or a length is 32 or 64 bits read as an unsigned number.
fn unsigned(value: &Value, vars: &Vars) -> Result<u64, Answer> {
    match number(value, vars)? {
        Val::I32(bits) => Ok(bits.cast_unsigned().into()),
        Val::I64(bits) => Ok(bits.cast_unsigned()),
        _ => Err(type_mismatch(NO_POINTER)),
    }
}

/// How many bytes there are at `ptr` before the first zero byte.
fn text_len(store: &mut impl AsContextMut<Data = State>, ptr: u64) -> Result<u64, Answer> {
    let text = memory_mut(store).get(ptr as usize..).unwrap_or_default();
    let len = text.iter().position(|byte| *byte == 0).ok_or_else(|| Answer::error("OUT_OF_BOUNDS"))?;
    Ok(len as u64)
}

/// All of linear memory: nothing, if there is none.
fn memory_mut(store: &mut impl AsContextMut<Data = State>) -> &mut [u8] {
    match store.as_context().data().memory {
        Some(memory) => memory.data_mut(store),
        None => &mut [],
    }
}

fn number(value: &Value, vars: &Vars) -> Result<Val, Answer> {
    let known = match value {
        Value::I32 { i32 } => Some(Val::I32(*i32)),
        Value::I64 { i64 } => i64.parse().ok().map(Val::I64),
        Value::F32 { f32 } => u32::from_str_radix(f32, 16).ok().map(Val::F32),
        Value::F64 { f64 } => u64::from_str_radix(f64, 16).ok().map(Val::F64),
        Value::Var { var, plus } => match (vars.get(var), plus) {
            (Some(Val::I32(number)), plus) => Some(Val::I32(number.wrapping_add(*plus))),
            (Some(Val::I64(number)), plus) => Some(Val::I64(number.wrapping_add((*plus).into()))),
            (float, 0) => float.copied(),
            (Some(_), _) => return Err(type_mismatch(format!("{var:?} is a float: nothing can be added to it"))),
            (None, _) => None,
        },
        Value::Any { .. } | Value::Not { .. } | Value::OneOf { .. } => None,
    };
    known.ok_or_else(|| Answer::unsupported(NO_VALUE))
}

/// The answer to a step, with what came to the functions of the host meanwhile.
fn with_calls(mut answer: Answer, came: Vec<HostCall>) -> Answer {
    match &mut answer {
        Answer::Ok { ok } => ok.calls = came,
        Answer::Trap { calls, .. } => *calls = came,
        Answer::Error { .. } | Answer::Unsupported { .. } | Answer::OneOf { .. } => {}
    }
    answer
}

/// The export `memory`, or else the first memory among the exports.
fn memory_of(module: &Module, instance: &Instance, store: &mut Store<State>) -> Option<Memory> {
    let first = module.exports().find(|export| export.ty().memory().is_some());
    instance.get_memory(&mut *store, "memory").or_else(|| instance.get_memory(store, first?.name()))
}

/// The arguments, if they are those that the export takes, and steps can pass what it takes and returns.
fn fitting(export: &str, ty: &FuncType, args: Vec<Val>, names: usize) -> Result<Vec<Val>, String> {
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
    if names > ty.results().len() {
        return Err(format!("{export:?} has fewer results than are named"));
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

//! Primitive steps on one instance of any module without imports: what the `raw` vectors ask for.

use std::collections::BTreeMap;
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::Duration;

use vectors::ops::{Output, RawStep, Value};
use vectors::protocol::Answer;
use wasmtime::{
    Engine, Instance, Memory, Module, Store, StoreLimits, StoreLimitsBuilder, Trap, Val, ValType,
};

/// Bytes in a page of linear memory.
const PAGE: usize = 65_536;

/// What the host does not let an instance do.
#[derive(Debug, Clone, Copy, Default)]
pub struct Limits {
    /// How many pages of 64 KiB linear memory may have: beyond them it does not grow.
    pub max_pages: Option<u32>,
    /// How long one call may take before it is cut off. The module's engine must have epoch interruption.
    pub deadline: Option<Duration>,
}

/// Does the steps in order on a fresh instance. The first trap, or call that is cut off, ends it, and is the last
/// answer.
#[must_use]
pub fn run(module: &Module, steps: &[RawStep], limits: Limits) -> Answer {
    if let Some(import) = module.imports().next() {
        let name = format!("{}.{}", import.module(), import.name());
        return Answer::Unsupported {
            unsupported: format!("the module needs an import, {name}"),
        };
    }
    let memory_size = limits
        .max_pages
        .map_or(usize::MAX, |pages| (pages as usize).saturating_mul(PAGE));
    let store_limits = StoreLimitsBuilder::new().memory_size(memory_size).build();
    let mut store = Store::new(module.engine(), store_limits);
    store.limiter(|limits| limits);
    if limits.deadline.is_some() {
        store.set_epoch_deadline(1);
    }
    let instance = match Instance::new(&mut store, module, &[]) {
        Ok(instance) => instance,
        Err(trap) => return Answer::trap(format!("{trap:#}")),
    };
    let memory = instance.get_memory(&mut store, "memory");
    let mut fresh = Fresh {
        store,
        instance,
        memory,
        deadline: limits.deadline,
        vars: BTreeMap::new(),
    };
    let mut answers = Vec::with_capacity(steps.len());
    for step in steps {
        let answer = fresh.step(step);
        let is_last = answer == cut_off() || matches!(answer, Answer::Trap { .. });
        answers.push(answer);
        if is_last {
            break;
        }
    }
    Answer::ok(Output {
        steps: Some(answers),
        ..Output::default()
    })
}

struct Fresh {
    store: Store<StoreLimits>,
    instance: Instance,
    memory: Option<Memory>,
    deadline: Option<Duration>,
    vars: BTreeMap<String, i32>,
}

impl Fresh {
    fn step(&mut self, step: &RawStep) -> Answer {
        match step {
            RawStep::Call {
                export,
                args,
                as_name,
            } => self.call(export, args, as_name.as_deref()),
            RawStep::Write { ptr, bytes } => {
                let (Some(at), Some(memory)) = (self.pointer(ptr), self.memory) else {
                    return out_of_bounds();
                };
                match memory.write(&mut self.store, at, &bytes.to_vec()) {
                    Ok(()) => Answer::ok(Output::default()),
                    Err(_) => out_of_bounds(),
                }
            }
            RawStep::Read { ptr, len } => {
                let (Some(at), Some(memory)) = (self.pointer(ptr), self.memory) else {
                    return out_of_bounds();
                };
                let end = at.saturating_add(*len as usize);
                match memory.data(&self.store).get(at..end) {
                    Some(bytes) => Answer::ok(Output {
                        bytes: Some(bytes.into()),
                        ..Output::default()
                    }),
                    None => out_of_bounds(),
                }
            }
            RawStep::Pages {} => {
                let pages = self.memory.map_or(0, |memory| memory.size(&self.store));
                Answer::ok(Output {
                    pages: u32::try_from(pages).ok(),
                    ..Output::default()
                })
            }
        }
    }

    fn call(&mut self, export: &str, args: &[Value], as_name: Option<&str>) -> Answer {
        let Some(function) = self.instance.get_func(&mut self.store, export) else {
            return Answer::error("NO_EXPORT");
        };
        let args: Option<Vec<Val>> = args.iter().map(|arg| self.value(arg)).collect();
        let Some(args) = args else {
            return Answer::Unsupported {
                unsupported: "an argument is no Wasm value".into(),
            };
        };
        let result_types: Vec<ValType> = function.ty(&self.store).results().collect();
        let mut results: Vec<Val> = result_types
            .iter()
            .map(|ty| Val::default_for_ty(ty).unwrap_or(Val::I32(0)))
            .collect();
        let engine = self.store.engine().clone();
        let store = &mut self.store;
        let called = match self.deadline {
            Some(deadline) => {
                store.set_epoch_deadline(1);
                within(&engine, deadline, || function.call(store, &args, &mut results))
            }
            None => function.call(store, &args, &mut results),
        };
        if let Err(trap) = called {
            return match trap.downcast_ref() {
                Some(Trap::Interrupt) => cut_off(),
                _ => Answer::trap(format!("{trap:#}")),
            };
        }
        if let (Some(name), Some(Val::I32(first))) = (as_name, results.first()) {
            self.vars.insert(name.to_owned(), *first);
        }
        match results.iter().map(written).collect::<Option<Vec<_>>>() {
            Some(results) => Answer::ok(Output {
                results: Some(results),
                ..Output::default()
            }),
            None => Answer::Unsupported {
                unsupported: format!("{export} returns a reference or a vector"),
            },
        }
    }

    /// A pointer is 32 bits read as an unsigned number.
    fn pointer(&self, value: &Value) -> Option<usize> {
        match self.value(value)? {
            Val::I32(bits) => Some(bits.cast_unsigned() as usize),
            _ => None,
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

fn written(value: &Val) -> Option<Value> {
    Some(match value {
        Val::I32(i32) => Value::I32 { i32: *i32 },
        Val::I64(i64) => Value::I64 { i64: i64.to_string() },
        Val::F32(bits) => Value::F32 {
            f32: format!("{bits:08x}"),
        },
        Val::F64(bits) => Value::F64 {
            f64: format!("{bits:016x}"),
        },
        _ => return None,
    })
}

/// Calls, and lets the engine's epoch pass if that takes longer than the deadline.
fn within<T>(engine: &Engine, deadline: Duration, call: impl FnOnce() -> T) -> T {
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

fn out_of_bounds() -> Answer {
    Answer::error("OUT_OF_BOUNDS")
}

fn cut_off() -> Answer {
    Answer::error("CUT_OFF")
}

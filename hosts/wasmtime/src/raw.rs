//! Primitive steps on one instance of any module without imports: what the `raw` vectors ask for.

use std::collections::BTreeMap;

use vectors::ops::{Output, RawStep, Value};
use vectors::protocol::Answer;
use wasmtime::{Instance, Memory, Module, Store, Val, ValType};

/// Does the steps in order on a fresh instance. The first trap ends it, and is the last answer.
#[must_use]
pub fn run(module: &Module, steps: &[RawStep]) -> Answer {
    if let Some(import) = module.imports().next() {
        let name = format!("{}.{}", import.module(), import.name());
        return Answer::Unsupported {
            unsupported: format!("the module needs an import, {name}"),
        };
    }
    let mut store = Store::new(module.engine(), ());
    let instance = match Instance::new(&mut store, module, &[]) {
        Ok(instance) => instance,
        Err(trap) => return Answer::trap(format!("{trap:#}")),
    };
    let memory = instance.get_memory(&mut store, "memory");
    let mut fresh = Fresh {
        store,
        instance,
        memory,
        vars: BTreeMap::new(),
    };
    let mut answers = Vec::with_capacity(steps.len());
    for step in steps {
        let answer = fresh.step(step);
        let trapped = matches!(answer, Answer::Trap { .. });
        answers.push(answer);
        if trapped {
            break;
        }
    }
    Answer::ok(Output {
        steps: Some(answers),
        ..Output::default()
    })
}

struct Fresh {
    store: Store<()>,
    instance: Instance,
    memory: Option<Memory>,
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
        if let Err(trap) = function.call(&mut self.store, &args, &mut results) {
            return Answer::trap(format!("{trap:#}"));
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

fn out_of_bounds() -> Answer {
    Answer::error("OUT_OF_BOUNDS")
}

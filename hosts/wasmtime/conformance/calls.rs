//! The exports of any component, called without generated bindings: the component itself says which types they have.

use serde_json::{Value, json};
use vectors::answer::{Answer, Output};
use vectors::bytes::Bytes;
use vectors::component::{Calls, NO_HANDLE, Step};
use wasmtime::component::{Component, Func, Instance, Linker, ResourceAny, Type, Val};
use wasmtime::{Engine, Store};

/// Does the steps on a fresh instance. `types` are those of `hello`.
#[must_use]
pub(crate) fn run(engine: &Engine, component: &Component, types: &Value, calls: &Calls) -> Answer {
    let mut store = Store::new(engine, ());
    let instance = match Linker::new(engine).instantiate(&mut store, component) {
        Ok(instance) => instance,
        Err(error) => return Answer::error_with_detail("NO_INSTANCE", format!("{error:#}")),
    };
    let mut live = Live { store, instance, types, handles: Vec::new() };
    let mut answers = Vec::new();
    for step in &calls.steps {
        let answer = live.step(step).unwrap_or_else(|answer| answer);
        let is_trap = matches!(answer, Answer::Trap { .. });
        answers.push(answer);
        if is_trap {
            break;
        }
    }
    Answer::ok(Output { steps: Some(answers), ..Output::default() })
}

struct Live<'a> {
    store: Store<()>,
    instance: Instance,
    types: &'a Value,
    /// The resources that came. None of one that is gone.
    handles: Vec<Option<ResourceAny>>,
}

/// What came, or the answer that ends the step.
type Done<T> = Result<T, Answer>;

impl Live<'_> {
    fn step(&mut self, step: &Step) -> Done<Answer> {
        match step {
            Step::Call { export, args } => self.call(export, args),
            Step::Drop { handle } => {
                let resource = self.handles.get_mut(*handle as usize).and_then(Option::take);
                let resource = resource.ok_or_else(|| Answer::error(NO_HANDLE))?;
                resource.resource_drop(&mut self.store).map_err(trap)?;
                Ok(Answer::ok(Output::default()))
            }
        }
    }

    fn call(&mut self, export: &str, args: &[Value]) -> Done<Answer> {
        let told = self.types.get(export).ok_or_else(|| Answer::error("NO_EXPORT"))?;
        if told.is_null() {
            return Err(mismatch("it takes or returns a type that has no form here"));
        }
        let function = self.function(export).ok_or_else(|| Answer::error("NO_EXPORT"))?;
        let ty = function.ty(&self.store);
        let params: Vec<Type> = ty.params().map(|(_, ty)| ty).collect();
        let mut results: Vec<Val> = ty.results().map(|_| Val::Bool(false)).collect();
        let returned = ty.results().next();
        if params.len() != args.len() {
            return Err(mismatch(&format!("{} arguments for {} parameters", args.len(), params.len())));
        }
        let mut given = Vec::new();
        let lowered: Vec<Val> =
            params.iter().zip(args).map(|(ty, arg)| self.lower(ty, arg, &mut given)).collect::<Done<_>>()?;
        for handle in given {
            self.handles[handle] = None;
        }
        function.call(&mut self.store, &lowered, &mut results).map_err(trap)?;
        let result = returned.zip(results.first()).map(|(ty, result)| self.lift(&ty, result));
        Ok(Answer::ok(Output { result, ..Output::default() }))
    }

    fn function(&mut self, export: &str) -> Option<Func> {
        let (interface, name) =
            export.split_once('#').map_or((None, export), |(interface, name)| (Some(interface), name));
        let interface = match interface {
            Some(interface) => Some(self.instance.get_export_index(&mut self.store, None, interface)?),
            None => None,
        };
        let index = self.instance.get_export_index(&mut self.store, interface.as_ref(), name)?;
        self.instance.get_func(&mut self.store, index)
    }

    /// A value as the component takes it. `given` gets the resources that it takes for good.
    fn lower(&self, ty: &Type, json: &Value, given: &mut Vec<usize>) -> Done<Val> {
        let wrong = || mismatch(&format!("the parameter has another type than {json}"));
        let text = || json.as_str().ok_or_else(wrong);
        // No plus sign, and no capitals.
        let digits = || text().and_then(|text| if text.starts_with('+') { Err(wrong()) } else { Ok(text) });
        let bits = |len| {
            let is_hex =
                |text: &&str| text.len() == len && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
            let hex = text()?;
            Some(hex).filter(is_hex).and_then(|hex| u64::from_str_radix(hex, 16).ok()).ok_or_else(wrong)
        };
        let number = || json.as_i64().ok_or_else(wrong);
        // Of a variant's kind: the name of the case, and its payload.
        let case = || match json {
            Value::String(name) => Ok((name.as_str(), None)),
            Value::Object(fields) if fields.len() == 1 => {
                fields.iter().next().map(|(name, payload)| (name.as_str(), Some(payload))).ok_or_else(wrong)
            }
            _ => Err(wrong()),
        };
        macro_rules! integer {
            ($case:ident) => {
                Val::$case(number()?.try_into().map_err(|_| wrong())?)
            };
        }
        Ok(match ty {
            Type::Bool => Val::Bool(json.as_bool().ok_or_else(wrong)?),
            Type::S8 => integer!(S8),
            Type::U8 => integer!(U8),
            Type::S16 => integer!(S16),
            Type::U16 => integer!(U16),
            Type::S32 => integer!(S32),
            Type::U32 => integer!(U32),
            Type::S64 => Val::S64(digits()?.parse().map_err(|_| wrong())?),
            Type::U64 => Val::U64(digits()?.parse().map_err(|_| wrong())?),
            Type::Float32 if json == NAN => Val::Float32(f32::NAN),
            Type::Float32 => Val::Float32(f32::from_bits(bits(8)? as u32)),
            Type::Float64 if json == NAN => Val::Float64(f64::NAN),
            Type::Float64 => Val::Float64(f64::from_bits(bits(16)?)),
            Type::Char => {
                let mut chars = text()?.chars();
                match (chars.next(), chars.next()) {
                    (Some(one), None) => Val::Char(one),
                    _ => return Err(wrong()),
                }
            }
            Type::String => Val::String(text()?.to_owned()),
            Type::List(list) if list.ty() == Type::U8 => {
                let bytes: Bytes = serde_json::from_value(json.clone()).map_err(|_| wrong())?;
                Val::List(bytes.to_vec().into_iter().map(Val::U8).collect())
            }
            Type::List(list) => {
                let items = json.as_array().ok_or_else(wrong)?;
                Val::List(items.iter().map(|item| self.lower(&list.ty(), item, given)).collect::<Done<_>>()?)
            }
            Type::Tuple(tuple) => {
                let items = json.as_array().filter(|items| items.len() == tuple.types().len()).ok_or_else(wrong)?;
                let lowered = tuple.types().zip(items).map(|(ty, item)| self.lower(&ty, item, given));
                Val::Tuple(lowered.collect::<Done<_>>()?)
            }
            Type::Record(record) => {
                let fields = json.as_object().filter(|fields| fields.len() == record.fields().len());
                let fields = fields.ok_or_else(wrong)?;
                let lowered = record.fields().map(|field| {
                    let value = fields.get(field.name).ok_or_else(wrong)?;
                    Ok((field.name.to_owned(), self.lower(&field.ty, value, given)?))
                });
                Val::Record(lowered.collect::<Done<_>>()?)
            }
            Type::Enum(names) => {
                let name = text()?;
                names.names().find(|known| *known == name).ok_or_else(wrong)?;
                Val::Enum(name.to_owned())
            }
            Type::Flags(flags) => {
                let set = json.as_array().ok_or_else(wrong)?;
                if !set.iter().all(|name| flags.names().any(|known| name == known)) {
                    return Err(wrong());
                }
                Val::Flags(flags.names().filter(|name| set.iter().any(|one| one == name)).map(str::to_owned).collect())
            }
            Type::Variant(variant) => {
                let (name, payload) = case()?;
                let known = variant.cases().find(|known| known.name == name).ok_or_else(wrong)?;
                Val::Variant(name.to_owned(), self.payload(known.ty.as_ref(), payload, &wrong, given)?)
            }
            Type::Option(option) => match case()? {
                ("none", None) => Val::Option(None),
                ("some", payload) => Val::Option(self.payload(Some(&option.ty()), payload, &wrong, given)?),
                _ => return Err(wrong()),
            },
            Type::Result(result) => match case()? {
                ("ok", payload) => Val::Result(Ok(self.payload(result.ok().as_ref(), payload, &wrong, given)?)),
                ("err", payload) => Val::Result(Err(self.payload(result.err().as_ref(), payload, &wrong, given)?)),
                _ => return Err(wrong()),
            },
            Type::Own(resource) | Type::Borrow(resource) => {
                let fields = json.as_object().filter(|fields| fields.len() == 1).ok_or_else(wrong)?;
                let handle = fields.get("handle").and_then(Value::as_u64).ok_or_else(wrong)? as usize;
                let known = self.handles.get(handle).copied().flatten().filter(|_| !given.contains(&handle));
                let known = known.ok_or_else(|| Answer::error(NO_HANDLE))?;
                if known.ty() != *resource {
                    return Err(wrong());
                }
                if matches!(ty, Type::Own(_)) {
                    given.push(handle);
                }
                Val::Resource(known)
            }
            _ => return Err(wrong()),
        })
    }

    fn payload(
        &self,
        ty: Option<&Type>,
        json: Option<&Value>,
        wrong: &dyn Fn() -> Answer,
        given: &mut Vec<usize>,
    ) -> Done<Option<Box<Val>>> {
        match (ty, json) {
            (Some(ty), Some(json)) => Ok(Some(Box::new(self.lower(ty, json, given)?))),
            (None, None) => Ok(None),
            _ => Err(wrong()),
        }
    }

    /// A value that the component gave. Resources are numbered as they come.
    fn lift(&mut self, ty: &Type, value: &Val) -> Value {
        let mut case = |name: &str, ty: Option<Type>, payload: Option<&Val>| match ty.zip(payload) {
            Some((ty, payload)) => json!({ name: self.lift(&ty, payload) }),
            None => json!(name),
        };
        match (ty, value) {
            (_, Val::Bool(is)) => json!(is),
            (_, Val::S8(number)) => json!(number),
            (_, Val::U8(number)) => json!(number),
            (_, Val::S16(number)) => json!(number),
            (_, Val::U16(number)) => json!(number),
            (_, Val::S32(number)) => json!(number),
            (_, Val::U32(number)) => json!(number),
            (_, Val::S64(number)) => json!(number.to_string()),
            (_, Val::U64(number)) => json!(number.to_string()),
            (_, Val::Float32(number)) if number.is_nan() => json!(NAN),
            (_, Val::Float32(number)) => json!(format!("{:08x}", number.to_bits())),
            (_, Val::Float64(number)) if number.is_nan() => json!(NAN),
            (_, Val::Float64(number)) => json!(format!("{:016x}", number.to_bits())),
            (_, Val::Char(one)) => json!(one),
            (_, Val::String(text)) => json!(text),
            (_, Val::Enum(name)) => json!(name),
            (_, Val::Flags(names)) => json!(names),
            (Type::List(list), Val::List(items)) if list.ty() == Type::U8 => {
                let bytes = items.iter().filter_map(|item| if let Val::U8(byte) = item { Some(*byte) } else { None });
                json!(hex::encode(bytes.collect::<Vec<_>>()))
            }
            (Type::List(list), Val::List(items)) => items.iter().map(|item| self.lift(&list.ty(), item)).collect(),
            (Type::Tuple(tuple), Val::Tuple(items)) => {
                tuple.types().zip(items).map(|(ty, item)| self.lift(&ty, item)).collect()
            }
            (Type::Record(record), Val::Record(fields)) => {
                let lifted = record.fields().zip(fields);
                lifted.map(|(field, (name, value))| (name.clone(), self.lift(&field.ty, value))).collect()
            }
            (Type::Variant(variant), Val::Variant(name, payload)) => {
                let known = variant.cases().find(|known| known.name == name);
                case(name, known.and_then(|known| known.ty), payload.as_deref())
            }
            (Type::Option(_), Val::Option(None)) => json!("none"),
            (Type::Option(option), Val::Option(payload)) => case("some", Some(option.ty()), payload.as_deref()),
            (Type::Result(result), Val::Result(Ok(payload))) => case("ok", result.ok(), payload.as_deref()),
            (Type::Result(result), Val::Result(Err(payload))) => case("err", result.err(), payload.as_deref()),
            (_, Val::Resource(resource)) => {
                self.handles.push(Some(*resource));
                json!({ "handle": self.handles.len() - 1 })
            }
            // Refused before the call.
            _ => Value::Null,
        }
    }
}

/// What stands for the one NaN that values of components have.
const NAN: &str = "nan";

fn mismatch(why: &str) -> Answer {
    Answer::error_with_detail("TYPE_MISMATCH", why)
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn trap(error: wasmtime::Error) -> Answer {
    Answer::trap(format!("{error:#}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ADD: &str = r#"(component MORE
      (core module $m START (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
      (core instance $i (instantiate $m))
      (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add"))))"#;

    fn answer(more: &str, start: &str, calls: Value) -> Value {
        let engine = Engine::default();
        let wat = ADD.replace("MORE", more).replace("START", start);
        let component = Component::new(&engine, wat::parse_str(wat).unwrap()).unwrap();
        let calls = serde_json::from_value(json!({ "steps": calls })).unwrap();
        let types = json!({"add": {"params": ["u32", "u32"], "result": "u32"}, "large": null});
        json!(run(&engine, &component, &types, &calls).without_details())
    }

    #[test]
    fn a_function_of_the_world_is_called() {
        let call = |export: &str, args: Value| json!({"do": "call", "export": export, "args": args});
        let calls = json!([call("add", json!([2, 3])), call("none", json!([])), call("large", json!([]))]);
        let answers = json!([{"ok": {"result": 5}}, {"error": "NO_EXPORT"}, {"error": "TYPE_MISMATCH"}]);
        assert_eq!(answer("", "", calls), json!({"ok": {"steps": answers}}));
    }

    #[test]
    fn there_is_no_instance_if_it_imports_something_or_its_start_traps() {
        let no_instance = json!({"error": "NO_INSTANCE"});
        assert_eq!(answer(r#"(import "f" (func))"#, "", json!([])), no_instance);
        assert_eq!(answer("", "(func $s unreachable) (start $s)", json!([])), no_instance);
    }
}

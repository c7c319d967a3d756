//! Components: what they export and import, by their WIT, and the JavaScript with which hosts of JavaScript run them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Result, anyhow};
use serde_json::{Value, json};
use tempfile::TempDir;
use wasmparser::{ComponentTypeRef, Parser, Payload, Validator, WasmFeatures};
use wit_component::DecodedWasm;
use wit_parser::{Function, Handle, Resolve, Type, TypeDefKind, TypeId, TypeOwner, WorldItem, WorldKey};

use crate::npm_tools;

mod values;

pub(crate) use values::{misfit, zero};

/// How deep types may be in one another, and how many an export may be made of: the shape is written out, and a type can be in
/// it many times. Some hosts read JSON that is 64 deep, and a type in a type may be three deeper.
const MOST_DEPTH: usize = 18;
const MOST_TYPES: usize = 4096;

/// What a component exports and imports.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Shape {
    /// Its functions, by name.
    pub(crate) exports: BTreeMap<String, Export>,
    /// As `wasi:cli/environment@0.2.0`, or a function's name; `the module NAME` of one that it would instantiate itself.
    pub(crate) imports: Vec<String>,
}

/// A function that a component exports.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Export {
    /// `{"params":[…],"result":…}`, each as hosts/COMPONENTS.md says; or why there is no form for it.
    pub(crate) ty: Result<Value, String>,
    /// As people write it, such as `func(a: u32) -> string`.
    pub(crate) wit: String,
}

impl Shape {
    pub(crate) fn read(wasm: &[u8]) -> Result<Self> {
        let decoded = wit_component::decode(wasm).map_err(|error| {
            // Some of its words are several lines.
            let why = format!("{error:#}").split_whitespace().collect::<Vec<_>>().join(" ");
            let is_sound = Validator::new_with_features(WasmFeatures::all()).validate_all(wasm).is_ok();
            match is_sound {
                true => anyhow!(
                    "it is a component that WIT has no words for, and only what WIT describes can be called: {why}"
                ),
                false => anyhow!("it is a component that is not sound: {why}"),
            }
        })?;
        let DecodedWasm::Component(resolve, world) = decoded else {
            return Ok(Self::default());
        };
        let world = &resolve.worlds[world];
        let mut this = Self { imports: code_imports(wasm)?, ..Self::default() };
        for (key, item) in &world.imports {
            // A type alone needs nothing of a host, unless it is a resource.
            let is_needed = match item {
                WorldItem::Interface { id, .. } => {
                    let interface = &resolve.interfaces[*id];
                    !interface.functions.is_empty() || interface.types.values().any(|ty| is_resource(&resolve, *ty))
                }
                WorldItem::Function(_) => true,
                WorldItem::Type { id, .. } => is_resource(&resolve, *id),
            };
            if is_needed {
                this.imports.push(resolve.name_world_key(key));
            }
        }
        for (key, item) in &world.exports {
            let name = |function: &Function| match key {
                WorldKey::Name(name) if *name == function.name => name.clone(),
                key => format!("{}#{}", resolve.name_world_key(key), function.name),
            };
            match item {
                WorldItem::Interface { id, .. } => {
                    for function in resolve.interfaces[*id].functions.values() {
                        this.exports.insert(name(function), export(&resolve, function));
                    }
                }
                WorldItem::Function(function) => {
                    this.exports.insert(function.name.clone(), export(&resolve, function));
                }
                WorldItem::Type { .. } => {}
            }
        }
        Ok(this)
    }

    /// What hosts learn of it: the types of each function, by name; null if there is no form for them.
    pub(crate) fn types(&self) -> Value {
        self.exports.iter().map(|(name, export)| (name.clone(), export.ty.clone().unwrap_or_default())).collect()
    }
}

/// Modules and components that it imports: the WIT that is read from it leaves them out.
fn code_imports(wasm: &[u8]) -> Result<Vec<String>> {
    let (mut names, mut depth) = (Vec::new(), 0);
    for payload in Parser::new(0).parse_all(wasm) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth -= 1,
            Payload::ComponentImportSection(imports) if depth == 0 => {
                for import in imports {
                    let import = import?;
                    match import.ty {
                        ComponentTypeRef::Module(_) => names.push(format!("the module {}", import.name.0)),
                        ComponentTypeRef::Component(_) => names.push(format!("the component {}", import.name.0)),
                        _ => {}
                    }
                }
            }
            _ => {}
        }
    }
    Ok(names)
}

fn is_resource(resolve: &Resolve, ty: TypeId) -> bool {
    matches!(resolve.types[ty].kind, TypeDefKind::Resource)
}

fn export(resolve: &Resolve, function: &Function) -> Export {
    let mut types = Types { resolve, left: MOST_TYPES };
    let params: Result<Vec<Value>, String> = function.params.iter().map(|param| types.json(&param.ty, 0)).collect();
    let result = function.result.as_ref().map(|ty| types.json(ty, 0)).transpose();
    let ty = params.and_then(|params| {
        Ok(match result? {
            Some(result) => json!({"params": params, "result": result}),
            None => json!({"params": params}),
        })
    });
    let params: Vec<String> =
        function.params.iter().map(|param| format!("{}: {}", param.name, words(resolve, &param.ty))).collect();
    let result = function.result.as_ref().map_or_else(String::new, |ty| format!(" -> {}", words(resolve, ty)));
    Export { ty, wit: format!("func({}){result}", params.join(", ")) }
}

struct Types<'a> {
    resolve: &'a Resolve,
    left: usize,
}

impl Types<'_> {
    /// A type as data; or why it has no form.
    fn json(&mut self, ty: &Type, depth: usize) -> Result<Value, String> {
        self.left = self.left.checked_sub(1).filter(|_| depth < MOST_DEPTH).ok_or("its types are too large")?;
        let Type::Id(id) = ty else {
            return match simple(ty) {
                Some(name) => Ok(json!(name)),
                None => Err("an error-context has no form here".into()),
            };
        };
        let depth = depth + 1;
        let resolve = self.resolve;
        Ok(match &resolve.types[*id].kind {
            TypeDefKind::Type(ty) => self.json(ty, depth)?,
            TypeDefKind::List(ty) => json!({"list": self.json(ty, depth)?}),
            TypeDefKind::Option(ty) => json!({"option": self.json(ty, depth)?}),
            TypeDefKind::Result(result) => {
                json!({"result": [self.optional(result.ok.as_ref(), depth)?, self.optional(result.err.as_ref(), depth)?]})
            }
            TypeDefKind::Tuple(tuple) => {
                let types: Result<Vec<_>, _> = tuple.types.iter().map(|ty| self.json(ty, depth)).collect();
                json!({"tuple": types?})
            }
            TypeDefKind::Record(record) => {
                let fields = record.fields.iter().map(|field| Ok(json!([field.name, self.json(&field.ty, depth)?])));
                json!({"record": fields.collect::<Result<Vec<_>, String>>()?})
            }
            TypeDefKind::Variant(variant) => {
                let cases = variant.cases.iter();
                let cases = cases.map(|case| Ok(json!([case.name, self.optional(case.ty.as_ref(), depth)?])));
                json!({"variant": cases.collect::<Result<Vec<_>, String>>()?})
            }
            TypeDefKind::Enum(all) => json!({"enum": all.cases.iter().map(|case| &case.name).collect::<Vec<_>>()}),
            TypeDefKind::Flags(all) => json!({"flags": all.flags.iter().map(|flag| &flag.name).collect::<Vec<_>>()}),
            TypeDefKind::Handle(Handle::Own(id)) => json!({"own": self.resource(*id)}),
            TypeDefKind::Handle(Handle::Borrow(id)) => json!({"borrow": self.resource(*id)}),
            other => return Err(format!("a {} has no form here", other.as_str())),
        })
    }

    fn optional(&mut self, ty: Option<&Type>, depth: usize) -> Result<Value, String> {
        ty.map_or(Ok(Value::Null), |ty| self.json(ty, depth))
    }

    /// Where a resource is defined, and its name there.
    fn resource(&self, mut id: TypeId) -> String {
        while let TypeDefKind::Type(Type::Id(next)) = self.resolve.types[id].kind {
            id = next;
        }
        let defined = &self.resolve.types[id];
        let name = defined.name.clone().unwrap_or_default();
        match defined.owner {
            TypeOwner::Interface(interface) => match self.resolve.id_of(interface) {
                Some(interface) => format!("{interface}#{name}"),
                None => format!("{}#{name}", interface.index()),
            },
            _ => name,
        }
    }
}

fn simple(ty: &Type) -> Option<&'static str> {
    Some(match ty {
        Type::Bool => "bool",
        Type::U8 => "u8",
        Type::U16 => "u16",
        Type::U32 => "u32",
        Type::U64 => "u64",
        Type::S8 => "s8",
        Type::S16 => "s16",
        Type::S32 => "s32",
        Type::S64 => "s64",
        Type::F32 => "f32",
        Type::F64 => "f64",
        Type::Char => "char",
        Type::String => "string",
        Type::ErrorContext | Type::Id(_) => return None,
    })
}

/// As WIT writes it: by its name, if it has one.
fn words(resolve: &Resolve, ty: &Type) -> String {
    let Type::Id(id) = ty else {
        return simple(ty).unwrap_or("error-context").to_owned();
    };
    let defined = &resolve.types[*id];
    let optional = |ty: &Option<Type>| ty.as_ref().map_or_else(|| "_".to_owned(), |ty| words(resolve, ty));
    match (&defined.name, &defined.kind) {
        (Some(name), _) => name.clone(),
        (_, TypeDefKind::Type(ty)) => words(resolve, ty),
        (_, TypeDefKind::List(ty)) => format!("list<{}>", words(resolve, ty)),
        (_, TypeDefKind::Option(ty)) => format!("option<{}>", words(resolve, ty)),
        (_, TypeDefKind::Result(result)) => match (&result.ok, &result.err) {
            (None, None) => "result".to_owned(),
            (ok, None) => format!("result<{}>", optional(ok)),
            (ok, err) => format!("result<{}, {}>", optional(ok), optional(err)),
        },
        (_, TypeDefKind::Tuple(tuple)) => {
            format!("tuple<{}>", tuple.types.iter().map(|ty| words(resolve, ty)).collect::<Vec<_>>().join(", "))
        }
        (_, TypeDefKind::Handle(Handle::Own(id))) => words(resolve, &Type::Id(*id)),
        (_, TypeDefKind::Handle(Handle::Borrow(id))) => format!("borrow<{}>", words(resolve, &Type::Id(*id))),
        (_, other) => other.as_str().to_owned(),
    }
}

/// A component's JavaScript, in a folder of its own that is there as long as this is.
#[derive(Debug)]
pub(crate) struct Script {
    pub(crate) path: PathBuf,
    _dir: TempDir,
}

/// Writes it with jco, which npm installs if needed.
pub(crate) fn transpile(root: &Path, component: &Path, name: &str) -> Result<Script> {
    let dir = tempfile::tempdir()?;
    npm_tools::transpile(&npm_tools::find_or_install(root)?, component, name, dir.path())?;
    Ok(Script { path: dir.path().join(name).with_extension("js"), _dir: dir })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{assert_has, table};

    /// What is exported by an interface with these types and functions.
    fn exports(wit: &str) -> Vec<Export> {
        let mut resolve = Resolve::default();
        let wit = format!("package a:b; interface i {{ {wit} }} world w {{ export i; }}");
        let package = resolve.push_str("it.wit", &wit).unwrap_or_else(|error| panic!("{error:?}: {wit}"));
        let interface = resolve.packages[package].interfaces["i"];
        resolve.interfaces[interface].functions.values().map(|function| export(&resolve, function)).collect()
    }

    /// A component with one function, `add`, and what else is given.
    fn component(more: &str) -> Vec<u8> {
        let wat = format!(
            r#"(component {more}
              (core module $m (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
              (core instance $i (instantiate $m))
              (func (export "add") (param "a" u32) (param "b" s8) (result u32) (canon lift (core func $i "add"))))"#
        );
        wat::parse_str(wat).unwrap()
    }

    /// Each row is a type, what hosts learn of it, and its least value.
    #[test]
    fn types_are_data() {
        let rows = r#"
            u64 | "u64" => "0"
            f32 | "f32" => "00000000"
            list<u8> | {"list":"u8"} => ""
            list<list<char>> | {"list":{"list":"char"}} => []
            tuple<bool, string> | {"tuple":["bool","string"]} => [false,""]
            point | {"record":[["the-x","s8"],["y",{"option":"u8"}]]} => {"the-x":0,"y":"none"}
            shape | {"variant":[["circle","f64"],["nothing",null]]} => {"circle":"0000000000000000"}
            named | {"variant":[["circle","f64"],["nothing",null]]} => {"circle":"0000000000000000"}
            color | {"enum":["red","blue"]} => "red"
            rights | {"flags":["read","write"]} => []
            result | {"result":[null,null]} => "ok"
            result<_, u8> | {"result":[null,"u8"]} => "ok"
            result<file, u8> | {"result":[{"own":"a:b/i#file"},"u8"]} => {"err":0}
            file | {"own":"a:b/i#file"} => null
            borrow<file> | {"borrow":"a:b/i#file"} => null
        "#;
        let types = "record point { the-x: s8, y: option<u8> } variant shape { circle(f64), nothing } type named = shape; \
                     enum color { red, blue } flags rights { read, write } resource file;";
        for (given, least) in table(rows) {
            let (wit, told) = given.split_once(" | ").unwrap();
            let export = exports(&format!("{types} f: func(v: {wit});")).remove(0);
            let ty = export.ty.unwrap()["params"][0].take();
            assert_eq!(ty.to_string(), told, "{wit}");
            assert_eq!(zero(&ty).unwrap_or_default().to_string(), least, "{wit}");
            assert_eq!(export.wit, format!("func(v: {wit})"));
        }
    }

    #[test]
    fn a_type_without_a_form_is_told() {
        assert_has(exports("f: func(v: stream<u8>);").remove(0).ty.unwrap_err(), "a stream has no form here");
        let doubled: String = (1..20).map(|n| format!("type t{n} = tuple<t{m}, t{m}>; ", m = n - 1)).collect();
        let large = exports(&format!("type t0 = u8; {doubled} f: func(v: t19);")).remove(0);
        assert_has(large.ty.unwrap_err(), "its types are too large");
    }

    /// `hello` with it has to be read by every host.
    #[test]
    fn a_type_that_is_too_deep_has_no_form() {
        let options = |deep: usize| format!("f: func(v: {}u8{});", "option<".repeat(deep), ">".repeat(deep));
        assert!(exports(&options(MOST_DEPTH - 1))[0].ty.is_ok());
        assert_eq!(exports(&options(MOST_DEPTH))[0].ty.clone().unwrap_err(), "its types are too large");
    }

    #[test]
    fn a_resource_from_elsewhere_is_an_import() {
        let resource = r#"(import "a:b/c" (instance (export "r" (type (sub resource)))))"#;
        assert_eq!(Shape::read(&component(resource)).unwrap().imports, ["a:b/c"]);
    }

    #[test]
    fn a_component_says_what_it_exports_and_imports() {
        let shape = Shape::read(&component("")).unwrap();
        assert_eq!(shape.types(), json!({"add": {"params": ["u32", "s8"], "result": "u32"}}));
        assert_eq!(shape.exports["add"].wit, "func(a: u32, b: s8) -> u32");
        assert!(shape.imports.is_empty());
        let env = r#"(import "wasi:cli/environment@0.2.0" (instance (export "f" (func))))"#;
        let none = r#"(import "a:b/types" (instance))"#;
        assert_eq!(Shape::read(&component(&format!("{env} {none}"))).unwrap().imports, ["wasi:cli/environment@0.2.0"]);
    }

    #[test]
    fn modules_and_components_cross_no_boundary_here() {
        let imports =
            r#"(import "m" (core module)) (import "c" (component)) (component (import "inner" (core module)))"#;
        assert_eq!(Shape::read(&component(imports)).unwrap().imports, ["the module m", "the component c"]);
        let exports = component(r#"(core module $e) (export "e" (core module $e))"#);
        assert_has(Shape::read(&exports).unwrap_err().to_string(), "it is a component that WIT has no words for");
    }

    #[test]
    fn no_component_panics() {
        let sound = component("");
        for at in 8..sound.len() {
            let mut broken = sound.clone();
            broken[at] ^= 0xff;
            let _ = Shape::read(&broken);
            let _ = Shape::read(&sound[..at]);
        }
    }
}

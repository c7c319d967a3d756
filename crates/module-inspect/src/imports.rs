//! What a module imports, whose that is, and what to do about it.

use std::collections::BTreeMap;

use serde::Serialize;
use wasmparser::{FuncType, TypeRef, ValType};

use crate::exports::word;

/// One import, in the module's order.
#[derive(Debug, Clone)]
pub struct Import {
    /// Where it is imported from.
    pub module: String,
    /// Its name there.
    pub name: String,
    /// Its type, by index if it is a function.
    pub ty: TypeRef,
    /// Of a function: its type, if it is known.
    pub func: Option<FuncType>,
}

impl Import {
    /// Such as `env.print`.
    pub fn name(&self) -> String {
        format!("{}.{}", word(&self.module), word(&self.name))
    }

    /// Such as `function`.
    pub const fn kind(&self) -> &'static str {
        match self.ty {
            TypeRef::Func(_) | TypeRef::FuncExact(_) => "function",
            TypeRef::Table(_) => "table",
            TypeRef::Memory(_) => "memory",
            TypeRef::Global(_) => "global",
            TypeRef::Tag(_) => "tag",
        }
    }

    /// Whether it is one.
    pub fn is_function(&self) -> bool {
        self.kind() == "function"
    }
}

/// Whose an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Owner {
    /// WASI preview 1.
    Wasi,
    /// WASI before preview 1.
    OldWasi,
    /// The glue of wasm-bindgen.
    WasmBindgen,
    /// Go's `wasm_exec.js`.
    Go,
    /// The loader of dynamic libraries.
    DynamicLinking,
    /// Built into JavaScript engines, such as `wasm:js-string`.
    JsBuiltins,
    /// Node-API.
    NodeApi,
    /// The loader of AssemblyScript.
    AssemblyScript,
    /// The glue of Emscripten.
    Emscripten,
    /// A memory that the host provides.
    Memory,
    /// Whatever else the module calls.
    Callbacks,
}

/// The module that WASI preview 1's functions are imported from.
pub const WASI: &str = "wasi_snapshot_preview1";
/// The same, before preview 1.
pub const OLD_WASI: &str = "wasi_unstable";

/// Names in `env` that only Emscripten's libraries import.
const EMSCRIPTEN: [&str; 10] = [
    "emscripten_",
    "_emscripten_",
    "_embind_",
    "_emval_",
    "invoke_",
    "__syscall_",
    "__cxa_",
    "__assert_fail",
    "_abort_js",
    "_tzset_js",
];

impl Owner {
    /// Whose `import` is.
    pub fn of(import: &Import) -> Self {
        let (module, name) = (import.module.as_str(), import.name.as_str());
        match module {
            WASI => Self::Wasi,
            OLD_WASI => Self::OldWasi,
            "wbg" => Self::WasmBindgen,
            "gojs" | "go" => Self::Go,
            "GOT.mem" | "GOT.func" => Self::DynamicLinking,
            _ if module.starts_with("__wbindgen") || name.starts_with("__wb") => Self::WasmBindgen,
            _ if module.starts_with("wasm:") => Self::JsBuiltins,
            _ if name.starts_with("napi_") => Self::NodeApi,
            "env"
                if ["__memory_base", "__table_base", "__stack_pointer", "__indirect_function_table"]
                    .contains(&name) =>
            {
                Self::DynamicLinking
            }
            "env" if name == "abort" && import.func.as_ref().is_some_and(|ty| ty.params() == [ValType::I32; 4]) => {
                Self::AssemblyScript
            }
            _ if module == "env" && EMSCRIPTEN.iter().any(|start| name.starts_with(start)) => Self::Emscripten,
            // Emscripten makes all names short: `a.b`.
            _ if module.len() == 1 && name.len() <= 2 => Self::Emscripten,
            _ if import.kind() == "memory" => Self::Memory,
            _ => Self::Callbacks,
        }
    }

    /// The name of the group, for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Wasi => "WASI preview 1",
            Self::OldWasi => "WASI before preview 1 (wasi_unstable)",
            Self::WasmBindgen => "wasm-bindgen",
            Self::Go => "Go's wasm_exec.js",
            Self::DynamicLinking => "dynamic linking",
            Self::JsBuiltins => "JavaScript's builtins",
            Self::NodeApi => "Node-API",
            Self::AssemblyScript => "AssemblyScript",
            Self::Emscripten => "Emscripten",
            Self::Memory => "a memory",
            Self::Callbacks => "the module's own",
        }
    }

    /// What to do about it, in one line.
    pub const fn advice(self) -> &'static str {
        match self {
            Self::Wasi => "run it on the rows that have WASI, or build them in: everyhost virtualize --wasi",
            Self::OldWasi => "most hosts lack the old name; build them in: everyhost virtualize --wasi",
            Self::WasmBindgen => {
                "its JavaScript provides them; if they are on error paths only, everyhost virtualize makes them trap"
            }
            Self::Go => "only Go's wasm_exec.js provides them; build with GOOS=wasip1 instead",
            Self::DynamicLinking => {
                "link it to a whole module; everyhost virtualize takes 0 for what is not declared, and makes the rest trap"
            }
            Self::JsBuiltins => "only JavaScript hosts have them; everyhost virtualize makes them trap",
            Self::NodeApi => "only JavaScript hosts have it, with emnapi; everyhost virtualize makes it trap",
            Self::AssemblyScript => {
                "it is called before a trap: everyhost virtualize makes it trap; or build with --use abort="
            }
            Self::Emscripten => {
                "its JavaScript provides them; if they are on error paths only, everyhost virtualize makes them trap; or build with -sSTANDALONE_WASM"
            }
            Self::Memory => "everyhost virtualize makes it, with the least size that the import asks for",
            Self::Callbacks => {
                "declare what they answer (hosts/IMPORTS.md), or everyhost virtualize --imports FILE.json"
            }
        }
    }
}

/// The imports by whose they are.
pub fn by_owner(imports: &[Import]) -> BTreeMap<Owner, Vec<&Import>> {
    let mut groups: BTreeMap<Owner, Vec<&Import>> = BTreeMap::new();
    for import in imports {
        groups.entry(Owner::of(import)).or_default().push(import);
    }
    groups
}

/// One line for each group, such as `WASI preview 1 (3): what to do`.
pub fn advice(imports: &[Import]) -> Vec<String> {
    let line =
        |(owner, group): (&Owner, &Vec<&Import>)| format!("{} ({}): {}", owner.title(), group.len(), owner.advice());
    by_owner(imports).iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::outline::Outline;

    fn owners(imports: &str) -> Vec<Owner> {
        let wasm = wat::parse_str(format!("(module {imports})")).unwrap();
        Outline::read(&wasm).imports.iter().map(Owner::of).collect()
    }

    #[test]
    fn the_names_say_whose_an_import_is() {
        assert_eq!(
            owners(
                r#"(import "wasi_snapshot_preview1" "fd_write" (func)) (import "wasi_unstable" "fd_write" (func))
                (import "wbg" "__wbg_new" (func)) (import "./it_bg.js" "__wbindgen_throw" (func))
                (import "gojs" "runtime.wasmExit" (func)) (import "GOT.mem" "x" (global (mut i32)))
                (import "env" "__memory_base" (global i32)) (import "wasm:js-string" "length" (func))"#
            ),
            [
                Owner::Wasi,
                Owner::OldWasi,
                Owner::WasmBindgen,
                Owner::WasmBindgen,
                Owner::Go,
                Owner::DynamicLinking,
                Owner::DynamicLinking,
                Owner::JsBuiltins
            ]
        );
        assert_eq!(
            owners(
                r#"(import "env" "abort" (func (param i32 i32 i32 i32))) (import "env" "abort" (func))
                (import "env" "invoke_vi" (func)) (import "a" "b" (func)) (import "env" "memory" (memory 1))
                (import "env" "napi_throw" (func)) (import "env" "on_header" (func (param i32)))"#
            ),
            [
                Owner::AssemblyScript,
                Owner::Callbacks,
                Owner::Emscripten,
                Owner::Emscripten,
                Owner::Memory,
                Owner::NodeApi,
                Owner::Callbacks
            ]
        );
    }
}

//! What a file is: who made it, and for which host.

use crate::exports::Exports;
use crate::imports::{Owner, by_owner};
use crate::outline::Outline;

/// Not a core module.
pub const COMPONENT: &str = "component";

/// By its header; a component has another layer than a core module.
pub fn is_component(wasm: &[u8]) -> bool {
    wasm.starts_with(b"\0asm") && wasm.get(6..8) == Some(&[1, 0])
}

/// Of a core module: the most particular that fits.
pub fn of(outline: &Outline, exports: &Exports) -> &'static str {
    let groups = by_owner(&outline.imports);
    let has = |owner| groups.contains_key(&owner);
    let custom = |start: &str| outline.customs.iter().any(|name| name.starts_with(start));
    let exported = |start: &str| exports.functions.iter().any(|function| function.export.starts_with(start));
    let wasi = |now: [&'static str; 2]| if exports.function("_start").is_some() { now[0] } else { now[1] };
    if custom("dylink") || has(Owner::DynamicLinking) {
        "dynamic library"
    } else if has(Owner::Go) {
        "Go for JavaScript (GOOS=js)"
    } else if has(Owner::WasmBindgen) || custom("__wasm_bindgen") || exported("__wbindgen_") {
        "wasm-bindgen"
    } else if has(Owner::Emscripten) || exported("emscripten_") || exported("_emscripten_") {
        "Emscripten"
    } else if has(Owner::Wasi) {
        wasi(["WASI command (preview 1)", "WASI reactor (preview 1)"])
    } else if has(Owner::OldWasi) {
        wasi(["WASI command (wasi_unstable, before preview 1)", "WASI reactor (wasi_unstable, before preview 1)"])
    } else if has(Owner::AssemblyScript) || exports.others.iter().any(|name| name == "__rtti_base") {
        "AssemblyScript"
    } else {
        "core module"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_particular_kind_is_told() {
        let kind = |inner: &str| {
            let wasm = wat::parse_str(format!("(module {inner})")).unwrap();
            of(&Outline::read(&wasm), &Exports::read(&wasm).unwrap())
        };
        let wasi = r#"(import "wasi_snapshot_preview1" "fd_write" (func))"#;
        assert_eq!(kind(""), "core module");
        assert_eq!(kind(r#"(import "env" "f" (func))"#), "core module");
        assert_eq!(kind(wasi), "WASI reactor (preview 1)");
        assert_eq!(kind(&format!(r#"{wasi} (func (export "_start"))"#)), "WASI command (preview 1)");
        assert_eq!(
            kind(r#"(import "wasi_unstable" "f" (func)) (func (export "_start"))"#),
            "WASI command (wasi_unstable, before preview 1)"
        );
        assert_eq!(kind(&format!(r#"{wasi} (import "env" "emscripten_resize_heap" (func))"#)), "Emscripten");
        assert_eq!(kind(r#"(import "env" "abort" (func (param i32 i32 i32 i32)))"#), "AssemblyScript");
        assert_eq!(kind(r#"(import "wbg" "f" (func))"#), "wasm-bindgen");
        assert_eq!(kind(r#"(func (export "__wbindgen_malloc"))"#), "wasm-bindgen");
        assert_eq!(kind(r#"(import "gojs" "f" (func))"#), "Go for JavaScript (GOOS=js)");
        assert_eq!(kind(r#"(import "GOT.func" "f" (global (mut i32)))"#), "dynamic library");
        assert_eq!(kind(r#"(@custom "dylink.0" "")"#), "dynamic library");
    }

    #[test]
    fn a_component_has_another_header() {
        assert!(is_component(b"\0asm\x0d\0\x01\0"));
        assert!(!is_component(b"\0asm\x01\0\0\0") && !is_component(b"\0asm") && !is_component(b""));
    }
}

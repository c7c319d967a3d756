//! What instances of the results do is tested on Node, in tests/runner/virtualize.rs.

use super::*;
use crate::fixture::assert_has;

fn made(wat: &str, declared: &str, wasi: Option<&Environment>) -> Result<(Vec<u8>, Done)> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("imports.json");
    std::fs::write(&path, declared).unwrap();
    virtualize(&wat::parse_str(wat).unwrap(), &declared::read(&path)?, wasi)
}

fn refused(wat: &str, declared: &str, wasi: bool) -> String {
    let environment = Environment::default();
    format!("{:#}", made(wat, declared, wasi.then_some(&environment)).unwrap_err())
}

#[test]
fn everything_that_can_be_imported_becomes_its_own() {
    let (standalone, done) = made(
        r#"(module
          (import "a" "f" (func (param i32 i64 f32 f64 v128 externref) (result i64 i32)))
          (import "a" "g" (func (param (ref null extern)) (result externref)))
          (import "a" "memory" (memory 1 2)) (import "a" "table" (table 1 externref))
          (import "a" "i" (global i32)) (import "a" "l" (global (mut i64))) (import "a" "x" (global f32))
          (import "a" "y" (global f64)) (import "a" "v" (global v128)) (import "a" "r" (global funcref))
          (import "a" "tag" (tag (param i32)))
          (func (export "f") (throw 0 (i32.const 1)))
          (elem declare func 0) (export "g" (func 1)) (start 2))"#,
        "[]",
        None,
    )
    .unwrap();
    let after = Outline::read(&standalone);
    assert!(after.imports.is_empty() && after.start == Some(2));
    assert_eq!(done.traps, ["a.f", "a.g"]);
    assert_eq!(done.zero_globals.len(), 6);
    assert_eq!(done.sizes, ["a.memory (1 page)", "a.table (1 element)"]);
    assert_eq!((done.tags, done.memory_export), (1, Some("memory")));
    let names = |wat: &str| made(wat, "[]", None).unwrap().1.memory_export;
    assert_eq!(names(r#"(module (import "a" "m" (memory 1)) (func (export "memory")))"#), Some("everyhost_memory"));
    assert_eq!(names(r#"(module (import "a" "m" (memory 1)) (export "m" (memory 0)))"#), None);
    assert_eq!(names("(module (memory 1))"), None);
}

/// Whatever is changed in a module: it is refused, or the result is valid.
#[test]
fn no_input_panics() {
    let wasm = wat::parse_str(
        r#"(module (import "env" "f" (func $f (param i32) (result i32))) (import "env" "memory" (memory 1 2))
          (import "env" "base" (global i32)) (import "env" "table" (table 1 funcref)) (elem (global.get 0) $f)
          (data (global.get 0) "hi") (func (export "g") (drop (call $f (i32.const 1)))) (start 1))"#,
    )
    .unwrap();
    for len in 0..wasm.len() {
        let _ = virtualize(&wasm[..len], &[], None);
    }
    for at in 8..wasm.len() {
        for byte in [0, 1, 0x40, 0x7f, 0x80, 0xff] {
            let mut changed = wasm.clone();
            changed[at] = byte;
            let _ = virtualize(&changed, &[], None);
        }
    }
}

#[test]
fn a_module_without_imports_stays_as_it_is() {
    let wat = r#"(module (func (export "f") (result i32) (i32.const 1)))"#;
    assert_eq!(made(wat, "[]", None).unwrap().0, wat::parse_str(wat).unwrap());
}

/// The first version of Wasm is enough for all that is added.
#[test]
fn nothing_newer_is_needed_than_before() {
    let wasi: String = ["fd_write", "args_get", "random_get", "clock_time_get", "path_open", "proc_exit"]
        .map(|name| {
            let params = match name {
                "fd_write" => "i32 i32 i32 i32",
                "clock_time_get" => "i32 i64 i32",
                "proc_exit" => "i32",
                _ => "i32 i32",
            };
            let result = if name == "proc_exit" { "" } else { "(result i32)" };
            format!(r#"(import "wasi_snapshot_preview1" "{name}" (func (param {params}) {result}))"#)
        })
        .concat();
    let environment = Environment { args: vec!["it".into(), "-v".into()], env: vec!["A=1".into()] };
    let declared = r#"[{"module":"m","name":"f","func":{"params":["i32","f64"],"results":["f32"]},
        "calls":[{"steps":[{"do":"read","ptr":{"var":"arg0"},"len":4},{"do":"load","ptr":{"var":"arg0","plus":4},"as":"p"},
            {"do":"write","ptr":{"var":"p"},"bytes":"00112233445566778899"},{"do":"grow","pages":1},{"do":"pages"}],
            "results":[{"f32":"7fc00001"}]},{"throw":"no"},{}]}]"#;
    let wat = format!(r#"(module {wasi} (import "m" "f" (func (param i32 f64) (result f32))) (memory 1))"#);
    let (standalone, done) = made(&wat, declared, Some(&environment)).unwrap();
    assert!(features::used_features(&standalone).is_empty());
    assert_eq!((done.declared, done.wasi, &done.no_sys[..]), (1, 5, &["wasi_snapshot_preview1.path_open".into()][..]));
}

#[test]
fn every_function_of_wasi_that_is_built_in_has_its_type() {
    let environment = Environment::default();
    for (name, params) in wasi::FUNCTIONS {
        let params: String = params.chars().map(|letter| if letter == 'i' { " i32" } else { " i64" }).collect();
        let result = if name == "proc_exit" { "" } else { "(result i32)" };
        let wat = format!(r#"(module (import "wasi_unstable" "{name}" (func (param{params}) {result})) (memory 1))"#);
        let (_, done) = made(&wat, "[]", Some(&environment)).unwrap();
        assert_eq!(done.wasi, 1, "{name}");
    }
    let other = r#"(module (import "wasi_unstable" "fd_write" (func (param i64) (result i32))) (memory 1))"#;
    assert_eq!(made(other, "[]", Some(&environment)).unwrap().1.no_sys.len(), 1);
}

#[test]
fn segments_get_the_room_that_they_need() {
    let wat = r#"(module (import "env" "memory" (memory 0)) (import "env" "table" (table 0 funcref))
        (import "env" "base" (global i32)) (func $f) (elem (global.get 0) $f)
        (data (i32.add (global.get 0) (i32.const 65536)) "a"))"#;
    let (standalone, done) = made(wat, r#"[{"module":"env","name":"base","global":{"i32":2}}]"#, None).unwrap();
    assert_eq!(done.sizes, ["env.memory (2 pages)", "env.table (3 elements)"]);
    assert_eq!(Outline::read(&standalone).memories[0].initial, 2);
}

#[test]
fn says_what_cannot_be_built_in() {
    let f = |steps: &str| {
        let declared = format!(
            r#"[{{"module":"m","name":"f","func":{{"params":["i64"]}},"calls":[{{}},{{"steps":[{steps}]}}]}}]"#
        );
        refused(r#"(module (import "m" "f" (func (param i64))) (memory 1))"#, &declared, false)
    };
    assert_has(f(r#"{"do":"call","export":"g"}"#), "m.f: calls[1]: steps[0]: it calls the guest");
    assert_has(f(r#"{"do":"pages"},{"do":"global","export":"g"}"#), "steps[1]: it reads an export");
    assert_has(f(r#"{"do":"read","ptr":{"var":"arg0"},"len":1}"#), "a pointer or a length that is built in is an i32");
    assert_has(f(r#"{"do":"read","ptr":{"var":"arg1"},"len":1}"#), r#"is named "arg1" ("as"); named so far: arg0"#);
    assert_has(f(r#"{"do":"read","ptr":{"i64":"1"},"len":1}"#), "a pointer or a length that is built in is an i32");
    assert_has(f(r#"{"do":"read","ptr":{"i32":1},"len":"nul"}"#), "it reads up to a zero byte");
    assert_has(f(r#"{"do":"write","ptr":{"i32":1},"bytes":{"repeat":"00","times":5000}}"#), "it writes 5000 bytes");

    let wasi = r#"(import "wasi_unstable" "proc_exit" (func (param i32)))"#;
    assert_has(refused(&format!("(module {wasi})"), "[]", true), "it has no memory");
    assert_has(refused(&format!("(module {wasi} (memory i64 1))"), "[]", true), "64-bit addresses");
    assert_has(
        refused(r#"(module (import "m" "f" (func)) (func (export "everyhost_calls")))"#, "[]", false),
        "it exports everyhost_calls itself",
    );
    assert_has(
        refused(r#"(module (import "m" "g" (global (ref extern))))"#, "[]", false),
        "m.g: a global of a reference that can't be null",
    );
    assert_has(refused(r#"(module (import "m" "t" (table 1 (ref extern))))"#, "[]", false), "m.t is a table of");
    let invalid = b"\0asm\x01\0\0\0\x01\x02\x01\x33";
    assert_has(format!("{:#}", virtualize(invalid, &[], None).unwrap_err()), "it is not a valid module");
}

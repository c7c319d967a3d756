//! The suite `wasi`: programs of WASI preview 1, each written as text in `wasi.txt`.
//!
//! A file starts with its flags. Each paragraph after them is a case: `ID [FLAGS] COMMENT`; the text of its program,
//! indented, or `the same program`; `in JSON`; and `expect JSON`. The program is the body of `_start`, in which `$fd_write` and
//! so on are WASI's functions; it may begin with fields of a module such as `(data …)`, a line each. Memory has one page. These are
//! there too:
//!
//! - `$put AT LEN`: writes bytes to stdout; `$put_i32 N`: 8 hex digits and a line end
//! - `$exit N`, `$path AT LEN` (opens it in folder 3 for reading and writing; traps if it can't), `$errno N` (exits with it)

use std::fmt::Write as _;

use vectors::model::{Expect, Face, Suite};
use vectors::ops::Op;
use vectors::wasi::Wasi;

use super::build::{self, headed};

/// WASI's functions that the programs call, with what each takes; all return an i32 but `proc_exit`.
const FUNCTIONS: &[(&str, &str)] = &[
    ("args_get", "i32 i32"),
    ("args_sizes_get", "i32 i32"),
    ("environ_get", "i32 i32"),
    ("environ_sizes_get", "i32 i32"),
    ("clock_res_get", "i32 i32"),
    ("clock_time_get", "i32 i64 i32"),
    ("fd_close", "i32"),
    ("fd_fdstat_get", "i32 i32"),
    ("fd_fdstat_set_flags", "i32 i32"),
    ("fd_filestat_get", "i32 i32"),
    ("fd_filestat_set_size", "i32 i64"),
    ("fd_pread", "i32 i32 i32 i64 i32"),
    ("fd_prestat_dir_name", "i32 i32 i32"),
    ("fd_prestat_get", "i32 i32"),
    ("fd_pwrite", "i32 i32 i32 i64 i32"),
    ("fd_read", "i32 i32 i32 i32"),
    ("fd_readdir", "i32 i32 i32 i64 i32"),
    ("fd_renumber", "i32 i32"),
    ("fd_seek", "i32 i64 i32 i32"),
    ("fd_sync", "i32"),
    ("fd_tell", "i32 i32"),
    ("fd_write", "i32 i32 i32 i32"),
    ("path_create_directory", "i32 i32 i32"),
    ("path_filestat_get", "i32 i32 i32 i32 i32"),
    ("path_filestat_set_times", "i32 i32 i32 i32 i64 i64 i32"),
    ("path_link", "i32 i32 i32 i32 i32 i32 i32"),
    ("path_open", "i32 i32 i32 i32 i32 i64 i64 i32 i32"),
    ("path_readlink", "i32 i32 i32 i32 i32 i32"),
    ("path_remove_directory", "i32 i32 i32"),
    ("path_rename", "i32 i32 i32 i32 i32 i32"),
    ("path_symlink", "i32 i32 i32 i32 i32"),
    ("path_unlink_file", "i32 i32 i32"),
    ("poll_oneoff", "i32 i32 i32 i32"),
    ("proc_exit", "i32"),
    ("random_get", "i32 i32"),
    ("sched_yield", ""),
    ("sock_shutdown", "i32 i32"),
];

/// Their text: 48 and what follows is theirs in memory, from 0 to 47.
const HELPERS: &[(&str, &str, &[&str])] = &[
    (
        "$put",
        "(func $put (param i32 i32) (i32.store (i32.const 0) (local.get 0)) (i32.store (i32.const 4) (local.get 1)) (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))",
        &["fd_write"],
    ),
    (
        "$put_i32",
        "(func $put_i32 (param $n i32) (local $at i32) (local.set $at (i32.const 24)) (loop $digit (local.set $at (i32.sub (local.get $at) (i32.const 1))) (i32.store8 (local.get $at) (i32.load8_u (i32.add (i32.const 28) (i32.and (local.get $n) (i32.const 15))))) (local.set $n (i32.shr_u (local.get $n) (i32.const 4))) (br_if $digit (i32.gt_u (local.get $at) (i32.const 16)))) (i32.store8 (i32.const 24) (i32.const 10)) (i32.store (i32.const 0) (i32.const 16)) (i32.store (i32.const 4) (i32.const 9)) (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)))) (data (i32.const 28) \"0123456789abcdef\")",
        &["fd_write"],
    ),
    ("$exit", "(func $exit (param i32) (call $proc_exit (local.get 0)) (unreachable))", &["proc_exit"]),
    (
        "$path",
        "(func $path (param i32 i32) (result i32) (if (call $path_open (i32.const 3) (i32.const 0) (local.get 0) (local.get 1) (i32.const 0) (i64.const 0x60006e) (i64.const 0) (i32.const 0) (i32.const 12)) (then (unreachable))) (i32.load (i32.const 12)))",
        &["path_open"],
    ),
];

pub(super) fn suite() -> Suite {
    read("wasi", Face::Probe, include_str!("wasi.txt"))
}

/// Cases that run a module of the workspace: the text has no programs.
pub(super) fn programs() -> Suite {
    read("wasi-programs", Face::WasiProgram, include_str!("wasi_programs.txt"))
}

/// # Panics
///
/// If the text is not as above.
fn read(name: &str, face: Face, text: &str) -> Suite {
    let mut paragraphs = text.trim_end().split("\n\n");
    let flags = build::flags(paragraphs.next().unwrap_or_default());
    let mut program = String::new();
    let cases = paragraphs.map(|paragraph| {
        let (head, body) = paragraph.split_once('\n').unwrap_or((paragraph, ""));
        let (indented, lines): (Vec<&str>, Vec<&str>) = body.lines().partition(|line| line.starts_with(' '));
        if !indented.is_empty() {
            program = module(&indented);
        }
        let (mut input, mut expect) = (Wasi::default(), None);
        for line in lines {
            match line.split_once(' ') {
                Some(("in", json)) => input = build::json(json),
                Some(("expect", json)) => expect = Some(build::json::<Expect>(json)),
                _ => assert_eq!(line, "the same program"),
            }
        }
        let parsed = || wat::parse_str(&program).unwrap_or_else(|error| panic!("{head}: {error}"));
        let wasm = (!program.is_empty()).then(|| parsed().into());
        headed(name, head, Op::Wasi(Wasi { wasm, ..input }), expect.unwrap_or_else(|| panic!("{head}: no expect")))
    });
    let cases = cases.collect();
    build::suite(
        name,
        face,
        build::made_here("WASI preview 1 (https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md)"),
        &flags,
        cases,
    )
}

/// The module of a program: only what it calls is imported, so that a host which lacks a function fails where it is about that.
fn module(lines: &[&str]) -> String {
    let is_field = |line: &&&str| line.trim_start().starts_with("(data") || line.trim_start().starts_with("(func");
    let fields: Vec<&str> = lines.iter().filter(is_field).copied().collect();
    let body: Vec<&str> = lines.iter().filter(|line| !is_field(line)).copied().collect();
    let mut text = format!("{}\n{}", fields.join("\n"), body.join("\n"));
    let mut helpers = String::new();
    for (name, code, calls) in HELPERS {
        if text.contains(&format!("{name} ")) {
            let _ = writeln!(helpers, "{code}");
            text += &calls.iter().map(|name| format!(" ;; ${name} ")).collect::<Vec<_>>().join("");
        }
    }
    let mut imports = String::new();
    for (name, params) in FUNCTIONS {
        if text.contains(&format!("${name} ")) || text.contains(&format!("${name})")) {
            let result = if *name == "proc_exit" { "" } else { "(result i32)" };
            let _ = writeln!(
                imports,
                "(import \"wasi_snapshot_preview1\" \"{name}\" (func ${name} (param {params}) {result}))"
            );
        }
    }
    let (fields, body) = (fields.join("\n"), body.join("\n"));
    format!(
        "(module\n{imports}(memory (export \"memory\") 1)\n{helpers}{fields}\n(func (export \"_start\") (local $n i32) (local $fd i32)\n{body}))"
    )
}

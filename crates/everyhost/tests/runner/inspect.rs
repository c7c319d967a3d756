//! `everyhost inspect`, with and without a workspace.

use std::fs;
use std::process::Command;

use serde_json::Value;

use crate::workspace::{Workspace, assert_code, assert_has, stderr, stdout};

const WAT: &str = r#"(module
  (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
  (memory (export "memory") 17)
  (func $wide (export "_start") (drop (i32.extend8_s (i32.const 1)))))"#;

#[test]
fn says_what_a_module_is_and_which_rows_run_it() {
    let gap = "[[gap]]\nrow = \"old\"\ncase = \"features/{simd,sign-extension}\"\nanswer = { error = \"MODULE_REFUSED\" }\nmatches = 2\nreason = \"it is of 2017\"\nlink = \"https://example.org\"\n";
    let workspace = Workspace::new().row("new", "good", "").row("old", "good", "").gaps(gap);
    let file = workspace.path().join("it.wasm");
    fs::write(&file, wat::parse_str(WAT).unwrap()).unwrap();
    let output = workspace.everyhost(&["inspect", file.to_str().unwrap()]);
    assert_code(&output, 0);
    let said = stdout(&output);
    for line in [
        "it.wasm: WASI command (preview 1), ",
        "\nfeatures  sign-ext, first in function 1 (wide)\n",
        "\nimports   WASI preview 1 (1): function wasi_snapshot_preview1.proc_exit\n            run it on the rows that have WASI",
        "\nmemories  exported as memory: 17 pages at first, no maximum\n",
        "\nexports   1 function: _start()\n          memory\n",
        "\nstart     nothing runs before the first call\n",
        "\nrows      virtualized: new\n          not: old (sign-ext: it is of 2017)\n",
    ] {
        assert_has(&said, line);
    }

    let output = workspace.everyhost(&["inspect", "--json", file.to_str().unwrap()]);
    let json: Value = serde_json::from_str(&stdout(&output)).unwrap();
    assert_eq!(json["kind"], "WASI command (preview 1)");
    assert_eq!(json["imports"][0]["owner"], "wasi");
    // What `virtualize --imports` takes.
    let declared = serde_json::to_vec(&json["imports"][0]["imports"]).unwrap();
    fs::write(workspace.path().join("imports.json"), declared).unwrap();
    let (path, alone) = (workspace.path().join("imports.json"), workspace.path().join("alone.wasm"));
    let (path, alone) = (path.to_str().unwrap(), alone.to_str().unwrap());
    let output = workspace.everyhost(&["virtualize", file.to_str().unwrap(), "-o", alone, "--imports", path]);
    assert_code(&output, 0);
    assert_has(stdout(&output), "as declared: 1 function");
    assert_eq!(json["rows"][1]["how"], "not");
    assert_eq!(json["features"][0]["first"], "function 1 (wide)");
}

#[test]
fn needs_no_workspace_and_refuses_what_is_no_wasm() {
    let home = tempfile::tempdir().unwrap();
    let inspect = |contents: &[u8]| {
        fs::write(home.path().join("it.wasm"), contents).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_everyhost"));
        command.args(["inspect", "it.wasm"]).current_dir(home.path()).env_remove("EVERYHOST_ROOT").output().unwrap()
    };
    let output = inspect(&wat::parse_str(WAT).unwrap());
    assert_code(&output, 0);
    assert_has(stdout(&output), "rows      no workspace here");
    let output = inspect(b"\0asm\x0d\0\x01\0");
    assert_code(&output, 0);
    assert_has(stdout(&output), "it.wasm: component, 8 bytes\nimports   none\nexports   none");
    let output = inspect(b"\0asm\x0d\0\x01\0\xff");
    assert_code(&output, 2);
    assert_has(stderr(&output), "it.wasm: it is a component that is not sound");
    let output = inspect(b"hello");
    assert_code(&output, 2);
    assert_has(stderr(&output), "it.wasm: it is not a Wasm module");
}

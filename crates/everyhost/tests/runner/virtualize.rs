//! `everyhost virtualize`: what the modules that it makes do on Node.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::workspace::{assert_code, assert_has, stderr, stdout};

/// Reads a log as `import(args)`, and a buffer as text.
const HELPERS: &str = r#"
const log = () => Array.from({ length: Math.min(e.everyhost_calls(), 64) }, (_, n) =>
    `${e.everyhost_call(n)}(${e.everyhost_call_arg(n, 0)},${e.everyhost_call_arg(n, 1)})`).join(" ");
const text = (name) => Buffer.from(Array.from({ length: e[`everyhost_${name}_len`]() }, (_, i) => e[`everyhost_${name}`](i))).toString();
const traps = (call) => { try { call(); return false; } catch (error) { return error instanceof WebAssembly.RuntimeError; } };
"#;

struct Home(TempDir);

impl Home {
    /// With this module as it.wasm.
    fn new(wat: &str) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::write(home.path("it.wasm"), wat::parse_str(wat).unwrap()).unwrap();
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Outside of any workspace.
    fn virtualize(&self, more: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_everyhost"));
        command.args(["virtualize", "it.wasm", "-o", "out/alone.wasm"]).args(more);
        command.current_dir(self.0.path()).env_remove("EVERYHOST_ROOT").env("NO_COLOR", "1").output().unwrap()
    }

    /// What the script prints; `e` are the exports of an instance without imports.
    fn node(&self, script: &str) -> String {
        let start = "const e = new WebAssembly.Instance(new WebAssembly.Module(require('fs').readFileSync('out/alone.wasm'))).exports;";
        let mut command = Command::new("node");
        let output = command.args(["--eval", &format!("{start}{HELPERS}{script}")]).current_dir(self.0.path());
        let output = output.output().unwrap();
        assert!(output.status.success(), "{}", stderr(&output));
        stdout(&output).trim_end().into()
    }
}

#[test]
fn what_is_not_declared_traps_when_it_is_called() {
    let home = Home::new(
        r#"(module (import "env" "memory" (memory 2)) (import "env" "fail" (func $fail (param f64)))
          (import "env" "base" (global $base i32)) (global $next i32 (global.get $base))
          (data (global.get $base) "hi")
          (func (export "run") (param i32) (result i32)
            (if (local.get 0) (then (call $fail (f64.const 1.5)))) (i32.load8_u (global.get $next))))"#,
    );
    let output = home.virtualize(&[]);
    assert_code(&output, 0);
    assert_has(
        stdout(&output),
        "bytes, without imports\n  traps when called: 1 function\n  its memory is exported as memory\n",
    );
    let said = stderr(&output);
    assert_has(&said, "everyhost: not declared, so they trap when called: env.fail\n");
    assert_has(&said, "everyhost: not declared, so they are 0: env.base\n");
    assert_has(&said, "least size that the module asks for: env.memory (2 pages)\n");
    // The log outlives the trap: bits of 1.5.
    let script =
        "console.log(e.run(0), log(), traps(() => e.run(1)), log(), e.everyhost_call(1), e.everyhost_call(-1))";
    assert_eq!(home.node(script), "104  true 1(4609434218613702656,0) -1 -1");
}

#[test]
fn what_is_declared_is_done_call_by_call() {
    let home = Home::new(
        r#"(module (import "env" "ask" (func $ask (param i32 i32) (result i32)))
          (import "env" "pi" (global $pi f32)) (import "env" "note" (func $note (param i64)))
          (import "env" "twice" (func $twice (param i64 f64) (result f64 i64)))
          (memory (export "memory") 1) (data (i32.const 16) "hello") (data (i32.const 32) "\10\00\00\00")
          (func (export "ask") (param i32 i32) (result i32) (call $note (i64.const -1)) (call $ask (local.get 0) (local.get 1)))
          (func (export "swap") (result i64) (local i64) (local.set 0 (call $twice (i64.const 1) (f64.const 0.5))) (drop) (local.get 0))
          (func (export "pi") (result f32) (global.get $pi)))"#,
    );
    let declared = r#"[
      {"module":"env","name":"ask","func":{"params":["i32","i32"],"results":["i32"]},"calls":[
        {"steps":[{"do":"read","ptr":{"var":"arg0"},"len":{"var":"arg1"}},{"do":"write","ptr":{"var":"arg0","plus":1},"bytes":"616263646566676869"}],"results":[{"i32":7}]},
        {"steps":[{"do":"load","ptr":{"i32":32},"as":"p"},{"do":"read","ptr":{"var":"p"},"len":3},{"do":"read","ptr":{"i32":65535},"len":2}],"results":[{"var":"p","plus":-6}]},
        {"throw":"enough"},
        {}]},
      {"module":"env","name":"note","func":{"params":["i64"]}},
      {"module":"env","name":"twice","func":{"params":["i64","f64"],"results":["f64","i64"]},"calls":[{"results":[{"var":"arg1"},{"var":"arg0","plus":-3}]}]},
      {"module":"env","name":"pi","global":{"f32":"40490fdb"}},
      {"module":"env","name":"other","memory":{"min":1}}]"#;
    fs::write(home.path("imports.json"), declared).unwrap();
    let output = home.virtualize(&["--imports", "imports.json"]);
    assert_code(&output, 0);
    assert_has(stdout(&output), "  as declared: 3 functions");
    assert_eq!(stderr(&output), "everyhost: declared, and not imported by the module: env.other\n");
    let script = "console.log(e.ask(16, 5), e.ask(1, 2), traps(() => e.ask(0, 0)), e.ask(0, 0), e.ask(0, 0), e.pi().toFixed(4));
      console.log(text('read'), Buffer.from(e.memory.buffer, 16, 10).toString(), e.everyhost_calls());
      console.log(log().split(' ').slice(0, 4).join(' '));
      for (let n = 0; n < 100; n++) e.ask(1, n);
      console.log(e.everyhost_calls(), e.everyhost_call(63), e.everyhost_call_arg(63, 1), e.everyhost_call(64), e.everyhost_call_arg(64, 1), e.everyhost_call_arg(63, 2), e.everyhost_call_arg(63, -1), e.swap())";
    let said = home.node(script);
    let lines: Vec<&str> = said.lines().collect();
    assert_eq!(lines[..2], ["7 10 true 0 0 3.1416", "hellohab habcdefghi 10"]);
    // Bits are signed in JavaScript.
    assert_eq!(lines[2], "2(-1,0) 0(16,5) 2(-1,0) 0(1,2)");
    assert_eq!(lines[3], "210 0 26n -1 0n 0n 0n -2n");
}

#[test]
fn a_wasi_program_runs_without_a_system() {
    let home = Home::new(
        r#"(module
          (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "args_get" (func $args (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "environ_get" (func $env (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "clock_time_get" (func $clock (param i32 i64 i32) (result i32)))
          (import "wasi_snapshot_preview1" "random_get" (func $random (param i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "fd_read" (func $read (param i32 i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "path_unlink_file" (func $unlink (param i32 i32 i32) (result i32)))
          (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
          (memory (export "memory") 1) (data (i32.const 0) "\40\00\00\00\08\00\00\00\48\00\00\00\04\00\00\00")
          (func (export "_start")
            (drop (call $args_sizes (i32.const 200) (i32.const 204)))
            (drop (call $args (i32.const 208) (i32.const 64))) ;; "it\0", "--verbose\0"
            (drop (call $env (i32.const 220) (i32.const 100)))
            (drop (call $write (i32.const 1) (i32.const 0) (i32.const 2) (i32.const 300)))
            (drop (call $write (i32.const 2) (i32.const 8) (i32.const 1) (i32.const 304)))
            (call $exit (i32.add (i32.load (i32.const 300)) (call $unlink (i32.const 0) (i32.const 0) (i32.const 0)))))
          (func (export "print") (drop (call $write (i32.const 1) (i32.const 0) (i32.const 2) (i32.const 300))))
          (func (export "bad_fd") (result i32) (call $write (i32.const 0) (i32.const 0) (i32.const 2) (i32.const 300)))
          (func (export "eof") (result i32) (drop (call $read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 300))) (i32.load (i32.const 300)))
          (func (export "time") (result i64) (drop (call $clock (i32.const 0) (i64.const 0) (i32.const 400))) (i64.load (i32.const 400)))
          (func (export "random") (result i64) (drop (call $random (i32.const 400) (i32.const 8))) (i64.load (i32.const 400))))"#,
    );
    let output = home.virtualize(&["--wasi", "--arg", "it", "--arg", "--verbose", "--env", "A=1"]);
    assert_code(&output, 0);
    assert_has(stderr(&output), "not built in, so they answer ENOSYS: wasi_snapshot_preview1.path_unlink_file");
    let script = "console.log(e.everyhost_exit_code(), traps(() => e._start()), e.everyhost_exit_code());
      console.log(JSON.stringify([text('stdout'), text('stderr')]), e.everyhost_stdout(11));
      const memory = new DataView(e.memory.buffer);
      console.log([200, 204, 208, 212, 220].map((at) => memory.getUint32(at, true)).join(), Buffer.from(e.memory.buffer, 100, 4).toString('hex'));
      console.log(e.bad_fd(), e.eof(), e.time(), e.time(), e.random() !== e.random());
      for (let n = 0; n < 500; n++) e.print();
      console.log(e.everyhost_stdout_len(), e.everyhost_stdout(4095), e.everyhost_stdout(4096));";
    let expected = "-1 true 64
[\"it\\u0000--verbose\",\"bose\"] 101
2,13,64,67,100 413d3100
8 0 1000000000000000000n 1000000000001000000n true
6012 45 -1";
    assert_eq!(home.node(script), expected);
    // The same each time.
    assert_eq!(home.node("console.log(e.random())"), home.node("console.log(e.random())"));
}

#[test]
fn says_what_is_wrong_and_writes_nothing() {
    let home = Home::new(r#"(module (import "env" "f" (func (param i32))))"#);
    let refused = |more: &[&str]| {
        let output = home.virtualize(more);
        assert_code(&output, 2);
        assert!(!home.path("out").exists(), "something was written");
        stderr(&output)
    };
    fs::write(home.path("imports.json"), r#"[{"module":"env","name":"f","func":{"params":["f32"]}}]"#).unwrap();
    assert_has(
        refused(&["--imports", "imports.json"]),
        "it.wasm: env.f is declared as (f32) -> (), and the module imports it as (i32) -> ()",
    );
    assert_has(refused(&["--imports", "none.json"]), "none.json");
    assert_has(refused(&["--arg", "x"]), "--wasi");
    assert_has(refused(&["--wasi", "--env", "A"]), "--env A: a variable is given as NAME=VALUE");
    assert_has(refused(&["--wasi"]), "it.wasm: it has no memory, which WASI");
    fs::write(home.path("it.wasm"), b"\0asm\x0d\0\x01\0").unwrap();
    assert_has(refused(&[]), "it.wasm: it is a component");
    fs::write(home.path("it.wasm"), b"\0asm\x01\0\0\0\x01\x02\x01\x33").unwrap();
    assert_has(refused(&[]), "it.wasm: it is not a valid module");
}

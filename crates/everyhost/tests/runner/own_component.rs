//! Components that are not of the workspace, in a folder elsewhere, on the Node host.

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::{Command, Output};

use tempfile::TempDir;

use crate::workspace::{Workspace, assert_code, assert_has, stderr, stdout};

const REPO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

const OPS: &str = "ops = [\"raw\", \"component\"]\nglue = true\ncomponent = \"whole\"";

/// `half` traps if there is a remainder.
const CALC: &str = r#"(component MORE
  (core module $m
    (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
    (func (export "half") (param i32) (result i32)
      (if (i32.and (local.get 0) (i32.const 1)) (then unreachable))
      (i32.shr_u (local.get 0) (i32.const 1))))
  (core instance $i (instantiate $m))
  (func (export "add") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add")))
  (func (export "half-of") (param "n" u32) (result u32) (canon lift (core func $i "half"))))"#;

struct User {
    workspace: Workspace,
    home: TempDir,
}

impl User {
    fn new() -> Self {
        let adapter = format!("\"node\", {:?}", Path::new(REPO).join("hosts/node/adapter.mjs"));
        let workspace = Workspace::new().row_with("node", &adapter, "\"node\", \"--version\"", OPS).row(
            "bad",
            "good",
            "ops = [\"raw\"]",
        );
        let user = Self { workspace, home: tempfile::tempdir().unwrap() };
        user.write_component("");
        user
    }

    fn write_component(&self, more: &str) {
        fs::write(self.home.path().join("calc.wasm"), wat::parse_str(CALC.replace("MORE", more)).unwrap()).unwrap();
    }

    /// That which `make modules` has installed.
    fn get_jco(&self) {
        let tools = Path::new(REPO).join("target/tools");
        assert!(tools.join("npm").is_dir(), "jco is needed: make modules");
        symlink(tools, self.workspace.path().join("target/tools")).unwrap();
    }

    fn everyhost(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_everyhost"));
        command.args(args).current_dir(self.home.path());
        command.env("EVERYHOST_ROOT", self.workspace.path());
        command.env_remove("CI").env("NO_COLOR", "1");
        command
    }

    /// Before all others on PATH: an npm without a network.
    fn path_without_npm(&self) -> String {
        let npm = self.home.path().join("bin/npm");
        fs::create_dir(npm.parent().unwrap()).unwrap();
        fs::write(&npm, "#!/bin/sh\necho no network >&2\nexit 1\n").unwrap();
        fs::set_permissions(&npm, Permissions::from_mode(0o755)).unwrap();
        format!("{}:{}", npm.parent().unwrap().display(), env::var("PATH").unwrap())
    }
}

const RUN: [&str; 5] = ["run", "--module", "calc.wasm", "--vectors", "vectors"];

#[test]
fn its_exports_are_recorded_and_run() {
    let user = User::new();
    user.get_jco();
    let output = user.everyhost(&["new", "vectors", "calc.wasm"]);
    assert_code(&output, 0);
    assert_has(stdout(&output), "calc: not run on bad: no components there");
    assert_has(stdout(&output), "wrote vectors/calc.json: 2 cases");
    let written = fs::read_to_string(user.home.path().join("vectors/calc.json")).unwrap();
    assert_has(&written, r#""comment":"func(a: u32, b: u32) -> u32: recorded from"#);
    let written = written.replace(r#""args":[0,0]"#, r#""args":[2,3]"#).replace(r#""args":[0]"#, r#""args":[7]"#);
    fs::write(user.home.path().join("vectors/calc.json"), &written).unwrap();
    let output = user.everyhost(&RUN);
    assert_code(&output, 1);
    assert_has(stdout(&output), "differs  ok.steps[0].ok.result: expected 0, actual 5");
    assert_has(stdout(&output), r#""trap":true}]}}"#);
    let sum = written.replacen(r#"{"result":0}"#, r#"{"result":5}"#, 1);
    let right = sum.replace(r#"{"ok":{"result":0}}"#, r#"{"trap":true}"#);
    fs::write(user.home.path().join("vectors/calc.json"), right).unwrap();
    let output = user.everyhost(&RUN);
    assert_code(&output, 0);
    assert_has(stdout(&output), "2 right, 0 known gaps, 0 red");
    assert_has(stderr(&output), "calc: not run on bad: no components there");
}

/// A component in a component, and an interface without a package.
const COMPOSED: &str = r#"(component
  (component $inner
    (core module $m (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1))))
    (core instance $i (instantiate $m))
    (func (export "add-up") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add"))))
  (instance $c (instantiate $inner))
  (export "sum-of" (func $c "add-up"))
  (export "with-sums" (instance $c)))"#;

#[test]
fn one_that_is_composed_runs() {
    let user = User::new();
    user.get_jco();
    fs::write(user.home.path().join("calc.wasm"), wat::parse_str(COMPOSED).unwrap()).unwrap();
    assert_has(stdout(&user.everyhost(&["new", "vectors", "calc.wasm"])), "wrote vectors/calc.json: 2 cases");
    let written = fs::read_to_string(user.home.path().join("vectors/calc.json")).unwrap();
    assert_has(&written, r#""export":"with-sums#add-up""#);
    let right = written.replace(r#""args":[0,0]"#, r#""args":[2,3]"#).replace(r#"{"result":0}"#, r#"{"result":5}"#);
    fs::write(user.home.path().join("vectors/calc.json"), right).unwrap();
    let output = user.everyhost(&RUN);
    assert_code(&output, 0);
    assert_has(stdout(&output), "2 right, 0 known gaps, 0 red");
}

#[test]
fn rows_of_javascript_need_jco_and_no_other_does() {
    let user = User::new();
    fs::create_dir(user.home.path().join("vectors")).unwrap();
    let case = r#"{"schema":"everyhost/vectors/1","suite":"calc","face":"own","count":1,"source":{"name":"me","licence":"mine"},
        "cases":[{"id":"calc/add","op":"component","in":{"steps":[]},"expect":{"ok":{"steps":[]}}}]}"#;
    fs::write(user.home.path().join("vectors/calc.json"), case).unwrap();
    let path = user.path_without_npm();
    let output = user.command(&RUN).env("PATH", &path).output().unwrap();
    assert_has(
        stderr(&output),
        "calc: not run on node: JavaScript runs a component through what jco writes for it: npm",
    );
    assert_has(stderr(&output), "no network");
    assert_has(stderr(&output), "nothing ran");
    let output = user.command(&[&RUN[..], &["--host", "bad"]].concat()).env("PATH", &path).output().unwrap();
    assert!(!stderr(&output).contains("jco"), "{}", stderr(&output));
    let output = user.command(&["new", "other", "calc.wasm"]).env("PATH", &path).output().unwrap();
    assert_code(&output, 2);
    assert_has(stderr(&output), "node cannot run calc: JavaScript runs a component through what jco writes for it");
}

#[test]
fn one_that_imports_something_is_refused_and_inspected() {
    let user = User::new();
    user.write_component(r#"(import "wasi:cli/environment@0.2.0" (instance (export "get-arguments" (func))))"#);
    fs::create_dir(user.home.path().join("vectors")).unwrap();
    let output = user.everyhost(&RUN);
    assert_code(&output, 2);
    assert_has(
        stderr(&output),
        "calc.wasm: it is a component that imports wasi:cli/environment@0.2.0: here only those run",
    );
    let output = user.everyhost(&["inspect", "calc.wasm"]);
    assert_code(&output, 0);
    let said = stdout(&output);
    assert_has(&said, "imports   wasi:cli/environment@0.2.0\nexports   add: func(a: u32, b: u32) -> u32\n");
    assert_has(&said, "half-of: func(n: u32) -> u32\n");
    assert_has(&said, "not: node (nothing provides wasi:cli/environment@0.2.0)");
    assert_has(&said, "not: bad (no components there)");
}

//! Modules that are not of the workspace: the example of docs/listings/bring-your-own, as a user would have it, in a
//! folder elsewhere, on the Node host.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;

use crate::workspace::{Workspace, assert_code, assert_follows_schema, assert_has, stderr, stdout};

const REPO: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../..");

const RAW: &str = r#"ops = ["raw", "raw_memory_limit", "raw_deadline", "raw_module", "raw_imports"]"#;

/// A folder of a user's, with the example, and a workspace somewhere else whose one row is the Node host.
struct User {
    workspace: Workspace,
    home: TempDir,
}

impl User {
    fn new() -> Self {
        Self::of(Workspace::new())
    }

    /// With what rows the workspace has already.
    fn of(workspace: Workspace) -> Self {
        let adapter = format!("\"node\", {:?}", Path::new(REPO).join("hosts/node/adapter.mjs"));
        let workspace = workspace.row_with("node", &adapter, "\"node\", \"--version\"", RAW);
        let user = Self { workspace, home: tempfile::tempdir().unwrap() };
        let listing = Path::new(REPO).join("docs/listings/bring-your-own");
        fs::create_dir(user.path("vectors")).unwrap();
        for file in ["checksum.c", "build.sh", "vectors/checksum.json"] {
            fs::copy(listing.join(file), user.path(file)).unwrap();
        }
        user
    }

    fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    fn build(&self) {
        let built = Command::new(self.path("build.sh")).status().unwrap();
        assert!(built.success(), "clang and wasm-ld are needed: apt-get install clang lld");
    }

    fn everyhost(&self, args: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_everyhost"));
        command.args(args).current_dir(self.home.path());
        command.env("EVERYHOST_ROOT", self.workspace.path());
        command.env_remove("CI").env("NO_COLOR", "1").output().unwrap()
    }

    fn run(&self) -> Output {
        self.everyhost(&["run", "--module", "checksum.wasm", "--vectors", "vectors"])
    }

    fn report(&self) -> Value {
        let json = fs::read(self.path("everyhost-report/report.json")).unwrap();
        let report = serde_json::from_slice(&json).unwrap();
        assert_follows_schema(&report);
        report
    }

    /// What is said where it is refused.
    fn refused(&self, args: &[&str]) -> String {
        let output = self.everyhost(args);
        assert_code(&output, 2);
        assert!(!self.path("everyhost-report").exists(), "something ran");
        stderr(&output)
    }
}

#[test]
fn a_module_in_c_is_green() {
    let user = User::new();
    user.build();
    let output = user.run();
    assert_code(&output, 0);
    assert_has(stdout(&output), "8 right, 0 known gaps, 0 red");
    let report = user.report();
    assert_eq!(report["modules"][0]["name"], "checksum");
    assert_eq!(report["rows"][0]["loaded"]["checksum"]["sha256"], report["modules"][0]["sha256"]);
}

#[test]
fn init_writes_what_run_needs_and_nothing_over() {
    let user = User::new();
    user.build();
    let init = ["init", "checksum.wasm", "--host", "node"];
    assert_has(user.refused(&init), "vectors/checksum.json exists; it is not written over");
    assert!(!user.path("everyhost.toml").exists());
    fs::remove_dir_all(user.path("vectors")).unwrap();
    assert_code(&user.everyhost(&init), 0);
    let output = user.everyhost(&["run"]);
    assert_code(&output, 0);
    assert_has(stdout(&output), "0 red");
    assert_eq!(user.report()["rows"].as_array().unwrap().len(), 1);
    let workflow = fs::read_to_string(user.path(".github/workflows/everyhost.yml")).unwrap();
    assert_has(workflow, concat!("pipx install everyhost==", env!("CARGO_PKG_VERSION")));
    fs::remove_dir_all(user.path("vectors")).unwrap();
    assert_has(stderr(&user.everyhost(&init)), "everyhost.toml exists");
}

#[test]
fn a_broken_one_fails_legibly() {
    let user = User::new();
    let source = fs::read_to_string(user.path("checksum.c")).unwrap();
    fs::write(user.path("checksum.c"), source.replace("0xEDB88320u", "0x82F63B78u")).unwrap();
    user.build();
    let output = user.run();
    let said = stdout(&output);
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert_has(&said, "fail checksum/check on node with checksum");
    assert_has(&said, r#"differs  ok.steps[2].ok.results[0].i32: expected -873187034, actual -486108541"#);
    let again = format!("again    {} --root ", env!("CARGO_BIN_EXE_everyhost"));
    assert_has(&said, &again);
    assert_has(&said, "run --host node --module checksum.wasm --case checksum/check --vectors vectors");
    assert_eq!(user.report()["verdicts"]["fail"], 4);
}

#[test]
fn known_gaps_stand_beside_the_vectors() {
    let user = User::new();
    user.build();
    let text = fs::read_to_string(user.path("vectors/checksum.json")).unwrap();
    fs::write(user.path("vectors/checksum.json"), text.replace("-873187034", "5")).unwrap();
    let gap = "[[gap]]\nrow = \"node\"\ncase = \"checksum/check\"\nanswer = { ok = { steps = [{ ok = { results = [{ i32 = 1024 }] } }, { ok = {} }, { ok = { results = [{ i32 = -873187034 }] } }] } }\nmatches = 1\nreason = \"it is right\"\nlink = \"https://example.org\"\n";
    fs::write(user.path("vectors/known-gaps.toml"), gap.replace("\"node\"", "\"nodes\"")).unwrap();
    let refused = user.refused(&["run", "--module", "checksum.wasm", "--vectors", "vectors"]);
    assert_has(&refused, "vectors/known-gaps.toml: row \"nodes\", case \"checksum/check\": hosts.toml has no such row");
    fs::write(user.path("vectors/known-gaps.toml"), gap).unwrap();
    let output = user.run();
    assert_code(&output, 0);
    assert_has(stdout(&output), "7 right, 1 known gap, 0 red");
}

const BOUND: &str = r#"{"schema":"everyhost/vectors/1","suite":"old","face":"own","module":"old","count":1,
    "source":{"name":"this test","licence":"MIT"},
    "cases":[{"id":"old/len","op":"raw","in":{"steps":[{"do":"call","export":"buffer_len"}]},
        "expect":{"ok":{"steps":[{"ok":{"results":[{"i32":4096}]}}]}}}]}"#;

/// One build is right, the other is not; a third hangs, and holds up none of them.
#[test]
fn several_modules_are_columns_of_one_run() {
    let user = User::new();
    user.build();
    let source = fs::read_to_string(user.path("checksum.c")).unwrap();
    fs::rename(user.path("checksum.wasm"), user.path("right.wasm")).unwrap();
    fs::write(user.path("checksum.c"), source.replace("0xEDB88320u", "0x82F63B78u")).unwrap();
    user.build();
    let other = BOUND.replace("\"module\":\"old\",", "").replace("buffer_len", "none");
    fs::write(user.path("vectors/old.json"), other).unwrap();
    let run = |modules: &[&str], more: &[&str]| {
        let modules = modules.iter().flat_map(|module| ["--module", module]);
        let words: Vec<&str> =
            ["run", "--vectors", "vectors"].into_iter().chain(modules).chain(more.iter().copied()).collect();
        user.everyhost(&words)
    };
    let unfit = run(&["right.wasm", "checksum.wasm"], &[]);
    assert_code(&unfit, 2);
    assert_has(stderr(&unfit), "case old/len, module right: in.steps[0]: the module has no function none");
    assert_has(stderr(&unfit), "says so in its head: \"module\":\"NAME\"");
    fs::write(user.path("vectors/old.json"), BOUND).unwrap();
    let refused = run(&["right.wasm", "checksum.wasm"], &[]);
    assert_code(&refused, 2);
    assert_has(
        stderr(&refused),
        "suite \"old\" is about the module \"old\", and this run has right, checksum: add --module old=FILE.wasm, or choose",
    );
    let twice = run(&["right.wasm", "./right.wasm"], &[]);
    assert_code(&twice, 2);
    assert_has(
        stderr(&twice),
        "both called right: give one of them another name, such as --module right-2=./right.wasm",
    );

    let output = run(&["old=right.wasm", "new=checksum.wasm"], &[]);
    assert_eq!(output.status.code(), Some(1), "{}", stderr(&output));
    assert_has(stdout(&output), "fail checksum/check on node with new");
    assert_has(stdout(&output), "run --host node --module 'new=checksum.wasm' --case checksum/check --vectors vectors");
    let report = user.report();
    let names: Vec<&Value> = report["modules"].as_array().unwrap().iter().map(|module| &module["name"]).collect();
    assert_eq!(names, ["old", "new"]);
    let count = |module: &str, verdict: &str| {
        let cells = report["matrix"].as_array().unwrap();
        cells.iter().find(|cell| cell["module"] == module).unwrap()["verdicts"][verdict].clone()
    };
    assert_eq!((count("old", "pass"), count("new", "pass"), count("new", "fail")), (9.into(), 4.into(), 4.into()));
    assert_has(stdout(&output), "right on node with old");
    let again = run(&["new=checksum.wasm"], &["--case", "checksum/check"]);
    assert_code(&again, 1);

    let gaps = |text: &str| fs::write(user.path("vectors/known-gaps.toml"), text).unwrap();
    // An entry without a module counts a case once, whether one module runs it or two.
    let entries = "[[gap]]\nrow = \"node\"\ncase = \"checksum/*\"\nanswer = { error = \"NO_EXPORT\" }\nmatches = 8\nreason = \"r\"\nlink = \"https://example.org\"\n";
    gaps(entries);
    assert!(!stdout(&run(&["old=right.wasm", "new=checksum.wasm"], &[])).contains("on record to match"));
    fs::remove_file(user.path("vectors/known-gaps.toml")).unwrap();

    fs::write(user.path("hangs.wasm"), wat::parse_str("(module (func $f (loop (br 0))) (start $f))").unwrap()).unwrap();
    fs::remove_file(user.path("vectors/checksum.json")).unwrap();
    let output = run(&["hangs.wasm", "old=right.wasm"], &["--timeout", "2"]);
    assert_code(&output, 0);
    let text = fs::read_to_string(user.path("vectors/old.json")).unwrap();
    fs::write(
        user.path("vectors/old.json"),
        text.replace("\"module\":\"old\",", "")
            .replace("buffer_len", "none")
            .replace(r#"{"ok":{"results":[{"i32":4096}]}}"#, r#"{"error":"NO_EXPORT"}"#),
    )
    .unwrap();
    let output = run(&["hangs.wasm", "old=right.wasm"], &["--timeout", "2"]);
    assert_code(&output, 1);
    assert_has(stdout(&output), "no instance in 2 s: does the module's start function end?");
    assert_eq!(user.report()["verdicts"], serde_json::json!({"pass": 1, "timeout": 1}));
}

#[test]
fn a_trace_tells_each_step_and_is_of_few_cases() {
    let user = User::new();
    user.build();
    let trace = |case: &str| {
        user.everyhost(&["run", "--module", "checksum.wasm", "--vectors", "vectors", "--trace", "--case", case])
    };
    let output = trace("checksum/check");
    assert_code(&output, 0);
    let told = "checksum/check on node with checksum: pass
  raw
  1  call buffer() as buffer
     → i32 1024 (0x400)
  2  write \"123456789\" at buffer
     → done
  3  call crc32(i32 9)
     → i32 -873187034 (0xcbf43926)
";
    assert!(stdout(&output).starts_with(told), "{}", stdout(&output));
    assert_has(stdout(&output), "1 right, 0 known gaps, 0 red");
    let suite = fs::read_to_string(user.path("vectors/checksum.json")).unwrap();
    for copy in ["b", "c"] {
        let copied = suite.replace("\"checksum\"", &format!("\"{copy}\"")).replace("checksum/", &format!("{copy}/"));
        fs::write(user.path("vectors").join(copy).with_extension("json"), copied).unwrap();
    }
    let refused = trace("*");
    assert_code(&refused, 2);
    assert_has(stderr(&refused), "--trace is of 20 cases at most, and this run has 24: choose one with --case");
}

#[test]
fn a_first_set_is_written_and_never_over_another() {
    let user = User::new();
    user.build();
    let output = user.everyhost(&["new", "first", "checksum.wasm"]);
    assert_code(&output, 0);
    assert_has(stdout(&output), "wrote first/checksum.json: 4 cases, their answers recorded from node ");
    let json: Value = serde_json::from_slice(&fs::read(user.path("first/checksum.json")).unwrap()).unwrap();
    let schema = fs::read(Path::new(REPO).join("vectors/schema.json")).unwrap();
    let schema: Value = serde_json::from_slice(&schema).unwrap();
    let wrong: Vec<String> =
        jsonschema::validator_for(&schema).unwrap().iter_errors(&json).map(|e| e.to_string()).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let ids: Vec<&str> = json["cases"].as_array().unwrap().iter().map(|case| case["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ["checksum/buffer", "checksum/buffer-len", "checksum/crc32", "checksum/memory"]);
    assert!(json["cases"][2]["comment"].as_str().unwrap().starts_with("crc32(i32) -> (i32): recorded from node "));

    let printed = stdout(&output);
    let (_, line) = printed.split_once("Now run: ").unwrap();
    let output = Command::new("bash")
        .args(["-c", line])
        .current_dir(user.home.path())
        .env_remove("EVERYHOST_ROOT")
        .env_remove("CI")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(0), "{line}: {}", stdout(&output));
    fs::remove_dir_all(user.path("everyhost-report")).unwrap();
    assert_has(user.refused(&["new", "first", "checksum.wasm"]), "first/checksum.json exists; it is not written over");
}

/// A function of the host is declared; an import that has no form is built in; a file that declares none gets no instance.
#[test]
fn a_module_with_imports_is_run_like_any_other() {
    let user = User::new();
    for (name, imports) in [
        ("declared", r#"(import "env" "print" (func $f (param i32)))"#),
        ("built-in", r#"(import "env" "print" (func $f (param i32))) (import "wbg" "g" (func (param externref)))"#),
    ] {
        let wat = format!(
            r#"(module {imports} (func (export "run") (call $f (i32.const 7))) (func (export "one") (result i32) (i32.const 1)))"#
        );
        let (file, dir) = (format!("{name}.wasm"), format!("set-{name}"));
        fs::write(user.path(&file), wat::parse_str(wat).unwrap()).unwrap();
        let output = user.everyhost(&["new", &dir, &file]);
        assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
        let json: Value =
            serde_json::from_slice(&fs::read(user.path(&dir).join(name).with_extension("json")).unwrap()).unwrap();
        let answer = &json["cases"][0]["expect"]["ok"]["steps"][0];
        if name == "declared" {
            assert_eq!(json["imports"][0]["func"]["params"], serde_json::json!(["i32"]));
            assert_eq!(answer["ok"]["calls"], serde_json::json!([{"import": 0, "args": [{"i32": 7}]}]));
        } else {
            assert_has(stdout(&output), "wbg.g is a function with a v128 or a reference");
            assert_eq!(answer, &serde_json::json!({"trap": true}));
        }
        let output = user.everyhost(&["run", "--module", &file, "--vectors", &dir]);
        assert_eq!(output.status.code(), Some(0), "{}", stdout(&output));
    }
}

#[test]
fn what_cannot_be_run_is_told_before_anything_runs() {
    let user = User::new();
    let run = |file: &str| user.refused(&["run", "--module", file, "--vectors", "vectors"]);
    let imports = wat::parse_str(r#"(module (import "env" "print" (func (param i32))))"#).unwrap();
    fs::write(user.path("imports.wasm"), imports).unwrap();
    let says = run("imports.wasm");
    assert_has(
        &says,
        "imports.wasm has imports, and the vectors don't declare them: function env.print; `everyhost new`",
    );
    assert_has(&says, "the module's own (1): declare what they answer");
    fs::write(user.path("text.wasm"), "hello").unwrap();
    assert_has(run("text.wasm"), "text.wasm: it is not a Wasm module: that starts with 0061736d01000000");
    assert!(run("./none.wasm").contains("./none.wasm: there is no such file"));
    assert_has(user.refused(&["run", "--module", "none.wasm"]), "none.wasm: there is no such file");
    let alone = user.refused(&["run", "--module", "text.wasm"]);
    let root = user.workspace.path().canonicalize().unwrap();
    let command = format!("/everyhost --root {} new DIR text.wasm`", root.display());
    assert_has(&alone, &format!("{command} writes a first set"));
    fs::write(user.path("cut.wasm"), b"\0asm\x01\0\0\0\x01\x05\0").unwrap();
    assert!(run("cut.wasm").contains("cut.wasm: it is a module that was cut short"));
    let both = user.refused(&["run", "--module", "text.wasm", "--module", "add-raw"]);
    assert_has(both, "takes names of modules, such as add-raw, or .wasm files, such as text.wasm, and not both");
}

/// A case that expects a trap would be green on hosts that trap for want of an argument.
#[test]
fn vectors_that_do_not_fit_the_module_are_told_before_anything_runs() {
    let user = User::new();
    user.build();
    let text = fs::read_to_string(user.path("vectors/checksum.json")).unwrap();
    let edited = text.replace("\"crc32\"", "\"crc23\"");
    assert_ne!(text, edited);
    fs::write(user.path("vectors/checksum.json"), edited).unwrap();
    let refused = user.refused(&["run", "--module", "checksum.wasm", "--vectors", "vectors"]);
    let first = "everyhost: vectors/checksum.json: case checksum/check: in.steps[2]: the module has no function crc23; did you mean crc32?";
    assert_eq!(refused.lines().next(), Some(first), "{refused}");
    assert!(refused.lines().all(|line| line.contains("did you mean crc32?")), "{refused}");
}

fn first_set(user: &User, wat: &str) -> (Value, String) {
    fs::write(user.path("it.wasm"), wat::parse_str(wat).unwrap()).unwrap();
    let output = user.everyhost(&["new", "it", "it.wasm"]);
    assert_code(&output, 0);
    let json = serde_json::from_slice(&fs::read(user.path("it/it.json")).unwrap()).unwrap();
    let run = user.everyhost(&["run", "--module", "it.wasm", "--vectors", "it"]);
    assert_eq!(run.status.code(), Some(0), "{}", stdout(&run));
    (json, stdout(&output))
}

#[test]
fn a_first_set_makes_the_module_ready() {
    let user = User::new();
    let wat = |name: &str| {
        format!(
            r#"(module (memory (export "mem") 2) (global $x (mut i32) (i32.const 0))
              (func (export "{name}") (global.set $x (i32.const 42)))
              (func (export "answer") (result i32) (global.get $x))
              (func (export "text") (result i32) (i32.const 1040))
              (func (export "a\1b[2J\0a") (result i32) (i32.const 1))
              (func (export "fails") (unreachable)))"#
        )
    };
    let (json, said) = first_set(&user, &wat("_initialize"));
    assert_has(&said, "_initialize is called first in each case");
    let cases = json["cases"].as_array().unwrap();
    let case = |id: &str| cases.iter().find(|case| case["id"] == id).unwrap();
    let first =
        serde_json::json!([{"step": {"do": "call", "export": "_initialize"}, "expect": {"ok": {"results": []}}}]);
    assert_eq!(json["begin"], first);
    assert!(cases.iter().all(|case| case["in"]["steps"].as_array().unwrap().len() == 1), "{cases:#?}");
    assert_eq!(case("it/answer")["expect"]["ok"]["steps"][0], serde_json::json!({"ok": {"results": [{"i32": 42}]}}));
    let comment = |id: &str| case(id)["comment"].as_str().unwrap();
    assert_has(comment("it/text"), "may be a pointer");
    assert!(!comment("it/answer").contains("pointer"));
    assert_has(comment("it/fails"), "where it traps (RuntimeError: unreachable)");
    assert!(comment("it/a-2j").starts_with(r#""a\u{1b}[2J\n"() -> (i32): "#), "{}", comment("it/a-2j"));
    assert_eq!(case("it/a-2j")["in"]["steps"][0]["export"], "a\u{1b}[2J\n");
    assert_eq!(case("it/memory")["expect"]["ok"]["steps"][0]["ok"]["pages"], 2);

    fs::remove_dir_all(user.path("it")).unwrap();
    let (json, _) = first_set(&user, &wat("__wasm_call_ctors"));
    assert_eq!(json["begin"][0]["step"]["export"], "__wasm_call_ctors");

    fs::remove_dir_all(user.path("it")).unwrap();
    let (json, said) = first_set(&user, r#"(module (func (export "_initialize") (unreachable)) (func (export "f")))"#);
    assert_has(&said, r#"_initialize would make the module ready, and answers {"trap":true}"#);
    assert_eq!((&json["begin"], json["count"].as_u64()), (&Value::Null, Some(2)));
}

#[test]
fn a_first_set_of_a_module_without_an_instance_expects_none() {
    let user = User::new();
    let (json, said) = first_set(
        &user,
        r#"(module (func $f (unreachable)) (start $f) (func (export "seven") (result i32) (i32.const 7)))"#,
    );
    assert!(said.contains("no instance of it can be made: "), "{said}");
    assert!(said.contains("unreachable"), "{said}");
    assert_eq!(json["count"], 1);
    assert_eq!(json["cases"][0]["expect"], serde_json::json!({"error": "NO_INSTANCE"}));
}

#[test]
fn a_first_set_is_recorded_from_a_row_that_can_run_the_module() {
    let without = format!("{RAW}\nwithout = {{ simd128 = \"it is old\" }}");
    let user = User::of(Workspace::new().row_with("old", "\"false\"", "\"true\"", &without));
    let simd = r#"(module (func (export "f") (drop (v128.const i32x4 0 0 0 0))))"#;
    fs::write(user.path("it.wasm"), wat::parse_str(simd).unwrap()).unwrap();
    let output = user.everyhost(&["new", "it", "it.wasm"]);
    assert_code(&output, 0);
    assert_has(stdout(&output), "rows that cannot run it: old (simd128: it is old)");
    assert_has(stdout(&output), "recorded from node ");
    let refused = user.refused(&["new", "other", "it.wasm", "--host", "old"]);
    assert_has(refused, "to record from another row: --host NAME");
}

#[test]
fn a_feature_that_the_host_lacks_is_told_host_by_host() {
    let user = User::new();
    // Wide arithmetic: not in Node 20 to 26.
    let wide = wat::parse_str("(module (func (export \"f\") (result i64 i64) (i64.add128 (i64.const 1) (i64.const 2) (i64.const 3) (i64.const 4))))").unwrap();
    fs::write(user.path("checksum.wasm"), wide).unwrap();
    let vectors = fs::read_to_string(user.path("vectors/checksum.json")).unwrap();
    let mut vectors: Value = serde_json::from_str(&vectors).unwrap();
    let results = serde_json::json!([{"i64": "4"}, {"i64": "6"}]);
    for case in vectors["cases"].as_array_mut().unwrap() {
        case["in"] = serde_json::json!({"steps": [{"do": "call", "export": "f"}]});
        case["expect"] = serde_json::json!({"ok": {"steps": [{"ok": {"results": results}}]}});
    }
    fs::write(user.path("vectors/checksum.json"), vectors.to_string()).unwrap();
    let output = user.run();
    assert_code(&output, 1);
    assert!(
        stdout(&output).contains("missing 8 cases, such as checksum/check on node with checksum\n  because  host node cannot load this module: ")
            && stdout(&output).matches("cannot load").count() == 1,
        "{}",
        stdout(&output)
    );
    assert_eq!(user.report()["verdicts"]["missing"], 8);
    assert_has(user.report()["modules"][0]["features"].to_string(), "wide-arithmetic");
}

//! Both sides of a panic: natively `should_panic` and `catch_unwind` see it; in WebAssembly nothing does.

use std::env;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

const WASI: &str = "wasm32-wasip1";
const RUNNER: &str = env!("CARGO_BIN_EXE_wasi-runner");
/// What the runner exits with when the program trapped.
const TRAPPED: i32 = 134;

#[test]
fn natively_both_tests_see_the_panic() {
    let tests = executable(None, &["test", "--lib", "--no-run"]);
    let output = run(&mut Command::new(tests));
    assert!(output.status.success(), "{output:?}");
    let stdout = text(&output.stdout);
    for name in ["should_panic_sees_it - should panic ... ok", "catch_unwind_sees_it ... ok", "3 passed"] {
        assert!(stdout.contains(name), "no {name:?} in:\n{stdout}");
    }
}

#[test]
fn in_wasm_should_panic_is_left_out_and_only_the_output_says_so() {
    let tests = executable(Some(WASI), &["test", "--lib", "--no-run"]);
    let output = wasi(&tests, &["tests::should_panic_sees_it", "--exact", "--include-ignored"]);
    assert!(output.status.success(), "{output:?}");
    let stdout = text(&output.stdout);
    assert!(stdout.contains("should_panic_sees_it - should panic ... ignored"), "{stdout}");
    assert!(stdout.contains("0 passed; 0 failed; 1 ignored"), "{stdout}");
}

#[test]
fn in_wasm_catch_unwind_ends_with_the_panic() {
    let tests = executable(Some(WASI), &["test", "--lib", "--no-run"]);
    let output = wasi(&tests, &["tests::catch_unwind_sees_it", "--exact", "--nocapture"]);
    assert_eq!(output.status.code(), Some(TRAPPED), "{output:?}");
    // It did start, the panic did happen, and then there was nobody left to say what became of the test.
    assert!(text(&output.stdout).contains("running 1 test"), "{output:?}");
    assert!(!text(&output.stdout).contains("test result"), "{output:?}");
    let stderr = text(&output.stderr);
    assert!(stderr.contains("nothing fits into 7 any number of times"), "{stderr}");
    assert!(stderr.contains("unreachable"), "{stderr}");
    // What does not panic passes in the same executable.
    let output = wasi(&tests, &["tests::fits_three_times", "--exact"]);
    assert!(output.status.success() && text(&output.stdout).contains("1 passed"), "{output:?}");
}

#[test]
fn a_panic_of_rust_is_caught_natively_and_not_in_wasm() {
    let native = program(None, &["rust", "7", "0"]);
    assert!(native.status.success(), "{native:?}");
    assert_eq!(text(&native.stdout), "dividing 7 by 0\ncaught a panic\n");

    let wasm = program(Some(WASI), &["rust", "7", "0"]);
    assert_eq!(wasm.status.code(), Some(TRAPPED), "{wasm:?}");
    assert_eq!(text(&wasm.stdout), "dividing 7 by 0\n");
}

#[test]
fn a_trap_of_c_is_caught_nowhere() {
    for (a, b) in [("7", "0"), ("0", "0"), ("-2147483648", "-1")] {
        let native = program(None, &["c", a, b]);
        assert_eq!(native.status.code(), None, "a signal ends the process: {native:?}");
        #[cfg(unix)]
        {
            use std::os::unix::process::ExitStatusExt;
            const SIGILL: i32 = 4;
            const SIGTRAP: i32 = 5;
            assert!(matches!(native.status.signal(), Some(SIGILL | SIGTRAP)), "{native:?}");
        }
        let wasm = program(Some(WASI), &["c", a, b]);
        assert_eq!(wasm.status.code(), Some(TRAPPED), "{wasm:?}");
        assert_eq!(text(&wasm.stdout), format!("dividing {a} by {b}\n"));
    }
    for target in [None, Some(WASI)] {
        let output = program(target, &["c", "-7", "2"]);
        assert!(output.status.success(), "{output:?}");
        assert_eq!(text(&output.stdout), "dividing -7 by 2\n-3\n");
    }
}

#[test]
fn exit_codes_and_arguments_are_passed_on() {
    let output = program(Some(WASI), &["c", "seven", "2"]);
    assert_eq!(output.status.code(), Some(2), "{output:?}");
    assert!(text(&output.stderr).starts_with("usage: panics"), "{output:?}");
}

#[test]
fn what_cannot_be_run_is_one_clear_line() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR"));
    for (args, expected) in [
        (vec![], "no program given"),
        (vec!["no-such-file.wasm"], "cannot load no-such-file.wasm"),
        (vec!["Cargo.toml"], "cannot load Cargo.toml"),
    ] {
        let output = run(Command::new(RUNNER).args(args).current_dir(dir));
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        assert!(text(&output.stderr).starts_with(&format!("wasi-runner: {expected}")), "{output:?}");
    }
}

/// A run of the listing's program.
fn program(target: Option<&str>, args: &[&str]) -> Output {
    let executable = executable(target, &["build", "--bin", "panics"]);
    match target {
        Some(_) => wasi(&executable, args),
        None => run(Command::new(executable).args(args)),
    }
}

fn wasi(executable: &Path, args: &[&str]) -> Output {
    run(Command::new(RUNNER).arg(executable).args(args))
}

/// Has cargo build something of `docs/listings/panics`, and says where it is.
fn executable(target: Option<&str>, args: &[&str]) -> PathBuf {
    let mut command = Command::new(env!("CARGO"));
    command
        .args(args)
        .args(["--locked", "--quiet", "--package", "panics", "--message-format", "json"])
        .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../.."))
        .stderr(Stdio::inherit());
    if let Some(target) = target {
        command.args(["--target", target]);
    }
    let output = command.output().expect("cargo starts");
    assert!(output.status.success(), "cargo failed; its messages are above");
    text(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .find_map(|message| message["executable"].as_str().map(PathBuf::from))
        .expect("cargo names the executable")
}

fn run(command: &mut Command) -> Output {
    command.stdin(Stdio::null()).env("RUST_BACKTRACE", "0").output().expect("the program starts")
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).expect("the output is text")
}

//! Where something is missing, `make modules` says in one line what, and what to do.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A workspace with one empty crate, and a folder of programs that is all that PATH names.
struct Place {
    dir: TempDir,
}

impl Place {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().join("root");
        fs::create_dir_all(root.join("src")).unwrap();
        fs::create_dir(dir.path().join("bin")).unwrap();
        fs::write(root.join("src/lib.rs"), "").unwrap();
        fs::create_dir(root.join("hosts")).unwrap();
        fs::write(root.join("hosts/hosts.toml"), "").unwrap();
        fs::write(root.join("Cargo.toml"), "[package]\nname = \"empty\"\nversion = \"0.1.0\"\nedition = \"2024\"\n")
            .unwrap();
        fs::write(root.join("Cargo.lock"), "version = 4\n\n[[package]]\nname = \"empty\"\nversion = \"0.1.0\"\n")
            .unwrap();
        Self { dir }
    }

    fn bin(&self, name: &str) -> PathBuf {
        self.dir.path().join("bin").join(name)
    }

    /// Puts a program of this machine on PATH.
    fn has(&self, name: &str) {
        let path = std::env::var_os("PATH").unwrap();
        let program = std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file());
        symlink(program.unwrap_or_else(|| panic!("no {name} here")), self.bin(name)).unwrap();
    }

    /// Puts a shell script on PATH.
    fn has_script(&self, name: &str, script: &str) {
        fs::write(self.bin(name), format!("#!/bin/sh\n{script}\n")).unwrap();
        fs::set_permissions(self.bin(name), fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn build(&self) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
            .arg("--root")
            .arg(self.dir.path().join("root"))
            .arg("build")
            .env("PATH", self.dir.path().join("bin"))
            .output()
            .unwrap();
        one_line(&output)
    }
}

/// The line of everyhost itself, which must be the only one.
fn one_line(output: &Output) -> String {
    let stderr = String::from_utf8(output.stderr.clone()).unwrap();
    let lines: Vec<_> = stderr.lines().filter(|line| line.starts_with("everyhost: ")).collect();
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert_eq!(lines.len(), 1, "{stderr}");
    lines[0].to_owned()
}

#[test]
fn without_rust() {
    let error = Place::new().build();
    assert!(error.contains("cannot find \"rustc\"") && error.contains("rustup"), "{error}");
}

#[test]
fn without_the_wasm_target() {
    let place = Place::new();
    place.has("cargo");
    place.has_script("rustc", "echo /no/such/folder");
    let error = place.build();
    assert!(error.contains("rustup target add wasm32-unknown-unknown"), "{error}");
}

#[test]
fn without_node() {
    let place = Place::new();
    place.has("cargo");
    place.has("rustc");
    let error = place.build();
    assert!(error.contains("cannot find \"npm\"") && error.contains("Node 20"), "{error}");
}

#[test]
fn without_a_c_compiler_for_wasm() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let target_dir = tempfile::tempdir().unwrap();
    let output = Command::new(env!("CARGO"))
        .args(["build", "--locked", "--package", "c-linked-add", "--target", "wasm32-unknown-unknown"])
        .arg("--target-dir")
        .arg(target_dir.path())
        .env("CC_wasm32_unknown_unknown", "no-such-clang")
        .current_dir(root)
        .output()
        .unwrap();
    assert!(!output.status.success());
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(stderr.contains("cannot compile c/add.c"), "{stderr}");
    assert!(stderr.contains("apt-get install --no-install-recommends clang llvm"), "{stderr}");
}

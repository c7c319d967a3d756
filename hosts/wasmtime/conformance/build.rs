//! Tells the programs the versions of rustc and of two crates. The lock file knows the latter: the workspace's, or that
//! of a copy of this folder. The native host uses it too.

use std::path::Path;
use std::process::Command;

fn main() {
    let here = std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it");
    let lock = ["Cargo.lock", "../../Cargo.lock"]
        .map(|path| Path::new(&here).join(path))
        .into_iter()
        .find(|path| path.exists())
        .expect("there is a lock file");
    println!("cargo::rerun-if-changed={}", lock.display());
    let text = std::fs::read_to_string(&lock).expect("the lock file can be read");
    for name in ["jsonwebtoken", "wasmtime"] {
        let version = text
            .split("[[package]]")
            .find(|package| package.contains(&format!("name = \"{name}\"\n")))
            .and_then(|package| package.split("version = \"").nth(1))
            .and_then(|rest| rest.split('"').next())
            .unwrap_or_else(|| panic!("the lock file names {name}"));
        println!("cargo::rustc-env={}_VERSION={version}", name.to_uppercase());
    }
    let rustc = std::env::var_os("RUSTC").expect("cargo sets it");
    let output = Command::new(rustc).arg("--version").output().expect("rustc runs");
    let words = String::from_utf8(output.stdout).expect("rustc prints text");
    let version = words.split(' ').nth(1).expect("rustc says its version");
    println!("cargo::rustc-env=RUSTC_VERSION={version}");
}

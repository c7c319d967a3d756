//! Tells the adapter which version of the wasmtime crate it is built with: the lock file knows.

use std::path::Path;

fn main() {
    let lock =
        Path::new(&std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it")).join("../../Cargo.lock");
    println!("cargo::rerun-if-changed={}", lock.display());
    let text = std::fs::read_to_string(&lock).expect("the workspace has a lock file");
    let version = text
        .split("[[package]]")
        .find(|package| package.contains("name = \"wasmtime\"\n"))
        .and_then(|package| package.split("version = \"").nth(1))
        .and_then(|rest| rest.split('"').next())
        .expect("the lock file names wasmtime");
    println!("cargo::rustc-env=WASMTIME_VERSION={version}");
}

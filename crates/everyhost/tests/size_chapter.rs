//! The chapter's own code still does what the chapter says.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

/// Cargo, in a listing, with its products under the workspace's target/.
fn cargo(listing: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO"));
    command
        .args(args)
        .args(["--locked", "--quiet", "--target-dir"])
        .arg(root().join("target/chapter"))
        .env("CARGO_ENCODED_RUSTFLAGS", "-Awarnings")
        .current_dir(listing);
    command
}

#[test]
fn its_test_passes() {
    let output = cargo(&root().join("docs/listings/chapter/token-signer"), &["test"])
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert!(
        output.status.success(),
        "{stdout}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(stdout.contains("1 passed; 0 failed"), "{stdout}");
}

#[test]
fn its_c_library_is_linked_in() {
    // A copy, because the chapter puts libadd.a beside Cargo.toml, and sources are no place for products.
    let copy = tempfile::tempdir().unwrap();
    let listing = root().join("docs/listings/chapter/c-linked-add");
    fs::create_dir(copy.path().join("src")).unwrap();
    for file in [
        "Cargo.toml",
        "Cargo.lock",
        "build.rs",
        "add.c",
        "build-libadd.sh",
        "src/lib.rs",
    ] {
        fs::copy(listing.join(file), copy.path().join(file)).unwrap();
    }
    let made = Command::new("sh")
        .arg(copy.path().join("build-libadd.sh"))
        .status()
        .unwrap();
    assert!(made.success(), "clang and llvm-ar make libadd.a");
    let output = cargo(
        copy.path(),
        &["build", "--release", "--target", "wasm32-unknown-unknown"],
    )
    .output()
    .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        root()
            .join("target/chapter/wasm32-unknown-unknown/release/c_linked_add.wasm")
            .is_file()
    );
}

#[test]
fn everyhost_size_check_is_green_and_says_so() {
    let output = Command::new(env!("CARGO_BIN_EXE_everyhost"))
        .args(["size", "--check"])
        .current_dir(root())
        .output()
        .unwrap();
    let stdout = String::from_utf8(output.stdout).unwrap();
    assert_eq!(
        output.status.code(),
        Some(0),
        "{stdout}\n{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(
        stdout.ends_with("every module keeps its size budget\n"),
        "{stdout}"
    );
}

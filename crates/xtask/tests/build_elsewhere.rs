//! The same source gives the same modules in another folder, with another cargo home, by somebody else's flags.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use everyhost::manifest;
use xtask::build::{self, BuildArgs};

const MODULES: &[&str] = &["signer-raw", "signer-bindgen", "add-raw", "add-bindgen"];

#[test]
fn the_same_source_gives_the_same_hashes_elsewhere() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    build::run(&here, &BuildArgs::default()).unwrap();

    let elsewhere = tempfile::Builder::new().prefix("a folder of another name ").tempdir().unwrap();
    let root = elsewhere.path().join("some").join("where");
    copy_sources(&here, &root);
    // What has been downloaded is shared; what is unpacked from it, and compiled, is not.
    let home = elsewhere.path().join("home of cargo");
    fs::create_dir_all(home.join("registry")).unwrap();
    for folder in ["registry/cache", "registry/index"] {
        symlink(cargo_home().join(folder), home.join(folder)).unwrap();
    }

    let mut command = Command::new(env!("CARGO_BIN_EXE_xtask"));
    command
        .arg("--root")
        .arg(&root)
        .arg("build")
        .args(MODULES.iter().flat_map(|module| ["--module", module]))
        .env("CARGO_HOME", &home)
        .env("RUSTFLAGS", "-Cdebuginfo=2 -Copt-level=1")
        .env("CARGO_PROFILE_WASM_OPT_LEVEL", "1")
        .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS", "-Ctarget-feature=+simd128")
        .env("CFLAGS", "-O0 -g")
        .env("CARGO_TARGET_DIR", elsewhere.path().join("not-here"));
    let status = command.status().unwrap();
    assert!(status.success(), "xtask build failed; its messages are above");

    assert_eq!(hashes(&root), hashes(&here));
}

fn hashes(root: &Path) -> BTreeMap<String, String> {
    let built = manifest::load(root).unwrap();
    MODULES.iter().map(|name| ((*name).to_owned(), built[*name].sha256.clone())).collect()
}

/// Copies what git tracks, or would, as it is now.
fn copy_sources(from: &Path, to: &Path) {
    let output = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(from)
        .output()
        .expect("git lists the sources");
    assert!(output.status.success(), "{output:?}");
    for path in String::from_utf8(output.stdout).unwrap().split_terminator('\0') {
        // What is deleted here but not yet in git is still listed.
        if from.join(path).is_file() {
            fs::create_dir_all(to.join(path).parent().unwrap()).unwrap();
            fs::copy(from.join(path), to.join(path)).unwrap();
        }
    }
}

fn cargo_home() -> PathBuf {
    std::env::var_os("CARGO_HOME")
        .map_or_else(|| PathBuf::from(std::env::var_os("HOME").expect("a home")).join(".cargo"), PathBuf::from)
}

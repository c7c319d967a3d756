//! Where a crate's tests are one program, a file that its main.rs does not name would never run.

use std::fs;
use std::path::Path;

#[test]
fn every_file_of_tests_is_named_in_their_main() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut programs = 0;
    for folder in ["crates", "hosts"] {
        for package in fs::read_dir(root.join(folder)).unwrap() {
            let tests = package.unwrap().path().join("tests");
            let Ok(main) = fs::read_to_string(tests.join("main.rs")) else { continue };
            programs += 1;
            for file in fs::read_dir(&tests).unwrap() {
                let file = file.unwrap().path();
                let is_rust = file.extension().is_some_and(|extension| extension == "rs");
                let name = file.file_stem().unwrap().to_string_lossy().into_owned();
                let is_named = main.lines().any(|line| line == format!("mod {name};"));
                assert!(!is_rust || name == "main" || is_named, "{}: main.rs has no `mod {name};`", file.display());
            }
        }
    }
    assert!(programs > 0, "no crate has a tests/main.rs");
}

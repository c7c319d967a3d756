//! A row that answers from somewhere else than its module is caught by name.

use crate::workspace::{Ran, Workspace, assert_has};

fn mutants(workspace: &Workspace, args: &[&str]) -> Ran {
    workspace.ran(&workspace.everyhost(&[&["mutants"], args].concat()))
}

#[test]
fn rows_that_run_the_module_give_the_mutants_answers() {
    let workspace = Workspace::new().row("wasmtime", "honest", "").row("other", "honest", "");
    let ran = mutants(&workspace, &[]);
    assert_eq!(ran.code, Some(0), "{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.stdout.matches("runs the module: 3 answers are the mutant's").count(), 2, "{}", ran.stdout);
}

#[test]
fn one_that_answers_without_any_module_is_found() {
    let workspace = Workspace::new().row("wasmtime", "honest", "").row("liar", "without-module", "");
    // Its answers are right, and so is the hash that it gives.
    assert_eq!(workspace.run(&[]).code, Some(0));
    let ran = mutants(&workspace, &[]);
    assert_eq!(ran.code, Some(1));
    let says = "liar         add-raw          RED: gives the original's answer to add: it does not run the module that it is given";
    assert!(ran.stdout.contains(says), "{}", ran.stdout);
    assert_has(&ran.stdout, "2 modules on rows checked, 1 red");
    assert_eq!(mutants(&workspace, &["--host", "wasmtime"]).code, Some(0));
}

#[test]
fn a_reference_that_answers_without_any_module_is_found() {
    let ran = mutants(&Workspace::new().row("wasmtime", "without-module", ""), &[]);
    assert_eq!(ran.code, Some(2));
    let says = r#"the reference row "wasmtime" with a mutant of add-raw answers add as with the original"#;
    assert!(ran.stderr.contains(says), "{}", ran.stderr);
}

#[test]
fn one_that_hashes_another_file_is_found() {
    let workspace = Workspace::new().row("wasmtime", "honest", "").row("other", "other-module", "");
    let ran = mutants(&workspace, &[]);
    assert_eq!(ran.code, Some(1));
    assert!(ran.stdout.contains("RED: hello says sha256 "), "{}", ran.stdout);
}

#[test]
fn a_missing_host_is_red_in_ci_and_a_missing_reference_always() {
    let workspace = Workspace::new().row("wasmtime", "honest", "").row_away("away");
    assert_eq!(mutants(&workspace, &[]).code, Some(0));
    let ci = workspace.ran(&workspace.command().arg("mutants").env("CI", "true").output().unwrap());
    assert_eq!(ci.code, Some(1), "{}", ci.stdout);
    assert_has(&ci.stdout, "To get it: apt-get install away");
    let ran = mutants(&Workspace::new().row_away("wasmtime"), &[]);
    assert_eq!(ran.code, Some(2));
    assert_has(&ran.stderr, r#"the reference row "wasmtime" is not installed"#);
}

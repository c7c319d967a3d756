//! Every signer that `make modules` has built, and the one that leaks on purpose.

use std::fs;
use std::path::{Path, PathBuf};

use everyhost::modules::{self, Purpose, modules_dir};
use leak_check::allowed::{self, Allowed};
use leak_check::signer::{Report, check};
use leak_check::{Kind as Leak, Module};

/// Seeds that have nothing in common.
const SEEDS: [[u8; 32]; 3] =
    [[0; 32], [0xff; 32], *b"any other seed of 32 bytes in all".first_chunk().expect("it is long enough")];

#[test]
fn the_secret_path_of_every_signer_is_free_of_leaks() {
    let entries = entries();
    let mut checked = Vec::new();
    let mut faults = Vec::new();
    let modules = modules::load(root()).unwrap();
    for module in modules.iter().filter(|module| module.text.is_none() && !module.has_glue()) {
        let is_verifying = module.features.iter().any(|feature| feature == "verify-after-sign");
        let (dir, hint) = match module.purpose {
            Purpose::Product => (modules_dir(root()), "make modules"),
            Purpose::Fixture if is_verifying => (root().join("target/fixtures"), "make fixtures"),
            _ => continue,
        };
        let wasm = read(&dir.join(&module.name).with_extension("wasm"), hint);
        if !Module::parse(&wasm).is_ok_and(|parsed| parsed.exports("get_signing_key_ptr")) {
            continue;
        }
        let reports: Vec<Report> = SEEDS
            .iter()
            .map(|seed| check(&wasm, seed).unwrap_or_else(|error| panic!("{}: {error:#}", module.name)))
            .collect();
        for report in &reports {
            faults.extend(allowed::faults(&module.name, report, &entries));
        }
        // What is allowed goes the same way for every secret: not one jump and not one address differs.
        for report in &reports[1..] {
            assert_eq!(report.steps, reports[0].steps, "{}", module.name);
            assert_eq!(report.trace, reports[0].trace, "{}", module.name);
        }
        checked.push(module.name.as_str());
    }
    faults.dedup();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
    assert!(
        ["signer-raw", "signer-lanes", "signer-lanes-verifying"].iter().all(|name| checked.contains(name)),
        "{checked:?}"
    );
}

#[test]
fn the_leak_planted_in_the_real_signer_is_found_and_named() {
    let file = root().join("target/fixtures/signer-raw-planted-leak.wasm");
    let wasm = read(&file, "target/debug/xtask build --module signer-raw-planted-leak");
    let report = check(&wasm, &SEEDS[2]).unwrap();
    // Once for each bit of a secret scalar of 253 bits.
    let branches = report.findings.iter().filter(|finding| finding.kind == Leak::Branch && finding.times >= 252);
    for export in ["try_sign", "sign", "sign_loaded", "sign_batch"] {
        let mut branches = branches.clone();
        assert!(branches.any(|finding| finding.export == export), "{export}: {:#?}", report.findings);
    }
    let faults = allowed::faults("signer-raw", &report, &entries());
    assert!(faults.iter().any(|fault| fault.contains("branch in ") && fault.contains("sign_loaded")), "{faults:#?}");
    // The way differs with the secret, as it does in no other module.
    assert_ne!(report.trace, check(&wasm, &SEEDS[0]).unwrap().trace);
}

#[test]
fn every_entry_has_a_reason_and_names_signers() {
    for entry in entries() {
        assert!(entry.reason.len() > 20, "{entry:?}");
        assert!(entry.modules.iter().all(|name| name.starts_with("signer-")), "{entry:?}");
    }
}

fn entries() -> Vec<Allowed> {
    allowed::parse(include_str!("../allowed.toml")).unwrap()
}

fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

fn read(file: &PathBuf, hint: &str) -> Vec<u8> {
    fs::read(file).unwrap_or_else(|error| panic!("cannot read {}: {error}; run `{hint}` first", file.display()))
}

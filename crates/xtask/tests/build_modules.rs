//! What `make modules` makes of the crates.

use std::collections::BTreeSet;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use everyhost::exports::Exports;
use everyhost::manifest::{self, Manifest};
use everyhost::modules::{self, Module};
use wasmparser::{Operator, Parser, Payload};
use xtask::build::{self, BuildArgs};

/// The workspace, built once for all tests.
static BUILT: LazyLock<(PathBuf, Manifest)> = LazyLock::new(|| {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap();
    build::run(&root, &BuildArgs::default()).unwrap();
    let manifest = manifest::load(&root).unwrap();
    (root, manifest)
});

/// The records of what hosts run, except for the texts.
fn products() -> Vec<Module> {
    let mut modules = modules::load(&BUILT.0).unwrap();
    modules.retain(|module| module.is_run() && module.text.is_none());
    modules
}

fn wasm(module: &str) -> Vec<u8> {
    let (root, manifest) = &*BUILT;
    fs::read(root.join(&manifest[module].path)).unwrap()
}

#[test]
fn add_numbers_is_one_addition() {
    for module in ["add-raw", "add-bindgen"] {
        let wasm = wasm(module);
        let body = function(&wasm, "add_numbers");
        assert!(
            matches!(
                body.as_slice(),
                [
                    Operator::LocalGet { local_index: 0 },
                    Operator::LocalGet { local_index: 1 },
                    Operator::I32Add,
                    Operator::End
                ]
            ),
            "{module}: {body:?}"
        );
    }
}

#[test]
fn divide_numbers_traps_by_itself() {
    let wasm = wasm("add-raw");
    let body = function(&wasm, "divide_numbers");
    assert!(body.iter().any(|operator| matches!(operator, Operator::Unreachable)), "{body:?}");
    assert!(body.iter().any(|operator| matches!(operator, Operator::I32DivS)), "{body:?}");
}

#[test]
fn raw_modules_import_nothing_and_export_what_is_documented() {
    let signer: Vec<&str> =
        "memory abi_version allocate_batch allocate_message derive_public_key get_batch_signatures_ptr \
        get_public_key_ptr get_signature_ptr get_signing_key_ptr load_key max_message_len sign sign_batch sign_loaded \
        try_sign verify verify_strict wipe"
            .split_whitespace()
            .collect();
    let adder = ["memory", "add_numbers", "divide_numbers"];
    let verify = ["verify", "verify_strict"];
    let batch = ["allocate_batch", "sign_batch", "get_batch_signatures_ptr"];
    let both = [&verify[..], &batch].concat();
    for (module, exports, lacking) in [
        ("signer-raw", &signer[..], &[][..]),
        ("signer-raw-simd", &signer, &[]),
        ("signer-lanes", &signer, &verify),
        ("signer-lanes-relaxed", &signer, &verify),
        ("signer-small", &signer, &batch),
        ("signer-small-fast", &signer, &batch),
        ("signer-small-sign", &signer, &both),
        ("add-raw", &adder, &[]),
    ] {
        let wasm = wasm(module);
        let expected: BTreeSet<String> =
            exports.iter().filter(|name| !lacking.contains(name)).map(|name| (*name).to_owned()).collect();
        assert_eq!(expected.len(), exports.len() - lacking.len(), "{module}");
        let mut exported = names(&wasm);
        // Two constants of the linker's: where the data ends and where the heap begins.
        assert!(exported.remove("__data_end") && exported.remove("__heap_base"), "{module}");
        assert_eq!(exported, expected, "{module}");
        for payload in Parser::new(0).parse_all(&wasm) {
            let payload = payload.unwrap();
            assert!(!matches!(payload, Payload::ImportSection(_)), "{module} imports something");
            assert!(!matches!(payload, Payload::CustomSection(_)), "{module} is not stripped");
        }
    }
}

#[test]
fn the_core_module_is_in_the_component_and_the_functions_import_nothing() {
    let (root, manifest) = &*BUILT;
    let component = wasm("signer-component");
    let core = fs::read(root.join("target/modules/signer-component.core.wasm")).unwrap();
    assert!(manifest["signer-component"].component && !manifest["signer-component-core"].component);
    assert!(component.windows(core.len()).any(|bytes| bytes == core), "another core module is kept beside it");
    let functions = wasm("signer-component-core");
    let imports = |payload: &Payload<'_>| matches!(payload, Payload::ImportSection(_));
    assert!(!Parser::new(0).parse_all(&functions).any(|payload| imports(&payload.unwrap())));
    let exported = names(&functions);
    for name in ["derive-public-key", "sign", "sign-many", "verify", "verify-strict"] {
        assert!(exported.contains(&format!("everyhost:signer/ed25519@0.1.0#{name}")), "{name}");
    }
    assert!(exported.contains("memory") && exported.contains("cabi_realloc"), "{exported:?}");
}

#[test]
fn only_the_simd_builds_use_simd() {
    let (_, manifest) = &*BUILT;
    let uses = |module: &str| manifest[module].features.iter().any(|feature| feature == "simd128");
    for module in ["signer-raw-simd", "signer-lanes", "signer-lanes-relaxed"] {
        assert!(uses(module), "{module}");
        let is_relaxed = manifest[module].features.iter().any(|feature| feature == "relaxed-simd");
        assert_eq!(is_relaxed, module == "signer-lanes-relaxed", "{module}");
    }
    for module in ["signer-raw", "signer-bindgen", "add-raw", "add-bindgen"] {
        assert!(!uses(module), "{module}");
    }
    assert!(manifest["add-raw"].features.is_empty());
}

#[test]
fn nothing_of_this_machine_is_in_a_module() {
    let (root, _) = &*BUILT;
    let mut folders = vec![root.display().to_string()];
    folders.extend(["HOME", "CARGO_HOME", "RUSTUP_HOME"].iter().filter_map(|name| env::var(name).ok()));
    for module in products() {
        let wasm = wasm(&module.name);
        for folder in folders.iter().filter(|folder| folder.len() > 1) {
            let found = wasm.windows(folder.len()).any(|bytes| bytes == folder.as_bytes());
            assert!(!found, "{} holds {folder}", module.name);
        }
    }
}

#[test]
fn the_manifest_is_true_and_the_glue_is_there() {
    let (root, manifest) = &*BUILT;
    for module in products() {
        let entry = &manifest[&module.name];
        let file = manifest::locate(root, &module.name, entry).unwrap();
        let wasm = fs::read(&file.path).unwrap();
        assert_eq!(wasm.len() as u64, entry.bytes, "{}", module.name);
        assert_eq!(manifest::gzip_len(&wasm).unwrap(), entry.gzip_bytes, "{}", module.name);
        assert!(!entry.path.is_absolute());
        assert_eq!(file.glue.is_some(), module.has_glue() || entry.component, "{}", module.name);
        if let Some(out_name) = &module.bindgen {
            for folder in ["pkg", "pkg-nodejs"] {
                for ending in ["_bg.wasm", ".js", ".d.ts"] {
                    let path = root.join(format!("target/{folder}/{out_name}{ending}"));
                    assert!(path.is_file(), "{}", path.display());
                }
            }
        }
    }
    for (folder, kind) in [("pkg", "module"), ("pkg-nodejs", "commonjs")] {
        let text = fs::read_to_string(root.join("target").join(folder).join("package.json")).unwrap();
        let package: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(package["type"], kind);
        for file in package["files"].as_array().unwrap() {
            assert!(root.join("target").join(folder).join(file.as_str().unwrap()).is_file(), "{file}");
        }
    }
}

/// The instructions of an exported function.
fn function<'a>(wasm: &'a [u8], export: &str) -> Vec<Operator<'a>> {
    let index = Exports::read(wasm).unwrap().function(export).and_then(|function| function.own_index);
    let mut bodies = Parser::new(0).parse_all(wasm).filter_map(|payload| match payload.unwrap() {
        Payload::CodeSectionEntry(body) => Some(body),
        _ => None,
    });
    let body = bodies.nth(index.unwrap_or_else(|| panic!("no export {export}"))).unwrap();
    body.get_operators_reader().unwrap().into_iter().map(Result::unwrap).collect()
}

fn names(wasm: &[u8]) -> BTreeSet<String> {
    let Exports { functions, memories, others } = Exports::read(wasm).unwrap();
    let functions = functions.into_iter().map(|function| function.export);
    functions.chain(memories.into_iter().map(|memory| memory.export)).chain(others).collect()
}

//! However a call ends, no secret stays behind: every call of a module that traps, or refuses, at every moment.

use std::cell::RefCell;
use std::sync::LazyLock;

use wasmtime::Engine;

use super::*;

const SEED: [u8; SEED_LEN] = *b"a seed that is looked for, 32 by";
const OTHER: [u8; SEED_LEN] = *b"the seed of another key, 32 byte";

thread_local! {
    /// The memory of each instance that was dropped, as it was given back.
    static DROPPED: RefCell<Vec<Vec<u8>>> = const { RefCell::new(Vec::new()) };
}

pub(super) fn keep(memory: &[u8]) {
    DROPPED.with_borrow_mut(|dropped| dropped.push(memory.to_vec()));
}

static ENGINE: LazyLock<Engine> = LazyLock::new(Engine::default);

/// The signer that fails on demand; `marker` and `at` as its text says.
fn faulty(marker: &str, at: u32) -> SignerModule {
    let text = include_str!("../../../fixtures/signer-faulty.wat");
    let mut wasm = wat::parse_str(text).unwrap();
    let place = wasm.windows(8).position(|window| window == marker.as_bytes());
    let place = place.unwrap() + marker.len();
    wasm[place..place + 4].copy_from_slice(&at.to_le_bytes());
    SignerModule::new(&ENGINE, &wasm).unwrap()
}

fn keypair(seed: [u8; SEED_LEN]) -> [u8; KEYPAIR_LEN] {
    let mut keypair = [0xaa; KEYPAIR_LEN];
    keypair[..SEED_LEN].copy_from_slice(&seed);
    keypair
}

/// Whether eight bytes in a row of the seed are anywhere. Memory is mostly zeros, which are skipped.
fn has(memory: &[u8], seed: &[u8]) -> bool {
    const STRIDE: usize = 64;
    let pieces = memory.chunks(STRIDE).enumerate();
    pieces.filter(|(_, piece)| **piece != [0; STRIDE][..piece.len()]).any(|(at, _)| {
        let around = &memory[(at * STRIDE).saturating_sub(8)..memory.len().min((at + 1) * STRIDE + 8)];
        around.windows(8).any(|window| seed.windows(8).any(|part| part == window))
    })
}

type Call = fn(&mut Signer) -> Result<()>;

/// Every call, by name.
const CALLS: [(&str, Call); 8] = [
    ("sign", |signer| signer.sign("hello").map(drop)),
    ("sign_many", |signer| signer.sign_many(&["hello", "hello"]).map(drop)),
    ("sign_with", |signer| signer.sign_with(&keypair(OTHER), "hello").map(drop)),
    ("verify", |signer| signer.verify(&[1; 32], "hello", &[2; 64]).map(drop)),
    ("verify_strict", |signer| signer.verify_strict(&[1; 32], "hello", &[2; 64]).map(drop)),
    ("derive_public_key", |signer| signer.derive_public_key(&OTHER).map(drop)),
    ("load_key", |signer| signer.load_key(&keypair(OTHER))),
    ("wipe", Signer::wipe),
];

/// What must be so after any call: only the held key is anywhere, and the signer's state is the documented one.
fn check(signer: &Signer, called: &str, result: &Result<()>, context: &str) {
    let held = signer.keypair.as_ref().map(|keypair| keypair[..SEED_LEN].to_vec());
    match (called, result) {
        ("load_key", Ok(())) => assert_eq!(held.as_deref(), Some(&OTHER[..]), "{context}"),
        ("load_key", Err(_)) | ("wipe", _) => assert_eq!(held, None, "{context}"),
        _ if signer.is_closed() => assert_eq!(held, None, "{context}"),
        _ => assert_eq!(held.as_deref(), Some(&SEED[..]), "{context}"),
    }
    for seed in [SEED, OTHER] {
        if held.as_deref() != Some(&seed[..]) {
            for memory in [Some(signer.linear_memory()), signer.batch_memory()] {
                assert!(!has(memory.unwrap_or_default(), &seed), "{context}: in memory");
            }
        }
    }
    nothing_given_back_has_a_seed(context);
}

#[test]
fn no_secret_stays_whatever_traps_or_refuses_and_when() {
    let mut trapped = 0;
    let mut refused = 0;
    let sound = faulty("TRAP-AT:", u32::MAX);
    for marker in ["TRAP-AT:", "FAIL-AT:"] {
        for at in 1..24 {
            let failing = faulty(marker, at);
            for (name, call) in CALLS {
                for has_batch_module in [false, true] {
                    let context = format!("{name}, {marker}{at}, with batch module: {has_batch_module}");
                    let mut module = if has_batch_module { &sound } else { &failing }.clone();
                    if has_batch_module {
                        module.batch_modules = [Some(failing.clone())].into();
                    }
                    DROPPED.take();
                    let Ok(mut signer) = Signer::new(&module, &keypair(SEED)) else {
                        check_dropped(&context);
                        continue;
                    };
                    if has_batch_module {
                        let _ = signer.sign_many(&["one", "two"]);
                    }
                    let result = call(&mut signer);
                    trapped += usize::from(result.as_ref().is_err_and(|error| error.code == Code::Trapped));
                    refused += usize::from(result.as_ref().is_err_and(|error| error.code != Code::Trapped));
                    check(&signer, name, &result, &context);
                    if signer.is_closed() {
                        assert!(result.is_err(), "{context}: a call that worked closed the signer");
                        assert_eq!(call(&mut signer).unwrap_err().code, Code::Closed, "{context}");
                    }
                    signer.close();
                    check_dropped(&context);
                }
            }
        }
    }
    assert!(trapped > 10 && refused > 10, "{trapped} traps, {refused} refusals");
}

fn check_dropped(context: &str) {
    assert!(!DROPPED.with_borrow(Vec::is_empty), "{context}");
    nothing_given_back_has_a_seed(context);
}

fn nothing_given_back_has_a_seed(context: &str) {
    DROPPED.with_borrow(|dropped| {
        for seed in [SEED, OTHER] {
            assert!(dropped.iter().all(|memory| !has(memory, &seed)), "{context}: in memory that was given back");
        }
    });
}

/// The look at memory finds the seed of a signer that is there.
#[test]
fn the_seed_is_found_in_a_signer_that_holds_it() {
    let signer = Signer::new(&faulty("TRAP-AT:", u32::MAX), &keypair(SEED)).unwrap();
    assert!(has(signer.linear_memory(), &SEED));
}

#[test]
fn a_signer_that_cannot_be_restored_is_closed_and_holds_nothing() {
    // After the trap there is no instance at all, or one that does not take the key.
    for second in [faulty("TRAP-AT:", 1), faulty("FAIL-AT:", 1)] {
        DROPPED.take();
        let module = faulty("TRAP-AT:", 9);
        let mut signer = Signer::new(&module, &keypair(SEED)).unwrap();
        signer.module = second;
        let codes: Vec<Code> = (0..5).filter_map(|_| signer.sign("hello").err()).map(|error| error.code).collect();
        assert_eq!(codes[..2], [Code::Trapped, Code::Closed], "{codes:?}");
        assert!(signer.is_closed());
        assert_eq!(signer.public_key().unwrap_err().code, Code::Closed);
        for (name, call) in CALLS {
            assert_eq!(call(&mut signer).unwrap_err().code, Code::Closed, "{name}");
        }
        assert!(signer.linear_memory().is_empty());
        check_dropped("closed");
    }
}

#[test]
fn a_batch_signer_that_cannot_be_restored_is_dropped_and_the_main_module_goes_on() {
    DROPPED.take();
    let mut module = faulty("TRAP-AT:", u32::MAX);
    module.batch_modules = [Some(faulty("TRAP-AT:", 20))].into();
    let mut signer = Signer::new(&module, &keypair(SEED)).unwrap();
    signer.sign_many(&["one", "two"]).unwrap();
    signer.batch.signer_mut().unwrap().module = faulty("FAIL-AT:", 1);
    let codes: Vec<Code> =
        (0..20).filter_map(|_| signer.sign_many(&["one", "two"]).err()).map(|error| error.code).collect();
    assert_eq!(codes, [Code::Trapped], "told once; then the main module signs");
    assert_eq!((signer.batch_module(), signer.batch_memory()), (None, None));
    drop(signer);
    check_dropped("batch");
}

#[test]
fn an_export_that_is_missing_is_no_trap() {
    let text = include_str!("../../../fixtures/signer-faulty.wat");
    let text = text.replace("(export \"verify\")", "").replace("(export \"sign_batch\")", "");
    let module = SignerModule::new(&ENGINE, &wat::parse_str(text).unwrap()).unwrap();
    let mut signer = Signer::new(&module, &keypair(SEED)).unwrap();
    assert_eq!(signer.verify(&[1; 32], "hello", &[2; 64]).unwrap_err().code, Code::NoExport);
    assert_eq!(signer.sign_many(&["one"]).unwrap_err().code, Code::NoExport);
    assert_eq!(signer.sign_many(&[""; 0]), Ok(vec![]));
    assert_eq!(signer.sign("hello"), Ok([0x55; 64]));
}

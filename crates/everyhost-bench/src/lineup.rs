//! Who races: what a contestant's id means.

use std::sync::LazyLock;

use everyhost::modules::{self, Bench, Module};
use everyhost::text::thousands;
use serde::Serialize;

use crate::protocol::Use;

/// Whose code it is; the plot has a colour for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Kind {
    Ours,
    Chapter,
    /// Our Rust code, compiled for this machine.
    Native,
    Other,
}

#[derive(Debug)]
pub(crate) struct Contestant {
    pub(crate) id: String,
    /// For people; of a batch with the usual number of messages a call.
    pub(crate) label: String,
    pub(crate) kind: Kind,
    /// Which module a host's wrapper signs with, and how; `None` for what a program brings along itself.
    pub(crate) wrapped: Option<(String, Use)>,
    pub(crate) batch: bool,
    pub(crate) verifies: bool,
}

/// Signatures to verify: by how many issuers, and at most so many in a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(crate) struct Load {
    pub(crate) issuers: usize,
    pub(crate) a_call: usize,
}

impl Load {
    pub(crate) fn shown(self) -> String {
        format!("{}, {} a call", self.issuers_shown(), thousands(self.a_call))
    }

    pub(crate) fn issuers_shown(self) -> String {
        if self.issuers == 1 { "1 issuer".to_owned() } else { format!("{} issuers", thousands(self.issuers)) }
    }
}

const fn load(issuers: usize, a_call: usize) -> Load {
    Load { issuers, a_call }
}

pub(crate) const ONE_ISSUER: Load = load(1, BATCH);
const SIXTEEN: Load = load(16, BATCH);
const ALL_DIFFERENT: Load = load(BATCH, BATCH);
/// Each call has a key that none of the last thousand had.
const NEW_KEY: Load = load(BATCH, 1);

/// In this order, which is of no matter to the figures.
pub(crate) const LOADS: &[Load] = &[ONE_ISSUER, load(4, BATCH), SIXTEEN, ALL_DIFFERENT, NEW_KEY];

/// How many messages a batch has, unless a host is too slow for that.
pub(crate) const BATCH: usize = 1000;

pub(crate) const SIZES: &[usize] = &[1, 2, 4, 16, 64, 256, 1000, 4096];

/// The records of the modules that contestants are made of, in the order in which they are shown.
pub(crate) static MODULES: LazyLock<Vec<Module>> = LazyLock::new(|| {
    let all = modules::parse(include_str!("../../modules.toml")).expect("a test reads the records");
    all.into_iter().filter(|module| module.bench.is_some()).collect()
});

use Kind::{Chapter, Native, Other, Ours};

/// Every contestant of any host: first the modules, through the hosts' wrappers.
pub(crate) static LINEUP: LazyLock<Vec<Contestant>> = LazyLock::new(|| {
    let mut lineup = Vec::new();
    for r#use in [Use::Batch, Use::Held, Use::OneShot, Use::Verify] {
        lineup.extend(MODULES.iter().rev().filter_map(|module| wrapped(module, r#use)));
    }
    lineup.extend(brought_along());
    lineup
});

pub(crate) fn module_names() -> impl Iterator<Item = &'static str> {
    MODULES.iter().map(|module| module.name.as_str())
}

/// The modules that sign.
pub(crate) fn that_sign() -> impl Iterator<Item = &'static str> {
    let signs = |bench: &Bench| bench.batch.is_some() || bench.held.is_some();
    MODULES.iter().filter(move |module| module.bench.as_ref().is_some_and(signs)).map(|module| module.name.as_str())
}

fn wrapped(module: &Module, r#use: Use) -> Option<Contestant> {
    let bench = module.bench.as_ref()?;
    let (id, how) = match r#use {
        Use::Batch => (&bench.batch, format!("{BATCH} a call")),
        Use::Held => (&bench.held, "key held".to_owned()),
        Use::OneShot => (&bench.one_shot, "key passed".to_owned()),
        Use::Verify => (&bench.verify, format!("verifying, {BATCH} a call")),
    };
    Some(Contestant {
        id: id.clone()?,
        label: format!("Everyhost {}, {how}", bench.label),
        kind: Ours,
        wrapped: Some((module.name.clone(), r#use)),
        batch: matches!(r#use, Use::Batch | Use::Verify),
        verifies: matches!(r#use, Use::Verify),
    })
}

fn brought_along() -> Vec<Contestant> {
    vec![
        brought("bindgen", "Everyhost wasm-bindgen, key passed", Ours),
        brought("chapter", "The original build, key passed", Chapter),
        Contestant { batch: true, ..brought("native-batch", "Native dalek, 1000 a call", Native) },
        brought("native-held", "Native dalek, key held", Native),
        brought("native-one-shot", "Native dalek, key passed", Native),
        brought("node-crypto", "node:crypto (native)", Other),
        brought("webcrypto", "WebCrypto subtle.sign", Other),
        brought("libsodium", "libsodium.js (Wasm)", Other),
        brought("noble", "@noble/ed25519", Other),
        brought("noble-async", "@noble/ed25519, signAsync", Other),
        brought("tweetnacl", "tweetnacl", Other),
        brought("pynacl", "PyNaCl (libsodium, native)", Other),
        brought("pyca", "pyca's cryptography (OpenSSL, native)", Other),
        brought("go-crypto", "Go's crypto/ed25519 (native)", Other),
        brought("jdk", "The JDK's Ed25519", Other),
        brought("openssl", "OpenSSL's libcrypto (native)", Other),
        verifying("verify-native", "Native dalek, verifying", Native),
        verifying("verify-libsodium", "libsodium.js (Wasm), verifying", Other),
        verifying("verify-node-crypto", "node:crypto (native), verifying", Other),
        verifying("verify-noble", "@noble/ed25519, verifying", Other),
        verifying("verify-pynacl", "PyNaCl (libsodium, native), verifying", Other),
        verifying("verify-pyca", "pyca's cryptography (OpenSSL, native), verifying", Other),
        verifying("verify-go-crypto", "Go's crypto/ed25519 (native), verifying", Other),
        verifying("verify-jdk", "The JDK's Ed25519, verifying", Other),
        verifying("verify-openssl", "OpenSSL's libcrypto (native), verifying", Other),
    ]
}

/// Contestants also timed in a process of their own, on hosts that run JavaScript; only those have the last one. What a
/// signature costs there depends on the garbage that the signer makes, and on the heap that others have grown.
pub(crate) const ALONE: &[&str] =
    &["lanes-relaxed", "lanes", "chapter", "node-crypto", "libsodium", "noble", "tweetnacl"];

/// Who the others are compared with, where it takes part, and what the column is called.
pub(crate) const BASELINES: &[(&str, &str)] = &[
    ("tweetnacl", "tweetnacl"),
    ("libsodium", "libsodium.js"),
    ("node-crypto", "node:crypto"),
    ("chapter", "the chapter's"),
    ("native-held", "native, held"),
    ("pynacl", "PyNaCl"),
    ("pyca", "cryptography"),
    ("go-crypto", "crypto/ed25519"),
    ("jdk", "the JDK"),
    ("openssl", "OpenSSL"),
    ("held", "held"),
    ("verify-libsodium", "libsodium.js"),
    ("verify-node-crypto", "node:crypto"),
    ("verify-native", "native"),
    ("verify-pynacl", "PyNaCl"),
    ("verify-pyca", "cryptography"),
    ("verify-go-crypto", "crypto/ed25519"),
    ("verify-jdk", "the JDK"),
    ("verify-openssl", "OpenSSL"),
    ("verify-raw", "signer-raw"),
];

#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bound {
    TimesAsFast(f64),
    /// In so much of the time.
    ShareOfTime(f64),
}

#[derive(Debug)]
pub(crate) struct Promise {
    pub(crate) hosts: &'static [&'static str],
    pub(crate) id: &'static str,
    pub(crate) than: &'static str,
    pub(crate) bound: Bound,
    /// Of each in a program of its own.
    pub(crate) alone: bool,
    /// What is verified, if they do not sign.
    pub(crate) load: Option<Load>,
}

const V8: &[&str] = &["node", "node-26", "deno", "chromium"];
const OLD_NODE: &[&str] = &["node"];
const NEW_NODE: &[&str] = &["node-26"];
const WASMTIME: &[&str] = &["wasmtime"];
const PYTHON: &[&str] = &["python"];
const GO: &[&str] = &["go-wazero"];

/// Each is less than the lowest seen on two kinds of machine, verifying on the newer one alone. That one, with AVX-512, makes the libraries
/// that are compared faster by more than it does the modules.
pub(crate) const PROMISES: &[Promise] = &[
    promise(V8, "held", "one-shot", Bound::TimesAsFast(1.8)),
    promise(V8, "batch-simd", "libsodium", Bound::TimesAsFast(1.3)),
    promise(OLD_NODE, "lanes", "libsodium", Bound::TimesAsFast(4.0)),
    promise(OLD_NODE, "lanes", "node-crypto", Bound::TimesAsFast(3.0)),
    Promise { alone: true, ..promise(OLD_NODE, "lanes", "tweetnacl", Bound::TimesAsFast(400.0)) },
    promise(NEW_NODE, "lanes-relaxed", "libsodium", Bound::TimesAsFast(7.0)),
    promise(NEW_NODE, "lanes-relaxed", "node-crypto", Bound::TimesAsFast(6.0)),
    Promise { alone: true, ..promise(NEW_NODE, "lanes-relaxed", "tweetnacl", Bound::TimesAsFast(700.0)) },
    promise(WASMTIME, "lanes-relaxed", "native-held", Bound::ShareOfTime(0.33)),
    promise(WASMTIME, "lanes", "native-held", Bound::ShareOfTime(0.6)),
    promise(PYTHON, "lanes-relaxed", "pynacl", Bound::TimesAsFast(3.2)),
    promise(PYTHON, "lanes", "pynacl", Bound::TimesAsFast(1.9)),
    promise(GO, "lanes", "go-crypto", Bound::TimesAsFast(1.6)),
    verify(NEW_NODE, ONE_ISSUER, "verify-lanes-relaxed", "verify-libsodium", Bound::TimesAsFast(11.0)),
    verify(NEW_NODE, ONE_ISSUER, "verify-lanes-relaxed", "verify-node-crypto", Bound::TimesAsFast(10.0)),
    verify(NEW_NODE, SIXTEEN, "verify-lanes-relaxed", "verify-libsodium", Bound::TimesAsFast(9.5)),
    verify(NEW_NODE, ALL_DIFFERENT, "verify-lanes-relaxed", "verify-libsodium", Bound::TimesAsFast(2.5)),
    verify(NEW_NODE, NEW_KEY, "verify-lanes-relaxed", "verify-raw", Bound::ShareOfTime(1.2)),
    verify(OLD_NODE, ONE_ISSUER, "verify-lanes", "verify-libsodium", Bound::TimesAsFast(6.0)),
    verify(OLD_NODE, ONE_ISSUER, "verify-lanes", "verify-node-crypto", Bound::TimesAsFast(4.8)),
    verify(OLD_NODE, SIXTEEN, "verify-lanes", "verify-libsodium", Bound::TimesAsFast(4.8)),
    verify(OLD_NODE, ALL_DIFFERENT, "verify-lanes", "verify-libsodium", Bound::TimesAsFast(1.2)),
    verify(OLD_NODE, NEW_KEY, "verify-lanes", "verify-raw", Bound::ShareOfTime(1.8)),
    verify(WASMTIME, ONE_ISSUER, "verify-lanes-relaxed", "verify-native", Bound::ShareOfTime(0.22)),
    verify(PYTHON, ONE_ISSUER, "verify-lanes-relaxed", "verify-pynacl", Bound::TimesAsFast(5.5)),
    verify(PYTHON, ONE_ISSUER, "verify-lanes-relaxed", "verify-pyca", Bound::TimesAsFast(6.0)),
    verify(GO, ONE_ISSUER, "verify-lanes", "verify-go-crypto", Bound::TimesAsFast(2.1)),
];

pub(crate) fn find(id: &str) -> Option<&'static Contestant> {
    LINEUP.iter().find(|contestant| contestant.id == id)
}

/// For people, with as many messages a call as there really were.
pub(crate) fn label(id: &str, a_call: usize) -> String {
    find(id).map_or_else(
        || id.to_owned(),
        |known| known.label.replace(&format!("{BATCH} a call"), &format!("{a_call} a call")),
    )
}

fn brought(id: &str, label: &str, kind: Kind) -> Contestant {
    Contestant { id: id.to_owned(), label: label.to_owned(), kind, wrapped: None, batch: false, verifies: false }
}

fn verifying(id: &str, label: &str, kind: Kind) -> Contestant {
    Contestant { verifies: true, ..brought(id, label, kind) }
}

const fn promise(hosts: &'static [&'static str], id: &'static str, than: &'static str, bound: Bound) -> Promise {
    Promise { hosts, id, than, bound, alone: false, load: None }
}

const fn verify(
    hosts: &'static [&'static str],
    load: Load,
    id: &'static str,
    than: &'static str,
    bound: Bound,
) -> Promise {
    Promise { load: Some(load), ..promise(hosts, id, than, bound) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_every_comparison_names_contestants() {
        let ids: BTreeSet<_> = LINEUP.iter().map(|contestant| &contestant.id).collect();
        assert_eq!(ids.len(), LINEUP.len());
        assert!(BASELINES.iter().all(|(id, _)| find(id).is_some()));
        for promise in PROMISES {
            assert!(find(promise.id).is_some() && find(promise.than).is_some(), "{promise:?}");
            assert!(BASELINES.iter().any(|(id, _)| *id == promise.than) || promise.than == "one-shot");
            assert!(!promise.alone || [promise.id, promise.than].iter().all(|id| ALONE.contains(id)));
            let verifies = |id| find(id).is_some_and(|known| known.verifies);
            assert_eq!([promise.id, promise.than].map(verifies), [promise.load.is_some(); 2], "{promise:?}");
            assert!(promise.load.is_none_or(|load| LOADS.contains(&load)));
        }
        assert!(find("nobody").is_none());
    }

    #[test]
    fn the_modules_sign_in_every_way_that_their_records_name() {
        let ids: Vec<&str> = LINEUP.iter().filter(|known| known.wrapped.is_some()).map(|known| &*known.id).collect();
        assert_eq!(ids[..3], ["lanes-relaxed", "lanes", "batch-simd"]);
        assert!(ids.contains(&"held-small") && ids.contains(&"one-shot"));
        assert_eq!(ids[ids.len() - 3..], ["verify-lanes-relaxed", "verify-lanes", "verify-raw"]);
        assert!(SIZES.contains(&BATCH));
    }

    #[test]
    fn a_label_says_how_many_messages_a_call_had() {
        assert_eq!(label("batch-simd", 1000), "Everyhost SIMD, 1000 a call");
        assert_eq!(label("batch-simd", 64), "Everyhost SIMD, 64 a call");
        assert_eq!(label("held", 1), "Everyhost portable, key held");
        assert_eq!(label("verify-lanes", 1), "Everyhost lanes, verifying, 1 a call");
        assert_eq!(NEW_KEY.shown(), "1,000 issuers, 1 a call");
        assert_eq!(ONE_ISSUER.shown(), "1 issuer, 1,000 a call");
    }
}

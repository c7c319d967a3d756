//! Who races: what a contestant's id means.

use serde::Serialize;

use super::protocol::Use;

/// Whose code it is; the plot has a colour for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Kind {
    /// Our modules.
    Ours,
    /// The chapter's own build.
    Chapter,
    /// Our Rust code, compiled for this machine.
    Native,
    /// Other people's.
    Other,
}

/// One way to sign.
#[derive(Debug)]
pub(super) struct Contestant {
    /// As the bench programs say it.
    pub(super) id: &'static str,
    /// For people. Who signs many a call has the usual number of them in it.
    pub(super) label: &'static str,
    /// Whose.
    pub(super) kind: Kind,
    /// Which module a host's wrapper signs with, and how; `None` for who a program brings along itself.
    pub(super) wrapped: Option<(&'static str, Use)>,
    /// Whether it signs many messages a call.
    pub(super) batch: bool,
}

/// How many messages a batch has, unless a host is too slow for that.
pub(super) const BATCH: usize = 1000;

/// The batches of the curve.
pub(super) const SIZES: &[usize] = &[1, 2, 4, 16, 64, 256, 1000, 4096];

/// The modules that contestants are made of, in the order in which they are shown.
pub(super) const MODULES: &[&str] = &[
    "signer-raw",
    "signer-raw-simd",
    "signer-lanes",
    "signer-lanes-relaxed",
    "signer-small",
    "signer-small-fast",
];

use Kind::{Chapter, Native, Other, Ours};

/// Everyone who can take part, in some host.
pub(super) const LINEUP: &[Contestant] = &[
    batch(
        "lanes-relaxed",
        "Everyhost lanes, relaxed SIMD, 1000 a call",
        "signer-lanes-relaxed",
    ),
    batch("lanes", "Everyhost lanes, 1000 a call", "signer-lanes"),
    batch("batch-simd", "Everyhost SIMD, 1000 a call", "signer-raw-simd"),
    batch("batch", "Everyhost portable, 1000 a call", "signer-raw"),
    held("held-simd", "Everyhost SIMD, key held", "signer-raw-simd"),
    held("held", "Everyhost portable, key held", "signer-raw"),
    held(
        "held-small-fast",
        "Everyhost small and fast, key held",
        "signer-small-fast",
    ),
    held("held-small", "Everyhost small, key held", "signer-small"),
    one_shot("one-shot-simd", "Everyhost SIMD, key passed", "signer-raw-simd"),
    one_shot("one-shot", "Everyhost portable, key passed", "signer-raw"),
    one_shot(
        "one-shot-small-fast",
        "Everyhost small and fast, key passed",
        "signer-small-fast",
    ),
    one_shot("one-shot-small", "Everyhost small, key passed", "signer-small"),
    brought("bindgen", "Everyhost wasm-bindgen, key passed", Ours),
    brought("chapter", "The chapter's build, key passed", Chapter),
    Contestant {
        batch: true,
        ..brought("native-batch", "Native dalek, 1000 a call", Native)
    },
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
];

/// Who also signs in a program of its own, on hosts that run JavaScript; the last of them is in none but these. What a
/// signature costs there depends on the garbage that the signer makes, and on the heap that others have grown.
pub(super) const ALONE: &[&str] = &[
    "lanes-relaxed",
    "lanes",
    "chapter",
    "node-crypto",
    "libsodium",
    "noble",
    "tweetnacl",
];

/// Who the others are compared with, where it takes part, and what the column is called.
pub(super) const BASELINES: &[(&str, &str)] = &[
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
];

/// What a ratio should be.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Bound {
    /// So many times as fast.
    TimesAsFast(f64),
    /// In so much of the time.
    ShareOfTime(f64),
}

/// What is promised in one run.
#[derive(Debug)]
pub(super) struct Promise {
    pub(super) hosts: &'static [&'static str],
    pub(super) id: &'static str,
    pub(super) than: &'static str,
    pub(super) bound: Bound,
    /// Of each in a program of its own.
    pub(super) alone: bool,
}

const V8: &[&str] = &["node", "node-26", "deno", "chromium"];
const OLD_NODE: &[&str] = &["node"];
const NEW_NODE: &[&str] = &["node-26"];
const WASMTIME: &[&str] = &["wasmtime"];
const PYTHON: &[&str] = &["python"];
const GO: &[&str] = &["go-wazero"];

pub(super) const PROMISES: &[Promise] = &[
    promise(V8, "held", "one-shot", Bound::TimesAsFast(2.0)),
    promise(V8, "batch-simd", "libsodium", Bound::TimesAsFast(1.3)),
    promise(OLD_NODE, "lanes", "libsodium", Bound::TimesAsFast(4.5)),
    promise(OLD_NODE, "lanes", "node-crypto", Bound::TimesAsFast(3.5)),
    Promise {
        alone: true,
        ..promise(OLD_NODE, "lanes", "tweetnacl", Bound::TimesAsFast(500.0))
    },
    promise(NEW_NODE, "lanes-relaxed", "libsodium", Bound::TimesAsFast(9.0)),
    promise(NEW_NODE, "lanes-relaxed", "node-crypto", Bound::TimesAsFast(8.0)),
    Promise {
        alone: true,
        ..promise(NEW_NODE, "lanes-relaxed", "tweetnacl", Bound::TimesAsFast(1000.0))
    },
    promise(WASMTIME, "lanes-relaxed", "native-held", Bound::ShareOfTime(0.33)),
    promise(WASMTIME, "lanes", "native-held", Bound::ShareOfTime(0.6)),
    promise(PYTHON, "lanes-relaxed", "pynacl", Bound::TimesAsFast(3.5)),
    promise(PYTHON, "lanes", "pynacl", Bound::TimesAsFast(1.9)),
    promise(GO, "lanes", "go-crypto", Bound::TimesAsFast(1.6)),
];

/// The contestant of an id.
pub(super) fn find(id: &str) -> Option<&'static Contestant> {
    LINEUP.iter().find(|contestant| contestant.id == id)
}

/// For people, with as many messages a call as there really were.
pub(super) fn label(id: &str, a_call: usize) -> String {
    find(id).map_or_else(
        || id.to_owned(),
        |known| {
            known
                .label
                .replace(&format!("{BATCH} a call"), &format!("{a_call} a call"))
        },
    )
}

const fn brought(id: &'static str, label: &'static str, kind: Kind) -> Contestant {
    Contestant {
        id,
        label,
        kind,
        wrapped: None,
        batch: false,
    }
}

const fn wrapped(id: &'static str, label: &'static str, module: &'static str, r#use: Use) -> Contestant {
    Contestant {
        id,
        label,
        kind: Ours,
        wrapped: Some((module, r#use)),
        batch: matches!(r#use, Use::Batch),
    }
}

const fn batch(id: &'static str, label: &'static str, module: &'static str) -> Contestant {
    wrapped(id, label, module, Use::Batch)
}

const fn held(id: &'static str, label: &'static str, module: &'static str) -> Contestant {
    wrapped(id, label, module, Use::Held)
}

const fn one_shot(id: &'static str, label: &'static str, module: &'static str) -> Contestant {
    wrapped(id, label, module, Use::OneShot)
}

const fn promise(
    hosts: &'static [&'static str],
    id: &'static str,
    than: &'static str,
    bound: Bound,
) -> Promise {
    Promise {
        hosts,
        id,
        than,
        bound,
        alone: false,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn ids_are_unique_and_every_comparison_names_contestants() {
        let ids: BTreeSet<_> = LINEUP.iter().map(|contestant| contestant.id).collect();
        assert_eq!(ids.len(), LINEUP.len());
        assert!(BASELINES.iter().all(|(id, _)| find(id).is_some()));
        for promise in PROMISES {
            assert!(
                find(promise.id).is_some() && find(promise.than).is_some(),
                "{promise:?}"
            );
            assert!(BASELINES.iter().any(|(id, _)| *id == promise.than) || promise.than == "one-shot");
            assert!(!promise.alone || [promise.id, promise.than].iter().all(|id| ALONE.contains(id)));
        }
        assert!(find("nobody").is_none());
    }

    #[test]
    fn every_wrapped_contestant_is_of_a_module_that_is_shown() {
        let modules: BTreeSet<_> = LINEUP
            .iter()
            .filter_map(|known| known.wrapped)
            .map(|(module, _)| module)
            .collect();
        assert_eq!(modules, MODULES.iter().copied().collect());
        assert!(SIZES.contains(&BATCH));
    }

    #[test]
    fn a_label_says_how_many_messages_a_call_had() {
        assert_eq!(label("batch-simd", 1000), "Everyhost SIMD, 1000 a call");
        assert_eq!(label("batch-simd", 64), "Everyhost SIMD, 64 a call");
        assert_eq!(label("held", 1), "Everyhost portable, key held");
    }
}

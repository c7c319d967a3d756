//! Who races: what a contestant's id means.

use serde::Serialize;

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
    /// As the engines' programs say it.
    pub(super) id: &'static str,
    /// For people.
    pub(super) label: &'static str,
    /// Whose.
    pub(super) kind: Kind,
}

/// Everyone who can take part, in some engine.
pub(super) const LINEUP: &[Contestant] = &[
    contestant("batch-simd", "Everyhost SIMD, 1000 a call", Kind::Ours),
    contestant("batch", "Everyhost portable, 1000 a call", Kind::Ours),
    contestant("held-simd", "Everyhost SIMD, key held", Kind::Ours),
    contestant("held", "Everyhost portable, key held", Kind::Ours),
    contestant("one-shot-simd", "Everyhost SIMD, key passed", Kind::Ours),
    contestant("one-shot", "Everyhost portable, key passed", Kind::Ours),
    contestant("bindgen", "Everyhost wasm-bindgen, key passed", Kind::Ours),
    contestant("chapter", "The chapter's build, key passed", Kind::Chapter),
    contestant("native-batch", "Native dalek, 1000 a call", Kind::Native),
    contestant("native-held", "Native dalek, key held", Kind::Native),
    contestant("native-one-shot", "Native dalek, key passed", Kind::Native),
    contestant("node-crypto", "node:crypto (OpenSSL, native)", Kind::Other),
    contestant("libsodium", "libsodium.js (Wasm)", Kind::Other),
    contestant("webcrypto", "WebCrypto subtle.sign", Kind::Other),
    contestant("noble", "@noble/ed25519", Kind::Other),
    contestant("noble-async", "@noble/ed25519, signAsync", Kind::Other),
    contestant("tweetnacl", "tweetnacl", Kind::Other),
];

/// Who the others are compared with, where it takes part, and what the column is called.
pub(super) const BASELINES: &[(&str, &str)] = &[
    ("tweetnacl", "tweetnacl"),
    ("libsodium", "libsodium.js"),
    ("chapter", "the chapter's"),
    ("native-held", "native, held"),
];

/// What is promised in one run on V8: the first is at least so many times as fast as the second.
pub(super) const EXPECTED_ON_V8: &[(&str, &str, f64)] = &[
    ("held", "one-shot", 2.0),
    ("batch-simd", "libsodium", 1.3),
    ("batch-simd", "tweetnacl", 100.0),
];

const fn contestant(id: &'static str, label: &'static str, kind: Kind) -> Contestant {
    Contestant { id, label, kind }
}

/// The contestant of an id.
pub(super) fn find(id: &str) -> Option<&'static Contestant> {
    LINEUP.iter().find(|contestant| contestant.id == id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_unique_and_every_comparison_names_contestants() {
        let ids: std::collections::BTreeSet<_> = LINEUP.iter().map(|contestant| contestant.id).collect();
        assert_eq!(ids.len(), LINEUP.len());
        assert!(BASELINES.iter().all(|(id, _)| find(id).is_some()));
        assert!(
            EXPECTED_ON_V8
                .iter()
                .all(|(id, than, _)| find(id).is_some() && find(than).is_some())
        );
        assert!(find("nobody").is_none());
    }
}

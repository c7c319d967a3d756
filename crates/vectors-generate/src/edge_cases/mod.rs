//! The edges of Ed25519 verification, where implementations differ: points of small and of mixed order, spellings that are
//! not canonical, S at its bounds, the cofactor. The families are those of "Taming the many EdDSAs"
//! (<https://eprint.iacr.org/2020/1244>), made here from their definitions, and answered by the plain-integer reference.

mod facts;
mod families;
mod points;

use super::build::{self, both_verified, case, error, judged, sign, test_key, triple};
use families::Edge;
use vectors::model::{Case, Face, Suite};
use vectors::ops::VerifyInput;

pub(super) fn suite() -> Suite {
    let mut cases: Vec<Case> = families::all().into_iter().flat_map(both).collect();
    cases.extend(double_public_keys());
    build::suite(
        "ed25519-edge-cases",
        Face::Signer,
        build::source(
            "the definitions of verify and verify_strict above, for the families of \"Taming the many EdDSAs\" (https://eprint.iacr.org/2020/1244); made and answered by the plain-integer Ed25519 in crates/ed25519-reference/src/lib.rs",
            "MIT OR Apache-2.0",
            None,
        ),
        &build::flags(facts::FLAGS),
        cases,
    )
}

fn id(name: &str) -> String {
    format!("ed25519/edge/{name}")
}

/// `verify` and `verify_strict` of one triple, as the reference answers.
fn both(edge: Edge) -> [Case; 2] {
    let Edge { name, comment, double_public_key, triple } = edge;
    let mut flags = facts::flags(&triple);
    if double_public_key {
        flags.push("DoublePublicKey");
        flags.sort_unstable();
    }
    let answers = judged(&triple);
    both_verified(|op| id(&format!("{name}-{op}")), &flags, &comment, triple, answers)
}

/// A signer must refuse a keypair whose public half is another spelling or another point, however near.
fn double_public_keys() -> Vec<Case> {
    let key = test_key("edge cases");
    families::other_public_keys(&key)
        .into_iter()
        .map(|(name, words, public)| {
            case(
                id(&format!("double-public-key/{name}-sign")),
                &["DoublePublicKey"],
                format!("the seed of one key beside {words}"),
                sign([key.seed(), public].concat(), "hello"),
                error("KEY_PAIR_MISMATCH"),
            )
        })
        .collect()
}

/// A signature of R and S.
fn signed(public_key: [u8; 32], message: &str, r: [u8; 32], s: [u8; 32]) -> VerifyInput {
    triple(public_key, message, [r, s].concat())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The flags are computed from the bytes, the names are those of how a case was made: the two must agree.
    #[test]
    fn a_case_is_what_it_was_made_to_be() {
        let suite = suite();
        assert!(suite.count >= 900, "{} cases", suite.count);
        for case in &suite.cases {
            let has = |flag: &str| case.flags.iter().any(|carried| carried == flag);
            let family = case.id.split('/').nth(2).unwrap_or_default();
            let must = |flag: &str, wanted: bool| assert_eq!(has(flag), wanted, "{}: {flag}", case.id);
            if family.contains("-a-") {
                must("CofactoredOnly", case.id.contains("-times-8-"));
                must("SmallOrderA", family.starts_with("small-a"));
                must("SmallOrderR", family.ends_with("small-r"));
                must("MixedOrderA", case.id.contains("a-mixed"));
                must("MixedOrderR", case.id.contains("r-mixed"));
            }
            if case.id.contains("-reduced-") || case.id.contains("-unreduced-") {
                must("ReducedChallenge", true);
            }
            if case.id.contains("-as-given-") || case.id.contains("-encoded-anew-") {
                must("ReencodedChallenge", true);
            }
        }
        let carried = |flag: &str| suite.cases.iter().any(|case| case.flags.iter().any(|of| of == flag));
        for flag in suite.flags.keys() {
            assert!(carried(flag), "no case carries {flag}");
        }
    }

    #[test]
    fn every_spelling_of_small_order_is_there_as_a_with_every_other_as_r() {
        let spellings = points::small_order();
        let edges = families::all();
        for (a, r) in spellings.iter().flat_map(|a| spellings.iter().map(move |r| (a, r))) {
            let start = [a.bytes, r.bytes, [0; 32]].concat();
            let found = edges.iter().any(|edge| {
                let VerifyInput { public_key, signature, .. } = &edge.triple;
                [public_key.to_vec(), signature.to_vec()].concat() == start
            });
            assert!(found, "A = {}, R = {}, S = 0", a.words, r.words);
        }
    }
}

//! The families of edge cases, each made from its definition.

use num_bigint::BigUint;

use super::points::{Odd, Spelling, large, large_non_canonical, scalar, small_order, times_t};
use super::signed;
use ed25519_reference::{Key, ORDER, P, decode, encode, hash_to_integer, times_base, to_32_bytes};
use vectors::ops::VerifyInput;

/// A triple, and what is said about it.
pub(super) struct Edge {
    /// The family and what it is in it; the end of an id.
    pub(super) name: String,
    pub(super) comment: String,
    /// Whether it shows what comes of signing with a public key that is not the seed's.
    pub(super) double_public_key: bool,
    pub(super) triple: VerifyInput,
}

fn edge(name: String, comment: String, triple: VerifyInput) -> Edge {
    Edge { name, comment, double_public_key: false, triple }
}

/// All of them, but for the keypairs that a signer must refuse.
pub(super) fn all() -> Vec<Edge> {
    let plain_and_mixed = |log: &str| [large(log, 0), large(log, 1)];
    let large_a = [0, 1, 2, 4].map(|torsion| large("a", torsion));
    let large_r: Vec<Spelling> = (0..8).map(|torsion| large("r", torsion)).collect();
    [
        pairs("small-a-small-r", &small_order(), &small_order()),
        pairs("small-a-large-r", &small_order(), &plain_and_mixed("r")),
        pairs("large-a-small-r", &plain_and_mixed("a"), &small_order()),
        pairs("large-a-large-r", &large_a, &large_r),
        challenges(),
        large_and_not_canonical(),
        bounds_of_s(),
        double_public_keys(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// Every A with every R. S is r + k·a, so that S·B − k·A − R has small order: it is −(k·i + j)·T where the small parts of
/// A and R are i·T and j·T. Each pair is there with a message for which that is the neutral point, and with one for
/// which it is not, if there are such messages.
fn pairs(family: &str, a: &[Spelling], r: &[Spelling]) -> Vec<Edge> {
    let mut edges = Vec::new();
    for (a, r) in a.iter().flat_map(|a| r.iter().map(move |r| (a, r))) {
        for (holds, name, words) in [
            (true, "holds", "the equation holds"),
            (false, "times-8", "the equation holds only when it is multiplied by 8"),
        ] {
            let fits = |k: u8| (k * a.torsion + r.torsion).is_multiple_of(8) == holds;
            if let Some(triple) = signed_where(a, r, |k| fits(k.reduced)) {
                edges.push(edge(
                    format!("{family}/a-{}-r-{}-{name}", a.name, r.name),
                    format!("A = {}; R = {}; {words}", a.words, r.words),
                    triple,
                ));
            }
        }
    }
    edges
}

/// The lowest three bits of k, which decide about what has small order.
#[derive(Clone, Copy)]
struct LowBits {
    /// Of k modulo L.
    reduced: u8,
    /// Of all 512 bits of the hash.
    unreduced: u8,
    /// Of k modulo L, where A and R are encoded anew before they are hashed.
    anew: u8,
}

/// S = r + k·a, with the first message whose k fits; none where k cannot, whatever the message.
fn signed_where(a: &Spelling, r: &Spelling, fits: impl Fn(LowBits) -> bool) -> Option<VerifyInput> {
    let every =
        (0..8).flat_map(|reduced| (0..8).flat_map(move |unreduced| (0..8).map(move |anew| [reduced, unreduced, anew])));
    let possible = every.into_iter().any(|[reduced, unreduced, anew]| fits(LowBits { reduced, unreduced, anew }));
    let messages = (0u32..).map(|number| format!("edge case {number}"));
    messages.take_while(|_| possible).find_map(|message| {
        let k = challenge(&r.bytes, &a.bytes, &message);
        let encoded_anew = |bytes| encode(&decode(bytes).expect("every spelling is one of a point"));
        let anew = challenge(&encoded_anew(&r.bytes), &encoded_anew(&a.bytes), &message);
        let reduced = &k % &*ORDER;
        fits(LowBits { reduced: low_bits(&reduced), unreduced: low_bits(&k), anew: low_bits(&(anew % &*ORDER)) }).then(
            || {
                let s = (&r.scalar + reduced * &a.scalar) % &*ORDER;
                signed(a.bytes, &message, r.bytes, to_32_bytes(&s))
            },
        )
    })
}

fn challenge(r: &[u8; 32], a: &[u8; 32], message: &str) -> BigUint {
    hash_to_integer(&[r, a, message.as_bytes()])
}

fn low_bits(number: &BigUint) -> u8 {
    (0..3).map(|bit| u8::from(number.bit(bit)) << bit).sum()
}

/// Where it matters how k is made: reduced or not, and of the bytes as given or of points encoded anew.
fn challenges() -> Vec<Edge> {
    let small = small_order();
    let r_neutral = &small[0];
    let large_r = large("r", 0);
    let mut edges = Vec::new();
    let mut add = |name: String, comment: String, a: &Spelling, r: &Spelling, fits: &dyn Fn(LowBits) -> bool| {
        if let Some(triple) = signed_where(a, r, fits) {
            let comment = format!("A = {}; R = {}; {comment}", a.words, r.words);
            edges.push(edge(format!("challenge/a-{}-r-{}-{name}", a.name, r.name), comment, triple));
        }
    };
    let holds = |a: &Spelling, r: &Spelling, k: u8| (k * a.torsion + r.torsion).is_multiple_of(8);
    let with_parts = [
        (small[1].clone(), r_neutral),
        (small[2].clone(), r_neutral),
        (small[4].clone(), r_neutral),
        (large("a", 1), &large_r),
        (large("a", 4), &large_r),
    ];
    for (a, r) in &with_parts {
        for (wanted, word) in [(true, "reduced"), (false, "unreduced")] {
            add(format!("only-{word}"), format!("the equation holds for the {word} k only"), a, r, &|k| {
                holds(a, r, k.reduced) == wanted && holds(a, r, k.unreduced) != wanted
            });
        }
    }
    // The neutral point as A would make no difference.
    let odd_a = small[8..].iter().filter(|a| a.torsion != 0).map(|a| (a, r_neutral));
    let odd_r = small[8..].iter().map(|r| (&small[1], r));
    for (a, r) in odd_a.chain(odd_r) {
        for (wanted, name, words) in
            [(true, "only-as-given", "the bytes as given"), (false, "only-encoded-anew", "A and R encoded anew")]
        {
            add(name.to_owned(), format!("the equation holds for the k of {words} only"), a, r, &|k| {
                holds(a, r, k.reduced) == wanted && holds(a, r, k.anew) != wanted
            });
        }
    }
    edges
}

/// Points of large order in spellings that are not canonical. Nobody can sign for such an A, or knows the nonce of such
/// an R, so that the most one can do is put them in the place of good ones; in pairs, one with itself.
fn large_and_not_canonical() -> Vec<Edge> {
    let (a, r) = (large("a", 0), large("r", 0));
    let message = "edge case";
    let s_for = |a_bytes: &[u8; 32], r_bytes: &[u8; 32]| {
        let k = challenge(r_bytes, a_bytes, message);
        to_32_bytes(&((&r.scalar + k * &a.scalar) % &*ORDER))
    };
    large_non_canonical()
        .into_iter()
        .flat_map(|Odd { name, words, bytes }| {
            let of = |place: &str, a: [u8; 32], r: [u8; 32]| {
                edge(
                    format!("large-non-canonical/{place}-{name}"),
                    format!("a point of large order, spelt with {words}, as {place}"),
                    signed(a, message, r, s_for(&a, &r)),
                )
            };
            [of("a", bytes, r.bytes), of("r", a.bytes, bytes), of("a-and-r", bytes, bytes)]
        })
        .collect()
}

/// S at its bounds and over them: of an ordinary signature, and of one by a key of small order, where any S has its R.
fn bounds_of_s() -> Vec<Edge> {
    let (a, r) = (large("a", 0), large("r", 0));
    let message = "edge case";
    let k = challenge(&r.bytes, &a.bytes, message);
    let good = (&r.scalar + k * &a.scalar) % &*ORDER;
    let power = |exponent: u32| BigUint::from(1u8) << exponent;
    let limit = power(256);
    let mut over: Vec<(String, String, BigUint)> = (0..=15u8)
        .map(|times| (format!("plus-{times}-l"), format!("S + {times}·L"), &good + times * &*ORDER))
        .collect();
    over.extend((252..=255).map(|bit| (format!("plus-2-{bit}"), format!("S + 2^{bit}"), &good + power(bit))));
    over.push(("plus-p".into(), "S + p".into(), &good + &*P));
    over.push(("negated".into(), "L − S".into(), &*ORDER - &good));
    let ordinary = over.into_iter().filter(|(.., s)| *s < limit).map(|(name, words, s)| {
        edge(
            format!("s/{name}"),
            format!("of an ordinary signature, {words}"),
            signed(a.bytes, message, r.bytes, to_32_bytes(&s)),
        )
    });

    let one = BigUint::from(1u8);
    let values: [(&str, &str, BigUint); 13] = [
        ("0", "0", BigUint::ZERO),
        ("1", "1", one.clone()),
        ("2-252", "2^252, below L", power(252)),
        ("l-minus-1", "L − 1", &*ORDER - &one),
        ("l", "L", ORDER.clone()),
        ("l-plus-1", "L + 1", &*ORDER + &one),
        ("2-253-minus-1", "2^253 − 1: the three highest bits are 0", power(253) - &one),
        ("2-253", "2^253", power(253)),
        ("2l", "2L", 2u8 * &*ORDER),
        ("8l", "8L", 8u8 * &*ORDER),
        ("2-254", "2^254", power(254)),
        ("2-255", "2^255", power(255)),
        ("all-ones", "2^256 − 1", power(256) - &one),
    ];
    let small = small_order();
    let bounds = values.iter().flat_map(|(name, words, s)| {
        // The neutral point and one of order 8, whose part in the equation the message makes neutral.
        let by_small = [&small[0], &small[1]].map(|key| {
            let r = Spelling {
                name: String::new(),
                words: String::new(),
                bytes: encode(&times_base(&(s % &*ORDER))),
                scalar: s % &*ORDER,
                torsion: 0,
            };
            let fitting = signed_where(key, &r, |k| (k.reduced * key.torsion).is_multiple_of(8));
            let message = fitting.expect("one message in eight fits").message.to_vec();
            let message = String::from_utf8(message).expect("it was made of text");
            edge(
                format!("s/a-{}-s-{name}", key.name),
                format!("A = {}; S = {words}; R = S·B", key.words),
                signed(key.bytes, &message, r.bytes, to_32_bytes(s)),
            )
        });
        let by_ordinary = edge(
            format!("s/is-{name}"),
            format!("S = {words} in the place of an ordinary one"),
            signed(a.bytes, message, r.bytes, to_32_bytes(s)),
        );
        by_small.into_iter().chain([by_ordinary])
    });
    ordinary.chain(bounds).collect()
}

/// Public keys that do not belong to the seed of `key`, some very near: a name, words, the bytes.
pub(super) fn other_public_keys(key: &Key) -> Vec<(String, String, [u8; 32])> {
    let public = decode(&key.public_key()).expect("a public key is a point");
    let mut others = vec![
        ("negated".to_owned(), "its public key with the other sign".to_owned(), encode(&public.negated())),
        ("another".to_owned(), "another's public key".to_owned(), encode(&times_base(&scalar("another")))),
    ];
    others.extend((1..8).map(|torsion| {
        (
            format!("plus-t{torsion}"),
            format!("its public key + {torsion}T, which clamped scalars do not notice"),
            encode(&public.plus(&times_t(torsion))),
        )
    }));
    let small = small_order().into_iter();
    others
        .extend(small.map(|Spelling { name, words, bytes, .. }| (format!("is-{name}"), format!("A = {words}"), bytes)));
    others
}

/// What a signer that takes any public key gives out: R and k by the wrong key, S by the seed's scalar. It is no
/// signature by either key, unless the wrong one differs only in what k happens to make neutral.
fn double_public_keys() -> Vec<Edge> {
    let a = scalar("a");
    let public = encode(&times_base(&a));
    let r = large("r", 0);
    let message = "edge case";
    let others = [
        ("another", "another's public key", encode(&times_base(&scalar("another")))),
        ("negated", "its public key with the other sign", encode(&times_base(&(&*ORDER - &a)))),
        ("plus-t1", "its public key + 1T", large("a", 1).bytes),
        ("plus-t4", "its public key + 4T", large("a", 4).bytes),
        ("neutral", "the neutral point", small_order()[0].bytes),
    ];
    others
        .into_iter()
        .flat_map(|(name, words, other)| {
            let k = challenge(&r.bytes, &other, message);
            let s = to_32_bytes(&((&r.scalar + k * &a) % &*ORDER));
            [("by-its-own", public), ("by-the-other", other)].map(|(by, key)| Edge {
                name: format!("double-public-key/{name}-{by}"),
                comment: format!("signed with {words} in the hash; verified {}", by.replace('-', " ")),
                double_public_key: true,
                triple: signed(key, message, r.bytes, s),
            })
        })
        .collect()
}

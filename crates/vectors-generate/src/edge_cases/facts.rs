//! What is special about a public key, a message and a signature: computed from the bytes by the definitions, so that a
//! flag says what a case is, not what it was meant to be.

use num_bigint::BigUint;

use ed25519_reference::{self as reference, ORDER, Point, decode, encode, hash_to_integer, times_base};
use vectors::ops::VerifyInput;

/// Each flag, and what it means.
pub(super) const FLAGS: &str = "\
CofactoredOnly: 8·S·B = 8·R + 8·k·A holds and S·B = R + k·A does not, as R or A has a part of small order: a verifier that multiplies by the cofactor 8 accepts it, and RFC 8032 allows both (https://eprint.iacr.org/2020/1244)
DoublePublicKey: the public key that goes into the hash is not the seed's: who signs so gives two signatures with one R and two k, and with them the secret scalar (https://rustsec.org/advisories/RUSTSEC-2022-0093.html)
HoldsForPoints: S·B − k·A is the point R, but R is another spelling of it: a verifier that decodes R and compares points accepts it, one that compares bytes does not
HoldsForSModL: the equation holds, and S is not below the group order: a verifier that does not look at the range of S accepts it
LargeS: S is not below the group order L: RFC 8032, section 5.1.7, refuses it, so that a signature has one spelling
LenientOnly: verify accepts it and verify_strict does not, as A or R has small order
MixedOrderA: A is a large point with a part of small order, as only who makes keys on purpose gets it
MixedOrderR: R is a large point with a part of small order
NonCanonicalA: A is not spelt as encoding it gives: y is not below p, or x is 0 and its sign bit set. RFC 8032, section 5.1.3, refuses to decode it; most libraries do
NonCanonicalR: R is not spelt as encoding it gives, and so is never the encoding of S·B − k·A
PremultipliedCofactor: 8·(k·A) is not (8·k mod L)·A, and whether a verifier that multiplies by the cofactor accepts it depends on which of them it computes
ReducedChallenge: the equation holds for k modulo L and not for the 512 bits of k, or the other way round: verify reduces k
ReencodedChallenge: the equation holds for the k of the bytes as given and not for that of A and R encoded anew, or the other way round: verify hashes the bytes as given
SmallOrderA: A has small order: signatures by it fit many messages, and no secret is needed to make them
SmallOrderR: R has small order: the nonce was 0, or there was none";

/// The flags of a triple, but for those of how it was made.
pub(super) fn flags(triple: &VerifyInput) -> Vec<&'static str> {
    let a: [u8; 32] = sized(&triple.public_key.to_vec());
    let signature: [u8; 64] = sized(&triple.signature.to_vec());
    let (r, s) = signature.split_at(32);
    let (r, s): ([u8; 32], _) = (sized(r), BigUint::from_bytes_le(s));
    let message = triple.message.to_vec();

    let mut flags = Vec::new();
    let mut flag = |holds: bool, name: &'static str| {
        if holds {
            flags.push(name);
        }
    };
    let large_s = s >= *ORDER;
    flag(large_s, "LargeS");
    let lenient = reference::verify(&a, &message, &signature);
    flag(lenient && !reference::verify_strict(&a, &message, &signature), "LenientOnly");
    let (Some(a_point), Some(r_point)) = (decode(&a), decode(&r)) else {
        return flags;
    };
    for (bytes, point, [small, mixed, odd]) in [
        (a, &a_point, ["SmallOrderA", "MixedOrderA", "NonCanonicalA"]),
        (r, &r_point, ["SmallOrderR", "MixedOrderR", "NonCanonicalR"]),
    ] {
        let is_small = point.has_small_order();
        flag(is_small, small);
        flag(!is_small && !is_neutral(&point.times(&ORDER)), mixed);
        flag(encode(point) != bytes, odd);
    }

    // S·B − R, from which each k takes its multiple of A.
    let without_a = times_base(&s).plus(&r_point.negated());
    let minus_a = a_point.negated();
    let rest = |k: &BigUint| without_a.plus(&minus_a.times(k));
    let k = hash_to_integer(&[&r, &a, &message]);
    let reduced = &k % &*ORDER;
    let residue = rest(&reduced);
    let holds = is_neutral(&residue);
    let canonical_r = encode(&r_point) == r;
    flag(holds && large_s, "HoldsForSModL");
    flag(holds && !large_s && !canonical_r, "HoldsForPoints");
    flag(!holds && !large_s && residue.has_small_order(), "CofactoredOnly");
    flag(is_neutral(&rest(&k)) != holds, "ReducedChallenge");
    let anew = hash_to_integer(&[&encode(&r_point), &encode(&a_point), &message]) % &*ORDER;
    flag(is_neutral(&rest(&anew)) != holds, "ReencodedChallenge");
    let eight = BigUint::from(8u8);
    let premultiplied = without_a.times(&eight).plus(&minus_a.times(&(&reduced * &eight % &*ORDER)));
    flag(is_neutral(&premultiplied) != residue.has_small_order(), "PremultipliedCofactor");
    flags.sort_unstable();
    flags
}

fn is_neutral(point: &Point) -> bool {
    encode(point) == encode(&Point::neutral())
}

fn sized<const LEN: usize>(bytes: &[u8]) -> [u8; LEN] {
    bytes.try_into().expect("edge cases have keys and signatures of full length")
}

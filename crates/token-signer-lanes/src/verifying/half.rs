//! Half a challenge: for k the fraction u/v with u ≡ v·k modulo 8·L, both of half its length.
//!
//! S·B − k·A − R is nothing exactly if v times it is: v is odd and below L, so it has an inverse modulo 8·L, and the curve's
//! group has 8·L elements. That takes half the doublings of k·A.

/// Nothing longer is taken for u and v, unless it is k itself.
const BITS: usize = 131;

/// Signed numbers as limbs of 32 bits. None is negative but the highest, which has the sign.
type Number = [i64; 8];

const ONE: Number = [1, 0, 0, 0, 0, 0, 0, 0];
/// 8·L.
const ORDER: Number = [0xe7ae_9f68, 0xc093_18d2, 0x17bc_e6b2, 0xa6f7_cef5, 0, 0, 0, 0x8000_0000];

/// The fraction.
pub(crate) struct Half {
    /// The absolute value of u.
    pub(crate) u: [u8; 32],
    pub(crate) is_negative: bool,
    /// Positive and odd.
    pub(crate) v: [u8; 32],
}

/// Halves k, which is below L. For a few k none is found; then u is k and v is 1.
///
/// Euclid's algorithm on 8·L and k, with the quotients of many steps taken from the highest bits alone (Lehmer). Where one is not
/// quite right, r is a little longer or negative, but r ≡ t·k all the same.
pub(crate) fn halve(challenge: &[u8; 32]) -> Half {
    let mut k = [0; 8];
    for (limb, bytes) in k.iter_mut().zip(challenge.chunks_exact(4)) {
        *limb = bytes.iter().rev().fold(0, |limb, byte| limb << 8 | i64::from(*byte));
    }
    let (mut r, mut t) = ([ORDER, k], [[0; 8], ONE]);
    loop {
        let is_short = bits(&r[1]) < BITS;
        if is_short && t[1][0] & 1 == 1 {
            break;
        }
        let Some(factors) = steps(&r, is_short) else {
            break;
        };
        r = factors.map(|[x, y]| combine(&r, x, y));
        t = factors.map(|[x, y]| combine(&t, x, y));
        for (r, t) in r.iter_mut().zip(&mut t) {
            if r[7] < 0 {
                (*r, *t) = (combine(&[*r; 2], -1, 0), combine(&[*t; 2], -1, 0));
            }
        }
    }
    let (u, mut v) = (r[1], t[1]);
    let is_negative = v[7] < 0;
    if is_negative {
        v = combine(&[v; 2], -1, 0);
    }
    if bits(&u) > BITS || bits(&v) > BITS || v[0] & 1 == 0 {
        return Half { u: *challenge, is_negative: false, v: to_bytes(&ONE) };
    }
    Half { u: to_bytes(&u), is_negative, v: to_bytes(&v) }
}

/// What of r the next r are: as many steps as 62 bits allow, or `one`. None where there is none to take.
#[inline(never)]
fn steps(r: &[Number; 2], one: bool) -> Option<[[i64; 2]; 2]> {
    let from = bits(&r[0]).checked_sub(62)?;
    let (mut a, mut b) = (part(&r[0], from), part(&r[1], from));
    // What is below has no more than 32 bits that are right, or is short enough.
    let least = if one { 1 } else { 1 << (BITS - 1).saturating_sub(from).clamp(32, 62) };
    let mut factors = [[1, 0], [0, 1]];
    while b >= least {
        let quotient = (a / b) as i64;
        let next = [0, 1].map(|at| factors[0][at] - quotient * factors[1][at]);
        if quotient >= 1 << 30 || next.iter().any(|factor| factor.unsigned_abs() >= 1 << 30) {
            break;
        }
        factors = [factors[1], next];
        (a, b) = (b, a % b);
        if one {
            break;
        }
    }
    (factors[1] != [0, 1]).then_some(factors)
}

/// x·a + y·b.
#[inline(never)]
fn combine([a, b]: &[Number; 2], x: i64, y: i64) -> Number {
    let mut sum = [0; 8];
    let mut carry = 0;
    for (at, limb) in sum.iter_mut().enumerate() {
        let all = x * a[at] + y * b[at] + carry;
        carry = all >> 32;
        *limb = if at < 7 { all & 0xffff_ffff } else { all };
    }
    sum
}

/// How long a number is that is not negative.
#[inline(never)]
fn bits(number: &Number) -> usize {
    let highest = number.iter().rposition(|limb| *limb != 0);
    highest.map_or(0, |at| 32 * at + 64 - number[at].leading_zeros() as usize)
}

/// 64 bits of it.
fn part(number: &Number, from: usize) -> u64 {
    let (at, shift) = (from / 32, from % 32);
    let limb = |at: usize| number.get(at).map_or(0, |limb| *limb as u64);
    (limb(at) | limb(at + 1) << 32) >> shift | limb(at + 2) << 1 << (63 - shift)
}

fn to_bytes(number: &Number) -> [u8; 32] {
    let mut bytes = [0; 32];
    for (bytes, limb) in bytes.chunks_exact_mut(4).zip(number) {
        bytes.copy_from_slice(&(*limb as u32).to_le_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::Scalar;
    use num_bigint::{BigInt, Sign};
    use proptest::prelude::*;

    use super::*;

    /// How long the longer of both is.
    fn check(challenge: [u8; 32]) -> u64 {
        let half = halve(&challenge);
        let number = |bytes: &[u8; 32]| BigInt::from_bytes_le(Sign::Plus, bytes);
        let (k, v, mut u) = (number(&challenge), number(&half.v), number(&half.u));
        let bits = u.bits().max(v.bits());
        if half.is_negative {
            u = -u;
        }
        let order = (number((-Scalar::ONE).as_bytes()) + 1u8) * 8u8;
        assert_eq!((v * k - u) % order, BigInt::ZERO);
        assert_eq!(half.v[0] & 1, 1);
        bits
    }

    #[test]
    fn edges() {
        for small in 0..100u64 {
            check(Scalar::from(small).to_bytes());
            check((-Scalar::from(small)).to_bytes());
            for part in 1..10u64 {
                check((Scalar::from(part).invert() * Scalar::from(small)).to_bytes());
            }
        }
        for bit in 0..252 {
            let mut bytes = [0; 32];
            bytes[bit / 8] = 1 << (bit % 8);
            check(bytes);
        }
    }

    #[test]
    fn nearly_all_are_half_as_long() {
        let long =
            (0..2000u64).filter(|seed| check(crate::hash::hashed(&[&seed.to_le_bytes()]).to_bytes()) > BITS as u64);
        assert!(long.count() < 60);
    }

    proptest! {
        #[test]
        fn it_is_the_fraction_of_any(bytes: [u8; 32]) {
            check(Scalar::from_bytes_mod_order(bytes).to_bytes());
        }
    }
}

//! Public keys as points of the curve.

use crate::curve::{D, ONE};
use crate::field::{Field, Limbs51, mul, pack, unpack};
use crate::point::{difference, power_for_root, sum};
use crate::verifying::table::lanes;

/// A square root of −1: 2^((p − 1)/4).
const ROOT: Limbs51 =
    [1_718_705_420_411_056, 234_908_883_556_509, 2_233_514_472_574_048, 2_117_202_627_021_982, 765_476_049_583_133];

/// The opposite of an encoded point.
#[derive(Clone, Copy)]
pub(crate) struct Decoded {
    /// Affine and canonical.
    pub(crate) x: Limbs51,
    pub(crate) y: Limbs51,
    /// Whether the 32 bytes are a point at all. If not, x and y mean nothing.
    pub(crate) is_point: bool,
    /// Whether eight times it is nothing.
    pub(crate) is_small: bool,
    /// Whether they are what encoding the point gives.
    pub(crate) is_canonical: bool,
}

/// What the square root of two lanes is made of: x² = u/v.
struct Begun<E> {
    limbs: [Limbs51; 2],
    u: E,
    v: E,
    /// u·v³ and u·v⁷.
    root: E,
    base: E,
}

/// Decodes points as RFC 8032, 5.1.3 has it, but that y is taken modulo p, and 0 for x may have either sign: as most
/// libraries do with public keys. Two in each lane: see [`power_for_root`].
#[inline(never)]
pub(crate) fn decode_negative<F: Field>(k: &F, encodings: [[&[u8; 32]; 2]; 2]) -> [[Decoded; 2]; 2] {
    let begun = encodings.map(|encodings| begin(k, encodings));
    let powers = power_for_root(k, &[begun[0].base, begun[1].base]);
    lanes(|at| finish(k, encodings[at], &begun[at], &powers[at]))
}

#[inline(never)]
fn begin<F: Field>(k: &F, encodings: [&[u8; 32]; 2]) -> Begun<F::Element> {
    let (one, d) = (k.load_limbs51([&ONE; 2]), k.load_limbs51([&D; 2]));
    let limbs = encodings.map(unpack);
    let y = k.load_limbs51([&limbs[0], &limbs[1]]);
    let square = mul(k, &y, &y);
    let u = mul(k, &difference(k, &square, &one), &one);
    let v = mul(k, &sum(k, &mul(k, &square, &d), &one), &one);
    let v3 = mul(k, &mul(k, &v, &v), &v);
    let root = mul(k, &u, &v3);
    Begun { limbs, u, v, root, base: mul(k, &mul(k, &root, &v3), &v) }
}

/// x is u·v³·(u·v⁷)^((p − 5)/8), perhaps times a root of −1.
#[inline(never)]
fn finish<F: Field>(k: &F, encodings: [&[u8; 32]; 2], begun: &Begun<F::Element>, power: &F::Element) -> [Decoded; 2] {
    let (zero, one) = (k.load_limbs51([&[0; 5]; 2]), k.load_limbs51([&ONE; 2]));
    let x = mul(k, &begun.root, power);
    let other = mul(k, &x, &k.load_limbs51([&ROOT; 2]));
    let negative = |a: &F::Element| mul(k, &difference(k, &zero, a), &one);
    let canonical = |a: &F::Element| k.to_limbs51(a);
    let numbers = [
        mul(k, &mul(k, &x, &x), &begun.v),
        begun.u,
        negative(&begun.u),
        x,
        negative(&x),
        other,
        negative(&other),
        k.load_limbs51([&begun.limbs[0], &begun.limbs[1]]),
    ];
    let [check, u, minus_u, x, minus_x, other, minus_other, y] = numbers.each_ref().map(canonical);
    lanes(|lane| {
        let is_other = check[lane] != u[lane];
        let [one, minus] = if is_other { [other[lane], minus_other[lane]] } else { [x[lane], minus_x[lane]] };
        let is_negative = encodings[lane][31] >> 7 == 1;
        // That of the opposite point: its lowest bit is another than the sign, but for 0.
        let x = if (one[0] & 1 == 1) == is_negative { minus } else { one };
        Decoded {
            x,
            y: y[lane],
            is_point: !is_other || check[lane] == minus_u[lane],
            is_small: is_small_encoding(&pack(&y[lane])),
            is_canonical: y[lane] == begun.limbs[lane] && !(x == [0; 5] && is_negative),
        }
    })
}

/// The y of every point of small order.
const SMALL: [[u8; 32]; 5] = {
    let mut all = [[0; 32]; 5];
    all[1][0] = 1;
    all[2] = [0xff; 32]; // −1
    all[2][0] = 0xec;
    all[2][31] = 0x7f;
    all[3] = [
        0x26, 0xe8, 0x95, 0x8f, 0xc2, 0xb2, 0x27, 0xb0, 0x45, 0xc3, 0xf4, 0x89, 0xf2, 0xef, 0x98, 0xf0, 0xd5, 0xdf,
        0xac, 0x05, 0xd3, 0xc6, 0x33, 0x39, 0xb1, 0x38, 0x02, 0x88, 0x6d, 0x53, 0xfc, 0x05,
    ];
    all[4] = [
        0xc7, 0x17, 0x6a, 0x70, 0x3d, 0x4d, 0xd8, 0x4f, 0xba, 0x3c, 0x0b, 0x76, 0x0d, 0x10, 0x67, 0x0f, 0x2a, 0x20,
        0x53, 0xfa, 0x2c, 0x39, 0xcc, 0xc6, 0x4e, 0xc7, 0xfd, 0x77, 0x92, 0xac, 0x03, 0x7a,
    ];
    all
};

/// Whether a canonical encoding is of a point of small order.
pub(crate) fn is_small_encoding(encoding: &[u8; 32]) -> bool {
    let mut y = *encoding;
    y[31] &= 0x7f;
    SMALL.contains(&y)
}

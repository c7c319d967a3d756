//! Public keys as points of the curve.

use crate::curve::{D, ONE};
use crate::field::{Field, Limbs51, Point, mul, unpack};
use crate::point::{difference, power_for_root, sum};
use crate::verifying::table::{double, lanes};

/// A square root of −1: 2^((p − 1)/4).
const ROOT: Limbs51 =
    [1_718_705_420_411_056, 234_908_883_556_509, 2_233_514_472_574_048, 2_117_202_627_021_982, 765_476_049_583_133];

/// The opposite of a public key.
#[derive(Clone, Copy)]
pub(crate) struct Decoded {
    /// Affine and canonical.
    pub(crate) x: Limbs51,
    pub(crate) y: Limbs51,
    /// Whether the 32 bytes are a point at all. If not, x and y mean nothing.
    pub(crate) is_point: bool,
    /// Whether eight times it is nothing.
    pub(crate) is_small: bool,
}

/// Decodes two public keys as RFC 8032, 5.1.3 has it, but that y is taken modulo p, and 0 for x may have either sign: as most
/// libraries do.
#[inline(never)]
pub(crate) fn decode_negative<F: Field>(k: &F, keys: [&[u8; 32]; 2]) -> [Decoded; 2] {
    let both = |number| k.load_limbs51([number; 2]);
    let (one, d, zero) = (both(&ONE), both(&D), both(&[0; 5]));
    let limbs = keys.map(unpack);
    let y = k.load_limbs51([&limbs[0], &limbs[1]]);
    let square = mul(k, &y, &y);
    // x² = u/v, so that x is u·v³·(u·v⁷)^((p − 5)/8), perhaps times a root of −1.
    let u = mul(k, &difference(k, &square, &one), &one);
    let v = mul(k, &sum(k, &mul(k, &square, &d), &one), &one);
    let v3 = mul(k, &mul(k, &v, &v), &v);
    let v7 = mul(k, &mul(k, &v3, &v3), &v);
    let x = mul(k, &mul(k, &u, &v3), &power_for_root(k, &mul(k, &u, &v7)));
    let other = mul(k, &x, &both(&ROOT));
    let check = k.to_limbs51(&mul(k, &mul(k, &x, &x), &v));
    let negative = |a: &F::Element| k.to_limbs51(&mul(k, &difference(k, &zero, a), &one));
    let (of_u, of_minus_u) = (k.to_limbs51(&u), negative(&u));
    let roots = [[k.to_limbs51(&x), negative(&x)], [k.to_limbs51(&other), negative(&other)]];
    let y = k.to_limbs51(&y);
    let decoded = lanes(|lane| {
        let is_other = check[lane] != of_u[lane];
        let [one, minus] = &roots[usize::from(is_other)];
        let is_negative = keys[lane][31] >> 7 == 1;
        // That of the opposite point: its lowest bit is another than the key's sign, but for 0.
        let x = if (one[lane][0] & 1 == 1) == is_negative { minus[lane] } else { one[lane] };
        let is_point = !is_other || check[lane] == of_minus_u[lane];
        Decoded { x, y: y[lane], is_point, is_small: false }
    });
    let [x, y] = [k.load_limbs51([&decoded[0].x, &decoded[1].x]), k.load_limbs51([&decoded[0].y, &decoded[1].y])];
    let mut eightfold = Point { x, y, z: one, t: zero };
    double(k, &mut eightfold, 3);
    let x = k.to_limbs51(&eightfold.x);
    lanes(|lane| Decoded { is_small: x[lane] == [0; 5], ..decoded[lane] })
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

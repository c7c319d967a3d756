//! The group of the twisted Edwards curve −x² + y² = 1 + d·x²·y², two points at a time.

use crate::field::{Entry, Field, Point, mul, pack, square_over};

/// a + b, as a function of its own, for where time does not matter.
#[inline(never)]
pub(crate) fn sum<F: Field>(k: &F, a: &F::Element, b: &F::Element) -> F::Element {
    k.add(a, b)
}

/// a − b, as [`sum`].
#[inline(never)]
pub(crate) fn difference<F: Field>(k: &F, a: &F::Element, b: &F::Element) -> F::Element {
    k.sub(a, b)
}

/// A point from a table entry alone.
#[inline(never)]
pub(crate) fn from_entry<F: Field>(k: &F, one: &F::Element, entry: &Entry<F::Element>) -> Point<F::Element> {
    let [plus, minus, _] = &entry.0;
    let x = mul(k, &difference(k, plus, minus), one);
    let y = mul(k, &sum(k, plus, minus), one);
    let t = mul(k, &x, &y);
    Point { x, y, z: *one, t }
}

/// a + b for any two points, also equal ones. Only the table is made with it, so it is simple rather than fast: of two
/// factors that are not reduced, one is multiplied by one first.
#[inline(never)]
pub(crate) fn add<F: Field>(
    k: &F,
    one: &F::Element,
    d2: &F::Element,
    a: &Point<F::Element>,
    b: &Point<F::Element>,
) -> Point<F::Element> {
    let reduced = |element: F::Element| mul(k, &element, one);
    let sum = |a, b| sum(k, a, b);
    let difference = |a, b| difference(k, a, b);
    let minus = mul(k, &difference(&a.y, &a.x), &reduced(difference(&b.y, &b.x)));
    let plus = mul(k, &sum(&a.y, &a.x), &reduced(sum(&b.y, &b.x)));
    let c = mul(k, &mul(k, &a.t, &b.t), d2);
    let d = mul(k, &sum(&a.z, &a.z), &b.z);
    let (e, h) = (reduced(difference(&plus, &minus)), sum(&plus, &minus));
    let (f, g) = (difference(&d, &c), reduced(sum(&d, &c)));
    Point { x: mul(k, &e, &f), y: mul(k, &g, &h), z: mul(k, &f, &g), t: mul(k, &e, &h) }
}

// ANCHOR: inversion
/// Gives each point's affine x and y to `take`, last point first, with one inversion for all of them. The points' t is
/// overwritten.
pub(crate) fn for_each_affine<F: Field>(
    k: &F,
    one: &F::Element,
    points: &mut [Point<F::Element>],
    mut take: impl FnMut(usize, F::Element, F::Element),
) {
    let mut product = *one;
    for point in points.iter_mut() {
        point.t = product;
        product = mul(k, &product, &point.z);
    }
    let mut inverse = invert(k, &product);
    for (at, point) in points.iter().enumerate().rev() {
        let z_inverse = mul(k, &inverse, &point.t);
        inverse = mul(k, &inverse, &point.z);
        take(at, mul(k, &point.x, &z_inverse), mul(k, &point.y, &z_inverse));
    }
}
// ANCHOR_END: inversion

/// Gives the 32 bytes that encode each lane's point to `take`, as [`for_each_affine`].
#[inline(always)]
pub(crate) fn for_each_encoding<F: Field>(
    k: &F,
    one: &F::Element,
    points: &mut [Point<F::Element>],
    mut take: impl FnMut(usize, [[u8; 32]; 2]),
) {
    for_each_affine(k, one, points, |at, x, y| {
        let (x, y) = (k.to_limbs51(&x), k.to_limbs51(&y));
        let encode = |lane: usize| {
            let mut encoding = pack(&y[lane]);
            encoding[31] |= (x[lane][0] as u8 & 1) << 7;
            encoding
        };
        take(at, [encode(0), encode(1)]);
    });
}

/// 1/z, as z^(p − 2), and 0 for 0. 254 squarings and 11 products.
#[inline(never)]
fn invert<F: Field>(k: &F, z: &F::Element) -> F::Element {
    let (z_250, eleven) = z_250(k, &[*z; 2], 1);
    mul(k, &power_of_two(k, &z_250, 5, 1)[0], &eleven[0])
}

/// z^((p − 5)/8), of which a square root is made. 252 squarings and 11 products.
#[inline(never)]
pub(crate) fn power_for_root<F: Field>(k: &F, z: &[F::Element; 2]) -> [F::Element; 2] {
    let (z_250, _) = z_250(k, z, 2);
    product(k, &power_of_two(k, &z_250, 2, 2), z)
}

/// z^(2^250 − 1) and z^11, of the first or of both: because each squaring waits for the one before: a second takes little time besides.
#[inline(never)]
#[allow(clippy::type_complexity, reason = "it is two of the same")]
fn z_250<F: Field>(k: &F, z: &[F::Element; 2], used: usize) -> ([F::Element; 2], [F::Element; 2]) {
    let square = |z: &[F::Element; 2], times: usize| power_of_two(k, z, times, used);
    // z_n is z^(2^n − 1).
    let two = square(z, 1);
    let nine = product(k, &square(&two, 2), z);
    let eleven = product(k, &nine, &two);
    let z_5 = product(k, &square(&eleven, 1), &nine);
    let z_10 = product(k, &square(&z_5, 5), &z_5);
    let z_20 = product(k, &square(&z_10, 10), &z_10);
    let z_40 = product(k, &square(&z_20, 20), &z_20);
    let z_50 = product(k, &square(&z_40, 10), &z_10);
    let z_100 = product(k, &square(&z_50, 50), &z_50);
    let z_200 = product(k, &square(&z_100, 100), &z_100);
    (product(k, &square(&z_200, 50), &z_50), eleven)
}

#[inline(never)]
fn product<F: Field>(k: &F, a: &[F::Element; 2], b: &[F::Element; 2]) -> [F::Element; 2] {
    [mul(k, &a[0], &b[0]), mul(k, &a[1], &b[1])]
}

/// z^(2^squarings), of the first so many.
#[inline(never)]
fn power_of_two<F: Field>(k: &F, z: &[F::Element; 2], squarings: usize, used: usize) -> [F::Element; 2] {
    let mut power = *z;
    for _ in 0..squarings {
        for power in &mut power[..used] {
            square_over(k, power);
        }
    }
    power
}

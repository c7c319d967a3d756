//! Relaxed SIMD: five limbs of 51 bits, each a whole number as an f64. A product of two limbs has 102 bits: one fused
//! multiply-add finds the upper half of it, rounded, and a second the rest, exactly.
//!
//! # Why nothing is ever lost
//!
//! For |a·b| < 2^102, fma(a, b, 1.5·2^103) lies between 2^103 and 2^104, where an f64 counts in steps of 2^51: its bits are
//! those of 1.5·2^103 plus the whole number u = a·b/2^51, rounded. 1.5·2^103 + 1.5·2^52 is a multiple of 2^51 and so is
//! what is left of it without the first result, (3 − u)·2^51, both exact. A second fma adds a·b to that: a·b − u·2^51 is at
//! most 2^50 either way, so the result lies between 2^52 and 2^53, is exact, and its bits are those of 1.5·2^52 plus
//! l = a·b − u·2^51. Bits are then added as whole numbers modulo 2^64, and what they hold beside u and l is taken away in
//! the carry. There each limb of the true sum must be below 2^60 either way, because 512·p is added to make it positive.
//! [`proof`] checks that, at compile time.

use core::hint::black_box;

use super::limbs51::{self, Limbs51, MASK};
use super::{
    COORDINATES, Entry, Field, GROUPS, Point, Slice, VECTORS, find_entries, mul_over, sign_bits, signed, signs,
};
use crate::vector::{
    BYTES, V, ZERO, add_f64, add_u64, and, fused_multiply_add, interleave, lanes, mul_u16, or, pair, pick, shl_u64,
    shr_u64, splat, splat_u8, sub_f64, sub_u64, xor, zip_high_u8, zip_high_u16, zip_high_u32, zip_low_u8, zip_low_u16,
    zip_low_u32,
};

const LIMBS: usize = 5;

/// An entry's limbs as f64. It has two lines of a cache to itself.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
pub(crate) struct Stored([[u64; LIMBS]; COORDINATES]);

impl Stored {
    /// A coordinate of the point, or of its opposite, which has the first two swapped; the sign of the third is left to the caller.
    #[inline(always)]
    fn of(&self, coordinate: usize, is_opposite: bool) -> &[u64; LIMBS] {
        if coordinate == 2 { &self.0[2] } else { &self.0[coordinate ^ usize::from(is_opposite)] }
    }
}

/// Bytes of a table entry's limb; the eighth is the same for all.
const LIMB_BYTES: usize = 7;

/// The bits of 1.5·2^103, an f64 whose lowest bit counts 2^51.
const UPPER: u64 = 0x4668_0000_0000_0000;
/// The bits of 1.5·2^52, an f64 whose lowest bit counts 1.
const LOWER: u64 = 0x4338_0000_0000_0000;
/// The bits of 2^52: or-ed with a number below 2^52 they are the f64 2^52 + the number.
const EXPONENT: u64 = 0x4330_0000_0000_0000;
/// Half a limb's range.
const HALF: u64 = 1 << 50;

/// Two elements, or what is not carried yet.
type Element = [V; LIMBS];

/// The constants.
pub(crate) struct Relaxed {
    upper: V,
    /// 1.5·2^103 + 1.5·2^52, which is exact: the upper half of a product subtracted from it leaves what cancels it.
    both: V,
    lower: V,
    mask: V,
    exponent: V,
    /// 2^52 + 2^50.
    center: V,
    nineteen: V,
    zero: V,
    other_zero: V,
    /// How many limbs there are, where the compiler cannot see it: unrolled, the product is slower.
    limbs: usize,
    /// What the carry adds, to take the biases away that its input has gathered and to make every limb positive: after
    /// a product, after the difference of two, after the sum of two, and after Z minus a product.
    of_product: Element,
    of_difference: Element,
    of_sum: Element,
    of_z_less_product: Element,
    of_square: Element,
    of_two_squares: Element,
}

/// What a product's bits hold beside the product, because the bits of f64 are added as whole numbers: the recurrence of
/// [`Relaxed::product`].
const BIAS_OF_PRODUCT: [u64; LIMBS] = {
    let mut bias = [0u64; LIMBS];
    let mut step = 0;
    while step < LIMBS {
        let mut next = [0; LIMBS];
        next[0] = bias[LIMBS - 1].wrapping_add(UPPER).wrapping_mul(19).wrapping_add(LOWER);
        let mut j = 1;
        while j < LIMBS {
            next[j] = bias[j - 1].wrapping_add(UPPER).wrapping_add(LOWER);
            j += 1;
        }
        bias = next;
        step += 1;
    }
    bias
};

/// The same of a square: the recurrence of [`Relaxed::square_of`].
const BIAS_OF_SQUARE: [u64; LIMBS] = {
    let mut bias = [0u64; LIMBS];
    let mut i = LIMBS;
    while i > 0 {
        i -= 1;
        let mut next = [0; LIMBS];
        let top = if i == LIMBS - 1 { UPPER } else { bias[LIMBS - 1] };
        next[0] = top.wrapping_mul(19).wrapping_add(LOWER);
        let mut j = 1;
        while j < LIMBS {
            next[j] = bias[j - 1];
            if j - 1 <= i {
                next[j] = next[j].wrapping_add(UPPER);
            }
            if j <= i {
                next[j] = next[j].wrapping_add(LOWER);
            }
            j += 1;
        }
        bias = next;
    }
    bias
};

/// The bounds, at compile time.
mod proof {
    use super::{HALF, LIMBS};

    /// *Reduced*: from −2^50 to 2^50, and what the carry adds: at most 19·2^11 to the first limb, and 2^11 to others.
    pub(super) const REDUCED: u128 = HALF as u128 + (19 << 11);

    /// The most that two limbs of a product's factors may be, multiplied.
    pub(super) const FACTORS: u128 = 1 << 102;

    // What the formulas multiply: 2·reduced by reduced, and 3·reduced by reduced (G = 2·Z − F by F and by H).
    const _: () = assert!(3 * REDUCED * REDUCED < FACTORS);

    /// The largest limb of the true sum in a product: u from five pairs and l from five pairs of limbs, and in the first
    /// limb all of the u and four of the l are taken 19 times.
    const PRODUCT: u128 = {
        let upper = FACTORS / (1 << 51) + 1;
        let lower = 1 << 50;
        LIMBS as u128 * 19 * upper + (1 + (LIMBS as u128 - 1) * 19) * lower
    };

    /// The largest limb that 512·p and half a limb's range make positive.
    const POSITIVE: u128 = ((1 << 51) - 19) << 9;

    // E and H are two products, F is one and Z. The carry over a limb is then below 2^11.
    const _: () = {
        assert!(2 * PRODUCT < POSITIVE && PRODUCT + REDUCED < POSITIVE);
        assert!((POSITIVE + 2 * PRODUCT + HALF as u128 + (1 << 9)) >> 51 < 1 << 11);
        // 19 times it is a product of 16 bits, and the limb with it is below 2^52.
        let wrapped: u128 = 19 << 11;
        assert!(wrapped < 1 << 16 && (1 << 51) + wrapped < 1 << 52);
    };
}

/// 512·p and half a limb's range, without `times` the bias of a product.
const fn unbias(times: u64, and_without: u64) -> Element {
    unbias_of(&BIAS_OF_PRODUCT, times, and_without)
}

/// The same with another bias.
const fn unbias_of(bias: &[u64; LIMBS], times: u64, and_without: u64) -> Element {
    let mut element = [ZERO; LIMBS];
    let mut i = 0;
    while i < LIMBS {
        let limb_of_p = if i == 0 { MASK - 18 } else { MASK };
        let positive = (limb_of_p << 9) + HALF;
        element[i] = splat(positive.wrapping_sub(bias[i].wrapping_mul(times)).wrapping_sub(and_without));
        i += 1;
    }
    element
}

static CONSTANTS: Relaxed = Relaxed {
    upper: splat(UPPER),
    both: splat(UPPER + 3),
    lower: splat(LOWER),
    mask: splat(MASK),
    exponent: splat(EXPONENT),
    center: splat(EXPONENT + HALF),
    nineteen: splat(19),
    zero: ZERO,
    other_zero: ZERO,
    limbs: LIMBS,
    of_product: unbias(1, 0),
    of_difference: unbias(0, 0),
    of_sum: unbias(2, 0),
    of_z_less_product: unbias(1u64.wrapping_neg(), LOWER),
    of_square: unbias_of(&BIAS_OF_SQUARE, 1, 0),
    of_two_squares: unbias_of(&BIAS_OF_SQUARE, 2, 0),
};

impl Field for Relaxed {
    type Element = Element;
    type Stored = Stored;
    type Window = [[[Slice; LIMB_BYTES]; LIMBS]; COORDINATES];

    const ZERO: Element = [ZERO; LIMBS];
    const NOT_STORED: Stored = Stored([[0; LIMBS]; COORDINATES]);
    const EMPTY_WINDOW: Self::Window = [[[[[0; BYTES]; GROUPS]; LIMB_BYTES]; LIMBS]; COORDINATES];

    fn constants() -> &'static Self {
        black_box(&CONSTANTS)
    }

    // ANCHOR: probe
    fn is_exact_here() -> bool {
        // (1 + 2^−27)² is 1 + 2^−26 + 2^−54. Rounded before the addition, its last bit is lost.
        let a = black_box(splat((1.0 + power_of_two(-27)).to_bits()));
        let c = black_box(splat((-(1.0 + power_of_two(-26))).to_bits()));
        lanes(fused_multiply_add(a, a, c)) == [power_of_two(-54).to_bits(); 2]
    }
    // ANCHOR_END: probe

    /// Takes any two elements whose limbs' products are below 2^102: of up to 2 by 1, or 3 by 1 reduced ones.
    #[inline(always)]
    fn mul(&self, a: &Element, b: &Element) -> Element {
        self.carry(self.product(a, b), &self.of_product)
    }

    #[inline(always)]
    fn square(&self, a: &Element) -> Element {
        self.carry(self.square_of(a), &self.of_square)
    }

    #[inline(always)]
    fn add(&self, a: &Element, b: &Element) -> Element {
        let mut sum = *a;
        each!(i in 0 1 2 3 4 => {
            sum[i] = add_f64(a[i], b[i]);
        });
        sum
    }

    #[inline(always)]
    fn sub(&self, a: &Element, b: &Element) -> Element {
        let mut difference = *a;
        each!(i in 0 1 2 3 4 => {
            difference[i] = sub_f64(a[i], b[i]);
        });
        difference
    }

    #[inline(never)]
    fn load_limbs51(&self, numbers: [&Limbs51; 2]) -> Element {
        let mut positive = [ZERO; LIMBS];
        for (i, limb) in positive.iter_mut().enumerate() {
            *limb = pair(numbers[0][i] + HALF, numbers[1][i] + HALF);
        }
        self.carry(positive, &[ZERO; LIMBS])
    }

    /// Takes reduced elements.
    fn to_limbs51(&self, a: &Element) -> [Limbs51; 2] {
        // 2·p without the half range that each limb is given to make it positive.
        const UNBIAS: Limbs51 = {
            let limb = 2 * MASK - HALF;
            [limb - 36, limb, limb, limb, limb]
        };
        let mut numbers = [UNBIAS; 2];
        each!(i in 0 1 2 3 4 => {
            let limbs = lanes(and(add_f64(a[i], self.center), splat((1 << 52) - 1)));
            for (number, limb) in numbers.iter_mut().zip(limbs) {
                number[i] += limb;
            }
        });
        numbers.map(limbs51::reduce)
    }

    /// Takes a point with reduced coordinates, and gives one.
    #[inline(always)]
    fn add_entry(&self, sum: &mut Point<Element>, entry: &Entry<Element>) {
        let [plus, minus, product] = &entry.0;
        let a = self.product(&self.sub(&sum.y, &sum.x), minus);
        let b = self.product(&self.add(&sum.y, &sum.x), plus);
        let (mut e, mut h) = (a, b);
        each!(i in 0 1 2 3 4 => {
            e[i] = sub_u64(b[i], a[i]);
            h[i] = add_u64(b[i], a[i]);
        });
        let e = self.carry(e, &self.of_difference);
        let h = self.carry(h, &self.of_sum);
        let c = self.product(&sum.t, product);
        let mut f = c;
        each!(i in 0 1 2 3 4 => {
            f[i] = sub_u64(add_f64(sum.z[i], self.lower), c[i]);
        });
        let f = self.carry(f, &self.of_z_less_product);
        let mut g = f;
        each!(i in 0 1 2 3 4 => {
            g[i] = sub_f64(add_f64(sum.z[i], sum.z[i]), f[i]); // Z + C = 2·Z − F
        });
        sum.x = self.mul(&e, &f);
        sum.y = self.mul(&g, &h);
        sum.t = self.mul(&e, &h);
        sum.z = self.mul(&f, &g);
    }

    /// Takes a point with reduced coordinates, and gives one.
    #[inline(always)]
    fn double(&self, point: &mut Point<Element>, with_t: bool) {
        let mut squares = [Self::ZERO; 3];
        for (square, root) in squares.iter_mut().zip([&point.x, &point.y, &point.z]) {
            *square = self.square_of(root);
        }
        let ([a, b, c], d) = (&squares, self.product(&point.x, &point.y));
        let (mut e, mut f, mut g, mut h) = (d, d, d, d);
        each!(i in 0 1 2 3 4 => {
            e[i] = add_u64(d[i], d[i]);
            f[i] = add_u64(c[i], c[i]);
            g[i] = sub_u64(a[i], b[i]);
            h[i] = add_u64(a[i], b[i]);
        });
        let e = self.sub(&Self::ZERO, &self.carry(e, &self.of_sum));
        let g = self.carry(g, &self.of_difference);
        let f = self.add(&self.carry(f, &self.of_two_squares), &g);
        let h = self.carry(h, &self.of_two_squares);
        mul_over(self, &mut point.x, &e, &f);
        mul_over(self, &mut point.y, &g, &h);
        mul_over(self, &mut point.z, &g, &f);
        if with_t {
            mul_over(self, &mut point.t, &e, &h);
        }
    }

    #[inline(always)]
    fn pick(low: &Element, high: &Element) -> Element {
        let mut picked = *low;
        each!(i in 0 1 2 3 4 => {
            picked[i] = pick(low[i], high[i]);
        });
        picked
    }

    #[inline(always)]
    fn flip(a: &Element, signs: V) -> Element {
        let mut flipped = *a;
        each!(i in 0 1 2 3 4 => {
            flipped[i] = xor(a[i], signs);
        });
        flipped
    }

    #[inline(never)]
    fn store(&self, entry: &Entry<Element>) -> [Stored; 2] {
        let mut stored = [Self::NOT_STORED; 2];
        for (coordinate, element) in entry.0.iter().enumerate() {
            for (i, limb) in element.iter().enumerate() {
                [stored[0].0[coordinate][i], stored[1].0[coordinate][i]] = lanes(*limb);
            }
        }
        stored
    }

    #[inline(always)]
    fn gather(&self, entry: &mut Entry<Element>, low: (&Stored, bool), high: (&Stored, bool)) {
        let of = |coordinate: usize| {
            let (low, high) = (low.0.of(coordinate, low.1), high.0.of(coordinate, high.1));
            let ([a, b], [c, d]) = (interleave(low, high, 0), interleave(low, high, 2));
            [a, b, c, d, pair(low[4], high[4])]
        };
        entry.0 = [of(0), of(1), Self::flip(&of(2), sign_bits(low.1, high.1))];
    }

    fn put(window: &mut Self::Window, entry: usize, coordinate: usize, number: &Limbs51) {
        // Half of each limb's range, so that what is looked up is balanced without a carry.
        let biased = limbs51::reduce(number.map(|limb| limb + HALF));
        for (slices, limb) in window[coordinate].iter_mut().zip(biased) {
            for (slice, byte) in slices.iter_mut().zip((EXPONENT | limb).to_le_bytes()) {
                slice[entry / BYTES][entry % BYTES] = byte;
            }
        }
    }

    #[inline(always)]
    fn look_up(
        &self,
        window: &Self::Window,
        index: &[V; GROUPS],
        negative: V,
        entries: &mut [Entry<Element>; VECTORS],
    ) {
        let signs = signs(negative);
        let top = splat_u8((EXPONENT >> 56) as u8);
        let found = find_entries(window, index, negative);
        for (coordinate, limbs) in found.iter().enumerate() {
            for (i, bytes) in limbs.iter().enumerate() {
                let mut put = |vector: usize, number: V| {
                    let limb = sub_f64(number, self.center);
                    entries[vector].0[coordinate][i] = signed(coordinate, limb, signs[vector]);
                };
                // From eight vectors, of 16 lanes a byte each, to eight vectors of two lanes.
                let (a, b) = (zip_low_u8(bytes[0], bytes[1]), zip_low_u8(bytes[2], bytes[3]));
                let (c, d) = (zip_low_u8(bytes[4], bytes[5]), zip_low_u8(bytes[6], top));
                let (low, high) = (zip_low_u16(a, b), zip_low_u16(c, d));
                put(0, zip_low_u32(low, high));
                put(1, zip_high_u32(low, high));
                let (low, high) = (zip_high_u16(a, b), zip_high_u16(c, d));
                put(2, zip_low_u32(low, high));
                put(3, zip_high_u32(low, high));
                let (a, b) = (zip_high_u8(bytes[0], bytes[1]), zip_high_u8(bytes[2], bytes[3]));
                let (c, d) = (zip_high_u8(bytes[4], bytes[5]), zip_high_u8(bytes[6], top));
                let (low, high) = (zip_low_u16(a, b), zip_low_u16(c, d));
                put(4, zip_low_u32(low, high));
                put(5, zip_high_u32(low, high));
                let (low, high) = (zip_high_u16(a, b), zip_high_u16(c, d));
                put(6, zip_low_u32(low, high));
                put(7, zip_high_u32(low, high));
            }
        }
    }
}

impl Relaxed {
    // ANCHOR: product
    /// a·b, not carried, and with [`BIAS_OF_PRODUCT`].
    #[inline(always)]
    fn product(&self, a: &Element, b: &Element) -> Element {
        // Horner's rule over the limbs of a, highest first. Times 2^51 is a turn of the limbs.
        debug_assert!(largest(a) * largest(b) < proof::FACTORS);
        let mut sum = [ZERO; LIMBS];
        let mut i = self.limbs;
        while i != 0 {
            i -= 1;
            // SAFETY: `limbs` is 5, so i is at most 4.
            let limb = unsafe { *a.get_unchecked(i) };
            let mut upper = [ZERO; LIMBS];
            each!(j in 0 1 2 3 4 => {
                upper[j] = fused_multiply_add(limb, b[j], self.upper);
            });
            let lower = |j: usize| fused_multiply_add(limb, b[j], sub_f64(self.both, upper[j]));
            // 19·top as top + 2·(top + 8·top): the zeros keep LLVM from making a product of 64 bits of it, which is slow.
            let top = add_u64(sum[4], upper[4]);
            let nine = xor(add_u64(xor(top, self.zero), shl_u64::<3>(top)), self.other_zero);
            sum[4] = add_u64(add_u64(sum[3], upper[3]), lower(4));
            sum[3] = add_u64(add_u64(sum[2], upper[2]), lower(3));
            sum[2] = add_u64(add_u64(sum[1], upper[1]), lower(2));
            sum[1] = add_u64(add_u64(sum[0], upper[0]), lower(1));
            sum[0] = add_u64(add_u64(top, lower(0)), add_u64(nine, nine));
        }
        sum
    }
    // ANCHOR_END: product

    /// a·a, not carried, and with [`BIAS_OF_SQUARE`].
    #[inline(always)]
    fn square_of(&self, a: &Element) -> Element {
        debug_assert!(2 * largest(a) * largest(a) < proof::FACTORS);
        let mut sum = [ZERO; LIMBS];
        // As a product, but that of two limbs the lower is taken twice, and the upper not again.
        let mut factors = self.add(a, a);
        macro_rules! row {
            ($i:literal) => {
                let limb = a[$i];
                factors[$i] = limb;
                let mut upper = [ZERO; LIMBS];
                each!(j in 0 1 2 3 4 => {
                    if j <= $i {
                        upper[j] = fused_multiply_add(limb, factors[j], self.upper);
                    }
                });
                let lower = |j: usize| fused_multiply_add(limb, factors[j], sub_f64(self.both, upper[j]));
                let top = if $i == LIMBS - 1 { upper[LIMBS - 1] } else { sum[LIMBS - 1] };
                let nine = xor(add_u64(xor(top, self.zero), shl_u64::<3>(top)), self.other_zero);
                each!(j in 4 3 2 1 => {
                    sum[j] = sum[j - 1];
                    if j - 1 <= $i {
                        sum[j] = add_u64(sum[j], upper[j - 1]);
                    }
                    if j <= $i {
                        sum[j] = add_u64(sum[j], lower(j));
                    }
                });
                sum[0] = add_u64(add_u64(top, lower(0)), add_u64(nine, nine));
            };
        }
        row!(4);
        row!(3);
        row!(2);
        row!(1);
        row!(0);
        sum
    }

    /// Reduces what is positive and below 2^62 once `unbias` has been added.
    #[inline(always)]
    fn carry(&self, limbs: Element, unbias: &Element) -> Element {
        let (mut kept, mut over) = (limbs, limbs);
        each!(i in 0 1 2 3 4 => {
            let positive = add_u64(limbs[i], unbias[i]);
            debug_assert!(lanes(positive).into_iter().all(|limb| limb < 1 << 62));
            kept[i] = and(positive, self.mask);
            over[i] = shr_u64::<51>(positive);
        });
        let mut reduced = limbs;
        each!(i in 0 1 2 3 4 => {
            let carried = if i == 0 { mul_u16(over[LIMBS - 1], self.nineteen) } else { over[i - 1] };
            reduced[i] = sub_f64(or(add_u64(kept[i], carried), self.exponent), self.center);
        });
        debug_assert!(largest(&reduced) <= proof::REDUCED);
        reduced
    }
}

/// The largest absolute value of a limb. Limbs are whole numbers.
fn largest(element: &Element) -> u128 {
    let limbs = element.iter().flat_map(|limb| lanes(*limb));
    limbs.fold(0, |largest, bits| {
        let limb = f64::from_bits(bits);
        debug_assert!(limb as i64 as f64 == limb);
        largest.max(u128::from((limb as i64).unsigned_abs()))
    })
}

/// 2^exponent.
const fn power_of_two(exponent: i64) -> f64 {
    f64::from_bits(((1023 + exponent) as u64) << 52)
}

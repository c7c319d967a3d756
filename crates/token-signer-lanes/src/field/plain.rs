//! Plain SIMD128: twelve limbs of 21 or 22 bits, each an f64 that holds the limb times its power of two (as in Bernstein's
//! floating-point curve25519). Products of two limbs and the sums of them stay exact in the 53 bits of an f64.
//!
//! # Why nothing is ever rounded
//!
//! Limb i is a whole number of *units*, 2^EXPONENTS\[i\], and every partial sum of a product that belongs to limb k is a
//! whole number of limb k's units: EXPONENTS\[i\] + EXPONENTS\[j\] is EXPONENTS\[k\] or one more for i + j = k (rounding up
//! two numbers gives no less than rounding up their sum), and as much beyond 255 for i + j = k + 12. An f64 is exact as
//! long as that number stays below 2^53. [`proof`] computes the largest that it can be, for the largest limbs that any
//! caller passes, with the compiler: a bound that does not hold is an error of the build. The tests do the same with
//! numbers: natively every input is compared with its bound, and every output with plain integers.

use core::hint::black_box;

use super::limbs51::{self, Limbs51, MASK};
use super::{
    COORDINATES, Entry, Field, GROUPS, Point, Slice, VECTORS, find_entries, mul, mul_over, sign_bits, signed, signs,
    square_over,
};
use crate::point::{difference, sum};
use crate::vector::{
    BYTES, V, ZERO, add_f64, lanes, load_u32, mul_f64, pair, pick, splat, sub_f64, sub_u64, xor, zip_high_u8,
    zip_high_u16, zip_high_u32, zip_low_u8, zip_low_u16, zip_low_u32,
};

const LIMBS: usize = 12;

/// An entry's limbs, in units, plus [`STORED_BIAS`].
#[derive(Clone, Copy)]
#[repr(C, align(16))]
pub(crate) struct Stored([[u32; LIMBS]; COORDINATES]);

/// 1.
static ONE: Element = {
    let mut one = [ZERO; LIMBS];
    one[0] = splat(power_of_two(0));
    one
};

/// More than a reduced limb has units.
const STORED_BIAS: u64 = 1 << 22;

/// What has to be subtracted from an entry's limb once it has an exponent: 2^EXPONENTS\[i\]·(2^52 + STORED_BIAS).
static UNSTORE: Element = {
    let mut bias = [ZERO; LIMBS];
    let mut i = 0;
    while i < LIMBS {
        bias[i] = splat(power_of_two(52 + EXPONENTS[i] as i64) + STORED_BIAS);
        i += 1;
    }
    bias
};

impl Stored {
    /// A coordinate of the point, or of its opposite, which has the first two swapped; the sign of the third is left to the caller.
    #[inline(always)]
    fn of(&self, coordinate: usize, is_opposite: bool) -> &[u32; LIMBS] {
        if coordinate == 2 { &self.0[2] } else { &self.0[coordinate ^ usize::from(is_opposite)] }
    }
}

/// Bytes of a table entry's limb.
const LIMB_BYTES: usize = 3;

/// Limb i is a multiple of 2^EXPONENTS\[i\]: the multiples of 21.25, rounded up. The last is where the number ends.
const EXPONENTS: [u32; LIMBS + 1] = [0, 22, 43, 64, 85, 107, 128, 149, 170, 192, 213, 234, 255];

type Element = [V; LIMBS];

/// The constants.
pub(crate) struct Plain {
    /// 19·2^−255.
    wrap: V,
    /// 1.5·2^(52 + EXPONENTS\[i + 1\]): added and subtracted, it rounds to a multiple of 2^EXPONENTS\[i + 1\].
    round: Element,
    /// The upper 32 bits of 2^(52 + EXPONENTS\[i\]), twice in each lane. With a whole number below 2^32 as the lower 32
    /// bits it is an f64, 2^EXPONENTS\[i\] times (2^52 + the number).
    high_word: Element,
    /// What has to be subtracted then: 2^EXPONENTS\[i\]·(2^52 + half the limb's range).
    table_bias: Element,
    /// 2^−EXPONENTS\[i\].
    unscale: Element,
    /// 1.5·2^52: added to a small whole number, it puts the number in the lowest bits.
    magic: V,
    /// How many limbs there are, where the compiler cannot see it: unrolled, the product is slower.
    limbs: usize,
}

/// The bounds, in units of each limb, by interval arithmetic at compile time.
mod proof {
    use super::{EXPONENTS, LIMBS};

    /// *Reduced*: at most half a limb's range, and what the last four carries add to their neighbours.
    pub(super) const REDUCED: [u128; LIMBS] = {
        let mut bound = [0; LIMBS];
        let mut i = 0;
        while i < LIMBS {
            bound[i] = (1 << (EXPONENTS[i + 1] - EXPONENTS[i] - 1)) + (1 << 14);
            i += 1;
        }
        bound
    };

    /// The sum or difference of two reduced elements: the most that a product takes, on both sides.
    pub(super) const LOOSE: [u128; LIMBS] = {
        let mut bound = REDUCED;
        let mut i = 0;
        while i < LIMBS {
            bound[i] *= 2;
            i += 1;
        }
        bound
    };

    /// The limbs of a product before the carry. Every partial sum is a part of one of these sums of absolute values.
    const PRODUCT: [u128; LIMBS] = {
        let mut bound = [0; LIMBS];
        let mut i = 0;
        while i < LIMBS {
            let mut j = 0;
            while j < LIMBS {
                let (k, wrap, turn) = if i + j < LIMBS { (i + j, 1, 0) } else { (i + j - LIMBS, 19, 255) };
                let units = 1 << (EXPONENTS[i] + EXPONENTS[j] - EXPONENTS[k] - turn);
                bound[k] += LOOSE[i] * LOOSE[j] * units * wrap;
                j += 1;
            }
            i += 1;
        }
        bound
    };

    /// The largest that each limb is after the carry, and the largest that any limb was on the way.
    const fn carried(mut bound: [u128; LIMBS]) -> ([u128; LIMBS], u128) {
        let order = [0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11, 0, 3, 6, 9];
        let mut largest = 0;
        let mut step = 0;
        while step < order.len() {
            let i = order[step];
            let width = EXPONENTS[i + 1] - EXPONENTS[i];
            // What is rounded away goes up, to the nearest; what stays is at most half of what is counted there.
            let over = (bound[i] >> width) + 1;
            bound[i] = 1 << (width - 1);
            let (next, over) = if i + 1 < LIMBS { (i + 1, over) } else { (0, 19 * over) };
            bound[next] += over;
            if bound[next] > largest {
                largest = bound[next];
            }
            step += 1;
        }
        (bound, largest)
    }

    // All sums of a product are exact, and so is the rounding in the carry: 1.5·2^52 units of the next limb, 2^21 or more
    // of this one's, plus anything below 2^51 of them, stays between 2^52 and 2^53.
    const _: () = {
        let (reduced, largest) = carried(PRODUCT);
        assert!(largest < 1 << 53);
        let mut k = 0;
        while k < LIMBS {
            assert!(PRODUCT[k] < 1 << 53);
            assert!(reduced[k] <= REDUCED[k]);
            k += 1;
        }
    };
}

static CONSTANTS: Plain = {
    let mut k = Plain {
        wrap: splat(power_of_two(-251) | 3 << 48), // 19 is 1.1875·2^4
        round: [ZERO; LIMBS],
        high_word: [ZERO; LIMBS],
        table_bias: [ZERO; LIMBS],
        unscale: [ZERO; LIMBS],
        magic: splat(power_of_two(52) | 1 << 51),
        limbs: LIMBS,
    };
    let mut i = 0;
    while i < LIMBS {
        let (from, to) = (EXPONENTS[i] as i64, EXPONENTS[i + 1] as i64);
        k.round[i] = splat(power_of_two(52 + to) | 1 << 51);
        let high_word = power_of_two(52 + from) >> 32;
        k.high_word[i] = splat(high_word << 32 | high_word);
        k.table_bias[i] = splat(power_of_two(52 + from) | 1 << (to - from - 1));
        k.unscale[i] = splat(power_of_two(-from));
        i += 1;
    }
    k
};

/// The bits of the f64 2^exponent.
const fn power_of_two(exponent: i64) -> u64 {
    ((1023 + exponent) as u64) << 52
}

impl Field for Plain {
    type Element = Element;
    type Stored = Stored;
    type Window = [[[Slice; LIMB_BYTES]; LIMBS]; COORDINATES];

    const ZERO: Element = [ZERO; LIMBS];
    const NOT_STORED: Stored = Stored([[0; LIMBS]; COORDINATES]);
    const EMPTY_WINDOW: Self::Window = [[[[[0; BYTES]; GROUPS]; LIMB_BYTES]; LIMBS]; COORDINATES];

    fn constants() -> &'static Self {
        black_box(&CONSTANTS)
    }

    fn is_exact_here() -> bool {
        true // Wasm has its rounding in its specification.
    }

    /// Takes sums and differences of two reduced elements on both sides, or of up to four on one.
    #[inline(always)]
    fn mul(&self, a: &Element, b: &Element) -> Element {
        debug_assert!(times_reduced(a) * times_reduced(b) <= 4);
        let product = self.carry(self.product(a, b));
        debug_assert!(is_within(&product, &proof::REDUCED));
        product
    }

    #[inline(always)]
    fn square(&self, a: &Element) -> Element {
        debug_assert!(times_reduced(a) == 1);
        let square = self.carry(self.square_of(a));
        debug_assert!(is_within(&square, &proof::REDUCED));
        square
    }

    #[inline(always)]
    fn add(&self, a: &Element, b: &Element) -> Element {
        let mut sum = *a;
        each!(i in 0 1 2 3 4 5 6 7 8 9 10 11 => {
            sum[i] = add_f64(a[i], b[i]);
        });
        sum
    }

    #[inline(always)]
    fn sub(&self, a: &Element, b: &Element) -> Element {
        let mut difference = *a;
        each!(i in 0 1 2 3 4 5 6 7 8 9 10 11 => {
            difference[i] = sub_f64(a[i], b[i]);
        });
        difference
    }

    fn load_limbs51(&self, numbers: [&Limbs51; 2]) -> Element {
        let mut element = [ZERO; LIMBS];
        // So many times that the compiler does not know how often: unrolled it would be large, and time does not matter.
        for (i, limb) in element.iter_mut().enumerate().take(self.limbs) {
            let scaled =
                |number| (bits_of_limb(number, i) as f64 * f64::from_bits(power_of_two(EXPONENTS[i].into()))).to_bits();
            *limb = pair(scaled(numbers[0]), scaled(numbers[1]));
        }
        // No limb is over its range, which is twice what a reduced one has.
        mul(self, &element, &ONE)
    }

    /// Takes reduced elements: their limbs are below 2^22 units.
    fn to_limbs51(&self, a: &Element) -> [Limbs51; 2] {
        // Minus the bias of all limbs, plus 4·p: no limb of it is negative.
        const UNBIAS: Limbs51 = {
            let mut unbias = [4 * MASK; 5];
            unbias[0] -= 4 * 18;
            let mut i = 0;
            while i < LIMBS {
                let bit = EXPONENTS[i] + LIMB_BIAS;
                if bit >= 255 {
                    unbias[0] -= 19 << (bit - 255);
                } else {
                    unbias[bit as usize / 51] -= 1 << (bit % 51);
                }
                i += 1;
            }
            unbias
        };
        const MAGIC_LESS_BIAS: u64 = (power_of_two(52) | 1 << 51) - (1 << LIMB_BIAS);
        let mut numbers = [UNBIAS; 2];
        for i in 0..self.limbs.min(LIMBS) {
            let whole = add_f64(mul_f64(a[i], self.unscale[i]), self.magic);
            let limbs = lanes(sub_u64(whole, splat(MAGIC_LESS_BIAS)));
            let (word, shift) = (EXPONENTS[i] as usize / 51, EXPONENTS[i] % 51);
            for (number, limb) in numbers.iter_mut().zip(limbs) {
                debug_assert!(limb < 1 << (LIMB_BIAS + 1));
                number[word] += limb << shift & MASK;
                if shift + LIMB_BIAS + 1 > 51 {
                    let over = limb >> (51 - shift);
                    if word < 4 {
                        number[word + 1] += over;
                    } else {
                        number[0] += 19 * over;
                    }
                }
            }
        }
        numbers.map(limbs51::reduce)
    }

    /// Takes a point with reduced coordinates, and gives one. Every factor is a sum or difference of two reduced
    /// elements, or a reduced one.
    #[inline(always)]
    fn add_entry(&self, sum: &mut Point<Element>, entry: &Entry<Element>) {
        let [plus, minus, product] = &entry.0;
        let a = mul(self, &self.sub(&sum.y, &sum.x), minus);
        let b = mul(self, &self.add(&sum.y, &sum.x), plus);
        let c = mul(self, &sum.t, product);
        let (e, h) = (self.sub(&b, &a), self.add(&b, &a));
        let (f, g) = (self.sub(&sum.z, &c), self.add(&sum.z, &c));
        mul_over(self, &mut sum.x, &e, &f);
        mul_over(self, &mut sum.y, &g, &h);
        mul_over(self, &mut sum.t, &e, &h);
        mul_over(self, &mut sum.z, &f, &g);
    }

    /// Takes a point with reduced coordinates, and gives one.
    #[inline(always)]
    fn double(&self, point: &mut Point<Element>, with_t: bool) {
        let Point { x, y, z, .. } = point;
        let (add, sub) = (sum::<Self>, difference::<Self>);
        let e = sub(self, &Self::ZERO, &mul(self, &add(self, x, x), y));
        let g = mul(self, &sub(self, x, y), &add(self, x, y));
        square_over(self, x);
        square_over(self, z);
        let h = sub(self, &add(self, x, x), &g);
        let f = add(self, &add(self, z, z), &g);
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
        each!(i in 0 1 2 3 4 5 6 7 8 9 10 11 => {
            picked[i] = pick(low[i], high[i]);
        });
        picked
    }

    #[inline(always)]
    fn flip(a: &Element, signs: V) -> Element {
        let mut flipped = *a;
        each!(i in 0 1 2 3 4 5 6 7 8 9 10 11 => {
            flipped[i] = xor(a[i], signs);
        });
        flipped
    }

    #[inline(never)]
    fn store(&self, entry: &Entry<Element>) -> [Stored; 2] {
        let mut stored = [Self::NOT_STORED; 2];
        for (coordinate, element) in entry.0.iter().enumerate() {
            for (i, limb) in element.iter().enumerate() {
                let whole = add_f64(mul_f64(*limb, self.unscale[i]), splat(power_of_two(52) + STORED_BIAS));
                for (stored, limb) in stored.iter_mut().zip(lanes(whole)) {
                    stored.0[coordinate][i] = limb as u32;
                }
            }
        }
        stored
    }

    #[inline(always)]
    fn gather(&self, entry: &mut Entry<Element>, low: (&Stored, bool), high: (&Stored, bool)) {
        let signs = sign_bits(low.1, high.1);
        for (coordinate, element) in entry.0.iter_mut().enumerate() {
            let (low, high) = (low.0.of(coordinate, low.1), high.0.of(coordinate, high.1));
            each!(i in 0 4 8 => {
                let (a, b) = (load_u32(low, i), load_u32(high, i));
                let (c, d) = (zip_low_u32(a, b), zip_high_u32(a, b));
                let numbers = [
                    zip_low_u32(c, self.high_word[i]),
                    zip_high_u32(c, self.high_word[i + 1]),
                    zip_low_u32(d, self.high_word[i + 2]),
                    zip_high_u32(d, self.high_word[i + 3]),
                ];
                each!(at in 0 1 2 3 => {
                    element[i + at] = signed(coordinate, sub_f64(numbers[at], UNSTORE[i + at]), signs);
                });
            });
        }
    }

    fn put(window: &mut Self::Window, entry: usize, coordinate: usize, number: &Limbs51) {
        // Half of each limb's range, so that what is looked up is balanced without a carry.
        const BIAS: Limbs51 = {
            let mut bias = [0; 5];
            let mut i = 0;
            while i < LIMBS {
                let bit = EXPONENTS[i + 1] as usize - 1;
                bias[bit / 51] += 1 << (bit % 51);
                i += 1;
            }
            bias
        };
        let mut biased = *number;
        for (limb, bias) in biased.iter_mut().zip(BIAS) {
            *limb += bias;
        }
        let biased = limbs51::reduce(biased);
        for (i, slices) in window[coordinate].iter_mut().enumerate() {
            let bytes = bits_of_limb(&biased, i).to_le_bytes();
            for (slice, byte) in slices.iter_mut().zip(bytes) {
                slice[entry / BYTES][entry % BYTES] = byte;
            }
        }
    }

    /// The entries' limbs are at most half their range: reduced.
    #[inline(always)]
    fn look_up(
        &self,
        window: &Self::Window,
        index: &[V; GROUPS],
        negative: V,
        entries: &mut [Entry<Element>; VECTORS],
    ) {
        let signs = signs(negative);
        let found = find_entries(window, index, negative);
        for (coordinate, limbs) in found.iter().enumerate() {
            for (i, &[low, middle, high]) in limbs.iter().enumerate() {
                let mut put = |vector: usize, number: V| {
                    let limb = sub_f64(number, self.table_bias[i]);
                    entries[vector].0[coordinate][i] = signed(coordinate, limb, signs[vector]);
                };
                // From byte 0, byte 1, byte 2 of 16 lanes each to 16 numbers of 24 bits, and above each the upper word.
                let exponent = self.high_word[i];
                let (a, b) = (zip_low_u8(low, middle), zip_low_u8(high, ZERO));
                let four = zip_low_u16(a, b);
                put(0, zip_low_u32(four, exponent));
                put(1, zip_high_u32(four, exponent));
                let four = zip_high_u16(a, b);
                put(2, zip_low_u32(four, exponent));
                put(3, zip_high_u32(four, exponent));
                let (a, b) = (zip_high_u8(low, middle), zip_high_u8(high, ZERO));
                let four = zip_low_u16(a, b);
                put(4, zip_low_u32(four, exponent));
                put(5, zip_high_u32(four, exponent));
                let four = zip_high_u16(a, b);
                put(6, zip_low_u32(four, exponent));
                put(7, zip_high_u32(four, exponent));
            }
        }
    }
}

/// [`Plain::to_limbs51`] takes limbs up to 2^LIMB_BIAS either way.
const LIMB_BIAS: u32 = 22;

impl Plain {
    // ANCHOR: product
    /// a·b, not carried.
    #[inline(always)]
    fn product(&self, a: &Element, b: &Element) -> Element {
        // Horner's rule over the limbs of a, highest first. Times 2^21.25 is a turn of the limbs.
        let mut sum = [ZERO; LIMBS];
        let mut i = self.limbs;
        // Written out four times: a loop over an array of steps stays one, and keeps the sums in memory.
        macro_rules! row {
            ($step:literal) => {
                // SAFETY: `limbs` is 12, so i is 8, 4, 0 and i + 3 at most 11.
                let limb = unsafe { *a.get_unchecked(i + $step) };
                let top = mul_f64(sum[LIMBS - 1], self.wrap);
                each!(j in 11 10 9 8 7 6 5 4 3 2 1 => {
                    sum[j] = add_f64(sum[j - 1], mul_f64(limb, b[j]));
                });
                sum[0] = add_f64(top, mul_f64(limb, b[0]));
            };
        }
        while i != 0 {
            i -= 4;
            row!(3);
            row!(2);
            row!(1);
            row!(0);
        }
        sum
    }
    // ANCHOR_END: product

    /// a·a, not carried.
    #[inline(always)]
    fn square_of(&self, a: &Element) -> Element {
        // As a product, but that of two limbs the lower is taken twice, and the upper not again.
        let mut factors = self.add(a, a);
        let mut sum = [ZERO; LIMBS];
        macro_rules! row {
            ($($i:literal)+) => {$(
                let limb = a[$i];
                factors[$i] = limb;
                let top = mul_f64(sum[LIMBS - 1], self.wrap);
                each!(j in 11 10 9 8 7 6 5 4 3 2 1 => {
                    sum[j] = if j <= $i { add_f64(sum[j - 1], mul_f64(limb, factors[j])) } else { sum[j - 1] };
                });
                sum[0] = add_f64(top, mul_f64(limb, factors[0]));
            )+};
        }
        row!(11 10 9 8 7 6 5 4 3 2 1 0);
        sum
    }

    /// Carries every limb once, and four twice.
    #[inline(always)]
    fn carry(&self, mut limbs: Element) -> Element {
        macro_rules! carry {
            ($($i:literal)+) => {$(
                let over = sub_f64(add_f64(limbs[$i], self.round[$i]), self.round[$i]);
                limbs[$i] = sub_f64(limbs[$i], over);
                if $i == LIMBS - 1 {
                    limbs[0] = add_f64(limbs[0], mul_f64(over, self.wrap));
                } else {
                    limbs[($i + 1) % LIMBS] = add_f64(limbs[($i + 1) % LIMBS], over);
                }
            )+};
        }
        // Four chains by turns, because each step waits for the one before. Written out for the same reason.
        carry!(0 3 6 9 1 4 7 10 2 5 8 11 0 3 6 9);
        limbs
    }
}

/// Whether every limb is a whole number of its units, and no more of them than the bound.
fn is_within(element: &Element, bound: &[u128; LIMBS]) -> bool {
    (0..LIMBS).all(|i| {
        lanes(element[i]).into_iter().all(|bits| {
            let units = f64::from_bits(bits) * f64::from_bits(power_of_two(-i64::from(EXPONENTS[i])));
            // Up to 2^53 the f64 is the whole number itself.
            let whole = units as i64;
            units == whole as f64 && u128::from(whole.unsigned_abs()) <= bound[i]
        })
    })
}

/// How many reduced elements may have been added up to this one: 1, 2, 3 or 4, or more than a product takes.
fn times_reduced(element: &Element) -> u128 {
    (1..=4).find(|times| is_within(element, &proof::REDUCED.map(|bound| times * bound))).unwrap_or(5)
}

/// The bits of a canonical number that are limb `i`.
fn bits_of_limb(number: &Limbs51, i: usize) -> u64 {
    let (from, width) = (EXPONENTS[i] as usize, EXPONENTS[i + 1] - EXPONENTS[i]);
    let (word, shift) = (from / 51, from as u32 % 51);
    let mut bits = number[word] >> shift;
    if shift + width > 51 {
        bits |= number[word + 1] << (51 - shift);
    }
    bits & ((1 << width) - 1)
}

//! Multiples of the base point B, 256 scalars at a time.

use core::hint::black_box;

use curve25519_dalek::Scalar;

use crate::curve::{BASE_X, BASE_Y, D, D2, HALF, ONE};
use crate::digits::{Digits, LANES, MINUS_MASK, WIDTH, WINDOWS};
use crate::field::{COORDINATES, ENTRIES, Entry, Field, GROUPS, Limbs51, Point, VECTORS, mul};
use crate::point::{add, difference, for_each_affine, for_each_encoding, from_entry, sum};
use crate::vector::{BYTES, from_bytes, greater_u8, or, splat_u8, sub_u8};

/// The most scalars of one call. They share one inversion.
pub(crate) const AT_ONCE: usize = 256;

/// The table of multiples of B, and room to work in. No secret is in it between two calls.
pub(crate) struct Multiplier<F: Field> {
    is_built: bool,
    /// Of window w: 1, 3, … 127 times 2^(7·w)·B.
    table: [F::Window; WINDOWS],
    sums: [Point<F::Element>; AT_ONCE / 2],
    digits: Digits,
    entries: [Entry<F::Element>; VECTORS],
}

impl<F: Field> Multiplier<F> {
    pub(crate) const NEW: Self = Self {
        is_built: false,
        table: [F::EMPTY_WINDOW; WINDOWS],
        sums: [Point::filled(F::ZERO); AT_ONCE / 2],
        digits: Digits::ZERO,
        entries: [Entry([F::ZERO; COORDINATES]); VECTORS],
    };

    /// Writes to `encodings` the 32 bytes that encode scalar·B, for each of up to [`AT_ONCE`] scalars. The first
    /// call builds the table.
    pub(crate) fn multiply(&mut self, scalars: &[Scalar], encodings: &mut [[u8; 32]]) {
        debug_assert!(scalars.len() <= AT_ONCE && scalars.len() == encodings.len());
        if scalars.is_empty() {
            return;
        }
        let k = F::constants();
        if !self.is_built {
            self.build(k);
            self.is_built = true;
        }
        let vectors = self.add_up_all::<false>(k, scalars);
        self.encode(k, vectors, encodings);
    }

    /// The same by other entries of the table, as (scalar + mask)·B − mask·B, to detect that the table is no longer what
    /// it was.
    pub(crate) fn multiply_otherwise(&mut self, scalars: &[Scalar], encodings: &mut [[u8; 32]]) {
        debug_assert!(self.is_built && scalars.len() <= AT_ONCE && scalars.len() == encodings.len());
        let k = F::constants();
        for lane in 0..LANES {
            self.digits.set::<false>(lane, &MINUS_MASK);
        }
        self.add_up(k, 0..1);
        let opposite = self.sums[0];
        let vectors = self.add_up_all::<true>(k, scalars);
        let (one, d2) = (k.load_limbs51([&ONE; 2]), k.load_limbs51([&D2; 2]));
        for sum in &mut self.sums[..vectors] {
            *sum = add(k, &one, &d2, sum, &opposite);
        }
        self.encode(k, vectors, encodings);
    }

    /// scalar·B of each, two in every sum, or (scalar + mask)·B; how many sums that are.
    #[inline(always)]
    fn add_up_all<const MASKED: bool>(&mut self, k: &F, scalars: &[Scalar]) -> usize {
        let vectors = scalars.len().div_ceil(2);
        for (at, sixteen) in scalars.chunks(LANES).enumerate() {
            // Lanes without a scalar of their own compute the last one again: nothing asks how many there are.
            for lane in 0..LANES {
                self.digits.set::<MASKED>(lane, sixteen[lane.min(sixteen.len() - 1)].as_bytes());
            }
            let from = at * VECTORS;
            self.add_up(k, from..vectors.min(from + VECTORS));
        }
        vectors
    }

    /// The points of the first sums, as 32 bytes each.
    #[inline(always)]
    fn encode(&mut self, k: &F, vectors: usize, encodings: &mut [[u8; 32]]) {
        let one = k.load_limbs51([&ONE; 2]);
        for_each_encoding(k, &one, &mut self.sums[..vectors], |at, both| {
            for (encoding, of_lane) in encodings[2 * at..].iter_mut().zip(both) {
                *encoding = of_lane;
            }
        });
    }

    /// Overwrites what the last calls have left.
    pub(crate) fn clear(&mut self) {
        self.sums.fill(Point::filled(F::ZERO));
        self.digits = Digits::ZERO;
        self.entries.fill(Entry([F::ZERO; COORDINATES]));
        black_box(self);
    }

    /// Σ digit\[w\]·2^(7·w)·B for the 16 lanes of `digits`, to the sums in `range`.
    #[inline(never)]
    fn add_up(&mut self, k: &F, range: core::ops::Range<usize>) {
        let one = k.load_limbs51([&ONE; 2]);
        let sums = &mut self.sums[range];
        for (window, table) in self.table.iter().enumerate() {
            let (index, negative) = (&self.digits.index[window], &self.digits.negative[window]);
            look_up(k, table, index, negative, &mut self.entries);
            for (sum, entry) in sums.iter_mut().zip(&self.entries) {
                if window == 0 {
                    *sum = from_entry(k, &one, entry);
                } else {
                    add_entry(k, sum, entry);
                }
            }
        }
    }

    /// Two windows at a time, one a lane.
    #[inline(never)]
    fn build(&mut self, k: &F) {
        let both = |number: &Limbs51| k.load_limbs51([number; 2]);
        let (one, half, d, d2) = (both(&ONE), both(&HALF), both(&D), both(&D2));
        let (x, y) = (both(&BASE_X), both(&BASE_Y));
        let t = mul(k, &x, &y);
        let base = Point { x, y, z: one, t };
        let mut first = join(k, &base, &double(k, &one, &d2, &base, WIDTH));
        let multiples = &mut self.sums[..ENTRIES];
        // There is an odd number of windows: in the last turn the second lane is computed and not used.
        for windows in self.table.chunks_mut(2) {
            let twice = double(k, &one, &d2, &first, 1);
            let mut next = first;
            for multiple in multiples.iter_mut() {
                *multiple = next;
                next = add(k, &one, &d2, &next, &twice);
            }
            first = double(k, &one, &d2, &first, 2 * WIDTH);
            for_each_affine(k, &one, multiples, |entry, x, y| {
                let coordinates = [
                    mul(k, &sum(k, &y, &x), &half),
                    mul(k, &difference(k, &y, &x), &half),
                    mul(k, &mul(k, &x, &y), &d),
                ];
                for (coordinate, element) in coordinates.iter().enumerate() {
                    put(k, windows, entry, coordinate, element);
                }
            });
        }
    }
}

/// Writes the number in each lane to the window of that lane.
#[inline(never)]
fn put<F: Field>(k: &F, windows: &mut [F::Window], entry: usize, coordinate: usize, element: &F::Element) {
    for (window, number) in windows.iter_mut().zip(k.to_limbs51(element)) {
        F::put(window, entry, coordinate, &number);
    }
}

/// 2^doublings·point.
#[inline(never)]
fn double<F: Field>(
    k: &F,
    one: &F::Element,
    d2: &F::Element,
    point: &Point<F::Element>,
    doublings: usize,
) -> Point<F::Element> {
    let mut double = *point;
    for _ in 0..doublings {
        double = add(k, one, d2, &double, &double);
    }
    double
}

/// The first of the two points of `low` with the second of `high`.
#[inline(never)]
fn join<F: Field>(k: &F, low: &Point<F::Element>, high: &Point<F::Element>) -> Point<F::Element> {
    let of = |point: &Point<F::Element>| [point.x, point.y, point.z, point.t];
    let (mut joined, high) = (of(low), of(high));
    for (low, high) in joined.iter_mut().zip(&high) {
        *low = k.load_limbs51([&k.to_limbs51(low)[0], &k.to_limbs51(high)[1]]);
    }
    let [x, y, z, t] = joined;
    Point { x, y, z, t }
}

/// See [`Field::look_up`]. `index` says which of the 64 entries each lane gets, `negative` where it is the opposite.
#[inline(never)]
pub(crate) fn look_up<F: Field>(
    k: &F,
    table: &F::Window,
    index: &[u8; LANES],
    negative: &[u8; LANES],
    entries: &mut [Entry<F::Element>; VECTORS],
) {
    let index = from_bytes(index);
    let mut of_group = [index; GROUPS];
    for (group, of_group) in of_group.iter_mut().enumerate() {
        let within = sub_u8(index, splat_u8((group * BYTES) as u8));
        *of_group = or(within, greater_u8(within, splat_u8(15)));
    }
    k.look_up(table, &of_group, from_bytes(negative), entries);
}

/// See [`Field::add_entry`].
#[inline(never)]
fn add_entry<F: Field>(k: &F, sum: &mut Point<F::Element>, entry: &Entry<F::Element>) {
    k.add_entry(sum, entry);
}

#[cfg(test)]
mod tests {
    use curve25519_dalek::EdwardsPoint;

    use super::*;
    use crate::field::{Plain, Relaxed};

    fn check<F: Field>() {
        let mut multiplier = Box::new(Multiplier::<F>::NEW);
        let mut seed = 1u64;
        let mut random = || {
            Scalar::from_bytes_mod_order_wide(&core::array::from_fn(|_| {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                (seed >> 56) as u8
            }))
        };
        let edges = [Scalar::ZERO, Scalar::ONE, -Scalar::ONE, Scalar::from(2u8), -Scalar::from(2u8)];
        for count in [0, 1, 2, 3, 15, 16, 17, 31, 255, 256] {
            let scalars: Vec<Scalar> =
                (0..count).map(|at| if at % 7 == 6 { edges[at / 7 % edges.len()] } else { random() }).collect();
            let mut encodings = vec![[0; 32]; count];
            multiplier.multiply(&scalars, &mut encodings);
            for (scalar, encoding) in scalars.iter().zip(&encodings) {
                assert_eq!(*encoding, EdwardsPoint::mul_base(scalar).compress().to_bytes());
            }
            if count > 0 {
                let mut otherwise = vec![[0; 32]; count];
                multiplier.multiply_otherwise(&scalars, &mut otherwise);
                assert_eq!(otherwise, encodings);
            }
        }
    }

    #[test]
    fn multiplies_as_dalek_does() {
        check::<Plain>();
        check::<Relaxed>();
    }
}

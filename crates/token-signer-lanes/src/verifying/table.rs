//! Multiples of a point, found by public digits.

use core::array;

use crate::curve::{D, HALF, ONE};
use crate::field::{COORDINATES, Entry, Field, Limbs51, Point, mul};
use crate::point::{difference, for_each_affine, sum};
use crate::vector::{V, pair};
use crate::verifying::add_multiple;

/// Bits of a digit.
pub(crate) const WIDTH: usize = 7;
/// Digits of a scalar.
pub(crate) const WINDOWS: usize = 254usize.div_ceil(WIDTH);
/// 1 to 2^(WIDTH − 1) times the point.
pub(crate) const MULTIPLES: usize = 1 << (WIDTH - 1);

/// A multiple of one point, in the form of [`Entry`].
pub(crate) type Stored<F> = [<F as Field>::Limbs; COORDINATES];

/// Of window w: 0 to 64 times 2^(7·w)·P.
pub(crate) struct Table<F: Field>([[Stored<F>; MULTIPLES + 1]; WINDOWS]);

/// Room to build tables in.
pub(crate) struct Work<F: Field>([Point<F::Element>; MULTIPLES]);

impl<F: Field> Work<F> {
    pub(crate) const NEW: Self = Self([Point::filled(F::ZERO); MULTIPLES]);
}

impl<F: Field> Table<F> {
    /// Without anything in it.
    pub(crate) const EMPTY: Self = Self([[[F::NO_LIMBS; COORDINATES]; MULTIPLES + 1]; WINDOWS]);

    /// The multiples of the affine point (x, y). Two windows at a time, one a lane.
    #[inline(never)]
    pub(crate) fn build(&mut self, k: &F, work: &mut Work<F>, x: &Limbs51, y: &Limbs51) {
        let both = |number: &Limbs51| k.load_limbs51([number; 2]);
        let (one, half, d) = (both(&ONE), both(&HALF), both(&D));
        let zero = F::split(&both(&[0; 5]))[0];
        let (x, y) = (both(x), both(y));
        let base = Point { x, y, z: one, t: mul(k, &x, &y) };
        let mut high = base;
        double(k, &mut high, WIDTH);
        // The first window in one lane, the second in the other.
        let join = |low: &F::Element, high: &F::Element| F::join(&F::split(low)[0], &F::split(high)[1]);
        let mut first = Point {
            x: join(&base.x, &high.x),
            y: join(&base.y, &high.y),
            z: join(&base.z, &high.z),
            t: join(&base.t, &high.t),
        };
        let [half_limbs, _] = F::split(&half);
        // In the last turn the second lane may be computed and not used.
        for windows in self.0.chunks_mut(2) {
            let (entry, z) = cached(k, &half, &d, &first);
            let mut next = first;
            for multiple in &mut work.0 {
                *multiple = next;
                add_multiple(k, &mut next, &entry, &z);
            }
            double(k, &mut first, 2 * WIDTH);
            for window in windows.iter_mut() {
                window[0] = [half_limbs, half_limbs, zero];
            }
            for_each_affine(k, &one, &mut work.0, |at, x, y| {
                let coordinates = [
                    mul(k, &sum(k, &y, &x), &half),
                    mul(k, &difference(k, &y, &x), &half),
                    mul(k, &mul(k, &x, &y), &d),
                ];
                for (coordinate, element) in coordinates.iter().enumerate() {
                    for (window, limbs) in windows.iter_mut().zip(F::split(element)) {
                        window[at + 1][coordinate] = limbs;
                    }
                }
            });
        }
    }

    /// Digit times 2^(7·window)·P: where its entry is, and whether it is the opposite.
    #[inline(always)]
    pub(crate) fn find(&self, window: usize, digit: i8) -> (&Stored<F>, bool) {
        (&self.0[window][usize::from(digit.unsigned_abs())], digit < 0)
    }
}

/// The point as an addition needs it, and its z.
#[inline(never)]
pub(crate) fn cached<F: Field>(
    k: &F,
    half: &F::Element,
    d: &F::Element,
    point: &Point<F::Element>,
) -> (Entry<F::Element>, F::Element) {
    let plus = mul(k, &sum(k, &point.y, &point.x), half);
    let minus = mul(k, &difference(k, &point.y, &point.x), half);
    (Entry([plus, minus, mul(k, &point.t, d)]), point.z)
}

/// 2^doublings·point, with its t.
#[inline(never)]
pub(crate) fn double<F: Field>(k: &F, point: &mut Point<F::Element>, doublings: usize) {
    for left in (0..doublings).rev() {
        k.double(point, left == 0);
    }
}

/// One entry for each lane, each of its own point and with its own sign.
#[inline(always)]
pub(crate) fn gather<F: Field>([low, high]: [(&Stored<F>, bool); 2]) -> Entry<F::Element> {
    // Of the opposite point the first two are exchanged, and the third is negative.
    let of =
        |coordinate: usize| F::join(&low.0[coordinate ^ usize::from(low.1)], &high.0[coordinate ^ usize::from(high.1)]);
    Entry([of(0), of(1), F::flip(&F::join(&low.0[2], &high.0[2]), signs(low.1, high.1))])
}

fn signs(low: bool, high: bool) -> V {
    pair(u64::from(low) << 63, u64::from(high) << 63)
}

/// An array of as many as there are lanes.
pub(crate) fn lanes<T>(of: impl FnMut(usize) -> T) -> [T; 2] {
    array::from_fn(of)
}

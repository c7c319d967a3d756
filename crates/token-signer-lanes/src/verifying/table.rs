//! Multiples of a point, found by public digits.

use core::array;

use crate::curve::{D, HALF, ONE};
use crate::field::{Entry, Field, Limbs51, Point, mul, mul_over};
use crate::point::{difference, for_each_affine, sum};
use crate::verifying::add_multiple;

/// Bits of a digit.
pub(crate) const WIDTH: usize = 8;
/// Digits of a scalar.
pub(crate) const WINDOWS: usize = 254usize.div_ceil(WIDTH);
/// 1 to 2^(WIDTH − 1) times the point.
pub(crate) const MULTIPLES: usize = 1 << (WIDTH - 1);

/// Of window w: 0 to 128 times 2^(8·w)·P.
pub(crate) struct Table<F: Field>([[F::Stored; MULTIPLES + 1]; WINDOWS]);

/// Room to build tables in.
pub(crate) struct Work<F: Field>([Point<F::Element>; MULTIPLES]);

impl<F: Field> Work<F> {
    pub(crate) const NEW: Self = Self([Point::filled(F::ZERO); MULTIPLES]);
}

impl<F: Field> Table<F> {
    /// Without anything in it.
    pub(crate) const EMPTY: Self = Self([[F::NOT_STORED; MULTIPLES + 1]; WINDOWS]);

    /// The multiples of the affine point (x, y). Two windows at a time, one a lane.
    #[inline(never)]
    pub(crate) fn build(&mut self, k: &F, work: &mut Work<F>, x: &Limbs51, y: &Limbs51) {
        let both = |number: &Limbs51| k.load_limbs51([number; 2]);
        let (one, half, d) = (both(&ONE), both(&HALF), both(&D));
        let (x, y) = (both(x), both(y));
        let base = Point { x, y, z: one, t: mul(k, &x, &y) };
        let mut high = base;
        double(k, &mut high, WIDTH);
        // The first window in one lane, the second in the other.
        let mut first = base;
        let lows = [&mut first.x, &mut first.y, &mut first.z, &mut first.t];
        for (low, high) in lows.into_iter().zip([&high.x, &high.y, &high.z, &high.t]) {
            *low = F::pick(low, high);
        }
        let [nothing, _] = k.store(&nothing(k));
        let mut entry = Cached::filled(one);
        for windows in self.0.chunks_mut(2) {
            cached(k, &mut entry, &half, &d, &first);
            let mut next = first;
            for multiple in &mut work.0 {
                *multiple = next;
                add_multiple(k, &mut next, &entry);
            }
            double(k, &mut first, 2 * WIDTH);
            for window in windows.iter_mut() {
                window[0] = nothing;
            }
            for_each_affine(k, &one, &mut work.0, |at, x, y| {
                cached(k, &mut entry, &half, &d, &Point { x, y, z: one, t: mul(k, &x, &y) });
                for (window, stored) in windows.iter_mut().zip(k.store(&entry.entry)) {
                    window[at + 1] = stored;
                }
            });
        }
    }

    /// Digit times 2^(8·window)·P: where its entry is, and whether it is the opposite.
    #[inline(always)]
    pub(crate) fn find(&self, window: usize, digit: i8) -> (&F::Stored, bool) {
        (&self.0[window][usize::from(digit.unsigned_abs())], digit < 0)
    }
}

/// The entry that changes nothing.
#[inline(never)]
pub(crate) fn nothing<F: Field>(k: &F) -> Entry<F::Element> {
    let half = k.load_limbs51([&HALF; 2]);
    Entry([half, half, k.load_limbs51([&[0; 5]; 2])])
}

/// A point as an addition needs it, and its z.
#[derive(Clone, Copy)]
pub(crate) struct Cached<E> {
    pub(crate) entry: Entry<E>,
    pub(crate) z: E,
}

impl<E: Copy> Cached<E> {
    /// All the same.
    pub(crate) const fn filled(element: E) -> Self {
        Self { entry: Entry([element; 3]), z: element }
    }
}

/// Makes a point what an addition needs.
#[inline(never)]
pub(crate) fn cached<F: Field>(
    k: &F,
    to: &mut Cached<F::Element>,
    half: &F::Element,
    d: &F::Element,
    point: &Point<F::Element>,
) {
    mul_over(k, &mut to.entry.0[0], &sum(k, &point.y, &point.x), half);
    mul_over(k, &mut to.entry.0[1], &difference(k, &point.y, &point.x), half);
    mul_over(k, &mut to.entry.0[2], &point.t, d);
    to.z = point.z;
}

/// 2^doublings·point, with its t.
#[inline(never)]
pub(crate) fn double<F: Field>(k: &F, point: &mut Point<F::Element>, doublings: usize) {
    for left in (0..doublings).rev() {
        k.double(point, left == 0);
    }
}

/// See [`Field::gather`].
#[inline(never)]
pub(crate) fn gather<F: Field>(
    k: &F,
    entry: &mut Entry<F::Element>,
    low: (&F::Stored, bool),
    high: (&F::Stored, bool),
) {
    k.gather(entry, low, high);
}

/// An array of as many as there are lanes.
pub(crate) fn lanes<T>(of: impl FnMut(usize) -> T) -> [T; 2] {
    array::from_fn(of)
}

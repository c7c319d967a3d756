//! GF(2^255 − 19), two elements at a time, one a lane.

/// The block once for each number in the place of a variable. Not a loop, so that it is none either where the compiler keeps loops
/// for the sake of size: it would keep the limbs in memory.
macro_rules! each {
    ($i:ident in $($number:literal)+ => $block:block) => {$({
        let $i: usize = $number;
        $block
    })+};
}

mod limbs51;
#[cfg(any(not(target_family = "wasm"), not(target_feature = "relaxed-simd")))]
mod plain;
#[cfg(any(not(target_family = "wasm"), target_feature = "relaxed-simd"))]
mod relaxed;

pub(crate) use limbs51::{Limbs51, pack, unpack};
#[cfg(any(not(target_family = "wasm"), not(target_feature = "relaxed-simd")))]
pub(crate) use plain::Plain;
#[cfg(any(not(target_family = "wasm"), target_feature = "relaxed-simd"))]
pub(crate) use relaxed::Relaxed;

use core::mem::MaybeUninit;

use crate::vector::{
    BYTES, V, ZERO, and, from_bytes, or, pair, splat_u8, swizzle, xor, zip_high_u8, zip_high_u16, zip_high_u32,
    zip_low_u8, zip_low_u16, zip_low_u32,
};

/// Entries of a window of the table: the odd multiples 1, 3, … 127.
pub(crate) const ENTRIES: usize = 64;
/// Vectors that a byte of every entry of a window takes.
pub(crate) const GROUPS: usize = ENTRIES / BYTES;
/// Additions of table entries are done for so many vectors at a time, because a swizzle finds 16 bytes at a time.
pub(crate) const VECTORS: usize = 8;
/// Of a table entry (x, y): (y + x)/2, (y − x)/2 and d·x·y.
pub(crate) const COORDINATES: usize = 3;

/// One byte of a limb, of every entry of a window.
pub(crate) type Slice = [[u8; BYTES]; GROUPS];

/// Two points of the curve in extended coordinates: x = X/Z, y = Y/Z, x·y = T/Z.
#[derive(Clone, Copy)]
pub(crate) struct Point<E> {
    pub(crate) x: E,
    pub(crate) y: E,
    pub(crate) z: E,
    pub(crate) t: E,
}

impl<E: Copy> Point<E> {
    /// Every coordinate the same.
    pub(crate) const fn filled(element: E) -> Self {
        Self { x: element, y: element, z: element, t: element }
    }
}

/// Two affine points (x, y) as the addition needs them: (y + x)/2, (y − x)/2, d·x·y. The halves save it two doublings.
#[derive(Clone, Copy)]
pub(crate) struct Entry<E>(pub(crate) [E; COORDINATES]);

/// A way to hold elements in vectors. Its value is the constants that the arithmetic needs: they are passed by
/// reference, so that the compiler sees variables and leaves the formulas as they were written.
pub(crate) trait Field: Sized + 'static {
    /// Two elements, one a lane.
    type Element: Copy;
    /// What tables for public digits hold of one lane's entry.
    type Stored: Copy + 'static;
    /// The entries of one window, sliced into bytes.
    type Window: Copy;

    /// Twice zero.
    const ZERO: Self::Element;
    /// An entry without anything in it.
    const NOT_STORED: Self::Stored;
    /// A window of zeros.
    const EMPTY_WINDOW: Self::Window;

    /// The constants, behind a reference that the compiler cannot see through.
    fn constants() -> &'static Self;

    /// Whether this host computes as the field needs it.
    fn is_exact_here() -> bool;

    /// a·b. The result is reduced; each field states which inputs it takes.
    fn mul(&self, a: &Self::Element, b: &Self::Element) -> Self::Element;

    /// a·a, of a reduced element. The result is reduced.
    fn square(&self, a: &Self::Element) -> Self::Element;

    /// a + b, limb by limb, not reduced.
    fn add(&self, a: &Self::Element, b: &Self::Element) -> Self::Element;

    /// a − b, limb by limb, not reduced.
    fn sub(&self, a: &Self::Element, b: &Self::Element) -> Self::Element;

    /// Elements of two canonical numbers, reduced.
    fn load_limbs51(&self, lanes: [&Limbs51; 2]) -> Self::Element;

    /// The canonical numbers of reduced elements.
    fn to_limbs51(&self, a: &Self::Element) -> [Limbs51; 2];

    /// Adds to each lane of `sum` the entry in the same lane.
    fn add_entry(&self, sum: &mut Point<Self::Element>, entry: &Entry<Self::Element>);

    /// Twice each lane's point. `t` is left as it was unless `with_t`: only an addition needs it.
    fn double(&self, point: &mut Point<Self::Element>, with_t: bool);

    /// The first lane of one element, and the second of the other.
    fn pick(low: &Self::Element, high: &Self::Element) -> Self::Element;

    /// `a` with the sign of each lane changed where that lane of `signs` has its highest bit set.
    fn flip(a: &Self::Element, signs: V) -> Self::Element;

    /// The entries of each lane, with reduced coordinates, for a table.
    fn store(&self, entry: &Entry<Self::Element>) -> [Self::Stored; 2];

    /// Writes the entry of a table for each lane, or its opposite. It takes time that says which, so it is for public digits.
    fn gather(&self, entry: &mut Entry<Self::Element>, low: (&Self::Stored, bool), high: (&Self::Stored, bool));

    /// Writes a canonical number into the table.
    fn put(window: &mut Self::Window, entry: usize, coordinate: usize, number: &Limbs51);

    /// Reads an entry for each of 16 lanes. `index` holds the 16 indices, once for each group of 16 entries: the index
    /// within the group, or over 127 if it is in another. If a byte of `negative` is all ones, that lane gets the
    /// entry of the opposite point. Every byte of the window is read, whatever the indices.
    fn look_up(
        &self,
        window: &Self::Window,
        index: &[V; GROUPS],
        negative: V,
        entries: &mut [Entry<Self::Element>; VECTORS],
    );
}

/// a·b.
#[inline(always)]
pub(crate) fn mul<F: Field>(k: &F, a: &F::Element, b: &F::Element) -> F::Element {
    let mut product = MaybeUninit::uninit();
    // SAFETY: all three are there, and it writes the product.
    unsafe {
        mul_to(k, product.as_mut_ptr(), a, b);
        product.assume_init()
    }
}

/// a·b in the place of `old`.
#[inline(always)]
pub(crate) fn mul_over<F: Field>(k: &F, old: &mut F::Element, a: &F::Element, b: &F::Element) {
    // SAFETY: all three are there.
    unsafe { mul_to(k, old, a, b) };
}

/// a·b in the place of a.
#[inline(always)]
pub(crate) fn mul_by<F: Field>(k: &F, a: &mut F::Element, b: &F::Element) {
    let a: *mut _ = a;
    // SAFETY: all three are there, and the product may be where a factor is.
    unsafe { mul_to(k, a, a, b) };
}

/// a·a to where a was. A product like others in the modules that sign: they have one inversion a batch, and would be larger.
#[inline(never)]
pub(crate) fn square_over<F: Field>(k: &F, a: &mut F::Element) {
    if cfg!(any(test, feature = "verifier")) {
        *a = k.square(a);
    } else {
        let a: *mut _ = a;
        // SAFETY: it is there, and the product may be where the factors are.
        unsafe { mul_to(k, a, a, a) };
    }
}

/// a·b to `product`, as a function of its own: inlined everywhere it would be most of the module. It writes to where the
/// product is wanted, because an element that is returned and then stored LLVM moves with `memory.copy`, and engines call
/// a function for that.
///
/// # Safety
///
/// The factors must be there to be read, and the product to be written. It may be one of them.
#[inline(never)]
unsafe fn mul_to<F: Field>(k: &F, product: *mut F::Element, a: *const F::Element, b: *const F::Element) {
    // SAFETY: what the caller says; nothing is written before the last limb has been read.
    unsafe { product.write(k.mul(&*a, &*b)) };
}

#[cfg(test)]
mod tests;

/// The sign bits of two f64.
pub(crate) fn sign_bits(low: bool, high: bool) -> V {
    pair(u64::from(low) << 63, u64::from(high) << 63)
}

/// The byte that each of 16 indices finds in a slice.
// ANCHOR: find
#[inline(always)]
fn find(slice: &Slice, index: &[V; GROUPS]) -> V {
    let mut found = swizzle(from_bytes(&slice[0]), index[0]);
    for group in 1..GROUPS {
        found = or(found, swizzle(from_bytes(&slice[group]), index[group]));
    }
    found
}
// ANCHOR_END: find

/// The bytes of (y + x)/2 and (y − x)/2, which are each other's where `negative` is all ones, and those of d·x·y.
#[inline(always)]
fn find_entries<const LIMBS: usize, const LIMB_BYTES: usize>(
    window: &[[[Slice; LIMB_BYTES]; LIMBS]; COORDINATES],
    index: &[V; GROUPS],
    negative: V,
) -> [[[V; LIMB_BYTES]; LIMBS]; COORDINATES] {
    let mut found = [[[ZERO; LIMB_BYTES]; LIMBS]; COORDINATES];
    let [plus, minus, product] = found.each_mut().map(|limbs| limbs.as_flattened_mut());
    for slot in 0..LIMBS * LIMB_BYTES {
        let of = |coordinate: usize| find(&window[coordinate].as_flattened()[slot], index);
        let (a, b) = (of(0), of(1));
        let swapped = and(xor(a, b), negative);
        plus[slot] = xor(a, swapped);
        minus[slot] = xor(b, swapped);
        product[slot] = of(2);
    }
    found
}

/// The sign bits of 16 f64, two a vector, set where the byte of `negative` is.
#[inline(always)]
fn signs(negative: V) -> [V; VECTORS] {
    let bit = and(negative, splat_u8(0x80));
    let (low, high) = (zip_low_u8(ZERO, bit), zip_high_u8(ZERO, bit));
    let four = [zip_low_u16(ZERO, low), zip_high_u16(ZERO, low), zip_low_u16(ZERO, high), zip_high_u16(ZERO, high)];
    core::array::from_fn(|vector| {
        let zip = if vector % 2 == 0 { zip_low_u32 } else { zip_high_u32 };
        zip(ZERO, four[vector / 2])
    })
}

/// A limb of an entry with its sign: of the opposite point, d·x·y alone is negative.
#[inline(always)]
fn signed(coordinate: usize, limb: V, sign: V) -> V {
    if coordinate == COORDINATES - 1 { xor(limb, sign) } else { limb }
}

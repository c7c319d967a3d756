//! Two loops over numbers in linear memory. build.sh compiles this file twice: with vectors, and without.

const LEN: usize = 1024;

static mut A: [f64; LEN] = [0.0; LEN];
static mut B: [f64; LEN] = [0.0; LEN];

#[unsafe(no_mangle)]
pub extern "C" fn a() -> *mut f64 {
    (&raw mut A).cast()
}

#[unsafe(no_mangle)]
pub extern "C" fn b() -> *mut f64 {
    (&raw mut B).cast()
}

fn both() -> (&'static [f64; LEN], &'static mut [f64; LEN]) {
    // SAFETY: an instance has one thread, and every export is done with them when it returns.
    unsafe { (&*(&raw const A), &mut *(&raw mut B)) }
}

// ANCHOR: independent
/// b[i] += 3·a[i]: no step needs another one.
#[unsafe(no_mangle)]
pub extern "C" fn add_thrice() {
    let (a, b) = both();
    for (b, a) in b.iter_mut().zip(a) {
        *b += 3.0 * a;
    }
}
// ANCHOR_END: independent

// ANCHOR: dependent
/// The sum of a[i]·b[i]: every step needs the one before.
#[unsafe(no_mangle)]
pub extern "C" fn dot() -> f64 {
    let (a, b) = both();
    let mut sum = 0.0;
    for (a, b) in a.iter().zip(b.iter()) {
        sum += a * b;
    }
    sum
}
// ANCHOR_END: dependent

// ANCHOR: by-hand
/// The same, two at a time: one sum of what has an even index, one of the rest.
#[cfg(target_feature = "simd128")]
#[unsafe(no_mangle)]
pub extern "C" fn dot_by_hand() -> f64 {
    use core::arch::wasm32::{f64x2, f64x2_add, f64x2_extract_lane, f64x2_mul, f64x2_splat};
    let (a, b) = both();
    let mut sums = f64x2_splat(0.0);
    for (a, b) in a.chunks_exact(2).zip(b.chunks_exact(2)) {
        sums = f64x2_add(sums, f64x2_mul(f64x2(a[0], a[1]), f64x2(b[0], b[1])));
    }
    f64x2_extract_lane::<0>(sums) + f64x2_extract_lane::<1>(sums)
}
// ANCHOR_END: by-hand

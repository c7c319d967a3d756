//! Two loops over numbers in linear memory. build.sh compiles this file twice: with SIMD and without.

use std::cell::RefCell;

const LEN: usize = 1024;

thread_local! {
    static A: RefCell<[f64; LEN]> = const { RefCell::new([0.0; LEN]) };
    static B: RefCell<[f64; LEN]> = const { RefCell::new([0.0; LEN]) };
}

/// Where the host writes between calls.
#[unsafe(no_mangle)]
pub extern "C" fn a() -> *mut [f64; LEN] {
    A.with(RefCell::as_ptr)
}

#[unsafe(no_mangle)]
pub extern "C" fn b() -> *mut [f64; LEN] {
    B.with(RefCell::as_ptr)
}

fn with_both<T>(run: impl FnOnce(&[f64; LEN], &mut [f64; LEN]) -> T) -> T {
    A.with_borrow(|a| B.with_borrow_mut(|b| run(a, b)))
}

// ANCHOR: independent
/// b[i] += 3·a[i]: no step needs another step.
#[unsafe(no_mangle)]
pub extern "C" fn add_thrice() {
    with_both(|a, b| {
        for (b, a) in b.iter_mut().zip(a) {
            *b += 3.0 * a;
        }
    });
}
// ANCHOR_END: independent

// ANCHOR: dependent
/// The sum of a[i]·b[i]: every step needs the one before.
#[unsafe(no_mangle)]
pub extern "C" fn dot() -> f64 {
    with_both(|a, b| {
        let mut sum = 0.0;
        for (a, b) in a.iter().zip(b.iter()) {
            sum += a * b;
        }
        sum
    })
}
// ANCHOR_END: dependent

// ANCHOR: by-hand
/// The same, two at a time: one sum for even indices, one for odd.
#[cfg(target_feature = "simd128")]
#[unsafe(no_mangle)]
pub extern "C" fn dot_by_hand() -> f64 {
    use core::arch::wasm32::{f64x2, f64x2_add, f64x2_extract_lane, f64x2_mul, f64x2_splat};
    with_both(|a, b| {
        let mut sums = f64x2_splat(0.0);
        for (a, b) in a.chunks_exact(2).zip(b.chunks_exact(2)) {
            sums = f64x2_add(sums, f64x2_mul(f64x2(a[0], a[1]), f64x2(b[0], b[1])));
        }
        f64x2_extract_lane::<0>(sums) + f64x2_extract_lane::<1>(sums)
    })
}
// ANCHOR_END: by-hand

//! a·b modulo 2^255 − 19, for two pairs at once: the arithmetic of `crates/token-signer-lanes` in its plainest form.

use core::arch::wasm32::{f64x2, f64x2_add, f64x2_extract_lane, f64x2_mul, f64x2_splat, f64x2_sub, v128};
use std::cell::RefCell;

// ANCHOR: limbs
const LIMBS: usize = 12;
/// Limb i is a multiple of 2^EXPONENTS[i], held as an f64 with that factor in it.
const EXPONENTS: [i32; LIMBS + 1] = [0, 22, 43, 64, 85, 107, 128, 149, 170, 192, 213, 234, 255];

/// A limb of two numbers.
type Pair = [f64; 2];

thread_local! {
    static A: RefCell<[Pair; LIMBS]> = const { RefCell::new([[0.0; 2]; LIMBS]) };
    static B: RefCell<[Pair; LIMBS]> = const { RefCell::new([[0.0; 2]; LIMBS]) };
}
// ANCHOR_END: limbs

/// Where the host writes the limbs of the first factors.
#[unsafe(no_mangle)]
pub extern "C" fn a() -> *mut [Pair; LIMBS] {
    A.with(RefCell::as_ptr)
}

/// Where the host writes the limbs of the second factors, and finds those of the products.
#[unsafe(no_mangle)]
pub extern "C" fn b() -> *mut [Pair; LIMBS] {
    B.with(RefCell::as_ptr)
}

/// b = a·b modulo 2^255 − 19, in both lanes.
#[unsafe(no_mangle)]
pub extern "C" fn multiply() {
    let to_vectors = |pairs: &[Pair; LIMBS]| pairs.map(|[low, high]| f64x2(low, high));
    let to_pair = |vector| [f64x2_extract_lane::<0>(vector), f64x2_extract_lane::<1>(vector)];
    A.with_borrow(|a| {
        B.with_borrow_mut(|b| *b = carry(product(&to_vectors(a), &to_vectors(b))).map(to_pair));
    });
}

// ANCHOR: product
/// Horner's rule over the limbs of a, highest first.
fn product(a: &[v128; LIMBS], b: &[v128; LIMBS]) -> [v128; LIMBS] {
    let wrap = f64x2_splat(19.0 * power_of_two(-255));
    let mut sum = [f64x2_splat(0.0); LIMBS];
    for &limb in a.iter().rev() {
        // What reaches 2^255 counts 19 times as much at the other end.
        let over_the_top = f64x2_mul(sum[LIMBS - 1], wrap);
        for j in (1..LIMBS).rev() {
            sum[j] = f64x2_add(sum[j - 1], f64x2_mul(limb, b[j]));
        }
        sum[0] = f64x2_add(over_the_top, f64x2_mul(limb, b[0]));
    }
    sum
}
// ANCHOR_END: product

// ANCHOR: carry
/// Brings every limb back to about half of its range, above or below zero.
fn carry(mut limbs: [v128; LIMBS]) -> [v128; LIMBS] {
    let wrap = f64x2_splat(19.0 * power_of_two(-255));
    for i in (0..LIMBS).chain(0..LIMBS) {
        // Adding 1.5·2^(52 + e) leaves no bits below 2^e: they are rounded away.
        let round = f64x2_splat(1.5 * power_of_two(52 + EXPONENTS[i + 1]));
        let over = f64x2_sub(f64x2_add(limbs[i], round), round);
        limbs[i] = f64x2_sub(limbs[i], over);
        if i == LIMBS - 1 {
            limbs[0] = f64x2_add(limbs[0], f64x2_mul(over, wrap));
        } else {
            limbs[i + 1] = f64x2_add(limbs[i + 1], over);
        }
    }
    limbs
}
// ANCHOR_END: carry

const fn power_of_two(exponent: i32) -> f64 {
    f64::from_bits(((1023 + exponent) as u64) << 52)
}

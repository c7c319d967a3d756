//! One instruction of relaxed SIMD, to see how a host computes it.

// ANCHOR: all
use core::arch::wasm32::{f64x2_extract_lane, f64x2_relaxed_madd, f64x2_splat};

/// a·b + c. The host decides whether to round the product before the addition.
#[unsafe(no_mangle)]
pub extern "C" fn madd(a: f64, b: f64, c: f64) -> f64 {
    f64x2_extract_lane::<0>(f64x2_relaxed_madd(f64x2_splat(a), f64x2_splat(b), f64x2_splat(c)))
}
// ANCHOR_END: all

//! One instruction of relaxed SIMD, for a host to be asked about.

// ANCHOR: all
use core::arch::wasm32::{f64x2_extract_lane, f64x2_relaxed_madd, f64x2_splat};

/// a·b + c. Whether the product is rounded before the addition is left to the host.
#[unsafe(no_mangle)]
pub extern "C" fn madd(a: f64, b: f64, c: f64) -> f64 {
    f64x2_extract_lane::<0>(f64x2_relaxed_madd(f64x2_splat(a), f64x2_splat(b), f64x2_splat(c)))
}
// ANCHOR_END: all

//! A vector of 128 bits and the few operations that the fields need, twice with the same names: as Wasm instructions,
//! and in plain Rust, so that the fields can be tested natively with overflow checks on.
//!
//! An operation on `f64` works on two lanes of 64 bits and rounds to nearest, ties to even, as IEEE 754 and Wasm have it.

#[cfg(not(target_feature = "simd128"))]
mod portable;
#[cfg(target_feature = "simd128")]
mod wasm;

#[cfg(not(target_feature = "simd128"))]
pub(crate) use portable::*;
#[cfg(target_feature = "simd128")]
pub(crate) use wasm::*;

/// Both lanes the same 64 bits.
pub(crate) const fn splat(bits: u64) -> V {
    pair(bits, bits)
}

/// All bits zero.
pub(crate) const ZERO: V = splat(0);

/// Bytes in a vector.
pub(crate) const BYTES: usize = 16;

//! Ed25519 signatures by the batch: many messages in one call with a held key, two of them in every vector.
//!
//! The module has the exports of `token-signer` but `verify` and `verify_strict`, and no imports. Field, point addition,
//! table and batches are written here; SHA-512 and the scalars come from `sha2` and `curve25519-dalek`. The README says
//! how it works and what is proven.
//!
//! There are two builds, by target features: with `+simd128` the field of `field::Plain`, with `+relaxed-simd` besides
//! that of `field::Relaxed`. Natively both are compiled, on vectors in plain Rust, for the tests.

#![cfg_attr(target_family = "wasm", no_std)]
#![allow(
    dead_code,
    unused_imports,
    reason = "each module needs a part of the arithmetic, and natively there are only tests"
)]

#[cfg(any(test, not(feature = "verifier")))]
mod base;
mod curve;
#[cfg(any(test, not(feature = "verifier")))]
mod digits;
#[cfg(all(target_family = "wasm", not(feature = "verifier")))]
pub mod exports;
mod field;
mod hash;
#[cfg(any(test, not(feature = "verifier")))]
mod instance;
#[cfg(any(test, not(feature = "verifier")))]
mod messages;
mod point;
mod room;
mod self_test;
#[cfg(any(test, not(feature = "verifier")))]
mod signing;
mod vector;
#[cfg(any(test, feature = "verifier"))]
pub mod verifying;

/// The field of this build.
#[cfg(all(target_family = "wasm", not(target_feature = "relaxed-simd")))]
type Lanes = field::Plain;
/// The field of this build.
#[cfg(all(target_family = "wasm", target_feature = "relaxed-simd"))]
type Lanes = field::Relaxed;

/// Nobody is there to read a panic's text: it is a trap.
#[cfg(target_family = "wasm")]
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

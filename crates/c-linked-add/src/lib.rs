//! Two C functions, linked into Rust: `c/add.h` is their contract.
//!
//! As a Wasm module the crate has one of two faces. The raw one, which any host can call, exports `add_numbers` and
//! `divide_numbers`; with the feature `bindgen`, `add_numbers` is exported for JavaScript through wasm-bindgen. In both
//! optimized modules `add_numbers` is a single `i32.add`: nothing is left of the border between the languages.
//!
//! ```
//! assert_eq!(c_linked_add::add(2, 3), 5);
//! assert_eq!(c_linked_add::add(i32::MAX, 1), i32::MIN);
//! assert_eq!(c_linked_add::divide(-7, 2), -3);
//! ```

#[cfg(feature = "bindgen")]
mod bindgen;
#[cfg(not(feature = "bindgen"))]
mod raw;

#[cfg(feature = "bindgen")]
pub use bindgen::add_numbers;
#[cfg(not(feature = "bindgen"))]
pub use raw::{add_numbers, divide_numbers};

mod c {
    // SAFETY: the signatures are those of c/add.h, where `int` is 32 bits. The functions have no state, take no
    // pointers and need nothing of their caller, so that calling them is always safe; `divide` traps where it cannot answer.
    unsafe extern "C" {
        pub(crate) safe fn add(a: i32, b: i32) -> i32;
        pub(crate) safe fn divide(a: i32, b: i32) -> i32;
    }
}

/// The sum of `a` and `b` modulo 2^32.
#[must_use]
pub fn add(a: i32, b: i32) -> i32 {
    c::add(a, b)
}

/// The quotient of `a` and `b`, rounded towards zero.
///
/// # Traps
///
/// Where `b` is 0, and where `a` is `i32::MIN` and `b` is -1. This is C's trap, not a panic: natively it is a signal
/// that ends the process, in Wasm it ends the call, and in neither can Rust catch it.
#[must_use]
pub fn divide(a: i32, b: i32) -> i32 {
    c::divide(a, b)
}

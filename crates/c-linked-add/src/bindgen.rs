//! The face for JavaScript.

use wasm_bindgen::prelude::wasm_bindgen;

/// The sum of `a` and `b` modulo 2^32, as `(a + b) | 0` gives it.
#[wasm_bindgen]
#[must_use]
pub fn add_numbers(a: i32, b: i32) -> i32 {
    crate::add(a, b)
}

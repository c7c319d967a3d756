//! The face that any host can call.

/// Exports the sum of `a` and `b` modulo 2^32.
// SAFETY: no other symbol of this name is linked in; the wasm-bindgen face is compiled only without this one.
#[unsafe(no_mangle)]
pub extern "C" fn add_numbers(a: i32, b: i32) -> i32 {
    crate::add(a, b)
}

/// Exports the quotient of `a` and `b`, rounded towards zero; traps as [`divide`](crate::divide) does.
// SAFETY: no other symbol of this name is linked in.
#[unsafe(no_mangle)]
pub extern "C" fn divide_numbers(a: i32, b: i32) -> i32 {
    crate::divide(a, b)
}

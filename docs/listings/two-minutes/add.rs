// The first page of the book: one function, and a host for it in call.mjs.
// ANCHOR: all
#[unsafe(no_mangle)]
pub extern "C" fn add(a: i32, b: i32) -> i32 {
    a.wrapping_add(b)
}
// ANCHOR_END: all

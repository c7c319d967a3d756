// ANCHOR: shown
unsafe extern "C" {
    fn ad(a: i32, b: i32) -> i32; // C has `add`
}

#[unsafe(no_mangle)]
pub extern "C" fn add_numbers(a: i32, b: i32) -> i32 {
    // SAFETY: `ad` has no state and takes no pointers.
    unsafe { ad(a, b) }
}
// ANCHOR_END: shown

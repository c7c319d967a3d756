// ANCHOR: shown
#[unsafe(no_mangle)]
pub extern "C" fn half(n: u32) -> u32 {
    only_even(n);
    n / 2
}

#[inline(never)]
fn only_even(n: u32) {
    assert!(n % 2 == 0);
}
// ANCHOR_END: shown

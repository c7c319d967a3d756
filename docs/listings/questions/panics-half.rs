// ANCHOR: shown
#[unsafe(no_mangle)]
pub extern "C" fn half(n: u32) -> u32 {
    let halved = std::panic::catch_unwind(|| {
        assert!(n % 2 == 0, "{n} is odd");
        n / 2
    });
    halved.unwrap_or(0)
}
// ANCHOR_END: shown

// ANCHOR: all
#[unsafe(no_mangle)]
pub extern "C" fn digits(number: u32) -> usize {
    format!("{number}").len()
}
// ANCHOR_END: all

// ANCHOR: all
/// The number that four digits make.
///
/// # Panics
///
/// If one of the bytes is not a digit.
#[unsafe(no_mangle)]
pub extern "C" fn pin(digits: u32) -> u32 {
    digits.to_le_bytes().iter().fold(0, |pin, &byte| {
        if !byte.is_ascii_digit() {
            panic!("{byte} is not a digit");
        }
        pin * 10 + u32::from(byte - b'0')
    })
}
// ANCHOR_END: all

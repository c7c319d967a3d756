// ANCHOR: all
/// The number that four digits make. Traps if one of the bytes is not a digit.
#[unsafe(no_mangle)]
pub extern "C" fn pin(digits: u32) -> u32 {
    digits.to_le_bytes().iter().fold(0, |pin, &byte| {
        if !byte.is_ascii_digit() {
            // Without a message there is no formatting, and none of the panic machinery is linked.
            std::process::abort();
        }
        pin * 10 + u32::from(byte - b'0')
    })
}
// ANCHOR_END: all

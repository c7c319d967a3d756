// ANCHOR: all
#[unsafe(no_mangle)]
pub fn sum_rust(bytes: &[u8]) -> u32 {
    bytes.iter().map(|&byte| u32::from(byte)).sum()
}

#[unsafe(no_mangle)]
pub extern "C" fn sum_c(bytes: &[u8]) -> u32 {
    bytes.iter().map(|&byte| u32::from(byte)).sum()
}
// ANCHOR_END: all

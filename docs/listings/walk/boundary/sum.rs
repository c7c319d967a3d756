// ANCHOR: all
/// The sum of `bytes`: natural Rust, but a host cannot call it.
pub fn sum(bytes: &[u8]) -> u32 {
    bytes.iter().map(|&byte| u32::from(byte)).sum()
}

/// The same for a host, which passes the two numbers that make up a slice.
///
/// # Safety
///
/// `ptr` must be valid for reads of `len` bytes, and nobody may change them during the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sum_at(ptr: *const u8, len: usize) -> u32 {
    // SAFETY: the caller promises it.
    sum(unsafe { std::slice::from_raw_parts(ptr, len) })
}
// ANCHOR_END: all

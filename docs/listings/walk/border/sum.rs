// ANCHOR: all
/// The sum of `bytes`: natural Rust, but not something that a host can call.
pub fn sum(bytes: &[u8]) -> u32 {
    bytes.iter().map(|&byte| u32::from(byte)).sum()
}

/// What a host can call: the same, with the slice taken apart into its two numbers.
///
/// # Safety
///
/// `len` bytes have to be there to read at `ptr`, and nobody may change them during the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn sum_at(ptr: *const u8, len: usize) -> u32 {
    // SAFETY: the caller promises it.
    sum(unsafe { std::slice::from_raw_parts(ptr, len) })
}
// ANCHOR_END: all

use std::cell::RefCell;

thread_local! {
    static BUFFER: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The most bytes that the buffer may have.
pub const CAP: usize = 1 << 20;

// ANCHOR: allocate
/// Allocates a buffer of `len` bytes in place of the last one, and returns its address.
///
/// If `len` is over the cap, returns 0 and keeps the last buffer. A length of 0 is valid, and never gives 0.
#[unsafe(no_mangle)]
pub extern "C" fn allocate(len: usize) -> *mut u8 {
    if len > CAP {
        return std::ptr::null_mut();
    }
    BUFFER.with_borrow_mut(|buffer| {
        *buffer = vec![0; len];
        buffer.as_mut_ptr()
    })
}
// ANCHOR_END: allocate

/// The sum of the bytes in the buffer.
#[unsafe(no_mangle)]
pub extern "C" fn sum() -> u32 {
    BUFFER.with_borrow(|buffer| buffer.iter().map(|&byte| u32::from(byte)).sum())
}

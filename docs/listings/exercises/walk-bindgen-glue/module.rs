//! A module with an interface like wasm-bindgen's, which counts what is allocated.

use std::alloc::{Layout, alloc, dealloc};
use std::cell::Cell;

thread_local!(static ALLOCATED: Cell<i32> = const { Cell::new(0) });

/// Allocates `len` bytes. They belong to the caller.
#[unsafe(no_mangle)]
pub extern "C" fn malloc(len: usize) -> *mut u8 {
    ALLOCATED.set(ALLOCATED.get() + 1);
    // SAFETY: the layout has at least one byte.
    unsafe { alloc(Layout::array::<u8>(len.max(1)).unwrap()) }
}

/// Frees what `malloc` or `upper` returned.
///
/// # Safety
///
/// `ptr` and `len` must be those that were returned, and may not be used again.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn free(ptr: *mut u8, len: usize) {
    ALLOCATED.set(ALLOCATED.get() - 1);
    // SAFETY: the caller promises it.
    unsafe { dealloc(ptr, Layout::array::<u8>(len.max(1)).unwrap()) }
}

/// How many blocks are allocated and not yet freed.
#[unsafe(no_mangle)]
pub extern "C" fn allocated() -> i32 {
    ALLOCATED.get()
}

/// Takes a text of `len` bytes at `ptr`, which stays the caller's. If it is UTF-8, writes the pointer and the
/// length of a new text in capitals to `result`, returns 1, and the new text is the caller's. Otherwise returns 0.
///
/// # Safety
///
/// `len` bytes must be readable at `ptr`, and two aligned words writable at `result`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn upper(ptr: *const u8, len: usize, result: *mut [usize; 2]) -> u32 {
    // SAFETY: the caller promises it.
    let Ok(text) = std::str::from_utf8(unsafe { std::slice::from_raw_parts(ptr, len) }) else {
        return 0;
    };
    let capitals = text.to_uppercase();
    let block = malloc(capitals.len());
    // SAFETY: `block` has as many bytes as are copied, and the caller promises the rest.
    unsafe {
        block.copy_from_nonoverlapping(capitals.as_ptr(), capitals.len());
        result.write([block as usize, capitals.len()]);
    }
    1
}

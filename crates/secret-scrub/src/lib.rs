//! An allocator that clears what it frees.
//!
//! Wiping a variable is not enough. A `Vec` that grows leaves its old bytes in freed memory, an argument
//! that wasm-bindgen copied in is freed as it is, and every function that computed with a secret has spilled
//! some of it to the shadow stack, where it stays until something else is written there.

use std::alloc::{GlobalAlloc, Layout, System};
use std::hint::black_box;
use std::sync::atomic::{Ordering, compiler_fence};

/// The system's allocator, but memory is zeroed before it is freed.
///
/// ```
/// #[global_allocator]
/// static ALLOCATOR: secret_scrub::ZeroOnFree = secret_scrub::ZeroOnFree;
/// # let _ = Box::new(1);
/// ```
#[derive(Debug, Clone, Copy, Default)]
pub struct ZeroOnFree;

// SAFETY: every call is passed on to `System` with the layout that it came with. `dealloc` writes only to
// the `layout.size()` bytes that are still allocated then. `realloc` is the trait's own (allocate, copy,
// deallocate), so that a block that moves is zeroed where it was.
unsafe impl GlobalAlloc for ZeroOnFree {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller upholds `GlobalAlloc::alloc`'s contract, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        // SAFETY: as in `alloc`.
        unsafe { System.alloc_zeroed(layout) }
    }

    // ANCHOR: alloc
    unsafe fn dealloc(&self, ptr: *mut u8, layout: Layout) {
        // SAFETY: the block is `layout.size()` bytes at `ptr` and still allocated; `System` gets back what it gave.
        unsafe {
            ptr.write_bytes(0, layout.size());
            // The block is about to be freed, so a compiler may take the zeros for useless. The fence and the
            // escaping pointer say that somebody looks.
            black_box(ptr);
            compiler_fence(Ordering::SeqCst);
            System.dealloc(ptr, layout);
        }
    }
    // ANCHOR_END: alloc
}

#[cfg(test)]
mod tests {
    use super::*;

    #[global_allocator]
    static ALLOCATOR: ZeroOnFree = ZeroOnFree;

    #[test]
    fn allocations_grow_and_shrink_as_ever() {
        let mut grown: Vec<u8> = Vec::new();
        for n in 0..10_000u32 {
            grown.push(n.to_le_bytes()[0]);
        }
        grown.truncate(100);
        grown.shrink_to_fit();
        assert!(grown.iter().enumerate().all(|(n, byte)| *byte == u8::try_from(n).unwrap()));
    }
}

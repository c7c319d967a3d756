//! Clears what signing leaves behind in linear memory: freed heap, and the used part of the stack.
//!
//! Wiping a variable is not enough. A `Vec` that grows leaves its old bytes in freed memory, an argument
//! that wasm-bindgen copied in is freed as it is, and every function that computed with a secret has spilled
//! some of it to the shadow stack, where it stays until something else is written there.

#![cfg_attr(not(feature = "std"), no_std)]

use core::hint::black_box;
#[cfg(feature = "std")]
use core::sync::atomic::{Ordering, compiler_fence};
#[cfg(feature = "std")]
use std::alloc::{GlobalAlloc, Layout, System};

/// The system's allocator, but memory is zeroed before it is freed.
///
/// ```
/// #[global_allocator]
/// static ALLOCATOR: secret_scrub::ZeroOnFree = secret_scrub::ZeroOnFree;
/// # let _ = Box::new(1);
/// ```
#[cfg(feature = "std")]
#[derive(Debug, Clone, Copy, Default)]
pub struct ZeroOnFree;

// SAFETY: every call is passed on to `System` with the layout that it came with. `dealloc` writes only to
// the `layout.size()` bytes that are still allocated then. `realloc` is the trait's own (allocate, copy,
// deallocate), so that a block that moves is zeroed where it was.
#[cfg(feature = "std")]
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

/// How much of the stack [`burn_stack`] clears, in bytes. Signing a batch is the deepest path of the signers
/// and uses under half of it; a test that compares all of memory finds it when this is too little.
pub const BURNED_STACK_LEN: usize = 64 * 1024;

/// Overwrites the [`BURNED_STACK_LEN`] bytes of stack below the caller's frame with zeros.
///
/// Functions that were called from the same depth before and have returned had their frames there. The
/// caller's own frame is not cleared: keep secrets out of it by working in a function that is never inlined.
// ANCHOR: burn
#[inline(never)]
pub fn burn_stack() {
    let frame = [0u8; BURNED_STACK_LEN];
    // The array has to be written because something that the compiler cannot see looks at it.
    black_box(&frame);
}
// ANCHOR_END: burn

#[cfg(all(test, feature = "std"))]
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
        assert!(
            grown
                .iter()
                .enumerate()
                .all(|(n, byte)| *byte == u8::try_from(n).unwrap())
        );
    }

    #[test]
    fn the_stack_can_be_burned_again_and_again() {
        for _ in 0..1000 {
            burn_stack();
        }
    }
}

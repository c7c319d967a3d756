//! The allocator of a module that has no heap: verifying needs a few vectors for as long as it runs, and one for ever.
//!
//! It gives one piece after the other and takes none back; whoever knows that pieces are no longer in use says so.
//! An allocator that keeps books takes 7.3 KB.

#![allow(unsafe_code)]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::{Cell, UnsafeCell};
use core::mem::MaybeUninit;

/// In bytes. The vector that stays takes 7.5 KB and a verification 6 KB: a tenth more, and the module would trap where
/// that were too little. A test verifies with every kind of input.
const LEN: usize = 16 * 1024;
/// Of every piece, in bytes.
const ALIGN: usize = 8;

#[repr(align(8))]
struct Arena {
    bytes: UnsafeCell<[MaybeUninit<u8>; LEN]>,
    /// Where the next piece begins: a multiple of [`ALIGN`], [`LEN`] at most.
    next: Cell<usize>,
}

#[global_allocator]
static ARENA: Arena = Arena { bytes: UnsafeCell::new([MaybeUninit::uninit(); LEN]), next: Cell::new(0) };

// SAFETY: as for `OneThread` in memory.rs: there is no second thread.
unsafe impl Sync for Arena {}

// SAFETY: a piece is `layout.size()` bytes of the arena, aligned as the arena is, and begins where the last one ended,
// so no two overlap, unless `release` is called, which asks its caller for just that. If there is no room, or not of
// that alignment, the module traps, as it would on `null`, but without the code that says so. Nothing unwinds.
unsafe impl GlobalAlloc for Arena {
    #[inline(always)]
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let at = self.next.get();
        let end = at + layout.size().next_multiple_of(ALIGN);
        if end > LEN || layout.align() > ALIGN {
            crate::trap("the arena is too small");
        }
        self.next.set(end);
        // SAFETY: `at` is within the arena.
        unsafe { self.bytes.get().cast::<u8>().add(at) }
    }

    #[inline(always)]
    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {}
}

/// Runs `work` and takes back what it allocated.
///
/// # Safety
///
/// `work` must have dropped all of it when it returns.
pub(crate) unsafe fn scope<T>(work: impl FnOnce() -> T) -> T {
    let mark = ARENA.next.get();
    let result = work();
    ARENA.next.set(mark);
    result
}

/// Zeroes what is not in use.
#[cfg_attr(feature = "without-wipe", expect(dead_code))]
pub(crate) fn clear() {
    let next = ARENA.next.get();
    // SAFETY: the bytes from `next` to the end belong to no piece.
    unsafe { ARENA.bytes.get().cast::<u8>().add(next).write_bytes(0, LEN - next) }
}

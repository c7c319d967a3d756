//! The allocator of a module that has no heap: verifying needs a few vectors for as long as it runs, and one for ever.

#![allow(unsafe_code)]

use core::alloc::{GlobalAlloc, Layout};
use core::cell::{Cell, UnsafeCell};
use core::mem::MaybeUninit;
use core::ptr;

/// What verifying needs at most is 15 KB; a test verifies with what is left poisoned. Where it were too little, the module would trap.
const LEN: usize = 20 * 1024;
const ALIGN: usize = 16;

/// Gives one piece after the other and takes none back, until none is in use: then it begins anew at the mark.
#[repr(align(16))]
struct Arena {
    bytes: UnsafeCell<[MaybeUninit<u8>; LEN]>,
    /// Where the next piece begins, at a multiple of [`ALIGN`].
    next: Cell<usize>,
    /// Where the pieces that are kept for ever end.
    mark: Cell<usize>,
    /// How many pieces behind the mark are in use.
    in_use: Cell<usize>,
}

#[global_allocator]
static ARENA: Arena = Arena {
    bytes: UnsafeCell::new([MaybeUninit::uninit(); LEN]),
    next: Cell::new(0),
    mark: Cell::new(0),
    in_use: Cell::new(0),
};

// SAFETY: as for `OneThread` in memory.rs: there is no second thread.
unsafe impl Sync for Arena {}

// SAFETY: a piece is `layout.size()` bytes of the arena, which is aligned to 16 as every piece is, and begins where
// the last one ended, so no two in use overlap: `next` goes back only to the mark, and only when each piece behind the
// mark has been freed. `null` says that there is no room or the alignment is greater. Nothing here panics or allocates.
unsafe impl GlobalAlloc for Arena {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let at = self.next.get();
        let room = LEN - at;
        let size = layout.size();
        if size > room || layout.align() > ALIGN {
            return ptr::null_mut();
        }
        self.next.set(at + size.next_multiple_of(ALIGN));
        self.in_use.set(self.in_use.get() + 1);
        // SAFETY: `at` is within the arena, as `next` always is.
        unsafe { self.bytes.get().cast::<u8>().add(at) }
    }

    unsafe fn dealloc(&self, _: *mut u8, _: Layout) {
        let in_use = self.in_use.get() - 1;
        self.in_use.set(in_use);
        if in_use == 0 {
            self.next.set(self.mark.get());
        }
    }
}

/// What has been allocated until now stays for ever: it must never be freed.
pub(crate) fn keep() {
    ARENA.mark.set(ARENA.next.get());
    ARENA.in_use.set(0);
}

/// Zeroes what is not in use.
pub(crate) fn clear() {
    let next = ARENA.next.get();
    // SAFETY: the bytes from `next` to the end belong to no piece.
    unsafe { ARENA.bytes.get().cast::<u8>().add(next).write_bytes(0, LEN - next) }
}

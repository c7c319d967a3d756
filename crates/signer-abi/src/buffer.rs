//! Memory that a host reads and writes through pointers.

use core::cell::UnsafeCell;
use core::hint::black_box;

/// A buffer of fixed length and place, shared with the host.
///
/// No reference to its bytes ever exists, only copies in and out, so the host may write between any two
/// calls. It is not `Sync`: the thread that calls is the thread that owns it.
#[derive(Debug)]
pub struct FixedBuffer<const LEN: usize>(UnsafeCell<[u8; LEN]>);

impl<const LEN: usize> FixedBuffer<LEN> {
    /// A zeroed buffer.
    #[must_use]
    pub const fn new() -> Self {
        Self(UnsafeCell::new([0; LEN]))
    }

    /// Where the host finds it. Valid for `LEN` bytes for as long as the thread lives.
    #[must_use]
    pub const fn as_ptr(&self) -> *mut u8 {
        self.0.get().cast()
    }

    /// A copy of what the host wrote.
    #[must_use]
    pub fn get(&self) -> [u8; LEN] {
        // SAFETY: the pointer comes from the cell, is aligned and holds LEN initialized bytes. The buffer
        // belongs to one thread and the host writes only between calls, so nobody writes meanwhile.
        unsafe { self.0.get().read() }
    }

    /// Replaces what the host sees.
    pub fn set(&self, bytes: [u8; LEN]) {
        // SAFETY: as in `get`; no reference to the bytes exists.
        unsafe { self.0.get().write(bytes) }
    }

    /// Zeroes it.
    pub fn clear(&self) {
        self.set([0; LEN]);
        black_box(self.as_ptr()); // the host looks: the zeros must be written
    }
}

impl<const LEN: usize> Default for FixedBuffer<LEN> {
    fn default() -> Self {
        Self::new()
    }
}

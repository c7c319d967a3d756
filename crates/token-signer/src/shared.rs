//! Memory that the host reads and writes through pointers. The unsafe code of the signer is here.

#![allow(unsafe_code)]

use std::cell::UnsafeCell;
use std::hint::black_box;

use token_signer_core::ErrorCode;

/// A buffer of fixed length and place, shared with the host.
///
/// No reference to its bytes ever exists, only copies in and out, so the host may write between any two
/// calls. It is not `Sync`: the thread that calls is the thread that owns it.
pub(crate) struct FixedBuffer<const LEN: usize>(UnsafeCell<[u8; LEN]>);

impl<const LEN: usize> FixedBuffer<LEN> {
    pub(crate) const fn new() -> Self {
        Self(UnsafeCell::new([0; LEN]))
    }

    /// Where the host finds it. Valid for `LEN` bytes for as long as the thread lives.
    pub(crate) const fn as_ptr(&self) -> *mut u8 {
        self.0.get().cast()
    }

    /// A copy of what the host wrote.
    pub(crate) fn get(&self) -> [u8; LEN] {
        // SAFETY: the pointer comes from the cell, is aligned and holds LEN initialized bytes. The buffer
        // belongs to one thread and the host writes only between calls, so nobody writes meanwhile.
        unsafe { self.0.get().read() }
    }

    pub(crate) fn set(&self, bytes: [u8; LEN]) {
        // SAFETY: as in `get`; no reference to the bytes exists.
        unsafe { self.0.get().write(bytes) }
    }

    pub(crate) fn clear(&self) {
        self.set([0; LEN]);
        black_box(self.as_ptr()); // the host looks: the zeros must be written
    }
}

/// A buffer on the heap that the host fills through a pointer. Zeroed when dropped.
pub(crate) struct HeapBuffer(Vec<u8>);

impl HeapBuffer {
    /// A zeroed buffer of `len` bytes. One of 0 bytes has an address too.
    pub(crate) fn allocate(len: usize) -> Result<Self, ErrorCode> {
        let mut bytes = Vec::new();
        bytes
            .try_reserve_exact(len.max(1))
            .map_err(|_| ErrorCode::OutOfMemory)?;
        bytes.resize(len, 0);
        Ok(Self(bytes))
    }

    /// Where the host finds it. Valid until the buffer is dropped.
    pub(crate) fn as_mut_ptr(&mut self) -> *mut u8 {
        self.0.as_mut_ptr()
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for HeapBuffer {
    fn drop(&mut self) {
        self.0.fill(0);
        black_box(self.0.as_ptr());
    }
}

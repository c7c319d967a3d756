//! Memory on the heap that the host writes through a pointer.

use std::hint::black_box;

use signer_abi::ErrorCode;

/// A buffer on the heap that the host fills through a pointer. Zeroed when dropped.
pub(crate) struct HeapBuffer(Vec<u8>);

impl HeapBuffer {
    /// A zeroed buffer of `len` bytes. One of 0 bytes has an address too.
    pub(crate) fn allocate(len: usize) -> Result<Self, ErrorCode> {
        let mut bytes = Vec::new();
        bytes.try_reserve_exact(len.max(1)).map_err(|_| ErrorCode::OutOfMemory)?;
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

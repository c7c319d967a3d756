//! Memory that the host writes through a pointer. It and `arena.rs` have the signer's unsafe code.

#![allow(unsafe_code)]

use core::cell::OnceCell;

use signer_abi::ErrorCode;

pub(crate) use room::Room;

/// In the module: the message begins where a heap would. The linker says where that is.
#[cfg(not(feature = "std"))]
mod room {
    use core::arch::wasm32::{memory_grow, memory_size};
    use core::slice;

    use super::ErrorCode;

    const PAGE_LEN: usize = 65_536;

    unsafe extern "C" {
        /// The first byte after the module's data and stack: its address is all that it is.
        static __heap_base: u8;
    }

    fn start() -> *mut u8 {
        (&raw const __heap_base).cast_mut()
    }

    /// Room for one message. There is never more than one: `State` drops the last before it asks for the next. What
    /// lies behind a message is always zero: memory begins and grows so, and a message that is dropped is zeroed.
    pub(crate) struct Room {
        len: usize,
    }

    impl Room {
        /// A zeroed room of `len` bytes, which must be far from the end of the address space. One of 0 bytes has an
        /// address too.
        pub(crate) fn allocate(len: usize) -> Result<Self, ErrorCode> {
            let pages = (start().addr() + len).div_ceil(PAGE_LEN);
            let missing = pages.saturating_sub(memory_size::<0>());
            if missing > 0 && memory_grow::<0>(missing) == usize::MAX {
                return Err(ErrorCode::OutOfMemory);
            }
            Ok(Self { len })
        }

        /// Where the host finds it. Valid until the room is dropped.
        pub(crate) fn as_mut_ptr(&mut self) -> *mut u8 {
            start()
        }

        pub(crate) fn as_slice(&self) -> &[u8] {
            // SAFETY: `allocate` saw to it that memory has `len` bytes there, memory never shrinks, every byte of it is
            // initialized, nothing else of the module lies behind `__heap_base`, and the host writes only between calls.
            unsafe { slice::from_raw_parts(start(), self.len) }
        }
    }

    impl Drop for Room {
        fn drop(&mut self) {
            // SAFETY: as in `as_slice`; no slice outlives the room that it borrows from.
            unsafe { start().write_bytes(0, self.len) }
        }
    }
}

/// Natively: the same, from the heap.
#[cfg(feature = "std")]
mod room {
    use core::hint::black_box;

    use super::ErrorCode;

    pub(crate) struct Room(Vec<u8>);

    impl Room {
        pub(crate) fn allocate(len: usize) -> Result<Self, ErrorCode> {
            let mut bytes = Vec::new();
            bytes.try_reserve_exact(len.max(1)).map_err(|_| ErrorCode::OutOfMemory)?;
            bytes.resize(len, 0);
            Ok(Self(bytes))
        }

        pub(crate) fn as_mut_ptr(&mut self) -> *mut u8 {
            self.0.as_mut_ptr()
        }

        pub(crate) fn as_slice(&self) -> &[u8] {
            &self.0
        }
    }

    impl Drop for Room {
        fn drop(&mut self) {
            self.0.fill(0);
            black_box(self.0.as_ptr());
        }
    }
}

/// The value in `cell`, made the first time. As `OnceCell::get_or_init`, but without its panic's text.
pub(crate) fn made_once<T>(cell: &OnceCell<T>, make: impl FnOnce() -> T) -> &T {
    if cell.get().is_none() {
        let _ = cell.set(make()); // `make` does not come back here, so the cell is empty
    }
    cell.get().unwrap_or_else(|| crate::trap("the cell was just filled"))
}

/// Declares a value for each thread. A module has one thread, and `thread_local!` is of std.
macro_rules! per_thread {
    ($visibility:vis static $name:ident: $type:ty = $value:expr;) => {
        #[cfg(not(feature = "std"))]
        $visibility static $name: $crate::memory::OneThread<$type> = $crate::memory::OneThread::new($value);
        #[cfg(feature = "std")]
        std::thread_local! { $visibility static $name: $type = const { $value }; }
    };
}
pub(crate) use per_thread;

/// A value of a program that has one thread.
#[cfg(not(feature = "std"))]
pub(crate) struct OneThread<T>(T);

// SAFETY: the module is built without threads, so there is no second one that could have a reference to the value. The
// check beside it refuses to compile for a target that has them.
#[cfg(not(feature = "std"))]
unsafe impl<T> Sync for OneThread<T> {}

#[cfg(all(not(feature = "std"), target_feature = "atomics"))]
compile_error!("this crate's statics belong to one thread: build it without the target feature `atomics`");

#[cfg(not(feature = "std"))]
impl<T> OneThread<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(value)
    }

    /// As `LocalKey::with`.
    pub(crate) fn with<R>(&'static self, work: impl FnOnce(&T) -> R) -> R {
        work(&self.0)
    }
}

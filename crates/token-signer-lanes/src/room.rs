//! Room for messages, without an allocator: two slots in the memory behind everything else, each as large as it has ever
//! had to be.

use signer_abi::{ErrorCode, MAX_BATCH_COUNT, MAX_MESSAGE_LEN};

/// Memory that begins somewhere and can grow at its end.
pub(crate) trait Memory {
    /// Where it begins. Always the same, and aligned to 16 bytes.
    fn start(&self) -> *mut u8;

    /// Makes `len` bytes from the start usable, or says that it cannot. What is new is zero.
    fn reach(&mut self, len: usize) -> bool;
}

/// The least that a slot takes, so that small messages never move it.
const SMALLEST: usize = 4096;

/// Memory, and how much of it the slots have taken.
pub(crate) struct Arena<M> {
    memory: M,
    taken: usize,
}

impl<M: Memory> Arena<M> {
    pub(crate) const fn new(memory: M) -> Self {
        Self { memory, taken: 0 }
    }

    /// `len` bytes more, aligned to 16 bytes.
    pub(crate) fn take(&mut self, len: usize) -> Option<*mut u8> {
        let end = self.taken.checked_add(len)?.checked_next_multiple_of(16)?;
        if !self.memory.reach(end) {
            return None;
        }
        // SAFETY: `taken` is within what `reach` has made usable, now or before.
        let at = unsafe { self.memory.start().add(self.taken) };
        self.taken = end;
        Some(at)
    }
}

/// A buffer that the host fills, or why there is none.
pub(crate) struct Slot {
    at: *mut u8,
    capacity: usize,
    len: Result<usize, ErrorCode>,
}

impl Slot {
    /// Without a buffer: none was asked for.
    pub(crate) const fn new() -> Self {
        Self { at: core::ptr::null_mut(), capacity: 0, len: Err(ErrorCode::NoMessage) }
    }

    /// Replaces the buffer by one of `len` zeros, and says where it is.
    ///
    /// A slot that has to grow takes a power of two and leaves its old room unused. What it leaves behind in all its
    /// life is less than what it has then.
    pub(crate) fn allocate<M: Memory>(&mut self, arena: &mut Arena<M>, len: usize) -> Result<*mut u8, ErrorCode> {
        self.drop_buffer(ErrorCode::OutOfMemory);
        if len > self.capacity || self.capacity == 0 {
            let rounded = len.next_power_of_two().max(SMALLEST);
            let (at, capacity) = match arena.take(rounded) {
                Some(at) => (at, rounded),
                None => (arena.take(len.max(16)).ok_or(ErrorCode::OutOfMemory)?, len),
            };
            self.at = at;
            self.capacity = capacity;
        }
        // SAFETY: the slot has `capacity` bytes there, and `len` is no more.
        unsafe { self.at.write_bytes(0, len) };
        self.len = Ok(len);
        Ok(self.at)
    }

    /// As [`allocate`](Self::allocate), for `count` heads of `head_len` bytes and `total_len` bytes of messages, where a batch may
    /// be so large.
    pub(crate) fn allocate_batch<M: Memory>(
        &mut self,
        arena: &mut Arena<M>,
        count: usize,
        head_len: usize,
        total_len: usize,
    ) -> Result<*mut u8, ErrorCode> {
        let why = if count > MAX_BATCH_COUNT {
            ErrorCode::BatchLayout
        } else if total_len > MAX_MESSAGE_LEN {
            ErrorCode::MessageTooLarge
        } else {
            return self.allocate(arena, count * head_len + total_len);
        };
        self.drop_buffer(why);
        Err(why)
    }

    /// Clears the buffer and remembers why there is none any more.
    pub(crate) fn drop_buffer(&mut self, why: ErrorCode) {
        if let Ok(len) = self.len {
            // SAFETY: as in `allocate`.
            unsafe { self.at.write_bytes(0, len) };
        }
        self.len = Err(why);
    }

    /// What the host has written, or why there is nothing.
    pub(crate) fn bytes(&self) -> Result<&[u8], ErrorCode> {
        // SAFETY: the slot has `len` bytes there, which `allocate` has written. The host writes to them between two
        // calls, never during one: an instance belongs to one thread.
        self.len.map(|len| unsafe { core::slice::from_raw_parts(self.at, len) })
    }
}

/// The linear memory behind the stack and the statics.
#[cfg(target_family = "wasm")]
pub(crate) struct LinearMemory;

#[cfg(target_family = "wasm")]
impl Memory for LinearMemory {
    fn start(&self) -> *mut u8 {
        unsafe extern "C" {
            /// The linker puts it behind everything that it lays out, aligned to 16 bytes.
            static mut __heap_base: u8;
        }
        &raw mut __heap_base
    }

    fn reach(&mut self, len: usize) -> bool {
        const PAGE: usize = 65_536;
        let Some(end) = (self.start() as usize).checked_add(len) else {
            return false;
        };
        let missing = end.div_ceil(PAGE).saturating_sub(core::arch::wasm32::memory_size::<0>());
        missing == 0 || core::arch::wasm32::memory_grow::<0>(missing) != usize::MAX
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Memory that stays where it is and ends at a limit.
    pub(crate) struct Limited {
        room: Vec<u128>,
        pub(crate) limit: usize,
    }

    impl Limited {
        pub(crate) fn new(limit: usize) -> Self {
            Self { room: vec![0; limit.div_ceil(16)], limit }
        }
    }

    impl Memory for Limited {
        fn start(&self) -> *mut u8 {
            self.room.as_ptr().cast_mut().cast()
        }

        fn reach(&mut self, len: usize) -> bool {
            len <= self.limit
        }
    }

    fn fill(slot: &Slot, at: *mut u8, byte: u8) {
        let len = slot.bytes().unwrap().len();
        // SAFETY: the slot has that many bytes there.
        unsafe { at.write_bytes(byte, len) };
    }

    proptest! {
        #[test]
        fn slots_never_meet_and_start_with_zeros(lens in proptest::collection::vec((0usize..2, 0usize..100_000), 1..40)) {
            let mut arena = Arena::new(Limited::new(1 << 20));
            let mut slots = [Slot::new(), Slot::new()];
            for (which, len) in lens {
                let at = slots[which].allocate(&mut arena, len).unwrap();
                prop_assert!(!at.is_null() && at.addr().is_multiple_of(16));
                prop_assert_eq!(slots[which].bytes().unwrap(), &vec![0; len][..]);
                let other_byte = which as u8 ^ 1;
                fill(&slots[which], at, which as u8);
                if let Ok(other) = slots[which ^ 1].bytes() {
                    prop_assert!(other.iter().all(|byte| *byte == other_byte));
                }
            }
            // 2^17 and all smaller powers down to the smallest, twice.
            prop_assert!(arena.taken <= 2 << 18);
        }
    }

    #[test]
    fn a_slot_that_has_grown_stays_where_it_is() {
        let mut arena = Arena::new(Limited::new(1 << 20));
        let mut slot = Slot::new();
        let at = slot.allocate(&mut arena, 50_000).unwrap();
        for len in [0, 1, 65_536, 3] {
            assert_eq!(slot.allocate(&mut arena, len), Ok(at));
        }
    }

    #[test]
    fn where_memory_ends_the_old_buffer_is_gone_and_cleared() {
        let mut arena = Arena::new(Limited::new(10_000));
        let mut slot = Slot::new();
        assert_eq!(slot.bytes(), Err(ErrorCode::NoMessage));
        let at = slot.allocate(&mut arena, 100).unwrap();
        fill(&slot, at, 7);
        assert_eq!(slot.allocate(&mut arena, 20_000), Err(ErrorCode::OutOfMemory));
        assert_eq!(slot.bytes(), Err(ErrorCode::OutOfMemory));
        // SAFETY: the slot's room is still there.
        assert_eq!(unsafe { core::slice::from_raw_parts(at, 100) }, [0; 100]);
        // No power of two fits, but the length itself does.
        assert!(slot.allocate(&mut arena, 5000).is_ok());
        assert_eq!(slot.allocate(&mut arena, 5001), Err(ErrorCode::OutOfMemory));
        assert_eq!(slot.allocate(&mut arena, 5000).map(|_| ()), Ok(()));
    }
}

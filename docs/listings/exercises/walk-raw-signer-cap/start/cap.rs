use std::cell::RefCell;

thread_local! {
    static ROOM: RefCell<Vec<u8>> = const { RefCell::new(Vec::new()) };
}

/// The most bytes that there is room for.
pub const CAP: usize = 1 << 20;

// ANCHOR: allocate
/// Makes room for `len` bytes, in place of the last room, and says where.
///
/// 0 where `len` is over the cap: the last room stays then. Never 0 for a length of 0.
#[unsafe(no_mangle)]
pub extern "C" fn allocate(len: usize) -> *mut u8 {
    ROOM.with_borrow_mut(|room| {
        *room = vec![0; len];
        room.as_mut_ptr()
    })
}
// ANCHOR_END: allocate

/// The sum of the bytes in the room.
#[unsafe(no_mangle)]
pub extern "C" fn sum() -> u32 {
    ROOM.with_borrow(|room| room.iter().map(|&byte| u32::from(byte)).sum())
}

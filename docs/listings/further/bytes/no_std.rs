//! The same without std and without an allocator: the message is where a heap would begin.

#![no_std]

use core::arch::wasm32::{memory_grow, memory_size, unreachable};
use core::cell::Cell;

// ANCHOR: panic
/// Nobody could read a panic's message, so a panic is just a trap.
#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unreachable()
}
// ANCHOR_END: panic

struct State {
    len: Cell<usize>,
    table: Cell<[u32; 256]>,
}
// SAFETY: an instance has one thread.
unsafe impl Sync for State {}

static STATE: State = State { len: Cell::new(0), table: Cell::new([0; 256]) };

// ANCHOR: room
const PAGE_BYTES: usize = 65_536;

unsafe extern "C" {
    /// Its address is the end of what the linker placed.
    static __heap_base: u8;
}

/// A place for `len` bytes, the same each time; 0 if memory cannot grow that far.
#[unsafe(no_mangle)]
pub extern "C" fn allocate(len: usize) -> *mut u8 {
    let place = (&raw const __heap_base).cast_mut();
    STATE.len.set(0);
    let Some(end) = (place as usize).checked_add(len) else {
        return core::ptr::null_mut();
    };
    let missing = end.div_ceil(PAGE_BYTES).saturating_sub(memory_size(0));
    if missing > 0 && memory_grow(0, missing) == usize::MAX {
        return core::ptr::null_mut();
    }
    STATE.len.set(len);
    place
}
// ANCHOR_END: room

fn table() -> [u32; 256] {
    let mut table = STATE.table.get();
    if table[255] == 0 {
        for (byte, entry) in table.iter_mut().enumerate() {
            *entry = (0..8).fold(byte as u32, |value, _| {
                (value >> 1) ^ (0xedb8_8320 & 0u32.wrapping_sub(value & 1))
            });
        }
        STATE.table.set(table);
    }
    table
}

#[unsafe(no_mangle)]
pub extern "C" fn crc32() -> u32 {
    let table = table();
    let step = |crc: u32, byte: &u8| (crc >> 8) ^ table[((crc ^ u32::from(*byte)) & 0xff) as usize];
    // SAFETY: `allocate` made sure that so many bytes are there, and nothing else in the module uses them.
    let message = unsafe { core::slice::from_raw_parts(&raw const __heap_base, STATE.len.get()) };
    !message.iter().fold(!0, step)
}

//! Turns ASCII letters into capitals, without std and without an allocator.

// ANCHOR: upper
#![no_std]

use core::arch::wasm32::{memory_grow, memory_size, unreachable};
use core::sync::atomic::{AtomicUsize, Ordering};

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    unreachable()
}

unsafe extern "C" {
    static __heap_base: u8;
}

static LEN: AtomicUsize = AtomicUsize::new(0);

fn place() -> *mut u8 {
    (&raw const __heap_base).cast_mut()
}

#[unsafe(no_mangle)]
pub extern "C" fn allocate(len: usize) -> *mut u8 {
    LEN.store(0, Ordering::Relaxed);
    let Some(end) = (place() as usize).checked_add(len) else {
        return core::ptr::null_mut();
    };
    let missing = end.div_ceil(65_536).saturating_sub(memory_size(0));
    if missing > 0 && memory_grow(0, missing) == usize::MAX {
        return core::ptr::null_mut();
    }
    LEN.store(len, Ordering::Relaxed);
    place()
}

#[unsafe(no_mangle)]
pub extern "C" fn upper() {
    // SAFETY: `allocate` made sure that so many bytes are there, and nothing else in the module uses them.
    let text = unsafe { core::slice::from_raw_parts_mut(place(), LEN.load(Ordering::Relaxed)) };
    text.make_ascii_uppercase();
}
// ANCHOR_END: upper

//! A guest that counts the guards that are alive.

use std::sync::atomic::{AtomicI32, Ordering};

// ANCHOR: shown
static ALIVE: AtomicI32 = AtomicI32::new(0);

struct Guard;

impl Drop for Guard {
    fn drop(&mut self) {
        ALIVE.fetch_sub(1, Ordering::Relaxed);
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn work() {
    ALIVE.fetch_add(1, Ordering::Relaxed);
    let _guard = Guard;
    call_the_host(); // it throws
}
// ANCHOR_END: shown

fn call_the_host() {
    // SAFETY: it takes nothing.
    unsafe { host() }
}

unsafe extern "C" {
    fn host();
}

#[unsafe(no_mangle)]
pub extern "C" fn alive() -> i32 {
    ALIVE.load(Ordering::Relaxed)
}

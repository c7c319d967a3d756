//! Allows three calls a second.

// ANCHOR: all
use std::cell::RefCell;

#[link(wasm_import_module = "host")]
unsafe extern "C" {
    /// Milliseconds since some moment.
    safe fn now() -> u64;
}

thread_local! {
    static ALLOWED: RefCell<Vec<u64>> = const { RefCell::new(Vec::new()) };
}

#[unsafe(no_mangle)]
pub extern "C" fn allow() -> bool {
    let now = now();
    ALLOWED.with_borrow_mut(|allowed| {
        allowed.retain(|then| now.saturating_sub(*then) < 1000);
        let is_free = allowed.len() < 3;
        if is_free {
            allowed.push(now);
        }
        is_free
    })
}
// ANCHOR_END: all

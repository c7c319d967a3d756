//! Allows three calls a second.

// ANCHOR: all
use std::cell::RefCell;
use std::time::{Duration, Instant};

thread_local! {
    static ALLOWED: RefCell<Vec<Instant>> = const { RefCell::new(Vec::new()) };
}

#[unsafe(no_mangle)]
pub extern "C" fn allow() -> bool {
    let now = Instant::now();
    ALLOWED.with_borrow_mut(|allowed| {
        allowed.retain(|then| now.duration_since(*then) < Duration::from_secs(1));
        let is_free = allowed.len() < 3;
        if is_free {
            allowed.push(now);
        }
        is_free
    })
}
// ANCHOR_END: all

//! Counters that a host refers to by handle.

use std::cell::RefCell;

pub const NO_SUCH_COUNTER: i32 = -2;

thread_local!(static SLOTS: RefCell<Vec<Option<i32>>> = const { RefCell::new(Vec::new()) });

/// A new counter, in a slot that is free. Its handle is the caller's, until `counter_free`.
#[unsafe(no_mangle)]
pub extern "C" fn counter_new() -> u32 {
    SLOTS.with_borrow_mut(|slots| {
        let index = slots.iter().position(Option::is_none).unwrap_or_else(|| {
            slots.push(None);
            slots.len() - 1
        });
        slots[index] = Some(0);
        index as u32
    })
}

/// Adds one. Returns the count, or NO_SUCH_COUNTER.
#[unsafe(no_mangle)]
pub extern "C" fn counter_add(number: u32) -> i32 {
    SLOTS.with_borrow_mut(|slots| match slots.get_mut(number as usize) {
        Some(Some(count)) => {
            *count += 1;
            *count
        }
        _ => NO_SUCH_COUNTER,
    })
}

/// Returns 0, or NO_SUCH_COUNTER.
#[unsafe(no_mangle)]
pub extern "C" fn counter_free(number: u32) -> i32 {
    SLOTS.with_borrow_mut(|slots| match slots.get_mut(number as usize) {
        Some(slot @ Some(_)) => {
            *slot = None;
            0
        }
        _ => NO_SUCH_COUNTER,
    })
}

/// How many slots there are.
#[unsafe(no_mangle)]
pub extern "C" fn slots() -> u32 {
    SLOTS.with_borrow(|slots| slots.len() as u32)
}

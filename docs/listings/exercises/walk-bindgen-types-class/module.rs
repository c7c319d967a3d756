//! Counters that live in linear memory, and how many there are.

use std::cell::Cell;

thread_local!(static ALIVE: Cell<i32> = const { Cell::new(0) });

pub struct Counter(u32);

/// A new counter at 0. It is the caller's, until `counter_free` or `counter_merge` takes it.
#[unsafe(no_mangle)]
pub extern "C" fn counter_new() -> Box<Counter> {
    ALIVE.set(ALIVE.get() + 1);
    Box::new(Counter(0))
}

/// Adds `count`, and returns the sum.
#[unsafe(no_mangle)]
pub extern "C" fn counter_add(counter: &mut Counter, count: u32) -> u32 {
    counter.0 += count;
    counter.0
}

/// Adds what `other` has, takes `other`, and returns the sum.
#[unsafe(no_mangle)]
pub extern "C" fn counter_merge(counter: &mut Counter, other: Box<Counter>) -> u32 {
    counter.0 += other.0;
    counter_free(other);
    counter.0
}

#[unsafe(no_mangle)]
pub extern "C" fn counter_free(counter: Box<Counter>) {
    ALIVE.set(ALIVE.get() - 1);
    drop(counter);
}

/// How many counters have not been freed.
#[unsafe(no_mangle)]
pub extern "C" fn alive() -> i32 {
    ALIVE.get()
}

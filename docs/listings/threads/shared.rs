//! What several threads do with one memory.
#![no_std]

use core::cell::UnsafeCell;
use core::hint::black_box;
use core::sync::atomic::{AtomicU32, Ordering};

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    core::arch::wasm32::unreachable()
}

// ANCHOR: counters
static ATOMIC: AtomicU32 = AtomicU32::new(0);

struct Plain(UnsafeCell<u32>);
// SAFETY: it is not safe, as the page shows. `Sync` is a promise that nobody keeps here.
unsafe impl Sync for Plain {}
static PLAIN: Plain = Plain(UnsafeCell::new(0));

/// Adds 1 to both counters, so many times.
#[unsafe(no_mangle)]
pub extern "C" fn count(times: u32) {
    for _ in 0..times {
        ATOMIC.fetch_add(1, Ordering::Relaxed);
        // SAFETY: none. Two threads do this at once, which is a data race.
        unsafe { PLAIN.0.get().write_volatile(PLAIN.0.get().read_volatile() + 1) };
    }
}
// ANCHOR_END: counters

#[unsafe(no_mangle)]
pub extern "C" fn atomic() -> u32 {
    ATOMIC.load(Ordering::Relaxed)
}

#[unsafe(no_mangle)]
pub extern "C" fn plain() -> u32 {
    // SAFETY: all threads have finished when the host asks.
    unsafe { PLAIN.0.get().read_volatile() }
}

// ANCHOR: stack
/// Fills an array on the stack with `mine`, looks at it again, and says how often it has changed meanwhile.
#[unsafe(no_mangle)]
pub extern "C" fn disturbed(mine: u32, times: u32) -> u32 {
    let mut changed = 0;
    for _ in 0..times {
        let array = black_box([mine; 64]);
        changed += u32::from(array.iter().any(|each| *black_box(each) != mine));
    }
    changed
}
// ANCHOR_END: stack

// ANCHOR: primes
static NEXT: AtomicU32 = AtomicU32::new(0);
static FOUND: AtomicU32 = AtomicU32::new(0);
const PIECE: u32 = 5000;

/// Takes pieces of the work until there are none left.
#[unsafe(no_mangle)]
pub extern "C" fn primes_below(end: u32) {
    loop {
        let start = NEXT.fetch_add(PIECE, Ordering::Relaxed);
        if start >= end {
            break;
        }
        let found = (start..end.min(start + PIECE)).filter(|n| is_prime(*n)).count();
        FOUND.fetch_add(found as u32, Ordering::Relaxed);
    }
}

fn is_prime(n: u32) -> bool {
    n >= 2 && (2..).take_while(|factor| factor * factor <= n).all(|factor| !n.is_multiple_of(factor))
}
// ANCHOR_END: primes

#[unsafe(no_mangle)]
pub extern "C" fn found() -> u32 {
    FOUND.load(Ordering::Relaxed)
}

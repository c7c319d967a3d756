//! Counters that a host refers to by handle.

use std::cell::RefCell;

pub const NO_SUCH_COUNTER: i32 = -2;

// ANCHOR: slots
/// A place for a counter. `generation` says how many counters in it have been freed.
#[derive(Default)]
struct Slot {
    generation: u16,
    count: Option<i32>,
}

thread_local!(static SLOTS: RefCell<Vec<Slot>> = const { RefCell::new(Vec::new()) });

/// The slot behind a handle, if the counter with that handle is still in it.
fn slot_of(slots: &mut [Slot], number: u32) -> Option<&mut Slot> {
    let slot = slots.get_mut((number & 0xffff) as usize)?;
    (u32::from(slot.generation) == number >> 16 && slot.count.is_some()).then_some(slot)
}

/// A new counter, in a slot that is free. Its handle is the caller's, until `counter_free`.
#[unsafe(no_mangle)]
pub extern "C" fn counter_new() -> u32 {
    SLOTS.with_borrow_mut(|slots| {
        // A slot whose generations have run out is left empty, because its next handle would be an old one.
        let is_free = |slot: &Slot| slot.count.is_none() && slot.generation < u16::MAX;
        let index = slots.iter().position(is_free).unwrap_or_else(|| {
            slots.push(Slot::default());
            slots.len() - 1
        });
        slots[index].count = Some(0);
        u32::from(slots[index].generation) << 16 | u32::from(u16::try_from(index).expect("fewer than 2^16 slots"))
    })
}
// ANCHOR_END: slots

/// Adds one. Returns the count, or NO_SUCH_COUNTER.
#[unsafe(no_mangle)]
pub extern "C" fn counter_add(number: u32) -> i32 {
    SLOTS.with_borrow_mut(|slots| match slot_of(slots, number) {
        Some(Slot { count: Some(count), .. }) => {
            *count += 1;
            *count
        }
        _ => NO_SUCH_COUNTER,
    })
}

/// Returns 0, or NO_SUCH_COUNTER.
#[unsafe(no_mangle)]
pub extern "C" fn counter_free(number: u32) -> i32 {
    SLOTS.with_borrow_mut(|slots| match slot_of(slots, number) {
        Some(slot) => {
            slot.count = None;
            slot.generation += 1;
            0
        }
        None => NO_SUCH_COUNTER,
    })
}

/// How many slots there are.
#[unsafe(no_mangle)]
pub extern "C" fn slots() -> u32 {
    SLOTS.with_borrow(|slots| slots.len() as u32)
}

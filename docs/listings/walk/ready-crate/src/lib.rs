// ANCHOR: all
#![no_std]

extern crate alloc;
#[cfg(feature = "std")]
extern crate std;

use alloc::format;
use alloc::string::String;

/// A name that nobody else has: label, milliseconds, four random bytes.
pub fn ticket(label: &str, now: u64, random: [u8; 4]) -> String {
    format!("{label}-{now}-{:08x}", u32::from_be_bytes(random))
}

/// The same with the clock and the random bytes of this machine.
#[cfg(feature = "std")]
pub fn ticket_now(label: &str) -> String {
    use std::time::{SystemTime, UNIX_EPOCH};

    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let mut random = [0; 4];
    getrandom::fill(&mut random).unwrap();
    ticket(label, now as u64, random)
}

#[test]
fn a_ticket_is_its_parts() {
    assert_eq!(ticket("a", 12, [0, 0, 1, 255]), "a-12-000001ff");
}
// ANCHOR_END: all

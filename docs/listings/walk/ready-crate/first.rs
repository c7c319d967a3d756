// ANCHOR: all
use std::time::{SystemTime, UNIX_EPOCH};

/// A name that nobody else has: label, milliseconds, four random bytes.
pub fn ticket(label: &str) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis();
    let mut random = [0; 4];
    getrandom::fill(&mut random).unwrap();
    format!("{label}-{now}-{:08x}", u32::from_be_bytes(random))
}
// ANCHOR_END: all

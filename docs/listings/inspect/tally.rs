//! Says how long its arguments are.

use std::env;

// ANCHOR: tally
fn main() {
    for word in env::args().skip(1) {
        println!("{word} {}", word.len());
    }
}
// ANCHOR_END: tally

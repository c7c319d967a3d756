//! Counts the blank lines of its input, and fails if there are any.

use std::io;
use std::process;

fn main() {
    let blank = io::stdin().lines().map_while(Result::ok).filter(|line| line.trim().is_empty()).count();
    println!("{blank} blank lines");
    process::exit(blank as i32)
}

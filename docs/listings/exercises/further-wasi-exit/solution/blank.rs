//! Counts the blank lines of its input, and fails if there are any.

use std::io;
use std::process::ExitCode;

// ANCHOR: main
fn main() -> ExitCode {
    let blank = io::stdin().lines().map_while(Result::ok).filter(|line| line.trim().is_empty()).count();
    println!("{blank} blank lines");
    if blank == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
// ANCHOR_END: main

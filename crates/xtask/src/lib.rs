//! Builds the modules and measures them.

#![forbid(unsafe_code)]
// `everyhost::out` says what is wrong with a stdout that is closed or full; `print!` panics.
#![deny(clippy::print_stdout)]

pub mod build;
pub mod size;

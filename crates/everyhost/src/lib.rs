//! Builds the modules, asks every host for the known answers, judges and reports.

#![forbid(unsafe_code)]
// `out` says what is wrong with a stdout that is closed or full; `print!` panics.
#![deny(clippy::print_stdout)]

pub mod bench;
pub mod build;
pub mod cli;
pub mod exports;
mod fit;
#[cfg(test)]
mod fixture;
pub mod gaps;
pub mod hosts;
pub mod list;
pub mod manifest;
pub mod merge;
pub mod modules;
pub mod mutants;
mod needs;
pub mod out;
pub mod own;
pub mod pattern;
pub mod plan;
pub mod report;
pub mod root;
pub mod run;
pub mod shell;
pub mod size;
pub mod smoke;
pub mod starting_set;
pub mod suites;
pub mod verdict;
pub mod visible;

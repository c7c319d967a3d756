//! Runs the vectors on every host, judges the answers and reports.

#![deny(unsafe_code)]
// allowed in run/guard.rs, between fork and exec
// `out` says what is wrong with a stdout that is closed or full; `print!` panics.
#![deny(clippy::print_stdout)]

pub mod answer;
pub mod cli;
pub mod command;
pub mod exports;
pub mod features;
pub mod files;
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
pub mod page;
pub mod pattern;
pub mod place;
pub mod plan;
pub mod programs;
pub mod report;
pub mod results;
pub mod root;
pub mod run;
pub mod shell;
pub mod smoke;
pub mod starting_set;
pub mod suites;
mod table;
pub mod text;
pub mod verdict;
pub mod visible;

//! Runs the vectors on every host, judges the answers and reports.

#![deny(unsafe_code)]
// allowed in run/guard.rs, between fork and exec
// `out` says what is wrong with a stdout that is closed or full; `print!` panics.
#![deny(clippy::print_stdout)]

mod act;
mod answer;
mod badge;
mod bundle;
mod cli;
pub mod command;
mod component;
pub mod files;
mod fit;
#[cfg(test)]
mod fixture;
mod gaps;
pub mod hosts;
mod init;
mod inspect;
mod list;
pub mod manifest;
mod merge;
pub mod modules;
mod mutants;
mod needs;
pub mod npm_tools;
pub mod out;
mod own;
pub mod page;
mod pattern;
mod place;
mod plan;
pub mod programs;
mod project;
mod publish;
mod report;
mod results;
pub mod root;
mod run;
mod setup;
mod shell;
mod smoke;
mod starting_set;
mod suites;
mod table;
pub mod text;
mod verdict;
mod virtualize;
pub mod visible;
mod wasi_suite;
mod watch;

pub use act::main;
use module_inspect::{declared, imports, outline};
pub use module_inspect::{exports, features};
pub use place::Place;
pub use report::CSS;
pub use run::probe;
pub use run::process::{Broken, Process};

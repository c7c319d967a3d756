//! The runner, from outside: the real binary, with adapters that are bad on purpose.

mod bad_adapters;
mod gaps;
mod input;
mod mutants;
mod report;
mod signals;
mod workspace;

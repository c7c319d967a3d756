//! The runner, from outside: the real binary, with adapters that are bad on purpose.

mod advice;
mod bad_adapters;
mod gaps;
mod input;
mod merge;
mod mutants;
mod own_module;
mod report;
mod signals;
mod smoke;
mod workspace;

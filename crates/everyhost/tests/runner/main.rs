//! The runner, from outside: the real binary, with adapters that are bad on purpose.

mod advice;
mod bad_adapters;
mod badge;
mod gaps;
mod hostile_words;
mod input;
mod inspect;
mod merge;
mod mutants;
mod outputs;
mod own_component;
mod own_module;
mod publish;
mod report;
mod report_place;
mod signals;
mod smoke;
mod virtualize;
mod workspace;

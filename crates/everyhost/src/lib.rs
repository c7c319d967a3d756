//! Builds the modules, asks every host for the known answers, judges and reports.

#![forbid(unsafe_code)]

pub mod modules;

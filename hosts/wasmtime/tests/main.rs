//! One program for all tests, because each program is linked with the whole of wasmtime.

mod batch_modules;
mod common;
mod elsewhere;
mod faults;
mod hostile;
mod keys;
mod lanes;
mod low_memory;
mod properties;
mod secrets;
mod signer;
mod small;
mod verifier;

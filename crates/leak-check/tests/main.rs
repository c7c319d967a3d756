//! One program for all tests, because each program is linked with the whole of wasmtime.

mod instructions;
mod modules;
mod planted;
mod support;

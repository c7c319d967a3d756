//! Calls the Everyhost modules from Rust, on [wasmtime](https://docs.rs/wasmtime).
//!
//! Copy `signer.rs`, `batch.rs`, `adder.rs` and `error.rs` into your own project; they need the crates wasmtime,
//! thiserror and zeroize, and a module from `target/modules/`.

#![forbid(unsafe_code)]

pub mod adder;
mod batch;
pub mod error;
pub mod raw;
pub mod signer;

pub use adder::Adder;
pub use error::{Code, SignerError};
pub use signer::{Signer, SignerModule};

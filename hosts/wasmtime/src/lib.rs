//! Calls the Everyhost modules from Rust, on [wasmtime](https://docs.rs/wasmtime).
//!
//! Copy this folder into your own project. It needs the crates wasmtime, thiserror and zeroize, and a module from
//! `target/modules/`.

#![forbid(unsafe_code)]

pub mod adder;
mod batch;
pub mod error;
mod guest;
pub mod signer;
pub mod verifier;

pub use adder::Adder;
pub use error::{Code, SignerError};
pub use signer::{Signer, SignerModule};
pub use verifier::{Verifier, VerifierModules};

//! Calls the Everyhost modules from Rust, on [wasmtime](https://docs.rs/wasmtime).
//!
//! The crate `everyhost-signer` has these wrappers with the modules inside. You can also copy this folder into your own project,
//! beside a module from `target/modules/`; `elsewhere/Cargo.toml` says which crates it needs.

#![forbid(unsafe_code)]

pub mod adder;
mod batch;
pub mod error;
mod guest;
pub mod keys;
#[cfg(feature = "modules")]
pub mod modules;
pub mod signer;
pub mod token;
pub mod verifier;

pub use adder::Adder;
pub use error::{Code, SignerError};
pub use keys::{Form, Keys, PrivateKey};
pub use signer::{Signer, SignerModule};
pub use token::{TokenAlgorithm, TokenHeader};
pub use verifier::{Verifier, VerifierModules};

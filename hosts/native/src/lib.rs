//! The signer without WebAssembly: the same source, compiled for this machine. It has the same face as the
//! wrappers of the other hosts, so that their answers can be compared with it.

#![forbid(unsafe_code)]

pub mod signer;

pub use signer::{Signer, SignerError};

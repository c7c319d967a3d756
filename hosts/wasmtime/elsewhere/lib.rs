//! The wrappers of this folder and nothing else: what stays when it is taken out of the workspace.

#![forbid(unsafe_code)]

#[path = "../src/adder.rs"]
pub mod adder;
#[path = "../src/batch.rs"]
mod batch;
#[path = "../src/error.rs"]
pub mod error;
#[path = "../src/signer.rs"]
pub mod signer;

pub use adder::Adder;
pub use error::{Code, SignerError};
pub use signer::{Signer, SignerModule};

//! Ed25519 (RFC 8032) signing and verifying for the Everyhost signers.
//!
//! This crate is the part that every face of the signer shares: the raw pointer ABI, the wasm-bindgen
//! module and the native host call the same functions. It knows nothing of pointers, linear memory or
//! hosts, and holds no unsafe code.
//!
//! ```
//! use token_signer_core::{SigningKey, derive_public_key, verify};
//!
//! let seed = [7u8; 32];
//! let mut keypair = [0u8; 64];
//! keypair[..32].copy_from_slice(&seed);
//! keypair[32..].copy_from_slice(&derive_public_key(&seed));
//!
//! let key = SigningKey::from_keypair(&keypair)?;
//! let signature = key.sign(b"hello");
//! assert!(verify(&key.public_key(), b"hello", &signature));
//! # Ok::<(), token_signer_core::ErrorCode>(())
//! ```

#![no_std]
#![forbid(unsafe_code)]

extern crate alloc;

mod signing;
mod verifying;

pub use signer_abi::{
    ErrorCode, KEYPAIR_LEN, MAX_BATCH_COUNT, MAX_MESSAGE_LEN, PUBLIC_KEY_LEN, SEED_LEN, SIGNATURE_LEN,
};
pub use signing::{SigningKey, derive_public_key};
pub use verifying::{verify, verify_strict};

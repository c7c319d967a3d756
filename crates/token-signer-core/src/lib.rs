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

mod code;
mod signing;
mod verifying;

pub use code::{CODES, Code, ErrorCode};
pub use signing::{SigningKey, derive_public_key};
pub use verifying::{verify, verify_strict};

/// Bytes in a secret seed, the first half of a keypair.
pub const SEED_LEN: usize = 32;
/// Bytes in a public key, the second half of a keypair.
pub const PUBLIC_KEY_LEN: usize = 32;
/// Bytes in a keypair: the seed, then the public key that belongs to it.
pub const KEYPAIR_LEN: usize = SEED_LEN + PUBLIC_KEY_LEN;
/// Bytes in a signature: the encoded point R, then the scalar S.
pub const SIGNATURE_LEN: usize = 64;
/// The longest message that a signer takes, and the most bytes that the messages of one batch may
/// have together: 16 MiB. The modules need a cap of their own because a host may let memory grow to 4 GiB.
pub const MAX_MESSAGE_LEN: usize = 16 * 1024 * 1024;
/// The most messages in one batch.
pub const MAX_BATCH_COUNT: usize = 4096;

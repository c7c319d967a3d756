//! What the signers, the hosts and the vectors agree on, and nothing that computes: the table of codes, lengths and caps,
//! the memory that a module shares with its host, and the clearing of its stack. The crates that judge a signer share no
//! other code with it.

#![no_std]

mod buffer;
mod code;
mod stack;

pub use buffer::FixedBuffer;
pub use code::{CODES, Code, ErrorCode};
pub use stack::burn_stack;

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

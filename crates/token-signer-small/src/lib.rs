//! The Ed25519 token signer as small as possible, behind the pointer ABI of `token-signer` without its
//! batches.
//!
//! RFC 8032's own steps on the points and scalars of curve25519-dalek and the block function of sha2. What else a
//! signer has was left out or is made when it is first needed: the README lists it, with what each step won and cost.
//!
//! - [`exports`]: what a host calls
//! - `key`: expanding, checking and signing
//! - `verifying`: the two verifications, with the feature `verify`
//!
//! # Ownership
//!
//! As in `token-signer`: the module owns every buffer, the host frees nothing. The message lies where a heap would
//! begin (`__heap_base`), because nothing else needs one; its address never changes, only its room grows.
//!
//! # Without std
//!
//! The modules are built without the feature `std`. With it, which is for tests and for `make size`, the message comes
//! from the heap and each thread has an instance of its own.
//!
//! # Threads
//!
//! An instance belongs to one thread.

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(unsafe_code)] // allowed where it is needed: memory.rs, arena.rs, and the exports' names

#[cfg(all(feature = "verify", not(feature = "std")))]
mod arena;
mod base;
pub mod exports;
mod instance;
mod key;
mod memory;
mod self_test;
mod sha512;
#[cfg(feature = "verify")]
mod verifying;

pub use signer_abi::{KEYPAIR_LEN, MAX_MESSAGE_LEN, PUBLIC_KEY_LEN, SEED_LEN, SIGNATURE_LEN};

/// Ends the program: in a module by the instruction `unreachable`, which is all that a host sees of a panic, but without
/// the text and the file's name that a panic takes along. Natively it panics.
#[cold]
fn trap(#[allow(unused)] why: &str) -> ! {
    #[cfg(not(feature = "std"))]
    core::arch::wasm32::unreachable();
    #[cfg(feature = "std")]
    panic!("{why}");
}

/// No text is put together here either: with std's handler goes all that makes text of numbers.
#[cfg(not(feature = "std"))]
#[panic_handler]
fn on_panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

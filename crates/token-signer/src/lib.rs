//! The Ed25519 token signer behind a raw pointer ABI: a module without imports that any WebAssembly host
//! can load and call.
//!
//! WebAssembly functions take and return numbers, nothing else. So the host asks where a buffer is, writes
//! the key or the message there, calls, and reads the answer at a pointer that it gets:
//!
//! - [`chapter`]: four exports are enough to sign
//! - [`exports`]: the rest, so that no host has to rely on a trap for an ordinary error
//!
//! # Ownership
//!
//! The module owns every buffer; the host frees nothing. The three fixed buffers stay where they are for as
//! long as the instance lives. The message buffer lives until the next [`chapter::allocate_message`] or
//! [`exports::wipe`], the batch buffers until the next [`exports::allocate_batch`] or wipe. All are in linear
//! memory, so a host's *view* of them ends earlier: when memory grows.
//!
//! # Threads
//!
//! An instance belongs to one thread. Natively each thread has buffers and a key of its own, so that tests
//! which run in parallel do not meet.

#![deny(unsafe_code)] // allowed where it is needed: shared.rs, and the exports' names

pub mod chapter;
pub mod exports;
mod shared;
mod state;

/// Secrets do not stay behind in freed memory. Natively the allocator belongs to the program, not to us.
#[cfg(target_family = "wasm")]
#[global_allocator]
static ALLOCATOR: secret_scrub::ZeroOnFree = secret_scrub::ZeroOnFree;

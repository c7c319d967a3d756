//! The Ed25519 token signer as a component. `wit/signer.wit` has its two worlds: `signer`, with a resource that holds a
//! key, and `functions`, without it.
//!
//! Errors are values of an enum whose cases have the names of hosts/ABI.md. When a function has returned, no copy of its
//! secret is left in linear memory, except a held key: what was passed in is zeroed as it is freed, and the stack below is burned.

#![deny(unsafe_code)]

#[cfg(not(feature = "functions-only"))]
mod held_key;
mod signing;

use token_signer_core as core;

use bindings::exports::everyhost::signer::ed25519::{self, Error};

// ANCHOR: bindings
/// What wit-bindgen makes of the world.
#[allow(unsafe_code, missing_docs, unreachable_pub, clippy::undocumented_unsafe_blocks, reason = "generated")]
mod bindings {
    #[cfg(not(feature = "functions-only"))]
    wit_bindgen::generate!({ path: "wit", world: "signer" });
    #[cfg(feature = "functions-only")]
    wit_bindgen::generate!({ path: "wit", world: "functions" });

    // Its symbols are no names that another platform's linker takes.
    #[cfg(target_arch = "wasm32")]
    export!(Component with_types_in self);
    #[cfg(target_arch = "wasm32")]
    use super::Component;
}
// ANCHOR_END: bindings

/// How much of the stack is cleared, in bytes. Signing a batch is the deepest path and uses under half of it.
#[cfg(not(feature = "without-scrub"))]
const BURNED_STACK_LEN: usize = 64 * 1024;

#[cfg(not(feature = "without-scrub"))]
#[global_allocator]
static ALLOCATOR: secret_scrub::ZeroOnFree = secret_scrub::ZeroOnFree;

// ANCHOR: guest
/// Implements the world.
struct Component;

impl ed25519::Guest for Component {
    fn derive_public_key(seed: Vec<u8>) -> Result<Vec<u8>, Error> {
        scrubbed(move || signing::derive_public_key(&seed))
    }

    fn sign(keypair: Vec<u8>, message: Vec<u8>) -> Result<Vec<u8>, Error> {
        scrubbed(move || signing::sign(&signing::key(&keypair)?, &message))
    }
    // ANCHOR_END: guest

    fn sign_many(keypair: Vec<u8>, messages: Vec<Vec<u8>>) -> Result<Vec<Vec<u8>>, Error> {
        scrubbed(move || signing::sign_many(&signing::key(&keypair)?, &messages))
    }

    fn verify(public_key: Vec<u8>, message: Vec<u8>, signature: Vec<u8>) -> Result<bool, Error> {
        signing::verified(core::verify, &public_key, &message, &signature)
    }

    fn verify_strict(public_key: Vec<u8>, message: Vec<u8>, signature: Vec<u8>) -> Result<bool, Error> {
        signing::verified(core::verify_strict, &public_key, &message, &signature)
    }
}

// ANCHOR: scrubbed
/// Does `work` with a secret, then clears what it left on the stack. The closure runs in a function of its own that is
/// never inlined, so that no secret is in the frame that is still in use when the stack below it is burned.
fn scrubbed<T>(work: impl FnOnce() -> T) -> T {
    #[inline(never)]
    fn in_its_own_frame<T>(work: impl FnOnce() -> T) -> T {
        work()
    }
    let result = in_its_own_frame(work);
    #[cfg(not(feature = "without-scrub"))]
    signer_abi::burn_stack::<BURNED_STACK_LEN>();
    result
}
// ANCHOR_END: scrubbed

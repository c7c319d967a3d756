//! Reads and writes Ed25519 keys in the forms that people have them in.
//!
//! | form | a private key | a public key |
//! |---|---|---|
//! | DER | PKCS#8 (RFC 5958, RFC 8410), with or without the public key | SubjectPublicKeyInfo (RFC 8410) |
//! | PEM | the same, between `BEGIN PRIVATE KEY` and `END PRIVATE KEY` (RFC 7468) | between `BEGIN PUBLIC KEY` and `END PUBLIC KEY` |
//! | JWK | `kty` OKP, `crv` Ed25519, `d` and `x` (RFC 8037) | without `d` |
//!
//! Which form it is, is seen from the text itself. Nothing is computed: whether a public key belongs to its seed is for a
//! signer to say.
//!
//! - [`read`], `write`: a key from its form, and back
//! - `exports`: what a host calls; in the module alone
//! - `pem`, `der`, `jwk`: a form each; `json`: the object that a JWK is

#![cfg_attr(not(feature = "std"), no_std)]
#![deny(unsafe_code)] // allowed where it is needed: the exports

mod der;
#[cfg(target_family = "wasm")]
pub mod exports;
mod json;
mod jwk;
mod pem;
pub mod read;
pub mod write;

/// The most bytes that a file with a key may have.
pub const MAX_FILE_LEN: usize = 16 * 1024;

/// What a private key consists of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct PrivateKey {
    /// 32 bytes.
    pub seed: [u8; 32],
    /// The public key that stands beside it, if one does. It may be that of another seed.
    pub public_key: Option<[u8; 32]>,
}

impl core::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("PrivateKey").field("public_key", &self.public_key).finish_non_exhaustive()
    }
}

/// How a key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Text between a line BEGIN and a line END.
    Pem,
    /// Bytes.
    Der,
    /// A JSON object.
    Jwk,
}

/// What a panic would be in a module: nothing here is known to panic, and no text about it is taken along.
#[cfg(not(feature = "std"))]
#[panic_handler]
fn on_panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

//! The modules that this crate brings along: compiled when first asked for, then kept.
//!
//! They are compiled for an engine with wasmtime's usual settings. For an engine of your own, take the bytes from
//! [`wasm`].

use std::sync::OnceLock;

use wasmtime::{Engine, Result};

use crate::signer::SignerModule;
use crate::verifier::VerifierModules;

/// The bytes of the modules. What your program does not use is not linked into it.
pub mod wasm {
    /// Signs and verifies on every engine: signer-raw.
    pub const SIGNER: &[u8] = include_bytes!("../modules/signer-raw.wasm");
    /// Sign by the batch, in order of preference: signer-lanes-relaxed, signer-lanes.
    pub const SIGNER_BATCHES: [&[u8]; 2] =
        [include_bytes!("../modules/signer-lanes-relaxed.wasm"), include_bytes!("../modules/signer-lanes.wasm")];
    /// Verify by the batch, in order of preference: verifier-lanes-relaxed, verifier-lanes, and the portable signer.
    pub const VERIFIER: [&[u8]; 3] = [
        include_bytes!("../modules/verifier-lanes-relaxed.wasm"),
        include_bytes!("../modules/verifier-lanes.wasm"),
        SIGNER,
    ];
    /// Reads and writes keys as PEM, DER and JWK.
    pub const KEYS: &[u8] = include_bytes!("../modules/keys.wasm");
}

/// The portable signer, which signs one message at a time as fast as any here, and verifies.
///
/// # Errors
///
/// If wasmtime cannot compile for this machine, as for each of these functions.
pub fn signer() -> Result<&'static SignerModule> {
    static KEPT: OnceLock<SignerModule> = OnceLock::new();
    kept(&KEPT, |engine| SignerModule::new(engine, wasm::SIGNER))
}

/// The portable signer with the modules that [`sign_many`](crate::Signer::sign_many) signs faster with.
///
/// # Errors
///
/// As for [`signer`].
pub fn signer_batches() -> Result<&'static SignerModule> {
    static KEPT: OnceLock<SignerModule> = OnceLock::new();
    kept(&KEPT, |_| Ok(signer()?.clone().with_batch_modules(&wasm::SIGNER_BATCHES)))
}

/// The modules of a [`Verifier`](crate::Verifier).
///
/// # Errors
///
/// As for [`signer`].
pub fn verifier() -> Result<&'static VerifierModules> {
    static KEPT: OnceLock<VerifierModules> = OnceLock::new();
    kept(&KEPT, |engine| VerifierModules::new(engine, &wasm::VERIFIER))
}

/// The module of [`Keys`](crate::Keys).
///
/// # Errors
///
/// As for [`signer`].
pub fn keys() -> Result<&'static SignerModule> {
    static KEPT: OnceLock<SignerModule> = OnceLock::new();
    kept(&KEPT, |engine| SignerModule::new(engine, wasm::KEYS))
}

/// What was made before, or is made now. Of two threads that make it at once, both get the first.
fn kept<T>(kept: &'static OnceLock<T>, make: impl FnOnce(&Engine) -> Result<T>) -> Result<&'static T> {
    static ENGINE: OnceLock<Engine> = OnceLock::new();
    if let Some(made) = kept.get() {
        return Ok(made);
    }
    let engine = ENGINE.get_or_init(Engine::default);
    let made = make(engine)?;
    Ok(kept.get_or_init(|| made))
}

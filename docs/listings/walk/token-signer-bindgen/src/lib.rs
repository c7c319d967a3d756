// ANCHOR: all
use ed25519_dalek::{Signer, SigningKey};
use wasm_bindgen::prelude::*;

/// Signs `message` with a keypair of 64 bytes: the secret seed, then its public key.
#[wasm_bindgen]
pub fn sign_message(message: &[u8], secret_key: &[u8]) -> Result<Vec<u8>, JsError> {
    let keypair = secret_key
        .try_into()
        .map_err(|_| JsError::new("Secret key must be 64 bytes long"))?;
    let key = SigningKey::from_keypair_bytes(keypair)
        .map_err(|error| JsError::new(&format!("Invalid key: {error}")))?;
    Ok(key.sign(message).to_bytes().to_vec())
}
// ANCHOR_END: all

use ed25519_dalek::{Signature, Signer, SigningKey};
use std::convert::TryInto;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
pub fn sign_message(message: &[u8], secret_key_bytes: &[u8]) -> Result<Vec<u8>, JsValue> {
    if secret_key_bytes.len() != 64 {
        return Err(JsValue::from_str("Secret key must be 64 bytes long"));
    }

    let secret_key_array: &[u8; 64] = secret_key_bytes.try_into().unwrap();

    let signing_key = SigningKey::from_keypair_bytes(secret_key_array)
        .map_err(|e| JsValue::from_str(&format!("Invalid key: {}", e)))?;

    let signature: Signature = signing_key.sign(message);

    Ok(signature.to_bytes().to_vec())
}

//! JSON Web Tokens, signed with a key that a signer holds.

use base64::prelude::{BASE64_URL_SAFE_NO_PAD as BASE64URL, Engine as _};
use serde_json::{Map, Value};

use crate::error::Result;
use crate::signer::Signer;

/// The names that a token's header may have for Ed25519.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum TokenAlgorithm {
    /// `EdDSA` (RFC 8037), which every library knows.
    #[default]
    EdDsa,
    /// `Ed25519` (RFC 9864), which leaves no doubt about the curve.
    Ed25519,
}

/// What the header of a token says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TokenHeader<'a> {
    /// Its `alg`.
    pub algorithm: TokenAlgorithm,
    /// Its `kid`: which of several keys it is.
    pub key_id: Option<&'a str>,
}

impl Signer {
    /// A JWT of these claims: header, claims and signature in base64url, with dots between.
    ///
    /// # Errors
    ///
    /// As for [`sign`](Self::sign).
    pub fn sign_token(&mut self, claims: &Map<String, Value>, header: &TokenHeader<'_>) -> Result<String> {
        let algorithm = match header.algorithm {
            TokenAlgorithm::EdDsa => "EdDSA",
            TokenAlgorithm::Ed25519 => "Ed25519",
        };
        // Not a map, which sorts its names, or not, as features of serde_json say: the same bytes as every other wrapper.
        let key_id = header.key_id.map_or_else(String::new, |key_id| format!(r#","kid":{}"#, Value::from(key_id)));
        let header = format!(r#"{{"alg":"{algorithm}","typ":"JWT"{key_id}}}"#);
        let claims = serde_json::to_vec(claims).expect("a map with text for names is JSON");
        let signed = format!("{}.{}", BASE64URL.encode(header), BASE64URL.encode(claims));
        let signature = self.sign(&signed)?;
        Ok(format!("{signed}.{}", BASE64URL.encode(signature)))
    }
}

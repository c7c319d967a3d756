//! A key to a file, as OpenSSL and RFC 8037 write it.

use base64ct::{Base64, Base64UrlUnpadded, Encoding as _};
use signer_abi::ErrorCode;

use crate::{Form, PrivateKey};

/// More than any file that is written here has.
pub const MOST_LEN: usize = 256;

/// What stands before the seed: PKCS#8 of version 1, Ed25519, octets of octets.
const PKCS8: [u8; 16] = [0x30, 46, 2, 1, 0, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 34, 4, 32];
/// And in one of version 2, which has the public key behind the seed.
const PKCS8_V2: [u8; 16] = [0x30, 81, 2, 1, 1, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 4, 34, 4, 32];
/// What stands between both: the tag [1], and bits of which none is unused.
const BESIDE: [u8; 3] = [0x81, 33, 0];
/// What stands before a public key: Ed25519, and bits.
const SPKI: [u8; 12] = [0x30, 42, 0x30, 5, 6, 3, 0x2b, 0x65, 0x70, 3, 33, 0];

/// A file while it is written.
pub struct File {
    bytes: [u8; MOST_LEN],
    len: usize,
}

impl File {
    const EMPTY: Self = Self { bytes: [0; MOST_LEN], len: 0 };

    /// What it holds.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..self.len]
    }

    fn put(&mut self, bytes: &[u8]) -> &mut Self {
        self.bytes[self.len..][..bytes.len()].copy_from_slice(bytes);
        self.len += bytes.len();
        self
    }

    /// 32 bytes in base64url without padding.
    fn put_base64url(&mut self, key: &[u8; 32]) -> &mut Self {
        let mut text = [0; 43];
        let text = Base64UrlUnpadded::encode(key, &mut text).expect("32 bytes are 43 characters");
        self.put(text.as_bytes())
    }
}

/// Writes a private key. As PEM and DER it has the public key beside it if `key` has one; a JWK must have it.
///
/// # Errors
///
/// `KEY_JWK` for a JWK without a public key.
pub fn private_key(key: &PrivateKey, form: Form) -> Result<File, ErrorCode> {
    let mut file = File::EMPTY;
    if form == Form::Jwk {
        let public_key = key.public_key.as_ref().ok_or(ErrorCode::KeyJwk)?;
        file.put(br#"{"kty":"OKP","crv":"Ed25519","d":""#).put_base64url(&key.seed);
        file.put(br#"","x":""#).put_base64url(public_key).put(br#""}"#);
        return Ok(file);
    }
    match &key.public_key {
        Some(public_key) => file.put(&PKCS8_V2).put(&key.seed).put(&BESIDE).put(public_key),
        None => file.put(&PKCS8).put(&key.seed),
    };
    Ok(if form == Form::Pem { pem("PRIVATE KEY", file.as_bytes()) } else { file })
}

/// Writes a public key.
#[must_use]
pub fn public_key(public_key: &[u8; 32], form: Form) -> File {
    let mut file = File::EMPTY;
    if form == Form::Jwk {
        file.put(br#"{"kty":"OKP","crv":"Ed25519","x":""#).put_base64url(public_key).put(br#""}"#);
        return file;
    }
    file.put(&SPKI).put(public_key);
    if form == Form::Pem { pem("PUBLIC KEY", file.as_bytes()) } else { file }
}

/// Lines of 64 characters.
fn pem(label: &str, bytes: &[u8]) -> File {
    let mut text = [0; MOST_LEN];
    let text = Base64::encode(bytes, &mut text).expect("a key is short");
    let mut file = File::EMPTY;
    file.put(b"-----BEGIN ").put(label.as_bytes()).put(b"-----\n");
    for line in text.as_bytes().chunks(64) {
        file.put(line).put(b"\n");
    }
    file.put(b"-----END ").put(label.as_bytes()).put(b"-----\n");
    file
}

//! A key from a file that holds it.

use signer_abi::ErrorCode;

use crate::pem::{Block, Blocks};
use crate::{MAX_FILE_LEN, PrivateKey, der, jwk};

/// Where the bytes of a PEM file are put while they are read.
pub type Scratch = [u8; MAX_FILE_LEN];

/// Reads a private key: PKCS#8 as PEM or DER, or a JWK with `d`.
///
/// # Errors
///
/// The code says what is wrong. `KEY_IS_PUBLIC` if it is a public key.
pub fn private_key(file: &[u8], scratch: &mut Scratch) -> Result<PrivateKey, ErrorCode> {
    match form_of(file)? {
        Found::Jwk => jwk::private_key(file),
        Found::Der => der::private_key(file),
        Found::Pem => first(file, scratch, ErrorCode::KeyEncrypted, |is_private, bytes| {
            if is_private { der::private_key(bytes) } else { Err(ErrorCode::KeyIsPublic) }
        }),
    }
}

/// Reads a public key: SubjectPublicKeyInfo as PEM or DER, or a JWK without `d`.
///
/// # Errors
///
/// The code says what is wrong. `KEY_IS_PRIVATE` if it is a private key: nobody should hand one on by mistake.
pub fn public_key(file: &[u8], scratch: &mut Scratch) -> Result<[u8; 32], ErrorCode> {
    match form_of(file)? {
        Found::Jwk => jwk::public_key(file),
        Found::Der => der::public_key(file),
        Found::Pem => first(file, scratch, ErrorCode::KeyIsPrivate, |is_private, bytes| {
            if is_private { Err(ErrorCode::KeyIsPrivate) } else { der::public_key(bytes) }
        }),
    }
}

enum Found {
    Pem,
    Der,
    Jwk,
}

fn form_of(file: &[u8]) -> Result<Found, ErrorCode> {
    if file.len() > MAX_FILE_LEN {
        return Err(ErrorCode::KeyTooLarge);
    }
    if file.trim_ascii_start().starts_with(b"{") {
        Ok(Found::Jwk)
    } else if Blocks::of(file).next().is_some() {
        Ok(Found::Pem)
    } else if file.first() == Some(&der::SEQUENCE) {
        Ok(Found::Der)
    } else {
        Err(ErrorCode::KeyFormat)
    }
}

/// The first key that `read`, told whether it is private, takes; without one, what is wrong with the first key of the file. Blocks that
/// hold no key, such as a certificate, are passed over; `encrypted` is what to say of a private key that is.
fn first<T>(
    file: &[u8],
    scratch: &mut Scratch,
    encrypted: ErrorCode,
    read: impl Fn(bool, &[u8]) -> Result<T, ErrorCode>,
) -> Result<T, ErrorCode> {
    let mut refused = None;
    for block in Blocks::of(file) {
        let found = match block {
            Block { label: b"ENCRYPTED PRIVATE KEY", .. } => Err(encrypted),
            Block {
                label: b"RSA PRIVATE KEY" | b"EC PRIVATE KEY" | b"DSA PRIVATE KEY" | b"RSA PUBLIC KEY", ..
            } => Err(ErrorCode::KeyAlgorithm),
            Block { label: label @ (b"PRIVATE KEY" | b"PUBLIC KEY"), .. } => {
                block.decode(scratch).and_then(|bytes| read(label == b"PRIVATE KEY", bytes))
            }
            _ => continue,
        };
        match found {
            Ok(key) => return Ok(key),
            Err(code) => _ = refused.get_or_insert(code),
        }
    }
    Err(refused.unwrap_or(ErrorCode::KeyFormat))
}

#[cfg(test)]
mod tests;

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
        Found::Pem => first(file, scratch, ErrorCode::KeyEncrypted, |label, bytes| match label {
            b"PRIVATE KEY" => Some(der::private_key(bytes)),
            b"PUBLIC KEY" => Some(Err(ErrorCode::KeyIsPublic)),
            _ => None,
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
        Found::Pem => first(file, scratch, ErrorCode::KeyIsPrivate, |label, bytes| match label {
            b"PUBLIC KEY" => Some(der::public_key(bytes)),
            b"PRIVATE KEY" => Some(Err(ErrorCode::KeyIsPrivate)),
            _ => None,
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

/// The first key of the kind that is wanted; without one, what is wrong with the first that is here. Blocks that are no keys, such as
/// a certificate, are passed over; `encrypted` is what to say of a private key that is.
fn first<T>(
    file: &[u8],
    scratch: &mut Scratch,
    encrypted: ErrorCode,
    read: impl Fn(&[u8], &[u8]) -> Option<Result<T, ErrorCode>>,
) -> Result<T, ErrorCode> {
    let mut refused = None;
    for block in Blocks::of(file) {
        let found = match block {
            Block { label: b"ENCRYPTED PRIVATE KEY", .. } => Err(encrypted),
            Block {
                label: b"RSA PRIVATE KEY" | b"EC PRIVATE KEY" | b"DSA PRIVATE KEY" | b"RSA PUBLIC KEY", ..
            } => Err(ErrorCode::KeyAlgorithm),
            Block { label: label @ (b"PRIVATE KEY" | b"PUBLIC KEY"), .. } => match block.decode(scratch) {
                Ok(bytes) => match read(label, bytes) {
                    Some(found) => found,
                    None => continue,
                },
                Err(code) => Err(code),
            },
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

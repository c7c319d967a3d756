//! JSON Web Keys for Ed25519 (RFC 8037).

use base64ct::{Base64UrlUnpadded, Encoding as _};
use signer_abi::ErrorCode;

use crate::PrivateKey;
use crate::json::{self, Value};

/// Longer text is in no member that matters.
const MOST_TEXT: usize = 128;

/// The members that matter, as they are written.
#[derive(Default)]
struct Members<'a> {
    kty: Option<&'a [u8]>,
    crv: Option<&'a [u8]>,
    x: Option<&'a [u8]>,
    d: Option<&'a [u8]>,
}

pub(crate) fn private_key(file: &[u8]) -> Result<PrivateKey, ErrorCode> {
    let Members { x, d, .. } = read(file)?;
    let public_key = decode(x.ok_or(ErrorCode::KeyJwk)?, ErrorCode::PublicKeyLength)?;
    let seed = decode(d.ok_or(ErrorCode::KeyIsPublic)?, ErrorCode::KeyLength)?;
    Ok(PrivateKey { seed, public_key: Some(public_key) })
}

pub(crate) fn public_key(file: &[u8]) -> Result<[u8; 32], ErrorCode> {
    let Members { x, d, .. } = read(file)?;
    if d.is_some() {
        return Err(ErrorCode::KeyIsPrivate);
    }
    decode(x.ok_or(ErrorCode::KeyJwk)?, ErrorCode::PublicKeyLength)
}

/// The members of a key for Ed25519.
fn read(file: &[u8]) -> Result<Members<'_>, ErrorCode> {
    let mut found = Members::default();
    let mut is_fine = true;
    json::members(file, |name, value| {
        let mut room = [0; MOST_TEXT];
        let member = match json::unescape(name, &mut room) {
            Some(b"kty") => &mut found.kty,
            Some(b"crv") => &mut found.crv,
            Some(b"x") => &mut found.x,
            Some(b"d") => &mut found.d,
            _ => return,
        };
        match value {
            Value::Text(text) if member.is_none() => *member = Some(text),
            _ => is_fine = false,
        }
    })
    .map_err(|json::NotJson| ErrorCode::KeyJwk)?;
    if !is_fine {
        return Err(ErrorCode::KeyJwk);
    }
    if !is(found.kty, b"OKP")? || !is(found.crv, b"Ed25519")? {
        return Err(ErrorCode::KeyAlgorithm);
    }
    Ok(found)
}

fn is(written: Option<&[u8]>, text: &[u8]) -> Result<bool, ErrorCode> {
    let mut room = [0; MOST_TEXT];
    let written = written.ok_or(ErrorCode::KeyJwk)?;
    Ok(json::unescape(written, &mut room) == Some(text))
}

/// 32 bytes in base64url without padding.
fn decode(written: &[u8], wrong_length: ErrorCode) -> Result<[u8; 32], ErrorCode> {
    let mut text = [0; MOST_TEXT];
    let mut bytes = [0; MOST_TEXT];
    let text = json::unescape(written, &mut text).ok_or(wrong_length)?;
    let bytes = Base64UrlUnpadded::decode(text, &mut bytes).map_err(|_| ErrorCode::KeyJwk)?;
    bytes.try_into().map_err(|_| wrong_length)
}

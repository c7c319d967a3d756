//! PKCS#8 and SubjectPublicKeyInfo, as RFC 8410 has them for Ed25519.
//!
//! Read by hand: the crate `pkcs8` accepts the same files, as the tests show, and takes 20 KB of the module.

use signer_abi::ErrorCode;

use crate::PrivateKey;

/// What all of them begin with.
pub(crate) const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 2;
const BIT_STRING: u8 = 3;
const OCTET_STRING: u8 = 4;
const OBJECT_IDENTIFIER: u8 = 6;
/// In PKCS#8, [0] and [1].
const ATTRIBUTES: u8 = 0xa0;
const PUBLIC_KEY: u8 = 0x81;

/// 1.3.101.112
const ED25519: [u8; 3] = [0x2b, 0x65, 0x70];

pub(crate) fn private_key(bytes: &[u8]) -> Result<PrivateKey, ErrorCode> {
    let mut key = Reader::of_whole(bytes)?;
    if key.next_tag() == Some(SEQUENCE) {
        key.element()?;
        return Err(match key.next_tag() {
            Some(BIT_STRING) => ErrorCode::KeyIsPublic,
            Some(OCTET_STRING) => ErrorCode::KeyEncrypted,
            _ => ErrorCode::KeyDer,
        });
    }
    let has_public_key = match key.take(INTEGER)? {
        [0] => false,
        [1] => true,
        _ => return Err(ErrorCode::KeyDer),
    };
    check_algorithm(key.take(SEQUENCE)?)?;
    // The octets are themselves octets in DER.
    let mut octets = Reader(key.take(OCTET_STRING)?);
    let seed = octets.take(OCTET_STRING)?;
    octets.end()?;
    if key.next_tag() == Some(ATTRIBUTES) {
        Reader(key.take(ATTRIBUTES)?).all_elements()?;
    }
    let public_key = if has_public_key { Some(bits(key.take(PUBLIC_KEY)?)?) } else { None };
    key.end()?;
    Ok(PrivateKey { seed: seed.try_into().map_err(|_| ErrorCode::KeyLength)?, public_key })
}

pub(crate) fn public_key(bytes: &[u8]) -> Result<[u8; 32], ErrorCode> {
    let mut key = Reader::of_whole(bytes)?;
    if key.next_tag() == Some(INTEGER) {
        return Err(ErrorCode::KeyIsPrivate);
    }
    let algorithm = key.take(SEQUENCE)?;
    if key.next_tag() == Some(OCTET_STRING) {
        return Err(ErrorCode::KeyIsPrivate); // an encrypted one
    }
    check_algorithm(algorithm)?;
    let public_key = bits(key.take(BIT_STRING)?);
    key.end()?;
    public_key
}

fn check_algorithm(algorithm: &[u8]) -> Result<(), ErrorCode> {
    let mut algorithm = Reader(algorithm);
    if algorithm.take(OBJECT_IDENTIFIER)? != ED25519 {
        return Err(ErrorCode::KeyAlgorithm);
    }
    // "The parameters MUST be absent": not even NULL.
    algorithm.end()
}

/// A public key in bits of which none is unused.
fn bits(content: &[u8]) -> Result<[u8; 32], ErrorCode> {
    match content {
        [0, bytes @ ..] => bytes.try_into().map_err(|_| ErrorCode::PublicKeyLength),
        _ => Err(ErrorCode::KeyDer),
    }
}

/// Elements in DER, one after the other.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// What is in the sequence that `bytes` are.
    fn of_whole(bytes: &'a [u8]) -> Result<Self, ErrorCode> {
        let mut outer = Self(bytes);
        let inner = outer.take(SEQUENCE)?;
        outer.end()?;
        Ok(Self(inner))
    }

    fn next_tag(&self) -> Option<u8> {
        self.0.first().copied()
    }

    /// The next element: its tag and its content. Its length must be written as shortly as possible.
    fn element(&mut self) -> Result<(u8, &'a [u8]), ErrorCode> {
        let (tag, len, rest) = match *self.0 {
            [tag, len @ 0..=0x7f, ref rest @ ..] => (tag, usize::from(len), rest),
            [tag, 0x81, len @ 0x80..=0xff, ref rest @ ..] => (tag, usize::from(len), rest),
            [tag, 0x82, high @ 1..=0xff, low, ref rest @ ..] => {
                (tag, usize::from(u16::from_be_bytes([high, low])), rest)
            }
            _ => return Err(ErrorCode::KeyDer),
        };
        let (content, rest) = rest.split_at_checked(len).ok_or(ErrorCode::KeyDer)?;
        self.0 = rest;
        Ok((tag, content))
    }

    fn take(&mut self, tag: u8) -> Result<&'a [u8], ErrorCode> {
        match self.element()? {
            (found, content) if found == tag => Ok(content),
            _ => Err(ErrorCode::KeyDer),
        }
    }

    fn all_elements(mut self) -> Result<(), ErrorCode> {
        while !self.0.is_empty() {
            self.element()?;
        }
        Ok(())
    }

    fn end(&self) -> Result<(), ErrorCode> {
        if self.0.is_empty() { Ok(()) } else { Err(ErrorCode::KeyDer) }
    }
}

#[cfg(test)]
mod tests {
    use pkcs8::PrivateKeyInfoRef;
    use pkcs8::der::Decode as _;
    use pkcs8::der::asn1::OctetStringRef;
    use pkcs8::spki::{AlgorithmIdentifierRef, SubjectPublicKeyInfoRef};
    use proptest::prelude::*;

    use super::*;
    use crate::{Form, write};

    fn is_ed25519(algorithm: &AlgorithmIdentifierRef<'_>) -> bool {
        algorithm.oid.as_bytes() == ED25519 && algorithm.parameters.is_none()
    }

    fn private_by_crate(bytes: &[u8]) -> Option<PrivateKey> {
        let info = PrivateKeyInfoRef::try_from(bytes).ok().filter(|info| is_ed25519(&info.algorithm))?;
        let seed = <&OctetStringRef>::from_der(info.private_key.as_bytes()).ok()?.as_bytes().try_into().ok()?;
        let public_key = match info.public_key {
            Some(bits) => Some(bits.as_bytes()?.try_into().ok()?),
            None => None,
        };
        Some(PrivateKey { seed, public_key })
    }

    fn public_by_crate(bytes: &[u8]) -> Option<[u8; 32]> {
        let info = SubjectPublicKeyInfoRef::try_from(bytes).ok().filter(|info| is_ed25519(&info.algorithm))?;
        info.subject_public_key.as_bytes()?.try_into().ok()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn as_the_crate_pkcs8_says(
            with_public_key in any::<bool>(), at in 0..90_usize, with in prop_oneof![any::<u8>(), 0..6_u8], cut in 0..3_usize,
        ) {
            let key = PrivateKey { seed: [7; 32], public_key: with_public_key.then_some([9; 32]) };
            let private = write::private_key(&key, Form::Der).unwrap();
            let public = write::public_key(&[9; 32], Form::Der);
            let spoil = |file: &[u8]| {
                let mut file = file.to_vec();
                let at = at % file.len();
                if cut == 0 { _ = file.remove(at) } else { file[at] = with }
                file
            };
            let (private, public) = (spoil(private.as_bytes()), spoil(public.as_bytes()));
            prop_assert_eq!(private_key(&private).ok(), private_by_crate(&private), "{:02x?}", private);
            prop_assert_eq!(public_key(&public).ok(), public_by_crate(&public), "{:02x?}", public);
        }
    }
}

//! Lists of bytes in, lists of bytes out, or an error of the WIT.

use token_signer_core::{self as core, ErrorCode, KEYPAIR_LEN, PUBLIC_KEY_LEN, SIGNATURE_LEN, SigningKey};

use crate::bindings::exports::everyhost::signer::ed25519::Error;

type Verification = fn(&[u8; PUBLIC_KEY_LEN], &[u8], &[u8; SIGNATURE_LEN]) -> bool;

pub(crate) fn derive_public_key(seed: &[u8]) -> Result<Vec<u8>, Error> {
    let seed = seed.try_into().map_err(|_| Error::KeyLength)?;
    Ok(core::derive_public_key(seed).to_vec())
}

/// The key of a keypair.
pub(crate) fn key(keypair: &[u8]) -> Result<SigningKey, Error> {
    let keypair: &[u8; KEYPAIR_LEN] = keypair.try_into().map_err(|_| Error::KeyLength)?;
    SigningKey::from_keypair(keypair).map_err(error)
}

pub(crate) fn sign(key: &SigningKey, message: &[u8]) -> Result<Vec<u8>, Error> {
    check_length(message)?;
    Ok(key.sign(message).to_vec())
}

/// Signs any number of messages, in batches of as many as the core takes.
pub(crate) fn sign_many(key: &SigningKey, messages: &[Vec<u8>]) -> Result<Vec<Vec<u8>>, Error> {
    messages.iter().try_for_each(|message| check_length(message))?;
    let mut signatures = Vec::new();
    signatures.try_reserve_exact(messages.len()).map_err(|_| Error::OutOfMemory)?;
    for batch in messages.chunks(core::MAX_BATCH_COUNT) {
        let batch: Vec<&[u8]> = batch.iter().map(Vec::as_slice).collect();
        signatures.extend(key.sign_many(&batch).map_err(error)?.iter().map(|signature| signature.to_vec()));
    }
    Ok(signatures)
}

pub(crate) fn verified(
    verification: Verification,
    public_key: &[u8],
    message: &[u8],
    signature: &[u8],
) -> Result<bool, Error> {
    let public_key = public_key.try_into().map_err(|_| Error::PublicKeyLength)?;
    check_length(message)?;
    Ok(signature.try_into().is_ok_and(|signature| verification(public_key, message, signature)))
}

pub(crate) fn check_length(message: &[u8]) -> Result<(), Error> {
    if message.len() > core::MAX_MESSAGE_LEN { Err(Error::MessageTooLarge) } else { Ok(()) }
}

/// The WIT's name of a code that the core gives.
fn error(code: ErrorCode) -> Error {
    match code {
        ErrorCode::KeyPairMismatch => Error::KeyPairMismatch,
        ErrorCode::OutOfMemory => Error::OutOfMemory,
        // The core gives no other for what is passed to it here.
        code => unreachable!("{}", code.name()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keypair(seed: u8) -> Vec<u8> {
        let seed = [seed; core::SEED_LEN];
        [seed, core::derive_public_key(&seed)].concat()
    }

    #[test]
    fn signs_and_verifies() {
        let (keypair, signing) = (keypair(7), key(&keypair(7)).unwrap());
        assert_eq!(derive_public_key(&keypair[..32]).unwrap(), keypair[32..]);
        let signature = sign(&signing, b"hello").unwrap();
        for verification in [core::verify as Verification, core::verify_strict] {
            assert_eq!(verified(verification, &keypair[32..], b"hello", &signature), Ok(true));
            assert_eq!(verified(verification, &keypair[32..], b"Hello", &signature), Ok(false));
            assert_eq!(verified(verification, &keypair[32..], b"hello", &signature[..63]), Ok(false));
        }
    }

    #[test]
    fn any_number_of_messages_is_signed() {
        let signing = key(&keypair(7)).unwrap();
        let messages: Vec<Vec<u8>> = (0..=core::MAX_BATCH_COUNT).map(|n| n.to_le_bytes().to_vec()).collect();
        let signatures = sign_many(&signing, &messages).unwrap();
        assert_eq!(signatures.len(), messages.len());
        for at in [0, 1, core::MAX_BATCH_COUNT - 1, core::MAX_BATCH_COUNT] {
            assert_eq!(signatures[at], sign(&signing, &messages[at]).unwrap());
        }
        assert_eq!(sign_many(&signing, &[]), Ok(Vec::new()));
    }

    #[test]
    fn lengths_are_checked() {
        for length in [0, 31, 33, 64] {
            assert_eq!(derive_public_key(&vec![0; length]), Err(Error::KeyLength));
            let refused = verified(core::verify, &vec![0; length], b"hello", &[0; 64]);
            assert_eq!(refused, Err(Error::PublicKeyLength));
        }
        for length in [0, 32, 63, 65, 128] {
            assert_eq!(key(&vec![0; length]).unwrap_err(), Error::KeyLength);
        }
        let long = vec![0; core::MAX_MESSAGE_LEN + 1];
        let signing = key(&keypair(7)).unwrap();
        assert_eq!(sign(&signing, &long), Err(Error::MessageTooLarge));
        assert_eq!(sign_many(&signing, &[vec![], long.clone()]), Err(Error::MessageTooLarge));
        assert_eq!(verified(core::verify, &[0; 32], &long, &[0; 63]), Err(Error::MessageTooLarge));
        assert!(sign(&signing, &long[1..]).is_ok());
    }

    #[test]
    fn a_pair_of_two_keys_is_refused() {
        let mixed = [&keypair(7)[..32], &keypair(8)[32..]].concat();
        assert_eq!(key(&mixed).unwrap_err(), Error::KeyPairMismatch);
    }

    /// `key-pair-mismatch` of the WIT is `KEY_PAIR_MISMATCH` of the table of codes.
    #[test]
    fn every_error_of_the_wit_is_a_code() {
        let wit = include_str!("../wit/signer.wit");
        let cases = wit.split_once("enum error {").unwrap().1.split_once('}').unwrap().0;
        let cases = cases.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with("///"));
        let names: Vec<String> =
            cases.map(|case| case.trim_end_matches(',').replace('-', "_").to_uppercase()).collect();
        assert_eq!(names.len(), 6);
        for name in &names {
            assert!(ErrorCode::ALL.iter().any(|code| code.name() == name), "{name}");
        }
    }
}

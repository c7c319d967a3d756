//! The token signer, as a native Rust program uses it.

use token_signer_core::{
    ErrorCode, KEYPAIR_LEN, MAX_BATCH_COUNT, MAX_MESSAGE_LEN, PUBLIC_KEY_LEN, SEED_LEN, SIGNATURE_LEN, SigningKey,
};
use zeroize::Zeroizing;

/// Why a call failed: a code to act on, and words for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", code.name())]
pub struct SignerError {
    /// The stable name.
    pub code: ErrorCode,
    /// For people; may change.
    pub detail: String,
}

impl From<ErrorCode> for SignerError {
    fn from(code: ErrorCode) -> Self {
        Self { code, detail: code.to_string() }
    }
}

/// Signs with a key that it holds. Dropping it wipes the key.
#[derive(Default)]
pub struct Signer {
    key: Option<SigningKey>,
}

impl Signer {
    /// A signer that holds `keypair`: a seed of 32 bytes, then its public key of 32.
    ///
    /// # Errors
    ///
    /// `KEY_LENGTH`, `KEY_PAIR_MISMATCH`.
    pub fn new(keypair: &[u8]) -> Result<Self, SignerError> {
        let mut signer = Self::without_key();
        signer.load_key(keypair)?;
        Ok(signer)
    }

    /// A signer without a key, which takes one later.
    #[must_use]
    pub fn without_key() -> Self {
        Self::default()
    }

    /// The public key of the held key.
    ///
    /// # Errors
    ///
    /// `NO_KEY`.
    pub fn public_key(&self) -> Result<[u8; PUBLIC_KEY_LEN], SignerError> {
        Ok(self.key()?.public_key())
    }

    /// Signs one message with the held key.
    ///
    /// # Errors
    ///
    /// `NO_KEY`, `MESSAGE_TOO_LARGE`.
    pub fn sign(&self, message: impl AsRef<[u8]>) -> Result<[u8; SIGNATURE_LEN], SignerError> {
        Ok(self.key()?.sign(checked_message(message.as_ref())?))
    }

    /// Signs many messages with the held key, with far less work for each than [`sign`](Self::sign). Any number.
    ///
    /// # Errors
    ///
    /// `NO_KEY`, `MESSAGE_TOO_LARGE`, `OUT_OF_MEMORY`; then no signature is returned.
    pub fn sign_many(&self, messages: &[impl AsRef<[u8]>]) -> Result<Vec<[u8; SIGNATURE_LEN]>, SignerError> {
        let key = self.key()?;
        let messages: Vec<&[u8]> =
            messages.iter().map(|message| checked_message(message.as_ref())).collect::<Result<_, _>>()?;
        let mut signatures = Vec::with_capacity(messages.len());
        for batch in messages.chunks(MAX_BATCH_COUNT) {
            signatures.extend(key.sign_many(batch)?);
        }
        Ok(signatures)
    }

    /// Whether `signature` is one of `message` by `public_key`.
    ///
    /// # Errors
    ///
    /// `PUBLIC_KEY_LENGTH`, `MESSAGE_TOO_LARGE`.
    pub fn verify(public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, SignerError> {
        verify_by(token_signer_core::verify, public_key, message, signature)
    }

    /// As [`verify`](Self::verify), but points of small order are refused, and an R that is no point.
    ///
    /// # Errors
    ///
    /// As for [`verify`](Self::verify).
    pub fn verify_strict(public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, SignerError> {
        verify_by(token_signer_core::verify_strict, public_key, message, signature)
    }

    /// [`verify`](Self::verify) of many: an item is public key, message and signature.
    ///
    /// # Errors
    ///
    /// As for [`verify`](Self::verify), with the item's index; then no verdict is returned.
    pub fn verify_many(items: &[Item<'_>]) -> Result<Vec<bool>, SignerError> {
        each_by(Self::verify, items)
    }

    /// [`verify_strict`](Self::verify_strict) of many.
    ///
    /// # Errors
    ///
    /// As for [`verify_many`](Self::verify_many).
    pub fn verify_many_strict(items: &[Item<'_>]) -> Result<Vec<bool>, SignerError> {
        each_by(Self::verify_strict, items)
    }

    /// The public key of a seed of 32 bytes.
    ///
    /// # Errors
    ///
    /// `KEY_LENGTH`.
    pub fn derive_public_key(seed: &[u8]) -> Result<[u8; PUBLIC_KEY_LEN], SignerError> {
        let seed: &[u8; SEED_LEN] = seed.try_into().map_err(|_| ErrorCode::KeyLength)?;
        Ok(token_signer_core::derive_public_key(seed))
    }

    /// Replaces the held key. After a failure, whatever it was, no key is held.
    ///
    /// # Errors
    ///
    /// `KEY_LENGTH`, `KEY_PAIR_MISMATCH`.
    pub fn load_key(&mut self, keypair: &[u8]) -> Result<(), SignerError> {
        self.wipe();
        let keypair: &[u8; KEYPAIR_LEN] = keypair.try_into().map_err(|_| ErrorCode::KeyLength)?;
        self.key = Some(SigningKey::from_keypair(&Zeroizing::new(*keypair))?);
        Ok(())
    }

    /// Drops and clears the held key.
    pub fn wipe(&mut self) {
        self.key = None;
    }

    /// Ends the signer. Dropping it does the same.
    pub fn close(self) {}

    fn key(&self) -> Result<&SigningKey, SignerError> {
        self.key.as_ref().ok_or_else(|| ErrorCode::NoKey.into())
    }
}

/// Public key, message and signature.
pub type Item<'a> = (&'a [u8], &'a [u8], &'a [u8]);

type Verify = fn(&[u8], &[u8], &[u8]) -> Result<bool, SignerError>;

fn each_by(verify: Verify, items: &[Item<'_>]) -> Result<Vec<bool>, SignerError> {
    let with_index = |(at, (public_key, message, signature)): (usize, &Item<'_>)| {
        let of_item = |SignerError { code, detail }| SignerError { code, detail: format!("item {at}: {detail}") };
        verify(public_key, message, signature).map_err(of_item)
    };
    items.iter().enumerate().map(with_index).collect()
}

type Verifier = fn(&[u8; PUBLIC_KEY_LEN], &[u8], &[u8; SIGNATURE_LEN]) -> bool;

fn verify_by(verifier: Verifier, public_key: &[u8], message: &[u8], signature: &[u8]) -> Result<bool, SignerError> {
    let public_key = public_key.try_into().map_err(|_| ErrorCode::PublicKeyLength)?;
    let message = checked_message(message)?;
    Ok(signature.try_into().is_ok_and(|signature| verifier(public_key, message, signature)))
}

/// The modules take no longer message, so this row takes none either.
fn checked_message(message: &[u8]) -> Result<&[u8], SignerError> {
    if message.len() > MAX_MESSAGE_LEN { Err(ErrorCode::MessageTooLarge.into()) } else { Ok(message) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keypair() -> Vec<u8> {
        let seed = [9; 32];
        [seed, Signer::derive_public_key(&seed).unwrap()].concat()
    }

    #[test]
    fn a_failed_load_leaves_no_key() {
        let keypair = keypair();
        let mut signer = Signer::new(&keypair).unwrap();
        let signature = signer.sign("hello").unwrap();
        assert_eq!(Signer::verify(&signer.public_key().unwrap(), b"hello", &signature), Ok(true));
        assert_eq!(signer.load_key(&keypair[..63]).unwrap_err().code, ErrorCode::KeyLength);
        assert_eq!(signer.sign("hello").unwrap_err().code, ErrorCode::NoKey);
    }

    #[test]
    fn the_item_that_is_wrong_is_named() {
        let key = Signer::derive_public_key(&[9; 32]).unwrap();
        let signature = Signer::new(&keypair()).unwrap().sign("hello").unwrap();
        let (good, bad): (Item<'_>, Item<'_>) = ((&key, b"hello", &signature), (&key, b"hullo", &signature));
        assert_eq!(Signer::verify_many(&[good, bad, good]), Ok(vec![true, false, true]));
        let refused = Signer::verify_many_strict(&[good, (&key[1..], b"", b"")]).unwrap_err();
        assert_eq!(refused.code, ErrorCode::PublicKeyLength);
        assert!(refused.detail.starts_with("item 1: "), "{refused}");
    }

    #[test]
    fn many_messages_are_split() {
        let signer = Signer::new(&keypair()).unwrap();
        let messages: Vec<_> = (0..=MAX_BATCH_COUNT).map(|n| n.to_le_bytes()).collect();
        let signatures = signer.sign_many(&messages).unwrap();
        assert_eq!(signatures.len(), MAX_BATCH_COUNT + 1);
        assert_eq!(signatures[MAX_BATCH_COUNT], signer.sign(messages[MAX_BATCH_COUNT]).unwrap());
    }
}

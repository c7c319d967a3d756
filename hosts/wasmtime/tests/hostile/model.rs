//! What the documented ABI says that an instance holds and answers, with dalek for the signatures.

use token_signer_core::{ErrorCode, SigningKey};

pub(crate) const MAX_LEN: usize = token_signer_core::MAX_MESSAGE_LEN;
pub(crate) const MAX_BATCH_COUNT: usize = token_signer_core::MAX_BATCH_COUNT;

pub(crate) struct Model {
    pub(crate) keypair: [u8; 64],
    pub(crate) signature: [u8; 64],
    pub(crate) public_key: [u8; 32],
    /// The message, or why there is none.
    pub(crate) message: Result<Vec<u8>, ErrorCode>,
    pub(crate) message_at: u32,
    /// The batch, or why there is none.
    pub(crate) batch: Result<Batch, ErrorCode>,
    pub(crate) batch_signatures: Option<Vec<[u8; 64]>>,
    held_key: Option<SigningKey>,
}

pub(crate) struct Batch {
    pub(crate) at: u32,
    pub(crate) count: usize,
    /// The lengths, then the messages.
    pub(crate) room: Vec<u8>,
}

impl Model {
    /// A new instance, and one that was wiped.
    pub(crate) fn new() -> Self {
        Self {
            keypair: [0; 64],
            signature: [0; 64],
            public_key: [0; 32],
            message: Err(ErrorCode::NoMessage),
            message_at: 0,
            batch: Err(ErrorCode::NoMessage),
            batch_signatures: None,
            held_key: None,
        }
    }

    fn message(&self) -> Result<&[u8], ErrorCode> {
        self.message.as_deref().map_err(|code| *code)
    }

    pub(crate) fn sign_with_key_buffer(&self) -> Result<[u8; 64], ErrorCode> {
        let key = SigningKey::from_keypair(&self.keypair)?;
        Ok(key.sign(self.message()?))
    }

    pub(crate) fn sign_with_held_key(&self) -> Result<[u8; 64], ErrorCode> {
        let key = self.held_key.as_ref().ok_or(ErrorCode::NoKey)?;
        Ok(key.sign(self.message()?))
    }

    pub(crate) fn load_key(&mut self) -> Result<(), ErrorCode> {
        let loaded = SigningKey::from_keypair(&self.keypair);
        self.keypair = [0; 64];
        self.held_key = None;
        self.held_key = Some(loaded?);
        Ok(())
    }

    pub(crate) fn derive_public_key(&mut self) {
        let seed = self.keypair.first_chunk().expect("64 bytes begin with 32");
        self.public_key = token_signer_core::derive_public_key(seed);
    }

    pub(crate) fn verify(&self, native: fn(&[u8; 32], &[u8], &[u8; 64]) -> bool) -> Result<(), ErrorCode> {
        if native(&self.public_key, self.message()?, &self.signature) {
            Ok(())
        } else {
            Err(ErrorCode::SignatureInvalid)
        }
    }

    /// One by one: how the module shares work between them is its own business.
    pub(crate) fn sign_batch(&self) -> Result<Vec<[u8; 64]>, ErrorCode> {
        let key = self.held_key.as_ref().ok_or(ErrorCode::NoKey)?;
        let batch = self.batch.as_ref().map_err(|code| *code)?;
        let (lengths, mut rest) = batch.room.split_at(4 * batch.count);
        let mut messages = Vec::new();
        for length in lengths.chunks_exact(4) {
            let length = u32::from_le_bytes(length.try_into().expect("4 bytes"));
            let (message, after) = rest.split_at_checked(length as usize).ok_or(ErrorCode::BatchLayout)?;
            messages.push(message);
            rest = after;
        }
        if !rest.is_empty() {
            return Err(ErrorCode::BatchLayout);
        }
        Ok(messages.iter().map(|message| key.sign(message)).collect())
    }

    /// A public key and its signature of the message, if there is one.
    pub(crate) fn signed_message(&self, keypair: &[u8; 64]) -> Option<([u8; 32], [u8; 64])> {
        let key = SigningKey::from_keypair(keypair).ok()?;
        Some((key.public_key(), key.sign(self.message().ok()?)))
    }
}

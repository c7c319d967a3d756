//! What an instance holds between two calls, and what each export does with it.

use crate::field::Field;
use crate::messages::{LENGTH_LEN, Messages};
use crate::room::{Arena, Memory, Slot};
use crate::self_test;
use crate::signing::{Key, Signer};
use signer_abi::{ErrorCode, MAX_BATCH_COUNT, MAX_MESSAGE_LEN, burn_stack};

/// How much of the stack is cleared, in bytes. Signing uses under half of it.
const BURNED_STACK_LEN: usize = 16 * 1024;

/// An instance.
pub(crate) struct Instance<F: Field, M> {
    /// The fixed buffers: the host reads and writes them.
    pub(crate) keypair: [u8; 64],
    pub(crate) signature: [u8; 64],
    pub(crate) public_key: [u8; 32],
    arena: Arena<M>,
    message: Slot,
    batch: Slot,
    batch_count: usize,
    /// Whether the signatures are those of the batch.
    batch_is_signed: bool,
    batch_signatures: [[u8; 64]; MAX_BATCH_COUNT],
    held_key: Key,
    holds_key: bool,
    /// Whether the module signs rightly here, once that was tried.
    works_here: Option<bool>,
    signer: Signer<F>,
}

impl<F: Field, M: Memory> Instance<F, M> {
    pub(crate) const fn new(memory: M) -> Self {
        Self {
            keypair: [0; 64],
            signature: [0; 64],
            public_key: [0; 32],
            arena: Arena::new(memory),
            message: Slot::new(),
            batch: Slot::new(),
            batch_count: 0,
            batch_is_signed: false,
            batch_signatures: [[0; 64]; MAX_BATCH_COUNT],
            held_key: Key::NONE,
            holds_key: false,
            works_here: None,
            signer: Signer::NEW,
        }
    }

    /// Replaces the message by `len` zeros for the host to write over.
    pub(crate) fn allocate_message(&mut self, len: usize) -> Result<*mut u8, ErrorCode> {
        if len > MAX_MESSAGE_LEN {
            self.message.drop_buffer(ErrorCode::MessageTooLarge);
            return Err(ErrorCode::MessageTooLarge);
        }
        self.message.allocate(&mut self.arena, len)
    }

    /// Writes the public key of the seed in the key buffer to the public-key buffer.
    pub(crate) fn derive_public_key(&mut self) -> Result<(), ErrorCode> {
        let derived = self.try_derive();
        self.clear_work();
        derived
    }

    #[inline(never)]
    fn try_derive(&mut self) -> Result<(), ErrorCode> {
        self.test_once()?;
        let mut key = Key::NONE;
        self.signer.expand(seed(&self.keypair), &mut key);
        self.public_key = key.public;
        Ok(())
    }

    /// Signs the message with the keypair in the key buffer.
    pub(crate) fn sign(&mut self) -> Result<(), ErrorCode> {
        self.signature = [0; 64];
        let signed = self.try_sign();
        self.clear_work();
        signed
    }

    #[inline(never)]
    fn try_sign(&mut self) -> Result<(), ErrorCode> {
        self.test_once()?;
        let mut key = Key::NONE;
        expand_pair(&mut self.signer, &self.keypair, &mut key)?;
        sign_message(&mut self.signer, &key, &self.message, &mut self.signature)
    }

    /// Checks the pair in the key buffer and holds it. Clears the key buffer, and drops the held key in any case.
    pub(crate) fn load_key(&mut self) -> Result<(), ErrorCode> {
        self.drop_key();
        let loaded = self.try_load();
        self.keypair = [0; 64];
        self.clear_work();
        loaded
    }

    #[inline(never)]
    fn try_load(&mut self) -> Result<(), ErrorCode> {
        self.test_once()?;
        let loaded = expand_pair(&mut self.signer, &self.keypair, &mut self.held_key);
        if loaded.is_ok() {
            self.holds_key = true;
        } else {
            self.held_key.clear();
        }
        loaded
    }

    /// Signs the message with the held key.
    pub(crate) fn sign_loaded(&mut self) -> Result<(), ErrorCode> {
        self.signature = [0; 64];
        let signed = self.try_sign_loaded();
        self.clear_work();
        signed
    }

    #[inline(never)]
    fn try_sign_loaded(&mut self) -> Result<(), ErrorCode> {
        self.test_once()?;
        if !self.holds_key {
            return Err(ErrorCode::NoKey);
        }
        sign_message(&mut self.signer, &self.held_key, &self.message, &mut self.signature)
    }

    /// Replaces the batch by `count` lengths and `total_len` bytes of messages, all zeros for the host to write over.
    /// Drops its signatures.
    pub(crate) fn allocate_batch(&mut self, count: usize, total_len: usize) -> Result<*mut u8, ErrorCode> {
        self.batch_is_signed = false;
        self.batch_count = count;
        self.batch.allocate_batch(&mut self.arena, count, LENGTH_LEN, total_len)
    }

    /// Signs every message of the batch with the held key, or none.
    pub(crate) fn sign_batch(&mut self) -> Result<(), ErrorCode> {
        self.batch_is_signed = false;
        let signed = self.try_sign_batch();
        self.batch_is_signed = signed.is_ok();
        self.clear_work();
        signed
    }

    #[inline(never)]
    fn try_sign_batch(&mut self) -> Result<(), ErrorCode> {
        self.test_once()?;
        if !self.holds_key {
            return Err(ErrorCode::NoKey);
        }
        let messages = Messages::of_batch(self.batch.bytes()?, self.batch_count)?;
        let signatures = &mut self.batch_signatures[..self.batch_count];
        self.signer.sign(&self.held_key, messages, signatures)
    }

    /// Where the signatures of the batch are, where it was signed.
    pub(crate) fn batch_signatures(&self) -> Option<*const u8> {
        self.batch_is_signed.then_some(self.batch_signatures.as_ptr().cast())
    }

    /// Clears every buffer, the held key, and what signing has left.
    pub(crate) fn wipe(&mut self) {
        if cfg!(feature = "without-scrub") {
            return;
        }
        self.clear_buffers();
        self.clear_work();
    }

    #[inline(never)]
    fn clear_buffers(&mut self) {
        self.keypair = [0; 64];
        self.signature = [0; 64];
        self.public_key = [0; 32];
        self.message.drop_buffer(ErrorCode::NoMessage);
        self.batch.drop_buffer(ErrorCode::NoMessage);
        self.batch_is_signed = false;
        self.batch_signatures = [[0; 64]; MAX_BATCH_COUNT];
        self.drop_key();
    }

    fn drop_key(&mut self) {
        self.holds_key = false;
        self.held_key.clear();
    }

    /// What every call that may have touched a secret ends with. Inlined, into functions that have no frame on the stack: what
    /// the others left begins where theirs would be.
    #[inline(always)]
    fn clear_work(&mut self) {
        self.clear_signer();
        if !cfg!(feature = "without-scrub") {
            burn_stack::<BURNED_STACK_LEN>();
        }
    }

    #[inline(never)]
    fn clear_signer(&mut self) {
        self.signer.clear();
    }

    /// Signs what is known before the first use of a key, and refuses to work where that comes out wrong.
    #[inline(never)]
    fn test_once(&mut self) -> Result<(), ErrorCode> {
        let signer = &mut self.signer;
        match *self.works_here.get_or_insert_with(|| self_test::passes(signer)) {
            true => Ok(()),
            false => Err(ErrorCode::SelfTestFailed),
        }
    }
}

/// Expands the seed of a keypair, where the public key behind it is its own. A signer that took another would sign with
/// two public keys for one secret, and two such signatures reveal it (RUSTSEC-2022-0093).
fn expand_pair<F: Field>(signer: &mut Signer<F>, keypair: &[u8; 64], key: &mut Key) -> Result<(), ErrorCode> {
    signer.expand(seed(keypair), key);
    if key.public == keypair[32..] { Ok(()) } else { Err(ErrorCode::KeyPairMismatch) }
}

fn seed(keypair: &[u8; 64]) -> &[u8; 32] {
    keypair.first_chunk().expect("64 bytes begin with 32")
}

fn sign_message<F: Field>(
    signer: &mut Signer<F>,
    key: &Key,
    message: &Slot,
    signature: &mut [u8; 64],
) -> Result<(), ErrorCode> {
    let message = message.bytes()?;
    let length = (message.len() as u32).to_le_bytes();
    signer.sign(key, Messages::apart(&length, message), core::slice::from_mut(signature))
}

#[cfg(test)]
mod tests;

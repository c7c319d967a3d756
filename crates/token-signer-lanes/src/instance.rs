//! What an instance holds between two calls, and what each export does with it.

use crate::field::Field;
use crate::room::{Arena, Memory, Slot};
use crate::scrub::burn_stack;
use crate::self_test;
use crate::signing::{Key, Signer};
use crate::status::Refusal;

/// The longest message, and the most that the messages of a batch may have together, in bytes: 16 MiB.
pub(crate) const MAX_MESSAGE_LEN: usize = 16 * 1024 * 1024;
/// The most messages in one batch.
pub(crate) const MAX_BATCH_COUNT: usize = 4096;
/// Bytes of a length in a batch.
const LENGTH_LEN: usize = 4;

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
    pub(crate) fn allocate_message(&mut self, len: usize) -> Result<*mut u8, Refusal> {
        if len > MAX_MESSAGE_LEN {
            self.message.drop_buffer(Refusal::MessageTooLarge);
            return Err(Refusal::MessageTooLarge);
        }
        self.message.allocate(&mut self.arena, len)
    }

    /// Writes the public key of the seed in the key buffer to the public-key buffer.
    pub(crate) fn derive_public_key(&mut self) -> Result<(), Refusal> {
        let derived = self.try_derive();
        self.clear_work();
        derived
    }

    #[inline(never)]
    fn try_derive(&mut self) -> Result<(), Refusal> {
        self.test_once()?;
        let mut key = Key::NONE;
        self.signer.expand(self.keypair.first_chunk().expect("a seed"), &mut key);
        self.public_key = key.public;
        Ok(())
    }

    /// Signs the message with the keypair in the key buffer.
    pub(crate) fn sign(&mut self) -> Result<(), Refusal> {
        self.signature = [0; 64];
        let signed = self.try_sign();
        self.clear_work();
        signed
    }

    #[inline(never)]
    fn try_sign(&mut self) -> Result<(), Refusal> {
        self.test_once()?;
        let mut key = Key::NONE;
        self.expand_pair(&mut key)?;
        self.sign_message(&key)
    }

    /// Checks the pair in the key buffer and holds it. Clears the key buffer, and drops the held key in any case.
    pub(crate) fn load_key(&mut self) -> Result<(), Refusal> {
        self.drop_key();
        let loaded = self.try_load();
        self.keypair = [0; 64];
        self.clear_work();
        loaded
    }

    #[inline(never)]
    fn try_load(&mut self) -> Result<(), Refusal> {
        self.test_once()?;
        let mut key = Key::NONE;
        self.expand_pair(&mut key)?;
        self.held_key = key;
        self.holds_key = true;
        Ok(())
    }

    /// Signs the message with the held key.
    pub(crate) fn sign_loaded(&mut self) -> Result<(), Refusal> {
        self.signature = [0; 64];
        let signed = self.try_sign_loaded();
        self.clear_work();
        signed
    }

    #[inline(never)]
    fn try_sign_loaded(&mut self) -> Result<(), Refusal> {
        self.test_once()?;
        let key = core::mem::replace(&mut self.held_key, Key::NONE);
        let signed = if self.holds_key {
            self.sign_message(&key)
        } else {
            Err(Refusal::NoKey)
        };
        self.held_key = key;
        signed
    }

    /// Replaces the batch by `count` lengths and `total_len` bytes of messages, all zeros for the host to write over.
    /// Drops its signatures.
    pub(crate) fn allocate_batch(&mut self, count: usize, total_len: usize) -> Result<*mut u8, Refusal> {
        self.batch_is_signed = false;
        let too_much = if count > MAX_BATCH_COUNT {
            Some(Refusal::BatchLayout)
        } else if total_len > MAX_MESSAGE_LEN {
            Some(Refusal::MessageTooLarge)
        } else {
            None
        };
        if let Some(why) = too_much {
            self.batch.drop_buffer(why);
            return Err(why);
        }
        self.batch_count = count;
        self.batch
            .allocate(&mut self.arena, count * LENGTH_LEN + total_len)
    }

    /// Signs every message of the batch with the held key, or none.
    pub(crate) fn sign_batch(&mut self) -> Result<(), Refusal> {
        self.batch_is_signed = false;
        let signed = self.try_sign_batch();
        self.batch_is_signed = signed.is_ok();
        self.clear_work();
        signed
    }

    #[inline(never)]
    fn try_sign_batch(&mut self) -> Result<(), Refusal> {
        self.test_once()?;
        if !self.holds_key {
            return Err(Refusal::NoKey);
        }
        let messages = Messages::new(self.batch.bytes()?, self.batch_count)?;
        let signatures = &mut self.batch_signatures[..self.batch_count];
        self.signer.sign(&self.held_key, messages, signatures);
        Ok(())
    }

    /// Where the signatures of the batch are, where it was signed.
    pub(crate) fn batch_signatures(&self) -> Option<*const u8> {
        self.batch_is_signed
            .then_some(self.batch_signatures.as_ptr().cast())
    }

    /// Clears every buffer, the held key, and what signing has left.
    pub(crate) fn wipe(&mut self) {
        self.keypair = [0; 64];
        self.signature = [0; 64];
        self.public_key = [0; 32];
        self.message.drop_buffer(Refusal::NoMessage);
        self.batch.drop_buffer(Refusal::NoMessage);
        self.batch_is_signed = false;
        self.batch_signatures = [[0; 64]; MAX_BATCH_COUNT];
        self.drop_key();
        self.clear_work();
    }

    fn drop_key(&mut self) {
        self.holds_key = false;
        self.held_key.clear();
    }

    /// What every call that may have touched a secret ends with.
    fn clear_work(&mut self) {
        self.signer.clear();
        burn_stack();
    }

    /// Signs what is known before the first use of a key, and refuses to work where that comes out wrong.
    fn test_once(&mut self) -> Result<(), Refusal> {
        let signer = &mut self.signer;
        match *self.works_here.get_or_insert_with(|| self_test::passes(signer)) {
            true => Ok(()),
            false => Err(Refusal::SelfTestFailed),
        }
    }

    /// Expands the seed in the key buffer, where the public key behind it is its own. A signer that took another would
    /// sign with two public keys for one secret, and two such signatures reveal it (RUSTSEC-2022-0093).
    fn expand_pair(&mut self, key: &mut Key) -> Result<(), Refusal> {
        self.signer.expand(self.keypair.first_chunk().expect("a seed"), key);
        if key.public == self.keypair[32..] {
            Ok(())
        } else {
            Err(Refusal::KeyPairMismatch)
        }
    }

    fn sign_message(&mut self, key: &Key) -> Result<(), Refusal> {
        let message = self.message.bytes()?;
        self.signer.sign(
            key,
            core::iter::once(message),
            core::slice::from_mut(&mut self.signature),
        );
        Ok(())
    }
}

/// The messages of a batch, one after the other.
#[derive(Clone)]
struct Messages<'a> {
    lengths: &'a [u8],
    rest: &'a [u8],
}

impl<'a> Messages<'a> {
    /// Where the lengths add up to the bytes behind them.
    fn new(batch: &'a [u8], count: usize) -> Result<Self, Refusal> {
        let (lengths, rest) = batch.split_at(count * LENGTH_LEN);
        let messages = Self { lengths, rest };
        let mut checked = messages.clone();
        for _ in 0..count {
            checked.next().ok_or(Refusal::BatchLayout)?;
        }
        if checked.rest.is_empty() {
            Ok(messages)
        } else {
            Err(Refusal::BatchLayout)
        }
    }
}

impl<'a> Iterator for Messages<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        let (length, lengths) = self.lengths.split_first_chunk()?;
        let length = u32::from_le_bytes(*length) as usize;
        let (message, rest) = self.rest.split_at_checked(length)?;
        self.lengths = lengths;
        self.rest = rest;
        Some(message)
    }
}

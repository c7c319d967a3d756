//! What an instance of the verifier holds between two calls, and what each export does with it. Nothing in it is secret.

use signer_abi::{ErrorCode, MAX_BATCH_COUNT};

use crate::field::Field;
use crate::room::{Arena, Memory, Slot};
use crate::self_test::{MESSAGE, PUBLIC_KEY, SIGNATURE};
use crate::verifying::Verifier;
use crate::verifying::items::{HEAD_LEN, Items};

/// An instance.
pub(crate) struct Instance<F: Field, M> {
    /// The fixed buffer: the host writes it.
    pub(crate) public_key: [u8; 32],
    arena: Arena<M>,
    batch: Slot,
    batch_count: usize,
    /// Whether the verdicts are those of the batch.
    is_verified: bool,
    verdicts: [u8; MAX_BATCH_COUNT],
    /// Whether the module verifies rightly here, once that was tried.
    works_here: Option<bool>,
    verifier: Verifier<F>,
}

impl<F: Field, M: Memory> Instance<F, M> {
    pub(crate) const fn new(memory: M) -> Self {
        Self {
            public_key: [0; 32],
            arena: Arena::new(memory),
            batch: Slot::new(),
            batch_count: 0,
            is_verified: false,
            verdicts: [0; MAX_BATCH_COUNT],
            works_here: None,
            verifier: Verifier::NEW,
        }
    }

    /// Holds the key in the public-key buffer: its number from 1 on, or `None` if it is no point or there is no memory for it.
    pub(crate) fn hold_key(&mut self) -> Option<usize> {
        self.test_once().ok()?;
        self.verifier.hold(&mut self.arena, &self.public_key).map(|slot| slot + 1)
    }

    /// Replaces the batch by `count` heads and `total_len` bytes of messages, all zeros for the host to write over.
    pub(crate) fn allocate(&mut self, count: usize, total_len: usize) -> Result<*mut u8, ErrorCode> {
        self.is_verified = false;
        self.batch_count = count;
        self.batch.allocate_batch(&mut self.arena, count, HEAD_LEN, total_len)
    }

    /// Verifies everything in the batch.
    pub(crate) fn verify(&mut self, strict: bool) -> Result<(), ErrorCode> {
        self.is_verified = false;
        self.test_once()?;
        let items = Items::of_batch(self.batch.bytes()?, self.batch_count)?;
        self.verifier.verify(&mut self.arena, items, strict, &mut self.verdicts[..self.batch_count]);
        self.is_verified = true;
        Ok(())
    }

    /// Where the verdicts are, a byte each, where the batch was verified.
    pub(crate) fn verdicts(&self) -> Option<*const u8> {
        self.is_verified.then_some(self.verdicts.as_ptr())
    }

    /// Verifies what is known, right and wrong, in either lane, before anything else, and refuses to work where that comes out
    /// wrong.
    #[inline(never)]
    fn test_once(&mut self) -> Result<(), ErrorCode> {
        if self.works_here.is_none() {
            self.works_here = Some(F::is_exact_here() && self.passes());
        }
        if self.works_here == Some(true) { Ok(()) } else { Err(ErrorCode::SelfTestFailed) }
    }

    fn passes(&mut self) -> bool {
        let mut batch = [0; 3 * (HEAD_LEN + 1)];
        let (heads, messages) = batch.split_at_mut(3 * HEAD_LEN);
        messages.fill(MESSAGE);
        messages[2] ^= 1;
        for head in heads.chunks_exact_mut(HEAD_LEN) {
            head[..32].copy_from_slice(&PUBLIC_KEY);
            head[32..96].copy_from_slice(&SIGNATURE);
            head[96] = 1;
        }
        let mut verdicts = [7; 3];
        let Ok(items) = Items::of_batch(&batch, 3) else {
            return false;
        };
        self.verifier.verify(&mut self.arena, items, false, &mut verdicts);
        verdicts == [1, 1, 0]
    }
}

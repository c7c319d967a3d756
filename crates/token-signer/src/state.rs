//! What an instance remembers between two calls.

use std::cell::RefCell;

use token_signer_core::{
    ErrorCode, KEYPAIR_LEN, MAX_BATCH_COUNT, MAX_MESSAGE_LEN, PUBLIC_KEY_LEN, SIGNATURE_LEN, SigningKey,
};
use zeroize::Zeroizing;

use crate::shared::HeapBuffer;
use signer_abi::FixedBuffer;

thread_local! {
    pub(crate) static BUFFERS: Buffers = const { Buffers::new() };
    static STATE: RefCell<State> = const { RefCell::new(State::new()) };
}

/// The buffers whose addresses never change.
pub(crate) struct Buffers {
    pub(crate) keypair: FixedBuffer<KEYPAIR_LEN>,
    pub(crate) signature: FixedBuffer<SIGNATURE_LEN>,
    pub(crate) public_key: FixedBuffer<PUBLIC_KEY_LEN>,
}

impl Buffers {
    const fn new() -> Self {
        Self { keypair: FixedBuffer::new(), signature: FixedBuffer::new(), public_key: FixedBuffer::new() }
    }

    pub(crate) fn keypair(&self) -> Zeroizing<[u8; KEYPAIR_LEN]> {
        Zeroizing::new(self.keypair.get())
    }

    pub(crate) fn clear(&self) {
        self.keypair.clear();
        self.signature.clear();
        self.public_key.clear();
    }
}

/// A message or batch that the host allocated, or why there is none.
pub(crate) type Allocated<T> = Result<T, ErrorCode>;

pub(crate) struct State {
    pub(crate) message: Allocated<HeapBuffer>,
    /// Here and not in a box: to hold a key takes no memory that could be refused. It clears itself when dropped.
    pub(crate) held_key: Option<SigningKey>,
    pub(crate) batch: Allocated<Batch>,
    pub(crate) batch_signatures: Option<Vec<[u8; SIGNATURE_LEN]>>,
}

impl State {
    pub(crate) const fn new() -> Self {
        Self {
            message: Err(ErrorCode::NoMessage),
            held_key: None,
            batch: Err(ErrorCode::NoMessage),
            batch_signatures: None,
        }
    }

    /// Runs `work` with this thread's state.
    pub(crate) fn with<T>(work: impl FnOnce(&mut Self) -> T) -> T {
        STATE.with(|state| work(&mut state.borrow_mut()))
    }

    /// Replaces the message buffer. The old one is dropped first: its memory may be needed.
    pub(crate) fn allocate_message(&mut self, len: usize) -> Option<*mut u8> {
        self.message = Err(ErrorCode::OutOfMemory);
        self.message = if len > MAX_MESSAGE_LEN { Err(ErrorCode::MessageTooLarge) } else { HeapBuffer::allocate(len) };
        self.message.as_mut().ok().map(HeapBuffer::as_mut_ptr)
    }

    /// The bytes of the message, or why there are none.
    pub(crate) fn message(&self) -> Result<&[u8], ErrorCode> {
        self.message.as_ref().map(HeapBuffer::as_slice).map_err(|code| *code)
    }

    /// Replaces the batch buffer, and drops the signatures of the last batch.
    pub(crate) fn allocate_batch(&mut self, count: usize, total_len: usize) -> Option<*mut u8> {
        self.batch_signatures = None;
        self.batch = Err(ErrorCode::OutOfMemory);
        self.batch = Batch::allocate(count, total_len);
        self.batch.as_mut().ok().map(|batch| batch.room.as_mut_ptr())
    }
}

/// Room for `count` lengths, u32 little-endian each, then for the messages end to end.
pub(crate) struct Batch {
    count: usize,
    room: HeapBuffer,
}

const LENGTH_LEN: usize = size_of::<u32>();

impl Batch {
    fn allocate(count: usize, total_len: usize) -> Result<Self, ErrorCode> {
        if count > MAX_BATCH_COUNT {
            return Err(ErrorCode::BatchLayout);
        }
        if total_len > MAX_MESSAGE_LEN {
            return Err(ErrorCode::MessageTooLarge);
        }
        Ok(Self { count, room: HeapBuffer::allocate(count * LENGTH_LEN + total_len)? })
    }

    /// The messages, if the lengths that the host wrote add up to the bytes that it allocated.
    // ANCHOR: messages
    pub(crate) fn messages(&self) -> Result<Vec<&[u8]>, ErrorCode> {
        let (lengths, mut rest) = self.room.as_slice().split_at(self.count * LENGTH_LEN);
        let lengths = lengths
            .chunks_exact(LENGTH_LEN)
            .map(|length| u32::from_le_bytes([length[0], length[1], length[2], length[3]]) as usize);
        // Before memory is allocated: lengths that do not add up are no lack of memory.
        let left = lengths.clone().try_fold(rest.len(), |left, length| left.checked_sub(length));
        if left != Some(0) {
            return Err(ErrorCode::BatchLayout);
        }
        let mut messages = Vec::new();
        messages.try_reserve_exact(self.count).map_err(|_| ErrorCode::OutOfMemory)?;
        for length in lengths {
            let (message, after) = rest.split_at_checked(length).ok_or(ErrorCode::BatchLayout)?;
            messages.push(message);
            rest = after;
        }
        Ok(messages)
    }
    // ANCHOR_END: messages
}

//! What an instance holds between two calls.

use core::cell::RefCell;

use crate::key::Key;
use crate::memory::{Room, per_thread};
use crate::self_test::SelfTest;
use crate::{KEYPAIR_LEN, MAX_MESSAGE_LEN, PUBLIC_KEY_LEN, SIGNATURE_LEN};
use signer_abi::{ErrorCode, FixedBuffer};

per_thread! { pub(crate) static BUFFERS: Buffers = Buffers::new(); }
per_thread! { static STATE: RefCell<State> = RefCell::new(State::new()); }

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
}

pub(crate) struct State {
    /// The room that the host asked for, or why there is none.
    pub(crate) message: Result<Room, ErrorCode>,
    pub(crate) held_key: Option<Key>,
    pub(crate) self_test: SelfTest,
}

impl State {
    const fn new() -> Self {
        Self { message: Err(ErrorCode::NoMessage), held_key: None, self_test: SelfTest::NotRun }
    }

    /// Runs `work` with this thread's state.
    pub(crate) fn with<T>(work: impl FnOnce(&mut Self) -> T) -> T {
        STATE.with(|state| match state.try_borrow_mut() {
            Ok(mut state) => work(&mut state),
            Err(_) => crate::trap("an export was called by another"),
        })
    }

    /// Replaces the message's room. The old one is dropped first: the new one takes its place.
    pub(crate) fn allocate_message(&mut self, len: usize) -> Option<*mut u8> {
        self.message = Err(ErrorCode::OutOfMemory);
        self.message = if len > MAX_MESSAGE_LEN { Err(ErrorCode::MessageTooLarge) } else { Room::allocate(len) };
        self.message.as_mut().ok().map(Room::as_mut_ptr)
    }

    /// The bytes of the message, or why there are none.
    pub(crate) fn message(&self) -> Result<&[u8], ErrorCode> {
        self.message.as_ref().map(Room::as_slice).map_err(|refusal| *refusal)
    }

    /// Forgets the message and the key. That the self-test has passed stays true.
    #[cfg_attr(feature = "without-wipe", expect(dead_code))]
    pub(crate) fn clear(&mut self) {
        self.message = Err(ErrorCode::NoMessage);
        self.held_key = None;
    }
}

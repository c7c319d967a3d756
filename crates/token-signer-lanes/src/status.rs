//! The statuses of the ABI. The table of all codes is in `token-signer-core`, on which this crate does not depend: it needs
//! an allocator. A test compares the two.

/// Why a call was refused; the number is the status.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Refusal {
    NoMessage = 1,
    NoKey = 2,
    KeyPairMismatch = 3,
    MessageTooLarge = 5,
    OutOfMemory = 6,
    BatchLayout = 7,
    SelfTestFailed = 8,
}

/// 0 for success, otherwise the refusal's number.
pub(crate) fn of(result: Result<(), Refusal>) -> u32 {
    match result {
        Ok(()) => 0,
        Err(refusal) => refusal as u32,
    }
}

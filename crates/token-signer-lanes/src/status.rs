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

#[cfg(test)]
mod tests {
    use token_signer_core::ErrorCode;

    use super::*;

    #[test]
    fn statuses_are_those_of_the_table() {
        for (refusal, code) in [
            (Refusal::NoMessage, ErrorCode::NoMessage),
            (Refusal::NoKey, ErrorCode::NoKey),
            (Refusal::KeyPairMismatch, ErrorCode::KeyPairMismatch),
            (Refusal::MessageTooLarge, ErrorCode::MessageTooLarge),
            (Refusal::OutOfMemory, ErrorCode::OutOfMemory),
            (Refusal::BatchLayout, ErrorCode::BatchLayout),
            (Refusal::SelfTestFailed, ErrorCode::SelfTestFailed),
        ] {
            assert_eq!(Some(of(Err(refusal))), code.status());
        }
        assert_eq!(of(Ok(())), ErrorCode::OK_STATUS);
    }
}

//! Why a call was refused.

/// The codes that these exports give. Their numbers are the statuses of `token_signer_core::CODES`, the one table
/// of them all; a test compares, because depending on that crate would link what this one leaves out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(u32)]
pub(crate) enum Refusal {
    NoMessage = 1,
    NoKey = 2,
    KeyPairMismatch = 3,
    #[cfg(feature = "verify")]
    SignatureInvalid = 4,
    MessageTooLarge = 5,
    OutOfMemory = 6,
    SelfTestFailed = 8,
}

/// What an export returns: 0 for success, or the refusal's number.
pub(crate) fn status(result: Result<(), Refusal>) -> u32 {
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
    fn the_numbers_are_those_of_the_one_table() {
        let mut pairs = vec![
            (Refusal::NoMessage, ErrorCode::NoMessage),
            (Refusal::NoKey, ErrorCode::NoKey),
            (Refusal::KeyPairMismatch, ErrorCode::KeyPairMismatch),
            (Refusal::MessageTooLarge, ErrorCode::MessageTooLarge),
            (Refusal::OutOfMemory, ErrorCode::OutOfMemory),
            (Refusal::SelfTestFailed, ErrorCode::SelfTestFailed),
        ];
        #[cfg(feature = "verify")]
        pairs.push((Refusal::SignatureInvalid, ErrorCode::SignatureInvalid));
        for (refusal, code) in pairs {
            assert_eq!(Some(status(Err(refusal))), code.status(), "{}", code.name());
        }
        assert_eq!(status(Ok(())), ErrorCode::OK_STATUS);
    }

    #[test]
    fn the_lengths_are_those_of_the_core() {
        assert_eq!(crate::SEED_LEN, token_signer_core::SEED_LEN);
        assert_eq!(crate::PUBLIC_KEY_LEN, token_signer_core::PUBLIC_KEY_LEN);
        assert_eq!(crate::KEYPAIR_LEN, token_signer_core::KEYPAIR_LEN);
        assert_eq!(crate::SIGNATURE_LEN, token_signer_core::SIGNATURE_LEN);
        assert_eq!(crate::MAX_MESSAGE_LEN, token_signer_core::MAX_MESSAGE_LEN);
    }
}

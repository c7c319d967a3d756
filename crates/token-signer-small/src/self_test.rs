//! A known answer, signed before a key is first used: a host that computes wrongly shall not sign anything.

use crate::key::Key;
use signer_abi::ErrorCode;

/// The signature of the empty message by the seed of 32 zeros.
const KNOWN_ANSWER: [u8; 64] = [
    0x8f, 0x89, 0x5b, 0x3c, 0xaf, 0xe2, 0xc9, 0x50, 0x60, 0x39, 0xd0, 0xe2, 0xa6, 0x63, 0x82, 0x56, 0x80, 0x04, 0x67,
    0x4f, 0xe8, 0xd2, 0x37, 0x78, 0x50, 0x92, 0xe4, 0x0d, 0x6a, 0xaf, 0x48, 0x3e, 0x4f, 0xc6, 0x01, 0x68, 0x70, 0x5f,
    0x31, 0xf1, 0x01, 0x59, 0x61, 0x38, 0xce, 0x21, 0xaa, 0x35, 0x7c, 0x0d, 0x32, 0xa0, 0x64, 0xf4, 0x23, 0xdc, 0x3e,
    0xe4, 0xaa, 0x3a, 0xbf, 0x53, 0xf8, 0x03,
];

/// Whether this instance may sign.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SelfTest {
    NotRun,
    Passed,
    Failed,
}

impl SelfTest {
    /// Runs it, unless it has run.
    pub(crate) fn passed(&mut self) -> Result<(), ErrorCode> {
        if *self == Self::NotRun {
            *self = if Key::from_seed(&[0; 32]).sign(&[]) == KNOWN_ANSWER { Self::Passed } else { Self::Failed };
        }
        match self {
            Self::Passed => Ok(()),
            _ => Err(ErrorCode::SelfTestFailed),
        }
    }
}

#[cfg(test)]
mod tests {
    use ed25519_reference as reference;

    use super::*;

    #[test]
    fn the_known_answer_is_what_the_plain_integers_sign() {
        assert_eq!(KNOWN_ANSWER, reference::Key::from_seed(&[0; 32]).sign(&[]));
        assert_eq!(SelfTest::NotRun.passed(), Ok(()));
    }

    #[test]
    fn what_has_failed_once_stays_so() {
        let mut test = SelfTest::Failed;
        assert_eq!(test.passed(), Err(ErrorCode::SelfTestFailed));
        assert_eq!(test, SelfTest::Failed);
    }
}

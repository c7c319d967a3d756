//! The one error of the wrappers.

use std::fmt;

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident = $name:literal;)+) => {
        /// A stable name for what went wrong, the same in every language.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[allow(missing_docs, reason = "the names are explained in hosts/ABI.md")]
        pub enum Code {
            $($(#[$doc])* $code,)+
        }

        impl Code {
            /// Every code; the first eight in the order of the module's statuses, from 1.
            pub const ALL: [Self; 15] = [$(Self::$code,)+];

            /// The stable name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$code => $name,)+ }
            }
        }
    };
}

codes! {
    NoMessage = "NO_MESSAGE";
    NoKey = "NO_KEY";
    KeyPairMismatch = "KEY_PAIR_MISMATCH";
    SignatureInvalid = "SIGNATURE_INVALID";
    MessageTooLarge = "MESSAGE_TOO_LARGE";
    OutOfMemory = "OUT_OF_MEMORY";
    BatchLayout = "BATCH_LAYOUT";
    SelfTestFailed = "SELF_TEST_FAILED";
    KeyLength = "KEY_LENGTH";
    PublicKeyLength = "PUBLIC_KEY_LENGTH";
    SignatureLength = "SIGNATURE_LENGTH";
    Trapped = "TRAPPED";
    Closed = "CLOSED";
    NoExport = "NO_EXPORT";
    /// Never given here: `&mut self` lets no second thread in. For callers that match on every code.
    InUse = "IN_USE";
}

impl Code {
    /// The code of a module's status, or `None` for 0 (success) and for a status that no module gives.
    #[must_use]
    pub fn from_status(status: u32) -> Option<Self> {
        (1..=8).contains(&status).then(|| Self::ALL[status as usize - 1])
    }
}

pub(crate) type Result<T> = std::result::Result<T, SignerError>;

/// Why a call failed: a code to act on, and words for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}: {detail}", code.name())]
pub struct SignerError {
    /// The stable name.
    pub code: Code,
    /// For people; may change.
    pub detail: String,
}

impl SignerError {
    pub(crate) fn new(code: Code, detail: impl fmt::Display) -> Self {
        Self { code, detail: detail.to_string() }
    }

    /// From a status of the module that refuses; `None` for 0, and for a status that no module gives.
    pub(crate) fn of_status(status: u32, what: &str) -> Option<Self> {
        Code::from_status(status).map(|code| Self::new(code, format_args!("{what} was refused")))
    }
}

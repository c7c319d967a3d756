//! The one error of the wrappers.

use std::fmt;

macro_rules! codes {
    ($($code:ident = $name:literal, $meaning:literal;)+) => {
        /// A stable name for what went wrong, the same in every language.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $code,)+
        }

        impl Code {
            /// Every code; those that a module gives come first, in the order of its statuses, from 1.
            pub const ALL: &[Self] = &[$(Self::$code,)+];

            /// The stable name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$code => $name,)+ }
            }

            /// What it means and what to do, in one sentence.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$code => $meaning,)+ }
            }
        }
    };
}

// As in crates/signer-abi/src/code.rs; a test compares them. `IN_USE` is never given here, because `&mut self` lets no second
// thread in.
codes! {
    NoMessage = "NO_MESSAGE", "no message was allocated since the start or the last wipe; call allocate_message first";
    NoKey = "NO_KEY", "no key is held: none was loaded, it was refused, or it was wiped; load a key first";
    KeyPairMismatch = "KEY_PAIR_MISMATCH", "the public half of the keypair does not belong to its seed";
    SignatureInvalid = "SIGNATURE_INVALID", "the signature does not verify";
    MessageTooLarge = "MESSAGE_TOO_LARGE", "the message is longer than max_message_len() bytes (16 MiB)";
    OutOfMemory = "OUT_OF_MEMORY", "linear memory could not grow enough for this call";
    BatchLayout = "BATCH_LAYOUT", "the batch has over 4096 messages, or its lengths do not add up to the bytes that were allocated";
    SelfTestFailed = "SELF_TEST_FAILED", "the module got a known answer wrong on this host and refuses to work here; use another module";
    KeyLength = "KEY_LENGTH", "a keypair must be 64 bytes long (a seed of 32, then its public key of 32), and a seed 32";
    PublicKeyLength = "PUBLIC_KEY_LENGTH", "a public key must be 32 bytes long";
    KeyFormat = "KEY_FORMAT", "this is neither PEM nor DER nor a JWK with a key";
    KeyPem = "KEY_PEM", "the PEM is damaged: no END line belongs to its BEGIN line, or what is between them is not base64";
    KeyDer = "KEY_DER", "the DER is damaged, or is not laid out as RFC 8410 says: PKCS#8 for a private key, SubjectPublicKeyInfo for a public one";
    KeyJwk = "KEY_JWK", "the JWK is not a JSON object, or one of kty, crv, x and d is missing, there twice, or not text as RFC 8037 says";
    KeyAlgorithm = "KEY_ALGORITHM", "the key is for another algorithm than Ed25519";
    KeyEncrypted = "KEY_ENCRYPTED", "the private key is encrypted; decrypt it first, for example with openssl pkey";
    KeyIsPublic = "KEY_IS_PUBLIC", "this is a public key, where a private one was expected";
    KeyIsPrivate = "KEY_IS_PRIVATE", "this is a private key, where a public one was expected; do not hand it on";
    KeyTooLarge = "KEY_TOO_LARGE", "a file with a key may have 16384 bytes at most";
    SignatureLength = "SIGNATURE_LENGTH", "a signature must be 64 bytes long";
    Trapped = "TRAPPED", "the module trapped; its instance was replaced and the held key loaded again, or, where that failed, this object was closed";
    Closed = "CLOSED", "this object was closed; make a new one";
    NoExport = "NO_EXPORT", "the module does not export what this call needs; use another module, such as signer-raw";
    InUse = "IN_USE", "this object is in use by another thread, or by a call that has not returned; give each thread one of its own";
}

impl Code {
    /// How many codes are those of a module's statuses.
    const STATUSES: u32 = 19;

    /// The code of a module's status, or `None` for 0 (success) and for a status that no module gives.
    #[must_use]
    pub fn from_status(status: u32) -> Option<Self> {
        (1..=Self::STATUSES).contains(&status).then(|| Self::ALL[status as usize - 1])
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
    pub(crate) fn of_status(status: u32) -> Option<Self> {
        Code::from_status(status).map(|code| Self::new(code, code.meaning()))
    }
}

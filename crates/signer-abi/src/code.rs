//! The one table of stable error names. The raw ABI's statuses, the wrappers' error codes in every
//! language and the vectors' `error` answers are generated from it or checked against it.

use core::fmt;

/// One row of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Code {
    /// The stable name, the same in every language.
    pub name: &'static str,
    /// The number that the raw ABI returns, or `None` where only wrappers give this code.
    pub status: Option<u32>,
    /// What it means and what to do, in one sentence.
    pub meaning: &'static str,
}

macro_rules! codes {
    ($($variant:ident = $name:literal, $status:expr, $meaning:literal;)+) => {
        /// Why a call was refused.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum ErrorCode {
            $(#[doc = $meaning] $variant,)+
        }

        /// Every code, in the order of the statuses; the codes that only wrappers give come last.
        pub const CODES: &[Code] = &[$(Code { name: $name, status: $status, meaning: $meaning },)+];

        impl ErrorCode {
            /// Every code, in the order of [`CODES`].
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// This code's row in [`CODES`].
            #[must_use]
            pub const fn code(self) -> &'static Code {
                &CODES[self as usize]
            }

            /// The number that the raw ABI returns for this code, if it ever does.
            #[must_use]
            pub const fn status(self) -> Option<u32> {
                match self { $(Self::$variant => $status,)+ }
            }
        }
    };
}

codes! {
    NoMessage = "NO_MESSAGE", Some(1), "no message was allocated since the start or the last wipe; call allocate_message first";
    NoKey = "NO_KEY", Some(2), "no key is held: none was loaded, it was refused, or it was wiped; load a key first";
    KeyPairMismatch = "KEY_PAIR_MISMATCH", Some(3), "the public half of the keypair does not belong to its seed";
    SignatureInvalid = "SIGNATURE_INVALID", Some(4), "the signature does not verify";
    MessageTooLarge = "MESSAGE_TOO_LARGE", Some(5), "the message is longer than max_message_len() bytes (16 MiB)";
    OutOfMemory = "OUT_OF_MEMORY", Some(6), "linear memory could not grow enough for this call";
    BatchLayout = "BATCH_LAYOUT", Some(7), "the batch has over 4096 messages, or its lengths do not add up to the bytes that were allocated";
    SelfTestFailed = "SELF_TEST_FAILED", Some(8), "the module got a known answer wrong on this host and refuses to work here; use another module";
    KeyLength = "KEY_LENGTH", Some(9), "a keypair must be 64 bytes long (a seed of 32, then its public key of 32), and a seed 32";
    PublicKeyLength = "PUBLIC_KEY_LENGTH", Some(10), "a public key must be 32 bytes long";
    KeyFormat = "KEY_FORMAT", Some(11), "this is neither PEM nor DER nor a JWK with a key";
    KeyPem = "KEY_PEM", Some(12), "the PEM is damaged: no END line belongs to its BEGIN line, or what is between them is not base64";
    KeyDer = "KEY_DER", Some(13), "the DER is damaged, or is not laid out as RFC 8410 says: PKCS#8 for a private key, SubjectPublicKeyInfo for a public one";
    KeyJwk = "KEY_JWK", Some(14), "the JWK is not a JSON object, or one of kty, crv, x and d is missing, there twice, or not text as RFC 8037 says";
    KeyAlgorithm = "KEY_ALGORITHM", Some(15), "the key is for another algorithm than Ed25519";
    KeyEncrypted = "KEY_ENCRYPTED", Some(16), "the private key is encrypted; decrypt it first, for example with openssl pkey";
    KeyIsPublic = "KEY_IS_PUBLIC", Some(17), "this is a public key, where a private one was expected";
    KeyIsPrivate = "KEY_IS_PRIVATE", Some(18), "this is a private key, where a public one was expected; do not hand it on";
    KeyTooLarge = "KEY_TOO_LARGE", Some(19), "a file with a key may have 16384 bytes at most";
    SignatureLength = "SIGNATURE_LENGTH", None, "a signature must be 64 bytes long";
    Trapped = "TRAPPED", None, "the module trapped; its instance was replaced and the held key loaded again, or, where that failed, this object was closed";
    Closed = "CLOSED", None, "this object was closed; make a new one";
    NoExport = "NO_EXPORT", None, "the module does not export what this call needs; use another module, such as signer-raw";
    InUse = "IN_USE", None, "this object is in use by another thread, or by a call that has not returned; give each thread one of its own";
}

impl ErrorCode {
    /// The status that says that nothing went wrong.
    pub const OK_STATUS: u32 = 0;

    /// What an export returns: 0 for success, or the code's number.
    #[must_use]
    pub const fn status_of(result: Result<(), Self>) -> u32 {
        match result {
            Ok(()) => Self::OK_STATUS,
            Err(code) => code as u32 + 1,
        }
    }

    /// The stable name, such as `KEY_PAIR_MISMATCH`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.code().name
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code().meaning)
    }
}

impl core::error::Error for ErrorCode {}

#[cfg(test)]
mod tests {
    use super::*;

    extern crate std;

    #[test]
    fn statuses_count_up_from_one_and_wrapper_codes_come_last() {
        let statuses: std::vec::Vec<_> = CODES.iter().map_while(|code| code.status).collect();
        assert_eq!(statuses, (1..=19).collect::<std::vec::Vec<_>>());
        assert!(CODES[statuses.len()..].iter().all(|code| code.status.is_none()));
    }

    #[test]
    fn every_code_finds_its_own_row() {
        for (code, row) in ErrorCode::ALL.iter().zip(CODES) {
            assert_eq!(code.code(), row);
            assert_eq!(code.status(), row.status);
            if let Some(status) = row.status {
                assert_eq!(ErrorCode::status_of(Err(*code)), status);
            }
        }
    }
}

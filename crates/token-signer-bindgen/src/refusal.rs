//! What JavaScript gets to see of an error.

use std::fmt;

use js_sys::{Error, Reflect};
use token_signer_core::{ErrorCode, MAX_MESSAGE_LEN};
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;

/// Why a call was refused. Two rows may have one stable name, but not one text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    KeyLength,
    SeedLength,
    Key(ErrorCode),
    PublicKeyLength,
    /// With its length in bytes.
    MessageTooLarge(usize),
}

impl Refusal {
    /// The stable name that goes into the error's `code`.
    pub(crate) fn code(self) -> ErrorCode {
        match self {
            Self::KeyLength | Self::SeedLength => ErrorCode::KeyLength,
            Self::Key(code) => code,
            Self::PublicKeyLength => ErrorCode::PublicKeyLength,
            Self::MessageTooLarge(_) => ErrorCode::MessageTooLarge,
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KeyLength => f.write_str("Secret key must be 64 bytes long"),
            Self::SeedLength => f.write_str("Seed must be 32 bytes long"),
            Self::Key(code) => write!(f, "Invalid key: {code}"),
            Self::PublicKeyLength => f.write_str("Public key must be 32 bytes long"),
            Self::MessageTooLarge(len) => {
                write!(f, "Message must be at most {MAX_MESSAGE_LEN} bytes long, and has {len}")
            }
        }
    }
}

impl From<Refusal> for JsValue {
    fn from(refusal: Refusal) -> Self {
        let error = Error::new(&refusal.to_string());
        // Only a frozen object could refuse, and this one is new.
        let set = Reflect::set(&error, &"code".into(), &refusal.code().name().into());
        debug_assert!(set.is_ok(), "a new Error takes properties");
        error.into()
    }
}

/// TypeScript does not say what a function throws: this is for `catch (error) { (error as SignerError).code }`.
/// `tests/api.test.mjs` checks that it has every code that is thrown.
#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = r#"
/** The stable names of what can be wrong with a call. */
export type ErrorCode = "KEY_LENGTH" | "KEY_PAIR_MISMATCH" | "PUBLIC_KEY_LENGTH" | "MESSAGE_TOO_LARGE";

/**
 * What every function here throws, except for a value that is not a `Uint8Array`: that is a `TypeError` without a code.
 * Its `message` is for people; programs look at `code`.
 */
export interface SignerError extends Error {
  readonly code: ErrorCode;
}
"#;

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: &[Refusal] = &[
        Refusal::KeyLength,
        Refusal::SeedLength,
        Refusal::Key(ErrorCode::KeyPairMismatch),
        Refusal::PublicKeyLength,
        Refusal::MessageTooLarge(MAX_MESSAGE_LEN + 1),
    ];

    #[test]
    fn the_texts_are_the_chapters() {
        assert_eq!(Refusal::KeyLength.to_string(), "Secret key must be 64 bytes long");
        assert!(Refusal::Key(ErrorCode::KeyPairMismatch).to_string().starts_with("Invalid key: "));
    }

    #[test]
    fn texts_differ_and_are_one_line() {
        let texts: std::collections::BTreeSet<_> = ALL.iter().map(ToString::to_string).collect();
        assert_eq!(texts.len(), ALL.len());
        assert!(texts.iter().all(|text| !text.contains('\n')));
    }
}

// ANCHOR: state
use std::cell::{Cell, RefCell};

use ed25519_dalek::{Signer, SigningKey};

thread_local! {
    /// The secret seed, 32 bytes, then its public key, 32 bytes.
    static KEYPAIR: Cell<[u8; 64]> = const { Cell::new([0; 64]) };
    static SIGNATURE: Cell<[u8; 64]> = const { Cell::new([0; 64]) };
    static MESSAGE: RefCell<Option<Vec<u8>>> = const { RefCell::new(None) };
}
// ANCHOR_END: state

// ANCHOR: pointers
/// Where to write the keypair: 64 bytes, which belong to the module and never move.
#[unsafe(no_mangle)]
pub extern "C" fn get_signing_key_ptr() -> *mut u8 {
    KEYPAIR.with(|keypair| keypair.as_ptr().cast())
}

/// Where to read the signature: 64 bytes, which belong to the module and never move.
#[unsafe(no_mangle)]
pub extern "C" fn get_signature_ptr() -> *const u8 {
    SIGNATURE.with(|signature| signature.as_ptr().cast())
}

/// Allocates a buffer for a message of `len` bytes, and returns its address. The buffer belongs to
/// the module, and lasts until the next call of this function.
#[unsafe(no_mangle)]
pub extern "C" fn allocate_message(len: usize) -> *mut u8 {
    MESSAGE.with_borrow_mut(|message| message.insert(vec![0; len]).as_mut_ptr())
}
// ANCHOR_END: pointers

// ANCHOR: sign
/// Signs the message with the keypair, and leaves the signature in its buffer. Panics if there
/// is no message, or if the public key is not the seed's.
#[unsafe(no_mangle)]
pub extern "C" fn sign() {
    sign_buffers().unwrap();
}

fn sign_buffers() -> Result<(), &'static str> {
    let key = SigningKey::from_keypair_bytes(&KEYPAIR.get()).map_err(|_| "not a pair of keys")?;
    MESSAGE.with_borrow(|message| {
        let message = message.as_ref().ok_or("no message")?;
        SIGNATURE.set(key.sign(message).to_bytes());
        Ok(())
    })
}
// ANCHOR_END: sign

// ANCHOR: doctest
#[cfg(doctest)]
mod prevents;
// ANCHOR_END: doctest

// ANCHOR: tests
#[cfg(test)]
mod tests {
    use super::*;

    /// Published in a book: good for tests, and for nothing else.
    const KEY: [u8; 64] = [
        254, 114, 130, 212, 33, 69, 193, 93, 12, 15, 108, 76, 19, 198, 118, 148, 193, 62, 78, 4, 9, 157, 188,
        191, 132, 137, 188, 31, 54, 103, 246, 191, 62, 57, 59, 247, 76, 246, 60, 248, 227, 133, 30, 160, 254,
        106, 146, 229, 101, 149, 245, 6, 148, 125, 124, 102, 49, 14, 108, 234, 201, 122, 62, 159,
    ];
    const SIGNATURE_OF_HELLO: [u8; 64] = [
        95, 215, 84, 162, 41, 169, 4, 227, 39, 241, 140, 48, 65, 236, 149, 58, 146, 109, 35, 77, 1, 85, 7,
        44, 186, 226, 174, 250, 173, 210, 216, 163, 216, 35, 100, 178, 130, 13, 37, 8, 70, 150, 212, 194,
        137, 40, 247, 7, 208, 108, 178, 192, 86, 219, 53, 104, 166, 51, 186, 100, 27, 15, 3, 3,
    ];

    /// Does what a host does: asks for the pointers, writes, calls, reads.
    pub(super) fn sign_as_a_host(key: &[u8; 64], message: &[u8]) -> [u8; 64] {
        let message_ptr = allocate_message(message.len());
        // SAFETY: the buffers have as many bytes as are copied, and only this thread uses them.
        unsafe {
            message_ptr.copy_from_nonoverlapping(message.as_ptr(), message.len());
            get_signing_key_ptr().copy_from_nonoverlapping(key.as_ptr(), key.len());
        }
        sign();
        // SAFETY: the signature has 64 bytes.
        unsafe { get_signature_ptr().cast::<[u8; 64]>().read() }
    }

    #[test]
    fn signs_hello() {
        assert_eq!(sign_as_a_host(&KEY, b"hello"), SIGNATURE_OF_HELLO);
    }

    #[test]
    fn without_a_message_nothing_is_signed() {
        KEYPAIR.set(KEY);
        assert_eq!(sign_buffers(), Err("no message"));
    }

    #[test]
    fn another_public_key_is_refused() {
        let mut mixed = KEY;
        mixed[63] ^= 1;
        KEYPAIR.set(mixed);
        allocate_message(5);
        assert_eq!(sign_buffers(), Err("not a pair of keys"));
    }
}
// ANCHOR_END: tests

// ANCHOR: properties
#[cfg(test)]
mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn any_message_by_any_key_verifies(message: Vec<u8>, seed: [u8; 32]) {
            let key = SigningKey::from_bytes(&seed);
            let signature = tests::sign_as_a_host(&key.to_keypair_bytes(), &message);
            prop_assert!(key.verify(&message, &signature.into()).is_ok());
        }
    }
}
// ANCHOR_END: properties

//! The four exports of the chapter. They are all that it takes to sign.

#![allow(unsafe_code)] // `no_mangle`: no other symbol of the program may have these names

use token_signer_core::{ErrorCode, SIGNATURE_LEN, SigningKey};

use crate::state::{BUFFERS, State};

/// Where to write the keypair: 64 bytes, the secret seed of 32, then its public key of 32. The buffer
/// belongs to the module and never moves.
#[unsafe(no_mangle)]
pub extern "C" fn get_signing_key_ptr() -> *const u8 {
    BUFFERS.with(|buffers| buffers.keypair.as_ptr())
}

/// Where to read the signature: 64 bytes, all zero where signing was refused. The buffer belongs to the
/// module and never moves.
#[unsafe(no_mangle)]
pub extern "C" fn get_signature_ptr() -> *const u8 {
    BUFFERS.with(|buffers| buffers.signature.as_ptr())
}

/// Makes room for a message of `len` bytes, and says where. The room is zeroed, belongs to the module, and
/// replaces the last message's. 0 where `len` is over 16 MiB or memory cannot grow: there is no message
/// then. Never 0 for a length of 0.
///
/// Linear memory may grow in this call, and then every view that the host has of it is stale.
#[unsafe(no_mangle)]
pub extern "C" fn allocate_message(len: usize) -> *mut u8 {
    State::with(|state| state.allocate_message(len)).unwrap_or(std::ptr::null_mut())
}

/// Signs the message with the keypair in the buffer; the signature is then in its own buffer.
///
/// # Panics
///
/// Where the two halves of the keypair do not belong together, or no message was allocated. In a module a
/// panic is a trap: the host gets an error and must not use the instance again.
#[unsafe(no_mangle)]
pub extern "C" fn sign() {
    // Without the reason, which nobody hears: its name would bring the table of all codes into the module, 2 KB of text.
    assert!(sign_with_key_buffer().is_ok(), "cannot sign");
}

/// What [`sign`] and `try_sign` share. Zeroes the signature buffer first, so that a refusal leaves no
/// signature behind.
// ANCHOR: refuse
pub(crate) fn sign_with_key_buffer() -> Result<(), ErrorCode> {
    BUFFERS.with(|buffers| {
        buffers.signature.set([0; SIGNATURE_LEN]);
        let key = SigningKey::from_keypair(&buffers.keypair())?;
        let signature = State::with(|state| Ok(key.sign(state.message()?)))?;
        buffers.signature.set(signature);
        Ok(())
    })
}
// ANCHOR_END: refuse

#[cfg(test)]
mod tests {
    use std::slice;

    use super::*;

    /// The key of the chapter. It is published there, so it is good for tests and for nothing else.
    const PUBLISHED_KEY: [u8; 64] = [
        254, 114, 130, 212, 33, 69, 193, 93, 12, 15, 108, 76, 19, 198, 118, 148, 193, 62, 78, 4, 9, 157, 188, 191, 132,
        137, 188, 31, 54, 103, 246, 191, 62, 57, 59, 247, 76, 246, 60, 248, 227, 133, 30, 160, 254, 106, 146, 229, 101,
        149, 245, 6, 148, 125, 124, 102, 49, 14, 108, 234, 201, 122, 62, 159,
    ];

    const SIGNATURE_OF_HELLO: [u8; 64] = [
        95, 215, 84, 162, 41, 169, 4, 227, 39, 241, 140, 48, 65, 236, 149, 58, 146, 109, 35, 77, 1, 85, 7, 44, 186,
        226, 174, 250, 173, 210, 216, 163, 216, 35, 100, 178, 130, 13, 37, 8, 70, 150, 212, 194, 137, 40, 247, 7, 208,
        108, 178, 192, 86, 219, 53, 104, 166, 51, 186, 100, 27, 15, 3, 3,
    ];

    #[test]
    fn signs_hello_as_the_chapter_does() {
        let message = b"hello";
        let message_ptr = allocate_message(message.len());
        // SAFETY: the exports promise room for as many bytes as are copied, and this thread alone uses them.
        unsafe {
            message_ptr.copy_from_nonoverlapping(message.as_ptr(), message.len());
            get_signing_key_ptr().cast_mut().copy_from_nonoverlapping(PUBLISHED_KEY.as_ptr(), 64);
        }

        sign();

        // SAFETY: as above; 64 bytes are there to be read.
        let signature = unsafe { slice::from_raw_parts(get_signature_ptr(), 64) };
        assert_eq!(signature, SIGNATURE_OF_HELLO);
    }

    #[test]
    fn without_a_message_or_a_pair_nothing_is_signed() {
        // A new thread is a new instance: no message, and a key buffer of zeros, whose public half is wrong.
        std::thread::spawn(|| {
            assert_eq!(sign_with_key_buffer(), Err(ErrorCode::KeyPairMismatch));
            BUFFERS.with(|buffers| buffers.keypair.set(PUBLISHED_KEY));
            assert_eq!(sign_with_key_buffer(), Err(ErrorCode::NoMessage));
            assert!(!allocate_message(0).is_null());
            assert_eq!(sign_with_key_buffer(), Ok(()));
            assert!(allocate_message(token_signer_core::MAX_MESSAGE_LEN + 1).is_null());
            assert_eq!(sign_with_key_buffer(), Err(ErrorCode::MessageTooLarge));
            assert_eq!(BUFFERS.with(|buffers| buffers.signature.get()), [0; SIGNATURE_LEN]);
        })
        .join()
        .unwrap();
    }
}

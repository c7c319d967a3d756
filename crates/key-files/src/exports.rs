//! What a host calls. Lengths, pointers and statuses are i32, all unsigned; a status is one of [`ErrorCode`], 0 for success.
//!
//! To read a key the host writes the file at [`get_file_ptr`] and calls [`read_private_key`] or [`read_public_key`]; the key is then
//! at [`get_seed_ptr`] and [`get_public_key_ptr`]. To write one it fills these and calls [`write_private_key`] or
//! [`write_public_key`]; the file is then at [`get_file_ptr`]. [`wipe`] clears all of them.

#![allow(unsafe_code)] // `no_mangle`: no other symbol of the program may have these names

use core::cell::UnsafeCell;

use signer_abi::{ErrorCode, burn_stack};

use crate::read::{self, Scratch};
use crate::{Form, MAX_FILE_LEN, PrivateKey, write};

/// How much of the stack is cleared, in bytes: more than any call uses.
const BURNED_STACK_LEN: usize = 16 * 1024;

/// What an instance holds.
struct Instance {
    file: [u8; MAX_FILE_LEN],
    /// Of the file that was written last.
    file_len: usize,
    seed: [u8; 32],
    public_key: [u8; 32],
    has_public_key: bool,
    scratch: Scratch,
}

const EMPTY: Instance = Instance {
    file: [0; MAX_FILE_LEN],
    file_len: 0,
    seed: [0; 32],
    public_key: [0; 32],
    has_public_key: false,
    scratch: [0; MAX_FILE_LEN],
};

struct TheInstance(UnsafeCell<Instance>);

// SAFETY: the module is built without threads, so that nothing is ever shared between two.
unsafe impl Sync for TheInstance {}

static INSTANCE: TheInstance = TheInstance(UnsafeCell::new(EMPTY));

fn instance() -> &'static mut Instance {
    // SAFETY: every export calls this once, none calls another, and the module has one thread: no two are alive.
    unsafe { &mut *INSTANCE.0.get() }
}

/// The version of this ABI.
#[unsafe(no_mangle)]
pub extern "C" fn keys_abi_version() -> u32 {
    1
}

/// The most bytes that a file may have.
#[unsafe(no_mangle)]
pub extern "C" fn max_file_len() -> u32 {
    MAX_FILE_LEN as u32
}

/// The file: room for [`max_file_len`] bytes.
#[unsafe(no_mangle)]
pub extern "C" fn get_file_ptr() -> *const u8 {
    instance().file.as_ptr()
}

/// How many bytes the file has that was written last.
#[unsafe(no_mangle)]
pub extern "C" fn file_len() -> usize {
    instance().file_len
}

/// The seed: 32 bytes.
#[unsafe(no_mangle)]
pub extern "C" fn get_seed_ptr() -> *const u8 {
    instance().seed.as_ptr()
}

/// The public key: 32 bytes.
#[unsafe(no_mangle)]
pub extern "C" fn get_public_key_ptr() -> *const u8 {
    instance().public_key.as_ptr()
}

/// 1 if the key that was read last had a public key, or was one; 0 otherwise.
#[unsafe(no_mangle)]
pub extern "C" fn has_public_key() -> u32 {
    instance().has_public_key.into()
}

/// Reads a private key from the first `len` bytes of the file, which is cleared. A key that was read before is gone in any case.
#[unsafe(no_mangle)]
pub extern "C" fn read_private_key(len: usize) -> u32 {
    after_secrets(|instance| {
        instance.take(len, |file, scratch| {
            read::private_key(file, scratch).map(|PrivateKey { seed, public_key }| (seed, public_key))
        })
    })
}

/// Reads a public key from the first `len` bytes of the file, which is cleared. A key that was read before is gone in any case.
#[unsafe(no_mangle)]
pub extern "C" fn read_public_key(len: usize) -> u32 {
    after_secrets(|instance| {
        instance
            .take(len, |file, scratch| read::public_key(file, scratch).map(|public_key| ([0; 32], Some(public_key))))
    })
}

/// Writes the private key to the file, with its public key beside it if `with_public_key` is not 0. `form` is 1 for PEM, 2 for DER,
/// 3 for JWK.
#[unsafe(no_mangle)]
pub extern "C" fn write_private_key(form: u32, with_public_key: u32) -> u32 {
    after_secrets(|instance| {
        let public_key = (with_public_key != 0).then_some(instance.public_key);
        let key = PrivateKey { seed: instance.seed, public_key };
        instance.put(form_of(form).and_then(|form| write::private_key(&key, form)))
    })
}

/// Writes the public key to the file. `form` as for [`write_private_key`].
#[unsafe(no_mangle)]
pub extern "C" fn write_public_key(form: u32) -> u32 {
    after_secrets(|instance| {
        let key = instance.public_key;
        instance.put(form_of(form).map(|form| write::public_key(&key, form)))
    })
}

/// Clears every buffer.
#[unsafe(no_mangle)]
pub extern "C" fn wipe() {
    *instance() = EMPTY;
}

/// Does what leaves secrets on the stack and in the scratch, and clears both.
fn after_secrets(work: impl FnOnce(&mut Instance) -> Result<(), ErrorCode>) -> u32 {
    #[inline(never)]
    fn apart(work: impl FnOnce(&mut Instance) -> Result<(), ErrorCode>) -> u32 {
        let instance = instance();
        let status = ErrorCode::status_of(work(instance));
        instance.scratch = [0; MAX_FILE_LEN];
        status
    }
    let status = apart(work);
    burn_stack::<BURNED_STACK_LEN>();
    status
}

impl Instance {
    /// Takes a key from the file.
    fn take(
        &mut self,
        len: usize,
        read: impl FnOnce(&[u8], &mut Scratch) -> Result<([u8; 32], Option<[u8; 32]>), ErrorCode>,
    ) -> Result<(), ErrorCode> {
        let found = match self.file.get(..len) {
            Some(file) => read(file, &mut self.scratch),
            None => Err(ErrorCode::KeyTooLarge),
        };
        self.file = [0; MAX_FILE_LEN];
        self.file_len = 0;
        let (seed, public_key) = found.unwrap_or_default();
        self.seed = seed;
        self.public_key = public_key.unwrap_or_default();
        self.has_public_key = public_key.is_some();
        found.map(|_| ())
    }

    /// Puts what was written in the place of the file.
    fn put(&mut self, written: Result<write::File, ErrorCode>) -> Result<(), ErrorCode> {
        self.file = [0; MAX_FILE_LEN];
        self.file_len = 0;
        let written = written?;
        let bytes = written.as_bytes();
        self.file[..bytes.len()].copy_from_slice(bytes);
        self.file_len = bytes.len();
        Ok(())
    }
}

fn form_of(number: u32) -> Result<Form, ErrorCode> {
    match number {
        1 => Ok(Form::Pem),
        2 => Ok(Form::Der),
        3 => Ok(Form::Jwk),
        _ => Err(ErrorCode::KeyFormat),
    }
}

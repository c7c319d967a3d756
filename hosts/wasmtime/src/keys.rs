//! Keys as people have them: PEM, DER and JWK, read and written by the module `keys`.

use std::{fmt, io};

use zeroize::Zeroizing;

use crate::error::{Code, Result, SignerError};
use crate::guest::{Guarded, Guest, guarded};
use crate::signer::{KEYPAIR_LEN, PUBLIC_KEY_LEN, SEED_LEN, Signer, SignerModule, public_key_of, seed_of};

/// A seed, and the public key if one stood beside it. Dropping it clears the seed.
#[derive(Clone)]
pub struct PrivateKey {
    seed: Zeroizing<[u8; SEED_LEN]>,
    public_key: Option<[u8; PUBLIC_KEY_LEN]>,
}

impl PrivateKey {
    /// A key of 32 bytes of seed, and perhaps 32 of public key. Whether the two belong together is looked at by
    /// [`Signer::from_private_key`].
    ///
    /// # Errors
    ///
    /// `KEY_LENGTH`, `PUBLIC_KEY_LENGTH`.
    pub fn new(seed: &[u8], public_key: Option<&[u8]>) -> Result<Self> {
        let seed = Zeroizing::new(*seed_of(seed)?);
        Ok(Self { seed, public_key: public_key.map(public_key_of).transpose()?.copied() })
    }

    /// A new key, from the system's randomness.
    ///
    /// # Errors
    ///
    /// If the system has none.
    pub fn generate() -> io::Result<Self> {
        let mut seed = Zeroizing::new([0; SEED_LEN]);
        getrandom::fill(seed.as_mut_slice())?;
        Ok(Self { seed, public_key: None })
    }

    /// The secret.
    #[must_use]
    pub fn seed(&self) -> &[u8; SEED_LEN] {
        &self.seed
    }

    /// The public key that stood beside it.
    #[must_use]
    pub fn public_key(&self) -> Option<[u8; PUBLIC_KEY_LEN]> {
        self.public_key
    }
}

/// Without the seed.
impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey").field("public_key", &self.public_key).finish_non_exhaustive()
    }
}

impl Signer {
    /// A signer that holds `key`. A public key that it lacks is derived.
    ///
    /// # Errors
    ///
    /// `KEY_PAIR_MISMATCH` if the public key is not the seed's own; `SELF_TEST_FAILED`, `TRAPPED`; `NO_EXPORT` if the module
    /// cannot derive.
    pub fn from_private_key(module: &SignerModule, key: &PrivateKey) -> Result<Self> {
        let mut signer = Self::without_key(module)?;
        let public_key = match key.public_key {
            Some(public_key) => public_key,
            None => signer.derive_public_key(key.seed.as_slice())?,
        };
        let mut keypair = Zeroizing::new([0; KEYPAIR_LEN]);
        let (seed, public) = keypair.split_at_mut(SEED_LEN);
        seed.copy_from_slice(key.seed.as_slice());
        public.copy_from_slice(&public_key);
        signer.load_key(keypair.as_slice())?;
        Ok(signer)
    }
}

/// How a key is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// Text between a line BEGIN and a line END, as OpenSSL writes it: PKCS#8, and SubjectPublicKeyInfo.
    Pem = 1,
    /// The bytes that a PEM has in base64.
    Der = 2,
    /// A JSON object (RFC 8037), text.
    Jwk = 3,
}

/// Reads and writes files that hold a key. Whatever form a file has, is seen from the file.
///
/// Nothing stays in it after a call. After `TRAPPED` it has a new instance, or, if none could be made, is closed.
pub struct Keys {
    module: SignerModule,
    /// `None` once it is closed.
    loaded: Option<Loaded>,
}

impl Keys {
    /// Of the module `keys`.
    ///
    /// # Errors
    ///
    /// `TRAPPED` if the module cannot be instantiated, `NO_EXPORT` if it is another one.
    pub fn new(module: &SignerModule) -> Result<Self> {
        Ok(Self { module: module.clone(), loaded: Some(Loaded::new(module)?) })
    }

    /// Reads a private key: PKCS#8 as PEM or DER, or a JWK with `d`. `file` is what the file has, at most 16384 bytes.
    ///
    /// # Errors
    ///
    /// `KEY_FORMAT`, `KEY_PEM`, `KEY_DER`, `KEY_JWK`, `KEY_ALGORITHM`, `KEY_ENCRYPTED`, `KEY_IS_PUBLIC`, `KEY_TOO_LARGE`,
    /// `KEY_LENGTH`, `PUBLIC_KEY_LENGTH`; `TRAPPED`, `CLOSED`.
    pub fn read_private_key(&mut self, file: impl AsRef<[u8]>) -> Result<PrivateKey> {
        self.read("read_private_key", file.as_ref(), |loaded| {
            let has_public_key = loaded.guest.number("has_public_key")? != 0;
            Ok(PrivateKey {
                seed: Zeroizing::new(loaded.guest.get(loaded.seed_ptr)?),
                public_key: has_public_key.then(|| loaded.guest.get(loaded.public_key_ptr)).transpose()?,
            })
        })
    }

    /// Reads a public key: SubjectPublicKeyInfo as PEM or DER, or a JWK without `d`.
    ///
    /// # Errors
    ///
    /// As for [`read_private_key`](Self::read_private_key), with `KEY_IS_PRIVATE` in the place of `KEY_IS_PUBLIC`.
    pub fn read_public_key(&mut self, file: impl AsRef<[u8]>) -> Result<[u8; PUBLIC_KEY_LEN]> {
        self.read("read_public_key", file.as_ref(), |loaded| loaded.guest.get(loaded.public_key_ptr))
    }

    /// Writes a private key, with the public key beside it if it has one. What [`Form::Pem`] and [`Form::Jwk`] give is text.
    ///
    /// # Errors
    ///
    /// `KEY_JWK` for a JWK of a key without a public key; `TRAPPED`, `CLOSED`.
    pub fn write_private_key(&mut self, key: &PrivateKey, form: Form) -> Result<Zeroizing<Vec<u8>>> {
        self.guarded(|loaded| {
            loaded.guest.put(loaded.seed_ptr, key.seed.as_slice())?;
            if let Some(public_key) = &key.public_key {
                loaded.guest.put(loaded.public_key_ptr, public_key)?;
            }
            let with_public_key = u32::from(key.public_key.is_some());
            loaded.guest.status_of("write_private_key", (form as u32, with_public_key))?;
            loaded.file().map(Zeroizing::new)
        })
    }

    /// Writes a public key of 32 bytes.
    ///
    /// # Errors
    ///
    /// `PUBLIC_KEY_LENGTH`; `TRAPPED`, `CLOSED`.
    pub fn write_public_key(&mut self, public_key: &[u8], form: Form) -> Result<Vec<u8>> {
        self.guarded(|loaded| {
            loaded.guest.put(loaded.public_key_ptr, public_key_of(public_key)?)?;
            loaded.guest.status_of("write_public_key", form as u32)?;
            loaded.file()
        })
    }

    /// Ends it, as dropping it does.
    pub fn close(self) {}

    /// All of linear memory; empty once it is closed. For tests that look for what should not be there.
    #[must_use]
    pub fn linear_memory(&self) -> &[u8] {
        self.loaded.as_ref().map_or(&[], |loaded| loaded.guest.data())
    }

    fn read<T>(&mut self, export: &str, file: &[u8], take: impl FnOnce(&mut Loaded) -> Result<T>) -> Result<T> {
        self.guarded(|loaded| {
            if file.len() > loaded.max_file_len {
                let detail =
                    format_args!("{} bytes; a file with a key has at most {}", file.len(), loaded.max_file_len);
                return Err(SignerError::new(Code::KeyTooLarge, detail));
            }
            loaded.guest.put(loaded.file_ptr, file)?;
            loaded.guest.status_of(export, file.len() as u32)?;
            take(loaded)
        })
    }

    /// Runs `work` on the instance, which is wiped after it.
    fn guarded<T>(&mut self, work: impl FnOnce(&mut Loaded) -> Result<T>) -> Result<T> {
        guarded(
            &mut self.loaded,
            || Loaded::new(&self.module),
            |loaded| {
                let result = work(loaded);
                if !loaded.guest.is_finished {
                    loaded.guest.call::<(), ()>("wipe", ())?;
                }
                result
            },
        )
    }
}

/// An instance, and where its buffers are.
struct Loaded {
    guest: Guest,
    file_ptr: usize,
    max_file_len: usize,
    seed_ptr: usize,
    public_key_ptr: usize,
}

impl Loaded {
    fn new(module: &SignerModule) -> Result<Self> {
        let mut guest = module.instantiate()?;
        Ok(Self {
            file_ptr: guest.number("get_file_ptr")?,
            max_file_len: guest.number("max_file_len")?,
            seed_ptr: guest.number("get_seed_ptr")?,
            public_key_ptr: guest.number("get_public_key_ptr")?,
            guest,
        })
    }

    /// What was written.
    fn file(&mut self) -> Result<Vec<u8>> {
        let len = self.guest.number("file_len")?;
        self.guest.bytes(self.file_ptr, len).map(|file| file.to_vec())
    }
}

impl Guarded for Loaded {
    fn is_finished(&self) -> bool {
        self.guest.is_finished
    }
}

impl Drop for Loaded {
    fn drop(&mut self) {
        self.guest.clear_secrets();
    }
}

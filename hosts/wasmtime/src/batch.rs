//! A signer's batch modules: further modules, faster at many messages than the main one.

use std::sync::Arc;

use crate::error::{Code, SignerError};
use crate::signer::{Signer, SignerModule};

/// Finds, in a list in order of preference, the first module that signs rightly here, and holds a signer of it.
///
/// Nothing is made before a key is first asked for: the table of such a module takes some milliseconds and 250 KB.
pub(crate) struct Batch {
    /// `None` stands for one that the engine refused.
    modules: Arc<[Option<SignerModule>]>,
    /// The place in the list of the module that is used, or tried next.
    at: usize,
    signer: Option<Box<Signer>>,
}

impl Batch {
    pub(crate) fn new(modules: Arc<[Option<SignerModule>]>) -> Self {
        Self {
            modules,
            at: 0,
            signer: None,
        }
    }

    /// The place in the list of the module that is used, if there is one.
    pub(crate) fn index(&self) -> Option<usize> {
        self.signer.as_ref().map(|_| self.at)
    }

    /// A signer that holds the key, or `None` where no module of the list can be used.
    pub(crate) fn signer_of(&mut self, keypair: &[u8]) -> Result<Option<&mut Signer>, SignerError> {
        while let Some(module) = self.modules.get(self.at) {
            if let Some(module) = module
                && ready(module, &mut self.signer, keypair)?
            {
                break;
            }
            self.signer = None;
            self.at += 1;
        }
        Ok(self.signer.as_deref_mut())
    }

    /// The signer that is there, whether it holds a key or not.
    pub(crate) fn signer(&self) -> Option<&Signer> {
        self.signer.as_deref()
    }

    /// Clears every secret.
    pub(crate) fn wipe(&mut self) -> Result<(), SignerError> {
        self.signer.as_mut().map_or(Ok(()), |signer| signer.wipe())
    }
}

/// Makes the signer, if there is none yet, and gives it the key, if it has none. `false` where the module cannot be
/// used here.
fn ready(
    module: &SignerModule,
    signer: &mut Option<Box<Signer>>,
    keypair: &[u8],
) -> Result<bool, SignerError> {
    if signer.is_none() {
        *signer = Some(Box::new(Signer::without_key(module)?));
    }
    match signer {
        Some(signer) if signer.public_key().is_err() => match signer.load_key(keypair) {
            Err(error) if error.code == Code::SelfTestFailed => Ok(false),
            loaded => loaded.map(|()| true),
        },
        _ => Ok(true),
    }
}

//! A signer's batch modules: further modules, faster at many messages than the main one.

use std::sync::Arc;

use crate::error::{Code, Result};
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
        Self { modules, at: 0, signer: None }
    }

    /// The place in the list of the module that is used, if there is one.
    pub(crate) fn index(&self) -> Option<usize> {
        self.signer.as_ref().map(|_| self.at)
    }

    /// Signs with the first module of the list that can be used, or `None` if there is none.
    pub(crate) fn sign_many(&mut self, keypair: &[u8], messages: &[impl AsRef<[u8]>]) -> Option<Result<Vec<[u8; 64]>>> {
        let ready = self.make_ready(keypair);
        let signed = match (&ready, &mut self.signer) {
            (Ok(()), Some(signer)) => Some(signer.sign_many(messages)),
            _ => ready.err().map(Err),
        };
        // One that could not be restored after a trap holds nothing, and is not tried again.
        if self.signer.as_ref().is_some_and(|signer| signer.is_closed()) {
            self.pass_over();
        }
        signed
    }

    #[cfg(test)]
    pub(crate) fn signer_mut(&mut self) -> Option<&mut Signer> {
        self.signer.as_deref_mut()
    }

    /// All of the instance's linear memory, once there is one.
    pub(crate) fn linear_memory(&self) -> Option<&[u8]> {
        self.signer.as_deref().map(Signer::linear_memory)
    }

    /// Clears every secret: a signer whose `wipe` fails is dropped, which clears its memory.
    pub(crate) fn wipe(&mut self) {
        if self.signer.as_mut().is_some_and(|signer| signer.wipe().is_err()) {
            self.signer = None;
        }
    }

    fn pass_over(&mut self) {
        self.signer = None;
        self.at += 1;
    }

    /// Finds a module, makes its signer and gives it the key, as far as that is not done yet.
    fn make_ready(&mut self, keypair: &[u8]) -> Result<()> {
        let Self { modules, at, signer } = self;
        first_usable(modules, at, |module| ready(module, signer, keypair)).map(drop)
    }
}

/// Makes the signer, if there is none yet, and gives it the key, if it has none.
fn ready(module: &SignerModule, signer: &mut Option<Box<Signer>>, keypair: &[u8]) -> Result<()> {
    if signer.is_none() {
        *signer = Some(Box::new(Signer::without_key(module)?));
    }
    let Some(kept) = signer else { return Ok(()) };
    if kept.public_key().is_ok() {
        return Ok(());
    }
    let loaded = kept.load_key(keypair);
    if failed_self_test(&loaded) {
        *signer = None;
    }
    loaded
}

/// What `make` makes of the first module, from the place `at` on, that this engine compiled and that passes its self-test
/// here: `at` is then its place. `None` if there is none left. Any other error than that of the self-test is final.
pub(crate) fn first_usable<T>(
    modules: &[Option<SignerModule>],
    at: &mut usize,
    mut make: impl FnMut(&SignerModule) -> Result<T>,
) -> Result<Option<T>> {
    while let Some(module) = modules.get(*at) {
        if let Some(module) = module {
            let made = make(module);
            if !failed_self_test(&made) {
                return made.map(Some);
            }
        }
        *at += 1;
    }
    Ok(None)
}

fn failed_self_test<T>(made: &Result<T>) -> bool {
    made.as_ref().is_err_and(|error| error.code == Code::SelfTestFailed)
}

/// The most messages of one batch.
const MAX_BATCH_COUNT: usize = 4096;

/// How many of the first messages fit into one batch; at least one, because none exceeds `max_len` alone.
pub(crate) fn batch_count<'a>(messages: impl IntoIterator<Item = &'a [u8]>, max_len: usize) -> usize {
    let mut total_len = 0;
    messages
        .into_iter()
        .take(MAX_BATCH_COUNT)
        .take_while(|message| {
            total_len += message.len();
            total_len <= max_len
        })
        .count()
}

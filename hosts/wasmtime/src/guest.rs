//! An instance of a module, called by the names of its exports.

use wasmtime::{Instance, Memory, Store, StoreLimits, TypedFunc, WasmParams, WasmResults};

use crate::error::{Code, Result, SignerError};

/// An instance and its memory.
pub(crate) struct Guest {
    store: Store<StoreLimits>,
    instance: Instance,
    memory: Memory,
    /// Whether it trapped, or gave a pointer outside of its memory: it is not called any more.
    pub(crate) is_finished: bool,
}

impl Guest {
    pub(crate) fn new(mut store: Store<StoreLimits>, instance: Instance) -> Result<Self> {
        let memory = instance.get_memory(&mut store, "memory").ok_or_else(|| no_export("memory"))?;
        Ok(Self { store, instance, memory, is_finished: false })
    }

    pub(crate) fn call<P: WasmParams, R: WasmResults>(&mut self, export: &str, arguments: P) -> Result<R> {
        let function: TypedFunc<P, R> =
            self.instance.get_typed_func(&mut self.store, export).map_err(|_| no_export(export))?;
        let called = function.call(&mut self.store, arguments);
        called.map_err(|trap| self.finish(format_args!("{export}: {trap:#}")))
    }

    pub(crate) fn number(&mut self, export: &str) -> Result<usize> {
        self.call::<(), u32>(export, ()).map(|number| number as usize)
    }

    pub(crate) fn status(&mut self, export: &str) -> Result<()> {
        self.status_of(export, ())
    }

    pub(crate) fn status_of<P: WasmParams>(&mut self, export: &str, arguments: P) -> Result<()> {
        let status: u32 = self.call(export, arguments)?;
        match SignerError::of_status(status) {
            Some(refused) => Err(refused),
            None if status == 0 => Ok(()),
            None => Err(self.finish(format_args!("{export} gave the unknown status {status}"))),
        }
    }

    /// `len` bytes of memory, to write or to read.
    pub(crate) fn bytes(&mut self, ptr: usize, len: usize) -> Result<&mut [u8]> {
        let size = self.memory.data_size(&self.store);
        if ptr > size || len > size - ptr {
            return Err(self.finish("the module gave a pointer outside of its memory"));
        }
        Ok(&mut self.memory.data_mut(&mut self.store)[ptr..ptr + len])
    }

    pub(crate) fn put(&mut self, ptr: usize, bytes: &[u8]) -> Result<()> {
        self.bytes(ptr, bytes.len())?.copy_from_slice(bytes);
        Ok(())
    }

    pub(crate) fn get<const LEN: usize>(&mut self, ptr: usize) -> Result<[u8; LEN]> {
        let bytes = self.bytes(ptr, LEN)?;
        Ok(std::array::from_fn(|n| bytes[n]))
    }

    /// All of memory.
    pub(crate) fn data(&self) -> &[u8] {
        self.memory.data(&self.store)
    }

    /// What an instance that had secrets ends with. The module knows where they were; zeroing all of its memory would touch, and
    /// so allocate, every page of it.
    pub(crate) fn clear_secrets(&mut self) {
        if self.is_finished || self.call::<(), ()>("wipe", ()).is_err() {
            self.memory.data_mut(&mut self.store).fill(0);
        }
    }

    fn finish(&mut self, why: impl std::fmt::Display) -> SignerError {
        self.is_finished = true;
        SignerError::new(Code::Trapped, why)
    }
}

/// What is replaced after a trap.
pub(crate) trait Guarded {
    /// Whether its instance must not be called any more.
    fn is_finished(&self) -> bool;
}

/// Runs `work` on what is loaded. If that is finished then, it is dropped, a new one takes its place if there is one, and the
/// caller gets the error.
pub(crate) fn guarded<L: Guarded, T>(
    kept: &mut Option<L>,
    renew: impl FnOnce() -> Result<L>,
    work: impl FnOnce(&mut L) -> Result<T>,
) -> Result<T> {
    let loaded = kept.as_mut().ok_or_else(closed)?;
    let result = work(loaded);
    if loaded.is_finished() {
        // Dropped first: its memory is cleared before there is another.
        *kept = None;
        *kept = renew().ok();
    }
    result
}

pub(crate) fn closed() -> SignerError {
    SignerError::new(Code::Closed, Code::Closed.meaning())
}

pub(crate) fn no_export(name: &str) -> SignerError {
    SignerError::new(
        Code::NoExport,
        format_args!("the module has no {name} as this call needs it; use another module, such as signer-raw"),
    )
}

//! The C function behind Rust, as a Rust program on wasmtime uses it.

use wasmtime::{Engine, Instance, Module, Store};

use crate::error::{Code, SignerError};

/// A compiled adder and an instance of it.
pub struct Adder {
    module: Module,
    store: Store<()>,
    /// `None` once no new one could be made after a trap.
    instance: Option<Instance>,
}

impl Adder {
    /// Compiles and instantiates the bytes of a .wasm file.
    ///
    /// # Errors
    ///
    /// Where they are no WebAssembly module, or one that this engine cannot run.
    pub fn new(engine: &Engine, wasm: &[u8]) -> wasmtime::Result<Self> {
        let module = Module::new(engine, wasm)?;
        let mut store = Store::new(engine, ());
        let instance = Some(Instance::new(&mut store, &module, &[])?);
        Ok(Self { module, store, instance })
    }

    /// `a + b`, wrapping at 32 bits.
    ///
    /// # Errors
    ///
    /// `TRAPPED`, which this one never does; `CLOSED` after a trap that left no instance.
    pub fn add(&mut self, a: i32, b: i32) -> Result<i32, SignerError> {
        self.call("add_numbers", a, b)
    }

    /// `a / b`, towards zero.
    ///
    /// # Errors
    ///
    /// `TRAPPED` if `b` is 0, and for the lowest i32 by -1. The adder works on with a new instance.
    pub fn divide(&mut self, a: i32, b: i32) -> Result<i32, SignerError> {
        self.call("divide_numbers", a, b)
    }

    fn call(&mut self, export: &str, a: i32, b: i32) -> Result<i32, SignerError> {
        let closed = || SignerError::new(Code::Closed, "no new instance could be made after a trap");
        let instance = self.instance.ok_or_else(closed)?;
        let function = instance
            .get_typed_func::<(i32, i32), i32>(&mut self.store, export)
            .map_err(|error| SignerError::new(Code::NoExport, format_args!("{error:#}")))?;
        function.call(&mut self.store, (a, b)).map_err(|trap| {
            self.store = Store::new(self.module.engine(), ());
            self.instance = Instance::new(&mut self.store, &self.module, &[]).ok();
            SignerError::new(Code::Trapped, format_args!("{export}: {trap:#}"))
        })
    }
}

//! `wasi-runner PROGRAM.wasm [ARGUMENT…]`: runs a WASI preview 1 program under wasmtime.
//!
//! The program has this process's arguments, environment and standard streams, and the current folder as `.`; nothing
//! else of the file system. It exits with the program's exit code, with 134 where the program trapped (what a shell
//! shows for a native program that aborts), and with 2 where there is nothing to run.

#![forbid(unsafe_code)]

use std::env;
use std::path::Path;
use std::process::ExitCode;

use wasmtime::error::Context;
use wasmtime::{Engine, Linker, Module, Result, Store, Trap};
use wasmtime_wasi::p1::{self, WasiP1Ctx};
use wasmtime_wasi::{FsPerms, I32Exit, WasiCtxBuilder};

/// 128 + SIGABRT.
const TRAPPED: u8 = 134;
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let args: Vec<String> = env::args().skip(1).collect();
    let Some(program) = args.first() else {
        eprintln!("wasi-runner: no program given: wasi-runner PROGRAM.wasm [ARGUMENT…]");
        return ExitCode::from(USAGE);
    };
    match run(Path::new(program), &args) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("wasi-runner: {error:#}");
            ExitCode::from(USAGE)
        }
    }
}

/// Runs the program to its end and returns the exit code.
fn run(program: &Path, args: &[String]) -> Result<u8> {
    let engine = Engine::default();
    let module = Module::from_file(&engine, program).with_context(|| format!("cannot load {}", program.display()))?;
    let mut linker: Linker<WasiP1Ctx> = Linker::new(&engine);
    p1::add_to_linker_sync(&mut linker, |context| context)?;
    let context = WasiCtxBuilder::new()
        .inherit_stdio()
        .inherit_env()
        .args(args)
        .preopened_dir(".", ".", FsPerms::ReadWrite)?
        .build_p1();
    let mut store = Store::new(&engine, context);
    let instance = linker
        .instantiate(&mut store, &module)
        .with_context(|| format!("{} needs more than WASI preview 1", program.display()))?;
    let start = instance
        .get_typed_func::<(), ()>(&mut store, "_start")
        .with_context(|| format!("{} is a library, not a program: it exports no _start", program.display()))?;

    let Err(error) = start.call(&mut store, ()) else {
        return Ok(0);
    };
    if let Some(exit) = error.downcast_ref::<I32Exit>() {
        // An exit code has 8 bits here: one that does not fit is still a failure.
        return Ok(u8::try_from(exit.0).unwrap_or(u8::MAX));
    }
    match error.downcast_ref::<Trap>() {
        Some(trap) => eprintln!("wasi-runner: the program trapped: {trap}"),
        None => eprintln!("wasi-runner: the program failed: {error:#}"),
    }
    Ok(TRAPPED)
}

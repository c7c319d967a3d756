//! Programs of WASI preview 1, with wasmtime's own.

use vectors::answer::{Answer, Output};
use vectors::wasi::Wasi;
use wasmtime::{Engine, Linker, Module, Store};
use wasmtime_wasi::p1;
use wasmtime_wasi::p2::pipe::{MemoryInputPipe, MemoryOutputPipe};
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

use crate::raw::{State, do_steps, settle};

/// What a program may write to one of its streams: the answer is a line of the protocol, in hex.
const MOST_WRITTEN: usize = 16 << 20;

/// Runs the program, or does the steps, if there are some.
#[must_use]
pub(crate) fn run(engine: &Engine, module: &Module, program: &Wasi) -> Answer {
    let (stdout, stderr) = (MemoryOutputPipe::new(MOST_WRITTEN), MemoryOutputPipe::new(MOST_WRITTEN));
    let mut builder = WasiCtxBuilder::new();
    builder.args(&program.args).stdin(MemoryInputPipe::new(program.stdin.to_vec()));
    builder.stdout(stdout.clone()).stderr(stderr.clone());
    for variable in &program.env {
        let Some((name, value)) = variable.split_once('=') else {
            return Answer::unsupported(format!("{variable:?} has no ="));
        };
        builder.env(name, value);
    }
    for dir in &program.dirs {
        let opened = builder.preopened_dir(dir.host.as_deref().unwrap_or_default(), &dir.guest, FsPerms::ReadWrite);
        if let Err(error) = opened {
            return Answer::unsupported(format!("{}: {error:#}", dir.guest));
        }
    }
    let mut store = Store::new(engine, State { wasi: Some(builder.build_p1()), ..State::default() });
    let ended = match end_of(&mut store, module, program) {
        Ok(steps) => steps,
        Err(answer) => return answer,
    };
    Answer::ok(Output {
        exit_code: ended.exit_code.map(i32::cast_unsigned),
        stdout: Some(stdout.contents().to_vec().into()),
        stderr: Some(stderr.contents().to_vec().into()),
        steps: ended.steps,
        ..Output::default()
    })
}

struct Ended {
    exit_code: Option<i32>,
    steps: Option<Vec<Answer>>,
}

/// The whole answer, if it does not even begin.
fn end_of(store: &mut Store<State>, module: &Module, program: &Wasi) -> Result<Ended, Answer> {
    let no_instance = |error: wasmtime::Error| Answer::error_with_detail("NO_INSTANCE", format!("{error:#}"));
    let mut linker: Linker<State> = Linker::new(store.engine());
    // There is one: `run` has just made it.
    p1::add_to_linker_sync(&mut linker, |state| state.wasi.as_mut().expect("a context"))
        .map_err(|error| Answer::unsupported(format!("{error:#}")))?;
    let instance = linker.instantiate(&mut *store, module).map_err(no_instance)?;
    settle(store, module, instance);
    let Some(steps) = &program.steps else {
        let start = instance.get_typed_func::<(), ()>(&mut *store, "_start");
        let start = start.map_err(|error| Answer::unsupported(format!("{error:#}")))?;
        let exit_code = match start.call(&mut *store, ()) {
            Ok(()) => Some(0),
            Err(error) => error.downcast_ref::<wasmtime_wasi::I32Exit>().map(|exit| exit.0),
        };
        return Ok(Ended { exit_code, steps: None });
    };
    if let Ok(initialize) = instance.get_typed_func::<(), ()>(&mut *store, "_initialize") {
        match initialize.call(&mut *store, ()) {
            Ok(()) => {}
            Err(error) => match error.downcast_ref::<wasmtime_wasi::I32Exit>() {
                Some(exit) => return Ok(Ended { exit_code: Some(exit.0), steps: Some(Vec::new()) }),
                None => return Err(no_instance(error)),
            },
        }
    }
    let steps = do_steps(store, steps, None, false)?;
    Ok(Ended { exit_code: store.data().exit_code, steps: Some(steps) })
}

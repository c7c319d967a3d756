//! Gives a guest the function `log`.

use wasmtime::{Caller, Engine, Linker, Module, Result, Store, format_err};

// ANCHOR: log
fn log(mut caller: Caller<'_, ()>, text: u32, len: u32) -> Result<()> {
    let memory = caller.get_export("memory").and_then(|export| export.into_memory());
    let memory = memory.ok_or_else(|| format_err!("the guest exports no memory"))?;
    let bytes = memory.data(&caller).get(text as usize..).and_then(|rest| rest.get(..len as usize));
    let bytes = bytes.ok_or_else(|| format_err!("{len} bytes at {text} are not all in memory"))?;
    println!("guest: {}", str::from_utf8(bytes)?);
    Ok(())
}

fn linker(engine: &Engine) -> Result<Linker<()>> {
    let mut linker = Linker::new(engine);
    linker.func_wrap("env", "log", log)?;
    Ok(linker)
}
// ANCHOR_END: log

fn main() -> Result<()> {
    let file = std::env::args_os().nth(1).ok_or_else(|| format_err!("usage: host GREETER.wasm"))?;
    let engine = Engine::default();
    let mut store = Store::new(&engine, ());
    let guest = linker(&engine)?.instantiate(&mut store, &Module::from_file(&engine, file)?)?;
    guest.get_typed_func::<(), ()>(&mut store, "greet")?.call(&mut store, ())?;
    match guest.get_typed_func::<(), ()>(&mut store, "stray")?.call(&mut store, ()) {
        Ok(()) => Err(format_err!("stray was not refused")),
        Err(error) => {
            println!("refused: {}", error.root_cause());
            Ok(())
        }
    }
}

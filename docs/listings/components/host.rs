//! Signs with the signer as a component.

use wasmtime::component::{Component, Linker};
use wasmtime::{Engine, Result, Store, bail, format_err};

// ANCHOR: bindgen
mod bindings {
    wasmtime::component::bindgen!({ path: "../../crates/token-signer-component/wit", world: "signer" });
}
// ANCHOR_END: bindgen

fn main() -> Result<()> {
    let file = std::env::args_os().nth(1).ok_or_else(|| format_err!("usage: host SIGNER.wasm"))?;
    sign(&Engine::default(), file.as_ref())
}

// ANCHOR: sign
fn sign(engine: &Engine, file: &std::path::Path) -> Result<()> {
    let mut store = Store::new(engine, ());
    let component = Component::from_file(engine, file)?;
    let world = bindings::Signer::instantiate(&mut store, &component, &Linker::new(engine))?;
    let (ed25519, held_key) = (world.everyhost_signer_ed25519(), world.everyhost_signer_held_key().signer());

    let seed = [7; 32];
    let public_key = ed25519.call_derive_public_key(&mut store, &seed)??;
    let mut keypair = [&seed[..], &public_key].concat();

    let signer = held_key.call_constructor(&mut store)?;
    held_key.call_load_key(&mut store, signer, &keypair)??;
    let signature = held_key.call_sign(&mut store, signer, b"hello")??;
    println!("signature: {}", hex::encode(signature));

    keypair[63] ^= 1;
    match held_key.call_load_key(&mut store, signer, &keypair)? {
        Ok(()) => bail!("half of another key was taken"),
        Err(error) => println!("refused: {}", error.name()),
    }

    let trapped = held_key.call_sign_with(&mut store, signer, &keypair, b"hello").is_err();
    if trapped && let Err(error) = held_key.call_public_key(&mut store, signer) {
        println!("after a trap: {}", error.root_cause());
    }
    Ok(())
}
// ANCHOR_END: sign

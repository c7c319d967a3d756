//! Signs a message, then makes a token (an EdDSA JWT, RFC 8037) that the jsonwebtoken crate verifies.
//!
//! `cargo run -p host-native --example native -- --message hello --key-file my.key`

#[path = "../wasmtime/example/command.rs"]
mod command;

use std::process::ExitCode;

use anyhow::ensure;
use clap::Parser;
use command::{Input, Signed};
use everyhost_native::Signer;

/// Signs a message natively and makes a JWT that the jsonwebtoken crate verifies.
#[derive(Parser)]
#[command(help_template = command::HELP)]
struct Arguments {
    #[command(flatten)]
    input: Input,
}

fn main() -> ExitCode {
    command::main("[--message TEXT | --message-file FILE] [--key-file FILE]", |arguments: Arguments| {
        run(&arguments.input)
    })
}

fn run(input: &Input) -> anyhow::Result<()> {
    let keypair = input.keypair()?;
    let message = input.message()?;

    // ANCHOR: sign
    let signer = Signer::new(&keypair)?;
    let public_key = signer.public_key()?;
    let signature = signer.sign(&message)?;
    ensure!(Signer::verify_strict(&public_key, message.as_bytes(), &signature)?, "it did not verify");
    // ANCHOR_END: sign

    let token = command::make_jwt(&message, |signed| signer.sign(signed))?;
    // ANCHOR: close
    signer.close();
    // ANCHOR_END: close
    command::verify_and_print(&Signed {
        host: "native",
        runtime: concat!("Rust ", env!("RUSTC_VERSION")),
        module: "none, compiled for this machine",
        message: &message,
        public_key: &public_key,
        signature: &signature,
        token: &token,
    })
}

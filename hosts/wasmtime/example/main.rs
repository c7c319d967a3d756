//! Signs a message, then makes a token (an EdDSA JWT, RFC 8037) that the jsonwebtoken crate verifies.
//!
//! `cargo run -p host-wasmtime --example wasmtime -- --message hello --key-file my.key`

mod command;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{bail, ensure};
use clap::Parser;
use command::{Input, Signed};
use everyhost_wasmtime::{Code, Signer, SignerModule, TokenHeader};
use sha2::{Digest, Sha256};

/// Signs a message with a Wasm module and makes a JWT that the jsonwebtoken crate verifies.
#[derive(Parser)]
#[command(help_template = command::HELP)]
struct Arguments {
    #[command(flatten)]
    input: Input,
    /// The signer
    #[arg(long, value_name = "FILE", default_value = "target/modules/signer-raw.wasm")]
    module: PathBuf,
}

fn main() -> ExitCode {
    command::main("[--message TEXT | --message-file FILE] [--key-file FILE] [--module FILE]", run)
}

fn run(arguments: Arguments) -> anyhow::Result<()> {
    let keypair = arguments.input.keypair()?;
    let message = arguments.input.message()?;
    let file = arguments.module.display();
    ensure!(arguments.module.exists(), "{file} does not exist; build it with: make modules");
    let wasm = command::read(&arguments.module)?;
    let not_a_signer = |error: everyhost_wasmtime::SignerError| match error.code {
        Code::NoExport => anyhow::anyhow!("{file} is not a signer module: {}", error.detail),
        _ => error.into(),
    };

    // ANCHOR: sign
    let module = match SignerModule::new(&wasmtime::Engine::default(), &wasm) {
        Ok(module) => module,
        Err(error) => bail!("{file} is not a Wasm module: {error:#}"),
    };
    let mut signer = Signer::new(&module, &keypair).map_err(not_a_signer)?;
    let public_key = signer.public_key()?;
    let signature = signer.sign(&message)?;
    ensure!(signer.verify_strict(&public_key, &message, &signature)?, "it did not verify");
    // ANCHOR_END: sign

    let token = signer.sign_token(&command::claims(&message), &TokenHeader::default())?;
    // ANCHOR: close
    signer.close();
    // ANCHOR_END: close
    let name = arguments.module.file_name().unwrap_or_default().to_string_lossy();
    command::verify_and_print(&Signed {
        host: "wasmtime",
        runtime: concat!("Rust ", env!("RUSTC_VERSION"), ", wasmtime ", env!("WASMTIME_VERSION")),
        module: &format!("{name} {}", hex::encode(&Sha256::digest(&wasm)[..8])),
        message: &message,
        public_key: &public_key,
        signature: &signature,
        token: &token,
    })
}

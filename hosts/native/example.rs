//! Signs a message, then makes a token (an EdDSA JWT, RFC 8037) that the jsonwebtoken crate verifies.
//!
//! `cargo run -p host-native --example native -- --message hello --key-file my.key`

#[path = "../wasmtime/example/command.rs"]
mod command;

use std::process::ExitCode;

use anyhow::ensure;
use base64::prelude::{BASE64_URL_SAFE_NO_PAD as BASE64URL, Engine as _};
use clap::Parser;
use command::{Input, Signed};
use everyhost_native::Signer;
use serde_json::json;

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

    let token = make_jwt(&message, |signed| signer.sign(signed))?;
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

/// A token in compact form: the signature is over the first two parts as they are written.
fn make_jwt<E>(message: &str, sign: impl FnOnce(&str) -> Result<[u8; 64], E>) -> Result<String, E> {
    let header = json!({ "alg": "EdDSA", "typ": "JWT" });
    let claims = json!(command::claims(message));
    let signed = format!("{}.{}", BASE64URL.encode(header.to_string()), BASE64URL.encode(claims.to_string()));
    let signature = sign(&signed)?;
    Ok(format!("{signed}.{}", BASE64URL.encode(signature)))
}

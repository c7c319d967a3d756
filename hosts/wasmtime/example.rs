//! Signs a message, then makes a token (an EdDSA JWT, RFC 8037) that the jsonwebtoken crate verifies.
//!
//! `cargo run -p host-wasmtime --example wasmtime -- --message hello --key-file my.key`

use std::path::PathBuf;

use anyhow::{Context, ensure};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD as BASE64URL, Engine as _};
use clap::Parser;
use everyhost_wasmtime::{Signer, SignerModule};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Value, json};

/// Published in a book: good for tests, never for anything else.
const TEST_KEYPAIR: &str = "fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf\
                            3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f";

/// Signs a message with a Wasm module and makes a JWT that the jsonwebtoken crate takes.
#[derive(Parser)]
struct Arguments {
    /// Text to sign, as UTF-8.
    #[arg(long, default_value = "hello")]
    message: String,
    /// 128 hex digits: the seed of 32 bytes, then its public key. Without it, a published key, for tests only.
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
    /// The signer.
    #[arg(long, default_value = "target/modules/signer-raw.wasm")]
    module: PathBuf,
}

fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let keypair = match &arguments.key_file {
        Some(path) => {
            std::fs::read_to_string(path).with_context(|| format!("cannot read {}", path.display()))?
        }
        None => TEST_KEYPAIR.to_owned(),
    };
    let keypair = hex::decode(keypair.trim()).context("a key file holds 128 hex digits")?;
    let wasm = std::fs::read(&arguments.module).with_context(|| {
        format!(
            "cannot read {}; `make modules` builds it",
            arguments.module.display()
        )
    })?;

    // ANCHOR: sign
    let module = SignerModule::new(&wasmtime::Engine::default(), &wasm)
        .map_err(|error| anyhow::anyhow!("not a module: {error:#}"))?;
    let mut signer = Signer::new(&module, &keypair)?;
    let public_key = signer.public_key()?;
    let signature = signer.sign(&arguments.message)?;
    ensure!(
        signer.verify_strict(&public_key, &arguments.message, &signature)?,
        "it did not verify"
    );
    // ANCHOR_END: sign

    let claims = json!({ "message": arguments.message });
    let token = make_jwt(&mut signer, &claims)?;
    // ANCHOR: close
    signer.close();
    // ANCHOR_END: close
    ensure!(
        claims_of(&token, &public_key)? == claims,
        "the token says something else"
    );

    println!("public key    {}", hex::encode(public_key));
    println!("signature     {}", hex::encode(signature));
    println!("JWT           {token}");
    println!("jsonwebtoken  verified it");
    Ok(())
}

/// A token in compact form: the signature is over the first two parts as they are written.
fn make_jwt(signer: &mut Signer, claims: &Value) -> anyhow::Result<String> {
    let header = json!({ "alg": "EdDSA", "typ": "JWT" });
    let signed = format!(
        "{}.{}",
        BASE64URL.encode(header.to_string()),
        BASE64URL.encode(claims.to_string())
    );
    let signature = signer.sign(&signed)?;
    Ok(format!("{signed}.{}", BASE64URL.encode(signature)))
}

/// What a service does that gets the token: the usual library, and the public key alone.
fn claims_of(token: &str, public_key: &[u8]) -> anyhow::Result<Value> {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.required_spec_claims.clear(); // this token has no expiry
    let key = DecodingKey::from_ed_components(&BASE64URL.encode(public_key))?;
    Ok(jsonwebtoken::decode(token, &key, &validation)?.claims)
}

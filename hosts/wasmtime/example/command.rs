//! What the examples in Rust share: options, files, the token, and what is printed.

use std::fmt::Display;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use base64::prelude::{BASE64_URL_SAFE_NO_PAD as BASE64URL, Engine as _};
use clap::Parser;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde_json::{Map, Value};

/// Published in a book: good for tests, never for anything else.
const TEST_KEYPAIR: &str = "fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf\
                            3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f";

/// Usage first, as every example has it.
pub(crate) const HELP: &str = "{usage-heading} {usage}\n\n{about}\n\n{options}";

/// What is signed, with which key.
#[derive(clap::Args)]
pub(crate) struct Input {
    /// Text to sign, as UTF-8
    #[arg(long, value_name = "TEXT", default_value = "hello", conflicts_with = "message_file")]
    message: String,
    /// A file of UTF-8 to sign instead
    #[arg(long, value_name = "FILE")]
    message_file: Option<PathBuf>,
    /// The seed of 32 bytes, then its public key: 64 bytes, or 128 hex digits. Without it, a published key, for tests
    /// only
    #[arg(long, value_name = "FILE")]
    key_file: Option<PathBuf>,
}

impl Input {
    /// The message.
    pub(crate) fn message(&self) -> anyhow::Result<String> {
        let Some(path) = &self.message_file else {
            return Ok(self.message.clone());
        };
        String::from_utf8(read(path)?).map_err(|_| anyhow::anyhow!("{}: expected UTF-8", path.display()))
    }

    /// The keypair. It comes from a file because other users of a machine can see a command line.
    pub(crate) fn keypair(&self) -> anyhow::Result<Vec<u8>> {
        let Some(path) = &self.key_file else {
            return Ok(hex::decode(TEST_KEYPAIR)?);
        };
        let bytes = read(path)?;
        if bytes.len() == TEST_KEYPAIR.len() / 2 {
            return Ok(bytes);
        }
        match hex::decode(bytes.trim_ascii()) {
            Ok(keypair) if 2 * keypair.len() == TEST_KEYPAIR.len() => Ok(keypair),
            _ => bail!(
                "{}: expected a keypair of 64 bytes or 128 hex digits, found {} bytes",
                path.display(),
                bytes.len()
            ),
        }
    }
}

/// What the token says.
pub(crate) fn claims(message: &str) -> Map<String, Value> {
    Map::from_iter([("message".to_owned(), message.into())])
}

/// A file's bytes.
pub(crate) fn read(path: &Path) -> anyhow::Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))
}

/// Reads the options and runs the example. What goes wrong is one line, and the exit code says whose mistake it was.
pub(crate) fn main<A: Parser>(options: &str, run: impl FnOnce(A) -> anyhow::Result<()>) -> ExitCode {
    let arguments = match A::try_parse() {
        Ok(arguments) => arguments,
        Err(help) if !help.use_stderr() => {
            print!("{help}");
            return ExitCode::SUCCESS;
        }
        Err(wrong) => {
            let words = wrong.to_string();
            let first = words.lines().next().unwrap_or_default();
            eprintln!("example: {}; expected {options}", first.trim_start_matches("error: "));
            return ExitCode::from(2);
        }
    };
    match run(arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let words = format!("{error:#}");
            eprintln!("example: {}", words.split_whitespace().collect::<Vec<_>>().join(" "));
            ExitCode::FAILURE
        }
    }
}

/// What a service does that gets the token: the usual library, and the public key alone.
fn claims_of(token: &str, public_key: &[u8]) -> anyhow::Result<Map<String, Value>> {
    let mut validation = Validation::new(Algorithm::EdDSA);
    validation.required_spec_claims.clear(); // this token has no expiry
    let key = DecodingKey::from_ed_components(&BASE64URL.encode(public_key))?;
    Ok(jsonwebtoken::decode(token, &key, &validation)?.claims)
}

/// What was signed, and by which host.
pub(crate) struct Signed<'a> {
    pub(crate) host: &'a str,
    pub(crate) runtime: &'a str,
    pub(crate) module: &'a str,
    pub(crate) message: &'a str,
    pub(crate) public_key: &'a [u8],
    pub(crate) signature: &'a [u8],
    pub(crate) token: &'a str,
}

/// Has the token verified, then prints everything.
pub(crate) fn verify_and_print(signed: &Signed<'_>) -> anyhow::Result<()> {
    ensure!(claims_of(signed.token, signed.public_key)? == claims(signed.message), "the token says something else");
    let line = |name: &str, value: &dyn Display| println!("{name:12}  {value}");
    line("host", &signed.host);
    line("runtime", &signed.runtime);
    line("module", &signed.module);
    line("message", &format_args!("{} bytes", signed.message.len()));
    line("public key", &hex::encode(signed.public_key));
    line("signature", &hex::encode(signed.signature));
    line("token", &signed.token);
    line("verified by", &concat!("jsonwebtoken ", env!("JSONWEBTOKEN_VERSION")));
    Ok(())
}

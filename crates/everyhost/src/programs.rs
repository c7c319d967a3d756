//! Cargo, run as a step of something larger.

use std::env;
use std::io::{BufRead, BufReader, ErrorKind};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::out;

/// Removes from a command's environment whatever would change the code that cargo makes. Flags that
/// somebody set for their own programs are not meant for the modules.
pub fn isolated(command: &mut Command) -> &mut Command {
    let changes_code = |name: &str| {
        matches!(name, "RUSTFLAGS" | "CARGO_BUILD_RUSTFLAGS" | "CARGO_BUILD_TARGET" | "CARGO_INCREMENTAL")
            || matches!(name, "CARGO_TARGET_DIR" | "CARGO_BUILD_TARGET_DIR" | "CFLAGS" | "TARGET_CFLAGS")
            || name.starts_with("CARGO_PROFILE_")
            || (name.starts_with("CARGO_TARGET_") && name.ends_with("_RUSTFLAGS"))
    };
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(changes_code) {
            command.env_remove(&name);
        }
    }
    command
}

/// Runs cargo and passes its messages on, except that it has finished, which is no news when nothing was built.
pub fn run_quietly(command: &mut Command) -> Result<()> {
    let mut child = started(command.stderr(Stdio::piped()).stdin(Stdio::null()))?;
    let messages = child.stderr.take().context("cargo's stderr is piped")?;
    for line in BufReader::new(messages).lines() {
        let line = line?;
        if !line.trim_start().starts_with("Finished ") {
            out::pass_on(&line);
        }
    }
    let status = child.wait()?;
    ensure!(status.success(), "cargo failed ({status}); its messages are above");
    Ok(())
}

/// Starts a program of the Rust toolchain.
pub fn started(command: &mut Command) -> Result<Child> {
    match command.spawn() {
        Ok(child) => Ok(child),
        Err(error) if error.kind() == ErrorKind::NotFound => {
            bail!("cannot find {:?}: install Rust with rustup and put its bin folder on PATH", command.get_program())
        }
        Err(error) => Err(error).with_context(|| format!("cannot start {:?}", command.get_program())),
    }
}

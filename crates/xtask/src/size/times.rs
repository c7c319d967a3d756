//! What a build costs in time: each signs and verifies in short bursts, all in turn, in one Node process.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

use everyhost::files;

/// The program that measures. It prints what [`Answer`] reads.
const PROGRAM: &str = include_str!("times.mjs");

const BASELINE: &str = "signer-raw";

/// A ratio of two times, over all bursts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Ratio {
    /// Half of the bursts took at most this much.
    pub median: f64,
    /// A quarter took at most the first, three quarters at most the second.
    pub quartiles: [f64; 2],
}

/// How long a build takes.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Times {
    /// Signing with a held key, against [`BASELINE`].
    pub sign: Ratio,
    /// Verifying, against [`BASELINE`]; `None` where it cannot.
    pub verify: Option<Ratio>,
    /// From the instance to the first public key, in milliseconds: tables and the self-test are in it.
    pub first_ms: f64,
}

#[derive(Debug, Deserialize)]
struct Answer {
    engine: String,
    times: BTreeMap<String, Times>,
}

/// Times every signer among `files`, which are names and .wasm files. Whatever does not export `sign_loaded` is left
/// out.
pub(super) fn take<'a>(
    root: &Path,
    files: impl Iterator<Item = (&'a str, &'a Path)>,
) -> Result<(String, BTreeMap<String, Times>)> {
    let program = root.join("target/size/times.mjs");
    files::replace(&program, PROGRAM.as_bytes())?;
    let output = Command::new("node")
        .arg(&program)
        .arg(BASELINE)
        .args(files.map(|(name, file)| format!("{name}={}", file.display())))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cannot start node: install Node 20 or later")?;
    ensure!(output.status.success(), "{} failed; its messages are above", program.display());
    let answer: Answer = serde_json::from_slice(&output.stdout).context("cannot read what it measured")?;
    Ok((answer.engine, answer.times))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_signer_is_left_out_and_a_missing_baseline_is_an_error() {
        let root = tempfile::tempdir().unwrap();
        let adder = root.path().join("add.wasm");
        let wasm = wat::parse_str(r#"(module (func (export "add_numbers")))"#).unwrap();
        std::fs::write(&adder, wasm).unwrap();
        let error = take(root.path(), [("add-raw", adder.as_path())].into_iter()).unwrap_err();
        assert!(format!("{error:#}").contains("times.mjs failed"), "{error:#}");
    }
}

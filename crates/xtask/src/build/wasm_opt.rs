//! wasm-opt, from npm's `binaryen`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use everyhost::npm_tools;

/// Removes what hosts do not read. This comes last: wasm-opt itself reads `target_features` to know which
/// instructions the module may hold.
const STRIP: &[&str] = &["--strip-debug", "--strip-producers", "--strip-target-features"];

/// How every module is optimized. Measured on V8 with signer-raw: signing, verifying and batches take the same time
/// after `-O3`, `-O4` and `--converge -Oz`, within what two runs of one module differ by, because LLVM has done that work
/// already; the last is the smallest.
pub(crate) const FLAGS: &[&str] = &["--converge", "-Oz"];

/// An installed wasm-opt.
#[derive(Debug)]
pub struct WasmOpt {
    /// The folder in which npm installed it, and jco's transpiler.
    pub(super) tools: PathBuf,
    script: PathBuf,
}

impl WasmOpt {
    /// Finds wasm-opt under `target/tools/npm`, or has npm install it there.
    pub fn find_or_install(root: &Path) -> Result<Self> {
        let tools = npm_tools::find_or_install(root)?;
        Ok(Self { script: tools.join("node_modules/binaryen/bin/wasm-opt"), tools })
    }

    /// Optimizes `input`, strips it, and writes it to `output`, which may be the same file.
    pub fn optimize(&self, input: &Path, output: &Path) -> Result<()> {
        self.run(input, output, &[FLAGS, STRIP].concat())
    }

    /// Runs wasm-opt with `flags` and nothing else.
    pub fn run(&self, input: &Path, output: &Path, flags: &[&str]) -> Result<()> {
        let unfinished = output.with_extension("opt");
        let mut command = Command::new("node");
        command.arg(&self.script).args(flags).arg(input).arg("-o").arg(&unfinished);
        if let Some(said) = npm_tools::run(&mut command)? {
            bail!("wasm-opt failed on {}: {said}", input.display());
        }
        fs::rename(&unfinished, output)?;
        Ok(())
    }
}

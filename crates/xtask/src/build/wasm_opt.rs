//! wasm-opt, from npm's `binaryen`: Binaryen itself, compiled to Wasm, so that Node is all it needs. jco's transpiler, which
//! is made in the same way, is installed with it.

use std::ffi::OsStr;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

/// The manifest and the lock file that say which wasm-opt is used.
const TOOLS: &[(&str, &str)] = &[
    ("package.json", include_str!("../../tools/package.json")),
    ("package-lock.json", include_str!("../../tools/package-lock.json")),
    (".npmrc", include_str!("../../tools/.npmrc")),
];

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
    tools: PathBuf,
    script: PathBuf,
}

impl WasmOpt {
    /// Finds wasm-opt under `target/tools/npm`, or has npm install it there.
    pub fn find_or_install(root: &Path) -> Result<Self> {
        let dir = root.join("target/tools/npm");
        let script = dir.join("node_modules/binaryen/bin/wasm-opt");
        let installed = script.is_file()
            && TOOLS.iter().all(|(name, text)| fs::read_to_string(dir.join(name)).is_ok_and(|old| old == *text));
        if !installed {
            install(&dir)?;
        }
        Ok(Self { tools: dir, script })
    }

    /// The folder in which npm installed it, and jco's transpiler.
    pub(super) fn tools(&self) -> &Path {
        &self.tools
    }

    /// Which wasm-opt this is: the lock file pins it.
    pub fn version(&self) -> &'static str {
        TOOLS[1].1
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
        let status = status(&mut command, "node")?;
        ensure!(status, "wasm-opt failed on {}; its messages are above", input.display());
        fs::rename(&unfinished, output)?;
        Ok(())
    }
}

fn install(dir: &Path) -> Result<()> {
    fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    for (name, text) in TOOLS {
        fs::write(dir.join(name), text).with_context(|| format!("cannot write {}", dir.join(name).display()))?;
    }
    let mut command = Command::new("npm");
    command
        .args(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"])
        .current_dir(dir)
        .stdout(Stdio::null());
    let installed = status(&mut command, "npm")?;
    ensure!(
        installed,
        "npm could not install wasm-opt and jco's transpiler (packages binaryen, jco-transpile) in target/tools/npm; its messages are above"
    );
    Ok(())
}

pub(super) fn status(command: &mut Command, name: impl AsRef<OsStr>) -> Result<bool> {
    match command.stdin(Stdio::null()).status() {
        Ok(status) => Ok(status.success()),
        Err(error) if error.kind() == ErrorKind::NotFound => bail!(
            "cannot find {:?}, which runs wasm-opt and jco: install Node 20 or later with npm (Debian: apt-get install nodejs npm)",
            name.as_ref()
        ),
        Err(error) => Err(error).with_context(|| format!("cannot start {:?}", name.as_ref())),
    }
}

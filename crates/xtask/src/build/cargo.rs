//! Cargo, called so that the same source gives the same module wherever and by whomever it is built.

use std::iter;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

use everyhost::manifest::sha256_hex;
use everyhost::modules::Module;
use everyhost::programs::{isolated, run_quietly, started};

pub(super) const TARGET: &str = "wasm32-unknown-unknown";
const WASI_TARGET: &str = "wasm32-wasip1";

/// Cargo and rustc, with what has to be known about this machine so that nothing of it gets into a module.
#[derive(Debug)]
pub struct Cargo {
    root: PathBuf,
    /// Folders whose names would show in panic messages, and what replaces them.
    remapped: Vec<(PathBuf, String)>,
}

impl Cargo {
    /// Finds cargo, the Wasm target, and the folders whose names must not show.
    pub fn find(root: &Path) -> Result<Self> {
        for target in [TARGET, WASI_TARGET] {
            let libdir = output(&mut rustc(root, &["--print", "target-libdir", "--target", target]))?;
            ensure!(
                Path::new(libdir.trim()).is_dir(),
                "the Rust target {target} is not installed: run `rustup target add {TARGET} {WASI_TARGET}` in this folder"
            );
        }
        Ok(Self { root: root.to_path_buf(), remapped: remapped_folders(root)? })
    }

    /// Builds a module's crate and returns the linked file, not yet optimized.
    pub fn build(&self, module: &Module) -> Result<PathBuf> {
        let target_dir = self.root.join("target/wasm").join(flavour(module));
        let (target, what) = match &module.wasi {
            Some(binary) => (WASI_TARGET, vec!["--bin", binary]),
            // As a cdylib alone: if a library is also an rlib, cargo passes no `-C lto`, whatever the profile says.
            None => (TARGET, vec!["--lib", "--crate-type", "cdylib"]),
        };
        let mut command = Command::new("cargo");
        command
            .args(["rustc", "--locked"])
            .args(what)
            .args(["--target", target])
            .args(["--package", &module.package, "--profile", &module.profile])
            .args(["--no-default-features", "--features", &module.features.join(",")])
            .arg("--target-dir")
            .arg(&target_dir)
            .arg("--")
            .args(&module.last_step)
            .env("CARGO_ENCODED_RUSTFLAGS", self.rustflags(module).join("\x1f"));
        run_quietly(isolated(command.current_dir(&self.root)))?;
        let file = module.wasi.clone().unwrap_or_else(|| module.package.replace('-', "_")) + ".wasm";
        Ok(target_dir.join(target).join(&module.profile).join(file))
    }

    fn rustflags(&self, module: &Module) -> Vec<String> {
        let mut flags: Vec<_> = self
            .remapped
            .iter()
            .map(|(folder, name)| format!("--remap-path-prefix={}={name}", folder.display()))
            .collect();
        flags.extend(module.cfgs.iter().map(|cfg| format!("--cfg={cfg}")));
        if !module.target_features.is_empty() {
            flags.push(format!("-Ctarget-feature={}", module.target_features));
        }
        flags
    }
}

/// A folder for each set of flags and features: in one folder, cargo would build a crate anew whenever they change.
fn flavour(module: &Module) -> String {
    let base = if module.target_features.is_empty() { "portable" } else { module.target_features.as_str() };
    let cfgs = (!module.cfgs.is_empty()).then(|| sha256_hex(module.cfgs.concat().as_bytes())[..8].to_owned());
    let words: Vec<_> =
        iter::once(base).chain(module.features.iter().map(String::as_str)).chain(cfgs.as_deref()).collect();
    words.join("-").replace('+', "").replace(',', "-")
}

/// The folders whose names rustc would write into a module's panic messages, each with a name that is the same
/// on every machine. If several fit a path, rustc takes the last.
fn remapped_folders(root: &Path) -> Result<Vec<(PathBuf, String)>> {
    #[derive(Deserialize)]
    struct Metadata {
        packages: Vec<Package>,
    }
    #[derive(Deserialize)]
    struct Package {
        source: Option<String>,
        manifest_path: PathBuf,
    }

    let mut command = Command::new("cargo");
    command.args(["metadata", "--locked", "--format-version", "1", "--filter-platform", TARGET]).current_dir(root);
    let metadata: Metadata =
        serde_json::from_str(&output(&mut command)?).context("cannot read the answer of cargo metadata")?;

    let mut folders = vec![(root.to_path_buf(), "/everyhost".to_owned())];
    // `…/registry/src/index.crates.io-1949cf8c6b5b557f/sha2-0.11.1/Cargo.toml`: the home of cargo and the
    // folder of the registry differ from machine to machine.
    for package in metadata.packages.iter().filter(|package| package.source.is_some()) {
        let registry = package.manifest_path.parent().and_then(Path::parent).context("a package has a folder")?;
        if !folders.iter().any(|(folder, _)| folder == registry) {
            folders.push((registry.to_path_buf(), "/registry".to_owned()));
        }
    }
    // rustc names the standard library `/rustc/<commit>/library/…`, unless its source is installed here.
    let sysroot = output(&mut rustc(root, &["--print", "sysroot"]))?;
    let version = output(&mut rustc(root, &["--version", "--verbose"]))?;
    let commit = version.lines().find_map(|line| line.strip_prefix("commit-hash: ")).unwrap_or("unknown");
    folders.push((Path::new(sysroot.trim()).join("lib/rustlib/src/rust"), format!("/rustc/{commit}")));
    Ok(folders)
}

fn rustc(root: &Path, args: &[&str]) -> Command {
    let mut command = Command::new("rustc");
    command.args(args).current_dir(root);
    command
}

/// What a command prints; its stderr is passed on.
fn output(command: &mut Command) -> Result<String> {
    let child = started(command.stdout(Stdio::piped()).stdin(Stdio::null()))?;
    let output = child.wait_with_output()?;
    let program = command.get_program().to_string_lossy();
    ensure!(output.status.success(), "{program} failed ({}); its messages are above", output.status);
    Ok(String::from_utf8(output.stdout)?)
}

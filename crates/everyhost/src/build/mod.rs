//! `everyhost build`: from the crates to the files that hosts load.
//!
//! Each module goes through cargo, wasm-bindgen (where it has that face) and wasm-opt, which strips it last. What a
//! step leaves is written under another name and renamed, so that a host never sees half a file. A module whose
//! cargo output and recipe are the same as last time is left alone.

mod bindgen;
mod cargo;
mod features;
mod package;
mod panics;
mod stamp;
mod wasm_opt;

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use flate2::{Compression, GzBuilder};
use serde::Serialize;

use crate::manifest::{self, Built, Manifest, sha256_hex};
use crate::modules::{FAULTY, FIXTURES, Kind, MODULES, Module, PROBE, SIZE_BUILDS, TextModule, modules_dir};
use crate::out;

pub use bindgen::Glue;
pub(crate) use bindgen::generate;
pub use cargo::Cargo;
pub(crate) use cargo::{isolated, run_quietly};
pub use features::used_features;
pub use wasm_opt::WasmOpt;

/// What `everyhost build` is told.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct BuildArgs {
    /// Build only this module (may be given several times)
    #[arg(long = "module", value_name = "NAME")]
    pub modules: Vec<String>,
    /// Also build what only tests need, into target/fixtures
    #[arg(long)]
    pub fixtures: bool,
    /// Also build the modules that are optimized for size
    #[arg(long)]
    pub size_builds: bool,
}

/// Builds the modules of the workspace at `root` and writes `target/modules/manifest.json`.
///
/// # Errors
///
/// Where a name is unknown, a tool is missing, or a step fails. The message says what to do.
pub fn run(root: &Path, args: &BuildArgs) -> Result<()> {
    let (modules, probe) = chosen(args)?;
    let mut built = build(root, &modules)?;
    if probe {
        built.insert(
            PROBE.name.to_owned(),
            text_module(root, &PROBE, &modules_dir(root))?,
        );
        text_module(root, &FAULTY, &root.join("target/fixtures"))?;
        write_manifest(root, &built)?;
    }
    Ok(())
}

/// Builds `modules`, prints a line for each, and adds them to the manifest.
///
/// # Errors
///
/// As [`run`].
pub fn build(root: &Path, modules: &[&Module]) -> Result<Manifest> {
    let workshop = Workshop::open(root)?;
    let mut built = Manifest::new();
    for module in modules {
        let (entry, fresh) = workshop
            .make(module)
            .with_context(|| format!("module {}", module.name))?;
        out::say(line(module.name, &entry, fresh));
        built.insert(module.name.to_owned(), entry);
    }
    package::write(root)?;
    write_manifest(root, &built)?;
    Ok(built)
}

/// A module, before and after its functions lost their names. It goes to `target/size/`, not to the manifest.
pub(crate) struct Measured {
    /// As [`build`] makes it; for a module that it makes, that very file.
    pub(crate) file: PathBuf,
    /// The same code with its names.
    pub(crate) named: PathBuf,
}

/// Makes every module of `modules` for measuring alone. One that was made of the same cargo output before is left
/// alone.
pub(crate) fn for_measuring(root: &Path, modules: &[&Module]) -> Result<Vec<Measured>> {
    let workshop = Workshop::open(root)?;
    modules
        .iter()
        .map(|module| {
            workshop
                .measured(module)
                .with_context(|| format!("module {}", module.name))
        })
        .collect()
}

/// Makes a module of its text, as it stands there, and describes it.
fn text_module(root: &Path, module: &TextModule, dir: &Path) -> Result<Built> {
    let text = fs::read_to_string(root.join(module.file)).with_context(|| module.file.to_owned())?;
    let wasm = wat::parse_str(&text).with_context(|| module.file.to_owned())?;
    fs::create_dir_all(dir)?;
    let output = dir.join(module.name).with_extension("wasm");
    let is_as_it_was = fs::read(&output).is_ok_and(|old| old == wasm);
    if !is_as_it_was {
        replace(&output, &wasm)?;
    }
    let entry = Built {
        path: output.strip_prefix(root)?.to_path_buf(),
        sha256: sha256_hex(&wasm),
        bytes: wasm.len() as u64,
        gzip_bytes: gzip_len(&wasm)?,
        features: used_features(&wasm),
        glue: None,
    };
    out::say(line(module.name, &entry, !is_as_it_was));
    Ok(entry)
}

/// The modules to be built, and whether the probe is one of them.
fn chosen(args: &BuildArgs) -> Result<(Vec<&'static Module>, bool)> {
    let every = || MODULES.iter().chain(SIZE_BUILDS).chain(FIXTURES);
    if args.modules.is_empty() {
        let modules = MODULES
            .iter()
            .chain(SIZE_BUILDS.iter().filter(|_| args.size_builds))
            .chain(FIXTURES.iter().filter(|_| args.fixtures));
        return Ok((modules.collect(), true));
    }
    let mut modules = Vec::new();
    let mut probe = false;
    for name in &args.modules {
        if name == PROBE.name {
            probe = true;
            continue;
        }
        let Some(module) = every().find(|module| module.name == name) else {
            let names: Vec<_> = every().map(|module| module.name).chain([PROBE.name]).collect();
            bail!("unknown module {name:?}: expected one of {}", names.join(", "));
        };
        modules.push(module);
    }
    Ok((modules, probe))
}

/// The tools, found and ready, and the lock that keeps two builds apart.
struct Workshop<'a> {
    root: &'a Path,
    cargo: Cargo,
    wasm_opt: WasmOpt,
    _lock: File,
}

impl<'a> Workshop<'a> {
    fn open(root: &'a Path) -> Result<Self> {
        let dir = root.join("target/wasm");
        fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
        let lock = File::create(dir.join(".lock")).context("cannot make target/wasm/.lock")?;
        lock.lock().context("cannot lock target/wasm/.lock")?;
        Ok(Self {
            root,
            cargo: Cargo::find(root)?,
            wasm_opt: WasmOpt::find_or_install(root)?,
            _lock: lock,
        })
    }

    /// Makes one module, and says whether anything had to be done for it after cargo.
    fn make(&self, module: &Module) -> Result<(Built, bool)> {
        let linked = self.cargo.build(module)?;
        let recipe = stamp::recipe(&fs::read(&linked)?, module, &self.wasm_opt);
        if let Some(entry) = stamp::unchanged(self.root, module, &recipe) {
            return Ok((entry, false));
        }
        let outputs = match module.kind {
            Kind::Raw => self.make_raw(module, &linked)?,
            Kind::Bindgen { out_name } => self.make_glue(module, &linked, out_name)?,
        };
        let entry = self.describe(&outputs)?;
        stamp::write(self.root, module, &recipe, &entry, &outputs)?;
        Ok((entry, true))
    }

    fn make_raw(&self, module: &Module, linked: &Path) -> Result<Vec<PathBuf>> {
        let dir = if is_fixture(module) {
            self.root.join("target/fixtures")
        } else {
            modules_dir(self.root)
        };
        fs::create_dir_all(&dir)?;
        let output = dir.join(module.name).with_extension("wasm");
        let unfinished = output.with_extension("wasm.new");
        self.finish(linked, &unfinished)?;
        fs::rename(&unfinished, &output)?;
        Ok(vec![output])
    }

    fn make_glue(&self, module: &Module, linked: &Path, out_name: &str) -> Result<Vec<PathBuf>> {
        let base = if is_fixture(module) {
            "target/fixtures"
        } else {
            "target"
        };
        let mut outputs = Vec::new();
        for glue in [Glue::Web, Glue::Nodejs] {
            let dir = self.root.join(base).join(glue.dir());
            let unfinished = tempfile::tempdir_in(self.root.join("target/wasm"))?;
            let wasm = bindgen::generate(linked, out_name, glue, unfinished.path())?;
            self.finish(&wasm, &wasm)?;
            fs::create_dir_all(&dir)?;
            let mut names = fs::read_dir(unfinished.path())?
                .map(|file| Ok(file?.file_name()))
                .collect::<io::Result<Vec<_>>>()?;
            // The manifest's path and glue are the web target's: the .wasm first, then its .js.
            names.sort_by_key(|name| {
                let name = name.to_string_lossy().into_owned();
                (!name.ends_with(".wasm"), !name.ends_with(".js"), name)
            });
            for name in names {
                fs::rename(unfinished.path().join(&name), dir.join(&name))?;
                outputs.push(dir.join(&name));
            }
        }
        Ok(outputs)
    }

    /// The last steps of every module; `output` may be the same file as `input`.
    fn finish(&self, input: &Path, output: &Path) -> Result<()> {
        fs::write(output, panics::without_text(&fs::read(input)?)?)?;
        self.wasm_opt.optimize(output, output)
    }

    fn measured(&self, module: &Module) -> Result<Measured> {
        let linked = self.cargo.build(module)?;
        let recipe = stamp::recipe(&fs::read(&linked)?, module, &self.wasm_opt);
        let dir = self.root.join("target/size");
        fs::create_dir_all(&dir)?;
        let stem = format!("{}-{}", module.name, &recipe[..16]);
        let is_built = MODULES
            .iter()
            .chain(SIZE_BUILDS)
            .any(|known| known.name == module.name);
        let measured = Measured {
            file: if is_built {
                self.root.join(self.make(module)?.0.path)
            } else {
                dir.join(format!("{stem}.wasm"))
            },
            named: dir.join(format!("{stem}.named.wasm")),
        };
        if !measured.file.is_file() || !measured.named.is_file() {
            let unfinished = tempfile::tempdir_in(self.root.join("target/wasm"))?;
            let wasm = match module.kind {
                Kind::Raw => linked,
                Kind::Bindgen { out_name } => {
                    bindgen::generate(&linked, out_name, Glue::Web, unfinished.path())?
                }
            };
            let work = unfinished.path().join("named.wasm");
            fs::write(&work, panics::without_text(&fs::read(wasm)?)?)?;
            // Debug information of the standard library would keep wasm-opt from some of its work.
            let flags = [&["--strip-dwarf"], wasm_opt::FLAGS, &["--debuginfo"]].concat();
            self.wasm_opt.run(&work, &measured.named, &flags)?;
            if !is_built {
                self.wasm_opt.optimize(&work, &measured.file)?;
            }
        }
        Ok(measured)
    }

    /// The manifest's entry of a module whose .wasm file is the first output, followed by its glue.
    fn describe(&self, outputs: &[PathBuf]) -> Result<Built> {
        let relative = |path: &PathBuf| path.strip_prefix(self.root).map(Path::to_path_buf);
        let wasm = fs::read(&outputs[0])?;
        Ok(Built {
            path: relative(&outputs[0])?,
            sha256: sha256_hex(&wasm),
            bytes: wasm.len() as u64,
            gzip_bytes: gzip_len(&wasm)?,
            features: used_features(&wasm),
            glue: outputs.get(1).map(relative).transpose()?,
        })
    }
}

fn is_fixture(module: &Module) -> bool {
    FIXTURES.iter().any(|fixture| fixture.name == module.name)
}

/// The size of `bytes` after `gzip -9`.
///
/// # Errors
///
/// Never in practice: it compresses from memory to memory.
pub fn gzip_len(bytes: &[u8]) -> Result<u64> {
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len() as u64)
}

/// The size of `bytes` as web servers compress what does not change: brotli at its best, 11, with a window of 4 MB.
///
/// # Errors
///
/// Never in practice, as [`gzip_len`].
pub fn brotli_len(bytes: &[u8]) -> Result<u64> {
    let mut compressed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &params)?;
    Ok(compressed.len() as u64)
}

/// Adds `built` to what the manifest has of the modules that still exist.
fn write_manifest(root: &Path, built: &Manifest) -> Result<()> {
    #[derive(Serialize)]
    struct File {
        modules: Manifest,
    }
    let mut modules = manifest::load(root).unwrap_or_default();
    modules.extend(built.clone());
    modules.retain(|name, entry| {
        MODULES
            .iter()
            .chain(SIZE_BUILDS)
            .map(|module| module.name)
            .chain([PROBE.name])
            .any(|known| known == name)
            && root.join(&entry.path).is_file()
    });
    let text = serde_json::to_string_pretty(&File { modules })? + "\n";
    replace(&modules_dir(root).join("manifest.json"), text.as_bytes())
}

/// Writes a file in one step: whoever reads it sees the old contents or the new.
pub(crate) fn replace(path: &Path, contents: &[u8]) -> Result<()> {
    let dir = path.parent().context("a file has a folder")?;
    fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let mut file = tempfile::NamedTempFile::new_in(dir)?;
    file.write_all(contents)
        .with_context(|| format!("cannot write {}", path.display()))?;
    #[cfg(unix)]
    {
        // A temporary file is private to its owner; what is built is not.
        use std::os::unix::fs::PermissionsExt;
        file.as_file()
            .set_permissions(fs::Permissions::from_mode(0o644))?;
    }
    file.persist(path)
        .with_context(|| format!("cannot write {}", path.display()))?;
    Ok(())
}

fn line(name: &str, entry: &Built, fresh: bool) -> String {
    format!(
        "{name:<22} {:>9} bytes {:>9} gzip  {}{}",
        thousands(entry.bytes),
        thousands(entry.gzip_bytes),
        if entry.features.is_empty() {
            "no features".to_owned()
        } else {
            entry.features.join(", ")
        },
        if fresh { "" } else { "  (unchanged)" }
    )
}

/// `1234567` as `1,234,567`.
#[must_use]
pub fn thousands(number: u64) -> String {
    let digits = number.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_digits_by_three() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(1000), "1,000");
        assert_eq!(thousands(1_234_567), "1,234,567");
    }

    #[test]
    fn repetition_is_compressed_away_and_noise_is_not() {
        let repeated = b"Everyhost".repeat(1000);
        assert!(gzip_len(&repeated).unwrap() < 100 && brotli_len(&repeated).unwrap() < 100);
        let mut state = 1u64;
        let noise: Vec<u8> = (0..9000)
            .map(|_| {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                state.to_le_bytes()[7]
            })
            .collect();
        assert!(gzip_len(&noise).unwrap() > 8900 && brotli_len(&noise).unwrap() > 8900);
    }

    #[test]
    fn an_unknown_module_is_named_with_those_that_exist() {
        let args = BuildArgs {
            modules: vec!["signer-rwa".to_owned()],
            ..BuildArgs::default()
        };
        let error = chosen(&args).unwrap_err().to_string();
        assert!(
            error.contains("\"signer-rwa\"") && error.contains("signer-raw-simd"),
            "{error}"
        );
    }

    #[test]
    fn what_tests_need_is_built_only_when_asked_for() {
        let names = |args| {
            chosen(&args)
                .unwrap()
                .0
                .iter()
                .map(|module| module.name)
                .collect::<Vec<_>>()
        };
        assert_eq!(names(BuildArgs::default()).len(), MODULES.len());
        let all = BuildArgs {
            fixtures: true,
            size_builds: true,
            ..BuildArgs::default()
        };
        assert_eq!(
            names(all).len(),
            MODULES.len() + SIZE_BUILDS.len() + FIXTURES.len()
        );
    }

    #[test]
    fn a_file_is_replaced_whole() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("deep/file.json");
        replace(&path, b"old").unwrap();
        replace(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }
}

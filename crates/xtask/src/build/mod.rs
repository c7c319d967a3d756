//! `make modules`: from the crates to the files that hosts load.
//!
//! Each module goes through cargo, wasm-bindgen (where it has that face) and wasm-opt, which strips it last. wit-component then
//! puts it into a component, if it has a WIT. What a step leaves is written under another name and renamed, so that a host never sees half a file. A module whose
//! cargo output and recipe are the same as last time is left alone.

mod bindgen;
mod cargo;
mod component;
mod package;
mod panics;
mod stamp;
mod wasm_opt;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;

use everyhost::exports::Exports;
use everyhost::features::used_features;
use everyhost::files::replace;
use everyhost::manifest::{self, Built, Manifest, gzip_len, sha256_hex};
use everyhost::modules::{self, Component, Module, Purpose, modules_dir};
use everyhost::npm_tools;
use everyhost::out;
use everyhost::text::thousands;

pub use bindgen::Glue;
pub(crate) use bindgen::generate;
pub use cargo::Cargo;
pub use wasm_opt::WasmOpt;

/// The options of `make modules`.
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
pub fn run(root: &Path, args: &BuildArgs) -> Result<()> {
    let modules = modules::load(root)?;
    build(root, &chosen(&modules, args)?)?;
    Ok(())
}

/// Builds `modules`, prints a line for each, and adds them to the manifest.
pub fn build(root: &Path, modules: &[&Module]) -> Result<Manifest> {
    let workshop = Workshop::open(root)?;
    let mut built = Manifest::new();
    for module in modules {
        let made = match &module.text {
            Some(text) => text_module(root, module, text),
            None => workshop.make(module),
        };
        let (entry, fresh) = made.with_context(|| format!("module {}", module.name))?;
        out::say(line(&module.name, &entry, fresh));
        built.insert(module.name.clone(), entry);
    }
    package::write(root, &modules::load(root)?)?;
    write_manifest(root, &built)?;
    Ok(built)
}

/// A module, before and after its functions lost their names. It goes to `target/size/`, not to the manifest.
pub(crate) struct Measured {
    /// As [`build`] makes it; for a module that it makes, that very file.
    pub(crate) file: PathBuf,
    pub(crate) named: PathBuf,
}

/// Makes every module of `modules` for measuring alone. One that was made of the same cargo output before is left
/// alone.
pub(crate) fn for_measuring(root: &Path, modules: &[&Module]) -> Result<Vec<Measured>> {
    let workshop = Workshop::open(root)?;
    modules.iter().map(|module| workshop.measured(module).with_context(|| format!("module {}", module.name))).collect()
}

/// Makes a module of its text, and says whether the file is new.
fn text_module(root: &Path, module: &Module, text: &Path) -> Result<(Built, bool)> {
    let wasm = fs::read_to_string(root.join(text))
        .map_err(anyhow::Error::from)
        .and_then(|text| Ok(wat::parse_str(&text)?))
        .with_context(|| text.display().to_string())?;
    let output = raw_file(root, module);
    let is_as_it_was = fs::read(&output).is_ok_and(|old| old == wasm);
    if !is_as_it_was {
        replace(&output, &wasm)?;
    }
    Ok((describe(root, &[output])?, !is_as_it_was))
}

/// The modules to be built. A text costs nothing, so those of fixtures are always among them.
fn chosen<'m>(modules: &'m [Module], args: &BuildArgs) -> Result<Vec<&'m Module>> {
    if args.modules.is_empty() {
        let wanted = |module: &&Module| match module.purpose {
            Purpose::Product | Purpose::Probe => true,
            Purpose::Size => args.size_builds,
            Purpose::Fixture => args.fixtures || module.text.is_some(),
        };
        return Ok(modules.iter().filter(wanted).collect());
    }
    let find = |name: &String| {
        modules.iter().find(|module| module.name == *name).with_context(|| {
            let names: Vec<_> = modules.iter().map(|module| module.name.as_str()).collect();
            format!("unknown module {name:?}: expected one of {}", names.join(", "))
        })
    };
    args.modules.iter().map(find).collect()
}

/// Where the folders with a module's JavaScript are.
fn base(module: &Module) -> &'static str {
    if module.purpose == Purpose::Fixture { "target/fixtures" } else { "target" }
}

fn raw_file(root: &Path, module: &Module) -> PathBuf {
    let dir = match module.purpose {
        Purpose::Fixture => root.join("target/fixtures"),
        _ => modules_dir(root),
    };
    dir.join(&module.name).with_extension("wasm")
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
        Ok(Self { root, cargo: Cargo::find(root)?, wasm_opt: WasmOpt::find_or_install(root)?, _lock: lock })
    }

    /// Makes one module, and says whether anything had to be done for it after cargo.
    fn make(&self, module: &Module) -> Result<(Built, bool)> {
        let linked = self.cargo.build(module)?;
        let recipe = stamp::recipe(&fs::read(&linked)?, module);
        if let Some(entry) = stamp::unchanged(self.root, module, &recipe) {
            return Ok((entry, false));
        }
        let outputs = match (&module.bindgen, module.component) {
            (Some(out_name), _) => self.make_glue(module, &linked, out_name)?,
            (None, Some(component)) => self.make_component(module, &linked, component)?,
            (None, None) => self.make_raw(module, &linked)?,
        };
        let entry = describe(self.root, &outputs)?;
        stamp::write(self.root, module, &recipe, &entry, &outputs)?;
        Ok((entry, true))
    }

    fn make_raw(&self, module: &Module, linked: &Path) -> Result<Vec<PathBuf>> {
        let output = raw_file(self.root, module);
        fs::create_dir_all(output.parent().context("a file has a folder")?)?;
        let unfinished = output.with_extension("wasm.new");
        self.finish(linked, &unfinished)?;
        fs::rename(&unfinished, &output)?;
        Ok(vec![output])
    }

    /// A component with its core module beside it, `<name>.core.wasm`, and its JavaScript in `target/component/`; or such a core module alone.
    fn make_component(&self, module: &Module, linked: &Path, component: Component) -> Result<Vec<PathBuf>> {
        let unfinished = tempfile::tempdir_in(self.root.join("target/wasm"))?;
        let core = unfinished.path().join("core.wasm");
        self.finish(linked, &core)?;
        let encoded = component::encode(&fs::read(&core)?)?;
        let output = raw_file(self.root, module);
        Ok(match component {
            Component::Whole => {
                let core = output.with_extension("core.wasm");
                replace(&core, &encoded.core)?;
                replace(&output, &encoded.whole)?;
                let dir = self.root.join(base(module)).join("component");
                npm_tools::transpile(&self.wasm_opt.tools, &output, &module.name, &dir)?;
                let script = dir.join(&module.name).with_extension("js");
                vec![output, core, script]
            }
            Component::Core => {
                replace(&output, &encoded.core)?;
                vec![output]
            }
        })
    }

    fn make_glue(&self, module: &Module, linked: &Path, out_name: &str) -> Result<Vec<PathBuf>> {
        let mut outputs = Vec::new();
        for glue in [Glue::Web, Glue::Nodejs] {
            let dir = self.root.join(base(module)).join(glue.dir());
            let unfinished = tempfile::tempdir_in(self.root.join("target/wasm"))?;
            let wasm = bindgen::generate(linked, out_name, glue, unfinished.path())?;
            self.finish(&wasm, &wasm)?;
            fs::create_dir_all(&dir)?;
            let mut names =
                fs::read_dir(unfinished.path())?.map(|file| Ok(file?.file_name())).collect::<io::Result<Vec<_>>>()?;
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
        let recipe = stamp::recipe(&fs::read(&linked)?, module);
        let dir = self.root.join("target/size");
        fs::create_dir_all(&dir)?;
        let stem = format!("{}-{}", module.name, &recipe[..16]);
        let is_built = matches!(module.purpose, Purpose::Product | Purpose::Size);
        let measured = Measured {
            file: if is_built { self.root.join(self.make(module)?.0.path) } else { dir.join(format!("{stem}.wasm")) },
            named: dir.join(format!("{stem}.named.wasm")),
        };
        if !measured.file.is_file() || !measured.named.is_file() {
            let unfinished = tempfile::tempdir_in(self.root.join("target/wasm"))?;
            let wasm = match &module.bindgen {
                None => linked,
                Some(out_name) => bindgen::generate(&linked, out_name, Glue::Web, unfinished.path())?,
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
}

/// The manifest's entry of a module whose .wasm file is the first output, followed by its core module and its glue.
fn describe(root: &Path, outputs: &[PathBuf]) -> Result<Built> {
    let relative = |path: &PathBuf| path.strip_prefix(root).map(Path::to_path_buf);
    let wasm = fs::read(&outputs[0])?;
    let is = |ending: &'static str| move |path: &&PathBuf| path.to_string_lossy().ends_with(ending);
    let core = outputs.iter().find(is(".core.wasm")).map(fs::read).transpose()?;
    let module = core.as_deref().unwrap_or(&wasm);
    let functions = Exports::read(module)?.functions.into_iter();
    Ok(Built {
        path: relative(&outputs[0])?,
        sha256: sha256_hex(&wasm),
        bytes: wasm.len() as u64,
        gzip_bytes: gzip_len(&wasm)?,
        features: used_features(module),
        exports: functions.map(|function| function.export).collect(),
        glue: outputs.iter().find(is(".js")).map(relative).transpose()?,
        component: core.is_some(),
    })
}

/// The size of `bytes` as web servers compress what does not change: brotli at its best, 11, with a window of 4 MB.
pub fn brotli_len(bytes: &[u8]) -> Result<u64> {
    let mut compressed = Vec::new();
    let params = brotli::enc::BrotliEncoderParams { quality: 11, lgwin: 22, ..Default::default() };
    brotli::BrotliCompress(&mut &bytes[..], &mut compressed, &params)?;
    Ok(compressed.len() as u64)
}

/// Adds `built` to what the manifest has of the modules that still exist.
fn write_manifest(root: &Path, built: &Manifest) -> Result<()> {
    #[derive(Serialize)]
    struct File {
        modules: Manifest,
    }
    let records = modules::load(root)?;
    let mut modules = manifest::load(root).unwrap_or_default();
    modules.extend(built.clone());
    modules.retain(|name, entry| {
        let is_listed = |module: &Module| module.name == *name && module.purpose != Purpose::Fixture;
        records.iter().any(is_listed) && root.join(&entry.path).is_file()
    });
    let text = serde_json::to_string_pretty(&File { modules })? + "\n";
    replace(&modules_dir(root).join("manifest.json"), text.as_bytes())
}

fn line(name: &str, entry: &Built, fresh: bool) -> String {
    format!(
        "{name:<22} {:>9} bytes {:>9} gzip  {}{}",
        thousands(entry.bytes),
        thousands(entry.gzip_bytes),
        if entry.features.is_empty() { "no features".to_owned() } else { entry.features.join(", ") },
        if fresh { "" } else { "  (unchanged)" }
    )
}

#[cfg(test)]
mod tests {
    use super::*;

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

    fn records() -> Vec<Module> {
        modules::parse(include_str!("../../../modules.toml")).unwrap()
    }

    #[test]
    fn an_unknown_module_is_named_with_those_that_exist() {
        let args = BuildArgs { modules: vec!["signer-rwa".to_owned()], ..BuildArgs::default() };
        let error = chosen(&records(), &args).unwrap_err().to_string();
        assert!(error.contains("\"signer-rwa\""), "{error}");
        assert!(error.contains("signer-raw-simd"), "{error}");
    }

    #[test]
    fn what_tests_need_is_built_only_when_asked_for() {
        let records = records();
        let built = |fixtures, size_builds| {
            let args = BuildArgs { fixtures, size_builds, ..BuildArgs::default() };
            chosen(&records, &args).unwrap().len()
        };
        let are = |purpose| records.iter().filter(|module| module.purpose == purpose).count();
        let texts = 1;
        assert_eq!(built(false, false), are(Purpose::Product) + are(Purpose::Probe) + texts);
        assert_eq!(built(true, false) - built(false, false), are(Purpose::Fixture) - texts);
        assert_eq!(built(false, true) - built(false, false), are(Purpose::Size));
    }
}

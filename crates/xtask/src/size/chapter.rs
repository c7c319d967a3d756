//! The chapter's own ladder: what it does to its module, one step after the other.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::Result;

use super::Rung;
use crate::build::{Glue, WasmOpt, generate};
use everyhost::programs::{isolated, run_quietly};

/// Where the chapter's code is, from the root of the workspace.
const LISTINGS: &str = "docs/listings/chapter";

/// The features that rustc's modules use by default. The chapter's profile strips symbols, and with them the section
/// in which wasm-opt would read this; without it wasm-opt now refuses `memory.copy`.
const ENABLE: &[&str] = &[
    "--enable-bulk-memory",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-multivalue",
    "--enable-sign-ext",
];

pub(super) fn ladder(root: &Path) -> Result<Vec<Rung>> {
    let chapter = Chapter { root, wasm_opt: WasmOpt::find_or_install(root)? };
    // These builds have their names, except for those that strip them.
    let rung = |name, how, file: &Path| Rung::of_module("chapter", name, how, file, file);
    let profile = root.join(LISTINGS).join("token-signer/profile.toml");

    let debug = chapter.cargo("token-signer", "debug", &["build"])?;
    let mut rungs = vec![rung("debug", "cargo build", &debug)?];

    let release = chapter.cargo("token-signer", "release", &["build", "--release"])?;
    rungs.push(rung("release", "cargo build --release", &release)?);

    let bindgen = chapter.bindgen()?;
    rungs.push(rung("wasm-pack", "its three steps: cargo build --release, wasm-bindgen, wasm-opt -O", &bindgen)?);

    let with_profile = ["--release", "--config", &profile.to_string_lossy()];
    let profiled = chapter.cargo("token-signer", "profile", &[&["build"], &with_profile[..]].concat())?;
    rungs.push(rung(
        "profile",
        "opt-level 'z', strip 'symbols', and an lto that cargo ignores beside an rlib",
        &profiled,
    )?);
    rungs.push(rung("wasm-opt", "wasm-opt --converge -Oz", &chapter.optimized(&profiled)?)?);

    let as_cdylib = ["rustc", "--crate-type", "cdylib"];
    let lto = chapter.cargo("token-signer", "lto", &[&as_cdylib[..], &with_profile].concat())?;
    rungs.push(rung(
        "lto",
        "instead: the profile with cargo rustc --crate-type cdylib, so that its lto takes effect",
        &lto,
    )?);
    rungs.push(rung("lto-wasm-opt", "wasm-opt --converge -Oz", &chapter.optimized(&lto)?)?);
    Ok(rungs)
}

struct Chapter<'a> {
    root: &'a Path,
    wasm_opt: WasmOpt,
}

impl Chapter<'_> {
    fn dir(&self) -> PathBuf {
        self.root.join("target/chapter")
    }

    /// Builds a listing in a folder of its own, by the command of cargo's in `args`, and returns its module.
    fn cargo(&self, listing: &str, step: &str, args: &[&str]) -> Result<PathBuf> {
        let target_dir = self.dir().join(listing).join(step);
        let mut command = Command::new("cargo");
        command
            .args(args)
            .args(["--locked", "--lib", "--target=wasm32-unknown-unknown"])
            .arg("--target-dir")
            .arg(&target_dir)
            // The code is the chapter's, and today's compiler has opinions about it.
            .env("CARGO_ENCODED_RUSTFLAGS", "-Awarnings")
            .current_dir(self.root.join(LISTINGS).join(listing));
        run_quietly(isolated(&mut command))?;
        let profile = if args.contains(&"--release") { "release" } else { "debug" };
        Ok(target_dir.join("wasm32-unknown-unknown").join(profile).join("token_signer.wasm"))
    }

    /// What the chapter does with a finished module; the result is beside it.
    fn optimized(&self, module: &Path) -> Result<PathBuf> {
        let optimized = module.with_extension("opt.wasm");
        let flags = [&["--converge", "-Oz"], ENABLE].concat();
        self.wasm_opt.run(module, &optimized, &flags)?;
        Ok(optimized)
    }

    /// What `wasm-pack build --target web` does.
    fn bindgen(&self) -> Result<PathBuf> {
        let linked = self.cargo("token-signer-bindgen", "release", &["build", "--release"])?;
        let pkg = self.dir().join("pkg");
        let wasm = generate(&linked, "token_signer", Glue::Web, &pkg)?;
        self.wasm_opt.run(&wasm, &wasm, &["-O"])?;
        Ok(wasm)
    }
}

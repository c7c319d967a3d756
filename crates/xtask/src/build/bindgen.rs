//! wasm-bindgen as a library: its version is that of the crate in Cargo.lock, so that the two can never differ.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use wasm_bindgen_cli_support::Bindgen;

/// For whom the JavaScript is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Glue {
    /// An ES module that fetches the .wasm file: `import init, { … } from './pkg/….js'`.
    Web,
    /// A CommonJS module for Node that reads the .wasm file when it is loaded.
    Nodejs,
}

impl Glue {
    /// The folder under `target/`.
    pub fn dir(self) -> &'static str {
        match self {
            Self::Web => "pkg",
            Self::Nodejs => "pkg-nodejs",
        }
    }
}

/// Writes `<out_name>.js`, its types and `<out_name>_bg.wasm` into `dir`, and returns the .wasm file, not yet
/// optimized.
pub(crate) fn generate(linked: &Path, out_name: &str, glue: Glue, dir: &Path) -> Result<PathBuf> {
    let mut bindgen = Bindgen::new();
    match glue {
        Glue::Web => bindgen.web(true)?,
        Glue::Nodejs => bindgen.nodejs(true)?,
    };
    bindgen
        .input_path(linked)
        .out_name(out_name)
        .typescript(true)
        // The names of functions are read once more, and then stripped.
        .demangle(false)
        // Without it `init()` would not know where its .wasm file is, and `await init()` is how the chapter starts.
        .omit_default_module_path(false)
        .generate(dir)
        .with_context(|| format!("wasm-bindgen failed on {}", linked.display()))?;
    Ok(dir.join(format!("{out_name}_bg.wasm")))
}

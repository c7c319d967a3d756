//! `target/modules/manifest.json`: what `make modules` has built.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use flate2::{Compression, GzBuilder};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use vectors::protocol::ModuleFile;

use crate::component::Shape;
use crate::modules::modules_dir;

/// One built module.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Built {
    /// The .wasm file, from the root of the workspace.
    pub path: PathBuf,
    /// Of the file, lower-case hex.
    pub sha256: String,
    /// The file's size.
    pub bytes: u64,
    /// Its size after `gzip -9`.
    pub gzip_bytes: u64,
    /// The Wasm features that it uses.
    #[serde(default)]
    pub features: Vec<String>,
    /// The functions that it exports.
    #[serde(default)]
    pub exports: Vec<String>,
    /// Its JavaScript: wasm-bindgen's, or for a component jco's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub glue: Option<PathBuf>,
    /// Whether the file is a component. Exports and features are those of its core module.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub component: bool,
}

/// How a module begins: the magic number and the version.
const MODULE: &[u8] = b"\0asm\x01\0\0\0";
/// How a component begins.
const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";

/// Every built module, by name.
pub type Manifest = BTreeMap<String, Built>;

/// Reads the manifest under `root`.
pub fn load(root: &Path) -> Result<Manifest> {
    #[derive(Deserialize)]
    struct File {
        modules: Manifest,
    }
    let path = modules_dir(root).join("manifest.json");
    let text = fs::read_to_string(&path)
        .with_context(|| format!("cannot read {}: run `make modules` first", path.display()))?;
    let file: File = serde_json::from_str(&text)
        .with_context(|| format!("{} is broken: run `make modules` again", path.display()))?;
    Ok(file.modules)
}

/// Checks that the file is a Wasm module and the very one that was built, and says where it is.
pub fn locate(root: &Path, name: &str, built: &Built) -> Result<ModuleFile> {
    let path = root.join(&built.path);
    let shown = built.path.display();
    let wasm =
        fs::read(&path).with_context(|| format!("module {name}: cannot read {shown}: run `make modules` first"))?;
    let (what, header) = if built.component { ("component", COMPONENT) } else { ("module", MODULE) };
    ensure!(
        wasm.starts_with(header),
        "module {name}: {shown} is not a Wasm {what}: it should start with {} and starts with {:?}: run `make modules` again",
        hex::encode(header),
        hex::encode(&wasm[..wasm.len().min(8)])
    );
    let sha256 = sha256_hex(&wasm);
    ensure!(
        sha256 == built.sha256,
        "module {name}: {shown} has sha256 {sha256}, and the manifest says {}: run `make modules` again",
        built.sha256
    );
    let glue = match &built.glue {
        Some(glue) => {
            let at = root.join(glue);
            ensure!(at.is_file(), "module {name}: there is no {}: run `make modules` again", glue.display());
            Some(at.display().to_string())
        }
        None => None,
    };
    let types = built.component.then(|| Shape::read(&wasm)).transpose().with_context(|| format!("module {name}"))?;
    Ok(ModuleFile { path: path.display().to_string(), sha256, glue, types: types.map(|shape| shape.types()) })
}

/// The size of `bytes` after `gzip -9`.
pub fn gzip_len(bytes: &[u8]) -> Result<u64> {
    let mut encoder = GzBuilder::new().write(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len() as u64)
}

/// The SHA-256 of `bytes`, in lower-case hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    hex::encode(Sha256::digest(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::assert_has;

    fn built(wasm: &[u8]) -> (tempfile::TempDir, Built) {
        let root = tempfile::tempdir().unwrap();
        fs::write(root.path().join("a.wasm"), wasm).unwrap();
        let built = Built {
            path: "a.wasm".into(),
            sha256: sha256_hex(wasm),
            bytes: 8,
            gzip_bytes: 8,
            features: vec![],
            exports: vec![],
            glue: None,
            component: false,
        };
        (root, built)
    }

    #[test]
    fn finds_the_module_that_was_built() {
        let (root, built) = built(MODULE);
        let file = locate(root.path(), "a", &built).unwrap();
        assert_eq!(file.sha256, built.sha256);
        assert!(Path::new(&file.path).is_file());
    }

    #[test]
    fn refuses_another_file_text_and_a_missing_one() {
        let (root, other) = built(MODULE);
        let wrong = Built { sha256: "00".into(), ..other.clone() };
        assert_has(locate(root.path(), "a", &wrong).unwrap_err().to_string(), "the manifest says 00");
        let (root, text) = built(b"hello, world");
        let error = locate(root.path(), "a", &text).unwrap_err().to_string();
        assert!(error.contains("a.wasm is not a Wasm module"), "{error}");
        let component = Built { component: true, ..text.clone() };
        assert_has(locate(root.path(), "a", &component).unwrap_err().to_string(), "start with 0061736d0d000100");
        let gone = Built { path: "b.wasm".into(), ..text };
        assert_has(locate(root.path(), "a", &gone).unwrap_err().to_string(), "run `make modules` first");
        assert_has(load(root.path()).unwrap_err().to_string(), "run `make modules` first");
    }
}

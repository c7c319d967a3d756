//! package.json of `target/pkg` and `target/pkg-nodejs`, as wasm-pack would write it for a crate with both modules.

use std::path::Path;

use anyhow::Result;
use serde_json::{Value, json};

use super::Glue;
use everyhost::files::replace;
use everyhost::modules::Module;

/// Writes both files, where their folders exist.
pub(super) fn write(root: &Path, modules: &[Module]) -> Result<()> {
    for glue in [Glue::Web, Glue::Nodejs] {
        let dir = root.join("target").join(glue.dir());
        if dir.is_dir() {
            let text = serde_json::to_string_pretty(&package(glue, modules))? + "\n";
            replace(&dir.join("package.json"), text.as_bytes())?;
        }
    }
    Ok(())
}

fn package(glue: Glue, modules: &[Module]) -> Value {
    let products = modules.iter().filter(|module| module.is_run());
    let names: Vec<&str> = products.filter_map(|module| module.bindgen.as_deref()).collect();
    let file = |name: &str, ending: &str| format!("{name}{ending}");
    let mut package = json!({
        "name": "everyhost-modules",
        "description": "The wasm-bindgen modules of Everyhost",
        "version": env!("CARGO_PKG_VERSION"),
        "license": "MIT OR Apache-2.0",
        "private": true,
        "type": match glue { Glue::Web => "module", Glue::Nodejs => "commonjs" },
        "files": names.iter().flat_map(|name| ["_bg.wasm", ".js", ".d.ts"].map(|ending| file(name, ending)))
            .collect::<Vec<_>>(),
        "main": file(names[0], ".js"),
        "types": file(names[0], ".d.ts"),
        "exports": names.iter().flat_map(|name| [".js", "_bg.wasm"].map(|ending| {
            let path = format!("./{name}{ending}");
            (path.clone(), Value::String(path))
        })).collect::<serde_json::Map<_, _>>(),
    });
    if glue == Glue::Web {
        // Nothing in the glue runs when it is imported, so that a bundler may drop what is not used.
        package["sideEffects"] = json!(false);
    }
    package
}

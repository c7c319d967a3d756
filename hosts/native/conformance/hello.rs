//! What both adapters of this folder answer to `hello`: there is no module to hash; the code is this program's.

use std::collections::BTreeMap;

use sha2::{Digest, Sha256};
use vectors::protocol::{Hello, LoadedModule, ModuleFile, PROTOCOL};

/// The reply, which claims `ops` of every module that is named.
pub(crate) fn hello(modules: &BTreeMap<String, ModuleFile>, ops: &[&str], runtime: &str) -> anyhow::Result<Hello> {
    let loaded = LoadedModule {
        sha256: hex::encode(Sha256::digest(std::fs::read(std::env::current_exe()?)?)),
        ops: ops.iter().map(ToString::to_string).collect(),
        refused: None,
    };
    Ok(Hello {
        protocol: PROTOCOL,
        host: "native".into(),
        version: env!("CARGO_PKG_VERSION").into(),
        runtime: runtime.into(),
        os: format!("{}/{}", std::env::consts::OS, std::env::consts::ARCH),
        modules: modules.keys().map(|name| (name.clone(), loaded.clone())).collect(),
    })
}

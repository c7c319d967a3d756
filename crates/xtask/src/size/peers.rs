//! What others take to sign in JavaScript: the files that npm installs for the Node host's tests.

use std::path::Path;

use anyhow::Result;

use super::Rung;

/// Where npm puts them, from the root of the workspace.
const MODULES: &str = "hosts/javascript/node_modules";

/// A name, its files and what they are.
const PEERS: &[(&str, &[&str], &str)] = &[
    ("tweetnacl", &["tweetnacl/nacl-fast.min.js"], "nacl-fast.min.js: signs, verifies, boxes; minified"),
    (
        "@noble/ed25519",
        &["@noble/ed25519/index.js"],
        "index.js: signs and verifies with the platform's SHA-512; not minified",
    ),
    (
        "libsodium.js",
        &["libsodium/dist/modules/libsodium.js", "libsodium-wrappers/dist/modules/libsodium-wrappers.js"],
        "libsodium.js and libsodium-wrappers.js: all of its common functions, as WebAssembly in script",
    ),
];

/// Those that are installed, and a line for each that is not.
pub(super) fn peers(root: &Path) -> Result<(Vec<Rung>, Vec<String>)> {
    let (mut here, mut missing) = (Vec::new(), Vec::new());
    for (name, files, how) in PEERS {
        let paths: Vec<_> = files.iter().map(|file| root.join(MODULES).join(file)).collect();
        if let Some(gone) = paths.iter().position(|path| !path.is_file()) {
            missing.push(format!(
                "{name} is left out: there is no {MODULES}/{}; `make setup` has npm install it",
                files[gone]
            ));
            continue;
        }
        let texts: Vec<_> = paths.iter().map(std::fs::read).collect::<std::io::Result<_>>()?;
        here.push(Rung::of_bytes("peer", name, how, &texts.concat())?);
    }
    Ok((here, missing))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn what_is_not_installed_is_said_with_the_command_that_gets_it() {
        let root = tempfile::tempdir().unwrap();
        let dir = root.path().join(MODULES).join("tweetnacl");
        fs::create_dir_all(&dir).unwrap();
        fs::write(dir.join("nacl-fast.min.js"), "0123456789".repeat(100)).unwrap();
        let (here, missing) = peers(root.path()).unwrap();
        assert_eq!((here.len(), here[0].bytes), (1, 1000));
        assert!(here[0].gzip_bytes < 100 && here[0].brotli_bytes < 100);
        assert_eq!(missing.len(), 2);
        assert!(missing.iter().all(|line| line.contains("make setup")), "{missing:?}");
    }
}

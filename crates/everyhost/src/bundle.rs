//! What the tool carries for where there is no clone: the hosts, the vectors and the modules, unpacked to the user's cache.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use flate2::read::GzDecoder;

use crate::hosts::Row;
use crate::manifest::sha256_hex;

/// A .tar.gz, if the tool was built with the feature `bundle`: build.rs packs it.
#[cfg(feature = "bundle")]
const ARCHIVE: Option<&[u8]> = Some(include_bytes!(concat!(env!("OUT_DIR"), "/bundle.tar.gz")));
#[cfg(not(feature = "bundle"))]
const ARCHIVE: Option<&[u8]> = None;

/// The file that says that a folder was unpacked, and is no clone.
const MARK: &str = "UNPACKED";

/// How many digits of the archive's hash tell one build from another.
const HASH_DIGITS: usize = 12;

/// What the tool carries, unpacked; nothing if it carries nothing.
pub(crate) fn root() -> Result<Option<PathBuf>> {
    let Some(archive) = ARCHIVE else { return Ok(None) };
    let cache = cache(env::var_os("XDG_CACHE_HOME").map(PathBuf::from), env::home_dir())?;
    unpack(archive, &cache).map(Some)
}

/// Whether this is such a folder.
pub(crate) fn is_unpacked(root: &Path) -> bool {
    root.join(MARK).is_file()
}

/// The folders of hosts/ that the row's adapter comes from; none if it is not carried.
pub(crate) fn folders<'r>(row: &'r Row, root: &Path) -> Option<Vec<&'r str>> {
    let words = row.command.iter().map(String::as_str);
    if words.clone().any(|word| word.starts_with("target/")) {
        return None;
    }
    let mut folders: Vec<&str> = words.filter_map(|word| word.strip_prefix("hosts/")?.split('/').next()).collect();
    folders.dedup();
    folders.iter().all(|folder| root.join("hosts").join(folder).is_dir()).then_some(folders)
}

/// How to get a row here, instead of its own hint, which is for a clone.
pub(crate) fn hint(row: &Row, root: &Path) -> String {
    match folders(row, root) {
        Some(_) => row.hint.replace("make setup", &format!("everyhost setup --host {}", row.name)),
        None => "only in a clone of everyhost, where `make setup` gets it".into(),
    }
}

/// As the XDG base directory specification has it: a path that is not absolute does not count.
fn cache(xdg: Option<PathBuf>, home: Option<PathBuf>) -> Result<PathBuf> {
    let xdg = xdg.filter(|xdg| xdg.is_absolute());
    let cache = xdg.or_else(|| Some(home?.join(".cache"))).filter(|cache| cache.is_absolute());
    cache.map(|cache| cache.join("everyhost")).context(
        "there is no folder to unpack the hosts to: set HOME, or XDG_CACHE_HOME, to the absolute path of a folder that you can write to",
    )
}

/// The folder in `cache` with what is in the archive. It appears whole, and two at once get the same.
fn unpack(archive: &[u8], cache: &Path) -> Result<PathBuf> {
    let hash = sha256_hex(archive);
    let root = cache.join(format!("{}-{}", env!("CARGO_PKG_VERSION"), &hash[..HASH_DIGITS]));
    if is_unpacked(&root) {
        return Ok(root);
    }
    let unpack = || {
        fs::create_dir_all(cache)?;
        let new = tempfile::Builder::new().prefix("new-").tempdir_in(cache)?;
        // What unpacks itself later must not look older than what was made of it.
        let mut tar = tar::Archive::new(GzDecoder::new(archive));
        tar.set_preserve_mtime(false);
        tar.unpack(new.path())?;
        match fs::rename(new.path(), &root) {
            Ok(()) => drop(new.keep()), // it has moved
            // Another process was faster.
            Err(_) if is_unpacked(&root) => {}
            Err(error) => bail!(error),
        }
        anyhow::Ok(())
    };
    unpack().with_context(|| {
        format!(
            "cannot unpack the hosts to {}: XDG_CACHE_HOME takes another folder, which you can write to",
            cache.display()
        )
    })?;
    Ok(root)
}

#[cfg(test)]
mod tests {
    use std::thread;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;
    use crate::fixture::assert_has;
    use crate::hosts;

    fn archive() -> Vec<u8> {
        let mut tar = tar::Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
        for (path, mode) in [("scripts/setup.sh", 0o755), (MARK, 0o644)] {
            let mut header = tar::Header::new_gnu();
            header.set_size(2);
            header.set_mode(mode);
            tar.append_data(&mut header, path, &b"hi"[..]).unwrap();
        }
        tar.into_inner().unwrap().finish().unwrap()
    }

    #[test]
    fn several_at_once_get_one_whole_folder() {
        let dir = tempfile::tempdir().unwrap();
        let cache = dir.path().join("none/yet");
        let archive = archive();
        let roots: Vec<PathBuf> = thread::scope(|scope| {
            let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| unpack(&archive, &cache).unwrap())).collect();
            threads.into_iter().map(|thread| thread.join().unwrap()).collect()
        });
        assert!(roots.iter().all(|root| *root == roots[0]));
        assert!(is_unpacked(&roots[0]));
        assert_eq!(fs::read_dir(&cache).unwrap().count(), 1, "something was left behind");
        // What was set up there is kept.
        fs::write(roots[0].join("installed"), "").unwrap();
        assert!(unpack(&archive, &cache).unwrap().join("installed").exists());
    }

    #[test]
    fn says_what_is_wrong_with_the_cache() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("file");
        fs::write(&file, "").unwrap();
        assert_has(unpack(&archive(), &file).unwrap_err().to_string(), "XDG_CACHE_HOME takes another folder");
        let broken = unpack(&archive()[..40], &dir.path().join("broken"));
        assert_has(broken.unwrap_err().to_string(), "cannot unpack the hosts");
        assert_eq!(fs::read_dir(dir.path().join("broken")).unwrap().count(), 0, "half of it was left behind");
        let home = || Some(PathBuf::from("/home/me"));
        assert_eq!(cache(None, home()).unwrap(), Path::new("/home/me/.cache/everyhost"));
        assert_eq!(cache(Some("/c".into()), home()).unwrap(), Path::new("/c/everyhost"));
        assert_eq!(cache(Some("c".into()), home()).unwrap(), Path::new("/home/me/.cache/everyhost"));
        assert_has(cache(None, None).unwrap_err().to_string(), "set HOME, or XDG_CACHE_HOME");
    }

    #[test]
    fn a_row_that_is_carried_is_set_up_by_name() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let rows = hosts::load(&root).unwrap();
        let row = |name: &str| rows.iter().find(|row| row.name == name).unwrap();
        assert_eq!(folders(row("firefox"), &root).unwrap(), ["javascript", "browser"]);
        assert_eq!(folders(row("wasmtime"), &root), None);
        assert_has(hint(row("chromium"), &root), "chromium && everyhost setup --host chromium");
        assert_has(hint(row("c-wasm2c"), &root), "only in a clone");
        assert_eq!(folders(row("java-endive"), Path::new("/nowhere")), None);
    }
}

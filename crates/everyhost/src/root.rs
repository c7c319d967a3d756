//! The root of the workspace: the folder with hosts/hosts.toml. Without a clone it is what the tool carries, unpacked.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::bundle;
use crate::hosts::HOSTS_FILE;

/// The folder that was named (here or in `EVERYHOST_ROOT`), or the nearest one from the current folder upwards, or what the
/// tool carries.
pub fn find(given: Option<PathBuf>) -> Result<PathBuf> {
    let named = given.map(|root| ("--root", root));
    let named = named.or_else(|| Some(("EVERYHOST_ROOT", env::var_os("EVERYHOST_ROOT")?.into())));
    if let Some((how, root)) = named {
        let shown = root.display().to_string();
        let root = root.canonicalize().with_context(|| format!("{how} {shown}"))?;
        if !root.join(HOSTS_FILE).is_file() {
            bail!("{how} {shown}: there is no {HOSTS_FILE} in it");
        }
        return Ok(root);
    }
    if let Some(clone) = nearest()? {
        return Ok(clone);
    }
    bundle::root()?.with_context(|| {
        format!(
            "no {HOSTS_FILE} here or in a folder above, and this build carries none: run it inside the workspace, or say where that is with --root DIR or EVERYHOST_ROOT"
        )
    })
}

/// Whether the tool finds this root from the current folder by itself.
pub(crate) fn is_found(root: &Path) -> bool {
    nearest().is_ok_and(|found| found.map_or_else(|| bundle::is_unpacked(root), |found| found == root))
}

fn nearest() -> Result<Option<PathBuf>> {
    let here = env::current_dir().context("the current folder")?;
    let mut folders = here.ancestors();
    Ok(folders.find(|folder| folder.join(HOSTS_FILE).is_file()).map(Path::to_path_buf))
}

/// What some runtimes cannot bear in the path of the workspace.
pub(crate) fn trouble(root: &Path) -> Option<String> {
    let path = root.to_string_lossy();
    let what = if path.contains(':') {
        "a colon, so .NET (csharp-coreclr) does not start"
    } else if path.chars().any(|c| u32::from(c) > 0xffff) {
        "a character beyond U+FFFF, so Java (java-*) does not start"
    } else {
        return None;
    };
    Some(format!("the path of the workspace has {what}: move it to another path, or leave out these hosts"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn says_which_paths_are_too_odd() {
        assert_eq!(trouble(Path::new("/home/é 日本/$x; 'y'")), None);
        assert!(trouble(Path::new("/a:b")).unwrap().contains(".NET"));
        assert!(trouble(Path::new("/a\u{1f600}")).unwrap().contains("Java"));
    }
}

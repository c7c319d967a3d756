//! Writes files in one step: a reader sees the old contents or the new, never half of them. And locks, for what takes many.

use std::fs::{self, File, Permissions, TryLockError};
use std::io::Write;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use anyhow::{Context, Result};
use tempfile::NamedTempFile;

use crate::out;

/// Replaces the file, or makes it and its folder.
pub fn replace(path: &Path, contents: &[u8]) -> Result<()> {
    let dir = path.parent().context("a file has a folder")?;
    fs::create_dir_all(dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let write = || {
        let mut file = NamedTempFile::new_in(dir)?;
        file.write_all(contents)?;
        // A temporary file is private to its owner; this one is not.
        file.as_file().set_permissions(Permissions::from_mode(0o644))?;
        file.as_file().sync_all()?;
        file.persist(path)?;
        anyhow::Ok(())
    };
    write().with_context(|| format!("cannot write {}", path.display()))
}

/// Waits until no other process has this lock, and says so with what that one does. The lock ends with the process.
pub fn lock(path: &Path, doing: &str) -> Result<File> {
    let open = || {
        let file = File::create(path)?;
        match file.try_lock() {
            Err(TryLockError::WouldBlock) => {
                out::complain(format!("waiting for another everyhost, which {doing}"));
                file.lock()?;
            }
            // A file system without locks: as good as can be.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        anyhow::Ok(file)
    };
    open().with_context(|| format!("cannot lock {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaces_a_file_that_all_may_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("new/file.txt");
        replace(&path, b"old").unwrap();
        replace(&path, b"new").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
        let error = replace(dir.path(), b"x").unwrap_err();
        assert!(format!("{error:#}").starts_with("cannot write "), "{error:#}");
    }
}

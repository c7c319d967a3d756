//! The folder of a site. It is written beside the old one and takes its place when it is complete.

use std::collections::BTreeSet;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use tempfile::TempDir;
use vectors::file::{self, MIB};

use crate::out;

/// Lists what the site has. Programs read it, and so does the next `publish`, which replaces only what an earlier one wrote.
const LIST: &str = "site.json";

const SCHEMA: &str = "everyhost/site/1";

const MOST_LIST: u64 = 64 * MIB;

#[derive(Debug, Serialize, Deserialize)]
struct List {
    schema: String,
    /// The newest first.
    reports: Vec<Value>,
    /// Every file except this one.
    files: BTreeSet<String>,
}

#[derive(Debug)]
pub(super) struct Folder {
    /// Where it goes.
    to: PathBuf,
    /// Where it is written.
    staged: TempDir,
    files: BTreeSet<String>,
}

impl Folder {
    /// Fails early if no site can be written there.
    pub(super) fn new(to: &Path) -> Result<Self> {
        let shown = to.display();
        let to = match to.canonicalize() {
            Ok(there) => {
                check_replaceable(&there).with_context(|| format!("cannot publish to {shown}"))?;
                there
            }
            Err(error) if error.kind() == ErrorKind::NotFound => {
                ensure!(fs::symlink_metadata(to).is_err(), "cannot publish to {shown}: it is a link to nowhere");
                std::path::absolute(to).with_context(|| format!("cannot publish to {shown}"))?
            }
            Err(error) => return Err(error).with_context(|| format!("cannot publish to {shown}")),
        };
        let parent = to.parent().with_context(|| format!("cannot publish to {shown}: it has no folder above it"))?;
        let staged = fs::create_dir_all(parent)
            .and_then(|()| tempfile::Builder::new().prefix(".everyhost-site-").tempdir_in(parent));
        let staged = staged.with_context(|| format!("cannot write beside {shown}, where the site is put together"))?;
        remove_if_interrupted(staged.path().to_path_buf())?;
        fs::create_dir(staged.path().join("site"))?;
        Ok(Self { to, staged, files: BTreeSet::new() })
    }

    fn site(&self) -> PathBuf {
        self.staged.path().join("site")
    }

    /// Writes one file of the site.
    pub(super) fn write(&mut self, path: &str, contents: &[u8]) -> Result<()> {
        ensure!(file::is_below(path), "{path:?} leaves the site");
        let file = self.site().join(path);
        let written = match file.parent() {
            Some(dir) => fs::create_dir_all(dir).and_then(|()| fs::write(&file, contents)),
            None => Ok(()),
        };
        written.with_context(|| format!("cannot write the site's {path}"))?;
        self.files.insert(path.to_owned());
        Ok(())
    }

    /// Writes the list of everything written so far.
    pub(super) fn write_list(&mut self, reports: &[Value]) -> Result<()> {
        let list = List { schema: SCHEMA.into(), reports: reports.to_vec(), files: self.files.clone() };
        let mut json = serde_json::to_vec_pretty(&list)?;
        json.push(b'\n');
        self.write(LIST, &json)
    }

    /// Puts the new site in place. A reader sees the old site or the new one, never a mix.
    pub(super) fn put_in_place(self) -> Result<()> {
        let shown = self.to.display().to_string();
        let site = self.site();
        let placed = match fs::rename(&site, &self.to) {
            // The folder is not empty. Check again: it may have changed since.
            Err(_) if self.to.is_dir() => check_replaceable(&self.to)
                .and_then(|()| exchange(&site, &self.to, &self.staged.path().join("old")).map_err(Into::into)),
            other => other.map_err(Into::into),
        };
        placed.with_context(|| format!("cannot put the site in its place, {shown}; what was there is as it was"))
    }
}

/// On Ctrl-C, removes the unfinished site.
fn remove_if_interrupted(staged: PathBuf) -> Result<()> {
    let end = move || {
        let _ = fs::remove_dir_all(&staged);
        out::complain("interrupted");
        std::process::exit(130);
    };
    ctrlc::set_handler(end).context("cannot handle Ctrl-C")
}

/// Replaces a folder, in one step if the system can.
fn exchange(new: &Path, place: &Path, old: &Path) -> std::io::Result<()> {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
        if renameat2(AT_FDCWD, new, AT_FDCWD, place, RenameFlags::RENAME_EXCHANGE).is_ok() {
            return Ok(());
        }
    }
    fs::rename(place, old)?;
    fs::rename(new, place).inspect_err(|_| {
        let _ = fs::rename(old, place);
    })
}

/// Accepts an empty folder, or a site that holds nothing but what `publish` wrote.
fn check_replaceable(dir: &Path) -> Result<()> {
    ensure!(dir.is_dir(), "it is not a folder");
    if fs::read_dir(dir)?.next().is_none() {
        return Ok(());
    }
    let list = dir.join(LIST);
    let hint = "name a new folder, or empty this one";
    let text = match file::read_text(&list, MOST_LIST) {
        Ok(text) => text,
        Err(_) if !list.exists() => {
            bail!("it has files but no {LIST}, so `everyhost publish` did not write it; {hint}")
        }
        Err(problem) => bail!("its {LIST} {problem}; {hint}"),
    };
    let list: List =
        serde_json::from_str(&text).with_context(|| format!("`everyhost publish` did not write its {LIST}; {hint}"))?;
    ensure!(
        list.schema == SCHEMA,
        "its {LIST} has the schema {:?}, and this version knows {SCHEMA:?}; {hint}",
        list.schema
    );
    if let Some(other) = unlisted(dir, Path::new(""), &list.files)? {
        bail!(
            "it has {:?}, which `everyhost publish` did not write, and would be lost; move it elsewhere",
            other.display()
        );
    }
    Ok(())
}

/// The first file that the list does not have.
fn unlisted(dir: &Path, below: &Path, files: &BTreeSet<String>) -> Result<Option<PathBuf>> {
    for entry in fs::read_dir(dir.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        let other = if entry.file_type()?.is_dir() {
            unlisted(dir, &path, files)?
        } else {
            (path != Path::new(LIST) && !path.to_str().is_some_and(|path| files.contains(path))).then_some(path)
        };
        if other.is_some() {
            return Ok(other);
        }
    }
    Ok(None)
}

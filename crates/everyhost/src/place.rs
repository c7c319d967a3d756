//! The folder of a report. Its files change together: at any moment it has the old report whole or the new one whole.

use std::fs::{self, File, TryLockError};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use anyhow::{Context, Result, bail};

/// The files of a report, in the order in which they are put in their place: the page, which people open, last.
pub(crate) const FILES: [&str; 3] = ["report.json", "junit.xml", "index.html"];

/// Where a new report is written, inside of the folder.
const STAGED: &str = ".everyhost-new";

/// The same once it is whole. What finds it there finishes what was begun.
const READY: &str = ".everyhost-ready";

/// What an interruption finds: held while files are put in their place, which is a matter of microseconds.
static STATE: Mutex<State> = Mutex::new(State { dir: None, is_written: false });

struct State {
    dir: Option<PathBuf>,
    is_written: bool,
}

/// A folder that this process alone writes a report to, as long as it has this.
#[derive(Debug)]
pub struct Place {
    dir: PathBuf,
    _lock: File,
}

impl Place {
    /// Makes the folder, takes it, and tries to write to it: a run must not learn at its end that it cannot.
    pub fn take(dir: &Path) -> Result<Self> {
        let shown = dir.display();
        fs::create_dir_all(dir).with_context(|| format!("cannot make the report's directory {shown}"))?;
        let lock = File::open(dir).with_context(|| format!("cannot open the report's directory {shown}"))?;
        match lock.try_lock() {
            Err(TryLockError::WouldBlock) => bail!(
                "another run is writing its report to {shown}: wait for its end, or give this one a folder of its own with --report DIR"
            ),
            // A file system without locks: as good as can be.
            Ok(()) | Err(TryLockError::Error(_)) => {}
        }
        finish_what_was_begun(dir)?;
        let staged = dir.join(STAGED);
        let tried = remove(&staged)
            .and_then(|()| fs::create_dir(&staged))
            .and_then(|()| fs::write(staged.join(FILES[0]), "everyhost\n"))
            .and_then(|()| remove(&staged));
        tried.with_context(|| format!("cannot write to the report's directory {shown}"))?;
        state().dir = Some(dir.to_path_buf());
        Ok(Self { dir: dir.to_path_buf(), _lock: lock })
    }

    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// Writes the files, in the order of [`FILES`].
    pub(crate) fn write(&self, contents: [&[u8]; FILES.len()]) -> Result<()> {
        let staged = self.dir.join(STAGED);
        let written = self.stage(&staged, contents);
        if written.is_err() {
            let _ = remove(&staged);
        }
        written?;
        let mut state = state();
        let placed = fs::rename(&staged, self.dir.join(READY))
            .context("cannot write the report")
            .and_then(|()| finish_what_was_begun(&self.dir));
        state.is_written = placed.is_ok();
        placed
    }

    fn stage(&self, staged: &Path, contents: [&[u8]; FILES.len()]) -> Result<()> {
        let dir = self.dir.display();
        fs::create_dir(staged).with_context(|| format!("cannot write the report in {dir}"))?;
        for (name, contents) in FILES.iter().zip(contents) {
            let write = || {
                let mut file = File::create(staged.join(name))?;
                file.write_all(contents)?;
                file.sync_all()
            };
            write().with_context(|| format!("cannot write the report's {name} in {dir}"))?;
            let in_the_way = fs::symlink_metadata(self.dir.join(name)).is_ok_and(|old| old.is_dir());
            if in_the_way {
                bail!("cannot write the report's {name} in {dir}: there is a folder of that name");
            }
        }
        Ok(())
    }
}

/// Puts the files of a report that is whole in their place.
pub(crate) fn finish_what_was_begun(dir: &Path) -> Result<()> {
    let ready = dir.join(READY);
    if !ready.is_dir() {
        return Ok(());
    }
    for name in FILES {
        match fs::rename(ready.join(name), dir.join(name)) {
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(error).with_context(|| {
                    format!("cannot put the report's {name} in its place; the whole report is in {}", ready.display())
                });
            }
            _ => {}
        }
    }
    remove(&ready).with_context(|| format!("cannot remove {}", ready.display()))
}

/// What to say of the report when this process is interrupted. It does not change from then on.
pub(crate) fn interrupted() -> String {
    let state = state();
    let said = match &state.dir {
        Some(dir) if state.is_written => format!("its report is whole in {}", dir.display()),
        Some(dir) => {
            let _ = remove(&dir.join(STAGED));
            if dir.join(FILES[0]).exists() {
                format!("no report was written: the one in {} is an earlier run's", dir.display())
            } else {
                "no report was written".into()
            }
        }
        None => "no report was written".into(),
    };
    // Whoever was about to write waits for the end of the process.
    std::mem::forget(state);
    said
}

fn remove(folder: &Path) -> io::Result<()> {
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

fn state() -> std::sync::MutexGuard<'static, State> {
    STATE.lock().unwrap_or_else(PoisonError::into_inner)
}

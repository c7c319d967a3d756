//! `everyhost watch`: runs again when the module, the vectors or everyhost.toml change.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::env;
use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::{Duration, SystemTime};

use anyhow::{Context, Result, ensure};

use crate::cli::RunArgs;
use crate::project::{self, Project};
use crate::{out, own};

/// How often the files are looked at. They are few, and every file system and container can tell their times.
const PERIOD: Duration = Duration::from_millis(300);

/// What tells one version of the files from the next.
type Seen = BTreeMap<PathBuf, Option<(SystemTime, u64)>>;

/// Runs `everyhost run` with the same options, as a process of its own, at once and after each change. Ctrl-C ends both.
pub(crate) fn watch(args: &RunArgs) -> Result<Infallible> {
    let first = look(args);
    ensure!(
        first.keys().any(|path| path.as_path() != Path::new(project::FILE)),
        "watch is for a module of your own: --module FILE.wasm --vectors DIR, or {} from `everyhost init`",
        project::FILE
    );
    let tool = env::current_exe().context("where this program is")?;
    let words = as_run(env::args_os().skip(1));
    let mut ran = None;
    loop {
        // Not while it is being written.
        let mut now = look(args);
        loop {
            thread::sleep(PERIOD);
            let next = look(args);
            if next == now {
                break;
            }
            now = next;
        }
        if ran.as_ref() != Some(&now) {
            // A red run, or one that could not be, is what is being worked on.
            Command::new(&tool).args(&words).status().context("cannot run everyhost")?;
            out::complain("waiting for a change of the module or the vectors; Ctrl-C ends it");
            ran = Some(now);
        }
    }
}

/// The same command line with `run` in the place of `watch`.
fn as_run(words: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let mut words: Vec<OsString> = words.collect();
    let is_value = |at: usize, words: &[OsString]| at > 0 && words[at - 1] == "--root";
    if let Some(at) = (0..words.len()).find(|at| words[*at] == "watch" && !is_value(*at, &words)) {
        words[at] = "run".into();
    }
    words
}

/// What the files are now. One that is not there may come.
fn look(args: &RunArgs) -> Seen {
    let mut args = args.clone();
    // What is wrong with it, the run says.
    if let Ok(Some(project)) = Project::read(Path::new("")) {
        project.complete(&mut args);
    }
    let modules = args.modules.iter().filter(|word| own::is_file(word)).map(|word| own::named(word).1.to_path_buf());
    let mut seen: Seen = modules.map(|path| (path.clone(), stamp(fs::metadata(path)))).collect();
    seen.insert(project::FILE.into(), stamp(fs::metadata(project::FILE)));
    if let Some(dir) = args.vectors {
        let entries = fs::read_dir(&dir).into_iter().flatten().flatten();
        seen.extend(entries.map(|entry| (entry.path(), stamp(fs::metadata(entry.path())))));
    }
    seen
}

fn stamp(metadata: std::io::Result<Metadata>) -> Option<(SystemTime, u64)> {
    let metadata = metadata.ok()?;
    Some((metadata.modified().ok()?, metadata.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_command_becomes_another() {
        let words = |text: &str| as_run(text.split(' ').map(OsString::from)).join(" ".as_ref());
        assert_eq!(words("--root watch watch --host watch"), "--root watch run --host watch");
        assert_eq!(words("watch --module a.wasm"), "run --module a.wasm");
    }
}

//! `everyhost setup`: gets what npm, PyPI and Go have for rows, with each host's own set-up and lock files.

use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};
use clap::Args;

use crate::command::Exit;
use crate::files::lock;
use crate::hosts::{self, Row};
use crate::project::Project;
use crate::run::{check_names, probe};
use crate::{bundle, out};

/// The options of `everyhost setup`.
#[derive(Debug, Args)]
pub(crate) struct SetupArgs {
    /// The row (may be given several times, or several with commas) [default: those of everyhost.toml]
    #[arg(long = "host", value_name = "NAME", value_delimiter = ',')]
    pub(crate) hosts: Vec<String>,
}

/// Sets rows up and says which are installed now.
pub(crate) fn run(root: &Path, args: &SetupArgs) -> Result<Exit> {
    let rows = hosts::load(root)?;
    let wanted = match Project::read(Path::new(""))? {
        Some(project) if args.hosts.is_empty() => project.hosts,
        _ => args.hosts.clone(),
    };
    ensure!(!wanted.is_empty(), "say which row to set up: --host NAME; `everyhost list` has the names");
    let names = named(&wanted, &rows)?;
    set_up(root, &names, &rows)?;
    let mut exit = Exit::Good;
    for row in rows.iter().filter(|row| names.contains(&row.name)) {
        match probe(row, root) {
            Ok(()) => out::say(format!("{} is installed", row.name)),
            Err(why) => {
                out::say(format!("{} is not installed: {why}; to get it: {}", row.name, row.hint));
                exit = Exit::Bad;
            }
        }
    }
    Ok(exit)
}

/// The rows that these names choose: `go` is every row whose name begins with `go-`, unless there is one of that name.
pub(crate) fn named(names: &[String], rows: &[Row]) -> Result<Vec<String>> {
    let known = || rows.iter().map(|row| row.name.as_str());
    let mut chosen: Vec<String> = Vec::new();
    for name in names {
        let family = format!("{name}-");
        let of_family: Vec<&str> = known().filter(|row| row.starts_with(&family)).collect();
        if known().any(|row| row == name) || of_family.is_empty() {
            chosen.push(name.clone());
        } else {
            chosen.extend(of_family.into_iter().map(String::from));
        }
    }
    check_names("host", &chosen, known())?;
    Ok(chosen)
}

/// Sets these rows up. What fails is said: its row is not installed then, and a run says what that means.
pub(crate) fn set_up(root: &Path, names: &[String], rows: &[Row]) -> Result<()> {
    let chosen = rows.iter().filter(|row| names.contains(&row.name));
    let folders: BTreeSet<&str> = chosen.filter_map(|row| bundle::folders(row, root)).flatten().collect();
    let has_something = |folder: &&str| {
        let folder = root.join("hosts").join(folder);
        folder.join("setup.sh").exists() || folder.join("package-lock.json").exists()
    };
    let folders: Vec<&str> = folders.into_iter().filter(has_something).collect();
    if folders.is_empty() {
        return Ok(());
    }
    // Two at once would install into the same folders.
    let _lock = lock(&root.join("setup.lock"), "sets up hosts")?;
    for folder in folders {
        if let Err(error) = set_up_folder(root, folder) {
            out::complain(format!(
                "hosts/{folder} is not set up: {error:#}. The first time it needs the network: what npm, pip and Go are configured with applies"
            ));
        }
    }
    Ok(())
}

fn set_up_folder(root: &Path, folder: &str) -> Result<()> {
    let mut command = Command::new("bash");
    // What is said goes to stderr: stdout is the report's.
    command.args(["-c", "exec scripts/setup.sh folder \"$1\" 2>&1", "setup", folder]);
    command.current_dir(root).stdin(Stdio::null()).stdout(Stdio::piped());
    if bundle::is_unpacked(root) {
        // Linters, type checkers and bundlers are for the clone.
        command.env("npm_config_omit", "dev");
    }
    let mut child = command.spawn().context("cannot start bash")?;
    if let Some(said) = child.stdout.take() {
        BufReader::new(said)
            .split(b'\n')
            .map_while(Result::ok)
            .for_each(|line| out::complain(String::from_utf8_lossy(&line)));
    }
    let status = child.wait()?;
    ensure!(status.success(), "its set-up ended with {}", status.code().unwrap_or(-1));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::assert_has;

    #[test]
    fn a_language_stands_for_its_rows() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let rows = hosts::load(&root).unwrap();
        let named = |names: &[&str]| named(&names.iter().map(ToString::to_string).collect::<Vec<_>>(), &rows);
        assert_eq!(named(&["node", "go"]).unwrap(), ["node", "go-wazero", "go-wazero-interpreter"]);
        assert_has(named(&["pyton"]).unwrap_err().to_string(), "did you mean python?");
    }
}

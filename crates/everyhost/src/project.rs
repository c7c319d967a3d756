//! `everyhost.toml` in the current folder: what `everyhost run` runs there if the command line does not say.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use crate::cli::RunArgs;
use crate::{files, own};

pub(crate) const FILE: &str = "everyhost.toml";

const HEAD: &str =
    "# What `everyhost run` and `everyhost watch` run in this folder. The command line overrides each line.\n\n";

#[derive(Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Project {
    /// As `--module` takes them.
    pub(crate) modules: Vec<String>,
    /// The folder of the vectors.
    pub(crate) vectors: PathBuf,
    /// The rows.
    pub(crate) hosts: Vec<String>,
}

impl Project {
    /// That of a folder, if it has one.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>> {
        match fs::read_to_string(folder.join(FILE)) {
            Ok(text) => toml::from_str(&text).map(Some).context(FILE),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error).context(format!("cannot read {FILE}")),
        }
    }

    pub(crate) fn write(&self, folder: &Path) -> Result<()> {
        files::replace(&folder.join(FILE), format!("{HEAD}{}", toml::to_string(self)?).as_bytes())
    }

    /// Adds what the command line leaves out. Vectors are for modules of one's own alone.
    pub(crate) fn complete(self, args: &mut RunArgs) {
        if args.hosts.is_empty() {
            args.hosts = self.hosts;
        }
        if args.wasi.is_some() {
            return;
        }
        if args.modules.is_empty() {
            args.modules = self.modules;
        }
        if args.vectors.is_none() && args.modules.iter().any(|word| own::is_file(word)) {
            args.vectors = Some(self.vectors);
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::cli::{Cli, Command};
    use crate::fixture::assert_has;

    fn completed(words: &[&str]) -> RunArgs {
        let cli = Cli::try_parse_from(["everyhost", "run"].iter().chain(words)).unwrap();
        let Command::Run(mut args) = cli.command else { unreachable!() };
        let project =
            Project { modules: vec!["a.wasm".into()], vectors: "v".into(), hosts: vec!["node".into(), "go".into()] };
        project.complete(&mut args);
        args
    }

    #[test]
    fn the_command_line_overrides_each_line() {
        let args = completed(&[]);
        assert_eq!((args.modules[0].as_str(), args.vectors.as_deref()), ("a.wasm", Some(Path::new("v"))));
        assert_eq!(args.hosts, ["node", "go"]);
        let args = completed(&["--module", "new.wasm", "--host", "bun,deno"]);
        assert_eq!((args.modules[0].as_str(), args.vectors.as_deref()), ("new.wasm", Some(Path::new("v"))));
        assert_eq!(args.hosts, ["bun", "deno"]);
        // One of the kit's own modules has the kit's vectors.
        assert_eq!(completed(&["--module", "signer-raw"]).vectors, None);
        assert!(completed(&["--wasi", "programs"]).modules.is_empty());
    }

    #[test]
    fn is_read_as_it_was_written() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(Project::read(dir.path()).unwrap(), None);
        let project = Project { modules: vec!["a b.wasm".into()], vectors: "v".into(), hosts: vec!["node".into()] };
        project.write(dir.path()).unwrap();
        assert_eq!(Project::read(dir.path()).unwrap(), Some(project));
        fs::write(dir.path().join(FILE), "hosts = [\"node\"]\nmodule = \"a.wasm\"\n").unwrap();
        assert_has(format!("{:#}", Project::read(dir.path()).unwrap_err()), "everyhost.toml: ");
    }
}

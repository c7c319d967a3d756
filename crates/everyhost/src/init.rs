//! `everyhost init my.wasm`: what a project needs to run its module on every host, here and in CI.

use std::path::{Component, Path, PathBuf};

use anyhow::{Result, ensure};
use clap::Args;

use crate::own::Own;
use crate::project::{self, Project};
use crate::starting_set::{self, NewArgs};
use crate::{bundle, files, hosts, out, setup, shell};

const VECTORS: &str = "vectors";

const WORKFLOW: &str = ".github/workflows/everyhost.yml";

/// The options of `everyhost init`.
#[derive(Debug, Args)]
pub(crate) struct InitArgs {
    /// The module: a .wasm file in this folder or below
    #[arg(value_name = "FILE.wasm")]
    module: PathBuf,
    /// The rows wanted (may be given several times, or several with commas); outside a clone they are set up
    #[arg(long = "host", value_name = "NAME", value_delimiter = ',', default_value = "node,python,chromium")]
    hosts: Vec<String>,
}

/// Writes everything into the current folder, or nothing if one of the files exists.
pub(crate) fn run(root: &Path, args: &InitArgs) -> Result<()> {
    let is_below = args.module.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    ensure!(is_below, "{}: CI has what is in this folder and below: copy the module here", args.module.display());
    let own = Own::read(&args.module)?;
    let vectors = starting_set::path(Path::new(VECTORS), &own);
    for path in [&vectors, Path::new(project::FILE), Path::new(WORKFLOW)] {
        ensure!(path.symlink_metadata().is_err(), "{} exists; it is not written over", path.display());
    }
    let rows = hosts::load(root)?;
    let names = setup::named(&args.hosts, &rows)?;
    if bundle::is_unpacked(root) {
        for row in rows.iter().filter(|row| names.contains(&row.name)) {
            ensure!(bundle::folders(row, root).is_some(), "{} can't be set up here: {}", row.name, row.hint);
        }
        setup::set_up(root, &names, &rows)?;
    }
    starting_set::record(root, &NewArgs { dir: VECTORS.into(), module: args.module.clone(), host: None })?;
    let module = shell::path(&args.module);
    // Without a `/` or `.wasm` it would be the name of one of the kit's modules.
    let module = if crate::own::is_file(&module) { module } else { format!("./{module}") };
    Project { modules: vec![module], vectors: VECTORS.into(), hosts: names }.write(Path::new(""))?;
    out::say(format!("wrote {}: the module, its vectors, and the rows that run them", project::FILE));
    let workflow = include_str!("../templates/workflow.yml").replace("@version@", env!("CARGO_PKG_VERSION"));
    files::replace(Path::new(WORKFLOW), workflow.as_bytes())?;
    out::say(format!(
        "wrote {WORKFLOW}: the same on each push; add the build of the module if it is not in the repository"
    ));
    let program = || shell::line(shell::program(root));
    out::say(format!("Now run: {} run; or {} watch, which runs again after each change", program(), program()));
    Ok(())
}

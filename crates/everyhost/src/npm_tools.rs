//! What npm has for components and modules: jco's transpiler and Binaryen, compiled to Wasm, so that Node is all they need.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::process::{self, Command, Stdio};

use anyhow::{Context, Result, bail, ensure};

use crate::files::lock;

/// The manifest and the lock file that say which versions are used.
const PACKAGES: [(&str, &str); 3] = [
    ("package.json", include_str!("../tools/package.json")),
    ("package-lock.json", include_str!("../tools/package-lock.json")),
    (".npmrc", include_str!("../tools/.npmrc")),
];

/// The program that writes a component's JavaScript.
pub const TRANSPILE: &str = include_str!("../tools/transpile.mjs");

/// Which tools these are: the lock file pins them.
pub const VERSION: &str = PACKAGES[1].1;

/// The folder in which npm installed them, in `target/tools`; has npm do that if needed.
pub fn find_or_install(root: &Path) -> Result<PathBuf> {
    let dir = root.join("target/tools/npm");
    if is_installed(&dir) {
        return Ok(dir);
    }
    fs::create_dir_all(&dir).with_context(|| format!("cannot make {}", dir.display()))?;
    let _lock = lock(&dir.join("install.lock"), "installs jco and Binaryen")?;
    if is_installed(&dir) {
        return Ok(dir);
    }
    for (name, text) in PACKAGES {
        fs::write(dir.join(name), text).with_context(|| format!("cannot write {}", dir.join(name).display()))?;
    }
    let mut command = Command::new("npm");
    command.args(["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]).current_dir(&dir);
    let said = run(&mut command)?;
    ensure!(
        said.is_none(),
        "npm could not install the packages jco-transpile and binaryen in {}: {}",
        dir.display(),
        said.unwrap_or_default()
    );
    Ok(dir)
}

/// The lock file's copy that npm writes last says that it came to its end.
fn is_installed(dir: &Path) -> bool {
    dir.join("node_modules/.package-lock.json").is_file()
        && PACKAGES.iter().all(|(name, text)| fs::read_to_string(dir.join(name)).is_ok_and(|old| old == *text))
}

/// Writes `<name>.js` and its types, with which hosts of JavaScript run the component, to `dir`.
pub fn transpile(tools: &Path, component: &Path, name: &str, dir: &Path) -> Result<()> {
    // Beside the packages that it imports.
    let program = tools.join(format!("transpile-{}.mjs", process::id()));
    fs::write(&program, TRANSPILE).with_context(|| format!("cannot write {}", program.display()))?;
    let said = run(Command::new("node").arg(&program).arg(component).arg(name).arg(dir));
    fs::remove_file(&program)?;
    match said? {
        None => Ok(()),
        Some(said) => {
            // After "panicked at …:" comes why. Node shows the line of the source that throws before the error itself.
            let lines = || said.lines().map(str::trim);
            let panic = lines().skip_while(|line| !line.contains("panicked at")).nth(1);
            let error = || lines().find(|line| line.split(':').next().is_some_and(|word| word.ends_with("Error")));
            let why = panic.or_else(error).unwrap_or(&said);
            bail!("jco cannot write the JavaScript of {}: {}", component.display(), why.trim());
        }
    }
}

/// Runs `node` or `npm`: what it wrote to stderr if it failed.
pub fn run(command: &mut Command) -> Result<Option<String>> {
    let name = command.get_program().to_string_lossy().into_owned();
    match command.stdin(Stdio::null()).stdout(Stdio::null()).output() {
        Ok(output) if output.status.success() => Ok(None),
        Ok(output) => Ok(Some(String::from_utf8_lossy(&output.stderr).trim().to_owned())),
        Err(error) if error.kind() == ErrorKind::NotFound => bail!(
            "cannot find {name:?}, which runs wasm-opt and jco: install Node 20 or later with npm (Debian: apt-get install nodejs npm)"
        ),
        Err(error) => Err(error).with_context(|| format!("cannot start {name}")),
    }
}

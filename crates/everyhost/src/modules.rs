//! `crates/modules.toml`: the modules of the workspace, one record each.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;
use vectors::model::Face;

/// Where the records are, from the root of the workspace.
pub const FILE: &str = "crates/modules.toml";

/// What hosts.toml's native rows and oracles run: no module, but the code in the adapter.
pub const NATIVE: &str = "native";

/// The faces of [`NATIVE`].
pub const NATIVE_FACES: &[Face] = &[Face::Signer, Face::Keys, Face::Adder];

/// One module: how it is built, what for, and which vectors it is given.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Module {
    /// Unique; lower-case letters, digits and `-`.
    pub name: String,
    /// One sentence about it.
    pub about: String,
    /// What it is for.
    #[serde(default)]
    pub purpose: Purpose,
    /// Its text, from the root of the workspace, if it is written as text and not built from a package.
    #[serde(default)]
    pub text: Option<PathBuf>,
    /// The cargo package.
    #[serde(default)]
    pub package: String,
    /// A profile of the root Cargo.toml.
    #[serde(default)]
    pub profile: String,
    /// Cargo features that are turned on; no others are, not the default ones either.
    #[serde(default)]
    pub features: Vec<String>,
    /// Wasm target features that are turned on beyond the target's own, such as `+simd128`.
    #[serde(default)]
    pub target_features: String,
    /// Cfgs that are set for every crate of the build, such as `sha2_backend_soft="compact"`.
    #[serde(default)]
    pub cfgs: Vec<String>,
    /// Flags for rustc in the last step alone, in which it optimizes all crates as one.
    #[serde(default)]
    pub last_step: Vec<String>,
    /// The package's binary that it is, if it is a program for WASI preview 1.
    #[serde(default)]
    pub wasi: Option<String>,
    /// The name of its files in `target/pkg`, if it goes through wasm-bindgen.
    #[serde(default)]
    pub bindgen: Option<String>,
    /// What of a component it is, if its package has a WIT.
    #[serde(default)]
    pub component: Option<Component>,
    /// Which suites it is given.
    #[serde(default)]
    pub faces: Vec<Face>,
    /// How much of them.
    #[serde(default, rename = "vectors")]
    pub share: Share,
    /// The most bytes that it may have.
    #[serde(default)]
    pub budget: Option<u64>,
    /// Its contestants in the bench.
    #[serde(default)]
    pub bench: Option<Bench>,
}

/// What a module is for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Purpose {
    /// For users, and run by the hosts.
    #[default]
    Product,
    /// Optimized for size; no host runs it.
    Size,
    /// For tests alone; it goes to `target/fixtures`.
    Fixture,
    /// Asks hosts about themselves.
    Probe,
}

/// What of a component a module is, or a row can run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Component {
    /// All of it.
    Whole,
    /// Its core module, which a host without components calls through the canonical ABI.
    Core,
}

/// How much of its suites a module is given.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Share {
    /// All of them.
    #[default]
    All,
    /// A few cases of each, unless `--all`.
    Few,
}

/// What the bench calls a module, and the ids of its contestants.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bench {
    /// Such as `lanes, relaxed SIMD`.
    pub label: String,
    /// Signs many messages a call.
    pub batch: Option<String>,
    /// Signs one message a call with a held key.
    pub held: Option<String>,
    /// Signs one message a call with a key that is passed.
    pub one_shot: Option<String>,
    /// Verifies many signatures a call.
    pub verify: Option<String>,
}

impl Module {
    /// Whether hosts run it.
    pub const fn is_run(&self) -> bool {
        matches!(self.purpose, Purpose::Product | Purpose::Probe)
    }

    /// Whether it comes with JavaScript, which only hosts of JavaScript can load.
    pub const fn has_glue(&self) -> bool {
        self.bindgen.is_some()
    }

    /// Whether it has an ABI of pointers: neither glue nor a WIT says how it is called.
    pub const fn has_pointers(&self) -> bool {
        !self.has_glue() && self.component.is_none()
    }

    fn check(&self) -> Result<()> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        ensure!(
            !self.name.is_empty() && self.name.chars().all(plain) && self.name != NATIVE,
            "a module's name is lower-case letters, digits and -, and not {NATIVE:?}"
        );
        ensure!(self.text.is_some() == self.package.is_empty(), "it needs a package or a text, and not both");
        ensure!(self.package.is_empty() == self.profile.is_empty(), "a package needs a profile");
        ensure!(self.bindgen.is_none() || self.component.is_none(), "it goes through wasm-bindgen or is a component");
        ensure!(self.is_run() != self.faces.is_empty(), "a product needs faces, and nothing else has them");
        Ok(())
    }
}

/// Reads and checks the records under `root`. A workspace without the file has no modules of its own.
pub fn load(root: &Path) -> Result<Vec<Module>> {
    let path = root.join(FILE);
    if !path.exists() {
        return Ok(Vec::new());
    }
    let text = fs::read_to_string(&path).with_context(|| format!("cannot read {FILE}"))?;
    parse(&text).context(FILE)
}

/// The records in `text`.
pub fn parse(text: &str) -> Result<Vec<Module>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        module: Vec<Module>,
    }
    let file: File = toml::from_str(text)?;
    let mut names = BTreeSet::new();
    for module in &file.module {
        module.check().with_context(|| format!("module {:?}", module.name))?;
        if !names.insert(&module.name) {
            bail!("two modules are called {:?}", module.name);
        }
    }
    Ok(file.module)
}

/// The names that `--module` may have: those of the modules that hosts run, and [`NATIVE`].
pub fn names(modules: &[Module]) -> Vec<&str> {
    let run = modules.iter().filter(|module| module.is_run());
    run.map(|module| module.name.as_str()).chain([NATIVE]).collect()
}

/// Where the built modules are: `target/modules` in the workspace.
pub fn modules_dir(root: &Path) -> PathBuf {
    root.join("target/modules")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::assert_has;

    const RECORD: &str =
        "[[module]]\nname = \"a\"\nabout = \"b\"\npackage = \"p\"\nprofile = \"wasm\"\nfaces = [\"adder\"]\n";

    #[test]
    fn says_what_is_wrong_with_a_record() {
        assert_eq!(names(&parse(RECORD).unwrap()), ["a", NATIVE]);
        let wrong = |from: &str, to: &str| format!("{:#}", parse(&RECORD.replace(from, to)).unwrap_err());
        assert!(wrong("\"a\"", "\"A\"").contains("module \"A\": a module's name is lower-case"));
        assert!(wrong("\"a\"", "\"native\"").contains("and not \"native\""));
        assert!(wrong("package = \"p\"\n", "").contains("it needs a package or a text"));
        assert!(wrong("package", "text = \"t\"\npackage").contains("and not both"));
        assert!(wrong("profile = \"wasm\"\n", "").contains("a package needs a profile"));
        assert!(wrong("[\"adder\"]", "[]").contains("a product needs faces"));
        assert!(wrong("faces", "purpose = \"size\"\nfaces").contains("nothing else has them"));
        assert!(wrong("faces", "bindgen = \"b\"\ncomponent = \"whole\"\nfaces").contains("or is a component"));
        assert!(wrong("faces", "component = \"half\"\nfaces").contains("unknown variant `half`"));
        assert!(wrong("faces", "budgte = 1\nfaces").contains("unknown field `budgte`"));
        assert_has(format!("{:#}", parse(&RECORD.repeat(2)).unwrap_err()), "two modules are called \"a\"");
    }
}

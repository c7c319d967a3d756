//! A module that is not ours: any .wasm file, asked `raw` vectors; or a component, asked `component` vectors.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, anyhow, bail, ensure};
use module_inspect::format::check_format;
use module_inspect::kind::is_component;
use tempfile::TempDir;
use vectors::file::{self, MIB};
use vectors::form::ops;
use vectors::imports::Import;
use vectors::model::{Case, Expect, Face, Suite};
use vectors::ops::Op;
use vectors::protocol::ModuleFile;

use crate::component::{self, Script, Shape};
use crate::declared::declare;
use crate::exports::Exports;
use crate::features::used_features;
use crate::hosts::{Given, Row, RowKind};
use crate::imports;
use crate::manifest::{Built, gzip_len, sha256_hex};
use crate::out;
use crate::outline::Outline;
use crate::virtualize;

pub(crate) const MOST_BYTES: u64 = 256 * MIB;

#[derive(Debug, Clone)]
pub(crate) struct Own {
    /// What it is called in the report: the file's name without `.wasm`, or as it was given.
    pub(crate) name: String,
    /// As `--module` had it, for the line that asks a case again.
    pub(crate) word: String,
    /// The file as it was given.
    given: PathBuf,
    /// What hosts are given: the file, absolute, or the one that was made of it.
    path: PathBuf,
    /// Where that one is, as long as this is.
    _made: Option<Arc<TempDir>>,
    wasm: Vec<u8>,
    imports: Vec<Import>,
    features: Vec<String>,
    /// Of a component.
    shape: Option<Shape>,
    /// Its JavaScript, as long as this is, if a row wants it; or why it cannot be written.
    script: Option<Result<Arc<Script>, String>>,
}

/// Whether a word of the command line is a file, and no name of a module of ours.
pub(crate) fn is_file(word: &str) -> bool {
    word.contains('/') || Path::new(word).extension().is_some_and(|extension| extension == "wasm")
}

/// What a word of the command line says of a module: the file, and the name before it if there is one, as in `NAME=FILE.wasm`.
pub(crate) fn named(word: &str) -> (Option<&str>, &Path) {
    match word.split_once('=') {
        Some((name, file)) if !name.is_empty() && name == plain(name) && !Path::new(word).exists() => {
            (Some(name), Path::new(file))
        }
        _ => (None, Path::new(word)),
    }
}

/// The modules that `--module` names, which must have names of their own.
pub(crate) fn read_all(words: &[String]) -> Result<Vec<Own>> {
    let mut owns: Vec<Own> = Vec::new();
    for word in words {
        let (name, file) = named(word);
        let mut own = Own::read(file)?;
        own.word.clone_from(word);
        own.name = name.map_or(own.name, String::from);
        if let Some(other) = owns.iter().find(|other| other.name == own.name) {
            bail!(
                "{} and {} are both called {}: give one of them another name, such as --module {}-2={}",
                other.given.display(),
                own.given.display(),
                own.name,
                own.name,
                file.display()
            );
        }
        owns.push(own);
    }
    Ok(owns)
}

impl Own {
    pub(crate) fn read(given: &Path) -> Result<Self> {
        let shown = given.display();
        let wasm = file::read(given, MOST_BYTES).map_err(|problem| anyhow!("{shown} {problem}"))?;
        let is_component = is_component(&wasm);
        if !is_component {
            check_format(&wasm).with_context(|| shown.to_string())?;
        }
        let features = if is_component { Vec::new() } else { used_features(&wasm) };
        let mut this = Self {
            name: name_of(given)?,
            word: given.display().to_string(),
            given: given.to_path_buf(),
            path: given.canonicalize().with_context(|| format!("cannot find {shown}"))?,
            _made: None,
            wasm,
            imports: Vec::new(),
            features,
            shape: None,
            script: None,
        };
        if is_component {
            this.read_component().with_context(|| shown.to_string())?;
            return Ok(this);
        }
        match declare(&Outline::read(&this.wasm).imports) {
            Ok(imports) => this.imports = imports,
            Err(wrong) => this.make_standalone(&wrong).with_context(|| shown.to_string())?,
        }
        Ok(this)
    }

    fn read_component(&mut self) -> Result<()> {
        let shape = Shape::read(&self.wasm)?;
        ensure!(
            shape.imports.is_empty(),
            "it is a component that imports {}: here only those run that import nothing; compose it with one that exports them",
            listed(&shape.imports, MOST_LISTED)
        );
        self.shape = Some(shape);
        Ok(())
    }

    /// Writes a component's JavaScript if one of these rows needs it.
    pub(crate) fn prepare<'r>(&mut self, root: &Path, mut rows: impl Iterator<Item = &'r Row>) {
        if self.shape.is_some() && rows.any(|row| row.can(COMPONENT) && row.takes_glue()) {
            let script = component::transpile(root, &self.path, &self.name);
            self.script = Some(
                script
                    .map(Arc::new)
                    .map_err(|error| format!("JavaScript runs a component through what jco writes for it: {error:#}")),
            );
        }
    }

    /// The operation that its cases have.
    pub(crate) fn op(&self) -> &'static str {
        if self.shape.is_some() { COMPONENT } else { "raw" }
    }

    /// What it exports, if it is a component.
    pub(crate) fn shape(&self) -> Option<&Shape> {
        self.shape.as_ref()
    }

    /// For imports that vectors have no form for: functions that trap take their place.
    fn make_standalone(&mut self, wrong: &[String]) -> Result<()> {
        out::say(format!(
            "{}: its imports have no form in vectors: {}. Functions that trap when they are called take the place of all of them, \
             as `everyhost virtualize` does",
            self.given.display(),
            listed(wrong, MOST_LISTED)
        ));
        let dir = tempfile::tempdir()?;
        self.wasm = virtualize::with_traps(&self.wasm)?;
        self.path = dir.path().join(&self.name).with_extension("wasm");
        fs::write(&self.path, &self.wasm)?;
        self._made = Some(Arc::new(dir));
        Ok(())
    }

    pub(crate) fn file(&self) -> ModuleFile {
        ModuleFile {
            path: self.path.display().to_string(),
            sha256: sha256_hex(&self.wasm),
            glue: self.script.iter().flatten().next().map(|script| script.path.display().to_string()),
            types: self.shape.as_ref().map(Shape::types),
        }
    }

    pub(crate) fn built(&self) -> Result<Built> {
        Ok(Built {
            path: self.given.clone(),
            sha256: sha256_hex(&self.wasm),
            bytes: self.wasm.len() as u64,
            gzip_bytes: gzip_len(&self.wasm)?,
            features: self.features.clone(),
            exports: Vec::new(),
            glue: None,
            component: self.shape.is_some(),
        })
    }

    /// What a host has to provide to it, as vectors have it.
    pub(crate) fn imports(&self) -> &[Import] {
        &self.imports
    }

    /// Refuses vectors that never say what the module's imports are: no host could make an instance.
    pub(crate) fn check_imports(&self, suites: &[Suite]) -> Result<()> {
        let says = |case: &Case| match &case.op {
            Op::RawImports(_) | Op::Wasi(_) => true,
            op => op.raw_steps().is_some() && matches!(case.expect, Expect::Error(_)),
        };
        let is_mine =
            |suite: &&Suite| suite.face == Face::Own && suite.module.as_ref().is_none_or(|name| *name == self.name);
        let cases = || suites.iter().filter(is_mine).flat_map(|suite| &suite.cases);
        if self.imports.is_empty() || cases().any(says) {
            return Ok(());
        }
        let imports = self.outline().imports;
        let names: Vec<String> = imports.iter().map(|import| format!("{} {}", import.kind(), import.name())).collect();
        bail!(
            "{} has imports, and the vectors don't declare them: {}; `everyhost new` writes a first set that does\n{}",
            self.given.display(),
            listed(&names, MOST_LISTED),
            imports::advice(&imports).join("\n"),
        )
    }

    /// What the module uses of Wasm, beyond the first version.
    pub(crate) fn features(&self) -> &[String] {
        &self.features
    }

    pub(crate) fn outline(&self) -> Outline {
        Outline::read(&self.wasm)
    }

    pub(crate) fn exports(&self) -> Result<Exports> {
        Exports::read(&self.wasm)
    }
}

/// How long a host may take to compile a module, beyond the row's own limit: a debug build of wasmtime takes 20 s of CPU a MiB,
/// and other rows run beside it.
const COMPILE_SECONDS_PER_MIB: u64 = 60;

/// The rows that run these modules, with time to compile them.
pub(crate) fn rows_for(owns: &[Own], rows: Vec<Row>) -> Vec<Row> {
    let names: Vec<&str> = owns.iter().map(|own| own.name.as_str()).collect();
    let bytes: u64 = owns.iter().map(|own| own.wasm.len() as u64).sum();
    let mut rows = rows_of(&names, rows);
    rows.iter_mut().for_each(|row| row.add_to_hello_timeout(bytes * COMPILE_SECONDS_PER_MIB / MIB));
    for own in owns {
        for row in &mut rows {
            let is_runnable = own.why_not(row).is_none();
            let Some(given) = row.modules.get_mut(&own.name) else { continue };
            given.ops.retain(|op| is_runnable && (op == COMPONENT) == own.shape.is_some());
        }
    }
    rows
}

/// One line for each component and reason: the rows that don't run it.
pub(crate) fn not_run<'r>(owns: &[Own], rows: impl Iterator<Item = &'r Row> + Clone) -> Vec<String> {
    let mut lines = Vec::new();
    for own in owns {
        let mut reasons: Vec<(&str, Vec<&str>)> = Vec::new();
        for row in rows.clone().filter(|row| row.kind == RowKind::Wasm) {
            let Some(why) = own.why_not(row) else { continue };
            match reasons.iter_mut().find(|(reason, _)| *reason == why) {
                Some((_, names)) => names.push(&row.name),
                None => reasons.push((why, vec![&row.name])),
            }
        }
        let line = |(why, names): (&str, Vec<&str>)| format!("{}: not run on {}: {why}", own.name, names.join(", "));
        lines.extend(reasons.into_iter().map(line));
    }
    lines
}

impl Own {
    /// Why a row doesn't run it, if it is a component.
    pub(crate) fn why_not(&self, row: &Row) -> Option<&str> {
        self.shape.as_ref()?;
        match &self.script {
            _ if !row.can(COMPONENT) => Some(NO_COMPONENTS),
            Some(Err(why)) if row.takes_glue() => Some(why),
            _ => None,
        }
    }
}

/// Why a row runs no component.
pub(crate) const NO_COMPONENTS: &str = "no components there";

/// The operation that components are asked.
pub(crate) const COMPONENT: &str = "component";

/// The rows that run modules, with these modules and no other. Each runs `raw`, and what else of that kind it lists for a
/// module of ours.
pub(crate) fn rows_of(names: &[&str], rows: Vec<Row>) -> Vec<Row> {
    let wasm_rows = rows.into_iter().filter(|row| row.kind == RowKind::Wasm);
    wasm_rows
        .map(|mut row| {
            let given = Given {
                ops: ops()
                    .iter()
                    .filter(|op| (op.starts_with("raw") || ["wasi", COMPONENT].contains(op)) && row.can(op))
                    .map(ToString::to_string)
                    .collect(),
                faces: vec![Face::Own],
                ..Given::default()
            };
            row.modules = names.iter().map(|name| ((*name).to_string(), given.clone())).collect();
            row
        })
        .collect()
}

const MOST_LISTED: usize = 6;

/// So many of them.
fn listed(names: &[String], most: usize) -> String {
    let more = if names.len() > most { ", …" } else { "" };
    format!("{}{more}", names[..names.len().min(most)].join(", "))
}

/// `path/to/My module.wasm` is `my-module`: what ids, file names and tables can have.
fn name_of(path: &Path) -> Result<String> {
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let name = plain(&stem);
    ensure!(!name.is_empty(), "{}: its name has no letter and no digit to call it by", path.display());
    Ok(name)
}

/// Lower-case letters, digits, and `-` for everything else.
pub(crate) fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut before = None;
    for c in text.chars() {
        // `addNumbers` reads as two words.
        if c.is_ascii_uppercase() && before.is_some_and(|before: char| before.is_ascii_lowercase()) {
            plain.push('-');
        }
        if c.is_ascii_alphanumeric() {
            plain.push(c.to_ascii_lowercase());
        } else if !plain.ends_with('-') && !plain.is_empty() {
            plain.push('-');
        }
        before = Some(c);
    }
    plain.trim_end_matches('-').to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::assert_has;

    fn read(name: &str, wasm: &[u8]) -> Result<Own> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(name);
        fs::write(&path, wasm).unwrap();
        Own::read(&path)
    }

    fn refused(wasm: &[u8]) -> String {
        format!("{:#}", read("My module.wasm", wasm).unwrap_err())
    }

    #[test]
    fn reads_a_module_and_its_exports() {
        let own = read("My module.wasm", &wat::parse_str(r#"(module (func (export "f")))"#).unwrap()).unwrap();
        assert_eq!(own.name, "my-module");
        assert_eq!(own.exports().unwrap().functions[0].export, "f");
    }

    #[test]
    fn says_what_a_file_is_instead() {
        assert!(refused(b"").contains("this file is empty"));
        assert_has(
            refused(b"\x7fELF\x02\x01\x01\0\0"),
            "it is not a Wasm module: that starts with 0061736d01000000, and this file with 7f454c4602010100",
        );
        assert_has(refused(b"\0asm\x0d\0\x01\0\x01"), "it is a component that is not sound");
        assert!(refused(b" (module)").contains("in the text format"));
        assert_has(refused(b"\0asm\x01\0\0\0\x01\x05\0"), "cut short: the section with the number 1 at byte 8");
        assert!(refused(b"\0asm\x01\0\0\0\x01").contains("cut short"));
    }

    /// A section, a type and an instruction that no tool knows: the hosts say what they think of them.
    #[test]
    fn what_this_tool_does_not_know_is_for_the_hosts_to_judge() {
        let unknown_section = b"\0asm\x01\0\0\0\x7f\x01\0".to_vec();
        let unknown_type = b"\0asm\x01\0\0\0\x01\x02\x01\x33".to_vec();
        let unknown_instruction =
            b"\0asm\x01\0\0\0\x01\x04\x01\x60\0\0\x03\x02\x01\0\x0a\x05\x01\x03\0\x27\x0b".to_vec();
        for wasm in [unknown_section, unknown_type, unknown_instruction] {
            let own = read("new.wasm", &wasm).unwrap();
            assert_eq!(own.built().unwrap().features, ["unknown to this tool"]);
        }
    }

    #[test]
    fn several_have_names_of_their_own() {
        let dir = tempfile::tempdir().unwrap();
        let file = |name: &str| {
            let path = dir.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, b"\0asm\x01\0\0\0").unwrap();
            path.display().to_string()
        };
        let (one, two) = (file("a.wasm"), file("b/a.wasm"));
        let names =
            |words: &[String]| read_all(words).map(|owns| owns.into_iter().map(|own| own.name).collect::<Vec<_>>());
        assert_eq!(names(&[one.clone(), format!("new={two}")]).unwrap(), ["a", "new"]);
        assert_has(
            format!("{:#}", names(&[one, two.clone()]).unwrap_err()),
            &format!("are both called a: give one of them another name, such as --module a-2={two}"),
        );
        assert_eq!(named("x=y.wasm"), (Some("x"), Path::new("y.wasm")));
        assert_eq!(named("./x=y.wasm"), (None, Path::new("./x=y.wasm")));
    }

    #[test]
    fn a_large_module_may_take_long_to_compile() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let data = "x".repeat(2 * MIB as usize);
        let wasm = wat::parse_str(format!(r#"(module (memory 33) (data (i32.const 0) "{data}"))"#)).unwrap();
        let own = read("large.wasm", &wasm).unwrap();
        let hello = |rows: Vec<Row>| rows[0].hello_timeout().as_secs();
        let before = hello(rows_of(&["large"], crate::hosts::load(&root).unwrap()));
        assert_eq!(hello(rows_for(&[own], crate::hosts::load(&root).unwrap())), before + 120);
    }

    #[test]
    fn imports_without_a_form_are_built_in() {
        let plain = r#"(module (import "env" "print" (func (param i32))))"#;
        assert_eq!(read("m.wasm", &wat::parse_str(plain).unwrap()).unwrap().imports().len(), 1);
        let odd = r#"(module (import "env" "print" (func (param i32))) (import "wbg" "f" (func (param externref))))"#;
        let own = read("m.wasm", &wat::parse_str(odd).unwrap()).unwrap();
        assert!(own.imports().is_empty());
        let file = own.file();
        assert!(Outline::read(&fs::read(&file.path).unwrap()).imports.is_empty());
        assert_eq!(file.sha256, sha256_hex(&own.wasm));
    }

    #[test]
    fn names_are_plain() {
        assert_eq!(plain("addNumbers_2"), "add-numbers-2");
        assert_eq!(plain("__heap base"), "heap-base");
        assert_eq!(plain("é"), "");
    }
}

//! `hosts/hosts.toml`: the rows of the matrix, and what each of them must be able to do.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use vectors::form::ops;
use vectors::model::Face;

use crate::bundle;
use crate::manifest::{self, Manifest};
use crate::modules::{self, Component, Module, NATIVE, NATIVE_FACES, Purpose, Share};
use crate::pattern::Pattern;

/// Where the rows stand, from the root of the workspace.
pub const HOSTS_FILE: &str = "hosts/hosts.toml";

/// One row of the matrix.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Row {
    /// Unique; lower case, digits and `-`.
    pub name: String,
    /// What it runs.
    pub kind: RowKind,
    /// The adapter: a program and its arguments, started in the root of the workspace.
    pub command: Vec<String>,
    /// Its bench program, if any, started in the root of the workspace.
    #[serde(default)]
    pub bench: Option<Vec<String>>,
    /// Builds the bench program, where nothing else does.
    #[serde(default)]
    pub bench_build: Vec<String>,
    /// Ends with exit code 0 if the host is installed.
    pub probe: Vec<String>,
    /// The one command that gets it.
    pub hint: String,
    /// Whether it runs every case every time.
    pub cost: Cost,
    /// How long an answer may take.
    #[serde(default = "answer_seconds")]
    timeout_seconds: u64,
    /// How long the reply to `hello` may take, which includes loading the modules.
    #[serde(default = "hello_seconds")]
    hello_timeout_seconds: u64,
    /// The operations that it can do, each on every module that has what it takes.
    ops: Vec<String>,
    /// Whether it loads modules with the JavaScript of wasm-bindgen.
    #[serde(default)]
    glue: bool,
    /// What of components it runs, if anything.
    #[serde(default)]
    component: Option<Component>,
    /// Wasm features that it lacks, each with the reason: modules that need one are not given to it.
    #[serde(default)]
    without: BTreeMap<String, String>,
    /// Modules, or some operations of theirs, that it is not given although it could be.
    #[serde(default)]
    except: Vec<Except>,
    /// What it is given, by module. It follows from the other fields and the modules' records and exports.
    #[serde(skip)]
    pub modules: BTreeMap<String, Given>,
}

/// What a row is given of a module.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Given {
    /// The operations that the row must be able to do with it.
    pub ops: Vec<String>,
    /// Which suites the module is given.
    pub faces: Vec<Face>,
    /// Whether it is given a few cases of each, unless `--all`.
    pub is_few: bool,
    /// Exports that other modules with the same faces have, and this one has not.
    pub lacks: Vec<String>,
    /// Cases with one of these flags are left out.
    pub without_flags: Vec<String>,
}

/// What a row runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, serde::Serialize)]
#[serde(rename_all = "lowercase")]
pub enum RowKind {
    /// Modules, in a Wasm runtime.
    Wasm,
    /// The same source, compiled for this machine.
    Native,
    /// An implementation that is not ours.
    Oracle,
}

/// What a row is not given.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Except {
    /// Of which modules.
    module: Pattern,
    /// Which operations; all of them unless given.
    #[serde(default)]
    ops: Vec<String>,
    /// Of them, only cases with one of these flags; all of them unless given.
    #[serde(default)]
    flags: Vec<String>,
    /// Why.
    reason: String,
}

/// How long a row takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Cost {
    /// It runs every case.
    Fast,
    /// It runs a sample, unless `--all` is given.
    Slow,
}

const fn answer_seconds() -> u64 {
    30
}

const fn hello_seconds() -> u64 {
    60
}

impl Row {
    /// How long an answer may take.
    pub const fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_seconds)
    }

    /// How long the reply to `hello` may take.
    pub const fn hello_timeout(&self) -> Duration {
        Duration::from_secs(self.hello_timeout_seconds)
    }

    /// Gives the row another time for an answer than its own.
    pub const fn set_timeout(&mut self, seconds: u64) {
        self.timeout_seconds = seconds;
    }

    /// Gives the row more time for `hello`, which includes loading the modules.
    pub(crate) const fn add_to_hello_timeout(&mut self, seconds: u64) {
        self.hello_timeout_seconds += seconds;
    }

    /// Whether the row must be able to do `op` with `module`.
    pub fn does(&self, module: &str, op: &str) -> bool {
        let given = self.modules.get(module);
        given.is_some_and(|given| given.ops.iter().any(|listed| listed == op))
    }

    /// Whether it can do `op` on some module.
    pub fn can(&self, op: &str) -> bool {
        self.ops.iter().any(|listed| listed == op)
    }

    /// Whether it runs modules through JavaScript.
    pub(crate) const fn takes_glue(&self) -> bool {
        self.glue
    }

    /// Why it lacks this feature of Wasm, if it is known to.
    pub(crate) fn lacks(&self, feature: &str) -> Option<&str> {
        self.without.get(feature).map(String::as_str)
    }

    /// Works out what the row is given.
    fn resolve(&mut self, modules: &[Module], built: &Manifest) {
        if self.kind != RowKind::Wasm {
            let given = Given { ops: self.ops.clone(), faces: NATIVE_FACES.to_vec(), ..Given::default() };
            self.modules = BTreeMap::from([(NATIVE.to_string(), given)]);
            return;
        }
        for module in modules.iter().filter(|module| module.is_run()) {
            let lacks_a_feature = module
                .target_features
                .split(',')
                .any(|feature| self.without.contains_key(feature.trim_start_matches('+')));
            let is_foreign = module.component.is_some() && module.component != self.component;
            if lacks_a_feature || is_foreign || (module.has_glue() && !self.glue) {
                continue;
            }
            let exports = built.get(&module.name).map(|built| built.exports.as_slice());
            let given = |op: &&String| {
                offers(module, exports, op) && !self.except.iter().any(|except| except.covers(&module.name, op))
            };
            let ops: Vec<String> = self.ops.iter().filter(given).cloned().collect();
            if !ops.is_empty() {
                let given = Given {
                    ops,
                    faces: module.faces.clone(),
                    is_few: module.share == Share::Few,
                    lacks: lacks(module, modules, built),
                    without_flags: self.flags_excepted(&module.name),
                };
                self.modules.insert(module.name.clone(), given);
            }
        }
    }

    fn flags_excepted(&self, module: &str) -> Vec<String> {
        let excepted = self.except.iter().filter(|except| except.module.matches(module));
        excepted.flat_map(|except| &except.flags).cloned().collect()
    }

    fn check(&self) -> Result<()> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        ensure!(
            !self.name.is_empty() && self.name.chars().all(plain),
            "a row's name is lower-case letters, digits and -"
        );
        ensure!(!self.command.is_empty(), "command is empty; it needs a program");
        ensure!(
            self.bench.as_ref().is_none_or(|command| !command.is_empty()),
            "bench is empty; it needs a program, or leave it out"
        );
        ensure!(self.bench_build.is_empty() || self.bench.is_some(), "bench_build is there and bench is not");
        ensure!(!self.probe.is_empty(), "probe is empty; it needs a program that ends with 0 when the host is here");
        ensure!(!self.hint.is_empty(), "hint is empty; it needs the one command that gets the host");
        ensure!(self.timeout_seconds > 0 && self.hello_timeout_seconds > 0, "a time limit is 0 seconds");
        ensure!(!self.ops.is_empty(), "ops is empty; a row without any would answer nothing");
        let mut seen = BTreeSet::new();
        for op in &self.ops {
            ensure!(seen.insert(op), "ops lists {op} twice");
        }
        for op in self.ops.iter().chain(self.except.iter().flat_map(|except| &except.ops)) {
            ensure!(ops().contains(&op.as_str()), "unknown operation {op:?}; operations are: {}", ops().join(", "));
        }
        for (what, reason) in (self.without.iter().map(|(feature, reason)| (feature.as_str(), reason)))
            .chain(self.except.iter().map(|except| (except.module.text(), &except.reason)))
        {
            ensure!(!reason.trim().is_empty(), "{what:?} has no reason");
        }
        ensure!(
            self.except.iter().all(|except| except.ops.is_empty() || except.flags.is_empty()),
            "an exception is about ops or about flags"
        );
        let has_modules = self.glue || self.component.is_some() || !self.without.is_empty() || !self.except.is_empty();
        ensure!(
            self.kind == RowKind::Wasm || !has_modules,
            "glue, component, without and except are about modules, and this row runs none"
        );
        Ok(())
    }
}

impl Except {
    fn covers(&self, module: &str, op: &str) -> bool {
        self.flags.is_empty()
            && self.module.matches(module)
            && (self.ops.is_empty() || self.ops.iter().any(|listed| listed == op))
    }
}

/// Whether a module has what an operation takes. A module that is not built may have everything.
fn offers(module: &Module, exports: Option<&[String]>, op: &str) -> bool {
    let is = |face| module.faces.contains(&face);
    let has = |export: &str| exports.is_none_or(|exports| exports.iter().any(|name| name == export));
    if module.component.is_some() {
        // Such as `everyhost:signer/ed25519@0.1.0#sign-many`.
        if op == "component" {
            return module.component == Some(Component::Whole);
        }
        let name = match op {
            "public_key" => "#derive-public-key".to_owned(),
            "session" => "#[method]signer.load-key".to_owned(),
            "sign" | "sign_many" | "verify" | "verify_strict" => format!("#{}", op.replace('_', "-")),
            _ => return false,
        };
        return is(Face::Signer) && exports.is_none_or(|exports| exports.iter().any(|export| export.ends_with(&name)));
    }
    if module.wasi.is_some() {
        return op == "wasi";
    }
    let by_pointers = module.has_pointers();
    match op {
        "public_key" | "sign" => is(Face::Signer) && (has("sign") || !by_pointers),
        "sign_many" => is(Face::Signer) && by_pointers && has("sign_batch"),
        "verify" | "verify_strict" => is(Face::Signer) && (has(op) || has("verify_batch")),
        "verify_many" | "verify_many_strict" => {
            is(Face::Signer) && by_pointers && (has("verify_batch") || has("verify_strict"))
        }
        "session" => is(Face::Signer) && by_pointers && has("load_key"),
        "read_key" | "write_key" => is(Face::Keys),
        "add" => is(Face::Adder),
        "divide" => is(Face::Adder) && has("divide_numbers"),
        "raw" => by_pointers,
        "raw_memory_limit" => by_pointers && !is(Face::Adder),
        _ => module.purpose == Purpose::Probe,
    }
}

/// The exports that other modules with all faces of this one have, and this one has not.
fn lacks(module: &Module, modules: &[Module], built: &Manifest) -> Vec<String> {
    let Some(own) = built.get(&module.name) else {
        return Vec::new();
    };
    let has_same_kind = |other: &&Module| (other.has_glue(), other.component) == (module.has_glue(), module.component);
    let alike = modules.iter().filter(|other| other.is_run() && other.faces == module.faces).filter(has_same_kind);
    let theirs: BTreeSet<&String> = alike
        .filter_map(|other| built.get(&other.name))
        .flat_map(|other| &other.exports)
        .filter(|export| !own.exports.contains(export))
        .collect();
    theirs.into_iter().cloned().collect()
}

/// Reads and checks `hosts/hosts.toml` under `root`, and works out what each row is given of the modules there.
pub fn load(root: &Path) -> Result<Vec<Row>> {
    let modules = modules::load(root)?;
    let text = fs::read_to_string(root.join(HOSTS_FILE)).with_context(|| format!("cannot read {HOSTS_FILE}"))?;
    let mut rows = parse(&text, &modules, &manifest::load(root).unwrap_or_default()).context(HOSTS_FILE)?;
    if bundle::is_unpacked(root) {
        rows.iter_mut().for_each(|row| row.hint = bundle::hint(row, root));
    }
    Ok(rows)
}

fn parse(text: &str, modules: &[Module], built: &Manifest) -> Result<Vec<Row>> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct File {
        #[serde(default)]
        row: Vec<Row>,
    }
    let mut file: File = toml::from_str(text)?;
    if file.row.is_empty() {
        bail!("it has no [[row]]");
    }
    let mut names = BTreeSet::new();
    for row in &mut file.row {
        row.check().with_context(|| format!("row {:?}", row.name))?;
        ensure!(names.insert(row.name.clone()), "two rows are called {:?}", row.name);
        row.resolve(modules, built);
    }
    Ok(file.row)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::assert_has;

    const ROW: &str = r#"
        [[row]]
        name = "node"
        kind = "wasm"
        command = ["node", "adapter.mjs"]
        probe = ["node", "--version"]
        hint = "apt-get install nodejs"
        cost = "fast"
        ops = ["sign", "sign_many", "verify", "verify_many", "session", "add", "divide", "raw", "raw_deadline"]
    "#;

    const MODULES: &str = r#"
        module = [
            { name = "signer", about = "a", package = "a", profile = "wasm", faces = ["signer", "signer-abi"] },
            { name = "signer-simd", about = "a", package = "a", profile = "wasm", faces = ["signer", "signer-abi"], target_features = "+simd128" },
            { name = "signer-js", about = "a", package = "a", profile = "wasm", faces = ["signer"], bindgen = "signer" },
            { name = "adder", about = "a", package = "a", profile = "wasm", faces = ["adder", "adder-abi"] },
            { name = "probe", about = "a", purpose = "probe", text = "a.wat", faces = ["probe"] },
            { name = "signer-wit", about = "a", package = "a", profile = "wasm", faces = ["signer"], component = "whole" },
            { name = "signer-core", about = "a", package = "a", profile = "wasm", faces = ["signer"], component = "core" },
            { name = "verifier", about = "a", package = "a", profile = "wasm", faces = ["signer", "verifier"] },
            { name = "signer-size", about = "a", purpose = "size", package = "a", profile = "wasm" },
        ]
    "#;

    fn read(text: &str) -> Result<Vec<Row>> {
        let built = |exports: &[&str]| {
            serde_json::from_value(
                serde_json::json!({"path": "", "sha256": "", "bytes": 0, "gzip_bytes": 0, "exports": exports}),
            )
            .unwrap()
        };
        let manifest = Manifest::from([
            ("signer".to_string(), built(&["sign", "sign_batch", "verify", "load_key"])),
            ("signer-simd".to_string(), built(&["sign", "sign_batch", "load_key"])),
            ("verifier".to_string(), built(&["verify_batch"])),
            ("signer-core".to_string(), built(&["a:b/c@1.0.0#sign", "a:b/c@1.0.0#verify"])),
        ]);
        parse(text, &modules::parse(MODULES).unwrap(), &manifest)
    }

    fn given(row: &Row) -> Vec<String> {
        let all = row.modules.iter();
        all.map(|(module, given)| format!("{module}: {}", given.ops.join(" "))).collect()
    }

    #[test]
    fn reads_a_row_with_the_documented_limits() {
        let rows = read(ROW).unwrap();
        assert_eq!(rows[0].timeout(), Duration::from_secs(30));
        assert_eq!(rows[0].hello_timeout(), Duration::from_secs(60));
        assert!(rows[0].does("adder", "add") && !rows[0].does("adder", "sign") && !rows[0].does("none", "add"));
    }

    #[test]
    fn what_a_row_is_given_follows_from_the_modules() {
        let of = |more: &str| given(&read(&format!("{ROW}\n{more}")).unwrap()[0]);
        let adder = "adder: add divide raw";
        let (probe, signer) = ("probe: raw raw_deadline", "signer: sign sign_many verify session raw");
        // Without `verify`, which it does not export.
        let simd = "signer-simd: sign sign_many session raw";
        let verifier = "verifier: verify verify_many raw";
        assert_eq!(of(""), [adder, probe, signer, simd, verifier]);
        assert_eq!(of("glue = true"), [adder, probe, signer, "signer-js: sign verify", simd, verifier]);
        let wit = "signer-wit: sign sign_many verify session";
        assert_eq!(of("component = \"whole\""), [adder, probe, signer, simd, wit, verifier]);
        // Without what it does not export.
        assert_eq!(of("component = \"core\""), [adder, probe, signer, "signer-core: sign verify", simd, verifier]);
        assert_eq!(of("without = { simd128 = \"b\" }"), [adder, probe, signer, verifier]);
        let except = r#"except = [{ module = "signer*", ops = ["raw", "session"], reason = "b" }, { module = "adder", reason = "b" }]"#;
        assert_eq!(of(except), [probe, "signer: sign sign_many verify", "signer-simd: sign sign_many", verifier]);
        assert_eq!(read(ROW).unwrap()[0].modules["signer-simd"].lacks, ["verify"]);
        let long = r#"except = [{ module = "signer", flags = ["Long"], reason = "b" }]"#;
        assert_eq!(of(long), of(""));
        let row = &read(&format!("{ROW}\n{long}")).unwrap()[0];
        assert_eq!(row.modules["signer"].without_flags, ["Long"]);
        assert!(row.modules["signer-simd"].without_flags.is_empty());
        let oracle = ROW.replace("\"wasm\"", "\"oracle\"").replace(", \"raw\", \"raw_deadline\"", "");
        assert_eq!(given(&read(&oracle).unwrap()[0]), ["native: sign sign_many verify verify_many session add divide"]);
    }

    #[test]
    fn says_what_is_wrong_with_a_row() {
        let wrong = |from: &str, to: &str| format!("{:#}", read(&ROW.replace(from, to)).unwrap_err());
        assert_has(
            wrong("\"divide\"", "\"div\""),
            r#"row "node": unknown operation "div"; operations are: public_key"#,
        );
        assert!(wrong("\"divide\"", "\"add\"").contains("lists add twice"));
        let more = |more: &str| format!("{:#}", read(&format!("{ROW}\n{more}")).unwrap_err());
        assert!(more(r#"except = [{ module = "a[", reason = "b" }]"#).contains("is no pattern"));
        assert!(more(r#"except = [{ module = "a*", reason = " " }]"#).contains(r#""a*" has no reason"#));
        assert!(more(r#"except = [{ module = "a*" }]"#).contains("missing field `reason`"));
        let both = r#"except = [{ module = "a", ops = ["sign"], flags = ["Long"], reason = "b" }]"#;
        assert!(more(both).contains("about ops or about flags"));
        assert!(more(r#"without = { simd128 = "" }"#).contains(r#""simd128" has no reason"#));
        assert_has(
            format!("{:#}", read(&format!("{}\nglue = true", ROW.replace("\"wasm\"", "\"native\""))).unwrap_err()),
            "this row runs none",
        );
        assert!(wrong("\"fast\"", "\"quick\"").contains("unknown variant `quick`"));
        assert!(wrong("hint =", "hints =").contains("hints"));
        assert!(wrong("\"node\", \"adapter.mjs\"", "").contains("command is empty"));
        assert!(wrong("hint =", "bench = []\n        hint =").contains("bench is empty"));
        assert!(wrong("hint =", "bench_build = [\"make\"]\n        hint =").contains("bench is not"));
        assert!(wrong("\"node\"\n        kind", "\"No de\"\n        kind").contains("lower-case"));
        assert!(format!("{:#}", read(&ROW.repeat(2)).unwrap_err()).contains(r#"two rows are called "node""#));
        assert!(read("").is_err());
    }
}

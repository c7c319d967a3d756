//! `everyhost smoke -- COMMAND…`: checks one adapter against the contract (hosts/CONTRACT.md), and reports line by line
//! what is wrong. For authors of adapters: it needs no entry in hosts.toml.

mod lines;
mod questions;
mod talk;

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context, Result, ensure};
use clap::Args;
use serde_json::json;
use vectors::Suite;
use vectors::protocol::{Hello, LoadedModule, ModuleFile};

use self::questions::{
    Group, calls_of_a_component, claims, known_answers, long_answer, newer_steps, of_the_module, simple,
};
use self::talk::{Question, Talk, Wrong, shown};
use crate::command::Exit;
use crate::component::Shape;
use crate::manifest::sha256_hex;
use crate::modules::NATIVE;
use crate::out::{DIM, GREEN, PLAIN, RED, parts, say};
use crate::{manifest, suites};

/// The name of the small module that every adapter is given.
const SMOKE: &str = "smoke";

const BROKEN: &str = "smoke-broken";

const COMPONENT: &str = "smoke-component";

/// Our module whose operations are checked too, if it is built.
const SIGNER: &str = "signer-raw";

const SIGNER_OPS: &[&str] = &["public_key", "sign", "sign_many", "verify", "verify_strict", "session", "raw"];

/// After so many checks in a row that the adapter did not survive, the others are not made.
const MOST_BREAKS: usize = 3;

#[derive(Debug, Args)]
pub(crate) struct SmokeArgs {
    /// It runs no module: it is given the name `native`, and asked known answers only
    #[arg(long)]
    pub(crate) native: bool,
    /// How long an answer may take
    #[arg(long, value_name = "SECONDS", default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) timeout: u64,
    /// How long the reply to hello may take, which includes loading the modules
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(1..=86_400))]
    pub(crate) hello_timeout: u64,
    /// The adapter: a program and its arguments, started in this folder
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub(crate) command: Vec<String>,
}

/// Checks an adapter and prints what is found. `root` is the workspace, if there is one: its signer and its vectors are
/// then checked too.
pub(crate) fn run(root: Option<&Path>, args: &SmokeArgs) -> Result<Exit> {
    let folder = tempfile::tempdir().context("cannot make a folder for the modules")?;
    let here = env::current_dir().context("the current folder")?;
    let mut checked = Checked::default();
    let (modules, suites) = if args.native {
        let root = root.context("--native needs the workspace's vectors: run it there, or say where with --root")?;
        let nowhere = ModuleFile { path: String::new(), sha256: String::new(), glue: None, types: None };
        (BTreeMap::from([(NATIVE.to_string(), nowhere)]), suites::load(&root.join(suites::DIR))?)
    } else {
        let smoke = write_module(folder.path(), SMOKE, &smoke_wasm()?)?;
        let mut modules = BTreeMap::from([(SMOKE.to_string(), smoke)]);
        let mut suites = Vec::new();
        match root.map(built_signer) {
            Some(Ok(signer)) => {
                modules.insert(SIGNER.to_string(), signer);
                suites = suites::load(&root.unwrap_or(Path::new("")).join(suites::DIR))?;
            }
            Some(Err(why)) => checked.note(&format!("{SIGNER} is not asked: {why:#}")),
            None => checked.note(&format!("{SIGNER} is not asked: no workspace is here; --root says where one is")),
        }
        (modules, suites)
    };
    let mut smoke = Smoke { args, here, folder: folder.path().to_path_buf(), suites, checked, breaks: 0 };
    smoke.all(modules);
    Ok(smoke.checked.end())
}

struct Smoke<'a> {
    args: &'a SmokeArgs,
    here: PathBuf,
    folder: PathBuf,
    suites: Vec<Suite>,
    checked: Checked,
    /// Checks in a row that the adapter did not survive.
    breaks: usize,
}

impl Smoke<'_> {
    fn all(&mut self, modules: BTreeMap<String, ModuleFile>) {
        let mut talk = self.talk(modules);
        let hello = match talk.hello(&json!({})) {
            Ok(hello) => hello,
            Err(wrong) => {
                self.checked.fail("hello", &wrong);
                self.checked.note("nothing else was asked: fix hello first");
                return;
            }
        };
        self.checked.pass("hello");
        if !self.check_hello(&talk, &hello) {
            self.checked.note("nothing else was asked: fix hello first");
            return;
        }
        let newer = !self.args.native && self.knows_newer_steps(&mut talk);
        let Some((plain, groups)) = self.questions(&hello, newer) else {
            return;
        };
        for group in groups {
            self.check(&group.name, &mut talk, |talk| {
                group.questions.iter().try_for_each(|question| talk.ask(question))
            });
        }
        if !self.args.native {
            self.check("raw: a stack overflow is a trap that says so", &mut talk, lines::overflow);
        }
        self.check("unknown fields are ignored", &mut talk, |talk| {
            talk.ask_with(&plain, &json!({"note": "new in a later version", "limits": {"ms": 1}}))
        });
        self.check("32 requests at once, answered in their order", &mut talk, |talk| lines::ahead(talk, &plain));
        self.check("an answer is flushed before the next request is read", &mut talk, |talk| {
            lines::flushed(talk, &plain)
        });
        self.check("a request of 64 MiB", &mut talk, |talk| lines::long_request(talk, &plain));
        if !self.args.native {
            self.check("an answer of 8 MiB", &mut talk, |talk| talk.ask(&long_answer()));
        }
        self.check("exit code 0 at the end of stdin", &mut talk, |talk| lines::end(talk, &plain));
        self.check("what was sent before the end of stdin is answered", &mut talk, |talk| {
            lines::answers_before_the_end(talk, &plain)
        });
        self.check("hello: unknown fields are ignored", &mut talk, |talk| {
            talk.hello(&json!({"note": "new in a later version"})).map(|_| ())
        });
        if !self.args.native {
            self.check_refused();
            self.check_component();
        }
    }

    fn talk(&self, modules: BTreeMap<String, ModuleFile>) -> Talk {
        Talk::new(
            &self.args.command,
            self.here.clone(),
            modules,
            Duration::from_secs(self.args.timeout),
            Duration::from_secs(self.args.hello_timeout),
        )
    }

    /// What `hello` says. Returns whether anything can be asked.
    fn check_hello(&mut self, talk: &Talk, hello: &Hello) -> bool {
        let came = shown(&serde_json::to_value(hello).unwrap_or_default());
        let wrong = |expected: String| Wrong { sent: "hello".into(), came: came.clone(), expected };
        let empty: Vec<&str> =
            [("host", &hello.host), ("version", &hello.version), ("runtime", &hello.runtime), ("os", &hello.os)]
                .into_iter()
                .filter(|(_, said)| said.trim().is_empty())
                .map(|(field, _)| field)
                .collect();
        self.checked
            .is("hello: who answers", (!empty.is_empty()).then(|| wrong(format!("{} in words", empty.join(", ")))));
        let (module, must_have) = if self.args.native { (NATIVE, None) } else { (SMOKE, Some("raw")) };
        let given = talk.modules.get(module);
        let loaded = hello.modules.get(module);
        let fault = match loaded {
            None => Some(format!("modules.{module}, with its sha256 and its ops")),
            Some(LoadedModule { refused: Some(_), .. }) => {
                Some(format!("{module} loaded, not refused: it is within Wasm 1.0"))
            }
            Some(loaded) if !self.args.native && given.is_some_and(|given| given.sha256 != loaded.sha256) => {
                Some(format!(
                    "modules.{module}.sha256 to be that of the file: {}",
                    given.map_or("", |given| given.sha256.as_str())
                ))
            }
            Some(loaded) => match must_have {
                Some(op) if !loaded.ops.iter().any(|claimed| claimed == op) => {
                    Some(format!("modules.{module}.ops to hold {op:?}: the module has no imports"))
                }
                None if loaded.ops.is_empty() => Some(format!("modules.{module}.ops to hold an operation")),
                _ => None,
            },
        };
        let usable = fault.is_none();
        self.checked.is("hello: the module that it was given", fault.map(&wrong));
        if !self.args.native {
            for (name, given) in talk.modules.iter().filter(|(name, _)| *name != SMOKE) {
                let fault = match hello.modules.get(name) {
                    None => Some(format!("modules.{name}: what is given is answered, if only as refused")),
                    Some(loaded) if loaded.sha256 != given.sha256 => {
                        Some(format!("modules.{name}.sha256 to be that of the file: {}", given.sha256))
                    }
                    Some(_) => None,
                };
                self.checked.is(&format!("hello: {name}, which it was given too"), fault.map(&wrong));
            }
        }
        usable
    }

    /// Whether the adapter knows the steps that came later. One that does not is sound, and says so by any other answer
    /// than the right one: a field in `hello` would be one more thing for every adapter to say.
    fn knows_newer_steps(&mut self, talk: &mut Talk) -> bool {
        match talk.ask(&newer_steps()) {
            Ok(()) => true,
            Err(wrong) => {
                self.checked.note(&format!(
                    "names for several results and of any type, texts up to a zero byte and pointers of 64 bits are not checked: asked {}, the adapter answered {}",
                    wrong.sent, wrong.came
                ));
                false
            }
        }
    }

    /// A plain question for what is about lines, and all the others.
    fn questions(&mut self, hello: &Hello, newer: bool) -> Option<(Question, Vec<Group>)> {
        if !self.args.native {
            let mut groups = of_the_module(hello, newer);
            match hello.modules.get(SIGNER) {
                Some(LoadedModule { refused: Some(why), .. }) => {
                    self.checked.note(&format!("{SIGNER} is not asked: the host cannot load it: {why}"));
                }
                Some(loaded) => {
                    let unclaimed = unclaimed(loaded, SIGNER_OPS);
                    if !unclaimed.is_empty() {
                        self.checked.note(&format!("{SIGNER}: not claimed, so not asked: {}", unclaimed.join(", ")));
                    }
                    groups.extend(known_answers(&self.suites, hello, SIGNER));
                }
                None => {}
            }
            return Some((simple(), groups));
        }
        let groups = known_answers(&self.suites, hello, NATIVE);
        let plain = groups.iter().find_map(|group| group.questions.first().cloned());
        if plain.is_none() {
            self.checked.note("nothing else was asked: hello claims no operation that the vectors have");
        }
        plain.map(|plain| (plain, groups))
    }

    fn check(&mut self, name: &str, talk: &mut Talk, check: impl FnOnce(&mut Talk) -> Result<(), Wrong>) {
        if self.breaks >= MOST_BREAKS {
            self.checked.note(&format!("not checked, because the adapter kept failing: {name}"));
            return;
        }
        let fault = check(talk).err();
        self.breaks = if fault.is_some() && !talk.is_running() { self.breaks + 1 } else { 0 };
        self.checked.is(name, fault);
    }

    /// It reports a module that it cannot load, and runs the others.
    fn check_refused(&mut self) {
        const NAME: &str = "hello: a module that it cannot load is refused, the other one is not";
        let given = write_module(&self.folder, BROKEN, b"\0asm\x01\0\0\0\x7f\x01\0")
            .and_then(|broken| Ok([(BROKEN, broken), (SMOKE, write_module(&self.folder, SMOKE, &smoke_wasm()?)?)]));
        let Ok(given) = given else {
            self.checked.note(&format!("not checked, because its files cannot be written: {NAME}"));
            return;
        };
        let sha256 = given[0].1.sha256.clone();
        let mut talk = self.talk(given.into_iter().map(|(name, file)| (name.to_string(), file)).collect());
        self.check(NAME, &mut talk, |talk| {
            let hello = talk.hello(&json!({}))?;
            let refused = hello.modules.get(BROKEN);
            let as_expected = refused.is_some_and(|module| {
                module.refused.as_ref().is_some_and(|why| !why.is_empty()) && module.sha256 == sha256
            });
            if !as_expected {
                return Err(Wrong {
                    sent: format!("hello, with {BROKEN}: a file of 11 bytes with a section that there is none of"),
                    came: shown(&json!({"modules": {BROKEN: refused}})),
                    expected: format!(
                        "{{\"modules\":{{\"{BROKEN}\":{{\"sha256\":\"{}…\",\"ops\":[],\"refused\":\"why, in the host's own words\"}},…}}}}",
                        &sha256[..16]
                    ),
                });
            }
            talk.ask(&simple())
        });
    }

    /// It calls a component's functions by the types of their WIT, if it says so.
    fn check_component(&mut self) {
        const NAME: &str = "component: calls, wrong values, and a trap at the end";
        let given = smoke_component().and_then(|wasm| {
            let types = Some(Shape::read(&wasm)?.types());
            Ok(ModuleFile { types, ..write_module(&self.folder, COMPONENT, &wasm)? })
        });
        let Ok(given) = given else {
            self.checked.note(&format!("not checked, because its file cannot be written: {NAME}"));
            return;
        };
        let mut talk = self.talk(BTreeMap::from([(COMPONENT.to_string(), given)]));
        match talk.hello(&json!({})) {
            Err(wrong) => self.checked.fail(NAME, &wrong),
            Ok(hello) if claims(&hello, COMPONENT, "component") => {
                self.check(NAME, &mut talk, |talk| talk.ask(&calls_of_a_component()));
            }
            Ok(_) => self.checked.note("component: not claimed, so not asked"),
        }
    }
}

/// What was found so far; printed as it comes.
#[derive(Default)]
struct Checked {
    passed: usize,
    failed: usize,
    notes: usize,
}

impl Checked {
    fn is(&mut self, name: &str, fault: Option<Wrong>) {
        match fault {
            None => self.pass(name),
            Some(wrong) => self.fail(name, &wrong),
        }
    }

    fn pass(&mut self, name: &str) {
        self.passed += 1;
        parts(&[(GREEN.bold(), "ok"), (PLAIN, &format!("    {name}"))]);
    }

    fn fail(&mut self, name: &str, wrong: &Wrong) {
        self.failed += 1;
        parts(&[(RED, "FAIL"), (PLAIN, &format!("  {name}"))]);
        say(format!("        sent      {}", wrong.sent));
        say(format!("        came      {}", wrong.came));
        say(format!("        expected  {}", wrong.expected));
    }

    fn note(&mut self, what: &str) {
        self.notes += 1;
        parts(&[(DIM, &format!("–     {what}"))]);
    }

    fn end(&self) -> Exit {
        let style = if self.failed == 0 { GREEN.bold() } else { RED };
        let notes = match self.notes {
            0 => String::new(),
            1 => ", 1 remark".into(),
            notes => format!(", {notes} remarks"),
        };
        let counts = format!("{} checks passed, {} failed{notes}", self.passed, self.failed);
        parts(&[(style, &counts)]);
        if self.failed > 0 {
            say("the contract: hosts/CONTRACT.md");
            return Exit::Bad;
        }
        Exit::Good
    }
}

/// Those of `ops` that hello does not claim of a module.
fn unclaimed<'a>(loaded: &LoadedModule, ops: &[&'a str]) -> Vec<&'a str> {
    ops.iter().filter(|op| !loaded.ops.iter().any(|claimed| claimed == *op)).copied().collect()
}

fn smoke_wasm() -> Result<Vec<u8>> {
    wat::parse_str(include_str!("smoke.wat")).context("smoke.wat")
}

fn smoke_component() -> Result<Vec<u8>> {
    wat::parse_str(include_str!("component.wat")).context("component.wat")
}

fn write_module(folder: &Path, name: &str, wasm: &[u8]) -> Result<ModuleFile> {
    let path = folder.join(name).with_extension("wasm");
    fs::write(&path, wasm).with_context(|| format!("cannot write {}", path.display()))?;
    Ok(ModuleFile { path: path.display().to_string(), sha256: sha256_hex(wasm), glue: None, types: None })
}

fn built_signer(root: &Path) -> Result<ModuleFile> {
    let built = manifest::load(root)?;
    ensure!(built.contains_key(SIGNER), "it is not built: run `make modules`");
    manifest::locate(root, SIGNER, &built[SIGNER])
}

//! Writes vectors of one's own: what a module is asked, and the right answers. The same functions are in `writers/python` and
//! `writers/javascript`.
//!
//! ```
//! use vectors::write::{Suite, call, i32, named, text, write};
//!
//! let mut suite = Suite::new("checksum", "the catalogue of CRC algorithms", "public domain");
//! suite
//!     .case("checksum/check", [
//!         call("buffer", []).names(["buffer"]).returns([named("buffer")]),
//!         write(named("buffer"), text("123456789")),
//!         call("crc32", [i32(9)]).returns([i32(0xcbf4_3926_u32)]),
//!     ])
//!     .comment("the check value of the catalogue");
//! # let dir = tempfile::tempdir()?;
//! # let folder = dir.path();
//! suite.save(folder)?; // then: everyhost run --module checksum.wasm --vectors FOLDER
//! # anyhow::Ok(())
//! ```

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde_json::{Map, Value as Json, json};

use crate::model::SCHEMA;

/// A part of a case: a value, bytes, an expectation or an answer.
pub type Part = Json;

/// Signed or unsigned.
pub fn i32(number: impl Into<i64>) -> Part {
    json!({ "i32": number.into() })
}

/// Signed or unsigned.
pub fn i64(number: impl Into<i128>) -> Part {
    json!({ "i64": number.into().to_string() })
}

/// With these bits, of a NaN too.
pub fn f32(number: f32) -> Part {
    json!({ "f32": format!("{:08x}", number.to_bits()) })
}

/// With these bits, of a NaN too.
pub fn f64(number: f64) -> Part {
    json!({ "f64": format!("{:016x}", number.to_bits()) })
}

/// What a step before this one named. In an expected result: a pointer that differs from module to module.
pub fn named(name: &str) -> Part {
    json!({ "var": name })
}

/// The same, and so many more.
pub fn named_plus(name: &str, plus: i32) -> Part {
    json!({"var": name, "plus": plus})
}

/// A value of a component, with these bits: `hosts/COMPONENTS.md` says how each type of WIT is written.
pub fn wit_f32(number: f32) -> Part {
    f32(number)["f32"].take()
}

/// A value of a component, with these bits.
pub fn wit_f64(number: f64) -> Part {
    f64(number)["f64"].take()
}

/// A value of a component: a u64 or s64.
pub fn wit_64(number: impl Into<i128>) -> Part {
    i64(number)["i64"].take()
}

/// A resource of a component: they are numbered from 0 on, in the order in which they came.
pub fn handle(number: u32) -> Part {
    json!({ "handle": number })
}

/// These bytes.
pub fn bytes(bytes: impl AsRef<[u8]>) -> Part {
    hex::encode(bytes).into()
}

/// Bytes: text in UTF-8.
pub fn text(text: &str) -> Part {
    json!({ "text": text })
}

/// Bytes: those that this base64 stands for.
pub fn base64(base64: &str) -> Part {
    json!({ "base64": base64 })
}

/// Bytes: the contents of a file, by its path from the folder of the vectors.
pub fn file(path: &str) -> Part {
    json!({ "file": path })
}

/// Bytes: the unit, so many times over.
pub fn repeat(unit: impl AsRef<[u8]>, times: usize) -> Part {
    json!({"repeat": hex::encode(unit), "times": times})
}

/// Expects any NaN.
pub fn f32_nan() -> Part {
    json!({"f32": "nan"})
}

/// Expects any NaN.
pub fn f64_nan() -> Part {
    json!({"f64": "nan"})
}

/// Expects any value of the type i32, i64, f32 or f64.
pub fn any_value(type_name: &str) -> Part {
    json!({ "any": type_name })
}

/// Expects any value of its type except this one.
pub fn not_equal(value: Part) -> Part {
    json!({ "not": value })
}

/// Expects one of these values, bytes or answers.
pub fn one_of(several: impl IntoIterator<Item = Part>) -> Part {
    json!({"one_of": list(several)})
}

/// Expects so many bytes.
pub fn length(count: usize) -> Part {
    json!({ "length": count })
}

/// Expects bytes with this SHA-256, in hex.
pub fn sha256(digest: &str) -> Part {
    json!({ "sha256": digest })
}

/// What the row of the case's table has under this name.
pub fn cell(name: &str) -> Part {
    json!({ "cell": name })
}

/// The answer of a call or a global.
pub fn returned(values: impl IntoIterator<Item = Part>) -> Part {
    json!({"ok": {"results": list(values)}})
}

/// The answer of a read.
pub fn gave(bytes: Part) -> Part {
    json!({"ok": {"bytes": bytes}})
}

/// The answer of `pages` and `grow`.
pub fn gave_pages(pages: u32) -> Part {
    json!({"ok": {"pages": pages}})
}

/// The answer of a write.
pub fn done() -> Part {
    json!({"ok": {}})
}

/// A trap.
pub fn trapped() -> Part {
    json!({"trap": true})
}

/// A refusal, such as `OUT_OF_BOUNDS`.
pub fn failed(name: &str) -> Part {
    json!({ "error": name })
}

/// A call of a host function that is expected: its place in the imports, what it was given, and the answers of its steps.
pub fn host_call(import: u32, args: impl IntoIterator<Item = Part>, steps: impl IntoIterator<Item = Part>) -> Part {
    let mut call = json!({"import": import, "args": list(args)});
    put(&mut call, "steps", list(steps));
    call
}

/// A step, and its answer.
#[derive(Debug, Clone)]
pub struct Step {
    step: Json,
    answer: Option<Part>,
}

impl Step {
    fn new(step: Json) -> Self {
        Self { step, answer: None }
    }

    /// Names for the results, from the first on.
    #[must_use]
    pub fn names<'n>(mut self, names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut names: Vec<Json> = names.into_iter().map(Json::from).collect();
        self.step["as"] = if names.len() == 1 { names.remove(0) } else { names.into() };
        self
    }

    /// Any answer, such as `one_of([returned([i32(1)]), trapped()])`.
    #[must_use]
    pub fn answers(mut self, answer: Part) -> Self {
        self.answer = Some(answer);
        self
    }

    /// These results.
    #[must_use]
    pub fn returns(self, values: impl IntoIterator<Item = Part>) -> Self {
        self.answers(returned(values))
    }

    /// What a function of a component returns.
    #[must_use]
    pub fn returns_value(self, value: impl Into<Part>) -> Self {
        self.answers(json!({"ok": {"result": value.into()}}))
    }

    /// A function of a component that has no result.
    #[must_use]
    pub fn returns_nothing(self) -> Self {
        self.answers(done())
    }

    /// These bytes.
    #[must_use]
    pub fn gives(self, bytes: Part) -> Self {
        self.answers(gave(bytes))
    }

    /// So many pages.
    #[must_use]
    pub fn gives_pages(self, pages: u32) -> Self {
        self.answers(gave_pages(pages))
    }

    /// A trap.
    #[must_use]
    pub fn traps(self) -> Self {
        self.answers(trapped())
    }

    /// A refusal.
    #[must_use]
    pub fn fails(self, name: &str) -> Self {
        self.answers(failed(name))
    }

    /// Adds the calls of host functions that come meanwhile, after its answer was said.
    #[must_use]
    pub fn calls(mut self, calls: impl IntoIterator<Item = Part>) -> Self {
        if let Some(answer) = &mut self.answer {
            let place = if answer.get("ok").is_some() { &mut answer["ok"] } else { answer };
            place["calls"] = list(calls);
        }
        self
    }

    fn answer(&self) -> Result<&Part> {
        let missing =
            || format!("{}: what comes is missing; say .returns(), .gives(), .traps() or .fails()", self.step);
        self.answer.as_ref().with_context(missing)
    }
}

/// Calls an export.
pub fn call(export: &str, args: impl IntoIterator<Item = Part>) -> Step {
    let mut step = json!({"do": "call", "export": export});
    put(&mut step, "args", list(args));
    Step::new(step)
}

/// Writes to memory.
pub fn write(pointer: Part, bytes: Part) -> Step {
    Step::new(json!({"do": "write", "ptr": pointer, "bytes": bytes})).answers(done())
}

/// Reads so many bytes: a number, or what a step named.
pub fn read(pointer: Part, count: impl Into<Part>) -> Step {
    Step::new(json!({"do": "read", "ptr": pointer, "len": count.into()}))
}

/// Reads up to the first zero byte, without it.
pub fn read_text(pointer: Part) -> Step {
    read(pointer, "nul")
}

/// Asks how large memory is.
pub fn pages() -> Step {
    Step::new(json!({"do": "pages"}))
}

/// Grows memory. Gives how many pages there were.
pub fn grow(count: u32) -> Step {
    Step::new(json!({"do": "grow", "pages": count}))
}

/// The i32 at a pointer gets a name; `value` is what is expected there.
pub fn load(pointer: Part, name: &str, value: &Part) -> Step {
    // An answer's own number is signed.
    let signed = value.get("i32").and_then(Json::as_i64).map(|number| json!(number as i32));
    let answer = json!({"ok": {"value": signed.unwrap_or_else(|| value.clone())}});
    Step::new(json!({"do": "load", "ptr": pointer, "as": name})).answers(answer)
}

/// The value of a global.
pub fn get_global(export: &str) -> Step {
    Step::new(json!({"do": "global", "export": export}))
}

/// Drops a resource of a component.
pub fn drop(number: u32) -> Step {
    Step::new(json!({"do": "drop", "handle": number})).answers(done())
}

/// What the host provides.
#[derive(Debug, Clone)]
pub struct Import(Json);

impl Import {
    /// A function, with the names of its types.
    pub fn func(module: &str, name: &str, params: &[&str], results: &[&str]) -> Self {
        Self(json!({"module": module, "name": name, "func": {"params": params, "results": results}}))
    }

    /// A memory, in pages.
    pub fn memory(module: &str, name: &str, min: u32, max: Option<u32>) -> Self {
        Self(json!({"module": module, "name": name, "memory": limits(min, max)}))
    }

    /// A table of function references, in elements.
    pub fn table(module: &str, name: &str, min: u32, max: Option<u32>) -> Self {
        Self(json!({"module": module, "name": name, "table": limits(min, max)}))
    }

    /// A global.
    pub fn global(module: &str, name: &str, value: &Part, mutable: bool) -> Self {
        let mut import = json!({"module": module, "name": name, "global": value});
        if mutable {
            import["mutable"] = true.into();
        }
        Self(import)
    }

    /// What the next call does: these steps, then it returns. The last one said is repeated.
    #[must_use]
    pub fn on_call(self, results: impl IntoIterator<Item = Part>, steps: impl IntoIterator<Item = Step>) -> Self {
        self.then(steps, "results", list(results))
    }

    /// The next call fails with these words.
    #[must_use]
    pub fn on_call_throw(self, words: &str, steps: impl IntoIterator<Item = Step>) -> Self {
        self.then(steps, "throw", words.into())
    }

    fn then(mut self, steps: impl IntoIterator<Item = Step>, end: &str, with: Json) -> Self {
        let mut call = json!({ end: with });
        put(&mut call, "steps", list(steps.into_iter().map(|step| step.step)));
        match self.0["calls"].as_array_mut() {
            Some(calls) => calls.push(call),
            None => self.0["calls"] = json!([call]),
        }
        self
    }
}

/// A file of a WASI program: its path in a folder, names with `/` between them, and the bytes in it.
pub fn file_at(path: &str, content: Part) -> Part {
    json!({"path": path, "bytes": content})
}

/// A folder. Only an empty one must be listed when it is given; what a program leaves lists them all.
pub fn folder_at(path: &str) -> Part {
    json!({"path": path, "dir": true})
}

/// A symbolic link.
pub fn link_at(path: &str, target: &str) -> Part {
    json!({"path": path, "link": target})
}

/// One case: what is done with a fresh instance, and what comes.
#[derive(Debug, Clone)]
pub struct Case {
    id: String,
    op: String,
    input: Map<String, Json>,
    steps: Vec<Step>,
    expect: Option<Part>,
    output: Map<String, Json>,
    traps: bool,
    more: Map<String, Json>,
}

impl Case {
    /// Why it exists; the suite says what each means.
    pub fn flags<'f>(&mut self, flags: impl IntoIterator<Item = &'f str>) -> &mut Self {
        self.with("flags", list(flags.into_iter().map(Json::from)))
    }

    /// What makes it different from its neighbours.
    pub fn comment(&mut self, words: &str) -> &mut Self {
        self.with("comment", words.into())
    }

    /// One case for each row, by its name: `cell("name")` is that row's.
    pub fn table<'t, C: IntoIterator<Item = (&'t str, Part)>>(
        &mut self,
        rows: impl IntoIterator<Item = (&'t str, C)>,
    ) -> &mut Self {
        let filled = |cells: C| cells.into_iter().map(|(name, cell)| (name.to_owned(), cell)).collect::<Map<_, _>>();
        let rows: Map<String, Json> =
            rows.into_iter().map(|(row, cells)| (row.to_owned(), filled(cells).into())).collect();
        self.with("table", rows.into())
    }

    /// What the host provides to this case, instead of what the suite says.
    pub fn imports(&mut self, imports: impl IntoIterator<Item = Import>) -> &mut Self {
        self.takes("raw_imports", "imports", list(imports.into_iter().map(|import| import.0)))
    }

    /// A module of its own.
    pub fn wasm(&mut self, module: Part) -> &mut Self {
        let op = if self.op == "raw" { "raw_module".into() } else { self.op.clone() };
        self.takes(&op, "wasm", module)
    }

    /// Steps after a trap are done too. The case needs imports, perhaps none: `.imports([])`.
    pub fn after_trap(&mut self) -> &mut Self {
        self.takes("raw_imports", "after_trap", true.into())
    }

    /// A call that takes longer fails with `CUT_OFF`.
    pub fn deadline(&mut self, milliseconds: u32) -> &mut Self {
        self.takes("raw_deadline", "deadline_ms", milliseconds.into())
    }

    /// Memory may have so many pages, whatever the module says.
    pub fn memory_limit(&mut self, most_pages: u32) -> &mut Self {
        self.takes("raw_memory_limit", "max_pages", most_pages.into())
    }

    /// The calls of host functions that come while the instance is made.
    pub fn start_calls(&mut self, calls: impl IntoIterator<Item = Part>) -> &mut Self {
        self.gives("calls", list(calls))
    }

    /// Its steps call a component's functions and drop its resources.
    pub fn component(&mut self) -> &mut Self {
        self.op = "component".into();
        self
    }

    /// Runs a WASI program with these arguments, the first of which is its name. With steps: a reactor.
    pub fn program<'a>(&mut self, args: impl IntoIterator<Item = &'a str>) -> &mut Self {
        self.takes("wasi", "args", list(args.into_iter().map(Json::from)))
    }

    /// The program's environment: `NAME=value` each.
    pub fn env<'v>(&mut self, variables: impl IntoIterator<Item = &'v str>) -> &mut Self {
        self.takes("wasi", "env", list(variables.into_iter().map(Json::from)))
    }

    /// What the program can read.
    pub fn stdin(&mut self, content: Part) -> &mut Self {
        self.takes("wasi", "stdin", content)
    }

    /// One more folder that is open before the program starts, under this name.
    pub fn folder(&mut self, guest: &str, files: impl IntoIterator<Item = Part>) -> &mut Self {
        let folder = json!({"guest": guest, "files": list(files)});
        let before = self.input.get("dirs").and_then(Json::as_array).cloned().unwrap_or_default();
        self.takes("wasi", "dirs", list(before.into_iter().chain([folder])))
    }

    /// The program ends with this code: 0 if it returns.
    pub fn exits(&mut self, code: u32) -> &mut Self {
        self.gives("exit_code", code.into())
    }

    /// The program traps, and has no exit code.
    pub fn traps(&mut self) -> &mut Self {
        self.traps = true;
        self
    }

    /// What the program writes to stdout. Not compared unless it is said.
    pub fn prints(&mut self, content: Part) -> &mut Self {
        self.gives("stdout", content)
    }

    /// What the program writes to stderr. Not compared unless it is said.
    pub fn prints_error(&mut self, content: Part) -> &mut Self {
        self.gives("stderr", content)
    }

    /// What is in each folder afterwards, by path. Not compared unless it is said.
    pub fn leaves<F: IntoIterator<Item = Part>>(&mut self, folders: impl IntoIterator<Item = F>) -> &mut Self {
        self.gives("dirs", list(folders.into_iter().map(list)))
    }

    /// No step is done, such as `NO_INSTANCE`.
    pub fn fails(&mut self, name: &str) -> &mut Self {
        self.expect = Some(failed(name));
        self
    }

    fn with(&mut self, field: &str, value: Json) -> &mut Self {
        self.more.insert(field.into(), value);
        self
    }

    fn takes(&mut self, op: &str, field: &str, value: Json) -> &mut Self {
        self.op = op.into();
        self.input.insert(field.into(), value);
        self
    }

    fn gives(&mut self, field: &str, value: Json) -> &mut Self {
        self.output.insert(field.into(), value);
        self
    }

    fn json(&self) -> Result<Json> {
        // A program without steps runs from its start.
        let is_program = self.op == "wasi" && self.steps.is_empty();
        ensure!(
            !is_program || self.expect.is_some() || self.traps || self.output.contains_key("exit_code"),
            "how the program ends is missing; say .exits(), .traps() or .fails()"
        );
        let mut case = json!({"id": self.id, "op": self.op, "in": self.input, "expect": {"ok": self.output}});
        if !is_program {
            case["in"]["steps"] = list(self.steps.iter().map(|step| step.step.clone()));
        }
        match &self.expect {
            Some(expect) => case["expect"] = expect.clone(),
            None if is_program => {}
            None => case["expect"]["ok"]["steps"] = self.answers()?.into(),
        }
        for (field, value) in &self.more {
            case[field] = value.clone();
        }
        Ok(case)
    }

    fn answers(&self) -> Result<Vec<Json>> {
        let mut answers = Vec::new();
        for step in &self.steps {
            answers.push(step.answer()?.clone());
            // The answers end there.
            if answers.last().is_some_and(|answer| answer.get("trap").is_some())
                && !self.input.contains_key("after_trap")
            {
                break;
            }
        }
        Ok(answers)
    }
}

/// One file of vectors.
#[derive(Debug, Clone)]
pub struct Suite {
    name: String,
    head: Json,
    cases: Vec<Written>,
}

#[derive(Debug, Clone)]
enum Written {
    Case(Case),
    Other(Json),
}

impl Suite {
    /// Its name is that of its file; the answers are from `source`.
    pub fn new(name: &str, source: &str, licence: &str) -> Self {
        let source = json!({"name": source, "licence": licence});
        let head = json!({"schema": SCHEMA, "suite": name, "face": "own", "source": source});
        Self { name: name.into(), head, cases: Vec::new() }
    }

    /// The one module that it is about, if a run has several.
    pub fn module(&mut self, name: &str) -> &mut Self {
        self.head["module"] = name.into();
        self
    }

    /// What a flag of cases means.
    pub fn flag(&mut self, name: &str, meaning: &str) -> &mut Self {
        self.head["flags"][name] = meaning.into();
        self
    }

    /// What the host provides to every case.
    pub fn imports(&mut self, imports: impl IntoIterator<Item = Import>) -> &mut Self {
        self.head["imports"] = list(imports.into_iter().map(|import| import.0));
        self
    }

    /// What every case begins with. Fails if a step does not say its answer.
    pub fn begin(&mut self, steps: impl IntoIterator<Item = Step>) -> Result<&mut Self> {
        let begun = |step: Step| Ok(json!({"step": step.step, "expect": step.answer()?}));
        self.head["begin"] = steps.into_iter().map(begun).collect::<Result<Vec<_>>>()?.into();
        Ok(self)
    }

    /// Adds a case.
    pub fn case(&mut self, id: &str, steps: impl IntoIterator<Item = Step>) -> &mut Case {
        self.cases.push(Written::Case(Case {
            id: id.into(),
            op: "raw".into(),
            input: Map::new(),
            steps: steps.into_iter().collect(),
            expect: None,
            output: Map::new(),
            traps: false,
            more: Map::new(),
        }));
        match self.cases.last_mut() {
            Some(Written::Case(case)) => case,
            _ => unreachable!("it was put there"),
        }
    }

    /// Adds a case of another operation, in the words of the format.
    pub fn other(&mut self, id: &str, op: &str, input: &Json, expect: &Json) {
        self.cases.push(Written::Other(json!({"id": id, "op": op, "in": input, "expect": expect})));
    }

    /// The whole file. Fails if a step does not say its answer, or the name cannot be a file's.
    pub fn json(&self) -> Result<Json> {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        ensure!(
            !self.name.is_empty() && self.name.chars().all(is_plain),
            "{:?}: a suite's name is lower-case letters, digits and -; it is also its file's",
            self.name
        );
        let cases = self.cases.iter().map(|case| match case {
            Written::Case(case) => case.json().with_context(|| case.id.clone()),
            Written::Other(case) => Ok(case.clone()),
        });
        let cases = cases.collect::<Result<Vec<_>>>()?;
        let rows = |case: &Json| case["table"].as_object().map_or(1, Map::len);
        let mut suite = self.head.clone();
        suite["count"] = cases.iter().map(rows).sum::<usize>().into();
        suite["cases"] = cases.into();
        Ok(suite)
    }

    /// Writes the file to a folder, a case a line.
    pub fn save(&self, folder: &Path) -> Result<PathBuf> {
        let path = folder.join(&self.name).with_extension("json");
        let mut head = self.json()?;
        let cases = head["cases"].take();
        let lines: Vec<String> = cases.as_array().into_iter().flatten().map(Json::to_string).collect();
        // Empty now, and put back as lines.
        if let Some(fields) = head.as_object_mut() {
            fields.remove("cases");
        }
        let head = head.to_string();
        let head = head.strip_suffix('}').unwrap_or(&head);
        let text = format!("{head},\"cases\":[\n{}\n]}}\n", lines.join(",\n"));
        fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        fs::write(&path, text).with_context(|| path.display().to_string())?;
        Ok(path)
    }
}

fn list(parts: impl IntoIterator<Item = Json>) -> Json {
    parts.into_iter().collect()
}

/// A list that is left out if it is empty.
fn put(object: &mut Json, field: &str, list: Json) {
    if list.as_array().is_some_and(|list| !list.is_empty()) {
        object[field] = list;
    }
}

fn limits(min: u32, max: Option<u32>) -> Json {
    max.map_or_else(|| json!({"min": min}), |max| json!({"min": min, "max": max}))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told() {
        let mut suite = Suite::new("a", "b", "c");
        suite.case("a/b", [call("f", [])]);
        let wrong = format!("{:#}", suite.json().unwrap_err());
        assert_eq!(
            wrong,
            r#"a/b: {"do":"call","export":"f"}: what comes is missing; say .returns(), .gives(), .traps() or .fails()"#
        );
        let mut suite = Suite::new("a", "b", "c");
        suite.case("a/b", []).program(["p"]).prints(text("hi"));
        assert_eq!(
            format!("{:#}", suite.json().unwrap_err()),
            "a/b: how the program ends is missing; say .exits(), .traps() or .fails()"
        );
        assert!(Suite::new("../a", "b", "c").json().unwrap_err().to_string().contains("a suite's name is lower-case"));
    }

    #[test]
    fn what_was_written_is_read() {
        let dir = tempfile::tempdir().unwrap();
        let mut suite = Suite::new("a", "b", "c");
        suite
            .case("a/ends", [call("f", [i32(u32::MAX)]).traps(), pages()])
            .comment("steps after a trap have no answers");
        let path = suite.save(dir.path()).unwrap();
        let read = crate::load_file(&path).unwrap();
        assert_eq!(serde_json::to_value(&read.cases[0].expect).unwrap(), json!({"ok": {"steps": [{"trap": true}]}}));
    }
}

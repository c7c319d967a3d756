//! `everyhost new DIR my.wasm`: a first set of vectors for a module that is not ours.

use std::collections::BTreeSet;
use std::iter;
use std::path::{Path, PathBuf};
use std::slice;

use anyhow::{Context, Result, anyhow, bail, ensure};
use clap::Args;
use serde_json::{Value, json};
use vectors::answer::Answer;
use vectors::imports::Import;
use vectors::model::SCHEMA;
use vectors::ops::{Op, Value as WasmValue};
use wasmparser::ValType;

use crate::component::{Shape, zero as zero_of};
use crate::declared::zero;
use crate::exports::Exports;
use crate::hosts::{self, Row};
use crate::inspect::Unfit;
use crate::own::{COMPONENT, Own, not_run, plain, rows_for};
use crate::run::{Client, probe};
use crate::{files, imports, out, shell};

/// How long a call may take: it may well be one that never ends.
const CALL_SECONDS: u64 = 10;

/// The options of `everyhost new`.
#[derive(Debug, Args)]
pub(crate) struct NewArgs {
    /// Where the vectors go; the folder is made
    #[arg(value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// The module: a .wasm file
    #[arg(value_name = "FILE.wasm")]
    pub(crate) module: PathBuf,
    /// The row whose answers are recorded [default: the first that is installed and can run the module]
    #[arg(long, value_name = "NAME")]
    pub(crate) host: Option<String>,
}

/// Writes DIR/<module>.json and says what to do next.
pub(crate) fn write(root: &Path, args: &NewArgs) -> Result<()> {
    record(root, args)?;
    let mut words = shell::program(root);
    words.push("run".into());
    words.extend(shell::option("--module", &shell::path(&args.module)));
    words.extend(shell::option("--vectors", &args.dir.display().to_string()));
    out::say(format!("Now run: {}", shell::line(words)));
    Ok(())
}

/// Where a module's first set goes.
pub(crate) fn path(dir: &Path, own: &Own) -> PathBuf {
    dir.join(&own.name).with_extension("json")
}

/// Writes DIR/<module>.json.
pub(crate) fn record(root: &Path, args: &NewArgs) -> Result<()> {
    let mut own = Own::read(&args.module)?;
    let path = path(&args.dir, &own);
    ensure!(!path.exists(), "{} exists; it is not written over", path.display());
    let rows = hosts::load(root)?;
    let unfit = Unfit::of(root, &rows, own.features())?;
    not_run(slice::from_ref(&own), rows.iter()).into_iter().for_each(out::say);
    let mut rows = rows_for(slice::from_ref(&own), rows);
    rows.retain(|row| row.modules.get(&own.name).is_some_and(|given| !given.ops.is_empty()));
    let row = choose(root, rows, &unfit, args.host.as_deref())?;
    own.prepare(root, iter::once(&row));
    if let Some(why) = own.why_not(&row) {
        bail!("{} cannot run {}: {why}", row.name, own.name);
    }
    unfit.lines().into_iter().for_each(out::say);
    let imports = own.imports();
    let mut recorder = Recorder::open(root, row, &own, imports)?;

    let exports = match own.shape() {
        Some(_) => Exports::default(),
        None => {
            own.exports().with_context(|| format!("{}: this tool cannot read its exports", args.module.display()))?
        }
    };
    let mut set = Set::default();
    match recorder.make_instance()? {
        Some(why) => {
            set.add(
                format!("{}/no-instance", own.name),
                &Asked { op: own.op(), steps: json!([]) },
                &format!("no instance of it can be made: {}: {why}", recorder.recorded()),
                json!({"error": NO_INSTANCE}),
            );
            out::say(format!("{}: no instance of it can be made: {why}", recorder.who));
        }
        None => match own.shape() {
            Some(shape) => set.record_component(&own, shape, &mut recorder),
            None => set.record(&own, &exports, &mut recorder)?,
        },
    }
    let Set { cases, left_out, begin, .. } = set;
    ensure!(
        !cases.is_empty(),
        "{} exports nothing that vectors could ask: no function, no memory",
        args.module.display()
    );

    files::replace(&path, file(&own, imports, begin.as_ref(), &cases, &recorder.who).as_bytes())?;
    vectors::load_file(&path).context("what was just written is not sound")?;
    out::say(format!(
        "wrote {}: {} recorded from {}",
        path.display(),
        match cases.len() {
            1 => "1 case, its answer".into(),
            count => format!("{count} cases, their answers"),
        },
        recorder.who
    ));
    if !imports.is_empty() {
        out::say(format!(
            "{} of its imports {} in \"imports\": the host's functions return zeros until \"calls\" say what they do",
            imports.len(),
            if imports.len() == 1 { "is" } else { "are" }
        ));
        for line in imports::advice(&own.outline().imports) {
            out::say(line);
        }
    }
    for function in left_out {
        out::say(format!("left out {function}"));
    }
    out::say(
        "An answer that was only recorded proves that hosts agree, and nothing else: check each, then add cases of your own.",
    );
    Ok(())
}

fn choose(root: &Path, rows: Vec<Row>, unfit: &Unfit, wanted: Option<&str>) -> Result<Row> {
    if let Some(name) = wanted {
        let names: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
        let row = rows.into_iter().find(|row| row.name == name);
        let row = row.with_context(|| format!("no row {name:?} runs modules; these do: {}", names.join(", ")))?;
        if let Err(why) = probe(&row, root) {
            bail!("{name} is not installed: {why}. To get it: {}", row.hint);
        }
        return Ok(row);
    }
    // If none is fit, the first says what is wrong in its own words.
    let (unfit, fit): (Vec<Row>, Vec<Row>) = rows.into_iter().partition(|row| unfit.has(&row.name));
    let installed = fit.into_iter().chain(unfit).find(|row| probe(row, root).is_ok());
    installed
        .context("no host that runs modules is installed to record answers from: `--host NAME` says how to get one")
}

/// What is called before anything else, if the module exports it and it takes nothing: it runs the constructors.
const INITIALIZERS: [&str; 2] = ["_initialize", "__wasm_call_ctors"];

const NO_INSTANCE: &str = "NO_INSTANCE";

/// The cases, and what has none.
#[derive(Default)]
struct Set {
    ids: BTreeSet<String>,
    cases: Vec<String>,
    left_out: Vec<String>,
    /// The step that each case begins with, and its answer.
    begin: Option<Value>,
}

impl Set {
    /// One case for each function, and one for memory.
    fn record(&mut self, own: &Own, exports: &Exports, recorder: &mut Recorder<'_>) -> Result<()> {
        let initializer = INITIALIZERS.iter().find_map(|name| {
            let function = exports.function(name)?;
            (function.params.is_empty() && function.results.is_empty()).then_some(*name)
        });
        if let Some(name) = initializer {
            let step = json!({"do": "call", "export": name});
            let answer = recorder.record(&json!([step])).map(Answer::without_details);
            match answer.map(|answer| json!(answer)["ok"]["steps"][0].take()) {
                Ok(answer) if answer["ok"].is_object() => {
                    out::say(format!("{name} is called first in each case (\"begin\"): it makes the module ready"));
                    self.begin = Some(json!({"step": step, "expect": answer}));
                }
                Ok(answer) => out::say(format!("{name} would make the module ready, and answers {answer}")),
                Err(why) => out::say(format!("{name} would make the module ready: {}: {why}", recorder.row.name)),
            }
        }
        for function in &exports.functions {
            if self.begin.is_some() && initializer == Some(function.export.as_str()) {
                continue;
            }
            let signature = function.signature();
            let Some(arguments) = zeros(&function.params).filter(|_| has_a_form(&function.results)) else {
                self.left_out.push(format!("{signature}: it takes or returns what vectors have no form for"));
                continue;
            };
            let mut step = json!({"do": "call", "export": function.export});
            if !arguments.is_empty() {
                step["args"] = arguments.into();
            }
            match self.record_after_begin(recorder, &step) {
                Ok((answer, expected)) => {
                    let remark = remark(&answer, exports);
                    let comment = format!("{signature}: {}{remark}; check by hand", recorder.recorded());
                    let id = format!("{}/{}", own.name, plain(&function.export));
                    self.add(id, &Asked { op: own.op(), steps: json!([step]) }, &comment, expected);
                }
                Err(why) => self.left_out.push(format!("{signature}: {}: {why}", recorder.row.name)),
            }
        }
        if exports.memory().is_some() {
            let step = json!({"do": "pages"});
            let (_, expected) = self.record_after_begin(recorder, &step).map_err(anyhow::Error::msg)?;
            let comment =
                format!("how large linear memory is at first, in pages: {}; check by hand", recorder.recorded());
            self.add(format!("{}/memory", own.name), &Asked { op: own.op(), steps: json!([step]) }, &comment, expected);
        }
        Ok(())
    }

    /// One case for each function of a component. A resource that one takes is made by its constructor, if that needs none.
    fn record_component(&mut self, own: &Own, shape: &Shape, recorder: &mut Recorder<'_>) {
        for (name, export) in &shape.exports {
            let shown = format!("{name}: {}", export.wit);
            let steps = match &export.ty {
                Ok(ty) => steps_of(shape, name, ty),
                Err(why) => Err(why.clone()),
            };
            let recorded = steps.and_then(|steps| Ok((recorder.record(&steps)?, steps)));
            match recorded {
                Ok((answer, steps)) => {
                    let why = remark(&answer, &Exports::default());
                    let comment = format!("{}: {}{why}; check by hand", export.wit, recorder.recorded());
                    let id = format!("{}/{}", own.name, plain(name.rsplit('#').next().unwrap_or(name)));
                    let expected = json!(answer.without_details());
                    self.add(id, &Asked { op: own.op(), steps }, &comment, expected);
                }
                Err(why) => self.left_out.push(format!("{shown}: {why}")),
            }
        }
    }

    /// What the host answers to a step after those that each case begins with, and what the case expects.
    fn record_after_begin(&self, recorder: &mut Recorder<'_>, step: &Value) -> Result<(Answer, Value), String> {
        let first = self.begin.iter().map(|begin| begin["step"].clone());
        let answer = recorder.record(&first.chain([step.clone()]).collect())?;
        let mut expected = json!(answer.clone().without_details());
        if let (Some(_), Some(answers)) = (&self.begin, expected["ok"]["steps"].as_array_mut()) {
            answers.remove(0);
        }
        Ok((answer, expected))
    }

    fn add(&mut self, id: String, asked: &Asked, comment: &str, expected: Value) {
        let id = unused(&mut self.ids, &id);
        self.cases.push(case(&id, asked, comment, &expected));
    }
}

/// What a case asks.
struct Asked {
    op: &'static str,
    steps: Value,
}

/// The call of a function with the least values, after the constructors of the resources that it takes.
fn steps_of(shape: &Shape, name: &str, ty: &Value) -> Result<Value, String> {
    let mut steps: Vec<Value> = Vec::new();
    let mut args = Vec::new();
    for param in ty["params"].as_array().into_iter().flatten() {
        let resource = param.get("borrow").or_else(|| param.get("own")).and_then(Value::as_str);
        if let Some(resource) = resource {
            let constructor = match resource.rsplit_once('#') {
                Some((interface, name)) => format!("{interface}#[constructor]{name}"),
                None => format!("[constructor]{resource}"),
            };
            let makes = shape.exports.get(&constructor).and_then(|export| export.ty.as_ref().ok());
            // A constructor that may fail gives no resource for sure.
            let makes = makes.filter(|ty| ty["result"].get("own").is_some());
            let given = makes.and_then(|ty| ty["params"].as_array()?.iter().map(zero_of).collect::<Option<Vec<_>>>());
            let given = given.ok_or_else(|| format!("it takes a {resource}, which no constructor makes of nothing"))?;
            steps.push(call(&constructor, given));
            args.push(json!({ "handle": steps.len() - 1 }));
        } else {
            args.push(zero_of(param).ok_or("it takes a resource within another value")?);
        }
    }
    steps.push(call(name, args));
    Ok(steps.into())
}

fn call(export: &str, args: Vec<Value>) -> Value {
    match &args[..] {
        [] => json!({"do": "call", "export": export}),
        _ => json!({"do": "call", "export": export, "args": args}),
    }
}

/// What a reader should know of an answer: why it trapped, or that a number may be a pointer.
fn remark(answer: &Answer, exports: &Exports) -> String {
    let Answer::Ok { ok } = answer else {
        return String::new();
    };
    let size = exports.memory().map_or(0, |memory| memory.bytes);
    // Compilers put nothing into the first KiB, so that 0 is no pointer.
    let is_pointer =
        |result: &WasmValue| matches!(result, WasmValue::I32 { i32 } if (1024..size).contains(&u64::from(*i32 as u32)));
    match ok.steps.iter().flatten().last() {
        Some(Answer::Trap { detail, .. }) => {
            let why = detail.as_deref().unwrap_or("no reason was given");
            format!(", where it traps ({})", one_line(why))
        }
        Some(Answer::Ok { ok }) if ok.results.iter().flatten().any(is_pointer) => {
            ", and may be a pointer: then read what is there".into()
        }
        _ => String::new(),
    }
}

/// The start of what a host says, in one line.
fn one_line(text: &str) -> String {
    const MOST: usize = 120;
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line,
    }
}

struct Recorder<'a> {
    root: &'a Path,
    row: Row,
    own: &'a Own,
    imports: &'a [Import],
    client: Option<Client>,
    who: String,
}

impl<'a> Recorder<'a> {
    fn open(root: &'a Path, mut row: Row, own: &'a Own, imports: &'a [Import]) -> Result<Self> {
        row.set_timeout(CALL_SECONDS);
        let mut this = Self { root, row, own, imports, client: None, who: String::new() };
        let client = this.start().map_err(|why| {
            anyhow!("{}: {why}; to record from another row: --host NAME (everyhost list has the names)", this.row.name)
        })?;
        let hello = &client.hello;
        this.who = format!("{} {} ({})", hello.host, hello.version, hello.runtime);
        this.client = Some(client);
        Ok(this)
    }

    fn start(&self) -> Result<Client, String> {
        Client::open(self.root, &self.row, &self.own.name, &self.own.file())
    }

    fn recorded(&self) -> String {
        format!("recorded from {}", self.who)
    }

    /// Why there can be no instance, if so.
    fn make_instance(&mut self) -> Result<Option<String>> {
        let answer = self.ask(&json!([]));
        let answer = answer.map_err(|why| {
            anyhow!("{}: no instance of it can be made: {why}: does its start function end?", self.row.name)
        })?;
        match &answer {
            Answer::Ok { .. } => Ok(None),
            Answer::Error { error, detail } if error == NO_INSTANCE => {
                Ok(Some(one_line(detail.as_deref().unwrap_or("it does not say why"))))
            }
            other => bail!("{}: no instance of it can be made: {}", self.row.name, said(other)),
        }
    }

    /// The whole answer to these steps, with the host's words.
    fn record(&mut self, steps: &Value) -> Result<Answer, String> {
        match self.ask(steps)? {
            answer @ Answer::Ok { .. } => Ok(answer),
            other => Err(said(&other)),
        }
    }

    fn ask(&mut self, steps: &Value) -> Result<Answer, String> {
        let op = match self.imports {
            _ if self.own.shape().is_some() => json!({"op": COMPONENT, "in": {"steps": steps}}),
            [] => json!({"op": "raw", "in": {"steps": steps}}),
            imports => json!({"op": "raw_imports", "in": {"imports": imports, "steps": steps}}),
        };
        let op: Op = serde_json::from_value(op).map_err(|error| error.to_string())?;
        let mut client = match self.client.take() {
            Some(client) => client,
            None => self.start()?,
        };
        let answer = client.ask(&op)?;
        // One that did not answer is not asked again.
        self.client = Some(client);
        Ok(answer)
    }
}

/// An answer that is no result, for people.
fn said(answer: &Answer) -> String {
    let words = |what: String, detail: &Option<String>| match detail {
        Some(detail) => format!("{what}: {}", one_line(detail)),
        None => what,
    };
    match answer {
        Answer::Ok { .. } => "it worked".into(),
        Answer::Error { error, detail } => words(format!("it answers {error}"), detail),
        Answer::Trap { detail, .. } => words("it traps".into(), detail),
        Answer::Unsupported { unsupported } => format!("it says unsupported: {}", one_line(unsupported)),
        Answer::OneOf { .. } => "it answers several things at once".into(),
    }
}

fn zeros(params: &[ValType]) -> Option<Vec<Value>> {
    params.iter().map(|ty| zero(*ty).map(|zero| json!(zero))).collect()
}

fn has_a_form(results: &[ValType]) -> bool {
    zeros(results).is_some()
}

fn unused(ids: &mut BTreeSet<String>, wanted: &str) -> String {
    // An id is ASCII. One that goes on for ever can be read by nobody.
    const MOST: usize = 80;
    let wanted = wanted[..wanted.len().min(MOST)].trim_end_matches(['/', '-']);
    let mut id = wanted.to_string();
    let mut number = 2;
    while !ids.insert(id.clone()) {
        id = format!("{wanted}-{number}");
        number += 1;
    }
    id
}

fn case(id: &str, asked: &Asked, comment: &str, expected: &Value) -> String {
    // In the order of the documentation; serde_json would sort the fields.
    format!(
        r#"{{"id":{},"op":"{}","in":{},"flags":["Recorded"],"comment":{},"expect":{expected}}}"#,
        json!(id),
        asked.op,
        json!({ "steps": asked.steps }),
        json!(comment),
    )
}

fn file(own: &Own, imports: &[Import], begin: Option<&Value>, cases: &[String], who: &str) -> String {
    let source = json!({"name": format!("recorded from {who}, to be checked by hand"), "licence": "yours to say"});
    let flags = json!({"Recorded": "what one host answered when the file was made; nobody has said that it is right"});
    let cases: Vec<String> = cases.iter().map(|case| format!("    {case}")).collect();
    let lines: Vec<String> = imports.iter().map(|import| format!("    {}", json!(import))).collect();
    let imports = match &lines[..] {
        [] => String::new(),
        lines => format!("  \"imports\": [\n{}\n  ],\n", lines.join(",\n")),
    };
    let begin = begin.map_or_else(String::new, |begin| format!("  \"begin\": [{begin}],\n"));
    format!(
        "{{\n  \"schema\": \"{SCHEMA}\",\n  \"suite\": {},\n  \"face\": \"own\",\n  \"count\": {},\n  \"source\": {source},\n  \"flags\": {flags},\n{imports}{begin}  \"cases\": [\n{}\n  ]\n}}\n",
        json!(own.name),
        cases.len(),
        cases.join(",\n")
    )
}

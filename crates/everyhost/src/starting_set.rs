//! `everyhost new DIR my.wasm`: a first set of vectors for a module that is not ours.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail, ensure};
use clap::Args;
use serde_json::{Value, json};
use vectors::model::SCHEMA;
use vectors::ops::Op;
use wasmparser::ValType;

use crate::hosts::{self, Row};
use crate::own::{Function, Own, plain};
use crate::run::{Client, probe, without_details};

/// How long a call may take: it may well be one that never ends.
const CALL_SECONDS: u64 = 10;

/// What `everyhost new` is told.
#[derive(Debug, Args)]
pub struct NewArgs {
    /// Where the vectors go; the folder is made
    #[arg(value_name = "DIR")]
    pub dir: PathBuf,
    /// The module: a .wasm file without imports
    #[arg(value_name = "FILE.wasm")]
    pub module: PathBuf,
    /// The row whose answers are recorded [default: the first that is here]
    #[arg(long, value_name = "NAME")]
    pub host: Option<String>,
}

/// Writes DIR/<module>.json and says what to do next.
///
/// # Errors
///
/// Where the module cannot be used, no host is here, or the file exists.
pub fn write(root: &Path, args: &NewArgs) -> Result<()> {
    let own = Own::read(&args.module)?;
    let path = args.dir.join(&own.name).with_extension("json");
    ensure!(
        !path.exists(),
        "{} exists; it is not written over",
        path.display()
    );
    let row = choose(root, &own, args.host.as_deref())?;
    let mut recorder = Recorder::open(root, row, &own)?;

    let (functions, has_memory) = own.exports()?;
    let mut ids = BTreeSet::new();
    let (mut cases, mut left_out) = (Vec::new(), Vec::new());
    for function in &functions {
        let Some(arguments) = zeros(&function.params).filter(|_| has_a_form(&function.results)) else {
            left_out.push(format!(
                "{}: it takes or returns what vectors have no form for",
                signature(function)
            ));
            continue;
        };
        let mut step = json!({"do": "call", "export": function.export});
        if !arguments.is_empty() {
            step["args"] = arguments.into();
        }
        match recorder.record(&step) {
            Ok(expected) => {
                let id = unused(&mut ids, &format!("{}/{}", own.name, plain(&function.export)));
                let comment = format!(
                    "{}: recorded from {}; check by hand",
                    signature(function),
                    recorder.who
                );
                cases.push(case(&id, &step, &comment, &expected));
            }
            Err(why) => left_out.push(format!("{}: {why}", signature(function))),
        }
    }
    if has_memory {
        let step = json!({"do": "pages"});
        let expected = recorder.record(&step).map_err(anyhow::Error::msg)?;
        let comment = format!(
            "how large linear memory is at first, in pages: recorded from {}; check by hand",
            recorder.who
        );
        let id = unused(&mut ids, &format!("{}/memory", own.name));
        cases.push(case(&id, &step, &comment, &expected));
    }
    ensure!(
        !cases.is_empty(),
        "{} exports nothing that vectors could ask: no function, no memory",
        args.module.display()
    );

    fs::create_dir_all(&args.dir).with_context(|| format!("cannot make {}", args.dir.display()))?;
    fs::write(&path, file(&own, &cases, &recorder.who))
        .with_context(|| format!("cannot write {}", path.display()))?;
    vectors::load_file(&path).context("what was just written is not sound")?;
    println!(
        "wrote {}: {} cases, their answers recorded from {}",
        path.display(),
        cases.len(),
        recorder.who
    );
    for function in left_out {
        println!("left out {function}");
    }
    let words = [
        "everyhost",
        "run",
        "--module",
        &args.module.display().to_string(),
        "--vectors",
        &args.dir.display().to_string(),
    ]
    .map(str::to_string);
    println!(
        "An answer that was only recorded proves that hosts agree, and nothing else: check each, then add cases of your own.\nNow run: {}",
        shlex::try_join(words.iter().map(String::as_str)).unwrap_or_else(|_| words.join(" "))
    );
    Ok(())
}

/// The row to record from.
fn choose(root: &Path, own: &Own, wanted: Option<&str>) -> Result<Row> {
    let rows = own.rows(hosts::load(root)?);
    if let Some(name) = wanted {
        let names: Vec<String> = rows.iter().map(|row| row.name.clone()).collect();
        let row = rows.into_iter().find(|row| row.name == name);
        let row =
            row.with_context(|| format!("no row {name:?} runs modules; these do: {}", names.join(", ")))?;
        if let Err(why) = probe(&row, root) {
            bail!("{name} is not here: {why}. To get it: {}", row.hint);
        }
        return Ok(row);
    }
    let here = rows.into_iter().find(|row| probe(row, root).is_ok());
    here.context(
        "no host that runs modules is here to record answers from; `everyhost doctor` says how to get one",
    )
}

/// Asks one host what it answers.
struct Recorder<'a> {
    root: &'a Path,
    row: Row,
    own: &'a Own,
    client: Option<Client>,
    who: String,
}

impl<'a> Recorder<'a> {
    fn open(root: &'a Path, mut row: Row, own: &'a Own) -> Result<Self> {
        row.set_timeout(CALL_SECONDS);
        let mut this = Self {
            root,
            row,
            own,
            client: None,
            who: String::new(),
        };
        let client = this
            .start()
            .map_err(|why| anyhow::anyhow!("{}: {why}", this.row.name))?;
        let hello = client.hello();
        this.who = format!("{} {} ({})", hello.host, hello.version, hello.runtime);
        this.client = Some(client);
        Ok(this)
    }

    fn start(&self) -> Result<Client, String> {
        let file = self.own.file();
        Client::open(self.root, &self.row, &self.own.name, &file)?.check_sha256(&self.own.name, &file)
    }

    fn record(&mut self, step: &Value) -> Result<Value, String> {
        let op: Op = serde_json::from_value(json!({"op": "raw", "in": {"steps": [step]}}))
            .map_err(|error| error.to_string())?;
        let mut client = match self.client.take() {
            Some(client) => client,
            None => self.start()?,
        };
        let answer = client.ask(&self.own.name, &op)?;
        // One that did not answer is not asked again.
        self.client = Some(client);
        let answer = without_details(serde_json::to_value(answer).map_err(|error| error.to_string())?);
        match answer.get("ok") {
            Some(_) => Ok(answer),
            None => Err(format!("answered with {answer}")),
        }
    }
}

fn zeros(params: &[ValType]) -> Option<Vec<Value>> {
    params
        .iter()
        .map(|ty| match ty {
            ValType::I32 => Some(json!({"i32": 0})),
            ValType::I64 => Some(json!({"i64": "0"})),
            ValType::F32 => Some(json!({"f32": "00000000"})),
            ValType::F64 => Some(json!({"f64": "0000000000000000"})),
            ValType::V128 | ValType::Ref(_) => None,
        })
        .collect()
}

fn has_a_form(results: &[ValType]) -> bool {
    zeros(results).is_some()
}

/// Such as `add_numbers(i32, i32) -> (i32)`.
fn signature(function: &Function) -> String {
    let list = |types: &[ValType]| {
        types
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let results = match function.results[..] {
        [] => String::new(),
        _ => format!(" -> ({})", list(&function.results)),
    };
    format!("{}({}){results}", function.export, list(&function.params))
}

fn unused(ids: &mut BTreeSet<String>, wanted: &str) -> String {
    let wanted = wanted.trim_end_matches('/');
    let mut id = wanted.to_string();
    let mut number = 2;
    while !ids.insert(id.clone()) {
        id = format!("{wanted}-{number}");
        number += 1;
    }
    id
}

fn case(id: &str, step: &Value, comment: &str, expected: &Value) -> String {
    // In the order of the documentation; serde_json would sort the fields.
    format!(
        r#"{{"id":{},"op":"raw","in":{},"flags":["Recorded"],"comment":{},"expect":{expected}}}"#,
        json!(id),
        json!({"steps": [step]}),
        json!(comment),
    )
}

fn file(own: &Own, cases: &[String], who: &str) -> String {
    let source =
        json!({"name": format!("recorded from {who}, to be checked by hand"), "licence": "yours to say"});
    let flags = json!({"Recorded": "what one host answered when the file was made; nobody has said that it is right"});
    let cases: Vec<String> = cases.iter().map(|case| format!("    {case}")).collect();
    format!(
        "{{\n  \"schema\": \"{SCHEMA}\",\n  \"suite\": {},\n  \"face\": \"own\",\n  \"count\": {},\n  \"source\": {source},\n  \"flags\": {flags},\n  \"cases\": [\n{}\n  ]\n}}\n",
        json!(own.name),
        cases.len(),
        cases.join(",\n")
    )
}

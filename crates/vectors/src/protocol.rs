//! The lines between the runner and a host adapter: one JSON object each, requests on stdin, replies on
//! stdout. `hosts/CONTRACT.md` is the contract in prose.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Read, Write};
use std::process::ExitCode;

use anyhow::{bail, ensure};
use serde::{Deserialize, Serialize};

use crate::answer::Answer;
use crate::ops::Op;

/// The version of the protocol that this crate speaks.
pub const PROTOCOL: u32 = 1;

/// The longest line in either direction, its newline not counted: 64 MiB.
pub const MAX_LINE_LEN: usize = 64 * 1024 * 1024;

/// What the runner sends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "cmd", rename_all = "snake_case")]
pub enum Request {
    /// The first line: which modules to load.
    Hello {
        /// [`PROTOCOL`].
        protocol: u32,
        /// By name. The row may be given fewer than it knows.
        modules: BTreeMap<String, ModuleFile>,
    },
    /// Do one operation and answer with the same `seq`.
    Run {
        /// Repeated in the answer.
        seq: u64,
        /// A name from `hello`.
        module: String,
        /// The operation (`op`, `in`).
        #[serde(flatten)]
        op: Op,
    },
}

/// Where a module is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModuleFile {
    /// The .wasm file, absolute. Empty for `native`, which is part of the adapter.
    pub path: String,
    /// Of that file, lower-case hex. No adapter needs it.
    #[serde(default)]
    pub sha256: String,
    /// Its JavaScript: wasm-bindgen's, or for a component jco's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub glue: Option<String>,
    /// Of a component, the types of the functions that it exports, by name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub types: Option<serde_json::Value>,
}

/// The reply to `hello`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// [`PROTOCOL`].
    pub protocol: u32,
    /// The row's language or host, such as `go`.
    pub host: String,
    /// Its version.
    pub version: String,
    /// The Wasm runtime and its version.
    pub runtime: String,
    /// Such as `linux/x86_64`.
    pub os: String,
    /// What it loaded and what it can do with each.
    pub modules: BTreeMap<String, LoadedModule>,
}

/// One module in the reply to `hello`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadedModule {
    /// Of the bytes that the adapter compiled, which it hashes itself.
    pub sha256: String,
    /// The names of the operations that it can do.
    pub ops: Vec<String>,
    /// Why the host cannot load the module, in its own words; `ops` is empty then.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
}

/// The reply to `run`, as an adapter writes it; [`crate::reply`] reads it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Reply {
    /// Of the request.
    pub seq: u64,
    /// What came of it.
    #[serde(flatten)]
    pub answer: Answer,
}

/// What a Rust adapter must be able to do; [`serve`] does the rest.
pub trait Adapter {
    /// Loads the modules and says what they can do.
    fn hello(&mut self, modules: &BTreeMap<String, ModuleFile>) -> anyhow::Result<Hello>;

    /// Does one operation. It never judges, and knows no expectation.
    fn run(&mut self, module: &str, op: &Op) -> Answer;
}

/// The main function of an adapter: [`serve`] on stdin and stdout. What ends it is one line on stderr.
pub fn serve_stdio(adapter: &mut impl Adapter) -> ExitCode {
    match serve(adapter, io::stdin().lock(), io::stdout().lock()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("adapter: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Reads requests until the input ends, and answers each with one line, flushed.
pub fn serve(adapter: &mut impl Adapter, mut input: impl BufRead, mut output: impl Write) -> anyhow::Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        let most = MAX_LINE_LEN as u64 + 1;
        if (&mut input).take(most).read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        ensure!(line.ends_with(b"\n") || line.len() <= MAX_LINE_LEN, "a line is longer than {MAX_LINE_LEN} bytes");
        match serde_json::from_slice(&line) {
            Ok(Request::Hello { protocol, modules }) => {
                ensure!(protocol == PROTOCOL, "protocol {protocol} is not known here; expected {PROTOCOL}");
                write_line(&mut output, &adapter.hello(&modules)?)?;
            }
            Ok(Request::Run { seq, module, op }) => {
                let answer = adapter.run(&module, &op);
                write_line(&mut output, &Reply { seq, answer })?;
            }
            Err(error) => match serde_json::from_slice(&line) {
                // Only its operation is not known, or not what that takes.
                Ok(Envelope { seq, cmd }) if cmd == "run" => {
                    let answer = Answer::unsupported(error.to_string());
                    write_line(&mut output, &Reply { seq, answer })?;
                }
                _ => bail!("not a request: {error}"),
            },
        }
    }
}

/// What every request to run something has.
#[derive(Deserialize)]
struct Envelope {
    cmd: String,
    seq: u64,
}

fn write_line(output: &mut impl Write, line: &impl Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *output, line)?;
    output.write_all(b"\n")?;
    output.flush()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reply::reply;

    #[test]
    fn a_reply_is_one_answer() {
        for json in [
            r#"{"seq":1,"ok":{"valid":true}}"#,
            r#"{"seq":1,"ok":{"steps":[{"ok":{}},{"error":"NO_KEY"},{"trap":true}]}}"#,
            r#"{"seq":1,"error":"NO_KEY"}"#,
            r#"{"seq":1,"error":"NO_INSTANCE","detail":"start trapped"}"#,
            r#"{"seq":1,"ok":{"steps":[]}}"#,
            r#"{"seq":1,"trap":true,"detail":"unreachable"}"#,
            r#"{"seq":1,"unsupported":"no SIMD"}"#,
        ] {
            let received = reply(json.as_bytes()).unwrap();
            let answer = received.answer.unwrap_or_else(|error| panic!("{error}: {json}"));
            let seq = received.seq;
            assert_eq!(serde_json::to_string(&Reply { seq, answer }).unwrap(), json);
        }
        for json in [
            r#"{"seq":1}"#,
            r#"{"ok":{}}"#,
            r#"{"seq":1,"ok":{},"error":"NO_KEY"}"#,
            r#"{"seq":1,"trap":false}"#,
            r#"{"seq":1,"detail":"unreachable"}"#,
            r#"{"seq":1,"ok":{"steps":[{"ok":{},"trap":true}]}}"#,
        ] {
            let is_sound = reply(json.as_bytes()).is_ok_and(|received| received.answer.is_ok());
            assert!(!is_sound, "{json}");
        }
    }

    #[test]
    fn a_request_may_have_fields_that_an_adapter_does_not_know() {
        let json = r#"{"cmd":"run","seq":7,"module":"add-raw","op":"add","in":{"a":1,"b":2},"new":true}"#;
        let request: Request = serde_json::from_str(json).unwrap();
        assert_eq!(
            serde_json::to_string(&request).unwrap(),
            r#"{"cmd":"run","seq":7,"module":"add-raw","op":"add","in":{"a":1,"b":2}}"#
        );
    }
}

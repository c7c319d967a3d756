//! A conversation with an adapter, in which every question knows what it expects.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};
use vectors::protocol::{Hello, ModuleFile, PROTOCOL};
use vectors::reply;

use crate::run::explain_timeout;
use crate::run::process::{Broken, Process};
use crate::text::shorten;
use crate::verdict::Verdict;

const MOST_CHARS: usize = 120;

/// What was not as it should be, for people.
#[derive(Debug, Clone)]
pub(super) struct Wrong {
    pub(super) sent: String,
    pub(super) came: String,
    pub(super) expected: String,
}

#[derive(Debug, Clone)]
pub(super) struct Question {
    pub(super) module: String,
    pub(super) op: String,
    pub(super) input: Value,
    /// The whole answer, traps without details.
    pub(super) expected: Value,
}

/// The adapter under test: started when it is needed, and again after it broke.
pub(super) struct Talk {
    command: Vec<String>,
    dir: PathBuf,
    pub(super) modules: BTreeMap<String, ModuleFile>,
    answer_limit: Duration,
    hello_limit: Duration,
    process: Option<Process>,
    seq: u64,
    /// The last answer, as it came.
    pub(super) heard: Value,
}

impl Talk {
    pub(super) fn new(
        command: &[String],
        dir: PathBuf,
        modules: BTreeMap<String, ModuleFile>,
        answer_limit: Duration,
        hello_limit: Duration,
    ) -> Self {
        Self {
            command: command.to_vec(),
            dir,
            modules,
            answer_limit,
            hello_limit,
            process: None,
            seq: 0,
            heard: Value::Null,
        }
    }

    /// Starts the adapter anew and says hello; `more` are further fields of the request.
    pub(super) fn hello(&mut self, more: &Value) -> Result<Hello, Wrong> {
        let mut request = json!({"cmd": "hello", "protocol": PROTOCOL, "modules": self.modules});
        extend(&mut request, more);
        let wrong = |came: String| Wrong {
            sent: shown(&request),
            came,
            expected: format!(
                "{{\"protocol\":{PROTOCOL},\"host\":\"…\",\"version\":\"…\",\"runtime\":\"…\",\"os\":\"…\",\"modules\":{{…}}}}, in one line"
            ),
        };
        self.process = None;
        let mut process = Process::start(&self.command, &self.dir).map_err(|error| {
            wrong(match error.kind() {
                ErrorKind::NotFound => format!("nothing: there is no program {}", self.command[0]),
                _ => format!("nothing: {} could not be started: {error}", self.command[0]),
            })
        })?;
        process.say(request.to_string().into_bytes());
        let line = process.hear(self.hello_limit).map_err(|broken| {
            let is_hello = |line: &[u8]| reply::hello(line).is_ok();
            wrong(format!("nothing: {}", why(&mut process, broken, &is_hello)))
        })?;
        let hello = reply::hello(&line).map_err(|what| wrong(format!("{} ({what})", excerpt(&line))))?;
        self.process = Some(process);
        self.seq = 0;
        Ok(hello)
    }

    pub(super) fn ask(&mut self, question: &Question) -> Result<(), Wrong> {
        self.ask_with(question, &json!({}))
    }

    pub(super) fn ask_with(&mut self, question: &Question, more: &Value) -> Result<(), Wrong> {
        let mut request = self.request(question)?;
        extend(&mut request, more);
        let sent = shown(&request);
        self.send(&request, &sent)?;
        self.hear(&question.expected, &sent)
    }

    pub(super) fn send(&mut self, request: &Value, sent: &str) -> Result<(), Wrong> {
        self.process(sent)?.say(request.to_string().into_bytes());
        Ok(())
    }

    /// Sends bytes as they are, without a newline.
    pub(super) fn send_part(&mut self, bytes: &[u8], sent: &str) -> Result<(), Wrong> {
        self.process(sent)?.say_part(bytes.to_vec());
        Ok(())
    }

    pub(super) fn request(&mut self, question: &Question) -> Result<Value, Wrong> {
        // Numbers start again with the adapter.
        self.process("hello")?;
        self.seq += 1;
        Ok(json!({"cmd": "run", "seq": self.seq, "module": question.module, "op": question.op, "in": question.input}))
    }

    /// Whether the adapter was started and has not broken since.
    pub(super) fn is_running(&self) -> bool {
        self.process.is_some()
    }

    pub(super) const fn last_seq(&self) -> u64 {
        self.seq
    }

    pub(super) fn hear(&mut self, expected: &Value, sent: &str) -> Result<(), Wrong> {
        self.hear_number(self.seq, expected, sent)
    }

    /// Waits for the answer to the request with this number.
    pub(super) fn hear_number(&mut self, seq: u64, expected: &Value, sent: &str) -> Result<(), Wrong> {
        let limit = self.answer_limit;
        let mut wanted = expected.clone();
        extend(&mut wanted, &json!({"seq": seq}));
        let wrong = |came: String| Wrong { sent: sent.to_string(), came, expected: shown(&wanted) };
        let process = self.process(sent)?;
        let line = match process.hear(limit) {
            Ok(line) => line,
            Err(broken) => {
                let is_answer = |line: &[u8]| reply::reply(line).is_ok_and(|reply| reply.seq == seq);
                let why = why(process, broken, &is_answer);
                self.process = None;
                return Err(wrong(format!("nothing: {why}")));
            }
        };
        let came = match reply::reply(&line) {
            Err(what) => Err(what),
            Ok(reply) if reply.seq != seq => Err(format!("the answer to {seq} was due")),
            Ok(reply) => reply.answer,
        };
        match came {
            // What was understood wrongly once may be out of step from here on.
            Err(what) => {
                self.process = None;
                Err(wrong(format!("{} ({what})", excerpt(&line))))
            }
            Ok(answer) => {
                self.heard = serde_json::to_value(&answer).unwrap_or_default();
                if serde_json::from_value::<vectors::answer::Answer>(expected.clone())
                    .is_ok_and(|expected| expected.accepts(&answer))
                {
                    Ok(())
                } else {
                    Err(wrong(excerpt(&line)))
                }
            }
        }
    }

    /// Closes stdin and waits for the end: the lines that still came, and what was wrong with it.
    pub(super) fn end(&mut self) -> Option<(Vec<Vec<u8>>, Option<String>)> {
        self.process.take().map(Process::end)
    }

    fn process(&mut self, sent: &str) -> Result<&mut Process, Wrong> {
        if self.process.is_none() {
            self.hello(&json!({}))?;
        }
        self.process.as_mut().ok_or_else(|| Wrong {
            sent: sent.to_string(),
            came: "nothing: the adapter is not running".into(),
            expected: "an answer".into(),
        })
    }
}

/// Why there was no line, with its likely cause.
fn why(process: &mut Process, broken: Broken, is_wanted: &dyn Fn(&[u8]) -> bool) -> String {
    match broken.verdict {
        Verdict::Timeout => explain_timeout(process, &broken, is_wanted)
            .unwrap_or_else(|| format!("{}: does it hang, or is its stdout not flushed?", broken.reason)),
        Verdict::Crash => format!("the adapter {}", broken.reason),
        _ => broken.reason,
    }
}

/// A line as it came, its start at least.
pub(super) fn excerpt(line: &[u8]) -> String {
    match serde_json::from_slice::<Value>(line) {
        Ok(value) if value.is_object() => shown(&value),
        _ => reply::excerpt(line),
    }
}

pub(super) fn shown(value: &Value) -> String {
    shorten(value, MOST_CHARS)
}

fn extend(value: &mut Value, more: &Value) {
    if let (Value::Object(fields), Value::Object(more)) = (value, more) {
        fields.extend(more.clone());
    }
}

//! Drives one row: one adapter process, one request at a time, restarted when it ends, hangs or talks nonsense.
//! It knows no expectation; what it has seen is judged elsewhere.

use std::collections::BTreeMap;
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant};

use vectors::protocol::{Answer, Hello, MAX_LINE_LEN, ModuleFile, PROTOCOL, Request};

use super::process::{Broken, Process};
use super::reply;
use crate::hosts::Row;
use crate::plan::Item;
use crate::verdict::Verdict;

/// After so many failures of the adapter in a row, the rest of the row is not asked.
pub(super) const FAILURES_IN_A_ROW: usize = 5;

/// How long an adapter that did not answer is watched after its stdin was closed: if the answer comes then, it had
/// only not been flushed.
const FLUSH_LIMIT: Duration = Duration::from_secs(2);

/// What was seen of one case.
#[derive(Debug, Clone)]
pub(super) enum Seen {
    /// A sound reply.
    Answer(Answer),
    /// None.
    Nothing {
        /// What kind of nothing.
        verdict: Verdict,
        /// What happened, and its likely cause.
        reason: String,
    },
}

impl From<Broken> for Seen {
    fn from(broken: Broken) -> Self {
        Self::Nothing {
            verdict: broken.verdict,
            reason: broken.reason,
        }
    }
}

/// What was seen of a row beside its answers.
#[derive(Debug, Default)]
pub(super) struct Driven {
    /// The adapter's first reply to `hello`.
    pub(super) hello: Option<Hello>,
    /// How often the adapter was started again.
    pub(super) restarts: usize,
    /// What was wrong, beside any case, with the way it ended.
    pub(super) trouble: Option<String>,
}

/// Asks a row everything that it is to be asked. `seen` is told each item's number, what was seen and the time it
/// took, in order; a number that comes again replaces what was told before. When `seen` returns false, the row stops.
pub(super) fn drive(
    root: &Path,
    row: &Row,
    items: &[Item<'_>],
    modules: &BTreeMap<String, ModuleFile>,
    seen: &mut dyn FnMut(usize, Seen, Duration) -> bool,
) -> Driven {
    let mut driver = Driver {
        root,
        row,
        modules,
        process: None,
        last: None,
        seq: 0,
        good: 0,
        failures: 0,
        driven: Driven::default(),
    };
    let mut given_up: Option<Broken> = None;
    for (at, item) in items.iter().enumerate() {
        let start = Instant::now();
        let what = match &given_up {
            Some(broken) => Seen::from(broken.clone()),
            None => driver.ask(at, item, &mut |at, broken| {
                seen(at, Seen::from(broken), Duration::ZERO);
            }),
        };
        if driver.failures >= driver.limit() && given_up.is_none() {
            given_up = Some(driver.give_up(&what));
        }
        if !seen(at, what, start.elapsed()) {
            break;
        }
    }
    driver.finish(&mut |at, broken| {
        seen(at, Seen::from(broken), Duration::ZERO);
    });
    driver.driven
}

struct Driver<'a> {
    root: &'a Path,
    row: &'a Row,
    modules: &'a BTreeMap<String, ModuleFile>,
    process: Option<Process>,
    /// The last request that this process answered: its number, and which item it was.
    last: Option<(u64, usize)>,
    seq: u64,
    /// Sound answers since the process started.
    good: usize,
    /// Failures of the adapter in a row.
    failures: usize,
    driven: Driven,
}

/// Tells that an earlier item was not answered well after all.
type Amend<'a> = &'a mut dyn FnMut(usize, Broken);

impl Driver<'_> {
    fn ask(&mut self, at: usize, item: &Item<'_>, amend: Amend<'_>) -> Seen {
        loop {
            if self.process.is_none()
                && let Err(broken) = self.start()
            {
                self.failures += 1;
                return broken.into();
            }
            if let Some(nothing) = self.ruled_out(item) {
                return nothing;
            }
            match self.exchange(at, item) {
                Ok(seen) => return seen,
                Err(Failure::Of(broken)) => {
                    self.drop_process();
                    return broken.into();
                }
                Err(Failure::OfTheLast(last, broken)) => {
                    amend(last, broken);
                    self.drop_process();
                    if self.failures >= FAILURES_IN_A_ROW {
                        return Broken::new(
                            Verdict::Error,
                            "the adapter answered the case before this twice",
                        )
                        .into();
                    }
                }
            }
        }
    }

    /// What is known from `hello` alone.
    fn ruled_out(&self, item: &Item<'_>) -> Option<Seen> {
        let hello = self.driven.hello.as_ref()?;
        let op = item.case.op.name();
        let missing = |reason: String| {
            Some(Seen::Nothing {
                verdict: Verdict::Missing,
                reason,
            })
        };
        let Some(loaded) = hello.modules.get(item.module) else {
            return missing(format!(
                "hello does not have the module {}, which hosts.toml lists",
                item.module
            ));
        };
        let given = self.modules.get(item.module);
        if let Some(given) = given.filter(|given| !given.path.is_empty() && given.sha256 != loaded.sha256) {
            let reason = format!(
                "ran another module: hello says sha256 {}, and it was given {}",
                loaded.sha256, given.sha256
            );
            return Some(Seen::Nothing {
                verdict: Verdict::Error,
                reason,
            });
        }
        if loaded.ops.iter().any(|claimed| claimed == op) {
            return None;
        }
        missing(format!(
            "hello does not claim {op} for {}, which hosts.toml lists",
            item.module
        ))
    }

    fn exchange(&mut self, at: usize, item: &Item<'_>) -> Result<Seen, Failure> {
        self.seq += 1;
        let request = Request::Run {
            seq: self.seq,
            module: item.module.to_string(),
            op: item.case.op.clone(),
        };
        let line = serde_json::to_vec(&request).unwrap_or_default();
        if line.len() > MAX_LINE_LEN {
            let reason = format!(
                "the request is {} bytes long; a line may have {MAX_LINE_LEN}",
                line.len()
            );
            return Ok(Seen::Nothing {
                verdict: Verdict::Error,
                reason,
            });
        }
        let limit = self.row.timeout();
        let Some(process) = &mut self.process else {
            return Err(Failure::Of(Broken::new(
                Verdict::Crash,
                "the adapter is not running",
            )));
        };
        process.say(line);
        let line = match process.hear(limit) {
            Ok(line) => line,
            Err(broken) if broken.verdict == Verdict::Timeout => {
                let seq = self.seq;
                let is_answer = |line: &[u8]| reply::reply(line).is_ok_and(|reply| reply.seq == seq);
                return Err(Failure::Of(explain_timeout(process, broken, &is_answer)));
            }
            Err(broken) => return Err(Failure::Of(broken)),
        };
        let reply = reply::reply(&line).map_err(|wrong| Failure::Of(Broken::new(Verdict::Error, wrong)))?;
        if reply.seq != self.seq {
            return Err(match self.last {
                Some((seq, last)) if seq == reply.seq => Failure::OfTheLast(last, answered_twice()),
                _ => Failure::Of(Broken::new(
                    Verdict::Error,
                    format!("answered request {} when it was asked {}", reply.seq, self.seq),
                )),
            });
        }
        if let Some(extra) = process.overhear() {
            return Err(Failure::Of(extra_line(&extra, self.seq)));
        }
        self.last = Some((self.seq, at));
        self.good += 1;
        // One answer is not yet proof that it was answered once only; a second is.
        if self.good > 1 {
            self.failures = 0;
        }
        Ok(match reply.answer {
            Ok(answer) => Seen::Answer(answer),
            Err(reason) => Seen::Nothing {
                verdict: Verdict::Error,
                reason,
            },
        })
    }

    fn start(&mut self) -> Result<(), Broken> {
        let mut process = Process::start(&self.row.command, self.root).map_err(|error| {
            let why = if error.kind() == ErrorKind::NotFound {
                "there is no such program".into()
            } else {
                error.to_string()
            };
            Broken::new(
                Verdict::Crash,
                format!("{} could not be started: {why}", self.row.command[0]),
            )
        })?;
        let request = Request::Hello {
            protocol: PROTOCOL,
            modules: self.modules.clone(),
        };
        process.say(serde_json::to_vec(&request).unwrap_or_default());
        let line = match process.hear(self.row.hello_timeout()) {
            Ok(line) => line,
            Err(broken) => {
                let timed_out = broken.verdict == Verdict::Timeout;
                let is_answer = |line: &[u8]| reply::hello(line).is_ok();
                let broken = if timed_out {
                    explain_timeout(&mut process, broken, &is_answer)
                } else {
                    broken
                };
                return Err(Broken::new(broken.verdict, format!("hello: {}", broken.reason)));
            }
        };
        let hello =
            reply::hello(&line).map_err(|wrong| Broken::new(Verdict::Error, format!("hello: {wrong}")))?;
        match &self.driven.hello {
            None => self.driven.hello = Some(hello),
            Some(first) if *first == hello => {}
            Some(_) => {
                return Err(Broken::new(
                    Verdict::Error,
                    "hello is another after a restart than at first",
                ));
            }
        }
        self.process = Some(process);
        self.last = None;
        self.good = 0;
        Ok(())
    }

    fn drop_process(&mut self) {
        self.process = None;
        self.driven.restarts += 1;
        self.failures += 1;
    }

    /// Where not even the first hello came, starting again would only cost time.
    fn limit(&self) -> usize {
        if self.driven.hello.is_none() {
            1
        } else {
            FAILURES_IN_A_ROW
        }
    }

    fn give_up(&self, last: &Seen) -> Broken {
        let Seen::Nothing { verdict, reason } = last else {
            return Broken::new(Verdict::Error, "not asked: the adapter kept failing");
        };
        if self.limit() == 1 {
            return Broken::new(*verdict, reason.clone());
        }
        let reason = format!(
            "not asked: the adapter failed {} times in a row, at last: {reason}",
            self.failures
        );
        Broken::new(*verdict, reason)
    }

    fn finish(&mut self, amend: Amend<'_>) {
        let Some(process) = self.process.take() else {
            return;
        };
        let (lines, trouble) = process.end();
        self.driven.trouble = trouble;
        let Some(line) = lines.first() else {
            return;
        };
        match self.last {
            Some((seq, at)) => amend(at, extra_line(line, seq)),
            None => self.driven.trouble = Some(format!("said something unasked: {}", reply::excerpt(line))),
        }
    }
}

enum Failure {
    /// The item at hand.
    Of(Broken),
    /// An earlier item, by its number; the item at hand is still to be asked.
    OfTheLast(usize, Broken),
}

fn answered_twice() -> Broken {
    Broken::new(Verdict::Error, "answered twice: one request has one answer")
}

fn extra_line(line: &[u8], last: u64) -> Broken {
    match reply::reply(line) {
        Ok(reply) if reply.seq == last => answered_twice(),
        _ => Broken::new(
            Verdict::Error,
            format!(
                "said more than its answer on stdout (stderr is for people): {}",
                reply::excerpt(line)
            ),
        ),
    }
}

/// Tells an answer that was only not flushed from an adapter that hangs: closing stdin brings out the first.
fn explain_timeout(process: &mut Process, broken: Broken, is_answer: &dyn Fn(&[u8]) -> bool) -> Broken {
    process.close_stdin();
    match process.hear(FLUSH_LIMIT) {
        Ok(line) if is_answer(&line) => Broken::new(
            broken.verdict,
            format!(
                "{}; it came when stdin was closed: flush stdout after each line",
                broken.reason
            ),
        ),
        _ => Broken::new(
            broken.verdict,
            format!("{}: does it hang, or is its stdout not flushed?", broken.reason),
        ),
    }
}

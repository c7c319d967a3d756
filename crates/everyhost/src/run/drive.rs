//! Drives one row: one adapter process, restarted when it ends, hangs or talks nonsense. It knows no expectation; what
//! it has seen is judged elsewhere.
//!
//! Requests are sent ahead, so that the adapter always finds the next one. Answers come in the order of the requests:
//! what goes wrong is blamed on the first request without an answer, and those after it are sent again.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::ErrorKind;
use std::path::Path;
use std::time::{Duration, Instant};

use vectors::answer::Answer;
use vectors::ops::{Op, RawStep};
use vectors::protocol::{Hello, MAX_LINE_LEN, ModuleFile, PROTOCOL, Request};
use vectors::reply;

use super::folders::Folders;
use super::keep;
use super::process::{Broken, Process};
use crate::hosts::Row;
use crate::plan::Item;
use crate::verdict::Verdict;

/// After so many failures of the adapter in a row, the rest of the row does not run.
pub(super) const FAILURES_IN_A_ROW: usize = 5;

/// How many requests may be without an answer, and how many bytes they may have together. One is always sent.
const AHEAD: usize = 32;
const AHEAD_LEN: usize = 1 << 20;

/// How long an adapter that did not answer is watched after its stdin was closed: if the answer comes then, it had
/// only not been flushed.
const FLUSH_LIMIT: Duration = Duration::from_secs(2);

/// How many steps of a request are named when it was not answered.
const MOST_STEPS: usize = 4;

#[derive(Debug, Clone)]
pub(super) enum Seen {
    Answer(Answer),
    /// None, because the host cannot load the module: which host, and why.
    Refused(String),
    Nothing(Broken),
}

#[derive(Debug, Default)]
pub(super) struct Driven {
    /// The adapter's first reply to `hello`.
    pub(super) hello: Option<Hello>,
    pub(super) restarts: usize,
    /// What was wrong, beside any case, with the way it ended.
    pub(super) trouble: Option<String>,
}

/// Runs everything that is planned on a row. `seen` gets each item's number, what was seen and the time it took, in
/// order; a number that comes again replaces what came before. When `seen` returns false, the row stops.
/// `unknown`: the modules are not ours, so that an instance may take for ever; one is made first, to see.
pub(super) fn drive(
    root: &Path,
    row: &Row,
    items: &[Item<'_>],
    modules: &BTreeMap<String, ModuleFile>,
    unknown: bool,
    seen: &mut dyn FnMut(usize, Seen, Duration) -> bool,
) -> Driven {
    let mut driver = Driver {
        root,
        row,
        items,
        modules,
        process: None,
        waiting: VecDeque::new(),
        next: 0,
        folders: BTreeMap::new(),
        answered: Vec::new(),
        failures: 0,
        without_instance: BTreeMap::new(),
        driven: Driven::default(),
    };
    let mut given_up: Option<Broken> = unknown.then(|| driver.make_instances()).flatten();
    for at in 0..items.len() {
        let start = Instant::now();
        let what = match &given_up {
            Some(broken) => Seen::Nothing(broken.clone()),
            None => driver.ask(at, &mut |at, broken| {
                seen(at, Seen::Nothing(broken), Duration::ZERO);
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
        seen(at, Seen::Nothing(broken), Duration::ZERO);
    });
    driver.driven
}

struct Driver<'a> {
    root: &'a Path,
    row: &'a Row,
    items: &'a [Item<'a>],
    modules: &'a BTreeMap<String, ModuleFile>,
    process: Option<Process>,
    /// The items that this process was sent and has not answered, and the length of each request.
    waiting: VecDeque<(usize, usize)>,
    /// The first item that this process was not sent.
    next: usize,
    /// Of the items that need some, as long as they wait.
    folders: BTreeMap<usize, Folders>,
    answered: Vec<usize>,
    failures: usize,
    /// The modules of which no instance could be made in time. No case of theirs runs.
    without_instance: BTreeMap<&'a str, Broken>,
    driven: Driven,
}

/// Reports that an earlier answer turned out to be bad.
type Amend<'a> = &'a mut dyn FnMut(usize, Broken);

impl Driver<'_> {
    /// Asks for an instance of each module, and nothing else. Why no case at all can run, if the adapter does not start.
    fn make_instances(&mut self) -> Option<Broken> {
        let mut seen = BTreeSet::new();
        for item in self.items.iter().filter(|item| seen.insert(item.module)) {
            if self.process.is_none()
                && let Err(broken) = self.start(0)
            {
                return Some(broken);
            }
            if self.ruled_out(item).is_none()
                && let Some(broken) = self.make_an_instance(item)
            {
                self.without_instance.insert(item.module, broken);
            }
        }
        None
    }

    /// Why no case of this module can run, if an instance takes too long.
    fn make_an_instance(&mut self, item: &Item<'_>) -> Option<Broken> {
        let request = serde_json::json!({
            "cmd": "run", "seq": 0, "module": item.module, "op": "raw", "in": {"steps": []},
        });
        let process = self.process.as_mut()?;
        process.say(request.to_string().into_bytes());
        let broken = match process.hear(self.row.timeout()) {
            // It may be the answer that a case expects.
            Ok(line) if reply::reply(&line).is_ok_and(|reply| reply.seq == 0) => return None,
            Ok(_) => None,
            Err(broken) => (broken.verdict == Verdict::Timeout).then(|| {
                Broken::new(
                    Verdict::Timeout,
                    format!(
                        "no instance in {} s: does the module's start function end? The adapter was ended, and none of its cases ran",
                        self.row.timeout().as_secs_f64()
                    ),
                )
            }),
        };
        self.process = None;
        broken
    }

    fn ask(&mut self, at: usize, amend: Amend<'_>) -> Seen {
        if let Some(nothing) = self.ruled_out(&self.items[at]) {
            return nothing;
        }
        loop {
            if self.process.is_none()
                && let Err(broken) = self.start(at)
            {
                self.failures += 1;
                return Seen::Nothing(broken);
            }
            self.send_ahead();
            if self.waiting.front().is_none_or(|(first, _)| *first != at) {
                let not_running = || Seen::Nothing(Broken::new(Verdict::Crash, "the adapter is not running"));
                return self.request(at).err().unwrap_or_else(not_running);
            }
            match self.hear(at) {
                Ok(seen) => return seen,
                Err(Failure::Of(broken)) => {
                    self.drop_process();
                    return Seen::Nothing(broken);
                }
                Err(Failure::OfAnEarlier(earlier, broken)) => {
                    amend(earlier, broken);
                    self.drop_process();
                    if self.failures >= FAILURES_IN_A_ROW {
                        let twice = "the adapter answered the case before this twice";
                        return Seen::Nothing(Broken::new(Verdict::Error, twice));
                    }
                }
            }
        }
    }

    /// Keeps the adapter busy. Many requests at once wake it up less often.
    fn send_ahead(&mut self) {
        if self.waiting.len() > AHEAD / 2 {
            return;
        }
        let mut len: usize = self.waiting.iter().map(|(_, len)| len).sum();
        while self.next < self.items.len() && self.waiting.len() < AHEAD && len < AHEAD_LEN {
            if let (Ok(line), Some(process)) = (self.request(self.next), &self.process) {
                len += line.len();
                self.waiting.push_back((self.next, line.len()));
                process.say(line);
            }
            self.next += 1;
        }
    }

    /// The request for an item, or why there is none.
    fn request(&mut self, at: usize) -> Result<Vec<u8>, Seen> {
        let item = &self.items[at];
        if let Some(nothing) = self.ruled_out(item) {
            return Err(nothing);
        }
        let wrong = |reason| Err(Seen::Nothing(Broken::new(Verdict::Error, reason)));
        let op = match Folders::make(&item.case.op) {
            Ok(None) => item.case.op.clone(),
            Ok(Some((folders, op))) => {
                self.folders.insert(at, folders);
                op
            }
            Err(error) => return wrong(format!("the folders of the program cannot be made: {error}")),
        };
        let request = Request::Run { seq: seq_of(at), module: item.module.to_string(), op };
        let line = serde_json::to_vec(&request).unwrap_or_default();
        if line.len() > MAX_LINE_LEN {
            let reason = format!("the request is {} bytes long; a line may have {MAX_LINE_LEN}", line.len());
            return wrong(reason);
        }
        Ok(line)
    }

    /// Why an item need not be sent: no instance of its module can be made in time, or `hello` says enough.
    fn ruled_out(&self, item: &Item<'_>) -> Option<Seen> {
        if let Some(broken) = self.without_instance.get(item.module) {
            return Some(Seen::Nothing(broken.clone()));
        }
        let hello = self.driven.hello.as_ref()?;
        let op = item.case.op.name();
        let missing = |reason: String| Some(Seen::Nothing(Broken::new(Verdict::Missing, reason)));
        let Some(loaded) = hello.modules.get(item.module) else {
            return missing(format!("hello does not have the module {}, which hosts.toml lists", item.module));
        };
        let given = self.modules.get(item.module);
        if let Some(given) = given.filter(|given| !given.path.is_empty() && given.sha256 != loaded.sha256) {
            let reason =
                format!("ran another module: hello says sha256 {}, and it was given {}", loaded.sha256, given.sha256);
            return Some(Seen::Nothing(Broken::new(Verdict::Error, reason)));
        }
        if let Some(why) = &loaded.refused {
            let host = &self.row.name;
            return Some(Seen::Refused(format!("host {host} cannot load this module: {why}")));
        }
        if loaded.ops.iter().any(|claimed| claimed == op) {
            return None;
        }
        missing(format!("hello does not claim {op} for {}, which hosts.toml lists", item.module))
    }

    /// The answer to the first item that waits for one.
    fn hear(&mut self, at: usize) -> Result<Seen, Failure> {
        let limit = self.row.timeout();
        let Some(process) = &mut self.process else {
            return Err(Failure::Of(Broken::new(Verdict::Crash, "the adapter is not running")));
        };
        let line = match process.hear(limit) {
            Ok(line) => line,
            Err(broken) if broken.verdict == Verdict::Timeout => {
                let is_answer = |line: &[u8]| reply::reply(line).is_ok_and(|reply| reply.seq == seq_of(at));
                let what = asked(&self.items[at].case.op);
                let then = if at + 1 < self.items.len() { "ended and started again" } else { "ended" };
                let told = format!("no answer to {what} in {} s; the adapter was {then}", limit.as_secs_f64());
                let reason = explain_timeout(process, &broken, &is_answer).unwrap_or(told);
                return Err(Failure::Of(Broken::new(Verdict::Timeout, reason)));
            }
            Err(broken) => return Err(Failure::Of(broken)),
        };
        let reply = reply::reply(&line).map_err(|wrong| Failure::Of(Broken::new(Verdict::Error, wrong)))?;
        if reply.seq != seq_of(at) {
            return Err(match self.answered.iter().find(|item| seq_of(**item) == reply.seq) {
                Some(earlier) => Failure::OfAnEarlier(*earlier, answered_twice()),
                None => Failure::Of(Broken::new(
                    Verdict::Error,
                    format!(
                        "answered request {}, and the answer to {} was due: answers come in the order of the requests",
                        reply.seq,
                        seq_of(at)
                    ),
                )),
            });
        }
        self.waiting.pop_front();
        if self.waiting.is_empty()
            && let Some(extra) = process.overhear()
        {
            return Err(Failure::Of(extra_line(&extra, seq_of(at))));
        }
        self.answered.push(at);
        // One answer is not yet proof that it was answered once only; a second is.
        if self.answered.len() > 1 {
            self.failures = 0;
        }
        let folders = self.folders.remove(&at);
        let looked = reply.answer.and_then(|mut answer| {
            folders.map_or(Ok(()), |folders| folders.look(&mut answer))?;
            Ok(answer)
        });
        Ok(match looked {
            Ok(answer) => Seen::Answer(answer),
            Err(reason) => Seen::Nothing(Broken::new(Verdict::Error, reason)),
        })
    }

    /// Starts the adapter, for the items from this one on.
    fn start(&mut self, at: usize) -> Result<(), Broken> {
        if self.driven.hello.is_some() {
            self.driven.restarts += 1;
        }
        let mut process = Process::start(&self.row.command, self.root).map_err(|error| {
            let why =
                if error.kind() == ErrorKind::NotFound { "there is no such program".into() } else { error.to_string() };
            Broken::new(Verdict::Crash, format!("{} could not be started: {why}", self.row.command[0]))
        })?;
        let request = Request::Hello { protocol: PROTOCOL, modules: self.modules.clone() };
        process.say(serde_json::to_vec(&request).unwrap_or_default());
        let line = match process.hear(self.row.hello_timeout()) {
            Ok(line) => line,
            Err(broken) => {
                let is_answer = |line: &[u8]| reply::hello(line).is_ok();
                let reason = if broken.verdict == Verdict::Timeout {
                    explain_timeout(&mut process, &broken, &is_answer)
                        .unwrap_or_else(|| format!("{}; the adapter was ended", broken.reason))
                } else {
                    broken.reason
                };
                return Err(Broken::new(broken.verdict, format!("hello: {reason}")));
            }
        };
        let mut hello = reply::hello(&line).map_err(|wrong| Broken::new(Verdict::Error, format!("hello: {wrong}")))?;
        keep::hello(&mut hello, self.modules);
        match &self.driven.hello {
            None => self.driven.hello = Some(hello),
            Some(first) if *first == hello => {}
            Some(_) => {
                return Err(Broken::new(Verdict::Error, "hello is another after a restart than at first"));
            }
        }
        self.process = Some(process);
        self.waiting.clear();
        self.next = at;
        self.folders.clear();
        self.answered.clear();
        Ok(())
    }

    fn drop_process(&mut self) {
        self.process = None;
        self.failures += 1;
    }

    /// If not even the first hello came, starting again would only cost time.
    fn limit(&self) -> usize {
        if self.driven.hello.is_none() { 1 } else { FAILURES_IN_A_ROW }
    }

    fn give_up(&self, last: &Seen) -> Broken {
        match last {
            Seen::Nothing(broken) if self.limit() == 1 => broken.clone(),
            Seen::Nothing(Broken { verdict, reason }) => {
                let how = format!("not run: the adapter failed {} times in a row, at last: {reason}", self.failures);
                Broken::new(*verdict, how)
            }
            _ => Broken::new(Verdict::Error, "not run: the adapter kept failing"),
        }
    }

    fn finish(&mut self, amend: Amend<'_>) {
        let Some(process) = self.process.take() else {
            return;
        };
        if !self.waiting.is_empty() {
            // The run was stopped early; it is not worth the time that the answers would take.
            return;
        }
        let (lines, trouble) = process.end();
        self.driven.trouble = trouble;
        let Some(line) = lines.first() else {
            return;
        };
        match self.answered.last() {
            Some(at) => amend(*at, extra_line(line, seq_of(*at))),
            None => self.driven.trouble = Some(format!("said something unasked: {}", reply::excerpt(line))),
        }
    }
}

enum Failure {
    Of(Broken),
    /// An earlier item, by its number; this one has no answer yet.
    OfAnEarlier(usize, Broken),
}

fn seq_of(at: usize) -> u64 {
    at as u64 + 1
}

fn answered_twice() -> Broken {
    Broken::new(Verdict::Error, "answered twice: one request has one answer")
}

fn extra_line(line: &[u8], last: u64) -> Broken {
    match reply::reply(line) {
        Ok(reply) if reply.seq == last => answered_twice(),
        _ => Broken::new(
            Verdict::Error,
            format!("said more than its answer on stdout (stderr is for people): {}", reply::excerpt(line)),
        ),
    }
}

/// What a request asked for, in words.
fn asked(op: &Op) -> String {
    let Some(steps) = op.raw_steps() else {
        return op.name().into();
    };
    let step = |step: &RawStep| match step {
        RawStep::Call { export, .. } => format!("call `{export}`"),
        RawStep::Write { .. } => "write".into(),
        RawStep::Read { .. } => "read".into(),
        RawStep::Pages {} => "pages".into(),
        RawStep::Grow { .. } => "grow".into(),
        RawStep::Load { .. } => "load".into(),
        RawStep::Global { export, .. } => format!("global `{export}`"),
    };
    let mut words: Vec<String> = steps.iter().take(MOST_STEPS).map(step).collect();
    if steps.len() > MOST_STEPS {
        words.push(format!("{} more", steps.len() - MOST_STEPS));
    }
    match &words[..] {
        [] => "no steps, which only makes an instance".into(),
        [one] => one.clone(),
        [first @ .., last] => format!("the steps {} and {last}", first.join(", ")),
    }
}

/// Tells an answer that was only not flushed from an adapter that hangs: closing stdin brings out the first.
pub(crate) fn explain_timeout(
    process: &mut Process,
    broken: &Broken,
    is_answer: &dyn Fn(&[u8]) -> bool,
) -> Option<String> {
    process.close_stdin();
    match process.hear(FLUSH_LIMIT) {
        Ok(line) if is_answer(&line) => {
            Some(format!("{}; it came when stdin was closed: flush stdout after each line", broken.reason))
        }
        _ => None,
    }
}

//! Raw steps and their answers, written down side by side.

use vectors::Bytes;
use vectors::answer::{Answer, Output};
use vectors::model::Expect;
use vectors::ops::{RawStep, Value};

/// The steps of one case, each with its answer.
#[derive(Clone)]
pub(super) struct Steps {
    steps: Vec<RawStep>,
    answers: Vec<Answer>,
}

impl Steps {
    pub(super) fn new() -> Self {
        Self { steps: Vec::new(), answers: Vec::new() }
    }

    /// The steps, and what is expected of them.
    pub(super) fn parts(self) -> (Vec<RawStep>, Expect) {
        let expect = Expect::Ok(Output { steps: Some(self.answers), ..Output::default() });
        (self.steps, expect)
    }

    pub(super) fn step(mut self, step: RawStep, answer: Answer) -> Self {
        self.steps.push(step);
        self.answers.push(answer);
        self
    }

    /// How large memory is.
    pub(super) fn pages(self, pages: u32) -> Self {
        let output = Output { pages: Some(pages), ..Output::default() };
        self.step(RawStep::Pages {}, Answer::ok(output))
    }

    /// An export that returns these results.
    pub(super) fn call(self, export: &str, args: &[Value], results: &[Value]) -> Self {
        self.step(call(export, args, None), returned(results))
    }

    /// The same, its first result kept under a name.
    pub(super) fn call_as(self, export: &str, args: &[Value], name: &str, results: &[Value]) -> Self {
        self.step(call(export, args, Some(name)), returned(results))
    }

    /// An export that returns a pointer, whatever it is but 0, kept under a name.
    pub(super) fn pointer(self, export: &str, args: &[Value], name: &str) -> Self {
        self.call_as(export, args, name, &[at(name)])
    }

    pub(super) fn call_that_traps(self, export: &str, args: &[Value]) -> Self {
        self.step(call(export, args, None), TRAP)
    }

    pub(super) fn call_without_export(self, export: &str) -> Self {
        self.step(call(export, &[], None), Answer::error("NO_EXPORT"))
    }

    /// A step without an answer, because nothing comes after a trap.
    pub(super) fn unanswered(mut self, step: RawStep) -> Self {
        self.steps.push(step);
        self
    }

    pub(super) fn write(self, ptr: Value, bytes: impl Into<Bytes>) -> Self {
        self.step(RawStep::Write { ptr, bytes: bytes.into() }, Answer::ok(Output::default()))
    }

    pub(super) fn read(self, ptr: Value, bytes: impl AsRef<[u8]>) -> Self {
        let bytes = bytes.as_ref();
        let len = u32::try_from(bytes.len()).expect("what is read is short");
        let output = Output { bytes: Some(bytes.into()), ..Output::default() };
        self.step(RawStep::Read { ptr, len }, Answer::ok(output))
    }

    pub(super) fn write_out_of_bounds(self, ptr: Value, bytes: impl Into<Bytes>) -> Self {
        self.step(RawStep::Write { ptr, bytes: bytes.into() }, Answer::error("OUT_OF_BOUNDS"))
    }

    pub(super) fn read_out_of_bounds(self, ptr: Value, len: u32) -> Self {
        self.step(RawStep::Read { ptr, len }, Answer::error("OUT_OF_BOUNDS"))
    }
}

pub(super) const TRAP: Answer = Answer::Trap { trap: true, detail: None };

/// A value that was kept under a name.
pub(super) fn at(name: &str) -> Value {
    plus(name, 0)
}

/// The same, with an offset.
pub(super) fn plus(name: &str, plus: i32) -> Value {
    Value::Var { var: name.to_owned(), plus }
}

pub(super) fn call(export: &str, args: &[Value], as_name: Option<&str>) -> RawStep {
    RawStep::Call { export: export.to_owned(), args: args.to_vec(), as_name: as_name.map(str::to_owned) }
}

pub(super) fn returned(results: &[Value]) -> Answer {
    Answer::ok(Output { results: Some(results.to_vec()), ..Output::default() })
}

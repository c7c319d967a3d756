//! What an adapter answers: the same for an operation and for each step of one.

use serde::{Deserialize, Serialize};

use crate::expected::{AnswerBytes, AnswerNumber};
use crate::imports::HostCall;
use crate::ops::Value;
use crate::wasi::File;

/// What came of an operation, or of a step of one. In JSON exactly one of `ok`, `error`, `trap` and
/// `unsupported`, and in vectors `one_of`; an error and a trap may carry a `detail` for people.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// It worked.
    Ok {
        /// The result.
        ok: Box<Output>,
    },
    /// It was refused.
    Error {
        /// The stable name.
        error: String,
        /// In the host's own words, never judged.
        #[serde(skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
    /// The module trapped.
    Trap {
        /// Always true.
        trap: bool,
        /// The calls of the host's functions until then.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        calls: Vec<HostCall>,
        /// In the host's own words, never judged.
        #[serde(skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
    /// The adapter cannot do this.
    Unsupported {
        /// Why.
        unsupported: String,
    },
    /// In vectors: any of these is right.
    OneOf {
        /// At least one.
        one_of: Vec<Answer>,
    },
}

impl Answer {
    /// A result.
    pub fn ok(output: Output) -> Self {
        Self::Ok { ok: Box::new(output) }
    }

    /// A refusal by its stable name.
    pub fn error(name: impl Into<String>) -> Self {
        Self::Error { error: name.into(), detail: None }
    }

    /// The same, with the host's words for it.
    pub fn error_with_detail(name: impl Into<String>, detail: impl Into<String>) -> Self {
        Self::Error { error: name.into(), detail: Some(detail.into()) }
    }

    /// A trap, with the host's words for it.
    pub fn trap(detail: impl Into<String>) -> Self {
        Self::Trap { trap: true, calls: Vec::new(), detail: Some(detail.into()) }
    }

    /// What the adapter cannot do, and why.
    pub fn unsupported(why: impl Into<String>) -> Self {
        Self::Unsupported { unsupported: why.into() }
    }

    /// The same without the hosts' own words, in steps too: they are never judged.
    pub fn without_details(mut self) -> Self {
        self.remove_details();
        self
    }

    fn remove_details(&mut self) {
        let (steps, calls) = match self {
            Self::Error { detail, .. } => {
                *detail = None;
                return;
            }
            Self::Trap { detail, calls, .. } => {
                *detail = None;
                (None, calls)
            }
            Self::Ok { ok } => (ok.steps.as_mut(), &mut ok.calls),
            Self::OneOf { one_of } => return one_of.iter_mut().for_each(Self::remove_details),
            Self::Unsupported { .. } => return,
        };
        let of_calls = calls.iter_mut().flat_map(|call| &mut call.steps);
        steps.into_iter().flatten().chain(of_calls).for_each(Self::remove_details);
    }
}

/// What an operation answers in `ok`. Which of the fields are there depends on the operation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Output {
    /// 32 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<AnswerBytes>,
    /// 32 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub public_key: Option<AnswerBytes>,
    /// 64 bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signature: Option<AnswerBytes>,
    /// 64 bytes each, in the order of the messages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signatures: Option<Vec<AnswerBytes>>,
    /// Whether a signature verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid: Option<bool>,
    /// A byte for each signature: 1 where it verified, 0 where not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verdicts: Option<AnswerBytes>,
    /// A 32-bit result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<AnswerNumber>,
    /// The answer of each step.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub steps: Option<Vec<Answer>>,
    /// What an export returned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub results: Option<Vec<Value>>,
    /// What an export of a component returned, by the type in its WIT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<serde_json::Value>,
    /// What was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bytes: Option<AnswerBytes>,
    /// In pages of 64 KiB.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
    /// What a program gave to `proc_exit`, or 0; absent if it trapped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exit_code: Option<u32>,
    /// What a program wrote there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stdout: Option<AnswerBytes>,
    /// What a program wrote there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stderr: Option<AnswerBytes>,
    /// What is in each of its folders afterwards, sorted by path. Hosts don't answer it: who asked looks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dirs: Option<Vec<Vec<File<AnswerBytes>>>>,
    /// The calls of the host's functions that came, in the order in which they began.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<HostCall>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn details_are_taken_out_of_steps_too() {
        let steps = vec![Answer::error_with_detail("A", "why"), Answer::trap("how")];
        let answer = Answer::ok(Output { steps: Some(steps), ..Output::default() });
        assert_eq!(
            serde_json::to_string(&answer.without_details()).unwrap(),
            r#"{"ok":{"steps":[{"error":"A"},{"trap":true}]}}"#
        );
    }
}

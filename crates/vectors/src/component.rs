//! What is asked of a component, by the types of its WIT: hosts/COMPONENTS.md says how values are written.

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// `{"steps"}`: ordered steps on one fresh instance.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calls {
    /// What is done with the instance, in order; a trap ends it, and the answers with it.
    pub steps: Vec<Step>,
}

/// One step on an instance of a component. In JSON: `{"do": "call", …}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case", deny_unknown_fields)]
pub enum Step {
    /// Calls an export: `{"result"}` if it has one, or an error.
    Call {
        /// The name of a function, `everyhost:signer/ed25519@0.1.0#sign` if it is one of an interface.
        export: String,
        /// Its arguments, by the types of its parameters.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        args: Vec<Value>,
    },
    /// Drops a resource: `{}`, or the error `NO_HANDLE`.
    Drop {
        /// Its number: resources are numbered from 0 on, in the order in which they came.
        handle: u32,
    },
}

/// What a call may answer instead of a result.
pub const CALL_ERRORS: &[&str] = &["NO_EXPORT", "TYPE_MISMATCH", NO_HANDLE];

/// No resource has this number, or it was dropped or given away.
pub const NO_HANDLE: &str = "NO_HANDLE";

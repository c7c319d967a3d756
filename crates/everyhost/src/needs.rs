//! Which exports a case takes. Not every signer has all of them: a case that takes one which the module lacks is not
//! asked, as an operation that hosts.toml leaves out is not.

use vectors::Case;
use vectors::ops::{Op, RawStep, SessionStep};

use crate::hosts::Given;

/// Whether the module has every export that the case takes.
pub(crate) fn has_what_it_takes(module: &Given, case: &Case) -> bool {
    module.lacks.is_empty() || !exports_of(&case.op).any(|export| module.lacks.iter().any(|name| name == export))
}

/// The exports that an operation takes, of those that some signer lacks.
fn exports_of(op: &Op) -> impl Iterator<Item = &str> {
    let alone = match op {
        Op::SignMany(_) => Some(SIGN_MANY),
        Op::Verify(_) => Some(VERIFY),
        Op::VerifyStrict(_) => Some(VERIFY_STRICT),
        _ => None,
    };
    let session = match op {
        Op::Session(session) => session.steps.as_slice(),
        _ => &[],
    };
    let by_wrapper = session.iter().filter_map(|step| match step {
        SessionStep::SignMany(_) => Some(SIGN_MANY),
        SessionStep::Verify(_) => Some(VERIFY),
        SessionStep::VerifyStrict(_) => Some(VERIFY_STRICT),
        _ => None,
    });
    // A module that comes with the request has the exports that it has.
    let raw = op.raw_steps().filter(|_| op.wasm().is_none()).unwrap_or_default();
    let called = raw.iter().filter_map(|step| match step {
        RawStep::Call { export, .. } => Some(export.as_str()),
        _ => None,
    });
    alone.into_iter().chain(by_wrapper).chain(called)
}

const SIGN_MANY: &str = "sign_batch";
const VERIFY: &str = "verify";
const VERIFY_STRICT: &str = "verify_strict";

#[cfg(test)]
mod tests {
    use super::*;

    fn case(op: &str, input: serde_json::Value) -> Case {
        let value = serde_json::json!({"id": "a", "op": op, "in": input, "expect": {"trap": true}});
        serde_json::from_value(value).unwrap()
    }

    #[test]
    fn a_case_is_asked_of_modules_that_have_what_it_takes() {
        let signs = serde_json::json!({"keypair": "", "messages": []});
        let session = |step: serde_json::Value| case("session", serde_json::json!({"keypair": "", "steps": [step]}));
        let verifies = serde_json::json!({"op": "verify", "in": {"public_key": "", "message": "", "signature": ""}});
        let many = serde_json::json!({"op": "sign_many", "in": {"messages": []}});
        let wipes = serde_json::json!({"op": "wipe", "in": {}});
        let calls = |export: &str| case("raw", serde_json::json!({"steps": [{"do": "call", "export": export}]}));
        for (case, lanes, small, sign_only) in [
            (case("sign_many", signs), true, false, false),
            (session(many), true, false, false),
            (session(verifies), false, true, false),
            (session(wipes), true, true, true),
            (calls("verify_strict"), false, true, false),
            (calls("allocate_batch"), true, false, false),
            (calls("load_key"), true, true, true),
        ] {
            let lacks = |lacks: &[&str]| Given {
                lacks: lacks.iter().map(|name| (*name).to_string()).collect(),
                ..Given::default()
            };
            assert!(has_what_it_takes(&Given::default(), &case));
            let verify = ["verify", "verify_strict"];
            let batch = ["allocate_batch", "sign_batch", "get_batch_signatures_ptr"];
            let asked = [&verify[..], &batch, &[verify.as_slice(), &batch].concat()]
                .map(|names| has_what_it_takes(&lacks(names), &case));
            assert_eq!(asked, [lanes, small, sign_only], "{:?}", case.op);
        }
    }
}

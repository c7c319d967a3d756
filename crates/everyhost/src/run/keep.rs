//! How much of what adapters say is kept: a run has a hundred thousand answers, and an answer may have 64 MiB.

use std::collections::BTreeMap;

use serde_json::Value;
use vectors::protocol::{Hello, ModuleFile};

use crate::answer::Given;
use crate::manifest::sha256_hex;
use crate::results::Outcome;

/// How many bytes of words are kept: details, errors, reasons, names.
const MOST_WORDS: usize = 4 << 10;

/// How many bytes of hex are kept of a wrong answer. What is cut off is known by its hash.
const MOST_BYTES: usize = 256 << 10;

const MOST_ELEMENTS: usize = 10_000;

pub(super) fn outcome(mut outcome: Outcome) -> Outcome {
    cut(&mut outcome.detail, MOST_WORDS);
    outcome.actual = outcome.actual.map(|actual| {
        let whole = actual.json();
        let kept = answer(whole.clone());
        if kept == whole { actual } else { Given::Cut(kept) }
    });
    outcome
}

/// What hello says of the modules that were given, and of the host.
pub(super) fn hello(hello: &mut Hello, given: &BTreeMap<String, ModuleFile>) {
    hello.modules.retain(|name, _| given.contains_key(name));
    let host = [&mut hello.host, &mut hello.version, &mut hello.runtime, &mut hello.os];
    host.into_iter().for_each(|words| cut(words, MOST_WORDS));
    for module in hello.modules.values_mut() {
        cut(&mut module.sha256, MOST_WORDS);
        module.refused.iter_mut().for_each(|why| cut(why, MOST_WORDS));
    }
}

fn answer(value: Value) -> Value {
    match value {
        Value::String(mut text) => {
            let most = if text.bytes().all(|byte| byte.is_ascii_hexdigit()) { MOST_BYTES } else { MOST_WORDS };
            cut(&mut text, most);
            Value::String(text)
        }
        Value::Array(mut values) => {
            let more = values.len().saturating_sub(MOST_ELEMENTS);
            values.truncate(MOST_ELEMENTS);
            let mut kept: Vec<Value> = values.into_iter().map(answer).collect();
            if more > 0 {
                kept.push(format!("… {more} more").into());
            }
            Value::Array(kept)
        }
        Value::Object(fields) => fields.into_iter().map(|(name, value)| (name, answer(value))).collect(),
        other => other,
    }
}

fn cut(text: &mut String, most: usize) {
    if text.len() <= most {
        return;
    }
    let mut at = most;
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    let rest = &text[at..];
    let note =
        format!("… (cut here: {} more bytes, of the SHA-256 {}…)", rest.len(), &sha256_hex(rest.as_bytes())[..16]);
    text.truncate(at);
    text.push_str(&note);
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::json;

    use super::*;
    use crate::fixture::assert_has;
    use crate::verdict::Verdict;

    #[test]
    fn what_is_kept_has_a_limit_and_says_what_was_cut() {
        let kept = outcome(Outcome {
            verdict: Verdict::Fail,
            detail: "é".repeat(1 << 20),
            actual: Some(Given::Cut(
                json!({"ok": {"bytes": "ab".repeat(1 << 20), "steps": vec![1; 20_000]}, "detail": "x".repeat(5_000)}),
            )),
            elapsed: Duration::ZERO,
        });
        assert!(kept.detail.len() < MOST_WORDS + 100 && kept.detail.contains("more bytes"));
        let actual = kept.actual.unwrap().json();
        assert!(actual["ok"]["bytes"].as_str().unwrap().len() < MOST_BYTES + 100);
        assert_eq!(actual["ok"]["steps"].as_array().unwrap().len(), MOST_ELEMENTS + 1);
        assert_has(actual["detail"].as_str().unwrap(), "cut here: 904 more bytes");
        let whole = json!({"ok": {"bytes": "ab".repeat(1 << 16)}});
        assert_eq!(answer(whole.clone()), whole);
    }
}

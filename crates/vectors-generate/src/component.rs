//! The suites of components: `component`, which is written as text in `component.txt`, and `component-signer`.
//!
//! The text starts with its flags. Each paragraph after them is a case: `ID [FLAGS] COMMENT`, then its steps, one a line: `call EXPORT
//! ARGS`, or `drop HANDLE`. Then comes ` = RESULT`, ` ! CODE`, ` traps` or ` unreached`; nothing if there is no result. The interfaces
//! of `component-probe` are written without the package.

use ed25519_reference::Key;
use serde_json::{Value, json};
use vectors::answer::{Answer, Output};
use vectors::component::{Calls, Step};
use vectors::model::{Case, Expect, Face, Suite};
use vectors::ops::Op;

use super::build::{self, BY_REFERENCE, case, headed, made_here};

pub(super) fn suite() -> Suite {
    let mut paragraphs = include_str!("component.txt").trim_end().split("\n\n");
    let flags = build::flags(paragraphs.next().unwrap_or_default());
    let cases = paragraphs.map(|paragraph| {
        let (head, body) = paragraph.split_once('\n').expect("a case has steps");
        let (op, expect) = asked(body.lines().map(step).collect());
        headed("component", head, op, expect)
    });
    let source = made_here("the component model's canonical ABI, and hosts/COMPONENTS.md");
    about("component-probe", build::suite("component", Face::Component, source, &flags, cases.collect()))
}

/// The signer by its WIT alone: what the other suites ask through each host's wrapper.
pub(super) fn signer_suite() -> Suite {
    let key = Key::from_seed(&[7; 32]);
    let keypair = hex::encode([[7; 32], key.public_key()].concat());
    let (message, signature) = ("68c3a9", hex::encode(key.sign("hé".as_bytes())));
    let public_key = hex::encode(key.public_key());
    let call = |export: &str, args: Value, result: Value| {
        let export = format!("everyhost:signer/{export}");
        let args = args.as_array().cloned().unwrap_or_default();
        let result = Some(result).filter(|result| !result.is_null());
        (Step::Call { export, args }, Some(Answer::ok(Output { result, ..Output::default() })))
    };
    let ed25519 = |name: &str, args: Value, result: Value| call(&format!("ed25519@0.1.0#{name}"), args, result);
    let held = |name: &str, args: Value, result: Value| call(&format!("held-key@0.1.0#[{name}"), args, result);
    let one = |id: &str, flags: &[&str], comment: &str, steps: Vec<(Step, Option<Answer>)>| -> Case {
        let (op, expect) = asked(steps);
        case(format!("component-signer/{id}"), flags, comment, op, expect)
    };
    let signer = json!({"handle": 0});
    let cases = vec![
        one(
            "functions",
            &["Signed"],
            "the key in each call",
            vec![
                ed25519("derive-public-key", json!([{"repeat": "07", "times": 32}]), json!({"ok": public_key})),
                ed25519("sign", json!([keypair, message]), json!({"ok": signature})),
                ed25519("sign-many", json!([keypair, [message, message]]), json!({"ok": [signature, signature]})),
                ed25519("verify", json!([public_key, message, signature]), json!({"ok": true})),
                ed25519("verify-strict", json!([public_key, "", signature]), json!({"ok": false})),
            ],
        ),
        one(
            "refusals",
            &["Refused"],
            "errors are cases of an enum, by their names in the WIT",
            vec![
                ed25519("derive-public-key", json!([""]), json!({"err": "key-length"})),
                ed25519("sign", json!(["00", message]), json!({"err": "key-length"})),
                ed25519("sign", json!([{"repeat": "07", "times": 64}, message]), json!({"err": "key-pair-mismatch"})),
                ed25519("verify", json!(["", message, signature]), json!({"err": "public-key-length"})),
            ],
        ),
        one(
            "held-key",
            &["Signed", "Refused"],
            "a resource that holds a key",
            vec![
                held("constructor]signer", json!([]), signer.clone()),
                held("method]signer.sign", json!([signer, message]), json!({"err": "no-key"})),
                held("method]signer.load-key", json!([signer, keypair]), json!("ok")),
                held("method]signer.public-key", json!([signer]), json!({"ok": public_key})),
                held("method]signer.sign", json!([signer, message]), json!({"ok": signature})),
                held("method]signer.wipe", json!([signer]), Value::Null),
                held("method]signer.sign", json!([signer, message]), json!({"err": "no-key"})),
                (Step::Drop { handle: 0 }, Some(Answer::ok(Output::default()))),
                (
                    Step::Call {
                        export: "everyhost:signer/held-key@0.1.0#[method]signer.wipe".into(),
                        args: vec![signer.clone()],
                    },
                    Some(Answer::error("NO_HANDLE")),
                ),
            ],
        ),
    ];
    let flags = [
        ("Refused", "a call that cannot be done is an error of the WIT, and no trap"),
        ("Signed", "a signature, byte for byte what the reference makes"),
    ];
    let source = made_here(BY_REFERENCE);
    about("signer-component", build::suite("component-signer", Face::Component, source, &flags, cases))
}

fn about(module: &str, suite: Suite) -> Suite {
    Suite { module: Some(module.to_owned()), ..suite }
}

/// What a case asks and expects: its steps, each with its answer, if it is reached.
fn asked(steps: Vec<(Step, Option<Answer>)>) -> (Op, Expect) {
    let (steps, answers): (Vec<Step>, Vec<Option<Answer>>) = steps.into_iter().unzip();
    let answers = Some(answers.into_iter().flatten().collect());
    (Op::Component(Calls { steps }), Expect::Ok(Output { steps: answers, ..Output::default() }))
}

fn step(line: &str) -> (Step, Option<Answer>) {
    let trap = Answer::Trap { trap: true, calls: Vec::new(), detail: None };
    let (asked, answer) = if let Some((asked, code)) = line.split_once(" ! ") {
        (asked, Some(Answer::error(code)))
    } else if let Some((asked, result)) = line.split_once(" = ") {
        (asked, Some(Answer::ok(Output { result: Some(build::json(result)), ..Output::default() })))
    } else if let Some(asked) = line.strip_suffix(" traps") {
        (asked, Some(trap))
    } else if let Some(asked) = line.strip_suffix(" unreached") {
        (asked, None)
    } else {
        (line, Some(Answer::ok(Output::default())))
    };
    let mut words = asked.splitn(3, ' ');
    let mut word = || words.next().unwrap_or_else(|| panic!("no step: {line}"));
    let step = match word() {
        "call" => {
            let name = word();
            let interface = ["echo", "outcomes", "counters", "lies"]
                .into_iter()
                .find(|name_of| name.strip_prefix(name_of).is_some_and(|rest| rest.starts_with('#')));
            let export = match interface {
                Some(interface) => {
                    format!("everyhost:component-probe/{interface}@0.1.0{}", &name[interface.len()..])
                }
                None => name.to_owned(),
            };
            Step::Call { export, args: build::json(word()) }
        }
        "drop" => Step::Drop { handle: build::json(word()) },
        other => panic!("no step: {other}"),
    };
    (step, answer)
}

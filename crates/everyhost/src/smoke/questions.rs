//! What is asked: of the small module that `smoke` brings, and of the workspace's own signer.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};
use vectors::model::Face;
use vectors::ops::{Op, SessionStep};
use vectors::protocol::Hello;
use vectors::{Case, Expect, Suite};

use super::talk::Question;
use super::{COMPONENT, SMOKE};
use crate::modules::NATIVE;

/// Longer requests are left to `everyhost run`.
const MOST_INPUT_LEN: usize = 1 << 16;

const MOST_OF_AN_OP: usize = 12;

const QUESTIONS: &str = include_str!("questions.json");
const CONTRACT: &str = include_str!("../../../../vectors/contract.json");
const IMPORTS: &str = include_str!("../../../../vectors/imports.json");
const WASI: &str = include_str!("../../../../vectors/wasi.json");

/// What no host that has WASI can lack: the rest of the suite is about where they differ.
const OF_EVERY_WASI: [&str; 5] =
    ["wasi/args/two", "wasi/env/equals-signs", "wasi/streams/stdin", "wasi/exit/of-3", "wasi/exit/trap-after-output"];

pub(super) struct Group {
    pub(super) name: String,
    pub(super) questions: Vec<Question>,
}

/// The questions about the module `smoke`, as questions.json has them. `times` repeats: some engines count how often a
/// call gave a double, and then store its results in another way.
fn groups() -> Vec<Group> {
    #[derive(Deserialize)]
    struct Repeated {
        name: String,
        #[serde(default = "once")]
        times: usize,
        questions: Vec<Steps>,
    }
    #[derive(Deserialize)]
    struct Steps {
        #[serde(default = "once")]
        times: usize,
        steps: Vec<Value>,
        answers: Vec<Value>,
    }
    let question = |one: &Steps| raw(repeated(&one.steps, one.times), repeated(&one.answers, one.times));
    let groups: Vec<Repeated> = serde_json::from_str(QUESTIONS).expect("a test reads them");
    let group = |group: Repeated| Group {
        name: group.name,
        questions: repeated(&group.questions.iter().map(question).collect::<Vec<_>>(), group.times),
    };
    groups.into_iter().map(group).collect()
}

fn repeated<T: Clone>(all: &[T], times: usize) -> Vec<T> {
    vec![all; times].concat()
}

const fn once() -> usize {
    1
}

/// A plain question, for what is about the lines and not about the answers.
pub(super) fn simple() -> Question {
    groups().swap_remove(0).questions.swap_remove(0)
}

pub(super) fn long_answer() -> Question {
    // In hex, bytes are twice as many.
    let len = 4 << 20;
    let read = json!({"do": "read", "ptr": {"i32": 0}, "len": len});
    raw(vec![read], vec![json!({"ok": {"bytes": "00".repeat(len)}})])
}

/// Who answers it knows the steps of the flag `NewerSteps`.
pub(super) fn newer_steps() -> Question {
    let call =
        |export: &str, args: Value, names: Value| json!({"do": "call", "export": export, "args": args, "as": names});
    let steps = vec![
        call("add_numbers", json!([{"i32": 1}, {"i32": 2}]), json!(["three"])),
        call("same_i64", json!([{"i64": "5"}]), json!("five")),
        call("same_i64", json!([{"var": "five", "plus": -6}]), json!(["minus one"])),
    ];
    let result = |value: Value| json!({"ok": {"results": [value]}});
    raw(steps, vec![result(json!({"i32": 3})), result(json!({"i64": "5"})), result(json!({"i64": "-1"}))])
}

/// Of the component `smoke-component`.
pub(super) fn calls_of_a_component() -> Question {
    let call = |export: &str, args: Value| json!({"do": "call", "export": export, "args": args});
    let steps = vec![
        call("add", json!([2, 3])),
        call("add", json!([4_294_967_295_u32, 1])),
        call("add", json!([4_294_967_296_u64, 1])),
        call("add", json!(["2", 3])),
        call("add", json!([2])),
        call("sub", json!([2, 3])),
        json!({"do": "drop", "handle": 0}),
        call("halve", json!([6])),
        call("halve", json!([7])),
        call("add", json!([2, 3])),
    ];
    let result = |value: Value| json!({"ok": {"result": value}});
    let error = |name: &str| json!({ "error": name });
    let wrong = || error("TYPE_MISMATCH");
    let answers = json!([
        result(json!(5)),
        result(json!(0)),
        wrong(),
        wrong(),
        wrong(),
        error("NO_EXPORT"),
        error("NO_HANDLE"),
        result(json!(3)),
        {"trap": true},
    ]);
    Question {
        module: COMPONENT.into(),
        op: "component".into(),
        input: json!({ "steps": steps }),
        expected: json!({"ok": {"steps": answers}}),
    }
}

/// What every host of Wasm modules is asked, of the module `smoke`. `newer`: whether the adapter knows [`newer_steps`].
pub(super) fn of_the_module(hello: &Hello, newer: bool) -> Vec<Group> {
    let group = |name: &str, questions: Vec<Question>| Group { name: name.into(), questions };
    let mut groups = groups();
    let claims = |op: &str| claims(hello, SMOKE, op);
    let is_known = |case: &Case| newer || has_none_of(case, &["NewerSteps"]);
    if claims("raw_module") {
        groups.extend(of_other_modules(CONTRACT, |case| is_known(case) && has_none_of(case, &["Newer", "Huge"])));
    }
    if claims("raw_imports") {
        let is_for_all =
            |case: &Case| is_known(case) && has_none_of(case, &["Names", "SignallingNan"]) && !case.id.contains("nan");
        groups.extend(of_other_modules(IMPORTS, is_for_all));
    }
    if claims("wasi") {
        groups.extend(of_other_modules(WASI, |case| OF_EVERY_WASI.contains(&case.id.as_str())));
    }
    if claims("add") {
        groups.push(group("add", add()));
    }
    if claims("divide") {
        groups.push(group("divide", divide()));
    }
    groups
}

pub(super) fn claims(hello: &Hello, module: &str, op: &str) -> bool {
    let loaded = hello.modules.get(module);
    loaded.is_some_and(|loaded| loaded.ops.iter().any(|claimed| claimed == op))
}

/// What the contract says of modules of every kind, as far as no host can lack what they take.
fn of_other_modules(suite: &str, is_for_all: impl Fn(&Case) -> bool) -> Vec<Group> {
    let suite: Suite = serde_json::from_str(suite).expect("the suite was checked when it was written");
    let mut groups: Vec<Group> = Vec::new();
    for case in suite.cases.iter().filter(|case| is_for_all(case)) {
        let kind = case.id.split('/').nth(1).unwrap_or_default();
        let name = format!("{}: {kind}", case.op.name());
        let question = of_case(SMOKE, case);
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.questions.push(question),
            None => groups.push(Group { name, questions: vec![question] }),
        }
    }
    groups
}

fn has_none_of(case: &Case, flags: &[&str]) -> bool {
    !case.flags.iter().any(|flag| flags.contains(&flag.as_str()))
}

/// Known answers for every operation that the adapter claims of the signer, or natively: one of each kind.
pub(super) fn known_answers(suites: &[Suite], hello: &Hello, module: &str) -> Vec<Group> {
    let Some(loaded) = hello.modules.get(module) else {
        return Vec::new();
    };
    let faces: &[Face] = if module == NATIVE { &[Face::Signer, Face::Adder] } else { &[Face::Signer] };
    let groups = loaded.ops.iter().map(|op| Group {
        name: format!("{op}: known answers"),
        questions: of_each_kind(suites, faces, op).into_iter().map(|case| of_case(module, case)).collect(),
    });
    groups.filter(|group| !group.questions.is_empty()).collect()
}

fn of_each_kind<'a>(suites: &'a [Suite], faces: &[Face], op: &str) -> Vec<&'a Case> {
    let mut kinds = BTreeSet::new();
    suites
        .iter()
        .filter(|suite| faces.contains(&suite.face))
        .flat_map(|suite| &suite.cases)
        .filter(|case| case.op.name() == op && case.op.input().to_string().len() <= MOST_INPUT_LEN)
        .filter(|case| kinds.insert(kind(case)))
        .take(MOST_OF_AN_OP)
        .collect()
}

/// Cases of one kind are answered alike, for the same reason.
fn kind(case: &Case) -> String {
    match (&case.op, &case.expect) {
        (Op::Session(session), _) => {
            let step = |step: &SessionStep| match serde_json::to_value(step) {
                Ok(step) => step["op"].to_string(),
                Err(_) => String::new(),
            };
            let last = session.steps.last().map(step).unwrap_or_default();
            format!("{:?} {last}", case.flags.first())
        }
        (_, Expect::Ok(output)) => format!("ok {:?}", output.valid),
        (_, Expect::Error(name)) => name.clone(),
        (_, Expect::Trap(_)) => "trap".into(),
        (_, Expect::OneOf(_)) => "one of several".into(),
    }
}

fn of_case(module: &str, case: &Case) -> Question {
    let expected = serde_json::to_value(case.expect.answer()).unwrap_or_default();
    Question { module: module.into(), op: case.op.name().into(), input: case.op.input(), expected }
}

fn raw(steps: Vec<Value>, answers: Vec<Value>) -> Question {
    Question {
        module: SMOKE.into(),
        op: "raw".into(),
        input: json!({ "steps": steps }),
        expected: json!({"ok": {"steps": answers}}),
    }
}

pub(super) fn overflow() -> Question {
    let call = json!({"do": "call", "export": "recurse", "args": [{"i32": 0}]});
    raw(vec![call], vec![json!({"trap": true})])
}

fn add() -> Vec<Question> {
    [(2, 3, 5), (i32::MAX, 1, i32::MIN), (-5, 2, -3)]
        .map(|(a, b, value)| adder("add", a, b, json!({"ok": {"value": value}})))
        .into()
}

fn divide() -> Vec<Question> {
    vec![
        adder("divide", -7, 2, json!({"ok": {"value": -3}})),
        adder("divide", 1, 0, json!({"trap": true})),
        adder("divide", i32::MIN, -1, json!({"trap": true})),
        adder("divide", 7, 2, json!({"ok": {"value": 3}})),
    ]
}

fn adder(op: &str, a: i32, b: i32, expected: Value) -> Question {
    Question { module: SMOKE.into(), op: op.into(), input: json!({"a": a, "b": b}), expected }
}

//! What is asked: of the small module that `smoke` brings, and of the workspace's own signer.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use vectors::model::Face;
use vectors::ops::{Op, SessionStep};
use vectors::protocol::Hello;
use vectors::{Case, Expect, Suite};

use super::SMOKE;
use super::talk::Question;
use crate::modules::NATIVE;

/// Longer requests are left to `everyhost run`.
const MOST_INPUT_LEN: usize = 1 << 16;

const MOST_OF_AN_OP: usize = 12;

const CONTRACT: &str = include_str!("../../../../vectors/contract.json");

pub(super) struct Group {
    pub(super) name: String,
    pub(super) questions: Vec<Question>,
}

/// A plain question, for what is about the lines and not about the answers.
pub(super) fn simple() -> Question {
    raw(
        json!([call("add_numbers", &json!([{"i32": 2}, {"i32": 3}]))]),
        json!([results(&json!([{"i32": 5}]))]),
    )
}

pub(super) fn long_answer(len: usize) -> Question {
    raw(
        json!([{"do": "read", "ptr": {"i32": 0}, "len": len}]),
        json!([{"ok": {"bytes": "00".repeat(len)}}]),
    )
}

/// What every host of Wasm modules is asked, of the module `smoke`.
pub(super) fn of_the_module(hello: &Hello) -> Vec<Group> {
    let group = |name: &str, questions: Vec<Question>| Group {
        name: name.into(),
        questions,
    };
    let mut groups = vec![
        group("raw: a call", vec![simple()]),
        group("raw: write, read and pages", vec![memory()]),
        group("raw: out of bounds, by unsigned pointers", vec![bounds()]),
        group("raw: bytes written as a repeat", vec![repeat()]),
        group("raw: a named result, used later", vec![names()]),
        group("raw: no such export", vec![no_export()]),
        group("raw: no steps at all", vec![raw(json!([]), json!([]))]),
        group("raw: pointer and length together go beyond 32 bits", vec![far()]),
        group("raw: names of exports are any text", vec![export_names()]),
        group("raw: arguments of other types are refused", vec![other_types()]),
        group("raw: i64 as text, floats as their bits", vec![numbers()]),
        group("raw: the bits of a NaN, time and again", vec![nans(); 6]),
        group("raw: a trap is the last step", vec![trap()]),
        group("raw: each request has a fresh instance", fresh()),
    ];
    let claims = |op: &str| {
        let loaded = hello.modules.get(SMOKE);
        loaded.is_some_and(|loaded| loaded.ops.iter().any(|claimed| claimed == op))
    };
    if claims("raw_module") {
        groups.extend(of_other_modules());
    }
    if claims("add") {
        groups.push(group("add", add()));
    }
    if claims("divide") {
        groups.push(group("divide", divide()));
    }
    groups
}

/// What the contract says of modules of every kind, as far as no host can lack what they take.
fn of_other_modules() -> Vec<Group> {
    let suite: Suite = serde_json::from_str(CONTRACT).expect("the suite was checked when it was written");
    let mut groups: Vec<Group> = Vec::new();
    for case in &suite.cases {
        if case
            .flags
            .iter()
            .any(|flag| ["Newer", "Huge"].contains(&flag.as_str()))
        {
            continue;
        }
        let kind = case.id.split('/').nth(1).unwrap_or_default();
        let name = format!("raw_module: {kind}");
        let question = Question {
            module: SMOKE.into(),
            op: case.op.name().into(),
            input: input(&case.op),
            expected: expected(&case.expect),
        };
        match groups.iter_mut().find(|group| group.name == name) {
            Some(group) => group.questions.push(question),
            None => groups.push(Group {
                name,
                questions: vec![question],
            }),
        }
    }
    groups
}

/// Known answers for every operation that the adapter claims of the signer, or natively: one of each kind.
pub(super) fn known_answers(suites: &[Suite], hello: &Hello, module: &str) -> Vec<Group> {
    let Some(loaded) = hello.modules.get(module) else {
        return Vec::new();
    };
    let faces: &[Face] = if module == NATIVE {
        &[Face::Signer, Face::Adder]
    } else {
        &[Face::Signer]
    };
    let groups = loaded.ops.iter().map(|op| Group {
        name: format!("{op}: known answers"),
        questions: of_each_kind(suites, faces, op)
            .into_iter()
            .map(|case| Question {
                module: module.into(),
                op: op.clone(),
                input: input(&case.op),
                expected: expected(&case.expect),
            })
            .collect(),
    });
    groups.filter(|group| !group.questions.is_empty()).collect()
}

fn of_each_kind<'a>(suites: &'a [Suite], faces: &[Face], op: &str) -> Vec<&'a Case> {
    let mut kinds = BTreeSet::new();
    suites
        .iter()
        .filter(|suite| faces.contains(&suite.face))
        .flat_map(|suite| &suite.cases)
        .filter(|case| case.op.name() == op && input(&case.op).to_string().len() <= MOST_INPUT_LEN)
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
    }
}

fn expected(expect: &Expect) -> Value {
    serde_json::to_value(expect.answer()).unwrap_or_default()
}

fn input(op: &Op) -> Value {
    serde_json::to_value(op).map_or(Value::Null, |mut op| op["in"].take())
}

fn raw(steps: Value, answers: Value) -> Question {
    Question {
        module: SMOKE.into(),
        op: "raw".into(),
        input: json!({ "steps": steps }),
        expected: json!({"ok": {"steps": answers}}),
    }
}

fn call(export: &str, args: &Value) -> Value {
    json!({"do": "call", "export": export, "args": args})
}

fn results(values: &Value) -> Value {
    json!({"ok": {"results": values}})
}

fn memory() -> Question {
    raw(
        json!([
            {"do": "write", "ptr": {"i32": 16}, "bytes": "00ff80"},
            {"do": "read", "ptr": {"i32": 15}, "len": 5},
            {"do": "read", "ptr": {"i32": 0}, "len": 0},
            {"do": "pages"},
        ]),
        json!([{"ok": {}}, {"ok": {"bytes": "0000ff8000"}}, {"ok": {"bytes": ""}}, {"ok": {"pages": 80}}]),
    )
}

fn bounds() -> Question {
    const END: i32 = 80 << 16;
    raw(
        json!([
            {"do": "write", "ptr": {"i32": END - 2}, "bytes": "010203"},
            {"do": "read", "ptr": {"i32": END - 2}, "len": 2},
            {"do": "read", "ptr": {"i32": END - 2}, "len": 3},
            {"do": "read", "ptr": {"i32": -1}, "len": 1},
            {"do": "write", "ptr": {"i32": -4}, "bytes": "01"},
        ]),
        json!([
            {"error": "OUT_OF_BOUNDS"}, {"ok": {"bytes": "0000"}}, {"error": "OUT_OF_BOUNDS"},
            {"error": "OUT_OF_BOUNDS"}, {"error": "OUT_OF_BOUNDS"},
        ]),
    )
}

fn far() -> Question {
    const END: i32 = 80 << 16;
    let out = json!({"error": "OUT_OF_BOUNDS"});
    raw(
        json!([
            {"do": "read", "ptr": {"i32": END}, "len": 0},
            {"do": "write", "ptr": {"i32": END}, "bytes": ""},
            {"do": "read", "ptr": {"i32": END + 1}, "len": 0},
            {"do": "write", "ptr": {"i32": -1}, "bytes": ""},
            {"do": "read", "ptr": {"i32": 0}, "len": u32::MAX},
            {"do": "read", "ptr": {"i32": 1}, "len": u32::MAX},
            {"do": "read", "ptr": {"i32": -1}, "len": u32::MAX},
            {"do": "read", "ptr": {"i32": -2}, "len": 4},
        ]),
        json!([{"ok": {"bytes": ""}}, {"ok": {}}, out, out, out, out, out, out]),
    )
}

fn export_names() -> Question {
    let names = ["*/ \" \n", "\u{feff}", "\0", ""];
    let steps: Vec<Value> = names.iter().map(|name| call(name, &json!([]))).collect();
    let answers = [4, 3, 2, 1].map(|number| results(&json!([{"i32": number}])));
    raw(steps.into(), answers.to_vec().into())
}

fn other_types() -> Question {
    let one = json!({"i32": 1});
    let f64 = json!({"f64": "3ff0000000000000"});
    let refused = json!({"error": "TYPE_MISMATCH"});
    raw(
        json!([
            call("add_numbers", &json!([one])),
            call("add_numbers", &json!([one, one, one])),
            call("add_numbers", &json!([one, f64])),
            call("add_numbers", &json!([one, {"i64": "1"}])),
            call("same_f64", &json!([one])),
            call("same_f64", &json!([{"f32": "3f800000"}])),
            call("same_i64", &json!([one])),
            {"do": "call", "export": "same_f64", "args": [f64], "as": "p"},
            {"do": "read", "ptr": f64, "len": 1},
            call("add_numbers", &json!([one, one])),
        ]),
        json!([
            refused,
            refused,
            refused,
            refused,
            refused,
            refused,
            refused,
            refused,
            refused,
            results(&json!([{"i32": 2}]))
        ]),
    )
}

/// Some engines count how often a call gave a double, and then store its results in another way.
fn nans() -> Question {
    let values = [
        ("same_f64", json!({"f64": "fff8000000001234"})),
        ("same_f64", json!({"f64": "3ff0000000000000"})),
        ("same_f32", json!({"f32": "ffc01234"})),
    ];
    let values = || values.iter().cycle().take(30);
    let steps: Vec<Value> = values()
        .map(|(export, value)| call(export, &json!([value])))
        .collect();
    let answers: Vec<Value> = values().map(|(_, value)| results(&json!([value]))).collect();
    raw(steps.into(), answers.into())
}

pub(super) fn overflow() -> Question {
    raw(
        json!([call("recurse", &json!([{"i32": 0}]))]),
        json!([{"trap": true}]),
    )
}

fn repeat() -> Question {
    raw(
        json!([
            {"do": "write", "ptr": {"i32": 0}, "bytes": {"repeat": "6162", "times": 3}},
            {"do": "read", "ptr": {"i32": 0}, "len": 7},
        ]),
        json!([{"ok": {}}, {"ok": {"bytes": "61626162616200"}}]),
    )
}

fn names() -> Question {
    let named = |mut step: Value, name: &str| {
        step["as"] = name.into();
        step
    };
    raw(
        json!([
            named(call("add_numbers", &json!([{"i32": 30}, {"i32": 2}])), "here"),
            {"do": "write", "ptr": {"var": "here", "plus": 4}, "bytes": "aa"},
            {"do": "read", "ptr": {"var": "here"}, "len": 5},
            named(call("add_numbers", &json!([{"i32": 2_147_483_647}, {"i32": 0}])), "most"),
            call("add_numbers", &json!([{"var": "most", "plus": 1}, {"var": "here"}])),
        ]),
        json!([
            results(&json!([{"i32": 32}])), {"ok": {}}, {"ok": {"bytes": "00000000aa"}},
            results(&json!([{"i32": 2_147_483_647}])), results(&json!([{"i32": -2_147_483_616}])),
        ]),
    )
}

fn no_export() -> Question {
    let nothing = json!({"do": "call", "export": "nothing"});
    raw(
        json!([
            call("no_such_function", &json!([])),
            call("memory", &json!([])),
            nothing
        ]),
        json!([{"error": "NO_EXPORT"}, {"error": "NO_EXPORT"}, results(&json!([]))]),
    )
}

fn numbers() -> Question {
    let values = [
        ("same_i64", json!({"i64": "-9223372036854775808"})),
        ("same_i64", json!({"i64": "9007199254740993"})),
        ("same_f32", json!({"f32": "80000000"})),
        ("same_f32", json!({"f32": "3dcccccd"})),
        ("same_f64", json!({"f64": "3ff0000000000000"})),
        ("same_f64", json!({"f64": "fff0000000000000"})),
    ];
    let steps: Vec<Value> = values
        .iter()
        .map(|(export, value)| call(export, &json!([value])))
        .collect();
    let answers: Vec<Value> = values.iter().map(|(_, value)| results(&json!([value]))).collect();
    raw(steps.into(), answers.into())
}

fn trap() -> Question {
    raw(
        json!([
            call("divide_numbers", &json!([{"i32": 7}, {"i32": 2}])),
            call("trap", &json!([])),
            call("add_numbers", &json!([{"i32": 2}, {"i32": 3}])),
        ]),
        json!([results(&json!([{"i32": 3}])), {"trap": true}]),
    )
}

fn fresh() -> Vec<Question> {
    let write = json!({"do": "write", "ptr": {"i32": 64}, "bytes": "ffff"});
    let read = json!({"do": "read", "ptr": {"i32": 64}, "len": 2});
    vec![
        raw(
            json!([write, call("trap", &json!([]))]),
            json!([{"ok": {}}, {"trap": true}]),
        ),
        raw(json!([read]), json!([{"ok": {"bytes": "0000"}}])),
    ]
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
    Question {
        module: SMOKE.into(),
        op: op.into(),
        input: json!({"a": a, "b": b}),
        expected,
    }
}

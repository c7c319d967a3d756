//! Small rows and suites for unit tests.

use vectors::Suite;

use crate::hosts::{Cost, Row};

pub(crate) fn row(name: &str, cost: Cost, modules: &[(&str, &[&str])]) -> Row {
    let cost = if cost == Cost::Fast { "fast" } else { "slow" };
    let modules: toml::Table = modules
        .iter()
        .map(|(module, ops)| (module.to_string(), ops.to_vec().into()))
        .collect();
    let mut table = toml::toml! {
        kind = "wasm"
        command = ["no-such-program"]
        probe = ["true"]
        hint = "install it"
    };
    table.insert("name".into(), name.into());
    table.insert("cost".into(), cost.into());
    table.insert("modules".into(), modules.into());
    table.try_into().unwrap()
}

pub(crate) fn adds(count: i32) -> Suite {
    let cases: Vec<_> = (0..count)
        .map(|n| serde_json::json!({"id": format!("add/{n}"), "op": "add", "in": {"a": n, "b": 1}, "expect": {"ok": {"value": n + 1}}}))
        .collect();
    suite("add", cases)
}

pub(crate) fn divisions() -> Suite {
    suite(
        "divide",
        vec![
            serde_json::json!({"id": "divide/7-by-2", "op": "divide", "in": {"a": 7, "b": 2}, "expect": {"ok": {"value": 3}}}),
            serde_json::json!({"id": "divide/by-zero", "op": "divide", "flags": ["DivisionByZero"], "in": {"a": 7, "b": 0}, "expect": {"trap": true}}),
        ],
    )
}

fn suite(name: &str, cases: Vec<serde_json::Value>) -> Suite {
    serde_json::from_value(serde_json::json!({
        "schema": vectors::model::SCHEMA,
        "suite": name,
        "face": "adder",
        "count": cases.len(),
        "source": {"name": "arithmetic", "licence": "CC0-1.0"},
        "cases": cases,
    }))
    .unwrap()
}

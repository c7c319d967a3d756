//! Small rows and suites for unit tests.

use vectors::Suite;
use vectors::model::Face;

use crate::hosts::{Cost, Given, Row};
use crate::plan::{Filter, RowPlan, everything, narrow, on_hosts};

#[path = "../../vectors/src/fixture.rs"]
mod words;
pub(crate) use words::{assert_has, table};

pub(crate) fn row(name: &str, cost: Cost, modules: &[(&str, &[&str])]) -> Row {
    let cost = if cost == Cost::Fast { "fast" } else { "slow" };
    let mut table = toml::toml! {
        kind = "wasm"
        command = ["no-such-program"]
        probe = ["true"]
        hint = "install it"
    };
    table.insert("name".into(), name.into());
    table.insert("cost".into(), cost.into());
    table.insert("ops".into(), vec!["raw"].into());
    let mut row: Row = table.try_into().unwrap();
    row.modules = modules.iter().map(|(module, ops)| ((*module).into(), given(module, ops))).collect();
    row
}

fn given(module: &str, ops: &[&str]) -> Given {
    let kind = module.split('-').next();
    Given {
        ops: ops.iter().map(ToString::to_string).collect(),
        faces: match kind {
            Some("signer") => vec![Face::Signer, Face::SignerAbi],
            Some("add") => vec![Face::Adder, Face::AdderAbi],
            Some("native") => vec![Face::Signer, Face::Adder],
            _ => vec![Face::Own],
        },
        is_few: module.starts_with("signer-small"),
        lacks: Vec::new(),
        without_flags: Vec::new(),
    }
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

/// What is chosen of everything, by hosts too.
pub(crate) fn plan<'a>(rows: &'a [Row], suites: &'a [Suite], filter: &Filter) -> Vec<RowPlan<'a>> {
    let mut plans = narrow(&everything(rows, suites), filter);
    on_hosts(&mut plans, &filter.hosts);
    plans
}

//! One case written for many: its `table` has a row for each, and `{"cell": "name"}` stands for that row's cell.

use std::collections::BTreeSet;

use serde_json::{Map, Value as Json};

use crate::form::nearest;
use crate::value::shown;

const FORM: &str =
    r#"it is such as {"empty":{"message":"","digest":"e3b0"},"abc":{"message":"616263","digest":"ba78"}}"#;

/// The cases that are meant: the case itself if it has no table. Or everything that is wrong with the table, one line each.
pub(crate) fn rows(mut case: Json) -> Result<Vec<Json>, Vec<String>> {
    let Some(table) = case.as_object_mut().and_then(|case| case.remove("table")) else {
        return Ok(vec![case]);
    };
    let Json::Object(table) = table else {
        return Err(vec![format!("table: {}: {FORM}", shown(&table))]);
    };
    if table.is_empty() {
        return Err(vec![format!("table: it has no rows; {FORM}")]);
    }
    let mut problems = Vec::new();
    let mut rows: Vec<(String, Map<String, Json>)> = Vec::new();
    for (name, cells) in table {
        match cells {
            Json::Object(cells) => rows.push((name, cells)),
            other => problems.push(format!("table.{name}: {}: a row is an object of cells; {FORM}", shown(&other))),
        }
    }
    let mut wanted = BTreeSet::new();
    for part in ["in", "expect"] {
        cells_in(&mut case[part], &mut |cell| {
            wanted.insert(cell.to_owned());
            None
        });
    }
    for (row, cells) in &rows {
        for cell in wanted.iter().filter(|cell| !cells.contains_key(*cell)) {
            let near = nearest(cell, cells.keys().map(String::as_str));
            let hint = near.map_or_else(String::new, |near| format!("; did you mean {near:?}?"));
            problems.push(format!("table.{row}: it has no cell {cell:?}, which the case asks for{hint}"));
        }
        for cell in cells.keys().filter(|cell| !wanted.contains(*cell)) {
            problems.push(format!(
                "table.{row}: its cell {cell:?} is used nowhere: write {{\"cell\":{cell:?}}} in \"in\" or \"expect\", or take it out of every row"
            ));
        }
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let filled = rows.into_iter().map(|(row, cells)| {
        let mut case = case.clone();
        if let Some(id) = case["id"].as_str().map(|id| format!("{id}/{row}")) {
            case["id"] = id.into();
        }
        for part in ["in", "expect"] {
            cells_in(&mut case[part], &mut |cell| cells.get(cell).cloned());
        }
        case
    });
    Ok(filled.collect())
}

/// Replaces each `{"cell": …}` by what `fill` returns for it.
fn cells_in(json: &mut Json, fill: &mut impl FnMut(&str) -> Option<Json>) {
    match json {
        Json::Object(fields) => {
            let cell = fields.get("cell").filter(|_| fields.len() == 1).and_then(Json::as_str);
            match cell.map(&mut *fill) {
                Some(Some(value)) => *json = value,
                Some(None) => {}
                None => fields.values_mut().for_each(|value| cells_in(value, fill)),
            }
        }
        Json::Array(items) => items.iter_mut().for_each(|item| cells_in(item, fill)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::fixture::{assert_has, table};

    fn case(table: Json) -> Json {
        json!({
            "id": "a/sum", "op": "add", "in": {"a": {"cell": "one"}, "b": 2},
            "expect": {"ok": {"value": {"cell": "sum"}}}, "comment": "x", "table": table,
        })
    }

    #[test]
    fn a_row_is_a_case() {
        let cases = rows(case(json!({"two": {"one": 2, "sum": 4}, "three": {"one": 3, "sum": 5}}))).unwrap();
        let expected = |id: &str, one: i32, sum: i32| json!({"id": id, "op": "add", "in": {"a": one, "b": 2}, "expect": {"ok": {"value": sum}}, "comment": "x"});
        assert_eq!(cases, [expected("a/sum/three", 3, 5), expected("a/sum/two", 2, 4)]);
        let plain = json!({"id": "a"});
        assert_eq!(rows(plain.clone()).unwrap(), [plain]);
    }

    #[test]
    fn row_and_cell_are_named() {
        let tables = r#"
            [] => table: []: it is such as {"empty":{
            {} => table: it has no rows
            {"a": 1} => table.a: 1: a row is an object of cells
            {"a": {"one": 1, "sum": 3}, "b": {"one": 1}} => table.b: it has no cell "sum", which the case asks for
            {"a": {"one": 1, "summ": 3}} => table.a: it has no cell "sum", which the case asks for; did you mean "summ"?
            {"a": {"one": 1, "sum": 3, "more": 1}} => table.a: its cell "more" is used nowhere: write {"cell":"more"}
        "#;
        for (written, said) in table(tables) {
            let problems = rows(case(serde_json::from_str(written).unwrap())).unwrap_err();
            assert_has(problems.join("\n"), said);
        }
    }
}

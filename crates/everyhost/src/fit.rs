//! Whether raw vectors fit the module that they are about: found before a run, because a call with other arguments is
//! answered alike by every host, and a case that expects a trap could be green for the wrong reason.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::Result;
use serde_json::{Map, Value as Json};
use vectors::answer::Answer;
use vectors::component::Step;
use vectors::load::Problems;
use vectors::model::Face;
use vectors::ops::{Length, Op, RawStep, Value};
use vectors::protocol::ModuleFile;
use vectors::{Expect, form};
use wasmparser::ValType;

use crate::component::misfit;
use crate::exports::{Exports, Function, listed, word};
use crate::plan::RowPlan;

const MOST_LISTED: usize = 20;

/// Compares every raw case of the plan with the module that it is asked of. A module that this tool cannot read is for
/// the hosts to judge.
pub(crate) fn check(plans: &[RowPlan<'_>], files: &BTreeMap<String, ModuleFile>, vectors: &Path) -> Result<()> {
    let mut modules: BTreeMap<&str, Option<Exports>> = BTreeMap::new();
    let mut seen = BTreeSet::new();
    let (mut found, mut should_name_module) = (Vec::new(), false);
    for item in plans.iter().flat_map(|plan| &plan.items) {
        let is_looked_at = item.case.op.raw_steps().is_some() || matches!(item.case.op, Op::Component(_));
        if !is_looked_at || !seen.insert((item.module, &item.case.id)) {
            continue;
        }
        let carried = item.case.op.wasm().map(|wasm| Exports::read(&wasm.to_vec()).ok());
        let exports = match &carried {
            Some(carried) => carried.as_ref(),
            None => modules
                .entry(item.module)
                .or_insert_with(|| Exports::read(&fs::read(&files.get(item.module)?.path).ok()?).ok())
                .as_ref(),
        };
        let steps = item.case.op.raw_steps().unwrap_or_default();
        let problems = match (&item.case.op, files.get(item.module).and_then(|file| file.types.as_ref()?.as_object())) {
            (Op::Component(calls), Some(types)) => of_component(&item.case.expect, &calls.steps, types),
            _ => exports.map_or_else(Vec::new, |exports| problems(&item.case.expect, steps, exports)),
        };
        let file = vectors.join(&item.suite.suite).with_extension("json");
        let runs_on_several = item.suite.face == Face::Own && files.len() > 1;
        should_name_module |= runs_on_several && !problems.is_empty() && item.suite.module.is_none();
        let of = if runs_on_several { format!(", module {}", item.module) } else { String::new() };
        found.extend(
            problems.into_iter().map(|problem| format!("{}: case {}{of}: {problem}", file.display(), item.case.id)),
        );
    }
    // Two modules of one shape have the same problems.
    found.dedup();
    if found.is_empty() {
        return Ok(());
    }
    let more = found.len().saturating_sub(MOST_LISTED);
    found.truncate(MOST_LISTED);
    if more > 0 {
        found.push(format!("and {more} more of the kind"));
    }
    if should_name_module {
        found.push("a suite that is about one of several modules says so in its head: \"module\":\"NAME\"".into());
    }
    Err(Problems(found).into())
}

/// What in the calls does not fit the component's functions, one line each.
fn of_component(expect: &Expect, steps: &[Step], types: &Map<String, Json>) -> Vec<String> {
    let answers = match expect {
        Expect::Ok(expected) => expected.steps.iter().flatten(),
        Expect::OneOf(all) => return all.iter().flat_map(|one| of_component(one, steps, types)).collect(),
        Expect::Error(_) | Expect::Trap(_) => return Vec::new(),
    };
    let problem = |(at, (step, answer)): (usize, (&Step, &Answer))| {
        let Step::Call { export, args } = step else { return None };
        let any = match answer {
            Answer::OneOf { one_of } => one_of.as_slice(),
            answer => std::slice::from_ref(answer),
        };
        let problem = match types.get(export) {
            _ if any.iter().any(|one| is_error(one, "NO_EXPORT")) => None,
            None => Some(no_function_of(export, types)),
            // There is no form for its types: each host says so.
            Some(Json::Null) => None,
            Some(ty) => any.iter().find_map(|answer| of_function(ty, args, answer)),
        };
        problem.map(|problem| format!("in.steps[{at}]: {}: {problem}", word(export)))
    };
    steps.iter().zip(answers).enumerate().filter_map(problem).collect()
}

fn no_function_of(export: &str, types: &Map<String, Json>) -> String {
    let hint = match form::nearest(export, types.keys().map(String::as_str)) {
        Some(near) => format!("did you mean {}?", word(near)),
        None => "`everyhost inspect` lists those that it has".into(),
    };
    format!("the component has no such function; {hint}")
}

/// What does not fit a function if it is called, and answers with this. An error that is expected may be about what does not fit.
fn of_function(ty: &Json, args: &[Json], answer: &Answer) -> Option<String> {
    if matches!(answer, Answer::Error { .. }) {
        return None;
    }
    let params = ty["params"].as_array()?;
    if params.len() != args.len() {
        return Some(format!("{} arguments for {} parameters", args.len(), params.len()));
    }
    if let Some(problem) = params.iter().zip(args).find_map(|(ty, arg)| misfit(ty, arg)) {
        return Some(format!("{problem}; a case that is about that expects {{\"error\":\"{TYPE_MISMATCH}\"}}"));
    }
    let Answer::Ok { ok } = answer else { return None };
    match (ty.get("result"), &ok.result) {
        (Some(ty), Some(result)) => misfit(ty, result).map(|problem| format!("the result that is expected: {problem}")),
        (Some(_), None) => Some("it has a result, and none is expected".into()),
        (None, Some(_)) => Some("a result is expected, and it has none".into()),
        (None, None) => None,
    }
}

/// What in the steps does not fit the exports, one line each. Steps that are not reached, because an earlier one traps or
/// there is no instance, are not looked at.
fn problems(expect: &Expect, steps: &[RawStep], exports: &Exports) -> Vec<String> {
    match expect {
        Expect::Ok(expected) => {
            let mut names = Names::new();
            let answers = expected.steps.iter().flatten();
            let problems = steps.iter().zip(answers).enumerate().filter_map(|(at, (step, answer))| {
                let problem = problem(step, answer, exports, &names);
                learn(step, exports, &mut names);
                problem.map(|problem| format!("in.steps[{at}]: {problem}"))
            });
            problems.collect()
        }
        Expect::OneOf(all) => all.iter().flat_map(|one| problems(one, steps, exports)).collect(),
        Expect::Error(_) | Expect::Trap(_) => Vec::new(),
    }
}

/// What names stand for, as far as that is known.
type Names<'a> = BTreeMap<&'a str, ValType>;

/// Keeps the types of what this step names.
fn learn<'a>(step: &'a RawStep, exports: &Exports, names: &mut Names<'a>) {
    match step {
        RawStep::Call { export, as_names: Some(given), .. } => {
            let results = exports.function(export).map_or(&[][..], |function| &function.results);
            names.extend(given.as_slice().iter().map(String::as_str).zip(results.iter().copied()));
        }
        RawStep::Load { as_name, .. } => {
            names.insert(as_name, ValType::I32);
        }
        RawStep::Global { as_name: Some(name), .. } => {
            names.remove(name.as_str());
        }
        _ => {}
    }
}

fn problem(step: &RawStep, answer: &Answer, exports: &Exports, names: &Names<'_>) -> Option<String> {
    if let Answer::OneOf { one_of } = answer {
        return one_of.iter().find_map(|one| problem(step, one, exports, names));
    }
    match step {
        RawStep::Call { export, args, as_names } => {
            let named = as_names.as_ref().map_or(0, |names| names.as_slice().len());
            call(export, args, named, answer, exports, names)
        }
        RawStep::Read { ptr, len: Length::Value(len) } => pointers(&[ptr, len], answer, names),
        RawStep::Write { ptr, .. } | RawStep::Read { ptr, .. } | RawStep::Load { ptr, .. } => {
            pointers(&[ptr], answer, names)
        }
        RawStep::Pages {} | RawStep::Grow { .. } | RawStep::Global { .. } => None,
    }
}

fn is_error(answer: &Answer, name: &str) -> bool {
    matches!(answer, Answer::Error { error, .. } if error == name)
}

const TYPE_MISMATCH: &str = "TYPE_MISMATCH";

fn call(
    export: &str,
    args: &[Value],
    named: usize,
    answer: &Answer,
    exports: &Exports,
    names: &Names<'_>,
) -> Option<String> {
    let Some(function) = exports.function(export) else {
        return (!is_error(answer, "NO_EXPORT")).then(|| no_function(export, exports));
    };
    if is_error(answer, "NO_EXPORT") {
        return Some(format!("NO_EXPORT is expected, and the module exports {}", function.signature()));
    }
    let mismatch = match mismatch(function, args, named, names) {
        Ok(mismatch) => mismatch,
        // A name stands for a value of a type that only a run tells.
        Err(Unknown) => return None,
    };
    if let Some(problem) = held_to(mismatch, answer, &function.signature()) {
        return Some(problem);
    }
    let Answer::Ok { ok } = answer else {
        return None;
    };
    let expected: Vec<&Value> = ok.results.iter().flatten().collect();
    // A name in an expectation is a pointer.
    let fits = |(value, ty): (&&Value, &ValType)| match type_of(value) {
        Some(expected) => expected == *ty,
        None => matches!(ty, ValType::I32 | ValType::I64),
    };
    let all_fit = expected.len() == function.results.len() && expected.iter().zip(&function.results).all(fits);
    let types = || listed(&expected.iter().map(|value| type_of(value).unwrap_or(ValType::I32)).collect::<Vec<_>>());
    (!all_fit).then(|| format!("{} is called, and {} is expected of it", function.signature(), types()))
}

/// A pointer or a length is an integer.
fn pointers(values: &[&Value], answer: &Answer, names: &Names<'_>) -> Option<String> {
    let mut why = None;
    for value in values {
        match argument(value, names) {
            Ok(ValType::I32 | ValType::I64) => {}
            Ok(other) => why = Some(format!("a pointer or a length is an i32 or an i64, not an {other}")),
            Err(Unknown) => return None,
        }
    }
    held_to(why, answer, "a pointer")
}

/// The type of a value is known only when the case is run.
struct Unknown;

/// The type of a value that a step is given.
fn argument(value: &Value, names: &Names<'_>) -> Result<ValType, Unknown> {
    match value {
        Value::Var { var, .. } => names.get(var.as_str()).copied().ok_or(Unknown),
        value => type_of(value).ok_or(Unknown),
    }
}

/// Whether a mismatch is expected exactly where there is one.
fn held_to(mismatch: Option<String>, answer: &Answer, what: &str) -> Option<String> {
    match (mismatch, is_error(answer, TYPE_MISMATCH)) {
        (Some(why), false) => {
            Some(format!("{why}; if the case is about that, it expects {{\"error\":\"{TYPE_MISMATCH}\"}} there"))
        }
        (None, true) => Some(format!("{TYPE_MISMATCH} is expected, and the types fit: {what}")),
        _ => None,
    }
}

fn mismatch(function: &Function, args: &[Value], named: usize, names: &Names<'_>) -> Result<Option<String>, Unknown> {
    let has_no_form = |ty: &&ValType| matches!(ty, ValType::V128 | ValType::Ref(_));
    let mut all = function.params.iter().chain(&function.results);
    if let Some(ty) = all.find(has_no_form) {
        return Ok(Some(format!("{} has a type that has no form here: {ty}", function.signature())));
    }
    if named > function.results.len() {
        return Ok(Some(format!("\"as\" names {named} results, and this is {}", function.signature())));
    }
    let given: Vec<ValType> = args.iter().map(|arg| argument(arg, names)).collect::<Result<_, _>>()?;
    if given != function.params {
        return Ok(Some(format!("{} is given {}", function.signature(), listed(&given))));
    }
    let moved = args.iter().zip(&given).find(|(arg, ty)| {
        matches!(arg, Value::Var { plus, .. } if *plus != 0) && matches!(ty, ValType::F32 | ValType::F64)
    });
    Ok(moved.map(|(arg, ty)| format!("{}: nothing can be added to an {ty}", serde_json::json!(arg))))
}

/// The type of a value; none of a name.
pub(crate) fn type_of(value: &Value) -> Option<ValType> {
    Some(match value.type_name()? {
        "i64" => ValType::I64,
        "f32" => ValType::F32,
        "f64" => ValType::F64,
        _ => ValType::I32,
    })
}

fn no_function(export: &str, exports: &Exports) -> String {
    let shown = word(export);
    let is_memory = exports.memories.iter().any(|memory| memory.export == export);
    if is_memory || exports.others.iter().any(|other| other == export) {
        return format!("{shown} is exported, and is no function");
    }
    let names = || exports.functions.iter().map(|function| function.export.as_str());
    let hint = match form::nearest(export, names()) {
        Some(near) => format!("; did you mean {}?", word(near)),
        None if exports.functions.is_empty() => "; it exports no function".into(),
        None => {
            let mut names: Vec<String> = names().take(MOST_LISTED).map(word).collect();
            if exports.functions.len() > names.len() {
                names.push("…".into());
            }
            format!("; it exports {}", names.join(", "))
        }
    };
    format!("the module has no function {shown}{hint}")
}

#[cfg(test)]
mod tests {
    use serde_json::json;
    use vectors::Case;

    use super::*;
    use crate::fixture::{assert_has, table};

    const MODULE: &str = r#"(module
      (memory (export "memory") 1)
      (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
      (func (export "half") (param f64) (result f64) (local.get 0))
      (func (export "nothing"))
      (func (export "splat") (param v128))
      (func (export "both") (result i32 i64) (i32.const 1) (i64.const 2)))"#;

    fn problems_of(case: Json, exports: &Exports) -> Vec<String> {
        let case: Case = serde_json::from_value(case).unwrap();
        problems(&case.expect, case.op.raw_steps().unwrap(), exports)
    }

    fn problem(module: &str, step: &Json, answer: &Json) -> Option<String> {
        let case = json!({"id": "a", "op": "raw", "in": {"steps": [step, {"do": "pages"}]}, "expect": {"ok": {"steps": [answer]}}});
        let exports = Exports::read(&wat::parse_str(module).unwrap()).unwrap();
        let mut problems = problems_of(case, &exports);
        assert!(problems.len() <= 1, "{problems:?}");
        problems.pop()
    }

    #[test]
    fn a_call_that_does_not_fit_a_component_is_told() {
        let types =
            json!({"a:b/c#divide": {"params": ["u32", "u32"], "result": "u64"}, "f": {"params": []}, "odd": null});
        let rows = r#"
            a:b/c#divide [6,2] | {"ok":{"result":"3"}} => fits
            a:b/c#divid [6,2] | {"error":"NO_EXPORT"} => fits
            a:b/c#divid [6,2] | {"ok":{"result":"3"}} => the component has no such function; did you mean "a:b/c#divide"?
            a:b/c#divide [6] | {"ok":{"result":"3"}} => 1 arguments for 2 parameters
            a:b/c#divide [6] | {"error":"TYPE_MISMATCH"} => fits
            a:b/c#divide [6,-2] | {"trap":true} => -2 is no u32, which is a whole number from 0 to 4294967295; a case that is about that expects {"error":"TYPE_MISMATCH"}
            a:b/c#divide [6,2] | {"ok":{"result":3}} => the result that is expected: 3 is no u64, which is decimal text, such as "3"
            a:b/c#divide [6,2] | {"ok":{}} => it has a result, and none is expected
            a:b/c#divide [6,0] | {"trap":true} => fits
            f [] | {"ok":{"result":3}} => a result is expected, and it has none
            odd [] | {"error":"TYPE_MISMATCH"} => fits
        "#;
        for (given, said) in table(rows) {
            let (step, answer) = given.split_once(" | ").unwrap();
            let (export, args) = step.split_once(' ').unwrap();
            let [args, answer]: [Json; 2] = [args, answer].map(|json| serde_json::from_str(json).unwrap());
            let case: Case = serde_json::from_value(
                json!({"id": "a", "op": "component", "in": {"steps": [{"do": "call", "export": export, "args": args}]},
                "expect": {"ok": {"steps": [answer]}}}),
            )
            .unwrap();
            let Op::Component(calls) = &case.op else { panic!("another operation") };
            let problem = of_component(&case.expect, &calls.steps, types.as_object().unwrap()).pop();
            let expected = Some(format!("in.steps[0]: {}: {said}", word(export))).filter(|_| said != "fits");
            assert_eq!(problem, expected, "{step}");
        }
    }

    /// Each row is a step on what `both` gave, an i32 named p and an i64 named q, its answer, and the problem.
    #[test]
    fn names_have_the_types_of_what_they_name() {
        let steps = r#"
            add [{"var": "p"}, {"var": "p", "plus": 1}] | {"ok": {"results": [{"i32": 3}]}} => fits
            add [{"var": "p"}, {"var": "q"}] | {"ok": {"results": [{"i32": 3}]}} => add(i32, i32) -> (i32) is given (i32, i64)
            add [{"var": "p"}, {"var": "q"}] | {"error": "TYPE_MISMATCH"} => fits
            add [{"var": "p"}, {"var": "g"}] | {"ok": {"results": [{"i32": 3}]}} => fits
            half [{"var": "h"}] | {"ok": {"results": [{"any": "f64"}]}} => fits
            half [{"var": "h", "plus": 1}] | {"ok": {"results": [{"any": "f64"}]}} => nothing can be added to an f64
            {"do": "read", "ptr": {"var": "q"}, "len": {"var": "p"}} | {"ok": {"bytes": {"length": 1}}} => fits
            {"do": "read", "ptr": {"var": "h"}, "len": "nul"} | {"ok": {"bytes": {"length": 1}}} => not an f64
        "#;
        let exports = Exports::read(&wat::parse_str(MODULE).unwrap()).unwrap();
        for (given, said) in table(steps) {
            let (step, answer) = given.split_once(" | ").unwrap();
            let step = match step.split_once(' ') {
                Some((export, args)) if !export.starts_with('{') => {
                    json!({"do": "call", "export": export, "args": serde_json::from_str::<Json>(args).unwrap()})
                }
                _ => serde_json::from_str(step).unwrap(),
            };
            let answer: Json = serde_json::from_str(answer).unwrap();
            let both = json!({"do": "call", "export": "both", "as": ["p", "q"]});
            let half = json!({"do": "call", "export": "half", "args": [{"f64": "0000000000000000"}], "as": "h"});
            let global = json!({"do": "global", "export": "g", "as": "g"});
            let named = [
                json!({"ok": {"results": [{"i32": 1}, {"i64": "2"}]}}),
                json!({"ok": {"results": [{"any": "f64"}]}}),
                json!({"ok": {"results": [{"i32": 1}]}}),
            ];
            let answers: Vec<Json> = named.into_iter().chain([answer]).collect();
            let case = json!({"id": "a", "op": "raw", "in": {"steps": [both, half, global, step]}, "expect": {"ok": {"steps": answers}}});
            let problems = problems_of(case, &exports);
            assert_has(problems.first().map_or("fits", String::as_str), said);
        }
    }

    /// Each row is a step or the arguments of a call, the expected answer, and the problem. A trap that is expected of
    /// a call with the wrong arguments would be green on a host that traps.
    #[test]
    fn what_does_not_fit_is_told() {
        let steps = r#"
            add [{"i32": 1}, {"var": "p"}] | {"ok": {"results": [{"var": "q"}]}} => fits
            add [{"i32": 1}, {"i32": 1}] | {"trap": true} => fits
            nothing [] | {"ok": {"results": []}} => fits
            add [{"i32": 1}, {"i32": 1}] | {"ok": {"results": [{"not": {"i32": 0}}]}} => fits
            half [{"f64": "7ff8000000000000"}] | {"ok": {"results": [{"f64": "nan"}]}} => fits
            half [{"f64": "7ff8000000000000"}] | {"ok": {"results": [{"f32": "nan"}]}} => and (f32) is expected of it
            add [{"i32": 1}, {"i32": 1}] | {"one_of": [{"trap": true}, {"ok": {"results": [{"any": "i64"}]}}]} => and (i64) is expected of it
            both [] | {"ok": {"results": [{"i32": 1}, {"i64": "2"}]}} => fits
            none [] | {"error": "NO_EXPORT"} => fits
            memory [] | {"error": "NO_EXPORT"} => fits
            add [{"i32": 1}] | {"error": "TYPE_MISMATCH"} => fits
            half [{"i32": 1}] | {"error": "TYPE_MISMATCH"} => fits
            splat [{"i32": 1}] | {"error": "TYPE_MISMATCH"} => fits
            {"do": "call", "export": "nothing", "as": "p"} | {"error": "TYPE_MISMATCH"} => fits
            {"do": "call", "export": "both", "as": ["p", "q"]} | {"ok": {"results": [{"var": "p"}, {"var": "q"}]}} => fits
            {"do": "call", "export": "both", "as": ["p", "q", "r"]} | {"error": "TYPE_MISMATCH"} => fits
            {"do": "call", "export": "both", "as": ["p", "q", "r"]} | {"ok": {"results": [{"i32": 1}, {"i64": "2"}]}} => "as" names 3 results, and this is both() -> (i32, i64)
            {"do": "call", "export": "both", "as": "p"} | {"ok": {"results": [{"i32": 1}, {"i64": "2"}]}} => fits
            {"do": "read", "ptr": {"i64": "0"}, "len": 0} | {"ok": {"bytes": ""}} => fits
            {"do": "read", "ptr": {"i64": "0"}, "len": {"f32": "00000000"}} | {"error": "TYPE_MISMATCH"} => fits
            {"do": "read", "ptr": {"i32": 1}, "len": 0} | {"ok": {"bytes": ""}} => fits
            Add [{"i32": 1}, {"i32": 1}] | {"ok": {"results": [{"i32": 3}]}} => in.steps[0]: the module has no function Add; did you mean add?
            multiply [] | {"ok": {"results": [{"i32": 3}]}} => has no function multiply; it exports add, half, nothing, splat, both
            memory [] | {"ok": {"results": [{"i32": 3}]}} => memory is exported, and is no function
            add [{"i32": 1}, {"i32": 1}] | {"error": "NO_EXPORT"} => NO_EXPORT is expected, and the module exports add(i32, i32) -> (i32)
            add [{"i32": 1}] | {"ok": {"results": [{"i32": 3}]}} => add(i32, i32) -> (i32) is given (i32); if the case is about that, it expects {"error":"TYPE_MISMATCH"} there
            add [{"i32": 1}, {"i32": 1}, {"i32": 1}] | {"trap": true} => is given (i32, i32, i32)
            half [{"i32": 1}] | {"trap": true} => half(f64) -> (f64) is given (i32)
            splat [] | {"trap": true} => splat(v128) has a type that has no form here: v128
            add [{"i32": 1}, {"i32": 1}] | {"ok": {"results": []}} => add(i32, i32) -> (i32) is called, and () is expected of it
            add [{"i32": 1}, {"i32": 1}] | {"ok": {"results": [{"i64": "3"}]}} => and (i64) is expected of it
            add [{"i32": 1}, {"i32": 1}] | {"error": "TYPE_MISMATCH"} => TYPE_MISMATCH is expected, and the types fit
            {"do": "call", "export": "nothing", "as": "p"} | {"ok": {"results": []}} => "as" names 1 results, and this is nothing()
            {"do": "write", "ptr": {"f32": "00000000"}, "bytes": ""} | {"ok": {}} => a pointer or a length is an i32 or an i64, not an f32
            {"do": "write", "ptr": {"i64": "0"}, "bytes": ""} | {"error": "TYPE_MISMATCH"} => and the types fit: a pointer
        "#;
        for (given, said) in table(steps) {
            let (step, answer) = given.split_once(" | ").unwrap();
            let step: Json = match step.split_once(' ') {
                Some((export, args)) if !export.starts_with('{') => {
                    let args: Json = serde_json::from_str(args).unwrap();
                    json!({"do": "call", "export": export, "args": args})
                }
                _ => serde_json::from_str(step).unwrap(),
            };
            let problem = problem(MODULE, &step, &serde_json::from_str(answer).unwrap());
            assert_has(problem.as_deref().unwrap_or("fits"), said);
        }
    }
}

//! schema.json and the types agree on what a file of vectors is.

use std::fs;
use std::path::{Path, PathBuf};

use jsonschema::Validator;
use serde_json::{Value, json};
use signer_abi::CODES;

fn dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../vectors")
}

fn read(path: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

fn validator() -> Validator {
    jsonschema::validator_for(&read(&dir().join("schema.json"))).expect("schema.json is a JSON schema")
}

fn problems(validator: &Validator, suite: &Value) -> Vec<String> {
    validator.iter_errors(suite).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

#[test]
fn every_file_follows_the_schema() {
    let validator = validator();
    let mut checked = 0;
    for entry in fs::read_dir(dir()).unwrap() {
        let path = entry.unwrap().path();
        let is_suite = path.extension().is_some_and(|extension| extension == "json") && !path.ends_with("schema.json");
        if is_suite {
            let problems = problems(&validator, &read(&path));
            assert!(problems.is_empty(), "{}: {problems:?}", path.display());
            checked += 1;
        }
    }
    assert_eq!(checked, vectors::load_dir(&dir()).unwrap().len());
}

/// Each is refused twice: by the schema and by the loader.
#[test]
fn what_one_refuses_the_other_refuses() {
    let validator = validator();
    let case = |op: &str, input: Value, expect: Value| json!({"id": "a/b", "op": op, "in": input, "flags": [], "expect": expect});
    let pair = json!({"keypair": "00", "message": "61"});
    let refused = json!({"error": "KEY_LENGTH"});
    let good = case("sign", pair.clone(), refused.clone());
    assert!(refusals(&validator, &suite(&good)).is_empty(), "the good one");

    let step = |step: Value, answer: Value| {
        case("session", json!({"keypair": "", "steps": [step]}), json!({"ok": {"steps": [answer]}}))
    };
    let raw = |step: Value, answer: Value| case("raw", json!({"steps": [step]}), json!({"ok": {"steps": [answer]}}));
    let component =
        |step: Value, answer: Value| case("component", json!({"steps": [step]}), json!({"ok": {"steps": [answer]}}));
    let many = |input: Value, verdicts: Value| case("verify_many", input, json!({"ok": {"verdicts": verdicts}}));
    let item = json!({"public_key": "00", "message": "", "signature": ""});
    let with = |field: &str, value: Value| {
        let mut case = good.clone();
        case[field] = value;
        case
    };
    for wrong in [
        with("notes", json!("unknown field")),
        with("id", json!("Upper/Case")),
        with("flags", json!("not a list")),
        with("op", json!("sing")),
        with("expect", json!({"ok": {}, "error": "KEY_LENGTH"})),
        with("expect", json!({})),
        case("sign", json!({"keypair": "00"}), refused.clone()),
        component(json!({"do": "call"}), json!({"ok": {}})),
        component(json!({"do": "call", "export": "f", "args": 1}), json!({"ok": {}})),
        component(json!({"do": "call", "export": "f"}), json!({"ok": {"results": []}})),
        component(json!({"do": "call", "export": "f"}), json!({"error": "OUT_OF_BOUNDS"})),
        component(json!({"do": "drop", "handle": -1}), json!({"ok": {}})),
        case("sign", json!({"keypair": "00", "message": "0G"}), refused.clone()),
        case("sign", json!({"keypair": "00", "message": "000"}), refused.clone()),
        case("sign", json!({"keypair": "00", "message": "AA"}), refused.clone()),
        case("sign", json!({"keypair": "00", "message": {"repeat": "61"}}), refused.clone()),
        case("sign", json!({"keypair": "00", "message": {"repeat": "61", "times": -1}}), refused.clone()),
        case("sign", json!({"keypair": "00", "message": {"repeat": "61", "times": 67_108_865}}), refused.clone()),
        case("sign", json!({"keypair": "00", "message": "", "more": ""}), refused.clone()),
        case("sign", pair.clone(), json!({"ok": {"valid": true}})),
        case("sign", pair.clone(), json!({"ok": {"signature": "00"}})),
        case("sign", pair.clone(), json!({"error": "TRAPPED"})),
        case("sign", pair, json!({"unsupported": "no"})),
        case("add", json!({"a": 2_147_483_648_i64, "b": 0}), json!({"ok": {"value": 0}})),
        case("add", json!({"a": 0, "b": "0"}), json!({"ok": {"value": 0}})),
        case("divide", json!({"a": 0, "b": 0}), json!({"trap": false})),
        many(json!({"items": [{"public_key": "00", "message": ""}]}), json!("00")),
        many(json!({"items": [item], "order": [0, -1]}), json!("0000")),
        many(json!({"items": {"0": item}}), json!("00")),
        many(json!({"order": []}), json!("")),
        many(json!({"items": [item]}), json!([true])),
        case("verify_many_strict", json!({"items": []}), json!({"ok": {"valid": true}})),
        step(json!({"op": "wipe"}), json!({"ok": {}})),
        step(json!({"op": "wipe", "in": {}}), json!({"trap": true, "detail": "never judged"})),
        step(json!({"op": "jump", "in": {}}), json!({"ok": {}})),
        raw(json!({"do": "pages", "at": 0}), json!({"ok": {"pages": 1}})),
        raw(json!({"do": "call", "export": "f", "args": [{"i32": 1, "i64": "1"}]}), json!({"ok": {"results": []}})),
        raw(json!({"do": "call", "export": "f", "args": [{"f32": "3f8"}]}), json!({"ok": {"results": []}})),
        raw(json!({"do": "call", "export": "f", "args": [{"i64": "01"}]}), json!({"ok": {"results": []}})),
        raw(json!({"do": "read", "ptr": {"i32": 0}, "len": -1}), json!({"ok": {"bytes": ""}})),
        raw(json!({"do": "write", "ptr": {"i32": 0}, "bytes": ""}), json!({"error": "NO_KEY"})),
    ] {
        assert_eq!(refusals(&validator, &suite(&wrong)), ["schema", "loader"], "{wrong}");
    }
    let summed = |sum: Value| json!({"ok": {"value": sum}});
    let read = |bytes: Value| raw(json!({"do": "read", "ptr": {"i32": 0}, "len": 1}), json!({"ok": {"bytes": bytes}}));
    let call = |result: Value| raw(json!({"do": "call", "export": "f"}), json!({"ok": {"results": [result]}}));
    let sum = |more: Value| {
        let mut case = case("add", json!({"a": {"cell": "a"}, "b": 1}), summed(json!({"cell": "sum"})));
        case["table"] = more;
        case
    };
    for right in [
        case("sign", json!({"keypair": {"text": "k"}, "message": {"base64": "AP8="}}), refused.clone()),
        case("sign", json!({"keypair": "00", "message": ""}), json!({"ok": {"signature": {"length": 64}}})),
        case(
            "sign",
            json!({"keypair": "00", "message": ""}),
            json!({"one_of": [refused, {"error": "KEY_PAIR_MISMATCH"}]}),
        ),
        case("add", json!({"a": 0, "b": 0}), summed(json!({"not": {"i32": 1}}))),
        many(json!({"items": [item, item], "order": [1, 1, 0]}), json!("000100")),
        case("verify_many_strict", json!({"items": []}), json!({"error": "PUBLIC_KEY_LENGTH"})),
        read(json!({"sha256": "00".repeat(32)})),
        read(json!({"one_of": ["00", {"text": "a"}]})),
        call(json!({"any": "i64"})),
        raw(json!({"do": "call", "export": "f", "as": ["a", "b"]}), json!({"ok": {"results": []}})),
        raw(json!({"do": "read", "ptr": {"i64": "0"}, "len": "nul"}), json!({"ok": {"bytes": ""}})),
        call(json!({"f32": "nan"})),
        call(json!({"not": {"f64": "nan"}})),
        call(json!({"one_of": [{"i32": 1}, {"i32": 2}]})),
        sum(json!({"one": {"a": 1, "sum": 2}})),
    ] {
        assert_eq!(refusals(&validator, &suite(&right)), [""; 0], "{right}");
    }
    for wrong in [
        case("sign", json!({"keypair": {"text": 1}, "message": ""}), json!({"error": "KEY_LENGTH"})),
        case("sign", json!({"keypair": {"length": 1}, "message": ""}), json!({"error": "KEY_LENGTH"})),
        case("add", json!({"a": 0, "b": 0}), summed(json!({"any": "i31"}))),
        read(json!({"length": "1"})),
        read(json!({"sha256": "AB"})),
        read(json!({"one_of": []})),
        call(json!({"any": "v128"})),
        raw(json!({"do": "call", "export": "f", "as": []}), json!({"ok": {"results": []}})),
        raw(json!({"do": "global", "export": "f", "as": ["a"]}), json!({"ok": {"results": []}})),
        raw(json!({"do": "read", "ptr": {"i64": "0"}, "len": "null"}), json!({"ok": {"bytes": ""}})),
        call(json!({"f32": "NaN"})),
        call(json!({"not": {"any": "i32"}})),
        raw(json!({"do": "call", "export": "f", "args": [{"any": "i32"}]}), json!({"ok": {"results": []}})),
        raw(json!({"do": "pages"}), json!({"one_of": []})),
        sum(json!({})),
        sum(json!({"one": 1})),
    ] {
        assert_eq!(refusals(&validator, &suite(&wrong)), ["schema", "loader"], "{wrong}");
    }
    for (field, value) in [
        ("schema", json!("everyhost/vectors/2")),
        ("face", json!("signers")),
        ("count", json!(-1)),
        ("source", json!({"name": "without a licence"})),
        ("source", json!({"name": "a hash that is none", "licence": "MIT", "sha256": "AB"})),
        ("flags", json!(["Flag"])),
        ("cases", json!({})),
        ("more", json!(true)),
    ] {
        let mut wrong = suite(&good);
        wrong[field] = value;
        assert_eq!(refusals(&validator, &wrong), ["schema", "loader"], "{field}");
    }
}

#[test]
fn the_schema_has_every_code() {
    let schema = read(&dir().join("schema.json"));
    let names = schema["$defs"]["error"]["properties"]["error"]["enum"].as_array().unwrap();
    // A wrapper reports a trap as TRAPPED; an adapter answers it as a trap.
    let codes: Vec<Value> = CODES.iter().map(|code| code.name.into()).filter(|name| name != "TRAPPED").collect();
    assert_eq!(*names, codes);
}

fn suite(case: &Value) -> Value {
    json!({
        "schema": "everyhost/vectors/1", "suite": "small", "face": "signer", "count": 1,
        "source": {"name": "this test", "licence": "MIT"}, "cases": [case],
    })
}

/// Who refuses the suite.
fn refusals(validator: &Validator, suite: &Value) -> Vec<&'static str> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("small.json");
    fs::write(&path, suite.to_string()).unwrap();
    let by_schema = (!validator.is_valid(suite)).then_some("schema");
    let by_loader = vectors::load_file(&path).is_err().then_some("loader");
    by_schema.into_iter().chain(by_loader).collect()
}

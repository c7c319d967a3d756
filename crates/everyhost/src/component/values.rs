//! The values of a component's types, as hosts/COMPONENTS.md writes them.

use std::ops::RangeInclusive;

use serde_json::{Value, json};
use vectors::bytes::Bytes;

/// The least value of a type: zeros, nothing, the first of several. None of a resource, which must come from somewhere.
pub(crate) fn zero(ty: &Value) -> Option<Value> {
    if let Some(name) = ty.as_str() {
        return Some(match name {
            "bool" => json!(false),
            "u64" | "s64" => json!("0"),
            "f32" => json!("00000000"),
            "f64" => json!("0000000000000000"),
            "char" => json!("0"),
            "string" => json!(""),
            _ => json!(0),
        });
    }
    let (kind, of) = ty.as_object()?.iter().next()?;
    let case = |name: &Value, ty: &Value| match ty {
        Value::Null => Some(name.clone()),
        ty => Some(json!({ name.as_str()?: zero(ty)? })),
    };
    match kind.as_str() {
        "list" if of == "u8" => Some(json!("")),
        "list" | "flags" => Some(json!([])),
        "option" => Some(json!("none")),
        "tuple" => of.as_array()?.iter().map(zero).collect::<Option<Vec<_>>>().map(Value::Array),
        "record" => {
            let fields = of.as_array()?.iter().map(|field| Some((field[0].as_str()?.to_owned(), zero(&field[1])?)));
            fields.collect::<Option<_>>().map(Value::Object)
        }
        "enum" => of.get(0).cloned(),
        // The first that needs no resource.
        "variant" => of.as_array()?.iter().find_map(|one| case(&one[0], &one[1])),
        "result" => case(&json!("ok"), &of[0]).or_else(|| case(&json!("err"), &of[1])),
        _ => None,
    }
}

/// Why a value is none of a type, if it is none. Of a resource it says only whether it is written as one.
pub(crate) fn misfit(ty: &Value, value: &Value) -> Option<String> {
    let no = |is_one: bool, what: &str| (!is_one).then(|| format!("{} is {what}", shown(value)));
    if let Some(name) = ty.as_str() {
        return simple_misfit(name, value);
    }
    let (kind, of) = ty.as_object()?.iter().next()?;
    // Each of a list's items by its type.
    let each = |types: &mut dyn Iterator<Item = &Value>, items: &[Value]| {
        items.iter().zip(types).find_map(|(item, ty)| misfit(ty, item))
    };
    match kind.as_str() {
        "list" if of == "u8" => {
            no(serde_json::from_value::<Bytes>(value.clone()).is_ok(), "no list<u8>, which is hex, such as \"00ff\"")
        }
        "list" => match value.as_array() {
            Some(items) => each(&mut std::iter::repeat(of), items),
            None => no(false, "no list"),
        },
        "tuple" => {
            let types = of.as_array()?;
            match value.as_array().filter(|items| items.len() == types.len()) {
                Some(items) => each(&mut types.iter(), items),
                None => no(false, &format!("no tuple of {}, which is a list of so many", types.len())),
            }
        }
        "record" => {
            let fields = of.as_array()?;
            let names: Vec<&str> = fields.iter().filter_map(|field| field[0].as_str()).collect();
            let given = value.as_object().filter(|given| given.len() == names.len());
            match given.filter(|given| names.iter().all(|name| given.contains_key(*name))) {
                Some(given) => fields.iter().find_map(|field| misfit(&field[1], &given[field[0].as_str()?])),
                None => no(false, &format!("no record with the fields {}", names.join(", "))),
            }
        }
        "enum" => no(of.as_array()?.contains(value), &format!("none of {}", listed(of.as_array()?.iter()))),
        "flags" => {
            let names = of.as_array()?;
            let is_one = value.as_array().is_some_and(|set| set.iter().all(|name| names.contains(name)));
            no(is_one, &format!("no list of flags out of {}", listed(names.iter())))
        }
        "variant" => {
            let cases = of.as_array()?.iter();
            case_misfit(cases.map(|case| (case[0].as_str().unwrap_or_default(), &case[1])).collect(), value)
        }
        "option" => case_misfit(vec![("none", &Value::Null), ("some", of)], value),
        "result" => case_misfit(vec![("ok", &of[0]), ("err", &of[1])], value),
        _ => {
            let fields = value.as_object().filter(|fields| fields.len() == 1);
            let is_one = fields.and_then(|fields| fields.get("handle")).is_some_and(Value::is_u64);
            no(is_one, "no resource, which is written {\"handle\":0}")
        }
    }
}

fn simple_misfit(name: &str, value: &Value) -> Option<String> {
    let is_hex = |text: &str, len| text.len() == len && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
    let text = value.as_str();
    let is_float = |len| text.is_some_and(|text| text == "nan" || is_hex(text, len));
    let is_decimal = |is_one: fn(&str) -> bool| text.is_some_and(|text| !text.starts_with('+') && is_one(text));
    let (is_one, form) = match name {
        "bool" => (value.is_boolean(), "which is true or false".to_owned()),
        "u64" => (is_decimal(|text| text.parse::<u64>().is_ok()), "which is decimal text, such as \"3\"".to_owned()),
        "s64" => (is_decimal(|text| text.parse::<i64>().is_ok()), "which is decimal text, such as \"-3\"".to_owned()),
        "f32" => (is_float(8), "which is its bits in hex: \"3f800000\" is 1.0".to_owned()),
        "f64" => (is_float(16), "which is its bits in hex: \"3ff0000000000000\" is 1.0".to_owned()),
        "char" => (text.is_some_and(|text| text.chars().count() == 1), "which is one character".to_owned()),
        "string" => (text.is_some(), "which is text".to_owned()),
        integer => {
            let range = range(integer)?;
            let is_one = value.as_i64().is_some_and(|number| range.contains(&number));
            (is_one, format!("which is a whole number from {} to {}", range.start(), range.end()))
        }
    };
    (!is_one).then(|| format!("{} is no {name}, {form}", shown(value)))
}

/// Of an integer that JSON has as a number.
fn range(name: &str) -> Option<RangeInclusive<i64>> {
    let (sign, bits) = name.split_at_checked(1)?;
    let bits: u32 = bits.parse().ok().filter(|bits| *bits <= 32)?;
    Some(if sign == "u" { 0..=(1 << bits) - 1 } else { -(1 << (bits - 1))..=(1 << (bits - 1)) - 1 })
}

/// `cases` are names and the types of their payloads, null for none.
fn case_misfit(cases: Vec<(&str, &Value)>, value: &Value) -> Option<String> {
    let (name, payload) = match value {
        Value::String(name) => (name.as_str(), None),
        Value::Object(fields) if fields.len() == 1 => {
            fields.iter().next().map(|(name, payload)| (name.as_str(), Some(payload)))?
        }
        _ => ("", None),
    };
    match (cases.iter().find(|(known, _)| *known == name), payload) {
        (Some((_, Value::Null)), None) => None,
        (Some((_, ty)), Some(payload)) if !ty.is_null() => misfit(ty, payload),
        _ => {
            let written = cases.iter().map(|(name, ty)| if ty.is_null() { json!(name) } else { json!({ *name: ty }) });
            Some(format!("{} is none of {}", shown(value), listed(written.collect::<Vec<_>>().iter())))
        }
    }
}

fn listed<'a>(values: impl Iterator<Item = &'a Value>) -> String {
    values.map(Value::to_string).collect::<Vec<_>>().join(", ")
}

/// The beginning of a long value.
fn shown(value: &Value) -> String {
    const MOST: usize = 100;
    let text = value.to_string();
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::table;

    fn told(ty: &str, value: &str) -> String {
        let [ty, value] =
            [ty, value].map(|json| serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}")));
        misfit(&ty, &value).unwrap_or_else(|| "fits".into())
    }

    #[test]
    fn a_value_that_is_none_of_its_type_is_told() {
        let rows = r#"
            "u8" | 255 => fits
            "u8" | 256 => 256 is no u8, which is a whole number from 0 to 255
            "u32" | 1.0 => 1.0 is no u32, which is a whole number from 0 to 4294967295
            "s8" | -128 => fits
            "s8" | "1" => "1" is no s8, which is a whole number from -128 to 127
            "u64" | 3 => 3 is no u64, which is decimal text, such as "3"
            "u64" | "+3" => "+3" is no u64, which is decimal text, such as "3"
            "s64" | "-9223372036854775808" => fits
            "f32" | 1.5 => 1.5 is no f32, which is its bits in hex: "3f800000" is 1.0
            "f64" | "nan" => fits
            "f64" | "3FF0000000000000" => "3FF0000000000000" is no f64, which is its bits in hex: "3ff0000000000000" is 1.0
            "char" | "ab" => "ab" is no char, which is one character
            "bool" | 1 => 1 is no bool, which is true or false
            {"list":"u8"} | [1,2] => [1,2] is no list<u8>, which is hex, such as "00ff"
            {"list":"u8"} | {"repeat":"61","times":3} => fits
            {"list":"char"} | ["a","bc"] => "bc" is no char, which is one character
            {"list":"char"} | "a" => "a" is no list
            {"tuple":["u8","bool"]} | [1,true] => fits
            {"tuple":["u8","bool"]} | [1] => [1] is no tuple of 2, which is a list of so many
            {"record":[["a","u8"]]} | {"a":1} => fits
            {"record":[["a","u8"]]} | {"a":-1} => -1 is no u8, which is a whole number from 0 to 255
            {"record":[["a","u8"]]} | {"a":1,"b":2} => {"a":1,"b":2} is no record with the fields a
            {"enum":["red","blue"]} | "green" => "green" is none of "red", "blue"
            {"flags":["read"]} | ["read"] => fits
            {"flags":["read"]} | ["write"] => ["write"] is no list of flags out of "read"
            {"variant":[["none",null],["one","u8"]]} | "none" => fits
            {"variant":[["none",null],["one","u8"]]} | "one" => "one" is none of "none", {"one":"u8"}
            {"option":"u8"} | {"some":3} => fits
            {"option":"u8"} | null => null is none of "none", {"some":"u8"}
            {"result":["u8",null]} | "err" => fits
            {"result":["u8",null]} | {"ok":"x"} => "x" is no u8, which is a whole number from 0 to 255
            {"own":"a:b/c#d"} | {"handle":0} => fits
            {"borrow":"a:b/c#d"} | 0 => 0 is no resource, which is written {"handle":0}
        "#;
        for (given, said) in table(rows) {
            let (ty, value) = given.split_once(" | ").unwrap();
            assert_eq!(told(ty, value), said, "{ty}");
        }
    }

    #[test]
    fn the_least_value_of_a_type_fits_it() {
        for ty in
            ["\"s16\"", "\"f64\"", r#"{"list":{"list":"u8"}}"#, r#"{"result":[{"own":"x"},{"tuple":["u64","char"]}]}"#]
        {
            let ty: Value = serde_json::from_str(ty).unwrap();
            assert_eq!(misfit(&ty, &zero(&ty).unwrap()), None, "{ty}");
        }
    }
}

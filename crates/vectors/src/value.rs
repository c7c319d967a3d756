//! Reads values, and says of one that is not written as it should be what came and what the right form is.

use serde::{Deserialize, Deserializer};
use serde_json::{Value as Json, json};

use crate::ops::Value;

/// Which numbers an integer may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Integers {
    /// As hosts answer them.
    Signed,
    /// As people write them: the same bits as an unsigned number are fine too, and are made signed.
    Any,
}

/// Integers are signed here: those that people write unsigned were made so before. [`crate::reply`] refuses
/// expectations where hosts answer.
impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let json = Json::deserialize(deserializer)?;
        Self::expected(&json, Integers::Signed).map_err(serde::de::Error::custom)
    }
}

const TYPES: [&str; 5] = ["i32", "i64", "f32", "f64", "var"];

/// The types that a value can have.
pub(crate) const NUMBER_TYPES: [&str; 4] = ["i32", "i64", "f32", "f64"];

/// What stands for the bits of any NaN in an expectation.
pub(crate) const NAN: &str = "nan";

impl Value {
    /// As an answer may expect it: any value of a type, say. The error is as that of [`Self::read`].
    pub(crate) fn expected(json: &Json, integers: Integers) -> Result<Self, String> {
        let only = |name: &str| json.as_object().filter(|fields| fields.len() == 1).and_then(|fields| fields.get(name));
        let wrong = |why: &str| format!("{}: {why}", shown(json));
        if let Some(any) = only("any") {
            let ty = any.as_str().filter(|ty| NUMBER_TYPES.contains(ty));
            let ty = ty.ok_or_else(|| wrong(r#""any" is followed by a type: "i32", "i64", "f32" or "f64""#))?;
            return Ok(Self::Any { any: ty.to_owned() });
        }
        if let Some(not) = only("not") {
            return match Self::expected(not, integers)? {
                not @ (Self::I32 { .. }
                | Self::I64 { .. }
                | Self::F32 { .. }
                | Self::F64 { .. }
                | Self::OneOf { .. }) => Ok(Self::Not { not: Box::new(not) }),
                _ => Err(wrong(r#""not" is followed by a value, such as {"not":{"i32":0}}"#)),
            };
        }
        if let Some(one_of) = only("one_of") {
            let all = one_of.as_array().filter(|all| !all.is_empty());
            let all = all.ok_or_else(|| wrong(r#"it is such as {"one_of":[{"i32":1},{"i32":2}]}"#))?;
            let one_of: Vec<Self> = all.iter().map(|one| Self::expected(one, integers)).collect::<Result<_, _>>()?;
            let mut types: Vec<&str> = one_of.iter().filter_map(Self::type_name).collect();
            types.dedup();
            if types.len() > 1 {
                return Err(wrong(&format!(
                    "the values of a \"one_of\" have one type, and here are {}",
                    types.join(" and ")
                )));
            }
            return Ok(Self::OneOf { one_of });
        }
        match (only("f32"), only("f64")) {
            (Some(bits), _) if bits == NAN => Ok(Self::F32 { f32: NAN.into() }),
            (_, Some(bits)) if bits == NAN => Ok(Self::F64 { f64: NAN.into() }),
            _ => Self::read(json, integers),
        }
    }

    /// The error is one line: what came, what a value is, and the right form if it can be told.
    pub(crate) fn read(json: &Json, integers: Integers) -> Result<Self, String> {
        let Json::Object(fields) = json else {
            return Err(without_a_type(json));
        };
        let types: Vec<&str> = TYPES.into_iter().filter(|name| fields.contains_key(*name)).collect();
        let [name] = types[..] else {
            let why = match types.len() {
                0 => {
                    "a value has one of the types i32, i64, f32, f64 or var, such as {\"i32\":3}; v128 and references have no form here"
                }
                _ => "a value has one type",
            };
            return Err(format!("{}: {why}", shown(json)));
        };
        let may_have_plus = name == "var";
        if let Some(other) = fields.keys().find(|field| *field != name && !(may_have_plus && *field == "plus")) {
            return Err(format!("{}: {other:?} does not belong beside {name:?}", shown(json)));
        }
        let read = match name {
            "i32" => i32(&fields[name], integers),
            "i64" => i64(&fields[name], integers),
            "f32" => bits::<8>(&fields[name]).map(|f32| Self::F32 { f32 }),
            "f64" => bits::<16>(&fields[name]).map(|f64| Self::F64 { f64 }),
            _ => var(&fields[name], fields.get("plus")),
        };
        read.map_err(|(why, right)| match right {
            Some(right) => format!("{}: {why}; write {right}", shown(json)),
            None => format!("{}: {why}", shown(json)),
        })
    }
}

/// Why, and the right form if it can be told.
type Wrong = (String, Option<Json>);

fn wrong(why: impl Into<String>, right: Option<Json>) -> Wrong {
    (why.into(), right)
}

/// `1`, say.
fn without_a_type(json: &Json) -> String {
    let number = match json {
        Json::Number(number) if number.is_f64() => number.as_f64().map(|number| json!({"f64": f64_bits(number)})),
        Json::Number(_) => whole(json).map(of_its_size),
        Json::String(text) => integer(text).map(of_its_size),
        _ => None,
    };
    match number {
        Some(right) => format!("{}: a value says its type; write {right}", shown(json)),
        None => format!("{}: a value is an object that says its type, such as {{\"i32\":3}}", shown(json)),
    }
}

fn of_its_size(number: i128) -> Json {
    if i128::from(i32::MIN) <= number && number <= i128::from(u32::MAX) {
        json!({ "i32": number as i64 })
    } else {
        json!({ "i64": number.to_string() })
    }
}

fn i32(json: &Json, integers: Integers) -> Result<Value, Wrong> {
    let most = match integers {
        Integers::Signed => i64::from(i32::MAX),
        Integers::Any => i64::from(u32::MAX),
    };
    let range = || format!("an i32 is a whole number from {} to {most}", i32::MIN);
    let form = |number: i128| {
        let fits = i128::from(i32::MIN) <= number && number <= i128::from(most);
        fits.then(|| json!({ "i32": number as i64 }))
    };
    match json {
        Json::Number(number) => {
            if let Some(number) = number.as_i64().filter(|number| (i64::from(i32::MIN)..=most).contains(number)) {
                // The same 32 bits, signed.
                return Ok(Value::I32 { i32: number as i32 });
            }
            let rounded = number.as_f64().filter(|float| number.is_f64() && float.fract() == 0.0);
            Err(wrong(range(), rounded.and_then(|float| form(float as i128))))
        }
        Json::String(text) => Err(wrong("an i32 is a number without quotes", integer(text).and_then(form))),
        _ => Err(wrong(range(), None)),
    }
}

fn i64(json: &Json, integers: Integers) -> Result<Value, Wrong> {
    let most = match integers {
        Integers::Signed => i128::from(i64::MAX),
        Integers::Any => i128::from(u64::MAX),
    };
    let in_range = |number: &i128| (i128::from(i64::MIN)..=most).contains(number);
    let form = |number: i128| Some(number).filter(in_range).map(|number| json!({"i64": number.to_string()}));
    match json {
        Json::String(text) => match text.parse::<i128>() {
            // The same 64 bits, signed.
            Ok(number) if number.to_string() == *text && in_range(&number) => {
                Ok(Value::I64 { i64: (number as i64).to_string() })
            }
            _ => Err(wrong(
                format!("an i64 is text: a decimal number from {} to {most}", i64::MIN),
                integer(text).and_then(form),
            )),
        },
        Json::Number(_) => Err(wrong(
            "an i64 is text, because JSON's numbers lose digits in many languages",
            whole(json).and_then(form),
        )),
        _ => Err(wrong("an i64 is text, such as \"-1\"", None)),
    }
}

/// A float, by its bits in `DIGITS` hex digits.
fn bits<const DIGITS: usize>(json: &Json) -> Result<String, Wrong> {
    let name = if DIGITS == 8 { "f32" } else { "f64" };
    let of = |number: f64| {
        if DIGITS == 8 { format!("{:08x}", (number as f32).to_bits()) } else { f64_bits(number) }
    };
    let why = format!("an {name} is text: its bits, in {DIGITS} lower-case hex digits");
    let right = match json {
        Json::String(text) if is_hex(text) && text.len() == DIGITS => return Ok(text.clone()),
        Json::String(text) => {
            let plain = text.trim_start_matches("0x").trim_start_matches("0X").to_ascii_lowercase();
            match plain.len() {
                8 if is_hex(&plain) => Some(json!({ "f32": plain })),
                16 if is_hex(&plain) => Some(json!({ "f64": plain })),
                _ => text.trim().parse().ok().map(|number| json!({ name: of(number) })),
            }
        }
        Json::Number(number) => number.as_f64().map(|number| json!({ name: of(number) })),
        _ => None,
    };
    Err(wrong(why, right))
}

fn var(name: &Json, plus: Option<&Json>) -> Result<Value, Wrong> {
    let Some(var) = name.as_str().filter(|name| !name.is_empty()) else {
        return Err(wrong("a var is the name that a call was given with \"as\"", None));
    };
    let plus = match plus {
        None => 0,
        Some(plus) => {
            let number = plus.as_i64().and_then(|number| i32::try_from(number).ok());
            number.ok_or_else(|| wrong(format!("plus is a whole number from {} to {}", i32::MIN, i32::MAX), None))?
        }
    };
    Ok(Value::Var { var: var.to_owned(), plus })
}

fn f64_bits(number: f64) -> String {
    format!("{:016x}", number.to_bits())
}

pub(crate) fn is_hex(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

fn whole(json: &Json) -> Option<i128> {
    let signed = json.as_i64().map(i128::from);
    signed.or_else(|| json.as_u64().map(i128::from))
}

/// A whole number as people write it: decimal or with 0x, with a sign or separators.
fn integer(text: &str) -> Option<i128> {
    let text = text.trim().replace('_', "");
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text.strip_prefix('+').unwrap_or(&text)),
    };
    let number = match digits.to_ascii_lowercase().strip_prefix("0x") {
        Some(hex) => i128::from_str_radix(hex, 16).ok()?,
        None => digits.parse().ok()?,
    };
    Some(if negative { -number } else { number })
}

/// JSON in so many characters at most.
pub(crate) fn shown(json: &Json) -> String {
    const MOST: usize = 80;
    let text = json.to_string();
    match text.char_indices().nth(MOST) {
        Some((at, _)) => format!("{}…", &text[..at]),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{assert_has, table};

    #[test]
    fn people_may_write_integers_unsigned_and_hosts_may_not() {
        for (written, signed) in [
            (json!({"i32": 4_294_967_295_u32}), json!({"i32": -1})),
            (json!({"i32": 2_147_483_648_u32}), json!({"i32": i32::MIN})),
            (json!({"i64": "18446744073709551615"}), json!({"i64": "-1"})),
            (json!({"i64": "9223372036854775808"}), json!({"i64": "-9223372036854775808"})),
        ] {
            let read = Value::read(&written, Integers::Any).unwrap();
            assert_eq!(serde_json::to_value(&read).unwrap(), signed);
            assert!(serde_json::from_value::<Value>(written.clone()).is_err(), "{written}");
            assert_eq!(serde_json::from_value::<Value>(signed).unwrap(), read);
        }
    }

    #[test]
    fn a_slip_is_answered_with_the_right_form() {
        let slips = r#"
            1 => 1: a value says its type; write {"i32":1}
            "0x10" => "0x10": a value says its type; write {"i32":16}
            5000000000 => write {"i64":"5000000000"}
            1.5 => 1.5: a value says its type; write {"f64":"3ff8000000000000"}
            null => null: a value is an object that says its type, such as {"i32":3}
            {} => {}: a value has one of the types
            {"v128": "00"} => v128 and references have no form here
            {"i32": 1, "i64": "1"} => a value has one type
            {"i32": 1, "plus": 4} => "plus" does not belong beside "i32"
            {"i32": "1"} => {"i32":"1"}: an i32 is a number without quotes; write {"i32":1}
            {"i32": "-0x1"} => write {"i32":-1}
            {"i32": "1.5"} => an i32 is a number without quotes
            {"i32": 1.0} => an i32 is a whole number from -2147483648 to 4294967295; write {"i32":1}
            {"i32": 1.5} => from -2147483648 to 4294967295
            {"i32": 4294967296} => from -2147483648 to 4294967295
            {"i32": 18446744073709551615} => from -2147483648 to 4294967295
            {"i32": null} => from -2147483648 to 4294967295
            {"i64": 1} => an i64 is text, because JSON's numbers lose digits in many languages; write {"i64":"1"}
            {"i64": "0x1"} => an i64 is text: a decimal number from -9223372036854775808 to 18446744073709551615; write {"i64":"1"}
            {"i64": "+01"} => write {"i64":"1"}
            {"i64": "18446744073709551616"} => to 18446744073709551615
            {"i64": "-0"} => write {"i64":"0"}
            {"f64": 1.5} => an f64 is text: its bits, in 16 lower-case hex digits; write {"f64":"3ff8000000000000"}
            {"f32": 1} => write {"f32":"3f800000"}
            {"f32": "1.5"} => write {"f32":"3fc00000"}
            {"f32": "NaN"} => write {"f32":"7fc00000"}
            {"f32": "0x3F800000"} => write {"f32":"3f800000"}
            {"f32": "3ff0000000000000"} => an f32 is text: its bits, in 8 lower-case hex digits; write {"f64":"3ff0000000000000"}
            {"var": ""} => the name that a call was given
            {"var": "p", "plus": "4"} => plus is a whole number
        "#;
        for (written, said) in table(slips) {
            let error = Value::read(&serde_json::from_str(written).unwrap(), Integers::Any).unwrap_err();
            assert_has(error, said);
        }
    }
}

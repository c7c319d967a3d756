//! Suites that are written as text: `adder_abi.txt`, `probe.txt` and `contract.txt`.
//!
//! A file starts with its flags. Each paragraph after them is a case:
//!
//! - `ID [FLAGS] COMMENT`;
//! - the module that comes with the request: its text, indented, or `the same module`, or the `names` of functions that
//!   return their index, with some that are `missing`;
//! - `max_pages N` or `deadline_ms N`;
//! - its steps, one a line. `! CODE` ends a step that is refused, `traps` and `unreached` a call without a result. A value
//!   is an i32, decimal or hex, an i64 that ends in `L`, bits such as `f32:3f800000`, or `$NAME+OFFSET` for a result that
//!   `as NAME` kept;
//! - `! CODE` if there is no instance.

use super::build::{self, error, headed, unhex};
use super::raw::{Steps, TRAP, call, plus, returned};
use vectors::answer::{Answer, Output};
use vectors::model::{Expect, Face, Source, Suite};
use vectors::ops::{KeptView, Op, Raw, RawDeadline, RawMemoryLimit, RawModule, RawStep, Value};

/// # Panics
///
/// If the text is not as above.
pub(super) fn suite(name: &str, face: Face, source: Source, text: &str) -> Suite {
    let text = text.replace("LONG", &"n".repeat(9_999));
    let mut paragraphs = text.trim_end().split("\n\n");
    let flags = build::flags(paragraphs.next().unwrap_or_default());
    let mut module = String::new();
    let cases = paragraphs.map(|paragraph| {
        let (head, body) = paragraph.split_once('\n').unwrap_or((paragraph, ""));
        let (op, expect) = operation(body, &mut module);
        headed(name, head, op, expect)
    });
    let cases = cases.collect();
    build::suite(name, face, source, &flags, cases)
}

/// What one case asks for. `module` is the text of the last module.
fn operation(body: &str, module: &mut String) -> (Op, Expect) {
    let (indented, lines): (Vec<&str>, Vec<&str>) = body.lines().partition(|line| line.starts_with(' '));
    let mut has_module = !indented.is_empty();
    if has_module {
        *module = indented.join("\n");
    }
    let (mut max_pages, mut deadline_ms, mut refused) = (None, None, None);
    let mut steps = Steps::new();
    for line in lines {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "the" => has_module = true,
            "names" => {
                let names = list(rest);
                *module = module_of(&names);
                has_module = true;
                steps = steps.pages(1);
                for (at, name) in names.iter().enumerate().rev() {
                    steps = steps.call(name, &[], &[Value::from(at as i32)]);
                }
            }
            "missing" => {
                for name in list(rest) {
                    steps = steps.step(call(&name, &[], None), Answer::error("NO_EXPORT"));
                }
            }
            "max_pages" => max_pages = Some(number(rest)),
            "deadline_ms" => deadline_ms = Some(number(rest)),
            "kept_view" => {
                let (ptr, value) = cut(rest, " ");
                return kept_view(number(ptr), number(value));
            }
            "!" => refused = Some(error(rest)),
            _ => steps = step(steps, line),
        }
    }
    let (steps, expect) = steps.parts();
    let op = match (max_pages, deadline_ms) {
        (Some(max_pages), _) => Op::RawMemoryLimit(RawMemoryLimit { max_pages, steps }),
        (_, Some(deadline_ms)) => Op::RawDeadline(RawDeadline { deadline_ms, steps }),
        _ if has_module => {
            let wasm = wat::parse_str(module).expect("the modules of a suite are sound").into();
            Op::RawModule(RawModule { wasm, steps })
        }
        _ => Op::Raw(Raw { steps }),
    };
    (op, refused.unwrap_or(expect))
}

fn kept_view(ptr: u32, value: i32) -> (Op, Expect) {
    let output = Output { bytes: Some(value.to_le_bytes().as_slice().into()), ..Output::default() };
    (Op::KeptView(KeptView { ptr, value }), Expect::Ok(output))
}

/// A module with a function of each name.
fn module_of(names: &[String]) -> String {
    let mut wat = String::from("(module (memory (export \"memory\") 1)\n");
    for (at, name) in names.iter().enumerate() {
        let quoted: String = name.bytes().map(|byte| format!("\\{byte:02x}")).collect();
        wat += &format!("(func (export \"{quoted}\") (result i32) (i32.const {at}))\n");
    }
    wat + ")"
}

/// Adds the step of one line.
fn step(steps: Steps, line: &str) -> Steps {
    let (line, refused) = match line.split_once(" ! ") {
        Some((line, code)) => (line, Some(Answer::error(code))),
        None => (line, None),
    };
    let words: Vec<&str> = line.split(' ').collect();
    match words[..] {
        ["pages"] => steps.unanswered(RawStep::Pages {}),
        ["pages", pages] => steps.pages(number(pages)),
        ["write", ptr, ref bytes @ ..] => {
            let write = RawStep::Write { ptr: value(ptr), bytes: unhex(&bytes.concat()).into() };
            steps.step(write, refused.unwrap_or_else(|| Answer::ok(Output::default())))
        }
        ["read", ptr, ref bytes @ ..] => match refused {
            Some(refused) => {
                let len = number(bytes.concat().trim_start_matches('+'));
                steps.step(RawStep::Read { ptr: value(ptr), len }, refused)
            }
            None => steps.read(value(ptr), unhex(&bytes.concat())),
        },
        ["as", name, "call", export, ref rest @ ..] => called(steps, export, Some(name), rest, refused),
        ["call", export, ref rest @ ..] => called(steps, export, None, rest, refused),
        _ => panic!("no step: {line}"),
    }
}

fn called(steps: Steps, export: &str, name: Option<&str>, words: &[&str], refused: Option<Answer>) -> Steps {
    let values = |words: &[&str]| words.iter().map(|word| value(word)).collect::<Vec<_>>();
    let end = words.iter().position(|word| ["=", "traps", "unreached"].contains(word));
    let (args, end) = words.split_at(end.unwrap_or(words.len()));
    let call = call(export.trim_matches('"'), &values(args), name);
    match (refused, end) {
        (Some(refused), _) => steps.step(call, refused),
        (None, ["=", results @ ..]) => steps.step(call, returned(&values(results))),
        (None, ["traps"]) => steps.step(call, TRAP),
        (None, _) => steps.unanswered(call),
    }
}

fn value(word: &str) -> Value {
    if let Some(name) = word.strip_prefix('$') {
        let (name, offset) = name.split_once('+').unwrap_or((name, "0"));
        plus(name, number(offset))
    } else if let Some(i64) = word.strip_suffix('L') {
        Value::I64 { i64: i64.into() }
    } else if let Some(f32) = word.strip_prefix("f32:") {
        Value::F32 { f32: f32.into() }
    } else if let Some(f64) = word.strip_prefix("f64:") {
        Value::F64 { f64: f64.into() }
    } else if let Some(hex) = word.strip_prefix("0x") {
        let bits = u32::from_str_radix(hex, 16).expect("8 hex digits");
        Value::from(bits as i32)
    } else {
        Value::from(number::<i32>(word))
    }
}

fn number<T: std::str::FromStr>(word: &str) -> T {
    word.parse().unwrap_or_else(|_| panic!("{word:?} is no number, or too large"))
}

fn list(json: &str) -> Vec<String> {
    serde_json::from_str(json).expect("names are JSON")
}

fn cut<'t>(text: &'t str, at: &str) -> (&'t str, &'t str) {
    text.split_once(at).unwrap_or_else(|| panic!("no {at:?} in {text:?}"))
}

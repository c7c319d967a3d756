//! Suites that are written as text: `adder_abi.txt`, `probe.txt`, `contract.txt`, `imports.txt`, and what `signer_abi.txt`
//! and `verifier_abi.txt` are made to.
//!
//! A file starts with its flags. Each paragraph after them is a case:
//!
//! - `ID [FLAGS] COMMENT`;
//! - the module that comes with the request: its text, indented, or `the same module`, or the `names` of functions that
//!   return their index, with some that are `missing`;
//! - `import` and what the host provides, in JSON; `after_trap`, if steps after a trap are done;
//! - `max_pages N` or `deadline_ms N`;
//! - its steps, one a line. `! CODE` ends a step that is refused, `traps` and `unreached` a call without a result. A value
//!   is an i32, decimal or hex, an i64 that ends in `L`, bits such as `f32:3f800000`, or `$NAME+OFFSET` for a result that
//!   `as NAME` kept, or `as NAME&NAME`. `read PTR nul` and `read PTR len VALUE` come before what is read. A `~` in a name is a blank. `> JSON` is a call of a function of the host that comes with the step before
//!   it, or with the start function if there is none; `> JSON * N` that many;
//! - `! CODE` if there is no instance.

use super::build::{self, error, headed, unhex};
use vectors::answer::{Answer, Output};
use vectors::imports::{HostCall, Import, RawImports};
use vectors::model::{Expect, Face, Source, Suite};
use vectors::ops::{KeptView, Length, Names, Op, Raw, RawDeadline, RawMemoryLimit, RawModule, RawStep, Until, Value};

/// A step and its answer: none if nothing comes after a trap.
type Step = (RawStep, Option<Answer>);

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
    let (mut imports, mut at_start, mut after_trap) = (None, Vec::new(), false);
    let mut steps: Vec<Step> = Vec::new();
    for line in lines {
        let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
        match word {
            "the" => has_module = true,
            "names" => {
                let names = list(rest);
                *module = module_of(&names);
                has_module = true;
                steps.push(step("pages 1"));
                let called = |(at, name): (usize, &String)| called(name, None, &["=", &at.to_string()], None);
                steps.extend(names.iter().enumerate().rev().map(called));
            }
            "missing" => {
                steps.extend(list(rest).iter().map(|name| called(name, None, &[], Some(Answer::error("NO_EXPORT")))))
            }
            "import" => imports.get_or_insert_with(Vec::new).push(build::json::<Import>(rest)),
            "no" => imports = Some(Vec::new()),
            "after_trap" => after_trap = true,
            ">" => {
                let (call, times) = rest.split_once(" * ").unwrap_or((rest, "1"));
                let came = vec![build::json::<HostCall>(call); number::<usize>(times)];
                match steps.last_mut() {
                    Some((_, Some(Answer::Ok { ok }))) => ok.calls.extend(came),
                    Some((_, Some(Answer::Trap { calls, .. }))) => calls.extend(came),
                    _ => at_start.extend(came),
                }
            }
            "max_pages" => max_pages = Some(number(rest)),
            "deadline_ms" => deadline_ms = Some(number(rest)),
            "kept_view" => {
                let (ptr, value) = rest.split_once(' ').expect("a pointer and a value");
                return kept_view(number(ptr), number(value));
            }
            "!" => refused = Some(error(rest)),
            _ => steps.push(step(line)),
        }
    }
    let (steps, answers): (Vec<RawStep>, Vec<Option<Answer>>) = steps.into_iter().unzip();
    let answers = answers.into_iter().flatten().collect();
    let expect = Expect::Ok(Output { steps: Some(answers), calls: at_start, ..Output::default() });
    let wasm = || wat::parse_str(&module).expect("the modules of a suite are sound").into();
    if let Some(imports) = imports {
        let op = Op::RawImports(RawImports { wasm: Some(wasm()), imports, steps, after_trap });
        return (op, refused.unwrap_or(expect));
    }
    let op = match (max_pages, deadline_ms) {
        (Some(max_pages), _) => Op::RawMemoryLimit(RawMemoryLimit { max_pages, steps }),
        (_, Some(deadline_ms)) => Op::RawDeadline(RawDeadline { deadline_ms, steps }),
        _ if has_module => Op::RawModule(RawModule { wasm: wasm(), steps }),
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

/// The step of one line.
fn step(line: &str) -> Step {
    let (line, refused) = match line.split_once(" ! ") {
        Some((line, code)) => (line, Some(Answer::error(code))),
        None => (line, None),
    };
    let words: Vec<&str> = line.split(' ').collect();
    match words[..] {
        ["pages"] => (RawStep::Pages {}, None),
        ["pages", pages] => (RawStep::Pages {}, answer(Output { pages: Some(number(pages)), ..Output::default() })),
        ["write", ptr, ref bytes @ ..] => {
            let write = RawStep::Write { ptr: value(ptr), bytes: unhex(&bytes.concat()).into() };
            (write, refused.or_else(|| answer(Output::default())))
        }
        ["read", ptr, "nul", ref bytes @ ..] => {
            let came = answer(Output { bytes: Some(unhex(&bytes.concat()).into()), ..Output::default() });
            (RawStep::Read { ptr: value(ptr), len: Length::Until(Until::Nul) }, refused.or(came))
        }
        ["read", ptr, "len", len, ref bytes @ ..] => {
            let came = answer(Output { bytes: Some(unhex(&bytes.concat()).into()), ..Output::default() });
            (RawStep::Read { ptr: value(ptr), len: Length::Value(value(len)) }, refused.or(came))
        }
        ["read", ptr, ref bytes @ ..] => {
            let bytes = if refused.is_none() { unhex(&bytes.concat()) } else { Vec::new() };
            let len = if refused.is_none() { bytes.len() as u32 } else { number(words[2].trim_start_matches('+')) };
            let came = answer(Output { bytes: Some(bytes.into()), ..Output::default() });
            (RawStep::Read { ptr: value(ptr), len: Length::Bytes(len) }, refused.or(came))
        }
        ["grow", pages, ref before @ ..] => {
            let came =
                before.last().and_then(|before| answer(Output { pages: Some(number(before)), ..Output::default() }));
            (RawStep::Grow { pages: number(pages) }, refused.or(came))
        }
        ["as", name, "load", ptr, ref came @ ..] => {
            let came = came
                .last()
                .and_then(|came| answer(Output { value: Some(number::<i32>(came).into()), ..Output::default() }));
            (RawStep::Load { ptr: value(ptr), as_name: name.to_owned() }, refused.or(came))
        }
        ["global", export, ref came @ ..] => global(export, None, came, refused),
        ["as", name, "global", export, ref came @ ..] => global(export, Some(name), came, refused),
        ["as", name, "call", export, ref rest @ ..] => called(export.trim_matches('"'), Some(name), rest, refused),
        ["call", export, ref rest @ ..] => called(export.trim_matches('"'), None, rest, refused),
        _ => panic!("no step: {line}"),
    }
}

fn called(export: &str, name: Option<&str>, words: &[&str], refused: Option<Answer>) -> Step {
    let values = |words: &[&str]| words.iter().map(|word| value(word)).collect::<Vec<_>>();
    let end = words.iter().position(|word| ["=", "traps", "unreached"].contains(word));
    let (args, end) = words.split_at(end.unwrap_or(words.len()));
    let as_names = name.map(|name| match name.replace('~', " ") {
        list if list.contains('&') => Names::Each(list.split('&').map(str::to_owned).collect()),
        name => Names::First(name),
    });
    let call = RawStep::Call { export: export.to_owned(), args: values(args), as_names };
    let came = match end {
        ["=", results @ ..] => answer(Output { results: Some(values(results)), ..Output::default() }),
        ["traps"] => Some(Answer::Trap { trap: true, calls: Vec::new(), detail: None }),
        _ => None,
    };
    (call, refused.or(came))
}

fn global(export: &str, name: Option<&str>, came: &[&str], refused: Option<Answer>) -> Step {
    let step = RawStep::Global { export: export.to_owned(), as_name: name.map(str::to_owned) };
    let results = came.last().map(|came| vec![value(came)]);
    (step, refused.or_else(|| answer(Output { results, ..Output::default() })))
}

fn answer(output: Output) -> Option<Answer> {
    Some(Answer::ok(output))
}

fn value(word: &str) -> Value {
    if let Some(name) = word.strip_prefix('$') {
        let (name, offset) = name.split_once('+').unwrap_or((name, "0"));
        Value::Var { var: name.replace('~', " "), plus: number(offset) }
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

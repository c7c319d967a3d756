//! Whether a case makes sense: its expectation fits its operation.

use std::collections::BTreeMap;

use signer_abi::CODES;

use crate::answer::{Answer, Output};
use crate::component;
use crate::expected::{AnswerBytes, AnswerNumber};
use crate::imports::{Behaviour, Import, RawImports, Signature};
use crate::model::{Case, Expect};
use crate::ops::{KeyKind, Length, Op, RawStep, ReadKeyInput, Session, SessionStep, Value, VerifyManyInput};
use crate::value::NUMBER_TYPES;

/// What a `call` of `raw` may answer instead of results.
const CALL_ERRORS: &[&str] = &["NO_EXPORT", TYPE_MISMATCH];

/// What a `read` or a `write` may answer instead.
const MEMORY_ERRORS: &[&str] = &["OUT_OF_BOUNDS", TYPE_MISMATCH];

/// What a `grow` may answer instead.
const GROW_ERRORS: &[&str] = &["REFUSED"];

/// A step whose values have not the types that the module has there.
pub const TYPE_MISMATCH: &str = "TYPE_MISMATCH";

/// What any `raw` operation may answer as a whole: the host cannot make an instance.
pub const NO_INSTANCE: &str = "NO_INSTANCE";

/// What the last step of `raw_deadline` may answer.
pub const CUT_OFF: &str = "CUT_OFF";

/// What `raw_module` may answer as a whole.
pub const MODULE_REFUSED: &str = "MODULE_REFUSED";

/// Everything that is wrong with the case, one line each.
pub(crate) fn problems(case: &Case) -> Vec<String> {
    let mut problems = Vec::new();
    if case.id.is_empty() || !case.id.chars().all(|c| matches!(c, 'a'..='z' | '0'..='9' | '/' | '-')) {
        problems.push("an id is made of a-z, 0-9, / and -".to_owned());
    }
    problems.extend(expectation(&case.op, &case.expect).err().map(|problem| format!("expect: {problem}")));
    if let Some(steps) = case.op.raw_steps() {
        problems.extend(raw_values(steps, &mut Names::new()).err().map(|problem| format!("in.{problem}")));
    }
    if let Op::Wasi(program) = &case.op {
        let unsound = program.dirs.iter().flat_map(|dir| &dir.files).find(|file| !file.is_sound());
        problems.extend(unsound.map(|file| {
            format!("in.dirs: {:?}: it has one of bytes, dir and link, and a path of plain names", file.path)
        }));
        problems.extend(program.steps.as_deref().and_then(|steps| raw_values(steps, &mut Names::new()).err()));
    }
    if let Op::VerifyMany(input) | Op::VerifyManyStrict(input) = &case.op {
        let count = input.items.len();
        let beyond = input.order.iter().flatten().find(|at| **at >= count);
        problems.extend(beyond.map(|at| format!("in.order: {at}: there are {count} items, numbered from 0")));
    }
    if let Op::RawImports(input) = &case.op {
        problems.extend(imports(&input.imports).into_iter().map(|problem| format!("in.{problem}")));
    }
    problems
}

type Checked = Result<(), String>;

fn expectation(op: &Op, expect: &Expect) -> Checked {
    match expect {
        Expect::Trap(true) => match op {
            // Steps trap one by one, and a wrapper reports what a caller can fix as an error.
            Op::Session(_) | Op::Component(_) => Err("trap belongs to a step".to_owned()),
            _ if op.raw_steps().is_some() => Err(format!(
                "trap belongs to a step; a start function that traps leaves no instance: {{\"error\": {NO_INSTANCE:?}}}"
            )),
            _ => Ok(()),
        },
        Expect::Trap(false) => Err("trap is true or absent".to_owned()),
        Expect::Error(name) if op.raw_steps().is_some() || matches!(op, Op::Wasi(_) | Op::Component(_)) => {
            raw_error(op, name)
        }
        Expect::Error(name) => wrapper_error(name),
        Expect::Ok(output) => op_output(op, output),
        Expect::OneOf(all) => each_of(all, |one| expectation(op, one)),
    }
}

/// Checks each of the answers that would be right.
fn each_of<T>(all: &[T], check: impl Fn(&T) -> Checked) -> Checked {
    let mut numbered = all.iter().enumerate();
    numbered.try_for_each(|(at, one)| check(one).map_err(|problem| format!("one_of[{at}]: {problem}")))
}

fn wrapper_error(name: &str) -> Checked {
    // A trap is answered as a trap, never as the error that wrappers report it with.
    let known = CODES.iter().any(|code| code.name == name && name != "TRAPPED");
    if known { Ok(()) } else { Err(format!("{name:?} is no stable name of an error; see the table of codes")) }
}

/// As a whole, a raw case is refused for want of an instance or a module; all else is the answer of a step.
fn raw_error(op: &Op, name: &str) -> Checked {
    let known: &[&str] = match op {
        op if op.wasm().is_some() => &[NO_INSTANCE, MODULE_REFUSED],
        _ => &[NO_INSTANCE],
    };
    if known.contains(&name) {
        return Ok(());
    }
    Err(format!("{} answers step by step, or with the error {}; not {name:?}", op.name(), known.join(" or ")))
}

fn op_output(op: &Op, output: &Output) -> Checked {
    match op {
        Op::PublicKey(_) => exactly(op.name(), output, "public_key"),
        Op::Sign(_) => exactly(op.name(), output, "signature"),
        Op::SignMany(input) => signatures(op.name(), output, input.messages.len()),
        Op::Verify(_) | Op::VerifyStrict(_) => exactly(op.name(), output, "valid"),
        Op::VerifyMany(input) | Op::VerifyManyStrict(input) => verdicts(op.name(), input, output),
        Op::ReadKey(ReadKeyInput { kind: KeyKind::Private, .. }) => {
            exactly(op.name(), &Output { public_key: None, ..output.clone() }, "seed")?;
            exactly(
                op.name(),
                &Output { seed: None, ..output.clone() },
                if output.public_key.is_some() { "public_key" } else { "" },
            )
        }
        Op::ReadKey(_) => exactly(op.name(), output, "public_key"),
        Op::WriteKey(_) => exactly(op.name(), output, "bytes"),
        Op::Add(_) | Op::Divide(_) => {
            exactly(op.name(), output, "value")?;
            is_i32(output)
        }
        Op::Session(session) => {
            exactly(op.name(), output, "steps")?;
            session_steps(session, output.steps.as_deref().unwrap_or_default())
        }
        Op::Wasi(program) => {
            let Output { exit_code: _, stdout: _, stderr: _, dirs, steps, .. } = output;
            exactly(op.name(), &Output { steps: None, ..output.clone() }, "")?;
            if let Some(dirs) = dirs.as_ref().filter(|dirs| dirs.len() != program.dirs.len()) {
                return Err(format!("{} folders, and {} are expected afterwards", program.dirs.len(), dirs.len()));
            }
            match (&program.steps, steps) {
                (Some(asked), Some(answers)) => raw_steps(asked, answers, Ends::Trap),
                (None, None) => Ok(()),
                _ => Err("steps are answered, and answers are to steps".to_owned()),
            }
        }
        Op::Component(calls) => {
            exactly(op.name(), output, "steps")?;
            component_steps(&calls.steps, output.steps.as_deref().unwrap_or_default())
        }
        Op::KeptView(_) => {
            exactly(op.name(), output, "bytes")?;
            match output.bytes.iter().flat_map(AnswerBytes::lengths).find(|len| *len != 4) {
                None => Ok(()),
                Some(len) => Err(format!("{len} bytes for a view of 4")),
            }
        }
        Op::Raw(_) | Op::RawMemoryLimit(_) | Op::RawDeadline(_) | Op::RawModule(_) | Op::RawImports(_) => {
            exactly(op.name(), output, "steps")?;
            let steps = op.raw_steps().unwrap_or_default();
            let ends = match op {
                Op::RawDeadline(_) => Ends::CutOff,
                Op::RawImports(RawImports { after_trap: true, .. }) => Ends::Never,
                _ => Ends::Trap,
            };
            raw_steps(steps, output.steps.as_deref().unwrap_or_default(), ends)
        }
    }
}

fn session_steps(session: &Session, answers: &[Answer]) -> Checked {
    if session.steps.len() != answers.len() {
        return Err(format!("{} steps but {} answers", session.steps.len(), answers.len()));
    }
    session.steps.iter().zip(answers).enumerate().try_for_each(|(index, (step, answer))| {
        session_step(step, answer).map_err(|problem| format!("steps[{index}]: {problem}"))
    })
}

fn session_step(step: &SessionStep, answer: &Answer) -> Checked {
    match answer {
        Answer::Ok { ok } => match step {
            SessionStep::PublicKey(_) | SessionStep::LoadKey(_) => exactly("the step", ok, "public_key"),
            SessionStep::Sign(_) | SessionStep::SignWith(_) => exactly("the step", ok, "signature"),
            SessionStep::SignMany(input) => signatures("the step", ok, input.messages.len()),
            SessionStep::Verify(_) | SessionStep::VerifyStrict(_) => exactly("the step", ok, "valid"),
            SessionStep::Wipe(_) | SessionStep::Close(_) => exactly("the step", ok, ""),
        },
        Answer::Error { error, detail: None } => wrapper_error(error),
        Answer::Trap { detail: None, .. } => Ok(()),
        Answer::OneOf { one_of } => each_of(one_of, |one| session_step(step, one)),
        other => Err(not_expectable(other)),
    }
}

/// What ends the answers before the steps do.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ends {
    Never,
    Trap,
    /// That, or a call that takes too long.
    CutOff,
}

fn raw_steps(steps: &[RawStep], answers: &[Answer], ends: Ends) -> Checked {
    let has_deadline = ends == Ends::CutOff;
    let trap = answers.iter().position(|answer| matches!(answer, Answer::Trap { .. }));
    if let Some(at) = trap.filter(|at| ends != Ends::Never && at + 1 < answers.len()) {
        return Err(format!("steps[{at}]: a trap ends the answers, and {} follow", answers.len() - at - 1));
    }
    let is_cut_off = |answer: &Answer| matches!(answer, Answer::Error { error, .. } if error == CUT_OFF);
    let ends_early = match answers.last() {
        Some(Answer::Trap { .. }) => ends != Ends::Never,
        Some(last) => has_deadline && is_cut_off(last),
        None => false,
    };
    let lengths_fit = if ends_early { answers.len() <= steps.len() } else { answers.len() == steps.len() };
    if !lengths_fit {
        return Err(format!("{} steps but {} answers", steps.len(), answers.len()));
    }
    steps.iter().zip(answers).enumerate().try_for_each(|(index, (step, answer))| {
        let is_last = index + 1 == answers.len();
        let checked = match answer {
            Answer::OneOf { one_of } => each_of(one_of, |one| match one {
                Answer::Trap { .. } if ends != Ends::Never && !is_last => {
                    Err("a trap ends the answers: write the \"one_of\" around all that is expected".to_owned())
                }
                one => raw_step(step, one, has_deadline && is_last),
            }),
            answer => raw_step(step, answer, has_deadline && is_last),
        };
        checked.map_err(|problem| format!("steps[{index}]: {problem}"))
    })
}

fn raw_step(step: &RawStep, answer: &Answer, may_be_cut_off: bool) -> Checked {
    match answer {
        Answer::Ok { ok } => match step {
            RawStep::Call { .. } => exactly("a call", ok, "results"),
            RawStep::Write { .. } => exactly("a write", ok, ""),
            RawStep::Read { len, .. } => {
                exactly("a read", ok, "bytes")?;
                let Length::Bytes(len) = len else { return Ok(()) };
                match ok.bytes.iter().flat_map(AnswerBytes::lengths).find(|read| *read != u64::from(*len)) {
                    Some(read) => Err(format!("{read} bytes for a read of {len}")),
                    None => Ok(()),
                }
            }
            RawStep::Pages {} => exactly("pages", ok, "pages"),
            RawStep::Grow { .. } => exactly("grow", ok, "pages"),
            RawStep::Load { .. } => {
                exactly("a load", ok, "value")?;
                is_i32(ok)
            }
            RawStep::Global { .. } => exactly("global", ok, "results"),
        },
        Answer::Error { detail: Some(_), .. } => Err(not_expectable(answer)),
        Answer::Error { error, .. } if may_be_cut_off && error == CUT_OFF => Ok(()),
        Answer::Error { error, .. } => step_error(step, error),
        Answer::Trap { detail: None, .. } => Ok(()),
        other => Err(not_expectable(other)),
    }
}

/// What is expected of a component: a trap is the last answer.
fn component_steps(steps: &[component::Step], answers: &[Answer]) -> Checked {
    let trap = answers.iter().position(|answer| matches!(answer, Answer::Trap { .. }));
    let expected = trap.map_or(steps.len(), |at| at + 1);
    if answers.len() != expected || expected > steps.len() {
        return Err(format!("{} steps but {} answers; a trap ends the answers", steps.len(), answers.len()));
    }
    let mut all = steps.iter().zip(answers).enumerate();
    all.try_for_each(|(at, (step, answer))| {
        component_step(step, answer).map_err(|problem| format!("steps[{at}]: {problem}"))
    })
}

fn component_step(step: &component::Step, answer: &Answer) -> Checked {
    let known = match step {
        component::Step::Call { .. } => component::CALL_ERRORS,
        component::Step::Drop { .. } => &[component::NO_HANDLE],
    };
    match answer {
        // A function may have no result.
        Answer::Ok { ok } if matches!(step, component::Step::Call { .. }) && ok.result.is_some() => {
            exactly("a call", ok, "result")
        }
        Answer::Ok { ok } => exactly("the step", ok, ""),
        Answer::Error { error, detail: None } if known.contains(&error.as_str()) => Ok(()),
        Answer::Error { error, detail: None } => {
            Err(format!("{error:?} is no error of the step: these are {}", known.join(", ")))
        }
        Answer::Trap { detail: None, .. } => Ok(()),
        Answer::OneOf { one_of } => each_of(one_of, |one| component_step(step, one)),
        other => Err(not_expectable(other)),
    }
}

/// Whether what is expected as `value` is an i32.
fn is_i32(output: &Output) -> Checked {
    match output.value.as_ref().map(AnswerNumber::value) {
        Some(value) => match value.type_name() {
            Some("i32") | None => Ok(()),
            Some(other) => Err(format!("its value is an i32, not an {other}")),
        },
        None => Ok(()),
    }
}

fn step_error(step: &RawStep, error: &str) -> Checked {
    let (what, known) = match step {
        RawStep::Call { .. } => ("a call", CALL_ERRORS),
        RawStep::Write { .. } | RawStep::Read { .. } | RawStep::Load { .. } => ("a read or a write", MEMORY_ERRORS),
        RawStep::Global { .. } => ("global", CALL_ERRORS),
        RawStep::Grow { .. } => ("grow", GROW_ERRORS),
        RawStep::Pages {} => return Err(format!("pages has no errors, and {error:?} is expected")),
    };
    if known.contains(&error) {
        return Ok(());
    }
    Err(format!("{error:?} is no error of {what}: these are {}", known.join(", ")))
}

/// The names that steps may use, each with its type if that is known here.
type Names<'a> = BTreeMap<&'a str, Option<&'a str>>;

/// Whether every name was given before it is used. `names` are there from the start; those of the steps are added.
fn raw_values<'a>(steps: &'a [RawStep], names: &mut Names<'a>) -> Checked {
    steps.iter().enumerate().try_for_each(|(index, step)| {
        let used: Vec<&Value> = match step {
            RawStep::Call { args, .. } => args.iter().collect(),
            RawStep::Read { ptr, len: Length::Value(len) } => vec![ptr, len],
            RawStep::Write { ptr, .. } | RawStep::Read { ptr, .. } | RawStep::Load { ptr, .. } => vec![ptr],
            RawStep::Pages {} | RawStep::Grow { .. } | RawStep::Global { .. } => Vec::new(),
        };
        used.into_iter()
            .try_for_each(|value| type_of(value, names).map(|_| ()))
            .map_err(|problem| format!("steps[{index}]: {problem}"))?;
        match step {
            RawStep::Call { as_names: Some(given), .. } => {
                names.extend(given.as_slice().iter().map(|name| (name.as_str(), None)));
            }
            RawStep::Global { as_name: Some(name), .. } => {
                names.insert(name, None);
            }
            RawStep::Load { as_name, .. } => {
                names.insert(as_name, Some("i32"));
            }
            _ => {}
        }
        Ok(())
    })
}

/// Everything that is wrong with what a host provides, one line each.
pub(crate) fn imports(all: &[Import]) -> Vec<String> {
    let names: Vec<_> = all.iter().map(|one| (&one.module, &one.name)).collect();
    let twice = names.iter().enumerate().find(|(at, name)| names[..*at].contains(name));
    let twice = twice.map(|(at, (module, name))| format!("imports[{at}]: {module}.{name} is there twice"));
    let wrong = all.iter().enumerate().filter_map(|(at, one)| Some(format!("imports[{at}]{}", import(one).err()?)));
    twice.into_iter().chain(wrong).collect()
}

/// Whether an import is exactly one thing, its types are known, and its calls can do what they say.
fn import(import: &Import) -> Checked {
    let Import { func, calls, memory, table, global, mutable, .. } = import;
    let kinds = [func.is_some(), memory.is_some(), table.is_some(), global.is_some()];
    if kinds.into_iter().filter(|is_there| *is_there).count() != 1 {
        return Err(": it has one of func, memory, table and global".to_owned());
    }
    if *mutable && global.is_none() || !calls.is_empty() && func.is_none() {
        return Err(": only a global is mutable, and only a function has calls".to_owned());
    }
    if matches!(global, Some(Value::Var { .. })) {
        return Err(".global: its value is a number".to_owned());
    }
    let Some(Signature { params, results }) = func else { return Ok(()) };
    let known = NUMBER_TYPES;
    if let Some(unknown) = params.iter().chain(results).find(|ty| !known.contains(&ty.as_str())) {
        return Err(format!(".func: {unknown:?} is no type; there are {}", known.join(", ")));
    }
    let args: Vec<String> = (0..params.len()).map(|at| format!("arg{at}")).collect();
    calls.iter().enumerate().try_for_each(|(at, call)| {
        let typed = args.iter().zip(params).map(|(arg, ty)| (arg.as_str(), Some(ty.as_str())));
        let problem = behaviour(call, results, typed.collect()).err();
        problem.map_or(Ok(()), |problem| Err(format!(".calls[{at}]{problem}")))
    })
}

fn behaviour<'a>(call: &'a Behaviour, results: &[String], mut names: Names<'a>) -> Checked {
    raw_values(&call.steps, &mut names).map_err(|problem| format!(".{problem}"))?;
    let Some(returned) = &call.results else { return Ok(()) };
    if call.throw.is_some() {
        return Err(": it returns results or throws, not both".to_owned());
    }
    let types: Result<Vec<_>, String> = returned.iter().map(|value| type_of(value, &names)).collect();
    let types = types.map_err(|problem| format!(".results: {problem}"))?;
    let fits = |(ty, wanted): (&Option<&str>, &String)| ty.is_none_or(|ty| ty == wanted);
    if types.len() != results.len() || !types.iter().zip(results).all(fits) {
        let types: Vec<&str> = types.into_iter().map(|ty| ty.unwrap_or("a name")).collect();
        return Err(format!(".results: ({}) instead of ({})", types.join(", "), results.join(", ")));
    }
    Ok(())
}

/// The type of a value, if it is known here; or why it makes no sense.
fn type_of<'a>(value: &'a Value, names: &Names<'a>) -> Result<Option<&'a str>, String> {
    let Value::Var { var, .. } = value else { return Ok(value.type_name()) };
    names.get(var.as_str()).copied().ok_or_else(|| {
        let known = match names.len() {
            0 => String::new(),
            _ => format!("; named so far: {}", names.keys().copied().collect::<Vec<_>>().join(", ")),
        };
        format!("no call before this step is named {var:?} (\"as\"){known}")
    })
}

fn signatures(what: &str, output: &Output, messages: usize) -> Checked {
    exactly(what, output, "signatures")?;
    match output.signatures.as_ref().map(Vec::len) {
        Some(count) if count == messages => Ok(()),
        count => Err(format!("{} signatures for {messages} messages", count.unwrap_or_default())),
    }
}

fn verdicts(what: &str, input: &VerifyManyInput, output: &Output) -> Checked {
    exactly(what, output, "verdicts")?;
    match output.verdicts.iter().flat_map(AnswerBytes::lengths).find(|len| *len != input.len() as u64) {
        Some(len) => Err(format!("{len} verdicts for {} signatures", input.len())),
        None => Ok(()),
    }
}

/// Whether the output has this one field (none for ""), with bytes of the right length.
fn exactly(what: &str, output: &Output, field: &str) -> Checked {
    let Output {
        seed,
        public_key,
        signature,
        signatures,
        valid,
        verdicts,
        value,
        steps,
        results,
        result,
        bytes,
        pages,
        ..
    } = output;
    // Any answer may list calls of host functions. The other fields belong to WASI programs.
    let Output { calls: _, exit_code: _, stdout: _, stderr: _, dirs: _, .. } = output;
    let there = [
        ("seed", seed.is_some()),
        ("public_key", public_key.is_some()),
        ("signature", signature.is_some()),
        ("signatures", signatures.is_some()),
        ("valid", valid.is_some()),
        ("verdicts", verdicts.is_some()),
        ("value", value.is_some()),
        ("steps", steps.is_some()),
        ("results", results.is_some()),
        ("result", result.is_some()),
        ("bytes", bytes.is_some()),
        ("pages", pages.is_some()),
    ];
    let found: Vec<&str> = there.iter().filter(|(_, there)| *there).map(|(name, _)| *name).collect();
    let wanted: &[&str] = if field.is_empty() { &[] } else { &[field] };
    if found != wanted {
        return Err(format!("{what} answers {wanted:?}, not {found:?}"));
    }
    if let Some(len) = seed.iter().chain(public_key).flat_map(AnswerBytes::lengths).find(|len| *len != 32) {
        return Err(format!("a key of {len} bytes"));
    }
    let mut lengths = signature.iter().chain(signatures.iter().flatten()).flat_map(AnswerBytes::lengths);
    match lengths.find(|len| *len != 64) {
        Some(len) => Err(format!("a signature of {len} bytes")),
        None => Ok(()),
    }
}

fn not_expectable(answer: &Answer) -> String {
    match answer {
        Answer::Unsupported { .. } => "\"unsupported\" cannot be expected".to_owned(),
        _ => "a \"detail\" is never judged: leave it out".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{assert_has, table};

    fn problems_of(op: &str, expect: &str) -> Vec<String> {
        let json = format!(r#"{{"id":"a/b",{op},"flags":[],"expect":{expect}}}"#);
        problems(&serde_json::from_str(&json).unwrap_or_else(|error| panic!("{error}: {json}")))
    }

    #[test]
    fn an_expectation_fits_its_operation() {
        let ops = [
            ("sign", r#""op":"sign","in":{"keypair":"","message":""}"#),
            ("many", r#""op":"sign_many","in":{"keypair":"","messages":["",""]}"#),
            (
                "session",
                r#""op":"session","in":{"keypair":"","steps":[{"op":"wipe","in":{}},{"op":"public_key","in":{}}]}"#,
            ),
            (
                "raw",
                r#""op":"raw","in":{"steps":[{"do":"call","export":"f","as":"p"},{"do":"read","ptr":{"var":"p"},"len":2}]}"#,
            ),
            ("limit", r#""op":"raw_memory_limit","in":{"max_pages":1,"steps":[]}"#),
            ("deadline", r#""op":"raw_deadline","in":{"deadline_ms":100,"steps":[]}"#),
            ("module", r#""op":"raw_module","in":{"wasm":"0061736d01000000","steps":[]}"#),
            ("bad_var", r#""op":"raw","in":{"steps":[{"do":"read","ptr":{"var":"p"},"len":2}]}"#),
        ];
        let expectations = r#"
            sign {"trap":true} => fits
            sign {"ok":{"signature":{"length":64}}} => fits
            sign {"ok":{"signature":{"length":63}}} => a signature of 63 bytes
            sign {"ok":{"signature":{"one_of":[{"sha256":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"},"00"]}}} => a signature of 1 bytes
            sign {"one_of":[{"error":"KEY_LENGTH"},{"trap":true}]} => fits
            sign {"one_of":[{"error":"KEY_LENGTH"},{"ok":{}}]} => one_of[1]: sign answers ["signature"], not []
            raw {"one_of":[{"error":"NO_INSTANCE"},{"ok":{"steps":[{"trap":true}]}}]} => fits
            raw {"ok":{"steps":[{"one_of":[{"trap":true},{"ok":{"results":[]}}]},{"ok":{"bytes":"0000"}}]}} => steps[0]: one_of[0]: a trap ends the answers: write the "one_of" around all
            raw {"ok":{"steps":[{"ok":{"results":[{"any":"i32"}]}},{"one_of":[{"trap":true},{"ok":{"bytes":{"length":2}}}]}]}} => fits
            raw {"ok":{"steps":[{"ok":{"results":[]}},{"ok":{"bytes":{"length":1}}}]}} => 1 bytes for a read of 2
            sign {"error":"KEY_LENGTH"} => fits
            sign {"trap":false} => true or absent
            sign {"error":"KEY_LENGHT"} => no stable name
            sign {"error":"TRAPPED"} => no stable name
            sign {"ok":{}} => sign answers ["signature"], not []
            sign {"ok":{"signature":"00"}} => a signature of 1 bytes
            many {"ok":{"signatures":[]}} => 0 signatures for 2 messages
            session {"ok":{"steps":[{"ok":{}},{"error":"NO_KEY"}]}} => fits
            session {"error":"KEY_LENGTH"} => fits
            session {"trap":true} => belongs to a step
            session {"ok":{"steps":[{"ok":{}}]}} => 2 steps but 1 answers
            session {"ok":{"steps":[{"ok":{}},{"ok":{"valid":true}}]}} => steps[1]: the step answers
            session {"ok":{"steps":[{"ok":{}},{"trap":true,"detail":"x"}]}} => never judged
            session {"ok":{"steps":[{"ok":{}},{"unsupported":"x"}]}} => cannot be expected
            raw {"ok":{"steps":[{"ok":{"results":[{"var":"p"}]}},{"ok":{"bytes":"0000"}}]}} => fits
            raw {"ok":{"steps":[{"trap":true}]}} => fits
            raw {"ok":{"steps":[{"trap":true},{"ok":{"bytes":"0000"}}]}} => a trap ends
            raw {"ok":{"steps":[{"ok":{"results":[]}},{"ok":{"bytes":"00"}}]}} => 1 bytes for a read of 2
            raw {"ok":{"steps":[{"error":"NO_KEY"},{"error":"OUT_OF_BOUNDS"}]}} => steps[0]: "NO_KEY" is no error of a call: these are NO_EXPORT, TYPE_MISMATCH
            raw {"ok":{"steps":[{"error":"TYPE_MISMATCH"},{"error":"NO_EXPORT"}]}} => steps[1]: "NO_EXPORT" is no error of a read
            raw {"ok":{"steps":[{"error":"NO_EXPORT","detail":"x"},{"error":"OUT_OF_BOUNDS"}]}} => never judged
            raw {"error":"NO_EXPORT"} => step by step
            raw {"error":"MODULE_REFUSED"} => step by step
            raw {"error":"NO_INSTANCE"} => fits
            limit {"error":"NO_INSTANCE"} => fits
            deadline {"error":"NO_INSTANCE"} => fits
            module {"error":"NO_INSTANCE"} => fits
            module {"error":"MODULE_REFUSED"} => fits
            module {"ok":{"steps":[]}} => fits
            module {"trap":true} => NO_INSTANCE
            bad_var {"ok":{"steps":[{"ok":{"bytes":"0000"}}]}} => is named "p"
        "#;
        for (given, said) in table(expectations) {
            let (name, expect) = given.split_once(' ').unwrap();
            let (_, op) = ops.iter().find(|(known, _)| *known == name).unwrap();
            let problems = problems_of(op, expect);
            if said == "fits" {
                assert!(problems.is_empty(), "{given}: {problems:?}");
            } else {
                assert_eq!(problems.len(), 1, "{given}: {problems:?}");
                assert_has(&problems[0], said);
            }
        }
    }
}

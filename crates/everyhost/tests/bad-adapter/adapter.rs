//! An adapter that is bad on purpose, in the way that its first argument names. Only the runner's tests use it.
//!
//! What is special happens where the first operand is [`TRIGGER`], so that one sees what becomes of the cases before
//! and after it.

use std::io::{self, BufRead, BufWriter, Write};
use std::path::Path;
use std::process::{self, Command};
use std::time::Duration;
use std::{env, fs, thread};

use everyhost::manifest::sha256_hex;
use serde_json::{Value, json};
use wasmparser::{Operator, Parser, Payload};

const TRIGGER: i64 = 3;

fn main() {
    let mode = env::args().nth(1).expect("the first argument names what is bad");
    // Flushed by hand only: what is not flushed stays in the buffer, as in most languages.
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout());
    let mut modules: Vec<(String, Vec<u8>)> = Vec::new();
    for line in io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line.unwrap()).unwrap();
        if request["cmd"] == "hello" {
            modules = load(&request);
            say_hello(&mode, &modules, &mut out);
        } else {
            let module = modules.iter().find(|(name, _)| request["module"] == **name);
            answer(
                &mode,
                &request,
                module.map_or(&[][..], |(_, wasm)| wasm),
                &mut out,
            );
        }
    }
    match mode.as_str() {
        "bad-end" => {
            eprintln!("could not say goodbye");
            process::exit(7)
        }
        "lingers" => hang(),
        "unflushed-hello" | "unflushed" => out.flush().unwrap(),
        // What is still in the buffer is lost.
        _ => drop(out.into_parts()),
    }
}

fn load(request: &Value) -> Vec<(String, Vec<u8>)> {
    let read = |file: &Value| {
        let path = Path::new(file["path"].as_str().unwrap());
        if path.as_os_str().is_empty() {
            Vec::new()
        } else {
            fs::read(path).unwrap()
        }
    };
    let modules = request["modules"].as_object().unwrap().iter();
    modules.map(|(name, file)| (name.clone(), read(file))).collect()
}

fn say_hello(mode: &str, modules: &[(String, Vec<u8>)], out: &mut impl Write) {
    let mut loaded: serde_json::Map<String, Value> = modules
        .iter()
        .map(|(name, wasm)| {
            (
                name.clone(),
                json!({"sha256": sha256_hex(wasm), "ops": ["add", "divide"]}),
            )
        })
        .collect();
    let mut protocol = 1;
    match mode {
        "silent" => return,
        "crash-at-hello" => {
            eprintln!("cannot load the module");
            process::exit(1)
        }
        "no-modules" => loaded.clear(),
        "claims-fewer" => loaded
            .values_mut()
            .for_each(|module| module["ops"] = json!(["add"])),
        "other-module" => loaded
            .values_mut()
            .for_each(|module| module["sha256"] = sha256_hex(b"another").into()),
        "refuses" => loaded
            .values_mut()
            .for_each(|module| (module["ops"], module["refused"]) = (json!([]), json!("no SIMD here"))),
        "other-protocol" => protocol = 2,
        _ => {}
    }
    let hello = json!({"protocol": protocol, "host": "bad", "version": mode, "runtime": "<b>no runtime", "os": "test", "modules": loaded});
    writeln!(out, "{hello}").unwrap();
    if mode != "unflushed-hello" {
        out.flush().unwrap();
    }
}

fn answer(mode: &str, request: &Value, module: &[u8], out: &mut impl Write) {
    let seq = request["seq"].as_u64().unwrap();
    let (a, b) = (
        request["in"]["a"].as_i64().unwrap(),
        request["in"]["b"].as_i64().unwrap(),
    );
    let is_divide = request["op"] == "divide";
    let mut reply = match (mode, is_divide) {
        ("claims-more", true) => json!({"unsupported": "no division here"}),
        (_, true) if b == 0 => json!({"trap": true, "detail": "divide by zero, in my own words"}),
        (_, true) => json!({"ok": {"value": a / b}}),
        ("without-module", false) => json!({"ok": {"value": a + b}}),
        (_, false) if module.is_empty() => json!({"ok": {"value": a + b}}),
        (_, false) => json!({"ok": {"value": interpret(module, a, b)}}),
    };
    reply["seq"] = seq.into();
    if mode == "crash-always" || mode == "twice-always" || (a == TRIGGER && !is_divide) {
        let go_on = misbehave(mode, seq, &mut reply, out);
        if !go_on {
            return;
        }
    }
    writeln!(out, "{reply}").unwrap();
    if mode != "unflushed" && mode != "unflushed-hello" {
        out.flush().unwrap();
    }
}

/// Does what the mode is about, and says whether the reply is still to be sent.
fn misbehave(mode: &str, seq: u64, reply: &mut Value, out: &mut impl Write) -> bool {
    match mode {
        "wrong-answer" => reply["ok"]["value"] = json!(-1),
        "crash" | "crash-always" => {
            eprintln!("out of luck");
            process::exit(3)
        }
        "abort" => process::abort(),
        "half-an-answer" => {
            write!(out, "{{\"seq\":{seq},").unwrap();
            out.flush().unwrap();
            process::exit(0)
        }
        "hang" => hang(),
        "hang-with-child" => {
            #[expect(clippy::zombie_processes, reason = "the runner is to end it")]
            let child = Command::new("sleep").arg("600").spawn().unwrap();
            let pids = format!("{} {}", process::id(), child.id());
            fs::write(env::args().nth(2).expect("the second argument is a file"), pids).unwrap();
            hang()
        }
        "twice" | "twice-always" => writeln!(out, "{reply}").unwrap(),
        "twice-later" => {
            writeln!(out, "{reply}").unwrap();
            out.flush().unwrap();
            thread::sleep(Duration::from_millis(30));
        }
        "not-json" => writeln!(out, "one moment, please").unwrap(),
        "endless" => loop {
            if out.write_all(&[b'x'; 1 << 16]).is_err() {
                process::exit(0)
            }
        },
        "wrong-seq" => reply["seq"] = json!(seq + 1000),
        "two-kinds" => reply["error"] = json!("KEY_LENGTH"),
        "unknown-field" => reply["note"] = json!("it works on my machine"),
        _ => {}
    }
    true
}

fn hang() -> ! {
    loop {
        thread::sleep(Duration::from_secs(600));
    }
}

/// Runs the module's only function, which has two parameters: enough of an interpreter to be honest.
fn interpret(module: &[u8], a: i64, b: i64) -> i32 {
    let locals = [i32::try_from(a).unwrap(), i32::try_from(b).unwrap()];
    let mut stack: Vec<i32> = Vec::new();
    for payload in Parser::new(0).parse_all(module) {
        let Payload::CodeSectionEntry(body) = payload.unwrap() else {
            continue;
        };
        for operator in body.get_operators_reader().unwrap() {
            match operator.unwrap() {
                Operator::LocalGet { local_index } => stack.push(locals[local_index as usize]),
                Operator::I32Add => {
                    let (right, left) = (stack.pop().unwrap(), stack.pop().unwrap());
                    stack.push(left.wrapping_add(right));
                }
                Operator::I32Sub => {
                    let (right, left) = (stack.pop().unwrap(), stack.pop().unwrap());
                    stack.push(left.wrapping_sub(right));
                }
                Operator::End => {}
                other => panic!("{other:?} is beyond this interpreter"),
            }
        }
    }
    stack.pop().unwrap()
}

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

/// Clears a screen, gives commands to a CI service, turns lines round, and is no XML.
const HOSTILE: &str =
    "\u{1b}[2J\u{9b}31m\u{7f}\n::error::hostile\n##[error]hostile\r\u{202e}\u{2066}\u{2028}\u{fffe}\u{ffff}\0end";

fn main() {
    let mode = env::args().nth(1).expect("the first argument names what is bad");
    // Flushed by hand only: what is not flushed stays in the buffer, as in most languages.
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout());
    let mut modules: Vec<(String, Vec<u8>)> = Vec::new();
    let mut last = i64::MIN;
    for line in io::stdin().lock().lines() {
        let request: Value = serde_json::from_str(&line.unwrap()).unwrap();
        if request["cmd"] == "hello" {
            modules = load(&request);
            say_hello(&mode, &modules, &mut out);
        } else {
            let module = modules.iter().find(|(name, _)| request["module"] == **name);
            let a = request["in"]["a"].as_i64().unwrap();
            let is_disturbed = mode == "remembers" && request["op"] == "add" && a < last;
            last = a;
            answer(
                if is_disturbed { "wrong-answer-always" } else { &mode },
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
        // Its child talks on, on the stdout that both have.
        "child-talks" => drop(Command::new("sh").args(["-c", "while :; do echo x; sleep 0.1; done"]).spawn().unwrap()),
        "becomes-yes" => {
            use std::os::unix::process::CommandExt;
            panic!("{}", Command::new("yes").exec())
        }
        "unflushed-hello" | "unflushed" => out.flush().unwrap(),
        // What is still in the buffer is lost.
        _ => drop(out.into_parts()),
    }
}

fn load(request: &Value) -> Vec<(String, Vec<u8>)> {
    let read = |file: &Value| {
        let path = Path::new(file["path"].as_str().unwrap());
        if path.as_os_str().is_empty() { Vec::new() } else { fs::read(path).unwrap() }
    };
    let modules = request["modules"].as_object().unwrap().iter();
    modules.map(|(name, file)| (name.clone(), read(file))).collect()
}

fn say_hello(mode: &str, modules: &[(String, Vec<u8>)], out: &mut impl Write) {
    let mut loaded: serde_json::Map<String, Value> = modules
        .iter()
        .map(|(name, wasm)| (name.clone(), json!({"sha256": sha256_hex(wasm), "ops": ["add", "divide"]})))
        .collect();
    let mut protocol = 1;
    match mode {
        "silent" => return,
        "crash-at-hello" => {
            eprintln!("cannot load the module");
            process::exit(1)
        }
        "no-modules" => loaded.clear(),
        "claims-fewer" => loaded.values_mut().for_each(|module| module["ops"] = json!(["add"])),
        "other-module" => loaded.values_mut().for_each(|module| module["sha256"] = sha256_hex(b"another").into()),
        "refuses" => loaded
            .values_mut()
            .for_each(|module| (module["ops"], module["refused"]) = (json!([]), json!("no SIMD here"))),
        "other-protocol" => protocol = 2,
        "hostile-refuses" => {
            loaded.values_mut().for_each(|module| (module["ops"], module["refused"]) = (json!([]), json!(HOSTILE)))
        }
        _ => {}
    }
    let host = if mode.starts_with("hostile") { HOSTILE } else { "bad" };
    let hello = json!({"protocol": protocol, "host": host, "version": mode, "runtime": "<b>no runtime", "os": "test", "modules": loaded});
    writeln!(out, "{hello}").unwrap();
    if mode != "unflushed-hello" {
        out.flush().unwrap();
    }
}

fn answer(mode: &str, request: &Value, module: &[u8], out: &mut impl Write) {
    let seq = request["seq"].as_u64().unwrap();
    let (a, b) = (request["in"]["a"].as_i64().unwrap(), request["in"]["b"].as_i64().unwrap());
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
    if mode.ends_with("-always") || (a == TRIGGER && !is_divide) {
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
        "wrong-answer" | "wrong-answer-always" => reply["ok"]["value"] = json!(-1),
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
        "leaves-children" => {
            let pids = env::args().nth(2).expect("the second argument is a file");
            // One in a session of its own, one that has lost its parent too, and both busy.
            let busy = format!("echo $$ >>{pids}; while :; do :; done");
            let script = format!("setsid sh -c '{busy}' & (setsid sh -c '{busy}' &) ; sleep 0.5");
            let started = Command::new("sh").args(["-c", &script]).status().unwrap();
            assert!(started.success());
            if env::args().nth(3).as_deref() == Some("hang") {
                fs::write(format!("{pids}.ready"), "").unwrap();
                hang()
            }
        }
        "takes-memory" => {
            let taken = vec![1_u8; 300 << 20];
            assert_eq!(std::hint::black_box(&taken)[7], 1);
            hang()
        }
        "hostile-error" => *reply = json!({"seq": seq, "error": HOSTILE}),
        "hostile-trap" => *reply = json!({"seq": seq, "trap": true, "detail": HOSTILE}),
        "hostile-unsupported" => *reply = json!({"seq": seq, "unsupported": HOSTILE}),
        "hostile-crash" => {
            eprintln!("{HOSTILE}");
            process::exit(3)
        }
        "hostile-line" => writeln!(out, "{}", HOSTILE.replace('\n', " ")).unwrap(),
        "long-words" => *reply = json!({"seq": seq, "unsupported": "x".repeat(8 << 20)}),
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
        "key-twice" => {
            writeln!(out, "{{\"seq\":{seq},\"ok\":{{\"value\":0,\"value\":{}}}}}", reply["ok"]["value"]).unwrap();
            out.flush().unwrap();
            return false;
        }
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

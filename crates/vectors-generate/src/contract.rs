//! What the contract (hosts/CONTRACT.md) says of raw steps, on modules that come with the request: which memory it is, what
//! is out of bounds, instances that cannot be made, arguments of other types, and names of every kind. No module of a
//! compiler has all of that, and every host has to answer it alike.

use super::build::{self, case, error, made_here};
use super::raw::{Steps, call};
use vectors::check::{NO_INSTANCE, TYPE_MISMATCH};
use vectors::model::{Case, Face, Suite};
use vectors::ops::{Op, RawModule, Value};
use vectors::protocol::Answer;

const FLAGS: &[(&str, &str)] = &[
    (
        "WhichMemory",
        "which of a module's memories it is, by its name or its place",
    ),
    ("Bounds", "a pointer and a length, both unsigned, up to 2^32-1"),
    (
        "Instance",
        "the module is sound, and its instance can be made or not",
    ),
    (
        "Types",
        "a call with other arguments than the function takes: it is refused, and nothing is called",
    ),
    (
        "Names",
        "names of exports that mean something to another language, or that text functions change",
    ),
    (
        "Again",
        "after what went wrong, the next step or the next request is answered as ever",
    ),
    (
        "Newer",
        "takes a feature beyond WebAssembly 1.0 that a host may lack: such a host refuses the module",
    ),
    ("Huge", "takes 4 GiB of addresses, or more than any host has"),
];

const PAGE: i32 = 65_536;

pub(super) fn suite() -> Suite {
    let cases = [memories(), bounds(), huge(), instances(), types(), names()].concat();
    build::suite(
        "contract",
        Face::Probe,
        made_here("the WebAssembly specification, and hosts/CONTRACT.md"),
        FLAGS,
        cases,
    )
}

fn on(id: &str, flags: &[&str], comment: &str, wat: &str, steps: Steps) -> Case {
    let (steps, expect) = steps.parts();
    case(
        format!("contract/{id}"),
        flags,
        comment,
        module(wat, steps),
        expect,
    )
}

fn no_instance(id: &str, flags: &[&str], comment: &str, wat: &str) -> Case {
    let (steps, _) = Steps::new().pages(1).parts();
    case(
        format!("contract/{id}"),
        flags,
        comment,
        module(wat, steps),
        error(NO_INSTANCE),
    )
}

fn module(wat: &str, steps: Vec<vectors::ops::RawStep>) -> Op {
    let wasm = wat::parse_str(wat).expect("the modules of this suite are sound");
    Op::RawModule(RawModule {
        wasm: wasm.into(),
        steps,
    })
}

fn memories() -> Vec<Case> {
    let flags = &["WhichMemory"];
    vec![
        on(
            "memory/of-another-name",
            flags,
            "the first memory that is exported, whatever its name",
            r#"(module (memory (export "mem") 2) (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))"#,
            Steps::new()
                .pages(2)
                .write((PAGE - 2).into(), [1, 2, 3, 4])
                .read((PAGE - 2).into(), [1, 2, 3, 4])
                .call("load", &[(PAGE - 2).into()], &[0x0403_0201.into()]),
        ),
        on(
            "memory/a-function-is-called-memory",
            flags,
            "the name does not make it one: the memory is the one that is called mem",
            r#"(module (func (export "memory") (result i32) (i32.const 7)) (memory (export "mem") 1))"#,
            Steps::new()
                .pages(1)
                .call("memory", &[], &[7.into()])
                .write(0.into(), [9])
                .read(0.into(), [9, 0]),
        ),
        on(
            "memory/a-global-is-called-memory",
            flags,
            "no memory, and no function either",
            r#"(module (global (export "memory") i32 (i32.const 7)) (func (export "seven") (result i32) (global.get 0)))"#,
            Steps::new()
                .pages(0)
                .call_without_export("memory", &[])
                .call("seven", &[], &[7.into()]),
        ),
        on(
            "memory/none",
            flags,
            "as if it were one of 0 pages",
            r#"(module (func (export "seven") (result i32) (i32.const 7)))"#,
            Steps::new()
                .pages(0)
                .read(0.into(), [0_u8; 0])
                .write(0.into(), [0_u8; 0])
                .read_out_of_bounds(0.into(), 1)
                .write_out_of_bounds(0.into(), [1])
                .read_out_of_bounds(1.into(), 0)
                .call("seven", &[], &[7.into()]),
        ),
        on(
            "memory/not-exported",
            flags,
            "the module has one, and shows it to nobody",
            r#"(module (memory 1) (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))"#,
            Steps::new()
                .pages(0)
                .read_out_of_bounds(0.into(), 1)
                .read(0.into(), [0_u8; 0])
                .call("load", &[0.into()], &[0.into()]),
        ),
        on(
            "memory/of-0-pages",
            flags,
            "and then of one",
            r#"(module (memory (export "memory") 0) (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0))))"#,
            Steps::new()
                .pages(0)
                .read(0.into(), [0_u8; 0])
                .read_out_of_bounds(0.into(), 1)
                .call("grow", &[1.into()], &[0.into()])
                .pages(1)
                .write((PAGE - 1).into(), [5])
                .read((PAGE - 1).into(), [5]),
        ),
        on(
            "memory/two-names",
            flags,
            "one memory, exported twice",
            r#"(module (memory (export "a") (export "memory") 1))"#,
            Steps::new().pages(1).write(8.into(), [1]).read(8.into(), [1]),
        ),
        on(
            "memory/first-of-two",
            &["WhichMemory", "Newer"],
            "in the order of the exports, not of the memories",
            r#"(module (memory $a 1) (memory $b 2) (export "b" (memory $b)) (export "a" (memory $a)))"#,
            Steps::new().pages(2).write((2 * PAGE - 1).into(), [1]),
        ),
        on(
            "memory/named-one-of-two",
            &["WhichMemory", "Newer"],
            "the one called memory goes before the first",
            r#"(module (memory $a 1) (memory $b 2) (export "b" (memory $b)) (export "memory" (memory $a)))"#,
            Steps::new().pages(1).read_out_of_bounds((2 * PAGE - 1).into(), 1),
        ),
        on(
            "memory/shared",
            &["WhichMemory", "Newer"],
            "read and written as any other",
            r#"(module (memory (export "memory") 1 2 shared) (func (export "add") (param i32 i32) (result i32) (i32.atomic.rmw.add (local.get 0) (local.get 1))))"#,
            Steps::new()
                .pages(1)
                .write(8.into(), [1, 0, 0, 0])
                .call("add", &[8.into(), 41.into()], &[1.into()])
                .read(8.into(), [42, 0]),
        ),
        on(
            "memory/long-addresses",
            &["WhichMemory", "Newer"],
            "a pointer to memory of 64-bit addresses is an i64 or an i32",
            r#"(module (memory (export "memory") i64 1) (func (export "load") (param i64) (result i32) (i32.load (local.get 0))))"#,
            Steps::new()
                .pages(1)
                .write(long(8), [1, 2, 3, 4])
                .read(8.into(), [1, 2, 3, 4])
                .call("load", &[long(8)], &[0x0403_0201.into()])
                .read_out_of_bounds(long(1 << 32), 0)
                .read_out_of_bounds(long(-1), 1),
        ),
    ]
}

fn bounds() -> Vec<Case> {
    const ONE_PAGE: &str = r#"(module (memory (export "memory") 1))"#;
    const MOST: u32 = u32::MAX;
    vec![
        on(
            "bounds/of-0-bytes",
            &["Bounds"],
            "at the very end is fine, one further is not",
            ONE_PAGE,
            Steps::new()
                .read(PAGE.into(), [0_u8; 0])
                .write(PAGE.into(), [0_u8; 0])
                .read_out_of_bounds((PAGE + 1).into(), 0)
                .write_out_of_bounds((PAGE + 1).into(), [0_u8; 0])
                .read_out_of_bounds((-1).into(), 0)
                .write_out_of_bounds((-1).into(), [0_u8; 0]),
        ),
        on(
            "bounds/of-many-bytes",
            &["Bounds"],
            "the sum of pointer and length goes beyond 32 bits",
            ONE_PAGE,
            Steps::new()
                .read_out_of_bounds(0.into(), MOST)
                .read_out_of_bounds(1.into(), MOST)
                .read_out_of_bounds((-1).into(), MOST)
                .read_out_of_bounds((-1).into(), 1)
                .read_out_of_bounds((-1).into(), 2)
                .read_out_of_bounds((-4).into(), 8)
                .read_out_of_bounds(i32::MIN.into(), 1 << 31)
                .read_out_of_bounds(0.into(), 65_537)
                .read_out_of_bounds(PAGE.into(), 1)
                .read((PAGE - 1).into(), [0]),
        ),
        on(
            "bounds/nothing-is-written",
            &["Bounds", "Again"],
            "of bytes that are in part out of bounds",
            ONE_PAGE,
            Steps::new()
                .write_out_of_bounds((PAGE - 2).into(), [1, 2, 3])
                .read((PAGE - 2).into(), [0, 0])
                .write((PAGE - 2).into(), [1, 2])
                .read((PAGE - 2).into(), [1, 2]),
        ),
    ]
}

fn huge() -> Vec<Case> {
    let whole = |steps: Steps| {
        steps
            .pages(65_536)
            .write((-4).into(), [1, 2, 3, 4])
            .read((-4).into(), [1, 2, 3, 4])
            .call("load", &[(-4).into()], &[0x0403_0201.into()])
            .read_out_of_bounds((-4).into(), 5)
            .read_out_of_bounds((-1).into(), u32::MAX)
            .read(i32::MIN.into(), [0; 4])
    };
    vec![
        on(
            "huge/grown",
            &["Bounds", "Huge"],
            "65,536 pages, whose number of bytes is no u32",
            r#"(module (memory (export "memory") 0 65536)
              (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
              (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))"#,
            whole(Steps::new().call("grow", &[PAGE.into()], &[0.into()])),
        ),
        on(
            "huge/from-the-start",
            &["Bounds", "Huge"],
            "the module begins with all of them",
            r#"(module (memory (export "memory") 65536) (func (export "load") (param i32) (result i32) (i32.load (local.get 0))))"#,
            whole(Steps::new()),
        ),
        no_instance(
            "huge/table",
            &["Instance", "Huge"],
            "a table of 2^32-1 entries: valid, and no host has the room",
            r#"(module (table 4294967295 funcref) (memory (export "memory") 1))"#,
        ),
    ]
}

fn instances() -> Vec<Case> {
    const STORES: &str = r#"(module (memory (export "memory") 1) (func $start (i32.store (i32.const 8) (i32.const 7))) (start $start))"#;
    vec![
        on(
            "instance/no-steps",
            &["Instance"],
            "nothing is done with it, but there is one",
            r#"(module (func (export "seven") (result i32) (i32.const 7)))"#,
            Steps::new(),
        ),
        on(
            "instance/of-nothing",
            &["Instance"],
            "a module of 8 bytes",
            "(module)",
            Steps::new().pages(0).call_without_export("", &[]).pages(0),
        ),
        on(
            "instance/start",
            &["Instance"],
            "the start function has run before the first step, once",
            STORES,
            Steps::new().read(8.into(), [7, 0, 0, 0]),
        ),
        no_instance(
            "instance/start-traps",
            &["Instance"],
            "the start function traps",
            r#"(module (memory (export "memory") 1) (func $start (unreachable)) (start $start))"#,
        ),
        case(
            "contract/instance/start-traps-no-steps",
            &["Instance"],
            "the same without a step that could be answered",
            module(
                r#"(module (func $start (unreachable)) (start $start))"#,
                Vec::new(),
            ),
            error(NO_INSTANCE),
        ),
        no_instance(
            "instance/start-overflows",
            &["Instance", "Again"],
            "the start function calls itself without end",
            r#"(module (memory (export "memory") 1) (func $start (call $start) (i32.store (i32.const 0) (i32.const 1))) (start $start))"#,
        ),
        no_instance(
            "instance/data-outside",
            &["Instance"],
            "a data segment ends one byte beyond memory",
            r#"(module (memory (export "memory") 1) (data (i32.const 65533) "four"))"#,
        ),
        no_instance(
            "instance/data-far-outside",
            &["Instance"],
            "the pointer of a data segment is unsigned",
            r#"(module (memory (export "memory") 1) (data (i32.const -1) "x"))"#,
        ),
        no_instance(
            "instance/elements-outside",
            &["Instance"],
            "an element segment ends one entry beyond the table",
            r#"(module (memory (export "memory") 1) (func $f) (table 2 funcref) (elem (i32.const 1) $f $f))"#,
        ),
        on(
            "instance/again",
            &["Instance", "Again"],
            "after all these, an instance as ever",
            STORES,
            Steps::new().pages(1).read(8.into(), [7]),
        ),
        on(
            "instance/stack-overflow",
            &["Again"],
            "a call uses up the stack: a trap, and no more answers",
            r#"(module (memory (export "memory") 1) (func $f (export "f") (param i32) (result i32)
              (i32.add (call $f (i32.add (local.get 0) (i32.const 1))) (i32.load (i32.const 0)))))"#,
            Steps::new()
                .pages(1)
                .call_that_traps("f", &[0.into()])
                .not_reached("f", &[0.into()]),
        ),
    ]
}

fn types() -> Vec<Case> {
    // Each function but `count` adds one: what is refused is not called.
    const COUNTS: &str = r#"(module (memory (export "memory") 1) (global $calls (mut i32) (i32.const 0))
      (func $called (global.set $calls (i32.add (global.get $calls) (i32.const 1))))
      (func (export "count") (result i32) (global.get $calls))
      (func (export "none") (call $called))
      (func (export "i32") (param i32) (result i32) (call $called) (local.get 0))
      (func (export "i64") (param i64) (result i64) (call $called) (local.get 0))
      (func (export "f32") (param f32) (result f32) (call $called) (local.get 0))
      (func (export "f64") (param f64) (result f64) (call $called) (local.get 0))
      (func (export "add") (param i32 i32) (result i32) (call $called) (i32.add (local.get 0) (local.get 1))))"#;
    let one = || Value::from(1);
    let f32 = || Value::F32 {
        f32: "3f800000".into(),
    };
    let f64 = || Value::F64 {
        f64: "3ff0000000000000".into(),
    };
    let called = |steps: Steps, times: i32| steps.call("count", &[], &[times.into()]);
    let of_others = |export: &str, others: [Value; 3], own: Value| {
        let steps = others.into_iter().fold(Steps::new(), |steps, other| {
            steps.mismatch(export, &[other], None)
        });
        called(steps, 0).call(export, std::slice::from_ref(&own), std::slice::from_ref(&own))
    };
    vec![
        on(
            "types/too-few-and-too-many",
            &["Types", "Again"],
            "one argument less, one more, and then as it should be",
            COUNTS,
            called(
                Steps::new()
                    .mismatch("add", &[one()], None)
                    .mismatch("add", &[], None)
                    .mismatch("add", &[one(), one(), one()], None)
                    .mismatch("none", &[one()], None),
                0,
            )
            .call("add", &[one(), 2.into()], &[3.into()])
            .call("none", &[], &[])
            .call("count", &[], &[2.into()]),
        ),
        on(
            "types/not-an-i32",
            &["Types"],
            "an i32 is not made of anything else, not of 1.0 either",
            COUNTS,
            of_others("i32", [long(1), f32(), f64()], one()),
        ),
        on(
            "types/not-an-i64",
            &["Types"],
            "an i64 is not made of an i32",
            COUNTS,
            of_others("i64", [one(), f32(), f64()], long(1)),
        ),
        on(
            "types/not-an-f32",
            &["Types"],
            "an f32 is not made of an f64",
            COUNTS,
            of_others("f32", [one(), long(1), f64()], f32()),
        ),
        on(
            "types/not-an-f64",
            &["Types"],
            "an f64 is not made of a number",
            COUNTS,
            of_others("f64", [one(), long(1), f32()], f64()),
        ),
        on(
            "types/named-result",
            &["Types"],
            "only an i32 can be kept under a name, and then it is an i32",
            COUNTS,
            called(
                Steps::new()
                    .mismatch("none", &[], Some("p"))
                    .mismatch("i64", &[long(1)], Some("p"))
                    .mismatch("f64", &[f64()], Some("p")),
                0,
            )
            .call_as("i32", &[8.into()], "p", &[8.into()])
            .mismatch("f64", &[super::raw::at("p")], None)
            .write(super::raw::plus("p", 1), [1]),
        ),
        on(
            "types/pointers",
            &["Types"],
            "a pointer is an i32",
            COUNTS,
            Steps::new()
                .step(read_at(long(0)), Answer::error(TYPE_MISMATCH))
                .step(read_at(f32()), Answer::error(TYPE_MISMATCH))
                .step(read_at(f64()), Answer::error(TYPE_MISMATCH))
                .step(
                    vectors::ops::RawStep::Write {
                        ptr: long(0),
                        bytes: [1].into(),
                    },
                    Answer::error(TYPE_MISMATCH),
                )
                .read(0.into(), [0]),
        ),
        on(
            "types/references",
            &["Types", "Newer"],
            "a reference cannot be written down: what takes or returns one is not called",
            r#"(module (memory (export "memory") 1)
              (func (export "takes") (param externref)) (func (export "gives") (result funcref) (ref.null func))
              (func (export "seven") (result i32) (i32.const 7)))"#,
            Steps::new()
                .mismatch("takes", &[one()], None)
                .mismatch("takes", &[], None)
                .mismatch("gives", &[], None)
                .call("seven", &[], &[7.into()]),
        ),
        on(
            "types/vectors",
            &["Types", "Newer"],
            "nor can a v128",
            r#"(module (memory (export "memory") 1)
              (func (export "takes") (param v128)) (func (export "gives") (result v128) (v128.const i64x2 1 2))
              (func (export "seven") (result i32) (i32.const 7)))"#,
            Steps::new()
                .mismatch("takes", &[one()], None)
                .mismatch("takes", &[], None)
                .mismatch("gives", &[], None)
                .call("seven", &[], &[7.into()]),
        ),
    ]
}

fn names() -> Vec<Case> {
    // Each exported function returns its place in the list.
    let all = |id: &str, comment: &str, names: &[&str], missing: &[&str]| {
        let functions: String = names
            .iter()
            .enumerate()
            .map(|(at, name)| format!("(func (export {}) (result i32) (i32.const {at}))\n", quoted(name)))
            .collect();
        let steps = names
            .iter()
            .enumerate()
            .rev()
            .fold(Steps::new().pages(1), |steps, (at, name)| {
                let at = i32::try_from(at).expect("there are few names");
                steps.call(name, &[], &[at.into()])
            });
        let steps = missing
            .iter()
            .fold(steps, |steps, name| steps.call_without_export(name, &[]));
        let wat = format!("(module (memory (export \"memory\") 1)\n{functions})");
        on(&format!("names/{id}"), &["Names"], comment, &wat, steps)
    };
    let long = "n".repeat(10_000);
    vec![
        all(
            "nothing",
            "a name of no letters, and names of blanks",
            &["", " ", "  ", "\t", "\n", "\r\n"],
            &["\r", "   ", "a"],
        ),
        all(
            "nul",
            "U+0000, where C and many a JSON reader end",
            &["\0", "a\0", "a\0b", "a", "\0\0"],
            &["\0a", "b"],
        ),
        all(
            "byte-order-mark",
            "U+FEFF, which text decoders drop, and what is next to it",
            &[
                "\u{feff}",
                "\u{feff}a",
                "a\u{feff}",
                "a",
                "",
                "\u{fffe}",
                "\u{ffff}",
                "\u{fffd}",
            ],
            &["\u{feff}\u{feff}", "\u{feff}b"],
        ),
        all(
            "not-normalized",
            "two spellings of one letter, and other letters that look alike",
            &[
                "\u{e9}",
                "e\u{301}",
                "\u{212b}",
                "\u{c5}",
                "A\u{30a}",
                "\u{fb01}",
                "fi",
                "\u{ff41}",
                "a",
                "\u{200b}a",
                "\u{1f600}",
                "\u{10ffff}",
            ],
            &["E\u{301}", "\u{1f601}"],
        ),
        all(
            "ends-a-comment",
            "what comes after it would be code in C, and does not compile",
            &[
                "*/\n#error \"the name of an export became code\"\n/*",
                "*/ #error \"the name of an export became code\" /*",
                "\n#error \"the name of an export became code\"\n",
                "\\\n#error \"the name of an export became code\"\n//",
                "\"\n#error \"the name of an export became code\"\n",
                "??/\n#error \"the name of an export became code\"\n",
                "*/",
                "//",
            ],
            &["/*"],
        ),
        all(
            "means-something",
            "quotes, escapes, and what shells, formats and pages look for",
            &[
                "\"",
                "'",
                "`",
                "\\",
                "\\u0041",
                "\\x41",
                "%s%n",
                "%00",
                "$(exit 1)",
                "${x}",
                "; exit 1",
                "<script>",
                "</script>",
                "&amp;",
                "&",
                "{{1}}",
                "::error::",
                "\u{1b}[31m",
                "\u{202e}abc",
                "../../a",
                "-",
                "--",
                "a b",
            ],
            &["A", "\\\\"],
        ),
        all(
            "of-objects",
            "what every object or module has already in some language",
            &[
                "__proto__",
                "constructor",
                "prototype",
                "toString",
                "hasOwnProperty",
                "valueOf",
                "then",
                "length",
                "default",
                "__init__",
                "__class__",
                "__dict__",
                "main",
                "malloc",
                "exit",
                "abort",
                "init",
                "int",
                "class",
                "None",
                "null",
                "true",
                "0",
                "1",
            ],
            &["__defineGetter__", "isPrototypeOf", "__del__", "free"],
        ),
        all(
            "mangled",
            "what names become where only letters and digits are allowed, as names of their own",
            &[
                "a_b", "a.b", "a-b", "a__b", "a_5Fb", "a0x2Eb", "Z_a", "Z_aZ_vv", "w2c_a", "A_B", "a_B",
            ],
            &["a_5fb", "a"],
        ),
        all(
            "long",
            "10,000 letters, and one letter more",
            &[&long, &format!("{long}n")],
            &[&long[1..]],
        ),
        on(
            "names/inside",
            &["Names"],
            "names that are in the module for people only, in its section of names",
            r#"(module $"*/ #error \"a name became code\" /*" (memory (export "memory") 1)
              (func $"*/\n#error \"a name became code\"\n/*" (export "seven") (param $"*/ #error 1" i32) (result i32) (local $"\u{0}" i32) (i32.const 7))
              (func $"\u{0}\u{feff}" (export "eight") (result i32) (i32.const 8)))"#,
            Steps::new()
                .call("seven", &[0.into()], &[7.into()])
                .call("eight", &[], &[8.into()]),
        ),
    ]
}

/// A name in the text format.
fn quoted(name: &str) -> String {
    let bytes: String = name.bytes().map(|byte| format!("\\{byte:02x}")).collect();
    format!("\"{bytes}\"")
}

fn long(number: i64) -> Value {
    Value::I64 {
        i64: number.to_string(),
    }
}

fn read_at(ptr: Value) -> vectors::ops::RawStep {
    vectors::ops::RawStep::Read { ptr, len: 1 }
}

impl Steps {
    /// A call that does not fit the function.
    fn mismatch(self, export: &str, args: &[Value], as_name: Option<&str>) -> Self {
        self.step(call(export, args, as_name), Answer::error(TYPE_MISMATCH))
    }
}

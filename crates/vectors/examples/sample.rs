//! The same set as writers/tests/sample.py and sample.mjs write, and the module that it asks: sample FOLDER.

use std::path::Path;
use std::{env, fs};

use anyhow::{Context, Result};
use serde_json::json;
use vectors::write::{
    Import, Suite, any_value, base64, bytes, call, cell, drop, f32, f32_nan, f64, f64_nan, file, file_at, folder_at,
    gave, get_global, grow, handle, host_call, i32, i64, length, link_at, load, named, named_plus, not_equal, one_of,
    pages, read, read_text, repeat, returned, sha256, text, trapped, wit_64, wit_f32, wit_f64, write,
};

const SHA256_OF_HELLO: &str = "3c48591d8d098a4538f5e013dfcf406e948eac4d3277b10bf614e295d6068179";

const ECHO: &str = "everyhost:component-probe/echo@0.1.0#";
const COUNTERS: &str = "everyhost:component-probe/counters@0.1.0#";

fn main() -> Result<()> {
    let folder = env::args().nth(1).context("it takes the folder to write to")?;
    let folder = Path::new(&folder);
    let mut suite = Suite::new("sample", "this sample", "MIT OR Apache-2.0");
    let log = Import::func("env", "log", &["i32", "i32"], &["i32"])
        .on_call([i32(7)], [read(named("arg0"), named("arg1"))])
        .on_call([i32(8)], []);
    suite.module("sample").flag("Wraps", "the sum is over 2^32").imports([log]);
    suite.begin([call("_initialize", []).returns([])])?;

    suite
        .case("sample/add", [call("add", [cell("a"), cell("b")]).returns([cell("sum")])])
        .table([
            ("small", [("a", i32(1)), ("b", i32(2)), ("sum", i32(3))]),
            ("negative", [("a", i32(u32::MAX)), ("b", i32(-1)), ("sum", i32(-2))]),
        ])
        .comment("one case a row");
    suite.case("sample/wraps", [call("add", [i32(i32::MIN), i32(-1)]).returns([i32(i32::MAX)])]).flags(["Wraps"]);
    suite.case(
        "sample/values",
        [
            call("wide", [i64(u64::MAX)]).returns([i64(-1)]),
            call("half", [f64(3.0)]).returns([one_of([f64(1.5), f64_nan()])]),
            call("narrow", [f32(0.1)]).returns([f32(0.1)]),
            call("narrow", [f32(-0.0)]).returns([any_value("f32")]),
            call("half", [f64(-0.0)]).returns([not_equal(f64(0.0))]),
            call("nan", [f32(0.0)]).returns([f32_nan()]),
        ],
    );
    suite.case(
        "sample/memory",
        [
            write(i32(1024), text("héllo")),
            read(i32(1024), 6).gives(text("héllo")),
            write(i32(1030), base64("AP8=")),
            write(i32(1032), bytes("héllo")),
            read(i32(1030), 4).gives(bytes(b"\x00\xffh\xc3")),
            write(i32(2048), repeat("ab", 500)),
            read(i32(2048), 1000).gives(length(1000)),
            write(i32(4096), file("hello.txt")),
            read(i32(4096), 6).gives(sha256(SHA256_OF_HELLO)),
            read(i32(4096), 1).gives(one_of([bytes("h"), bytes("H")])),
            read(i32(65535), 2).fails("OUT_OF_BOUNDS"),
            pages().gives_pages(1),
            grow(1).gives_pages(1),
            load(i32(80), "start", &i32(64)),
            read(named_plus("start", 1), 2).gives(bytes("é")),
            get_global("answer").names(["answer"]).returns([not_equal(i32(0))]),
            call("add", [named("answer"), i32(1)]).returns([i32(43)]),
            call("greeting", []).names(["greeting"]).returns([named("greeting")]),
            read_text(named("greeting")).gives(bytes("héllo")),
            call("pair", []).names(["start", "seven"]).returns([i32(64), i64(7)]),
            call("wide", [named_plus("seven", 1)]).returns([i64(8)]),
            read(named("start"), named("seven")).gives(bytes("héllo\0")),
        ],
    );
    suite.case(
        "sample/calls",
        [
            call("say", [i32(64), i32(6)]).returns([i32(7)]).calls([host_call(
                0,
                [i32(64), i32(6)],
                [gave(bytes("héllo"))],
            )]),
            call("say", [i32(0), i32(0)]).answers(returned([i32(8)])).calls([host_call(0, [i32(0), i32(0)], [])]),
        ],
    );
    suite
        .case(
            "sample/goes-on",
            [call("say", [i32(1), i32(2)]).traps().calls([host_call(0, [i32(1), i32(2)], [])]), pages().gives_pages(1)],
        )
        .imports([
            Import::func("env", "log", &["i32", "i32"], &["i32"]).on_call_throw("enough", []),
            Import::memory("env", "more", 1, Some(2)),
            Import::table("env", "functions", 1, None),
            Import::global("env", "base", &i32(1024), true),
        ])
        .after_trap();
    suite.case("sample/traps", [call("fails", []).answers(one_of([trapped(), returned([])]))]);
    suite.case("sample/ends", [call("fails", []).traps(), pages()]);
    suite.case("sample/no-export", [call("none", []).fails("NO_EXPORT")]);
    suite.case("sample/no-instance", [pages()]).imports([]).fails("NO_INSTANCE");
    suite.case("sample/other-module", [call("f", []).fails("NO_EXPORT")]).wasm(bytes(b"\0asm\x01\0\0\0"));
    suite.case("sample/deadline", [pages()]).deadline(1000).fails("NO_INSTANCE");
    suite.case("sample/memory-limit", [pages()]).memory_limit(2).fails("NO_INSTANCE");
    suite
        .case("sample/program", [])
        .wasm(file("echo.wasm"))
        .program(["echo", "-v"])
        .env(["A=1", "B=two words"])
        .stdin(text("héllo"))
        .folder("/", [file_at("sub/in", bytes("hi")), folder_at("empty"), link_at("link", "sub/in")])
        .folder("more", [])
        .exits(7)
        .prints(bytes("héllo"))
        .prints_error(bytes(""))
        .leaves([
            vec![
                folder_at("empty"),
                link_at("link", "sub/in"),
                folder_at("sub"),
                file_at("sub/in", one_of([bytes("hi"), bytes("HI")])),
            ],
            vec![],
        ]);
    suite.case("sample/program-traps", []).program(["echo"]).wasm(file("echo.wasm")).traps().prints(bytes(""));
    suite
        .case("sample/reactor", [call("f", []).fails("NO_EXPORT"), pages().gives_pages(1)])
        .program([])
        .wasm(bytes(b"\0asm\x01\0\0\0\x05\x03\x01\0\x01\x07\x0a\x01\x06memory\x02\0"));
    suite.other("sample/other", "raw", &json!({"steps": []}), &json!({"ok": {"steps": []}}));
    suite.save(folder)?;
    components().save(folder)?;
    fs::write(folder.join("hello.txt"), "héllo")?;
    fs::write(folder.join("sample.wasm"), wat::parse_str(include_str!("../../../writers/tests/sample.wat"))?)?;
    fs::write(folder.join("echo.wasm"), wat::parse_str(include_str!("../../../writers/tests/echo.wat"))?)?;
    Ok(())
}

fn components() -> Suite {
    let person = json!({"full-name": "Zoë", "age": wit_64(u64::MAX), "ratio": wit_f32(0.1), "mark": "m",
        "tags": ["a", "b"], "nick-name": {"some": "Z"}});
    let echo = |name| format!("{ECHO}{name}");
    let counters = |name| format!("{COUNTERS}{name}");
    let outcomes = |name| format!("everyhost:component-probe/outcomes@0.1.0#{name}");
    let floats = || [wit_f32(-1.5), wit_f64(0.1)];
    let mut suite = Suite::new("sample-component", "this sample", "MIT OR Apache-2.0");
    suite.module("component-probe");
    suite
        .case(
            "sample-component/values",
            [
                call("add", [2.into(), 3.into()]).returns_value(5),
                call(&echo("bytes"), [bytes(b"\xc3\xff")]).returns_value(bytes(b"\xc3\xff")),
                call(&echo("bytes"), [repeat("ab", 3)]).returns_value(bytes("ababab")),
                call(&echo("floats"), floats()).returns_value(floats().to_vec()),
                call(&echo("record-of"), [person.clone()]).returns_value(person),
                call("add", [2.into()]).fails("TYPE_MISMATCH"),
                call(&outcomes("nothing"), []).returns_nothing(),
                call(&outcomes("trap"), []).traps(),
            ],
        )
        .component();
    suite
        .case(
            "sample-component/resources",
            [
                call(&counters("[constructor]counter"), [5.into()]).returns_value(handle(0)),
                call(&counters("[method]counter.add"), [handle(0), 2.into()]).returns_value(7),
                drop(0),
                drop(0).fails("NO_HANDLE"),
            ],
        )
        .component();
    suite
}

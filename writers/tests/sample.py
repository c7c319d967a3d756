"""The same set as sample.mjs and crates/vectors/examples/sample.rs write: sample.py FOLDER."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "python"))

import everyhost_vectors as v

HELLO = "héllo".encode()
EMPTY_MODULE = b"\0asm\1\0\0\0"
SHA256_OF_HELLO = "3c48591d8d098a4538f5e013dfcf406e948eac4d3277b10bf614e295d6068179"

log = v.import_func("env", "log", ["i32", "i32"], ["i32"])
log.on_call(v.i32(7), steps=(v.read(v.named("arg0"), v.named("arg1")),)).on_call(v.i32(8))
suite = v.Suite("sample", source="this sample", licence="MIT OR Apache-2.0", module="sample")
suite.flag("Wraps", "the sum is over 2^32").imports(log).begin(v.call("_initialize").returns())

suite.case("sample/add", v.call("add", v.cell("a"), v.cell("b")).returns(v.cell("sum"))).table(
    {
        "small": {"a": v.i32(1), "b": v.i32(2), "sum": v.i32(3)},
        "negative": {"a": v.i32(4294967295), "b": v.i32(-1), "sum": v.i32(-2)},
    }
).comment("one case a row")
suite.case("sample/wraps", v.call("add", v.i32(-(2**31)), v.i32(-1)).returns(v.i32(2**31 - 1))).flags("Wraps")
suite.case(
    "sample/values",
    v.call("wide", v.i64(2**64 - 1)).returns(v.i64(-1)),
    v.call("half", v.f64(3)).returns(v.one_of(v.f64(1.5), v.f64_nan())),
    v.call("narrow", v.f32(0.1)).returns(v.f32(0.1)),
    v.call("narrow", v.f32_bits(0x80000000)).returns(v.any_value("f32")),
    v.call("half", v.f64_bits(0x8000000000000000)).returns(v.not_equal(v.f64(0))),
    v.call("nan", v.f32(0)).returns(v.f32_nan()),
)
suite.case(
    "sample/memory",
    v.write(v.i32(1024), v.text("héllo")),
    v.read(v.i32(1024), 6).gives(v.text("héllo")),
    v.write(v.i32(1030), v.base64("AP8=")),
    v.write(v.i32(1032), HELLO),
    v.read(v.i32(1030), 4).gives(b"\x00\xffh\xc3"),
    v.write(v.i32(2048), v.repeat(b"ab", 500)),
    v.read(v.i32(2048), 1000).gives(v.length(1000)),
    v.write(v.i32(4096), v.file("hello.txt")),
    v.read(v.i32(4096), 6).gives(v.sha256(SHA256_OF_HELLO)),
    v.read(v.i32(4096), 1).gives(v.one_of(b"h", b"H")),
    v.read(v.i32(65535), 2).fails("OUT_OF_BOUNDS"),
    v.pages().gives(1),
    v.grow(1).gives(1),
    v.load(v.i32(80), "start", v.i32(64)),
    v.read(v.named("start", 1), 2).gives("é".encode()),
    v.get_global("answer").names("answer").returns(v.not_equal(v.i32(0))),
    v.call("add", v.named("answer"), v.i32(1)).returns(v.i32(43)),
    v.call("greeting").names("greeting").returns(v.named("greeting")),
    v.read_text(v.named("greeting")).gives(HELLO),
    v.call("pair").names("start", "seven").returns(v.i32(64), v.i64(7)),
    v.call("wide", v.named("seven", 1)).returns(v.i64(8)),
    v.read(v.named("start"), v.named("seven")).gives(HELLO + b"\0"),
)
suite.case(
    "sample/calls",
    v.call("say", v.i32(64), v.i32(6))
    .returns(v.i32(7))
    .calls(v.host_call(0, v.i32(64), v.i32(6), steps=(v.gave(HELLO),))),
    v.call("say", v.i32(0), v.i32(0)).answers(v.returned(v.i32(8))).calls(v.host_call(0, v.i32(0), v.i32(0))),
)
throws = v.import_func("env", "log", ["i32", "i32"], ["i32"]).on_call_throw("enough")
suite.case(
    "sample/goes-on",
    v.call("say", v.i32(1), v.i32(2)).traps().calls(v.host_call(0, v.i32(1), v.i32(2))),
    v.pages().gives(1),
).imports(
    throws,
    v.import_memory("env", "more", 1, 2),
    v.import_table("env", "functions", 1),
    v.import_global("env", "base", v.i32(1024), mutable=True),
).after_trap()
suite.case("sample/traps", v.call("fails").answers(v.one_of(v.trapped(), v.returned())))
suite.case("sample/ends", v.call("fails").traps(), v.pages())
suite.case("sample/no-export", v.call("none").fails("NO_EXPORT"))
suite.case("sample/no-instance", v.pages()).imports().fails("NO_INSTANCE")
suite.case("sample/other-module", v.call("f").fails("NO_EXPORT")).wasm(EMPTY_MODULE)
suite.case("sample/deadline", v.pages()).deadline(1000).fails("NO_INSTANCE")
suite.case("sample/memory-limit", v.pages()).memory_limit(2).fails("NO_INSTANCE")
suite.case("sample/program").wasm(v.file("echo.wasm")).program("echo", "-v").env("A=1", "B=two words").stdin(
    v.text("héllo")
).folder("/", v.file_at("sub/in", b"hi"), v.folder_at("empty"), v.link_at("link", "sub/in")).folder("more").exits(
    7
).prints(HELLO).prints_error(b"").leaves(
    [
        v.folder_at("empty"),
        v.link_at("link", "sub/in"),
        v.folder_at("sub"),
        v.file_at("sub/in", v.one_of(b"hi", b"HI")),
    ],
    [],
)
suite.case("sample/program-traps").program("echo").wasm(v.file("echo.wasm")).traps().prints(b"")
suite.case("sample/reactor", v.call("f").fails("NO_EXPORT"), v.pages().gives(1)).program().wasm(
    b"\0asm\1\0\0\0\5\3\1\0\1\7\x0a\1\6memory\2\0"
)
suite.other("sample/other", "raw", {"steps": []}, {"ok": {"steps": []}})
suite.save(sys.argv[1])

ECHO = "everyhost:component-probe/echo@0.1.0#"
COUNTERS = "everyhost:component-probe/counters@0.1.0#"
person = {"full-name": "Zoë", "age": v.wit_64(2**64 - 1), "ratio": v.wit_f32(0.1), "mark": "m"}
person |= {"tags": ["a", "b"], "nick-name": {"some": "Z"}}
suite = v.Suite("sample-component", source="this sample", licence="MIT OR Apache-2.0", module="component-probe")
suite.case(
    "sample-component/values",
    v.call("add", 2, 3).returns_value(5),
    v.call(f"{ECHO}bytes", b"\xc3\xff").returns_value(b"\xc3\xff"),
    v.call(f"{ECHO}bytes", v.repeat(b"ab", 3)).returns_value(b"ababab"),
    v.call(f"{ECHO}floats", v.wit_f32(-1.5), v.wit_f64(0.1)).returns_value([v.wit_f32(-1.5), v.wit_f64(0.1)]),
    v.call(f"{ECHO}record-of", person).returns_value(person),
    v.call("add", 2).fails("TYPE_MISMATCH"),
    v.call("everyhost:component-probe/outcomes@0.1.0#nothing").returns_nothing(),
    v.call("everyhost:component-probe/outcomes@0.1.0#trap").traps(),
).component()
suite.case(
    "sample-component/resources",
    v.call(f"{COUNTERS}[constructor]counter", 5).returns_value(v.handle(0)),
    v.call(f"{COUNTERS}[method]counter.add", v.handle(0), 2).returns_value(7),
    v.drop(0),
    v.drop(0).fails("NO_HANDLE"),
).component()
suite.save(sys.argv[1])

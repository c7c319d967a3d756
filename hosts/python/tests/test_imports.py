"""Modules with imports: `hosts/IMPORTS.md`, by modules as small as can be."""

import pytest
from wasmtime import wat2wasm

from everyhost_signer import CompiledModule
from imports import raw
from limits import Refusal
from wire import Json, RequestError

EMPTY = CompiledModule(bytes(wat2wasm("(module)")))


def run(text: str, *imports: Json, steps: list[Json] | None = None, **more: object) -> Json:
    """The answer without the words that are for people."""
    wasm = bytes(wat2wasm(f"(module {text})")).hex()
    answer = raw(EMPTY, {"wasm": wasm, "imports": list(imports), "steps": steps or [], **more})
    for step in [*answer["steps"], *(step for call in calls_of(answer) for step in call.get("steps", []))]:
        step.pop("detail", None)
    return answer


def calls_of(answer: Json) -> list[Json]:
    told = [answer, *(step.get("ok", step) for step in answer["steps"])]
    return [call for one in told for call in one.get("calls", [])]


def func(params: str = "", results: str = "", *calls: Json) -> Json:
    types = {"params": params.split(), "results": results.split()}
    return {"module": "env", "name": "f", "func": types, "calls": list(calls)}


def call(export: str, *args: Json, **more: str) -> Json:
    return {"do": "call", "export": export, "args": list(args), **more}


def test_a_function_reads_writes_grows_and_calls_the_guest_again() -> None:
    text = """(import "env" "f" (func $f (param i32 i32 i64) (result i64 i32))) (memory (export "memory") 1 2)
        (data (i32.const 16) "hi") (global (export "g") i32 (i32.const 32))
        (func (export "load") (param i32) (result i32) local.get 0 i32.load)
        (func (export "run") (result i64 i32) i32.const 16 i32.const 2 i64.const -9223372036854775808 call $f)"""
    steps: list[Json] = [
        {"do": "read", "ptr": {"var": "arg0"}, "len": {"var": "arg1"}},
        {"do": "global", "export": "g", "as": "g"},
        {"do": "write", "ptr": {"var": "g"}, "bytes": "fcffffff"},
        {"do": "load", "ptr": {"var": "g"}, "as": "loaded"},
        call("load", {"var": "g"}, **{"as": "again"}),
        {"do": "grow", "pages": 1},
        {"do": "grow", "pages": 1},
        {"do": "pages"},
        {"do": "read", "ptr": {"var": "loaded"}, "len": 5},
    ]
    entry = {"steps": steps, "results": [{"i64": "9223372036854775807"}, {"var": "again", "plus": -1}]}
    last = {"results": [{"i64": "1"}, {"var": "arg1"}]}
    answer = run(text, func("i32 i32 i64", "i64 i32", entry, last), steps=[call("run"), call("run"), call("run")])
    came = {"import": 0, "args": [{"i32": 16}, {"i32": 2}, {"i64": "-9223372036854775808"}]}
    seen: list[Json] = [
        {"ok": {"bytes": "6869"}},
        {"ok": {"results": [{"i32": 32}]}},
        {"ok": {}},
        {"ok": {"value": -4}},
        {"ok": {"results": [{"i32": -4}]}},
        {"ok": {"pages": 1}},
        {"error": "REFUSED"},
        {"ok": {"pages": 2}},
        {"error": "OUT_OF_BOUNDS"},
    ]
    second = {"ok": {"results": [{"i64": "1"}, {"i32": 2}], "calls": [came]}}
    results = [{"i64": "9223372036854775807"}, {"i32": -5}]
    assert answer == {"steps": [{"ok": {"results": results, "calls": [came | {"steps": seen}]}}, second, second]}


def test_names_are_of_any_type_and_one_for_each_result() -> None:
    text = """(import "env" "f" (func $f (param i64 f32) (result f32 i64 i32))) (export "f" (func $f))
        (global (export "g") f64 (f64.const 1))"""
    most, nan, one = {"i64": "9223372036854775807"}, {"f32": "7fa00001"}, {"f64": "3ff0000000000000"}
    entry = {"results": [{"var": "arg1"}, {"var": "arg0", "plus": 1}, {"i32": -1}]}
    answer = run(
        text,
        func("i64 f32", "f32 i64 i32", entry),
        steps=[
            call("f", most, nan) | {"as": ["f", "l"]},
            call("f", {"var": "l", "plus": -1}, {"var": "f"}) | {"as": "f"},
            call("f", {"var": "l"}, {"var": "f", "plus": 1}),
            call("f", {"var": "f"}, {"var": "f"}),
            call("f", {"var": "l"}, {"var": "f"}) | {"as": ["a", "b", "c", "d"]},
            {"do": "global", "export": "g", "as": "g"},
            {"do": "read", "ptr": {"var": "g"}, "len": 0},
        ],
    )
    came = {"import": 0, "args": [most, nan]}
    done = {"ok": {"results": [nan, {"i64": "-9223372036854775808"}, {"i32": -1}], "calls": [came]}}
    wrong = {"error": "TYPE_MISMATCH"}
    assert answer == {"steps": [done, done, wrong, wrong, wrong, {"ok": {"results": [one]}}, wrong]}


def test_pointers_and_lengths_have_64_bits_and_a_read_may_end_before_a_zero_byte() -> None:
    text = """(memory (export "memory") 2) (data (i32.const 131069) "hi!") (data (i32.const 65534) "ho!")
        (func (export "two") (result i64 f32) (i64.const 2) (f32.const 1))"""

    def read(ptr: Json, length: object) -> Json:
        return {"do": "read", "ptr": ptr, "len": length}

    two, outside, wrong = {"var": "two"}, {"error": "OUT_OF_BOUNDS"}, {"error": "TYPE_MISMATCH"}
    answer = run(
        text,
        steps=[
            call("two") | {"as": ["two", "f"]},
            read(two | {"plus": 131067}, two),
            read({"i32": 131069}, "nul"),
            {"do": "write", "ptr": {"i64": "131071"}, "bytes": "00"},
            read({"i64": "131069"}, "nul"),
            read({"i32": 65534}, "nul"),
            read({"i32": 131071}, "nul"),
            read({"i32": 131072}, "nul"),
            read({"i32": -1}, "nul"),
            read({"i64": "4294967296"}, 0),
            read({"i32": 0}, two | {"plus": -3}),
            {"do": "load", "ptr": {"i64": "-1"}, "as": "x"},
            {"do": "load", "ptr": {"i64": "131068"}, "as": "x"},
            read({"i32": 0}, {"var": "f"}),
            read({"var": "f"}, 0),
        ],
    )
    assert answer["steps"][1:] == [
        {"ok": {"bytes": "6869"}},
        outside,
        {"ok": {}},
        {"ok": {"bytes": "6869"}},
        {"ok": {"bytes": "686f21"}},
        {"ok": {"bytes": ""}},
        *[outside] * 5,
        {"ok": {"value": 6907904}},
        wrong,
        wrong,
    ]


@pytest.mark.parametrize(("kind", "bits"), [("f32", "7fa00001"), ("f32", "ff812345"), ("f64", "7ff4000000000001")])
def test_the_bits_of_a_nan_pass_every_way(kind: str, bits: str) -> None:
    text = f"""(import "env" "f" (func $f (param {kind}) (result {kind}))) (import "env" "g" (global $g {kind}))
        (export "g" (global $g)) (func (export "run") (param {kind}) (result {kind}) local.get 0 call $f)"""
    value = {kind: bits}
    given = {"module": "env", "name": "g", "global": value, "mutable": False}
    steps: list[Json] = [call("run", value), {"do": "global", "export": "g"}]
    answer = run(text, func(kind, kind, {"results": [value]}), given, steps=steps)
    came = {"import": 0, "args": [value]}
    assert answer == {"steps": [{"ok": {"results": [value], "calls": [came]}}, {"ok": {"results": [value]}}]}


def test_a_function_that_throws_is_a_trap_and_the_instance_can_be_used_on() -> None:
    text = """(import "env" "f" (func $f)) (func (export "run") call $f) (func (export "boom") unreachable)
        (func (export "seven") (result i32) i32.const 7)"""
    inner = {"steps": [call("seven"), call("boom"), call("seven")]}
    trap = {"trap": True, "calls": [{"import": 0, "args": []}]}
    again = [{"ok": {"results": [{"i32": 7}]}}, {"trap": True}]
    caught = {"trap": True, "calls": [{"import": 0, "args": [], "steps": again}]}
    seven = {"ok": {"results": [{"i32": 7}]}}
    steps = [call("run"), call("run"), call("seven")]
    function = func("", "", {"throw": "enough"}, inner)
    assert run(text, function, steps=steps) == {"steps": [trap]}
    assert run(text, function, steps=steps, after_trap=True) == {"steps": [trap, caught, seven]}


def test_a_start_function_has_the_imported_memory_and_no_exports() -> None:
    text = """(import "env" "f" (func $f)) (import "env" "m" (memory 1)) (start $f) (export "f" (func $f))
        (global (export "g") i32 (i32.const 1)) (memory (export "memory") 3) (data (i32.const 0) "hi")"""
    steps: list[Json] = [
        call("f"),
        {"do": "global", "export": "g"},
        {"do": "pages"},
        {"do": "read", "ptr": {"i32": 0}, "len": 2},
    ]
    memory = {"module": "env", "name": "m", "memory": {"min": 2}}
    missing = {"error": "NO_EXPORT"}
    came = {"import": 0, "args": [], "steps": [missing, missing, {"ok": {"pages": 2}}, {"ok": {"bytes": "6869"}}]}
    answer = run(text, func("", "", {"steps": steps}), memory, steps=[{"do": "pages"}])
    assert answer == {"calls": [came], "steps": [{"ok": {"pages": 3}}]}
    with pytest.raises(Refusal, match="enough"):
        run(text, func("", "", {"throw": "enough"}), memory)


def test_an_imported_memory_table_and_global_are_the_hosts() -> None:
    text = """(import "env" "m" (memory 1)) (import "env" "t" (table 1 funcref)) (import "env" "g" (global (mut i64)))
        (elem (i32.const 0) $seven) (func $seven (export "seven") (result i32) i32.const 7) (export "g" (global 0))
        (func (export "through") (result i32) i32.const 0 call_indirect (result i32))"""
    given: list[Json] = [
        {"module": "unwanted", "name": "", "memory": {"min": 4}},
        {"module": "env", "name": "m", "memory": {"min": 1, "max": 2}},
        {"module": "env", "name": "t", "table": {"min": 1}},
        {"module": "env", "name": "g", "global": {"i64": "-1"}, "mutable": True},
    ]
    steps: list[Json] = [call("through"), {"do": "global", "export": "g"}, {"do": "pages"}]
    seven, minus_one = {"ok": {"results": [{"i32": 7}]}}, {"ok": {"results": [{"i64": "-1"}]}}
    assert run(text, *given, steps=steps) == {"steps": [seven, minus_one, {"ok": {"pages": 4}}]}
    assert run(text, *given[1:], steps=steps) == {"steps": [seven, minus_one, {"ok": {"pages": 1}}]}


@pytest.mark.parametrize(
    "given",
    [
        [],
        [func("i32")],
        [func("", "i32")],
        [{"module": "env", "name": "f", "global": {"i32": 1}}],
        [{"module": "env", "name": "f", "memory": {"min": 1}}],
        [func(), {"module": "env", "name": "t", "table": {"min": 4_294_967_295}}],
        [func(), {"module": "env", "name": "m", "memory": {"min": 65_537}}],
        [func(), {"module": "env", "name": "m", "memory": {"min": 2, "max": 1}}],
    ],
)
def test_what_is_missing_or_of_another_type_makes_no_instance(given: list[Json]) -> None:
    with pytest.raises(Refusal) as refused:
        run('(import "env" "f" (func))', *given)
    assert refused.value.code == "NO_INSTANCE"


def test_64_calls_are_told_and_all_are_done() -> None:
    text = """(import "env" "f" (func $f (result i32)))
        (func (export "run") (param i32) (result i32) (local i32)
            (loop (local.set 1 (i32.add (local.get 1) (call $f)))
                (br_if 0 (local.tee 0 (i32.sub (local.get 0) (i32.const 1)))))
            local.get 1)"""
    function = func("", "i32", {"results": [{"i32": 1000}]}, {"results": [{"i32": 1}]})
    steps = [call("run", {"i32": 60}), call("run", {"i32": 60}), call("run", {"i32": 60})]
    answer = run(text, function, steps=steps)
    results = [step["ok"]["results"] for step in answer["steps"]]
    assert results == [[{"i32": 1059}], [{"i32": 60}], [{"i32": 60}]]
    assert [len(step["ok"].get("calls", [])) for step in answer["steps"]] == [60, 4, 0]


@pytest.mark.parametrize("text", ['(func (export "run") call $f)', '(export "run" (func $f))'])
def test_calls_to_and_fro_without_end_are_a_trap(text: str) -> None:
    for _ in range(3):
        answer = run(
            f'(import "env" "f" (func $f)) {text}', func("", "", {"steps": [call("run")]}), steps=[call("run")]
        )
        assert [step["trap"] for step in answer["steps"]] == [True]
        assert 40 < len(calls_of(answer)) <= 64


@pytest.mark.parametrize(
    "entry",
    [
        {"results": [{"i64": "1"}]},
        {"results": []},
        {"steps": [{"do": "fly"}]},
        {"results": [{"var": "arg2"}]},
        {"results": [{"var": "arg1", "plus": 1}]},
    ],
)
def test_an_entry_that_makes_no_sense_is_for_the_whole_request(entry: Json) -> None:
    text = """(import "env" "f" (func $f (param i64 f32) (result i32)))
        (func (export "run") (drop (call $f (i64.const 0) (f32.const 0))))"""
    with pytest.raises(RequestError):
        run(text, func("i64 f32", "i32", entry), steps=[call("run")])

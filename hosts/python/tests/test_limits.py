"""Limits that the host sets, views that it keeps, and modules that it cannot load."""

import json
from pathlib import Path

import pytest
from wasmtime import wat2wasm

from adapter import Adapter
from wire import Json

PROBE = """(module (memory (export "memory") 1 100)
  (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
  (func (export "store") (param i32 i32) (i32.store (local.get 0) (local.get 1)))
  (func (export "spin") (loop (br 0)))
  (func (export "fail") unreachable))"""


def call(export: str, *args: int) -> Json:
    return {"do": "call", "export": export, "args": [{"i32": arg} for arg in args]}


@pytest.fixture
def adapter(tmp_path: Path) -> Adapter:
    path = tmp_path / "probe.wasm"
    path.write_bytes(bytes(wat2wasm(PROBE)))
    adapter = Adapter()
    greeting = adapter.answer({"cmd": "hello", "protocol": 1, "modules": {"probe": {"path": str(path)}}})
    assert greeting["modules"]["probe"]["ops"] == ["raw", "raw_memory_limit", "raw_deadline", "raw_module", "kept_view"]
    return adapter


def ask(adapter: Adapter, op: str, **given: object) -> Json:
    """The answer, without the words that are for people."""
    answer = adapter.answer({"cmd": "run", "seq": 1, "module": "probe", "op": op, "in": given})
    assert answer.pop("seq") == 1
    for part in (answer, *answer.get("ok", {}).get("steps", [])):
        part.pop("detail", None)
    return answer


def test_memory_grows_as_far_as_the_host_lets_it(adapter: Adapter) -> None:
    steps = [call("grow", 2), call("grow", 2), call("grow", 1), {"do": "pages"}]
    answer = ask(adapter, "raw_memory_limit", max_pages=4, steps=steps)
    results = [step["ok"].get("results") for step in answer["ok"]["steps"]]
    assert results == [[{"i32": 1}], [{"i32": -1}], [{"i32": 3}], None]
    assert answer["ok"]["steps"][3] == {"ok": {"pages": 4}}
    unlimited = ask(adapter, "raw", steps=steps)
    assert unlimited["ok"]["steps"][3] == {"ok": {"pages": 6}}


def test_a_call_that_takes_too_long_is_cut_off_and_the_next_request_is_answered(adapter: Adapter) -> None:
    steps = [call("store", 0, 7), call("spin"), call("store", 0, 8)]
    cut_off = {"ok": {"steps": [{"ok": {"results": []}}, {"error": "CUT_OFF"}]}}
    assert ask(adapter, "raw_deadline", deadline_ms=50, steps=steps) == cut_off
    assert ask(adapter, "raw_deadline", deadline_ms=50, steps=steps) == cut_off
    in_time = ask(adapter, "raw_deadline", deadline_ms=5000, steps=[call("store", 0, 7), call("fail")])
    assert in_time == {"ok": {"steps": [{"ok": {"results": []}}, {"trap": True}]}}


def test_a_view_that_was_kept_shows_what_is_there_now(adapter: Adapter) -> None:
    assert ask(adapter, "kept_view", ptr=1024, value=0x04030201) == {"ok": {"bytes": "01020304"}}


def test_a_module_comes_with_the_request_or_is_refused(adapter: Adapter) -> None:
    answer = bytes(wat2wasm('(module (func (export "f") (result i32) i32.const 42))')).hex()
    ok = {"ok": {"steps": [{"ok": {"results": [{"i32": 42}]}}]}}
    assert ask(adapter, "raw_module", wasm=answer, steps=[call("f")]) == ok
    for refused in ["", "0061736d01000000ff", bytes(wat2wasm('(module (import "a" "b" (func)))')).hex()]:
        assert ask(adapter, "raw_module", wasm=refused, steps=[]) == {"error": "MODULE_REFUSED"}


# What an instance may want that it does not get. A start function that does not end is for `raw_deadline` only.
NO_INSTANCE = {
    "start": "(func $f unreachable) (start $f)",
    "start that overflows": "(func $f (call $f)) (start $f)",
    "data": '(memory (export "memory") 1) (data (i32.const 65536) "x")',
    "elements": "(table 1 funcref) (func $f) (elem (i32.const 1) $f)",
    "table": "(table 4000000000 funcref)",
    "memory": "(memory i64 0x1000000000000)",
    "shared": '(memory (export "memory") 1 1 shared)',
}


@pytest.mark.parametrize("wanted", NO_INSTANCE)
def test_an_instance_that_cannot_be_made_is_an_answer(tmp_path: Path, wanted: str) -> None:
    path = tmp_path / "m.wasm"
    path.write_bytes(bytes(wat2wasm(f"(module {NO_INSTANCE[wanted]})")))
    adapter = Adapter()
    greeting = adapter.answer({"cmd": "hello", "protocol": 1, "modules": {"probe": {"path": str(path)}}})
    assert "raw" in greeting["modules"]["probe"]["ops"]
    requests: dict[str, Json] = {
        "raw": {},
        "raw_memory_limit": {"max_pages": 1},
        "raw_deadline": {"deadline_ms": 60_000},
        "raw_module": {"wasm": path.read_bytes().hex()},
    }
    for op, given in requests.items():
        answer = adapter.answer({"cmd": "run", "seq": 1, "module": "probe", "op": op, "in": {"steps": []} | given})
        assert answer.pop("detail")
        assert answer == {"seq": 1, "error": "NO_INSTANCE"}


def test_a_memory_over_the_limit_is_no_instance(adapter: Adapter) -> None:
    assert ask(adapter, "raw_memory_limit", max_pages=0, steps=[]) == {"error": "NO_INSTANCE"}
    assert ask(adapter, "raw_memory_limit", max_pages=1, steps=[]) == {"ok": {"steps": []}}
    assert ask(adapter, "raw", steps=[]) == {"ok": {"steps": []}}


def test_a_deadline_is_for_the_start_function_too(tmp_path: Path) -> None:
    path = tmp_path / "m.wasm"
    for body, expected in {
        "(loop (br 0))": {"error": "NO_INSTANCE"},
        "(i32.store (i32.const 0) (i32.const 7))": {"ok": {"steps": [{"ok": {"bytes": "07"}}]}},
    }.items():
        path.write_bytes(bytes(wat2wasm(f'(module (memory (export "memory") 1) (func $f {body}) (start $f))')))
        adapter = Adapter()
        adapter.answer({"cmd": "hello", "protocol": 1, "modules": {"probe": {"path": str(path)}}})
        steps = [{"do": "read", "ptr": {"i32": 0}, "len": 1}]
        assert ask(adapter, "raw_deadline", deadline_ms=50, steps=steps) == expected


def test_hello_refuses_what_cannot_be_loaded_and_takes_the_rest(tmp_path: Path) -> None:
    files = {
        "good": bytes(wat2wasm("(module)")),
        "no-module": b"hello",
        "needy": bytes(wat2wasm('(module (import "env" "log" (func)))')),
    }
    for name, wasm in files.items():
        (tmp_path / name).write_bytes(wasm)
    hello = {"cmd": "hello", "protocol": 1, "modules": {name: {"path": str(tmp_path / name)} for name in files}}
    modules = Adapter().answer(json.loads(json.dumps(hello)))["modules"]
    assert modules["good"]["ops"] == ["raw", "raw_memory_limit", "raw_deadline", "raw_module"]
    assert modules["no-module"]["ops"] == modules["needy"]["ops"] == []
    assert "not a Wasm module" in modules["no-module"]["refused"]
    assert modules["needy"]["refused"] == "it needs imports: env.log"

"""The exports of any component; `everyhost run` asks every vector of them."""

import pytest
from wasmtime import Engine, wat2wasm
from wasmtime.component import Component

import calls
from limits import Refusal
from wire import RequestError

ADD = """(component {more}
  (core module $m {start} (func (export "add") (param i32 i32) (result i32) (i32.div_u (local.get 0) (local.get 1))))
  (core instance $i (instantiate $m))
  (func (export "divide") (param "a" u32) (param "b" u32) (result u32) (canon lift (core func $i "add"))))"""
TYPES = {"divide": {"params": ["u32", "u32"], "result": "u32"}, "odd": None}


def run(steps: list[object], more: str = "", start: str = "") -> list[dict[str, object]]:
    engine = Engine()
    component = Component(engine, bytes(wat2wasm(ADD.format(more=more, start=start))))
    answers = calls.run(engine, component, TYPES, steps)["steps"]  # type: ignore[arg-type]
    return [{name: value for name, value in answer.items() if name != "detail"} for answer in answers]


def test_a_call_is_answered_by_its_type_and_a_trap_is_the_last() -> None:
    answers = run(
        [
            {"do": "call", "export": name, "args": args}
            for name, args in [
                ("divide", [7, 2]),
                ("divide", [7, True]),
                ("odd", []),
                ("none", []),
                ("divide", [7, 0]),
                ("divide", [7, 1]),
            ]
        ]
    )
    codes = ["TYPE_MISMATCH", "TYPE_MISMATCH", "NO_EXPORT"]
    assert answers == [{"ok": {"result": 3}}, *({"error": code} for code in codes), {"trap": True}]


@pytest.mark.parametrize("step", [1, {}, {"do": "drop", "handle": -1}, {"do": "call", "export": "divide", "args": 1}])
def test_a_step_that_makes_no_sense_is_not_guessed_at(step: object) -> None:
    with pytest.raises(RequestError):
        run([step])


@pytest.mark.parametrize(
    ("ty", "value"),
    [("u64", "-0"), ("u64", "+1"), ("s64", "1" * 5000), ("u64", "1\0"), ({"option": "u8"}, {"none": None})],
)
def test_a_value_of_another_form_is_refused(ty: object, value: object) -> None:
    types = {"divide": {"params": [ty], "result": "u32"}}
    engine = Engine()
    component = Component(engine, bytes(wat2wasm(ADD.format(more="", start=""))))
    answers = calls.run(engine, component, types, [{"do": "call", "export": "divide", "args": [value]}])["steps"]
    assert answers[0]["error"] == "TYPE_MISMATCH"


def test_there_is_no_instance_if_it_imports_something_or_its_start_traps() -> None:
    for more, start in (('(import "f" (func))', ""), ("", "(func $s unreachable) (start $s)")):
        with pytest.raises(Refusal) as refused:
            run([], more, start)
        assert refused.value.code == "NO_INSTANCE"

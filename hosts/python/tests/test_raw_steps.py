"""The `raw` operation on little modules, where every bit of every type can be seen."""

import pytest
from conftest import HELLO_SIGNATURE, KEYPAIR
from wasmtime import wat2wasm

from everyhost_signer import CompiledModule
from raw_steps import run_steps as run_steps_on
from wire import Json, RequestError


def module(text: str) -> CompiledModule:
    return CompiledModule(bytes(wat2wasm(text)))


def run_steps(module: CompiledModule, steps: list[Json]) -> list[Json]:
    return run_steps_on(module, module.instantiate(), steps)


def call(export: str, *args: Json, name: str | None = None) -> Json:
    step: Json = {"do": "call", "export": export}
    if args:
        step["args"] = list(args)
    if name:
        step["as"] = name
    return step


def results(*values: Json) -> Json:
    return {"ok": {"results": list(values)}}


@pytest.mark.parametrize(
    "value",
    [
        {"i32": 0},
        {"i32": -1},
        {"i32": -2147483648},
        {"i32": 2147483647},
        {"i64": "-1"},
        {"i64": "9223372036854775807"},
        {"i64": "-9223372036854775808"},
        {"f32": "3f800000"},
        {"f32": "80000000"},
        {"f32": "7fc00000"},
        {"f32": "7fa00001"},  # a signalling NaN, which a trip through a double would change
        {"f32": "ffffffff"},
        {"f64": "3ff0000000000000"},
        {"f64": "8000000000000000"},
        {"f64": "7ff4000000000001"},  # signalling too
        {"f64": "fff8000000000000"},
    ],
    ids=str,
)
def test_a_value_comes_back_bit_for_bit(value: Json) -> None:
    kind = next(iter(value))
    identity = module(f'(module (func (export "same") (param {kind}) (result {kind}) local.get 0))')
    assert run_steps(identity, [call("same", value)]) == [results(value)]


def test_several_results_keep_their_order_and_types() -> None:
    swap = module("""(module (func (export "swap") (param f32 i32 f64 i64) (result i64 f64 i32 f32)
        local.get 3 local.get 2 local.get 1 local.get 0)
      (func (export "pair") (result i32 i64) i32.const 1 i64.const 2))""")
    values: list[Json] = [{"f32": "7fa00001"}, {"i32": -5}, {"f64": "7ff4000000000001"}, {"i64": "-6"}]
    assert run_steps(swap, [call("swap", *values), call("pair")]) == [
        results(*reversed(values)),
        results({"i32": 1}, {"i64": "2"}),
    ]


def test_a_float_function_that_traps_is_a_trap() -> None:
    text = '(module (func (export "boom") (param f32) (result f32) unreachable))'
    assert run_steps(module(text), [call("boom", {"f32": "00000000"})]) == [{"trap": True}]


def test_a_trap_is_the_last_answer() -> None:
    text = '(module (memory (export "memory") 3) (func (export "boom") unreachable) (func (export "fine")))'
    steps = [call("fine"), {"do": "pages"}, call("boom"), {"do": "pages"}]
    assert run_steps(module(text), steps) == [results(), {"ok": {"pages": 3}}, {"trap": True}]


def test_a_named_result_is_a_pointer_with_an_offset_modulo_2_to_32() -> None:
    text = """(module (memory (export "memory") 1)
        (func (export "low") (result i32) i32.const 16) (func (export "high") (result i32) i32.const -8)
        (func (export "same") (param i32) (result i32) local.get 0))"""
    steps = [
        call("low", name="low"),
        {"do": "write", "ptr": {"var": "low", "plus": 4}, "bytes": {"repeat": "ab", "times": 3}},
        {"do": "read", "ptr": {"i32": 16}, "len": 8},
        call("high", name="high"),
        call("same", {"var": "high", "plus": 24}),
        {"do": "read", "ptr": {"var": "high", "plus": 28}, "len": 3},
        call("same", {"var": "low", "plus": -20}),
        {"do": "read", "ptr": {"var": "high"}, "len": 1},
    ]
    assert run_steps(module(text), steps) == [
        results({"i32": 16}),
        {"ok": {}},
        {"ok": {"bytes": "00000000ababab00"}},
        results({"i32": -8}),
        results({"i32": 16}),
        {"ok": {"bytes": "ababab"}},
        results({"i32": -4}),
        {"error": "OUT_OF_BOUNDS"},
    ]


def test_out_of_bounds_writes_nothing() -> None:
    text = '(module (memory (export "memory") 1))'
    steps: list[Json] = [
        {"do": "write", "ptr": {"i32": 65533}, "bytes": "01020304"},
        {"do": "read", "ptr": {"i32": 65532}, "len": 4},
        {"do": "read", "ptr": {"i32": 65533}, "len": 4},
        {"do": "read", "ptr": {"i32": 65536}, "len": 0},
        {"do": "read", "ptr": {"i32": -1}, "len": 0},
    ]
    assert run_steps(module(text), steps) == [
        {"error": "OUT_OF_BOUNDS"},
        {"ok": {"bytes": "00000000"}},
        {"error": "OUT_OF_BOUNDS"},
        {"ok": {"bytes": ""}},
        {"error": "OUT_OF_BOUNDS"},
    ]


def test_what_is_no_exported_function_is_no_export() -> None:
    text = '(module (memory (export "memory") 1) (func (export "fine")))'
    assert run_steps(module(text), [call("memory"), call("nothing"), call("fine")]) == [
        {"error": "NO_EXPORT"},
        {"error": "NO_EXPORT"},
        results(),
    ]


def test_each_run_has_an_instance_of_its_own() -> None:
    text = """(module (global $n (mut i32) (i32.const 0))
        (func (export "next") (result i32)
          (global.set $n (i32.add (global.get $n) (i32.const 1))) (global.get $n)))"""
    counter = module(text)
    for _ in range(2):
        assert run_steps(counter, [call("next"), call("next")]) == [results({"i32": 1}), results({"i32": 2})]


@pytest.mark.parametrize(
    "step",
    [
        {"do": "fly"},
        call("one"),
        call("one", {"i32": 1}, {"i32": 2}),
        call("one", {"i64": "1"}),
        call("one", {"var": "unknown"}),
        call("one", {"v128": "00"}),
        call("one", {"i32": 1}, name="nothing is returned"),
        call("ref"),
        {"do": "read", "ptr": {"i64": "0"}, "len": 1},
    ],
    ids=str,
)
def test_a_step_that_no_host_could_do_is_refused(step: Json) -> None:
    text = '(module (func (export "one") (param i32)) (func (export "ref") (result externref) ref.null extern))'
    with pytest.raises(RequestError):
        run_steps(module(text), [step])


def test_the_chapters_own_steps_sign(signer_module: CompiledModule) -> None:
    answers = run_steps(
        signer_module,
        [
            call("allocate_message", {"i32": 5}, name="message"),
            {"do": "write", "ptr": {"var": "message"}, "bytes": b"hello".hex()},
            call("get_signing_key_ptr", name="key"),
            {"do": "write", "ptr": {"var": "key"}, "bytes": KEYPAIR.hex()},
            call("sign"),
            call("get_signature_ptr", name="signature"),
            {"do": "read", "ptr": {"var": "signature"}, "len": 64},
        ],
    )
    assert answers[4] == results()
    assert answers[6] == {"ok": {"bytes": HELLO_SIGNATURE.hex()}}

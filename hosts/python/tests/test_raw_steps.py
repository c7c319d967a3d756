"""The `raw` operation on little modules, where every bit of every type can be seen."""

import pytest
from conftest import HELLO_SIGNATURE, KEYPAIR
from wasmtime import wat2wasm

from everyhost_signer import CompiledModule
from raw_steps import PAGE_LEN
from raw_steps import run_steps as run_steps_on
from wire import Json, RequestError


def module(text: str) -> CompiledModule:
    return CompiledModule(bytes(wat2wasm(text)))


def run_steps(module: CompiledModule, steps: list[Json]) -> list[Json]:
    """The answers, without the words that are for people."""
    answers = run_steps_on(module, module.instantiate(), steps)
    return [{field: value for field, value in answer.items() if field != "detail"} for answer in answers]


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


def test_no_number_of_float_functions_is_too_many() -> None:
    identity = module('(module (func (export "same") (param f32) (result f32) local.get 0))')
    value = {"f32": "7fa00001"}  # each needs an instance to pass it, and a store has room for 10,000
    assert run_steps(identity, [call("same", value)] * 10_001) == [results(value)] * 10_001


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
        {"do": "write", "ptr": {"i32": 65537}, "bytes": ""},
        {"do": "read", "ptr": {"i32": 0}, "len": 2**32 - 1},
        {"do": "read", "ptr": {"i32": 1}, "len": 2**32 - 1},
    ]
    assert run_steps(module(text), steps) == [
        {"error": "OUT_OF_BOUNDS"},
        {"ok": {"bytes": "00000000"}},
        {"error": "OUT_OF_BOUNDS"},
        {"ok": {"bytes": ""}},
        *[{"error": "OUT_OF_BOUNDS"}] * 4,
    ]


NAMES = [
    "memory",
    "mem",
    "",
    "\0",
    "a\0b",
    "\ufeff",
    "\ufeffa",
    "*/ \n\r\u202e\"'`",
    "\N{GRINNING FACE}",
    "n" * 100_000,
]


@pytest.mark.parametrize("name", NAMES, ids=[*map(ascii, NAMES[:-1]), "long"])
def test_memory_has_any_name(name: str) -> None:
    exporting = module(f'(module (memory (export {quoted(name)}) 1) (data (i32.const 3) "x"))')
    assert run_steps(exporting, [{"do": "pages"}, {"do": "read", "ptr": {"i32": 3}, "len": 1}]) == [
        {"ok": {"pages": 1}},
        {"ok": {"bytes": "78"}},
    ]


def quoted(name: str) -> str:
    return '"' + "".join(f"\\{byte:02x}" for byte in name.encode()) + '"'


def test_two_names_that_differ_are_two_exports() -> None:
    functions = " ".join(f"(func (export {quoted(name)}) (result i32) i32.const {n})" for n, name in enumerate(NAMES))
    expected = [results({"i32": n}) for n in range(len(NAMES))]
    assert run_steps(module(f"(module {functions})"), [call(name) for name in NAMES]) == expected


@pytest.mark.parametrize(
    ("exports", "pages"),
    [
        ('(memory (export "a") 2) (memory (export "b") 3)', 2),
        ('(memory 2) (memory (export "b") 3) (memory (export "memory") 4)', 4),
        ('(func (export "memory")) (memory 2) (memory (export "b") 3) (memory (export "c") 4)', 3),
        ('(memory 5) (global (export "memory") i32 (i32.const 1))', 0),
        ("", 0),
    ],
)
def test_memory_is_the_export_of_that_name_or_else_the_first(exports: str, pages: int) -> None:
    end = {"i32": pages * PAGE_LEN}
    assert run_steps(
        module(f"(module {exports})"),
        [
            {"do": "pages"},
            {"do": "read", "ptr": end, "len": 0},
            {"do": "write", "ptr": end, "bytes": ""},
            {"do": "read", "ptr": end, "len": 1},
            {"do": "write", "ptr": end, "bytes": "00"},
            {"do": "read", "ptr": {"i32": pages * PAGE_LEN + 1}, "len": 0},
        ],
    ) == [
        {"ok": {"pages": pages}},
        {"ok": {"bytes": ""}},
        {"ok": {}},
        *[{"error": "OUT_OF_BOUNDS"}] * 3,
    ]


def test_a_memory_of_4_gib_is_used_to_its_last_byte() -> None:
    text = """(module (memory (export "memory") 65536)
        (func (export "store") (param i32 i32) (i32.store8 (local.get 0) (local.get 1))))"""
    last: Json = {"i32": -1}
    assert run_steps(
        module(text),
        [
            {"do": "pages"},
            call("store", last, {"i32": 7}),
            {"do": "read", "ptr": last, "len": 1},
            {"do": "write", "ptr": {"i32": -2}, "bytes": "0809"},
            {"do": "read", "ptr": {"i32": -3}, "len": 3},
            {"do": "read", "ptr": last, "len": 2},
        ],
    ) == [
        {"ok": {"pages": 65536}},
        results(),
        {"ok": {"bytes": "07"}},
        {"ok": {}},
        {"ok": {"bytes": "000809"}},
        {"error": "OUT_OF_BOUNDS"},
    ]
    with pytest.raises(RequestError, match="more than a line can hold"):
        run_steps(module(text), [{"do": "read", "ptr": {"i32": 1}, "len": 2**32 - 1}])


def test_a_memory_of_64_bit_addresses_takes_both_kinds_of_pointer() -> None:
    text = '(module (memory (export "memory") i64 1) (data (i64.const 8) "x"))'
    steps: list[Json] = [
        {"do": "read", "ptr": {"i64": "8"}, "len": 1},
        {"do": "read", "ptr": {"i32": 8}, "len": 1},
        {"do": "read", "ptr": {"i64": "-1"}, "len": 1},
        {"do": "read", "ptr": {"i64": str(2**32 + 8)}, "len": 1},
        {"do": "read", "ptr": {"f32": "00000000"}, "len": 1},
    ]
    assert run_steps(module(text), steps) == [
        *[{"ok": {"bytes": "78"}}] * 2,
        *[{"error": "OUT_OF_BOUNDS"}] * 2,
        {"error": "TYPE_MISMATCH"},
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


TYPES = ["i32", "i64", "f32", "f64"]
VALUES: dict[str, Json] = {
    "i32": {"i32": 1},
    "i64": {"i64": "1"},
    "f32": {"f32": "3f800000"},
    "f64": {"f64": "3ff0000000000000"},
}
FOREIGN = ["v128", "externref", "funcref", "anyref", "exnref", "(ref null $struct)"]


@pytest.mark.parametrize("kind", TYPES)
def test_no_value_becomes_one_of_another_type(kind: str) -> None:
    """Nothing is called, and the next step is done."""
    text = f"""(module (global $calls (mut i32) (i32.const 0))
        (func (export "one") (param {kind}) (global.set $calls (i32.add (global.get $calls) (i32.const 1))))
        (func (export "calls") (result i32) global.get $calls))"""
    wrong = [[], [VALUES[kind]] * 2, *([VALUES[other]] for other in TYPES if other != kind)]
    assert run_steps(module(text), [*(call("one", *args) for args in wrong), call("calls")]) == [
        *[{"error": "TYPE_MISMATCH"}] * len(wrong),
        results({"i32": 0}),
    ]


def test_a_name_is_for_a_first_result_that_is_an_i32() -> None:
    """And an argument of that name is an i32."""
    text = """(module (func (export "none")) (func (export "long") (result i64 i32) i64.const 1 i32.const 2)
        (func (export "both") (result i32 i64) i32.const 1 i64.const 2) (func (export "take") (param i64)))"""
    steps = [call("none", name="a"), call("long", name="a"), call("both", name="a"), call("take", {"var": "a"})]
    mismatch = {"error": "TYPE_MISMATCH"}
    expected = [mismatch, mismatch, results({"i32": 1}, {"i64": "2"}), mismatch]
    assert run_steps(module(text), steps) == expected


@pytest.mark.parametrize("foreign", FOREIGN)
def test_types_that_have_no_form_here_are_mismatches(foreign: str) -> None:
    """To look at such a type in the usual way ends the process."""
    functions = " ".join(
        f'(func (export "{export}") {signature} unreachable)'
        for export, signature in {
            "takes": f"(param {foreign})",
            "gives": f"(result {foreign})",
            "both": f"(param i32 {foreign} f32) (result f64 {foreign})",
        }.items()
    )
    text = f'(module (type $struct (struct)) {functions} (func (export "fine") (result i32) i32.const 7))'
    arguments: list[list[Json]] = [[], [{"i32": 1}]]
    calls = [call(export, *args) for export in ("takes", "gives", "both") for args in arguments]
    assert run_steps(module(text), [*calls, call("fine")]) == [
        *[{"error": "TYPE_MISMATCH"}] * len(calls),
        results({"i32": 7}),
    ]


def test_what_is_no_function_may_be_of_any_type() -> None:
    text = """(module (global (export "g") v128 (v128.const i64x2 0 0)) (table (export "t") 1 anyref)
        (tag (export "x") (param v128)) (memory (export "m") 1))"""
    steps = [*(call(export) for export in "gtxm"), {"do": "pages"}]
    assert run_steps(module(text), steps) == [*[{"error": "NO_EXPORT"}] * 4, {"ok": {"pages": 1}}]


def test_a_stack_overflow_is_told() -> None:
    endless = module('(module (func $again (export "again") (result i32) (i32.add (call $again) (i32.const 1))))')
    (answer,) = run_steps_on(endless, endless.instantiate(), [call("again")])
    assert answer["trap"] is True
    assert "stack overflow" in answer["detail"]


@pytest.mark.parametrize(
    "step",
    [
        {"do": "fly"},
        call("one", {"var": "unknown"}),
        call("one", {"v128": "00"}),
        call("one", {"i32": 2**32}),
    ],
    ids=str,
)
def test_a_step_that_cannot_be_understood_is_refused(step: Json) -> None:
    with pytest.raises(RequestError):
        run_steps(module('(module (func (export "one") (param i32)))'), [step])


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

"""What only this adapter can get wrong. `hosts/adapters.mjs` checks the rest, `everyhost run` all of its answers."""

from pathlib import Path

import pytest
from conftest import HELLO_SIGNATURE, PUBLIC_KEY, SEED, built
from fake import fake_signer_bytes, fake_verifier_bytes
from wasmtime import wat2wasm

from adapter import SIGNERS, VERIFIERS, Adapter
from everyhost_signer import CompiledModule
from imports import raw
from wire import Json


def steps_on(text: str, steps: list[Json]) -> list[Json]:
    """The answers, without the words that are for people."""
    answers = raw(CompiledModule(bytes(wat2wasm(text))), {"steps": steps})["steps"]
    return [{field: value for field, value in answer.items() if field != "detail"} for answer in answers]


ONE = {"public_key": PUBLIC_KEY.hex(), "message": "", "signature": HELLO_SIGNATURE.hex()}


@pytest.mark.parametrize(
    ("wasm", "op", "given"),
    [
        (fake_signer_bytes(verify="unreachable"), "verify", ONE),
        (fake_signer_bytes(verify_strict="unreachable"), "verify_many_strict", {"items": [ONE]}),
        (fake_verifier_bytes(verify_batch_strict="unreachable"), "verify_strict", ONE),
        (fake_verifier_bytes(verify_batch_strict="unreachable"), "verify_many_strict", {"items": [ONE]}),
    ],
)
def test_a_verifier_that_a_trap_ended_does_not_answer_for_the_next_case(
    tmp_path: Path, wasm: bytes, op: str, given: Json
) -> None:
    path = tmp_path / "m.wasm"
    path.write_bytes(wasm)
    adapter = Adapter()
    adapter.answer({"cmd": "hello", "protocol": 1, "modules": {"m": {"path": str(path)}}})
    for _ in range(2):
        answer = adapter.answer({"cmd": "run", "seq": 7, "module": "m", "op": op, "in": given})
        assert answer.pop("detail")
        assert answer == {"seq": 7, "trap": True}
        assert not VERIFIERS
        for signer in SIGNERS.values():
            signer.close()


def test_what_only_verifies_is_asked_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "m.wasm"
    path.write_bytes(fake_verifier_bytes())
    hello = Adapter().answer({"cmd": "hello", "protocol": 1, "modules": {"m": {"path": str(path)}}})
    ops = hello["modules"]["m"]["ops"]
    assert [op for op in ops if "raw" not in op] == [
        "verify",
        "verify_strict",
        "verify_many",
        "verify_many_strict",
        "wasi",
    ]


@pytest.mark.parametrize("order", [[1], [-1], ["0"], 0])
def test_an_order_of_items_that_are_not_there_is_not_supported(tmp_path: Path, order: object) -> None:
    path = tmp_path / "m.wasm"
    path.write_bytes(fake_verifier_bytes())
    adapter = Adapter()
    adapter.answer({"cmd": "hello", "protocol": 1, "modules": {"m": {"path": str(path)}}})
    given = {"items": [ONE], "order": order}
    answer = adapter.answer({"cmd": "run", "seq": 7, "module": "m", "op": "verify_many", "in": given})
    assert set(answer) == {"seq", "unsupported"}


@pytest.mark.parametrize(
    ("op", "given"),
    [
        ("read_key", {"kind": "secret", "file": ""}),
        ("write_key", {"form": "pem"}),
        ("write_key", {"form": "PEM", "seed": SEED.hex()}),
    ],
)
def test_a_key_of_another_kind_or_form_is_not_supported(op: str, given: Json) -> None:
    adapter = Adapter()
    adapter.answer({"cmd": "hello", "protocol": 1, "modules": {"keys": {"path": str(built("keys"))}}})
    answer = adapter.answer({"cmd": "run", "seq": 7, "module": "keys", "op": op, "in": given})
    assert set(answer) == {"seq", "unsupported"}


@pytest.mark.parametrize("foreign", ["v128", "externref", "funcref", "anyref", "exnref", "(ref null $struct)"])
def test_types_that_have_no_form_here_are_mismatches(foreign: str) -> None:
    """To look at such a type in the usual way ends the process."""
    text = f"""(module (type $struct (struct)) (func (export "takes") (param {foreign}) unreachable)
        (func (export "gives") (result {foreign}) unreachable)
        (func (export "both") (param i32 {foreign} f32) (result f64 {foreign}) unreachable)
        (global (export "global") v128 (v128.const i64x2 0 0)) (tag (export "tag") (param v128))
        (func (export "fine") (result i32) i32.const 7))"""
    arguments: list[list[Json]] = [[], [{"i32": 1}]]
    calls: list[Json] = [
        {"do": "call", "export": export, "args": args} for export in ("takes", "gives", "both") for args in arguments
    ]
    others: list[Json] = [{"do": "call", "export": export} for export in ("global", "tag", "fine")]
    assert steps_on(text, calls + others) == [
        *[{"error": "TYPE_MISMATCH"}] * len(calls),
        *[{"error": "NO_EXPORT"}] * 2,
        {"ok": {"results": [{"i32": 7}]}},
    ]

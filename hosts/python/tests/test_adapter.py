"""What only this adapter can get wrong. `hosts/adapters.mjs` checks the rest, `everyhost run` all of its answers."""

from pathlib import Path

import pytest
from conftest import HELLO_SIGNATURE, PUBLIC_KEY
from fake import fake_signer_bytes
from wasmtime import wat2wasm

from adapter import VERIFIERS, Adapter
from everyhost_signer import CompiledModule
from imports import raw
from wire import Json


def steps_on(text: str, steps: list[Json]) -> list[Json]:
    """The answers, without the words that are for people."""
    answers = raw(CompiledModule(bytes(wat2wasm(text))), {"steps": steps})["steps"]
    return [{field: value for field, value in answer.items() if field != "detail"} for answer in answers]


def test_a_verifier_that_a_trap_ended_does_not_answer_for_the_next_case(tmp_path: Path) -> None:
    """Its module traps at the second instance: nothing takes the place of the first."""
    path = tmp_path / "m.wasm"
    path.write_bytes(fake_signer_bytes(verify="unreachable"))
    adapter = Adapter()
    adapter.answer({"cmd": "hello", "protocol": 1, "modules": {"m": {"path": str(path)}}})
    given = {"public_key": PUBLIC_KEY.hex(), "message": "", "signature": HELLO_SIGNATURE.hex()}
    for _ in range(2):
        answer = adapter.answer({"cmd": "run", "seq": 7, "module": "m", "op": "verify", "in": given})
        assert answer.pop("detail")
        assert answer == {"seq": 7, "trap": True}
        for verifier in VERIFIERS.values():
            verifier.close()


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

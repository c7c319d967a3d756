"""The adapter, spawned as the runner spawns it, and asked in its own process where only the answers matter."""

import hashlib
import json
import os
import selectors
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import oracle
import pytest
from conftest import HELLO_SIGNATURE, KEYPAIR, MISMATCHED, PUBLIC_KEY, PYTHON_HOST, SEED, built
from fake import fake_signer_bytes

from adapter import VERIFIERS, Adapter
from everyhost_signer.codes import MEANING_OF_CODE
from wire import MAX_LINE_LEN, Json, RequestError

HELLO = b"hello".hex()
RAW_OPS = ["raw", "raw_memory_limit", "raw_deadline", "raw_module"]
SIGNER_OPS = ["public_key", "sign", "sign_many", "verify", "verify_strict", "session", *RAW_OPS]


def hello(**modules: Path) -> Json:
    named = {name.replace("_", "-"): {"path": str(path), "sha256": "not looked at"} for name, path in modules.items()}
    return {"cmd": "hello", "protocol": 1, "modules": named}


def request(op: str, given: Json, module: str = "signer-raw") -> Json:
    return {"cmd": "run", "seq": 7, "module": module, "op": op, "in": given, "fields of tomorrow": [1]}


@pytest.fixture(scope="module")
def adapter() -> Adapter:
    adapter = Adapter()
    adapter.answer(hello(signer_raw=built("signer-raw")))
    return adapter


def ask(adapter: Adapter, op: str, **given: Any) -> Json:  # noqa: ANN401 - JSON
    answer = adapter.answer(request(op, given))
    assert answer.pop("seq") == 7
    for part in (answer, *answer.get("ok", {}).get("steps", [])):
        part.pop("detail", None)  # for people
    return answer


# As a process


def converse(lines: Iterable[bytes]) -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, str(PYTHON_HOST / "adapter.py")]
    return subprocess.run(command, input=b"".join(lines), capture_output=True, timeout=120, check=False)  # noqa: S603


def test_it_answers_line_by_line_and_ends_with_its_input() -> None:
    path = built("signer-raw")
    requests = [
        hello(signer_raw=path),
        request("sign", {"keypair": KEYPAIR.hex(), "message": HELLO}),
        request("sign", {"keypair": KEYPAIR.hex(), "message": {"repeat": "61", "times": 1048576}}) | {"seq": 8},
        request("session", {"keypair": KEYPAIR.hex(), "steps": []}) | {"seq": 9},
    ]
    result = converse(json.dumps(one).encode() + b"\n" for one in requests)
    assert (result.returncode, result.stderr) == (0, b"")
    greeting, *answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert greeting["protocol"] == 1
    assert greeting["host"] == "python"
    assert greeting["runtime"].startswith("wasmtime-py ")
    assert greeting["os"].count("/") == 1
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    assert greeting["modules"] == {"signer-raw": {"sha256": sha256, "ops": SIGNER_OPS}}
    assert answers == [
        {"seq": 7, "ok": {"signature": HELLO_SIGNATURE.hex()}},
        {"seq": 8, "ok": {"signature": oracle.sign(SEED, b"a" * 1048576).hex()}},
        {"seq": 9, "ok": {"steps": []}},
    ]


def test_each_answer_is_flushed_before_the_next_request() -> None:
    command = [sys.executable, str(PYTHON_HOST / "adapter.py")]
    # Where this variable is set, Python flushes by itself, and the test would show nothing.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
    with subprocess.Popen(  # noqa: S603
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment
    ) as process:
        assert process.stdin
        assert process.stdout
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            for one in (hello(signer_raw=built("signer-raw")), request("public_key", {"seed": SEED.hex()})):
                process.stdin.write(json.dumps(one).encode() + b"\n")
                process.stdin.flush()
                assert selector.select(timeout=60), "no answer came while the input was open"
                last = json.loads(process.stdout.readline())
        assert last == {"seq": 7, "ok": {"public_key": PUBLIC_KEY.hex()}}
        process.stdin.close()
        assert process.wait(timeout=60) == 0


def test_a_line_may_have_64_mib_and_no_byte_more() -> None:
    empty = json.dumps(request("sign", {"keypair": KEYPAIR.hex(), "message": "", "padding": ""})).encode()
    longest = empty.replace(b'"padding": "', b'"padding": "' + b"x" * (MAX_LINE_LEN - len(empty)))
    first = json.dumps(hello(signer_raw=built("signer-raw"))).encode() + b"\n"
    result = converse([first, longest, b"\n"])
    assert result.returncode == 0
    assert json.loads(result.stdout.splitlines()[1]) == {"seq": 7, "ok": {"signature": oracle.sign(SEED, b"").hex()}}

    result = converse([first, longest, b" \n"])
    assert result.returncode == 1
    assert result.stderr == b"python adapter: a line of over 67108864 bytes\n"


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        (b"signer-raw\n", b"not JSON"),
        (b"[]\n", b"a request is a JSON object"),
        (b"\xff\n", b"not JSON"),
        (b'{"cmd":"hello","protocol":2,"modules":{}}\n', b"protocol 2 is not spoken here, only 1"),
        (b'{"cmd":"stop"}\n', b"neither hello nor run"),
        (b'{"cmd":"hello","protocol":1,"modules":{"m":{"path":"/nowhere/m.wasm"}}}\n', b"/nowhere/m.wasm"),
    ],
)
def test_what_is_no_request_ends_it_with_one_clear_line(line: bytes, complaint: bytes) -> None:
    result = converse([line])
    assert result.returncode == 1
    assert result.stdout == b""
    assert complaint in result.stderr
    assert result.stderr.startswith(b"python adapter: ")
    assert result.stderr.count(b"\n") == 1


# Its answers


def test_it_answers_from_the_module_that_it_was_given(tmp_path: Path) -> None:
    path = tmp_path / "changed.wasm"
    path.write_bytes(fake_signer_bytes(verify="i32.const 0"))
    adapter = Adapter()
    greeting = adapter.answer(hello(signer_raw=path))
    assert greeting["modules"]["signer-raw"]["sha256"] == hashlib.sha256(path.read_bytes()).hexdigest()
    assert ask(adapter, "sign", keypair=KEYPAIR.hex(), message=HELLO) == {"ok": {"signature": "00" * 64}}
    wrong = {"public_key": "00" * 32, "message": "", "signature": "00" * 64}
    assert ask(adapter, "verify", **wrong) == {"ok": {"valid": True}}


@pytest.mark.parametrize(
    ("op", "given", "answer"),
    [
        ("public_key", {"seed": SEED.hex()}, {"ok": {"public_key": PUBLIC_KEY.hex()}}),
        ("public_key", {"seed": "00"}, {"error": "KEY_LENGTH"}),
        ("sign", {"keypair": "", "message": HELLO}, {"error": "KEY_LENGTH"}),
        ("sign", {"keypair": MISMATCHED.hex(), "message": HELLO}, {"error": "KEY_PAIR_MISMATCH"}),
        (
            "sign",
            {"keypair": KEYPAIR.hex(), "message": {"repeat": "00", "times": 16777217}},
            {"error": "MESSAGE_TOO_LARGE"},
        ),
        (
            "sign_many",
            {"keypair": KEYPAIR.hex(), "messages": [HELLO, {"repeat": HELLO, "times": 1}]},
            {"ok": {"signatures": [HELLO_SIGNATURE.hex()] * 2}},
        ),
        ("sign_many", {"keypair": KEYPAIR.hex(), "messages": []}, {"ok": {"signatures": []}}),
    ],
)
def test_it_answers_as_the_wrapper_does(adapter: Adapter, op: str, given: Json, answer: Json) -> None:
    assert ask(adapter, op, **given) == answer


@pytest.mark.parametrize("op", ["verify", "verify_strict"])
def test_it_verifies(adapter: Adapter, op: str) -> None:
    right = {"public_key": PUBLIC_KEY.hex(), "message": HELLO, "signature": HELLO_SIGNATURE.hex()}
    assert ask(adapter, op, **right) == {"ok": {"valid": True}}
    assert ask(adapter, op, **right | {"message": ""}) == {"ok": {"valid": False}}
    assert ask(adapter, op, **right | {"signature": ""}) == {"ok": {"valid": False}}
    assert ask(adapter, op, **right | {"public_key": ""}) == {"error": "PUBLIC_KEY_LENGTH"}


def test_a_session_answers_each_step(adapter: Adapter) -> None:
    message = {"message": HELLO}
    ok = {"ok": {"signature": HELLO_SIGNATURE.hex()}}
    no_key = {"error": "NO_KEY"}
    closed = {"error": "CLOSED"}
    verify = {"public_key": PUBLIC_KEY.hex(), "message": HELLO, "signature": HELLO_SIGNATURE.hex()}
    steps: list[tuple[str, Json, Json]] = [
        ("public_key", {}, {"ok": {"public_key": PUBLIC_KEY.hex()}}),
        ("sign", message, ok),
        ("sign_with", {"keypair": KEYPAIR.hex()} | message, ok),
        ("sign_with", {"keypair": MISMATCHED.hex()} | message, {"trap": True}),
        ("sign", message, ok),
        ("sign_many", {"messages": [HELLO]}, {"ok": {"signatures": [HELLO_SIGNATURE.hex()]}}),
        ("load_key", {"keypair": ""}, {"error": "KEY_LENGTH"}),
        ("sign", message, no_key),
        ("load_key", {"keypair": KEYPAIR.hex()}, {"ok": {"public_key": PUBLIC_KEY.hex()}}),
        ("sign", message, ok),
        ("wipe", {}, {"ok": {}}),
        ("public_key", {}, no_key),
        ("verify", verify, {"ok": {"valid": True}}),
        ("verify_strict", verify, {"ok": {"valid": True}}),
        ("close", {}, {"ok": {}}),
        ("close", {}, {"ok": {}}),
        ("wipe", {}, closed),
        ("sign", message, closed),
    ]
    answer = ask(adapter, "session", keypair=KEYPAIR.hex(), steps=[{"op": op, "in": given} for op, given, _ in steps])
    assert answer == {"ok": {"steps": [expected for _, _, expected in steps]}}


def test_a_session_whose_signer_cannot_be_made_is_that_error(adapter: Adapter) -> None:
    assert ask(adapter, "session", keypair=MISMATCHED.hex(), steps=[]) == {"error": "KEY_PAIR_MISMATCH"}


def test_the_adders_operations() -> None:
    adapter = Adapter()
    greeting = adapter.answer(hello(signer_raw=built("signer-raw"), add_raw=built("add-raw")))
    assert greeting["modules"]["add-raw"]["ops"] == ["add", "divide", *RAW_OPS]
    assert adapter.answer(request("add", {"a": 2147483647, "b": 1}, "add-raw")) == {
        "seq": 7,
        "ok": {"value": -2147483648},
    }
    assert adapter.answer(request("divide", {"a": -7, "b": 2}, "add-raw")) == {"seq": 7, "ok": {"value": -3}}
    trapped = adapter.answer(request("divide", {"a": 1, "b": 0}, "add-raw"))
    assert trapped.pop("detail")
    assert trapped == {"seq": 7, "trap": True}


@pytest.mark.parametrize(
    ("op", "given"),
    [
        ("add", {"a": 1, "b": 2}),
        ("fly", {}),
        ("sign", {"keypair": "0G", "message": ""}),
        ("sign", {"keypair": "AB", "message": ""}),
        ("sign", {"keypair": "abc", "message": ""}),
        ("sign", {"keypair": KEYPAIR.hex(), "message": {"repeat": "00", "times": 2**40}}),
        ("sign", {"keypair": KEYPAIR.hex()}),
        ("session", {"keypair": KEYPAIR.hex(), "steps": [{"op": "fly", "in": {}}]}),
    ],
)
def test_what_it_cannot_do_is_said_and_it_goes_on(adapter: Adapter, op: str, given: Json) -> None:
    assert list(ask(adapter, op, **given)) == ["unsupported"]
    assert ask(adapter, "public_key", seed=SEED.hex()) == {"ok": {"public_key": PUBLIC_KEY.hex()}}


def test_a_verifier_that_a_trap_ended_does_not_answer_for_the_next_case(tmp_path: Path) -> None:
    """Its module traps at the second instance: nothing takes the place of the first."""
    path = tmp_path / "m.wasm"
    path.write_bytes(fake_signer_bytes(verify="unreachable"))
    adapter = Adapter()
    adapter.answer(hello(signer_raw=path))
    given = {"public_key": PUBLIC_KEY.hex(), "message": "", "signature": HELLO_SIGNATURE.hex()}
    assert ask(adapter, "verify", **given) == {"trap": True}
    for verifier in VERIFIERS.values():
        verifier.close()
    assert ask(adapter, "verify", **given) == {"trap": True}


def test_a_module_that_hello_did_not_give_is_said() -> None:
    assert "unsupported" in Adapter().answer(request("sign", {}))


def test_a_second_greeting_replaces_the_modules(adapter: Adapter) -> None:
    fresh = Adapter()
    fresh.answer(hello(signer_raw=built("signer-raw")))
    fresh.answer(hello())
    assert "unsupported" in fresh.answer(request("public_key", {"seed": SEED.hex()}))
    with pytest.raises(RequestError):
        adapter.answer({"cmd": "run"})


def test_every_error_is_a_stable_name(adapter: Adapter) -> None:
    assert ask(adapter, "public_key", seed="")["error"] in MEANING_OF_CODE

"""The oracles: as processes, as the runner starts them, and asked in this process where only the answers matter."""

import hashlib
import json
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from conftest import HELLO_SIGNATURE, KEYPAIR, MISMATCHED, PUBLIC_KEY, PYTHON_HOST, SEED

from oracles import LIBRARIES, MAX_MESSAGE_LEN, Oracle
from wire import Json, RequestError

HELLO = b"hello".hex()
HELLO_REQUEST = {"cmd": "hello", "protocol": 1, "modules": {"native": {"path": "", "sha256": ""}}}
COMMON = ["public_key", "sign", "sign_many", "verify"]
OPS_OF = {"pyca": COMMON, "libsodium": [*COMMON, "verify_strict"]}

# The neutral point, which fits every message with itself as R and S = 0.
NEUTRAL = bytes([1, *bytes(31)])


@pytest.fixture(params=LIBRARIES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def oracle(name: str) -> Oracle:
    return Oracle(LIBRARIES[name])


def request(op: str, given: Json) -> Json:
    return {"cmd": "run", "seq": 7, "module": "native", "op": op, "in": given, "fields of tomorrow": [1]}


def ask(oracle: Oracle, op: str, **given: Any) -> Json:  # noqa: ANN401 - JSON
    answer = oracle.answer(request(op, given))
    assert answer.pop("seq") == 7
    return answer


def test_it_answers_line_by_line_and_ends_with_its_input(name: str) -> None:
    lines = [HELLO_REQUEST, request("sign", {"keypair": KEYPAIR.hex(), "message": HELLO})]
    result = subprocess.run(  # noqa: S603
        [sys.executable, str(PYTHON_HOST / "oracles.py"), "--library", name],
        input="".join(json.dumps(line) + "\n" for line in lines).encode(),
        capture_output=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stderr) == (0, b"")
    greeting, answer = [json.loads(line) for line in result.stdout.splitlines()]
    assert (greeting["protocol"], greeting["host"]) == (1, "python")
    assert {"pyca": "OpenSSL", "libsodium": "PyNaCl"}[name] in greeting["runtime"]
    binary = import_module(LIBRARIES[name].binary).__file__
    assert binary is not None
    sha256 = hashlib.sha256(Path(binary).read_bytes()).hexdigest()
    assert greeting["modules"] == {"native": {"sha256": sha256, "ops": OPS_OF[name]}}
    assert answer == {"seq": 7, "ok": {"signature": HELLO_SIGNATURE.hex()}}


def test_what_is_no_request_ends_it_with_a_reason(name: str) -> None:
    command = [sys.executable, str(PYTHON_HOST / "oracles.py"), "--library", name]
    result = subprocess.run(command, input=b"hello\n", capture_output=True, timeout=60, check=False)  # noqa: S603
    assert result.returncode == 1
    assert result.stdout == b""
    assert result.stderr.decode().startswith(f"python oracle {name}: not JSON")


def test_it_signs_as_the_chapter_does(oracle: Oracle) -> None:
    assert ask(oracle, "public_key", seed=SEED.hex()) == {"ok": {"public_key": PUBLIC_KEY.hex()}}
    assert ask(oracle, "sign", keypair=KEYPAIR.hex(), message=HELLO) == {"ok": {"signature": HELLO_SIGNATURE.hex()}}
    signed_twice = {"ok": {"signatures": [HELLO_SIGNATURE.hex()] * 2}}
    assert ask(oracle, "sign_many", keypair=KEYPAIR.hex(), messages=[HELLO, HELLO]) == signed_twice
    assert ask(oracle, "sign_many", keypair=KEYPAIR.hex(), messages=[]) == {"ok": {"signatures": []}}


@pytest.mark.parametrize(
    ("message", "signature", "valid"),
    [
        (b"hello", HELLO_SIGNATURE, True),
        (b"hullo", HELLO_SIGNATURE, False),
        (b"hello", HELLO_SIGNATURE[:63], False),
        (b"hello", HELLO_SIGNATURE + b"\0", False),
        (b"hello", b"", False),
        (b"ello", HELLO_SIGNATURE + b"h", False),  # a library that takes both in one could be fooled
    ],
)
def test_it_verifies(oracle: Oracle, name: str, message: bytes, signature: bytes, valid: bool) -> None:
    for op in OPS_OF[name][3:]:
        given = {"public_key": PUBLIC_KEY.hex(), "message": message.hex(), "signature": signature.hex()}
        assert ask(oracle, op, **given) == {"ok": {"valid": valid}}


def test_where_the_two_differ_it_is_the_library_that_answers() -> None:
    given = {"public_key": NEUTRAL.hex(), "message": HELLO, "signature": (NEUTRAL + bytes(32)).hex()}
    answers = {name: ask(Oracle(library), "verify", **given) for name, library in LIBRARIES.items()}
    assert answers == {"pyca": {"ok": {"valid": True}}, "libsodium": {"ok": {"valid": False}}}


def test_it_refuses_by_the_stable_names(oracle: Oracle) -> None:
    too_large = {"repeat": "61", "times": MAX_MESSAGE_LEN + 1}
    unsigned = {"message": HELLO, "signature": ""}
    assert ask(oracle, "public_key", seed="00" * 31) == {"error": "KEY_LENGTH"}
    assert ask(oracle, "sign", keypair="00" * 63, message=HELLO) == {"error": "KEY_LENGTH"}
    assert ask(oracle, "sign", keypair=MISMATCHED.hex(), message=too_large) == {"error": "KEY_PAIR_MISMATCH"}
    assert ask(oracle, "sign", keypair=KEYPAIR.hex(), message=too_large) == {"error": "MESSAGE_TOO_LARGE"}
    many = ask(oracle, "sign_many", keypair=KEYPAIR.hex(), messages=[HELLO, too_large])
    assert many == {"error": "MESSAGE_TOO_LARGE"}
    assert ask(oracle, "verify", public_key="00" * 33, **unsigned) == {"error": "PUBLIC_KEY_LENGTH"}
    over = ask(oracle, "verify", public_key=PUBLIC_KEY.hex(), message=too_large, signature="")
    assert over == {"error": "MESSAGE_TOO_LARGE"}


def test_what_it_cannot_do_is_unsupported(oracle: Oracle) -> None:
    assert "session" in ask(oracle, "session", keypair=KEYPAIR.hex(), steps=[])["unsupported"]
    assert "hex" in ask(oracle, "public_key", seed="FF" * 32)["unsupported"]
    assert "KeyError" in ask(oracle, "public_key")["unsupported"]
    other = oracle.answer(request("sign", {}) | {"module": "signer-raw"})
    assert "signer-raw" in other["unsupported"]


def test_it_claims_nothing_of_other_modules(oracle: Oracle) -> None:
    modules = {"signer-raw": {"path": "/nowhere", "sha256": ""}}
    assert oracle.answer(HELLO_REQUEST | {"modules": modules})["modules"] == {}
    with pytest.raises(RequestError, match="protocol 2"):
        oracle.answer(HELLO_REQUEST | {"protocol": 2})

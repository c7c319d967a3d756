"""What `hosts/adapters.mjs` and the vectors leave to be shown of the oracles."""

from typing import Any

import pytest
from conftest import HELLO_SIGNATURE, PUBLIC_KEY

from oracles import LIBRARIES, Oracle
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


def test_it_claims_nothing_of_other_modules(oracle: Oracle) -> None:
    modules = {"signer-raw": {"path": "/nowhere", "sha256": ""}}
    assert oracle.answer(HELLO_REQUEST | {"modules": modules})["modules"] == {}
    with pytest.raises(RequestError, match="protocol 2"):
        oracle.answer(HELLO_REQUEST | {"protocol": 2})

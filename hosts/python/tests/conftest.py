"""What the tests share: the built modules, and a signer with the published test key."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from everyhost_signer import CompiledModule, Signer
from everyhost_signer.guest import Guest

PYTHON_HOST = Path(__file__).parents[1]
MODULES = PYTHON_HOST.parents[1] / "target/modules"
FIXTURES = PYTHON_HOST.parents[1] / "target/fixtures"

# Published in a book: good for tests, never for anything else.
SEED = bytes.fromhex("fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf")
PUBLIC_KEY = bytes.fromhex("3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f")
KEYPAIR = SEED + PUBLIC_KEY
MISMATCHED = SEED + bytes(32)
HELLO_SIGNATURE = bytes.fromhex(
    "5fd754a229a904e327f18c3041ec953a926d234d0155072cbae2aefaadd2d8a3"
    "d82364b2820d25084696d4c28928f707d06cb2c056db3568a633ba641b0f0303"
)


def built(name: str) -> Path:
    path = MODULES / f"{name}.wasm"
    if not path.exists():
        pytest.fail(f"{path} is not there; build it with: make modules")
    return path


Seen = TypeVar("Seen")


def before_closing(monkeypatch: pytest.MonkeyPatch, look: Callable[[Guest], Seen]) -> list[Seen]:
    """What is seen of each instance before it is closed, from now on."""
    seen: list[Seen] = []
    close = Guest.close

    def look_then_close(guest: Guest) -> None:
        seen.append(look(guest))
        close(guest)

    monkeypatch.setattr(Guest, "close", look_then_close)
    return seen


@pytest.fixture(scope="session")
def signer_module() -> CompiledModule:
    return CompiledModule(built("signer-raw"))


@pytest.fixture(scope="session")
def adder_module() -> CompiledModule:
    return CompiledModule(built("add-raw"))


@pytest.fixture
def signer(signer_module: CompiledModule) -> Iterator[Signer]:
    with Signer(signer_module, KEYPAIR) as signer:
        yield signer

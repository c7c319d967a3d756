"""A signer that fails at its n-th call: however a call ends, what is documented holds, and no secret stays."""

import functools
import re
import sys
from collections.abc import Callable, Iterator

import oracle
import pytest
from conftest import FIXTURES, KEYPAIR, MISMATCHED, PUBLIC_KEY, SEED
from test_secrets import OTHER_SEED, RUN_LEN

from everyhost_signer import CompiledModule, Signer, SignerError
from everyhost_signer.guest import Guest

OTHER = oracle.keypair(OTHER_SEED)
SIGNATURE = b"\x55" * 64
# Where the fixture has what; its text says so.
KEY_BUFFER, HELD, STACK = 0x100, 0x200, 0x240
CALLS: dict[str, Callable[[Signer], object]] = {
    "public_key": lambda signer: signer.public_key,
    "batch_module": lambda signer: signer.batch_module,
    "sign": lambda signer: signer.sign("hello"),
    "sign_many": lambda signer: signer.sign_many(["hello", "you"]),
    "sign_with": lambda signer: signer.sign_with(OTHER, "hello"),
    "sign_with, wrong type": lambda signer: signer.sign_with(None, "hello"),  # type: ignore[arg-type]
    "verify": lambda signer: signer.verify(PUBLIC_KEY, "hello", SIGNATURE),
    "verify_strict": lambda signer: signer.verify_strict(PUBLIC_KEY, "hello", SIGNATURE),
    "derive_public_key": lambda signer: signer.derive_public_key(OTHER_SEED),
    "derive_public_key, wrong type": lambda signer: signer.derive_public_key("x" * 32),  # type: ignore[arg-type]
    "load_key": lambda signer: signer.load_key(OTHER),
    "load_key, wrong length": lambda signer: signer.load_key(OTHER[:63]),
    "load_key, wrong type": lambda signer: signer.load_key(None),  # type: ignore[arg-type]
    "wipe": lambda signer: signer.wipe(),
    "close": lambda signer: signer.close(),
}
#: An instance has loaded its key with this call.
LOADED_AT = 4
ENDINGS_OF_LOADING = {"TRAP-AT:": "TRAPPED", "FAIL-AT:": "SELF_TEST_FAILED"}
LEAVES_NO_KEY = {"load_key, wrong length", "load_key, wrong type", "wipe"}


def faulty_bytes(marker: str, n: int) -> bytes:
    path = FIXTURES / "signer-faulty.wasm"
    if not path.exists():
        pytest.fail(f"{path} is not there: run make modules")
    wasm = bytearray(path.read_bytes())
    if marker:
        at = wasm.index(marker.encode()) + len(marker)
        wasm[at : at + 4] = n.to_bytes(4, "little")
    return bytes(wasm)


@functools.cache
def faulty(marker: str, n: int) -> CompiledModule:
    return CompiledModule(faulty_bytes(marker, n))


class Witness:
    """Sees every instance that is made, and looks at its memory when it is closed."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.open: list[Guest] = []
        self.found: list[str] = []
        #: Which call of an instance is interrupted after it returned, as Ctrl-C would.
        self.interrupt_at = 0
        invoke, instantiate, close = Guest.invoke, CompiledModule.instantiate, Guest.close
        monkeypatch.setattr(CompiledModule, "instantiate", lambda *args: self.opened(instantiate(*args)))
        monkeypatch.setattr(Guest, "close", lambda guest: self.closing(guest, close))
        monkeypatch.setattr(Guest, "invoke", lambda *args: self.interrupting(invoke(*args)))

    def opened(self, guest: Guest) -> Guest:
        self.open.append(guest)
        return guest

    def closing(self, guest: Guest, close: Callable[[Guest], None]) -> None:
        self.open.remove(guest)
        self.found += secrets_in(guest)
        close(guest)

    def interrupting(self, result: object) -> object:
        self.interrupt_at -= 1
        if self.interrupt_at == 0:
            raise KeyboardInterrupt
        return result


def memory_of(guest: Guest) -> bytes:
    """Without most of the zeros, of which there are many, and which take time."""
    return re.sub(rb"\0{8,}", bytes(8), guest.read(0, guest.memory_len()))


def secrets_in(guest: Guest) -> list[str]:
    memory = memory_of(guest)
    return [
        name
        for name, secret in {"seed": SEED, "other seed": OTHER_SEED}.items()
        if any(secret[at : at + RUN_LEN] in memory for at in range(len(secret) - RUN_LEN + 1))
    ]


@pytest.fixture
def witness(monkeypatch: pytest.MonkeyPatch) -> Iterator[Witness]:
    witness = Witness(monkeypatch)
    yield witness
    assert witness.open == [], "an instance was neither wiped nor cleared"
    assert witness.found == []


def outcome(call: Callable[[], object]) -> str:
    try:
        call()
    except SignerError as error:
        return error.code
    except (TypeError, KeyboardInterrupt, RecursionError) as error:
        return type(error).__name__
    return "ok"


def assert_documented(signer: Signer, name: str, ended: str) -> None:
    """What may be said of a signer that held a key after this call of it, which ended so."""
    if signer.closed:
        assert ended == "TRAPPED" or name == "close" or ended == "KeyboardInterrupt"
        assert not signer._held
        assert outcome(lambda: signer.sign("hello")) == "CLOSED"
        return
    held = OTHER if name == "load_key" and ended == "ok" else KEYPAIR
    if name in LEAVES_NO_KEY or (name == "load_key" and ended != "ok"):
        held = bytes(64)
    assert signer._held == held.strip(b"\0")
    guest = signer._open_guest()
    assert guest.read(HELD, 64) == held, "the module holds the same"
    assert guest.read(KEY_BUFFER, 64) == bytes(64)
    assert guest.read(STACK, 64) == bytes(64)


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("marker", ["", "TRAP-AT:", "FAIL-AT:", "interrupt"])
def test_whatever_a_call_ends_in(witness: Witness, marker: str, name: str) -> None:
    endings = set()
    for n in range(1, 41):
        module = faulty("" if marker == "interrupt" else marker, n)
        copies: list[bytearray] = []
        witness.interrupt_at = 0
        if n <= LOADED_AT and marker in ENDINGS_OF_LOADING:
            assert outcome(lambda: Signer(module, KEYPAIR)) == ENDINGS_OF_LOADING[marker]  # noqa: B023
            continue
        signer = Signer(module, KEYPAIR)
        copies.append(signer._held)
        witness.interrupt_at = n if marker == "interrupt" else 0
        ended = outcome(lambda: CALLS[name](signer))  # noqa: B023
        copies.append(signer._held)
        witness.interrupt_at = 0
        endings.add(ended)
        if signer.closed or name.startswith(("load_key", "wipe")):
            assert copies[0] == bytes(64)
        assert_documented(signer, name, ended)
        signer.close()
        assert not any(any(copy) for copy in copies)
    assert endings <= {"ok", "TypeError", "KEY_LENGTH", "CLOSED", *ENDINGS[marker]}


ENDINGS = {
    "": set[str](),
    "TRAP-AT:": {"TRAPPED"},
    "FAIL-AT:": {"SELF_TEST_FAILED", "OUT_OF_MEMORY", "TRAPPED"},
    "interrupt": {"KeyboardInterrupt"},
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("marker", ["TRAP-AT:", "FAIL-AT:"])
@pytest.mark.usefixtures("witness")
def test_whatever_a_batch_module_does(marker: str, name: str) -> None:
    """The main module, which has no fault, goes on."""
    for n in range(1, 41):
        with Signer(faulty("", 0), KEYPAIR, batch_modules=[faulty(marker, n)]) as signer:
            outcome(lambda: signer.sign_many(["hello", "you"]))
            main = signer._guest
            ended = outcome(lambda: CALLS[name](signer))
            assert signer._guest is main or name == "close"
            assert_documented(signer, name, ended)
            if not signer.closed and signer._held:
                assert signer.sign("hello") == SIGNATURE


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("what", ["no instance", "no key"])
@pytest.mark.usefixtures("witness")
def test_a_signer_that_cannot_be_restored_is_closed_for_good(what: str, name: str) -> None:
    endings = set()
    for n in range(5, 41):
        signer = Signer(faulty("TRAP-AT:", n), KEYPAIR)
        signer._module = broken(what)
        ended = outcome(lambda: CALLS[name](signer))  # noqa: B023
        endings.add(ended)
        assert_documented(signer, name, ended)
        if ended == "TRAPPED":
            # Without a key to load again, only the lack of an instance closes it.
            has_no_key = name == "wipe" or name.startswith("load_key")
            assert signer.closed == (what == "no instance" or not has_no_key)
        signer.close()
    assert "TRAPPED" in endings or "wrong" in name or name in {"public_key", "batch_module", "close"}


@pytest.mark.parametrize("what", ["no instance", "no key"])
@pytest.mark.usefixtures("witness")
def test_a_batch_module_that_cannot_be_restored_is_dropped(what: str) -> None:
    """The main module signs from then on."""
    for n in range(5, 41):
        with Signer(faulty("", 0), KEYPAIR, batch_modules=[faulty("TRAP-AT:", n)]) as signer:
            endings = [outcome(lambda: signer.sign_many(["hello", "you"]))]
            batch = signer._batch.made
            assert batch is not None
            batch._module = broken(what)
            endings += [outcome(lambda: signer.sign_many(["hello", "you"])) for _ in range(20)]
            assert endings.count("TRAPPED") == (2 if endings[0] == "TRAPPED" else 1)
            assert signer.batch_module == -1
            assert batch.closed
            assert not batch._held
            assert signer.sign_many(["hello", "you"]) == [SIGNATURE] * 2


def broken(what: str) -> CompiledModule:
    if what == "no key":
        return faulty("FAIL-AT:", 4)
    return faulty("TRAP-AT:", 1)


@pytest.mark.parametrize("name", ["sign", "sign_with", "derive_public_key", "load_key", "wipe", "close"])
@pytest.mark.parametrize("marker", ["", "TRAP-AT:", "FAIL-AT:"])
@pytest.mark.usefixtures("witness")
def test_a_stack_that_ends_in_the_middle_leaves_no_secret(marker: str, name: str) -> None:
    endings = set()
    for room in range(1, 50):
        signer = Signer(faulty(marker, 7), KEYPAIR, batch_modules=[faulty(marker, 8)])
        signer.sign_many(["hello", "you"])
        batch = signer._batch.made
        assert batch is not None
        ended = outcome(lambda: with_room(room, lambda: CALLS[name](signer)))  # noqa: B023
        endings.add(ended)
        if ended == "RecursionError":
            assert signer.public_key == PUBLIC_KEY, "nothing was done yet"
            assert signer._open_guest().read(KEY_BUFFER, 64) == bytes(64)
        else:
            assert_documented(signer, name, ended)
            assert not batch._held or name in {"sign", "sign_with", "derive_public_key"}
        signer.close()
    assert "RecursionError" in endings
    assert len(endings) > 1, "there was never enough room"


def with_room(frames: int, call: Callable[[], object]) -> object:
    """Calls with so many frames left."""
    depth, frame = 0, sys._getframe()
    while (caller := frame.f_back) is not None:
        depth, frame = depth + 1, caller

    def descend(further: int) -> object:
        return descend(further - 1) if further > 0 else call()

    return descend(sys.getrecursionlimit() - depth - frames)


def test_a_refused_pair_leaves_the_modules_own_memory_clean(signer: Signer) -> None:
    """Real modules leave a copy on their stack too."""
    guest = signer._open_guest()
    assert outcome(lambda: signer.load_key(MISMATCHED)) == "KEY_PAIR_MISMATCH"
    assert secrets_in(guest) == []

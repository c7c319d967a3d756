"""One owner: a second thread, a call within a call, copies, and what is left of a signer that nobody closed."""

import copy
import gc
import os
import pickle
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

import oracle
import pytest
from conftest import HELLO_SIGNATURE, KEYPAIR, PUBLIC_KEY, PYTHON_HOST, SEED, before_closing, built
from test_faulty import CALLS, LOADED_AT, faulty_bytes, outcome
from test_secrets import found_in

from everyhost_signer import Adder, AdderError, CompiledModule, Signer
from everyhost_signer.guest import Guest

# How long threads fight for one signer.
SECONDS = float(os.environ.get("EVERYHOST_THREADS_SECONDS", "1"))


def turned_away(name: str) -> str:
    """What is not bytes is said first, except where that has an effect on the key."""
    return "TypeError" if "wrong type" in name and not name.startswith("load_key") else "IN_USE"


class Halfway:
    """Runs something in the middle of the next call of a module."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, then: Callable[[], None]) -> None:
        self.then: Callable[[], None] | None = then
        invoke = Guest.invoke

        def halfway(*args: Any) -> object:  # noqa: ANN401
            then, self.then = self.then, None
            if then is not None:
                then()
            return invoke(*args)

        monkeypatch.setattr(Guest, "invoke", halfway)


@pytest.mark.parametrize("name", CALLS)
def test_another_thread_is_turned_away_at_once(signer: Signer, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    endings: list[str] = []

    def elsewhere() -> None:
        thread = threading.Thread(target=lambda: endings.append(outcome(lambda: CALLS[name](signer))))
        thread.start()
        thread.join(timeout=60)

    Halfway(monkeypatch, elsewhere)
    assert signer.sign("hello") == HELLO_SIGNATURE, "the call in progress is undisturbed"
    assert endings == [turned_away(name)]
    assert signer.sign("hello") == HELLO_SIGNATURE
    assert signer.public_key == PUBLIC_KEY


@pytest.mark.parametrize("name", CALLS)
def test_a_call_within_a_call_is_turned_away(signer: Signer, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A signal handler may do that."""
    endings: list[str] = []
    Halfway(monkeypatch, lambda: endings.append(outcome(lambda: CALLS[name](signer))))
    assert signer.sign("hello") == HELLO_SIGNATURE
    assert endings == [turned_away(name)]
    assert signer.sign("hello") == HELLO_SIGNATURE


def test_an_adder_turns_away_too(adder_module: CompiledModule, monkeypatch: pytest.MonkeyPatch) -> None:
    with Adder(adder_module) as adder:
        for call in (lambda: adder.add(1, 1), lambda: adder.divide(1, 1), adder.close):
            codes: list[str] = []

            def within(call: Callable[[], object] = call, codes: list[str] = codes) -> None:
                with pytest.raises(AdderError) as raised:
                    call()
                codes.append(raised.value.code)

            with monkeypatch.context() as patch:
                Halfway(patch, within)
                assert adder.add(2, 3) == 5
            assert codes == ["IN_USE"]


def test_threads_get_right_signatures_or_the_error(signer_module: CompiledModule) -> None:
    """Without the guard this ends the process, as a rule within a second."""
    messages = [bytes([n]) * (50 * n + 1) for n in range(4)]
    expected = [oracle.sign(SEED, message) for message in messages]
    other = oracle.keypair(bytes(32))
    endings: Counter[str] = Counter()
    lock, until = threading.Lock(), time.monotonic() + SECONDS
    with Signer(signer_module, KEYPAIR, batch_modules=[built("signer-lanes")]) as signer:
        calls: list[Callable[[int], bool]] = [
            lambda n: signer.sign(messages[n]) == expected[n],
            lambda _: signer.sign_many(messages) == expected,
            lambda n: signer.sign_with(KEYPAIR, messages[n]) == expected[n],
            lambda n: signer.verify_strict(PUBLIC_KEY, messages[n], expected[n]),
            lambda _: signer.derive_public_key(bytes(32)) == other[32:],
            lambda _: signer.public_key == PUBLIC_KEY,
            lambda _: outcome(lambda: signer.load_key(KEYPAIR)) in {"ok", "IN_USE"},
            lambda _: signer.batch_module in {-1, 0},
        ]

        def work(n: int) -> None:
            mine: Counter[str] = Counter()
            while time.monotonic() < until:
                for call in calls:
                    right: list[bool] = []
                    ended = outcome(lambda: right.append(call(n)))  # noqa: B023
                    mine["wrong" if right == [False] else ended] += 1
            with lock:
                endings.update(mine)

        threads = [threading.Thread(target=work, args=(n,)) for n in range(len(messages))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    print(f"{SECONDS:g} s of {len(threads)} threads on one signer: {dict(endings)}")
    assert set(endings) == {"ok", "IN_USE"}


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
def test_copies_are_refused(
    signer: Signer, adder_module: CompiledModule, duplicate: Callable[[object], object]
) -> None:
    with Adder(adder_module) as adder:
        for one in (signer, adder):
            with pytest.raises(TypeError, match="can't be copied or pickled"):
                duplicate(one)
        assert adder.add(2, 3) == 5
    assert signer.sign("hello") == HELLO_SIGNATURE


def test_a_signer_that_is_dropped_clears_its_key(
    signer_module: CompiledModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = before_closing(monkeypatch, lambda guest: found_in(guest, SEED))
    signer = Signer(signer_module, KEYPAIR, batch_modules=[built("signer-raw-simd")])
    signer.sign_many(["hello", "you"])
    batch = signer._batch.made
    assert batch is not None
    copies, guests = [signer._held, batch._held], [signer._open_guest(), batch._open_guest()]
    assert copies == [KEYPAIR] * 2
    assert all(found_in(guest, SEED) for guest in guests)
    del signer, batch
    gc.collect()
    assert copies == [bytes(64)] * 2
    assert found == [set(), set()]


def test_one_that_cannot_be_made_is_dropped_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    complaints: list[object] = []
    monkeypatch.setattr(sys, "unraisablehook", complaints.append)
    for wrong in (b"", built("add-raw"), 5):
        with pytest.raises((ValueError, TypeError)):
            Signer(wrong)  # type: ignore[arg-type]
    gc.collect()
    assert complaints == []


def test_the_end_of_the_program_is_quiet() -> None:
    """With signers that are still there, alone and in a cycle, and one whose module must not be called any more.

    A trap after faulthandler took the signals that wasmtime makes traps of ends the process; -X dev enables it.
    """
    program = f"""
import faulthandler
from everyhost_signer import CompiledModule, Signer
module = CompiledModule({str(built("signer-raw"))!r})
keypair = bytes.fromhex({KEYPAIR.hex()!r})
one, two, three = Signer(module, keypair), Signer(module), Signer({faulty_bytes("TRAP-AT:", LOADED_AT + 1)!r}, keypair)
two.itself = two
print(one.sign("hello").hex())
faulthandler.disable()
"""
    command = [sys.executable, "-X", "dev", "-c", program]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=PYTHON_HOST)  # noqa: S603
    assert (result.returncode, result.stderr, result.stdout.strip()) == (0, "", HELLO_SIGNATURE.hex())

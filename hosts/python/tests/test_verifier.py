"""Many signatures at once: verdicts as of the single check, which module gives them, and what becomes of its traps."""

import copy
import itertools
import pickle
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import oracle
import pytest
from conftest import HELLO_SIGNATURE, PUBLIC_KEY, SEED, built
from fake import fake_signer_bytes, fake_verifier_bytes
from hypothesis import given
from hypothesis import strategies as st
from test_batch_modules import NOT_COMPILED
from test_owner import Halfway
from test_properties import EXAMPLES

from everyhost_signer import CompiledModule, Signed, Signer, SignerError, Verifier
from everyhost_signer.guest import ModuleSource

MODULES = ["verifier-lanes-relaxed", "verifier-lanes", "signer-raw"]
HELLO: Signed = (PUBLIC_KEY, "hello", HELLO_SIGNATURE)
WRONG: Signed = (PUBLIC_KEY, "you", HELLO_SIGNATURE)
# Of order 1, and with it a signature of anything; then encodings that are no points, or have another, too.
IDENTITY = bytes([1]) + bytes(31)
NO_POINT = bytes([2]) + bytes(31)
ODD_KEYS = [IDENTITY, NO_POINT, bytes(32), b"\xff" * 32, b"\xed" + b"\xff" * 30 + b"\x7f"]
SELF_TEST_FAILS = fake_verifier_bytes(verify_batch="i32.const 8")
SEEDS = [bytes([n]) * 32 for n in range(20)]
KEYS = {seed: oracle.public_key(seed) for seed in SEEDS}


@pytest.fixture(scope="session", params=MODULES)
def module(request: pytest.FixtureRequest) -> CompiledModule:
    return CompiledModule(built(request.param))


@pytest.fixture
def verifier(module: CompiledModule) -> Iterator[Verifier]:
    with Verifier([module]) as verifier:
        yield verifier


def code_of(call: Callable[[], object]) -> str:
    with pytest.raises(SignerError) as raised:
        call()
    return raised.value.code


@st.composite
def signed(draw: st.DrawFn) -> tuple[bytes, bytes, bytes]:
    """Right, or spoilt in one place."""
    seed, message = draw(st.sampled_from(SEEDS)), draw(st.binary(max_size=200))
    parts = [KEYS[seed], message, oracle.sign(seed, message)]
    if draw(st.booleans()):
        part = draw(st.sampled_from([0, 1, 2] if message else [0, 2]))
        spoilt = bytearray(parts[part])
        bit = draw(st.integers(0, 8 * len(spoilt) - 1))
        spoilt[bit // 8] ^= 1 << bit % 8
        parts[part] = bytes(spoilt)
    if draw(st.integers(0, 9)) == 0:
        parts[0], parts[2] = draw(st.sampled_from(ODD_KEYS)), draw(st.sampled_from(ODD_KEYS)) + bytes(32)
    return parts[0], parts[1], parts[2]


@EXAMPLES
@given(items=st.lists(signed(), max_size=40))
def test_each_verdict_is_that_of_the_single_check(single: Signer, many: list[Verifier], items: list[Signed]) -> None:
    for verifier in many:
        assert verifier.verify_many(items) == [single.verify(*item) for item in items]
        assert verifier.verify_many_strict(items) == [single.verify_strict(*item) for item in items]


@pytest.fixture(scope="module")
def many() -> Iterator[list[Verifier]]:
    """For all examples, so that keys are held after some of them."""
    verifiers = [Verifier([built(name)]) for name in MODULES]
    yield verifiers
    for verifier in verifiers:
        verifier.close()


@pytest.fixture(scope="module")
def single(signer_module: CompiledModule) -> Iterator[Signer]:
    with Signer(signer_module) as signer:
        yield signer


def test_strict_is_stricter(verifier: Verifier) -> None:
    item = (IDENTITY, b"anything", IDENTITY + bytes(32))
    assert verifier.verify_many([item, HELLO]) == [True, True]
    assert verifier.verify_many_strict([item, HELLO]) == [False, True]


def test_what_any_number_of_items_are(verifier: Verifier) -> None:
    assert verifier.verify_many([]) == []
    assert verifier.verify_many(iter([HELLO, WRONG])) == [True, False], "an iterator is fine"
    view = (bytearray(PUBLIC_KEY), memoryview(b"hello"), memoryview(HELLO_SIGNATURE))
    assert verifier.verify_many_strict([view, HELLO, view]) == [True] * 3
    item = (KEYS[SEEDS[0]], "häuser", oracle.sign(SEEDS[0], "häuser".encode()))
    assert verifier.verify_many([item]) == [True], "text is UTF-8"


def test_more_than_a_batch_is_split() -> None:
    with Verifier([built("verifier-lanes")]) as verifier:
        items = [HELLO] * 4100
        items[0] = items[4095] = items[4096] = items[4099] = WRONG
        wrong = [at for at, verdict in enumerate(verifier.verify_many(items)) if not verdict]
        assert wrong == [0, 4095, 4096, 4099]
        large = bytes(9 * 1024 * 1024)
        item = (PUBLIC_KEY, large, oracle.sign(SEED, large))
        assert verifier.verify_many([item, HELLO, item, WRONG, item]) == [True, True, True, False, True]


def test_lengths(verifier: Verifier) -> None:
    largest = bytes(16 * 1024 * 1024)
    assert verifier.verify_many([HELLO, (PUBLIC_KEY, largest, oracle.sign(SEED, largest))]) == [True, True]
    for length in (0, 63, 65):
        assert verifier.verify_many([(PUBLIC_KEY, "hello", (HELLO_SIGNATURE * 2)[:length]), HELLO]) == [False, True]
    for verify in (verifier.verify_many, verifier.verify_many_strict):
        with pytest.raises(SignerError, match=r"^PUBLIC_KEY_LENGTH: .* \(item 1 has one of 31 bytes\)$"):
            verify([HELLO, (PUBLIC_KEY[:31], largest + b"x", b""), (b"", b"", b"")])
        with pytest.raises(SignerError, match=r"^MESSAGE_TOO_LARGE: .* \(item 2 has one of 16777217 bytes\)$"):
            verify([HELLO, HELLO, (PUBLIC_KEY, largest + b"x", b""), (b"", b"", b"")])
    assert code_of(lambda: verifier.hold(bytes(33))) == "PUBLIC_KEY_LENGTH"


def test_wrong_types_are_refused_before_anything(verifier: Verifier) -> None:
    for at, wrong in itertools.product(range(3), [None, 5, [1], "hello"]):
        if at == 1 and wrong == "hello":
            continue
        item: list[object] = [*HELLO]
        item[at] = wrong
        with pytest.raises(TypeError) as raised:
            verifier.verify_many([(b"", b"", b""), tuple(item)])  # type: ignore[list-item]
        assert raised.value.__notes__ == ["item 1 should be a public key, a message and a signature"]
    with pytest.raises(ValueError, match="not enough values") as unpacked:
        verifier.verify_many([HELLO, HELLO[:2]])  # type: ignore[list-item]
    assert unpacked.value.__notes__ == ["item 1 should be a public key, a message and a signature"]
    with pytest.raises(TypeError):
        verifier.hold("x" * 32)  # type: ignore[arg-type]


def test_what_a_verifier_is_made_of(module: CompiledModule) -> None:
    with pytest.raises(ValueError, match="needs a module"):
        Verifier([])
    for one in ("path.wasm", b"\0asm", Path("path.wasm"), module):
        with pytest.raises(TypeError, match="a list of modules"):
            Verifier(one)  # type: ignore[arg-type]


@pytest.mark.parametrize("passed_over", [[], [*NOT_COMPILED], [SELF_TEST_FAILS], [b"", SELF_TEST_FAILS]])
def test_the_first_module_that_can_be_used_verifies(module: CompiledModule, passed_over: list[ModuleSource]) -> None:
    with Verifier([*passed_over, module, fake_verifier_bytes()]) as verifier:
        assert verifier.module_index == len(passed_over)
        assert verifier.verify_many([HELLO, WRONG]) == [True, False]


def test_where_none_can_be_used_the_error_is_of_the_last() -> None:
    def error_of(*modules: ModuleSource) -> Exception:
        with pytest.raises((SignerError, ValueError, OSError)) as raised:
            Verifier(modules)
        return raised.value

    assert str(error_of(b"", SELF_TEST_FAILS)).startswith("SELF_TEST_FAILED")
    assert "not a Wasm module" in str(error_of(SELF_TEST_FAILS, b""))
    assert str(error_of(built("add-raw"), fake_verifier_bytes())).startswith("NO_EXPORT")
    assert str(error_of(built("signer-lanes"))).startswith("NO_EXPORT")
    assert str(error_of(fake_verifier_bytes(verifier_abi_version="unreachable"))).startswith("TRAPPED")
    assert "ABI has version 2" in str(error_of(fake_verifier_bytes(verifier_abi_version="i32.const 2")))
    assert "hold_key should be ()->(i32)" in str(
        error_of(fake_verifier_bytes(hold_key="(result i32) i32.const 1 i32.const 1"))
    )
    assert isinstance(error_of("no-such.wasm"), FileNotFoundError)


def test_a_key_may_be_held_from_now_on(verifier: Verifier, module: CompiledModule) -> None:
    holds = module.type_of("hold_key") is not None
    assert verifier.hold(PUBLIC_KEY) == holds
    assert not verifier.hold(NO_POINT)
    assert all(verifier.hold(key) == holds for key in KEYS.values()), "more than it can hold at once"
    assert verifier.verify_many(
        [HELLO, WRONG, *[(key, b"", oracle.sign(seed, b"")) for seed, key in KEYS.items()]]
    ) == [
        True,
        False,
        *[True] * len(KEYS),
    ]


@pytest.mark.parametrize(
    ("wasm", "broken"),
    [
        (
            fake_verifier_bytes(verify_batch_strict="unreachable"),
            fake_verifier_bytes(verifier_abi_version="unreachable"),
        ),
        (fake_signer_bytes(verify_strict="unreachable"), fake_signer_bytes(abi_version="unreachable")),
    ],
)
def test_after_a_trap_there_is_a_new_instance_or_another_module(
    signer_module: CompiledModule, wasm: bytes, broken: bytes
) -> None:
    with Verifier([wasm, signer_module]) as verifier, Verifier([wasm]) as alone:
        for one in (verifier, alone):
            for _ in range(3):
                assert code_of(lambda: one.verify_many_strict([HELLO])) == "TRAPPED"  # noqa: B023
                assert one.verify_many([HELLO, WRONG]) == [True, True], "as the fake one says"
                assert one.module_index == 0
            made = one._modules.made
            (vars(made).get("_signer") or vars(made)["_instance"])._module = CompiledModule(broken)
            assert code_of(lambda: one.verify_many_strict([HELLO])) == "TRAPPED"  # noqa: B023
            assert one.module_index == -1
        assert verifier.verify_many_strict([HELLO, WRONG]) == [True, False]
        assert verifier.module_index == 1
        assert code_of(lambda: alone.verify_many([])) == "CLOSED"


def test_a_trap_while_a_key_is_held_is_told() -> None:
    with Verifier([fake_verifier_bytes(hold_key="unreachable")]) as verifier:
        assert code_of(lambda: verifier.hold(PUBLIC_KEY)) == "TRAPPED"
        assert verifier.verify_many([HELLO]) == [True]


def test_a_module_that_breaks_its_contract_is_not_believed() -> None:
    for bodies, why in {
        ("get_verdicts_ptr", "i32.const 0"): "there are no verdicts",
        ("verify_batch", "i32.const 99"): "unknown status 99",
    }.items():
        with pytest.raises(RuntimeError, match=why):
            Verifier([fake_verifier_bytes(**dict([bodies]))])
    with Verifier([fake_verifier_bytes(get_verdicts_ptr="i32.const 1024")]) as verifier:
        assert verifier.verify_many([HELLO]) == [False], "what is neither 0 nor 1 is not right"
    with Verifier([fake_verifier_bytes(allocate_verify_batch="i32.const 0")]) as verifier:
        assert verifier.verify_many([HELLO]) == [True], "nothing is written, and it is the status that counts"


def test_one_owner(verifier: Verifier, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Callable[[], object]] = [
        lambda: verifier.verify_many([HELLO]),
        lambda: verifier.verify_many_strict([]),
        lambda: verifier.hold(PUBLIC_KEY),
        lambda: verifier.module_index,
        verifier.close,
    ]
    codes: list[str] = []

    def all_of_them() -> None:
        codes.extend(code_of(call) for call in calls)

    def elsewhere() -> None:
        thread = threading.Thread(target=all_of_them)
        thread.start()
        thread.join(timeout=60)

    for then in (all_of_them, elsewhere):
        Halfway(monkeypatch, then)
        assert verifier.verify_many([HELLO, WRONG]) == [True, False], "the call in progress is undisturbed"
    assert codes == ["IN_USE"] * 2 * len(calls)
    for duplicate in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="can't be copied or pickled"):
            duplicate(verifier)


def test_a_closed_verifier_refuses_everything_but_closing(module: CompiledModule) -> None:
    for has_verified in (False, True):
        verifier = Verifier([module])
        with verifier:
            if has_verified:
                verifier.verify_many([HELLO])
        verifier.close()
        for call in (
            lambda: verifier.verify_many([]),  # noqa: B023
            lambda: verifier.verify_many_strict([HELLO]),  # noqa: B023
            lambda: verifier.hold(PUBLIC_KEY),  # noqa: B023
        ):
            assert code_of(call) == "CLOSED"
        assert verifier.module_index == -1

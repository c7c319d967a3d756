"""Batch modules: which one is picked, that its signatures are the same, and what becomes of its key and its traps."""

from collections.abc import Iterator
from pathlib import Path

import oracle
import pytest
from conftest import HELLO_SIGNATURE, KEYPAIR, MISMATCHED, SEED, before_closing, built
from fake import fake_signer, fake_signer_bytes
from test_secrets import OTHER_SEED, found_in
from wasmtime import wat2wasm

from everyhost_signer import CompiledModule, Signer, SignerError
from everyhost_signer.guest import Guest, ModuleSource

NOT_COMPILED = (b"no module", b"\0asm\1\0\0\0garbage", bytes(wat2wasm("(module)"))[:4] + b"\2\0\0\0")
SELF_TEST_FAILS = fake_signer_bytes(load_key="i32.const 8")
MESSAGES = [b"", b"hello", b"a" * 300]


@pytest.fixture(scope="session")
def fast() -> CompiledModule:
    return CompiledModule(built("signer-raw-simd"))


@pytest.fixture
def both(signer_module: CompiledModule, fast: CompiledModule) -> Iterator[Signer]:
    with Signer(signer_module, KEYPAIR, batch_modules=[fast]) as signer:
        yield signer


def batch_guest(signer: Signer) -> Guest:
    batch = signer._batch.made
    assert batch is not None
    return batch._open_guest()


def expected(seed: bytes = SEED) -> list[bytes]:
    return [oracle.sign(seed, message) for message in MESSAGES]


@pytest.mark.parametrize(
    ("passed_over", "name"),
    [
        ([], "the first"),
        ([*NOT_COMPILED], "not compiled"),
        ([SELF_TEST_FAILS], "self-test"),
        ([b"", SELF_TEST_FAILS], "both"),
    ],
)
def test_the_first_module_that_can_be_used_signs(
    signer_module: CompiledModule, fast: CompiledModule, passed_over: list[ModuleSource], name: str
) -> None:
    wrong = fake_signer()  # it would sign with zeros
    with Signer(signer_module, KEYPAIR, batch_modules=[*passed_over, fast, wrong]) as signer:
        assert signer.batch_module == -1, "nothing is made before it is needed"
        assert signer.sign_many(MESSAGES) == expected(), name
        assert signer.batch_module == len(passed_over)


def test_of_the_modules_made_for_batches_the_fastest_signs(signer_module: CompiledModule) -> None:
    lanes = [built("signer-lanes-relaxed"), built("signer-lanes")]
    messages = [str(n).encode() * (n % 7) for n in range(301)]
    for modules in (lanes, lanes[1:]):
        with Signer(signer_module, KEYPAIR, batch_modules=modules) as signer:
            assert signer.sign_many(messages) == [oracle.sign(SEED, message) for message in messages]
            assert signer.batch_module == 0


def test_where_none_can_be_used_the_main_module_signs(signer_module: CompiledModule) -> None:
    with Signer(signer_module, KEYPAIR, batch_modules=[*NOT_COMPILED, SELF_TEST_FAILS]) as signer:
        for _ in range(2):
            assert signer.sign_many(MESSAGES) == expected()
            assert signer.batch_module == -1


def test_two_messages_go_to_the_batch_module_and_all_else_to_the_main_one(signer_module: CompiledModule) -> None:
    with Signer(signer_module, KEYPAIR, batch_modules=[fake_signer()]) as signer:
        assert signer.sign_many([]) == []
        assert signer.sign_many(["hello"]) == [HELLO_SIGNATURE]
        assert signer.batch_module == -1
        assert signer.sign_many(["hello", "hello"]) == [bytes(64)] * 2, "the fake one's signatures"
        assert signer.batch_module == 0
        assert signer.sign_many(["hello"]) == [HELLO_SIGNATURE]
        assert signer.sign("hello") == HELLO_SIGNATURE


def test_a_module_without_batches_is_no_batch_module(signer_module: CompiledModule) -> None:
    with (
        Signer(signer_module, KEYPAIR, batch_modules=[built("add-raw")]) as signer,
        pytest.raises(ValueError, match="not a batch module"),
    ):
        signer.sign_many(MESSAGES)


def test_a_file_that_is_not_there_is_an_error_and_no_reason_to_pass_it_over(signer_module: CompiledModule) -> None:
    with (
        Signer(signer_module, KEYPAIR, batch_modules=[Path("no-such.wasm")]) as signer,
        pytest.raises(FileNotFoundError),
    ):
        signer.sign_many(MESSAGES)


def test_a_self_test_that_fails_is_told_where_it_is_the_main_module() -> None:
    with pytest.raises(SignerError) as raised:
        Signer(SELF_TEST_FAILS, KEYPAIR)
    assert raised.value.code == "SELF_TEST_FAILED"


def test_a_wipe_clears_both_instances(both: Signer) -> None:
    both.sign_many(MESSAGES)
    for guest in (batch_guest(both), both._open_guest()):
        assert found_in(guest, SEED), "the scan finds the held key before the wipe"
    both.wipe()
    for guest in (batch_guest(both), both._open_guest()):
        assert found_in(guest, SEED) == set()
    with pytest.raises(SignerError, match="NO_KEY"):
        both.sign_many(MESSAGES)
    both.load_key(KEYPAIR)
    assert both.sign_many(MESSAGES) == expected()


def test_another_key_replaces_the_old_one_in_both(both: Signer) -> None:
    both.sign_many(MESSAGES)
    both.load_key(oracle.keypair(OTHER_SEED))
    assert found_in(batch_guest(both), SEED) == set(), "at once, not with the next batch"
    assert both.sign_many(MESSAGES) == expected(OTHER_SEED)
    assert found_in(batch_guest(both), SEED) == set()


def test_a_refused_key_drops_the_old_one_in_both(both: Signer) -> None:
    both.sign_many(MESSAGES)
    with pytest.raises(SignerError, match="KEY_PAIR_MISMATCH"):
        both.load_key(MISMATCHED)
    assert found_in(batch_guest(both), SEED) == set()
    with pytest.raises(SignerError, match="NO_KEY"):
        both.sign_many(MESSAGES)


def test_closing_wipes_both_before_memory_is_given_back(both: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    both.sign_many(MESSAGES)
    seen = before_closing(monkeypatch, lambda guest: found_in(guest, SEED))
    both.close()
    assert seen == [set(), set()]
    with pytest.raises(SignerError, match="CLOSED"):
        both.sign_many(MESSAGES)


def test_a_trap_in_the_batch_module_is_told_and_survived(signer_module: CompiledModule) -> None:
    with Signer(signer_module, KEYPAIR, batch_modules=[fake_signer(sign_batch="unreachable")]) as signer:
        for _ in range(2):
            with pytest.raises(SignerError, match="TRAPPED"):
                signer.sign_many(MESSAGES)
            assert signer.sign("hello") == HELLO_SIGNATURE
        batch = signer._batch.made
        assert batch is not None
        batch._module = CompiledModule(built("signer-raw-simd"))  # what comes up after the next trap
        with pytest.raises(SignerError, match="TRAPPED"):
            signer.sign_many(MESSAGES)
        assert signer.sign_many(MESSAGES) == expected(), "the new instance has the key"


def test_a_trap_in_the_main_module_leaves_the_batch_module_its_key(both: Signer) -> None:
    both.sign_many(MESSAGES)
    with pytest.raises(SignerError, match="TRAPPED"):
        both.sign_with(MISMATCHED, "hello")
    assert both.sign_many(MESSAGES) == expected()
    assert both.sign("hello") == HELLO_SIGNATURE

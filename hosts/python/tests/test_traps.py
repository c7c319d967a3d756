"""Traps, seen from the host: on Wasm no test inside the module can catch one."""

from collections.abc import Callable

import pytest
from conftest import HELLO_SIGNATURE, KEYPAIR, MISMATCHED, PUBLIC_KEY, before_closing
from fake import fake_signer
from test_faulty import CALLS

from everyhost_signer import Adder, AdderError, CompiledModule, Signer, SignerError
from everyhost_signer.guest import GuestTrap


def assert_traps(call: Callable[[], object]) -> None:
    with pytest.raises(SignerError) as raised:
        call()
    assert raised.value.code == "TRAPPED"
    assert isinstance(raised.value.__cause__, GuestTrap), "what the runtime said is kept for people"


def test_the_modules_own_sign_traps_without_a_valid_pair_or_a_message(signer_module: CompiledModule) -> None:
    guest = signer_module.instantiate()
    guest.call("allocate_message", 5)
    with pytest.raises(GuestTrap):
        guest.call("sign")

    guest = signer_module.instantiate()
    guest.write(guest.call("get_signing_key_ptr"), KEYPAIR)
    with pytest.raises(GuestTrap):
        guest.call("sign")


def test_after_a_trap_the_signer_has_a_new_instance_and_its_key(signer: Signer) -> None:
    for _ in range(3):
        before = signer._open_guest()
        assert_traps(lambda: signer.sign_with(MISMATCHED, "hello"))
        assert signer._open_guest() is not before
        assert signer.sign("hello") == HELLO_SIGNATURE
        assert signer.sign_many(["hello", "hello"]) == [HELLO_SIGNATURE] * 2
        assert signer.public_key == PUBLIC_KEY


def test_a_trap_without_a_held_key_leaves_none(signer_module: CompiledModule) -> None:
    with Signer(signer_module) as signer:
        assert_traps(lambda: signer.sign_with(MISMATCHED, "hello"))
        with pytest.raises(SignerError, match="NO_KEY"):
            signer.sign("hello")
        assert signer.sign_with(KEYPAIR, "hello") == HELLO_SIGNATURE


def test_a_trapped_instance_is_cleared_and_never_called_again(signer: Signer, monkeypatch: pytest.MonkeyPatch) -> None:
    trapped = signer._open_guest()
    left = before_closing(monkeypatch, lambda guest: guest.read(0, guest.memory_len()))
    assert_traps(lambda: signer.sign_with(MISMATCHED, "hello"))
    assert left == [bytes(len(left[0]))]
    assert len(left[0]) > 65536
    with pytest.raises(ValueError, match="closed"):
        trapped.memory_len()


@pytest.mark.parametrize(
    ("export", "name"),
    [
        ("sign_loaded", "sign"),
        ("sign_batch", "sign_many"),
        ("verify", "verify"),
        ("derive_public_key", "derive_public_key"),
        ("wipe", "wipe"),
    ],
)
def test_a_trap_anywhere_is_reported_and_survived(export: str, name: str) -> None:
    signer = Signer(fake_signer(**{export: "unreachable"}), KEYPAIR)
    assert_traps(lambda: CALLS[name](signer))
    assert bool(signer._held) == (export != "wipe"), "the key is held on, but not after a wipe"
    signer.close()


def test_closing_succeeds_even_where_the_wipe_traps() -> None:
    signer = Signer(fake_signer(wipe="unreachable"), KEYPAIR)
    held = signer._held
    signer.close()
    assert held == bytes(64)
    with pytest.raises(SignerError, match="CLOSED"):
        signer.sign("hello")


def test_a_load_key_that_traps_leaves_no_key() -> None:
    assert_traps(lambda: Signer(fake_signer(load_key="unreachable"), KEYPAIR))
    signer = Signer(fake_signer(load_key="unreachable"))
    assert_traps(lambda: signer.load_key(KEYPAIR))
    with pytest.raises(SignerError, match="NO_KEY"):
        signer.sign("hello")


@pytest.mark.parametrize(
    "bodies", [{"load_key": "unreachable"}, {"load_key": "i32.const 3"}, {"abi_version": "unreachable"}]
)
def test_if_no_new_instance_takes_the_key_the_signer_is_closed(bodies: dict[str, str]) -> None:
    signer = Signer(fake_signer(sign_loaded="unreachable"), KEYPAIR)
    signer._module = fake_signer(**bodies)
    assert_traps(lambda: signer.sign("hello"))
    with pytest.raises(SignerError, match="CLOSED"):
        signer.sign("hello")
    assert not signer._held


@pytest.mark.parametrize(("a", "b"), [(1, 0), (0, 0), (-(2**31), 0), (-(2**31), -1)])
def test_dividing_traps_where_c_leaves_it_undefined(adder_module: CompiledModule, a: int, b: int) -> None:
    with Adder(adder_module) as adder:
        with pytest.raises(AdderError) as raised:
            adder.divide(a, b)
        assert raised.value.code == "TRAPPED"
        assert isinstance(raised.value.__cause__, GuestTrap)
        assert adder.divide(-7, 2) == -3
        assert adder.add(2, 3) == 5

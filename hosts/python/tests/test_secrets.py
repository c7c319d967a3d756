"""Wiping: after it, no eight bytes in a row of any secret stay in linear memory, nor in this process's copy."""

import hashlib
from collections.abc import Callable

import oracle
import pytest
from conftest import KEYPAIR, MISMATCHED, SEED, before_closing

from everyhost_signer import CompiledModule, Signer, SignerError
from everyhost_signer.guest import Guest

GROUP_ORDER = 2**252 + 27742317777372353535851937790883648493
RUN_LEN = 8
MESSAGES = [b"hello", b"", b"a" * 5000]
OTHER_SEED = bytes(range(1, 33))


def secrets_of(seed: bytes) -> dict[str, bytes]:
    """The seed, and all that RFC 8032, section 5.1.6, makes of it that must stay secret."""
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little") & ~7 & ~(1 << 255) | 1 << 254
    secrets = {
        "seed": seed,
        "hashed seed": digest[:32],
        "scalar": scalar.to_bytes(32, "little"),
        "scalar mod L": (scalar % GROUP_ORDER).to_bytes(32, "little"),
        "prefix": digest[32:],
    }
    for message in MESSAGES:
        nonce = hashlib.sha512(digest[32:] + message).digest()
        secrets[f"hashed nonce of {message[:5]!r}"] = nonce
        secrets[f"nonce of {message[:5]!r}"] = (int.from_bytes(nonce, "little") % GROUP_ORDER).to_bytes(32, "little")
    return secrets


def found_in(guest: Guest, *seeds: bytes) -> set[str]:
    memory = guest.read(0, guest.memory_len())
    return {
        name
        for seed in seeds
        for name, secret in secrets_of(seed).items()
        if any(secret[at : at + RUN_LEN] in memory for at in range(len(secret) - RUN_LEN + 1))
    }


def refused(call: Callable[[], object]) -> None:
    with pytest.raises(SignerError):
        call()


PATHS: dict[str, Callable[[Signer], object]] = {
    "load_key": lambda signer: signer.public_key,
    "sign": lambda signer: [signer.sign(message) for message in MESSAGES],
    "sign_many": lambda signer: signer.sign_many(MESSAGES),
    "sign_with": lambda signer: [signer.sign_with(KEYPAIR, message) for message in MESSAGES],
    "derive_public_key": lambda signer: signer.derive_public_key(SEED),
    "replaced key": lambda signer: signer.load_key(oracle.keypair(OTHER_SEED)),
    "reload after a trap": lambda signer: refused(lambda: signer.sign_with(MISMATCHED, "hello")),
}


@pytest.mark.parametrize("path", PATHS)
def test_a_wipe_leaves_no_secret(signer: Signer, path: str) -> None:
    PATHS[path](signer)
    guest = signer._open_guest()
    assert found_in(guest, SEED, OTHER_SEED) & {"scalar mod L", "prefix"}, "the scan finds the held key before the wipe"
    signer.wipe()
    assert found_in(guest, SEED, OTHER_SEED) == set()


def test_the_key_buffer_is_empty_after_every_call(signer: Signer) -> None:
    guest = signer._open_guest()
    at = guest.call("get_signing_key_ptr")
    calls: list[Callable[[], object]] = [
        lambda: signer.sign_with(KEYPAIR, "hello"),
        lambda: signer.derive_public_key(SEED),
        lambda: signer.load_key(KEYPAIR),
        lambda: refused(lambda: signer.load_key(MISMATCHED)),
    ]
    for call in calls:
        call()
        assert guest.read(at, 64) == bytes(64)


def test_the_scan_finds_every_kind_of_secret(signer_module: CompiledModule) -> None:
    for name, secret in secrets_of(SEED).items():
        guest = signer_module.instantiate()
        assert found_in(guest, SEED) == set()
        at = guest.call("allocate_message", 24)
        guest.write(at + 3, secret[-RUN_LEN:])
        assert name in found_in(guest, SEED)


def test_closing_wipes_before_memory_is_given_back(
    signer_module: CompiledModule, monkeypatch: pytest.MonkeyPatch
) -> None:
    signer = Signer(signer_module, KEYPAIR)
    signer.sign_many(MESSAGES)
    assert found_in(signer._open_guest(), SEED)
    seen = before_closing(monkeypatch, lambda guest: found_in(guest, SEED))
    signer.close()
    assert seen == [set()]


@pytest.mark.parametrize(
    "call",
    [
        lambda signer: signer.wipe(),
        lambda signer: signer.close(),
        lambda signer: signer.load_key(oracle.keypair(OTHER_SEED)),
        lambda signer: refused(lambda: signer.load_key(b"")),
        lambda signer: refused(lambda: signer.load_key(MISMATCHED)),
    ],
    ids=["wipe", "close", "load_key", "wrong length", "mismatch"],
)
def test_the_processs_own_copy_of_the_key_is_cleared_in_place(signer: Signer, call: Callable[[Signer], object]) -> None:
    held = signer._held
    assert held == KEYPAIR
    call(signer)
    assert held == bytes(64)

"""Files that hold a key, beside pyca's, and what is left of a secret. The suite `keys` has those that are wrong."""

import base64
import copy
import gc
import json
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path

import jwt
import pytest
from conftest import HELLO_SIGNATURE, MISMATCHED, PUBLIC_KEY, SEED, before_closing, built
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)
from test_faulty import memory_of
from test_owner import Halfway
from test_verifier import code_of

from everyhost_signer import CompiledModule, Keys, PrivateKey, Signer, SignerError
from everyhost_signer.guest import Guest, GuestTrap

PYCA = Ed25519PrivateKey.from_private_bytes(SEED)
PEM = PYCA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
DER = PYCA.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
PUBLIC_PEM = PYCA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
PUBLIC_DER = PYCA.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
JWK = jwt.algorithms.OKPAlgorithm.to_jwk(PYCA)
PUBLIC_JWK = jwt.algorithms.OKPAlgorithm.to_jwk(PYCA.public_key())

CALLS: dict[str, Callable[[Keys], object]] = {
    "read_private_key": lambda keys: keys.read_private_key(PEM),
    "read_private_key, refused": lambda keys: keys.read_private_key(PEM[:-9]),
    "read_public_key": lambda keys: keys.read_public_key(PUBLIC_PEM),
    "read_public_key of a private one": lambda keys: keys.read_public_key(JWK),
    "write_private_key": lambda keys: keys.write_private_key(PrivateKey(SEED), "pem"),
    "write_private_key, refused": lambda keys: keys.write_private_key(PrivateKey(SEED), "jwk"),
    "write_public_key": lambda keys: keys.write_public_key(PUBLIC_KEY, "jwk"),
    "close": lambda keys: keys.close(),
}
WRONG: dict[str, Callable[[Keys], object]] = {
    "a file that is a path": lambda keys: keys.read_private_key(Path("my.pem")),  # type: ignore[arg-type]
    "a file that is nothing": lambda keys: keys.read_public_key(None),  # type: ignore[arg-type]
    "a keypair": lambda keys: keys.write_private_key(SEED, "pem"),  # type: ignore[call-overload]
    "a public key in hex": lambda keys: keys.write_public_key(PUBLIC_KEY.hex(), "pem"),  # type: ignore[call-overload]
}


@pytest.fixture(scope="module")
def module() -> CompiledModule:
    return CompiledModule(built("keys"))


@pytest.fixture
def keys(module: CompiledModule) -> Iterator[Keys]:
    with Keys(module) as keys:
        yield keys


@pytest.mark.parametrize("file", [PEM, PEM.decode(), bytearray(DER), memoryview(DER), JWK])
def test_reads_what_pyca_and_pyjwt_write(keys: Keys, file: str | bytes) -> None:
    with keys.read_private_key(file) as key:
        assert key.seed == SEED
        assert key.public_key == (PUBLIC_KEY if file is JWK else None)


@pytest.mark.parametrize("file", [PUBLIC_PEM, PUBLIC_PEM.decode(), PUBLIC_DER, PUBLIC_JWK])
def test_reads_their_public_keys(keys: Keys, file: str | bytes) -> None:
    assert keys.read_public_key(file) == PUBLIC_KEY


def test_writes_the_same_bytes_as_pyca(keys: Keys) -> None:
    key = PrivateKey(SEED)
    assert keys.write_private_key(key, "pem") == PEM.decode()
    assert keys.write_private_key(key, "der") == DER
    assert keys.write_public_key(PUBLIC_KEY, "pem") == PUBLIC_PEM.decode()
    assert keys.write_public_key(PUBLIC_KEY, "der") == PUBLIC_DER
    assert json.loads(keys.write_public_key(PUBLIC_KEY, "jwk")) == json.loads(PUBLIC_JWK)


def test_writes_the_public_key_too_if_there_is_one(keys: Keys) -> None:
    key = PrivateKey(SEED, PUBLIC_KEY)
    assert json.loads(keys.write_private_key(key, "jwk")) == json.loads(JWK)
    for file in (keys.write_private_key(key, "pem"), keys.write_private_key(key, "der")):
        again = keys.read_private_key(file)
        assert (again.seed, again.public_key) == (SEED, PUBLIC_KEY)


def test_pyca_reads_only_what_is_written_without_the_public_key(keys: Keys) -> None:
    loaded = load_pem_private_key(keys.write_private_key(PrivateKey(SEED), "pem").encode(), None)
    assert isinstance(loaded, Ed25519PrivateKey)
    assert loaded.private_bytes_raw() == SEED
    with pytest.raises(ValueError, match="Could not deserialize key data"):  # it is OpenSSL's
        load_pem_private_key(keys.write_private_key(PrivateKey(SEED, PUBLIC_KEY), "pem").encode(), None)


def test_what_is_no_such_file_has_a_code(keys: Keys) -> None:
    encrypted = PYCA.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"x"))
    assert code_of(lambda: keys.read_private_key(encrypted)) == "KEY_ENCRYPTED"
    assert code_of(lambda: keys.read_private_key(PUBLIC_JWK)) == "KEY_IS_PUBLIC"
    assert code_of(lambda: keys.read_public_key(DER)) == "KEY_IS_PRIVATE"
    assert code_of(lambda: keys.read_private_key("")) == "KEY_FORMAT"
    with pytest.raises(SignerError, match=r"^KEY_TOO_LARGE: .* \(this one has 16385\)$"):  # so it was not copied
        keys.read_private_key(b" " * 16385)
    assert keys.read_private_key(PEM + b" " * (16384 - len(PEM))).seed == SEED
    assert code_of(lambda: keys.write_private_key(PrivateKey(SEED), "jwk")) == "KEY_JWK"
    assert code_of(lambda: keys.write_public_key(PUBLIC_KEY[:31], "pem")) == "PUBLIC_KEY_LENGTH"


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_type_is_a_type_error_before_anything_is_done(
    keys: Keys, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def refused() -> None:
        with pytest.raises(TypeError):
            WRONG[name](keys)

    refused()
    Halfway(monkeypatch, refused)  # it is said before IN_USE is
    assert keys.read_public_key(PUBLIC_DER) == PUBLIC_KEY


def test_another_form_is_an_error_that_names_them(keys: Keys) -> None:
    with pytest.raises(ValueError, match="a key is written as pem, der, jwk, not as 'PEM'"):
        keys.write_public_key(PUBLIC_KEY, "PEM")  # type: ignore[call-overload]


@pytest.mark.parametrize("name", CALLS)
def test_a_call_within_a_call_is_turned_away_and_one_that_is_closed_refuses(
    module: CompiledModule, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    codes: list[str] = []
    with Keys(module) as keys:
        Halfway(monkeypatch, lambda: codes.append(code_of(lambda: CALLS[name](keys))))
        assert keys.read_public_key(PUBLIC_PEM) == PUBLIC_KEY
    assert codes == ["IN_USE"]
    if name == "close":
        CALLS[name](keys)
    else:
        assert code_of(lambda: CALLS[name](keys)) == "CLOSED"


def secrets_in(guest: Guest) -> list[bytes]:
    memory = memory_of(guest)
    # Of each text of the seed a part that begins with it.
    base64url = base64.urlsafe_b64encode(SEED)
    texts = [SEED, base64url, base64.b64encode(DER)[-40:]]
    return [text[at : at + 8] for text in texts for at in range(len(text) - 8) if text[at : at + 8] in memory]


def test_the_scan_finds_what_was_not_wiped(module: CompiledModule) -> None:
    for file in (DER, PEM, JWK.encode()):
        guest = module.instantiate()
        assert secrets_in(guest) == []
        guest.write(guest.call("get_file_ptr"), file)
        assert len(secrets_in(guest)) > 20


@pytest.mark.parametrize("why", [None, GuestTrap, KeyboardInterrupt])
@pytest.mark.parametrize("name", CALLS)
def test_however_a_call_ends_it_leaves_nothing_and_the_next_one_is_right(
    module: CompiledModule, monkeypatch: pytest.MonkeyPatch, name: str, why: type[BaseException] | None
) -> None:
    invoke, left, ended = Guest.invoke, 0, set[str]()

    def then_ends(*args: object) -> object:
        nonlocal left
        result, left = invoke(*args), left - 1  # type: ignore[arg-type]
        if left == 0 and why is not None:
            raise why
        return result

    monkeypatch.setattr(Guest, "invoke", then_ends)
    found = before_closing(monkeypatch, secrets_in)
    for at in range(1, 10):
        with Keys(module) as keys:
            left = at
            try:
                CALLS[name](keys)
            except (SignerError, KeyboardInterrupt) as error:
                ended.add(error.code if isinstance(error, SignerError) else "KeyboardInterrupt")
            left = 0
            if name != "close":
                assert secrets_in(keys._instance._guest) == []  # type: ignore[arg-type]
                assert keys.read_public_key(PUBLIC_PEM) == PUBLIC_KEY
    assert len(found) >= 9
    assert not any(found)
    if name != "close" and why is not None:
        assert ("TRAPPED" if why is GuestTrap else "KeyboardInterrupt") in ended


def test_without_a_new_instance_it_is_closed(module: CompiledModule, monkeypatch: pytest.MonkeyPatch) -> None:
    def traps(*_: object) -> None:
        raise GuestTrap("on purpose")

    with Keys(module) as keys:
        with monkeypatch.context() as patch:
            patch.setattr(Guest, "invoke", traps)
            assert code_of(lambda: keys.read_private_key(PEM)) == "TRAPPED"
        assert code_of(lambda: keys.read_private_key(PEM)) == "CLOSED"


def test_another_module_is_refused() -> None:
    with pytest.raises(ValueError, match="not a keys module: it does not export file_len"):
        Keys(built("signer-raw"))


class TestPrivateKey:
    def test_nothing_shows_the_seed(self) -> None:
        for key in (PrivateKey(SEED), PrivateKey(SEED, PUBLIC_KEY)):
            shown = f"{key} {key!r} {[key]} {key.__class__}"
            assert SEED.hex()[:16] not in shown
            assert repr(SEED)[4:20] not in shown
        assert repr(key) == f"<PrivateKey public_key={PUBLIC_KEY.hex()}>"

    def test_a_generated_one_is_another_each_time(self) -> None:
        seeds = {PrivateKey.generate().seed for _ in range(100)}
        assert len(seeds) == 100
        assert {len(seed) for seed in seeds} == {32}

    def test_its_lengths_are_checked(self) -> None:
        assert code_of(lambda: PrivateKey(SEED[:31])) == "KEY_LENGTH"
        assert code_of(lambda: PrivateKey(SEED + PUBLIC_KEY)) == "KEY_LENGTH"
        assert code_of(lambda: PrivateKey(SEED, b"")) == "PUBLIC_KEY_LENGTH"
        with pytest.raises(TypeError):
            PrivateKey(SEED.hex())  # type: ignore[arg-type]

    def test_closing_or_dropping_it_clears_the_seed_in_place(self, keys: Keys) -> None:
        with PrivateKey(SEED) as closed:
            copies = [closed._seed]
        dropped = keys.read_private_key(PEM)
        copies.append(dropped._seed)
        assert copies == [bytes(32), SEED]
        del dropped
        gc.collect()
        assert copies == [bytes(32)] * 2
        assert code_of(lambda: closed.seed) == "CLOSED"
        assert code_of(lambda: keys.write_private_key(closed, "pem")) == "CLOSED"
        closed.close()

    @pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, pickle.dumps])
    def test_copies_are_refused(self, duplicate: Callable[[object], object]) -> None:
        with pytest.raises(TypeError, match="can't be copied or pickled"):
            duplicate(PrivateKey(SEED))


class TestASignerFromOne:
    @pytest.mark.parametrize("public_key", [None, PUBLIC_KEY])
    def test_signs_as_with_the_keypair(self, signer_module: CompiledModule, public_key: bytes | None) -> None:
        with Signer.from_private_key(
            signer_module, PrivateKey(SEED, public_key), batch_modules=[built("signer-lanes")]
        ) as signer:
            assert signer.public_key == PUBLIC_KEY
            assert signer.sign("hello") == HELLO_SIGNATURE
            assert signer.sign_many(["hello"] * 2) == [HELLO_SIGNATURE] * 2
            assert signer.batch_module == 0

    def test_a_bad_key_is_refused_and_leaves_nothing(
        self, signer_module: CompiledModule, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        found = before_closing(monkeypatch, secrets_in)
        mismatched, closed = PrivateKey(SEED, MISMATCHED[32:]), PrivateKey(SEED)
        closed.close()
        assert code_of(lambda: Signer.from_private_key(signer_module, mismatched)) == "KEY_PAIR_MISMATCH"
        assert code_of(lambda: Signer.from_private_key(signer_module, closed)) == "CLOSED"
        assert found == [[], []]
        with pytest.raises(TypeError, match="takes a PrivateKey, not bytes"):
            Signer.from_private_key(signer_module, SEED)  # type: ignore[arg-type]

"""Two oracles: Ed25519 implementations that are not ours, asked what every host is asked.

``--library pyca`` is pyca's cryptography, which is OpenSSL; ``--library libsodium`` is libsodium, through PyNaCl. They
are adapters as ``hosts/CONTRACT.md`` has them, for the module named ``native``: there is nothing to load. What is here
beside the library's own answer is only what has no place in such a library: the names of errors, the cap, and that the
halves of a keypair belong together.
"""

import argparse
import hashlib
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Final

import nacl.exceptions
import nacl.signing
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.backends.openssl import backend as openssl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from wire import Answerer, Json, RequestError, decode_bytes

KEYPAIR_LEN: Final = 64
SEED_LEN: Final = 32
PUBLIC_KEY_LEN: Final = 32
#: As the modules have it, so that the same cases can be asked.
MAX_MESSAGE_LEN: Final = 16 * 1024 * 1024


def main() -> int:
    """Answers by the library that the command line names."""
    parser = argparse.ArgumentParser(description="Answers the runner's requests with a library of Ed25519.")
    parser.add_argument("--library", choices=LIBRARIES, required=True)
    name = parser.parse_args().library
    return Oracle(LIBRARIES[name]).serve(f"python oracle {name}")


@dataclass(frozen=True)
class Library:
    """What a library is asked. The lengths of seeds and public keys are right when it is, a signature's may be any."""

    #: Its name and version, and those of what it is built on.
    about: str
    #: The Python module that holds its compiled code.
    binary: str
    ops: list[str]
    public_key: Callable[[bytes], bytes]
    #: A signature of each message, by a seed.
    sign: Callable[[bytes, Iterable[bytes]], list[bytes]]
    #: Whether it accepts a public key, a message and a signature.
    verify: Callable[[bytes, bytes, bytes], bool]


def _pyca_public_key(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def _pyca_sign(seed: bytes, messages: Iterable[bytes]) -> list[bytes]:
    key = Ed25519PrivateKey.from_private_bytes(seed)
    return [key.sign(message) for message in messages]


def _pyca_verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except InvalidSignature:
        return False
    return True


def _libsodium_public_key(seed: bytes) -> bytes:
    return bytes(nacl.signing.SigningKey(seed).verify_key)


def _libsodium_sign(seed: bytes, messages: Iterable[bytes]) -> list[bytes]:
    key = nacl.signing.SigningKey(seed)
    return [key.sign(message).signature for message in messages]


def _libsodium_verify(public_key: bytes, message: bytes, signature: bytes) -> bool:
    try:
        nacl.signing.VerifyKey(public_key).verify(message, signature)
    except nacl.exceptions.CryptoError:  # also of a signature that is not 64 bytes long
        return False
    return True


LIBRARIES: Final = {
    "pyca": Library(
        about=f"cryptography {version('cryptography')}, {openssl.openssl_version_text()}",
        binary="cryptography.hazmat.bindings._rust",
        ops=["public_key", "sign", "sign_many", "verify"],
        public_key=_pyca_public_key,
        sign=_pyca_sign,
        verify=_pyca_verify,
    ),
    "libsodium": Library(
        about=f"PyNaCl {version('pynacl')}, with the libsodium of its wheel",
        binary="nacl._sodium",
        # It has one verification only, and that is a strict one: it answers both, and where it is stricter than
        # `verify` is a known gap.
        ops=["public_key", "sign", "sign_many", "verify", "verify_strict"],
        public_key=_libsodium_public_key,
        sign=_libsodium_sign,
        verify=_libsodium_verify,
    ),
}


class _RefusalError(Exception):
    """A stable name from the table of codes."""


class Oracle(Answerer):
    """Answers requests with one library."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._ops: dict[str, Callable[[Json], Json]] = {
            "public_key": self._public_key,
            "sign": self._sign,
            "sign_many": self._sign_many,
            "verify": self._verify,
            "verify_strict": self._verify,
        }

    def hello(self, modules: Json) -> tuple[str, Json]:
        """Knows the module `native` alone, for which the hash is that of the library's code."""
        path = import_module(self._library.binary).__file__
        if path is None:
            raise RequestError(f"{self._library.binary} is no file")
        native = {"sha256": hashlib.sha256(Path(path).read_bytes()).hexdigest(), "ops": self._library.ops}
        return self._library.about, {name: native for name in modules if name == "native"}

    def run(self, module: str, op: str, given: Json) -> Json:
        """Does one operation."""
        if module != "native":
            raise RequestError(f"an oracle loads no modules; it was asked about {module}")
        if op not in self._library.ops:
            raise RequestError(f"the library has no {op}")
        try:
            return {"ok": self._ops[op](given)}
        except _RefusalError as refusal:
            return {"error": str(refusal)}

    def _public_key(self, given: Json) -> Json:
        return {"public_key": self._library.public_key(_of_length(given["seed"], SEED_LEN, "KEY_LENGTH")).hex()}

    def _sign(self, given: Json) -> Json:
        seed = self._seed(given)
        (signature,) = self._library.sign(seed, [_message(given["message"])])
        return {"signature": signature.hex()}

    def _sign_many(self, given: Json) -> Json:
        seed = self._seed(given)
        signatures = self._library.sign(seed, [_message(message) for message in given["messages"]])
        return {"signatures": [signature.hex() for signature in signatures]}

    def _seed(self, given: Json) -> bytes:
        """The seed of a keypair whose halves belong together."""
        keypair = _of_length(given["keypair"], KEYPAIR_LEN, "KEY_LENGTH")
        seed, public_key = keypair[:SEED_LEN], keypair[SEED_LEN:]
        if self._library.public_key(seed) != public_key:
            raise _RefusalError("KEY_PAIR_MISMATCH")
        return seed

    def _verify(self, given: Json) -> Json:
        public_key = _of_length(given["public_key"], PUBLIC_KEY_LEN, "PUBLIC_KEY_LENGTH")
        message = _message(given["message"])
        return {"valid": self._library.verify(public_key, message, decode_bytes(given["signature"]))}


def _of_length(written: str | Json, length: int, otherwise: str) -> bytes:
    data = decode_bytes(written)
    if len(data) != length:
        raise _RefusalError(otherwise)
    return data


def _message(written: str | Json) -> bytes:
    message = decode_bytes(written)
    if len(message) > MAX_MESSAGE_LEN:
        raise _RefusalError("MESSAGE_TOO_LARGE")
    return message


if __name__ == "__main__":
    sys.exit(main())

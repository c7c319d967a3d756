"""Files that hold a key, read and written by the Wasm module keys: PEM, DER (both RFC 8410) and JWK (RFC 8037)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final, Literal, TypeAlias, overload

from everyhost_signer.errors import SignerError
from everyhost_signer.guard import Guard, Owned
from everyhost_signer.guest import CompiledModule, Guest, GuestTrap, ModuleSource
from everyhost_signer.instance import Instance
from everyhost_signer.private_key import PrivateKey
from everyhost_signer.signer import check, start
from everyhost_signer.values import PUBLIC_KEY_LEN, SEED_LEN, BytesLike, Message, bytes_of, require_len

#: How a key is written: as text (pem, jwk) or as bytes (der).
TextForm: TypeAlias = Literal["pem", "jwk"]
Form: TypeAlias = TextForm | Literal["der"]

#: What the module has.
KEYS_EXPORTS: Final = {
    "keys_abi_version": "()->(i32)",
    "max_file_len": "()->(i32)",
    "get_file_ptr": "()->(i32)",
    "file_len": "()->(i32)",
    "get_seed_ptr": "()->(i32)",
    "get_public_key_ptr": "()->(i32)",
    "has_public_key": "()->(i32)",
    "read_private_key": "(i32)->(i32)",
    "read_public_key": "(i32)->(i32)",
    "write_private_key": "(i32 i32)->(i32)",
    "write_public_key": "(i32)->(i32)",
    "wipe": "()->()",
    "memory": "memory",
}
_FORMS: Final = {"pem": 1, "der": 2, "jwk": 3}


class Keys(Owned):
    """Reads and writes files that hold an Ed25519 key.

        with Keys("keys.wasm") as keys, keys.read_private_key(Path("my.pem").read_bytes()) as key:
            print(keys.write_private_key(key, "jwk"))

    A private key is PKCS#8, as PEM or DER, or a JWK with ``d``; a public key is SubjectPublicKeyInfo, or a JWK without.
    Which of them a file is, is seen from the file. Errors, threads and traps are as of a
    :class:`~everyhost_signer.signer.Signer`. After every call the module's memory is wiped.

    Args:
        module: the module keys, compiled already, as the bytes of a .wasm file, or as its path.

    Raises:
        SignerError: ``TRAPPED``.
        ValueError: that is no module, or not keys.
    """

    def __init__(self, module: ModuleSource) -> None:
        self._guard = Guard(SignerError)
        compiled = CompiledModule.of(module)
        compiled.require(KEYS_EXPORTS, "a keys")
        self._instance = Instance(compiled, _start, SignerError)

    def read_private_key(self, file: Message) -> PrivateKey:
        """The key in a file, which is given as text or bytes.

        Raises:
            SignerError: ``KEY_FORMAT``, ``KEY_PEM``, ``KEY_DER``, ``KEY_JWK``, ``KEY_ALGORITHM``, ``KEY_ENCRYPTED``,
                ``KEY_IS_PUBLIC``, ``KEY_LENGTH``, ``PUBLIC_KEY_LENGTH``, ``KEY_TOO_LARGE``, ``TRAPPED``, ``CLOSED``,
                ``IN_USE``.
        """
        data = _file_bytes(file)
        with self._running() as guest:
            _read(guest, "read_private_key", data)
            seed = guest.view(guest.call("get_seed_ptr"), SEED_LEN)  # from there into the key, without another copy
            return PrivateKey(seed, _public_key_of(guest) if guest.call("has_public_key") else None)

    def read_public_key(self, file: Message) -> bytes:
        """The public key in a file, 32 bytes.

        Raises:
            SignerError: as :meth:`read_private_key`, but ``KEY_IS_PRIVATE`` for ``KEY_IS_PUBLIC``.
        """
        data = _file_bytes(file)
        with self._running() as guest:
            _read(guest, "read_public_key", data)
            return _public_key_of(guest)

    @overload
    def write_private_key(self, key: PrivateKey, form: TextForm) -> str: ...
    @overload
    def write_private_key(self, key: PrivateKey, form: Literal["der"]) -> bytes: ...
    def write_private_key(self, key: PrivateKey, form: Form) -> str | bytes:
        """A file of the key, with its public key if it has one: text for pem and jwk, bytes for der.

        As pem and der that is PKCS#8 version 2, which OpenSSL 3.0 does not read: for it write ``PrivateKey(key.seed)``.
        Python can't clear text or bytes: forget the result soon.

        Raises:
            SignerError: ``KEY_JWK``: a JWK must have the public key. ``TRAPPED``, ``CLOSED``, ``IN_USE``.
            ValueError: there is no such form.
        """
        if not isinstance(key, PrivateKey):
            raise TypeError(f"write_private_key takes a PrivateKey, not {type(key).__name__}")
        number = _number_of(form)
        with self._running() as guest:
            guest.write(guest.call("get_seed_ptr"), key._open_seed())
            if key.public_key is not None:
                guest.write(guest.call("get_public_key_ptr"), key.public_key)
            check(guest.call("write_private_key", number, int(key.public_key is not None)))
            return _written(guest, form)

    @overload
    def write_public_key(self, public_key: BytesLike, form: TextForm) -> str: ...
    @overload
    def write_public_key(self, public_key: BytesLike, form: Literal["der"]) -> bytes: ...
    def write_public_key(self, public_key: BytesLike, form: Form) -> str | bytes:
        """A file of a public key: text for pem and jwk, bytes for der.

        Raises:
            SignerError: ``PUBLIC_KEY_LENGTH``, ``TRAPPED``, ``CLOSED``, ``IN_USE``.
            ValueError: there is no such form.
        """
        data, number = bytes_of(public_key), _number_of(form)
        with self._running() as guest:
            require_len(data, PUBLIC_KEY_LEN, "PUBLIC_KEY_LENGTH")
            guest.write(guest.call("get_public_key_ptr"), data)
            check(guest.call("write_public_key", number))
            return _written(guest, form)

    def close(self) -> None:
        """Ends it. Every later call is ``CLOSED``; closing again does nothing.

        Raises:
            SignerError: ``IN_USE``; it is as it was then.
        """
        with self._guard:
            self._instance.close()

    @contextmanager
    def _running(self) -> Iterator[Guest]:
        """Lends the instance for some calls, and wipes it, however they end."""
        with self._guard, self._instance.running() as guest:
            try:
                yield guest
            except GuestTrap:
                raise  # the whole memory will be cleared
            except Exception:
                guest.call("wipe")
                raise
            guest.call("wipe")


def _start(module: CompiledModule) -> Guest:
    return start(module, "keys_abi_version", lambda _: None)[0]


def _file_bytes(file: Message) -> bytes | memoryview:
    return str.encode(file) if isinstance(file, str) else bytes_of(file)


def _read(guest: Guest, export: str, file: bytes | memoryview) -> None:
    if len(file) > guest.call("max_file_len"):
        raise SignerError("KEY_TOO_LARGE", f"this one has {len(file)}")
    guest.write(guest.call("get_file_ptr"), file)
    check(guest.call(export, len(file)))


def _public_key_of(guest: Guest) -> bytes:
    return guest.read(guest.call("get_public_key_ptr"), PUBLIC_KEY_LEN)


def _number_of(form: Form) -> int:
    if form not in _FORMS:
        raise ValueError(f"a key is written as {', '.join(_FORMS)}, not as {form!r}")
    return _FORMS[form]


def _written(guest: Guest, form: Form) -> str | bytes:
    file = guest.read(guest.call("get_file_ptr"), guest.call("file_len"))
    return file if form == "der" else file.decode()

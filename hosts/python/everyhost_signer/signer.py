"""Ed25519 signing and verifying by the Wasm module signer-raw and its kin."""

import struct
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, Final, Self, TypeVar

from everyhost_signer.codes import CODE_OF_STATUS
from everyhost_signer.compact import encode, signing_input
from everyhost_signer.errors import SignerError
from everyhost_signer.guard import Guard, Owned
from everyhost_signer.guest import CompiledModule, Guest, GuestTrap, ModuleSource
from everyhost_signer.preferred import Preferred
from everyhost_signer.private_key import PrivateKey
from everyhost_signer.values import (
    KEYPAIR_LEN,
    PUBLIC_KEY_LEN,
    SEED_LEN,
    SIGNATURE_LEN,
    BytesLike,
    Message,
    bytes_of,
    message_bytes,
    require_len,
)

#: The most messages that the module takes at once. :meth:`Signer.sign_many` splits what is more.
MAX_BATCH_COUNT: Final = 4096

_ABI_VERSION: Final = 1
_OK: Final = 0
#: What every signer has. Those made for batches do not verify, and the small ones have no batches.
SIGNER_EXPORTS: Final = {
    "abi_version": "()->(i32)",
    "max_message_len": "()->(i32)",
    "get_signing_key_ptr": "()->(i32)",
    "get_signature_ptr": "()->(i32)",
    "get_public_key_ptr": "()->(i32)",
    "allocate_message": "(i32)->(i32)",
    "sign": "()->()",
    "derive_public_key": "()->(i32)",
    "load_key": "()->(i32)",
    "sign_loaded": "()->(i32)",
    "wipe": "()->()",
    "memory": "memory",
}
#: What signs many messages at once.
BATCH_EXPORTS: Final = {
    "allocate_batch": "(i32 i32)->(i32)",
    "sign_batch": "()->(i32)",
    "get_batch_signatures_ptr": "()->(i32)",
}
_Item = TypeVar("_Item")


class Signer(Owned):
    """A signer that holds one key inside a Wasm instance of its own.

        with Signer("signer-raw.wasm", keypair) as signer:
            signature = signer.sign("hello")

    Every error is a :class:`SignerError` whose ``code`` is stable. After ``TRAPPED`` the signer can be used on: its
    instance was replaced by a new one and the held key was loaded again. If that was not possible, it is closed.

    A signer has one owner: while a call is in progress, any other, from another thread or from within, is ``IN_USE``
    and changes nothing. Give each thread its own signer and share the :class:`CompiledModule`.

    It keeps the keypair twice, in linear memory (expanded) and in a buffer of this process (to load it again after a
    trap). :meth:`wipe` and :meth:`close` clear both, and so does dropping the signer; the ``bytes`` that you passed are
    yours to forget. It can't be copied or pickled.

    Args:
        module: the module, compiled already, as the bytes of a .wasm file, or as its path. Compiling takes far longer
            than everything else, so for several signers make one :class:`CompiledModule`.
        keypair: 64 bytes, the secret seed of 32, then its public key of 32. Without it the signer only verifies and
            derives, until :meth:`load_key`.
        batch_modules: further modules for :meth:`sign_many` of two messages or more, in order of preference, such as
            signer-lanes-relaxed and signer-lanes. One that this runtime cannot compile, or that fails its self-test
            here, is passed over; where none is left, the main module signs.

    Raises:
        SignerError: ``KEY_LENGTH``, ``KEY_PAIR_MISMATCH``, ``SELF_TEST_FAILED``, ``TRAPPED``.
        ValueError: that is no module, or not a signer.
    """

    _guest: Guest | None = None

    def __init__(
        self, module: ModuleSource, keypair: BytesLike | None = None, *, batch_modules: Iterable[ModuleSource] = ()
    ) -> None:
        self._guard = Guard(SignerError)
        self._held = bytearray()
        self._module = CompiledModule.of(module)
        self._module.require(SIGNER_EXPORTS, "a signer")
        self._batch = Preferred(batch_modules, _batch_signer)
        self._guest = self._new_guest()
        if keypair is not None:
            try:
                self.load_key(keypair)
            except BaseException:
                self.close()
                raise

    @classmethod
    def from_private_key(
        cls, module: ModuleSource, key: PrivateKey, *, batch_modules: Iterable[ModuleSource] = ()
    ) -> Self:
        """A signer that holds this key. If there is no public key beside it, it is derived.

        Raises:
            SignerError: ``KEY_PAIR_MISMATCH``: the public key beside it is not its own. ``SELF_TEST_FAILED``,
                ``TRAPPED``, ``CLOSED``: of a key that was closed.
            ValueError: that is no module, or not a signer.
        """
        if not isinstance(key, PrivateKey):
            raise TypeError(f"from_private_key takes a PrivateKey, not {type(key).__name__}; for 64 bytes, use Signer")
        signer = cls(module, batch_modules=batch_modules)
        keypair = bytearray(KEYPAIR_LEN)
        try:
            keypair[:SEED_LEN] = key._open_seed()
            public_key = key.public_key
            keypair[SEED_LEN:] = signer.derive_public_key(key._open_seed()) if public_key is None else public_key
            signer.load_key(keypair)
        except BaseException:
            signer.close()
            raise
        finally:
            keypair[:] = bytes(KEYPAIR_LEN)
        return signer

    @property
    def public_key(self) -> bytes:
        """The public key of the held key, 32 bytes.

        Raises:
            SignerError: ``NO_KEY``, ``CLOSED``, ``IN_USE``.
        """
        with self._guard:
            self._open_guest()
            self._require_key()
            return bytes(self._held[SEED_LEN:])

    @property
    def batch_module(self) -> int:
        """The place in `batch_modules` of the module that :meth:`sign_many` uses.

        -1 where that is the main module, and before the first batch of two messages or more, for which the choice is
        made.

        Raises:
            SignerError: ``IN_USE``.
        """
        with self._guard:
            return self._batch.index

    @property
    def closed(self) -> bool:
        """Whether the signer has ended."""
        return self._guest is None

    def sign(self, message: Message) -> bytes:
        """Signs a message with the held key: 64 bytes, the same for the same message every time.

        Raises:
            SignerError: ``NO_KEY``, ``MESSAGE_TOO_LARGE``, ``OUT_OF_MEMORY``, ``TRAPPED``, ``CLOSED``, ``IN_USE``.
        """
        data = message_bytes(message)
        with self._running() as guest:
            self._require_key()
            self._check_len(data)
            _put_message(guest, data)  # where there is no room, sign_loaded says so
            check(guest.call("sign_loaded"))
            return guest.read(guest.call("get_signature_ptr"), SIGNATURE_LEN)

    def sign_many(self, messages: Iterable[Message]) -> list[bytes]:
        """Signs any number of messages with the held key, faster than one by one; the signatures are the same.

        Two messages or more go to the first batch module that can be used here, if there is one.

        Raises:
            SignerError: as :meth:`sign`, and ``NO_EXPORT``; nothing is returned then, even if only one message was at
                fault.
        """
        if isinstance(messages, str | BytesLike):
            raise TypeError("sign_many takes several messages; for one, use sign")
        data = [message_bytes(message) for message in messages]
        with self._running() as guest:
            self._require_key()
            self._check_len(*data)
            if len(data) > 1 and (signed := self._batch.use(lambda signer: signer._sign_for(self, data))) is not None:
                return signed
            signatures: list[bytes] = []
            if data:
                self._require_exports(BATCH_EXPORTS)
            for batch in batches(data, len, self._max_message_len):
                signatures += _sign_batch(guest, batch)
            return signatures

    def sign_token(self, claims: Mapping[str, Any], *, alg: str = "EdDSA", kid: str | None = None) -> str:
        """A JSON Web Token of these claims in compact form, signed with the held key.

        Args:
            claims: what JSON can have. Times such as exp are numbers, in seconds.
            alg: EdDSA, which every library knows (RFC 8037), or Ed25519, which says more (RFC 9864).
            kid: which key it is, for those who have several.

        Raises:
            ValueError: another alg, or a value that JSON can't have, such as NaN.
            SignerError: as :meth:`sign`.
        """
        signed = signing_input(claims, alg, kid)
        return f"{signed}.{encode(self.sign(signed))}"

    def sign_with(self, keypair: BytesLike, message: Message) -> bytes:
        """Signs once with a key that is passed for this call alone, through the module's four oldest exports.

        The held key stays as it is. A keypair whose halves do not belong together makes the module trap; use
        :meth:`load_key` for an answer without a trap.

        Raises:
            SignerError: ``KEY_LENGTH``, ``MESSAGE_TOO_LARGE``, ``OUT_OF_MEMORY``, ``TRAPPED``, ``CLOSED``, ``IN_USE``.
        """
        key, data = bytes_of(keypair), message_bytes(message)
        with self._running() as guest:
            require_len(key, KEYPAIR_LEN, "KEY_LENGTH")
            self._check_len(data)
            if not _put_message(guest, data):
                raise SignerError("OUT_OF_MEMORY")
            with self._cleansing(guest), _key_in_buffer(guest, key):
                guest.call("sign")
            return guest.read(guest.call("get_signature_ptr"), SIGNATURE_LEN)

    def verify(self, public_key: BytesLike, message: Message, signature: BytesLike) -> bool:
        """Whether the signature is right, as most libraries see it. Needs no key.

        A signature that is not 64 bytes long is not right, nor is any under a public key that is no point.

        Raises:
            SignerError: ``PUBLIC_KEY_LENGTH``, ``MESSAGE_TOO_LARGE``, ``OUT_OF_MEMORY``, ``TRAPPED``, ``CLOSED``,
                ``NO_EXPORT``, ``IN_USE``.
        """
        return self._verify("verify", public_key, message, signature)

    def verify_strict(self, public_key: BytesLike, message: Message, signature: BytesLike) -> bool:
        """As :meth:`verify`, but refuses an R that is no point, and an R or a public key of small order."""
        return self._verify("verify_strict", public_key, message, signature)

    def derive_public_key(self, seed: BytesLike) -> bytes:
        """The public key of a seed of 32 bytes. The held key is not concerned.

        Raises:
            SignerError: ``KEY_LENGTH``, ``SELF_TEST_FAILED``, ``TRAPPED``, ``CLOSED``, ``IN_USE``.
        """
        key = bytes_of(seed)
        with self._running() as guest:
            require_len(key, SEED_LEN, "KEY_LENGTH")
            with self._cleansing(guest), _key_in_buffer(guest, key):
                check(guest.call("derive_public_key"))
            return guest.read(guest.call("get_public_key_ptr"), PUBLIC_KEY_LEN)

    def load_key(self, keypair: BytesLike) -> None:
        """Replaces the held key. After any failure except ``IN_USE`` no key is held.

        Raises:
            SignerError: ``KEY_LENGTH``, ``KEY_PAIR_MISMATCH``, ``SELF_TEST_FAILED``, ``TRAPPED``, ``CLOSED``,
                ``IN_USE``.
        """
        with self._running() as guest:
            self._forget()
            with self._cleansing(guest):
                self._batch.use_made(Signer.wipe)
                key = bytes_of(keypair)
                require_len(key, KEYPAIR_LEN, "KEY_LENGTH")
                self._held = bytearray(key)
                try:
                    _load_key(guest, self._held)
                except BaseException:
                    self._forget()
                    raise

    def wipe(self) -> None:
        """Clears every secret, in linear memory and in this object. No key is held afterwards.

        Raises:
            SignerError: ``TRAPPED``, ``CLOSED``, ``IN_USE``.
        """
        with self._running() as guest:
            self._forget()
            try:
                self._batch.use_made(Signer.wipe)
            finally:
                guest.call("wipe")

    def close(self) -> None:
        """Clears every secret and ends the signer. Every later call is ``CLOSED``; closing again does nothing.

        Raises:
            SignerError: ``IN_USE``; the signer is as it was then.
        """
        with self._guard:
            self._end(wipes=True)

    def __del__(self) -> None:
        with suppress(Exception):  # when the interpreter ends, parts of it may be gone already
            self._end(wipes=False)

    def __repr__(self) -> str:
        key = self._held[SEED_LEN:].hex() or "none"
        return f"<Signer {'closed' if self.closed else f'public_key={key}'}>"

    def _sign_for(self, owner: "Signer", messages: list[bytes]) -> list[bytes]:
        """As a batch module's signer: with the owner's key, which it then holds too."""
        if not self._held:
            self.load_key(owner._held)
        return self.sign_many(messages)

    def _verify(self, export: str, public_key: BytesLike, message: Message, signature: BytesLike) -> bool:
        key, data, claimed = bytes_of(public_key), message_bytes(message), bytes_of(signature)
        with self._running() as guest:
            self._require_exports({export: "()->(i32)"})
            require_len(key, PUBLIC_KEY_LEN, "PUBLIC_KEY_LENGTH")
            self._check_len(data)
            if len(claimed) != SIGNATURE_LEN:
                return False
            _put_message(guest, data)
            guest.write(guest.call("get_public_key_ptr"), key)
            guest.write(guest.call("get_signature_ptr"), claimed)
            status = guest.call(export)
            if CODE_OF_STATUS.get(status) == "SIGNATURE_INVALID":
                return False
            check(status)
            return True

    @contextmanager
    def _running(self) -> Iterator[Guest]:
        """Lends the instance for some calls, and replaces it if one of them traps."""
        with self._guard:
            guest = self._open_guest()
            try:
                yield guest
            except GuestTrap as trap:
                self._replace(guest, trap)
                raise SignerError("TRAPPED") from trap

    @contextmanager
    def _cleansing(self, guest: Guest) -> Iterator[None]:
        """For calls that pass a key: if they fail, a copy of it may be on the module's stack, which only a wipe clears.

        The wipe takes the held key too, so that is loaded again.
        """
        try:
            yield
        except GuestTrap:  # the whole memory will be cleared
            raise
        except BaseException:
            try:
                guest.call("wipe")
                if self._held:
                    _load_key(guest, self._held)
            except BaseException as error:
                self._replace(guest, error)
                if self._guest is None and isinstance(error, Exception):
                    raise SignerError("TRAPPED") from error
                if not isinstance(error, Exception):
                    raise
            raise

    def _replace(self, trapped: Guest, why: BaseException) -> None:
        """Clears an instance and puts a new one with the held key into its place; failing that, closes the signer."""
        guest = None
        try:
            trapped.discard()
            guest = self._new_guest()
            if self._held:
                _load_key(guest, self._held)
        except BaseException as error:
            self._forget()
            if guest is not None:
                guest.discard()
            self._guest = None
            self._batch.close()
            why.add_note(f"the signer is closed, because no other instance takes its place: {error!r}")
            if not isinstance(error, Exception):
                raise
        else:
            self._guest = guest

    def _end(self, *, wipes: bool) -> None:
        """Clears every secret and drops the instance: by the module's own wipe, or else from outside."""
        guest, self._guest = self._guest, None
        self._forget()
        try:
            if wipes:
                self._batch.close()
            if wipes and guest is not None:
                guest.call("wipe")
                guest.close()
                guest = None
        except GuestTrap:
            pass
        finally:
            if guest is not None:
                guest.discard()

    def _new_guest(self) -> Guest:
        guest, self._max_message_len = start(self._module, "abi_version", lambda guest: guest.call("max_message_len"))
        return guest

    def _open_guest(self) -> Guest:
        if self._guest is None:
            raise SignerError("CLOSED")
        return self._guest

    def _check_len(self, *messages: bytes) -> None:
        if any(len(message) > self._max_message_len for message in messages):
            raise SignerError("MESSAGE_TOO_LARGE")

    def _require_exports(self, exports: Mapping[str, str]) -> None:
        if not self._module.has(exports):
            raise SignerError("NO_EXPORT")

    def _require_key(self) -> None:
        if not self._held:
            raise SignerError("NO_KEY")

    def _forget(self) -> None:
        """Clears this process's copy of the key, in place."""
        self._held[:] = bytes(len(self._held))
        self._held = bytearray()


def start(module: CompiledModule, version_export: str, ask: Callable[[Guest], _Item]) -> tuple[Guest, _Item]:
    """A new instance, of the ABI's right version, and what it answered."""
    guest = None
    try:
        guest = module.instantiate()
        if (version := guest.call(version_export)) != _ABI_VERSION:
            raise ValueError(f"the module's ABI has version {version}, this wrapper is for version {_ABI_VERSION}")
        return guest, ask(guest)
    except BaseException as error:
        if guest is not None:
            guest.discard()
        if isinstance(error, GuestTrap):
            raise SignerError("TRAPPED") from error
        raise


def inner_signer(module: CompiledModule) -> Signer:
    """A signer that is called within a call, which has made sure of the stack for both."""
    signer = Signer(module)
    signer._guard.frames = 0
    return signer


def _batch_signer(module: CompiledModule) -> Signer:
    module.require(BATCH_EXPORTS, "a batch")
    return inner_signer(module)


def _load_key(guest: Guest, keypair: BytesLike) -> None:
    with _key_in_buffer(guest, keypair):
        check(guest.call("load_key"))


@contextmanager
def _key_in_buffer(guest: Guest, key: BytesLike) -> Iterator[None]:
    """Lends a key to the exports that take it from the key buffer, and clears the buffer after them."""
    ptr = guest.call("get_signing_key_ptr")
    guest.write(ptr, key)
    try:
        yield
    finally:
        guest.write(ptr, bytes(len(key)))


def _put_message(guest: Guest, data: bytes) -> bool:
    """Copies a message to linear memory; False where there is no room for it."""
    ptr = guest.call("allocate_message", len(data))
    if ptr != 0:
        guest.write(ptr, data)
    return ptr != 0


def _sign_batch(guest: Guest, messages: list[bytes]) -> list[bytes]:
    lengths = [len(message) for message in messages]
    ptr = guest.call("allocate_batch", len(messages), sum(lengths))
    if ptr != 0:  # otherwise sign_batch says why
        guest.write(ptr, struct.pack(f"<{len(lengths)}I", *lengths) + b"".join(messages))
    check(guest.call("sign_batch"))
    joined = guest.read(guest.call("get_batch_signatures_ptr"), SIGNATURE_LEN * len(messages))
    return [joined[at : at + SIGNATURE_LEN] for at in range(0, len(joined), SIGNATURE_LEN)]


def batches(items: Iterable[_Item], length: Callable[[_Item], int], max_len: int) -> Iterator[list[_Item]]:
    """Splits items, in order, into batches that a module takes: so many of them, and so many bytes of messages."""
    batch: list[_Item] = []
    total = 0
    for item in items:
        if len(batch) == MAX_BATCH_COUNT or total + length(item) > max_len:
            yield batch
            batch, total = [], 0
        batch.append(item)
        total += length(item)
    if batch:
        yield batch


def check(status: int) -> None:
    """Raises the error of a status that the module returned."""
    if status == _OK:
        return
    if status not in CODE_OF_STATUS:
        raise RuntimeError(f"the module returned the unknown status {status}")
    raise SignerError(CODE_OF_STATUS[status])

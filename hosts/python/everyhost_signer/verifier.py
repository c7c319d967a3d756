"""Ed25519 verifying, many signatures at once, by the Wasm modules verifier-lanes-relaxed and verifier-lanes."""

import os
from collections.abc import Callable, Iterable
from typing import Final, Protocol, TypeAlias, TypeVar

from everyhost_signer.errors import SignerError
from everyhost_signer.guard import Guard, Owned
from everyhost_signer.guest import CompiledModule, Guest, ModuleSource
from everyhost_signer.instance import Instance
from everyhost_signer.preferred import Closable, Preferred
from everyhost_signer.signer import batches, check, inner_signer, start
from everyhost_signer.values import PUBLIC_KEY_LEN, SIGNATURE_LEN, BytesLike, Message, bytes_of, message_bytes

#: A public key of 32 bytes, a message, and the signature to check.
Signed: TypeAlias = tuple[BytesLike, Message, BytesLike]
#: The most bytes of a message, and of the messages of a batch together.
MAX_MESSAGE_LEN: Final = 16 * 1024 * 1024

#: What every module has that was made for verifying.
VERIFIER_EXPORTS: Final = {
    "verifier_abi_version": "()->(i32)",
    "get_public_key_ptr": "()->(i32)",
    "hold_key": "()->(i32)",
    "allocate_verify_batch": "(i32 i32)->(i32)",
    "verify_batch": "()->(i32)",
    "verify_batch_strict": "()->(i32)",
    "get_verdicts_ptr": "()->(i32)",
    "memory": "memory",
}
# In the place of a signature that is not 64 bytes long: no S is that large.
_NEVER_RIGHT: Final = b"\xff" * SIGNATURE_LEN

_Items: TypeAlias = list[tuple[bytes | memoryview, bytes, bytes | memoryview]]
_Result = TypeVar("_Result")


class Verifier(Owned):
    """Verifies many signatures at once, each by itself: its verdict is that of the single check.

        with Verifier(["verifier-lanes-relaxed.wasm", "verifier-lanes.wasm", "signer-raw.wasm"]) as verifier:
            verdicts = verifier.verify_many([(public_key, "hello", signature), …])

    The module keeps a table for each of the keys that come often, so that their signatures take a fraction of the time.
    Errors, threads and traps are as of a :class:`~everyhost_signer.signer.Signer`, but nothing here is secret.

    Args:
        modules: in order of preference, each compiled already, as the bytes of a .wasm file, or as its path:
            verifier-lanes-relaxed, verifier-lanes, and signer-raw, which verifies one by one. The first that this
            runtime can compile, and that passes its self-test here, is used.

    Raises:
        SignerError: no module can be used, and this is the error of the last: ``SELF_TEST_FAILED``, ``TRAPPED``.
            ``NO_EXPORT``: of a module that does not verify.
        ValueError: there is no module, or the last of them is none that this runtime can compile.
    """

    def __init__(self, modules: Iterable[ModuleSource]) -> None:
        if isinstance(modules, str | bytes | os.PathLike | CompiledModule):
            raise TypeError("a Verifier takes a list of modules, even if there is only one")
        sources = list(modules)
        if not sources:
            raise ValueError("a Verifier needs a module, such as verifier-lanes or signer-raw; the list is empty")
        self._guard = Guard(SignerError)
        self._modules: Preferred[_Engine] = Preferred(sources, _engine)
        self._use(lambda _: True)  # whatever it gives, it has chosen

    @property
    def module_index(self) -> int:
        """The place in `modules` of the one that is used; -1 once the verifier is closed.

        Raises:
            SignerError: ``IN_USE``.
        """
        with self._guard:
            return self._modules.index

    def verify_many(self, items: Iterable[Signed]) -> list[bool]:
        """Whether each signature is right, as most libraries see it.

        A signature that is not 64 bytes long is not right, nor is any under a public key that is no point.

        Args:
            items: any number of public key, message and signature.

        Raises:
            SignerError: ``PUBLIC_KEY_LENGTH``, ``MESSAGE_TOO_LARGE``: of an item that the error names, before anything
                is verified. ``OUT_OF_MEMORY``, ``TRAPPED``, ``CLOSED``, ``IN_USE``.
        """
        return self._verify(items, strict=False)

    def verify_many_strict(self, items: Iterable[Signed]) -> list[bool]:
        """As :meth:`verify_many`, but refuses an R that is no point, and an R or a public key of small order."""
        return self._verify(items, strict=True)

    def hold(self, public_key: BytesLike) -> bool:
        """Builds a key's table now. There is never a need to: the keys that come often are held by themselves.

        Returns:
            False if the key is no point, or if the module holds no keys or has no memory for one more.

        Raises:
            SignerError: ``PUBLIC_KEY_LENGTH``, ``TRAPPED``, ``CLOSED``, ``IN_USE``.
        """
        key = bytes_of(public_key)

        def hold(engine: "_Engine") -> bool:
            if len(key) != PUBLIC_KEY_LEN:
                raise SignerError("PUBLIC_KEY_LENGTH")
            return engine.hold(key)

        return self._use(hold)

    def close(self) -> None:
        """Ends the verifier. Every later call is ``CLOSED``; closing again does nothing.

        Raises:
            SignerError: ``IN_USE``; the verifier is as it was then.
        """
        with self._guard:
            self._modules.close()

    def _verify(self, items: Iterable[Signed], *, strict: bool) -> list[bool]:
        checked: _Items = []
        try:
            for key, message, signature in items:
                checked.append((bytes_of(key), message_bytes(message), bytes_of(signature)))
        except (TypeError, ValueError) as error:
            error.add_note(f"item {len(checked)} should be a public key, a message and a signature")
            raise

        def verify(engine: "_Engine") -> list[bool]:
            for at, (key, message, _) in enumerate(checked):
                if len(key) != PUBLIC_KEY_LEN:
                    raise SignerError("PUBLIC_KEY_LENGTH", f"item {at} has one of {len(key)} bytes")
                if len(message) > MAX_MESSAGE_LEN:
                    raise SignerError("MESSAGE_TOO_LARGE", f"item {at} has one of {len(message)} bytes")
            return engine.verify(checked, strict=strict)

        return self._use(verify)

    def _use(self, call: Callable[["_Engine"], _Result]) -> _Result:
        with self._guard:
            result = self._modules.use(call)
            if result is None:
                raise self._modules.why.with_traceback(None)
            return result


class _Engine(Closable, Protocol):
    """One module's way to verify."""

    def verify(self, items: _Items, *, strict: bool) -> list[bool]: ...

    def hold(self, key: BytesLike) -> bool: ...


def _engine(module: CompiledModule) -> _Engine:
    if module.type_of("verify_batch") is not None:
        return _ByBatch(module)
    if module.type_of("verify") is not None:
        return _OneByOne(module)
    raise SignerError("NO_EXPORT")


class _OneByOne:
    """By a signer, which needs no key for it."""

    def __init__(self, module: CompiledModule) -> None:
        self._signer = inner_signer(module)
        self.close = self._signer.close

    @property
    def closed(self) -> bool:
        return self._signer.closed

    def verify(self, items: _Items, *, strict: bool) -> list[bool]:
        verify = self._signer.verify_strict if strict else self._signer.verify
        return [verify(*item) for item in items]

    def hold(self, _key: BytesLike) -> bool:
        return False


class _ByBatch:
    """By an instance of a module made for it."""

    def __init__(self, module: CompiledModule) -> None:
        module.require(VERIFIER_EXPORTS, "a verifier")
        self._instance = Instance(module, _start, SignerError)
        self.close = self._instance.close

    @property
    def closed(self) -> bool:
        return self._instance.closed

    def verify(self, items: _Items, *, strict: bool) -> list[bool]:
        export = "verify_batch_strict" if strict else "verify_batch"
        verdicts: list[bool] = []
        with self._instance.running() as guest:
            for batch in batches(items, lambda item: len(item[1]), MAX_MESSAGE_LEN):
                verdicts += _verify_batch(guest, export, batch)
        return verdicts

    def hold(self, key: BytesLike) -> bool:
        with self._instance.running() as guest:
            guest.write(guest.call("get_public_key_ptr"), key)
            return guest.call("hold_key") != 0


def _start(module: CompiledModule) -> Guest:
    # The first batch, which is empty, is when the module tests itself.
    return start(module, "verifier_abi_version", lambda guest: _verify_batch(guest, "verify_batch", []))[0]


def _verify_batch(guest: Guest, export: str, batch: _Items) -> list[bool]:
    heads: list[bytes | memoryview] = [
        part
        for key, message, signature in batch
        for part in (
            key,
            signature if len(signature) == SIGNATURE_LEN else _NEVER_RIGHT,
            len(message).to_bytes(4, "little"),
        )
    ]
    messages = [message for _, message, _ in batch]
    ptr = guest.call("allocate_verify_batch", len(batch), sum(map(len, messages)))
    if ptr != 0:  # otherwise the next call says why
        guest.write(ptr, b"".join([*heads, *messages]))
    check(guest.call(export))
    ptr = guest.call("get_verdicts_ptr")
    if ptr == 0:
        raise RuntimeError(f"the module breaks its contract: {export} succeeded, and there are no verdicts")
    return [verdict == 1 for verdict in guest.read(ptr, len(batch))]

"""The signer as a component, in wasmtime.component: what the wrapper of the raw ABI is for modules."""

import hashlib
from types import TracebackType
from typing import Any, Final, Self

from wasmtime import Engine, Store, WasmtimeError
from wasmtime.component import Component, Func, Instance, Linker

from everyhost_signer.errors import SignerError

#: The first eight bytes: a module's fifth is 1.
COMPONENT_HEADER: Final = b"\0asm\x0d\0\x01\0"
#: What a component of the world `signer` can do.
OPS: Final = ["public_key", "sign", "sign_many", "verify", "verify_strict", "session"]

#: The longest message that the signer takes.
_MAX_MESSAGE_LEN: Final = 16 * 1024 * 1024
_ED25519: Final = "everyhost:signer/ed25519@0.1.0"
_HELD_KEY: Final = "everyhost:signer/held-key@0.1.0"


class SignerComponent:
    """A component, compiled once.

    Raises:
        ValueError: wasmtime does not take it.
    """

    def __init__(self, wasm: bytes) -> None:
        self.sha256 = hashlib.sha256(wasm).hexdigest()
        self.engine = Engine()
        try:
            self.component = Component(self.engine, wasm)
        except WasmtimeError as error:
            raise ValueError(f"wasmtime cannot run this component: {error}") from error
        # Without an instance, whose start may never end.
        self.is_signer = self.component.get_export_index(_HELD_KEY) is not None


class _Live:
    """An instance, with the one resource in it."""

    def __init__(self, source: SignerComponent) -> None:
        self._store = Store(source.engine)
        self._instance: Instance = Linker(source.engine).instantiate(self._store, source.component)
        self._found: dict[str, Func] = {}
        self.resource = self.call(_HELD_KEY, "[constructor]signer")

    def call(self, interface: str, name: str, *arguments: Any) -> Any:  # noqa: ANN401 - as the WIT has it
        """Calls a function. An error of the WIT's enum comes as its name, which is a str as nothing else here."""
        if name not in self._found:
            at = self._instance.get_export_index(self._store, interface)
            at = None if at is None else self._instance.get_export_index(self._store, name, at)
            function = None if at is None else self._instance.get_func(self._store, at)
            if function is None:
                raise ValueError(f"the component exports no {interface}#{name}")
            self._found[name] = function
        return self._found[name](self._store, *arguments)

    def drop(self) -> None:
        self.resource.drop(self._store)


class ComponentSigner:
    """A signer, as the raw ABI's :class:`everyhost_signer.Signer` is one, behind the component's typed interface."""

    def __init__(self, source: SignerComponent, keypair: bytes | None = None) -> None:
        self._source = source
        self._live: _Live | None = _Live(source)
        self._held: bytes | None = None
        if keypair is not None:
            self.load_key(keypair)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    @property
    def closed(self) -> bool:
        """Whether it has ended."""
        return self._live is None

    def close(self) -> None:
        """Clears the held key and ends the signer."""
        self._held = None
        if self._live is not None:
            self._live.drop()
            self._live = None

    @property
    def public_key(self) -> bytes:
        """Of the held key."""
        return self._method("public-key")  # type: ignore[no-any-return]

    def sign(self, message: bytes) -> bytes:
        """Signs with the held key."""
        return self._method("sign", message)  # type: ignore[no-any-return]

    def sign_many(self, messages: list[bytes]) -> list[bytes]:
        """Signs each with the held key."""
        return self._method("sign-many", messages)  # type: ignore[no-any-return]

    def sign_with(self, keypair: bytes, message: bytes) -> bytes:
        """Signs once with a key that is passed."""
        return self._method("sign-with", keypair, message)  # type: ignore[no-any-return]

    def load_key(self, keypair: bytes) -> None:
        """Replaces the held key."""
        self._held = None
        self._method("load-key", keypair)
        self._held = keypair

    def wipe(self) -> None:
        """Clears the held key."""
        self._held = None
        self._method("wipe")

    def derive_public_key(self, seed: bytes) -> bytes:
        """The public key of a seed."""
        return self._call(_ED25519, "derive-public-key", seed)  # type: ignore[no-any-return]

    def verify(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        """Whether the signature is one of the message."""
        return self._call(_ED25519, "verify", public_key, message, signature)  # type: ignore[no-any-return]

    def verify_strict(self, public_key: bytes, message: bytes, signature: bytes) -> bool:
        """As `verify`, without points of small order."""
        return self._call(_ED25519, "verify-strict", public_key, message, signature)  # type: ignore[no-any-return]

    def _method(self, name: str, *arguments: Any) -> Any:  # noqa: ANN401
        live = self._open()
        return self._call(_HELD_KEY, f"[method]signer.{name}", live.resource, *arguments)

    def _open(self) -> _Live:
        if self._live is None:
            raise SignerError("CLOSED")
        return self._live

    def _call(self, interface: str, name: str, *arguments: Any) -> Any:  # noqa: ANN401
        shortened = [_without_too_large(argument) for argument in arguments]
        try:
            result = self._open().call(interface, name, *shortened)
        except WasmtimeError as trap:
            # The instance can't be entered again.
            self._live = None
            self._live = _Live(self._source)
            if self._held is not None:
                self._method("load-key", self._held)
            raise SignerError("TRAPPED") from trap
        if isinstance(result, str):
            raise SignerError(result.replace("-", "_").upper())
        if shortened != list(arguments):
            raise SignerError("MESSAGE_TOO_LARGE")
        return result


def _without_too_large(argument: Any) -> Any:  # noqa: ANN401
    """What to pass in the place of a message that the signer refuses: nothing, so that it still looks at the key first.

    Passing 16 MiB takes 10 s.
    """
    if isinstance(argument, list):
        return [_without_too_large(message) for message in argument]
    return b"" if isinstance(argument, bytes) and len(argument) > _MAX_MESSAGE_LEN else argument

"""The Wasm modules inside the package. Each is read and compiled when it is first used, and then kept."""

from collections.abc import Callable
from functools import cache, partial
from importlib.resources import files
from typing import Final, TypeAlias

from everyhost_signer.guest import CompiledModule

#: All of them; the README of the package says what each is for.
NAMES: Final = (
    "signer-raw",
    "signer-lanes",
    "signer-lanes-relaxed",
    "verifier-lanes",
    "verifier-lanes-relaxed",
    "keys",
    "add-raw",
)

#: Modules in order of preference, of which only those that are used are compiled.
Choice: TypeAlias = list[Callable[[], CompiledModule]]


def signer() -> CompiledModule:
    """For a Signer: signer-raw, which does everything on every host."""
    return load("signer-raw")


def signer_batches() -> Choice:
    """For the ``batch_modules`` of a Signer."""
    return _choice("signer-lanes-relaxed", "signer-lanes")


def verifier() -> Choice:
    """For a Verifier."""
    return _choice("verifier-lanes-relaxed", "verifier-lanes", "signer-raw")


def keys() -> CompiledModule:
    """For Keys."""
    return load("keys")


def adder() -> CompiledModule:
    """For an Adder."""
    return load("add-raw")


@cache
def load(name: str) -> CompiledModule:
    """A module by its name, compiled.

    Raises:
        ValueError, FileNotFoundError: as :func:`read`.
    """
    return CompiledModule(read(name))


def read(name: str) -> bytes:
    """A module by its name, as the bytes of its .wasm file.

    Raises:
        ValueError: there is none of that name.
        FileNotFoundError: this is not the installed package, which alone has the modules inside.
    """
    if name not in NAMES:
        raise ValueError(f"there is no module {name!r}; there are {', '.join(NAMES)}")
    file = files("everyhost_signer") / "wasm" / f"{name}.wasm"
    if not file.is_file():
        raise FileNotFoundError(
            f"{name}.wasm is not in this copy of everyhost_signer: install the package, or pass the path of the file"
        )
    return file.read_bytes()


def _choice(*names: str) -> Choice:
    return [partial(load, name) for name in names]

"""A Wasm module and its instances: calls, checked access to linear memory, and what is left after a trap."""

import ctypes
import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final, TypeAlias

from wasmtime import (
    Engine,
    Func,
    FuncType,
    Global,
    Instance,
    Linker,
    Memory,
    MemoryType,
    Module,
    Store,
    Trap,
    TrapCode,
    ValType,
    WasmtimeError,
    _ffi,
)

_WASM_MAGIC: Final = b"\0asm"
_NUMBERS: Final = {"i32": ValType.i32(), "i64": ValType.i64(), "f32": ValType.f32(), "f64": ValType.f64()}


class CompileError(ValueError):
    """The bytes are no Wasm module, or one that this runtime cannot compile."""


class GuestTrap(Exception):
    """The guest trapped. Its instance is finished: call :meth:`Guest.discard`, and nothing else."""


class CompiledModule:
    """A module, compiled once. Make as many instances of it as needed: each has a memory of its own.

    Args:
        source: the bytes of a .wasm file, or its path.
        engine: an engine of your own, such as one that interrupts calls; the usual one unless given.

    Raises:
        OSError: the file cannot be read.
        CompileError: that is not a Wasm module, or one that this runtime cannot compile.
    """

    def __init__(self, source: bytes | str | os.PathLike[str], engine: Engine | None = None) -> None:
        wasm = source if isinstance(source, bytes) else Path(source).read_bytes()
        name = "these bytes" if isinstance(source, bytes) else str(source)
        # wasmtime would also take the text format, and then the hash were not that of a binary module.
        if not wasm.startswith(_WASM_MAGIC):
            raise CompileError(f"{name}: not a Wasm module: a module begins with the bytes 00 61 73 6d")
        self.sha256 = hashlib.sha256(wasm).hexdigest()
        self.engine = Engine() if engine is None else engine
        try:
            self._module = Module(self.engine, wasm)
        except WasmtimeError as error:
            raise CompileError(f"{name}: wasmtime cannot compile this module: {error}") from error
        self._exports = {export.name: export for export in self._module.exports}
        self._types: dict[str, str] = {}
        self.imports = tuple(f"{item.module}.{item.name}" for item in self._module.imports)

    @staticmethod
    def of(source: "ModuleSource") -> "CompiledModule":
        """The module itself where it is compiled already, else compiled now."""
        if isinstance(source, CompiledModule):
            return source
        return source() if callable(source) else CompiledModule(source)

    def type_of(self, export: str) -> str | None:
        """What an export is: ``memory``, ``other``, or a function such as ``(i32 i32)->(i32)``; None if there is none.

        A type of value that is no number, such as v128, is ``?``.
        """
        if export in self._exports and export not in self._types:
            self._types[export] = self._describe(export)
        return self._types.get(export)

    def signature(self, export: str) -> tuple[list[str | None], list[str | None]] | None:
        """The types that an exported function takes and returns; None if there is no such function.

        A type is ``i32``, ``i64``, ``f32`` or ``f64``, or None if it is no number.
        """
        item = self._exports.get(export)
        ty = None if item is None else item.type
        return signature_of(ty) if isinstance(ty, FuncType) else None

    def _describe(self, export: str) -> str:
        function = self.signature(export)
        if function is None:
            return "memory" if isinstance(self._exports[export].type, MemoryType) else "other"
        params, results = (" ".join(kind or "?" for kind in kinds) for kinds in function)
        return f"({params})->({results})"

    def has(self, exports: Mapping[str, str]) -> bool:
        """Whether the module exports all of these names with these types."""
        return all(self.type_of(name) == wanted for name, wanted in exports.items())

    def require(self, exports: Mapping[str, str], kind: str) -> None:
        """Makes sure that the module exports all of these names with these types, so that no call has to.

        Raises:
            ValueError: it does not; the message calls for a module of that `kind`.
        """
        if missing := sorted(name for name in exports if self.type_of(name) is None):
            raise ValueError(f"not {kind} module: it does not export {', '.join(missing)}")
        for name, wanted in exports.items():
            if (found := self.type_of(name)) != wanted:
                raise ValueError(f"not {kind} module: its export {name} should be {wanted} and is {found}")

    def instantiate(self, store: Store | None = None, linker: Linker | None = None) -> "Guest":
        """Makes an instance.

        Args:
            store: a new store of the module's engine with settings of your own, such as a limit to linear memory.
            linker: gives what the module imports.

        Raises:
            ValueError: the module has imports, and there is no linker.
            GuestTrap: its start function or a segment trapped, there is not enough memory for what it declares, or the
                linker has something else than what it imports.
        """
        if self.imports and linker is None:
            raise ValueError(f"the module needs imports, which this host does not give: {', '.join(self.imports)}")
        store = Store(self.engine) if store is None else store
        try:
            instance = linker.instantiate(store, self._module) if linker else Instance(store, self._module, [])
            return Guest(store, instance.exports(store))
        except (Trap, WasmtimeError) as trap:
            raise GuestTrap(_words_of(trap)) from trap


#: Where a module comes from: compiled already, the bytes of a .wasm file, its path, or a function that gives it when it
#: is needed.
ModuleSource: TypeAlias = CompiledModule | bytes | str | os.PathLike[str] | Callable[[], CompiledModule]


class Guest:
    """One instance in a store of its own, so that dropping it gives back all that it had."""

    def __init__(self, store: Store, exports: Mapping[str, object]) -> None:
        self.store = store
        self._exports = exports
        memories = (export for export in (exports.get("memory"), *exports.values()) if isinstance(export, Memory))
        #: The export `memory`, or else the first memory of any name.
        self.memory = next(memories, None)

    @property
    def is_64(self) -> bool:
        """Whether addresses have 64 bits."""
        return self.memory is not None and self.memory.type(self.store).is_64

    def function(self, name: str) -> Func | None:
        """The exported function of that name, if there is one."""
        export = self._exports.get(name)
        return export if isinstance(export, Func) else None

    def variable(self, name: str) -> Global | None:
        """The exported global of that name, if there is one."""
        export = self._exports.get(name)
        return export if isinstance(export, Global) else None

    def call(self, name: str, *args: int) -> int:
        """Calls an export that takes and returns 32-bit integers; the result is unsigned (0 if there is none).

        Raises:
            GuestTrap: the guest trapped.
            LookupError: there is no such function.
        """
        function = self.function(name)
        if function is None:
            raise LookupError(f"the module exports no function {name}")
        return unsigned(self.invoke(function, *args) or 0)

    def invoke(self, function: Func, *args: object) -> Any:  # noqa: ANN401 - none, one or a list, by the function's type
        """Calls a function, as wasmtime does, with a trap as :class:`GuestTrap`."""
        try:
            return function(self.store, *args)
        except (Trap, WasmtimeError) as trap:
            raise GuestTrap(_words_of(trap)) from trap

    def memory_len(self) -> int:
        """The size of linear memory, in bytes, now: any call may have let it grow."""
        return self.memory.data_len(self.store) if self.memory else 0

    def read(self, ptr: int, length: int) -> bytes:
        """A copy of `length` bytes at `ptr`.

        Raises:
            IndexError: they do not all lie in linear memory. (wasmtime's own `read` would return fewer.)
        """
        return bytes(self.view(ptr, length))

    def write(self, ptr: int, data: bytes | bytearray | memoryview) -> None:
        """Copies `data` to `ptr`, straight from where it is: no second copy of a secret is made.

        Raises:
            IndexError: there is no room for all of it; nothing is written then.
        """
        self.view(ptr, len(data))[:] = data

    def discard(self) -> None:
        """Clears linear memory from outside and gives it back: for an instance that trapped and must not run again."""
        if self.memory is not None:
            length = self.memory_len()
            ctypes.memset(self.memory.get_buffer_ptr(self.store, length), 0, length)
        self.close()

    def close(self) -> None:
        """Gives linear memory back to the system. The instance cannot be used afterwards."""
        self.store.close()

    # ANCHOR: view
    def view(self, ptr: int, length: int) -> memoryview:
        """A view for one copy. Don't keep it: after memory has grown, it may show memory that is no longer used."""
        ptr = ptr if self.is_64 else unsigned(ptr)
        if ptr + length > self.memory_len():
            raise IndexError(f"{length} bytes at {ptr} are not in a linear memory of {self.memory_len()} bytes")
        if self.memory is None:
            return memoryview(bytearray())  # 0 bytes at 0, of no memory
        return memoryview(self.memory.get_buffer_ptr(self.store, length, ptr)).cast("B")

    # ANCHOR_END: view


def signature_of(ty: FuncType) -> tuple[list[str | None], list[str | None]]:
    """The types that a function takes and returns, each as :func:`number_type` has it."""
    return [number_type(param) for param in ty.params], [number_type(result) for result in ty.results]


def number_type(ty: ValType) -> str | None:
    """`i32`, `i64`, `f32` or `f64`; None if it is no number."""
    # Not by ==, nor as text: of a v128, and of most references, wasmtime-py asks what libwasmtime has no answer to, and
    # that ends the process.
    return next((name for name, one in _NUMBERS.items() if _ffi.wasmtime_wasm_valtype_equal(ty.ptr(), one.ptr())), None)


def _words_of(trap: Trap | WasmtimeError) -> str:
    is_overflow = isinstance(trap, Trap) and trap.trap_code == TrapCode.STACK_OVERFLOW
    return f"stack overflow: {trap}" if is_overflow else str(trap)


# ANCHOR: unsigned
def unsigned(pointer: int) -> int:
    """A pointer as the guest means it: wasmtime returns every i32 as signed, so those above 2 GiB are negative."""
    return pointer & 0xFFFF_FFFF


# ANCHOR_END: unsigned

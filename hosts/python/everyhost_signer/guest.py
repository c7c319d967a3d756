"""A Wasm module and its instances: calls, checked access to linear memory, and what is left after a trap."""

import ctypes
import hashlib
import os
from pathlib import Path
from typing import Any, TypeAlias

from wasmtime import Engine, Func, Instance, Memory, Module, Store, Trap, WasmtimeError

_WASM_MAGIC = b"\0asm"


class GuestTrap(Exception):
    """The guest trapped. Its instance is finished: call :meth:`Guest.discard`, and nothing else."""


class CompiledModule:
    """A module, compiled once. Make as many instances of it as needed: each has a memory of its own.

    Args:
        source: the bytes of a .wasm file, or its path.
        engine: an engine of your own, such as one that interrupts calls; the usual one unless given.

    Raises:
        OSError: the file cannot be read.
        ValueError: that is not a Wasm module, or one that this runtime cannot compile.
    """

    def __init__(self, source: bytes | str | os.PathLike[str], engine: Engine | None = None) -> None:
        wasm = source if isinstance(source, bytes) else Path(source).read_bytes()
        name = "these bytes" if isinstance(source, bytes) else str(source)
        # wasmtime would also take the text format, and then the hash were not that of a binary module.
        if not wasm.startswith(_WASM_MAGIC):
            raise ValueError(f"{name}: not a Wasm module (a module begins with the bytes 00 61 73 6d)")
        self.sha256 = hashlib.sha256(wasm).hexdigest()
        self.engine = Engine() if engine is None else engine
        try:
            self._module = Module(self.engine, wasm)
        except WasmtimeError as error:
            raise ValueError(f"{name}: wasmtime cannot compile this module: {error}") from error
        self.exports = frozenset(export.name for export in self._module.exports)
        self.imports = tuple(f"{item.module}.{item.name}" for item in self._module.imports)

    @staticmethod
    def of(source: "ModuleSource") -> "CompiledModule":
        """The module itself where it is compiled already, else compiled now."""
        return source if isinstance(source, CompiledModule) else CompiledModule(source)

    def require(self, exports: frozenset[str], kind: str) -> None:
        """Makes sure that the module exports all of these names.

        Raises:
            ValueError: it does not; the message calls for a module of that `kind`.
        """
        if missing := exports - self.exports:
            raise ValueError(f"not {kind} module: it does not export {', '.join(sorted(missing))}")

    def instantiate(self, max_memory_len: int | None = None) -> "Guest":
        """Makes an instance.

        Args:
            max_memory_len: how many bytes linear memory may grow to, where the module itself would allow more.

        Raises:
            ValueError: the module has imports; a host like this one gives none.
            GuestTrap: its start function trapped.
        """
        if self.imports:
            raise ValueError(f"the module needs imports, which this host does not give: {', '.join(self.imports)}")
        store = Store(self.engine)
        if max_memory_len is not None:
            store.set_limits(memory_size=max_memory_len)
        try:
            return Guest(store, Instance(store, self._module, []))
        except (Trap, WasmtimeError) as trap:
            raise GuestTrap(str(trap)) from trap


#: Where a module comes from: compiled already, the bytes of a .wasm file, or its path.
ModuleSource: TypeAlias = CompiledModule | bytes | str | os.PathLike[str]


class Guest:
    """One instance in a store of its own, so that dropping it gives back all that it had."""

    def __init__(self, store: Store, instance: Instance) -> None:
        self.store = store
        self._exports = instance.exports(store)
        memory = self._exports.get("memory")
        self._memory = memory if isinstance(memory, Memory) else None

    def function(self, name: str) -> Func | None:
        """The exported function of that name, if there is one."""
        export = self._exports.get(name)
        return export if isinstance(export, Func) else None

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

    def invoke(self, function: Func, *args: int) -> Any:  # noqa: ANN401 - none, one or a list, by the function's type
        """Calls a function, as wasmtime does, with a trap as :class:`GuestTrap`."""
        try:
            return function(self.store, *args)
        except (Trap, WasmtimeError) as trap:
            raise GuestTrap(str(trap)) from trap

    def memory_len(self) -> int:
        """The size of linear memory, in bytes, now: any call may have let it grow."""
        return self._memory.data_len(self.store) if self._memory else 0

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
        if self._memory is not None:
            length = self.memory_len()
            ctypes.memset(self._memory.get_buffer_ptr(self.store, length), 0, length)
        self.close()

    def close(self) -> None:
        """Gives linear memory back to the system. The instance cannot be used afterwards."""
        self.store.close()

    # ANCHOR: view
    def view(self, ptr: int, length: int) -> memoryview:
        """A view for one copy. Never keep it: when memory grows, an old view may be of memory that is gone."""
        ptr = unsigned(ptr)
        if self._memory is None or ptr + length > self._memory.data_len(self.store):
            raise IndexError(f"{length} bytes at {ptr} are not in a linear memory of {self.memory_len()} bytes")
        return memoryview(self._memory.get_buffer_ptr(self.store, length, ptr)).cast("B")

    # ANCHOR_END: view


# ANCHOR: unsigned
def unsigned(pointer: int) -> int:
    """A pointer as the guest means it: wasmtime shows every i32 as signed, so those over 2 GiB come back negative."""
    return pointer & 0xFFFF_FFFF


# ANCHOR_END: unsigned

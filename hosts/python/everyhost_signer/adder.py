"""32-bit arithmetic by the Wasm module add-raw, which is a C function linked into Rust."""

from typing import Final

from everyhost_signer.errors import AdderError
from everyhost_signer.guard import Guard, Owned
from everyhost_signer.guest import CompiledModule, ModuleSource
from everyhost_signer.instance import Instance

#: What an adder has.
ADDER_EXPORTS: Final = {"add_numbers": "(i32 i32)->(i32)", "divide_numbers": "(i32 i32)->(i32)"}


class Adder(Owned):
    """Adds and divides 32-bit signed integers. While a call is in progress, any other is ``IN_USE``.

    Args:
        module: the module, compiled already, as the bytes of a .wasm file, or as its path.

    Raises:
        ValueError: that is no module, or not an adder.
        AdderError: ``TRAPPED``.
    """

    def __init__(self, module: ModuleSource) -> None:
        self._guard = Guard(AdderError)
        compiled = CompiledModule.of(module)
        compiled.require(ADDER_EXPORTS, "an adder")
        self._instance = Instance(compiled, CompiledModule.instantiate, AdderError)

    def add(self, a: int, b: int) -> int:
        """The sum, which wraps: 2147483647 + 1 is -2147483648.

        Raises:
            OverflowError: an operand is not a 32-bit signed integer.
            AdderError: ``TRAPPED``, ``CLOSED``, ``IN_USE``.
        """
        return self._call("add_numbers", a, b)

    def divide(self, a: int, b: int) -> int:
        """The quotient, towards zero: -7 / 2 is -3.

        Raises:
            OverflowError: an operand is not a 32-bit signed integer.
            AdderError: ``TRAPPED`` by zero, and for -2147483648 by -1. The adder can be used on: it has a new instance.
                ``CLOSED``, ``IN_USE``.
        """
        return self._call("divide_numbers", a, b)

    def close(self) -> None:
        """Ends the adder. Every later call is ``CLOSED``; closing again does nothing."""
        with self._guard:
            self._instance.close()

    def _call(self, export: str, a: int, b: int) -> int:
        with self._guard, self._instance.running() as guest:
            for operand in (a, b):
                if not -(2**31) <= operand < 2**31:  # wasmtime would cut it down silently
                    raise OverflowError(f"{operand} is not a 32-bit signed integer")
            value = guest.call(export, a, b)
            return value - 2**32 if value >= 2**31 else value

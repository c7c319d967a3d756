"""The `raw` operation: primitive steps on one fresh instance, by the ABI itself and not through a wrapper."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeAlias

from wasmtime import WasmtimeError

from bits import BitFunc, Number, value_of
from everyhost_signer.guest import Guest, GuestTrap, number_type, signature_of
from wire import MAX_LINE_LEN, Json, RequestError, decode_bytes

PAGE_LEN: Final = 65536
_MAX_U32: Final = 2**32 - 1


#: Calls a function of a guest; it may raise :class:`GuestTrap` or :class:`CutOff`.
Invoke: TypeAlias = Callable[..., Any]


class CutOff(Exception):
    """A call took longer than it may. The instance is finished."""


class StepError(Exception):
    """A step that was not done, and why: one of the contract's errors, and words for people."""

    def __init__(self, code: str, why: object = None) -> None:
        super().__init__(code)
        self.answer: Json = {"error": code} | ({} if why is None else {"detail": str(why)})


class Steps:
    """Does steps as in `hosts/CONTRACT.md` and `hosts/IMPORTS.md`.

    Args:
        guest: the instance.
        names: the numbers that have a name.
        invoke: calls a function, where it is not to be called as usual.
    """

    def __init__(self, guest: Guest, names: dict[str, Number] | None = None, invoke: Invoke | None = None) -> None:
        self._guest = guest
        self._names = {} if names is None else names
        self._invoke = invoke or guest.invoke

    def answers(self, steps: list[Json], *, after_trap: bool = False) -> Iterator[Json]:
        """Does the steps in order, each when its answer is asked for. A trap is the last answer, unless `after_trap`.

        Raises:
            RequestError: a step that cannot be understood, or that no host could do.
        """
        for step in steps:
            if step["do"] not in _STEPS:
                raise RequestError(f"no such step: {step['do']}")
            try:
                yield {"ok": _STEPS[step["do"]](self, step)}
            except StepError as error:
                yield error.answer
            except GuestTrap as trap:
                yield {"trap": True, "detail": str(trap)}
                if not after_trap:
                    return
            except CutOff:
                yield {"error": "CUT_OFF"}
                return

    def values(self, values: list[Json], kinds: Sequence[str | None]) -> list[Number]:
        """Numbers of these types.

        Raises:
            StepError: they are of others.
        """
        numbers = [self.value(value) for value in values]
        if [kind for kind, _ in numbers] != list(kinds):
            raise StepError("TYPE_MISMATCH", f"needed are {kinds}")
        return numbers

    def value(self, value: Json) -> Number:
        """What is written as a value, or has a name."""
        match value:
            case {"i32": int(number)} if -(2**31) <= number < 2**32:
                return "i32", _signed(number, 32)
            case {"i64": str(digits)}:
                return "i64", _signed(int(digits), 64)
            case {"f32": str(bits)}:
                return "f32", _signed(int(bits, 16), 32)
            case {"f64": str(bits)}:
                return "f64", _signed(int(bits, 16), 64)
            case {"var": str(name)} if name in self._names:
                kind, held = self._names[name]
                plus = int(value.get("plus", 0))
                if plus and kind.startswith("f"):
                    raise StepError("TYPE_MISMATCH", f"{name} is a float, to which nothing is added")
                return kind, _signed(held + plus, int(kind[1:]))
            case _:
                raise RequestError(f"not a value, or a name that no earlier call gave: {value}")

    def _call(self, step: Json) -> Json:
        export = step["export"]
        function = self._guest.function(export)
        if function is None:
            raise StepError("NO_EXPORT")
        params, results = signature_of(function.type(self._guest.store))
        if None in params + results:
            raise StepError("TYPE_MISMATCH", f"{export!r} takes or returns what is no number")
        values = self.values(step.get("args", []), params)
        self._check_names(step, len(results))
        return self._results(step, self._invoke(BitFunc._from_raw(function._func), *values))

    def _global(self, step: Json) -> Json:
        variable = self._guest.variable(step["export"])
        if variable is None:
            raise StepError("NO_EXPORT")
        kind = number_type(variable.type(self._guest.store).content)
        if kind is None:
            raise StepError("TYPE_MISMATCH", f"{step['export']!r} is no number")
        self._check_names(step, 1)
        return self._results(step, [value_of(self._guest.store, variable)])

    def _check_names(self, step: Json, count: int) -> None:
        if len(_names_of(step)) > count:
            raise StepError("TYPE_MISMATCH", f"more names than results: {_names_of(step)}")

    def _results(self, step: Json, results: list[Number]) -> Json:
        self._names.update(zip(_names_of(step), results, strict=False))
        return {"results": [encode_value(result) for result in results]}

    def _write(self, step: Json) -> Json:
        data = decode_bytes(step["bytes"])
        self._view(step, len(data))[:] = data
        return {}

    def _read(self, step: Json) -> Json:
        match step["len"]:
            case int(length):
                pass
            case "nul":
                length = self._length_to_zero(self._unsigned(step["ptr"]))
            case value:
                length = self._unsigned(value)
        view = self._view(step, length)
        if 2 * len(view) > MAX_LINE_LEN:
            raise RequestError(f"{len(view)} bytes are more than a line can hold")
        return {"bytes": view.hex()}

    def _length_to_zero(self, ptr: int) -> int:
        end = self._guest.memory_len()
        for at in range(ptr, end, PAGE_LEN):
            zero = self._guest.read(at, min(PAGE_LEN, end - at)).find(0)
            if zero >= 0:
                return at + zero - ptr
        raise StepError("OUT_OF_BOUNDS", f"no zero byte is in memory from {ptr} on")

    def _load(self, step: Json) -> Json:
        [name] = _names_of(step)
        value = int.from_bytes(self._view(step, 4), "little", signed=True)
        self._names[name] = "i32", value
        return {"value": value}

    def _pages(self, _step: Json) -> Json:
        return {"pages": self._guest.memory_len() // PAGE_LEN}

    def _grow(self, step: Json) -> Json:
        if not 0 <= step["pages"] <= _MAX_U32:
            raise RequestError(f"not a number of pages: {step['pages']}")
        if self._guest.memory is None:
            raise StepError("REFUSED", "there is no memory")
        try:
            return {"pages": self._guest.memory.grow(self._guest.store, step["pages"])}
        except WasmtimeError as error:
            raise StepError("REFUSED", error) from error

    def _view(self, step: Json, length: int) -> memoryview:
        ptr, size = self._unsigned(step["ptr"]), self._guest.memory_len()
        if ptr + length > size:
            raise StepError("OUT_OF_BOUNDS", f"{length} bytes at {ptr} are not in a memory of {size} bytes")
        return self._guest.view(ptr, length)

    def _unsigned(self, value: Json) -> int:
        kind, bits = self.value(value)
        if kind.startswith("f"):
            raise StepError("TYPE_MISMATCH", f"a pointer or a length is an i32 or an i64, not an {kind}")
        return bits % (2**64 if kind == "i64" else 2**32)


_STEPS: Final[dict[str, Callable[[Steps, Json], Json]]] = {
    "call": Steps._call,
    "global": Steps._global,
    "write": Steps._write,
    "read": Steps._read,
    "load": Steps._load,
    "pages": Steps._pages,
    "grow": Steps._grow,
}


def _names_of(step: Json) -> list[str]:
    """What the results are called, from the first on."""
    names = step.get("as", [])
    return names if isinstance(names, list) else [names]


def encode_value(number: Number) -> Json:
    """As it is written in answers."""
    match number:
        case ("i32", bits):
            return {"i32": bits}
        case ("i64", bits):
            return {"i64": str(bits)}
        case (kind, bits):
            width = int(kind[1:])
            return {kind: f"{bits % 2**width:0{width // 4}x}"}


def _signed(bits: int, width: int) -> int:
    bits %= 2**width
    return bits - 2**width if bits >= 2 ** (width - 1) else bits

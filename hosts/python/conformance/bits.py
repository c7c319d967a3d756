"""Numbers of Wasm by their bits.

wasmtime-py itself makes each float a double, and a signalling f32 NaN comes out of that with other bits.
"""

from collections.abc import Callable, Iterable
from ctypes import byref, c_void_p, cast
from typing import Any, Final, TypeAlias

from wasmtime import Func, FuncType, Global, GlobalType, Store, Trap, ValType, WasmtimeError, _ffi, _func

#: A type, ``i32``, ``i64``, ``f32`` or ``f64``, and the bits as a signed integer.
Number: TypeAlias = tuple[str, int]

#: The types, in the order of wasmtime's own numbers for them.
TYPES: Final = {"i32": ValType.i32, "i64": ValType.i64, "f32": ValType.f32, "f64": ValType.f64}
_NAMES: Final = tuple(TYPES)


class BitFunc(Func):
    """A function that takes and returns each number as a :data:`Number`."""

    def __call__(self, store: Any, *params: Number) -> list[Number]:  # noqa: ANN401 - wasmtime's Storelike
        """Calls it, as `Func` does. It takes and returns nothing else than numbers."""
        given = _raw(params)
        results = _raw([("i32", 0)] * len(self.type(store).results))
        with _func.enter_wasm(store) as trap:
            error = _ffi.wasmtime_func_call(
                store._context(), byref(self._func), given, len(given), results, len(results), trap
            )
            if error:
                raise WasmtimeError._from_ptr(error)
        return [_number(result) for result in results]


def host_function(
    store: Store, params: list[str], results: list[str], body: Callable[[list[Number]], list[Number]]
) -> Func:
    """A function of the host, of these types. What `body` raises comes out of the call of the guest that led here."""

    def called(_env: object, _caller: object, given: Any, count: int, returned: Any, _: int) -> int:  # noqa: ANN401 - pointers
        try:
            for at, result in enumerate(_raw(body([_number(given[n]) for n in range(count)]))):
                returned[at] = result
        except BaseException as error:  # noqa: BLE001 - as wasmtime-py's own; nothing can pass through native frames
            _func.LAST_EXCEPTION = error  # type: ignore[assignment]
            return cast(Trap("an exception of the host")._consume(), c_void_p).value or 0
        return 0

    ty = FuncType([TYPES[kind]() for kind in params], [TYPES[kind]() for kind in results])
    callback = _ffi.wasmtime_func_callback_t(called)
    key = _func.FUNCTIONS.allocate((callback,))  # which keeps it until the store ends
    made = _ffi.wasmtime_func_t()
    _ffi.wasmtime_func_new(store._context(), ty.ptr(), callback, key, _func.finalize, byref(made))
    return Func._from_raw(made)


def new_global(store: Store, value: Number, *, mutable: bool) -> Global:
    """A global of the host."""
    ty = GlobalType(TYPES[value[0]](), mutable)
    made = _ffi.wasmtime_global_t()
    if error := _ffi.wasmtime_global_new(store._context(), ty.ptr(), _raw([value]), byref(made)):
        raise WasmtimeError._from_ptr(error)
    return Global._from_raw(made)


def value_of(store: Store, variable: Global) -> Number:
    """The value of a global that is a number."""
    value = _ffi.wasmtime_val_t()
    _ffi.wasmtime_global_get(store._context(), byref(variable._global), byref(value))
    return _number(value)


def _raw(numbers: Iterable[Number]) -> Any:  # noqa: ANN401 - an array
    raw = []
    for kind, bits in numbers:
        raw.append(_ffi.wasmtime_val_t(kind=_NAMES.index(kind)))
        setattr(raw[-1].of, f"i{kind[1:]}", bits)
    return (_ffi.wasmtime_val_t * len(raw))(*raw)


def _number(raw: _ffi.wasmtime_val_t) -> Number:
    kind = _NAMES[int(raw.kind)]
    return kind, getattr(raw.of, f"i{kind[1:]}")

"""The `raw` operation: primitive steps on one fresh instance, by the ABI itself and not through a wrapper."""

from collections.abc import Callable
from typing import Any, Final, TypeAlias, cast

from wasmtime import Func, Instance, Module, WasmtimeError, wat2wasm

from everyhost_signer.guest import CompiledModule, Guest, GuestTrap
from wire import MAX_LINE_LEN, Json, RequestError, decode_bytes

PAGE_LEN: Final = 65536
_BITS: Final = {"i32": 32, "i64": 64, "f32": 32, "f64": 64}


#: Calls a function of a guest; it may raise :class:`GuestTrap` or :class:`CutOff`.
Invoke: TypeAlias = Callable[..., Any]


class CutOff(Exception):
    """A call took longer than it may. The instance is finished."""


class _Mismatch(Exception):
    """A step whose values are not of the types that its call takes. Nothing was called."""


def run_steps(module: CompiledModule, guest: Guest, steps: list[Json], invoke: Invoke | None = None) -> list[Json]:
    """Does the steps in order on a guest of the module, and closes it; one answer each, but a trap is the last.

    Args:
        module: what the guest is an instance of.
        guest: a fresh instance.
        steps: as in `hosts/CONTRACT.md`.
        invoke: calls a function, where it is not to be called as usual.

    Raises:
        RequestError: a step that cannot be understood, or that no host could do.
    """
    try:
        run = _Run(module, guest, invoke or guest.invoke)
        answers: list[Json] = []
        for step in steps:
            try:
                answers.append(run.step(step))
            except _Mismatch as mismatch:
                answers.append({"error": "TYPE_MISMATCH", "detail": str(mismatch)})
            except GuestTrap as trap:
                answers.append({"trap": True, "detail": str(trap)})
                break
            except CutOff:
                answers.append({"error": "CUT_OFF"})
                break
        return answers
    finally:
        guest.close()


class _Run:
    def __init__(self, module: CompiledModule, guest: Guest, invoke: Invoke) -> None:
        self._module = module
        self._guest = guest
        self._invoke = invoke
        self._vars: dict[str, int] = {}
        #: What is called for an export: once made, kept, because a store has room for so many instances only.
        self._functions: dict[str, Func] = {}

    def step(self, step: Json) -> Json:
        match step["do"]:
            case "call":
                return self._call(step["export"], step.get("args", []), step.get("as"))
            case "write":
                try:
                    self._guest.write(self._pointer(step["ptr"]), decode_bytes(step["bytes"]))
                except IndexError as error:
                    return {"error": "OUT_OF_BOUNDS", "detail": str(error)}
                return {"ok": {}}
            case "read":
                try:
                    view = self._guest.view(self._pointer(step["ptr"]), step["len"])
                except IndexError as error:
                    return {"error": "OUT_OF_BOUNDS", "detail": str(error)}
                if 2 * len(view) > MAX_LINE_LEN:
                    raise RequestError(f"{len(view)} bytes are more than a line can hold")
                return {"ok": {"bytes": view.hex()}}
            case "pages":
                return {"ok": {"pages": self._guest.memory_len() // PAGE_LEN}}
            case other:
                raise RequestError(f"no such step: {other}")

    def _call(self, export: str, args: list[Json], name: str | None) -> Json:
        signature = self._module.signature(export)
        if signature is None:
            return {"error": "NO_EXPORT"}
        if None in (kind for kinds in signature for kind in kinds):
            raise _Mismatch(f"{export!r} takes or returns what is no number: {self._module.type_of(export)}")
        params, returned = cast("tuple[list[str], list[str]]", signature)
        values = [self._value(arg) for arg in args]
        if [kind for kind, _ in values] != params:
            raise _Mismatch(f"{export!r} is of type {self._module.type_of(export)}")
        if name is not None and returned[:1] != ["i32"]:
            raise _Mismatch(f"{export!r} returns no i32 that could be called {name!r}")

        if export not in self._functions:
            self._functions[export] = self._function(export, params, returned)
        result = self._invoke(self._functions[export], *(bits for _, bits in values))
        bits = [] if not returned else [result] if len(returned) == 1 else result
        if name is not None:
            self._vars[name] = bits[0]
        return {"ok": {"results": [_encode_value(*pair) for pair in zip(returned, bits, strict=True)]}}

    def _function(self, export: str, params: list[str], results: list[str]) -> Func:
        function = cast("Func", self._guest.function(export))
        if not {"f32", "f64"} & {*params, *results}:
            return function
        return _with_integers_for_floats(self._module, self._guest, function, params, results)

    def _pointer(self, value: Json) -> int:
        kind, bits = self._value(value)
        if kind != "i32" and not (kind == "i64" and self._guest.is_64):
            raise _Mismatch(f"a pointer is an i32, or an i64 into a memory of 64-bit addresses; not an {kind}")
        return bits % (2**64 if kind == "i64" else 2**32)

    def _value(self, value: Json) -> tuple[str, int]:
        """The type of a value, and its bits as a signed integer."""
        match value:
            case {"i32": int(number)} if -(2**31) <= number < 2**32:
                return "i32", _signed(number, 32)
            case {"i64": str(digits)}:
                return "i64", _signed(int(digits), 64)
            case {"f32": str(bits)}:
                return "f32", _signed(int(bits, 16), 32)
            case {"f64": str(bits)}:
                return "f64", _signed(int(bits, 16), 64)
            case {"var": str(name)} if name in self._vars:
                return "i32", _signed(self._vars[name] + int(value.get("plus", 0)), 32)
            case _:
                raise RequestError(f"not a value, or a name that no earlier call gave: {value}")


def _encode_value(kind: str, bits: int) -> Json:
    match kind:
        case "i32":
            return {"i32": bits}
        case "i64":
            return {"i64": str(bits)}
        case _:
            width = _BITS[kind]
            return {kind: f"{bits % 2**width:0{width // 4}x}"}


def _with_integers_for_floats(
    module: CompiledModule, guest: Guest, function: Func, params: list[str], results: list[str]
) -> Func:
    """The function with integers of the same bits in place of floats.

    A float goes through Python as a double, and a signalling f32 NaN comes out of that with other bits. So a little
    module between the two reinterprets the bits.
    """

    def integers(kinds: list[str]) -> str:
        return " ".join(kind.replace("f", "i") for kind in kinds)

    def reinterpreted(to: str, value: str) -> str:
        return f"({to}.reinterpret_{to.translate(_SWAP)} {value})"

    given = [f"(local.get {n})" for n in range(len(params))]
    passed = [reinterpreted(k, v) if k[0] == "f" else v for k, v in zip(params, given, strict=True)]
    kept = [f"$r{n}" for n in range(len(results))]
    back = [
        reinterpreted(k.replace("f", "i"), f"(local.get {n})") if k[0] == "f" else f"(local.get {n})"
        for k, n in zip(results, kept, strict=True)
    ]
    text = f"""(module
      (import "" "" (func $inner (param {" ".join(params)}) (result {" ".join(results)})))
      (func (export "outer") (param {integers(params)}) (result {integers(results)})
        {" ".join(f"(local {n} {k})" for n, k in zip(kept, results, strict=True))}
        {" ".join(passed)} call $inner
        {" ".join(f"local.set {n}" for n in reversed(kept))}
        {" ".join(back)}))"""
    try:
        between = Instance(guest.store, Module(module.engine, bytes(wat2wasm(text))), [function])
    except WasmtimeError as error:
        raise RequestError(f"floats cannot be passed: {error}") from error
    return cast("Func", between.exports(guest.store)["outer"])


_SWAP: Final = str.maketrans("if", "fi")


def _signed(bits: int, width: int) -> int:
    bits %= 2**width
    return bits - 2**width if bits >= 2 ** (width - 1) else bits

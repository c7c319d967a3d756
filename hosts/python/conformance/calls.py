"""The exports of any component, called without generated bindings.

`hello` brings their types, and `hosts/COMPONENTS.md` says how values are written.
"""

import math
import re
import struct
from collections.abc import Callable
from typing import Any, Final, TypeAlias

from wasmtime import Engine, Store, WasmtimeError
from wasmtime.component import Component, Func, Linker, Record, ResourceAny, ResourceHost, Variant

from limits import Refusal
from wire import Json, RequestError, decode_bytes

#: A type as `hello` has it: ``"u32"``, or an object with one field, such as ``{"list": "u32"}``.
Type: TypeAlias = Any

#: The one NaN that a component's values have.
_NAN: Final = "nan"
#: A case's payload if it has none: None is JSON's null.
_NO_PAYLOAD: Final = object()
_FLOATS: Final = {"f32": ">f", "f64": ">d"}
_INTEGER: Final = {True: re.compile("-?0*[0-9]{1,19}"), False: re.compile("0*[0-9]{1,20}")}
_BITS: Final = {f"{sign}{bits}": (sign == "s", bits) for sign in "su" for bits in (8, 16, 32, 64)}


def run(engine: Engine, component: Component, types: Json, steps: list[Json]) -> Json:
    """Does the steps on a fresh instance.

    Raises:
        Refusal: there can be no instance.
    """
    try:
        live = _Live(engine, component, types)
    except WasmtimeError as error:
        raise Refusal("NO_INSTANCE", error) from error
    answers: list[Json] = []
    for step in steps:
        answers.append(live.step(step))
        if "trap" in answers[-1]:
            break
    return {"steps": answers}


class _StepError(Exception):
    """What a step answers instead of a result."""

    def __init__(self, code: str, detail: str | None = None) -> None:
        super().__init__(code)
        self.answer: Json = {"error": code} | ({} if detail is None else {"detail": detail})


class _Live:
    """An instance, and the resources that came from it: None is in the place of one that is gone."""

    def __init__(self, engine: Engine, component: Component, types: Json) -> None:
        self._types = types
        self._store = Store(engine)
        self._instance = Linker(engine).instantiate(self._store, component)
        self._handles: list[tuple[str, ResourceAny] | None] = []

    def step(self, step: Json) -> Json:
        try:
            match step:
                case {"do": "call", "export": str(export), "args": list(args)}:
                    return {"ok": self._call(export, args)}
                case {"do": "call", "export": str(export)} if "args" not in step:
                    return {"ok": self._call(export, [])}
                case {"do": "drop", "handle": int(handle)} if handle >= 0:
                    _, resource = self._held(handle)
                    self._handles[handle] = None
                    resource.drop(self._store)
                    return {"ok": {}}
        except _StepError as error:
            return error.answer
        except WasmtimeError as error:
            return {"trap": True, "detail": str(error)}
        raise RequestError(f"a component has no such step: {step}")

    def _call(self, export: str, args: list[Any]) -> Json:
        if export not in self._types:
            raise _StepError("NO_EXPORT")
        function = self._types[export]
        if function is None:
            raise _StepError("TYPE_MISMATCH", "it takes or returns a type that has no form here")
        params = function["params"]
        if len(params) != len(args):
            raise _StepError("TYPE_MISMATCH", f"{len(args)} arguments for {len(params)} parameters")
        given: set[int] = set()
        lowered = [self._lower(ty, arg, given) for ty, arg in zip(params, args, strict=True)]
        for handle in given:
            self._handles[handle] = None
        result = self._function(export)(self._store, *lowered)
        return {"result": self._lift(function["result"], result)} if "result" in function else {}

    def _function(self, export: str) -> Func:
        interface, _, name = export.rpartition("#")
        at = self._instance.get_export_index(self._store, interface) if interface else None
        index = self._instance.get_export_index(self._store, name, at)
        function = None if index is None else self._instance.get_func(self._store, index)
        if function is None:
            raise _StepError("NO_EXPORT")
        return function

    def _held(self, handle: int) -> tuple[str, ResourceAny]:
        held = self._handles[handle] if handle < len(self._handles) else None
        if held is None:
            raise _StepError("NO_HANDLE")
        return held

    def _lower(self, ty: Type, value: Any, given: set[int]) -> Any:  # noqa: ANN401, PLR0911, PLR0912 - a type each
        """A value as wasmtime takes it; `given` gets the resources that the component takes for good."""
        if isinstance(ty, str):
            return _lower_simple(ty, value)
        [(kind, of)] = ty.items()
        match kind:
            case "list" if of == "u8":
                try:
                    return decode_bytes(value)
                except RequestError as error:
                    raise _StepError("TYPE_MISMATCH", str(error)) from error
            case "list":
                return [self._lower(of, item, given) for item in _checked(value, list)]
            case "tuple":
                items = _checked(value, list, lambda items: len(items) == len(of))
                return tuple(self._lower(inner, item, given) for inner, item in zip(of, items, strict=True))
            case "record":
                fields = _checked(value, dict, lambda fields: fields.keys() == {name for name, _ in of})
                record = Record()
                for name, inner in of:
                    setattr(record, name, self._lower(inner, fields[name], given))
                return record
            case "enum":
                return _checked(value, str, lambda name: name in of)
            case "flags":
                return set(_checked(value, list, lambda names: all(name in of for name in names)))
            case "variant" | "option" | "result":
                name, payload = _case(value)
                cases = _cases(kind, of)
                if name not in cases or (cases[name] is None) != (payload is _NO_PAYLOAD):
                    raise _mismatch(value)
                lowered = None if payload is _NO_PAYLOAD else self._lower(cases[name], payload, given)
                if _is_tagged(cases):
                    return Variant(name, lowered)
                if (chosen := _chosen(cases, lowered)) != name:
                    why = f"wasmtime-py tells cases by the class of their payload: it would send {name} as {chosen}"
                    raise _StepError("TYPE_MISMATCH", why)
                return lowered
            case "own" | "borrow":
                handle = _checked(value, dict, lambda fields: fields.keys() == {"handle"})["handle"]
                defined, resource = self._held(_checked(handle, int, lambda number: number >= 0))
                if handle in given:
                    raise _StepError("NO_HANDLE")
                if defined != of:
                    raise _mismatch(value)
                if kind == "own":
                    given.add(handle)
                return resource
        raise _mismatch(value)

    def _lift(self, ty: Type, value: Any) -> Any:  # noqa: ANN401, PLR0911 - a type each
        """A value that the component gave; resources are numbered as they come."""
        if isinstance(ty, str):
            return _lift_simple(ty, value)
        [(kind, of)] = ty.items()
        match kind:
            case "list" if of == "u8":
                return value.hex()
            case "list":
                return [self._lift(of, item) for item in value]
            case "tuple":
                return [self._lift(inner, item) for inner, item in zip(of, value, strict=True)]
            case "record":
                return {name: self._lift(inner, getattr(value, name)) for name, inner in of}
            case "flags":
                return [name for name in of if name in value]
            case "variant" | "option" | "result":
                cases = _cases(kind, of)
                if _is_tagged(cases):
                    name, payload = value.tag, value.payload
                else:
                    found = object if value is None else type(value)
                    name, payload = next(name for name, inner in cases.items() if found in _classes(inner)), value
                return name if cases[name] is None else {name: self._lift(cases[name], payload)}
            case "own":
                self._handles.append((of, value))
                return {"handle": len(self._handles) - 1}
        # An enum is its name.
        return value


def _mismatch(value: Any) -> _StepError:  # noqa: ANN401
    return _StepError("TYPE_MISMATCH", f"the parameter has another type than {value!r:.100}")


def _checked(value: Any, kind: type, fits: Callable[[Any], bool] = lambda _: True) -> Any:  # noqa: ANN401
    # A bool is an int in Python, and not here.
    if type(value) is not kind or not fits(value):
        raise _mismatch(value)
    return value


def _lower_simple(ty: str, value: Any) -> Any:  # noqa: ANN401
    if ty == "bool":
        return _checked(value, bool)
    if ty in _FLOATS:
        if value == _NAN:
            return math.nan
        size = 2 * struct.calcsize(_FLOATS[ty])
        bits = _checked(value, str, lambda text: len(text) == size and set(text) <= set("0123456789abcdef"))
        return struct.unpack(_FLOATS[ty], bytes.fromhex(bits))[0]
    if ty in _BITS:
        is_signed, bits = _BITS[ty]
        number = value
        if bits == 64:  # noqa: PLR2004
            # int() reads at most 4,300 digits.
            digits = _checked(value, str, lambda text: _INTEGER[is_signed].fullmatch(text) is not None)
            number = int(re.sub("^(-?)0+(?=.)", r"\1", digits))
        least = -(1 << bits - 1) if is_signed else 0
        return _checked(number, int, lambda number: least <= number < least + (1 << bits))
    return _checked(value, str, lambda text: ty == "string" or len(text) == 1)


def _lift_simple(ty: str, value: Any) -> Any:  # noqa: ANN401
    if ty in _FLOATS:
        return _NAN if math.isnan(value) else struct.pack(_FLOATS[ty], value).hex()
    return str(value) if ty in {"s64", "u64"} else value


def _case(value: Any) -> tuple[str, Any]:  # noqa: ANN401
    """The name of a case, and its payload."""
    match value:
        case str():
            return value, _NO_PAYLOAD
        case dict() if len(value) == 1:
            return next(iter(value.items()))
    raise _mismatch(value)


def _cases(kind: str, of: Any) -> dict[str, Type]:  # noqa: ANN401
    match kind:
        case "variant":
            return dict(of)
        case "option":
            return {"none": None, "some": of}
        case _:
            return {"ok": of[0], "err": of[1]}


def _is_tagged(cases: dict[str, Type]) -> bool:
    """Whether wasmtime wants a Variant: the payload's class alone would not tell the case."""
    seen: set[type] = set()
    for inner in cases.values():
        classes = _classes(inner)
        if classes & seen:
            return True
        seen |= classes
    return False


def _chosen(cases: dict[str, Type], payload: Any) -> str | None:  # noqa: ANN401
    """The case that wasmtime sends a payload as, if it wants no Variant: to it a bool is an int too."""
    fits = (
        (name, payload is None if inner is None else isinstance(payload, tuple(_classes(inner))))
        for name, inner in cases.items()
    )
    return next((name for name, does in fits if does), None)


def _classes(ty: Type) -> set[type]:
    """The classes of the values that wasmtime has for a type."""
    if ty is None:
        return {object}
    if isinstance(ty, str):
        simple: dict[str, type] = {"bool": bool, "f32": float, "f64": float, "char": str, "string": str}
        return {simple.get(ty, int)}
    [(kind, of)] = ty.items()
    if kind in {"variant", "option", "result"}:
        cases = _cases(kind, of)
        return {Variant} if _is_tagged(cases) else set().union(*map(_classes, cases.values()))
    if kind == "list":
        return {bytes if of == "u8" else list}
    others: dict[str, set[type]] = {"record": {Record}, "tuple": {tuple}, "enum": {str}, "flags": {set}}
    return others.get(kind, {ResourceAny, ResourceHost})

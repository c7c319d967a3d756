"""The raw operations: steps on a fresh instance of a module, which is given the imports that the request lists."""

from contextlib import closing
from itertools import chain, repeat
from typing import Final

from wasmtime import Func, Global, Limits, Linker, Memory, MemoryType, Store, Table, TableType, ValType, WasmtimeError

from bits import Number, host_function, new_global
from everyhost_signer.guard import need
from everyhost_signer.guest import CompiledModule, Guest, GuestTrap
from limits import Refusal, instance_of
from raw_steps import StepError, Steps, encode_value
from wire import Json, RequestError, decode_bytes

_MOST_CALLS_TOLD: Final = 64
#: More than there are between a call of a function of the host and the next one within it.
_FRAMES: Final = 60


def raw(module: CompiledModule, given: Json) -> Json:
    """`raw`; with `wasm` also `raw_module`, with `imports` also `raw_imports`.

    Raises:
        Refusal: ``MODULE_REFUSED``, ``NO_INSTANCE``.
    """
    module = module_of(module, given)
    with closing(Store(module.engine)) as store:
        host = _Host(store)
        linker = host.provide(given.get("imports", []))
        host.enter(instance_of(module, store, linker))
        answer = host.with_calls({})
        steps = Steps(host.guest).answers(given["steps"], after_trap=given.get("after_trap", False))
        return answer | {"steps": [host.with_calls(step) for step in steps]}


def module_of(module: CompiledModule, given: Json) -> CompiledModule:
    """The module that comes with the request, or else the named one.

    Raises:
        Refusal: ``MODULE_REFUSED``.
    """
    if "wasm" not in given:
        return module
    try:
        return CompiledModule(decode_bytes(given["wasm"]))
    except ValueError as error:
        raise Refusal("MODULE_REFUSED", error) from error


class _Host:
    """What one request provides to a guest, and what comes to it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._calls: list[Json] = []
        self._untold = _MOST_CALLS_TOLD
        #: It has no exports until there is an instance.
        self.guest = Guest(store, {})

    def provide(self, imports: list[Json]) -> Linker:
        """Makes what is listed, for the module to take what it wants.

        Raises:
            Refusal: ``NO_INSTANCE``: this host cannot make it.
        """
        linker = Linker(self._store.engine)
        linker.allow_shadowing = True
        for index, item in enumerate(imports):
            try:
                made = self._make(index, item)
            except WasmtimeError as error:
                raise Refusal("NO_INSTANCE", error) from error
            linker.define(self._store, item["module"], item["name"], made)
            if self.guest.memory is None and isinstance(made, Memory):
                self.guest.memory = made
        return linker

    def enter(self, guest: Guest) -> None:
        """From now on, calls go to this guest. It has the first memory of the imports if it exports none."""
        guest.memory = guest.memory or self.guest.memory
        self.guest = guest

    def with_calls(self, answer: Json) -> Json:
        """The answer, with the calls that came since the last one."""
        if self._calls:
            answer.get("ok", answer)["calls"] = self._calls
            self._calls = []
        return answer

    def _make(self, index: int, item: Json) -> Func | Memory | Table | Global:
        match item:
            case {"func": {"params": list(params), "results": list(results)}}:
                written = item.get("calls") or [{}]
                entries = chain(written, repeat(written[-1]))
                return host_function(
                    self._store, params, results, lambda args: self._called(index, results, next(entries), args)
                )
            case {"memory": limits}:
                return Memory(self._store, MemoryType(Limits(limits["min"], limits.get("max"))))
            case {"table": limits}:
                ty = TableType(ValType.funcref(), Limits(limits["min"], limits.get("max")))
                return Table(self._store, ty, None)
            case {"global": dict(value)}:
                return new_global(self._store, Steps(self.guest).value(value), mutable=item.get("mutable", False))
            case _:
                raise RequestError(f"not an import: {item}")

    def _called(self, index: int, results: list[str], entry: Json, args: list[Number]) -> list[Number]:
        try:
            need(_FRAMES)
        except RecursionError as error:
            raise GuestTrap(f"stack overflow: {error}") from error
        call: Json = {"import": index, "args": [encode_value(arg) for arg in args]}
        if self._untold > 0:
            self._untold -= 1
            self._calls.append(call)
        steps = Steps(self.guest, {f"arg{at}": arg for at, arg in enumerate(args)})
        if entry.get("steps"):
            call["steps"] = []
            for answer in steps.answers(entry["steps"]):
                call["steps"].append(answer)
                if "trap" in answer:
                    raise GuestTrap(answer["detail"])
        if "throw" in entry:
            raise GuestTrap(entry["throw"])
        if "results" not in entry:
            return [(kind, 0) for kind in results]
        try:
            return steps.values(entry["results"], results)
        except StepError as error:
            raise RequestError(f"not results of types {results}: {entry['results']}") from error

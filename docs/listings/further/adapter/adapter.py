"""A whole adapter: it loads any module without imports, and runs the steps of `raw` with wasmtime-py."""

import hashlib
import json
import platform
import struct
import sys
from pathlib import Path

import wasmtime

ENGINE = wasmtime.Engine()
MODULES: dict[str, wasmtime.Module] = {}


# ANCHOR: loop
def main() -> None:
    """One request a line, one answer a line, in the same order. Ends when stdin does."""
    for line in sys.stdin.buffer:
        request = json.loads(line)
        reply = hello(request) if request["cmd"] == "hello" else {"seq": request["seq"], **run(request)}
        # Flushed each time, because the runner waits for the answer, not for a full buffer.
        print(json.dumps(reply), flush=True)
# ANCHOR_END: loop


# ANCHOR: hello
def hello(request: dict) -> dict:
    """Loads the modules that it is given, and says what it can do with each."""
    loaded = {}
    for name, module in request["modules"].items():
        wasm = Path(module["path"]).read_bytes()
        # The hash of the very bytes that are compiled, so that a row that uses others is caught.
        sha256 = hashlib.sha256(wasm).hexdigest()
        try:
            MODULES[name] = wasmtime.Module(ENGINE, wasm)
            loaded[name] = {"sha256": sha256, "ops": ["raw"]}
        except wasmtime.WasmtimeError as refusal:
            loaded[name] = {"sha256": sha256, "ops": [], "refused": str(refusal)}
    return {
        "protocol": 1,
        "host": "small",
        "version": platform.python_version(),
        "runtime": "wasmtime",
        "os": f"{sys.platform}/{platform.machine()}",
        "modules": loaded,
    }
# ANCHOR_END: hello


# ANCHOR: run
def run(request: dict) -> dict:
    """Runs the steps on a fresh instance. A trap is the last answer."""
    if request["op"] != "raw":
        return {"unsupported": f"this adapter does raw, not {request['op']}"}
    try:
        instance = Run(MODULES[request["module"]])
    except (wasmtime.Trap, wasmtime.WasmtimeError) as why:
        return {"error": "NO_INSTANCE", "detail": str(why)}
    answers = []
    for step in request["in"]["steps"]:
        try:
            answers.append(getattr(instance, step["do"])(step))
        # ANCHOR: trap
        except wasmtime.Trap as trap:
            answers.append({"trap": True, "detail": str(trap)})
            break
        # ANCHOR_END: trap
    return {"ok": {"steps": answers}}
# ANCHOR_END: run


class Run:
    """One instance, and the results that earlier steps named."""

    def __init__(self, module: wasmtime.Module) -> None:
        self.store = wasmtime.Store(ENGINE)
        self.exports = wasmtime.Instance(self.store, module, []).exports(self.store)
        # The one named memory, or else the first. A module may have none.
        named = self.exports.get("memory")
        memories = [item for item in (named, *self.exports.values()) if isinstance(item, wasmtime.Memory)]
        self.memory = memories[0] if memories else None
        self.names: dict[str, dict] = {}

    # ANCHOR: steps
    def call(self, step: dict) -> dict:
        function = self.exports.get(step["export"])
        if not isinstance(function, wasmtime.Func):
            return {"error": "NO_EXPORT"}
        params, results = self.types(function)
        args = [self.resolve(value) for value in step.get("args", [])]
        names = step.get("as", [])
        names = [names] if isinstance(names, str) else names
        if [type_of(value) for value in args] != params or not NUMBERS.issuperset(params + results):
            return {"error": "TYPE_MISMATCH"}
        if len(names) > len(results):
            return {"error": "TYPE_MISMATCH"}
        given = function(self.store, *(number(value) for value in args))
        values = given if isinstance(given, list) else [] if given is None else [given]
        answers = [to_json(type_, value) for type_, value in zip(results, values, strict=True)]
        self.names.update(zip(names, answers, strict=False))
        return {"ok": {"results": answers}}

    def write(self, step: dict) -> dict:
        data = to_bytes(step["bytes"])
        if wrong := self.outside(step["ptr"], len(data)):
            return {"error": wrong}
        # wasmtime-py rejects an empty write at the very end.
        if data:
            self.memory.write(self.store, data, self.pointer(step["ptr"]))
        return {"ok": {}}

    # ANCHOR: read
    def read(self, step: dict) -> dict:
        length = self.text_length(step["ptr"]) if step["len"] == "nul" else step["len"]
        # Memory.read returns fewer bytes if some are out of bounds, so check first.
        if wrong := self.outside(step["ptr"], length):
            return {"error": wrong}
        start, length = self.pointer(step["ptr"]), self.pointer(length)
        if length == 0:
            return {"ok": {"bytes": ""}}
        return {"ok": {"bytes": self.memory.read(self.store, start, start + length).hex()}}
    # ANCHOR_END: read

    def pages(self, _step: dict) -> dict:
        return {"ok": {"pages": self.memory.size(self.store) if self.memory else 0}}

    def outside(self, pointer: dict, length: int | dict) -> str | None:
        """What is wrong with `length` bytes there. Python's integers are long enough to add."""
        integers = [value for value in (pointer, length) if not isinstance(value, int)]
        if any(type_of(self.resolve(value)) not in ("i32", "i64") for value in integers):
            return "TYPE_MISMATCH"
        return "OUT_OF_BOUNDS" if self.pointer(pointer) + self.pointer(length) > self.size() else None
    # ANCHOR_END: steps

    def size(self) -> int:
        return self.memory.data_len(self.store) if self.memory else 0

    def text_length(self, pointer: dict) -> int:
        """How many bytes come before the first zero byte, or more than there are if there is none."""
        none = self.size() + 1
        if self.outside(pointer, 1):
            return none
        length = self.memory.read(self.store, self.pointer(pointer), self.size()).find(0)
        return none if length < 0 else length

    def types(self, function: wasmtime.Func) -> tuple[list[str], list[str]]:
        type_ = function.type(self.store)
        return [str(param) for param in type_.params], [str(result) for result in type_.results]

    # ANCHOR: values
    # ANCHOR: pointer
    def pointer(self, value: int | dict) -> int:
        """The same 32 or 64 bits, read as unsigned."""
        if isinstance(value, int):
            return value
        value = self.resolve(value)
        return number(value) % (2**32 if "i32" in value else 2**64)
    # ANCHOR_END: pointer

    def resolve(self, value: dict) -> dict:
        """A var is an earlier result, with its type."""
        if "var" not in value:
            return value
        [(type_, named)] = self.names[value["var"]].items()
        plus = value.get("plus", 0)
        if type_ in ("i32", "i64"):
            return to_json(type_, signed(int(named) + plus, int(type_[1:])))
        # No function takes a float plus something, so that gets a type of its own.
        return {type_ if plus == 0 else f"{type_} + {plus}": named}
    # ANCHOR_END: values


NUMBERS = {"i32", "i64", "f32", "f64"}


def type_of(value: dict) -> str:
    return next(iter(value))


def number(value: dict) -> int | float:
    if "f32" in value:
        return struct.unpack(">f", bytes.fromhex(value["f32"]))[0]
    if "f64" in value:
        return struct.unpack(">d", bytes.fromhex(value["f64"]))[0]
    return int(value.get("i32", value.get("i64")))


def to_json(type_: str, value: float) -> dict:
    if type_ in ("f32", "f64"):
        return {type_: struct.pack(">f" if type_ == "f32" else ">d", value).hex()}
    return {type_: str(value) if type_ == "i64" else value}


def to_bytes(written: str | dict) -> bytearray:
    if isinstance(written, str):
        return bytearray.fromhex(written)
    return bytearray.fromhex(written["repeat"]) * written["times"]


def signed(value: int, bits: int) -> int:
    return (value + 2 ** (bits - 1)) % 2**bits - 2 ** (bits - 1)


if __name__ == "__main__":
    main()

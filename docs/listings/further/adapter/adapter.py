"""A whole adapter: it loads any module without imports, and does the steps of `raw` with wasmtime-py."""

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
    """One request a line, one answer a line, in their order. Ends when stdin does."""
    for line in sys.stdin.buffer:
        request = json.loads(line)
        reply = hello(request) if request["cmd"] == "hello" else {"seq": request["seq"], **run(request)}
        # Flushed each time: the runner waits for the answer, not for a full buffer.
        print(json.dumps(reply), flush=True)
# ANCHOR_END: loop


# ANCHOR: hello
def hello(request: dict) -> dict:
    """Loads the modules that it is given, and says what it can do with each."""
    loaded = {}
    for name, module in request["modules"].items():
        wasm = Path(module["path"]).read_bytes()
        # Of the very bytes that are compiled: a row that answers from somewhere else is caught.
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
    """Does the steps on a fresh instance. A trap is the last answer."""
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
    """One instance, and the results that earlier steps gave a name to."""

    def __init__(self, module: wasmtime.Module) -> None:
        self.store = wasmtime.Store(ENGINE)
        self.exports = wasmtime.Instance(self.store, module, []).exports(self.store)
        # The one called memory, otherwise the first; a module may have none.
        named = self.exports.get("memory")
        memories = [item for item in (named, *self.exports.values()) if isinstance(item, wasmtime.Memory)]
        self.memory = memories[0] if memories else None
        self.names: dict[str, int] = {}

    # ANCHOR: steps
    def call(self, step: dict) -> dict:
        function = self.exports.get(step["export"])
        if not isinstance(function, wasmtime.Func):
            return {"error": "NO_EXPORT"}
        params, results = self.types(function)
        args = step.get("args", [])
        if [type_of(value) for value in args] != params or not NUMBERS.issuperset(params + results):
            return {"error": "TYPE_MISMATCH"}
        if "as" in step and results[:1] != ["i32"]:
            return {"error": "TYPE_MISMATCH"}
        given = function(self.store, *(self.argument(value) for value in args))
        values = given if isinstance(given, list) else [] if given is None else [given]
        if "as" in step:
            self.names[step["as"]] = values[0]
        return {"ok": {"results": [to_json(type_, value) for type_, value in zip(results, values, strict=True)]}}

    def write(self, step: dict) -> dict:
        data = to_bytes(step["bytes"])
        if wrong := self.outside(step["ptr"], len(data)):
            return {"error": wrong}
        # wasmtime-py takes no empty write at the very end.
        if data:
            self.memory.write(self.store, data, self.pointer(step["ptr"]))
        return {"ok": {}}

    # ANCHOR: read
    def read(self, step: dict) -> dict:
        # Memory.read gives fewer bytes if some are out of bounds: look first.
        if wrong := self.outside(step["ptr"], step["len"]):
            return {"error": wrong}
        if step["len"] == 0:
            return {"ok": {"bytes": ""}}
        start = self.pointer(step["ptr"])
        return {"ok": {"bytes": self.memory.read(self.store, start, start + step["len"]).hex()}}
    # ANCHOR_END: read

    def pages(self, _step: dict) -> dict:
        return {"ok": {"pages": self.memory.size(self.store) if self.memory else 0}}

    def outside(self, pointer: dict, length: int) -> str | None:
        """What is wrong with `length` bytes there: Python's integers are long enough to add."""
        if type_of(pointer) != "i32":
            return "TYPE_MISMATCH"
        size = self.memory.data_len(self.store) if self.memory else 0
        return "OUT_OF_BOUNDS" if self.pointer(pointer) + length > size else None
    # ANCHOR_END: steps

    def types(self, function: wasmtime.Func) -> tuple[list[str], list[str]]:
        type_ = function.type(self.store)
        return [str(param) for param in type_.params], [str(result) for result in type_.results]

    # ANCHOR: values
    # ANCHOR: pointer
    def pointer(self, value: dict) -> int:
        """The same 32 bits, read as unsigned."""
        return self.argument(value) & 0xFFFF_FFFF
    # ANCHOR_END: pointer

    def argument(self, value: dict) -> int | float:
        if "var" in value:
            return signed32(self.names[value["var"]] + value.get("plus", 0))
        if "f32" in value:
            return struct.unpack(">f", bytes.fromhex(value["f32"]))[0]
        if "f64" in value:
            return struct.unpack(">d", bytes.fromhex(value["f64"]))[0]
        return int(value.get("i32", value.get("i64")))
    # ANCHOR_END: values


NUMBERS = {"i32", "i64", "f32", "f64"}


def type_of(value: dict) -> str:
    return "i32" if "var" in value else next(iter(value))


def to_json(type_: str, value: float) -> dict:
    if type_ in ("f32", "f64"):
        return {type_: struct.pack(">f" if type_ == "f32" else ">d", value).hex()}
    return {type_: str(value) if type_ == "i64" else value}


def to_bytes(written: str | dict) -> bytearray:
    if isinstance(written, str):
        return bytearray.fromhex(written)
    return bytearray.fromhex(written["repeat"]) * written["times"]


def signed32(value: int) -> int:
    return (value + 2**31) % 2**32 - 2**31


if __name__ == "__main__":
    main()

"""What wasmtime, as Python's package has it, accepts and can run: two questions. Run in the root of the workspace."""

import json

from wasmtime import Engine, Instance, Module, Store, WasmtimeError

# ANCHOR: can
engine = Engine()
for case in json.load(open("vectors/features.json"))["cases"]:
    wasm = bytes.fromhex(case["in"]["wasm"])
    try:
        Module.validate(engine, wasm)
        store = Store(engine)
        Instance(store, Module(engine, wasm), []).exports(store)["probe"](store)
    except WasmtimeError as error:
        print(case["id"], "–", str(error).splitlines()[-1].strip())
# ANCHOR_END: can

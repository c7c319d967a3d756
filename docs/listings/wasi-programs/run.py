"""Runs a WASI program. python run.py PROGRAM.wasm FOLDER"""

import sys

from wasmtime import Engine, ExitTrap, Linker, Module, Store, WasiConfig

program, folder = sys.argv[1:]

# ANCHOR: run
config = WasiConfig()
config.argv = ["diary", "two words"]
config.env = [["NAME", "Ada"]]
config.preopen_dir(folder, "/notes")
config.inherit_stdin()
config.inherit_stdout()
config.inherit_stderr()

engine = Engine()
linker = Linker(engine)
linker.define_wasi()
store = Store(engine)
store.set_wasi(config)
instance = linker.instantiate(store, Module.from_file(engine, program))
try:
    instance.exports(store)["_start"](store)
    code = 0
except ExitTrap as end:
    code = end.code
print("exit code", code)
# ANCHOR_END: run

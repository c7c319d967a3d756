"""Gives a guest the function `log`. python host.py GREETER.wasm"""

import sys

from wasmtime import Caller, Engine, FuncType, Linker, Module, Store, ValType


# ANCHOR: log
def log(caller: Caller, text: int, length: int) -> None:
    start, length = text & 0xFFFF_FFFF, length & 0xFFFF_FFFF  # i32 arrives with a sign
    memory = caller["memory"]
    if start + length > memory.data_len(caller):  # `read` would return fewer bytes, without an error
        raise IndexError(f"{length} bytes at {start} are not all in memory")
    print("guest:", memory.read(caller, start, start + length).decode())


engine = Engine()
linker = Linker(engine)
linker.define_func("env", "log", FuncType([ValType.i32(), ValType.i32()], []), log, access_caller=True)
# ANCHOR_END: log

store = Store(engine)
exports = linker.instantiate(store, Module.from_file(engine, sys.argv[1])).exports(store)
exports["greet"](store)
try:
    exports["stray"](store)
except IndexError as error:
    print("refused:", error)

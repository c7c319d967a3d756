"""The same in wasmtime, which reads DWARF itself if an environment variable says so. Run in the root of the workspace."""

import os
import sys

# ANCHOR: trace
os.environ["WASMTIME_BACKTRACE_DETAILS"] = "1"  # before wasmtime is used for the first time

from wasmtime import Engine, Func, FuncType, Instance, Module, Store, Trap, ValType  # noqa: E402

store = Store(Engine())
log = Func(store, FuncType([ValType.i32(), ValType.i32()], []), lambda text, length: None)
guest = Instance(store, Module.from_file(store.engine, sys.argv[1]), [log])
try:
    guest.exports(store)["total"](store, 2, 2)
except Trap as trap:
    print(trap)
# ANCHOR_END: trace

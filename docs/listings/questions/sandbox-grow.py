"""What memory.grow(20) gives with a limit of 16 pages: sandbox-grow.py FILE.wasm"""

import sys

from wasmtime import Engine, Instance, Module, Store, Trap

store = Store(Engine())
store.set_limits(memory_size=16 * 65536)
guest = Instance(store, Module.from_file(store.engine, sys.argv[1]), [])
try:
    print(guest.exports(store)["grow"](store))
except Trap:
    print("trap")

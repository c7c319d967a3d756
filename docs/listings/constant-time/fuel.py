"""How many instructions each comparison takes, by how many of the first bytes are right."""

import sys

from wasmtime import Config, Engine, Instance, Module, Store

# ANCHOR: fuel
config = Config()
config.consume_fuel = True  # about one unit for each instruction
engine = Engine(config)
module = Module.from_file(engine, sys.argv[1])
secret = b"open sesame 2026"


def fuel(export: str, *args: int, given: bytes) -> int:
    store = Store(engine)
    store.set_fuel(1_000_000)
    exports = Instance(store, module, []).exports(store)
    exports["memory"].write(store, secret.ljust(32) + given, exports["tags_ptr"](store))
    before = store.get_fuel()
    exports[export](store, *args)
    return before - store.get_fuel()


print("right bytes  equal_early  equal_whole     equal_16")
for right in (0, 1, 2, 8, 15, 16):
    given = secret[:right] + b"?" * (16 - right)
    early, whole = fuel("equal_early", 16, given=given), fuel("equal_whole", 16, given=given)
    print(f"{right:11}{early:13}{whole:13}{fuel('equal_16', given=given):13}")
# ANCHOR_END: fuel

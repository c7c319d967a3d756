"""A pointer above 2 GiB, as Python sees it. Run in the root of the workspace."""

from pathlib import Path

import wasmtime

engine = wasmtime.Engine()
module = wasmtime.Module(engine, Path("target/modules/probe.wasm").read_bytes())
store = wasmtime.Store(engine)
exports = wasmtime.Instance(store, module, []).exports(store)
memory = exports["memory"]

# ANCHOR: high
exports["grow"](store, 32768)
returned = exports["same_i32"](store, 2147483648 - 2**32)
print(f"the module returns {returned}")

pointer = returned & 0xFFFF_FFFF
print(f"made unsigned it is {pointer}")
memory.write(store, bytearray([1, 2, 3, 4]), pointer)
print(f"the module reads 0x{exports['load'](store, returned):08x} there")

# A negative start counts from the end of memory, as in a slice: this goes to another address.
memory.write(store, bytearray([9, 9, 9, 9]), returned)
print(f"a write there landed at {bytes(memory.read(store, 0, 1 << 20)).find(bytes([9, 9, 9, 9]))}")

# Not an error, and not four bytes either.
memory_end = memory.data_len(store)
print(f"read over the end: {len(memory.read(store, memory_end - 2, memory_end + 2))} bytes")
# ANCHOR_END: high
assert exports["load"](store, returned) == 0x04030201

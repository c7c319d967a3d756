"""How many different costs equal_early has for the 256 last bytes, if all bytes before are right."""

from wasmtime import Config, Engine, Instance, Module, Store

config = Config()
config.consume_fuel = True
engine = Engine(config)
store = Store(engine)
store.set_fuel(1_000_000)
exports = Instance(store, Module.from_file(engine, "target/constant-time/equal.wasm"), []).exports(store)
secret = b"open sesame 2026"
pointer = exports["tags_ptr"](store)
costs = set()
for last in range(256):
    exports["memory"].write(store, secret.ljust(32) + secret[:15] + bytes([last]), pointer)
    store.set_fuel(1_000_000)
    exports["equal_early"](store, 16)
    costs.add(store.get_fuel())
print(len(costs))

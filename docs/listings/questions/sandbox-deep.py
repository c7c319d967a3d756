"""The fuel that deep(200) takes."""

from wasmtime import Config, Engine, Instance, Module, Store

config = Config()
config.consume_fuel = True
store = Store(Engine(config))
store.set_fuel(1_000_000)
Instance(store, Module.from_file(store.engine, "target/sandbox/guest.wasm"), []).exports(store)["deep"](store, 200)
print(1_000_000 - store.get_fuel())

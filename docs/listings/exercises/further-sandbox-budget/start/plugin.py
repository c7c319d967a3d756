"""A plugin that somebody else wrote."""

# ANCHOR: all
from wasmtime import Config, Engine, Instance, Module, Store


class Refused(Exception):
    """The plugin trapped, or used up what it may use."""


class Plugin:
    """Each call may use 10,000 of fuel, and memory may have 4 pages."""

    def __init__(self, file: str) -> None:
        config = Config()
        config.consume_fuel = True
        self._engine = Engine(config)
        self._module = Module.from_file(self._engine, file)
        self._store = Store(self._engine)
        self._store.set_fuel(10_000)
        self._instance = Instance(self._store, self._module, [])

    def call(self, name: str, *args: int) -> int | None:
        return self._instance.exports(self._store)[name](self._store, *args)
# ANCHOR_END: all

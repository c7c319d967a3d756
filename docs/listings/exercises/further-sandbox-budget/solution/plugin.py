"""A plugin that somebody else wrote."""

# ANCHOR: all
from wasmtime import Config, Engine, Instance, Module, Store, Trap


class Refused(Exception):
    """The plugin trapped, or used up what it may use."""


class Plugin:
    """Each call may use 10,000 of fuel, and memory may have 4 pages."""

    def __init__(self, file: str) -> None:
        config = Config()
        config.consume_fuel = True
        self._engine = Engine(config)
        self._module = Module.from_file(self._engine, file)
        self._start()

    def _start(self) -> None:
        self._store = Store(self._engine)
        self._store.set_limits(memory_size=4 * 65536, memories=1, tables=1, table_elements=1000)
        self._store.set_fuel(10_000)  # instantiating runs code, too
        self._instance = Instance(self._store, self._module, [])

    def call(self, name: str, *args: int) -> int | None:
        self._store.set_fuel(10_000)
        try:
            return self._instance.exports(self._store)[name](self._store, *args)
        except Trap as trap:
            self._start()
            raise Refused(name) from trap
# ANCHOR_END: all

"""What the guest of guest.wat can do to a host that has set limits. Run in the root of the workspace."""

import threading

from wasmtime import Config, Engine, Instance, Module, Store, Trap, WasmtimeError

PAGE = 65536


# ANCHOR: call
def call(name: str, *args: int, fuel: int = 1_000_000, seconds: float = 5) -> str:
    """Calls an export in a sandbox of its own: 16 pages, so much fuel, so much time."""
    config = Config()
    config.consume_fuel = True
    config.epoch_interruption = True
    engine = Engine(config)
    store = Store(engine)
    store.set_limits(memory_size=16 * PAGE, table_elements=1000, instances=1, memories=1, tables=1)
    store.set_fuel(fuel)
    store.set_epoch_deadline(1)  # one tick from now
    clock = threading.Timer(seconds, engine.increment_epoch)
    clock.start()
    try:
        guest = Instance(store, Module.from_file(engine, "target/sandbox/guest.wasm"), [])
        result = guest.exports(store)[name](store, *args)
        return f"{result}, with {fuel - store.get_fuel():,} of fuel"
    except Trap as trap:
        return str(trap.trap_code)
    finally:
        clock.cancel()
# ANCHOR_END: call


# ANCHOR: attacks
print("peek(0)         ", call("peek", 0))
print("peek(2**31 - 1) ", call("peek", 2**31 - 1))
print("deep(100)       ", call("deep", 100))
print("deep(10**7)     ", call("deep", 10**7, fuel=10**10))
print("eat()           ", call("eat"))
print("spin()          ", call("spin"))
print("spin(), 0.1 s   ", call("spin", fuel=10**15, seconds=0.1))
# ANCHOR_END: attacks


# ANCHOR: table
def instantiate(**limits: int) -> str:
    engine = Engine()
    store = Store(engine)
    store.set_limits(**limits)
    try:
        Instance(store, Module.from_file(engine, "target/sandbox/table.wasm"), [])
        return "instantiated"
    except WasmtimeError as error:
        return "refused: " + str(error).splitlines()[-1].strip()


print("only memory limited  ", instantiate(memory_size=16 * PAGE))
print("tables limited too   ", instantiate(memory_size=16 * PAGE, table_elements=1000))
# ANCHOR_END: table

"""What this host can hold a guest to: the operations of `hosts/README.md` that are about hosts themselves."""

import threading
from typing import Any, Final

from wasmtime import Config, Engine, Func, Trap, TrapCode

from everyhost_signer.guest import CompiledModule, Guest, GuestTrap
from raw_steps import PAGE_LEN, CutOff, run_steps
from wire import Json, decode_bytes


class ModuleRefused(Exception):
    """This host cannot load the module."""

    code: Final = "MODULE_REFUSED"


def raw(module: CompiledModule, given: Json) -> Json:
    """Primitive steps on a fresh instance."""
    return {"steps": run_steps(module, module.instantiate(), given["steps"])}


def raw_memory_limit(module: CompiledModule, given: Json) -> Json:
    """The same, with a limit of linear memory that the store enforces."""
    guest = module.instantiate(max_memory_len=given["max_pages"] * PAGE_LEN)
    return {"steps": run_steps(module, guest, given["steps"])}


def raw_deadline(interruptible: CompiledModule, given: Json) -> Json:
    """The same, on a module of :func:`interruptible_engine`: a timer lets its epoch pass, which ends the call."""
    guest = interruptible.instantiate()
    seconds = given["deadline_ms"] / 1000

    def invoke(function: Func, *args: int) -> Any:  # noqa: ANN401 - as Guest.invoke
        return _within(seconds, guest, interruptible.engine, function, *args)

    return {"steps": run_steps(interruptible, guest, given["steps"], invoke)}


def interruptible_engine() -> Engine:
    """An engine whose calls can be cut off. It costs every loop and call a look at the epoch."""
    config = Config()
    config.epoch_interruption = True
    return Engine(config)


def raw_module(_module: CompiledModule, given: Json) -> Json:
    """Primitive steps on a module that comes with the request.

    Raises:
        ModuleRefused: this host cannot load it.
    """
    try:
        module = CompiledModule(decode_bytes(given["wasm"]))
        guest = module.instantiate()
    except (ValueError, GuestTrap) as error:
        raise ModuleRefused(str(error)) from error
    return {"steps": run_steps(module, guest, given["steps"])}


def kept_view(module: CompiledModule, given: Json) -> Json:
    """What a view shows that was made before memory grew.

    wasmtime reserves address space, so that memory grows where it is: the view stays good, but nobody promises it.
    """
    guest = module.instantiate()
    try:
        view = guest.view(given["ptr"], _WORD_LEN)
        guest.call("grow", 1)
        guest.call("store", given["ptr"], given["value"])
        return {"bytes": bytes(view).hex()}
    finally:
        guest.close()


_WORD_LEN: Final = 4


def _within(seconds: float, guest: Guest, engine: Engine, function: Func, *args: int) -> Any:  # noqa: ANN401
    guest.store.set_epoch_deadline(1)
    timer = threading.Timer(seconds, engine.increment_epoch)
    timer.start()
    try:
        return guest.invoke(function, *args)
    except GuestTrap as trap:
        if isinstance(trap.__cause__, Trap) and trap.__cause__.trap_code == TrapCode.INTERRUPT:
            raise CutOff from trap
        raise
    finally:
        timer.cancel()
        timer.join()

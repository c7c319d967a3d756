"""What this host can hold a guest to: the operations of `hosts/CONTRACT.md` that are about hosts themselves."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from wasmtime import Config, Engine, Func, Linker, Store, Trap, TrapCode

from everyhost_signer.guest import CompiledModule, Guest, GuestTrap
from raw_steps import PAGE_LEN, CutOff, Invoke, Steps
from wire import Json


class Refusal(Exception):
    """What this host cannot do for a request, and why.

    Attributes:
        code: ``MODULE_REFUSED`` or ``NO_INSTANCE``.
    """

    def __init__(self, code: str, why: Exception) -> None:
        super().__init__(str(why))
        self.code = code


def raw_memory_limit(module: CompiledModule, given: Json) -> Json:
    """Primitive steps with a limit of linear memory that the store enforces.

    Raises:
        Refusal: ``NO_INSTANCE``, as the other one.
    """
    store = Store(module.engine)
    store.set_limits(memory_size=given["max_pages"] * PAGE_LEN)
    return _run_steps(instance_of(module, store), given)


def raw_deadline(interruptible: CompiledModule, given: Json) -> Json:
    """The same on a module of :func:`interruptible_engine`: a timer lets its epoch pass, which ends the call."""
    store = Store(interruptible.engine)
    seconds = given["deadline_ms"] / 1000

    def invoke(function: Func, *args: object) -> Any:  # noqa: ANN401 - as Guest.invoke
        with _deadline(seconds, store):
            return guest.invoke(function, *args)

    try:
        with _deadline(seconds, store):
            guest = interruptible.instantiate(store, Linker(store.engine))
    except (GuestTrap, CutOff) as error:
        raise Refusal("NO_INSTANCE", error) from error
    return _run_steps(guest, given, invoke)


def instance_of(module: CompiledModule, store: Store, linker: Linker | None = None) -> Guest:
    """An instance; without a linker nothing is given to it.

    Raises:
        Refusal: ``NO_INSTANCE``.
    """
    try:
        return module.instantiate(store, linker or Linker(store.engine))
    except GuestTrap as trap:
        raise Refusal("NO_INSTANCE", trap) from trap


def _run_steps(guest: Guest, given: Json, invoke: Invoke | None = None) -> Json:
    try:
        return {"steps": list(Steps(guest, invoke=invoke).answers(given["steps"]))}
    finally:
        guest.close()


def interruptible_engine() -> Engine:
    """An engine whose calls can be cut off. It costs every loop and call a look at the epoch."""
    config = Config()
    config.epoch_interruption = True
    return Engine(config)


#: What :func:`kept_view` needs of a module.
VIEW_EXPORTS: Final = {"memory": "memory", "grow": "(i32)->(i32)", "store": "(i32 i32)->()"}


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


@contextmanager
def _deadline(seconds: float, store: Store) -> Iterator[None]:
    """Cuts off what runs in the store for longer.

    Raises:
        CutOff: it did.
    """
    store.set_epoch_deadline(1)
    timer = threading.Timer(seconds, store.engine.increment_epoch)
    timer.start()
    try:
        yield
    except GuestTrap as trap:
        if isinstance(trap.__cause__, Trap) and trap.__cause__.trap_code == TrapCode.INTERRUPT:
            raise CutOff(f"cut off after {seconds:g} s") from trap
        raise
    finally:
        timer.cancel()
        timer.join()

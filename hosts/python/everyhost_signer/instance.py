"""One instance of a module that keeps nothing between calls, and its replacement after a trap."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from everyhost_signer.errors import ModuleError
from everyhost_signer.guest import CompiledModule, Guest, GuestTrap


class Instance:
    """An instance; if it traps, a new one takes its place.

    Args:
        module: what it is an instance of.
        make: makes one.
        error: the exception to raise, which is given the code.

    Raises:
        ModuleError: ``TRAPPED``.
    """

    def __init__(
        self, module: CompiledModule, make: Callable[[CompiledModule], Guest], error: type[ModuleError]
    ) -> None:
        self._module = module
        self._make = make
        self._error = error
        try:
            self._guest: Guest | None = make(module)
        except GuestTrap as trap:
            raise error("TRAPPED") from trap

    @property
    def closed(self) -> bool:
        """Whether it has ended: it was closed, or no new instance could take its place."""
        return self._guest is None

    @contextmanager
    def running(self) -> Iterator[Guest]:
        """Lends the instance for some calls.

        It is replaced after an interrupt too, which may have left anything.

        Raises:
            ModuleError: ``CLOSED``; ``TRAPPED``, of one of the calls.
        """
        if self._guest is None:
            raise self._error("CLOSED")
        try:
            yield self._guest
        except BaseException as error:
            is_trap = isinstance(error, GuestTrap)
            if is_trap or not isinstance(error, Exception):
                self._replace()
            if is_trap:
                raise self._error("TRAPPED") from error
            raise

    def close(self) -> None:
        """Ends it; closing again does nothing."""
        guest, self._guest = self._guest, None
        if guest is not None:
            guest.close()

    def _replace(self) -> None:
        guest, self._guest = self._guest, None
        if guest is not None:
            guest.discard()
        with suppress(GuestTrap, ModuleError):  # without a new instance it is closed
            self._guest = self._make(self._module)

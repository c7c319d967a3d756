"""A list of modules in order of preference, of which the first that works on this host is used."""

from collections.abc import Callable, Iterable
from typing import Generic, Protocol, TypeVar

from everyhost_signer.errors import SignerError
from everyhost_signer.guest import CompiledModule, CompileError, ModuleSource


class Closable(Protocol):
    """What is made of a module: it ends when it is closed, or when a trap leaves it without an instance."""

    @property
    def closed(self) -> bool:
        """Whether it has ended."""

    def close(self) -> None:
        """Ends it."""


Made = TypeVar("Made", bound=Closable)
Result = TypeVar("Result")


class Preferred(Generic[Made]):
    """Finds the first module of a list that can be used here, and holds what is made of it.

    Nothing is compiled or made before the first use: the table of such a module takes some milliseconds and 250 KB.

    Args:
        sources: the modules, as for a :class:`~everyhost_signer.signer.Signer`.
        make: makes of a module what is used; it raises what :meth:`use` then raises.
    """

    def __init__(self, sources: Iterable[ModuleSource], make: Callable[[CompiledModule], Made]) -> None:
        self._sources = list(sources)
        self._make = make
        self._at = 0
        #: What is used; None while there is nothing.
        self.made: Made | None = None
        #: Why the last module that was passed over can't be used.
        self.why: Exception = SignerError("CLOSED")

    @property
    def index(self) -> int:
        """The place in the list of the module that is used; -1 while there is none."""
        return -1 if self.made is None else self._at

    def use(self, call: Callable[[Made], Result]) -> Result | None:
        """Calls with what is made of the first module that can be used; None if there is none.

        A module is passed over if this runtime can't compile it or if its self-test fails, then or later.

        Raises:
            SignerError: of the module that was used. One that traps as it is made, or could not be restored after a
                trap, is not used again.
            ValueError: a module of the list is not of the right kind.
        """
        while self._at < len(self._sources):
            try:
                if self.made is None:
                    self.made = self._make(CompiledModule.of(self._sources[self._at]))
                return call(self.made)
            except CompileError as error:
                self._pass_over(error)
            except SignerError as error:
                if error.code == "SELF_TEST_FAILED":
                    self._pass_over(error)
                    continue
                if self.made is None and error.code == "TRAPPED":
                    self._pass_over(SignerError("TRAPPED"))
                raise
            finally:
                self._drop_closed()
        return None

    def use_made(self, call: Callable[[Made], None]) -> None:
        """Calls with what is used, if there is anything."""
        if self.made is None:
            return
        try:
            call(self.made)
        finally:
            self._drop_closed()

    def close(self) -> None:
        """Ends what is used, for good."""
        made, self.made = self.made, None
        self._sources = []
        self.why = SignerError("CLOSED")
        if made is not None:
            made.close()

    def _drop_closed(self) -> None:
        if self.made is not None and self.made.closed:
            self._pass_over(SignerError("CLOSED"))

    def _pass_over(self, why: Exception) -> None:
        made, self.made = self.made, None
        self._at += 1
        self.why = why.with_traceback(None)  # whose frames would stay, with all that was in them
        if made is not None:
            made.close()

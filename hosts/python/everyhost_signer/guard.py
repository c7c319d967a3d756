"""One call at a time, none that has no room on the stack to end properly, and one owner."""

import threading
from abc import ABC, abstractmethod
from types import TracebackType
from typing import Final, NoReturn, Self

from everyhost_signer.errors import ModuleError

# The deepest call of these wrappers has fewer frames.
_FRAMES: Final = 24


class Guard:
    """A context for a call: if another one is in progress, in any thread, entering it is ``IN_USE`` at once.

    wasmtime-py lets other threads run while a module does, and two of them in one instance end the process, or worse.

    Entering also makes sure that the stack has room. A RecursionError comes now, before anything is done, and not
    halfway, when a secret is in linear memory and clearing it would need room too.

    Args:
        error: the exception to raise, which is given the code.
    """

    #: How many frames there must be room for; none if the caller has made sure.
    frames = _FRAMES

    def __init__(self, error: type[ModuleError]) -> None:
        self._error = error
        self._lock = threading.Lock()

    def __enter__(self) -> None:
        need(self.frames)
        if not self._lock.acquire(blocking=False):
            raise self._error("IN_USE")

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._lock.release()


def need(frames: int) -> None:
    """Makes sure that the stack has room for as many frames.

    Raises:
        RecursionError: it has not.
    """
    if frames:
        need(frames - 1)


class Owned(ABC):
    """What has an instance or a secret of its own: leaving its context closes it, and copies are refused."""

    @abstractmethod
    def close(self) -> None:
        """Ends it."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()

    def __reduce_ex__(self, protocol: object) -> NoReturn:  # what copy, deepcopy and pickle ask for
        raise TypeError(f"a {type(self).__name__} has one owner: it can't be copied or pickled")

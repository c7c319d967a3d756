"""A signer's batch modules: further modules, faster at many messages than the main one."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from everyhost_signer.errors import SignerError
from everyhost_signer.guest import CompiledModule, ModuleSource

if TYPE_CHECKING:
    from everyhost_signer.signer import Signer

_EXPORTS: Final = frozenset({"allocate_batch", "sign_batch", "get_batch_signatures_ptr"})


class BatchModules:
    """Finds, in a list in order of preference, the first module that signs rightly here, and holds a signer of it.

    Nothing is compiled or made before a key is first asked for: the table of such a module takes some milliseconds and
    250 KB.

    Args:
        sources: the modules, as for a :class:`Signer`.
        new_signer: makes a signer without a key.
    """

    def __init__(self, sources: Iterable[ModuleSource], new_signer: Callable[[CompiledModule], "Signer"]) -> None:
        self._sources = list(sources)
        self._new_signer = new_signer
        self._at = 0
        self._signer: Signer | None = None

    @property
    def index(self) -> int:
        """The place in the list of the module that is used; -1 while there is none."""
        return -1 if self._signer is None else self._at

    def signer_of(self, keypair: bytearray) -> "Signer | None":
        """A signer that holds this key, or None where no module of the list can be used.

        Raises:
            SignerError: ``OUT_OF_MEMORY``, ``TRAPPED``: of the module that would have been used.
            ValueError: a module of the list is none for batches.
        """
        while self._at < len(self._sources):
            if (signer := self._ready(keypair)) is not None:
                return signer
            self.close()
            self._at += 1
        return None

    def wipe(self) -> None:
        """Clears every secret."""
        if self._signer is not None and not self._signer.closed:
            self._signer.wipe()

    def close(self) -> None:
        """Clears every secret and drops the instance."""
        signer, self._signer = self._signer, None
        if signer is not None:
            signer.close()

    def _ready(self, keypair: bytearray) -> "Signer | None":
        if self._signer is None or self._signer.closed:  # closed: no new instance came up after a trap
            try:
                module = CompiledModule.of(self._sources[self._at])
            except ValueError:  # this runtime cannot compile it
                return None
            module.require(_EXPORTS, "a batch")
            self._signer = self._new_signer(module)
        if not _holds_key(self._signer):
            try:
                self._signer.load_key(keypair)
            except SignerError as error:
                if error.code == "SELF_TEST_FAILED":
                    return None
                raise
        return self._signer


def _holds_key(signer: "Signer") -> bool:
    try:
        return bool(signer.public_key)
    except SignerError:
        return False

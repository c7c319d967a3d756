"""A signer's batch modules: further modules, faster at many messages than the main one."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from everyhost_signer.errors import SignerError
from everyhost_signer.guest import CompiledModule, ModuleSource

if TYPE_CHECKING:
    from everyhost_signer.signer import Signer

#: What signs many messages at once.
BATCH_EXPORTS: Final = {
    "allocate_batch": "(i32 i32)->(i32)",
    "sign_batch": "()->(i32)",
    "get_batch_signatures_ptr": "()->(i32)",
}


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

    def sign_many(self, keypair: bytearray, messages: list[bytes]) -> list[bytes] | None:
        """Signs with the first module of the list that can be used; None if none can.

        Raises:
            SignerError: ``OUT_OF_MEMORY``, ``TRAPPED``: of the module that was used. One that could not be restored
                after a trap is not used again.
            ValueError: a module of the list is not for batches.
        """
        while self._at < len(self._sources):
            try:
                if self._is_ready(keypair) and self._signer is not None:
                    return self._signer.sign_many(messages)
            finally:
                self._drop_closed()
            self._pass_over()
        return None

    def wipe(self) -> None:
        """Clears every secret."""
        if self._signer is None:
            return
        try:
            self._signer.wipe()
        finally:
            self._drop_closed()

    def close(self) -> None:
        """Clears every secret and drops the instance."""
        signer, self._signer = self._signer, None
        if signer is not None:
            signer.close()

    def _drop_closed(self) -> None:
        if self._signer is not None and self._signer.closed:
            self._pass_over()

    def _pass_over(self) -> None:
        self.close()
        self._at += 1

    def _is_ready(self, keypair: bytearray) -> bool:
        """Makes the signer and gives it the key, as far as that is not done yet. False if the module cannot be used."""
        if self._signer is None:
            try:
                module = CompiledModule.of(self._sources[self._at])
            except ValueError:  # this runtime cannot compile it
                return False
            module.require(BATCH_EXPORTS, "a batch")
            try:
                self._signer = self._new_signer(module)
            except SignerError:
                self._pass_over()
                raise
        if not _holds_key(self._signer):
            try:
                self._signer.load_key(keypair)
            except SignerError as error:
                if error.code == "SELF_TEST_FAILED":
                    return False
                raise
        return True


def _holds_key(signer: "Signer") -> bool:
    try:
        return bool(signer.public_key)
    except SignerError:
        return False

"""The one typed exception of each wrapper, with a stable code."""

from everyhost_signer.codes import MEANING_OF_CODE


class ModuleError(Exception):
    """A call was refused, or the module trapped.

    Attributes:
        code: the stable name, the same in every language, such as ``KEY_PAIR_MISMATCH``.
            :data:`everyhost_signer.codes.MEANING_OF_CODE` has all of them.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {MEANING_OF_CODE[code]}{detail and f' ({detail})'}")
        self.code = code


class SignerError(ModuleError):
    """What a :class:`~everyhost_signer.signer.Signer` and a :class:`~everyhost_signer.verifier.Verifier` raise."""


class AdderError(ModuleError):
    """What an :class:`~everyhost_signer.adder.Adder` raises."""

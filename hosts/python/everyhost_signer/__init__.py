"""Everyhost's Wasm modules for Python: sign and verify with :class:`Signer`, add with :class:`Adder`."""

from everyhost_signer.adder import Adder
from everyhost_signer.errors import AdderError, ModuleError, SignerError
from everyhost_signer.guest import CompiledModule
from everyhost_signer.signer import BytesLike, Message, Signer

__all__ = ["Adder", "AdderError", "BytesLike", "CompiledModule", "Message", "ModuleError", "Signer", "SignerError"]

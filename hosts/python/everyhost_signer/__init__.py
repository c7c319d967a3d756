"""Everyhost's Wasm modules for Python: :class:`Signer` signs, :class:`Verifier` verifies, :class:`Adder` adds."""

from everyhost_signer.adder import Adder
from everyhost_signer.errors import AdderError, ModuleError, SignerError
from everyhost_signer.guest import CompiledModule
from everyhost_signer.signer import BytesLike, Message, Signer
from everyhost_signer.tokens import Claims, TokenRefusal, verify_tokens
from everyhost_signer.verifier import Signed, Verifier

__all__ = [
    "Adder",
    "AdderError",
    "BytesLike",
    "Claims",
    "CompiledModule",
    "Message",
    "ModuleError",
    "Signed",
    "Signer",
    "SignerError",
    "TokenRefusal",
    "Verifier",
    "verify_tokens",
]

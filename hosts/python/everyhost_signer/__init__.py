"""Everyhost's Wasm modules for Python.

:class:`Signer` signs, :class:`Verifier` verifies, :class:`Keys` reads and writes files with keys, :class:`Adder` adds.
In the installed package, :mod:`everyhost_signer.modules` has the modules for them.
"""

from everyhost_signer import modules
from everyhost_signer.adder import Adder
from everyhost_signer.errors import AdderError, ModuleError, SignerError
from everyhost_signer.guest import CompiledModule
from everyhost_signer.keys import Keys
from everyhost_signer.private_key import PrivateKey
from everyhost_signer.signer import Signer
from everyhost_signer.tokens import Claims, TokenRefusal, verify_tokens
from everyhost_signer.values import BytesLike, Message
from everyhost_signer.verifier import Signed, Verifier

__all__ = [
    "Adder",
    "AdderError",
    "BytesLike",
    "Claims",
    "CompiledModule",
    "Keys",
    "Message",
    "ModuleError",
    "PrivateKey",
    "Signed",
    "Signer",
    "SignerError",
    "TokenRefusal",
    "Verifier",
    "modules",
    "verify_tokens",
]

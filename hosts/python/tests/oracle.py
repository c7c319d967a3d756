"""An independent Ed25519: pyca's cryptography, which is OpenSSL."""

from oracles import LIBRARIES

_PYCA = LIBRARIES["pyca"]
public_key = _PYCA.public_key
verifies = _PYCA.verify


def keypair(seed: bytes) -> bytes:
    return seed + public_key(seed)


def sign(seed: bytes, message: bytes) -> bytes:
    return _PYCA.sign(seed, [message])[0]

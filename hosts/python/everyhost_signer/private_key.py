"""A private key by itself, before a signer holds it."""

import os
from contextlib import suppress
from typing import Self

from everyhost_signer.errors import SignerError
from everyhost_signer.guard import Owned
from everyhost_signer.values import PUBLIC_KEY_LEN, SEED_LEN, BytesLike, bytes_of, require_len


class PrivateKey(Owned):
    """A secret seed, and the public key if one stood beside it. Nothing prints the seed.

    :meth:`close`, leaving the ``with`` block and dropping the key clear the seed. It can't be copied or pickled.

    Args:
        seed: 32 bytes.
        public_key: 32 bytes. Whether it belongs to the seed is checked by the signer that loads the key.

    Raises:
        SignerError: ``KEY_LENGTH``, ``PUBLIC_KEY_LENGTH``.
    """

    _seed = bytearray()

    def __init__(self, seed: BytesLike, public_key: BytesLike | None = None) -> None:
        data = bytes_of(seed)
        self._public_key = None if public_key is None else bytes(bytes_of(public_key))
        require_len(data, SEED_LEN, "KEY_LENGTH")
        if self._public_key is not None:
            require_len(self._public_key, PUBLIC_KEY_LEN, "PUBLIC_KEY_LENGTH")
        self._seed = bytearray(data)

    @classmethod
    def generate(cls) -> Self:
        """A new key, from the randomness of the operating system."""
        return cls(os.urandom(SEED_LEN))

    @property
    def seed(self) -> bytes:
        """A copy of the seed, which Python can't clear: forget it soon.

        Raises:
            SignerError: ``CLOSED``.
        """
        return bytes(self._open_seed())

    @property
    def public_key(self) -> bytes | None:
        """The public key that stood beside the seed; None if there was none."""
        return self._public_key

    def close(self) -> None:
        """Clears the seed. Later uses of it are ``CLOSED``."""
        self._seed[:] = bytes(len(self._seed))
        self._seed = bytearray()

    def __del__(self) -> None:
        with suppress(Exception):  # when the interpreter ends, parts of it may be gone already
            self.close()

    def __repr__(self) -> str:
        key = "not known" if self._public_key is None else self._public_key.hex()
        return f"<PrivateKey public_key={key}>"

    def _open_seed(self) -> bytearray:
        """The seed itself, for one copy."""
        if not self._seed:
            raise SignerError("CLOSED")
        return self._seed

"""Keys, messages and signatures as they are passed: their types and lengths."""

from typing import Final, TypeAlias

from everyhost_signer.errors import SignerError

BytesLike: TypeAlias = bytes | bytearray | memoryview
#: A message: text, which is signed as UTF-8, or bytes, which are signed as they are.
Message: TypeAlias = str | BytesLike

SEED_LEN: Final = 32
PUBLIC_KEY_LEN: Final = 32
KEYPAIR_LEN: Final = 64
SIGNATURE_LEN: Final = 64


def message_bytes(message: Message) -> bytes:
    """What is signed of a message."""
    if type(message) is bytes:
        return message
    # Not by methods of theirs: a subclass may say anything.
    return str.encode(message) if isinstance(message, str) else memoryview(message).tobytes()


def bytes_of(data: BytesLike) -> bytes | memoryview:
    """The very bytes, without a copy.

    Raises:
        TypeError: they are none, or do not lie one after another.
    """
    return data if type(data) is bytes else memoryview(data).cast("B")


def require_len(data: BytesLike, length: int, code: str) -> None:
    """A buffer in linear memory has a fixed length, and can't refuse another one."""
    if len(data) != length:
        raise SignerError(code)

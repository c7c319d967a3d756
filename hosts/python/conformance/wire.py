"""What requests and answers are written in: JSON lines, with bytes as hex."""

import json
from typing import Any, BinaryIO, Final, TypeAlias

#: A JSON object.
Json: TypeAlias = dict[str, Any]

#: The longest line in either direction, its newline not counted.
MAX_LINE_LEN: Final = 64 * 1024 * 1024
MAX_REPEATED_LEN: Final = 64 * 1024 * 1024


class RequestError(Exception):
    """A request that cannot be understood, or asks for what this host cannot do."""


def read_line(stream: BinaryIO) -> Json | None:
    """The next object, or None at the end of the input.

    Raises:
        RequestError: the line is too long, or is not a JSON object.
    """
    line = stream.readline(MAX_LINE_LEN + 2)
    if not line:
        return None
    if len(line.removesuffix(b"\n")) > MAX_LINE_LEN:
        raise RequestError(f"a line of over {MAX_LINE_LEN} bytes")
    try:
        value = json.loads(line)
    except ValueError as error:
        raise RequestError(f"not JSON: {error}") from error
    if not isinstance(value, dict):
        raise RequestError("a request is a JSON object")
    return value


def write_line(stream: BinaryIO, value: Json) -> None:
    """Writes one object and flushes it, so that the runner does not wait for it in vain."""
    stream.write(json.dumps(value, separators=(",", ":")).encode() + b"\n")
    stream.flush()


def decode_bytes(written: str | Json) -> bytes:
    """Bytes from lower-case hex, or from ``{"repeat": hex, "times": n}``.

    Raises:
        RequestError: neither of them.
    """
    match written:
        case str():
            try:
                data = bytes.fromhex(written)
            except ValueError as error:
                raise RequestError(f"not hex: {error}") from error
            if data.hex() != written:  # fromhex also takes capitals and blanks
                raise RequestError("bytes are lower-case hex without blanks")
            return data
        case {"repeat": str(unit), "times": int(times)} if 0 <= times * len(unit) <= 2 * MAX_REPEATED_LEN:
            return decode_bytes(unit) * times
        case _:
            raise RequestError(f"bytes are hex or a repeat of at most {MAX_REPEATED_LEN} bytes")

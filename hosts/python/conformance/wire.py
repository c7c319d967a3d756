"""What requests and answers are written in: JSON lines, with bytes as hex."""

import json
import platform
import sys
import traceback
from abc import ABC, abstractmethod
from typing import Any, BinaryIO, Final, TypeAlias

#: A JSON object.
Json: TypeAlias = dict[str, Any]

PROTOCOL: Final = 1
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
        case {"repeat": str(unit), "times": int(times)} if (
            len(written) == 2  # noqa: PLR2004 - nothing else
            and type(times) is int
            and 0 <= times * len(unit) <= 2 * MAX_REPEATED_LEN
        ):
            return decode_bytes(unit) * times
        case _:
            raise RequestError(f"bytes are hex or a repeat of at most {MAX_REPEATED_LEN} bytes")


class Answerer(ABC):
    """What answers requests, as `hosts/CONTRACT.md` has it."""

    @abstractmethod
    def hello(self, modules: Json) -> tuple[str, Json]:
        """The runtime, and what can be done with each module."""

    @abstractmethod
    def run(self, module: str, op: str, given: Json) -> Json:
        """Does one operation."""

    def serve(self, name: str) -> int:
        """Answers the lines of stdin on stdout; the exit code says whether all could be understood."""
        try:
            while (request := read_line(sys.stdin.buffer)) is not None:
                write_line(sys.stdout.buffer, self.answer(request))
        except (RequestError, OSError, ValueError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 1
        return 0

    def answer(self, request: Json) -> Json:
        """The reply to one request.

        Raises:
            RequestError, OSError, ValueError: of a request that cannot be understood. Errors of a `run` are in the
                reply.
        """
        match request:
            case {"cmd": "hello", "protocol": protocol, "modules": dict(modules)}:
                if protocol != PROTOCOL:
                    raise RequestError(f"protocol {protocol} is not spoken here, only {PROTOCOL}")
                runtime, loaded = self.hello(modules)
                return {
                    "protocol": PROTOCOL,
                    "host": "python",
                    "version": platform.python_version(),
                    "runtime": runtime,
                    "os": f"{sys.platform}/{platform.machine()}",
                    "modules": loaded,
                }
            case {"cmd": "run", "seq": seq, "module": str(module), "op": str(op), "in": dict(given)}:
                return {"seq": seq} | self._run(module, op, given)
            case _:
                raise RequestError(f"a request that is neither hello nor run: {str(request)[:200]}")

    def _run(self, module: str, op: str, given: Json) -> Json:
        try:
            return self.run(module, op, given)
        except RequestError as error:
            return {"unsupported": str(error)}
        except Exception as error:  # noqa: BLE001 - what a broken module leads to is for this answer, not for the process
            traceback.print_exc()
            return {"unsupported": f"{type(error).__name__}: {error}"}

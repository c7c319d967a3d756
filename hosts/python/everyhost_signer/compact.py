"""The compact form of JSON Web Tokens (RFC 7515): three parts in base64url, of which the first two are signed."""

import base64
import json
import re
from collections.abc import Mapping
from math import isinf
from typing import Any, Final

#: What `alg` may be: EdDSA as RFC 8037 has it, Ed25519 as RFC 9864 does.
ALGORITHMS: Final = ("EdDSA", "Ed25519")
# The largest double has 309.
_MANY_DIGITS: Final = re.compile(r"\d{309}")


def signing_input(claims: Mapping[str, Any], alg: str, kid: str | None) -> str:
    """The two parts that are signed: the header and the claims.

    Raises:
        ValueError: another alg, or claims that JSON can't have.
        TypeError: the claims are no mapping, or have a value of a type that JSON can't have; kid is no text.
    """
    if not isinstance(claims, Mapping):
        raise TypeError(f"the claims of a token are a mapping such as a dict, not {type(claims).__name__}")
    for name in claims:
        if not isinstance(name, str):  # json would make it text, perhaps that of another one
            raise TypeError(f"the claims of a token have text for names, not {type(name).__name__}")
    if alg not in ALGORITHMS:
        raise ValueError(f"the alg of a token is {' or '.join(ALGORITHMS)}, not {alg!r}")
    if not isinstance(kid, str | None):
        raise TypeError(f"the kid of a token is text, not {type(kid).__name__}")
    header = {"alg": alg, "typ": "JWT"} | ({} if kid is None else {"kid": kid})
    return ".".join(encode(_json(part)) for part in (header, dict(claims)))


def encode(data: bytes) -> str:
    """To base64url without padding."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def decode(part: str) -> bytes:
    """From base64url without padding, of which each text has one form.

    Raises:
        ValueError: it is anything else.
    """
    written = str.encode(part, "ascii")
    data = base64.urlsafe_b64decode(written + b"=" * (-len(written) % 4))
    if encode(data) != part:
        raise ValueError("not base64url")
    return data


def finite_float(text: str) -> float:
    """For a decoder of JSON. In other languages a number that no double holds is infinite, or an error.

    Raises:
        ValueError: it is such a number.
    """
    number = float(text)
    if isinf(number):
        raise ValueError("a number that no double holds")
    return number


def finite_int(text: str) -> int:
    """The same for whole numbers, which stay exact."""
    finite_float(text)
    return int(text)


def _json(value: dict[str, Any]) -> bytes:
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    if _MANY_DIGITS.search(text):
        json.loads(text, parse_int=finite_int)
    return text.encode()

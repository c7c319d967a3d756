"""The signatures of JSON Web Tokens by Ed25519 (RFC 8037, RFC 9864), many in one call.

What the claims must be is not decided here: check exp, nbf, aud and iss yourself, in claims whose signature is right.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Final, NamedTuple, NoReturn, TypeAlias

from everyhost_signer.compact import ALGORITHMS, decode, finite_float, finite_int
from everyhost_signer.values import PUBLIC_KEY_LEN
from everyhost_signer.verifier import MAX_MESSAGE_LEN, Signed, Verifier

#: What a token says, once its signature is right.
Claims: TypeAlias = dict[str, Any]

_NOT_BASE64URL: Final = "it is not three parts of base64url without padding"
# An entry of a set, and its bytes.
_Key: TypeAlias = tuple[dict[str, Any], bytes]


@dataclass(frozen=True)
class TokenRefusal:
    """Why a token is not accepted.

    Attributes:
        code: a stable name, the same in every language. ``MALFORMED``: not three parts of base64url without padding, or
            the header or the claims are no JSON object, or alg or kid is no text. ``ALGORITHM``: alg is neither EdDSA
            nor Ed25519. ``CRITICAL``: it has a crit. ``NO_KEY``: not exactly one key fits. ``SIGNATURE_INVALID``.
        detail: the same in words, for people.
    """

    code: str
    detail: str


def verify_tokens(
    verifier: Verifier, tokens: Iterable[str], jwks: Mapping[str, Any] | str
) -> list[Claims | TokenRefusal]:
    """The claims of each token, in order, or why it is refused.

    A key fits a token if its kty is OKP, its crv Ed25519, its x 32 bytes and, if it has them, its use is sig, its
    key_ops have verify, and its alg is the token's. If the token has a kid, the key has the same. Exactly one must fit.

    Only the signature is verified, and no claim is looked at before: check exp, nbf, aud and iss yourself.

    Args:
        verifier: verifies all of them by one :meth:`Verifier.verify_many`.
        tokens: any number, in compact form.
        jwks: the keys, such as ``{"keys": […]}``, or its text.

    Raises:
        ValueError: jwks is not such an object.
        SignerError: as :meth:`Verifier.verify_many`.
    """
    if isinstance(tokens, str):
        raise TypeError("verify_tokens takes several tokens; for one, pass a list of it")
    keys = _usable_keys(jwks)
    # Tokens of one issuer begin alike.
    key_for = cache(lambda header: _key_for(header, keys))
    parsed = [_parse(token, key_for) for token in tokens]
    verdicts = iter(verifier.verify_many([one.signed for one in parsed if isinstance(one, _Token)]))
    return [one if isinstance(one, TokenRefusal) else _claims_of(one, next(verdicts)) for one in parsed]


class _Token(NamedTuple):
    """A token whose signature is still to be verified."""

    signed: Signed
    claims: bytes


def _parse(token: str, key_for: Callable[[str], bytes | TokenRefusal]) -> _Token | TokenRefusal:
    if not isinstance(token, str):
        raise TypeError(f"a token is text, not {type(token).__name__}")
    if len(token) > MAX_MESSAGE_LEN:
        return TokenRefusal("MALFORMED", f"it is longer than {MAX_MESSAGE_LEN}")
    try:
        header, claims, signature = token.split(".")
        decoded, claimed = decode(claims), decode(signature)
    except ValueError:
        return TokenRefusal("MALFORMED", _NOT_BASE64URL)
    key = key_for(header)
    if isinstance(key, TokenRefusal):
        return key
    return _Token((key, f"{header}.{claims}", claimed), decoded)


def _claims_of(token: _Token, is_right: bool) -> Claims | TokenRefusal:
    if not is_right:
        return TokenRefusal("SIGNATURE_INVALID", "the signature is not by the key that fits")
    claims = _object(token.claims)
    return TokenRefusal("MALFORMED", "its claims are no JSON object") if claims is None else claims


def _key_for(header: str, keys: list[_Key]) -> bytes | TokenRefusal:
    """The one key that fits a header."""
    fields = _header(header)
    if isinstance(fields, TokenRefusal):
        return fields
    fitting = [
        key
        for entry, key in keys
        if entry.get("alg", fields["alg"]) == fields["alg"]
        and ("kid" not in fields or entry.get("kid") == fields["kid"])
    ]
    if len(fitting) == 1:
        return fitting[0]
    which = f"with the kid {fields['kid']!r}" if "kid" in fields else "and the token has no kid to choose by"
    return TokenRefusal("NO_KEY", f"{len(fitting) or 'no'} keys fit, {which}; expected one")


def _header(part: str) -> dict[str, Any] | TokenRefusal:
    try:
        fields = _object(decode(part))
    except ValueError:
        return TokenRefusal("MALFORMED", _NOT_BASE64URL)
    if fields is None:
        return TokenRefusal("MALFORMED", "its header is no JSON object")
    if not isinstance(fields.get("alg"), str) or not isinstance(fields.get("kid", ""), str):
        return TokenRefusal("MALFORMED", "its alg or its kid is no text")
    if fields["alg"] not in ALGORITHMS:
        return TokenRefusal("ALGORITHM", f"its alg is {fields['alg']!r}; expected {' or '.join(ALGORITHMS)}")
    if "crit" in fields:
        return TokenRefusal("CRITICAL", "it has a crit, and no extension is understood here")
    return fields


def _usable_keys(jwks: Mapping[str, Any] | str) -> list[_Key]:
    """The keys of Ed25519 that may verify, each with its entry."""
    given = _object(jwks.encode()) if isinstance(jwks, str) else jwks
    entries = given.get("keys") if isinstance(given, Mapping) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError('a set of keys is an object such as {"keys": [{"kty": "OKP", …}]}, or its text in JSON')
    return [(entry, key) for entry in entries if (key := _usable_key(entry)) is not None]


def _usable_key(entry: dict[str, Any]) -> bytes | None:
    operations = entry.get("key_ops", ["verify"])
    if (entry.get("kty"), entry.get("crv"), entry.get("use", "sig")) != ("OKP", "Ed25519", "sig"):
        return None
    if not isinstance(operations, list) or "verify" not in operations:
        return None
    try:
        key = decode(entry["x"])
    except (KeyError, TypeError, ValueError):
        return None
    return key if len(key) == PUBLIC_KEY_LEN else None


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


# An escape in JSON; half a surrogate pair has a group of its own.
_ESCAPE: Final = re.compile(rb"\\(?:u(?:d[89ab]..\\ud[c-f]..|(?!d[89a-f])....)|[^u]|(?P<half>u))", re.IGNORECASE)
_JSON: Final = json.JSONDecoder(parse_constant=_no_constant, parse_float=finite_float, parse_int=finite_int)


def _object(text: bytes) -> dict[str, Any] | None:
    """A JSON object; None if it is none, or has half a surrogate pair or a number that no double holds."""
    try:
        value = _JSON.decode(text.decode())
        # In the text, because of two members of a name the value has only the last.
        if any(escape["half"] for escape in _ESCAPE.finditer(text)):
            return None
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None

"""The tokens of hosts/token-cases.json, which every language answers alike, and PyJWT beside."""

import json
from collections.abc import Iterator
from typing import Any, ClassVar

import jwt
import pytest
from conftest import PUBLIC_KEY, PYTHON_HOST, SEED, built
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from test_verifier import MODULES

from everyhost_signer import Signer, SignerError, TokenRefusal, Verifier, verify_tokens
from everyhost_signer.compact import decode, encode

TABLE: dict[str, Any] = json.loads((PYTHON_HOST.parent / "token-cases.json").read_text())
CASES: dict[str, Any] = {case["name"]: case for case in TABLE["cases"]}
GOOD = CASES["EdDSA, as RFC 8037 names it"]
ONE = TABLE["key_sets"]["one"]

#: Where PyJWT does otherwise.
REFUSED_BY_PYJWT = {
    "Ed25519, as RFC 9864 names it": "it knows EdDSA only",
    "a key for Ed25519": "it knows EdDSA only",
    "the one Ed25519 key of a kid": "two of its keys have the kid: it does not look at their crv",
    "b64 without a crit is not understood, and ignored": "it looks at b64 before crit",
}
ACCEPTED_BY_PYJWT = {
    "padding": "it adds what is lacking to four digits, and ignores more",
    "a header with NaN": "as Python's json does",
    "claims with NaN": "as Python's json does",
    "claims with Infinity": "as Python's json does",
    "a header in UTF-16": "Python's json guesses the encoding",
    "claims in UTF-16": "Python's json guesses the encoding",
    "a byte order mark before the header": "Python's json skips it",
    "a byte order mark before the claims": "Python's json skips it",
    "claims with half a surrogate pair in UTF-8": "Python's json lets it pass",
    "claims with half a surrogate pair, escaped": "Python's json lets it pass",
    "claims with the other half in a name": "Python's json lets it pass",
    "claims with the halves of a pair in the wrong order": "Python's json lets it pass",
    "a header with half a surrogate pair, escaped": "Python's json lets it pass",
    "claims with a number that no double holds": "Python's json lets it pass",
    "claims with such a number, of many digits": "Python's json lets it pass",
    "claims with such a number, of many digits and a small exponent": "Python's json lets it pass",
    "a header with a number that no double holds": "Python's json lets it pass",
    "a key to encrypt to": "it does not look at use",
    "a key to sign with": "it does not look at key_ops",
    "x with padding": "it adds what is lacking to four digits, and ignores more",
    "x with stray bits": "Python's base64 ignores them",
}


@pytest.fixture(scope="module", params=MODULES)
def verifier(request: pytest.FixtureRequest) -> Iterator[Verifier]:
    with Verifier([built(request.param)]) as verifier:
        yield verifier


def answer(result: dict[str, Any] | TokenRefusal) -> object:
    return result.code if isinstance(result, TokenRefusal) else result


def expected(case: dict[str, Any]) -> object:
    return case.get("code", case.get("claims"))


def test_the_table_has_enough() -> None:
    codes = {case.get("code") for case in CASES.values()}
    assert codes == {None, "MALFORMED", "ALGORITHM", "CRITICAL", "NO_KEY", "SIGNATURE_INVALID"}
    assert len(CASES) == len(TABLE["cases"]) >= 30


@pytest.mark.parametrize("name", CASES)
def test_a_token_alone(verifier: Verifier, name: str) -> None:
    keys = TABLE["key_sets"][CASES[name]["jwks"]]
    for given in (keys, json.dumps(keys)):
        (result,) = verify_tokens(verifier, [CASES[name]["token"]], given)
        assert answer(result) == expected(CASES[name])


def test_all_tokens_together_are_one_batch(verifier: Verifier, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []
    verify_many = Verifier.verify_many

    def counted(self: Verifier, items: list[Any]) -> list[bool]:
        calls.append(len(items))
        return verify_many(self, items)

    monkeypatch.setattr(Verifier, "verify_many", counted)
    cases = [case for case in CASES.values() if case["jwks"] == "one"] * 2
    results = verify_tokens(verifier, (case["token"] for case in cases), ONE)
    assert [answer(result) for result in results] == [expected(case) for case in cases]
    assert len(calls) == 1
    assert calls[0] > 60
    assert verify_tokens(verifier, [], ONE) == []


@pytest.mark.parametrize("name", TABLE["bad_key_sets"])
def test_a_key_set_that_is_none(verifier: Verifier, name: str) -> None:
    keys = TABLE["bad_key_sets"][name]
    for given in (keys, json.dumps(keys)):
        with pytest.raises(ValueError, match="a set of keys is an object"):
            verify_tokens(verifier, [GOOD["token"]], given)


def test_what_is_no_token_is_a_wrong_type(verifier: Verifier) -> None:
    with pytest.raises(TypeError, match="several tokens"):
        verify_tokens(verifier, GOOD["token"], ONE)
    with pytest.raises(TypeError, match="a token is text, not bytes"):
        verify_tokens(verifier, [GOOD["token"].encode()], ONE)


def test_one_that_is_too_large_does_not_concern_the_others(verifier: Verifier) -> None:
    header, _, signature = GOOD["token"].split(".")
    large = f"{header}.{'A' * 16 * 1024 * 1024}.{signature}"
    refused, accepted = verify_tokens(verifier, [large, GOOD["token"]], ONE)
    assert refused == TokenRefusal("MALFORMED", "it is longer than 16777216")
    assert accepted == GOOD["claims"]


def test_json_that_is_too_deep_is_malformed(verifier: Verifier) -> None:
    deep = "W1tb" * 100_000  # [[[
    (refused,) = verify_tokens(verifier, [f"{deep}.{deep}.AA"], ONE)
    assert answer(refused) == "MALFORMED"


def test_a_refusal_says_why(verifier: Verifier) -> None:
    case = CASES["two keys of the kid"]
    (refused,) = verify_tokens(verifier, [case["token"]], TABLE["key_sets"][case["jwks"]])
    assert refused == TokenRefusal("NO_KEY", "2 keys fit, with the kid 'a'; expected one")


def test_a_verifier_that_is_closed() -> None:
    with Verifier([built("signer-raw")]) as closed:
        pass
    with pytest.raises(SignerError, match="CLOSED"):
        verify_tokens(closed, [GOOD["token"]], ONE)


def by_pyjwt(token: str, jwks: dict[str, Any]) -> dict[str, Any] | None:
    """As its documentation has it: the key by the kid, or the one there is."""
    unchecked = {f"verify_{claim}": False for claim in ("exp", "nbf", "iat", "aud", "iss", "sub", "jti")}
    try:
        keys = jwt.PyJWKSet.from_dict(jwks).keys
        header = jwt.get_unverified_header(token)
        (key,) = [key for key in keys if "kid" not in header or key.key_id == header["kid"]]
        return jwt.decode(token, key, algorithms=["EdDSA", "Ed25519"], options=unchecked)  # type: ignore[arg-type]
    except (jwt.PyJWTError, ValueError):
        return None


@pytest.mark.parametrize("name", CASES)
def test_pyjwt_accepts_the_same(name: str) -> None:
    claims = by_pyjwt(CASES[name]["token"], TABLE["key_sets"][CASES[name]["jwks"]])
    if name in REFUSED_BY_PYJWT:
        assert "claims" in CASES[name]
        assert claims is None
    elif name in ACCEPTED_BY_PYJWT:
        assert "claims" not in CASES[name]
        assert claims is not None
    else:
        assert claims == CASES[name].get("claims")


class TestSigning:
    CLAIMS: ClassVar[dict[str, Any]] = {"sub": "älice", "n": [1, 1.5, None, True, {"a": {}}]}
    JWKS: ClassVar = {"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": encode(PUBLIC_KEY)}]}

    @pytest.mark.parametrize("alg", ["EdDSA", "Ed25519"])
    @pytest.mark.parametrize("kid", [None, "k"])
    def test_a_token_is_accepted_here(self, signer: Signer, verifier: Verifier, alg: str, kid: str | None) -> None:
        token = signer.sign_token(self.CLAIMS, alg=alg, kid=kid)
        assert verify_tokens(verifier, [token], self.JWKS) == [self.CLAIMS]
        header = json.loads(decode(token.split(".")[0]))
        assert header == {"alg": alg, "typ": "JWT"} | ({} if kid is None else {"kid": kid})

    def test_pyjwt_accepts_it(self, signer: Signer) -> None:
        token = signer.sign_token(self.CLAIMS, kid="k")
        assert jwt.get_unverified_header(token)["kid"] == "k"
        key = Ed25519PublicKey.from_public_bytes(PUBLIC_KEY)
        assert jwt.decode(token, key, algorithms=["EdDSA"]) == self.CLAIMS

    def test_pyjwts_is_accepted_here(self, verifier: Verifier) -> None:
        token = jwt.encode(self.CLAIMS, Ed25519PrivateKey.from_private_bytes(SEED), "EdDSA", {"kid": "k"})
        assert verify_tokens(verifier, [token], self.JWKS) == [self.CLAIMS]

    @pytest.mark.parametrize(
        ("claims", "named", "error", "words"),
        [
            ([], {}, TypeError, "a mapping such as a dict, not list"),
            ("{}", {}, TypeError, "a mapping such as a dict, not str"),
            ({"a": b""}, {}, TypeError, "bytes is not JSON serializable"),
            ({1: 0, "1": 1}, {}, TypeError, "text for names, not int"),
            ({}, {"kid": 5}, TypeError, "the kid of a token is text, not int"),
            ({}, {"alg": "none"}, ValueError, "EdDSA or Ed25519, not 'none'"),
            ({"a": float("nan")}, {}, ValueError, "not JSON compliant"),
            ({"a": "\ud800"}, {}, ValueError, "surrogates not allowed"),
            ({"a": [10**309]}, {}, ValueError, "a number that no double holds"),
        ],
    )
    def test_what_can_be_no_token_is_refused(
        self,
        signer: Signer,
        claims: Any,  # noqa: ANN401
        named: dict[str, Any],
        error: type[Exception],
        words: str,
    ) -> None:
        with pytest.raises(error, match=words):
            signer.sign_token(claims, **named)

    def test_without_a_key_there_is_none(self, signer: Signer) -> None:
        signer.wipe()
        with pytest.raises(SignerError, match="NO_KEY"):
            signer.sign_token({})

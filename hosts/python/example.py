"""Signs a message, then makes a token (an EdDSA JWT, RFC 8037) that PyJWT verifies.

python example.py --message hello --key-file my.key
"""

import argparse
import base64
import json
import sys
from pathlib import Path

import jwt

from everyhost_signer import CompiledModule, Signer, SignerError

# Published in a book: good for tests, never for anything else.
TEST_KEYPAIR = bytes.fromhex(
    "fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf"
    "3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f"
)
MODULE = Path(__file__).parents[2] / "target/modules/signer-raw.wasm"


def main() -> None:
    """Signs, asserts that it was right, then prints."""
    args = parse_arguments()
    # ANCHOR: sign
    module = CompiledModule(args.module)
    with Signer(module, args.key_file) as signer:
        public_key = signer.public_key
        signature = signer.sign(args.message)
        token = make_jwt(signer, {"message": args.message})
        assert signer.verify_strict(public_key, args.message, signature)
    # ANCHOR_END: sign

    claims = jwt.decode(token, public_jwk(public_key), algorithms=["EdDSA"])
    assert claims == {"message": args.message}

    print(f"public key  {public_key.hex()}")
    print(f"signature   {signature.hex()}")
    print(f"JWT         {token}")
    print("PyJWT       verified it")


def make_jwt(signer: Signer, claims: dict[str, str]) -> str:
    """A token in compact form: the signature is over the first two parts as they are written."""
    header = {"alg": "EdDSA", "typ": "JWT"}
    signed = ".".join(base64url(json.dumps(part, separators=(",", ":")).encode()) for part in (header, claims))
    return f"{signed}.{base64url(signer.sign(signed))}"


def public_jwk(public_key: bytes) -> jwt.PyJWK:
    """The public key as a JSON Web Key, the form in which services publish theirs."""
    return jwt.PyJWK({"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "x": base64url(public_key)})


def base64url(data: bytes) -> str:
    """Base64 for URLs, without padding, as RFC 7515 has it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def parse_arguments() -> argparse.Namespace:
    """The command line; what is wrong with it is told in one line."""
    parser = argparse.ArgumentParser(description="Signs a message with a Wasm module and makes a JWT that PyJWT takes.")
    parser.add_argument("--message", default="hello", help="text to sign, as UTF-8 (default: hello)")
    parser.add_argument(
        "--key-file",
        type=keypair_from,
        default=TEST_KEYPAIR,
        metavar="FILE",
        help="128 hex digits: the seed of 32 bytes, then its public key (default: a published key, for tests only)",
    )
    parser.add_argument("--module", type=Path, default=MODULE, help="the signer (default: %(default)s)")
    return parser.parse_args()


def keypair_from(path: str) -> bytes:
    """Reads a keypair. It comes from a file because other users of a machine can see a command line."""
    try:
        return bytes.fromhex(Path(path).read_text())
    except (OSError, ValueError) as error:
        # argparse.ArgumentTypeError is what argparse shows to people as it is.
        raise argparse.ArgumentTypeError(f"{path}: cannot read 128 hex digits from it: {error}") from error


if __name__ == "__main__":
    try:
        main()
    except FileNotFoundError as missing:
        sys.exit(f"example: {missing.filename} is not there; build it with: make modules")
    except (SignerError, ValueError, OSError) as error:
        sys.exit(f"example: {error}")

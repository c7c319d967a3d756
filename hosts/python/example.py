"""Signs a message, then makes a token (an EdDSA JWT, RFC 8037) that PyJWT verifies.

python example.py --message hello --key-file my.key
"""

import argparse
import platform
import re
import sys
from importlib.metadata import version
from pathlib import Path
from typing import NoReturn

try:
    import jwt
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    from everyhost_signer import CompiledModule, Signer, SignerError
except ModuleNotFoundError as missing:
    sys.exit(f"example: {missing.name} is not installed; install it with: make setup")

# Published in a book: good for tests, never for anything else.
TEST_KEYPAIR = bytes.fromhex(
    "fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf"
    "3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f"
)
MODULE = Path(__file__).parents[2] / "target/modules/signer-raw.wasm"
OPTIONS = "[--message TEXT | --message-file FILE] [--key-file FILE] [--module FILE]"


def main() -> None:
    """Signs and prints; what goes wrong is one line."""
    args = parse_arguments()
    try:
        sign_and_print(args)
    except FileNotFoundError as error:
        if error.filename == str(args.module):
            sys.exit(f"example: {args.module} does not exist; build it with: make modules")
        sys.exit(f"example: cannot read {error.filename}: {error.strerror}")
    except OSError as error:
        sys.exit(f"example: cannot read {error.filename}: {error.strerror}")
    except SignerError as error:
        sys.exit(f"example: {error}")
    except ValueError as error:
        words = " ".join(str(error).removeprefix(f"{args.module}: ").split())
        if not words.startswith("not a"):
            words = f"not a {'Wasm' if 'cannot compile' in words else 'signer'} module: {words}"
        sys.exit(f"example: {args.module} is {words}")


def sign_and_print(args: argparse.Namespace) -> None:
    """Signs, asserts that it was right, then prints."""
    keypair = TEST_KEYPAIR if args.key_file is None else keypair_from(args.key_file)
    message = text_from(args.message_file) if args.message_file else "hello" if args.message is None else args.message

    # ANCHOR: sign
    module = CompiledModule(args.module)
    with Signer(module, keypair) as signer:
        public_key = signer.public_key
        signature = signer.sign(message)
        token = signer.sign_token({"message": message})
        assert signer.verify_strict(public_key, message, signature)
    # ANCHOR_END: sign

    claims = jwt.decode(token, Ed25519PublicKey.from_public_bytes(public_key), algorithms=["EdDSA"])
    assert claims == {"message": message}

    lines = {
        "host": "python",
        "runtime": f"Python {platform.python_version()}, wasmtime {version('wasmtime')}",
        "module": f"{args.module.name} {module.sha256[:16]}",
        "message": f"{len(message.encode())} bytes",
        "public key": public_key.hex(),
        "signature": signature.hex(),
        "token": token,
        "verified by": f"PyJWT {version('PyJWT')}",
    }
    print("\n".join(f"{name:12}  {value}" for name, value in lines.items()))


class Parser(argparse.ArgumentParser):
    """A parser that says in one line what is wrong."""

    def error(self, message: str) -> NoReturn:
        """Ends the program."""
        self.exit(2, f"example: {message}; expected {OPTIONS}\n")


def parse_arguments() -> argparse.Namespace:
    """The command line."""
    parser = Parser(
        description="Signs a message with a Wasm module and makes a JWT that PyJWT verifies.", allow_abbrev=False
    )
    parser.add_argument("--message", metavar="TEXT", help="text to sign, as UTF-8 (default: hello)")
    parser.add_argument("--message-file", type=Path, metavar="FILE", help="a file of UTF-8 to sign instead")
    parser.add_argument(
        "--key-file",
        type=Path,
        metavar="FILE",
        help="the seed of 32 bytes, then its public key: 64 bytes, or 128 hex digits "
        "(default: a published key, for tests only)",
    )
    parser.add_argument("--module", type=Path, default=MODULE, metavar="FILE", help="the signer (default: %(default)s)")
    args = parser.parse_args()
    if args.message is not None and args.message_file is not None:
        parser.error("--message and --message-file exclude each other")
    return args


def keypair_from(path: Path) -> bytes:
    """Reads a keypair. It comes from a file because other users of a machine can see a command line."""
    data = path.read_bytes()
    if len(data) == len(TEST_KEYPAIR):
        return data
    digits = data.strip()
    if not re.fullmatch(rb"[0-9a-fA-F]{128}", digits):
        sys.exit(f"example: {path}: expected a keypair of 64 bytes or 128 hex digits, found {len(data)} bytes")
    return bytes.fromhex(digits.decode())


def text_from(path: Path) -> str:
    """Reads a message, as it is."""
    try:
        return path.read_bytes().decode()
    except UnicodeDecodeError:
        sys.exit(f"example: {path}: expected UTF-8")


if __name__ == "__main__":
    main()

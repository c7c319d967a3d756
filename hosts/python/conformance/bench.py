"""Speed in Python: what `make bench` talks to. It signs and verifies on request, and says how long that took.

hosts/BENCH.md has the lines that go in and out.
"""

import sys
import time
import traceback
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from platform import python_version
from typing import Final, TypeAlias, TypeVar

import nacl.exceptions
import nacl.signing
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.backends.openssl import backend as openssl
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from component import COMPONENT_HEADER, ComponentSigner, SignerComponent
from everyhost_signer import CompiledModule, Signer, SignerError, Verifier
from everyhost_signer.guest import Guest, GuestTrap
from wire import PROTOCOL, Json, RequestError, decode_bytes, read_line, write_line

SEED_LEN: Final = 32
PUBLIC_KEY_LEN: Final = 32
SIGNATURE_LEN: Final = 64

_Item = TypeVar("_Item")
_Result = TypeVar("_Result")

#: Signs the messages of one call.
SignAll: TypeAlias = Callable[[list[bytes]], list[bytes]]

#: A public key, a message and its signature.
Item: TypeAlias = tuple[bytes, bytes, bytes]

#: Verifies the signatures of one call.
VerifyAll: TypeAlias = Callable[[list[Item]], list[bool]]


class Bench:
    """The contestants, the messages, and the clock."""

    def __init__(self, task: Json) -> None:
        self.keypair: Final = decode_bytes(task["keypair"])
        self.messages: Final = [f"hello{n}".encode() for n in range(task["messages"])]
        self.wasm: Final = {name: Path(path).read_bytes() for name, path in task["modules"].items()}
        self.compiled: Final[dict[str, CompiledModule]] = {}
        self.signed: Final = {each["issuers"]: self._items(each) for each in task.get("signed", [])}
        self.contestants: Final[dict[str, SignAll]] = {}
        self.verifiers: Final[dict[str, VerifyAll]] = {}
        self.batches: Final = {order["id"] for order in task["signers"] if order["use"] in ("batch", "verify")}
        self.versions: Final[dict[str, str]] = {}
        self.missing: Final[list[Json]] = []
        for order in task["signers"]:
            try:
                if order["use"] == "verify":
                    self.verifiers[order["id"]] = Verifier([self._compiled(order["module"])]).verify_many
                else:
                    self.contestants[order["id"]] = self._through_wrapper(order["module"], order["use"])
            except (ValueError, SignerError) as error:
                self.missing.append({"id": order["id"], "why": str(error)})
        self._libraries()

    def hello(self) -> Json:
        """The contestants."""
        return {
            "protocol": PROTOCOL,
            "version": f"Python {python_version()}",
            "runtime": f"wasmtime {version('wasmtime')}",
            "contestants": [
                {"id": name, "version": self.versions.get(name)} for name in [*self.contestants, *self.verifiers]
            ],
            "missing": self.missing,
        }

    def sign(self, ask: Json) -> Json:
        """One contestant's turn."""
        elapsed, signatures = self._turn(ask, self.contestants, self.messages)
        return elapsed | {"signatures": b"".join(signatures).hex()}

    def verify(self, ask: Json) -> Json:
        """The turn of one that verifies."""
        if ask["issuers"] not in self.signed:
            raise ValueError(f"no signatures by {ask['issuers']} issuers were given")
        elapsed, verdicts = self._turn(ask, self.verifiers, self.signed[ask["issuers"]])
        return elapsed | {"verdicts": bytes(verdicts).hex()}

    def _turn(
        self, ask: Json, among: dict[str, Callable[[list[_Item]], list[_Result]]], items: list[_Item]
    ) -> tuple[Json, list[_Result]]:
        work = among.get(ask["contestant"])
        if work is None:
            raise ValueError(f"no contestant is called {ask['contestant']!r}")
        first, count = ask["first"], ask["count"]
        turn = [items[n % len(items)] for n in range(first, first + count)]
        # Without batches a contestant gets all of them, and has a loop.
        a_call = ask["a_call"] if ask["contestant"] in self.batches else count
        calls = [turn[at : at + a_call] for at in range(0, count, a_call)]
        results: list[_Result] = []
        clock = Clock()
        for call in calls:
            results += work(call)
        return clock.elapsed(), results

    def _items(self, signed: Json) -> list[Item]:
        keys = _pieces(signed["public_keys"], PUBLIC_KEY_LEN)
        signatures = _pieces(signed["signatures"], SIGNATURE_LEN)
        return [(keys[n % len(keys)], self.messages[n], signature) for n, signature in enumerate(signatures)]

    def start(self, ask: Json) -> Json:
        """From a module's bytes to its first signature, everything made anew."""
        wasm = self.wasm[ask["module"]]
        clock = Clock()
        module = CompiledModule(wasm)
        compiled = clock.lap_ns()
        signer = Signer(module)
        instantiated = clock.lap_ns()
        signer.load_key(self.keypair)
        loaded = clock.lap_ns()
        signature = signer.sign(self.messages[0])
        signed = clock.lap_ns()
        signer.close()
        return {
            "compile_ns": compiled,
            "instantiate_ns": instantiated,
            "load_key_ns": loaded,
            "first_signature_ns": signed,
            "signature": signature.hex(),
        }

    def crossing(self, ask: Json) -> Json:
        """Over the boundary, so many times."""
        if ask["what"] == "sign":
            return self._signed(ask)
        guest = self._compiled(ask["module"]).instantiate()
        cross = _way(guest, ask["what"], ask["bytes"])
        calls = range(ask["calls"])
        clock = Clock()
        for _ in calls:
            cross()
        elapsed = clock.elapsed()
        guest.close()
        return elapsed

    def _signed(self, ask: Json) -> Json:
        """Signs with the held key, through the wrapper of the module or of the component."""
        name, message = ask["module"], b"m" * ask["bytes"]
        if name not in self.wasm:
            raise ValueError(f"no module {name} was given")
        signer: Signer | ComponentSigner
        if self.wasm[name].startswith(COMPONENT_HEADER):
            signer = ComponentSigner(SignerComponent(self.wasm[name]), self.keypair)
        else:
            signer = Signer(self._compiled(name), self.keypair)
        with signer:
            clock = Clock()
            for _ in range(ask["calls"]):
                signature = signer.sign(message)
            return clock.elapsed() | {"signature": signature.hex()}

    def _through_wrapper(self, module: str, use: str) -> SignAll:
        compiled = self._compiled(module)
        match use:
            case "one-shot":
                one_shot, keypair = Signer(compiled), self.keypair
                return lambda messages: [one_shot.sign_with(keypair, message) for message in messages]
            case "held":
                held = Signer(compiled, self.keypair)
                return lambda messages: [held.sign(message) for message in messages]
            case "batch":
                return Signer(compiled, self.keypair).sign_many
        raise ValueError(f"no such use of a signer: {use}")

    def _compiled(self, module: str) -> CompiledModule:
        if module not in self.compiled:
            self.compiled[module] = CompiledModule(self.wasm[module])
        return self.compiled[module]

    def _libraries(self) -> None:
        seed = self.keypair[:SEED_LEN]
        pyca, pynacl = Ed25519PrivateKey.from_private_bytes(seed), nacl.signing.SigningKey(seed)
        self.contestants["pyca"] = lambda messages: [pyca.sign(message) for message in messages]
        self.versions["pyca"] = f"{version('cryptography')}, {' '.join(openssl.openssl_version_text().split()[:2])}"
        self.contestants["pynacl"] = lambda messages: [pynacl.sign(message).signature for message in messages]
        self.versions["pynacl"] = version("PyNaCl")
        self.verifiers["verify-pyca"] = _one_by_one(_by_pyca)
        self.verifiers["verify-pynacl"] = _one_by_one(_by_pynacl)
        self.versions.update({f"verify-{name}": self.versions[name] for name in ("pyca", "pynacl")})


class Clock:
    """Runs from when it is made: time that passed, and the processor's."""

    def __init__(self) -> None:
        self.cpu_ns = time.process_time_ns()
        self.wall_ns = time.perf_counter_ns()

    def elapsed(self) -> Json:
        """Both, since the beginning."""
        wall_ns = time.perf_counter_ns() - self.wall_ns
        return {"wall_ns": wall_ns, "cpu_ns": time.process_time_ns() - self.cpu_ns}

    def lap_ns(self) -> int:
        """The time that passed since the last lap."""
        before, self.wall_ns = self.wall_ns, time.perf_counter_ns()
        return self.wall_ns - before


def _one_by_one(maker: Callable[[bytes], Callable[[bytes, bytes], bool]]) -> VerifyAll:
    """A library that makes an object of each public key, which is done once."""
    verify_by = cache(maker)
    return lambda items: [verify_by(key)(message, signature) for key, message, signature in items]


def _by_pyca(key: bytes) -> Callable[[bytes, bytes], bool]:
    public_key = Ed25519PublicKey.from_public_bytes(key)

    def verify(message: bytes, signature: bytes) -> bool:
        try:
            public_key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    return verify


def _by_pynacl(key: bytes) -> Callable[[bytes, bytes], bool]:
    public_key = nacl.signing.VerifyKey(key)

    def verify(message: bytes, signature: bytes) -> bool:
        try:
            public_key.verify(message, signature)
        except nacl.exceptions.BadSignatureError:
            return False
        return True

    return verify


def _pieces(digits: str, length: int) -> list[bytes]:
    data = bytes.fromhex(digits)
    return [data[at : at + length] for at in range(0, len(data), length)]


def _way(guest: Guest, what: str, length: int) -> Callable[[], object]:
    match what:
        case "call":
            return lambda: guest.call("abi_version")
        case "in":
            ptr, data = guest.call("allocate_message", length), b"m" * length
            return lambda: guest.write(ptr, data)
        case "out":
            ptr = guest.call("get_signature_ptr")
            return lambda: guest.read(ptr, length)
    raise ValueError(f"no such way over the boundary: {what}")


def main() -> int:
    """Answers the lines of stdin on stdout, until it ends."""
    bench: Bench | None = None
    try:
        while (ask := read_line(sys.stdin.buffer)) is not None:
            try:
                if ask["cmd"] == "hello":
                    bench = Bench(ask)
                    answer = bench.hello()
                elif bench is None:
                    raise RequestError("the first line should be hello")
                else:
                    ways = {
                        "sign": bench.sign,
                        "verify": bench.verify,
                        "start": bench.start,
                        "crossing": bench.crossing,
                    }
                    answer = ways[ask["cmd"]](ask)
            except (ValueError, SignerError, GuestTrap) as error:
                answer = {"error": str(error)}
            write_line(sys.stdout.buffer, answer)
    except (RequestError, OSError, KeyError):
        traceback.print_exc()
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())

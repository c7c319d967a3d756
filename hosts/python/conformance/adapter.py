"""The adapter: the runner asks it, it asks the wrapper. `hosts/CONTRACT.md` is the contract.

It reads one JSON object a line, answers each with one line, and ends when its input does. It never judges.
"""

import hashlib
import platform
import sys
import traceback
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Final

import limits
from everyhost_signer import Adder, CompiledModule, ModuleError, Signer
from everyhost_signer.adder import ADDER_EXPORTS
from everyhost_signer.signer import SIGNER_EXPORTS
from wire import Json, RequestError, decode_bytes, read_line, write_line

PROTOCOL: Final = 1


def main() -> int:
    """Answers the lines of stdin on stdout; the exit code says whether all could be understood."""
    adapter = Adapter()
    try:
        while (request := read_line(sys.stdin.buffer)) is not None:
            write_line(sys.stdout.buffer, adapter.answer(request))
    except (RequestError, OSError, ValueError) as error:
        print(f"python adapter: {error}", file=sys.stderr)
        return 1
    return 0


class Adapter:
    """The modules that `hello` gave, and what answers a request by them."""

    def __init__(self) -> None:
        self._modules: dict[str, CompiledModule] = {}
        self._interruptible: dict[str, CompiledModule] = {}
        self._wasm: dict[str, bytes] = {}

    def answer(self, request: Json) -> Json:
        """The reply to one request.

        Raises:
            RequestError, OSError, ValueError: of a `hello` that cannot be followed. What goes wrong in a `run` is told
                in the reply.
        """
        match request:
            case {"cmd": "hello", "protocol": protocol, "modules": dict(modules)}:
                if protocol != PROTOCOL:
                    raise RequestError(f"protocol {protocol} is not spoken here, only {PROTOCOL}")
                return self._hello(modules)
            case {"cmd": "run", "seq": seq, "module": str(module), "op": str(op), "in": dict(given)}:
                return {"seq": seq} | self._run(module, op, given)
            case _:
                raise RequestError(f"a request that is neither hello nor run: {str(request)[:200]}")

    def _hello(self, modules: Json) -> Json:
        self._modules.clear()
        self._interruptible.clear()
        VERIFIERS.clear()
        self._wasm = {name: Path(file["path"]).read_bytes() for name, file in modules.items()}
        return {
            "protocol": PROTOCOL,
            "host": "python",
            "version": platform.python_version(),
            "runtime": f"wasmtime-py {version('wasmtime')}",
            "os": f"{sys.platform}/{platform.machine()}",
            "modules": {name: self._load(name, wasm) for name, wasm in self._wasm.items()},
        }

    def _load(self, name: str, wasm: bytes) -> Json:
        """Loads a module, and says what can be done with it, or why nothing can."""
        loaded: Json = {"sha256": hashlib.sha256(wasm).hexdigest(), "ops": []}
        try:
            module = CompiledModule(wasm)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other modules are not concerned
            return loaded | {"refused": str(error)}
        if module.imports:
            return loaded | {"refused": f"it needs imports: {', '.join(module.imports)}"}
        self._modules[name] = module
        return loaded | {"sha256": module.sha256, "ops": _ops_of(module)}

    def _run(self, name: str, op: str, given: Json) -> Json:
        module = self._modules.get(name)
        if module is None:
            return {"unsupported": f"hello gave no module {name}"}
        if op not in _ops_of(module):
            return {"unsupported": f"{op} is not an operation of {name}"}
        try:
            if op == "raw_deadline":
                module = self._interruptible_module(name)
            return {"ok": _OPS[op](module, given)}
        except (ModuleError, limits.Refusal) as error:
            return _refusal(error)
        except RequestError as error:
            return {"unsupported": str(error)}
        except Exception as error:  # noqa: BLE001 - what a broken module leads to is for this answer, not for the process
            traceback.print_exc()
            return {"unsupported": f"{type(error).__name__}: {error}"}

    def _interruptible_module(self, name: str) -> CompiledModule:
        if name not in self._interruptible:
            self._interruptible[name] = CompiledModule(self._wasm[name], limits.interruptible_engine())
        return self._interruptible[name]


def _ops_of(module: CompiledModule) -> list[str]:
    # The small modules have no batches, and those made for batches do not verify.
    needs = {"sign_many": "sign_batch", "verify": "verify", "verify_strict": "verify_strict"}
    signer = ["public_key", "sign", "sign_many", "verify", "verify_strict", "session"]
    signer = [op for op in signer if module.type_of(needs.get(op, "sign_loaded")) is not None]
    adder = ["add", "divide"]
    return (
        (signer if module.has(SIGNER_EXPORTS) else [])
        + (adder if module.has(ADDER_EXPORTS) else [])
        + ["raw", "raw_memory_limit", "raw_deadline", "raw_module"]
        + (["kept_view"] if module.has(limits.VIEW_EXPORTS) else [])
    )


def _refusal(error: ModuleError | limits.Refusal) -> Json:
    answer: Json = {"trap": True} if error.code == "TRAPPED" else {"error": error.code}
    return answer | ({} if error.__cause__ is None else {"detail": str(error.__cause__)})


def _public_key(module: CompiledModule, given: Json) -> Json:
    with Signer(module) as signer:
        return {"public_key": signer.derive_public_key(decode_bytes(given["seed"])).hex()}


def _sign(module: CompiledModule, given: Json) -> Json:
    with Signer(module, decode_bytes(given["keypair"])) as signer:
        return _step_sign(signer, given)


def _sign_many(module: CompiledModule, given: Json) -> Json:
    with Signer(module, decode_bytes(given["keypair"])) as signer:
        return _step_sign_many(signer, given)


VERIFIERS: Final[dict[CompiledModule, Signer]] = {}


def _verifier(module: CompiledModule) -> Signer:
    """Verifying needs no key, and a user would not make a signer for each signature."""
    verifier = VERIFIERS.get(module)
    if verifier is None or verifier.closed:  # closed: a trap ended it
        verifier = VERIFIERS[module] = Signer(module)
    return verifier


def _verify(module: CompiledModule, given: Json) -> Json:
    return _step_verify(_verifier(module), given)


def _verify_strict(module: CompiledModule, given: Json) -> Json:
    return _step_verify_strict(_verifier(module), given)


def _add(module: CompiledModule, given: Json) -> Json:
    with Adder(module) as adder:
        return {"value": adder.add(given["a"], given["b"])}


def _divide(module: CompiledModule, given: Json) -> Json:
    with Adder(module) as adder:
        return {"value": adder.divide(given["a"], given["b"])}


def _session(module: CompiledModule, given: Json) -> Json:
    with Signer(module, decode_bytes(given["keypair"])) as signer:
        return {"steps": [_session_step(signer, step["op"], step.get("in", {})) for step in given["steps"]]}


_OPS: Final[dict[str, Callable[[CompiledModule, Json], Json]]] = {
    "public_key": _public_key,
    "sign": _sign,
    "sign_many": _sign_many,
    "verify": _verify,
    "verify_strict": _verify_strict,
    "add": _add,
    "divide": _divide,
    "session": _session,
    "raw": limits.raw,
    "raw_memory_limit": limits.raw_memory_limit,
    "raw_deadline": limits.raw_deadline,
    "raw_module": limits.raw_module,
    "kept_view": limits.kept_view,
}


def _session_step(signer: Signer, op: str, given: Json) -> Json:
    if op not in _SESSION_STEPS:
        raise RequestError(f"a session has no step {op}")
    try:
        return {"ok": _SESSION_STEPS[op](signer, given)}
    except ModuleError as error:
        return _refusal(error)


def _step_public_key(signer: Signer, _given: Json) -> Json:
    return {"public_key": signer.public_key.hex()}


def _step_sign(signer: Signer, given: Json) -> Json:
    return {"signature": signer.sign(decode_bytes(given["message"])).hex()}


def _step_sign_many(signer: Signer, given: Json) -> Json:
    signatures = signer.sign_many([decode_bytes(message) for message in given["messages"]])
    return {"signatures": [signature.hex() for signature in signatures]}


def _step_sign_with(signer: Signer, given: Json) -> Json:
    return {"signature": signer.sign_with(decode_bytes(given["keypair"]), decode_bytes(given["message"])).hex()}


def _step_verify(signer: Signer, given: Json) -> Json:
    return {"valid": signer.verify(*_signed(given))}


def _step_verify_strict(signer: Signer, given: Json) -> Json:
    return {"valid": signer.verify_strict(*_signed(given))}


def _signed(given: Json) -> tuple[bytes, bytes, bytes]:
    return decode_bytes(given["public_key"]), decode_bytes(given["message"]), decode_bytes(given["signature"])


def _step_load_key(signer: Signer, given: Json) -> Json:
    signer.load_key(decode_bytes(given["keypair"]))
    return {"public_key": signer.public_key.hex()}


def _step_wipe(signer: Signer, _given: Json) -> Json:
    signer.wipe()
    return {}


def _step_close(signer: Signer, _given: Json) -> Json:
    signer.close()
    return {}


_SESSION_STEPS: Final[dict[str, Callable[[Signer, Json], Json]]] = {
    "public_key": _step_public_key,
    "sign": _step_sign,
    "sign_many": _step_sign_many,
    "sign_with": _step_sign_with,
    "verify": _step_verify,
    "verify_strict": _step_verify_strict,
    "load_key": _step_load_key,
    "wipe": _step_wipe,
    "close": _step_close,
}

if __name__ == "__main__":
    sys.exit(main())

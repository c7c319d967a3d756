"""The adapter: the runner asks it, it asks the wrapper. `hosts/README.md` is the contract.

It reads one JSON object a line, answers each with one line, and ends when its input does. It never judges.
"""

import platform
import sys
import traceback
from collections.abc import Callable
from importlib.metadata import version
from typing import Final

from everyhost_signer import Adder, CompiledModule, ModuleError, Signer
from raw_steps import run_steps
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
        self._modules = {name: CompiledModule(file["path"]) for name, file in modules.items()}
        return {
            "protocol": PROTOCOL,
            "host": "python",
            "version": platform.python_version(),
            "runtime": f"wasmtime-py {version('wasmtime')}",
            "os": f"{sys.platform}/{platform.machine()}",
            "modules": {
                name: {"sha256": module.sha256, "ops": _ops_of(module)} for name, module in self._modules.items()
            },
        }

    def _run(self, name: str, op: str, given: Json) -> Json:
        module = self._modules.get(name)
        if module is None:
            return {"unsupported": f"hello gave no module {name}"}
        if op not in _ops_of(module):
            return {"unsupported": f"{op} is not an operation of {name}"}
        try:
            return {"ok": _OPS[op](module, given)}
        except ModuleError as error:
            return _refusal(error) | ({"detail": str(error.__cause__)} if error.code == "TRAPPED" else {})
        except RequestError as error:
            return {"unsupported": str(error)}
        except Exception as error:  # noqa: BLE001 - what a broken module leads to is for this answer, not for the process
            traceback.print_exc()
            return {"unsupported": f"{type(error).__name__}: {error}"}


def _ops_of(module: CompiledModule) -> list[str]:
    if module.imports:
        return []
    signer = ["public_key", "sign", "sign_many", "verify", "verify_strict", "session"]
    adder = ["add", "divide"]
    return (
        (signer if "sign_loaded" in module.exports else [])
        + (adder if "add_numbers" in module.exports else [])
        + ["raw"]
    )


def _refusal(error: ModuleError) -> Json:
    return {"trap": True} if error.code == "TRAPPED" else {"error": error.code}


def _public_key(module: CompiledModule, given: Json) -> Json:
    with Signer(module) as signer:
        return {"public_key": signer.derive_public_key(decode_bytes(given["seed"])).hex()}


def _sign(module: CompiledModule, given: Json) -> Json:
    with Signer(module, decode_bytes(given["keypair"])) as signer:
        return _step_sign(signer, given)


def _sign_many(module: CompiledModule, given: Json) -> Json:
    with Signer(module, decode_bytes(given["keypair"])) as signer:
        return _step_sign_many(signer, given)


def _verify(module: CompiledModule, given: Json) -> Json:
    with Signer(module) as signer:
        return _step_verify(signer, given)


def _verify_strict(module: CompiledModule, given: Json) -> Json:
    with Signer(module) as signer:
        return _step_verify_strict(signer, given)


def _add(module: CompiledModule, given: Json) -> Json:
    with Adder(module) as adder:
        return {"value": adder.add(given["a"], given["b"])}


def _divide(module: CompiledModule, given: Json) -> Json:
    with Adder(module) as adder:
        return {"value": adder.divide(given["a"], given["b"])}


def _session(module: CompiledModule, given: Json) -> Json:
    with Signer(module, decode_bytes(given["keypair"])) as signer:
        return {"steps": [_session_step(signer, step["op"], step.get("in", {})) for step in given["steps"]]}


def _raw(module: CompiledModule, given: Json) -> Json:
    return {"steps": run_steps(module, given["steps"])}


_OPS: Final[dict[str, Callable[[CompiledModule, Json], Json]]] = {
    "public_key": _public_key,
    "sign": _sign,
    "sign_many": _sign_many,
    "verify": _verify,
    "verify_strict": _verify_strict,
    "add": _add,
    "divide": _divide,
    "session": _session,
    "raw": _raw,
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

"""The adapter: the runner asks it, it asks the wrapper. `hosts/CONTRACT.md` is the contract.

It reads one JSON object a line, answers each with one line, and ends when its input does. It never judges.
"""

import hashlib
import os
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Final, TypeAlias

import calls
import component
import imports
import limits
from component import ComponentSigner, SignerComponent
from everyhost_signer import Adder, CompiledModule, Keys, ModuleError, PrivateKey, Signed, Signer, Verifier
from everyhost_signer.adder import ADDER_EXPORTS
from everyhost_signer.keys import KEYS_EXPORTS
from everyhost_signer.signer import SIGNER_EXPORTS
from everyhost_signer.verifier import VERIFIER_EXPORTS
from wasi import wasi
from wire import Answerer, Json, RequestError, decode_bytes


class Adapter(Answerer):
    """The modules that `hello` gave, and what answers a request by them."""

    def __init__(self) -> None:
        self._modules: dict[str, CompiledModule] = {}
        self._components: dict[str, SignerComponent] = {}
        self._types: dict[str, Json] = {}
        self._interruptible: dict[str, CompiledModule] = {}
        self._wasm: dict[str, bytes] = {}

    def hello(self, modules: Json) -> tuple[str, Json]:
        """Loads the modules, and forgets those of an earlier hello."""
        self._modules.clear()
        self._components.clear()
        self._interruptible.clear()
        SIGNERS.clear()
        VERIFIERS.clear()
        self._types = {name: file["types"] for name, file in modules.items() if "types" in file}
        self._wasm = {name: Path(file["path"]).read_bytes() for name, file in modules.items()}
        loaded = {name: self._load(name, wasm) for name, wasm in self._wasm.items()}
        return f"wasmtime-py {version('wasmtime')}", loaded

    def _load(self, name: str, wasm: bytes) -> Json:
        """Loads a module, and says what can be done with it, or why nothing can."""
        loaded: Json = {"sha256": hashlib.sha256(wasm).hexdigest(), "ops": []}
        try:
            if wasm.startswith(component.COMPONENT_HEADER):
                self._components[name] = SignerComponent(wasm)
                signer = component.OPS if self._components[name].is_signer else []
                return loaded | {"ops": [*signer, *(["component"] if name in self._types else [])]}
            module = CompiledModule(wasm)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other modules are not concerned
            return loaded | {"refused": str(error)}
        self._modules[name] = module
        return loaded | {"sha256": module.sha256, "ops": _ops_of(module)}

    def run(self, module: str, op: str, given: Json) -> Json:
        """Does one operation, on a wrapper or instance of its own."""
        if module in self._components:
            return self._run_component(module, op, given)
        compiled = self._modules.get(module)
        if compiled is None:
            raise RequestError(f"hello gave no module {module}")
        if op not in _ops_of(compiled):
            raise RequestError(f"{op} is not an operation of {module}")
        if op == "raw_deadline":
            compiled = self._interruptible_module(module)
        try:
            return {"ok": _OPS[op](compiled, given)}
        except (ModuleError, limits.Refusal) as error:
            return _refusal(error)

    def _run_component(self, name: str, op: str, given: Json) -> Json:
        source = self._components[name]
        if op == "component" and name in self._types:
            try:
                return {"ok": calls.run(source.engine, source.component, self._types[name], given["steps"])}
            except limits.Refusal as error:
                return _refusal(error)
        if op not in component.OPS or not source.is_signer:
            raise RequestError(f"{op} is not an operation of a component")
        keypair = decode_bytes(given["keypair"]) if "keypair" in given else None
        try:
            with ComponentSigner(source, keypair) as signer:
                if op == "public_key":
                    return {"ok": {"public_key": signer.derive_public_key(decode_bytes(given["seed"])).hex()}}
                return {"ok": _session(signer, given) if op == "session" else _SESSION_STEPS[op](signer, given)}
        except ModuleError as error:
            return _refusal(error)

    def _interruptible_module(self, name: str) -> CompiledModule:
        if name not in self._interruptible:
            self._interruptible[name] = CompiledModule(self._wasm[name], limits.interruptible_engine())
        return self._interruptible[name]


def _ops_of(module: CompiledModule) -> list[str]:
    # The small modules have no batches, and those made for batches do not verify.
    needs = {
        "sign_many": "sign_batch",
        "verify": "verify",
        "verify_many": "verify",
        "verify_strict": "verify_strict",
        "verify_many_strict": "verify_strict",
    }
    verifier = ["verify", "verify_strict", "verify_many", "verify_many_strict"]
    signer = ["public_key", "sign", "sign_many", *verifier, "session"]
    signer = [op for op in signer if module.type_of(needs.get(op, "sign_loaded")) is not None]
    adder = ["add", "divide"]
    keys = ["read_key", "write_key"]
    return (
        (signer if module.has(SIGNER_EXPORTS) else [])
        + (verifier if module.has(VERIFIER_EXPORTS) else [])
        + (adder if module.has(ADDER_EXPORTS) else [])
        + (keys if module.has(KEYS_EXPORTS) else [])
        + ["raw", "raw_memory_limit", "raw_deadline", "raw_module", "raw_imports", "wasi"]
        + (["kept_view"] if module.has(limits.VIEW_EXPORTS) else [])
    )


def _refusal(error: ModuleError | limits.Refusal) -> Json:
    answer: Json = {"trap": True} if error.code == "TRAPPED" else {"error": error.code}
    return answer | ({} if error.__cause__ is None else {"detail": str(error.__cause__)})


Operation: TypeAlias = Callable[[CompiledModule, Json], Json]
AnySigner: TypeAlias = Signer | ComponentSigner
Step: TypeAlias = Callable[[AnySigner, Json], Json]


def _public_key(module: CompiledModule, given: Json) -> Json:
    with Signer(module) as signer:
        return {"public_key": signer.derive_public_key(decode_bytes(given["seed"])).hex()}


def _with_key(step: Step) -> Operation:
    def run(module: CompiledModule, given: Json) -> Json:
        with Signer(module, decode_bytes(given["keypair"])) as signer:
            return step(signer, given)

    return run


# Verifying needs no key, and a user would not make a signer, or build tables, for each signature.
SIGNERS: Final[dict[CompiledModule, Signer]] = {}
VERIFIERS: Final[dict[CompiledModule, Verifier]] = {}


def _signer_without_key(module: CompiledModule) -> Signer:
    signer = SIGNERS.get(module)
    if signer is None or signer.closed:  # closed: a trap ended it
        signer = SIGNERS[module] = Signer(module)
    return signer


def _verify(op: str) -> Operation:
    def run(module: CompiledModule, given: Json) -> Json:
        if module.has(VERIFIER_EXPORTS):
            return {"valid": _verdicts(module, [_signed(given)], strict=op == "verify_strict")[0]}
        return _SESSION_STEPS[op](_signer_without_key(module), given)

    return run


def _verify_many(*, strict: bool) -> Operation:
    def run(module: CompiledModule, given: Json) -> Json:
        items = [_signed(item) for item in given["items"]]
        order = given.get("order", range(len(items)))
        if not all(0 <= at < len(items) for at in order):
            raise RequestError(f"order has a number that is not of one of the {len(items)} items")
        return {"verdicts": bytes(_verdicts(module, [items[at] for at in order], strict=strict)).hex()}

    return run


def _verdicts(module: CompiledModule, items: list[Signed], *, strict: bool) -> list[bool]:
    verifier = VERIFIERS.get(module)
    if verifier is None:
        verifier = VERIFIERS[module] = Verifier([module])
    try:
        return verifier.verify_many_strict(items) if strict else verifier.verify_many(items)
    except ModuleError as error:
        if error.code == "TRAPPED":  # which may have closed it, and the next case is about a fresh one
            del VERIFIERS[module]
        raise


def _with_adder(calculate: Callable[[Adder, int, int], int]) -> Operation:
    def run(module: CompiledModule, given: Json) -> Json:
        with Adder(module) as adder:
            return {"value": calculate(adder, given["a"], given["b"])}

    return run


def _read_key(module: CompiledModule, given: Json) -> Json:
    file = decode_bytes(given["file"])
    with Keys(module) as keys:
        if given["kind"] == "public":
            return {"public_key": keys.read_public_key(file).hex()}
        if given["kind"] != "private":
            raise RequestError(f"a key is private or public, not {given['kind']}")
        with keys.read_private_key(file) as key:
            beside = {} if key.public_key is None else {"public_key": key.public_key.hex()}
            return {"seed": key.seed.hex()} | beside


def _write_key(module: CompiledModule, given: Json) -> Json:
    public_key = decode_bytes(given["public_key"]) if "public_key" in given else None
    with Keys(module) as keys:
        if "seed" in given:
            with PrivateKey(decode_bytes(given["seed"]), public_key) as key:
                file = keys.write_private_key(key, given["form"])
        elif public_key is not None:
            file = keys.write_public_key(public_key, given["form"])
        else:
            raise RequestError("there is no key to write: expected a seed, a public_key, or both")
        return {"bytes": (file.encode() if isinstance(file, str) else file).hex()}


def _session(signer: AnySigner, given: Json) -> Json:
    return {"steps": [_session_step(signer, step["op"], step.get("in", {})) for step in given["steps"]]}


def _session_step(signer: AnySigner, op: str, given: Json) -> Json:
    if op not in _SESSION_STEPS:
        raise RequestError(f"a session has no step {op}")
    try:
        return {"ok": _SESSION_STEPS[op](signer, given)}
    except ModuleError as error:
        return _refusal(error)


def _sign(signer: AnySigner, given: Json) -> Json:
    return {"signature": signer.sign(decode_bytes(given["message"])).hex()}


def _sign_many(signer: AnySigner, given: Json) -> Json:
    signatures = signer.sign_many([decode_bytes(message) for message in given["messages"]])
    return {"signatures": [signature.hex() for signature in signatures]}


def _sign_with(signer: AnySigner, given: Json) -> Json:
    return {"signature": signer.sign_with(decode_bytes(given["keypair"]), decode_bytes(given["message"])).hex()}


def _signed(given: Json) -> tuple[bytes, bytes, bytes]:
    return decode_bytes(given["public_key"]), decode_bytes(given["message"]), decode_bytes(given["signature"])


def _load_key(signer: AnySigner, given: Json) -> Json:
    signer.load_key(decode_bytes(given["keypair"]))
    return {"public_key": signer.public_key.hex()}


def _without_answer(call: Callable[[AnySigner], None]) -> Step:
    def run(signer: AnySigner, _given: Json) -> Json:
        call(signer)
        return {}

    return run


_SESSION_STEPS: Final[dict[str, Step]] = {
    "public_key": lambda signer, _: {"public_key": signer.public_key.hex()},
    "sign": _sign,
    "sign_many": _sign_many,
    "sign_with": _sign_with,
    "verify": lambda signer, given: {"valid": signer.verify(*_signed(given))},
    "verify_strict": lambda signer, given: {"valid": signer.verify_strict(*_signed(given))},
    "load_key": _load_key,
    "wipe": _without_answer(lambda signer: signer.wipe()),
    "close": _without_answer(lambda signer: signer.close()),
}

_OPS: Final[dict[str, Operation]] = {
    "public_key": _public_key,
    "sign": _with_key(_sign),
    "sign_many": _with_key(_sign_many),
    "verify": _verify("verify"),
    "verify_strict": _verify("verify_strict"),
    "verify_many": _verify_many(strict=False),
    "verify_many_strict": _verify_many(strict=True),
    "add": _with_adder(Adder.add),
    "divide": _with_adder(Adder.divide),
    "read_key": _read_key,
    "write_key": _write_key,
    "session": _with_key(_session),
    "raw": imports.raw,
    "raw_memory_limit": limits.raw_memory_limit,
    "raw_deadline": limits.raw_deadline,
    "raw_module": imports.raw,
    "raw_imports": imports.raw,
    "wasi": wasi,
    "kept_view": limits.kept_view,
}

if __name__ == "__main__":
    code = Adapter().serve("python adapter")
    sys.stdout.flush()
    sys.stderr.flush()
    # Not sys.exit: threads that libwasmtime started for WASI's files may still run, and panic if it is taken down.
    os._exit(code)

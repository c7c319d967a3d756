"""The operation `wasi`: a program of WASI preview 1 in wasmtime's own WASI. `hosts/IMPORTS.md` is its contract."""

from contextlib import closing
from tempfile import NamedTemporaryFile
from typing import Any

from wasmtime import ExitTrap, Func, Linker, Store, WasiConfig

from everyhost_signer.guest import CompiledModule, GuestTrap
from imports import module_of
from limits import Refusal, instance_of
from raw_steps import Steps
from wire import MAX_LINE_LEN, Json, RequestError, decode_bytes


def wasi(module: CompiledModule, given: Json) -> Json:
    """Runs a command; with `steps`, a reactor.

    Raises:
        Refusal: ``MODULE_REFUSED``, ``NO_INSTANCE``.
    """
    module = module_of(module, given)
    output: Json = {"stdout": bytearray(), "stderr": bytearray()}
    linker = Linker(module.engine)
    linker.define_wasi()
    with closing(Store(module.engine)) as store:
        store.set_wasi(_config(given, **output))
        guest = instance_of(module, store, linker)
        answer: Json = {}

        def invoke(function: Func, *args: object) -> Any:  # noqa: ANN401 - as Guest.invoke
            try:
                return guest.invoke(function, *args)
            except GuestTrap as trap:
                if isinstance(trap.__cause__, ExitTrap):
                    answer["exit_code"] = trap.__cause__.code
                raise

        steps = Steps(guest, invoke=invoke)
        [first] = steps.answers([{"do": "call", "export": "_initialize" if "steps" in given else "_start"}])
        if "steps" not in given:
            if "error" in first:
                raise RequestError(f"_start cannot be called: {first}")
            if "ok" in first:
                answer["exit_code"] = 0
        elif "trap" in first and "exit_code" not in answer:
            raise Refusal("NO_INSTANCE", GuestTrap(first["detail"]))
        else:
            rest = steps.answers(given["steps"], after_trap=given.get("after_trap", False))
            answer["steps"] = []
            while "exit_code" not in answer and (step := next(rest, None)):
                answer["steps"].append(step)
    return answer | {name: _hex(written) for name, written in output.items()}


def _config(given: Json, stdout: bytearray, stderr: bytearray) -> WasiConfig:
    config = WasiConfig()
    config.argv = given.get("args", [])
    config.env = [variable.split("=", 1) for variable in given.get("env", [])]
    with NamedTemporaryFile() as stdin:
        stdin.write(decode_bytes(given.get("stdin", "")))
        stdin.flush()
        config.stdin_file = stdin.name  # which is opened now
    config.stdout_custom = stdout.extend
    config.stderr_custom = stderr.extend
    for folder in given.get("dirs", []):
        config.preopen_dir(folder["host"], folder["guest"])
    return config


def _hex(written: bytearray) -> str:
    if 2 * len(written) > MAX_LINE_LEN:
        raise RequestError(f"{len(written)} bytes are more than a line can hold")
    return written.hex()

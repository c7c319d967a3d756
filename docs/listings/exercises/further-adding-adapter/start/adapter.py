"""The adapter of the page, with three parts that somebody rewrote."""

import sys
from pathlib import Path

sys.path[0] = str(Path(__file__).resolve().parents[3] / "further/adapter")

import adapter
import wasmtime


def run(request: dict) -> dict:
    """Runs the steps on a fresh instance."""
    if request["op"] != "raw":
        return {"unsupported": f"this adapter does raw, not {request['op']}"}
    try:
        instance = Run(adapter.MODULES[request["module"]])
    except (wasmtime.Trap, wasmtime.WasmtimeError) as why:
        return {"error": "NO_INSTANCE", "detail": str(why)}
    answers = []
    for step in request["in"]["steps"]:
        try:
            answers.append(getattr(instance, step["do"])(step))
        except wasmtime.Trap as trap:
            answers.append({"trap": True, "detail": str(trap)})
    return {"ok": {"steps": answers}}


class Run(adapter.Run):
    """One instance, and the results that earlier steps named."""

    def read(self, step: dict) -> dict:
        if step["len"] == 0:
            return {"ok": {"bytes": ""}}
        start = self.pointer(step["ptr"])
        return {"ok": {"bytes": self.memory.read(self.store, start, start + step["len"]).hex()}}

    def pointer(self, value: dict) -> int:
        return value if isinstance(value, int) else adapter.number(self.resolve(value))


if __name__ == "__main__":
    adapter.run = run
    adapter.main()

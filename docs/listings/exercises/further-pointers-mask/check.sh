#!/bin/sh
# check.sh DIR: solved if DIR/put.py writes above 2 GiB, and refuses what is out of bounds with an IndexError.
set -eu
exec hosts/python/.venv/bin/python - "$1" <<'PYTHON'
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, sys.argv[1])
import wasmtime
from put import put

engine = wasmtime.Engine()
store = wasmtime.Store(engine)
module = wasmtime.Module(engine, Path("target/modules/probe.wasm").read_bytes())
exports = wasmtime.Instance(store, module, []).exports(store)
assert put(exports, store, 1024, b"\1\2\3\4") == 0x04030201
exports["grow"](store, 32768)
assert put(exports, store, -(2**31), b"\5\6\7\0") == 0x00070605
try:
    put(exports, store, -4, b"\1\2\3\4")
except IndexError:
    pass
else:
    sys.exit("the bytes are out of bounds, and nothing was raised")
PYTHON

"""Signs with the signer as a component. python host.py SIGNER.wasm"""

import sys
from pathlib import Path

from wasmtime import Engine, Store, WasmtimeError
from wasmtime.component import Component, Func, Linker

# ANCHOR: sign
engine = Engine()
store = Store(engine)
component = Component(engine, Path(sys.argv[1]).read_bytes())
instance = Linker(engine).instantiate(store, component)


def function(interface: str, name: str) -> Func:
    at = instance.get_export_index(store, f"everyhost:signer/{interface}@0.1.0")
    return instance.get_func(store, instance.get_export_index(store, name, at))


derive_public_key = function("ed25519", "derive-public-key")
new_signer = function("held-key", "[constructor]signer")
load_key, sign, sign_with = (
    function("held-key", f"[method]signer.{name}") for name in ("load-key", "sign", "sign-with")
)

seed = bytes([7]) * 32
keypair = bytearray(seed + derive_public_key(store, seed))
signer = new_signer(store)
load_key(store, signer, bytes(keypair))
print("signature:", sign(store, signer, b"hello").hex())

keypair[63] ^= 1
print("refused:", load_key(store, signer, bytes(keypair)))  # an error is its name, not an exception

try:
    sign_with(store, signer, bytes(keypair), b"hello")
except WasmtimeError:
    try:
        sign(store, signer, b"hello")
    except WasmtimeError as error:
        print("after a trap:", error)
# ANCHOR_END: sign

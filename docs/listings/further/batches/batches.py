"""The same three ways from Python, where a call across the boundary costs more. Run in the root of the workspace."""

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, "hosts/python")
from everyhost_signer import CompiledModule, Signer

# Published in a book: good for tests, never for anything else.
TEST_KEYPAIR = bytes.fromhex(
    "fe7282d42145c15d0c0f6c4c13c67694c13e4e04099dbcbf8489bc1f3667f6bf"
    "3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f"
)

messages = [f"hello{n}" for n in range(1000)]
module = CompiledModule(Path("target/modules/signer-raw.wasm"))
with Signer(module, TEST_KEYPAIR) as signer:
    # ANCHOR: ways
    ways: dict[str, Callable[[], list[bytes]]] = {
        "key passed each time": lambda: [signer.sign_with(TEST_KEYPAIR, message) for message in messages],
        "key held": lambda: [signer.sign(message) for message in messages],
        "key held, one batch": lambda: signer.sign_many(messages),
    }
    # ANCHOR_END: ways
    expected = ways["key held"]()
    for name, sign in ways.items():
        micros = []
        for _ in range(5):
            began = time.perf_counter()
            signatures = sign()
            micros.append(1e6 * (time.perf_counter() - began) / len(messages))
            assert signatures == expected
        print(f"{name:<22} {statistics.median(micros):7.1f} µs a signature, the median of 5")

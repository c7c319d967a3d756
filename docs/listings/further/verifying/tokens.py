"""Verifies the tokens of make-tokens.mjs. Run in the root of the workspace."""

import sys
from pathlib import Path

sys.path.insert(0, "hosts/python")
from everyhost_signer import TokenRefusal, Verifier, verify_tokens

NAMES = ["verifier-lanes-relaxed", "verifier-lanes", "signer-raw"]
tokens = Path("target/verifying/tokens.txt").read_text().split()
jwks = Path("target/verifying/jwks.json").read_text()

# ANCHOR: tokens
with Verifier([f"target/modules/{name}.wasm" for name in NAMES]) as verifier:
    for result in verify_tokens(verifier, tokens, jwks):
        if isinstance(result, TokenRefusal):
            print("refused:", result.code)
        else:
            print("signed, says", result["sub"])
# ANCHOR_END: tokens

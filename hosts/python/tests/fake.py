"""Modules that are bad on purpose: all exports of a signer or a verifier, with bodies of the test's choice."""

from wasmtime import wat2wasm

from everyhost_signer import CompiledModule

_PARAMS = {"allocate_message": "i32", "allocate_batch": "i32 i32", "allocate_verify_batch": "i32 i32"}
_WITHOUT_RESULT = {"sign", "wipe"}
_SIGNER = {
    "abi_version": "i32.const 1",
    "max_message_len": "i32.const 4096",
    "get_signing_key_ptr": "i32.const 0",
    "get_signature_ptr": "i32.const 64",
    "get_public_key_ptr": "i32.const 128",
    "allocate_message": "i32.const 1024",
    "sign": "",
    "derive_public_key": "i32.const 0",
    "load_key": "i32.const 0",
    "sign_loaded": "i32.const 0",
    "verify": "i32.const 0",
    "verify_strict": "i32.const 0",
    "allocate_batch": "i32.const 1024",
    "sign_batch": "i32.const 0",
    "get_batch_signatures_ptr": "i32.const 2048",
    "wipe": "",
}
# Every signature is right.
_VERIFIER = {
    "verifier_abi_version": "i32.const 1",
    "get_public_key_ptr": "i32.const 128",
    "hold_key": "i32.const 1",
    "allocate_verify_batch": "i32.const 1024",
    "verify_batch": "i32.const 0",
    "verify_batch_strict": "i32.const 0",
    "get_verdicts_ptr": "i32.const 256",
}


def fake_signer_bytes(**bodies: str) -> bytes:
    return _assembled(_SIGNER | bodies)


def fake_signer(**bodies: str) -> CompiledModule:
    return CompiledModule(fake_signer_bytes(**bodies))


def fake_verifier_bytes(**bodies: str) -> bytes:
    return _assembled(_VERIFIER | bodies)


def _assembled(bodies: dict[str, str]) -> bytes:
    functions = (
        f'(func (export "{name}") (param {_PARAMS.get(name, "")})'
        f" {'' if name in _WITHOUT_RESULT else '(result i32)'} {body})"
        for name, body in bodies.items()
    )
    ones = r"\01" * 64
    text = f'(module (memory (export "memory") 1) (data (i32.const 256) "{ones}") {" ".join(functions)})'
    return bytes(wat2wasm(text))

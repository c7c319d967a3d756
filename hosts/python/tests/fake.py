"""Modules that are bad on purpose: all exports of a signer, with bodies of the test's choice."""

from wasmtime import wat2wasm

from everyhost_signer import CompiledModule

_PARAMS = {"allocate_message": "i32", "allocate_batch": "i32 i32"}
_WITHOUT_RESULT = {"sign", "wipe"}
_BODIES = {
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


def fake_signer_bytes(**bodies: str) -> bytes:
    functions = (
        f'(func (export "{name}") (param {_PARAMS.get(name, "")})'
        f" {'' if name in _WITHOUT_RESULT else '(result i32)'} {bodies.get(name, body)})"
        for name, body in _BODIES.items()
    )
    return bytes(wat2wasm(f'(module (memory (export "memory") 1) {" ".join(functions)})'))


def fake_signer(**bodies: str) -> CompiledModule:
    return CompiledModule(fake_signer_bytes(**bodies))

"""The stable codes. Written by `make vectors` from crates/signer-abi/src/code.rs: do not edit."""

from typing import Final

#: The code of each status that the module returns. 0 is OK.
CODE_OF_STATUS: Final[dict[int, str]] = {
    1: "NO_MESSAGE",
    2: "NO_KEY",
    3: "KEY_PAIR_MISMATCH",
    4: "SIGNATURE_INVALID",
    5: "MESSAGE_TOO_LARGE",
    6: "OUT_OF_MEMORY",
    7: "BATCH_LAYOUT",
    8: "SELF_TEST_FAILED",
}

#: What each code means and what to do. Those without a status above are given by wrappers only.
MEANING_OF_CODE: Final[dict[str, str]] = {
    "NO_MESSAGE": "no message was allocated since the start or the last wipe; call allocate_message first",
    "NO_KEY": "no key is held: none was loaded, it was refused, or it was wiped; load a key first",
    "KEY_PAIR_MISMATCH": "the public half of the keypair does not belong to its seed",
    "SIGNATURE_INVALID": "the signature does not verify",
    "MESSAGE_TOO_LARGE": "the message is longer than max_message_len() bytes (16 MiB)",
    "OUT_OF_MEMORY": "linear memory could not grow enough for this call",
    "BATCH_LAYOUT": "the batch has over 4096 messages, or its lengths do not add up to the bytes that were allocated",
    "SELF_TEST_FAILED": (
        "the module signed a known answer wrongly on this host and refuses to work here; use another module"
    ),
    "KEY_LENGTH": "a keypair must be 64 bytes long (a seed of 32, then its public key of 32), and a seed 32",
    "PUBLIC_KEY_LENGTH": "a public key must be 32 bytes long",
    "SIGNATURE_LENGTH": "a signature must be 64 bytes long",
    "TRAPPED": (
        "the module trapped; its instance was replaced and the held key loaded again, or, where that failed, the signer was closed"
    ),
    "CLOSED": "the signer was closed; make a new one",
    "NO_EXPORT": "the module does not export what this call needs; use another module, such as signer-raw",
    "IN_USE": (
        "the signer is in use by another thread, or by a call that has not returned; give each thread a signer of its own"
    ),
}

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
    9: "KEY_LENGTH",
    10: "PUBLIC_KEY_LENGTH",
    11: "KEY_FORMAT",
    12: "KEY_PEM",
    13: "KEY_DER",
    14: "KEY_JWK",
    15: "KEY_ALGORITHM",
    16: "KEY_ENCRYPTED",
    17: "KEY_IS_PUBLIC",
    18: "KEY_IS_PRIVATE",
    19: "KEY_TOO_LARGE",
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
    "SELF_TEST_FAILED": "the module got a known answer wrong on this host and refuses to work here; use another module",
    "KEY_LENGTH": "a keypair must be 64 bytes long (a seed of 32, then its public key of 32), and a seed 32",
    "PUBLIC_KEY_LENGTH": "a public key must be 32 bytes long",
    "KEY_FORMAT": "this is neither PEM nor DER nor a JWK with a key",
    "KEY_PEM": "the PEM is damaged: no END line belongs to its BEGIN line, or what is between them is not base64",
    "KEY_DER": (
        "the DER is damaged, or is not laid out as RFC 8410 says: PKCS#8 for a private key, SubjectPublicKeyInfo for a public one"
    ),
    "KEY_JWK": (
        "the JWK is not a JSON object, or one of kty, crv, x and d is missing, there twice, or not text as RFC 8037 says"
    ),
    "KEY_ALGORITHM": "the key is for another algorithm than Ed25519",
    "KEY_ENCRYPTED": "the private key is encrypted; decrypt it first, for example with openssl pkey",
    "KEY_IS_PUBLIC": "this is a public key, where a private one was expected",
    "KEY_IS_PRIVATE": "this is a private key, where a public one was expected; do not hand it on",
    "KEY_TOO_LARGE": "a file with a key may have 16384 bytes at most",
    "SIGNATURE_LENGTH": "a signature must be 64 bytes long",
    "TRAPPED": (
        "the module trapped; its instance was replaced and the held key loaded again, or, where that failed, this object was closed"
    ),
    "CLOSED": "this object was closed; make a new one",
    "NO_EXPORT": "the module does not export what this call needs; use another module, such as signer-raw",
    "IN_USE": (
        "this object is in use by another thread, or by a call that has not returned; give each thread one of its own"
    ),
}

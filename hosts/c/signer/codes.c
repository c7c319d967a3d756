/* Written by `make vectors` from crates/signer-abi/src/code.rs: do not edit. */
#include "codes.h"

const char *signer_code_name(enum signer_code code)
{
    switch (code) {
    case SIGNER_OK: return "OK";
    case SIGNER_NO_MESSAGE: return "NO_MESSAGE";
    case SIGNER_NO_KEY: return "NO_KEY";
    case SIGNER_KEY_PAIR_MISMATCH: return "KEY_PAIR_MISMATCH";
    case SIGNER_SIGNATURE_INVALID: return "SIGNATURE_INVALID";
    case SIGNER_MESSAGE_TOO_LARGE: return "MESSAGE_TOO_LARGE";
    case SIGNER_OUT_OF_MEMORY: return "OUT_OF_MEMORY";
    case SIGNER_BATCH_LAYOUT: return "BATCH_LAYOUT";
    case SIGNER_SELF_TEST_FAILED: return "SELF_TEST_FAILED";
    case SIGNER_KEY_LENGTH: return "KEY_LENGTH";
    case SIGNER_PUBLIC_KEY_LENGTH: return "PUBLIC_KEY_LENGTH";
    case SIGNER_KEY_FORMAT: return "KEY_FORMAT";
    case SIGNER_KEY_PEM: return "KEY_PEM";
    case SIGNER_KEY_DER: return "KEY_DER";
    case SIGNER_KEY_JWK: return "KEY_JWK";
    case SIGNER_KEY_ALGORITHM: return "KEY_ALGORITHM";
    case SIGNER_KEY_ENCRYPTED: return "KEY_ENCRYPTED";
    case SIGNER_KEY_IS_PUBLIC: return "KEY_IS_PUBLIC";
    case SIGNER_KEY_IS_PRIVATE: return "KEY_IS_PRIVATE";
    case SIGNER_KEY_TOO_LARGE: return "KEY_TOO_LARGE";
    case SIGNER_SIGNATURE_LENGTH: return "SIGNATURE_LENGTH";
    case SIGNER_TRAPPED: return "TRAPPED";
    case SIGNER_CLOSED: return "CLOSED";
    case SIGNER_NO_EXPORT: return "NO_EXPORT";
    case SIGNER_IN_USE: return "IN_USE";
    }
    return "UNKNOWN";
}

const char *signer_code_meaning(enum signer_code code)
{
    switch (code) {
    case SIGNER_OK: return "it worked";
    case SIGNER_NO_MESSAGE: return "no message was allocated since the start or the last wipe; call allocate_message first";
    case SIGNER_NO_KEY: return "no key is held: none was loaded, it was refused, or it was wiped; load a key first";
    case SIGNER_KEY_PAIR_MISMATCH: return "the public half of the keypair does not belong to its seed";
    case SIGNER_SIGNATURE_INVALID: return "the signature does not verify";
    case SIGNER_MESSAGE_TOO_LARGE: return "the message is longer than max_message_len() bytes (16 MiB)";
    case SIGNER_OUT_OF_MEMORY: return "linear memory could not grow enough for this call";
    case SIGNER_BATCH_LAYOUT: return "the batch has over 4096 messages, or its lengths do not add up to the bytes that were allocated";
    case SIGNER_SELF_TEST_FAILED: return "the module got a known answer wrong on this host and refuses to work here; use another module";
    case SIGNER_KEY_LENGTH: return "a keypair must be 64 bytes long (a seed of 32, then its public key of 32), and a seed 32";
    case SIGNER_PUBLIC_KEY_LENGTH: return "a public key must be 32 bytes long";
    case SIGNER_KEY_FORMAT: return "this is neither PEM nor DER nor a JWK with a key";
    case SIGNER_KEY_PEM: return "the PEM is damaged: no END line belongs to its BEGIN line, or what is between them is not base64";
    case SIGNER_KEY_DER: return "the DER is damaged, or is not laid out as RFC 8410 says: PKCS#8 for a private key, SubjectPublicKeyInfo for a public one";
    case SIGNER_KEY_JWK: return "the JWK is not a JSON object, or one of kty, crv, x and d is missing, there twice, or not text as RFC 8037 says";
    case SIGNER_KEY_ALGORITHM: return "the key is for another algorithm than Ed25519";
    case SIGNER_KEY_ENCRYPTED: return "the private key is encrypted; decrypt it first, for example with openssl pkey";
    case SIGNER_KEY_IS_PUBLIC: return "this is a public key, where a private one was expected";
    case SIGNER_KEY_IS_PRIVATE: return "this is a private key, where a public one was expected; do not hand it on";
    case SIGNER_KEY_TOO_LARGE: return "a file with a key may have 16384 bytes at most";
    case SIGNER_SIGNATURE_LENGTH: return "a signature must be 64 bytes long";
    case SIGNER_TRAPPED: return "the module trapped; its instance was replaced and the held key loaded again, or, where that failed, this object was closed";
    case SIGNER_CLOSED: return "this object was closed; make a new one";
    case SIGNER_NO_EXPORT: return "the module does not export what this call needs; use another module, such as signer-raw";
    case SIGNER_IN_USE: return "this object is in use by another thread, or by a call that has not returned; give each thread one of its own";
    }
    return "no code of this wrapper";
}

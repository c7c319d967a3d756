/* Written by `make vectors` from crates/signer-abi/src/code.rs: do not edit. */
#ifndef SIGNER_CODES_H
#define SIGNER_CODES_H

/** The stable codes. Those from 0 are the statuses that the module returns; the others are the wrapper's own. */
enum signer_code {
    /** it worked */
    SIGNER_OK = 0,
    /** no message was allocated since the start or the last wipe; call allocate_message first */
    SIGNER_NO_MESSAGE = 1,
    /** no key is held: none was loaded, it was refused, or it was wiped; load a key first */
    SIGNER_NO_KEY = 2,
    /** the public half of the keypair does not belong to its seed */
    SIGNER_KEY_PAIR_MISMATCH = 3,
    /** the signature does not verify */
    SIGNER_SIGNATURE_INVALID = 4,
    /** the message is longer than max_message_len() bytes (16 MiB) */
    SIGNER_MESSAGE_TOO_LARGE = 5,
    /** linear memory could not grow enough for this call */
    SIGNER_OUT_OF_MEMORY = 6,
    /** the batch has over 4096 messages, or its lengths do not add up to the bytes that were allocated */
    SIGNER_BATCH_LAYOUT = 7,
    /** the module got a known answer wrong on this host and refuses to work here; use another module */
    SIGNER_SELF_TEST_FAILED = 8,
    /** a keypair must be 64 bytes long (a seed of 32, then its public key of 32), and a seed 32 */
    SIGNER_KEY_LENGTH = 9,
    /** a public key must be 32 bytes long */
    SIGNER_PUBLIC_KEY_LENGTH = 10,
    /** this is neither PEM nor DER nor a JWK with a key */
    SIGNER_KEY_FORMAT = 11,
    /** the PEM is damaged: no END line belongs to its BEGIN line, or what is between them is not base64 */
    SIGNER_KEY_PEM = 12,
    /** the DER is damaged, or is not laid out as RFC 8410 says: PKCS#8 for a private key, SubjectPublicKeyInfo for a public one */
    SIGNER_KEY_DER = 13,
    /** the JWK is not a JSON object, or one of kty, crv, x and d is missing, there twice, or not text as RFC 8037 says */
    SIGNER_KEY_JWK = 14,
    /** the key is for another algorithm than Ed25519 */
    SIGNER_KEY_ALGORITHM = 15,
    /** the private key is encrypted; decrypt it first, for example with openssl pkey */
    SIGNER_KEY_ENCRYPTED = 16,
    /** this is a public key, where a private one was expected */
    SIGNER_KEY_IS_PUBLIC = 17,
    /** this is a private key, where a public one was expected; do not hand it on */
    SIGNER_KEY_IS_PRIVATE = 18,
    /** a file with a key may have 16384 bytes at most */
    SIGNER_KEY_TOO_LARGE = 19,
    /** a signature must be 64 bytes long */
    SIGNER_SIGNATURE_LENGTH = -1,
    /** the module trapped; its instance was replaced and the held key loaded again, or, where that failed, this object was closed */
    SIGNER_TRAPPED = -2,
    /** this object was closed; make a new one */
    SIGNER_CLOSED = -3,
    /** the module does not export what this call needs; use another module, such as signer-raw */
    SIGNER_NO_EXPORT = -4,
    /** this object is in use by another thread, or by a call that has not returned; give each thread one of its own */
    SIGNER_IN_USE = -5,
};

/** The stable name of a code, such as "NO_KEY". Never NULL. */
const char *signer_code_name(enum signer_code code);

/** What a code means and what to do, in English. Never NULL. */
const char *signer_code_meaning(enum signer_code code);

#endif

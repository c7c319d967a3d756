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
    /** the module signed a known answer wrongly on this host and refuses to work here; use another module */
    SIGNER_SELF_TEST_FAILED = 8,
    /** a keypair must be 64 bytes long (a seed of 32, then its public key of 32), and a seed 32 */
    SIGNER_KEY_LENGTH = -1,
    /** a public key must be 32 bytes long */
    SIGNER_PUBLIC_KEY_LENGTH = -2,
    /** a signature must be 64 bytes long */
    SIGNER_SIGNATURE_LENGTH = -3,
    /** the module trapped; its instance was replaced and the held key loaded again, or, where that failed, the signer was closed */
    SIGNER_TRAPPED = -4,
    /** the signer was closed; make a new one */
    SIGNER_CLOSED = -5,
    /** the module does not export what this call needs; use another module, such as signer-raw */
    SIGNER_NO_EXPORT = -6,
    /** the signer is in use by another thread, or by a call that has not returned; give each thread a signer of its own */
    SIGNER_IN_USE = -7,
};

/** The stable name of a code, such as "NO_KEY". Never NULL. */
const char *signer_code_name(enum signer_code code);

/** What a code means and what to do, in English. Never NULL. */
const char *signer_code_meaning(enum signer_code code);

#endif

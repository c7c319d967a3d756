/*
 * Ed25519 signing and verifying by the Wasm module signer-raw, which wasm2c made C of.
 *
 *     struct signer *signer;
 *     enum signer_code code = signer_open(&signer, keypair, SIGNER_KEYPAIR_LEN);
 *     if (code == SIGNER_OK) {
 *         code = signer_sign(signer, "hello", 5, signature);
 *     }
 *     signer_close(&signer);
 *
 * A signer holds one key inside an instance of its own. It is for one call at a time: one that comes from another
 * thread (or from a signal handler) meanwhile is answered with SIGNER_IN_USE at once, and disturbs nothing. Each thread
 * may have its own. Closing frees the signer: after that, as after free, nobody may use the pointer.
 *
 * Every function returns SIGNER_OK or what went wrong; the output is zeroed then (with SIGNER_IN_USE it is left as it
 * is). What you pass stays yours: it is only read, and not kept. An output may overlap with anything that is passed: it
 * is written when all has been read. Only if a length is 0 may its pointer be NULL. Text is signed as the bytes that it
 * has: let it be UTF-8, as every other language here signs it, and do not count the NUL.
 *
 * After SIGNER_TRAPPED the signer can be used on: its instance was replaced by a new one, and the held key was loaded
 * again. Should no new one come up, or not take the key, the signer is closed: it holds nothing, and answers
 * SIGNER_CLOSED from then on. A module may lack an export (those made for batches do not verify, the small ones have no
 * batches): a call that takes it is answered with SIGNER_NO_EXPORT.
 */
#ifndef SIGNER_H
#define SIGNER_H

#include <stddef.h>

#include "codes.h"
#include "private_key.h"

enum {
    SIGNER_SEED_LEN = 32,
    SIGNER_PUBLIC_KEY_LEN = 32,
    /** The secret seed of 32 bytes, then its public key of 32. */
    SIGNER_KEYPAIR_LEN = 64,
    SIGNER_SIGNATURE_LEN = 64,
    /** The most messages that the module takes at once. signer_sign_many splits what is more. */
    SIGNER_MAX_BATCH_COUNT = 4096,
};

/** A signer. Made by signer_open, freed by signer_close. */
struct signer;

/** So many bytes, which somebody else owns. */
struct signer_bytes {
    const void *bytes;
    size_t len;
};

/**
 * Makes a signer that holds a keypair. With NULL for it and a length of 0 the signer holds no key until
 * signer_load_key: it verifies and derives.
 *
 * *signer is yours to close; after an error it is NULL. The signer keeps the keypair twice, in linear memory (expanded)
 * and in itself (to load it again after a trap), until signer_wipe or signer_close.
 *
 * Errors: KEY_LENGTH, KEY_PAIR_MISMATCH, SELF_TEST_FAILED, TRAPPED, OUT_OF_MEMORY.
 */
enum signer_code signer_open(struct signer **signer, const void *keypair, size_t keypair_len);

/**
 * Makes a signer that holds a private key, whose public key is derived if it is not known. The key stays yours to
 * clear.
 *
 * Errors: as signer_open; KEY_PAIR_MISMATCH if the key has a public key that is not its own.
 */
enum signer_code signer_open_private_key(struct signer **signer, const struct private_key *key);

/**
 * The functions of this header for another module, which is faster at many messages: signer-lanes-relaxed,
 * signer-lanes.
 *
 * signer.c is compiled once for each module. Make a shared library of that module and a signer.c of its own, and take
 * these functions out of it with dlsym, as adapter/compiler.c does. If there is no such library, let `open` be NULL.
 */
struct signer_batch_module {
    enum signer_code (*open)(struct signer **signer, const void *keypair, size_t keypair_len);
    enum signer_code (*load_key)(struct signer *signer, const void *keypair, size_t keypair_len);
    enum signer_code (*sign_many)(struct signer *signer, const struct signer_bytes *messages, size_t count,
                                  unsigned char (*signatures)[64]);
    enum signer_code (*wipe)(struct signer *signer);
    enum signer_code (*close)(struct signer **signer);
    const char *(*trap_text)(void);
};

/**
 * Gives signer_sign_many faster modules for two messages or more, in order of preference. One whose `open` is NULL, or
 * that fails its self-test here, is passed over; where none is left, the main module signs. The choice is made for the
 * first such batch: the table of such a module takes some milliseconds and 250 KB. Its instance holds the key too, and
 * is wiped and closed with the signer. After a trap it gets a new instance; if that cannot be made, or does not take
 * the key, the main module signs from then on.
 *
 * The list is yours, and must live as long as the signer. One that was given before is dropped. Errors: CLOSED, IN_USE.
 */
enum signer_code signer_set_batch_modules(struct signer *signer, const struct signer_batch_module *modules,
                                          size_t count);

/**
 * The place in that list of the module that signer_sign_many uses; -1 where it is the main module, and before the first
 * batch of two messages or more. SIGNER_IN_USE, which is less than -1, while another call is in progress.
 */
int signer_batch_module(const struct signer *signer);

/**
 * Clears every secret, frees the signer and sets *signer to NULL. Closing again does nothing; every other function
 * answers CLOSED for a signer that is NULL.
 *
 * Errors: IN_USE, and nothing is closed then.
 */
enum signer_code signer_close(struct signer **signer);

/** Gives the public key of the held key. Errors: NO_KEY, CLOSED, IN_USE. */
enum signer_code signer_public_key(const struct signer *signer, unsigned char public_key[SIGNER_PUBLIC_KEY_LEN]);

/**
 * Signs a message with the held key. The same message gets the same signature every time.
 *
 * Errors: NO_KEY, MESSAGE_TOO_LARGE, OUT_OF_MEMORY, TRAPPED, CLOSED, IN_USE.
 */
enum signer_code signer_sign(struct signer *signer, const void *message, size_t message_len,
                             unsigned char signature[SIGNER_SIGNATURE_LEN]);

/** The alg in a token's header: EdDSA (RFC 8037), which every library knows, or Ed25519 (RFC 9864). */
enum signer_algorithm { SIGNER_EDDSA, SIGNER_ED25519 };

/**
 * Signs a JSON Web Token with the held key, in compact form. `claims` is an object in JSON, in UTF-8: it is signed as
 * it is, and not parsed. `key_id` is the header's kid, in UTF-8; without it (NULL) the header has none.
 *
 * *token is yours to free; NULL after an error. Errors: as signer_sign; OUT_OF_MEMORY also if there is none for the
 * token.
 */
enum signer_code signer_sign_token(struct signer *signer, const char *claims, enum signer_algorithm algorithm,
                                   const char *key_id, char **token);

/**
 * Signs any number of messages with the held key, faster than one by one; the signatures are the same.
 *
 * Two messages or more go to the first batch module that can be used here, if there is one.
 *
 * signatures has room for `count` of them. Errors: as signer_sign, and NO_EXPORT; all of it is zeroed then, even if
 * only one message was at fault.
 */
enum signer_code signer_sign_many(struct signer *signer, const struct signer_bytes *messages, size_t count,
                                  unsigned char (*signatures)[SIGNER_SIGNATURE_LEN]);

/**
 * Signs once with a key that is passed for this call alone, through the module's four oldest exports. The held key
 * stays as it is. A keypair whose halves do not belong together makes the module trap; signer_load_key says so without
 * a trap.
 *
 * Errors: KEY_LENGTH, MESSAGE_TOO_LARGE, OUT_OF_MEMORY, TRAPPED, CLOSED, IN_USE.
 */
enum signer_code signer_sign_with(struct signer *signer, const void *keypair, size_t keypair_len, const void *message,
                                  size_t message_len, unsigned char signature[SIGNER_SIGNATURE_LEN]);

/**
 * SIGNER_OK where the signature is right, as most libraries see it, and SIGNER_SIGNATURE_INVALID where it is not. Needs
 * no key. A signature that is not 64 bytes long is not right, nor is any under a public key that is no point.
 *
 * Errors: PUBLIC_KEY_LENGTH, MESSAGE_TOO_LARGE, OUT_OF_MEMORY, NO_EXPORT, TRAPPED, CLOSED, IN_USE.
 */
enum signer_code signer_verify(struct signer *signer, const void *public_key, size_t public_key_len,
                               const void *message, size_t message_len, const void *signature, size_t signature_len);

/** As signer_verify, but refuses an R that is no point, and an R or a public key of small order. */
enum signer_code signer_verify_strict(struct signer *signer, const void *public_key, size_t public_key_len,
                                      const void *message, size_t message_len, const void *signature,
                                      size_t signature_len);

/**
 * Gives the public key of a seed of 32 bytes. The held key is not concerned.
 *
 * Errors: KEY_LENGTH, SELF_TEST_FAILED, TRAPPED, CLOSED, IN_USE.
 */
enum signer_code signer_derive_public_key(struct signer *signer, const void *seed, size_t seed_len,
                                          unsigned char public_key[SIGNER_PUBLIC_KEY_LEN]);

/**
 * Replaces the held key. After a failure, whatever it was, no key is held (except IN_USE: the held key stays).
 *
 * Errors: KEY_LENGTH, KEY_PAIR_MISMATCH, SELF_TEST_FAILED, OUT_OF_MEMORY, TRAPPED, CLOSED, IN_USE.
 */
enum signer_code signer_load_key(struct signer *signer, const void *keypair, size_t keypair_len);

/** Clears every secret, in linear memory and in the signer. No key is held afterwards. Errors: TRAPPED, CLOSED, IN_USE.
 */
enum signer_code signer_wipe(struct signer *signer);

/** Why this thread's last SIGNER_TRAPPED was, in English; for people to read. Never NULL. */
const char *signer_trap_text(void);

#endif

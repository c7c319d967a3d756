/*
 * Reads and writes files that hold an Ed25519 key, by the Wasm module keys, which wasm2c made C of: PKCS#8 and
 * SubjectPublicKeyInfo (RFC 8410) as PEM or DER, and JWK (RFC 8037).
 *
 *     struct keys *keys;
 *     struct private_key key;
 *     enum signer_code code = keys_open(&keys);
 *     if (code == SIGNER_OK) {
 *         code = keys_read_private_key(keys, file, len, &key);
 *     }
 *     keys_close(&keys);
 *
 * Which form a file has is seen from the file. Nothing is computed: signer_open_private_key says whether a public key
 * belongs to its seed. After every call nothing of a key is left in the module.
 *
 * Every function returns SIGNER_OK or what went wrong; the output is zeroed then (IN_USE leaves it alone). What you
 * pass is only read. Keys are for one call at a time: one that comes meanwhile is answered with SIGNER_IN_USE at once.
 * After SIGNER_TRAPPED they can be used on, with a new instance; if none comes up, they are closed.
 */
#ifndef KEYS_H
#define KEYS_H

#include <stddef.h>

#include "signer.h"

/** Made by keys_open, freed by keys_close. */
struct keys;

/** The forms of a file. */
enum keys_form { KEYS_PEM = 1, KEYS_DER = 2, KEYS_JWK = 3 };

/** More than any file has that is written, with the NUL behind it. */
enum { KEYS_MAX_WRITTEN_LEN = 256 };

/** Makes keys, which are yours to close; after an error *keys is NULL. Errors: OUT_OF_MEMORY, TRAPPED. */
enum signer_code keys_open(struct keys **keys);

/** Frees keys and sets *keys to NULL. Closing again does nothing. Errors: IN_USE, and nothing is closed then. */
enum signer_code keys_close(struct keys **keys);

/**
 * Reads a private key from the `len` bytes of a file. It is yours to clear: private_key_clear.
 *
 * Errors: KEY_FORMAT and the codes after it, KEY_LENGTH, PUBLIC_KEY_LENGTH; TRAPPED, CLOSED, IN_USE.
 */
enum signer_code keys_read_private_key(struct keys *keys, const void *file, size_t len, struct private_key *key);

/** Reads a public key. Errors: as keys_read_private_key. */
enum signer_code keys_read_public_key(struct keys *keys, const void *file, size_t len,
                                      unsigned char public_key[SIGNER_PUBLIC_KEY_LEN]);

/**
 * Writes a private key to `file`, with its public key if that is known. *len is how many bytes it has; a NUL is behind
 * them. The file is a secret: yours to clear.
 *
 * Errors: KEY_JWK for a JWK of a key whose public key is not known; KEY_FORMAT if there is no such form; TRAPPED,
 * CLOSED, IN_USE.
 */
enum signer_code keys_write_private_key(struct keys *keys, const struct private_key *key, enum keys_form form,
                                        char file[KEYS_MAX_WRITTEN_LEN], size_t *len);

/** Writes a public key. Errors: as keys_write_private_key, but not KEY_JWK. */
enum signer_code keys_write_public_key(struct keys *keys, const unsigned char public_key[SIGNER_PUBLIC_KEY_LEN],
                                       enum keys_form form, char file[KEYS_MAX_WRITTEN_LEN], size_t *len);

/** Why this thread's last SIGNER_TRAPPED of keys was, in English; for people to read. Never NULL. */
const char *keys_trap_text(void);

#endif

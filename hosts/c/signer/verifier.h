/*
 * Ed25519 verifying of many signatures at once, by the first of some Wasm modules that can be used here.
 *
 *     const struct verifier_module *modules[] = {&verifier_module};
 *     struct verifier *verifier;
 *     enum signer_code code = verifier_open(&verifier, modules, 1);
 *     if (code == SIGNER_OK) {
 *         code = verifier_verify_many(verifier, items, count, verdicts);
 *     }
 *     verifier_close(&verifier);
 *
 * verifier.c is a part of the program once. verify_module.c is compiled once for each module, as signer.c is: together
 * with what wasm2c --module-name signer_raw made of signer-raw, or of verifier-lanes.
 *
 * A verifier is for one call at a time: one that comes meanwhile is answered with SIGNER_IN_USE at once, and disturbs
 * nothing. Each thread may have its own. After SIGNER_TRAPPED it can be used on, with a new instance; if none comes up,
 * it is closed, and answers SIGNER_CLOSED from then on. There is no secret in it. What you pass is only read, and not
 * kept. Only if a length is 0 may its pointer be NULL.
 */
#ifndef VERIFIER_H
#define VERIFIER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "signer.h"

/** A verifier. Made by verifier_open, freed by verifier_close. */
struct verifier;

/** A signature of a message, and the public key that it is held against. */
struct verifier_item {
    struct signer_bytes public_key, message, signature;
};

/** One instance of a module. */
struct verifier_instance;

/** A module that verifies: what verify_module.c makes of it, for verifier.c to call. */
struct verifier_module {
    /** Errors: NO_EXPORT, SELF_TEST_FAILED, OUT_OF_MEMORY, TRAPPED; *instance is NULL then. */
    enum signer_code (*open)(struct verifier_instance **instance);
    void (*close)(struct verifier_instance *instance);
    size_t (*max_message_len)(const struct verifier_instance *instance);
    /** Takes no more items than SIGNER_MAX_BATCH_COUNT, and max_message_len bytes of messages together. */
    enum signer_code (*verify)(struct verifier_instance *instance, bool is_strict, const struct verifier_item *items,
                               size_t count, bool *verdicts);
    enum signer_code (*hold)(struct verifier_instance *instance, const void *public_key, bool *is_held);
    /** Why this thread's last TRAPPED was. */
    const char *(*trap_text)(void);
};

/**
 * The module that verify_module.c was compiled with. One in a shared library of its own is found by dlsym.
 */
extern const struct verifier_module verifier_module;

/**
 * Makes a verifier of the first module that can be used: in order of preference verifier-lanes-relaxed, verifier-lanes,
 * signer-raw. One that is NULL, because there is no library of it, is passed over, and so is one that fails its
 * self-test here. signer-raw verifies one by one, and the verdicts are the same.
 *
 * The list is only read; the modules must live as long as the verifier. *verifier is yours to close; after an error it
 * is NULL. Errors: of the last module, where none can be used: SELF_TEST_FAILED, or NO_EXPORT, for one that does not
 * verify or if all are NULL. Of the first that might be used: NO_EXPORT, OUT_OF_MEMORY, TRAPPED.
 */
enum signer_code verifier_open(struct verifier **verifier, const struct verifier_module *const *modules, size_t count);

/**
 * Frees the verifier and sets *verifier to NULL. Closing again does nothing; every other function answers CLOSED for a
 * verifier that is NULL.
 *
 * Errors: IN_USE, and nothing is closed then.
 */
enum signer_code verifier_close(struct verifier **verifier);

/** The place in the list of the module that is used; -1 if the verifier is NULL. */
int verifier_module_index(const struct verifier *verifier);

/**
 * Verifies any number of signatures, as signer_verify does: true where one is right. verdicts has room for `count`, and
 * does not overlap with what is passed. A signature that is not 64 bytes long is not right.
 *
 * Errors: PUBLIC_KEY_LENGTH and MESSAGE_TOO_LARGE, before anything is verified; OUT_OF_MEMORY, TRAPPED, CLOSED. All
 * verdicts are false then. IN_USE leaves them alone.
 */
enum signer_code verifier_verify_many(struct verifier *verifier, const struct verifier_item *items, size_t count,
                                      bool *verdicts);

/** As verifier_verify_many, but as signer_verify_strict does. */
enum signer_code verifier_verify_many_strict(struct verifier *verifier, const struct verifier_item *items, size_t count,
                                             bool *verdicts);

/**
 * Has the table of a public key built now. That is never needed: a key that comes often is held without being asked
 * for. *is_held is false if the key is no point, and if the module holds none, such as signer-raw.
 *
 * Errors: PUBLIC_KEY_LENGTH, TRAPPED, CLOSED, IN_USE.
 */
enum signer_code verifier_hold(struct verifier *verifier, const void *public_key, size_t public_key_len, bool *is_held);

/**
 * Which item this thread's last PUBLIC_KEY_LENGTH or MESSAGE_TOO_LARGE was about ("item 3: …"), or why its last TRAPPED
 * was, whichever came later; for people to read. Never NULL.
 */
const char *verifier_error_text(void);

#endif

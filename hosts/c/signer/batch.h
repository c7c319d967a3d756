/* Which of a signer's batch modules signs here. For signer.c; see signer_set_batch_modules in signer.h. */
#ifndef BATCH_H
#define BATCH_H

#include <stdbool.h>
#include <stddef.h>

#include "signer.h"

/** Zeroed, it has no modules. */
struct batch {
    const struct signer_batch_module *modules;
    size_t count;
    /** The place in the list of the module that is used, or tried next. */
    size_t at;
    /** A signer of that module; NULL while there is none. */
    struct signer *signer;
    bool has_key;
};

/**
 * Finds the first module that signs rightly here, makes a signer of it if there is none yet, and gives it the key.
 * Where no module can be used, it answers OK, and batch->signer is NULL.
 *
 * Errors: OUT_OF_MEMORY, TRAPPED: of the module that would have been used.
 */
enum signer_code batch_prepare(struct batch *batch, const unsigned char keypair[SIGNER_KEYPAIR_LEN]);

/** Signs with the signer that batch_prepare made. Errors: as signer_sign_many. */
enum signer_code batch_sign_many(struct batch *batch, const struct signer_bytes *messages, size_t count,
                                 unsigned char (*signatures)[SIGNER_SIGNATURE_LEN]);

/** Clears every secret of it. Errors: TRAPPED, and there is none left then either. */
enum signer_code batch_wipe(struct batch *batch);

/** Clears every secret of it and drops the signer. */
void batch_close(struct batch *batch);

#endif

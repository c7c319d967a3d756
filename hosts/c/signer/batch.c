#include "batch.h"

enum signer_code batch_prepare(struct batch *batch, const unsigned char keypair[SIGNER_KEYPAIR_LEN]) {
    for (; batch->at < batch->count; batch->at++) {
        const struct signer_batch_module *module = &batch->modules[batch->at];
        enum signer_code code = SIGNER_OK;
        if (module->open == NULL) { continue; }
        if (batch->signer == NULL) { code = module->open(&batch->signer, NULL, 0); }
        if (code == SIGNER_OK && !batch->has_key) {
            code = module->load_key(batch->signer, keypair, SIGNER_KEYPAIR_LEN);
        }
        batch->has_key = code == SIGNER_OK;
        if (code == SIGNER_OK) { return SIGNER_OK; }
        batch_close(batch);
        if (code != SIGNER_SELF_TEST_FAILED) { return code; }
    }
    return SIGNER_OK;
}

enum signer_code batch_sign_many(struct batch *batch, const struct signer_bytes *messages, size_t count,
                                 unsigned char (*signatures)[SIGNER_SIGNATURE_LEN]) {
    const struct signer_batch_module *module = &batch->modules[batch->at];
    enum signer_code code = module->sign_many(batch->signer, messages, count, signatures);
    if (code == SIGNER_TRAPPED && module->sign_many(batch->signer, NULL, 0, NULL) != SIGNER_OK) {
        /* No new instance came up, or it did not take the key. The main module signs from now on. */
        batch_close(batch);
        batch->at = batch->count;
    }
    return code;
}

enum signer_code batch_wipe(struct batch *batch) {
    batch->has_key = false;
    if (batch->signer == NULL) { return SIGNER_OK; }
    enum signer_code code = batch->modules[batch->at].wipe(batch->signer);
    if (code != SIGNER_OK) { batch_close(batch); }
    return code;
}

void batch_close(struct batch *batch) {
    batch->has_key = false;
    if (batch->signer != NULL) { batch->modules[batch->at].close(&batch->signer); }
}

/* One instance that verifies: of signer-raw one by one, of a module made for batches all at once. See verifier.h. */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"
#include "verifier.h"
/* By wasm2c --module-name signer_raw signer-raw.wasm -o signer-raw.c */
#include "signer-raw.h"

enum { ABI_VERSION = 1, HEAD_LEN = SIGNER_PUBLIC_KEY_LEN + SIGNER_SIGNATURE_LEN + 4 };

/* A module has one half of these or the other. What it lacks is NULL. */
#define OPTIONAL __attribute__((weak))
OPTIONAL u32 Z_signer_rawZ_abi_version(Z_signer_raw_instance_t *);
OPTIONAL u32 Z_signer_rawZ_allocate_message(Z_signer_raw_instance_t *, u32);
OPTIONAL u32 Z_signer_rawZ_get_signature_ptr(Z_signer_raw_instance_t *);
OPTIONAL u32 Z_signer_rawZ_verify(Z_signer_raw_instance_t *);
OPTIONAL u32 Z_signer_rawZ_verify_strict(Z_signer_raw_instance_t *);
OPTIONAL u32 Z_signer_rawZ_verifier_abi_version(Z_signer_raw_instance_t *);
OPTIONAL u32 Z_signer_rawZ_hold_key(Z_signer_raw_instance_t *);
OPTIONAL u32 Z_signer_rawZ_allocate_verify_batch(Z_signer_raw_instance_t *, u32, u32);
OPTIONAL u32 Z_signer_rawZ_verify_batch(Z_signer_raw_instance_t *);
OPTIONAL u32 Z_signer_rawZ_verify_batch_strict(Z_signer_raw_instance_t *);
OPTIONAL u32 Z_signer_rawZ_get_verdicts_ptr(Z_signer_raw_instance_t *);

struct verifier_instance {
    Z_signer_raw_instance_t raw;
    wasm_rt_memory_t *memory;
    size_t max_message_len;
};

/* What one run of the guest is given, and what it gives back. */
struct call {
    struct verifier_instance *instance;
    uint32_t (*verify)(Z_signer_raw_instance_t *);
    const struct verifier_item *items;
    size_t count;
    bool *verdicts;
    const void *public_key;
    enum signer_code code;
};

static _Thread_local const char *trap_text = "nothing trapped";

static bool is_batched(void) { return Z_signer_rawZ_verify_batch != NULL; }

/* A status that no module of ours returns is as bad as a trap. */
static enum signer_code checked(uint32_t status) {
    if (status > SIGNER_SELF_TEST_FAILED) { guest_end_run(GUEST_BROKEN); }
    return (enum signer_code)status;
}

static enum signer_code run(void (*work)(void *), struct call *call) {
    int end = guest_run(work, call);
    if (end == 0) { return call->code; }
    trap_text = guest_end_text(end);
    return end == GUEST_NO_MEMORY ? SIGNER_OUT_OF_MEMORY : SIGNER_TRAPPED;
}

static bool has_signature(const struct verifier_item *item) {
    return item->signature.bytes != NULL && item->signature.len == SIGNER_SIGNATURE_LEN;
}

static void verify_each(void *call_) {
    struct call *call = call_;
    Z_signer_raw_instance_t *raw = &call->instance->raw;
    wasm_rt_memory_t *memory = call->instance->memory;
    for (size_t at = 0; at < call->count; at++) {
        const struct verifier_item *item = &call->items[at];
        call->verdicts[at] = false;
        if (!has_signature(item)) { continue; }
        uint32_t ptr = Z_signer_rawZ_allocate_message(raw, (uint32_t)item->message.len);
        if (ptr != 0) { /* otherwise verifying says why */
            guest_copy_in(memory, ptr, item->message.bytes, item->message.len);
        }
        guest_copy_in(memory, Z_signer_rawZ_get_public_key_ptr(raw), item->public_key.bytes, SIGNER_PUBLIC_KEY_LEN);
        guest_copy_in(memory, Z_signer_rawZ_get_signature_ptr(raw), item->signature.bytes, SIGNER_SIGNATURE_LEN);
        enum signer_code code = checked(call->verify(raw));
        call->verdicts[at] = code == SIGNER_OK;
        if (code != SIGNER_OK && code != SIGNER_SIGNATURE_INVALID) {
            call->code = code;
            return;
        }
    }
}

/* The heads, then the messages end to end. A signature of another length stays zeros, whose verdict is not asked for.
 */
static void put_batch(const struct call *call, uint32_t ptr) {
    wasm_rt_memory_t *memory = call->instance->memory;
    uint32_t message_ptr = ptr + HEAD_LEN * (uint32_t)call->count;
    for (size_t at = 0; at < call->count; at++) {
        const struct verifier_item *item = &call->items[at];
        uint32_t len = (uint32_t)item->message.len;
        unsigned char head[HEAD_LEN] = {0}, *signature = head + SIGNER_PUBLIC_KEY_LEN;
        memcpy(head, item->public_key.bytes, SIGNER_PUBLIC_KEY_LEN);
        if (has_signature(item)) { memcpy(signature, item->signature.bytes, SIGNER_SIGNATURE_LEN); }
        for (int byte = 0; byte < 4; byte++) { signature[SIGNER_SIGNATURE_LEN + byte] = len >> 8 * byte & 255; }
        guest_copy_in(memory, ptr + HEAD_LEN * (uint32_t)at, head, sizeof head);
        guest_copy_in(memory, message_ptr, item->message.bytes, len);
        message_ptr += len;
    }
}

static void verify_batch(void *call_) {
    struct call *call = call_;
    Z_signer_raw_instance_t *raw = &call->instance->raw;
    uint32_t total_len = 0;
    for (size_t at = 0; at < call->count; at++) { total_len += (uint32_t)call->items[at].message.len; }
    uint32_t ptr = Z_signer_rawZ_allocate_verify_batch(raw, (uint32_t)call->count, total_len);
    if (ptr != 0) { /* otherwise verifying says why */
        put_batch(call, ptr);
    }
    call->code = checked(call->verify(raw));
    if (call->code != SIGNER_OK) { return; }
    unsigned char verdicts[SIGNER_MAX_BATCH_COUNT];
    guest_copy_out(call->instance->memory, Z_signer_rawZ_get_verdicts_ptr(raw), verdicts, call->count);
    for (size_t at = 0; at < call->count; at++) {
        call->verdicts[at] = verdicts[at] == 1 && has_signature(&call->items[at]);
    }
}

static enum signer_code verify(struct verifier_instance *instance, bool is_strict, const struct verifier_item *items,
                               size_t count, bool *verdicts) {
    struct call call = {.instance = instance, .items = items, .count = count, .verdicts = verdicts};
    if (is_batched()) {
        call.verify = is_strict ? Z_signer_rawZ_verify_batch_strict : Z_signer_rawZ_verify_batch;
        return run(verify_batch, &call);
    }
    call.verify = is_strict ? Z_signer_rawZ_verify_strict : Z_signer_rawZ_verify;
    return run(verify_each, &call);
}

static void hold_key(void *call_) {
    struct call *call = call_;
    Z_signer_raw_instance_t *raw = &call->instance->raw;
    guest_copy_in(call->instance->memory, Z_signer_rawZ_get_public_key_ptr(raw), call->public_key,
                  SIGNER_PUBLIC_KEY_LEN);
    *call->verdicts = Z_signer_rawZ_hold_key(raw) != 0;
}

static enum signer_code hold(struct verifier_instance *instance, const void *public_key, bool *is_held) {
    struct call call = {.instance = instance, .public_key = public_key, .verdicts = is_held};
    return Z_signer_rawZ_hold_key == NULL ? SIGNER_OK : run(hold_key, &call);
}

static void init_module(void) {
    wasm_rt_init();
    Z_signer_raw_init_module();
}

static void instantiate(void *call_) {
    struct call *call = call_;
    Z_signer_raw_instance_t *raw = &call->instance->raw;
    Z_signer_raw_instantiate(raw);
    call->instance->memory = Z_signer_rawZ_memory(raw);
    call->instance->max_message_len = Z_signer_rawZ_max_message_len(raw);
    uint32_t version = is_batched() ? Z_signer_rawZ_verifier_abi_version(raw) : Z_signer_rawZ_abi_version(raw);
    if (version != ABI_VERSION) { guest_end_run(GUEST_BROKEN); }
}

static void close_instance(struct verifier_instance *instance) {
    Z_signer_raw_free(&instance->raw);
    free(instance);
}

static enum signer_code open_instance(struct verifier_instance **instance) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    *instance = NULL;
    if (!is_batched() && (Z_signer_rawZ_verify == NULL || Z_signer_rawZ_verify_strict == NULL)) {
        return SIGNER_NO_EXPORT;
    }
    struct verifier_instance *made = calloc(1, sizeof *made);
    if (made == NULL) { return SIGNER_OUT_OF_MEMORY; }
    pthread_once(&once, init_module);
    enum signer_code code = run(instantiate, &(struct call){.instance = made});
    /* A batch of none: before its first one such a module tests itself. */
    if (code == SIGNER_OK && is_batched()) { code = verify(made, false, NULL, 0, NULL); }
    if (code == SIGNER_OK) {
        *instance = made;
    } else {
        close_instance(made);
    }
    return code;
}

static size_t max_message_len(const struct verifier_instance *instance) { return instance->max_message_len; }

static const char *text_of_trap(void) { return trap_text; }

const struct verifier_module verifier_module = {open_instance, close_instance, max_message_len,
                                                verify,        hold,           text_of_trap};

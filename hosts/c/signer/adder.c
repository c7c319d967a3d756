/* The wrapper around add-raw. See adder.h. */
#include "adder.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"
/* By wasm2c --module-name add_raw add-raw.wasm -o add-raw.c */
#include "add-raw.h"

struct adder {
    /* Set while a call is in progress. */
    atomic_flag in_use;
    Z_add_raw_instance_t instance;
    bool is_open;
};

struct call {
    struct adder *adder;
    uint32_t (*export)(Z_add_raw_instance_t *, uint32_t, uint32_t);
    uint32_t a, b, value;
};

static _Thread_local const char *trap_text = "nothing trapped";

static void init_module(void) {
    wasm_rt_init();
    Z_add_raw_init_module();
}

static void instantiate(void *instance) { Z_add_raw_instantiate(instance); }

static enum signer_code new_instance(struct adder *adder) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_module);
    memset(&adder->instance, 0, sizeof adder->instance);
    int end = guest_run(instantiate, &adder->instance);
    if (end == 0) {
        adder->is_open = true;
        return SIGNER_OK;
    }
    Z_add_raw_free(&adder->instance);
    trap_text = guest_end_text(end);
    return end == GUEST_NO_MEMORY ? SIGNER_OUT_OF_MEMORY : SIGNER_TRAPPED;
}

static void end_instance(struct adder *adder) {
    Z_add_raw_free(&adder->instance);
    adder->is_open = false;
}

enum signer_code adder_open(struct adder **adder) {
    *adder = calloc(1, sizeof **adder);
    if (*adder == NULL) { return SIGNER_OUT_OF_MEMORY; }
    atomic_flag_clear(&(*adder)->in_use);
    enum signer_code code = new_instance(*adder);
    if (code != SIGNER_OK) { adder_close(adder); }
    return code;
}

enum signer_code adder_close(struct adder **adder) {
    if (*adder == NULL) { return SIGNER_OK; }
    if (atomic_flag_test_and_set_explicit(&(*adder)->in_use, memory_order_acquire)) { return SIGNER_IN_USE; }
    if ((*adder)->is_open) { end_instance(*adder); }
    free(*adder);
    *adder = NULL;
    return SIGNER_OK;
}

static void call_export(void *argument) {
    struct call *call = argument;
    call->value = call->export(&call->adder->instance, call->a, call->b);
}

/* Calls an export. A trapped instance is replaced by a new one. */
static enum signer_code run(struct call *call, int32_t *value) {
    struct adder *adder = call->adder;
    if (!adder->is_open) { return SIGNER_CLOSED; }
    int end = guest_run(call_export, call);
    if (end != 0) {
        end_instance(adder);
        new_instance(adder); /* should none come up, the adder is closed */
        trap_text = guest_end_text(end);
        return SIGNER_TRAPPED;
    }
    memcpy(value, &call->value, sizeof *value);
    return SIGNER_OK;
}

static enum signer_code run_alone(struct call call, int32_t *value) {
    if (call.adder == NULL) { return SIGNER_CLOSED; }
    if (atomic_flag_test_and_set_explicit(&call.adder->in_use, memory_order_acquire)) { return SIGNER_IN_USE; }
    enum signer_code code = run(&call, value);
    atomic_flag_clear_explicit(&call.adder->in_use, memory_order_release);
    return code;
}

enum signer_code adder_add(struct adder *adder, int32_t a, int32_t b, int32_t *value) {
    struct call call = {.adder = adder, .export = Z_add_rawZ_add_numbers, .a = (uint32_t)a, .b = (uint32_t)b};
    return run_alone(call, value);
}

enum signer_code adder_divide(struct adder *adder, int32_t a, int32_t b, int32_t *value) {
    struct call call = {.adder = adder, .export = Z_add_rawZ_divide_numbers, .a = (uint32_t)a, .b = (uint32_t)b};
    return run_alone(call, value);
}

const char *adder_trap_text(void) { return trap_text; }

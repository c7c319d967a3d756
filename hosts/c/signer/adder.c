/* The wrapper around add-raw. See adder.h. */
#include "adder.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"
#include "owner.h"
/* By wasm2c --module-name add_raw add-raw.wasm -o add-raw.c */
#include "add-raw.h"

struct adder {
    struct owner owner;
    Z_add_raw_instance_t instance;
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
    adder->owner.is_open = end == 0;
    if (end == 0) { return SIGNER_OK; }
    Z_add_raw_free(&adder->instance);
    trap_text = guest_end_text(end);
    return end == GUEST_NO_MEMORY ? SIGNER_OUT_OF_MEMORY : SIGNER_TRAPPED;
}

enum signer_code adder_open(struct adder **adder) {
    *adder = calloc(1, sizeof **adder);
    if (*adder == NULL) { return SIGNER_OUT_OF_MEMORY; }
    atomic_flag_clear(&(*adder)->owner.in_use);
    enum signer_code code = new_instance(*adder);
    if (code != SIGNER_OK) { adder_close(adder); }
    return code;
}

enum signer_code adder_close(struct adder **adder) {
    enum signer_code code = *adder == NULL ? SIGNER_CLOSED : owner_enter(&(*adder)->owner);
    if (code == SIGNER_IN_USE) { return code; }
    if (code == SIGNER_OK) { Z_add_raw_free(&(*adder)->instance); }
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
    int end = guest_run(call_export, call);
    if (end != 0) {
        Z_add_raw_free(&adder->instance);
        new_instance(adder); /* should none come up, the adder is closed */
        trap_text = guest_end_text(end);
        return SIGNER_TRAPPED;
    }
    memcpy(value, &call->value, sizeof *value);
    return SIGNER_OK;
}

static enum signer_code run_alone(struct call call, int32_t *value) {
    enum signer_code code = call.adder == NULL ? SIGNER_CLOSED : owner_enter(&call.adder->owner);
    if (code != SIGNER_OK) { return code; }
    code = run(&call, value);
    owner_leave(&call.adder->owner);
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

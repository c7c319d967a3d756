/* The wrapper around the module keys. See keys.h. */
#define _DEFAULT_SOURCE

#include "keys.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "guest.h"
#include "owner.h"
/* By wasm2c --module-name keys keys.wasm -o keys-module.c */
#include "keys-module.h"

#define ABI_VERSION 1

struct keys {
    struct owner owner;
    Z_keys_instance_t instance;
    wasm_rt_memory_t *memory;
};

/* What one run of the guest is given, and what it gives back. */
struct call {
    struct keys *keys;
    bool is_private;
    struct signer_bytes file;
    struct private_key key;
    enum keys_form form;
    char *written;
    size_t *written_len;
    enum signer_code code;
};

static _Thread_local const char *trap_text = "nothing trapped";

/* A status that no module of ours returns is as bad as a trap. */
static enum signer_code checked(uint32_t status) {
    if (status > SIGNER_KEY_TOO_LARGE) { guest_end_run(GUEST_BROKEN); }
    return (enum signer_code)status;
}

static void init_module(void) {
    wasm_rt_init();
    Z_keys_init_module();
}

static void instantiate(void *keys_) {
    struct keys *keys = keys_;
    Z_keys_instantiate(&keys->instance);
    keys->memory = Z_keysZ_memory(&keys->instance);
    if (Z_keysZ_keys_abi_version(&keys->instance) != ABI_VERSION) { guest_end_run(GUEST_BROKEN); }
}

/* Makes an instance where there is none: OK, TRAPPED, or OUT_OF_MEMORY. */
static enum signer_code new_instance(struct keys *keys) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_module);
    memset(&keys->instance, 0, sizeof keys->instance);
    int end = guest_run(instantiate, keys);
    keys->owner.is_open = end == 0;
    if (end == 0) { return SIGNER_OK; }
    Z_keys_free(&keys->instance);
    trap_text = guest_end_text(end);
    return end == GUEST_NO_MEMORY ? SIGNER_OUT_OF_MEMORY : SIGNER_TRAPPED;
}

enum signer_code keys_open(struct keys **keys) {
    *keys = calloc(1, sizeof **keys);
    if (*keys == NULL) { return SIGNER_OUT_OF_MEMORY; }
    atomic_flag_clear(&(*keys)->owner.in_use);
    enum signer_code code = new_instance(*keys);
    if (code != SIGNER_OK) { keys_close(keys); }
    return code;
}

enum signer_code keys_close(struct keys **keys) {
    enum signer_code code = *keys == NULL ? SIGNER_CLOSED : owner_enter(&(*keys)->owner);
    if (code == SIGNER_IN_USE) { return code; }
    if (code == SIGNER_OK) { Z_keys_free(&(*keys)->instance); /* every call has wiped it */ }
    free(*keys);
    *keys = NULL;
    return SIGNER_OK;
}

/* Runs `work`, and clears what it may have left on the stack. A trapped instance is replaced. */
static enum signer_code run(void (*work)(void *), struct call *call) {
    struct keys *keys = call->keys;
    enum signer_code code = keys == NULL ? SIGNER_CLOSED : owner_enter(&keys->owner);
    if (code != SIGNER_OK) { return code; }
    int end = guest_run(work, call);
    code = call->code;
    if (end != 0) {
        Z_keys_free(&keys->instance);
        new_instance(keys); /* should none come up, the keys are closed */
        trap_text = guest_end_text(end);
        code = SIGNER_TRAPPED;
    }
    guest_clear_stack();
    owner_leave(&keys->owner);
    return code;
}

static void read_key(void *call_) {
    struct call *call = call_;
    Z_keys_instance_t *raw = &call->keys->instance;
    wasm_rt_memory_t *memory = call->keys->memory;
    call->code = SIGNER_KEY_TOO_LARGE;
    if (call->file.len > Z_keysZ_max_file_len(raw)) { return; }
    uint32_t len = (uint32_t)call->file.len;
    guest_copy_in(memory, Z_keysZ_get_file_ptr(raw), call->file.bytes, len);
    call->code = checked(call->is_private ? Z_keysZ_read_private_key(raw, len) : Z_keysZ_read_public_key(raw, len));
    if (call->code == SIGNER_OK) {
        guest_copy_out(memory, Z_keysZ_get_seed_ptr(raw), call->key.seed, SIGNER_SEED_LEN);
        guest_copy_out(memory, Z_keysZ_get_public_key_ptr(raw), call->key.public_key, SIGNER_PUBLIC_KEY_LEN);
        call->key.has_public_key = Z_keysZ_has_public_key(raw) != 0;
    }
    Z_keysZ_wipe(raw);
}

enum signer_code keys_read_private_key(struct keys *keys, const void *file, size_t len, struct private_key *key) {
    struct call call = {.keys = keys, .is_private = true, .file = {file, len}};
    enum signer_code code = run(read_key, &call);
    if (code != SIGNER_OK) { private_key_clear(&call.key); }
    if (code != SIGNER_IN_USE) { *key = call.key; }
    private_key_clear(&call.key);
    return code;
}

enum signer_code keys_read_public_key(struct keys *keys, const void *file, size_t len,
                                      unsigned char public_key[SIGNER_PUBLIC_KEY_LEN]) {
    struct call call = {.keys = keys, .file = {file, len}};
    enum signer_code code = run(read_key, &call);
    if (code != SIGNER_OK) { private_key_clear(&call.key); }
    if (code != SIGNER_IN_USE) { memcpy(public_key, call.key.public_key, SIGNER_PUBLIC_KEY_LEN); }
    return code;
}

static void write_key(void *call_) {
    struct call *call = call_;
    Z_keys_instance_t *raw = &call->keys->instance;
    wasm_rt_memory_t *memory = call->keys->memory;
    guest_copy_in(memory, Z_keysZ_get_seed_ptr(raw), call->key.seed, SIGNER_SEED_LEN);
    guest_copy_in(memory, Z_keysZ_get_public_key_ptr(raw), call->key.public_key, SIGNER_PUBLIC_KEY_LEN);
    call->code = checked(call->is_private ? Z_keysZ_write_private_key(raw, call->form, call->key.has_public_key)
                                          : Z_keysZ_write_public_key(raw, call->form));
    if (call->code == SIGNER_OK) {
        uint32_t len = Z_keysZ_file_len(raw);
        if (len >= KEYS_MAX_WRITTEN_LEN) { guest_end_run(GUEST_BROKEN); }
        guest_copy_out(memory, Z_keysZ_get_file_ptr(raw), call->written, len);
        *call->written_len = len;
    }
    Z_keysZ_wipe(raw);
}

static enum signer_code write_by(struct call call, const struct private_key *key, char *file, size_t *len) {
    char written[KEYS_MAX_WRITTEN_LEN] = {0};
    size_t written_len = 0;
    call.key = *key;
    call.written = written;
    call.written_len = &written_len;
    enum signer_code code = run(write_key, &call);
    if (code != SIGNER_OK) { explicit_bzero(written, sizeof written); }
    if (code != SIGNER_IN_USE) {
        memcpy(file, written, sizeof written);
        *len = code == SIGNER_OK ? written_len : 0;
    }
    explicit_bzero(written, sizeof written);
    private_key_clear(&call.key);
    return code;
}

enum signer_code keys_write_private_key(struct keys *keys, const struct private_key *key, enum keys_form form,
                                        char file[KEYS_MAX_WRITTEN_LEN], size_t *len) {
    return write_by((struct call){.keys = keys, .is_private = true, .form = form}, key, file, len);
}

enum signer_code keys_write_public_key(struct keys *keys, const unsigned char public_key[SIGNER_PUBLIC_KEY_LEN],
                                       enum keys_form form, char file[KEYS_MAX_WRITTEN_LEN], size_t *len) {
    struct private_key key = {.has_public_key = true};
    memcpy(key.public_key, public_key, SIGNER_PUBLIC_KEY_LEN);
    return write_by((struct call){.keys = keys, .form = form}, &key, file, len);
}

const char *keys_trap_text(void) { return trap_text; }

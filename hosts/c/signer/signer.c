/* The wrapper around signer-raw and its kin. See signer.h; the module's own contract is in crates/token-signer. */
#define _DEFAULT_SOURCE

#include "signer.h"

#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "batch.h"
#include "guest.h"
#include "owner.h"
/* By wasm2c --module-name signer_raw signer-raw.wasm -o signer-raw.c */
#include "signer-raw.h"

#define ABI_VERSION 1

/* What a module may lack; its address is NULL then. */
#define OPTIONAL __attribute__((weak))
OPTIONAL u32 Z_signer_rawZ_verify(Z_signer_raw_instance_t *);
OPTIONAL u32 Z_signer_rawZ_verify_strict(Z_signer_raw_instance_t *);
OPTIONAL u32 Z_signer_rawZ_allocate_batch(Z_signer_raw_instance_t *, u32, u32);
OPTIONAL u32 Z_signer_rawZ_sign_batch(Z_signer_raw_instance_t *);
OPTIONAL u32 Z_signer_rawZ_get_batch_signatures_ptr(Z_signer_raw_instance_t *);

struct signer {
    struct owner owner;
    Z_signer_raw_instance_t instance;
    wasm_rt_memory_t *memory;
    uint32_t max_message_len;
    bool has_key;
    unsigned char keypair[SIGNER_KEYPAIR_LEN];
    struct batch batch;
};

/* What one run of the guest is given, and what it gives back. */
struct call {
    struct signer *signer;
    struct signer_bytes key, message, signature;
    const struct signer_bytes *messages;
    size_t count;
    unsigned char *output;
    uint32_t (*verify)(Z_signer_raw_instance_t *);
    enum signer_code code;
};

static _Thread_local const char *trap_text = "nothing trapped";

/* No signer is const itself: signer_open allocates it. */
static struct owner *owner_of(const struct signer *signer) { return &((struct signer *)(uintptr_t)signer)->owner; }

static void leave(const struct signer *signer) { owner_leave(owner_of(signer)); }

/* Takes a signer for one call: OK, and then leave is due; or CLOSED, or IN_USE. */
static enum signer_code enter(const struct signer *signer) {
    return signer == NULL ? SIGNER_CLOSED : owner_enter(owner_of(signer));
}

/* What a call with an output returns. The output of one that failed is zeroed, but not if it is IN_USE: then it may be
 * done again, and the output may be an input too. */
static enum signer_code end_of(enum signer_code code, void *output, size_t len) {
    if (code != SIGNER_OK && code != SIGNER_IN_USE && len > 0) { memset(output, 0, len); }
    return code;
}

static void copy_in(struct signer *signer, uint32_t ptr, const void *bytes, size_t len) {
    guest_copy_in(signer->memory, ptr, bytes, len);
}

static void copy_out(struct signer *signer, uint32_t ptr, void *bytes, size_t len) {
    guest_copy_out(signer->memory, ptr, bytes, len);
}

/* The code of a status. A status that no module of ours returns is as bad as a trap. */
static enum signer_code checked(uint32_t status) {
    if (status > SIGNER_SELF_TEST_FAILED) { guest_end_run(GUEST_BROKEN); }
    return (enum signer_code)status;
}

static enum signer_code check_message(const struct signer *signer, size_t len) {
    return len > signer->max_message_len ? SIGNER_MESSAGE_TOO_LARGE : SIGNER_OK;
}

/* Copies a message to where the module wants it; 0 where there is no room. */
static uint32_t put_message(struct signer *signer, struct signer_bytes message) {
    uint32_t ptr = Z_signer_rawZ_allocate_message(&signer->instance, (uint32_t)message.len);
    if (ptr != 0) { copy_in(signer, ptr, message.bytes, message.len); }
    return ptr;
}

static void init_module(void) {
    wasm_rt_init();
    Z_signer_raw_init_module();
}

static void instantiate(void *argument) {
    struct call *call = argument;
    struct signer *signer = call->signer;
    Z_signer_raw_instantiate(&signer->instance);
    signer->memory = Z_signer_rawZ_memory(&signer->instance);
    signer->max_message_len = Z_signer_rawZ_max_message_len(&signer->instance);
    if (Z_signer_rawZ_abi_version(&signer->instance) != ABI_VERSION) { guest_end_run(GUEST_BROKEN); }
}

/* Makes an instance where there is none: OK, TRAPPED, or OUT_OF_MEMORY. */
static enum signer_code new_instance(struct signer *signer) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_module);
    memset(&signer->instance, 0, sizeof signer->instance);
    int end = guest_run(instantiate, &(struct call){.signer = signer});
    if (end == 0) {
        signer->owner.is_open = true;
        return SIGNER_OK;
    }
    Z_signer_raw_free(&signer->instance);
    trap_text = guest_end_text(end);
    return end == GUEST_NO_MEMORY ? SIGNER_OUT_OF_MEMORY : SIGNER_TRAPPED;
}

/* Gives linear memory back to the system, so that nothing of it can be read any more. */
static void end_instance(struct signer *signer) {
    Z_signer_raw_free(&signer->instance);
    signer->owner.is_open = false;
}

static void load_key(void *argument) {
    struct call *call = argument;
    struct signer *signer = call->signer;
    copy_in(signer, Z_signer_rawZ_get_signing_key_ptr(&signer->instance), call->key.bytes, call->key.len);
    call->code = checked(Z_signer_rawZ_load_key(&signer->instance));
}

static void wipe_guest(void *argument) {
    struct call *call = argument;
    Z_signer_rawZ_wipe(&call->signer->instance);
    call->code = SIGNER_OK;
}

/* Gives a new or a wiped instance the key that the signer holds, if it holds one. False if it does not take it. */
static bool load_held_key(struct signer *signer) {
    struct call call = {.signer = signer, .key = {signer->keypair, SIGNER_KEYPAIR_LEN}};
    int end = signer->has_key ? guest_run(load_key, &call) : 0;
    if (end != 0) { end_instance(signer); /* it trapped: nobody may call it any more */ }
    return end == 0 && call.code == SIGNER_OK;
}

/* Clears the signer's own copy of the key, and what calls have left of it on the stack. */
static void forget(struct signer *signer) {
    explicit_bzero(signer->keypair, sizeof signer->keypair);
    signer->has_key = false;
    guest_clear_stack();
}

/* Closes a signer for good: every call answers CLOSED from now on. */
static void end_signer(struct signer *signer) {
    if (signer->owner.is_open) {
        /* Should this trap, the memory is given back all the same, and the system clears it. */
        guest_run(wipe_guest, &(struct call){.signer = signer});
        end_instance(signer);
    }
    batch_close(&signer->batch);
    forget(signer);
}

/* Runs `work` and gives its code. A trapped instance is replaced. */
static enum signer_code run(void (*work)(void *), struct call *call) {
    struct signer *signer = call->signer;
    int end = guest_run(work, call);
    if (end == 0) { return call->code; }
    end_instance(signer);
    if (new_instance(signer) != SIGNER_OK || !load_held_key(signer)) { end_signer(signer); }
    trap_text = guest_end_text(end);
    return SIGNER_TRAPPED;
}

enum signer_code signer_open(struct signer **signer, const void *keypair, size_t keypair_len) {
    *signer = calloc(1, sizeof **signer);
    if (*signer == NULL) { return SIGNER_OUT_OF_MEMORY; }
    atomic_flag_clear(&(*signer)->owner.in_use);
    enum signer_code code = new_instance(*signer);
    if (code == SIGNER_OK && (keypair != NULL || keypair_len != 0)) {
        code = signer_load_key(*signer, keypair, keypair_len);
    }
    if (code != SIGNER_OK) { signer_close(signer); }
    return code;
}

enum signer_code signer_open_private_key(struct signer **signer, const struct private_key *key) {
    unsigned char keypair[SIGNER_KEYPAIR_LEN];
    enum signer_code code = signer_open(signer, NULL, 0);
    if (code != SIGNER_OK) { return code; }
    memcpy(keypair, key->seed, SIGNER_SEED_LEN);
    memcpy(keypair + SIGNER_SEED_LEN, key->public_key, SIGNER_PUBLIC_KEY_LEN);
    if (!key->has_public_key) {
        code = signer_derive_public_key(*signer, key->seed, SIGNER_SEED_LEN, keypair + SIGNER_SEED_LEN);
    }
    if (code == SIGNER_OK) { code = signer_load_key(*signer, keypair, sizeof keypair); }
    explicit_bzero(keypair, sizeof keypair);
    if (code != SIGNER_OK) { signer_close(signer); }
    return code;
}

enum signer_code signer_close(struct signer **signer) {
    if (*signer == NULL) { return SIGNER_OK; }
    if (enter(*signer) == SIGNER_IN_USE) { return SIGNER_IN_USE; }
    end_signer(*signer);
    free(*signer);
    *signer = NULL;
    return SIGNER_OK;
}

enum signer_code signer_set_batch_modules(struct signer *signer, const struct signer_batch_module *modules,
                                          size_t count) {
    enum signer_code code = enter(signer);
    if (code == SIGNER_OK) {
        batch_close(&signer->batch);
        signer->batch = (struct batch){.modules = modules, .count = count};
        leave(signer);
    }
    return code;
}

int signer_batch_module(const struct signer *signer) {
    enum signer_code code = enter(signer);
    if (code != SIGNER_OK) { return code == SIGNER_IN_USE ? SIGNER_IN_USE : -1; }
    int place = signer->batch.signer == NULL ? -1 : (int)signer->batch.at;
    leave(signer);
    return place;
}

enum signer_code signer_public_key(const struct signer *signer, unsigned char public_key[SIGNER_PUBLIC_KEY_LEN]) {
    enum signer_code code = enter(signer);
    if (code == SIGNER_OK) {
        code = signer->has_key ? SIGNER_OK : SIGNER_NO_KEY;
        if (code == SIGNER_OK) { memcpy(public_key, signer->keypair + SIGNER_SEED_LEN, SIGNER_PUBLIC_KEY_LEN); }
        leave(signer);
    }
    return end_of(code, public_key, SIGNER_PUBLIC_KEY_LEN);
}

/* Outputs are written last, when everything that was passed has been read: they may overlap. */
static void sign(void *argument) {
    struct call *call = argument;
    struct signer *signer = call->signer;
    put_message(signer, call->message); /* where there is no room, sign_loaded says so */
    call->code = checked(Z_signer_rawZ_sign_loaded(&signer->instance));
    if (call->code == SIGNER_OK) {
        copy_out(signer, Z_signer_rawZ_get_signature_ptr(&signer->instance), call->output, SIGNER_SIGNATURE_LEN);
    }
}

enum signer_code signer_sign(struct signer *signer, const void *message, size_t message_len,
                             unsigned char signature[SIGNER_SIGNATURE_LEN]) {
    enum signer_code code = enter(signer);
    if (code == SIGNER_OK) {
        code = signer->has_key ? check_message(signer, message_len) : SIGNER_NO_KEY;
        if (code == SIGNER_OK) {
            code = run(sign, &(struct call){.signer = signer, .message = {message, message_len}, .output = signature});
        }
        leave(signer);
    }
    return end_of(code, signature, SIGNER_SIGNATURE_LEN);
}

/* The lengths as u32, little-endian, then the messages end to end. */
static void put_batch(struct signer *signer, uint32_t ptr, const struct signer_bytes *messages, size_t count) {
    uint32_t at = ptr + 4 * (uint32_t)count;
    for (size_t index = 0; index < count; index++) {
        uint32_t len = (uint32_t)messages[index].len;
        unsigned char written[4] = {len & 255, len >> 8 & 255, len >> 16 & 255, len >> 24};
        copy_in(signer, ptr + 4 * (uint32_t)index, written, sizeof written);
        copy_in(signer, at, messages[index].bytes, len);
        at += len;
    }
}

static void sign_batch(void *argument) {
    struct call *call = argument;
    struct signer *signer = call->signer;
    uint32_t total_len = 0;
    for (size_t index = 0; index < call->count; index++) { total_len += (uint32_t)call->messages[index].len; }
    uint32_t ptr = Z_signer_rawZ_allocate_batch(&signer->instance, (uint32_t)call->count, total_len);
    if (ptr != 0) { /* otherwise sign_batch says why */
        put_batch(signer, ptr, call->messages, call->count);
    }
    call->code = checked(Z_signer_rawZ_sign_batch(&signer->instance));
    if (call->code == SIGNER_OK) {
        copy_out(signer, Z_signer_rawZ_get_batch_signatures_ptr(&signer->instance), call->output,
                 call->count * SIGNER_SIGNATURE_LEN);
    }
}

/* How many of the messages the module takes at once: so many of them, and so many bytes together. */
static size_t batch_count(const struct signer *signer, const struct signer_bytes *messages, size_t count) {
    size_t taken = 0;
    size_t total_len = 0;
    while (taken < count && taken < SIGNER_MAX_BATCH_COUNT &&
           messages[taken].len <= signer->max_message_len - total_len) {
        total_len += messages[taken].len;
        taken++;
    }
    return taken;
}

static enum signer_code sign_in_batches(struct signer *signer, const struct signer_bytes *messages, size_t count,
                                        unsigned char (*signatures)[SIGNER_SIGNATURE_LEN]) {
    if (count > 0 && Z_signer_rawZ_sign_batch == NULL) { return SIGNER_NO_EXPORT; }
    /* What the first batch wrote might be what the second has to read. */
    bool is_split = batch_count(signer, messages, count) < count;
    unsigned char(*to)[SIGNER_SIGNATURE_LEN] = is_split ? calloc(count, SIGNER_SIGNATURE_LEN) : signatures;
    enum signer_code code = is_split && to == NULL ? SIGNER_OUT_OF_MEMORY : SIGNER_OK;
    for (size_t at = 0; code == SIGNER_OK && at < count;) {
        size_t taken = batch_count(signer, messages + at, count - at);
        code = run(sign_batch,
                   &(struct call){.signer = signer, .messages = messages + at, .count = taken, .output = to[at]});
        at += taken;
    }
    if (is_split) {
        if (code == SIGNER_OK) { memcpy(signatures, to, count * SIGNER_SIGNATURE_LEN); }
        free(to);
    }
    return code;
}

/* *is_signed tells whether there is a batch module that can be used. */
static enum signer_code sign_by_batch_module(struct signer *signer, const struct signer_bytes *messages, size_t count,
                                             unsigned char (*signatures)[SIGNER_SIGNATURE_LEN], bool *is_signed) {
    enum signer_code code = batch_prepare(&signer->batch, signer->keypair);
    size_t at = signer->batch.at;
    *is_signed = code == SIGNER_OK && signer->batch.signer != NULL;
    if (*is_signed) { code = batch_sign_many(&signer->batch, messages, count, signatures); }
    if (code == SIGNER_TRAPPED) { trap_text = signer->batch.modules[at].trap_text(); }
    guest_clear_stack();
    return code;
}

static enum signer_code sign_many(struct signer *signer, const struct signer_bytes *messages, size_t count,
                                  unsigned char (*signatures)[SIGNER_SIGNATURE_LEN]) {
    enum signer_code code = signer->has_key ? SIGNER_OK : SIGNER_NO_KEY;
    for (size_t at = 0; code == SIGNER_OK && at < count; at++) { code = check_message(signer, messages[at].len); }
    bool is_signed = false;
    if (code == SIGNER_OK && count > 1) {
        code = sign_by_batch_module(signer, messages, count, signatures, &is_signed);
    }
    return code == SIGNER_OK && !is_signed ? sign_in_batches(signer, messages, count, signatures) : code;
}

enum signer_code signer_sign_many(struct signer *signer, const struct signer_bytes *messages, size_t count,
                                  unsigned char (*signatures)[SIGNER_SIGNATURE_LEN]) {
    enum signer_code code = enter(signer);
    if (code == SIGNER_OK) {
        code = sign_many(signer, messages, count, signatures);
        leave(signer);
    }
    return end_of(code, signatures, count * SIGNER_SIGNATURE_LEN);
}

/* Clears the key buffer: some exports leave there what they were given. */
static void clear_key_buffer(struct signer *signer, uint32_t ptr) {
    static const unsigned char zeros[SIGNER_KEYPAIR_LEN];
    copy_in(signer, ptr, zeros, sizeof zeros);
}

static void sign_with(void *argument) {
    struct call *call = argument;
    struct signer *signer = call->signer;
    if (put_message(signer, call->message) == 0) {
        call->code = SIGNER_OUT_OF_MEMORY;
        return;
    }
    uint32_t key_ptr = Z_signer_rawZ_get_signing_key_ptr(&signer->instance);
    copy_in(signer, key_ptr, call->key.bytes, call->key.len);
    Z_signer_rawZ_sign(&signer->instance);
    clear_key_buffer(signer, key_ptr);
    copy_out(signer, Z_signer_rawZ_get_signature_ptr(&signer->instance), call->output, SIGNER_SIGNATURE_LEN);
    call->code = SIGNER_OK;
}

enum signer_code signer_sign_with(struct signer *signer, const void *keypair, size_t keypair_len, const void *message,
                                  size_t message_len, unsigned char signature[SIGNER_SIGNATURE_LEN]) {
    enum signer_code code = enter(signer);
    if (code == SIGNER_OK) {
        code = keypair == NULL || keypair_len != SIGNER_KEYPAIR_LEN ? SIGNER_KEY_LENGTH
                                                                    : check_message(signer, message_len);
        if (code == SIGNER_OK) {
            code = run(sign_with, &(struct call){.signer = signer,
                                                 .key = {keypair, keypair_len},
                                                 .message = {message, message_len},
                                                 .output = signature});
            guest_clear_stack();
        }
        leave(signer);
    }
    return end_of(code, signature, SIGNER_SIGNATURE_LEN);
}

static void verify(void *argument) {
    struct call *call = argument;
    struct signer *signer = call->signer;
    put_message(signer, call->message); /* where there is no room, verifying says so */
    copy_in(signer, Z_signer_rawZ_get_public_key_ptr(&signer->instance), call->key.bytes, call->key.len);
    copy_in(signer, Z_signer_rawZ_get_signature_ptr(&signer->instance), call->signature.bytes, call->signature.len);
    call->code = checked(call->verify(&signer->instance));
}

static enum signer_code verify_by(uint32_t (*export)(Z_signer_raw_instance_t *), struct signer *signer,
                                  struct signer_bytes public_key, struct signer_bytes message,
                                  struct signer_bytes signature) {
    enum signer_code code = enter(signer);
    if (code != SIGNER_OK) { return code; }
    if (export == NULL) {
        code = SIGNER_NO_EXPORT;
    } else if (public_key.bytes == NULL || public_key.len != SIGNER_PUBLIC_KEY_LEN) {
        code = SIGNER_PUBLIC_KEY_LENGTH;
    } else {
        code = check_message(signer, message.len);
    }
    if (code == SIGNER_OK && (signature.bytes == NULL || signature.len != SIGNER_SIGNATURE_LEN)) {
        code = SIGNER_SIGNATURE_INVALID;
    }
    if (code == SIGNER_OK) {
        struct call call = {
            .signer = signer, .key = public_key, .message = message, .signature = signature, .verify = export};
        code = run(verify, &call);
    }
    leave(signer);
    return code;
}

enum signer_code signer_verify(struct signer *signer, const void *public_key, size_t public_key_len,
                               const void *message, size_t message_len, const void *signature, size_t signature_len) {
    return verify_by(Z_signer_rawZ_verify, signer, (struct signer_bytes){public_key, public_key_len},
                     (struct signer_bytes){message, message_len}, (struct signer_bytes){signature, signature_len});
}

enum signer_code signer_verify_strict(struct signer *signer, const void *public_key, size_t public_key_len,
                                      const void *message, size_t message_len, const void *signature,
                                      size_t signature_len) {
    return verify_by(Z_signer_rawZ_verify_strict, signer, (struct signer_bytes){public_key, public_key_len},
                     (struct signer_bytes){message, message_len}, (struct signer_bytes){signature, signature_len});
}

/* After a key or a seed was refused: the module may have left copies of it, and of the key before. What the signer
 * holds stays. Returns `code`, or TRAPPED. */
static enum signer_code clean(struct signer *signer, enum signer_code code) {
    if (!signer->owner.is_open) { return code; }
    enum signer_code wiped = run(wipe_guest, &(struct call){.signer = signer});
    if (wiped == SIGNER_OK && !load_held_key(signer)) {
        end_signer(signer);
        trap_text = "the module did not take the held key again";
        wiped = SIGNER_TRAPPED;
    }
    return wiped == SIGNER_OK ? code : wiped;
}

static void derive_public_key(void *argument) {
    struct call *call = argument;
    struct signer *signer = call->signer;
    uint32_t key_ptr = Z_signer_rawZ_get_signing_key_ptr(&signer->instance);
    copy_in(signer, key_ptr, call->key.bytes, call->key.len);
    call->code = checked(Z_signer_rawZ_derive_public_key(&signer->instance));
    clear_key_buffer(signer, key_ptr);
    if (call->code == SIGNER_OK) {
        copy_out(signer, Z_signer_rawZ_get_public_key_ptr(&signer->instance), call->output, SIGNER_PUBLIC_KEY_LEN);
    }
}

enum signer_code signer_derive_public_key(struct signer *signer, const void *seed, size_t seed_len,
                                          unsigned char public_key[SIGNER_PUBLIC_KEY_LEN]) {
    enum signer_code code = enter(signer);
    if (code == SIGNER_OK) {
        code = seed == NULL || seed_len != SIGNER_SEED_LEN ? SIGNER_KEY_LENGTH : SIGNER_OK;
        if (code == SIGNER_OK) {
            code =
                run(derive_public_key, &(struct call){.signer = signer, .key = {seed, seed_len}, .output = public_key});
            code = code == SIGNER_OK ? code : clean(signer, code);
            guest_clear_stack();
        }
        leave(signer);
    }
    return end_of(code, public_key, SIGNER_PUBLIC_KEY_LEN);
}

/* Clears every secret of an open signer. */
static enum signer_code wipe(struct signer *signer) {
    forget(signer);
    enum signer_code batch_code = batch_wipe(&signer->batch);
    enum signer_code code = run(wipe_guest, &(struct call){.signer = signer});
    guest_clear_stack();
    return code == SIGNER_OK ? batch_code : code;
}

/* Replaces the key of an open signer. */
static enum signer_code replace_key(struct signer *signer, struct signer_bytes keypair) {
    forget(signer);
    enum signer_code code = batch_wipe(&signer->batch);
    if (code == SIGNER_OK && (keypair.bytes == NULL || keypair.len != SIGNER_KEYPAIR_LEN)) { code = SIGNER_KEY_LENGTH; }
    if (code == SIGNER_OK) { code = run(load_key, &(struct call){.signer = signer, .key = keypair}); }
    if (code != SIGNER_OK) {
        code = clean(signer, code);
        guest_clear_stack();
        return code;
    }
    memcpy(signer->keypair, keypair.bytes, SIGNER_KEYPAIR_LEN);
    signer->has_key = true;
    return SIGNER_OK;
}

enum signer_code signer_load_key(struct signer *signer, const void *keypair, size_t keypair_len) {
    enum signer_code code = enter(signer);
    if (code == SIGNER_OK) {
        code = replace_key(signer, (struct signer_bytes){keypair, keypair_len});
        leave(signer);
    }
    return code;
}

enum signer_code signer_wipe(struct signer *signer) {
    enum signer_code code = enter(signer);
    if (code == SIGNER_OK) {
        code = wipe(signer);
        leave(signer);
    }
    return code;
}

const char *signer_trap_text(void) { return trap_text; }

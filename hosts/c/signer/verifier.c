/* Which module verifies, and in what portions. See verifier.h; verify_module.c has the instance. */
#include "verifier.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "owner.h"

struct verifier {
    struct owner owner;
    const struct verifier_module *module;
    int module_index;
    struct verifier_instance *instance;
};

static _Thread_local char error_text[128] = "no call has failed";

static void set_error_text(const char *text) { snprintf(error_text, sizeof error_text, "%s", text); }

static void leave(struct verifier *verifier) { owner_leave(&verifier->owner); }

/* Takes a verifier for one call: OK, and then leave is due; or CLOSED, or IN_USE. */
static enum signer_code enter(struct verifier *verifier) {
    return verifier == NULL ? SIGNER_CLOSED : owner_enter(&verifier->owner);
}

/* Makes an instance. If none comes up, the verifier is closed. */
static enum signer_code new_instance(struct verifier *verifier) {
    enum signer_code code = verifier->module->open(&verifier->instance);
    verifier->owner.is_open = code == SIGNER_OK;
    return code;
}

/* The code of a call of the module. A trapped instance is replaced. */
static enum signer_code checked(struct verifier *verifier, enum signer_code code) {
    if (code == SIGNER_TRAPPED) {
        set_error_text(verifier->module->trap_text());
        verifier->module->close(verifier->instance);
        new_instance(verifier);
    }
    return code;
}

enum signer_code verifier_open(struct verifier **verifier, const struct verifier_module *const *modules, size_t count) {
    enum signer_code code = SIGNER_NO_EXPORT;
    *verifier = calloc(1, sizeof **verifier);
    if (*verifier == NULL) { return SIGNER_OUT_OF_MEMORY; }
    atomic_flag_clear(&(*verifier)->owner.in_use);
    for (size_t at = 0; at < count; at++) {
        if (modules[at] == NULL) { continue; }
        (*verifier)->module = modules[at];
        (*verifier)->module_index = (int)at;
        code = new_instance(*verifier);
        if (code != SIGNER_SELF_TEST_FAILED) { break; }
    }
    if (code == SIGNER_TRAPPED) { set_error_text((*verifier)->module->trap_text()); }
    if (code != SIGNER_OK) { verifier_close(verifier); }
    return code;
}

enum signer_code verifier_close(struct verifier **verifier) {
    enum signer_code code = enter(*verifier);
    if (code == SIGNER_IN_USE) { return code; }
    if (code == SIGNER_OK) { (*verifier)->module->close((*verifier)->instance); }
    free(*verifier);
    *verifier = NULL;
    return SIGNER_OK;
}

int verifier_module_index(const struct verifier *verifier) { return verifier == NULL ? -1 : verifier->module_index; }

static enum signer_code check_item(const struct verifier *verifier, const struct verifier_item *item) {
    return item->public_key.bytes == NULL || item->public_key.len != SIGNER_PUBLIC_KEY_LEN ? SIGNER_PUBLIC_KEY_LENGTH
           : item->message.len > verifier->module->max_message_len(verifier->instance)     ? SIGNER_MESSAGE_TOO_LARGE
                                                                                           : SIGNER_OK;
}

/* How many of the items the module takes at once: so many of them, and so many bytes of messages together. */
static size_t batch_count(const struct verifier *verifier, const struct verifier_item *items, size_t count) {
    size_t room = verifier->module->max_message_len(verifier->instance), taken = 0;
    while (taken < count && taken < SIGNER_MAX_BATCH_COUNT && items[taken].message.len <= room) {
        room -= items[taken++].message.len;
    }
    return taken;
}

static enum signer_code verify_many(struct verifier *verifier, bool is_strict, const struct verifier_item *items,
                                    size_t count, bool *verdicts) {
    for (size_t at = 0; at < count; at++) {
        enum signer_code code = check_item(verifier, &items[at]);
        if (code != SIGNER_OK) {
            snprintf(error_text, sizeof error_text, "item %zu: %s", at, signer_code_meaning(code));
            return code;
        }
    }
    enum signer_code code = SIGNER_OK;
    for (size_t at = 0; code == SIGNER_OK && at < count;) {
        size_t taken = batch_count(verifier, items + at, count - at);
        code = checked(verifier,
                       verifier->module->verify(verifier->instance, is_strict, items + at, taken, verdicts + at));
        at += taken;
    }
    return code;
}

static enum signer_code verify_alone(struct verifier *verifier, bool is_strict, const struct verifier_item *items,
                                     size_t count, bool *verdicts) {
    enum signer_code code = enter(verifier);
    if (code == SIGNER_OK) {
        code = verify_many(verifier, is_strict, items, count, verdicts);
        leave(verifier);
    }
    if (code != SIGNER_OK && code != SIGNER_IN_USE && count > 0) { memset(verdicts, 0, count * sizeof *verdicts); }
    return code;
}

enum signer_code verifier_verify_many(struct verifier *verifier, const struct verifier_item *items, size_t count,
                                      bool *verdicts) {
    return verify_alone(verifier, false, items, count, verdicts);
}

enum signer_code verifier_verify_many_strict(struct verifier *verifier, const struct verifier_item *items, size_t count,
                                             bool *verdicts) {
    return verify_alone(verifier, true, items, count, verdicts);
}

enum signer_code verifier_hold(struct verifier *verifier, const void *public_key, size_t public_key_len,
                               bool *is_held) {
    enum signer_code code = enter(verifier);
    if (code != SIGNER_OK) { return code; }
    *is_held = false;
    code = public_key == NULL || public_key_len != SIGNER_PUBLIC_KEY_LEN
               ? SIGNER_PUBLIC_KEY_LENGTH
               : verifier->module->hold(verifier->instance, public_key, is_held);
    code = checked(verifier, code);
    leave(verifier);
    return code;
}

const char *verifier_error_text(void) { return error_text; }

#include "component_signer.h"

#include <ctype.h>
#include <string.h>

#include "component.h"
#include "component_lift.h"
#include "component_lower.h"
#include "files.h"

#define ED25519 "everyhost:signer/ed25519@0.1.0#"
#define HELD_KEY "everyhost:signer/held-key@0.1.0#"
#define METHOD HELD_KEY "[method]signer."

enum { MAX_ARGS = 3, MAX_MESSAGE_LEN = 16 << 20 };

struct signer {
    /** Without a store once the signer is closed, and if no new instance could be made. */
    struct component component;
    /** The one that holds the key. */
    wasmtime_component_resource_any_t *resource;
    /** To load it again after a trap. */
    unsigned char keypair[SIGNER_KEYPAIR_LEN];
    bool has_key;
};

static const struct library *library;
static const char *trapped = "";

/* Where a component gives something else than its WIT says, that ends the call as a trap. */
static const char *const BROKEN = "the component gave what its WIT does not say";

/* A call: its arguments, which the call deletes, and what came. */
struct call {
    const char *path;
    wasmtime_component_val_t args[MAX_ARGS], result;
    size_t arg_count;
};

static wasmtime_component_val_t list_of(struct signer_bytes bytes) {
    wasmtime_component_val_t value;
    bytes_lower(bytes.bytes, bytes.len, &value);
    return value;
}

static wasmtime_component_val_t bytes_of(const void *bytes, size_t len) {
    return list_of((struct signer_bytes){bytes, len});
}

/* That of the signer, which a value does not own. */
static wasmtime_component_val_t self(const struct signer *signer) {
    return (wasmtime_component_val_t){.kind = WASMTIME_COMPONENT_RESOURCE, .of.resource = signer->resource};
}

static void delete_args(struct call *call) {
    for (size_t at = 0; at < call->arg_count; at++) {
        if (call->args[at].kind != WASMTIME_COMPONENT_RESOURCE) { wasmtime_component_val_delete(&call->args[at]); }
    }
}

/* Returns why it trapped, or NULL. The caller deletes the result. */
static const char *do_call(const struct component *component, struct call *call, bool has_result) {
    wasmtime_component_func_t function;
    call->result = (wasmtime_component_val_t){.kind = WASMTIME_COMPONENT_BOOL};
    const char *why =
        component_function(component, call->path, &function)
            ? component_call(component, &function, call->args, call->arg_count, has_result ? &call->result : NULL)
            : format("it exports no %s", call->path);
    delete_args(call);
    return why;
}

static void stop(struct signer *signer) {
    if (signer->resource != NULL) { wasmtime_component_resource_any_delete(signer->resource); }
    signer->resource = NULL;
    component_end(&signer->component);
}

/* A new instance, and the resource in it. Returns why there is none, or NULL. */
static const char *start(struct signer *signer) {
    const char *why = component_begin(&signer->component, library);
    if (why != NULL) { return why; }
    struct call call = {.path = HELD_KEY "[constructor]signer"};
    why = do_call(&signer->component, &call, true);
    if (why == NULL && call.result.kind != WASMTIME_COMPONENT_RESOURCE) {
        wasmtime_component_val_delete(&call.result);
        why = BROKEN;
    }
    signer->resource = why == NULL ? call.result.of.resource : NULL;
    if (why != NULL) { stop(signer); }
    return why;
}

/* The code of the WIT's enum: "key-length" is KEY_LENGTH. */
static enum signer_code code_of(const wasm_name_t *name) {
    for (int code = SIGNER_NO_MESSAGE; code <= SIGNER_KEY_TOO_LARGE; code++) {
        const char *wanted = signer_code_name((enum signer_code)code);
        size_t at = 0;
        while (at < name->size &&
               wanted[at] == (name->data[at] == '-' ? '_' : toupper((unsigned char)name->data[at]))) {
            at++;
        }
        if (at == name->size && wanted[at] == 0) { return (enum signer_code)code; }
    }
    return SIGNER_TRAPPED;
}

/* What a result<T, error> is: OK, and then its payload is in *held, or an error; TRAPPED if it is no such thing. */
static enum signer_code read_result(const wasmtime_component_val_t *result, const wasmtime_component_val_t **held) {
    static const wasmtime_component_val_t nothing = {.kind = WASMTIME_COMPONENT_BOOL};
    trapped = BROKEN;
    *held = &nothing;
    if (result->kind != WASMTIME_COMPONENT_RESULT) { return SIGNER_TRAPPED; }
    const wasmtime_component_val_t *payload = result->of.result.val;
    if (payload != NULL) { *held = payload; }
    if (result->of.result.is_ok) { return SIGNER_OK; }
    return (*held)->kind == WASMTIME_COMPONENT_ENUM ? code_of(&payload->of.enumeration) : SIGNER_TRAPPED;
}

/*
 * A message that the component will refuse is left out, because wasmtime takes 32 bytes for each byte of it, and more
 * to copy them. What is wrong with the key comes first, so the call is made without the message.
 */
static struct signer_bytes passed(const void *message, size_t len) {
    return len > MAX_MESSAGE_LEN ? (struct signer_bytes){NULL, 0} : (struct signer_bytes){message, len};
}

/* What such a call answers. */
static enum signer_code code_with(size_t message_len, enum signer_code code) {
    bool is_well = code == SIGNER_OK || code == SIGNER_SIGNATURE_INVALID;
    return is_well && message_len > MAX_MESSAGE_LEN ? SIGNER_MESSAGE_TOO_LARGE : code;
}

static enum signer_code load(struct signer *signer);

/* After a trap an instance can't be entered again: a new one takes its place, with the held key, if that can be. */
static void replace(struct signer *signer) {
    stop(signer);
    bool has_key = signer->has_key;
    signer->has_key = false;
    if (start(signer) == NULL && has_key && load(signer) != SIGNER_OK) { stop(signer); }
}

/* Makes a call whose result is a result<T, error>. The caller reads *held, and then deletes the call's result. */
static enum signer_code use(struct signer *signer, struct call *call, const wasmtime_component_val_t **held) {
    const char *why = do_call(&signer->component, call, true);
    if (why == NULL) { return read_result(&call->result, held); }
    replace(signer);
    trapped = why;
    return SIGNER_TRAPPED;
}

static bool is_open(const struct signer *signer) { return signer != NULL && signer->component.store != NULL; }

/* Makes a call that gives so many bytes. */
static enum signer_code take_bytes(struct signer *signer, struct call call, unsigned char *output, size_t len) {
    const wasmtime_component_val_t *held;
    enum signer_code code = use(signer, &call, &held);
    if (code == SIGNER_OK) {
        size_t count = 0;
        const unsigned char *bytes = bytes_lift(held, &count);
        code = bytes != NULL && count == len ? SIGNER_OK : SIGNER_TRAPPED;
        if (code == SIGNER_OK) { memcpy(output, bytes, len); }
    }
    wasmtime_component_val_delete(&call.result);
    return code;
}

/* Loads the key that the signer has a copy of. */
static enum signer_code load(struct signer *signer) {
    struct call call = {.path = METHOD "load-key",
                        .args = {self(signer), bytes_of(signer->keypair, sizeof signer->keypair)},
                        .arg_count = 2};
    const wasmtime_component_val_t *held;
    enum signer_code code = use(signer, &call, &held);
    wasmtime_component_val_delete(&call.result);
    signer->has_key = code == SIGNER_OK;
    return code;
}

static void forget(struct signer *signer) {
    memset(signer->keypair, 0, sizeof signer->keypair);
    signer->has_key = false;
}

static enum signer_code load_key(struct signer *signer, const void *keypair, size_t len) {
    if (!is_open(signer)) { return SIGNER_CLOSED; }
    forget(signer);
    if (len == sizeof signer->keypair) {
        memcpy(signer->keypair, keypair, len);
        return load(signer);
    }
    struct call call = {.path = METHOD "load-key", .args = {self(signer), bytes_of(keypair, len)}, .arg_count = 2};
    const wasmtime_component_val_t *held;
    enum signer_code code = use(signer, &call, &held);
    wasmtime_component_val_delete(&call.result);
    return code;
}

static enum signer_code close_signer(struct signer **signer_) {
    struct signer *signer = *signer_;
    if (is_open(signer)) {
        component_drop(&signer->component, signer->resource); /* clears the key */
        stop(signer);
    }
    if (signer != NULL) { forget(signer); }
    *signer_ = NULL;
    return SIGNER_OK;
}

static enum signer_code open_signer(struct signer **signer, const void *keypair, size_t len) {
    *signer = allocate(1, sizeof **signer);
    const char *why = start(*signer);
    trapped = why == NULL ? "" : why;
    enum signer_code code = why != NULL       ? SIGNER_TRAPPED
                            : keypair == NULL ? SIGNER_OK
                                              : load_key(*signer, keypair, len);
    if (code != SIGNER_OK) { close_signer(signer); }
    return code;
}

static enum signer_code public_key(const struct signer *signer, unsigned char *output) {
    if (!is_open(signer)) { return SIGNER_CLOSED; }
    struct call call = {.path = METHOD "public-key", .args = {self(signer)}, .arg_count = 1};
    return take_bytes((struct signer *)(uintptr_t)signer, call, output, SIGNER_PUBLIC_KEY_LEN);
}

static enum signer_code sign(struct signer *signer, const void *message, size_t len, unsigned char *output) {
    if (!is_open(signer)) { return SIGNER_CLOSED; }
    struct call call = {.path = METHOD "sign", .args = {self(signer), list_of(passed(message, len))}, .arg_count = 2};
    return code_with(len, take_bytes(signer, call, output, SIGNER_SIGNATURE_LEN));
}

static enum signer_code sign_many(struct signer *signer, const struct signer_bytes *messages, size_t count,
                                  unsigned char (*signatures)[SIGNER_SIGNATURE_LEN]) {
    if (!is_open(signer)) { return SIGNER_CLOSED; }
    size_t longest = 0;
    for (size_t at = 0; at < count; at++) { longest = messages[at].len > longest ? messages[at].len : longest; }
    count = longest > MAX_MESSAGE_LEN ? 0 : count;
    struct call call = {.path = METHOD "sign-many", .args = {self(signer)}, .arg_count = 2};
    wasmtime_component_val_t *items = list_lower(count, &call.args[1]);
    for (size_t at = 0; at < count; at++) { bytes_lower(messages[at].bytes, messages[at].len, &items[at]); }
    const wasmtime_component_val_t *held;
    enum signer_code code = use(signer, &call, &held);
    if (code == SIGNER_OK && (held->kind != WASMTIME_COMPONENT_LIST || held->of.list.size != count)) {
        code = SIGNER_TRAPPED;
    }
    for (size_t at = 0; code == SIGNER_OK && at < count; at++) {
        size_t len = 0;
        const unsigned char *bytes = bytes_lift(&held->of.list.data[at], &len);
        code = bytes != NULL && len == SIGNER_SIGNATURE_LEN ? SIGNER_OK : SIGNER_TRAPPED;
        if (code == SIGNER_OK) { memcpy(signatures[at], bytes, len); }
    }
    wasmtime_component_val_delete(&call.result);
    return code_with(longest, code);
}

static enum signer_code sign_with(struct signer *signer, const void *keypair, size_t keypair_len, const void *message,
                                  size_t len, unsigned char *output) {
    if (!is_open(signer)) { return SIGNER_CLOSED; }
    struct call call = {.path = METHOD "sign-with",
                        .args = {self(signer), bytes_of(keypair, keypair_len), list_of(passed(message, len))},
                        .arg_count = 3};
    return code_with(len, take_bytes(signer, call, output, SIGNER_SIGNATURE_LEN));
}

static enum signer_code derive_public_key(struct signer *signer, const void *seed, size_t len, unsigned char *output) {
    if (!is_open(signer)) { return SIGNER_CLOSED; }
    struct call call = {.path = ED25519 "derive-public-key", .args = {bytes_of(seed, len)}, .arg_count = 1};
    return take_bytes(signer, call, output, SIGNER_PUBLIC_KEY_LEN);
}

static enum signer_code verify_by(const char *path, struct signer *signer, struct signer_bytes key,
                                  struct signer_bytes message, struct signer_bytes signature) {
    if (!is_open(signer)) { return SIGNER_CLOSED; }
    struct call call = {.path = path,
                        .args = {list_of(key), list_of(passed(message.bytes, message.len)), list_of(signature)},
                        .arg_count = 3};
    const wasmtime_component_val_t *held;
    enum signer_code code = use(signer, &call, &held);
    if (code == SIGNER_OK) {
        code = held->kind != WASMTIME_COMPONENT_BOOL ? SIGNER_TRAPPED
               : held->of.boolean                    ? SIGNER_OK
                                                     : SIGNER_SIGNATURE_INVALID;
    }
    wasmtime_component_val_delete(&call.result);
    return code_with(message.len, code);
}

static enum signer_code verify(struct signer *signer, const void *key, size_t key_len, const void *message, size_t len,
                               const void *signature, size_t signature_len) {
    return verify_by(ED25519 "verify", signer, (struct signer_bytes){key, key_len}, (struct signer_bytes){message, len},
                     (struct signer_bytes){signature, signature_len});
}

static enum signer_code verify_strict(struct signer *signer, const void *key, size_t key_len, const void *message,
                                      size_t len, const void *signature, size_t signature_len) {
    return verify_by(ED25519 "verify-strict", signer, (struct signer_bytes){key, key_len},
                     (struct signer_bytes){message, len}, (struct signer_bytes){signature, signature_len});
}

static enum signer_code wipe(struct signer *signer) {
    if (!is_open(signer)) { return SIGNER_CLOSED; }
    forget(signer);
    struct call call = {.path = METHOD "wipe", .args = {self(signer)}, .arg_count = 1};
    const char *why = do_call(&signer->component, &call, false);
    if (why == NULL) { return SIGNER_OK; }
    replace(signer);
    trapped = why;
    return SIGNER_TRAPPED;
}

static const char *trap_text(void) { return trapped; }

bool component_is_signer(const struct library *of) {
    return of->types == NULL || json_object_get(of->types, HELD_KEY "[constructor]signer") != NULL;
}

const struct library_signer *component_signer(const struct library *of) {
    static const struct library_signer functions = {
        .open = open_signer,
        .close = close_signer,
        .public_key = public_key,
        .sign = sign,
        .sign_many = sign_many,
        .sign_with = sign_with,
        .verify = verify,
        .verify_strict = verify_strict,
        .derive_public_key = derive_public_key,
        .load_key = load_key,
        .wipe = wipe,
        .trap_text = trap_text,
    };
    library = of;
    return &functions;
}

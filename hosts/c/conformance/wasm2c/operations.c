#include "host.h"

#include <stdint.h>
#include <string.h>

#include "canonical.h"
#include "compiler.h"
#include "files.h"
#include "raw.h"
#include "signing.h"
#include "wire.h"

/* What the operation works on; NULL before and after it. */
static struct verifier *verifier;
static struct keys *keys;

static bool is(const char *op, const char *name) { return strcmp(op, name) == 0; }

static struct verifier_item item_from(const json_t *written) {
    return (struct verifier_item){bytes_field(written, "public_key"), bytes_field(written, "message"),
                                  bytes_field(written, "signature")};
}

/* The batch: the items one after the other, or as `order` has their places. */
static struct verifier_item *batch_from(const json_t *in, size_t *count) {
    const json_t *written = json_object_get(in, "items"), *order = json_object_get(in, "order");
    if (!json_is_array(written) || (order != NULL && !json_is_array(order))) {
        fail_with("items is an array, and so is order, if it is there");
    }
    size_t item_count = json_array_size(written);
    struct verifier_item *items = allocate(item_count, sizeof *items);
    for (size_t at = 0; at < item_count; at++) { items[at] = item_from(json_array_get(written, at)); }
    *count = order == NULL ? item_count : json_array_size(order);
    if (order == NULL) { return items; }
    struct verifier_item *batch = allocate(*count, sizeof *batch);
    for (size_t at = 0; at < *count; at++) {
        const json_t *place = json_array_get(order, at);
        json_int_t number = json_integer_value(place);
        if (!json_is_integer(place) || number < 0 || (size_t)number >= item_count) {
            fail_with("order has places of items: integers from 0, less than %zu", item_count);
        }
        batch[at] = items[number];
    }
    return batch;
}

/* Each operation gets a verifier of its own. One signature is a batch of one. */
static json_t *verify_by(const struct verifier_module *module, const char *op, const json_t *in) {
    bool is_many = strncmp(op, "verify_many", 11) == 0, is_strict = strstr(op, "strict") != NULL;
    size_t count = 1;
    struct verifier_item one, *items = &one;
    if (is_many) {
        items = batch_from(in, &count);
    } else {
        one = item_from(in);
    }
    bool *verdicts = allocate(count, sizeof *verdicts);
    enum signer_code code = verifier_open(&verifier, &module, 1);
    if (code == SIGNER_OK) {
        code = (is_strict ? verifier_verify_many_strict : verifier_verify_many)(verifier, items, count, verdicts);
    }
    if (code != SIGNER_OK) { return refusal(code, verifier_error_text()); }
    return ok(is_many ? json_pack("{s:o}", "verdicts", hex_of(verdicts, count))
                      : json_pack("{s:b}", "valid", verdicts[0]));
}

static json_t *calculate(const struct library_adder *adder_by, const char *op, const json_t *in) {
    json_int_t a = json_integer_value(json_object_get(in, "a"));
    json_int_t b = json_integer_value(json_object_get(in, "b"));
    if (!json_is_integer(json_object_get(in, "a")) || !json_is_integer(json_object_get(in, "b")) || a < INT32_MIN ||
        a > INT32_MAX || b < INT32_MIN || b > INT32_MAX) {
        fail_with("a and b are integers of 32 bits");
    }
    struct adder *adder;
    int32_t value;
    enum signer_code code = adder_by->open(&adder);
    if (code == SIGNER_OK) {
        code = (is(op, "add") ? adder_by->add : adder_by->divide)(adder, (int32_t)a, (int32_t)b, &value);
        adder_by->close(&adder);
    }
    return code == SIGNER_OK ? ok(json_pack("{s:i}", "value", (int)value)) : refusal(code, adder_by->trap_text());
}

static json_t *read_key(const struct library_keys *by, const json_t *in) {
    const char *kind = json_string_value(json_object_get(in, "kind"));
    struct signer_bytes file = bytes_field(in, "file");
    if (kind == NULL || (!is(kind, "private") && !is(kind, "public"))) { fail_with("kind is private or public"); }
    bool is_private = is(kind, "private");
    struct private_key key = {.has_public_key = true};
    enum signer_code code = is_private ? by->read_private_key(keys, file.bytes, file.len, &key)
                                       : by->read_public_key(keys, file.bytes, file.len, key.public_key);
    if (code != SIGNER_OK) { return refusal(code, by->trap_text()); }
    json_t *read = json_object();
    if (is_private) { json_object_set_new(read, "seed", hex_of(key.seed, sizeof key.seed)); }
    if (key.has_public_key) { json_object_set_new(read, "public_key", hex_of(key.public_key, sizeof key.public_key)); }
    return ok(read);
}

/* The bytes of a field, of that length. OK if there is no such field, or a code. */
static enum signer_code key_from(const json_t *in, const char *name, unsigned char bytes[32], enum signer_code code) {
    if (json_object_get(in, name) == NULL) { return SIGNER_OK; }
    struct signer_bytes given = bytes_field(in, name);
    if (given.len != 32) { return code; }
    memcpy(bytes, given.bytes, 32);
    return SIGNER_OK;
}

static enum keys_form form_from(const json_t *in) {
    const char *form = json_string_value(json_object_get(in, "form"));
    if (form == NULL || (!is(form, "pem") && !is(form, "der") && !is(form, "jwk"))) {
        fail_with("form is pem, der or jwk");
    }
    return is(form, "pem") ? KEYS_PEM : is(form, "der") ? KEYS_DER : KEYS_JWK;
}

static json_t *write_key(const struct library_keys *by, const json_t *in) {
    enum keys_form form = form_from(in);
    bool is_private = json_object_get(in, "seed") != NULL;
    struct private_key key = {.has_public_key = json_object_get(in, "public_key") != NULL};
    if (!is_private && !key.has_public_key) { fail_with("write_key takes a seed, a public_key, or both"); }
    char file[KEYS_MAX_WRITTEN_LEN];
    size_t len;
    enum signer_code code = key_from(in, "seed", key.seed, SIGNER_KEY_LENGTH);
    if (code == SIGNER_OK) { code = key_from(in, "public_key", key.public_key, SIGNER_PUBLIC_KEY_LENGTH); }
    if (code == SIGNER_OK) {
        code = is_private ? by->write_private_key(keys, &key, form, file, &len)
                          : by->write_public_key(keys, key.public_key, form, file, &len);
    }
    return code == SIGNER_OK ? ok(json_pack("{s:o}", "bytes", hex_of((unsigned char *)file, len)))
                             : refusal(code, by->trap_text());
}

static json_t *with_keys(const struct library_keys *by, const char *op, const json_t *in) {
    enum signer_code code = by->open(&keys);
    if (code != SIGNER_OK) { return refusal(code, by->trap_text()); }
    return is(op, "read_key") ? read_key(by, in) : write_key(by, in);
}

enum kind { OF_SIGNER, OF_VERIFIER, OF_ADDER, OF_KEYS, OF_ANY };

static const struct {
    const char *name;
    enum kind kind;
    /* The export that it takes, where some signers lack it. */
    const char *export;
} OPERATIONS[] = {
    {"public_key", OF_SIGNER, NULL},
    {"sign", OF_SIGNER, NULL},
    {"sign_many", OF_SIGNER, "sign_batch"},
    {"verify", OF_SIGNER, "verify"},
    {"verify_strict", OF_SIGNER, "verify_strict"},
    {"session", OF_SIGNER, NULL},
    {"verify_many", OF_VERIFIER, "verify_strict"},
    {"verify_many_strict", OF_VERIFIER, "verify_strict"},
    {"add", OF_ADDER, NULL},
    {"divide", OF_ADDER, NULL},
    {"read_key", OF_KEYS, NULL},
    {"write_key", OF_KEYS, NULL},
    {"raw", OF_ANY, NULL},
    {"raw_memory_limit", OF_ANY, NULL},
    {"raw_deadline", OF_ANY, NULL},
    {"kept_view", OF_ANY, NULL},
    {"raw_module", OF_ANY, NULL},
    {"raw_imports", OF_ANY, NULL},
};

/* Whether the module was made to verify batches. */
static bool is_for_batches(const struct library *library) {
    return library->signer == NULL && library->verifier != NULL;
}

/* Whether it exports what kept_view calls. */
static bool has_view(const struct library *library) {
    return library->memory != NULL && library_function(library, "grow") != NULL &&
           library_function(library, "store") != NULL;
}

static bool does(const struct library *library, size_t operation) {
    const char *name = OPERATIONS[operation].name, *export = OPERATIONS[operation].export;
    bool is_exported = export == NULL || library_function(library, export) != NULL;
    switch (OPERATIONS[operation].kind) {
    case OF_SIGNER:
        return is_for_batches(library)   ? strncmp(name, "verify", 6) == 0
               : library->signer == NULL ? canonical_does(library, name)
                                         : is_exported;
    case OF_VERIFIER: return is_for_batches(library) || (library->verifier != NULL && is_exported);
    case OF_ADDER: return library->adder != NULL;
    case OF_KEYS: return library->keys != NULL;
    default: return strcmp(name, "kept_view") != 0 || has_view(library);
    }
}

json_t *operations_of(const struct library *library) {
    json_t *names = json_array();
    for (size_t at = 0; at < sizeof OPERATIONS / sizeof *OPERATIONS; at++) {
        if (does(library, at)) { json_array_append_new(names, json_string(OPERATIONS[at].name)); }
    }
    return names;
}

struct operation {
    const struct library *library;
    const char *op;
    const json_t *in;
    json_t *answer;
};

static void do_operation(void *operation_) {
    struct operation *operation = operation_;
    const struct library *library = operation->library;
    size_t at = 0;
    while (at < sizeof OPERATIONS / sizeof *OPERATIONS && !is(OPERATIONS[at].name, operation->op)) { at++; }
    if (at == sizeof OPERATIONS / sizeof *OPERATIONS || !does(library, at)) {
        fail_with("%.500s is not an operation of this module", operation->op);
    }
    bool is_signer = OPERATIONS[at].kind == OF_SIGNER;
    bool is_verifier = OPERATIONS[at].kind == OF_VERIFIER || (is_signer && is_for_batches(library));
    operation->answer = is_verifier ? verify_by(library->verifier, operation->op, operation->in)
                        : is_signer && library->signer == NULL ? canonical(library, operation->op, operation->in)
                        : is_signer                            ? signing(library->signer, operation->op, operation->in)
                        : OPERATIONS[at].kind == OF_ADDER      ? calculate(library->adder, operation->op, operation->in)
                        : OPERATIONS[at].kind == OF_KEYS       ? with_keys(library->keys, operation->op, operation->in)
                                                               : raw(library, operation->op, operation->in);
}

json_t *operate(const struct library *library, const char *op, const json_t *in) {
    struct operation operation = {library, op, in, NULL};
    const char *why = attempt(do_operation, &operation);
    signing_end();
    verifier_close(&verifier);
    if (keys != NULL) { library->keys->close(&keys); }
    raw_end();
    return why == NULL ? operation.answer : unsupported(why);
}

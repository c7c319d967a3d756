#include "operations.h"

#include <stdint.h>
#include <string.h>

#include "canonical.h"
#include "compiler.h"
#include "files.h"
#include "raw.h"
#include "wire.h"

static const struct library_signer *with;
/* What the operation works on; NULL before and after it. */
static struct signer *signer;
static struct verifier *verifier;
static struct keys *keys;

/* The answer for a code: so many bytes under a name (none without a name), or why not. */
static json_t *answer_of(enum signer_code code, const char *name, const unsigned char *bytes, size_t len) {
    if (code != SIGNER_OK) { return refusal(code, with->trap_text()); }
    return ok(name == NULL ? json_object() : json_pack("{s:o}", name, hex_of(bytes, len)));
}

static struct signer_bytes field(const json_t *in, const char *name) { return bytes_from(json_object_get(in, name)); }

static json_t *sign_many(const json_t *messages) {
    if (!json_is_array(messages)) { fail_with("sign_many takes an array of messages"); }
    size_t count = json_array_size(messages);
    struct signer_bytes *given = allocate(count, sizeof *given);
    unsigned char(*signatures)[SIGNER_SIGNATURE_LEN] = allocate(count, sizeof *signatures);
    for (size_t at = 0; at < count; at++) { given[at] = bytes_from(json_array_get(messages, at)); }
    enum signer_code code = with->sign_many(signer, given, count, signatures);
    if (code != SIGNER_OK) { return refusal(code, with->trap_text()); }
    json_t *signed_by = json_array();
    for (size_t at = 0; at < count; at++) {
        json_array_append_new(signed_by, hex_of(signatures[at], SIGNER_SIGNATURE_LEN));
    }
    return ok(json_pack("{s:o}", "signatures", signed_by));
}

static bool is(const char *op, const char *name) { return strcmp(op, name) == 0; }

/* A step of a session. */
static json_t *step(const char *op, const json_t *in) {
    struct signer_bytes key, message, signature;
    unsigned char output[SIGNER_SIGNATURE_LEN];
    enum signer_code code;
    if (is(op, "close")) {
        with->close(&signer);
        return ok(json_object());
    }
    if (is(op, "wipe")) { return answer_of(with->wipe(signer), NULL, NULL, 0); }
    if (is(op, "public_key")) {
        return answer_of(with->public_key(signer, output), "public_key", output, SIGNER_PUBLIC_KEY_LEN);
    }
    if (is(op, "sign_many")) { return sign_many(json_object_get(in, "messages")); }
    if (is(op, "load_key")) {
        key = field(in, "keypair");
        code = with->load_key(signer, key.bytes, key.len);
        return code == SIGNER_OK ? step("public_key", in) : refusal(code, with->trap_text());
    }
    bool strictly = is(op, "verify_strict");
    if (!strictly && !is(op, "sign_with") && !is(op, "sign") && !is(op, "verify")) {
        fail_with("a session has no step %.500s", op);
    }
    message = field(in, "message");
    if (is(op, "sign")) {
        code = with->sign(signer, message.bytes, message.len, output);
        return answer_of(code, "signature", output, sizeof output);
    }
    if (is(op, "sign_with")) {
        key = field(in, "keypair");
        code = with->sign_with(signer, key.bytes, key.len, message.bytes, message.len, output);
        return answer_of(code, "signature", output, sizeof output);
    }
    key = field(in, "public_key");
    signature = field(in, "signature");
    code = (strictly ? with->verify_strict : with->verify)(signer, key.bytes, key.len, message.bytes, message.len,
                                                           signature.bytes, signature.len);
    return code == SIGNER_OK || code == SIGNER_SIGNATURE_INVALID ? ok(json_pack("{s:b}", "valid", code == SIGNER_OK))
                                                                 : refusal(code, with->trap_text());
}

static json_t *session(const json_t *steps) {
    if (!json_is_array(steps)) { fail_with("a session takes an array of steps"); }
    json_t *answers = json_array(), *asked;
    size_t at;
    json_array_foreach(steps, at, asked) {
        const char *op = json_string_value(json_object_get(asked, "op"));
        json_array_append_new(answers, step(op == NULL ? "without a name" : op, json_object_get(asked, "in")));
    }
    return ok(json_pack("{s:o}", "steps", answers));
}

static json_t *derive(const json_t *in) {
    struct signer_bytes seed = field(in, "seed");
    unsigned char public_key[SIGNER_PUBLIC_KEY_LEN];
    enum signer_code code = with->derive_public_key(signer, seed.bytes, seed.len, public_key);
    return answer_of(code, "public_key", public_key, sizeof public_key);
}

/* Each operation gets a signer of its own, so that no case depends on another. */
static json_t *sign_or_verify(const char *op, const json_t *in) {
    bool needs_key = is(op, "sign") || is(op, "sign_many") || is(op, "session");
    struct signer_bytes keypair = needs_key ? field(in, "keypair") : (struct signer_bytes){NULL, 0};
    enum signer_code code = with->open(&signer, keypair.bytes, keypair.len);
    if (code != SIGNER_OK) { return refusal(code, with->trap_text()); }
    return is(op, "public_key") ? derive(in) : is(op, "session") ? session(json_object_get(in, "steps")) : step(op, in);
}

static struct verifier_item item_from(const json_t *written) {
    return (struct verifier_item){field(written, "public_key"), field(written, "message"), field(written, "signature")};
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
    struct signer_bytes file = field(in, "file");
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
    struct signer_bytes given = field(in, name);
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
    default: return strcmp(name, "kept_view") != 0 || raw_has_view(library);
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
    with = library->signer;
    bool is_signer = OPERATIONS[at].kind == OF_SIGNER;
    bool is_verifier = OPERATIONS[at].kind == OF_VERIFIER || (is_signer && is_for_batches(library));
    operation->answer = is_verifier                       ? verify_by(library->verifier, operation->op, operation->in)
                        : is_signer && with == NULL       ? canonical(library, operation->op, operation->in)
                        : is_signer                       ? sign_or_verify(operation->op, operation->in)
                        : OPERATIONS[at].kind == OF_ADDER ? calculate(library->adder, operation->op, operation->in)
                        : OPERATIONS[at].kind == OF_KEYS  ? with_keys(library->keys, operation->op, operation->in)
                                                          : raw(library, operation->op, operation->in);
}

json_t *operate(const struct library *library, const char *op, const json_t *in) {
    struct operation operation = {library, op, in, NULL};
    const char *why = attempt(do_operation, &operation);
    if (signer != NULL) { with->close(&signer); }
    verifier_close(&verifier);
    if (keys != NULL) { library->keys->close(&keys); }
    raw_end();
    return why == NULL ? operation.answer : unsupported(why);
}

#include "operations.h"

#include <stdint.h>
#include <string.h>

#include "compiler.h"
#include "raw.h"
#include "wire.h"

/* The answer for a code: so many bytes under a name (none without a name), or why not. */
static json_t *answer_of(const struct library_signer *with, enum signer_code code, const char *name,
                         const unsigned char *bytes, size_t len)
{
    if (code != SIGNER_OK) {
        return refusal(code, with->trap_text());
    }
    return ok(name == NULL ? json_object() : json_pack("{s:o}", name, hex_of(bytes, len)));
}

static json_t *sign_many(const struct library_signer *with, struct signer *signer, const json_t *messages)
{
    if (!json_is_array(messages)) {
        return unsupported("sign_many takes an array of messages");
    }
    size_t count = json_array_size(messages);
    struct signer_bytes *given = request_alloc(count * sizeof *given);
    unsigned char(*signatures)[SIGNER_SIGNATURE_LEN] = request_alloc(count * sizeof *signatures);
    for (size_t at = 0; at < count; at++) {
        if (!bytes_from(json_array_get(messages, at), &given[at])) {
            return NULL;
        }
    }
    enum signer_code code = with->sign_many(signer, given, count, signatures);
    if (code != SIGNER_OK) {
        return refusal(code, with->trap_text());
    }
    json_t *signed_by = json_array();
    for (size_t at = 0; at < count; at++) {
        json_array_append_new(signed_by, hex_of(signatures[at], SIGNER_SIGNATURE_LEN));
    }
    return ok(json_pack("{s:o}", "signatures", signed_by));
}

static bool is(const char *op, const char *name)
{
    return strcmp(op, name) == 0;
}

/* A step of a session. NULL, after `unsupported`, if it cannot be understood. */
static json_t *step(const struct library_signer *with, struct signer **signer, const char *op, const json_t *in)
{
    struct signer_bytes key, message, signature;
    unsigned char output[SIGNER_SIGNATURE_LEN];
    if (is(op, "close")) {
        with->close(signer);
        return ok(json_object());
    }
    if (is(op, "wipe")) {
        return answer_of(with, with->wipe(*signer), NULL, NULL, 0);
    }
    if (is(op, "public_key")) {
        return answer_of(with, with->public_key(*signer, output), "public_key", output, SIGNER_PUBLIC_KEY_LEN);
    }
    if (is(op, "sign_many")) {
        return sign_many(with, *signer, json_object_get(in, "messages"));
    }
    if (is(op, "load_key")) {
        if (!bytes_from(json_object_get(in, "keypair"), &key)) {
            return NULL;
        }
        enum signer_code code = with->load_key(*signer, key.bytes, key.len);
        return code == SIGNER_OK ? step(with, signer, "public_key", in) : refusal(code, with->trap_text());
    }
    bool with_key = is(op, "sign_with"), strictly = is(op, "verify_strict");
    if (!with_key && !strictly && !is(op, "sign") && !is(op, "verify")) {
        return unsupported("a session has no step %s", op);
    }
    if (!bytes_from(json_object_get(in, "message"), &message)) {
        return NULL;
    }
    if (is(op, "sign")) {
        return answer_of(with, with->sign(*signer, message.bytes, message.len, output), "signature", output,
                         sizeof output);
    }
    if (with_key) {
        return !bytes_from(json_object_get(in, "keypair"), &key)
                   ? NULL
                   : answer_of(with, with->sign_with(*signer, key.bytes, key.len, message.bytes, message.len, output),
                               "signature", output, sizeof output);
    }
    if (!bytes_from(json_object_get(in, "public_key"), &key) ||
        !bytes_from(json_object_get(in, "signature"), &signature)) {
        return NULL;
    }
    enum signer_code code = (strictly ? with->verify_strict : with->verify)(
        *signer, key.bytes, key.len, message.bytes, message.len, signature.bytes, signature.len);
    return code == SIGNER_OK || code == SIGNER_SIGNATURE_INVALID ? ok(json_pack("{s:b}", "valid", code == SIGNER_OK))
                                                                 : refusal(code, with->trap_text());
}

static json_t *session(const struct library_signer *with, struct signer **signer, const json_t *steps)
{
    if (!json_is_array(steps)) {
        return unsupported("a session takes an array of steps");
    }
    json_t *answers = json_array();
    for (size_t at = 0; at < json_array_size(steps); at++) {
        const json_t *asked = json_array_get(steps, at);
        const char *op = json_string_value(json_object_get(asked, "op"));
        json_t *answer = step(with, signer, op == NULL ? "without a name" : op, json_object_get(asked, "in"));
        if (answer == NULL) {
            json_decref(answers);
            return NULL;
        }
        json_array_append_new(answers, answer);
    }
    return ok(json_pack("{s:o}", "steps", answers));
}

static json_t *derive(const struct library_signer *with, struct signer *signer, const json_t *in)
{
    struct signer_bytes seed;
    unsigned char public_key[SIGNER_PUBLIC_KEY_LEN];
    if (!bytes_from(json_object_get(in, "seed"), &seed)) {
        return NULL;
    }
    enum signer_code code = with->derive_public_key(signer, seed.bytes, seed.len, public_key);
    return answer_of(with, code, "public_key", public_key, sizeof public_key);
}

/* Each operation gets a signer of its own, so that no case depends on another. */
static json_t *sign_or_verify(const struct library_signer *with, const char *op, const json_t *in)
{
    bool needs_key = is(op, "sign") || is(op, "sign_many") || is(op, "session");
    struct signer_bytes keypair = {NULL, 0};
    struct signer *signer;
    if (needs_key && !bytes_from(json_object_get(in, "keypair"), &keypair)) {
        return NULL;
    }
    enum signer_code code = with->open(&signer, keypair.bytes, keypair.len);
    if (code != SIGNER_OK) {
        return refusal(code, with->trap_text());
    }
    json_t *answer = is(op, "public_key") ? derive(with, signer, in)
                     : is(op, "session")  ? session(with, &signer, json_object_get(in, "steps"))
                                          : step(with, &signer, op, in);
    with->close(&signer);
    return answer;
}

static json_t *calculate(const struct library_adder *with, const char *op, const json_t *in)
{
    json_int_t a = json_integer_value(json_object_get(in, "a"));
    json_int_t b = json_integer_value(json_object_get(in, "b"));
    if (!json_is_integer(json_object_get(in, "a")) || !json_is_integer(json_object_get(in, "b")) || a < INT32_MIN ||
        a > INT32_MAX || b < INT32_MIN || b > INT32_MAX) {
        return unsupported("a and b are integers of 32 bits");
    }
    struct adder *adder;
    int32_t value;
    enum signer_code code = with->open(&adder);
    if (code == SIGNER_OK) {
        code = (is(op, "add") ? with->add : with->divide)(adder, (int32_t)a, (int32_t)b, &value);
        with->close(&adder);
    }
    return code == SIGNER_OK ? ok(json_pack("{s:i}", "value", (int)value)) : refusal(code, with->trap_text());
}

enum kind { OF_SIGNER, OF_ADDER, OF_ANY };

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
    {"add", OF_ADDER, NULL},
    {"divide", OF_ADDER, NULL},
    {"raw", OF_ANY, NULL},
    {"raw_memory_limit", OF_ANY, NULL},
    {"raw_deadline", OF_ANY, NULL},
    {"kept_view", OF_ANY, NULL},
    {"raw_module", OF_ANY, NULL},
};

static bool does(const struct library *library, size_t operation)
{
    switch (OPERATIONS[operation].kind) {
    case OF_SIGNER:
        return library->signer != NULL &&
               (OPERATIONS[operation].export == NULL ||
                compiled_export(library, OPERATIONS[operation].export, strlen(OPERATIONS[operation].export)) != NULL);
    case OF_ADDER:
        return library->adder != NULL;
    default:
        return strcmp(OPERATIONS[operation].name, "kept_view") != 0 || raw_has_view(library);
    }
}

json_t *operations_of(const struct library *library)
{
    json_t *names = json_array();
    for (size_t at = 0; at < sizeof OPERATIONS / sizeof *OPERATIONS; at++) {
        if (does(library, at)) {
            json_array_append_new(names, json_string(OPERATIONS[at].name));
        }
    }
    return names;
}

json_t *operate(const struct library *library, const char *op, const json_t *in)
{
    size_t at = 0;
    while (at < sizeof OPERATIONS / sizeof *OPERATIONS && strcmp(OPERATIONS[at].name, op) != 0) {
        at++;
    }
    if (at == sizeof OPERATIONS / sizeof *OPERATIONS || !does(library, at)) {
        unsupported("%s is not an operation of this module", op);
        return unsupported_answer();
    }
    json_t *answer = OPERATIONS[at].kind == OF_SIGNER  ? sign_or_verify(library->signer, op, in)
                     : OPERATIONS[at].kind == OF_ADDER ? calculate(library->adder, op, in)
                                                       : raw(library, op, in);
    return answer != NULL ? answer : unsupported_answer();
}

#include "operations.h"

#include <stdint.h>
#include <string.h>

#include "compiler.h"
#include "raw.h"
#include "wire.h"

/* A step of a session. NULL, after a call of unsupported, where it cannot be understood. */
typedef json_t *step_function(const struct library_signer *with, struct signer **signer, const char *op,
                              const json_t *in);

static json_t *step_close(const struct library_signer *with, struct signer **signer, const char *op, const json_t *in)
{
    (void)op;
    (void)in;
    with->close(signer);
    return ok(json_object());
}

static json_t *step_wipe(const struct library_signer *with, struct signer **signer, const char *op, const json_t *in)
{
    (void)op;
    (void)in;
    enum signer_code code = with->wipe(*signer);
    return code == SIGNER_OK ? ok(json_object()) : refusal(code, with->trap_text());
}

static json_t *step_public_key(const struct library_signer *with, struct signer **signer, const char *op,
                               const json_t *in)
{
    unsigned char public_key[SIGNER_PUBLIC_KEY_LEN];
    (void)op;
    (void)in;
    enum signer_code code = with->public_key(*signer, public_key);
    return code == SIGNER_OK ? ok(json_pack("{s:o}", "public_key", hex_of(public_key, sizeof public_key)))
                             : refusal(code, with->trap_text());
}

static json_t *step_load_key(const struct library_signer *with, struct signer **signer, const char *op,
                             const json_t *in)
{
    struct signer_bytes keypair;
    if (!bytes_from(json_object_get(in, "keypair"), &keypair)) {
        return NULL;
    }
    enum signer_code code = with->load_key(*signer, keypair.bytes, keypair.len);
    return code == SIGNER_OK ? step_public_key(with, signer, op, in) : refusal(code, with->trap_text());
}

/* sign and sign_with */
static json_t *step_sign(const struct library_signer *with, struct signer **signer, const char *op, const json_t *in)
{
    struct signer_bytes keypair = {NULL, 0}, message;
    unsigned char signature[SIGNER_SIGNATURE_LEN];
    bool with_key = strcmp(op, "sign_with") == 0;
    if (!bytes_from(json_object_get(in, "message"), &message) ||
        (with_key && !bytes_from(json_object_get(in, "keypair"), &keypair))) {
        return NULL;
    }
    enum signer_code code =
        with_key ? with->sign_with(*signer, keypair.bytes, keypair.len, message.bytes, message.len, signature)
                 : with->sign(*signer, message.bytes, message.len, signature);
    return code == SIGNER_OK ? ok(json_pack("{s:o}", "signature", hex_of(signature, sizeof signature)))
                             : refusal(code, with->trap_text());
}

/* verify and verify_strict */
static json_t *step_verify(const struct library_signer *with, struct signer **signer, const char *op, const json_t *in)
{
    struct signer_bytes public_key, message, signature;
    if (!bytes_from(json_object_get(in, "public_key"), &public_key) ||
        !bytes_from(json_object_get(in, "message"), &message) ||
        !bytes_from(json_object_get(in, "signature"), &signature)) {
        return NULL;
    }
    enum signer_code code = (strcmp(op, "verify") == 0 ? with->verify : with->verify_strict)(
        *signer, public_key.bytes, public_key.len, message.bytes, message.len, signature.bytes, signature.len);
    return code == SIGNER_OK || code == SIGNER_SIGNATURE_INVALID ? ok(json_pack("{s:b}", "valid", code == SIGNER_OK))
                                                                 : refusal(code, with->trap_text());
}

static json_t *step_sign_many(const struct library_signer *with, struct signer **signer, const char *op,
                              const json_t *in)
{
    (void)op;
    const json_t *messages = json_object_get(in, "messages");
    if (!json_is_array(messages)) {
        json_decref(unsupported("sign_many takes an array of messages"));
        return NULL;
    }
    size_t count = json_array_size(messages);
    struct signer_bytes *given = request_alloc(count * sizeof *given);
    unsigned char(*signatures)[SIGNER_SIGNATURE_LEN] = request_alloc(count * sizeof *signatures);
    for (size_t at = 0; at < count; at++) {
        if (!bytes_from(json_array_get(messages, at), &given[at])) {
            return NULL;
        }
    }
    enum signer_code code = with->sign_many(*signer, given, count, signatures);
    if (code != SIGNER_OK) {
        return refusal(code, with->trap_text());
    }
    json_t *signed_by = json_array();
    for (size_t at = 0; at < count; at++) {
        json_array_append_new(signed_by, hex_of(signatures[at], SIGNER_SIGNATURE_LEN));
    }
    return ok(json_pack("{s:o}", "signatures", signed_by));
}

static json_t *step(const struct library_signer *with, struct signer **signer, const char *op, const json_t *in)
{
    static const struct {
        const char *name;
        step_function *take;
    } steps[] = {
        {"public_key", step_public_key}, {"sign", step_sign},     {"sign_with", step_sign},
        {"sign_many", step_sign_many},   {"verify", step_verify}, {"verify_strict", step_verify},
        {"load_key", step_load_key},     {"wipe", step_wipe},     {"close", step_close},
    };
    for (size_t at = 0; at < sizeof steps / sizeof *steps; at++) {
        if (strcmp(steps[at].name, op) == 0) {
            return steps[at].take(with, signer, op, in);
        }
    }
    json_decref(unsupported("a session has no step %s", op));
    return NULL;
}

static json_t *session(const struct library_signer *with, struct signer **signer, const json_t *steps)
{
    if (!json_is_array(steps)) {
        json_decref(unsupported("a session takes an array of steps"));
        return NULL;
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
    return code == SIGNER_OK ? ok(json_pack("{s:o}", "public_key", hex_of(public_key, sizeof public_key)))
                             : refusal(code, with->trap_text());
}

/* Each operation gets a signer of its own, so that no case depends on another. */
static json_t *sign_or_verify(const struct library_signer *with, const char *op, const json_t *in)
{
    bool needs_key = strcmp(op, "sign") == 0 || strcmp(op, "sign_many") == 0 || strcmp(op, "session") == 0;
    struct signer_bytes keypair = {NULL, 0};
    struct signer *signer;
    if (needs_key && !bytes_from(json_object_get(in, "keypair"), &keypair)) {
        return NULL;
    }
    enum signer_code code = with->open(&signer, keypair.bytes, keypair.len);
    if (code != SIGNER_OK) {
        return refusal(code, with->trap_text());
    }
    json_t *answer = strcmp(op, "public_key") == 0 ? derive(with, signer, in)
                     : strcmp(op, "session") == 0  ? session(with, &signer, json_object_get(in, "steps"))
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
        code = (strcmp(op, "add") == 0 ? with->add : with->divide)(adder, (int32_t)a, (int32_t)b, &value);
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
        return unsupported("%s is not an operation of this module", op);
    }
    json_t *answer = OPERATIONS[at].kind == OF_SIGNER  ? sign_or_verify(library->signer, op, in)
                     : OPERATIONS[at].kind == OF_ADDER ? calculate(library->adder, op, in)
                                                       : raw(library, op, in);
    return answer != NULL ? answer : json_pack("{s:s}", "unsupported", unsupported_text());
}

#include "signing.h"

#include <string.h>

#include "files.h"
#include "wire.h"

static const struct library_signer *with;
/* What the operation works on; NULL before and after it. */
static struct signer *signer;

/* The answer for a code: so many bytes under a name (none without a name), or why not. */
static json_t *answer_of(enum signer_code code, const char *name, const unsigned char *bytes, size_t len) {
    if (code != SIGNER_OK) { return refusal(code, with->trap_text()); }
    return ok(name == NULL ? json_object() : json_pack("{s:o}", name, hex_of(bytes, len)));
}

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
        key = bytes_field(in, "keypair");
        code = with->load_key(signer, key.bytes, key.len);
        return code == SIGNER_OK ? step("public_key", in) : refusal(code, with->trap_text());
    }
    bool strictly = is(op, "verify_strict");
    if (!strictly && !is(op, "sign_with") && !is(op, "sign") && !is(op, "verify")) {
        fail_with("a session has no step %.500s", op);
    }
    message = bytes_field(in, "message");
    if (is(op, "sign")) {
        code = with->sign(signer, message.bytes, message.len, output);
        return answer_of(code, "signature", output, sizeof output);
    }
    if (is(op, "sign_with")) {
        key = bytes_field(in, "keypair");
        code = with->sign_with(signer, key.bytes, key.len, message.bytes, message.len, output);
        return answer_of(code, "signature", output, sizeof output);
    }
    key = bytes_field(in, "public_key");
    signature = bytes_field(in, "signature");
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
    struct signer_bytes seed = bytes_field(in, "seed");
    unsigned char public_key[SIGNER_PUBLIC_KEY_LEN];
    enum signer_code code = with->derive_public_key(signer, seed.bytes, seed.len, public_key);
    return answer_of(code, "public_key", public_key, sizeof public_key);
}

/* Each operation gets a signer of its own, so that no case depends on another. */
json_t *signing(const struct library_signer *by, const char *op, const json_t *in) {
    with = by;
    bool needs_key = is(op, "sign") || is(op, "sign_many") || is(op, "session");
    struct signer_bytes keypair = needs_key ? bytes_field(in, "keypair") : (struct signer_bytes){NULL, 0};
    enum signer_code code = with->open(&signer, keypair.bytes, keypair.len);
    if (code != SIGNER_OK) { return refusal(code, with->trap_text()); }
    return is(op, "public_key") ? derive(in) : is(op, "session") ? session(json_object_get(in, "steps")) : step(op, in);
}

void signing_end(void) {
    if (signer != NULL) { with->close(&signer); }
}

/* The core module of a component, through the canonical ABI. The runner asks it every vector. */
#include <string.h>

#include "files.h"
#include "host.h"
#include "tests.h"

#define PUBLIC_KEY "3e393bf74cf63cf8e3851ea0fe6a92e56595f506947d7c66310e6ceac97a3e9f"
#define HELLO "68656c6c6f"

static bool claims(const struct library *library, const char *op) {
    json_t *names = operations_of(library), *name;
    size_t at;
    json_array_foreach(names, at, name) {
        if (strcmp(json_string_value(name), op) == 0) { return true; }
    }
    return false;
}

TEST(canonical, a_core_module_of_a_component_signs_and_verifies) {
    const struct library *library = load_file(built("signer-component-core"));
    ck_assert(claims(library, "sign_many") && claims(library, "raw"));
    ck_assert(!claims(library, "session"));
    assert_answer(library, "sign", "{\"keypair\":\"" KEYPAIR_HEX "\",\"message\":\"" HELLO "\"}",
                  "{\"ok\":{\"signature\":\"" HELLO_SIGNATURE_HEX "\"}}");
    assert_answer(library, "sign_many", "{\"keypair\":\"" KEYPAIR_HEX "\",\"messages\":[\"" HELLO "\",\"" HELLO "\"]}",
                  "{\"ok\":{\"signatures\":[\"" HELLO_SIGNATURE_HEX "\",\"" HELLO_SIGNATURE_HEX "\"]}}");
    assert_answer(library, "sign_many", "{\"keypair\":\"" KEYPAIR_HEX "\",\"messages\":[]}",
                  "{\"ok\":{\"signatures\":[]}}");
    const char *verify =
        "{\"public_key\":\"" PUBLIC_KEY "\",\"message\":\"%s\",\"signature\":\"" HELLO_SIGNATURE_HEX "\"}";
    assert_answer(library, "verify", format(verify, HELLO), "{\"ok\":{\"valid\":true}}");
    assert_answer(library, "verify_strict", format(verify, ""), "{\"ok\":{\"valid\":false}}");
    assert_answer(library, "sign", "{\"keypair\":\"00\",\"message\":\"\"}", "{\"error\":\"KEY_LENGTH\"}");
    assert_answer(library, "verify", "{\"public_key\":\"\",\"message\":\"\",\"signature\":\"\"}",
                  "{\"error\":\"PUBLIC_KEY_LENGTH\"}");
}

/* What derive-public-key returns, and what is there. */
static const struct library *lying(const char *ptr, const char *data) {
    return load_text(format("(module (memory (export \"memory\") 1) (data (i32.const 0) \"%s\")"
                            " (func (export \"cabi_realloc\") (param i32 i32 i32 i32) (result i32) (i32.const 100))"
                            " (func (export \"everyhost:signer/ed25519@0.1.0#derive-public-key\") (param i32 i32)"
                            " (result i32) (i32.const %s)))",
                            data, ptr));
}

TEST(canonical, what_a_module_says_of_memory_is_not_believed) {
    static const struct {
        const char *ptr, *data, *answer;
    } cases[] = {
        {"0", "\\01\\00\\00\\00\\04", "{\"error\":\"KEY_LENGTH\"}"},
        {"0", "\\01\\00\\00\\00\\06", "{\"trap\":true}"},                 /* an unknown error */
        {"65536", "", "{\"trap\":true}"},                                 /* nothing is there */
        {"0", "\\00\\00\\00\\00\\08\\00\\00\\00\\1f", "{\"trap\":true}"}, /* 31 bytes */
        {"0", "\\00\\00\\00\\00\\e1\\ff\\00\\00\\20", "{\"trap\":true}"}, /* the last one is beyond memory */
        {"0", "\\00\\00\\00\\00\\e0\\ff\\00\\00\\20",
         "{\"ok\":{\"public_key\":\"0000000000000000000000000000000000000000000000000000000000000000\"}}"},
    };
    for (size_t at = 0; at < sizeof cases / sizeof *cases; at++) {
        assert_answer(lying(cases[at].ptr, cases[at].data), "public_key", "{\"seed\":\"00\"}", cases[at].answer);
    }
}

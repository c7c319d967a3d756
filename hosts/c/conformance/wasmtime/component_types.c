#include "component_types.h"

#include <stdint.h>
#include <string.h>

const char *type_kind(const json_t *type, const json_t **of) {
    *of = NULL;
    if (json_is_string(type)) { return json_string_value(type); }
    const char *name = "";
    json_t *inner;
    json_object_foreach((json_t *)(uintptr_t)type, name, inner) {
        *of = inner;
        return name;
    }
    return name;
}

static bool is(const char *kind, const char *name) { return strcmp(kind, name) == 0; }

const char *const SIMPLE[SIMPLE_COUNT] = {"bool", "s8",  "u8",  "s16", "u16",  "s32",   "u32",
                                          "s64",  "u64", "f32", "f64", "char", "string"};

unsigned type_simple(const char *kind) {
    unsigned at = 0;
    while (at < SIMPLE_COUNT && !is(kind, SIMPLE[at])) { at++; }
    return at;
}

bool type_is_u8(const json_t *type) { return json_is_string(type) && is(json_string_value(type), "u8"); }

bool type_case(const char *kind, const json_t *of, const char *name, const json_t **payload) {
    *payload = NULL;
    if (is(kind, "option")) {
        if (is(name, "some")) { *payload = of; }
        return is(name, "some") || is(name, "none");
    }
    bool is_result = is(kind, "result");
    for (size_t at = 0; at < json_array_size(of); at++) {
        const json_t *inner = json_array_get(of, at);
        const char *own = is_result ? (at == 0 ? "ok" : "err") : json_string_value(json_array_get(inner, 0));
        if (own != NULL && is(own, name)) {
            inner = is_result ? inner : json_array_get(inner, 1);
            *payload = json_is_null(inner) ? NULL : inner;
            return true;
        }
    }
    return false;
}

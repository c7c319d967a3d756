#include "component_lower.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "component_types.h"
#include "files.h"
#include "resources.h"
#include "wire.h"

static bool is(const char *kind, const char *name) { return strcmp(kind, name) == 0; }

static json_t *mismatch(const char *why) { return refused("TYPE_MISMATCH", why); }

static void name_lower(const json_t *text, wasm_name_t *name) {
    wasm_byte_vec_new(name, json_string_length(text), json_string_value(text));
}

wasmtime_component_val_t *list_lower(size_t count, wasmtime_component_val_t *value) {
    wasmtime_component_vallist_new_uninit(&value->of.list, count);
    if (count > 0) { memset(value->of.list.data, 0, count * sizeof *value->of.list.data); }
    value->kind = WASMTIME_COMPONENT_LIST;
    return value->of.list.data;
}

void bytes_lower(const void *bytes, size_t len, wasmtime_component_val_t *value) {
    wasmtime_component_val_t *items = list_lower(len, value);
    for (size_t at = 0; at < len; at++) {
        items[at].kind = WASMTIME_COMPONENT_U8;
        items[at].of.u8 = ((const unsigned char *)bytes)[at];
    }
}

struct bytes {
    const json_t *written;
    struct signer_bytes read;
};

static void read_bytes(void *bytes_) {
    struct bytes *bytes = bytes_;
    bytes->read = bytes_from(bytes->written);
}

static json_t *lower_list(const json_t *of, const json_t *written, wasmtime_component_val_t *value) {
    if (type_is_u8(of)) {
        struct bytes bytes = {.written = written};
        const char *why = attempt(read_bytes, &bytes);
        if (why != NULL) { return mismatch(why); }
        bytes_lower(bytes.read.bytes, bytes.read.len, value);
        return NULL;
    }
    if (!json_is_array(written)) { return mismatch("a list is expected"); }
    wasmtime_component_val_t *items = list_lower(json_array_size(written), value);
    json_t *answer = NULL;
    for (size_t at = 0; answer == NULL && at < json_array_size(written); at++) {
        answer = value_lower(of, json_array_get(written, at), &items[at]);
    }
    return answer;
}

static json_t *lower_tuple(const json_t *of, const json_t *written, wasmtime_component_val_t *value) {
    size_t count = json_array_size(of);
    if (!json_is_array(written) || json_array_size(written) != count) { return mismatch("a tuple has other items"); }
    wasmtime_component_valtuple_new_uninit(&value->of.tuple, count);
    if (count > 0) { memset(value->of.tuple.data, 0, count * sizeof *value->of.tuple.data); }
    value->kind = WASMTIME_COMPONENT_TUPLE;
    json_t *answer = NULL;
    for (size_t at = 0; answer == NULL && at < count; at++) {
        answer = value_lower(json_array_get(of, at), json_array_get(written, at), &value->of.tuple.data[at]);
    }
    return answer;
}

static json_t *lower_record(const json_t *of, const json_t *written, wasmtime_component_val_t *value) {
    size_t count = json_array_size(of);
    if (!json_is_object(written) || json_object_size(written) != count) {
        return mismatch("a record has other fields");
    }
    wasmtime_component_valrecord_new_uninit(&value->of.record, count);
    if (count > 0) { memset(value->of.record.data, 0, count * sizeof *value->of.record.data); }
    value->kind = WASMTIME_COMPONENT_RECORD;
    json_t *answer = NULL;
    for (size_t at = 0; answer == NULL && at < count; at++) {
        const json_t *field = json_array_get(of, at), *name = json_array_get(field, 0);
        const json_t *held = json_object_get(written, json_is_string(name) ? json_string_value(name) : "");
        if (held == NULL) { return mismatch("a record lacks a field"); }
        name_lower(name, &value->of.record.data[at].name);
        answer = value_lower(json_array_get(field, 1), held, &value->of.record.data[at].val);
    }
    return answer;
}

/* Whether a list of names has that one. */
static bool has_name(const json_t *names, const json_t *name) {
    size_t at = 0;
    while (at < json_array_size(names) && !json_equal(json_array_get(names, at), name)) { at++; }
    return json_is_string(name) && at < json_array_size(names);
}

/* A flag that is there twice is set once. */
static json_t *lower_flags(const json_t *of, const json_t *written, wasmtime_component_val_t *value) {
    if (!json_is_array(written)) { return mismatch("flags are a list"); }
    for (size_t at = 0; at < json_array_size(written); at++) {
        if (!has_name(of, json_array_get(written, at))) { return mismatch("there is no such flag"); }
    }
    size_t count = 0, set = 0;
    for (size_t flag = 0; flag < json_array_size(of); flag++) { count += has_name(written, json_array_get(of, flag)); }
    wasmtime_component_valflags_new_uninit(&value->of.flags, count);
    value->kind = WASMTIME_COMPONENT_FLAGS;
    for (size_t flag = 0; flag < json_array_size(of); flag++) {
        const json_t *name = json_array_get(of, flag);
        if (has_name(written, name)) { name_lower(name, &value->of.flags.data[set++]); }
    }
    return NULL;
}

/* A variant, an option or a result: text without a payload, or an object of one field. */
static json_t *lower_case(const char *kind, const json_t *of, const json_t *written, wasmtime_component_val_t *value) {
    const char *name = json_string_value(written);
    const json_t *held = NULL, *payload;
    if (json_object_size(written) == 1) {
        name = json_object_iter_key(json_object_iter((json_t *)(uintptr_t)written));
        held = json_object_get(written, name);
    }
    if (name == NULL || !type_case(kind, of, name, &payload)) { return mismatch("there is no such case"); }
    if ((held == NULL) != (payload == NULL)) { return mismatch("a case has a payload that it should not, or none"); }
    wasmtime_component_val_t inner = {.kind = WASMTIME_COMPONENT_BOOL}, *made = NULL;
    json_t *answer = payload == NULL ? NULL : value_lower(payload, held, &inner);
    if (payload != NULL) { made = wasmtime_component_val_new(&inner); }
    if (is(kind, "variant")) {
        value->kind = WASMTIME_COMPONENT_VARIANT;
        wasm_byte_vec_new(&value->of.variant.discriminant, strlen(name), name);
        value->of.variant.val = made;
    } else if (is(kind, "option")) {
        value->kind = WASMTIME_COMPONENT_OPTION;
        value->of.option = made;
    } else {
        value->kind = WASMTIME_COMPONENT_RESULT;
        value->of.result.is_ok = is(name, "ok");
        value->of.result.val = made;
    }
    return answer;
}

static json_t *lower_resource(const char *kind, const json_t *of, const json_t *written,
                              wasmtime_component_val_t *value) {
    const json_t *number = json_object_get(written, "handle");
    if (json_object_size(written) != 1 || !json_is_integer(number) || json_integer_value(number) < 0) {
        return mismatch("a resource is a handle");
    }
    struct resource *resource = resource_at(number);
    if (resource == NULL || resource->is_passed) { return refused("NO_HANDLE", NULL); }
    if (!json_is_string(of) || !is(json_string_value(of), resource->type)) { return mismatch("of another resource"); }
    resource->is_passed = is(kind, "own");
    value->of.resource = wasmtime_component_resource_any_clone(resource->handle);
    value->kind = WASMTIME_COMPONENT_RESOURCE;
    return NULL;
}

/* Only digits, and perhaps a minus. */
static bool decimal_from(const json_t *written, bool is_signed, uint64_t *number) {
    const char *text = json_string_value(written);
    const char *digits = text != NULL && is_signed && *text == '-' ? text + 1 : text;
    if (text == NULL || *digits == 0 ||
        strspn(digits, "0123456789") != json_string_length(written) - (size_t)(digits - text)) {
        return false;
    }
    errno = 0;
    *number = is_signed ? (uint64_t)strtoll(text, NULL, 10) : strtoull(text, NULL, 10);
    return errno == 0;
}

static bool float_from(const json_t *written, size_t digits, uint64_t *bits) {
    const char *text = json_string_value(written);
    if (text == NULL) { return false; }
    if (is(text, "nan")) { text = digits == 8 ? "7fc00000" : "7ff8000000000000"; }
    if (strlen(text) != digits || strspn(text, "0123456789abcdef") != digits) { return false; }
    *bits = strtoull(text, NULL, 16);
    return true;
}

/* One Unicode scalar value: jansson lets only right UTF-8 through. */
static bool char_from(const json_t *written, uint64_t *scalar) {
    const unsigned char *text = (const unsigned char *)json_string_value(written);
    size_t len = json_string_length(written);
    if (text == NULL || len == 0) { return false; }
    size_t wanted = *text < 0x80 ? 1 : *text < 0xe0 ? 2 : *text < 0xf0 ? 3 : 4;
    *scalar = wanted == 1 ? *text : *text & (0x7fU >> wanted);
    for (size_t at = 1; at < wanted && at < len; at++) { *scalar = *scalar << 6 | (text[at] & 0x3f); }
    return len == wanted;
}

static bool integer_from(const json_t *written, const char *kind, uint64_t *number) {
    int bits = atoi(kind + 1);
    json_int_t least = *kind == 's' ? -((json_int_t)1 << (bits - 1)) : 0;
    json_int_t integer = json_integer_value(written);
    *number = (uint64_t)integer;
    return json_is_integer(written) && integer >= least && integer < least + ((json_int_t)1 << bits);
}

static json_t *lower_simple(unsigned kind, const json_t *written, wasmtime_component_val_t *value) {
    uint64_t bits = 0;
    bool fits;
    switch (kind) {
    case WASMTIME_COMPONENT_BOOL:
        fits = json_is_boolean(written);
        bits = json_is_true(written);
        break;
    case WASMTIME_COMPONENT_S64: fits = decimal_from(written, true, &bits); break;
    case WASMTIME_COMPONENT_U64: fits = decimal_from(written, false, &bits); break;
    case WASMTIME_COMPONENT_F32: fits = float_from(written, 8, &bits); break;
    case WASMTIME_COMPONENT_F64: fits = float_from(written, 16, &bits); break;
    case WASMTIME_COMPONENT_CHAR: fits = char_from(written, &bits); break;
    case WASMTIME_COMPONENT_STRING:
        if (!json_is_string(written)) { return mismatch("text is expected"); }
        name_lower(written, &value->of.string);
        value->kind = WASMTIME_COMPONENT_STRING;
        return NULL;
    default: fits = integer_from(written, SIMPLE[kind], &bits);
    }
    if (!fits) { return mismatch(format("no value of %s", SIMPLE[kind])); }
    memcpy(&value->of, &bits, sizeof bits); /* little-endian: a shorter number has the first bytes */
    value->kind = (wasmtime_component_valkind_t)kind;
    return NULL;
}

json_t *value_lower(const json_t *type, const json_t *written, wasmtime_component_val_t *value) {
    const json_t *of;
    const char *kind = type_kind(type, &of);
    unsigned simple = type_simple(kind);
    *value = (wasmtime_component_val_t){.kind = WASMTIME_COMPONENT_BOOL};
    if (simple < SIMPLE_COUNT) { return lower_simple(simple, written, value); }
    if (is(kind, "list")) { return lower_list(of, written, value); }
    if (is(kind, "tuple")) { return lower_tuple(of, written, value); }
    if (is(kind, "record")) { return lower_record(of, written, value); }
    if (is(kind, "flags")) { return lower_flags(of, written, value); }
    if (is(kind, "own") || is(kind, "borrow")) { return lower_resource(kind, of, written, value); }
    if (is(kind, "variant") || is(kind, "option") || is(kind, "result")) {
        return lower_case(kind, of, written, value);
    }
    if (!is(kind, "enum")) { fail_with("hello has a type that is not known: %.100s", kind); }
    if (!has_name(of, written)) { return mismatch("there is no such case"); }
    name_lower(written, &value->of.enumeration);
    value->kind = WASMTIME_COMPONENT_ENUM;
    return NULL;
}

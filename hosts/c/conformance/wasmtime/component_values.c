#include "component_values.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"
#include "wire.h"

static struct resource *resources;
static size_t resource_count, resource_room;

struct resource *resource_at(const json_t *number) {
    json_int_t at = json_integer_value(number);
    bool is_there = json_is_integer(number) && at >= 0 && (uint64_t)at < resource_count && resources[at].handle != NULL;
    return is_there ? &resources[at] : NULL;
}

/* A resource that came; returns its number. */
static size_t resource_add(const char *type, wasmtime_component_resource_any_t *handle) {
    if (resource_count == resource_room) {
        struct resource *larger = allocate(resource_room = 2 * resource_room + 16, sizeof *larger);
        if (resource_count > 0) { memcpy(larger, resources, resource_count * sizeof *larger); }
        resources = larger;
    }
    resources[resource_count] = (struct resource){.type = type, .handle = handle};
    return resource_count++;
}

void resource_forget(struct resource *resource) {
    wasmtime_component_resource_any_delete(resource->handle);
    resource->handle = NULL;
}

void resources_are_passed(bool is_called) {
    for (size_t at = 0; at < resource_count; at++) {
        if (resources[at].is_passed && is_called) { resource_forget(&resources[at]); }
        resources[at].is_passed = false;
    }
}

void resources_end(void) {
    for (size_t at = 0; at < resource_count; at++) {
        if (resources[at].handle != NULL) { resource_forget(&resources[at]); }
    }
    resources = NULL;
    resource_count = resource_room = 0;
}

/* Types */

/* What a type is, by its name: "u8", or the one name of {"list": …}; *of is what that has. */
static const char *kind_of(const json_t *type, const json_t **of) {
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

/* The simple kinds, in the order of wasmtime_component_valkind_t from bool on. */
static const char *const SIMPLE[] = {"bool", "s8",  "u8",  "s16", "u16",  "s32",   "u32",
                                     "s64",  "u64", "f32", "f64", "char", "string"};
enum { SIMPLE_COUNT = sizeof SIMPLE / sizeof *SIMPLE };

static unsigned simple_kind(const char *kind) {
    unsigned at = 0;
    while (at < SIMPLE_COUNT && !is(kind, SIMPLE[at])) { at++; }
    return at;
}

/* A case of a variant, an option or a result: whether there is one of that name, and its payload's type, or NULL. */
static bool case_of(const char *kind, const json_t *of, const char *name, const json_t **payload) {
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

/* Arguments */

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
    if (json_is_string(of) && is(json_string_value(of), "u8")) {
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

static json_t *lower_flags(const json_t *of, const json_t *written, wasmtime_component_val_t *value) {
    size_t count = json_array_size(written);
    if (!json_is_array(written)) { return mismatch("flags are a list"); }
    wasmtime_component_valflags_new_uninit(&value->of.flags, count);
    if (count > 0) { memset(value->of.flags.data, 0, count * sizeof *value->of.flags.data); }
    value->kind = WASMTIME_COMPONENT_FLAGS;
    for (size_t at = 0; at < count; at++) {
        const json_t *name = json_array_get(written, at);
        if (!has_name(of, name)) { return mismatch("there is no such flag"); }
        for (size_t other = 0; other < at; other++) {
            if (json_equal(json_array_get(written, other), name)) { return mismatch("a flag is there twice"); }
        }
        name_lower(name, &value->of.flags.data[at]);
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
    if (name == NULL || !case_of(kind, of, name, &payload)) { return mismatch("there is no such case"); }
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
    const char *kind = kind_of(type, &of);
    unsigned simple = simple_kind(kind);
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

/* Results */

static void need(const wasmtime_component_val_t *value, unsigned kind) {
    if (value == NULL || value->kind != kind) {
        fail_with("what the component gave is not of the type that hello has");
    }
}

static json_t *name_lift(const wasm_name_t *name) {
    json_t *text = json_stringn(name->data == NULL ? "" : name->data, name->size);
    return text == NULL ? json_string("") : text;
}

static bool is_name(const wasm_name_t *name, const json_t *text) {
    return json_string_length(text) == name->size &&
           (name->size == 0 || memcmp(json_string_value(text), name->data, name->size) == 0);
}

const unsigned char *bytes_lift(const wasmtime_component_val_t *value, size_t *count) {
    if (value->kind != WASMTIME_COMPONENT_LIST) { return NULL; }
    *count = value->of.list.size;
    unsigned char *bytes = allocate(*count, 1);
    for (size_t at = 0; at < *count; at++) {
        if (value->of.list.data[at].kind != WASMTIME_COMPONENT_U8) { return NULL; }
        bytes[at] = value->of.list.data[at].of.u8;
    }
    return bytes;
}

static json_t *lift_list(const json_t *of, wasmtime_component_val_t *value) {
    need(value, WASMTIME_COMPONENT_LIST);
    if (json_is_string(of) && is(json_string_value(of), "u8")) {
        size_t count;
        const unsigned char *bytes = bytes_lift(value, &count);
        if (bytes == NULL) { need(NULL, 0); }
        return hex_of(bytes, count);
    }
    json_t *list = json_array();
    for (size_t at = 0; at < value->of.list.size; at++) {
        json_array_append_new(list, value_lift(of, &value->of.list.data[at]));
    }
    return list;
}

static json_t *lift_tuple(const json_t *of, wasmtime_component_val_t *value) {
    need(value, WASMTIME_COMPONENT_TUPLE);
    json_t *list = json_array();
    for (size_t at = 0; at < value->of.tuple.size; at++) {
        json_array_append_new(list, value_lift(json_array_get(of, at), &value->of.tuple.data[at]));
    }
    return list;
}

static json_t *lift_record(const json_t *of, wasmtime_component_val_t *value) {
    need(value, WASMTIME_COMPONENT_RECORD);
    json_t *record = json_object();
    for (size_t at = 0; at < value->of.record.size; at++) {
        const json_t *field = json_array_get(of, at), *name = json_array_get(field, 0);
        if (!json_is_string(name)) { need(NULL, 0); }
        json_object_set_new(record, json_string_value(name),
                            value_lift(json_array_get(field, 1), &value->of.record.data[at].val));
    }
    return record;
}

/* In the order of the WIT. */
static json_t *lift_flags(const json_t *of, const wasmtime_component_val_t *value) {
    need(value, WASMTIME_COMPONENT_FLAGS);
    json_t *names = json_array();
    for (size_t flag = 0; flag < json_array_size(of); flag++) {
        for (size_t at = 0; at < value->of.flags.size; at++) {
            if (is_name(&value->of.flags.data[at], json_array_get(of, flag))) {
                json_array_append(names, json_array_get(of, flag));
            }
        }
    }
    return names;
}

static json_t *lift_case(const char *kind, const json_t *of, wasmtime_component_val_t *value) {
    const char *name;
    wasmtime_component_val_t *held;
    const json_t *payload;
    if (is(kind, "variant")) {
        need(value, WASMTIME_COMPONENT_VARIANT);
        name = json_string_value(name_lift(&value->of.variant.discriminant));
        held = value->of.variant.val;
    } else if (is(kind, "option")) {
        need(value, WASMTIME_COMPONENT_OPTION);
        name = value->of.option == NULL ? "none" : "some";
        held = value->of.option;
    } else {
        need(value, WASMTIME_COMPONENT_RESULT);
        name = value->of.result.is_ok ? "ok" : "err";
        held = value->of.result.val;
    }
    if (!case_of(kind, of, name, &payload)) { need(NULL, 0); }
    return payload == NULL ? json_string(name) : json_pack("{s:o}", name, value_lift(payload, held));
}

/* The handle is no more the value's. */
static json_t *lift_resource(const json_t *of, wasmtime_component_val_t *value) {
    need(value, WASMTIME_COMPONENT_RESOURCE);
    if (!json_is_string(of)) { need(NULL, 0); }
    size_t number = resource_add(json_string_value(of), value->of.resource);
    *value = (wasmtime_component_val_t){.kind = WASMTIME_COMPONENT_BOOL};
    return json_pack("{s:I}", "handle", (json_int_t)number);
}

static json_t *char_lift(uint32_t scalar) {
    char text[4];
    size_t len = scalar < 0x80 ? 1 : scalar < 0x800 ? 2 : scalar < 0x10000 ? 3 : 4;
    for (size_t at = len - 1; at > 0; at--, scalar >>= 6) { text[at] = (char)(0x80 | (scalar & 0x3f)); }
    static const unsigned char first[] = {0, 0, 0xc0, 0xe0, 0xf0};
    text[0] = (char)(first[len] | scalar);
    return json_stringn(text, len);
}

static json_t *lift_simple(const wasmtime_component_val_t *value) {
    uint32_t f32;
    uint64_t f64;
    switch (value->kind) {
    case WASMTIME_COMPONENT_BOOL: return json_boolean(value->of.boolean);
    case WASMTIME_COMPONENT_S8: return json_integer(value->of.s8);
    case WASMTIME_COMPONENT_U8: return json_integer(value->of.u8);
    case WASMTIME_COMPONENT_S16: return json_integer(value->of.s16);
    case WASMTIME_COMPONENT_U16: return json_integer(value->of.u16);
    case WASMTIME_COMPONENT_S32: return json_integer(value->of.s32);
    case WASMTIME_COMPONENT_U32: return json_integer(value->of.u32);
    case WASMTIME_COMPONENT_S64: return json_string(format("%" PRId64, value->of.s64));
    case WASMTIME_COMPONENT_U64: return json_string(format("%" PRIu64, value->of.u64));
    case WASMTIME_COMPONENT_F32:
        memcpy(&f32, &value->of.f32, sizeof f32);
        return json_string((f32 & 0x7fffffff) > 0x7f800000 ? "nan" : format("%08" PRIx32, f32));
    case WASMTIME_COMPONENT_F64:
        memcpy(&f64, &value->of.f64, sizeof f64);
        return json_string((f64 & INT64_MAX) > 0x7ff0000000000000 ? "nan" : format("%016" PRIx64, f64));
    case WASMTIME_COMPONENT_CHAR: return char_lift(value->of.character);
    default: return name_lift(&value->of.string);
    }
}

json_t *value_lift(const json_t *type, wasmtime_component_val_t *value) {
    const json_t *of;
    const char *kind = kind_of(type, &of);
    unsigned simple = simple_kind(kind);
    if (simple < SIMPLE_COUNT) {
        need(value, simple);
        return lift_simple(value);
    }
    if (value == NULL) { need(NULL, 0); }
    if (is(kind, "list")) { return lift_list(of, value); }
    if (is(kind, "tuple")) { return lift_tuple(of, value); }
    if (is(kind, "record")) { return lift_record(of, value); }
    if (is(kind, "flags")) { return lift_flags(of, value); }
    if (is(kind, "own")) { return lift_resource(of, value); }
    if (is(kind, "variant") || is(kind, "option") || is(kind, "result")) { return lift_case(kind, of, value); }
    need(value, WASMTIME_COMPONENT_ENUM);
    return name_lift(&value->of.enumeration);
}

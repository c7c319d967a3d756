#include "component_lift.h"

#include <inttypes.h>
#include <string.h>

#include "component_types.h"
#include "files.h"
#include "resources.h"
#include "wire.h"

static bool is(const char *kind, const char *name) { return strcmp(kind, name) == 0; }

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
    if (type_is_u8(of)) {
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
    if (!type_case(kind, of, name, &payload)) { need(NULL, 0); }
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
    const char *kind = type_kind(type, &of);
    unsigned simple = type_simple(kind);
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

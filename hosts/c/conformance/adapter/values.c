#include "values.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "files.h"

/* Hex digits, so many of them, as a number. */
static bool bits_from(const char *digits, size_t count, uint64_t *bits) {
    *bits = 0;
    for (size_t at = 0; at < count; at++) {
        const char *found = digits[at] == 0 ? NULL : strchr("0123456789abcdef", digits[at]);
        if (found == NULL) { return false; }
        *bits = *bits << 4 | (uint64_t)(found - "0123456789abcdef");
    }
    return digits[count] == 0;
}

struct typed_value value_from(const json_t *written, const struct variable *known) {
    const json_t *number = json_object_get(written, "i32"), *name = json_object_get(written, "var");
    const char *i64 = json_string_value(json_object_get(written, "i64"));
    const char *f32 = json_string_value(json_object_get(written, "f32"));
    const char *f64 = json_string_value(json_object_get(written, "f64"));
    const struct variable *variable = json_is_string(name) ? known : NULL;
    uint64_t bits;
    char *end;
    if (json_is_integer(number) && json_integer_value(number) >= INT32_MIN && json_integer_value(number) <= INT32_MAX) {
        return (struct typed_value){'i', (uint32_t)json_integer_value(number)};
    }
    if (i64 != NULL && *i64 != 0) {
        errno = 0;
        bits = (uint64_t)strtoll(i64, &end, 10);
        if (*end == 0 && errno == 0) { return (struct typed_value){'j', bits}; }
    }
    /* Floats are passed as their bits: a conversion would change some NaNs. */
    if (f32 != NULL && bits_from(f32, 8, &bits)) { return (struct typed_value){'f', bits}; }
    if (f64 != NULL && bits_from(f64, 16, &bits)) { return (struct typed_value){'d', bits}; }
    while (variable != NULL && !json_equal(variable->name, name)) { variable = variable->next; }
    if (variable == NULL) { fail_with("not a value, or a name that no earlier call gave"); }
    /* An offset, if there is one, modulo 2^32 or 2^64. */
    uint64_t plus = (uint64_t)json_integer_value(json_object_get(written, "plus"));
    struct typed_value value = variable->value;
    switch (value.type) {
    case 'i': value.bits = (uint32_t)(value.bits + plus); break;
    case 'j': value.bits += plus; break;
    default: value.type = plus == 0 ? value.type : '?';
    }
    return value;
}

json_t *value_json(struct typed_value value) {
    char text[32];
    switch (value.type) {
    case 'i': return json_pack("{s:I}", "i32", (json_int_t)(int32_t)value.bits);
    case 'j': snprintf(text, sizeof text, "%" PRId64, (int64_t)value.bits); return json_pack("{s:s}", "i64", text);
    case 'f': snprintf(text, sizeof text, "%08" PRIx64, value.bits); return json_pack("{s:s}", "f32", text);
    default: snprintf(text, sizeof text, "%016" PRIx64, value.bits); return json_pack("{s:s}", "f64", text);
    }
}

const char *letters_from(const json_t *types) {
    static const char letters[] = "ijfd";
    static const char *const names[] = {"i32", "i64", "f32", "f64"};
    char *made = allocate(json_array_size(types), 1);
    for (size_t at = 0; at < json_array_size(types); at++) {
        const char *name = json_string_value(json_array_get(types, at));
        size_t type = 0;
        while (type < 4 && (name == NULL || strcmp(name, names[type]) != 0)) { type++; }
        if (type == 4) { fail_with("a type is i32, i64, f32 or f64"); }
        made[at] = letters[type];
    }
    return made;
}

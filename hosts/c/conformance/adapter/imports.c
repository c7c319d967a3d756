#include "imports.h"

#include "files.h"

static struct provided *all;
static size_t count;

/* A number of pages or elements. */
static uint64_t limit_from(const json_t *written) {
    json_int_t limit = json_integer_value(written);
    if (!json_is_integer(written) || limit < 0 || limit > UINT32_MAX) { fail_with("a limit is a number of 32 bits"); }
    return (uint64_t)limit;
}

static struct provided provided_from(const json_t *written, size_t place) {
    const json_t *func = json_object_get(written, "func"), *global = json_object_get(written, "global");
    const json_t *memory = json_object_get(written, "memory"), *table = json_object_get(written, "table");
    struct provided made = {.written = written, .place = place, .type = {.params = "", .results = ""}};
    if (!json_is_string(json_object_get(written, "module")) || !json_is_string(json_object_get(written, "name"))) {
        fail_with("an import has the texts module and name");
    }
    if (func != NULL) {
        made.type.kind = KIND_FUNCTION;
        made.type.params = letters_from(json_object_get(func, "params"));
        made.type.results = letters_from(json_object_get(func, "results"));
    } else if (global != NULL) {
        made.value = value_from(global, NULL);
        made.type.kind = KIND_GLOBAL;
        made.type.results = format("%c", made.value.type);
        made.type.is_mutable = json_is_true(json_object_get(written, "mutable"));
    } else {
        const json_t *limits = memory != NULL ? memory : table, *max = json_object_get(limits, "max");
        made.type.kind = memory != NULL ? KIND_MEMORY : KIND_TABLE;
        made.type.results = memory != NULL ? "" : "r";
        made.type.min = limit_from(json_object_get(limits, "min"));
        made.type.max = max == NULL ? NO_MAX : limit_from(max);
    }
    return made;
}

void imports_read(const json_t *list) {
    if (list != NULL && !json_is_array(list)) { fail_with("imports is an array"); }
    all = allocate(json_array_size(list), sizeof *all);
    for (; count < json_array_size(list); count++) { all[count] = provided_from(json_array_get(list, count), count); }
}

size_t imports_count(void) { return count; }

struct provided *imports_at(size_t place) {
    return &all[place];
}

void imports_end(void) { count = 0; }

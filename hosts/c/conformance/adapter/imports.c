#include "imports.h"

#include <string.h>

#include "files.h"
#include "guest.h"
#include "values.h"

enum { MAX_SHOWN = 60 };

static struct provided *all;
static size_t count;
/* Which of them each import of the module got. */
static size_t *places;

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
    if (func != NULL) {
        made.type.kind = KIND_FUNCTION;
        made.type.params = letters_from(json_object_get(func, "params"));
        made.type.results = letters_from(json_object_get(func, "results"));
    } else if (global != NULL) {
        struct typed_value value = value_from(global, NULL);
        made.type.kind = KIND_GLOBAL;
        made.type.results = format("%c", value.type);
        made.type.is_mutable = json_is_true(json_object_get(written, "mutable"));
        made.is.value = value.value;
    } else {
        const json_t *limits = memory != NULL ? memory : table, *max = json_object_get(limits, "max");
        made.type.kind = memory != NULL ? KIND_MEMORY : KIND_TABLE;
        made.type.results = memory != NULL ? "" : "r";
        made.type.min = limit_from(json_object_get(limits, "min"));
        made.type.max = max == NULL ? MODULE_NO_MAX : limit_from(max);
    }
    return made;
}

static bool is_same(struct module_bytes name, const json_t *other) {
    return json_is_string(other) && json_string_length(other) == name.len &&
           memcmp(json_string_value(other), name.at, name.len) == 0;
}

static bool fits(const struct provided *provided, const struct module_import *import) {
    const struct module_type *has = &provided->type, *wanted = &import->type;
    return is_same(import->from, json_object_get(provided->written, "module")) &&
           is_same(import->name, json_object_get(provided->written, "name")) && has->kind == wanted->kind &&
           strcmp(has->params, wanted->params) == 0 && strcmp(has->results, wanted->results) == 0 &&
           has->is_mutable == wanted->is_mutable && has->min >= wanted->min && has->max <= wanted->max;
}

/* A name for a message: what is not printable ASCII as \xhh, and not too much of it. */
static char *shown(struct module_bytes name) {
    char *text = format("%s", "");
    for (size_t at = 0; at < name.len && at < MAX_SHOWN; at++) {
        bool is_plain = name.at[at] >= ' ' && name.at[at] < 127 && name.at[at] != '\\';
        text = format(is_plain ? "%s%c" : "%s\\x%02x", text, name.at[at]);
    }
    return name.len > MAX_SHOWN ? format("%s...", text) : text;
}

/* Inside guest_run, which ends early if the system has no memory. */
static void make(void *nothing) {
    (void)nothing;
    for (size_t at = 0; at < count; at++) {
        const struct module_type *type = &all[at].type;
        uint32_t max = type->max < UINT32_MAX ? (uint32_t)type->max : UINT32_MAX;
        if (type->kind == KIND_MEMORY) { wasm_rt_allocate_memory(&all[at].is.memory, (uint32_t)type->min, max); }
        if (type->kind == KIND_TABLE) { wasm_rt_allocate_funcref_table(&all[at].is.table, (uint32_t)type->min, max); }
    }
}

const char *imports_provide(const json_t *list, const struct module *module) {
    if (list != NULL && !json_is_array(list)) { fail_with("imports is an array"); }
    all = allocate(json_array_size(list), sizeof *all);
    places = allocate(module->import_count, sizeof *places);
    for (; count < json_array_size(list); count++) { all[count] = provided_from(json_array_get(list, count), count); }
    for (size_t at = 0; at < module->import_count; at++) {
        const struct module_import *import = &module->imports[at];
        while (places[at] < count && !fits(&all[places[at]], import)) { places[at]++; }
        if (places[at] == count) {
            return format("nothing is provided that fits %s.%s", shown(import->from), shown(import->name));
        }
    }
    int end = guest_run(make, NULL);
    return end == 0 ? NULL : guest_end_text(end);
}

struct provided *imports_get(size_t import) {
    return &all[places[import]];
}

void *host_given(size_t import) { return &imports_get(import)->is; }

wasm_rt_memory_t *imports_memory(void) {
    for (size_t at = 0; at < count; at++) {
        if (all[at].type.kind == KIND_MEMORY) { return &all[at].is.memory; }
    }
    return NULL;
}

void imports_end(void) {
    for (size_t at = 0; at < count; at++) {
        if (all[at].type.kind == KIND_MEMORY) { wasm_rt_free_memory(&all[at].is.memory); }
        if (all[at].type.kind == KIND_TABLE) { wasm_rt_free_funcref_table(&all[at].is.table); }
    }
    count = 0;
}
